"""The people of a default cohort, apart from the files they are written to."""

from collections import Counter

import pytest
import xarray as xr

from gaitbook.synthesis import default_cohort
from gaitbook.synthesis.cohort_plans import CohortPlan
from gaitbook.synthesis.default_cohort import room_of, simulate_person
from gaitbook.synthesis.population import draw_people


def test_the_room_is_told_without_simulating_the_person(monkeypatch: pytest.MonkeyPatch):
    entered = []
    monkeypatch.setattr(default_cohort, "solve_stride", lambda *_, **__: None)
    monkeypatch.setattr(default_cohort, "record_gait", lambda *_, **__: xr.Dataset())
    monkeypatch.setattr(default_cohort, "simulate_gait", lambda *_, **__: xr.Dataset())
    monkeypatch.setattr(default_cohort, "observe_tasks", lambda *_, room, **__: entered.append(room) or [])
    people = draw_people(12, seed=3)
    for person in people.reset_index().to_dict("records"):
        list(simulate_person(person, {}, CohortPlan(12), seed=3))
    assert entered == [room_of(int(number), seed=3) for number in people["number"]]


def test_about_half_of_the_people_enter_each_room_and_another_seed_deals_them_anew():
    rooms = [room_of(number) for number in range(400)]
    assert Counter(rooms)["A"] == pytest.approx(200, abs=40)
    assert set(rooms) == {"A", "B"}
    assert rooms != [room_of(number, seed=1) for number in range(400)]
