import numpy as np
import pytest
import torch

from gaitbook.representation.channels import ANGLES
from gaitbook.representation.gait_change import DOSES
from gaitbook.representation.stride import mean_stride, mirror_stride
from gaitbook.representation.stride_numbers import NAMES, encode_stride
from gaitbook.studies import stride_library
from gaitbook.studies.stride_library import (
    DOSE_RANGE,
    FACTS,
    HEAVIEST_RUNNER_KGM2,
    OLDEST_RUNNER_YEARS,
    RUN_MPS,
    RUN_SHARE,
    WALK_MPS,
    draw_requests,
    encode_strides,
    facts_table,
    measured_stride,
    record_strides,
    simulate_strides,
)
from gaitbook.synthesis.closed_form import simulate_trial
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.studies.stride_people import (
    NUMBERS_TO_LEARN_FROM,
    POSSIBLE,
    RECORDED,
    answer,
    library,
    recorded_library,
)

PEOPLE = 300
YOUNG = {"comfortable_speed_mps": 1.3, "age_year": 40.0, "bmi_kgm2": 24.0}
UNSEEN = ("lumbar", "arm", "elbow", "pro_sup", "neck")
"""Coordinates of the trunk and the arms begin like this."""


def requests(seed=0, **changed):
    return list(draw_requests({**YOUNG, **changed}, np.random.default_rng(seed)))


def of_gait(asked, gait):
    return [request for request in asked if request[0] == gait]


@pytest.fixture(scope="module")
def everybody():
    """What many young people are asked for."""
    return [requests(seed) for seed in range(PEOPLE)]


@pytest.fixture(scope="module")
def walk():
    """A walk of which motion and force are known, every stride like the last."""
    person = draw_people(1, seed=0).iloc[0]
    return simulate_gait(
        person, speed_mps=1.3, gait="walk", styles={}, duration_s=2.8, variability=0.0
    ).drop_vars("joint_moment")


@pytest.fixture(scope="module")
def recorded():
    return recorded_library()


@pytest.fixture(scope="module")
def simulated():
    return library()


@pytest.fixture(scope="module")
def known():
    """A walker, and what they answer to some requests."""
    return answer()


def test_a_person_walks_at_three_speeds_changed_in_eight_ways(everybody):
    for asked in everybody:
        walks = of_gait(asked, "walk")
        plain = [request for request in walks if not request[2]]
        assert len(walks) - len(plain) == 8
        assert [measured for *_, measured in plain] == [True, False, False, False]
        assert plain[0][1] == plain[1][1] == YOUNG["comfortable_speed_mps"]
        assert len({speed for _, speed, *_ in walks}) == 3
        assert all(WALK_MPS[0] <= speed <= WALK_MPS[1] for _, speed, *_ in plain[2:])


def test_a_person_runs_at_four_speeds_changed_in_two_ways(everybody):
    for asked in everybody:
        runs = of_gait(asked, "run")
        plain = [request for request in runs if not request[2]]
        assert len(runs) - len(plain) == 2
        assert [measured for *_, measured in plain] == [True, False, False, False, False]
        assert len({speed for _, speed, *_ in runs}) == 4
        assert all(RUN_MPS[0] <= speed <= RUN_MPS[1] for _, speed, *_ in runs)
        assert plain[0][1] == plain[1][1] <= 4.8


def test_every_changed_stride_has_an_own_one_at_its_speed_and_is_not_measured(everybody):
    for asked in everybody:
        own = {(gait, speed) for gait, speed, doses, _ in asked if not doses}
        changed = [request for request in asked if request[2]]
        assert {(gait, speed) for gait, speed, *_ in changed} <= own
        assert not any(measured for *_, measured in changed)


@pytest.mark.parametrize(("gait", "share"), [("walk", 1.0), ("run", RUN_SHARE)])
def test_doses_fill_their_range_and_do_not_leave_it(everybody, gait, share):
    for name, (low, high) in DOSE_RANGE.items():
        drawn = [
            doses[name] for asked in everybody for _, _, doses, _ in of_gait(asked, gait) if name in doses
        ]
        assert share * low <= min(drawn) < max(drawn) <= share * high
        assert np.ptp(drawn) > 0.9 * share * (high - low)


