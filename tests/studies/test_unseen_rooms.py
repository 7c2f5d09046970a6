import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.unseen_rooms import leave_one_room_out
from tests.studies.drawn_people import draw_people, table


def test_groups_in_which_rooms_are_mixed_are_as_large_as_the_rooms():
    people = draw_people(300)
    rooms = pd.Series(np.where(np.arange(300) < 100, "small", "large"), people.index)
    asked = []

    def predict(_features, values, _covariates, fold):
        asked.append(np.bincount(fold).tolist())
        return values

    leave_one_room_out(
        table(people, np.arange(300.0)), rooms, table(people, np.arange(300.0)), people, predict=predict
    )
    assert len(asked) == 2 * (1 + 5)
    assert all(sizes == [100, 50] for sizes in asked)


def test_predictions_that_are_too_high_in_a_new_room_count_as_wrong():
    people = draw_people(400)
    rooms = pd.Series(np.where(np.arange(400) % 4 < 2, "A", "B"), people.index)
    truth = np.random.default_rng(1).standard_normal((100, 4))
    truth = ((truth - truth.mean(axis=0)) / truth.std(axis=0)).ravel()
    known = table(people, truth)
    first = []

    def predict(_features, values, _covariates, fold):
        is_new = not first
        first.append(is_new)
        return values + 3.0 * fold[:, None] if is_new else values

    shifted = leave_one_room_out(table(people, truth), rooms, known, people, predict=predict, repeats=1)
    # the first sex was shifted by room: r falls to 1 / sqrt(1 + 1.5^2)
    assert shifted.loc[0, "new_room"] == pytest.approx(1 / np.sqrt(1 + 1.5**2), abs=0.01)
    assert shifted.loc[1, "loss"] == pytest.approx(0.0, abs=1e-9)


def test_rooms_without_a_row_for_everybody_are_refused():
    people = draw_people(200)
    rooms = pd.Series("A", people.index[:190])
    with pytest.raises(ValueError, match=r"10 people of the features have no row in rooms.*1 room is there"):
        leave_one_room_out(table(people, np.arange(200.0)), rooms, table(people, np.arange(200.0)), people)
