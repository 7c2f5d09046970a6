"""Recorded people at several speeds: who is new to the model, who taught it, and who is left out."""

import logging

import pytest

from gaitbook.cohort.store import read_cohort
from gaitbook.representation.gait_change import DOSES, GaitChange
from gaitbook.studies import recorded_speeds
from gaitbook.studies.recorded_speeds import NO_PAIR, NO_STRIDE, recorded_answers, recorded_at_speeds
from gaitbook.studies.stride_library import measured_stride
from tests.studies.stride_people import make_recorded
from tests.studies.stub_walkers import still_model

STRANGER = still_model(cohorts=["another"])
MEASURED = {}
"""Strides by subject and trial."""


@pytest.fixture(scope="module", autouse=True)
def _measured_once():
    """Each trial is measured the first time only."""

    def measure(trial):
        place = (trial.attrs["subject"], trial.attrs["trial"])
        if place not in MEASURED:
            MEASURED[place] = measured_stride(trial)
        return MEASURED[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorded_speeds, "measured_stride", measure)
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make_recorded(tmp_path_factory.mktemp("recorded") / "runs")


@pytest.fixture(scope="module")
def recordings(path):
    tree = read_cohort(path)
    tree.attrs = {**tree.attrs, "label": "recorded"}
    return tree


@pytest.fixture(scope="module")
def runners(path):
    return recorded_answers(path, wanted="calibrate", processes=1)


def test_people_are_asked_for_their_other_speeds_of_the_same_gait(runners):
    assert [known.stride.attrs["subject"] for known in runners] == ["RBDS004", "RBDS004"]
    told = [
        (known.stride.attrs["speed_mps"], [change.speed_mps for change, _ in known.answers])
        for known in runners
    ]
    assert told == [(2.5, [3.5]), (3.5, [2.5])]
    first, second = runners
    ((change, stride),) = first.answers
    assert stride is second.stride
    assert change == GaitChange(speed_mps=3.5)


def test_what_a_person_is_told_by_is_also_the_truth(runners):
    for known in runners:
        assert known.stride is known.true_own
        assert all(known.true_own.attrs.get(name, 0.0) == 0.0 for name in DOSES)


def test_one_speed_may_be_wanted_and_nobody_may_have_it_or_the_role(path):
    (known,) = recorded_answers(path, wanted="calibrate", own_mps=3.48, processes=1)
    assert known.stride.attrs["speed_mps"] == 3.5
    assert recorded_answers(path, wanted="calibrate", own_mps=3.0, processes=1) == []
    assert recorded_answers(path, wanted="test", processes=1) == []


def test_what_is_left_out_is_logged_where_nobody_counts_it(path, caplog):
    with caplog.at_level(logging.WARNING):
        recorded_answers(path, wanted="calibrate", own_mps=3.5, processes=1)
    assert f"RBDS004/short: {NO_STRIDE}" in caplog.text


def test_in_a_cohort_of_strangers_everybody_is_new(path, recordings):
    left_out = []
    options = {"own_mps": 3.5, "exclusions": left_out, "processes": 1}
    found = recorded_at_speeds(path, recordings, STRANGER, **options)
    assert [each.stride.attrs["subject"] for each in found] == ["RBDS001", "RBDS004"]
    assert [[change.speed_mps for change, _ in each.answers] for each in found] == [[2.5], [2.5]]
    assert [each.item.split("/")[-1] for each in left_out] == ["short"]
    assert {each.reason for each in left_out} == {NO_STRIDE}
    assert recorded_at_speeds(path, recordings, STRANGER, own_mps=3.5, learned=True) == []


def test_in_a_cohort_of_which_the_model_has_learned_people_have_their_roles(path, recordings):
    model = still_model(cohorts=["another", recordings.attrs["name"]])
    options = {"own_mps": 3.5, "processes": 1}
    (teacher,) = recorded_at_speeds(path, recordings, model, learned=True, **options)
    assert teacher.stride.attrs["subject"] == "RBDS001"
    assert recorded_at_speeds(path, recordings, model, **options) == []


def test_who_was_not_seen_at_the_own_speed_is_counted(path, recordings):
    left_out = []
    options = {"own_mps": 5.0, "exclusions": left_out, "people": 1, "processes": 1}
    assert recorded_at_speeds(path, recordings, STRANGER, **options) == []
    assert [(each.item, each.reason) for each in left_out] == [("RBDS001", NO_PAIR)]


def test_simulated_people_are_not_recorded(path):
    assert recorded_at_speeds(path, read_cohort(path), STRANGER, own_mps=3.5) == []
