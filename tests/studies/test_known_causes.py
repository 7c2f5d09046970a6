import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import kstest

from gaitbook.studies.known_causes import feature_correlations, null_share
from gaitbook.studies.permutation import adjust
from gaitbook.studies.unseen_ridge import UnseenRidge, correlate_within, deal_folds

PEOPLE, FEATURES = 300, 60


def draw_table(count=PEOPLE, seed=0):
    rng = np.random.default_rng(seed)
    age, bmi, fat, height = rng.standard_normal((4, count))
    columns = {
        "sex": np.where(np.arange(count) % 2, "male", "female"),
        "age_year": 50 + 10 * age,
        "bmi_kgm2": 26 + 4 * bmi,
        "visceral_fat_cm2": 120 + 60 * (0.6 * bmi + 0.8 * fat),
        "height_m": 1.7 + 0.1 * height,
    }
    return pd.DataFrame(columns, index=pd.Index([f"p{number}" for number in range(count)], name="subject"))


def draw_features(people, *, age=0.0, fat=0.0, noise=1.0, seed=1, score=0.0):
    """Features that overlap, the first of which tell of age and fat, and the last of a hidden score."""
    rng = np.random.default_rng(seed)
    values = (
        noise * rng.standard_normal((len(people), FEATURES)) @ rng.standard_normal((FEATURES, FEATURES)) / 8
    )
    values[:, 0] += age * (people["age_year"] - 50) / 10
    values[:, 1] += fat * (people["visceral_fat_cm2"] - 120) / 60
    values[:, -1] += score
    return pd.DataFrame(values, people.index)


def draw_phenotypes(people, count=200, *, seed=2, kinds="null", gaps=0.1, values=None):
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((len(people), count)) if values is None else values
    drawn = np.where(rng.random((len(people), 1)) < gaps, np.nan, drawn)
    return xr.Dataset(
        {"value": (("subject", "phenotype"), drawn)},
        {
            "subject": people.index.to_numpy(dtype=str),
            "phenotype": [f"target {number}" for number in range(drawn.shape[1])],
            "kind": ("phenotype", np.broadcast_to(kinds, drawn.shape[1])),
        },
    )


def test_what_features_tell_is_found_and_nothing_else():
    people = draw_table()
    r = feature_correlations(
        draw_features(people, age=2.0, fat=0.0), people, targets=("age", "visceral_fat", "height")
    )
    assert r["age"].value > 0.8
    assert r["age"].low < r["age"].value < r["age"].high
    assert r["age"].n == PEOPLE
    assert abs(r["visceral_fat"].value) < 0.2
    assert abs(r["height"].value) < 0.2


def test_correlation_approaches_that_of_the_best_feature():
    people = draw_table(1500)
    rng = np.random.default_rng(4)
    features = people[["age_year"]].assign(other=rng.standard_normal(1500))
    features["age_year"] += 10 * rng.standard_normal(1500)
    estimate = feature_correlations(features, people, targets=("age",))["age"]
    assert estimate.value == pytest.approx(np.sqrt(0.5), abs=0.04)
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(1500), rel=0.25)


def test_order_of_people_between_tables_does_not_matter():
    people = draw_table()
    features = draw_features(people, age=0.5)
    first = feature_correlations(features, people)
    second = feature_correlations(features, people.iloc[::-1])
    assert first == second


