"""Simple completers: who learned from the same person is nearly right, and Newton is right where one foot stands."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.mirroring import mirror_trial
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import hidden_coordinates
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.hidden_parts import Contestant, TrialCompleter, calibrate, judge_conditions
from gaitbook.studies.mean_cycles import KINETICS, learn_cycles, training_motions
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.simple_completers import MeanCycle, NewtonAlone
from gaitbook.synthesis.person_body import person_body
from tests.synthesis.walkers import RUNS, WALKS
from tests.synthesis.walkers import trial as simulated

VARIABLES = {
    "joint_angle",
    "pelvis_position",
    "ground_reaction_force",
    "center_of_pressure",
    "free_moment",
    "in_contact",
}


def motion_of(kind, **attrs):
    trial = simulated(*kind).assign_attrs(attrs)
    return MeasuredMotion(trial, person_body(trial.attrs))


@pytest.fixture(scope="module")
def walk():
    return motion_of(WALKS[0])


@pytest.fixture(scope="module")
def everybody(walk):
    return [walk, motion_of(WALKS[1]), motion_of(RUNS[0])]


def error(completed, motion, measure="profile", axis="y"):
    table = judge_completion(completed, motion.trial)
    chosen = table[(table["measure"] == measure) & (table["axis"] == axis)]
    return float(chosen["value"].iloc[0])


@pytest.mark.parametrize("make", [lambda motion: MeanCycle.fit([motion]), lambda _: NewtonAlone()])
def test_what_comes_out_is_what_a_model_gives_drawn_once(walk, make):
    one = make(walk)
    assert isinstance(one, TrialCompleter)
    completed = one.complete_trial(walk, hidden=hidden_coordinates("knees"))
    assert set(completed.data_vars) == VARIABLES
    assert dict(completed.sizes)["draw"] == 1
    assert completed["coordinate"].values.tolist() == list(ANGLES)
    assert completed["joint_angle"].notnull().all()
    assert completed.attrs["subject"] == walk.trial.attrs["subject"]
    known = [name for name in ANGLES if not name.startswith("knee")]
    apart = completed["joint_angle"].isel(draw=0) - walk.trial["joint_angle"]
    assert float(abs(apart.sel(coordinate=known)).max()) < 1e-9


def test_a_mean_over_the_person_alone_is_the_person(walk):
    """Its force differs by its steps and by when the feet are seen to stand; its pressure is where its foot is."""
    completed = MeanCycle.fit([walk]).complete_trial(walk)
    assert error(completed, walk) < 5.0
    assert error(completed, walk, "profile", "z") < 0.7
    assert error(completed, walk, "pressure", "x") < 15.0


def test_hidden_angles_are_those_of_the_mean_cycle(walk):
    completed = MeanCycle.fit([walk]).complete_trial(walk, hidden=["knee_angle_l", "knee_angle_r"])
    apart = completed["joint_angle"].isel(draw=0) - walk.trial["joint_angle"]
    rms_deg = np.rad2deg(float(np.sqrt((apart.sel(coordinate="knee_angle_l") ** 2).mean())))
    assert 0.0 < rms_deg < 5.0


def test_those_of_the_same_gait_who_are_nearest_in_speed_are_averaged(everybody):
    walk, fast, run = everybody
    mean = MeanCycle.fit(everybody, nearest=1)
    assert mean.facts["gait"].tolist() == ["walk", "walk", "run"]
    for motion in (walk, run):
        alone = MeanCycle.fit([motion]).complete_trial(motion)
        assert mean.complete_trial(motion)["ground_reaction_force"].equals(alone["ground_reaction_force"])
    hurried = walk._replace(trial=walk.trial.assign_attrs(speed_mps=fast.trial.attrs["speed_mps"] + 0.1))
    other = MeanCycle.fit([fast]).complete_trial(walk)
    assert mean.complete_trial(hurried)["ground_reaction_force"].equals(other["ground_reaction_force"])


def test_a_runner_is_completed_by_walkers_where_nobody_runs(everybody):
    walk, _, run = everybody
    assert bool(MeanCycle.fit([walk]).complete_trial(run)["ground_reaction_force"].notnull().all())


def test_a_foot_in_the_air_carries_nothing(everybody):
    walk = everybody[0]
    for one in (MeanCycle.fit(everybody), NewtonAlone()):
        completed = one.complete_trial(walk)
        swinging = ~completed["in_contact"]
        assert bool(swinging.any())
        assert float(abs(completed["ground_reaction_force"].where(swinging)).max()) == 0.0
        assert bool(completed["center_of_pressure"].where(swinging).isnull().all())


def test_the_mirror_image_learns_the_same_cycle(walk):
    image = walk._replace(trial=mirror_trial(walk.trial))
    (own, _, _), (other, _, _) = learn_cycles([walk]), learn_cycles([image])
    np.testing.assert_allclose(own, other, atol=1e-6)
    assert own["number"].values.tolist() == list(KINETICS)


def test_a_cycle_needs_whole_strides_on_plates(walk):
    short = walk._replace(trial=walk.trial.isel(time=slice(0, 60)))
    with pytest.raises(ValueError, match="No trial has a whole stride of both feet on plates"):
        MeanCycle.fit([short])


def test_mean_cycles_are_learned_from_people_who_are_for_training(cohort_folder):
    cohort = create_cohort(cohort_folder / "people", name="people")
    for number in (7, 700, 800, 900):
        for name in ("walk-comfortable", "stairs"):
            trial = simulated(*WALKS[0]).isel(time=slice(0, 60))
            append_trial(cohort, trial.assign_attrs(subject=f"person-{number:04d}", trial=name))
    finish_cohort(cohort)
    motions = list(training_motions(cohort, people=2, progress=False))
    people = [(each.trial.attrs["subject"], each.trial.attrs["trial"]) for each in motions]
    assert people == [("person-0700", "walk-comfortable"), ("person-0900", "walk-comfortable")]
    assert list(training_motions(cohort, people=0, progress=False)) == []


def test_a_speed_that_nothing_tells_is_asked_for(walk, monkeypatch):
    monkeypatch.setattr("gaitbook.studies.simple_completers.with_progression", lambda motion: motion)
    attrs = {name: each for name, each in walk.trial.attrs.items() if name != "speed_mps"}
    untold = walk._replace(trial=walk.trial.drop_attrs().assign_attrs(attrs))
    with pytest.raises(ValueError, match="The speed of the trial is not known: give speed_mps"):
        MeanCycle.fit([walk]).complete_trial(untold)


def test_newton_needs_no_learning_where_one_foot_stands():
    """The motion of a simulated runner requires exactly what the ground gave."""
    run = motion_of(RUNS[0])
    completed = NewtonAlone(cutoff_hz=20.0).complete_trial(run).isel(draw=0)
    weight_n = float(run.trial.attrs["mass_kg"]) * GRAVITY_MPS2
    both = completed["in_contact"] & run.trial["in_contact"]
    inner = both.rolling(time=9, center=True).sum() == 9
    apart = (completed["ground_reaction_force"] - run.trial["ground_reaction_force"]).where(inner)
    assert float(abs(apart.sel(axis="y")).mean()) / weight_n < 0.05


def test_what_newton_cannot_see_stands_still(walk):
    hidden = hidden_coordinates("pelvis")
    completed = NewtonAlone().complete_trial(walk, hidden=hidden).isel(draw=0)
    assert float(completed["pelvis_position"].std("time").max()) < 1e-12
    assert float(abs(completed["joint_angle"].sel(coordinate="pelvis_tilt")).max()) == 0.0
    assert error(NewtonAlone().complete_trial(walk, hidden=hidden), walk) > error(
        NewtonAlone().complete_trial(walk), walk
    )


def test_they_stand_beside_models(walk):
    contestants = [Contestant("mean cycle", MeanCycle.fit([walk])), Contestant("Newton alone", NewtonAlone())]
    judged = judge_conditions([walk], contestants, conditions=("nothing", "hips"), progress=False)
    profile = judged[(judged["measure"] == "profile") & (judged["axis"] == "y")]
    told = profile.set_index(["model", "condition"])["value"]
    assert told["mean cycle", "nothing"] == told["mean cycle", "hips"]  # it never looked at them
    assert told["Newton alone", "nothing"] < told["Newton alone", "hips"]
    assert (judged[judged["measure"] == "angle"]["value"] > 0).all()
    assert calibrate([walk], contestants[0], progress=False)["nothing"]["y"] > 1.0  # no spread, no interval


def test_no_force_is_asked_of_the_trial_that_is_completed(everybody):
    walk = everybody[0]
    blind = walk._replace(
        trial=walk.trial.drop_vars(
            ["ground_reaction_force", "center_of_pressure", "free_moment", "in_contact", "joint_moment"]
        )
    )
    for one in (MeanCycle.fit(everybody), NewtonAlone()):
        seen, unseen = one.complete_trial(walk), one.complete_trial(blind)
        xr.testing.assert_allclose(seen["ground_reaction_force"], unseen["ground_reaction_force"])
