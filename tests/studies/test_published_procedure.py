import numpy as np
import pytest
from scipy.stats import wilcoxon

from gaitbook.studies.published_procedure import (
    NO_SCORE,
    TOO_FEW,
    predict_fixed,
    publish_gains,
    wilcoxon_gains,
)
from gaitbook.studies.unseen_ridge import deal_folds

PEOPLE = 240


def draw(seed=0, targets=20, *, score=0.0):
    rng = np.random.default_rng(seed)
    covariates = rng.standard_normal((PEOPLE, 3))
    features = rng.standard_normal((PEOPLE, 15))
    values = rng.standard_normal((PEOPLE, targets)) + covariates[:, :1] + score * features[:, :1]
    sex = np.where(np.arange(PEOPLE) % 2, "male", "female")
    return features, covariates, values, sex, [f"target {number}" for number in range(targets)]


def publish(features, covariates, values, sex, names, **given):
    return publish_gains(features, covariates, values, sex, phenotypes=names, **{"seeds": 15, **given})


@pytest.mark.parametrize("columns", [5, 50, 300])
def test_ridge_is_that_of_scikit_learn(columns):
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x, y = 3 * rng.standard_normal((100, columns)) + 7, rng.standard_normal((100, 2))
    fold = deal_folds(100, folds=5, seed=0)
    (predicted,) = predict_fixed([x], y, fold, "mean")
    scaler = StandardScaler().fit(x[fold != 3])
    model = Ridge(alpha=1.0).fit(scaler.transform(x[fold != 3]), y[fold != 3])
    np.testing.assert_allclose(predicted[fold == 3], model.predict(scaler.transform(x[fold == 3])), atol=1e-8)


def test_fifteen_gains_of_any_size_reach_the_same_p():
    tiny, large = np.full(15, 1e-6) * np.arange(1, 16), np.arange(1.0, 16.0)
    np.testing.assert_allclose(wilcoxon_gains(np.column_stack([tiny, large])), 2.0**-15)


def test_signed_ranks_are_those_of_scipy():
    differences = np.random.default_rng(1).standard_normal((15, 30)) + 0.3
    p = [wilcoxon(each, alternative="greater").pvalue for each in differences.T]
    np.testing.assert_allclose(wilcoxon_gains(differences), p)
    odd = np.column_stack([np.zeros(15), np.full(15, np.nan)])
    np.testing.assert_array_equal(wilcoxon_gains(odd), [1.0, np.nan])


def test_dropping_people_with_gaps_is_fitting_those_who_have_the_target():
    features, _, values, *_ = draw(targets=2)
    fold = deal_folds(PEOPLE, folds=5, seed=0)
    values[::3, 1] = np.nan
    has = np.isfinite(values[:, 1])
    (predicted,) = predict_fixed([features], values, fold, "drop")
    (alone,) = predict_fixed([features[has]], values[has, 1:], fold[has], "mean")
    np.testing.assert_allclose(predicted[has, 1:], alone, atol=1e-9)
    (whole,) = predict_fixed([features], values[:, :1], fold, "mean")
    np.testing.assert_allclose(predicted[:, :1], whole, atol=1e-9)


def test_null_targets_pass_its_test_of_gains_far_too_often():
    features, covariates, _, sex, names = draw(targets=60)
    noise = np.random.default_rng(1).standard_normal((PEOPLE, 60))
    p = publish(features, covariates, noise, sex, names)["p"]
    assert (p < 0.05).mean() > 0.3


def test_a_gain_is_found_and_scored_by_sex():
    table = publish(*draw(score=1.5, targets=4), seeds=5)
    assert len(table) == 8
    assert (table["gain"] > 0.1).all()
    assert table.groupby("sex")["n"].first().to_dict() == {"female": 120, "male": 120}
    assert table["p"].min() == pytest.approx(2.0**-5)


def test_targets_without_a_score_of_their_own_are_removed_before_the_correction():
    features, covariates, values, sex, names = draw(score=1.0, targets=30)
    values[:, 10:] = np.random.default_rng(3).standard_normal((PEOPLE, 20))
    table = publish(features, covariates, values, sex, names)
    removed = table["reason"] == NO_SCORE
    assert removed.sum() > 30
    assert table.loc[removed, "q"].isna().all()
    assert table.loc[~removed, "discovered"].sum() >= 20
    assert not table.loc[removed, "discovered"].any()
    expected = 2.0**-15
    assert table.loc[~removed, "q"].min() == pytest.approx(expected)


def test_rare_constant_and_missing_targets_are_not_scored():
    features, covariates, values, sex, names = draw(targets=4)
    values[:, 0] = np.arange(PEOPLE) < 6
    values[:, 1] = 1.0
    values[:, 2] = np.nan
    table = publish(features, covariates, values, sex, names, seeds=3)
    assert (table.loc[table["phenotype"] != "target 3", "reason"] == TOO_FEW).all()
    assert table.loc[table["phenotype"] != "target 3", ["r_both", "p", "q"]].isna().all(axis=None)
    assert table.loc[table["phenotype"] == "target 3", "p"].notna().all()


def test_all_faults_of_the_arrays_are_named():
    features, covariates, values, sex, names = draw(targets=2)
    covariates[0, 0] = np.nan
    with pytest.raises(
        ValueError,
        match=r"features have 239 rows, values have 240; covariates of 1 people have gaps.*1 phenotypes",
    ):
        publish(features[1:], covariates, values, sex, names[:1])
