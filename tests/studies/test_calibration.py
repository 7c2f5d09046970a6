import numpy as np
import pytest

from gaitbook.studies.calibration import LARGEST_FACTOR, Judged, fit_factor, needed_factors


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
