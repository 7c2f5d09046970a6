import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from gaitbook.studies.shared_logistic import FREE_PENALTY, SharedLogistic
from gaitbook.studies.shared_ridge import NO_VALUE
from gaitbook.studies.unseen_ridge import deal_folds

PEOPLE = 300


def draw(features=15, targets=5, *, people=PEOPLE, seed=0, strength=1.0):
    rng = np.random.default_rng(seed)
    design = rng.standard_normal((people, 2))
    values = rng.standard_normal((people, features)) + design[:, :1]
    logit = strength * values[:, :1] * np.linspace(0.0, 1.5, targets) + design[:, 1:] - 0.5
    answers = (rng.random(logit.shape) < expit(logit)).astype(float)
    return values, design, answers, deal_folds(people, folds=5, seed=seed)


def with_gaps(answers, seed=3):
    gaps = answers.copy()
    gaps[np.random.default_rng(seed).random(gaps.shape) < 0.2] = np.nan
    return gaps


def regress(columns, answers, penalties):
    """By scikit-learn, whose one penalty becomes that of each column by its scale."""
    model = LogisticRegression(C=1.0, solver="lbfgs", tol=1e-12, max_iter=20000)
    return model.fit(columns / np.sqrt(penalties), answers)


def free_axes(design, taught):
    centered = design - design[taught].mean(axis=0)
    size, right = np.linalg.svd(centered[taught], full_matrices=False)[1:]
    return np.sqrt(taught.sum()) * centered @ (right.T / size)


@pytest.mark.parametrize("gaps", [False, True])
def test_regression_is_that_of_scikit_learn(gaps):
    values, design, answers, fold = draw()
    answers = with_gaps(answers) if gaps else answers
    told = SharedLogistic(values, design, fold).predict(answers)
    taught, asked = fold != 1, fold == 1
    scaled = (values - values[taught].mean(axis=0)) / values[taught].std(axis=0)
    table = np.column_stack([np.ones(PEOPLE), design])
    scaled -= table @ np.linalg.lstsq(table[taught], scaled[taught], rcond=None)[0]
    axes = free_axes(design, taught)
    free = np.full(2, FREE_PENALTY)
    for target in range(answers.shape[1]):
        rows = taught & np.isfinite(answers[:, target])
        alone = regress(axes[rows], answers[rows, target], free)
        np.testing.assert_allclose(
            told.covariates[asked, target], alone.predict_proba(axes[asked] / np.sqrt(free))[:, 1], atol=1e-5
        )
        penalties = np.r_[free, np.full(15, told.penalty[1, target] * rows.sum())]
        both = regress(np.column_stack([axes, scaled])[rows], answers[rows, target], penalties)
        expected = both.predict_proba(np.column_stack([axes, scaled])[asked] / np.sqrt(penalties))[:, 1]
        np.testing.assert_allclose(told.both[asked, target], expected, atol=1e-5)


def test_mean_probability_is_the_share_of_those_who_teach():
    values, _, answers, fold = draw()
    told = SharedLogistic(values, np.empty((PEOPLE, 0)), fold).predict(answers)
    shares = np.array([answers[fold != each].mean(axis=0) for each in range(5)])
    np.testing.assert_allclose(told.covariates, shares[fold], atol=1e-8)


def test_gait_adds_where_it_tells_and_nothing_where_it_does_not():
    values, design, answers, fold = draw(people=600, strength=1.5)
    told = SharedLogistic(values, design, fold).predict(answers)
    gains = [
        roc_auc_score(answers[:, target], told.both[:, target])
        - roc_auc_score(answers[:, target], told.covariates[:, target])
        for target in (0, 4)
    ]
    assert abs(gains[0]) < 0.04
    assert gains[1] > 0.1


def test_the_penalty_is_nearly_the_best_of_all():
    values, design, answers, fold = draw(100, people=400)
    grid = (0.01, 0.1, 1.0, 10.0, 100.0)

    def loss(penalties):
        told = SharedLogistic(values, design, fold, penalties=penalties).predict(answers).both
        return -np.where(answers > 0, np.log(told), np.log1p(-told)).mean(axis=0)

    singles = np.array([loss((each,)) for each in grid])
    assert (loss(grid) < singles.min(axis=0) + 0.02).all()
    assert (loss(grid) < singles.max(axis=0) - 0.03).all()


def test_a_person_does_not_teach_their_own_prediction():
    values, design, answers, fold = draw()
    changed = answers.copy()
    changed[fold == 2] = 1.0 - changed[fold == 2]
    model = SharedLogistic(values, design, fold)
    np.testing.assert_array_equal(
        model.predict(answers).both[fold == 2], model.predict(changed).both[fold == 2]
    )


def test_the_order_of_people_does_not_matter():
    values, design, answers, fold = draw()
    order = np.random.default_rng(1).permutation(PEOPLE)
    first = SharedLogistic(values, design, fold).predict(answers)
    second = SharedLogistic(values[order], design[order], fold[order]).predict(answers[order])
    np.testing.assert_allclose(second.both, first.both[order], atol=1e-7)


def test_covariates_that_tell_all_apart_keep_finite_weights():
    values, design, answers, fold = draw()
    answers[:, 0] = design[:, 0] > 0
    told = SharedLogistic(values, design, fold).predict(answers)
    assert np.isfinite(told.both).all()
    assert roc_auc_score(answers[:, 0], told.covariates[:, 0]) > 0.99


def test_targets_that_cannot_be_learned_are_refused_with_a_reason():
    values, design, answers, fold = draw(targets=6)
    answers[:, 0] = np.nan
    answers[:, 1] = np.arange(PEOPLE) < 3
    answers[:, 2] = 1.0
    answers[7, 3] = 2.5
    answers[:, 4] = fold == 0
    told = SharedLogistic(values, design, fold).predict(answers)
    assert told.reason.tolist() == [
        NO_VALUE,
        "3 people have 1: at least 10 are needed of each answer",
        "0 people have 0: at least 10 are needed of each answer",
        "values other than 0 and 1, such as 2.5: it is not yes or no",
        "all people with one of the answers are in one fold",
        "",
    ]
    assert np.isnan(told.both[:, :5]).all()
    assert np.isfinite(told.both[:, 5]).all()


def test_one_woman_alone_teaches_nobody():
    with pytest.raises(ValueError, match="one person only, and nobody to learn from"):
        SharedLogistic(np.ones((1, 3)), np.ones((1, 2)), np.zeros(1, dtype=int))
