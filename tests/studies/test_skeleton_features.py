import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES
from gaitbook.studies.skeleton_features import (
    JOINTS,
    LINKS,
    collect_features,
    normalize_skeleton,
    skeleton_features,
)

HANDS = ("HAND_LEFT", "THUMB_RIGHT")
RATE_HZ = 30.0


def skeleton(*, frames=240, stride_hz=0.8, reach_m=0.3, size=1.0, moved_m=(0.0, 0.0, 0.0), **attributes):
    """A stick figure whose ankles and wrists swing to and fro, right and left in turn."""
    rng = np.random.default_rng(3)
    names = [*JOINTS, *HANDS]
    rest = rng.uniform(-0.4, 0.4, (len(names), 3))
    rest[names.index("HEAD"), 1] = 0.9
    position = np.tile(rest, (frames, 1, 1))
    swing = reach_m * np.sin(2 * np.pi * stride_hz * np.arange(frames) / RATE_HZ)
    for name, sign in (("ANKLE_LEFT", 1), ("ANKLE_RIGHT", -1), ("WRIST_LEFT", -1), ("WRIST_RIGHT", 1)):
        position[:, names.index(name), 0] += sign * swing
    labels = {"time": np.arange(frames) / RATE_HZ, "joint": names, "axis": list(AXES)}
    return xr.Dataset(
        {"skeleton_position": (tuple(labels), size * position + np.array(moved_m))},
        labels,
        {"subject": "p1", "trial": "t1", "task": "walk", "sampling_rate_hz": RATE_HZ, **attributes},
    )


def test_size_and_place_leave_no_trace():
    own, other = (
        skeleton_features(skeleton()),
        skeleton_features(skeleton(size=1.7, moved_m=(3.0, 0.2, -1.0))),
    )
    np.testing.assert_allclose(own, other, atol=1e-9)


def test_there_are_a_few_hundred_features_with_unique_names():
    features = skeleton_features(skeleton())
    assert 200 <= len(features) <= 480
    assert features.index.is_unique
    assert np.isfinite(features).all()
    assert not any("HAND" in name or "THUMB" in name for name in features.index)


def test_each_frame_reaches_one_about_the_pelvis():
    position = skeleton()["skeleton_position"].values[:, : len(JOINTS)]
    relative = normalize_skeleton(position)
    assert not relative[:, 0].any()
    np.testing.assert_allclose(np.linalg.norm(relative, axis=-1).max(axis=1), 1.0)


def test_a_joint_thrown_off_for_one_frame_is_put_back():
    true = np.array(skeleton()["skeleton_position"].values[:, : len(JOINTS)])
    thrown = true.copy()
    thrown[50, 5] += 0.3
    np.testing.assert_allclose(normalize_skeleton(thrown), normalize_skeleton(true), atol=0.03)


@pytest.mark.parametrize("stride_hz", [0.6, 0.85, 1.1])
def test_cadence_is_twice_the_frequency_of_strides(stride_hz):
    assert skeleton_features(skeleton(stride_hz=stride_hz))["cadence"] == pytest.approx(
        2 * stride_hz, abs=0.06
    )


def test_swing_and_its_speed_grow_with_the_reach():
    near, far = (skeleton_features(skeleton(reach_m=reach_m)) for reach_m in (0.1, 0.2))
    for name in ("ANKLE_LEFT range", "ANKLE_LEFT speed", "WRIST_RIGHT range", "ANKLE_LEFT x spread"):
        assert far[name] / near[name] == pytest.approx(2.0, rel=0.05)


def test_spread_and_percentiles_are_those_of_the_motion():
    trial = skeleton()
    relative = normalize_skeleton(trial["skeleton_position"].values[:, : len(JOINTS)])
    knee = relative[:, JOINTS.index("ANKLE_LEFT"), 0]
    features = skeleton_features(trial)
    assert features["ANKLE_LEFT x mean"] == pytest.approx(knee.mean())
    assert features["ANKLE_LEFT x spread"] == pytest.approx(knee.std())
    assert features["ANKLE_LEFT x percentile 99"] == pytest.approx(np.percentile(knee, 99), abs=0.01)
    first, second = LINKS[0]
    length = np.linalg.norm(relative[:, JOINTS.index(first)] - relative[:, JOINTS.index(second)], axis=-1)
    assert features[f"{first} to {second} length"] == pytest.approx(length.mean())


def test_a_straight_knee_has_cosine_one():
    trial = skeleton(reach_m=0.0)
    position = trial["skeleton_position"]
    for part, height_m in (("HIP", 0.0), ("KNEE", -0.4), ("ANKLE", -0.8)):
        position.loc[{"joint": f"{part}_LEFT"}] = [0.0, height_m, -0.1]
    features = skeleton_features(trial)
    assert features["knee left mean"] == pytest.approx(1.0)
    assert features["knee left spread"] == pytest.approx(0.0, abs=1e-9)


def test_order_of_joints_and_dims_does_not_matter():
    trial = skeleton()
    other = trial.isel(joint=slice(None, None, -1), axis=[2, 0, 1]).transpose("axis", "time", "joint")
    np.testing.assert_allclose(skeleton_features(other), skeleton_features(trial))


def test_features_of_people_and_tasks_stand_in_one_table():
    trials = [
        skeleton(),
        skeleton(reach_m=0.1, task="bench"),
        skeleton(reach_m=0.2, subject="p2"),
        xr.Dataset(attrs={"subject": "p3", "trial": "run"}),
    ]
    table = collect_features(trials)
    assert list(table.index) == ["p1", "p2"]
    assert table.columns.names == ["task", "feature"]
    np.testing.assert_allclose(table.loc["p1", "bench"], skeleton_features(trials[1]))
    assert table.loc["p2", "bench"].isna().all()


def test_trials_of_a_person_at_a_task_are_averaged():
    table = collect_features([skeleton(reach_m=0.1), skeleton(reach_m=0.3)])
    each = [skeleton_features(skeleton(reach_m=reach_m)) for reach_m in (0.1, 0.3)]
    np.testing.assert_allclose(table.loc["p1", "walk"], np.mean(each, axis=0))


def test_trials_without_skeletons_are_refused():
    with pytest.raises(ValueError, match=r"No trial has a skeleton_position.*cohort 'default'"):
        collect_features([xr.Dataset()])
    with pytest.raises(ValueError, match="The trial has no skeleton_position"):
        skeleton_features(xr.Dataset())


def test_all_faults_of_a_skeleton_are_named():
    trial = skeleton(frames=4, sampling_rate_hz=0.0).drop_sel(joint=["NECK", "HEAD"])
    trial["skeleton_position"][1, 2, 0] = np.nan
    with pytest.raises(
        ValueError, match=r"lacks NECK, HEAD.*has 4 frames, at least 8.*has 1 values.*sampling_rate_hz"
    ):
        skeleton_features(trial)
