import numpy as np
import pytest
import xarray as xr

from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies import known_changes
from gaitbook.studies.known_changes import (
    FASTEST_MPS,
    SLOWEST_MPS,
    can_run,
    modifications,
    random_changes,
    simulated_answers,
)
from gaitbook.studies.motion_training import role
from gaitbook.studies.stride_library import DOSE_RANGE, RUN_MPS, RUN_SHARE, WALK_MPS
from gaitbook.synthesis.population import draw_people
from tests.studies.stride_people import CHANGES, FASTER, LEAN, answer

KINDS = (
    "trunk lean",
    "toe-in",
    "toe-out",
    "narrower steps",
    "wider steps",
    "medial thrust",
    "shorter strides",
    "longer strides",
)
SEEDS = range(200)


@pytest.fixture
def simulated(monkeypatch):
    """Requests to the simulator, which then answers at once."""
    asked, own = [], answer().true_own

    def stride(person, _, request, *, seed):
        asked.append((person["subject"], request, seed))
        return own

    monkeypatch.setattr(known_changes, "simulated_stride", stride)
    return asked


def test_everybody_is_asked_for_each_change_alone_and_for_two_pairs():
    asked = modifications()
    kinds = [change.kind for change in asked]
    assert set(kinds) == {*KINDS, "several"}
    assert kinds[-2:] == ["several"] * 2
    assert len(set(asked)) == len({change.label for change in asked}) == len(asked) == 16
    for change in asked:
        for name, (low, high) in DOSE_RANGE.items():
            assert low <= change.doses[name] <= high


@pytest.mark.parametrize(("gait", "share", "speeds"), [("walk", 1.0, WALK_MPS), ("run", RUN_SHARE, RUN_MPS)])
def test_random_changes_are_one_of_every_kind_two_of_several_and_two_of_speed(gait, share, speeds):
    for seed in SEEDS:
        asked = random_changes(np.random.default_rng(seed), gait=gait)
        assert [change.kind for change in asked] == [*KINDS, "several", "several", "speed", "speed"]
        for change in asked[:-2]:
            for name, (low, high) in DOSE_RANGE.items():
                assert share * low <= change.doses[name] <= share * high
        assert all(speeds[0] <= change.speed_mps <= speeds[1] for change in asked[-2:])


def test_random_doses_are_not_too_small_to_matter():
    for name, bounds in DOSE_RANGE.items():
        drawn = [
            change.doses[name] / bounds[change.doses[name] > 0.0]
            for seed in SEEDS
            for change in random_changes(np.random.default_rng(seed), gait="walk")
            if change.doses[name]
        ]
        assert 0.15 <= min(drawn) < 0.2
        assert 0.95 < max(drawn) <= 1.0


def test_the_same_random_numbers_ask_for_the_same():
    first, again, other = (random_changes(np.random.default_rng(seed), gait="walk") for seed in (1, 1, 2))
    assert first == again != other


def test_who_is_asked_for_nothing_answers_with_their_own_stride():
    change, stride = answer().answers[0]
    assert change == GaitChange()
    xr.testing.assert_identical(stride, answer().true_own)


def test_answers_come_in_the_order_of_the_requests_at_the_speed_asked_for():
    known = answer()
    assert tuple(change for change, _ in known.answers) == CHANGES
    assert [stride.attrs["speed_mps"] for _, stride in known.answers] == [1.2, 1.2, FASTER.speed_mps]
    assert known.stride.attrs["speed_mps"] == known.true_own.attrs["speed_mps"] == 1.2


def test_a_person_who_leans_sways_their_trunk_more():
    def sway_rad(stride):
        return float(np.ptp(stride["joint_angle"].sel(coordinate="lumbar_bending").values))

    known = answer()
    assert sway_rad(dict(known.answers)[LEAN]) > sway_rad(known.true_own) + LEAN.trunk_lean_rad


def test_the_body_is_that_of_the_person():
    person = draw_people(1, seed=0).iloc[0]
    assert answer().body.mass_kg == pytest.approx(person["mass_kg"])
    assert answer().stride.attrs["subject"] == "person-0001"


def test_only_what_is_asked_for_differs_between_requests(simulated):
    simulated_answers(3, CHANGES, gait="run", speed_mps=3.0, seed=2)
    assert [(subject, seed) for subject, _, seed in simulated] == [("person-0004", 2)] * 5
    assert [request for _, request, _ in simulated] == [
        ("run", 3.0, {}, False),
        ("run", 3.0, {"trunk_lean_rad": 0.2}, False),
        ("run", 1.6, {}, False),
        ("run", 3.0, {}, True),
        ("run", 3.0, {}, False),
    ]


def test_by_default_people_walk_as_they_like_within_reason(simulated):
    people = draw_people(40, seed=0)["comfortable_speed_mps"]
    for number in (int(people.argmin()), int(people.argmax()), 0):
        simulated.clear()
        simulated_answers(number, ())
        expected = min(max(people.iloc[number], SLOWEST_MPS), FASTEST_MPS)
        assert [request for _, request, _ in simulated] == [
            ("walk", expected, {}, True),
            ("walk", expected, {}, False),
        ]


def test_people_below_two_hundred_are_those_of_the_default_cohort(simulated):
    for population in ("default", "default-large"):
        simulated_answers(199, (), population=population)
    (first, _, second, _) = simulated
    assert first == second
    assert role(first[0]) == "test"


def test_the_young_and_light_can_run():
    people = draw_people(40, seed=0)
    for number in range(40):
        person = people.iloc[number]
        assert can_run(number) == (person["age_year"] < 65.0 and person["bmi_kgm2"] < 32.0)
    assert len({can_run(number) for number in range(40)}) == 2
