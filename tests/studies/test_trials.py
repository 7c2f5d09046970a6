import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.studies.trials import identify, mean_cycle, measured_strides, prepare_cohort, prepare_trial


@pytest.fixture(scope="module")
def trial():
    return gb.simulate_trial(speed_mps=3.0, sampling_rate_hz=150.0, subject="a")


def test_a_prepared_trial_has_the_rate_of_the_study_and_all_its_weight(trial):
    ready = prepare_trial(trial, sampling_rate_hz=100.0)
    assert ready.attrs["sampling_rate_hz"] == 100.0
    weight = float(ready["ground_reaction_force"].sel(axis="y").sum("foot").mean())
    assert weight == pytest.approx(70 * 9.81, rel=0.03)


def test_speed_is_estimated_where_the_file_does_not_say_it(trial):
    silent = trial.copy()
    del silent.attrs["speed_mps"]
    assert prepare_trial(silent).attrs["speed_mps"] == pytest.approx(3.0, rel=0.03)


def test_strides_last_as_long_as_steps_repeat(trial):
    strides = measured_strides(prepare_trial(trial))
    assert set(strides["foot"]) == {"right", "left"}
    assert np.allclose(strides["end_s"] - strides["start_s"], 0.72, atol=0.08)


def test_speeds_are_grouped_to_the_nearest_half(trial):
    assert identify(trial.assign_attrs(speed_mps=2.97)) == {"subject": "a", "speed_mps": 3.0}


def test_trials_that_lack_something_are_returned_with_the_reason(trial, as_cohort):
    blind = trial.drop_vars("marker_position").assign_attrs(trial="blind")
    massless = trial.assign_attrs(trial="massless")
    del massless.attrs["mass_kg"]
    prepared = prepare_cohort(as_cohort([trial, blind, massless]), progress=False)
    assert len(prepared.trials) == 1
    assert {e.item: e.reason for e in prepared.exclusions} == {
        "a/blind": "no marker_position",
        "a/massless": "no body mass",
    }


def test_a_cohort_without_any_usable_trial_says_why(trial, as_cohort):
    blind = trial.drop_vars("marker_position")
    with pytest.raises(ValueError, match="no trial of the cohort can be used: no marker_position"):
        prepare_cohort(as_cohort([blind]), progress=False)


def test_so_many_people_and_no_more(trial, as_cohort):
    people = [trial.assign_attrs(subject=name) for name in "abc"]
    prepared = prepare_cohort(as_cohort(people), people=2, progress=False)
    assert [t.attrs["subject"] for t in prepared.trials] == ["a", "b"]


SPANS = pd.DataFrame({"start_s": [0.5, 2.0], "end_s": [1.5, 4.0]})


def sawtooth():
    """Rises by 10 and 20 over the first span, of 1 s, and by 30 and 60 over the second, of 2 s."""
    time_s = np.arange(501) / 100
    rise = np.where(time_s < 1.75, 10 * (time_s - 0.5), 15 * (time_s - 2.0))
    return xr.DataArray(
        np.stack([rise, 2 * rise], axis=1),
        dims=("time", "axis"),
        coords={"time": time_s, "axis": ["x", "y"], "foot": "left"},
    )


def test_a_mean_cycle_stretches_every_span_and_averages(trial):
    table = mean_cycle(sawtooth(), SPANS, trial, samples=5)
    assert set(table.columns) == {"phase_percent", "value", "axis", "subject", "speed_mps"}
    values = table.pivot_table(index="phase_percent", columns="axis", values="value")
    assert values.index.tolist() == [0, 25, 50, 75, 100]
    np.testing.assert_allclose(values["x"], [0, 5, 10, 15, 20], atol=1e-9)
    np.testing.assert_allclose(values["y"], 2 * values["x"], atol=1e-9)
    assert set(table["subject"]) == {"a"}
    assert set(table["speed_mps"]) == {3.0}


def test_a_mean_cycle_has_a_hundred_and_one_points_and_a_column_for_each_other_dim(trial):
    alone = mean_cycle(sawtooth().isel(axis=0, drop=True), SPANS, trial)
    assert alone.columns.tolist() == ["phase_percent", "value", "subject", "speed_mps"]
    assert len(alone) == 101
    both = sawtooth().expand_dims(side=["right", "left"])
    assert mean_cycle(both, SPANS, trial).groupby(["side", "axis"]).size().tolist() == [101] * 4


def test_a_span_with_a_gap_leaves_the_mean_to_the_others(trial):
    gappy = sawtooth().where(abs(sawtooth()["time"] - 3.0) > 0.2)
    values = mean_cycle(gappy, SPANS, trial, samples=5).query("axis == 'x'")["value"]
    np.testing.assert_allclose(values, [0, 5, 5, 15, 20], atol=1e-9)


def test_without_spans_there_is_no_mean_cycle(trial):
    with pytest.raises(ValueError, match="no stride to cut cycles from"):
        mean_cycle(sawtooth(), SPANS.iloc[:0], trial)
