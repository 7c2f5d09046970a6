"""Reference curves: symmetric, smooth in speed, and plausible from a slow walk to a sprint."""

import numpy as np
import pytest

from gaitbook.synthesis.reference_curves import (
    along_speed,
    evaluate_curve,
    load_reference,
    reference_spread,
    running_reference,
    walking_reference,
)

PHASE = np.linspace(0.0, 1.0, 200, endpoint=False)
EVEN = ("pelvis_tilt", "lumbar_extension")
ODD = ("pelvis_list", "pelvis_rotation", "lumbar_bending", "lumbar_rotation")
SIDED = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
    "arm_flex",
    "arm_add",
    "arm_rot",
    "elbow_flex",
)
WALKS = (0.18, 0.3, 0.43, 0.56, 0.7)
RUNS_MPS = (2.0, 2.5, 3.5, 4.5, 6.0, 7.5, 9.0)


def curve_deg(coefficients: np.ndarray) -> np.ndarray:
    return np.rad2deg(evaluate_curve(coefficients, PHASE))


@pytest.fixture(params=[*(("walk", v) for v in WALKS), *(("run", v) for v in RUNS_MPS)], ids=str)
def gait(request):
    kind, speed = request.param
    return (walking_reference if kind == "walk" else running_reference)(speed)


def test_a_curve_is_its_fourier_series():
    assert evaluate_curve([0.5, 1.0, 0.0, 0.0, 2.0], 0.125) == pytest.approx(0.5 + np.sqrt(0.5) + 2.0)


def test_a_curve_keeps_the_shape_of_the_phases():
    assert evaluate_curve([1.0, 0.0, 0.0], np.zeros((3, 4))).shape == (3, 4)


def test_all_coordinates_are_there(gait):
    assert set(gait) == {*EVEN, *ODD, *SIDED}
    assert all(len(wave) % 2 == 1 and np.isfinite(wave).all() for wave in gait.values())


@pytest.mark.parametrize("name", EVEN)
def test_fore_aft_motion_of_the_trunk_repeats_with_every_step(gait, name):
    assert curve_deg(gait[name]) == pytest.approx(np.roll(curve_deg(gait[name]), 100), abs=1e-9)


@pytest.mark.parametrize("name", ODD)
def test_sideways_motion_of_the_trunk_changes_sides_with_every_step(gait, name):
    assert curve_deg(gait[name]) == pytest.approx(-np.roll(curve_deg(gait[name]), 100), abs=1e-9)


def test_nobody_bends_a_joint_beyond_what_it_can_do(gait):
    knee, hip, ankle = (curve_deg(gait[name]) for name in ("knee_angle", "hip_flexion", "ankle_angle"))
    assert knee.min() >= -1.0
    assert knee.max() <= 130.0
    assert hip.max() <= 70.0
    assert ankle.min() > -35.0
    assert ankle.max() < 30.0
    assert curve_deg(gait["elbow_flex"]).min() > 0.0


@pytest.mark.parametrize("speed", WALKS)
def test_the_foot_of_a_walker_is_flat_while_the_other_leg_swings(speed):
    angles = {name: curve_deg(wave) for name, wave in walking_reference(speed).items()}
    pitch_deg = angles["pelvis_tilt"] + angles["hip_flexion"] - angles["knee_angle"] + angles["ankle_angle"]
    assert np.abs(pitch_deg[(PHASE > 0.15) & (PHASE < 0.28)]).max() < 1.5


def test_the_knee_of_an_adult_swings_as_far_as_published_and_farther_when_faster():
    swing_deg = [curve_deg(walking_reference(speed)["knee_angle"])[110:].max() for speed in WALKS]
    assert 58.0 < swing_deg[2] < 68.0
    assert np.all(np.diff(swing_deg[:4]) > 0)


def test_arms_swing_against_the_legs():
    for angles in (walking_reference(0.43), running_reference(3.0)):
        assert np.corrcoef(curve_deg(angles["arm_flex"]), curve_deg(angles["hip_flexion"]))[0, 1] < -0.5


def test_faster_runners_lift_the_heel_and_the_knee_higher():
    knee_deg = [curve_deg(running_reference(speed)["knee_angle"]).max() for speed in RUNS_MPS]
    hip_deg = [curve_deg(running_reference(speed)["hip_flexion"]).max() for speed in RUNS_MPS]
    assert np.all(np.diff(knee_deg) > 0)
    assert np.all(np.diff(hip_deg) > 0)


def test_beyond_the_limits_walking_stays_as_it_is():
    assert np.array_equal(walking_reference(0.05)["knee_angle"], walking_reference(0.14)["knee_angle"])
    assert np.array_equal(walking_reference(2.0)["knee_angle"], walking_reference(0.75)["knee_angle"])


def test_what_is_a_line_over_the_logarithm_of_speed_is_met_exactly():
    rows = np.log([[2.5], [3.5], [4.5]])
    assert along_speed([2.5, 3.5, 4.5], rows, 3.0)[0] == pytest.approx(np.log(3.0))
    assert along_speed([2.5, 3.5, 4.5], rows, 9.0)[0] < np.log(6.2)


def test_the_damping_sets_in_smoothly():
    rows = [[2.5], [3.5], [4.5]]
    step = [along_speed([2.5, 3.5, 4.5], rows, speed)[0] for speed in (4.998, 5.0, 5.002)]
    assert step[2] - step[1] == pytest.approx(step[1] - step[0], rel=0.01)


def test_spread_is_given_for_every_coordinate():
    for name in ("walking", "running"):
        spread = reference_spread(name)
        assert set(spread) == {*EVEN, *ODD, *SIDED}
        assert all(0.0 <= value < 0.3 for value in spread.values())


def test_a_gait_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no reference of gait 'hopping'; choose 'walking' or 'running'"):
        load_reference("hopping")
