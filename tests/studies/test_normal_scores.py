import numpy as np
import pytest
from scipy.special import ndtri

from gaitbook.studies.normal_scores import normal_scores, score_skewed


def test_scores_depend_on_ranks_alone():
    values = np.random.default_rng(0).standard_normal((100, 2))
    np.testing.assert_allclose(normal_scores(np.exp(3 * values)), normal_scores(values))


def test_scores_are_symmetric_and_of_nearly_unit_spread():
    scores = normal_scores(np.arange(1001.0)[:, None] ** 3)
    np.testing.assert_allclose(scores, -scores[::-1], atol=1e-12)
    assert scores.std() == pytest.approx(1.0, abs=0.01)
    assert scores.max() == pytest.approx(ndtri((1001 - 0.375) / 1001.25))


def test_gaps_stay_gaps_and_ties_share_their_rank():
    scores = normal_scores(np.array([[1.0], [1.0], [np.nan], [2.0], [0.0]])).ravel()
    assert np.isnan(scores[2])
    assert scores[0] == scores[1] == pytest.approx(0.0, abs=1e-12)
    assert scores[3] == -scores[4] > 0


def test_only_skewed_measures_are_scored_and_diagnoses_stay():
    rng = np.random.default_rng(1)
    normal = rng.standard_normal(500)
    rare = (rng.random(500) < 0.02).astype(float)
    values = np.column_stack([normal, np.exp(normal), -np.exp(normal), rare, np.ones(500)])
    values[:20, 1] = np.nan
    scored, replaced = score_skewed(values)
    assert replaced.tolist() == [False, True, True, False, False]
    np.testing.assert_array_equal(scored[:, [0, 3, 4]], values[:, [0, 3, 4]])
    np.testing.assert_allclose(scored[:, 2], -normal_scores(np.exp(normal)[:, None])[:, 0])
    assert not score_skewed(values, skewness=np.inf)[1].any()
