import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from gaitbook.studies.shared_ridge import NO_VALUE, ONE_VALUE, PENALTIES, SharedRidge
from gaitbook.studies.unseen_ridge import deal_folds

PEOPLE, FEATURES = 150, 40


def draw(features=FEATURES, targets=6, *, people=PEOPLE, seed=0):
    rng = np.random.default_rng(seed)
    design = rng.standard_normal((people, 3))
    values = rng.standard_normal((people, features)) + design[:, :1]
    truth = values @ rng.standard_normal((features, targets)) * np.linspace(0, 0.3, targets)
    truth += design @ rng.standard_normal((3, targets)) + rng.standard_normal((people, targets))
    return values, design, 1e3 + truth, deal_folds(people, folds=5, seed=seed)


def with_gaps(values, *, seed=3):
    """Half of the people lack the first targets, a few others lack single ones."""
    rng = np.random.default_rng(seed)
    gaps = values.copy()
    gaps[: len(values) // 2, :2] = np.nan
    gaps[rng.random(values.shape) < 0.04] = np.nan
    return gaps


def predict_directly(features, design, target, fold, penalty):
    """Ridge by scikit-learn on what the covariates leave of both, among those who teach and have the target."""
    covariates, both = np.full((2, len(target)), np.nan)
    for number, each in enumerate(np.unique(fold)):
        taught, asked = fold != each, fold == each
        scaled = (features - features[taught].mean(axis=0)) / features[taught].std(axis=0)
        rows = taught & np.isfinite(target)
        known = LinearRegression().fit(design[rows], target[rows])
        told = LinearRegression().fit(design[rows], scaled[rows])
        weight = penalty[number] * rows.sum()
        ridge = Ridge(weight, fit_intercept=False, solver="cholesky").fit(
            scaled[rows] - told.predict(design[rows]), target[rows] - known.predict(design[rows])
        )
        covariates[asked] = known.predict(design[asked])
        both[asked] = covariates[asked] + ridge.predict(scaled[asked] - told.predict(design[asked]))
    return covariates, both


@pytest.mark.parametrize("features", [FEATURES, 300])
@pytest.mark.parametrize("gaps", [False, True])
def test_ridge_is_that_of_scikit_learn_whoever_lacks_a_value(features, gaps):
    values, design, truth, fold = draw(features)
    targets = with_gaps(truth) if gaps else truth
    told = SharedRidge(values, design, fold).predict(targets)
    assert (told.reason == "").all()
    for column in range(targets.shape[1]):
        covariates, both = predict_directly(values, design, targets[:, column], fold, told.penalty[:, column])
        np.testing.assert_allclose(told.covariates[:, column], covariates, atol=1e-8)
        np.testing.assert_allclose(told.both[:, column], both, atol=1e-7)


def test_penalty_is_that_of_generalized_cross_validation():
    values, design, truth, fold = draw()
    targets = with_gaps(truth)
    told = SharedRidge(values, design, fold).predict(targets)
    rows_of = (fold != 0)[:, None] & np.isfinite(targets)
    for column, rows in enumerate(rows_of.T):
        scaled = (values - values[fold != 0].mean(axis=0)) / values[fold != 0].std(axis=0)
        table = np.column_stack([np.ones(rows.sum()), design[rows], scaled[rows]])
        free = np.r_[np.zeros(4), np.ones(FEATURES)]
        errors = []
        for penalty in PENALTIES:
            gram = table.T @ table + np.diag(free * penalty * rows.sum())
            hat = table @ np.linalg.solve(gram, table.T)
            residual = targets[rows, column] - hat @ targets[rows, column]
            errors.append((residual**2).sum() / (rows.sum() - np.trace(hat)) ** 2)
        assert told.penalty[0, column] == PENALTIES[int(np.argmin(errors))]


def test_features_are_fitted_beyond_covariates_as_if_all_stood_in_one_regression():
    values, design, truth, fold = draw()
    told = SharedRidge(values, design, fold, penalties=(0.1,)).predict(truth)
    rows, asked = fold != 1, fold == 1
    scaled = (values - values[rows].mean(axis=0)) / values[rows].std(axis=0)
    table = np.column_stack([np.ones(len(fold)), design, scaled])
    free = np.r_[np.zeros(4), np.full(FEATURES, 0.1 * rows.sum())]
    weights = np.linalg.solve(table[rows].T @ table[rows] + np.diag(free), table[rows].T @ truth[rows])
    np.testing.assert_allclose(told.both[asked], table[asked] @ weights, rtol=1e-9)


def test_features_that_covariates_tell_add_nothing():
    _, design, truth, fold = draw()
    told = SharedRidge(design @ np.ones((3, 7)), design, fold).predict(truth)
    np.testing.assert_allclose(told.both, told.covariates, rtol=1e-7)


def test_without_covariates_the_features_speak_alone():
    values, _, truth, fold = draw()
    told = SharedRidge(values, np.empty((PEOPLE, 0)), fold).predict(truth)
    taught = np.array([truth[fold != each].mean(axis=0) for each in range(5)])
    np.testing.assert_allclose(told.covariates, taught[fold])


def test_a_person_does_not_teach_their_own_prediction():
    values, design, truth, fold = draw()
    changed = truth.copy()
    changed[fold == 2] += 1000.0
    ridge = SharedRidge(values, design, fold)
    first, second = ridge.predict(truth), ridge.predict(changed)
    np.testing.assert_array_equal(first.both[fold == 2], second.both[fold == 2])
    np.testing.assert_array_equal(first.covariates[fold == 2], second.covariates[fold == 2])
    assert not np.allclose(first.both[fold == 1], second.both[fold == 1])


def test_the_order_of_people_does_not_matter():
    values, design, truth, fold = draw()
    targets = with_gaps(truth)
    order = np.random.default_rng(1).permutation(PEOPLE)
    first = SharedRidge(values, design, fold).predict(targets)
    second = SharedRidge(values[order], design[order], fold[order]).predict(targets[order])
    np.testing.assert_allclose(second.both, first.both[order], rtol=1e-9)


def test_a_target_is_predicted_as_if_it_were_alone():
    values, design, truth, fold = draw()
    targets = with_gaps(truth)
    ridge = SharedRidge(values, design, fold)
    together = ridge.predict(targets, chunk=2)
    for column in range(targets.shape[1]):
        alone = ridge.predict(targets[:, [column]])
        np.testing.assert_allclose(together.both[:, column], alone.both[:, 0], rtol=1e-9)


def test_scale_and_place_of_a_target_only_scale_and_move_its_prediction():
    values, design, truth, fold = draw()
    ridge = SharedRidge(values, design, fold)
    first, second = ridge.predict(truth).both, ridge.predict(1e-6 * truth + 3.0).both
    np.testing.assert_allclose(second, 1e-6 * first + 3.0, rtol=1e-10)


def test_single_precision_tells_nearly_the_same():
    values, design, truth, fold = draw()
    targets = with_gaps(truth)
    double, single = (
        SharedRidge(values, design, fold, single=each, penalties=(0.1,)).predict(targets)
        for each in (False, True)
    )
    np.testing.assert_allclose(single.both, double.both, atol=1e-3 * np.nanstd(targets))


def test_those_who_lack_a_value_are_predicted_as_well():
    values, design, truth, fold = draw()
    assert np.isfinite(SharedRidge(values, design, fold).predict(with_gaps(truth)).both).all()


def test_a_covariate_that_only_the_absent_vary_in_is_harmless():
    values, design, truth, fold = draw()
    rare = np.zeros(PEOPLE)
    rare[[3, 40, 90, 120]] = 1.0
    truth[rare > 0, 0] = np.nan
    told = SharedRidge(values, np.column_stack([design, rare]), fold).predict(truth)
    without = SharedRidge(values, design, fold).predict(truth)
    np.testing.assert_allclose(told.both[rare == 0, 0], without.both[rare == 0, 0], rtol=1e-9)


def test_targets_that_cannot_be_learned_have_a_reason():
    values, design, truth, fold = draw(targets=4)
    truth[:, 0], truth[:, 1], truth[15:, 2] = np.nan, 5.0, np.nan
    told = SharedRidge(values, design, fold).predict(truth)
    assert told.reason[0] == NO_VALUE
    assert told.reason[1] == ONE_VALUE
    assert told.reason[2].startswith("too few people have a value to teach a fold: 1")
    assert told.reason[2].endswith("14 are needed")
    assert told.reason[3] == ""
    assert np.isnan(told.both[:, :3]).all()
    assert np.isnan(told.penalty[:, :3]).all()
    assert np.isfinite(told.both[:, 3]).all()


def test_no_target_at_all_gives_an_empty_table():
    values, design, truth, fold = draw()
    told = SharedRidge(values, design, fold).predict(truth[:, :0])
    assert told.both.shape == (PEOPLE, 0)


def test_one_woman_alone_teaches_nobody():
    with pytest.raises(ValueError, match="one person only, and nobody to learn from"):
        SharedRidge(np.ones((1, 3)), np.ones((1, 2)), np.zeros(1, dtype=int))


def test_all_faults_are_named():
    values, design, truth, fold = draw()
    values[0, 0] = design[:2, 0] = np.nan
    with pytest.raises(
        ValueError, match=r"features of 150, design of 149.*features of 1 people.*covariates of 1 people"
    ):
        SharedRidge(values, design[1:], fold)
    with pytest.raises(ValueError, match="all people are in one fold"):
        SharedRidge(truth, truth, np.zeros(PEOPLE, dtype=int))
    with pytest.raises(ValueError, match=r"shape \(149, 6\): 150 rows are needed"):
        SharedRidge(truth, truth, fold).predict(truth[1:])