def test_one_dose_or_two_are_asked_for_at_once(everybody):
    for asked in everybody:
        for gait, counts in (("walk", [1, 1, 1, 1, 2, 2, 1, 2]), ("run", [1, 2])):
            assert [len(doses) for _, _, doses, _ in of_gait(asked, gait) if doses] == counts


def test_the_same_random_numbers_ask_the_same():
    assert requests(3) == requests(3) != requests(4)


@pytest.mark.parametrize("fact", [{"age_year": OLDEST_RUNNER_YEARS}, {"bmi_kgm2": HEAVIEST_RUNNER_KGM2}])
def test_old_and_heavy_people_are_not_asked_to_run(fact):
    asked = requests(**fact)
    assert not of_gait(asked, "run")
    assert asked == of_gait(requests(), "walk")


@pytest.mark.parametrize(("comfortable_mps", "asked_mps"), [(0.4, 0.7), (1.1, 1.1), (2.4, 1.9)])
def test_the_own_speed_is_the_comfortable_one_within_reason(comfortable_mps, asked_mps):
    assert requests(comfortable_speed_mps=comfortable_mps)[0][1] == asked_mps


def test_strides_come_with_their_mirror_images(known):
    strides = [known.true_own, known.stride]
    asked = [("walk", 1.2, {"toe_out_rad": 0.1}, False), ("walk", 1.2, {}, True)]
    made = encode_strides(strides, asked, {"subject": "A", "height_m": 1.7})
    for number, stride in enumerate(strides):
        both = [encode_stride(each).numpy() for each in (stride, mirror_stride(stride))]
        assert np.array_equal(made["row"].values[2 * number : 2 * number + 2], both)
    assert made["mirrored"].values.tolist() == [False, True, False, True]
    assert made["measured"].values.tolist() == [False, False, True, True]
    assert made["toe_out_rad"].values.tolist() == [0.1, 0.1, 0.0, 0.0]
    assert list(made["number"].values) == list(NAMES)


def test_facts_are_kept_and_those_not_known_are_nan(known):
    made = encode_strides([known.true_own], [POSSIBLE[1]], {"subject": "A", "height_m": 1.7, "sex": "male"})
    assert made["subject"].values.tolist() == ["A", "A"]
    assert made["sex"].values.tolist() == ["male", "male"]
    assert made["height_m"].values.tolist() == [1.7, 1.7]
    assert np.isnan(made["mass_kg"].values).all()


def test_a_library_tells_who_did_what(simulated):
    made, _ = simulated
    facts = facts_table(made)
    assert set(facts) == {"subject", "gait", "speed_mps", "measured", "mirrored", *FACTS, *DOSES}
    assert len(facts) == made.sizes["stride"] == 2 * 2 * len(POSSIBLE)
    people = draw_people(2, seed=0, first=NUMBERS_TO_LEARN_FROM[0])
    assert facts["subject"].unique().tolist() == people.index.tolist()
    for subject, part in facts.groupby("subject"):
        own = part[~part["mirrored"]]
        assert own["gait"].tolist() == [gait for gait, *_ in POSSIBLE]
        assert own["speed_mps"].tolist() == [speed for _, speed, *_ in POSSIBLE]
        assert own["trunk_lean_rad"].tolist() == [
            doses.get("trunk_lean_rad", 0.0) for *_, doses, _ in POSSIBLE
        ]
        assert (own[list(FACTS)] == people.loc[subject, list(FACTS)]).all(axis=None)
    assert np.isfinite(made["row"].values).all()


def test_what_cannot_be_simulated_is_left_out_with_its_reason(simulated):
    _, left_out = simulated
    assert [each.item for each in left_out] == [
        f"/simulated/person-{n + 1:04d}/walk-1.20" for n in NUMBERS_TO_LEARN_FROM
    ]
    assert all("trunk_lean_rad is 1, expected 0 to" in each.reason for each in left_out)


