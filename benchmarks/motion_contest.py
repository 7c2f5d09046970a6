"""Who competes in the benchmark of motion models, on whose trials, and what is kept of each completion."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.events import detect_contacts
from gaitbook.cohort.filling import is_cohort
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.conventions import AXES, CONTACT_FORCE_N, GRAVITY_MPS2
from gaitbook.library import find_cohort, locate_cohort
from gaitbook.mechanics.force_correction import FRICTION_LIMIT
from gaitbook.mechanics.gait_checks import foot_outline, outline_margin
from gaitbook.mechanics.knee_summary import summarize_knee, to_body_weight_height
from gaitbook.mechanics.loads import knee_moment
from gaitbook.models.motion_model import MotionModel, load_model
from gaitbook.models.peer_models import Peer
from gaitbook.models.peers import load_peer
from gaitbook.models.weights import PEER_FILES, default_weights, peer_weights
from gaitbook.representation.hiding import FULL, ONE_LEG, hidden_coordinates
from gaitbook.studies.completion_errors import FOOT, judge_completion, stance_draws
from gaitbook.studies.condition_table import OURS, trial_factors
from gaitbook.studies.contestants import MIDDLE, REPLACING, learned_contestants, our_contestant
from gaitbook.studies.held_out_motion import MARGIN_S, middle_of
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.measured_motion import MeasuredMotion, measure_motion
from gaitbook.studies.motion_training import role
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.residual_draws import Answered
from gaitbook.studies.simple_completers import MeanCycle, NewtonAlone
from gaitbook.studies.trial_facts import gait_of
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.default_cohort import PLANS, simulate_person
from gaitbook.synthesis.population import draw_people

DRAWS, SECONDS = 20, 3.0
CONDITIONS = (FULL, "trunk", "pelvis", "hips", "knees", "ankles", ONE_LEG[0])
LEARNED = (*REPLACING, MIDDLE, "CNN", "LSTM")
DEFAULT, RUNNERS = "default cohort", "held-out runners"
FIRST_CALIBRATED, FIRST_TRAINED = 201, 401


class Kept(NamedTuple):
    """What is kept of the completions of a trial: measures, and the answers of models that give one only."""

    measures: pd.DataFrame
    answers: dict[tuple[str, str, str], Answered]


def count(usual: int) -> int:
    """How many people: PEOPLE, or the usual number."""
    return int(os.environ.get("PEOPLE", usual))


@cache
def model() -> MotionModel:
    """The motion model of the package, or MODEL."""
    named = os.environ.get("MODEL")
    return load_model(Path(named) if named else default_weights())


@cache
def peers() -> dict[str, Peer]:
    """Peers of the package, or those in PEERS, by name; those that are missing are left out."""
    folder = os.environ.get("PEERS")
    if folder:
        found = [load_peer(path) for path in sorted(Path(folder).glob("*.safetensors"))]
        return {peer.name: peer for peer in found}
    there = [name for name in PEER_FILES if not missing_peer(name)]
    return {name: load_peer(peer_weights(name)) for name in there}


def missing_peer(name: str) -> str:
    """Why a peer is missing, or nothing."""
    if os.environ.get("PEERS"):
        return "" if name in peers() else f"there is no {name} in {os.environ['PEERS']}"
    try:
        peer_weights(name)
    except FileNotFoundError as reason:
        return str(reason)
    return ""


def ours() -> Contestant:
    """Our model under its name."""
    return our_contestant(model(), draws=DRAWS)


@cache
def learned_peers() -> tuple[Contestant, ...]:
    """The literature's models; what is hidden is the middle of its range to those that do not complete motion."""
    return tuple(learned_contestants(peers()))


@cache
def simple_peers() -> tuple[Contestant, ...]:
    """Completers that learn hardly anything, or nothing."""
    everybody = [*trained_people(), *runners("train", 11)]
    return (Contestant("mean cycle", MeanCycle.fit(everybody)), Contestant("Newton alone", NewtonAlone()))


