"""What physics does to completed force: closed forms on a single frame, then whole trials of someone who walks."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, GRAVITY_MPS2
from gaitbook.mechanics.force_correction import FRICTION_LIMIT
from gaitbook.mechanics.gait_checks import foot_outline, outline_margin
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import PARTS
from gaitbook.representation.states import encode_states
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_physics import (
    correct_forces,
    gain_of,
    label_requirement,
    residual_percent_bw,
    say_residual,
)
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.studies.oracles import Shifted

MASS_KG = 70.0
WEIGHT_N = MASS_KG * GRAVITY_MPS2
WHOLLY, NOT = (dict.fromkeys(AXES, gain) for gain in (1.0, 0.0))
DRAWS = 2
PLAN = CompletionPlan(draws=DRAWS, steps=2)


@pytest.fixture(scope="module")
def motion():
    person = draw_people(1).iloc[0]
    trial = simulate_gait(person.to_dict() | {"subject": "p"}, speed_mps=1.3, gait="walk", duration_s=1.6)
    return MeasuredMotion(trial, person_body(trial.attrs))


def standing(right, left, *, point=(0.0, 0.0, 0.0)):
    """Eight frames upright, the same force in both draws."""
    time_s = np.arange(8) / 100
    labels = {"draw": np.arange(DRAWS), "time": time_s, "foot": list(FEET), "axis": list(AXES)}
    shape = [len(each) for each in labels.values()]
    force = xr.DataArray(np.broadcast_to([right, left], shape).astype(float), labels, tuple(labels))
    down = force.sel(axis="y", drop=True) >= CONTACT_FORCE_N
    angle = xr.DataArray(
        np.zeros((DRAWS, 8, len(ANGLES))),
        {"draw": labels["draw"], "time": time_s, "coordinate": list(ANGLES)},
        ("draw", "time", "coordinate"),
    )
    path = xr.zeros_like(force.isel(foot=0, drop=True)) + xr.DataArray([0.0, 0.95, 0.0], {"axis": list(AXES)})
    place = xr.zeros_like(force) + xr.DataArray(list(point), {"axis": list(AXES)})
    return xr.Dataset(
        {
            "joint_angle": angle,
            "pelvis_position": path,
            "ground_reaction_force": force,
            "center_of_pressure": place.where(down),
            "free_moment": xr.ones_like(down, dtype=float),
            "in_contact": down,
        },
        attrs={"mass_kg": MASS_KG, "height_m": 1.75, "gait": "walk"},
    )


def required(force):
    labels = {"time": np.arange(8) / 100, "axis": list(AXES)}
    return xr.DataArray(np.broadcast_to(force, (8, 3)).astype(float), labels, tuple(labels))


@pytest.fixture(scope="module")
def body():
    return person_body({"mass_kg": MASS_KG, "height_m": 1.75})


def force_of(completed, foot, axis):
    return float(completed["ground_reaction_force"].sel(foot=foot, axis=axis).mean())


def test_with_gains_of_one_both_feet_together_give_what_is_required(body):
    fixed = correct_forces(standing([0, 300, 0], [0, 100, 0]), required([8, 480, 4]), WHOLLY, body)
    np.testing.assert_allclose(fixed["ground_reaction_force"].sum("foot").isel(time=0), [[8, 480, 4]] * DRAWS)


def test_draws_move_by_the_gain_and_come_nearer_to_each_other_by_the_root_of_the_rest(body):
    apart = xr.DataArray([-50.0, 50.0], dims="draw") * xr.DataArray([0.0, 1.0, 0.0], {"axis": list(AXES)})
    before = standing([0, 500, 0], [0, 0, 0])
    right = before["foot"] == "right"
    before["ground_reaction_force"] = (before["ground_reaction_force"] + apart * right).transpose("draw", ...)
    gain = NOT | {"y": 0.75}
    after = correct_forces(before, required([0, 600, 0]), gain, body)
    vertical = after["ground_reaction_force"].sel(foot="right", axis="y").isel(time=0)
    assert vertical.values.tolist() == pytest.approx([550.0, 600.0])


def test_where_each_draw_has_its_own_motion_each_moves_toward_its_own(body):
    own = required([0, 0, 0]) + xr.DataArray([400.0, 800.0], dims="draw") * (
        xr.DataArray([0.0, 1.0, 0.0], {"axis": list(AXES)})
    )
    after = correct_forces(standing([0, 500, 0], [0, 0, 0]), own, NOT | {"y": 0.5}, body)
    vertical = after["ground_reaction_force"].sel(foot="right", axis="y").isel(time=0)
    assert vertical.values.tolist() == pytest.approx([450.0, 650.0])


def test_horizontal_force_is_limited_by_friction(body):
    fixed = correct_forces(standing([0, 300, 0], [0, 100, 0]), required([4000, 400, 0]), WHOLLY, body)
    assert force_of(fixed, "right", "x") == pytest.approx(FRICTION_LIMIT * 300)


def test_a_foot_that_is_left_with_next_to_nothing_is_in_the_air(body):
    fixed = correct_forces(standing([0, 400, 0], [0, 60, 0]), required([0, 92, 0]), WHOLLY, body)
    assert force_of(fixed, "right", "y") == pytest.approx(80.0)
    for name, nothing in (("ground_reaction_force", 0.0), ("free_moment", 0.0), ("in_contact", False)):
        assert bool((fixed[name].sel(foot="left") == nothing).all())
    assert bool(fixed["center_of_pressure"].sel(foot="left").isnull().all())


def test_the_center_of_pressure_is_kept_on_the_sole(body):
    far = standing([0, 400, 0], [0, 400, 0], point=(9.0, 0.0, 0.5))
    fixed = correct_forces(far, required([0, 800, 0]), NOT, body).isel(draw=0)
    margin = outline_margin(fixed["center_of_pressure"], foot_outline(fixed, body))
    assert float(abs(margin).max()) < 1e-9


def test_where_nothing_is_known_to_be_required_force_stays(body):
    before = standing([0, 300, 0], [0, 100, 0])
    after = correct_forces(before, required([np.nan] * 3), WHOLLY, body)
    xr.testing.assert_allclose(after["ground_reaction_force"], before["ground_reaction_force"])


def test_the_residual_is_the_root_mean_square_of_what_is_missing():
    asked = required([0, WEIGHT_N, 0]) + xr.DataArray([0.03, 0.0, 0.04], {"axis": list(AXES)}) * WEIGHT_N
    half = [0, WEIGHT_N / 2, 0]
    assert residual_percent_bw(standing(half, half), asked) == pytest.approx(5.0)
    assert np.isnan(residual_percent_bw(standing(half, half), required([np.nan] * 3)))


def test_the_residual_is_told_in_a_sentence():
    assert "are 3.2 % of body weight (rms) apart" in say_residual(3.21)
    assert "nothing checks the predicted force" in say_residual(float("nan"))


def test_numbers_that_are_the_same_for_all_draws_become_one_requirement():
    one, each = (
        label_requirement(np.ones((count, 8, 6)), standing([0, 1, 0], [0, 1, 0])) for count in (1, 2)
    )
    assert one.dims == ("time", "axis")
    assert each.dims == ("draw", "time", "axis")
    assert float(each.max()) == MASS_KG


def test_gains_are_those_of_the_gait_and_of_where_the_motion_came_from():
    card = {"gain": NOT, "gains": {"walk/measured": WHOLLY}}
    walk, run = (xr.Dataset(attrs={"gait": gait}) for gait in ("walk", "run"))
    assert gain_of(card, walk, drawn=False) == WHOLLY
    assert gain_of(card, walk, drawn=True) == gain_of(card, run, drawn=False) == NOT
    assert gain_of({}, walk, drawn=False) is None


def learned(truth, gain):
    """One who errs by a tenth of a newton per kilogram and more, with gains in the card."""
    model = Shifted(truth, error=0.05, shift=0.1)
    model.card = {"gain": gain}
    return model


@pytest.mark.parametrize("hidden", [(), PARTS["arms"], PARTS["knees"]])
def test_correction_takes_force_nearer_to_newton_in_every_trial(motion, hidden):
    truth = encode_states(motion.trial, motion.model)
    plain, fixed = (
        complete_trial(
            motion, learned(truth, WHOLLY), hidden=hidden, plan=CompletionPlan(DRAWS, 2, correct=correct)
        )
        for correct in (False, True)
    )
    assert fixed.attrs["residual_percent_bw"] < 0.2 * plain.attrs["residual_percent_bw"]
    np.testing.assert_allclose(fixed["required_force"], plain["required_force"])


def test_a_model_without_gains_is_left_as_it_is(motion):
    truth = encode_states(motion.trial, motion.model)
    plain, fixed = (
        complete_trial(
            motion, Shifted(truth, error=0.05, shift=0.1), plan=CompletionPlan(DRAWS, 2, correct=correct)
        )
        for correct in (False, True)
    )
    assert plain.equals(fixed)


def test_force_that_was_measured_is_not_corrected(motion):
    truth = encode_states(motion.trial, motion.model)
    completed = complete_trial(motion, learned(truth, WHOLLY), force_known=True, plan=PLAN)
    away = abs(completed["ground_reaction_force"].isel(draw=0) - motion.trial["ground_reaction_force"])
    assert float(away.max()) < 21.0
    assert float(away.mean()) < 0.1
