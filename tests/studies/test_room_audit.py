import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.room_audit import areas_under_curve, compare_without_room, find_rooms, state_rooms
from gaitbook.studies.unseen_rooms import leave_one_room_out
from tests.studies.drawn_people import draw_fold, draw_people, table


def draw_rooms(people, seed=5):
    rng = np.random.default_rng(seed)
    return pd.Series(rng.choice(["A", "B", "C"], len(people)), people.index)


def draw_features(people, rooms, *, offset=0.0, score=None, seed=6):
    values = np.random.default_rng(seed).standard_normal((len(people), 8))
    values[:, 0] += offset * (rooms == "A")
    values[:, 1] += 0.0 if score is None else score
    return table(people, values)


def test_areas_are_those_of_ordered_pairs():
    scores = np.array([[0.1], [0.4], [0.4], [0.9]])
    member = np.array([[0.0], [1.0], [0.0], [1.0]])
    # of four pairs three are in order and one is tied
    assert areas_under_curve(scores, member)[0] == pytest.approx(3.5 / 4)


def test_a_planted_room_is_found_and_the_others_are_not_told_apart():
    people = draw_people()
    rooms = draw_rooms(people)
    signal = find_rooms(
        draw_features(people, rooms, offset=2.0), rooms, people, draw_fold(people), permutations=99
    )
    assert signal.p == pytest.approx(0.01)
    assert signal.areas["A"] == pytest.approx(0.921, abs=0.03)
    assert signal.area > signal.chance


def test_rooms_that_leave_no_trace_are_found_as_often_as_chance_will():
    people = draw_people(200)
    rooms = draw_rooms(people)
    fold = draw_fold(people)
    p = [
        find_rooms(draw_features(people, rooms, seed=seed), rooms, people, fold, permutations=19, seed=seed).p
        for seed in range(25)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.17
    assert np.mean(p) == pytest.approx(0.5, abs=0.17)


def test_what_age_tells_of_the_room_is_not_the_room():
    people = draw_people()
    rooms = pd.Series(np.where(people["age_year"] > 55, "A", "B"), people.index)
    features = draw_features(people, rooms, score=people["age_year"].to_numpy())
    signal = find_rooms(features, rooms, people, draw_fold(people), permutations=99)
    assert signal.area < 0.6


def test_predictions_that_rest_on_the_room_fall_with_it():
    people = draw_people(600)
    rooms = draw_rooms(people)
    rng = np.random.default_rng(7)
    score = rng.standard_normal(600)
    features = draw_features(people, rooms, offset=3.0, score=2 * score)
    values = table(
        people, 1.0 * (rooms == "A") + 0.3 * rng.standard_normal(600), score, names=["room", "health"]
    )
    result = compare_without_room(features, rooms, values, people, draw_fold(people)).set_index(
        ["sex", "target"]
    )
    for sex in ("female", "male"):
        assert result.loc[(sex, "room"), "low"] > 0.3
        assert result.loc[(sex, "room"), "room_share"] > 0.5
        assert result.loc[(sex, "health"), "room_share"] < 0.05
        assert abs(result.loc[(sex, "health"), "loss"]) < 0.03


def test_a_room_that_bends_what_features_say_is_noticed_when_it_is_new():
    people = draw_people(900)
    rooms = draw_rooms(people)
    rng = np.random.default_rng(8)
    score = rng.standard_normal(900)
    turned = np.where(rooms == "A", -1.0, 1.0) * score
    features = draw_features(people, rooms, offset=0.0, score=turned)
    features["steady"] = score + rng.standard_normal(900)
    values = table(people, score)
    bent = leave_one_room_out(features, rooms, values, people, repeats=3)
    even = leave_one_room_out(features[["steady"]], rooms, values, people, repeats=3)
    assert (bent["low"] > 0).all()
    assert (even["low"] <= 0.01).all()
    assert even["loss"].abs().max() < 0.02
    assert (bent["n"] == 450).all()


def test_the_verdict_says_what_was_found():
    people = draw_people()
    rooms = draw_rooms(people)
    features = draw_features(people, rooms, offset=3.0)
    values = table(people, np.random.default_rng(9).standard_normal(400))
    fold = draw_fold(people)
    words = state_rooms(
        find_rooms(features, rooms, people, fold, permutations=39),
        compare_without_room(features, rooms, values, people, fold, draws=50),
        leave_one_room_out(features, rooms, values, people, repeats=2, draws=50),
    )
    assert words.startswith("The room can be told from the features (area under the curve 0.")
    assert "In a room that was never seen r falls by" in words


def test_one_room_and_small_rooms_are_refused():
    people = draw_people()
    features = draw_features(people, draw_rooms(people))
    one = pd.Series("A", people.index)
    with pytest.raises(ValueError, match="1 room is there: an audit needs 2 or more"):
        find_rooms(features, one, people, draw_fold(people))
    one.iloc[:3] = "B"
    with pytest.raises(
        ValueError, match=r"no column bmi_kgm2; 3 people are of room B|no column bmi_kgm2.*3 people"
    ):
        find_rooms(features, one, people.drop(columns="bmi_kgm2"), draw_fold(people))
