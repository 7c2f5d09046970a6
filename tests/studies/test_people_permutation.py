import numpy as np

from gaitbook.studies.covariate_residuals import CovariateResiduals
from gaitbook.studies.people_permutation import deal_within, permute_people
from gaitbook.studies.unseen_ridge import UnseenRidge, deal_folds

PEOPLE = 200


def run(order=None, seed=0):
    rng = np.random.default_rng(seed)
    design, features = rng.standard_normal((PEOPLE, 2)), rng.standard_normal((PEOPLE, 20))
    values = rng.standard_normal((PEOPLE, 40)) + design[:, :1]
    values[rng.random(PEOPLE) < 0.2, :20] = np.nan
    fold = deal_folds(PEOPLE, folds=4, seed=1)
    order = np.arange(PEOPLE) if order is None else order
    residuals = CovariateResiduals(design[order])
    ridge = UnseenRidge(residuals.remove(features[order]), fold[order])
    return permute_people(
        ridge,
        residuals,
        values[order],
        fold[order],
        strata=np.zeros(PEOPLE, dtype=int),
        rng=np.random.default_rng(2),
        permutations=30,
    )


def test_order_of_people_does_not_matter():
    first, _ = run()
    second, _ = run(np.random.default_rng(3).permutation(PEOPLE))
    np.testing.assert_allclose(first, second, atol=1e-8)


def test_statistics_that_know_nothing_are_spread_as_their_null():
    statistic, null = run()
    assert null.shape == (30, 40)
    assert abs(statistic.mean() - null.mean()) < 0.6
    assert 0.6 < statistic.std() / null.std() < 1.4


def test_people_are_dealt_out_within_their_stratum():
    strata = np.array(["women", "men", "women", "men", "women"])
    rows = deal_within(np.unique(strata, return_inverse=True)[1], np.random.default_rng(0))
    assert sorted(rows) == list(range(5))
    np.testing.assert_array_equal(strata[rows], strata)
