import numpy as np
import pytest

from gaitbook.studies.engineered_gait import TASKS, collect_engineered, engineered_features
from tests.studies.stick_skeletons import march, rises, stick_trial, sway, walk


def person(subject, **walking):
    trials = [walk(**walking), walk(task="tm_3kmh", speed_mps=0.83), march(), rises(), sway()]
    return [trial.assign_attrs(subject=subject) for trial in trials]


def test_every_task_has_features_with_mean_median_and_variability():
    for trial in person("p1"):
        features = engineered_features(trial)
        assert features.index.is_unique
        assert np.isfinite(features).all(), trial.attrs["task"]
    walking = engineered_features(walk())
    assert {"stride_length_m mean", "stride_length_m median", "stride_length_m variability"} <= set(
        walking.index
    )
    assert len(walking) == 3 * 24


def test_a_steady_walk_varies_little_and_its_mean_is_its_median():
    features = engineered_features(walk())
    assert features["stride_time_s variability"] < 0.01
    assert features["stride_time_s mean"] == pytest.approx(features["stride_time_s median"], rel=0.01)


def test_an_unknown_task_is_told_with_those_known():
    with pytest.raises(ValueError, match=f"task 'hop': name it one of {TASKS[0]}"):
        engineered_features(walk(task="hop"))


def test_people_and_tasks_make_one_table():
    table = collect_engineered([*person("p1"), *person("p2", stride_s=1.3)])
    assert table.index.tolist() == ["p1", "p2"]
    assert table.index.name == "subject"
    assert table.columns.names == ["task", "feature"]
    assert set(table.columns.get_level_values("task")) == {trial.attrs["task"] for trial in person("p1")}
    assert not table.isna().any(axis=None)
    times = table["self_selected_gait_speed", "stride_time_s median"]
    np.testing.assert_allclose(times, [1.1, 1.3], atol=0.01)


def test_trials_of_a_person_at_a_task_are_averaged():
    both = [walk(stride_s=stride_s) for stride_s in (1.0, 1.2)]
    table = collect_engineered(both)
    assert table["self_selected_gait_speed", "stride_time_s median"].item() == pytest.approx(1.1, abs=0.01)


def test_gaps_hold_the_median_of_the_task_and_are_counted():
    people = [each for name in ("p1", "p2", "p3") for each in person(name)]
    table = collect_engineered(people[:-1])
    assert table.attrs["without_task"]["romberg_closed"] == 1
    assert table.attrs["filled"]["romberg_closed"] == table["romberg_closed"].shape[1]
    assert table.attrs["filled"]["tm_3kmh"] == 0
    np.testing.assert_allclose(table["romberg_closed"].loc["p3"], table["romberg_closed"].iloc[:2].median())


def test_trials_that_cannot_be_measured_are_counted_with_the_reason():
    still = stick_trial({}, task="tm_3kmh")
    table = collect_engineered([walk(), still, still, walk().drop_vars("skeleton_position")])
    assert table.attrs["excluded"] == {"The walk cannot be measured: it has no whole stride": 2}
    with pytest.raises(ValueError, match="No trial could be measured: 1 times: The walk cannot"):
        collect_engineered([still])
    with pytest.raises(ValueError, match="none has a skeleton_position"):
        collect_engineered([])


def test_a_column_that_nobody_has_is_left_out_and_named():
    table = collect_engineered([rises(seconds=2.5, repetition_s=2.5)])
    assert "sit_to_stand repetition_s median" in table.attrs["empty"]
    assert not table.isna().any(axis=None)
