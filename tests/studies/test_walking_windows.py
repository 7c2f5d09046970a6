import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.representation.skeleton import JOINTS
from gaitbook.studies.walking_windows import (
    cut_trials,
    keypoint_features,
    mean_pose_features,
    pool_windows,
)
from tests.studies.stick_skeletons import walk


def trials(subjects=("a", "b"), tasks=("slow", "fast"), seconds=9.0):
    return [
        walk(seconds=seconds, speed_mps=1.0 + 0.2 * k, task=task, subject=subject, noise_m=0.002)
        for subject in subjects
        for k, task in enumerate(tasks)
    ]


def cut(given, **options):
    return cut_trials(given, progress=False, **options)


def test_windows_of_all_trials_stand_beside_their_labels():
    windows = cut(trials(), frames=120)
    assert windows.values.shape == (8, 120, len(JOINTS), 4)
    assert windows.values.dtype == np.float16
    assert windows.labels.groupby(["subject", "task"]).size().tolist() == [2] * 4
    assert windows.tasks == ["slow", "fast"]
    assert windows.scale == "frame"
    assert windows.excluded.empty


def test_people_are_selected_with_their_windows():
    windows = cut(trials())
    chosen = windows.select(["b"])
    assert set(chosen.labels["subject"]) == {"b"}
    np.testing.assert_array_equal(chosen.values, windows.values[2:])


def test_trials_without_a_skeleton_are_passed_over_and_bad_ones_counted():
    given = trials(("a",))
    hidden = walk(subject="c")
    hidden["joint_confidence"][:] = 0
    other = xr.Dataset(attrs={"subject": "d", "task": "run"})
    windows = cut([*given, other, hidden, walk(subject="e", seconds=0.3)])
    assert windows.excluded["subject"].tolist() == ["c", "e"]
    assert windows.excluded["reason"][0] == "100 % of its joints were not seen"
    assert "at least 16" in windows.excluded["reason"][1]
    assert set(windows.labels["subject"]) == {"a"}


def test_nobody_with_a_skeleton_is_an_error_that_says_why():
    with pytest.raises(ValueError, match=r"can be used: there is none of a depth camera"):
        cut([xr.Dataset(attrs={"subject": "d"})])
    with pytest.raises(ValueError, match=r"can be used: 2 times: .*at least 16"):
        cut([walk(seconds=0.3), walk(seconds=0.3)])


def test_a_person_at_a_task_is_the_median_of_the_windows():
    labels = pd.DataFrame({"subject": list("aaab"), "task": ["x", "x", "x", "y"]})
    numbers = np.array([[1.0, 0], [5, 0], [2, 3], [7, 8]])
    table = pool_windows(labels, numbers, pd.Index(["n", "m"]))
    assert table.loc["a", "x"].tolist() == [2.0, 0.0]
    assert table.loc["b", "y"].tolist() == [7.0, 8.0]
    assert table.loc["a", "y"].isna().all()
    assert table.columns.names == ["task", "feature"]


def test_keypoints_are_means_and_high_percentiles_of_every_joint():
    windows = cut(trials(("a",), ("slow",)))
    features = keypoint_features(windows)["slow"].loc["a"]
    moving = windows.values[0].astype(float)
    place = JOINTS.index("ANKLE_LEFT")
    assert features["ANKLE_LEFT x mean"] == pytest.approx(moving[:, place, 0].mean(), abs=1e-3)
    assert features["ANKLE_LEFT x percentile 99"] == pytest.approx(
        np.sort(moving[:, place, 0])[round(0.99 * 239)], abs=1e-3
    )
    assert len(features) == 2 * 3 * (len(JOINTS) - 1)


def test_the_mean_pose_knows_no_motion():
    windows = cut(trials(("a",), ("slow",)))
    pose = mean_pose_features(windows)
    pd.testing.assert_frame_equal(pose, keypoint_features(windows)[pose.columns])
    backward = windows.values[:, ::-1]
    again = mean_pose_features(type(windows)(backward, windows.labels, windows.scale, windows.excluded))
    np.testing.assert_allclose(pose, again, atol=1e-4)
