import numpy as np
import pytest

from gaitbook.models.training import TrainingPlan
from gaitbook.studies.force_estimation import MEASURED, deal_subjects, estimate_force, mean_cycles
from gaitbook.studies.prediction import fit_force_predictor

QUICK = TrainingPlan(steps=20, batch=8, window=60, width=16)


@pytest.fixture(scope="module")
def found(runners):
    return estimate_force(runners, folds=2, plan=QUICK, progress=False)


def test_every_person_is_predicted_once_by_every_method(found):
    counts = found.errors.groupby(["subject", "speed_mps", "method", "axis", "measure"], observed=True).size()
    assert (counts == 1).all()
    assert len(counts) == 4 * 2 * 3 * 3 * 2


def test_measured_cycles_carry_the_weight_and_start_at_landing(found):
    vertical = mean_cycles(found.cycles).query("source == 'measured' and axis == 'y'")
    assert set(vertical["phase_percent"]) == set(np.linspace(0, 100, 101))
    per_speed = vertical.groupby("speed_mps")["mean"].mean()
    assert np.allclose(per_speed, 50.0, atol=4.0)  # one foot carries half of the weight over a cycle


def test_errors_are_small_and_positive(found):
    assert (found.errors["value"] >= 0).all()
    profile = found.errors.query("measure == 'profile' and axis == 'y'").groupby("method", observed=True)[
        "value"
    ]
    assert profile.mean()["ridge"] < 15


def test_the_same_seed_gives_the_same_numbers(runners, found):
    again = estimate_force(runners, folds=2, plan=QUICK, progress=False)
    assert again.errors.equals(found.errors)
    assert found.cycles["source"].cat.categories[0] == MEASURED


def test_no_one_is_in_two_folds_and_everyone_is_in_one():
    groups = deal_subjects(list("abcdefg") * 3, folds=3, seed=1)
    assert sorted(person for group in groups for person in group) == list("abcdefg")
    assert sorted(map(len, groups)) == [2, 2, 3]


def test_there_are_no_more_folds_than_people():
    assert len(deal_subjects(["a", "b"], folds=5, seed=0)) == 2


def test_one_person_cannot_be_predicted_from_others():
    with pytest.raises(ValueError, match="needs at least two"):
        deal_subjects(["a", "a"], folds=2, seed=0)


def test_an_unknown_method_is_named(runners):
    with pytest.raises(ValueError, match="no method 'oracle'; choose from Newton, ridge, CNN"):
        fit_force_predictor("oracle", runners, seed=0)


@pytest.mark.parametrize("method", ["Newton", "ridge"])
def test_a_foot_in_the_air_carries_no_force(runners, method):
    force = fit_force_predictor(method, runners, seed=0)(runners[0])
    lifted = ~runners[0]["in_contact"].rolling(time=15, center=True, min_periods=1).max().astype(bool)
    assert float(abs(force.where(lifted)).max()) == 0.0
    assert force.dims == ("time", "foot", "axis")
