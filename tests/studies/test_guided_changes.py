import numpy as np
import pandas as pd
import pytest
import torch

from gaitbook.models import guided_recipe
from gaitbook.representation.gait_change import DOSES, GaitChange
from gaitbook.representation.stride_numbers import MOTION, NAMES, WAVES, encode_stride
from gaitbook.studies import guided_changes
from gaitbook.studies.guided_changes import (
    CLAMPED,
    FEWEST,
    RANGES,
    THRESHOLD,
    USUAL,
    guide_stride,
    recipe_facts,
)
from tests.studies.stride_people import FASTER, LEAN, OWN, answer, tiny_model

STEP = 0.5
"""Usual change of every clamped number per unit of dose."""


def usual(**gaits):
    """Usual changes in which every wave of a channel moves by `STEP` times its place, plus one."""

    def slopes(name):
        count = 1 if name in NAMES else WAVES
        return [STEP * (1 + place) for place in range(count)]

    every = {dose: {name: slopes(name) for name in names} for dose, names in CLAMPED.items()}
    return {"walk": every, **gaits}


@pytest.fixture(scope="module")
def model():
    return tiny_model(**{RANGES: [20.0] * len(MOTION), USUAL: usual()})


@pytest.fixture
def asked(monkeypatch):
    """What the recipe is asked to do; it then gives the target itself."""
    calls = []

    def guided(_, own, target, clamped, followed, *, threshold, noise):
        calls.append({"own": own, "target": target, "clamped": clamped, "followed": followed})
        calls[-1] |= {"threshold": threshold, "noise": noise}
        return target.expand(len(noise), -1)

    monkeypatch.setattr(guided_changes, "guided_strides", guided)
    return calls


def clamped_names(call):
    return {
        name.rsplit("/", 1)[0] if name.count("/") == 2 else name for name in np.array(NAMES)[call["clamped"]]
    }


def moved(call):
    return {
        name: float(each)
        for name, each in zip(NAMES, call["target"] - call["own"], strict=True)
        if abs(float(each)) > 1e-6
    }


def numbers_of(channel):
    return [channel] if channel in NAMES else [f"{channel}/{wave}" for wave in range(WAVES)]


@pytest.mark.parametrize("dose", DOSES)
def test_channels_of_a_request_move_by_dose_times_usual_change(model, asked, dose):
    size = 0.1
    guide_stride(answer().stride, GaitChange(**{dose: size}), model)
    (call,) = asked
    assert clamped_names(call) == {*CLAMPED[dose], "log_speed"}
    expected = {
        name: size * STEP * (1 + place)
        for channel in CLAMPED[dose]
        for place, name in enumerate(numbers_of(channel))
    }
    assert moved(call) == pytest.approx(expected, abs=1e-4)
    assert int(call["clamped"].sum()) == len(expected) + 1


def test_two_doses_on_one_channel_add_up(model, asked):
    guide_stride(answer().stride, GaitChange(toe_out_rad=0.1, medial_thrust_rad=0.2), model)
    (call,) = asked
    step = moved(call)
    assert step["angle/hip_rotation_r/0"] == pytest.approx(0.3 * STEP, abs=1e-4)
    assert step["angle/subtalar_angle_r/0"] == pytest.approx(0.2 * STEP, abs=1e-4)
    assert clamped_names(call) == {*CLAMPED["medial_thrust_rad"], "log_speed"}


def test_speed_is_clamped_to_what_is_asked_for(model, asked):
    guide_stride(answer().stride, FASTER, model)
    (call,) = asked
    assert clamped_names(call) == {"log_speed"}
    assert moved(call) == {"log_speed": pytest.approx(100.0 * np.log(1.6 / 1.2), abs=1e-3)}
    assert float(call["target"][NAMES.index("log_speed")]) == pytest.approx(100.0 * np.log(1.6), abs=1e-3)


def test_who_is_asked_for_nothing_keeps_their_speed(model, asked):
    guide_stride(answer().stride, OWN, model)
    (call,) = asked
    assert torch.equal(call["target"], call["own"])
    assert clamped_names(call) == {"log_speed"}
    assert torch.equal(call["own"], encode_stride(answer().stride))


def test_a_gait_without_usual_changes_is_clamped_at_its_speed_only(asked):
    model = tiny_model(**{RANGES: [20.0] * len(MOTION), USUAL: {"run": usual()["walk"]}})
    guide_stride(answer().stride, LEAN, model)
    assert clamped_names(asked[0]) == {"log_speed"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (FASTER, "speed"),
        (OWN, "speed"),
        (LEAN, "modification"),
        (GaitChange(0.1, speed_mps=1.4), "modification"),
    ],
)
def test_the_rest_is_kept_nearer_where_posture_is_changed(model, asked, change, kind):
    guide_stride(answer().stride, change, model)
    assert asked[0]["threshold"] == THRESHOLD[kind]
    assert THRESHOLD["modification"] < THRESHOLD["speed"]


