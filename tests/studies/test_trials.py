import numpy as np
import pytest

import gaitbook as gb
from gaitbook.studies.trials import identify, measured_strides, prepare_cohort, prepare_trial


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
