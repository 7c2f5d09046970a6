import numpy as np
import pytest

from gaitbook.studies.permutation_null import (
    choose_pools,
    missingness_classes,
    pooled_p_values,
    spread_variation,
)


def test_p_counts_null_statistics_that_reach_it():
    null = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, np.nan]])
    p = pooled_p_values(np.array([4.0, 2.5, -1.0, 5.0]), np.column_stack([null, np.full(2, np.nan)]))
    np.testing.assert_allclose(p, [2 / 6, 3 / 6, 1.0, 1 / 6])


def test_p_never_is_zero_and_uniform_among_its_own_null():
    rng = np.random.default_rng(0)
    null = rng.standard_normal((50, 100))
    p = pooled_p_values(rng.standard_normal(100), null)
    assert p.min() >= 1 / 5001
    assert pooled_p_values(null[0], null).mean() == pytest.approx(0.5, abs=0.1)


def test_pools_are_judged_apart():
    null = np.array([[0.0, 10.0], [1.0, 11.0]])
    p = pooled_p_values(np.array([5.0, 5.0]), null, np.array([0, 1]))
    np.testing.assert_allclose(p, [1 / 3, 1.0])


def test_classes_are_quarters_of_the_people():
    assert missingness_classes(np.array([0, 24, 25, 50, 99, 100]), 100).tolist() == [0, 0, 1, 2, 3, 3]


def test_alike_targets_share_one_pool():
    null = np.random.default_rng(1).standard_normal((20, 300))
    null[:, 7] = np.nan
    pools, checks = choose_pools(null, np.arange(300) % 4)
    assert (pools == 0).all()
    assert checks["pool"].tolist() == ["all"]
    assert checks["targets"].item() == 299
    assert checks["justified"].all()


def test_classes_with_their_own_spread_have_their_own_pool():
    classes = np.arange(400) % 4
    null = np.random.default_rng(2).standard_normal((60, 400)) * (0.4 + 0.4 * classes)
    pools, checks = choose_pools(null, classes)
    np.testing.assert_array_equal(pools, classes + 1)
    assert checks["justified"].tolist() == [False, True, True, True, True]


def test_targets_that_nothing_makes_alike_are_judged_by_themselves():
    null = np.random.default_rng(3).standard_normal((60, 100)) * np.linspace(0.1, 2.0, 100)
    pools, checks = choose_pools(null, np.zeros(100, dtype=int))
    assert len(set(pools.tolist())) == 100
    assert not checks["justified"].any()


def test_variation_of_spreads_is_found_beyond_chance():
    rng = np.random.default_rng(4)
    factors = np.exp(0.2 * rng.standard_normal(2000))
    assert spread_variation(rng.standard_normal((100, 2000)) * factors) == pytest.approx(0.2, abs=0.04)
    assert spread_variation(rng.standard_t(8, (100, 2000))) < 0.06
    assert spread_variation(np.ones((5, 1))) == spread_variation(np.zeros((5, 3))) == 0.0
