import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import (
    GROUPS,
    JOINTS,
    REGIONS,
    group_of,
    median_of_three,
    region_groups,
    skeleton_windows,
)


def skeleton(frames=480, *, rate_hz=30.0, size=1.0, moved_m=(0.0, 0.0, 0.0), joints=JOINTS):
    """Joints at fixed places about a pelvis that wanders; the left ankle swings once a second."""
    rng = np.random.default_rng(0)
    still = rng.normal(scale=0.3, size=(len(JOINTS), 3))
    still[0] = 0.0
    still[JOINTS.index("ANKLE_LEFT")] = (0.3, -0.9, 0.1)
    time_s = np.arange(frames) / rate_hz
    position = np.repeat(still[None], frames, axis=0)
    position[:, JOINTS.index("ANKLE_LEFT"), 0] += 0.2 * np.sin(2 * np.pi * time_s)
    position = size * (position + 0.1 * time_s[:, None, None]) + np.asarray(moved_m)
    chosen = [JOINTS.index(joint) for joint in joints]
    return xr.Dataset(
        {"skeleton_position": (("time", "joint", "axis"), position[:, chosen])},
        {"time": time_s, "joint": list(joints), "axis": list(AXES)},
        attrs={"subject": "p1", "task": "walk", "sampling_rate_hz": rate_hz},
    )


def test_every_joint_belongs_to_a_group_and_every_group_to_a_region():
    assert {group_of(joint) for joint in JOINTS} == set(GROUPS)
    assert sorted(group for region in REGIONS for group in region_groups(region)) == sorted(GROUPS)


def test_windows_follow_each_other_and_the_rest_is_dropped():
    windows = skeleton_windows(skeleton(500), frames=240).values
    assert windows.shape == (2, 240, 26, 4)
    assert windows.dtype == np.float32


def test_place_and_size_do_not_matter():
    near = skeleton_windows(skeleton()).values
    far = skeleton_windows(skeleton(size=1.8, moved_m=(4.0, 1.0, -2.0))).values
    np.testing.assert_allclose(near, far, atol=1e-5)


def test_size_stays_where_meters_are_asked_for():
    small, large = (skeleton_windows(skeleton(size=size), scale="none").values for size in (1.0, 1.5))
    np.testing.assert_allclose(1.5 * small[..., :3], large[..., :3], atol=1e-5)


def test_the_farthest_joint_of_every_frame_is_at_distance_one():
    values = skeleton_windows(skeleton(), scale="frame").values
    np.testing.assert_allclose(np.linalg.norm(values[..., :3], axis=-1).max(axis=-1), 1.0, atol=1e-5)


def test_one_size_for_a_window_keeps_how_it_changes():
    values = skeleton_windows(skeleton(), scale="window").values
    assert np.linalg.norm(values[..., :3], axis=-1).max(axis=-1).std() > 0


def test_the_same_motion_at_another_rate_is_the_same():
    slow, fast = (skeleton_windows(skeleton(8 * round(rate), rate_hz=rate)).values for rate in (30.0, 60.0))
    np.testing.assert_allclose(slow[0, 20:-20], fast[0, 20:-20], atol=5e-3)


def test_a_short_recording_goes_there_and_back():
    values = skeleton_windows(skeleton(100), frames=240).values
    assert values.shape[0] == 1
    np.testing.assert_array_equal(values[0, 100:110], values[0, 98:88:-1])


def test_a_joint_that_was_not_seen_is_zero_and_unsure():
    trial = skeleton(joints=[joint for joint in JOINTS if joint != "NOSE"])
    windows = skeleton_windows(trial)
    nose = windows.values[..., JOINTS.index("NOSE"), :]
    assert not nose.any()
    assert windows.hidden == pytest.approx(1 / 26)


def test_confidence_is_in_shares_of_the_surest_joint():
    trial = skeleton()
    sure = np.full(trial["skeleton_position"].shape[:2], 2)
    sure[:, 5] = 1
    trial["joint_confidence"] = (("time", "joint"), sure)
    values = skeleton_windows(trial).values
    assert set(np.unique(values[..., 3])) == {0.5, 1.0}


def test_a_single_outlier_disappears():
    values = np.zeros((5, 1, 1))
    values[2] = 9.0
    assert not median_of_three(values).any()


def test_all_faults_of_a_trial_are_named_at_once():
    trial = skeleton(8, joints=JOINTS[1:])
    trial.attrs.pop("sampling_rate_hz")
    with pytest.raises(ValueError, match=r"no joint PELVIS.*sampling_rate_hz.*8 frames, at least 16"):
        skeleton_windows(trial)


def test_a_trial_without_skeleton_says_so():
    with pytest.raises(ValueError, match="no trial of a depth camera"):
        skeleton_windows(xr.Dataset(attrs={"sampling_rate_hz": 30.0}))


def test_an_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="choose one of frame, window, none"):
        skeleton_windows(skeleton(), scale="height")


def test_a_joint_that_was_never_seen_stays_unseen_at_any_rate():
    windows = skeleton_windows(skeleton(rate_hz=100.0, joints=JOINTS[:-1]))
    assert not windows.values[:, :, -1].any()
    assert windows.hidden == pytest.approx(1 / len(JOINTS))
