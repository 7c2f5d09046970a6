import numpy as np
import pytest
import xarray as xr

from gaitbook.representation.hiding import PARTS, condition_names, hidden_coordinates
from gaitbook.studies.calibration import (
    ENOUGH_PEOPLE,
    LARGEST_FACTOR,
    Judged,
    fit_factor,
    interval_factors,
    nearest_condition,
    needed_factors,
    pooled_factor,
)


def drawn(rng, frames, *, spread, error=1.0):
    truth = rng.standard_normal(frames)
    center = truth - error * rng.standard_normal(frames)
    return center + spread * rng.standard_normal((400, frames)), truth


@pytest.mark.parametrize(("spread", "factor"), [(1.0, 1.0), (0.5, 2.0), (2.0, 0.5)])
def test_draws_that_are_too_narrow_are_widened_and_too_wide_ones_narrowed(spread, factor):
    rng = np.random.default_rng(0)
    judged = [Judged(f"p{person}", *drawn(rng, 500, spread=spread)) for person in range(8)]
    assert fit_factor(judged) == pytest.approx(factor, rel=0.06)


def test_intervals_hold_for_people_who_were_not_calibrated_with():
    rng = np.random.default_rng(1)
    factor = fit_factor([Judged(f"p{person}", *drawn(rng, 400, spread=0.4)) for person in range(20)])
    draws, truth = drawn(rng, 4000, spread=0.4)
    inside = needed_factors(draws, truth) <= factor
    assert inside.mean() == pytest.approx(0.9, abs=0.02)


def test_every_person_weighs_alike_however_long_they_were_recorded():
    rng = np.random.default_rng(2)
    long = Judged("long", *drawn(rng, 20_000, spread=1.0))
    short = [Judged(f"p{person}", *drawn(rng, 200, spread=0.25)) for person in range(9)]
    assert fit_factor([long, *short]) > 2.5


def test_a_truth_where_nothing_was_drawn_needs_the_largest_factor_and_no_error_needs_none():
    draws, truth = np.zeros((10, 2)), np.array([0.0, 1.0])
    assert needed_factors(draws, truth).tolist() == [0.0, LARGEST_FACTOR]


def test_nobody_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="keep some people out of the training"):
        fit_factor([])


def test_with_few_people_the_plain_quantile_is_taken_and_with_many_the_one_of_conformal_prediction():
    needed = {f"p{person}": [np.array([float(person)])] for person in range(ENOUGH_PEOPLE)}
    few = {name: each for name, each in needed.items() if each[0] < 10}
    assert pooled_factor(few) == 8.0  # nine of ten
    # (1 + 1/40) 0.9 of forty
    assert pooled_factor(needed) == 36.0
    assert pooled_factor(dict(list(needed.items())[:-1])) == 35.0


def some_trial(gait="walk", source="simulated"):
    return xr.Dataset(attrs={"gait": gait, "source": source})


CARD = {
    "calibration": {
        "simulated/walk/nothing": {"x": 1.0, "y": 1.1},
        "simulated/walk/hips, knees": {"x": 2.0, "y": 2.1, "peak": 2.2},
        "recorded/run/nothing": {"x": 3.0, "y": 0.9},
        "recorded/run/hips": {"x": 0.5, "y": 5.1},
    }
}


def test_factors_of_just_such_a_trial_and_condition_are_taken():
    found = interval_factors(CARD, some_trial(), "hips, knees")
    assert (found["x"], found["y"], found["peak"]) == (2.0, 2.1, 2.2)
    assert found["z"] == found["impulse"] == 1.0


def test_of_an_unknown_condition_the_one_that_hides_most_nearly_the_same_is_taken():
    assert interval_factors(CARD, some_trial(), "hips, knees, ankles")["x"] == 2.0
    assert interval_factors(CARD, some_trial(), "arms")["x"] == 1.0
    assert interval_factors(CARD, some_trial("run", "rbds"), "hips, knees, arms")["y"] == 5.1


def test_for_trials_of_another_kind_the_widest_is_taken():
    found = interval_factors(CARD, some_trial("walk", "opencap"), "nothing")
    assert (found["x"], found["y"]) == (3.0, 1.1)


def test_a_model_that_was_never_calibrated_has_factors_of_one():
    assert set(interval_factors({}, some_trial(), "knees").values()) == {1.0}


def test_every_condition_is_nearest_to_itself():
    names = condition_names()
    assert [nearest_condition(hidden_coordinates(name), names) for name in names] == names
    for name in names[:31]:
        assert nearest_condition((*hidden_coordinates(name), *PARTS["arms"]), names) == name
