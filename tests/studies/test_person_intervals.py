import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.person_intervals import (
    coverage_of_intervals,
    fit_intervals,
    lay_intervals,
    predict_spread,
)
from tests.studies.drawn_people import draw_fold, draw_people, table


def draw_errors(people, seed=1):
    """Predictions of nought and a truth whose spread grows with age, and is shifted in the old."""
    rng = np.random.default_rng(seed)
    age = people["age_year"].to_numpy()
    truth = rng.standard_normal(len(people)) * age / 30 + np.where(age > 70, 2.0, 0.0)
    return pd.Series(0.0, people.index), pd.Series(truth, people.index)


def test_the_interval_ends_at_the_right_order_statistics():
    people = pd.DataFrame({"sex": "female", "age_year": 45.0}, index=[f"p{k}" for k in range(99)])
    truth = pd.Series(np.arange(99.0), people.index)
    fitted = fit_intervals(pd.Series(10.0, people.index), truth, people)
    laid = lay_intervals(fitted, pd.Series([0.0, 5.0], ["p0", "p1"]), people)
    # (99 + 1) 0.05 = 5: the fifth from below and from above
    assert laid["low"].tolist() == [4.0 - 10.0, 4.0 - 5.0]
    assert laid["high"].tolist() == [94.0 - 10.0, 94.0 - 5.0]


@pytest.mark.parametrize(("count", "outside"), [(40, 4), (48, 4), (49, 5), (60, 6)])
def test_coverage_is_that_of_theory_however_errors_are_distributed(count, outside):
    rng = np.random.default_rng(2)
    people = pd.DataFrame({"sex": "male", "age_year": 50.0}, index=range(count))
    new = pd.DataFrame({"sex": "male", "age_year": 55.0}, index=range(200))
    shares = []
    for _ in range(150):
        fitted = fit_intervals(
            pd.Series(0.0, people.index), pd.Series(rng.exponential(size=count), people.index), people
        )
        laid = lay_intervals(fitted, pd.Series(0.0, new.index), new)
        drawn = rng.exponential(size=200)
        shares.append(((laid["low"] <= drawn) & (drawn <= laid["high"])).mean())
    assert np.mean(shares) == pytest.approx(1 - outside / (count + 1), abs=0.01)
    assert 1 - outside / (count + 1) >= 0.9


def test_intervals_hold_in_every_band_of_people_that_were_not_learned_from():
    people = draw_people(3000)
    predicted, truth = draw_errors(people)
    coverage = coverage_of_intervals(predicted, truth, people, draw_fold(people))
    assert coverage["valid"].all()
    overall = coverage.iloc[-1]
    assert (overall["sex"], overall["band"], overall["n"]) == ("all", "all", 3000)
    assert 0.88 <= overall["share"] <= 0.92
    own = [
        "under 40 years",
        *(f"{year} to {year + 9} years" for year in (40, 50, 60)),
        "70 years and over",
        "all",
    ]
    assert coverage["band"].tolist() == [*own, *own, "all"]
    assert ((coverage["low"] < coverage["share"]) & (coverage["share"] < coverage["high"])).all()
    widths = coverage.set_index(["sex", "band"])["width"]
    assert widths["female", "70 years and over"] > 1.5 * widths["female", "under 40 years"]


def test_one_interval_for_all_would_fail_the_old():
    people = draw_people(3000)
    predicted, truth = draw_errors(people)
    flat = people.assign(age_year=50.0)
    laid = lay_intervals(fit_intervals(predicted, truth, flat), predicted, flat)
    old = people["age_year"] > 70
    assert ((laid["low"] <= truth) & (truth <= laid["high"]))[old].mean() < 0.8


def test_a_spread_that_is_known_makes_intervals_follow_it():
    people = draw_people(2000).assign(age_year=50.0)
    rng = np.random.default_rng(3)
    size = rng.uniform(0.5, 2.0, 2000)
    spread = pd.Series(size, people.index)
    truth = pd.Series(size * rng.standard_normal(2000), people.index)
    predicted = pd.Series(0.0, people.index)
    fold = draw_fold(people)
    coverage = coverage_of_intervals(predicted, truth, people, fold, spread=spread)
    assert coverage["valid"].all()
    laid = lay_intervals(
        fit_intervals(predicted, truth, people, spread=spread), predicted, people, spread=spread
    )
    np.testing.assert_allclose((laid["high"] - laid["low"]) / size, 2 * 1.645, rtol=0.1)


def test_the_spread_is_found_from_errors_of_others():
    people = draw_people(1500)
    rng = np.random.default_rng(4)
    feature = rng.standard_normal(1500)
    errors = pd.Series(np.exp(0.5 * feature) * rng.standard_normal(1500), people.index)
    spread = predict_spread(table(people, feature), errors, draw_fold(people))
    assert np.corrcoef(np.log(spread), feature)[0, 1] > 0.95
    assert spread.between(0.333, 3.001).all()


def test_errors_are_laid_about_the_model_that_did_not_know_the_person():
    people = pd.DataFrame({"sex": "female", "age_year": 45.0}, index=[f"p{k}" for k in range(40)])
    fold = pd.Series(np.arange(40) % 2, people.index)
    zero = pd.Series(0.0, people.index)
    fitted = fit_intervals(zero, zero, people, fold=fold)
    by_model = pd.DataFrame({0: [1.0], 1: [3.0]}, ["p0"])
    laid = lay_intervals(fitted, by_model, people)
    assert laid.loc["p0", ["predicted", "low", "high"]].tolist() == [2.0, 1.0, 3.0]
    with pytest.raises(ValueError, match="2 models were given, but none without fold 1"):
        lay_intervals(fitted, by_model.rename(columns={1: 2}), people)


def test_several_equal_models_give_the_interval_of_one():
    people = draw_people(400)
    predicted, truth = draw_errors(people)
    fold = draw_fold(people)
    fitted = fit_intervals(predicted, truth, people, fold=fold)
    several = pd.DataFrame(dict.fromkeys(range(5), predicted))
    pd.testing.assert_frame_equal(
        lay_intervals(fitted, several, people), lay_intervals(fitted, predicted, people)
    )


def test_people_without_a_value_teach_nothing_and_are_not_judged():
    people = draw_people(500)
    predicted, truth = draw_errors(people)
    truth.iloc[:100] = np.nan
    coverage = coverage_of_intervals(predicted, truth, people, draw_fold(people))
    assert coverage.iloc[-1]["n"] == 400


def test_a_band_with_too_few_people_has_no_end():
    people = pd.DataFrame({"sex": "male", "age_year": 50.0}, index=range(50))
    zero = pd.Series(0.0, people.index)
    fitted = fit_intervals(zero, zero, people)
    few = type(fitted)(fitted.errors.iloc[:18], fitted.bands)
    laid = lay_intervals(few, zero, people)
    assert np.isinf(laid["low"]).all()
    assert np.isinf(laid["high"]).all()


def test_too_few_people_are_refused():
    people = draw_people(60)
    zero = pd.Series(0.0, people.index)
    with pytest.raises(ValueError, match="female people: 30, an interval needs 40: leave that sex out"):
        fit_intervals(zero, zero, people)
