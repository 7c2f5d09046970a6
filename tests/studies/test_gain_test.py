import numpy as np
import pytest
from scipy.stats import kstest

from gaitbook.studies.covariate_residuals import CovariateResiduals
from gaitbook.studies.gain_test import GainSettings, explain_untested, judge_gain
from gaitbook.studies.unseen_ridge import deal_folds

PEOPLE = 300
FOLD = deal_folds(PEOPLE, folds=5, seed=0)


def draw_features(seed=0):
    """Features that bend with two covariates, and a score of their own."""
    rng = np.random.default_rng(seed)
    age, fat, score = rng.standard_normal((3, PEOPLE))
    known = np.column_stack([age, fat, age**2, np.sin(2 * age), age * fat])
    features = np.column_stack(
        [known @ rng.standard_normal((5, 20)), score, rng.standard_normal((PEOPLE, 9))]
    )
    return features + 0.5 * rng.standard_normal(features.shape), age, fat, score


def design_of(age, fat):
    return np.column_stack([age, fat, age**2, fat**2, age**3, fat**3, age * fat])


def judge(features, design, values, **given):
    names = [f"target {number}" for number in range(values.shape[1])]
    settings = GainSettings(**{"permutations": 20, **given})
    return judge_gain(features, design, values, FOLD, phenotypes=names, sex="female", settings=settings)


def draw_confounded(age, fat, rng, targets=100):
    values = rng.standard_normal((PEOPLE, targets)) + (age + 0.7 * fat)[:, None]
    values[:, ::3] = np.exp(values[:, ::3])
    values[:, 1::3] = values[:, 1::3] > 1.0
    values[rng.random(PEOPLE) < 0.2, ::2] = np.nan
    return values


def test_p_is_uniform_where_covariates_explain_all_that_gait_tells():
    p = []
    for seed in range(3):
        features, age, fat, _ = draw_features(seed)
        values = draw_confounded(age, fat, np.random.default_rng(seed + 10))
        p.append(judge(features, design_of(age, fat), values).table["p"].to_numpy())
    p = np.concatenate(p)
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.035)
    assert kstest(p, "uniform").pvalue > 0.01


def test_covariates_that_the_design_cannot_express_are_found_as_if_they_were_gait():
    features, age, fat, _ = draw_features()
    values = np.random.default_rng(1).standard_normal((PEOPLE, 50)) + (age**2)[:, None]
    linear = judge(features, np.column_stack([age, fat]), values).table["p"]
    assert (linear < 0.05).mean() > 0.9
    assert (judge(features, design_of(age, fat), values).table["p"] < 0.05).mean() < 0.2


def test_planted_effects_are_found_in_measures_of_any_shape():
    features, age, fat, score = draw_features()
    rng = np.random.default_rng(2)
    values = rng.standard_normal((PEOPLE, 60)) + (age + fat)[:, None]
    values[:, :9] += score[:, None]
    values[:, 3:6] = np.exp(2 * values[:, 3:6])
    values[:, 6:9] = values[:, 6:9] > 0.5
    table = judge(features, design_of(age, fat), values).table
    assert (table["p"][:9] < 0.01).all()
    assert table["scored_by_rank"][:9].tolist() == [False] * 3 + [True] * 3 + [False] * 3
    assert (table["gain"][:9] > 0.02).all()
    assert table["phenotype"].tolist() == [f"target {number}" for number in range(60)]
    assert set(table["sex"]) == {"female"}


def test_ranks_find_what_a_few_extreme_people_hide():
    features, age, fat, score = draw_features()
    rng = np.random.default_rng(3)
    values = np.exp(4 * (0.5 * score[:, None] + rng.standard_normal((PEOPLE, 40))))
    by_rank, raw = (
        judge(features, design_of(age, fat), values, by_rank=each).table["p"] for each in (True, False)
    )
    assert (by_rank < 0.05).mean() > (raw < 0.05).mean() + 0.2