def test_nobody_who_can_be_simulated_is_an_error(monkeypatch):
    impossible = [("walk", 1.2, {"trunk_lean_rad": 1.0}, False)]
    monkeypatch.setattr(stride_library, "draw_requests", lambda *_: iter(impossible))
    with pytest.raises(
        ValueError,
        match=r"No simulated person has a stride to learn from: /simulated/person-0001/walk-1\.20: ",
    ):
        simulate_strides([0], processes=1, progress=False)


def test_more_lean_is_a_stride_farther_from_the_own_one(simulated):
    made, _ = simulated
    rows = torch.from_numpy(made["row"].values[0 : 2 * len(POSSIBLE) : 2])
    _, own, little, much, *_ = rows
    assert 1.0 < float((little - own).norm()) < float((much - own).norm())


def test_a_measured_stride_is_near_the_balanced_one_but_not_it(known):
    apart = encode_stride(known.stride) - encode_stride(known.true_own)
    changed = encode_stride(known.answers[1][1]) - encode_stride(known.true_own)
    assert 1.0 < float(apart.norm()) < float(changed.norm())


def test_the_stride_of_a_recording_of_motion_is_that_of_its_motion(walk):
    stride, model = measured_stride(walk)
    truth = mean_stride(walk, person_body(walk.attrs))
    assert model.mass_kg == pytest.approx(walk.attrs["mass_kg"])
    assert list(stride["coordinate"].values) == list(ANGLES)
    assert float(abs(stride["joint_angle"] - truth["joint_angle"]).max()) < 0.03
    weight_n = 9.81 * walk.attrs["mass_kg"]
    assert float(abs(stride["stance_force"] - truth["stance_force"]).mean()) < 0.02 * weight_n
    assert stride.attrs["gait"] == "walk"


def test_coordinates_with_a_gap_are_not_in_a_measured_stride(walk):
    angle = walk["joint_angle"].copy(deep=True)
    angle.loc[{"coordinate": "lumbar_bending"}] = np.nan
    angle.loc[{"coordinate": "arm_flex_r", "time": angle["time"][100:]}] = np.nan
    stride, _ = measured_stride(walk.assign(joint_angle=angle))
    missing = {"lumbar_bending", "arm_flex_r"}
    assert list(stride["coordinate"].values) == [name for name in ANGLES if name not in missing]


def test_coordinates_that_markers_do_not_tell_are_not_in_a_measured_stride():
    trial = simulate_trial(speed_mps=3.0, duration_s=1.7, sampling_rate_hz=100.0)
    stride, _ = measured_stride(trial)
    seen = [str(name) for name in stride["coordinate"].values]
    assert "gait" not in trial.attrs
    assert stride.attrs["gait"] == "run"
    assert {"knee_angle_r", "knee_angle_l", "pelvis_tilt"} <= set(seen)
    assert not any(name.startswith(UNSEEN) for name in seen)
    row = encode_stride(stride)
    told = torch.isfinite(row)
    assert not told[NAMES.index("angle/lumbar_bending/0")]
    assert told[NAMES.index("angle/knee_angle_r/0")]


def test_recorded_strides_are_measured_at_their_own_speeds(recorded):
    made, _ = recorded
    facts = facts_table(made)
    whole = [each for each in RECORDED if each[1] != "short"]
    assert facts["subject"].tolist() == [subject for subject, *_ in whole for _ in range(2)]
    assert facts["speed_mps"].tolist() == [speed for _, _, speed, _ in whole for _ in range(2)]
    assert facts["gait"].tolist() == ["run"] * 8 + ["walk"] * 2
    assert facts["measured"].all()
    assert (facts[list(DOSES)] == 0.0).all(axis=None)
    assert np.isnan(made["row"].values).any(axis=1).all()


def test_trials_without_a_stride_are_left_out_with_the_reason(recorded):
    _, left_out = recorded
    assert [each.item for each in left_out] == ["/closed-form/RBDS004/short"]
    assert left_out[0].reason


def test_a_cohort_without_any_stride_is_an_error(monkeypatch):
    monkeypatch.setattr(stride_library, "list_trials", lambda _: [])
    with pytest.raises(ValueError, match=r"No trial of nothing has a stride to learn from: there is none\."):
        record_strides("nothing", processes=1, progress=False)
