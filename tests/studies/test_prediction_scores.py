import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, mean_absolute_error, r2_score, roc_auc_score

from gaitbook.studies.prediction_scores import redrawn_areas, redrawn_brier_scores, score_values
from tests.studies.drawn_people import draw_fold, draw_people, table


def draw(people, *, targets=3, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((len(people), targets))
    predicted = truth * np.linspace(0.2, 1.0, targets) + rng.standard_normal(truth.shape)
    return table(people, *predicted.T), table(people, *truth.T)


def scores(found, measure, sex="all"):
    return found[(found["measure"] == measure) & (found["sex"] == sex)].set_index("phenotype")


def test_scores_are_those_of_scikit_learn():
    people = draw_people(200)
    predicted, truth = draw(people)
    one_fold = pd.Series(0, people.index)
    found = score_values(predicted, truth, one_fold, people["sex"], draws=20)
    for name in predicted:
        women = (people["sex"] == "female").to_numpy()
        for sex, rows in {"all": slice(None), "female": women, "male": ~women}.items():
            pair = truth[name][rows], predicted[name][rows]
            assert scores(found, "r", sex)["value"][name] == pytest.approx(np.corrcoef(pair)[0, 1])
            assert scores(found, "r2", sex)["value"][name] == pytest.approx(r2_score(*pair))
            assert scores(found, "mae", sex)["value"][name] == pytest.approx(mean_absolute_error(*pair))
    assert (found["reason"] == "").all()


def test_areas_and_brier_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    told, truth = rng.random((50, 1)).round(1), (rng.random((50, 1)) < 0.5).astype(float)
    truth[3], told[5] = np.nan, np.nan
    rest = np.delete(np.arange(50), [3, 5])
    weights, fold = np.ones((1, 50)), np.zeros(50, dtype=int)
    expected = brier_score_loss(truth[rest, 0], told[rest, 0])
    assert redrawn_brier_scores(told, truth, fold, weights)[0, 0] == pytest.approx(expected)
    expected = roc_auc_score(truth[rest, 0], told[rest, 0])
    assert redrawn_areas(told, truth, fold, weights)[0, 0] == pytest.approx(expected)


def test_intervals_are_as_wide_as_theory_says():
    people = draw_people(1000)
    predicted, truth = draw(people)
    found = scores(score_values(predicted, truth, draw_fold(people), people["sex"]), "r")
    width = (found["high"] - found["low"]) / (2 * 1.96)
    np.testing.assert_allclose(width, (1 - found["value"] ** 2) / np.sqrt(1000), rtol=0.15)
    assert ((found["low"] < found["value"]) & (found["value"] < found["high"])).all()


def test_means_of_folds_do_not_move_correlation_or_area():
    people = draw_people(300)
    predicted, truth = draw(people)
    fold = draw_fold(people)
    moved = predicted.add(-5.0 * fold, axis=0)
    first, second = (score_values(each, truth, fold, people["sex"], draws=5) for each in (predicted, moved))
    np.testing.assert_allclose(scores(first, "r")["value"], scores(second, "r")["value"])
    answers, ones = 1.0 * (truth > 0), np.ones((1, len(people)))
    areas = (
        redrawn_areas(each.to_numpy(), answers.to_numpy(), fold.to_numpy(), ones)
        for each in (predicted, moved)
    )
    np.testing.assert_allclose(*areas)


def test_redrawn_areas_are_those_of_people_drawn_again():
    rng = np.random.default_rng(0)
    predicted, truth = rng.standard_normal((60, 1)).round(1), rng.integers(0, 2, (60, 1)).astype(float)
    drawn = rng.integers(0, 60, 60)
    weights = np.bincount(drawn, minlength=60)[None].astype(float)
    area = redrawn_areas(predicted, truth, np.zeros(60, dtype=int), weights)
    assert area[0, 0] == pytest.approx(roc_auc_score(truth[drawn, 0], predicted[drawn, 0]))


def test_the_same_redraws_serve_all_targets():
    people = draw_people(100)
    predicted, truth = draw(people)
    together = score_values(predicted, truth, draw_fold(people), people["sex"], draws=50)
    alone = score_values(predicted.iloc[:, [1]], truth, draw_fold(people), people["sex"], draws=50)
    first = together[together["phenotype"] == "column 1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, alone)


def test_gaps_are_left_out_and_counted():
    people = draw_people(100)
    predicted, truth = draw(people)
    gaps = truth.copy()
    gaps.iloc[:30, 0] = np.nan
    fold = pd.Series(0, people.index)
    found = score_values(predicted, gaps, fold, people["sex"], draws=20)
    expected = score_values(predicted.iloc[30:], truth.iloc[30:], fold, people["sex"], draws=20)
    for measure in ("r", "r2", "mae"):
        row = scores(found, measure).loc["column 0"]
        assert row["n"] == 70
        assert row["value"] == pytest.approx(scores(expected, measure)["value"]["column 0"])


def test_order_of_rows_of_the_other_tables_does_not_matter():
    people = draw_people(100)
    predicted, truth = draw(people)
    fold = draw_fold(people)
    first = score_values(predicted, truth, fold, people["sex"], draws=20)
    second = score_values(predicted, truth.iloc[::-1], fold.iloc[::-1], people["sex"].iloc[::-1], draws=20)
    pd.testing.assert_frame_equal(first, second)


def test_targets_without_a_score_say_why():
    people = draw_people(100)
    predicted, truth = draw(people)
    truth["column 0"], truth["column 1"] = 3.0, np.nan
    predicted["column 2"] = 1.0
    found = score_values(predicted, truth, pd.Series(0, people.index), people["sex"], draws=20)
    assert scores(found, "r")["reason"].tolist() == [
        "all values are the same",
        "0 people have a value and a prediction: at least 10 are needed",
        "all predictions are the same",
    ]
    assert scores(found, "r")["value"].isna().all()
    assert np.isfinite(scores(found, "mae")["value"]["column 2"])


def test_one_woman_has_no_score_and_the_men_do():
    people = draw_people(40).assign(sex="male")
    people.loc["p5", "sex"] = "female"
    predicted, truth = draw(people)
    found = score_values(predicted, truth, draw_fold(people), people["sex"], draws=20)
    women = scores(found, "r", "female")
    assert women["value"].isna().all()
    assert set(women["reason"]) == {"1 people have a value and a prediction: at least 10 are needed"}
    assert np.isfinite(scores(found, "r", "male")["value"]).all()


def test_all_faults_are_named():
    people = draw_people(30)
    predicted, truth = draw(people)
    with pytest.raises(
        ValueError,
        match=r"2 people with predictions have no row in fold.*1 rows of truth repeat a person.*1 phenotypes have",
    ):
        score_values(
            predicted,
            pd.concat([truth, truth.iloc[:1]]).drop(columns="column 2"),
            draw_fold(people).iloc[2:],
            people["sex"],
        )