def test_results_do_not_depend_on_the_units_of_anything():
    features, age, fat, _ = draw_features()
    design = design_of(age, fat)
    values = draw_confounded(age, fat, np.random.default_rng(4), 12)
    first = judge(features, design, values).table
    second = judge(1000 * features + 3, 0.01 * design - 5, 1e-3 * values + 7).table
    np.testing.assert_allclose(first["p"], second["p"])
    np.testing.assert_allclose(first["gain"], second["gain"], atol=1e-7)


def test_targets_that_cannot_be_tested_keep_their_row_and_a_reason():
    features, age, fat, _ = draw_features()
    values = np.random.default_rng(5).standard_normal((PEOPLE, 6))
    values[:, 0] = np.nan
    values[30:, 1] = np.nan
    values[:, 2] = 4.0
    values[:, 3] = 2.0 * age + 1.0
    tests = judge(features, design_of(age, fat), values)
    assert tests.table["reason"].tolist() == [
        "nobody has it",
        "30 people have it, at least 50 are needed",
        "everybody has the same value",
        "the covariates tell all of it",
        "",
        "",
    ]
    assert tests.table["p"].isna().tolist() == [True] * 4 + [False] * 2
    assert np.isnan(tests.null[:, :4]).all()
    assert tests.table["n"].tolist() == [0, 30, 300, 300, 300, 300]
    assert tests.pooling["targets"].item() == 2


def test_a_table_without_any_testable_target_is_no_error():
    features, age, fat, _ = draw_features()
    tests = judge(features, design_of(age, fat), np.full((PEOPLE, 2), np.nan))
    assert tests.table["p"].isna().all()
    assert (tests.table["reason"] == "nobody has it").all()


def test_large_designs_need_more_people():
    design = np.random.default_rng(0).standard_normal((PEOPLE, 60))
    values = np.random.default_rng(1).standard_normal((PEOPLE, 1))
    values[100:] = np.nan
    reason = explain_untested(values, CovariateResiduals(design))[0]
    assert reason == "100 people have it, at least 122 are needed"


def test_values_of_the_caller_stay_as_they_were():
    features, age, fat, _ = draw_features()
    values = np.exp(np.random.default_rng(6).standard_normal((PEOPLE, 3)))
    before = values.copy()
    judge(features, design_of(age, fat), values)
    np.testing.assert_array_equal(values, before)


def test_all_faults_of_the_arrays_are_named():
    features, age, fat, _ = draw_features()
    features[:3, 0] = np.nan
    with pytest.raises(
        ValueError,
        match=r"design have 299 rows, values have 300; features of 3 people have gaps.*1 phenotypes are named, "
        r"values have 2 columns; all people are in one fold.*0 permutations",
    ):
        judge_gain(
            features,
            design_of(age, fat)[1:],
            np.zeros((PEOPLE, 2)),
            np.zeros(PEOPLE, dtype=int),
            phenotypes=["one"],
            sex="male",
            settings=GainSettings(permutations=0),
        )


def test_p_is_uniform_for_targets_that_know_nothing_beside_many_that_do():
    rng = np.random.default_rng(11)
    people, known, nothing = 400, 80, 320
    features = rng.standard_normal((people, 40))
    design = rng.standard_normal((people, 2))
    told = features[:, :3] @ rng.standard_normal((3, known)) * 0.3
    values = rng.standard_normal((people, known + nothing)) + design @ rng.standard_normal(
        (2, known + nothing)
    )
    values[:, :known] += told
    names = [f"t{number}" for number in range(known + nothing)]
    fold = deal_folds(people, folds=5, seed=0)
    settings = GainSettings(permutations=10)
    table = judge_gain(
        features, design, values, fold, phenotypes=names, sex="female", settings=settings
    ).table
    p = table["p"].to_numpy()
    assert (p[:known] < 0.05).mean() > 0.8
    assert 0.02 < (p[known:] < 0.05).mean() < 0.085
    assert 0.42 < p[known:].mean() < 0.58
