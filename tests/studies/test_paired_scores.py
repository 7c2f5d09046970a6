import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.paired_scores import (
    COVARIATES,
    center_within,
    limits_of,
    predict_beyond,
    redraw_people,
    redrawn_correlations,
    require_tables,
    score_predictions,
    score_sets,
)
from gaitbook.studies.unseen_ridge import correlate_within
from tests.studies.drawn_people import draw_fold, draw_people, table


def test_scores_of_people_drawn_once_are_those_within_folds():
    rng = np.random.default_rng(0)
    truth, fold = rng.standard_normal((90, 6)), np.arange(90) % 4
    predicted = truth + rng.standard_normal((90, 6))
    truth[rng.random((90, 6)) < 0.2] = np.nan
    drawn = redrawn_correlations(predicted, truth, fold, np.ones((1, 90)))[0]
    np.testing.assert_allclose(drawn, correlate_within(predicted, truth, fold), atol=1e-12)


def test_drawing_a_person_twice_is_having_the_person_twice():
    rng = np.random.default_rng(1)
    truth = rng.standard_normal((40, 3))
    predicted, fold = truth + rng.standard_normal((40, 3)), np.zeros(40, dtype=int)
    times = rng.integers(0, 3, 40)
    drawn = redrawn_correlations(predicted, truth, fold, times[None].astype(float))[0]
    repeated = np.repeat(np.arange(40), times)
    expected = [np.corrcoef(predicted[repeated, k], truth[repeated, k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(drawn, expected, atol=1e-12)


def test_every_redraw_has_as_many_people():
    weights = redraw_people(50, draws=20, seed=3)
    assert (weights.sum(axis=1) == 50).all()
    np.testing.assert_array_equal(weights, redraw_people(50, draws=20, seed=3))


def test_unknown_values_are_zero_about_the_mean_of_their_fold():
    values = np.array([[1.0], [3.0], [np.nan], [10.0]])
    np.testing.assert_allclose(center_within(values, np.array([0, 0, 0, 1])).ravel(), [-1.0, 1.0, 0.0, 0.0])


def test_the_interval_of_a_difference_is_narrower_than_that_of_two_studies():
    people = draw_people(600)
    rng = np.random.default_rng(2)
    score, noise = rng.standard_normal((2, 600))
    own = table(people, score + noise), table(people, score + noise + 0.3 * rng.standard_normal(600))
    values = table(people, score)
    scores = score_sets(
        {"first": own[0], "second": own[1]}, values, people[list(COVARIATES)], draw_fold(people)
    )
    apart = (scores.drawn[0] - scores.drawn[1]).std()
    assert apart < 0.5 * np.hypot(scores.drawn[0].std(), scores.drawn[1].std())
    assert scores.r[0] == pytest.approx(np.sqrt(0.5), abs=0.06)
    low, high = limits_of(scores.drawn[0])
    assert low < scores.r[0] < high


def test_what_covariates_tell_counts_for_nothing():
    people = draw_people()
    age = people["age_year"].to_numpy()
    rng = np.random.default_rng(4)
    features = table(people, age + rng.standard_normal(400), rng.standard_normal(400))
    values = table(people, age + 5 * rng.standard_normal(400))
    scores = score_sets({"all": features}, values, people[list(COVARIATES)], draw_fold(people), draws=50)
    assert abs(scores.r[0, 0]) < 0.12


def test_targets_that_do_not_vary_or_are_unknown_have_no_score():
    people = draw_people(100)
    values = table(people, np.ones(100), np.full(100, np.nan), np.arange(100.0))
    values.iloc[::7] = np.nan
    features = table(people, np.random.default_rng(5).standard_normal(100))
    scores = score_sets({"all": features}, values, people[list(COVARIATES)], draw_fold(people), draws=20)
    assert np.isnan(scores.r[0]).tolist() == [True, True, False]
    assert scores.n.tolist() == [0, 0, 85]
    low, _ = limits_of(scores.drawn[0])
    assert np.isnan(low[:2]).all()


def test_perfect_predictions_have_a_perfect_score():
    people = draw_people(80)
    known = table(people, np.random.default_rng(6).standard_normal(80))
    none = pd.DataFrame(index=people.index)
    scores = score_predictions({"truth": known.to_numpy()}, known, none, np.zeros(80, dtype=int), draws=10)
    np.testing.assert_allclose(scores.drawn, 1.0)


def test_predictions_of_unknown_values_teach_nothing():
    people = draw_people(200)
    told = people[list(COVARIATES)].to_numpy()
    rng = np.random.default_rng(7)
    features, values = rng.standard_normal((200, 5)), rng.standard_normal((200, 2))
    values[::2, 1] = np.nan
    predicted = predict_beyond(features, values, told, draw_fold(people).to_numpy())
    assert np.isfinite(predicted).all()


def test_all_faults_of_the_tables_are_named():
    people = draw_people(120)
    features = table(people, np.arange(120.0))
    features.iloc[:3] = np.nan
    short = pd.concat([people.iloc[:50], people.iloc[49:100]]).drop(columns="height_m")
    with pytest.raises(
        ValueError,
        match=r"no column height_m; 20 people .*no row in people; 1 rows of people repeat.*3 people in whole have gaps",
    ):
        require_tables({"whole": features}, {}, short)


def test_a_sex_with_too_few_people_and_unknown_ages_are_named():
    people = draw_people(120)
    people["sex"] = ["female"] + ["male"] * 119
    people.iloc[5, 1] = np.nan
    with pytest.raises(ValueError, match=r"people without age_year: 1.*female people: 1, at least 50"):
        require_tables({"whole": table(people, np.arange(120.0))}, {}, people)
