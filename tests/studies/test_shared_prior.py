import numpy as np
import pytest

from gaitbook.studies.shared_prior import FEWEST_TARGETS, SharedPriorRidge
from gaitbook.studies.shared_ridge import SharedRidge
from gaitbook.studies.unseen_ridge import PENALTIES, UnseenRidge, correlate_within, deal_folds

PEOPLE, FEATURES, TARGETS = 400, 60, 200
FOLD = deal_folds(PEOPLE, folds=5, seed=0)


def draw(seed=0, *, strength=0.35, styles=3):
    """Features, and targets that come of a few of their directions."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((PEOPLE, FEATURES))
    score = features @ np.linalg.qr(rng.standard_normal((FEATURES, styles)))[0]
    weights = rng.standard_normal((styles, TARGETS)) / np.sqrt(styles)
    return features, strength * score @ weights + rng.standard_normal((PEOPLE, TARGETS))


def test_many_targets_of_the_same_styles_are_told_better_together():
    features, values = draw()
    together, alone = (
        correlate_within(ridge(features, FOLD).predict(values), values, FOLD)
        for ridge in (SharedPriorRidge, UnseenRidge)
    )
    assert together.mean() > alone.mean() + 0.04


def test_what_only_one_target_tells_of_is_found_all_the_same():
    features, values = draw()
    rng = np.random.default_rng(3)
    values[:, 0] = features @ rng.standard_normal(FEATURES) + rng.standard_normal(PEOPLE)
    told = SharedPriorRidge(features, FOLD).predict(values)
    alone = UnseenRidge(features, FOLD).predict(values)
    assert correlate_within(told, values, FOLD)[0] > correlate_within(alone, values, FOLD)[0] - 0.05
    assert correlate_within(told, values, FOLD)[0] > 0.9


def test_where_there_is_nothing_nothing_is_told():
    features, values = draw(strength=0.0)
    r = correlate_within(SharedPriorRidge(features, FOLD).predict(values), values, FOLD)
    assert -0.08 < r.mean() < 0.01


def test_few_targets_teach_no_prior():
    features, values = draw()
    few = values[:, : FEWEST_TARGETS - 1]
    ridge = SharedPriorRidge(features, FOLD)
    np.testing.assert_allclose(ridge.predict(few), UnseenRidge(features, FOLD).predict(few))
    assert ridge.metrics(few) is None


def test_a_person_does_not_teach_their_own_prediction():
    features, values = draw()
    ridge = SharedPriorRidge(features, FOLD)
    changed = np.where(FOLD[:, None] == 2, values[::-1] + 5.0, values)
    own = FOLD == 2
    np.testing.assert_allclose(ridge.predict(values)[own], ridge.predict(changed)[own])


def test_units_of_features_and_targets_do_not_matter():
    features, values = draw()
    scale = np.exp(np.random.default_rng(1).standard_normal(FEATURES))
    first = SharedPriorRidge(features, FOLD).predict(values)
    second = SharedPriorRidge(features * scale + 7.0, FOLD).predict(1000.0 * values)
    np.testing.assert_allclose(second, 1000.0 * first, atol=1e-4)


def test_more_features_than_people_are_no_obstacle():
    rng = np.random.default_rng(2)
    features, values = draw()
    wide = np.column_stack([features, features @ rng.standard_normal((FEATURES, 500))])
    told = SharedPriorRidge(wide, FOLD).predict(values)
    assert np.isfinite(told).all()
    assert correlate_within(told, values, FOLD).mean() > 0.1


@pytest.mark.parametrize("extra", [0, 500])
def test_the_exact_ridge_in_the_same_metric_says_the_same(extra):
    features, values = draw()
    features = np.column_stack([features, np.random.default_rng(4).standard_normal((PEOPLE, extra))])
    ridge = SharedPriorRidge(features, FOLD)
    told = SharedRidge(
        features, np.empty((PEOPLE, 0)), FOLD, penalties=PENALTIES, metrics=ridge.metrics(values)
    ).predict(values)
    mean = np.array([values[each != FOLD].mean(axis=0) for each in FOLD])
    np.testing.assert_allclose(told.both - mean, ridge.predict(values), atol=1e-6)
