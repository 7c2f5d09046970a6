"""Draws from errors made on other people: as wide as those errors, where they were made."""

import numpy as np
import pytest

from gaitbook.studies.completion_errors import ranked_probability_score
from gaitbook.studies.residual_draws import Answered, ResidualPools

FRAMES = 4000


def answered(*, seed=0, deviation=lambda load: 2.0 + 0 * load, bias=0.0):
    random = np.random.default_rng(seed)
    load = random.uniform(0.0, 100.0, FRAMES)
    truth = 0.3 * load
    return Answered(truth + bias + deviation(load) * random.standard_normal(FRAMES), truth, load)


def coverage(pools, one, level=0.9):
    drawn = pools.draw(one.answer, one.load, draws=200, seed=1)
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return (low <= one.truth) & (one.truth <= high)


def test_intervals_hold_on_other_people_who_are_like_those():
    pools = ResidualPools.fit([answered(), answered(seed=1)])
    assert coverage(pools, answered(seed=2)).mean() == pytest.approx(0.9, abs=0.02)


def test_errors_under_load_do_not_widen_what_is_without():
    pools = ResidualPools.fit([answered(deviation=lambda load: 0.1 + 0.1 * load)])
    other = answered(seed=2, deviation=lambda load: 0.1 + 0.1 * load)
    spread = pools.draw(other.answer, other.load, draws=100).std(axis=0)
    assert spread[other.load < 20].mean() < 0.25 * spread[other.load > 80].mean()
    for light in (other.load < 20, other.load > 80):
        assert coverage(pools, other)[light].mean() == pytest.approx(0.9, abs=0.05)


def test_a_constant_error_is_taken_back():
    pools = ResidualPools.fit([answered(bias=5.0)])
    other = answered(seed=2, bias=5.0)
    drawn = pools.draw(other.answer, other.load, draws=100)
    assert drawn.mean() == pytest.approx(other.truth.mean(), abs=0.1)


def test_draws_score_as_much_better_than_the_answer_alone_as_normal_errors_let_them():
    one = answered(seed=2)
    drawn = ResidualPools.fit([answered()]).draw(one.answer, one.load, draws=100)
    alone, many = (ranked_probability_score(each, one.truth).mean() for each in (one.answer[None], drawn))
    # 1 / sqrt(pi) against sqrt(2 / pi) standard deviations
    assert many / alone == pytest.approx(np.sqrt(0.5), abs=0.02)


def test_who_never_errs_draws_what_is_true():
    one = answered(deviation=lambda load: 0 * load)
    drawn = ResidualPools.fit([one]).draw(one.answer, one.load, draws=3)
    np.testing.assert_allclose(drawn, np.tile(one.truth, (3, 1)), atol=1e-12)


def test_the_same_seed_draws_the_same_and_another_one_not():
    one = answered()
    pools = ResidualPools.fit([one])
    first, same, other = (pools.draw(one.answer, one.load, draws=2, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_loads_that_are_all_alike_make_one_band():
    one = answered()._replace(load=np.zeros(FRAMES))
    pools = ResidualPools.fit([one])
    assert len(pools.pools) == 1
    assert pools.draw(one.answer, one.load + 50.0, draws=2).shape == (2, FRAMES)


def test_without_anybody_the_remedy_is_told():
    with pytest.raises(ValueError, match="no error to learn from: keep some people out"):
        ResidualPools.fit([])
