import numpy as np
import pytest

from gaitbook.studies.ridge_factors import can_do_without, factorize, predict_targets

NOBODY = np.array([], dtype=int)


def draw(features, *, people=90, seed=0):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(people + 10), rng.standard_normal((people + 10, 2))])
    table, targets = rng.standard_normal((people + 10, features)), rng.standard_normal((people, 4))
    return (table[:people], table[people:]), (design[:people], design[people:]), targets


@pytest.mark.parametrize("features", [20, 300])
def test_axes_are_orthonormal_and_know_no_covariate(features):
    table, design, _ = draw(features)
    factors = factorize(table, design)
    both = np.column_stack([factors.axes, factors.covariate_axes])
    np.testing.assert_allclose(both.T @ both, np.eye(both.shape[1]), atol=1e-9)
    assert len(factors.strengths) == min(features, 90 - 3)


@pytest.mark.parametrize("features", [20, 300])
def test_taking_people_out_is_the_same_as_never_having_asked_them(features):
    table, design, targets = draw(features)
    absent = np.array([3, 10, 50, 51, 80])
    rows = np.setdiff1d(np.arange(90), absent)
    penalties = np.array([0.01, 0.3, 10.0])
    late = predict_targets(factorize(table, design), targets, absent, penalties)
    early = predict_targets(
        factorize((table[0][rows], table[1]), (design[0][rows], design[1])), targets[rows], NOBODY, penalties
    )
    for first, second in zip(late, early, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-8)


def test_values_of_the_absent_do_not_matter():
    table, design, targets = draw(20)
    absent = np.array([0, 1, 2])
    factors, penalties = factorize(table, design), np.array([0.1, 1.0])
    changed = targets.copy()
    changed[absent] = 100.0
    first, second = (predict_targets(factors, each, absent, penalties)[1] for each in (targets, changed))
    np.testing.assert_allclose(first, second, atol=1e-10)


def test_the_last_who_tell_a_covariate_cannot_be_taken_out():
    table, design, _ = draw(20)
    rare = np.zeros(100)
    rare[4] = 1.0
    design = tuple(
        np.column_stack([each, part]) for each, part in zip(design, np.split(rare, [90]), strict=True)
    )
    factors = factorize(table, design)
    assert can_do_without(factors, NOBODY)
    assert can_do_without(factors, np.array([5, 6]))
    assert not can_do_without(factors, np.array([4]))


def test_covariates_that_repeat_others_are_one_axis():
    table, design, targets = draw(20)
    twice = tuple(np.column_stack([each, each]) for each in design)
    first, second = (
        predict_targets(factorize(table, each), targets, NOBODY, np.array([0.1])) for each in (design, twice)
    )
    np.testing.assert_allclose(first[1], second[1], atol=1e-9)
    assert factorize(table, twice).covariate_axes.shape == (90, 3)