def test_motion_is_followed_sample_by_sample_over_its_range(asked):
    ranges = [float(number) for number in range(len(MOTION))]
    guide_stride(answer().stride, OWN, tiny_model(**{RANGES: ranges, USUAL: usual()}))
    followed = asked[0]["followed"]
    samples = (followed.from_row @ asked[0]["own"]).reshape(len(MOTION), -1)
    knee = MOTION.index("angle/knee_angle_r")
    angle = answer().stride["joint_angle"].sel(coordinate="knee_angle_r").values / 0.02
    assert samples[knee].numpy() == pytest.approx(angle, abs=0.05)
    assert not followed.from_row[:, len(MOTION) * WAVES :].any()
    spans = followed.range.reshape(len(MOTION), -1)
    assert spans[1:, 0].tolist() == ranges[1:]
    assert spans[0, 0] == pytest.approx(1e-3)


def test_what_comes_back_is_told_by_the_request(model, asked):
    drawn = guide_stride(
        answer().stride, GaitChange(trunk_lean_rad=0.1, speed_mps=1.4), model, draws=3, seed=5
    )
    assert drawn.sizes["draw"] == 3
    assert drawn.attrs["speed_mps"] == 1.4
    assert (drawn.attrs["kind"], drawn.attrs["change"]) == ("several", "trunk lean 6 deg, 1.4 m/s")
    assert torch.equal(asked[0]["noise"], model.noise(3, 5))


def test_the_recipe_itself_gives_whole_strides_near_the_clamped_numbers(model, monkeypatch):
    monkeypatch.setattr(guided_recipe, "STEPS", 4)
    drawn = guide_stride(answer().stride, OWN, model, seed=1)
    again = guide_stride(answer().stride, OWN, model, seed=1)
    assert drawn.identical(again)
    assert all(np.isfinite(array.values).all() for array in drawn.data_vars.values())


def library(*, people, doses=(0.1, 0.3), dose="trunk_lean_rad", slope=2.0, source="simulated"):
    """Rows that move by slope times dose from an own row, and facts of them."""
    own = torch.randn(people, len(NAMES), generator=torch.Generator().manual_seed(0))
    rows, facts = [], []
    for number in range(people):
        for size in (0.0, *doses):
            rows.append(own[number] + size * slope)
            facts.append({"subject": f"p{number}", "gait": "walk", "speed_mps": 1.2, "measured": False})
            facts[-1] |= {"mirrored": False, "source": source, **dict.fromkeys(DOSES, 0.0), dose: size}
    return torch.stack(rows), pd.DataFrame(facts)


def test_usual_changes_are_the_slope_through_the_own_gait():
    found = recipe_facts(*library(people=FEWEST))[USUAL]
    assert set(found) == {"walk"}
    assert set(found["walk"]) == {"trunk_lean_rad"}
    for name in CLAMPED["trunk_lean_rad"]:
        assert found["walk"]["trunk_lean_rad"][name] == pytest.approx([2.0] * WAVES, abs=1e-3)


def test_a_channel_that_is_one_number_has_one_slope():
    found = recipe_facts(*library(people=FEWEST, dose="stride_length", doses=(-0.1, 0.2), slope=3.0))[USUAL]
    assert found["walk"]["stride_length"] == {"log_period": pytest.approx([3.0], abs=1e-3)}


@pytest.mark.parametrize(
    "change",
    [
        {"people": FEWEST - 1, "doses": (0.1,)},
        {"people": FEWEST, "source": "recorded"},
    ],
)
def test_too_few_simulated_people_tell_no_usual_change(change):
    assert not any(recipe_facts(*library(**change))[USUAL].values())


def test_strides_asked_for_two_doses_or_without_an_own_one_do_not_count():
    rows, facts = library(people=2 * FEWEST, doses=(0.1,))
    lean = facts["trunk_lean_rad"] > 0.0
    several, alone = (facts["subject"].isin([f"p{n}" for n in numbers]) for numbers in ((0, 1), (2, 3)))
    facts.loc[lean & several, "step_width_m"] = 0.1
    facts.loc[~lean & alone, "measured"] = True
    rows[torch.tensor((lean & (several | alone)).tolist())] += 100.0
    found = recipe_facts(rows, facts)[USUAL]
    assert found["walk"]["trunk_lean_rad"]["angle/lumbar_bending"] == pytest.approx([2.0] * WAVES, abs=1e-2)
    assert set(found["walk"]) == {"trunk_lean_rad"}


def test_the_range_of_a_channel_is_from_its_least_to_its_greatest_sample():
    rows = torch.zeros(2, len(NAMES))
    rows[0, NAMES.index("angle/knee_angle_r/1")] = 3.0
    rows[1, NAMES.index("angle/knee_angle_r/0")] = 10.0
    facts = library(people=1, doses=(0.0,))[1]
    ranges = dict(zip(MOTION, recipe_facts(rows, facts)[RANGES], strict=True))
    assert ranges["angle/knee_angle_r"] == pytest.approx(10.0 + 3.0 * np.sqrt(2.0), abs=1e-3)
    assert ranges["angle/knee_angle_l"] == 0.0
