"""Motion of people held out: who they are, and what is cut out of their trials."""

import numpy as np
import pytest

from gaitbook.cohort.cleaning import rate_of
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.studies.held_out_motion import held_out_motions, middle_of
from gaitbook.synthesis.closed_form import simulate_trial
from tests.studies.formula_walk import formula_walk

TESTED, KEPT, TRAINED = "person-0007", "person-0210", "person-0999"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Someone to test on with three trials, someone to calibrate with, and someone who was trained on."""
    path = create_cohort(tmp_path_factory.mktemp("cohorts") / "people", name="people")
    walk = formula_walk(duration_s=2.5)
    for subject, trial in ((TESTED, "a"), (TESTED, "b"), (KEPT, "a"), (TRAINED, "a")):
        append_trial(path, walk.assign_attrs(subject=subject, trial=trial))
    motionless = simulate_trial(duration_s=0.5).drop_vars(["marker_position", "standing_position"])
    append_trial(path, motionless.assign_attrs(source="lab", subject=TESTED, trial="c"))
    finish_cohort(path)
    return path


def names(motions):
    return [(motion.trial.attrs["subject"], motion.trial.attrs["trial"]) for motion in motions]


def held_out(cohort, **options):
    return held_out_motions(cohort, processes=1, progress=False, **options)


def test_only_people_who_were_never_trained_on_are_given(cohort):
    assert names(held_out(cohort)) == [(TESTED, "a"), (TESTED, "b")]
    assert names(held_out(cohort, role_="calibrate")) == [(KEPT, "a")]


def test_people_and_trials_can_be_fewer(cohort):
    assert names(held_out(cohort, trials=1)) == [(TESTED, "a")]
    assert held_out(cohort, people=0) == []


def test_what_cannot_be_measured_is_told(cohort):
    exclusions = []
    held_out(cohort, exclusions=exclusions)
    assert [each.item for each in exclusions] == [f"/lab/{TESTED}/c"]
    assert "has no motion" in exclusions[0].reason


def test_the_middle_is_cut_out_after_filtering(cohort):
    whole, cut = (held_out(cohort, trials=1, **each)[0].trial for each in ({}, {"seconds": 1.0}))
    assert cut.sizes["time"] == 100
    assert rate_of(cut) == pytest.approx(100.0)
    same = whole.sel(time=cut["time"].values, method="nearest")
    np.testing.assert_allclose(cut["joint_angle"], same["joint_angle"], atol=1e-3)
    time_s = whole["time"].values
    assert np.mean(cut["time"].values[[0, -1]]) == pytest.approx(time_s[[0, -1]].mean(), abs=0.011)


def test_a_short_trial_stays_whole():
    walk = formula_walk(duration_s=0.5)
    assert middle_of(walk, 3.0).sizes["time"] == walk.sizes["time"]


def test_people_who_were_trained_on_are_not_to_be_had(cohort):
    with pytest.raises(ValueError, match="no role 'train' of people held out: choose test or calibrate"):
        held_out(cohort, role_="train")
