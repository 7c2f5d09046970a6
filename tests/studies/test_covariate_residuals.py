import numpy as np
import pytest

from gaitbook.studies.covariate_residuals import CovariateResiduals, find_patterns


def draw(people=200, columns=4, targets=30, seed=0):
    rng = np.random.default_rng(seed)
    design = rng.standard_normal((people, columns)) * [1.0, 10.0, 0.1, 100.0] + 50.0
    values = rng.standard_normal((people, targets)) + design[:, :1]
    values[rng.random((people, 3))[:, np.arange(targets) % 3] < 0.2] = np.nan
    return design, values


def test_residuals_are_those_of_least_squares_among_people_who_have_the_target():
    design, values = draw()
    left = CovariateResiduals(design).remove(values)
    for target in range(values.shape[1]):
        known = np.isfinite(values[:, target])
        columns = np.column_stack([np.ones(known.sum()), design[known]])
        weights = np.linalg.lstsq(columns, values[known, target], rcond=None)[0]
        np.testing.assert_allclose(left[known, target], values[known, target] - columns @ weights, atol=1e-8)
        assert np.isnan(left[~known, target]).all()


def test_residuals_forget_what_the_design_can_express():
    design, values = draw()
    residuals = CovariateResiduals(design)
    shifted = values + design @ np.arange(4.0)[:, None] - 7.0
    np.testing.assert_allclose(residuals.remove(shifted), residuals.remove(values), atol=1e-8)


def test_columns_that_repeat_or_are_constant_change_nothing():
    design, values = draw()
    more = np.column_stack([design, design[:, 0] + design[:, 1], np.full(len(design), 3.0)])
    np.testing.assert_allclose(
        CovariateResiduals(more).remove(values), CovariateResiduals(design).remove(values), atol=1e-8
    )


def test_no_covariates_leave_the_mean():
    _, values = draw()
    left = CovariateResiduals(np.empty((len(values), 0))).remove(values)
    np.testing.assert_allclose(left, values - np.nanmean(values, axis=0), atol=1e-12)


def test_gaps_of_people_who_do_not_teach_do_not_matter():
    design, values = draw()
    residuals = CovariateResiduals(design)
    taught = values.copy()
    taught[:50] = np.nan
    changed = values.copy()
    changed[:50] += 1e3
    changed[:50] = np.nan
    np.testing.assert_array_equal(residuals.fit(taught), residuals.fit(changed))


@pytest.mark.parametrize("people", [7, 8, 9])
def test_patterns_are_distinct_and_each_target_has_its_own(people):
    known = np.random.default_rng(people).random((people, 40)) < 0.5
    known[:, 20:] = known[:, :20]
    patterns, which = find_patterns(known)
    np.testing.assert_array_equal(patterns[:, which], known)
    assert patterns.shape[1] == len({column.tobytes() for column in known.T})
