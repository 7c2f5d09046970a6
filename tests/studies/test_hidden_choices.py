"""A stride completed under every choice: where it is cut, where it is drawn, what the curves hold."""

import numpy as np
import pytest

from gaitbook.representation.hiding import hidden_coordinates
from gaitbook.studies.completed_strides import ANGLES, FORCES, FRAMES, middle_stride
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.hidden_choices import CHOICES, Choice, complete_choices
from tests.studies.formula_walk import untrained_model
from tests.studies.stub_completers import walker

ASKED = {"nothing": Choice(), "pelvis": Choice("pelvis"), "a moment": Choice(gap_s=0.2)}


@pytest.fixture(scope="module")
def motion():
    return walker(duration_s=3.2)


@pytest.fixture(scope="module")
def chosen(motion):
    plan = CompletionPlan(draws=3, steps=1)
    return complete_choices(motion, untrained_model(), plan=plan, choices=ASKED, processes=1, progress=False)


def test_every_choice_of_the_study_hides_something_but_one():
    hides = {
        name: bool(hidden_coordinates(each.condition)) or each.gap_s > 0 for name, each in CHOICES.items()
    }
    assert [name for name, something in hides.items() if not something] == ["nothing"]


def test_a_stride_is_one_of_the_right_foot_near_the_middle(motion, chosen):
    start_s, end_s = middle_stride(motion.trial)
    assert 0.8 < end_s - start_s < 1.4
    assert chosen.measured["time"].values[[0, -1]] == pytest.approx([start_s, end_s])
    assert chosen.measured.sizes["time"] == FRAMES


def test_a_trial_without_a_stride_is_refused(motion):
    short = motion.trial.isel(time=slice(0, 60))
    with pytest.raises(ValueError, match="no whole stride of the right foot"):
        middle_stride(short)


def test_what_was_given_is_drawn_where_it_was(chosen):
    away = chosen.completed["nothing"]["skeleton_position"] - chosen.measured["skeleton_position"]
    assert float(abs(away).max()) < 0.02
    spread = chosen.completed["nothing"]["drawn_position"].std("draw")
    assert float(spread.max()) < 1e-6


def test_a_hidden_pelvis_is_drawn_at_the_place_of_the_measured_one(chosen):
    pelvis = chosen.completed["pelvis"]["skeleton_position"].sel(joint="pelvis", axis=["x", "z"])
    truth = chosen.measured["skeleton_position"].sel(joint="pelvis", axis=["x", "z"])
    assert float(abs((pelvis - truth).mean("time")).max()) < 1e-6
    assert float(chosen.completed["pelvis"]["drawn_position"].std("draw").max()) > 1e-3


def test_strides_say_what_was_hidden_and_when(chosen):
    assert chosen.completed["pelvis"].attrs["hidden"] == hidden_coordinates("pelvis")
    assert chosen.completed["pelvis"].attrs["gap_percent"] == []
    first, last = chosen.completed["a moment"].attrs["gap_percent"]
    assert first < 50 < last
    assert first + last == pytest.approx(100.0, abs=0.2)


def test_curves_hold_force_and_angles_of_both_feet_with_bands(chosen):
    curves = chosen.curves
    assert set(curves["quantity"]) == {*FORCES.values(), *ANGLES.values()}
    assert (curves["low"] <= curves["high"] + 1e-9).all()
    known = curves.query("setting == 'nothing' and quantity == 'Knee flexion'")
    np.testing.assert_allclose(known["value"], known["measured"], atol=1e-6)
    assert set(chosen.scores["measure"]) == {"profile", "coverage"}