@cache
def tested() -> dict[str, list[MeasuredMotion]]:
    """Trials of people on whom nothing was trained, by data set."""
    return {DEFAULT: simulate_people(1, count(20)), RUNNERS: runners("test", 6)}


def calibrated() -> list[MeasuredMotion]:
    """Trials of people kept for calibration."""
    return [*simulate_people(FIRST_CALIBRATED, count(12)), *runners("calibrate", 3)]


def trained_people() -> list[MeasuredMotion]:
    """Trials of some of the simulated people whom a model may be trained on."""
    return simulate_people(FIRST_TRAINED, count(24))


@cache
def runners(wanted: str, most: int) -> list[MeasuredMotion]:
    """Trials of recorded runners of a role, of so many people or of PEOPLE."""
    path = locate_cohort("rbds")
    path = path if is_cohort(path) else find_cohort("rbds")
    own = [place for place in list_trials(path) if role(place.split("/")[2]) == wanted]
    people = sorted({place.split("/")[2] for place in own})[: count(most)]
    places = [place for place in own if place.split("/")[2] in people]
    return run_jobs(
        _measure, [(partial(read_trial, path, place),) for place in places], what="measuring runners"
    )


@cache
def simulate_people(first: int, people: int) -> list[MeasuredMotion]:
    """Trials of simulated people by number, as the default cohorts have them."""
    drawn = draw_people(people, seed=0, first=first - 1)
    styles = draw_causes(drawn, seed=0).styles.to_dict("index")
    rows = drawn.to_dict("index")
    jobs = [(rows[name] | {"subject": str(name)}, styles[name]) for name in rows]
    return [motion for pair in run_jobs(_simulate, jobs, what="simulating people") for motion in pair]


def _simulate(person: Mapping[str, Any], styles: Mapping[str, float]) -> list[MeasuredMotion]:
    plan = PLANS["default"]
    trials = islice(simulate_person(person, styles, plan, seed=0), plan.lab_trials)
    return [_measure(lambda trial=trial: trial) for trial in trials]


def _measure(read: Callable[[], xr.Dataset]) -> MeasuredMotion:
    motion = measure_motion(middle_of(read(), SECONDS + 2.0 * MARGIN_S))
    return motion._replace(trial=middle_of(motion.trial, SECONDS))


def judge_all(
    motions: Sequence[MeasuredMotion],
    contestants: Sequence[Contestant],
    conditions: Sequence[str],
    what: str,
) -> Kept:
    """Completions of all trials by all contestants under all conditions, in several processes."""
    jobs = [(motion, tuple(contestants), tuple(conditions)) for motion in motions]
    done = run_jobs(judge, jobs, what=what)
    answers: dict[Any, Answered] = {}
    for motion, kept in zip(motions, done, strict=True):
        person = (motion.trial.attrs["source"], motion.trial.attrs["subject"], motion.trial.attrs["trial"])
        answers |= {(*key, *person, gait_of(motion.trial)): each for key, each in kept.answers.items()}
    return Kept(pd.concat([kept.measures for kept in done], ignore_index=True), answers)


def judge(motion: MeasuredMotion, contestants: Sequence[Contestant], conditions: Sequence[str]) -> Kept:
    """Completions of one trial by all contestants under all conditions."""
    tables, answers = [], {}
    trial = motion.trial
    factors = trial_factors(model().card, motion, conditions)
    facts = {"source": DEFAULT if trial.attrs["source"] == "simulated" else RUNNERS, "gait": gait_of(trial)}
    facts |= {name: str(trial.attrs[name]) for name in ("subject", "trial")}
    for condition in conditions:
        for one in contestants:
            try:
                completed = one.complete(motion, hidden_coordinates(condition))
            except ValueError:
                continue
            table = judge_completion(
                completed, trial, factors=factors[condition] if one.name == OURS else None
            )
            more = _more_measures(motion, completed, everything=condition == FULL)
            both = pd.concat([table, pd.DataFrame(more)], ignore_index=True)
            tables.append(both.assign(model=one.name, condition=condition, **facts))
            if completed.sizes["draw"] == 1:
                load = stance_draws(completed, trial, "y")[0][0]
                for axis in AXES:
                    drawn, truth = stance_draws(completed, trial, axis)
                    answers[one.name, condition, axis] = Answered(drawn[0], truth, load)
    return Kept(pd.concat(tables, ignore_index=True), answers)


