import numpy as np
import pytest

from gaitbook.studies.gain_interval import measure_gains
from gaitbook.studies.shared_ridge import SharedRidge
from gaitbook.studies.unseen_ridge import correlate_within, deal_folds

PEOPLE = 400
FOLD = deal_folds(PEOPLE, folds=5, seed=0)


def draw(seed=0, *, gait=1.0, targets=3):
    rng = np.random.default_rng(seed)
    covariate, score = rng.standard_normal((2, PEOPLE))
    features = np.column_stack([score + 0.5 * covariate, rng.standard_normal((PEOPLE, 10))])
    values = (covariate + gait * score)[:, None] + rng.standard_normal((PEOPLE, targets))
    return features, covariate[:, None], values


def predict(features, design, values):
    told = SharedRidge(features, design, FOLD).predict(values)
    return told.covariates, told.both


def test_correlations_approach_what_was_planted():
    features, design, values = draw()
    gains = measure_gains(values, *predict(features, design, values), FOLD)
    assert gains["r_covariates"].mean() == pytest.approx(np.sqrt(1 / 3), abs=0.06)
    assert gains["r_both"].mean() == pytest.approx(np.sqrt(2 / 3), abs=0.06)
    assert gains["r2_both"].mean() == pytest.approx(2 / 3, abs=0.08)
    assert ((gains["low"] < gains["gain"]) & (gains["gain"] < gains["high"])).all()
    assert gains["worthwhile"].all()
    assert (gains["p_worthwhile"] == 1 / 1001).all()


def test_gait_that_tells_nothing_is_not_worthwhile():
    features, design, values = draw(gait=0.0, targets=20)
    gains = measure_gains(values, *predict(features, design, values), FOLD)
    assert abs(gains["gain"].mean()) < 0.02
    assert not gains["worthwhile"].any()
    assert gains["p_worthwhile"].mean() > 0.5


def test_r_is_the_correlation_within_folds():
    features, design, values = draw()
    values[::9, 1] = np.nan
    covariates, both = predict(features, design, values)
    gains = measure_gains(values, covariates, both, FOLD)
    np.testing.assert_allclose(gains["r_both"], correlate_within(both, values, FOLD))
    np.testing.assert_allclose(gains["r_covariates"], correlate_within(covariates, values, FOLD))
    assert gains["n"].tolist() == [400, 355, 400]


def test_a_person_does_not_teach_their_own_prediction():
    features, design, values = draw()
    changed = np.where(FOLD[:, None] == 2, values + 100.0, values)
    first = predict(features, design, values)
    second = predict(features, design, changed)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one[FOLD == 2], other[FOLD == 2])


def test_targets_with_gaps_are_predicted_as_far_from_the_mean():
    features, design, values = draw(targets=1)
    gaps = np.where(np.random.default_rng(1).random(PEOPLE)[:, None] < 0.5, np.nan, values)
    full, halved = (predict(features, design, each) for each in (values, gaps))
    assert np.std(halved[1] - halved[0]) == pytest.approx(np.std(full[1] - full[0]), rel=0.2)


def test_interval_is_that_of_an_exact_copy_and_of_a_constant():
    values = np.random.default_rng(0).standard_normal((PEOPLE, 1))
    gains = measure_gains(values, np.zeros_like(values), values, FOLD).iloc[0]
    assert gains["r_covariates"] == 0.0
    assert gains["gain"] == gains["low"] == pytest.approx(1.0)
    constant = measure_gains(np.ones((PEOPLE, 1)), values, values, FOLD).iloc[0]
    assert constant[["r_covariates", "r_both", "gain", "low", "high", "p_worthwhile"]].isna().all()
    assert not constant["worthwhile"]


def test_a_target_that_cannot_be_learned_has_no_gain():
    features, design, values = draw()
    values[10:, 1] = np.nan
    gains = measure_gains(values, *predict(features, design, values), FOLD)
    assert gains["gain"].isna().tolist() == [False, True, False]
    assert not gains["worthwhile"].iloc[1]
    assert gains["n"].tolist() == [400, 10, 400]


def test_chunks_do_not_change_the_result(monkeypatch):
    features, design, values = draw(targets=5)
    predicted = predict(features, design, values)
    whole = measure_gains(values, *predicted, FOLD)
    monkeypatch.setattr("gaitbook.studies.gain_interval.CHUNK", 2)
    np.testing.assert_allclose(measure_gains(values, *predicted, FOLD).astype(float), whole.astype(float))


def test_interval_covers_the_spread_of_other_people():
    rng = np.random.default_rng(5)
    truth = rng.standard_normal((PEOPLE, 300))
    first, second = truth + 2.0 * rng.standard_normal((2, PEOPLE, 300)) * [[[1.0]], [[0.5]]]
    gains = measure_gains(truth, first, second, np.zeros(PEOPLE, dtype=int), draws=300)
    expected = 1 / np.sqrt(2) - 1 / np.sqrt(5)
    covered = (gains["low"] < expected) & (expected < gains["high"])
    assert covered.mean() == pytest.approx(0.95, abs=0.04)
