import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.representation.channels import FORCE, PHYSICS, mirror, numbers_of
from gaitbook.representation.hiding import PARTS
from gaitbook.representation.overlap import cut_windows
from gaitbook.representation.states import encode_states
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.studies.oracles import Oracle

PLAN = CompletionPlan(draws=3, steps=2)


@pytest.fixture(scope="module")
def motion():
    person = draw_people(1).iloc[0]
    trial = simulate_gait(person.to_dict() | {"subject": "p"}, speed_mps=1.3, gait="walk", duration_s=2.4)
    return MeasuredMotion(trial, person_body(trial.attrs))


@pytest.fixture(scope="module")
def truth(motion):
    return encode_states(motion.trial, motion.model)


@pytest.mark.parametrize("hidden", [(), PARTS["knees"], PARTS["arms"], ("hip_rotation_l",)])
def test_who_knows_the_truth_completes_a_trial_to_it(motion, truth, hidden):
    completed = complete_trial(motion, Oracle(truth), hidden=hidden, plan=PLAN)
    force = motion.trial["ground_reaction_force"]
    away = abs(completed["ground_reaction_force"].isel(draw=0) - force)
    # a foot under less than 20 N is taken to be in the air
    assert float(away.max()) < 21.0
    assert float(away.mean()) < 0.1
    point = completed["center_of_pressure"].isel(draw=1) - motion.trial["center_of_pressure"]
    assert float(abs(point).max()) < 2e-3
    wanted = motion.trial["joint_angle"].sel(coordinate=completed["coordinate"])
    assert float(abs(completed["joint_angle"] - wanted).max()) < 1e-4


def test_what_was_measured_is_the_same_in_all_draws_and_what_was_not_differs(motion, truth):
    completed = complete_trial(motion, Oracle(truth, error=0.05), hidden=PARTS["knees"], plan=PLAN)
    spread = completed["joint_angle"].std("draw").max("time")
    assert (spread.sel(coordinate=list(PARTS["knees"])) > 1e-3).all()
    assert float(spread.sel(coordinate=list(PARTS["hips"])).max()) < 1e-12
    assert float(completed["ground_reaction_force"].std("draw").max()) > 1.0


def test_force_is_hidden_unless_it_may_be_seen(motion, truth):
    columns = numbers_of(["force/y/left"])
    blind, seeing = Oracle(truth), Oracle(truth)
    complete_trial(motion, blind, plan=PLAN)
    complete_trial(motion, seeing, force_known=True, plan=PLAN)
    assert torch.isnan(blind.given[0][..., columns]).all()
    assert torch.isfinite(seeing.given[0][..., columns]).all()


def test_what_was_measured_requires_what_it_does_and_only_a_gap_is_drawn(motion, truth):
    holed = motion._replace(trial=motion.trial.copy(deep=True))
    knee = motion.trial.get_index("coordinate").get_loc("knee_angle_r")
    holed.trial["joint_angle"][60:80, knee] = np.nan
    whole, drawn = (
        complete_trial(each, Oracle(truth), plan=PLAN)["required_force"] for each in (motion, holed)
    )
    apart = abs(whole - drawn).max("axis").values
    assert np.isfinite(apart).all()
    known = np.r_[0:40, 100 : apart.size]
    assert apart[known].max() < 0.01 < apart[60:80].max()


def test_what_the_motion_requires_comes_with_the_force(motion, truth):
    completed = complete_trial(motion, Oracle(truth), plan=PLAN)
    assert completed["required_force"].dims == ("time", "axis")
    assert 0.0 < completed.attrs["residual_percent_bw"] < 3.0


def test_without_physics_nothing_of_it_is_given(motion, truth):
    oracle = Oracle(truth)
    complete_trial(motion, oracle, plan=CompletionPlan(draws=2, physics=False))
    assert torch.isnan(oracle.given[0][..., numbers_of(PHYSICS)]).all()
    assert len(oracle.given) == 1


def test_the_same_seed_draws_the_same(motion, truth):
    first, second = (
        complete_trial(motion, Oracle(truth, error=0.1), plan=PLAN)["ground_reaction_force"] for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_draws_come_in_pairs_whose_errors_cancel(motion, truth):
    pairs = CompletionPlan(draws=4, steps=2)
    completed = complete_trial(motion, Oracle(truth, error=0.02), hidden=PARTS["knees"], plan=pairs)
    knee = completed["joint_angle"].sel(coordinate="knee_angle_r")
    exact = motion.trial["joint_angle"].sel(coordinate="knee_angle_r")
    assert float(abs(knee.isel(draw=0) - exact).max()) > 1e-3
    for first in (0, 2):
        assert float(abs(knee.isel(draw=[first, first + 1]).mean("draw") - exact).max()) < 1e-5


def test_labels_and_attributes_come_back(motion, truth):
    completed = complete_trial(motion, Oracle(truth), plan=PLAN)
    assert completed["ground_reaction_force"].dims == ("draw", "time", "foot", "axis")
    np.testing.assert_array_equal(completed["time"], motion.trial["time"])
    assert completed.attrs["subject"] == "p"


class Finder(Oracle):
    """An oracle that finds force from motion: none in the mean, with a deviation of one."""

    force = "found"

    def find_force(self, values, person):
        del person
        self.given.append(values)
        zero = torch.zeros(*values.shape[:2], len(FORCE))
        return zero, zero + 1.0


@pytest.mark.parametrize("hidden", [(), PARTS["knees"]])
def test_a_model_that_finds_force_is_asked_once_and_told_what_the_other_is(motion, truth, hidden):
    finder = Finder(truth)
    completed = complete_trial(motion, finder, hidden=hidden, plan=CompletionPlan(draws=6, steps=2))
    drawing, both = finder.given
    finding, mirrored = both.unflatten(0, (2, -1))
    torch.testing.assert_close(drawing, finding, equal_nan=True)
    torch.testing.assert_close(mirror(drawing), mirrored, equal_nan=True)
    assert len(finding) == len(cut_windows(truth, 150))
    assert torch.isnan(finding[..., numbers_of(FORCE)]).all()
    assert torch.isfinite(finding[..., numbers_of(PHYSICS)]).all() == (not hidden)
    assert float(completed["ground_reaction_force"].max()) > 0.0


def test_known_force_is_not_found_anew(motion, truth):
    completed = complete_trial(motion, Finder(truth), force_known=True, plan=PLAN)
    away = abs(completed["ground_reaction_force"] - motion.trial["ground_reaction_force"])
    assert float(away.max()) < 21.0


def test_a_share_of_the_drawn_force_is_kept_as_the_plan_or_the_card_says(motion, truth):
    force = motion.trial["ground_reaction_force"].sel(axis="y")
    plans = [CompletionPlan(draws=2, steps=2, share=share) for share in (0.0, 0.5)]
    drawn, mixed = (complete_trial(motion, Finder(truth), plan=plan) for plan in plans)
    loaded = force > 200.0
    ratios = [
        (each["ground_reaction_force"].sel(axis="y").mean("draw") / force).where(loaded).mean()
        for each in (drawn, mixed)
    ]
    assert [float(each) for each in ratios] == pytest.approx([1.0, 0.5], abs=0.02)
    learned = Finder(truth)
    learned.card = {"shares": {"walk/measured": {"x": 0.0, "y": 0.5, "z": 0.0}}}
    again = complete_trial(motion, learned, plan=CompletionPlan(draws=2, steps=2))
    xr.testing.assert_allclose(
        again["ground_reaction_force"].sel(axis="y"), mixed["ground_reaction_force"].sel(axis="y")
    )