@pytest.mark.parametrize("features", [20, 200])
def test_ridge_is_that_of_the_normal_equations(features, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((80, features)), rng.standard_normal((80, 3))
    fold = deal_folds(80, folds=4, seed=0)
    monkeypatch.setattr("gaitbook.studies.unseen_ridge.PENALTIES", (0.3,))
    predicted = UnseenRidge(x, fold).predict(y)
    known, unseen = fold != 2, fold == 2
    mean, spread = x[known].mean(axis=0), x[known].std(axis=0)
    taught, asked = (x[known] - mean) / spread, (x[unseen] - mean) / spread
    gram = taught.T @ taught + 0.3 * known.sum() * np.eye(features)
    weights = np.linalg.solve(gram, taught.T @ (y[known] - y[known].mean(axis=0)))
    np.testing.assert_allclose(predicted[unseen], asked @ weights, atol=1e-9)


def test_a_person_does_not_teach_their_own_prediction():
    people = draw_table()
    features, fold = draw_features(people).to_numpy(), deal_folds(PEOPLE, folds=5, seed=0)
    truth = people[["age_year"]].to_numpy()
    changed = truth.copy()
    changed[fold == 0] += 1000.0
    ridge = UnseenRidge(features, fold)
    np.testing.assert_array_equal(ridge.predict(truth)[fold == 0], ridge.predict(changed)[fold == 0])
    assert (np.bincount(fold) == PEOPLE // 5).all()


def test_a_constant_feature_is_harmless():
    people = draw_table()
    features = draw_features(people, age=2.0).assign(constant=3.0)
    assert feature_correlations(features, people, targets=("age",))["age"].value > 0.8


def test_correlation_leaves_gaps_and_means_of_folds_out():
    fold = np.repeat([0, 1], 50)
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((100, 2))
    truth[::7, 1] = np.nan
    predicted = np.nan_to_num(truth, nan=9.0) + 100.0 * fold[:, None]
    np.testing.assert_allclose(correlate_within(predicted, truth, fold), 1.0)


def test_adjusted_values_do_not_know_the_covariates():
    people = draw_table()
    covariates = people[["age_year", "height_m"]].to_numpy()
    values = np.column_stack([covariates @ [1.0, 20.0], covariates[:, 0] + people["bmi_kgm2"]])
    values[:30, 1] = np.nan
    left = adjust(values, covariates)
    np.testing.assert_allclose(left[:, 0], 0.0, atol=1e-9)
    assert np.isnan(left[:30, 1]).all()
    np.testing.assert_allclose(covariates[30:].T @ left[30:, 1], 0.0, atol=1e-6)


def test_null_targets_have_uniform_p_values():
    people = draw_table()
    results = [
        null_share(
            draw_features(people, seed=seed), draw_phenotypes(people, seed=seed + 10), people, permutations=10
        )
        for seed in range(4)
    ]
    p_values = pd.concat([result.tests["p"] for result in results])
    assert np.mean([result.share for result in results]) == pytest.approx(0.05, abs=0.012)
    assert kstest(p_values, "uniform").pvalue > 0.01
    for result in results:
        assert min(result.permuted_shares) < 0.05 < max(result.permuted_shares)
        assert result.share == pytest.approx(0.05, abs=0.03)


def test_statistics_of_folds_are_not_those_of_independent_pairs():
    people = draw_table()
    result = null_share(draw_features(people), draw_phenotypes(people), people)
    assert result.null_spread > 1.1
    assert result.null_mean < -0.2
    r = result.tests["r"] * np.sqrt(result.tests["n"])
    assert r.mean() == pytest.approx(result.null_mean, abs=0.2)
    assert r.std() == pytest.approx(result.null_spread, rel=0.15)
    naive = result.tests["p_naive"]
    assert kstest(naive, "uniform").pvalue < 1e-6


def test_confounded_targets_are_no_discovery_and_true_ones_are():
    people = draw_table()
    rng = np.random.default_rng(5)
    score = rng.standard_normal(PEOPLE)
    features = draw_features(people, age=2.0, fat=2.0, score=2.0 * score)
    noise = rng.standard_normal((PEOPLE, 120))
    told = (people["age_year"].to_numpy() - 50) / 10 + (people["visceral_fat_cm2"].to_numpy() - 120) / 60
    noise[:, :50] += 2.0 * told[:, None]
    noise[:, 50:60] += score[:, None]
    kinds = np.repeat(["confounded_only", "true_effect", "null"], [50, 10, 60])
    result = null_share(
        features,
        draw_phenotypes(people, values=noise, kinds=kinds),
        people,
        kinds=("null", "confounded_only", "true_effect"),
    )
    found = result.tests.assign(found=result.tests["p"] < 0.05).groupby("kind")["found"].mean()
    assert found["true_effect"] > 0.9
    assert found["confounded_only"] < 0.12
    assert len(result.tests) == 2 * 120


def test_tests_count_those_who_have_the_value():
    people = draw_table()
    phenotypes = draw_phenotypes(people, 30, gaps=0.0)
    phenotypes["value"][:100, 0] = np.nan
    tests = null_share(draw_features(people), phenotypes, people).tests.set_index(["phenotype", "sex"])
    assert tests.loc[("target 0", "female"), "n"] == 100
    assert tests.loc[("target 1", "female"), "n"] == 150


def test_targets_of_one_sex_and_constants_are_left_out():
    people = draw_table()
    phenotypes = draw_phenotypes(people, 30, gaps=0.0)
    phenotypes["value"][1::2, 0] = np.nan
    phenotypes["value"][:, 1] = 1.0
    result = null_share(draw_features(people), phenotypes, people)
    tests = result.tests.set_index(["phenotype", "sex"])
    assert tests.loc[("target 0", "male"), "n"] == 0
    assert tests["p"].isna().sum() == 3
    assert np.isfinite(result.share)


def test_all_faults_of_the_tables_are_named():
    people = draw_table(60).drop(columns="age_year")
    features = draw_features(draw_table(60)).iloc[:30]
    features.iloc[0, 0] = np.nan
    with pytest.raises(
        ValueError, match=r"no column for age.*30 people have.*at least 50.*features of 1 people have gaps"
    ):
        feature_correlations(features, people)
    with pytest.raises(
        ValueError, match=r"no column age_year.*no phenotype of the kinds.*is of kind null.*30 people"
    ):
        null_share(features, draw_phenotypes(people, 5), people, kinds=("duplicate",))


def test_one_sex_alone_is_refused():
    people = draw_table(120).assign(sex="male")
    with pytest.raises(ValueError, match="0 people are female: at least 50 of each sex"):
        null_share(draw_features(people), draw_phenotypes(people, 5), people)
