import numpy as np
import pytest

from gaitbook.studies.feature_scores import (
    DEMOGRAPHICS,
    compare_features,
    planted_sets,
    predict_targets,
    score_features,
)
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.population import draw_people as draw_synthetic
from tests.studies.drawn_people import draw_people, table

PEOPLE = draw_people(500)
AGE = ((PEOPLE["age_year"] - PEOPLE["age_year"].mean()) / PEOPLE["age_year"].std()).to_numpy()
RNG = np.random.default_rng(4)
NOISE = [RNG.standard_normal((len(PEOPLE), 3)) for _ in range(4)]


def sets():
    return {
        "clear": table(PEOPLE, AGE[:, None] + 0.5 * NOISE[0]),
        "dim": table(PEOPLE, AGE[:, None] + 2.0 * NOISE[1]),
        "nothing": table(PEOPLE, NOISE[2]),
    }


def test_scores_follow_what_features_tell_and_demographics_stand_beside_them():
    scores = score_features(sets(), PEOPLE, targets=["age"]).set_index(["sex", "features"])
    for sex in ("female", "male"):
        own = scores.loc[sex]
        assert list(own.index) == [DEMOGRAPHICS, "clear", "dim", "nothing"]
        assert own.loc["clear", "r"] == pytest.approx(1 / np.sqrt(1 + 0.25 / 3), abs=0.02)
        assert own.loc["dim", "r"] == pytest.approx(1 / np.sqrt(1 + 4 / 3), abs=0.1)
        assert own.loc["nothing", "low"] < 0.05
        assert (own["low"] <= own["r"]).all()
        assert (own["r"] <= own["high"]).all()
        assert set(own["n"]) == {250}


def test_a_gain_is_the_difference_of_scores():
    scores = score_features(sets(), PEOPLE, targets=["age"]).set_index(["sex", "features"])["r"]
    gains = compare_features(sets(), PEOPLE, "clear", "dim").set_index("sex")
    for sex in ("female", "male"):
        assert gains.loc[sex, "gain"] == pytest.approx(scores[sex, "clear"] - scores[sex, "dim"], abs=1e-9)
        assert gains.loc[sex, "low"] > 0
    same = compare_features(sets() | {"again": sets()["clear"]}, PEOPLE, "clear", "again")
    assert (same[["gain", "low", "high"]] == 0).all(axis=None)
    itself = compare_features(sets(), PEOPLE, "clear", "clear")
    assert (itself[["gain", "low", "high"]] == 0).all(axis=None)


def test_features_that_are_not_there_are_named():
    with pytest.raises(ValueError, match="no features clever; there are clear, dim, nothing"):
        compare_features(sets(), PEOPLE, "clear", "clever")


def test_predictions_are_in_the_unit_of_the_target_and_of_other_folds():
    predicted, fold = predict_targets(sets()["clear"], PEOPLE, targets=["age", "bmi"])
    assert predicted["age"].mean() == pytest.approx(PEOPLE["age_year"].mean(), abs=1)
    assert (predicted["age"] - PEOPLE["age_year"]).std() < 6
    assert fold.value_counts().max() - fold.value_counts().min() <= 2
    changed = PEOPLE.copy()
    changed.loc[fold == 0, "age_year"] = 50 + 0.001 * np.arange((fold == 0).sum())
    again, _ = predict_targets(sets()["clear"], PEOPLE, targets=["age"])
    np.testing.assert_allclose(again["age"], predicted["age"])


def test_styles_are_of_shape_or_of_motion():
    styles = draw_causes(draw_synthetic(20), seed=0).styles
    found = planted_sets(styles)
    assert list(found) == ["all styles", "shape", "motion"]
    assert not set(found["shape"]) & set(found["motion"])
    assert set(found["shape"]) | set(found["motion"]) == set(styles)
    assert min(each.shape[1] for each in found.values()) > 0