def _more_measures(
    motion: MeasuredMotion, completed: xr.Dataset, *, everything: bool
) -> list[dict[str, Any]]:
    rows = [_row("residual", completed.attrs.get("residual_percent_bw", np.nan), "%BW")]
    if everything:
        mean = mean_forces(completed)
        rows += [*knee_errors(motion, mean), *floor_faults(motion, mean)]
    return rows


def mean_forces(completed: xr.Dataset) -> xr.Dataset:
    """Mean of the drawn forces; the center of pressure is weighed by the force that each draw has there."""
    force = completed["ground_reaction_force"]
    load = force.sel(axis="y", drop=True)
    point = (completed["center_of_pressure"].fillna(0.0) * load).sum("draw") / load.sum("draw").where(
        load.sum("draw") > 0
    )
    return xr.Dataset(
        {
            "ground_reaction_force": force.mean("draw").transpose("time", "foot", "axis"),
            "center_of_pressure": point.transpose("time", "foot", "axis"),
            "free_moment": completed["free_moment"].mean("draw").transpose("time", "foot"),
        }
    )


def knee_errors(motion: MeasuredMotion, forces: xr.Dataset) -> list[dict[str, Any]]:
    """How far the knee adduction moment of these forces is from that of the measured ones, over the left stance."""
    trial = motion.trial
    if "center_of_pressure" not in trial:
        return []
    measured, found = (
        to_body_weight_height(knee_moment(each, motion.model)) for each in (trial, trial.assign(dict(forces)))
    )
    stance = trial["in_contact"].sel(foot=FOOT).values.astype(bool)
    away = abs(found - measured).sel(foot=FOOT, moment="adduction").values[stance]
    contacts = detect_contacts(trial)
    peaks = [
        summarize_knee(knee_moment(each, motion.model), contacts[contacts["foot"] == FOOT])
        .query("quantity == 'adduction_peak_first_half'")["value_percent_bw_h"]
        .to_numpy()
        for each in (trial, trial.assign(dict(forces)))
    ]
    rows = [_row("knee adduction moment", away.mean(), "%BW·H")]
    if peaks[0].size:
        rows.append(_row("first peak of it", np.abs(peaks[0] - peaks[1]).mean(), "%BW·H"))
    return rows


def floor_faults(motion: MeasuredMotion, forces: xr.Dataset) -> list[dict[str, Any]]:
    """Share of loaded frames beyond friction, and with pressure off the sole; force in the air, %BW."""
    force = forces["ground_reaction_force"]
    vertical = force.sel(axis="y")
    loaded = (vertical > 2.0 * CONTACT_FORCE_N).values
    across = np.hypot(force.sel(axis="x"), force.sel(axis="z"))
    slides = (across > (FRICTION_LIMIT + 1e-3) * vertical).values[loaded]
    margin = outline_margin(forces["center_of_pressure"], foot_outline(motion.trial, motion.model))
    off = (margin.transpose("time", "foot").values < -1e-3)[loaded]
    air = ~motion.trial["in_contact"].transpose("time", "foot").values.astype(bool)
    weight_n = float(motion.trial.attrs["mass_kg"]) * GRAVITY_MPS2
    return [
        _row("beyond friction", 100.0 * slides.mean(), "%"),
        _row("off the sole", 100.0 * off.mean(), "%"),
        _row("vertical force in swing", 100.0 * float(vertical.values[air].mean()) / weight_n, "%BW"),
    ]


def _row(measure: str, value: float, unit: str) -> dict[str, Any]:
    return {"axis": "", "measure": measure, "value": float(value), "unit": unit}
