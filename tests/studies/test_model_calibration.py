"""A model that errs in a known way learns by how much its intervals are too narrow, and how far to trust Newton."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from gaitbook.conventions import AXES
from gaitbook.representation.hiding import hidden_coordinates
from gaitbook.representation.states import encode_states
from gaitbook.studies.calibration import FACTORS, interval_factors
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.familiarity import familiarity
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.model_calibration import _first_people, calibrate_model
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.studies.oracles import Shifted

PLAN = CompletionPlan(draws=8, steps=2, correct=False)
CONDITIONS = ("nothing", "knees")


@dataclass(frozen=True)
class Guess:
    """Knows the truth but for a constant, and is too sure of it."""

    truth: Tensor
    card: Mapping[str, Any] = field(default_factory=dict)
    frames: int = 150
    force: None = None

    def complete(self, values, person, noise, *, steps):
        return Shifted(self.truth, error=0.05, shift=0.2).complete(values, person, noise, steps=steps)


@pytest.fixture(scope="module")
def motion():
    person = draw_people(1).iloc[0]
    trial = simulate_gait(person.to_dict() | {"subject": "p"}, speed_mps=1.3, gait="walk", duration_s=2.0)
    return MeasuredMotion(trial, person_body(trial.attrs))


@pytest.fixture(scope="module")
def calibrated(motion):
    model = Guess(encode_states(motion.trial, motion.model), {"family": "guess"})
    return calibrate_model(model, [motion], CONDITIONS, PLAN, processes=1, progress=False)


def test_what_was_told_stays_and_what_was_learned_is_added(calibrated):
    assert calibrated.card["family"] == "guess"
    assert set(calibrated.card["calibration"]) == {f"simulated/walk/{condition}" for condition in CONDITIONS}
    knees = calibrated.card["calibration"]["simulated/walk/knees"]
    assert set(knees) == set(FACTORS)
    assert "angle" not in calibrated.card["calibration"]["simulated/walk/nothing"]
    assert all(knees[axis] > 1.0 for axis in AXES)


def test_a_motion_that_tells_the_truth_is_trusted_over_a_model_that_errs(calibrated):
    for gain in (calibrated.card["gain"], calibrated.card["gains"]["walk/measured"]):
        assert set(gain) == set(AXES)
        assert gain["y"] > 0.9
    assert calibrated.card["gains"]["walk/drawn"]["y"] < 1.0


@pytest.mark.parametrize("condition", CONDITIONS)
def test_intervals_hold_for_those_with_whom_they_were_made(calibrated, motion, condition):
    completed = complete_trial(motion, calibrated, hidden=hidden_coordinates(condition), plan=PLAN)
    factors = interval_factors(calibrated.card, completed, condition)
    judged = judge_completion(completed, motion.trial, factors=factors)
    coverage = judged[judged["measure"] == "coverage"]["value"]
    assert coverage.tolist() == pytest.approx([0.9] * 3, abs=0.02)
    for name in ("peak", "impulse", "loading_rate"):
        assert float(judged[judged["measure"] == f"{name}_coverage"]["value"].iloc[0]) == 1.0


def test_who_calibrates_is_usual_where_nothing_else_is_known(calibrated, motion):
    assert list(calibrated.card["statistics"]) == ["simulated/walk/"]
    assert np.isfinite(familiarity(calibrated, motion).value)


def test_statistics_of_the_training_are_kept(motion):
    model = Guess(encode_states(motion.trial, motion.model), {"statistics": {"walk": "as it was"}})
    once = replace(PLAN, draws=1)
    again = calibrate_model(model, [motion], ("nothing",), once, processes=1, progress=False)
    assert again.card["statistics"] == {"walk": "as it was"}


def test_of_each_source_the_first_people_teach_how_far_to_trust(motion):
    def someone(source, subject):
        return motion._replace(trial=motion.trial.assign_attrs(source=source, subject=subject))

    crowd = [
        someone(*each) for each in (("a", "1"), ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("a", "3"))
    ]
    chosen = [(m.trial.attrs["source"], m.trial.attrs["subject"]) for m in _first_people(crowd, 2)]
    assert chosen == [("a", "1"), ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]
