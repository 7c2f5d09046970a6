"""Recorded people at several speeds: who is new to the model, and who is left out."""

import pytest

from gaitbook.cohort.store import read_cohort
from gaitbook.studies import recorded_speeds
from gaitbook.studies.recorded_speeds import NO_PAIR, NO_STRIDE, recorded_at_speeds
from tests.studies.stride_people import make_recorded


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make_recorded(tmp_path_factory.mktemp("recorded") / "runs")


@pytest.fixture(scope="module")
def recordings(path):
    tree = read_cohort(path)
    tree.attrs = {**tree.attrs, "label": "recorded"}
    return tree


def test_in_a_cohort_of_strangers_everybody_is_new(path, recordings):
    left_out = []
    options = {"own_mps": 3.5, "exclusions": left_out, "processes": 1}
    found = recorded_at_speeds(path, recordings, **options)
    assert [each.stride.attrs["subject"] for each in found] == ["RBDS001", "RBDS004"]
    assert [[change.speed_mps for change, _ in each.answers] for each in found] == [[2.5], [2.5]]
    assert [each.item.split("/")[-1] for each in left_out] == ["short"]
    assert {each.reason for each in left_out} == {NO_STRIDE}
    assert recorded_at_speeds(path, recordings, own_mps=3.5, learned=True) == []


def test_in_a_cohort_of_teachers_people_have_their_roles(path, recordings, monkeypatch):
    monkeypatch.setattr(recorded_speeds, "LEARNED_FROM", (recordings.attrs["name"],))
    options = {"own_mps": 3.5, "processes": 1}
    (teacher,) = recorded_at_speeds(path, recordings, learned=True, **options)
    assert teacher.stride.attrs["subject"] == "RBDS001"
    assert recorded_at_speeds(path, recordings, **options) == []


def test_who_was_not_seen_at_the_own_speed_is_counted(path, recordings):
    left_out = []
    options = {"own_mps": 5.0, "exclusions": left_out, "people": 1, "processes": 1}
    assert recorded_at_speeds(path, recordings, **options) == []
    assert [(each.item, each.reason) for each in left_out] == [("RBDS001", NO_PAIR)]


def test_simulated_people_are_not_recorded(path):
    assert recorded_at_speeds(path, read_cohort(path), own_mps=3.5) == []
