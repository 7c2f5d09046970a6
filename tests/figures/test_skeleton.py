import numpy as np
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.figures.skeleton import LEFT, RIGHT, build_skeleton, joint_center

CENTER_M = np.array([0.1, 0.5, 0.1])


def swing(angle_rad: np.ndarray, axis: int) -> np.ndarray:
    """Rotations about one axis, (time, 3, 3)."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(np.outer(angle_rad, np.eye(3)[axis])).as_matrix()


def clusters(turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Four markers above a joint that stay, four below that turn about it."""
    rng = np.random.default_rng(0)
    above_m = CENTER_M + [0.0, 0.2, 0.05] + 0.04 * rng.standard_normal((4, 3))
    below_m = [0.0, -0.2, 0.05] + 0.04 * rng.standard_normal((4, 3))
    return np.repeat(above_m[None], len(turn), axis=0), CENTER_M + below_m @ np.swapaxes(turn, 1, 2)


def test_a_ball_joint_is_found_where_it_is():
    angle_rad = np.linspace(0, 2 * np.pi, 60)
    turn = swing(0.8 * np.sin(angle_rad), 2) @ swing(0.6 * np.cos(angle_rad), 0)
    assert joint_center(*clusters(turn)) == pytest.approx(np.tile(CENTER_M, (60, 1)), abs=0.02)


def test_a_hinge_is_found_across_its_axis_and_held_between_the_segments_along_it():
    first_m, second_m = clusters(swing(np.linspace(0, 1.5, 60), 2))
    found_m = joint_center(first_m, second_m)
    between_m = (first_m.mean(axis=(0, 1)) + second_m.mean(axis=(0, 1)))[2] / 2
    assert found_m[:, :2] == pytest.approx(np.tile(CENTER_M[:2], (60, 1)), abs=0.02)
    assert found_m[:, 2] == pytest.approx(np.full(60, between_m), abs=0.02)


def test_without_three_markers_a_joint_is_halfway():
    first_m, second_m = clusters(swing(np.linspace(0, 1.5, 10), 2))
    halfway_m = (first_m[:, :2].mean(axis=1) + second_m.mean(axis=1)) / 2
    assert joint_center(first_m[:, :2], second_m) == pytest.approx(halfway_m)


def test_a_hidden_marker_hides_the_joint_in_that_frame_only():
    first_m, second_m = clusters(swing(np.linspace(0, 1.5, 20), 2))
    first_m[3, 0] = np.nan
    hidden = np.isnan(joint_center(first_m, second_m)).any(axis=1)
    assert hidden.tolist() == [number == 3 for number in range(20)]


def test_legs_of_a_simulated_runner_keep_their_length():
    skeleton = build_skeleton(gb.simulate_trial(speed_mps=3.0, duration_s=2.0)["marker_position"])
    for first, second, *_ in skeleton.bones:
        length_m = np.linalg.norm(skeleton.position_m[:, first] - skeleton.position_m[:, second], axis=1)
        assert 0.25 < length_m.mean() < 0.6
        assert np.ptp(length_m) < 0.08


def test_links_join_markers_of_one_side_and_the_ring_closes():
    skeleton = build_skeleton(gb.simulate_trial(duration_s=1.0)["marker_position"])
    pelvis = set(skeleton.ring)
    assert len(pelvis) == 6
    assert sum(set(link) <= pelvis for link in skeleton.links) == len(pelvis)
    legs = [link for link in skeleton.links if not set(link) & pelvis]
    assert all(skeleton.sides[first] == skeleton.sides[second] in (RIGHT, LEFT) for first, second in legs)


def test_a_full_body_has_a_trunk_and_arms():
    sided = ("ASI", "PSI", "THI", "KNE", "TIB", "ANK", "HEE", "TOE", "SHO", "UPA", "ELB", "FRM", "WRA")
    names = ["C7", *(side + name for name in (*sided, "FHD", "BHD") for side in "LR")]
    marker_m = np.random.default_rng(0).random((5, len(names), 3))
    coords = {"time": np.arange(5) / 50, "marker": names, "axis": ["x", "y", "z"]}
    skeleton = build_skeleton(xr.DataArray(marker_m, coords=coords, dims=("time", "marker", "axis")))
    joined = {(skeleton.names[first], skeleton.names[second]) for first, second, *_ in skeleton.bones}
    assert {("pelvis", "torso"), ("torso", "head"), ("upper_arm_left", "forearm_left")} <= joined
