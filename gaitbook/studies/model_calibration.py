"""A trained model made fit for use on people kept for it: how far it trusts Newton, and how wide its intervals are.

First how much the force found from the motion counts, then the gains, from completions as the model draws them; then,
with both at work, the factors of the intervals. All go into the card of the model, and so into its file.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES
from gaitbook.models.motion_model import MotionModel
from gaitbook.models.window_sampling import Sequences
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import FULL, ONE_LEG, condition_names, hidden_coordinates
from gaitbook.representation.states import encode_states
from gaitbook.studies.calibration import ANGLE, CARD, FACTORS, calibration_key, needed_factors, pooled_factor
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import measure_stance_draws, stance_draws
from gaitbook.studies.completion_physics import DRAWN, GAIN, GAINS, MEASURED, gain_key
from gaitbook.studies.familiarity import STATISTICS, training_statistics
from gaitbook.studies.force_gain import Imbalance, find_imbalance, fit_gain
from gaitbook.studies.force_share import SHARES, find_difference
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.trial_facts import gait_of

Run = Callable[..., list[Any]]

GAIN_CONDITIONS: Final = (FULL, "hips", "pelvis", ONE_LEG[0])
"""Under the first the motion is measured, under the others it has to be drawn."""
GAIN_DRAWS: Final = 10
"""Enough for a mean."""
GAIN_PEOPLE: Final = 12
"""Enough of each origin for a slope, which no tail of anybody's errors decides."""
STEP: Final = 2.0**-12
"""To which factors are rounded up."""


class _Needed(NamedTuple):
    """Factors that one trial needs, by what they are for."""

    key: str
    person: str
    factors: dict[str, NDArray[Any]]


def calibrate_model(
    model: MotionModel,
    motions: Sequence[MeasuredMotion],
    conditions: Sequence[str] | None = None,
    plan: CompletionPlan | None = None,
    processes: int | None = None,
    *,
    progress: bool = True,
) -> MotionModel:
    """Model with gains, factors of its intervals and statistics of what is usual in its card.

    Parameters
    ----------
    model
        Trained.
    motions
        Trials with force of people who were not trained on and will not be tested on.
    conditions
        What is hidden; the 33 of `condition_names` by default.
    plan
        How the model is going to be used.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    MotionModel
        Its card has ``"shares"`` (`gaitbook.studies.force_share.share_of`), ``"gain"`` and ``"gains"``
        (`gaitbook.studies.completion_physics.gain_of`), ``"calibration"``
        (`gaitbook.studies.calibration.interval_factors`) and, if it had none, ``"statistics"`` of these motions
        (`gaitbook.studies.familiarity.training_statistics`).

    Raises
    ------
    ValueError
        There is no motion with force.
    """
    plan, conditions = plan or CompletionPlan(), condition_names() if conditions is None else conditions
    run = partial(run_jobs, processes=processes, progress=progress)
    card = {**model.card}
    some = _first_people(motions, GAIN_PEOPLE)
    if model.force is not None:
        card[SHARES] = _fit_shares(model, some, plan, run)
    card |= _fit_gains(replace(model, card=card), some, plan, run)
    if STATISTICS not in card:
        card[STATISTICS] = training_statistics(_encoded(motions))
    tuned = replace(model, card=card)
    jobs = [(motion, tuned, condition, plan) for condition in conditions for motion in motions]
    factors = _fit_factors(run(_needed, jobs, what="calibrating: intervals"))
    return replace(tuned, card={**card, CARD: factors})


def _first_people(motions: Sequence[MeasuredMotion], people: int) -> list[MeasuredMotion]:
    """Trials of so many people of each source."""
    seen: dict[str, dict[str, None]] = {}
    for motion in motions:
        seen.setdefault(str(motion.trial.attrs.get("source")), {})[str(motion.trial.attrs["subject"])] = None
    chosen = {source: set(list(own)[:people]) for source, own in seen.items()}
    return [
        motion
        for motion in motions
        if str(motion.trial.attrs["subject"]) in chosen[str(motion.trial.attrs.get("source"))]
    ]


def _fit_shares(
    model: MotionModel, motions: Sequence[MeasuredMotion], plan: CompletionPlan, run: Run
) -> dict[str, dict[str, float]]:
    """Shares of the found force by gait and by whether the motion was measured."""
    plain = replace(plan, correct=False, draws=min(plan.draws, GAIN_DRAWS))
    jobs = [(motion, model, condition, plain) for condition in GAIN_CONDITIONS for motion in motions]
    groups: dict[str, list[Imbalance]] = {}
    for job, found in zip(jobs, run(_difference, jobs, what="calibrating: shares"), strict=True):
        key = gain_key(gait_of(job[0].trial), MEASURED if job[2] == FULL else DRAWN)
        groups.setdefault(key, []).append(found)
    return {key: fit_gain(group) for key, group in groups.items()}


def _difference(
    motion: MeasuredMotion, model: MotionModel, condition: str, plan: CompletionPlan
) -> Imbalance:
    hidden = hidden_coordinates(condition)
    drawn, found = (
        complete_trial(motion, model, hidden=hidden, plan=replace(plan, share=share)) for share in (0.0, 1.0)
    )
    return find_difference(drawn, found, motion.trial)


def _fit_gains(
    model: MotionModel, motions: Sequence[MeasuredMotion], plan: CompletionPlan, run: Run
) -> dict[str, Any]:
    """Gains for all, and by gait and by whether the motion was measured."""
    plain = replace(plan, correct=False, draws=min(plan.draws, GAIN_DRAWS))
    jobs = [(motion, model, condition, plain) for condition in GAIN_CONDITIONS for motion in motions]
    found: list[Imbalance] = run(_imbalance, jobs, what="calibrating: gains")
    kinds = [MEASURED if condition == FULL else DRAWN for _, _, condition, _ in jobs]
    keys = [gain_key(gait_of(motion.trial), kind) for (motion, *_), kind in zip(jobs, kinds, strict=True)]
    groups = {key: [each for each, own in zip(found, keys, strict=True) if own == key] for key in keys}
    whole = [each for each, kind in zip(found, kinds, strict=True) if kind == MEASURED]
    return {GAIN: fit_gain(whole), GAINS: {key: fit_gain(group) for key, group in groups.items()}}


def _imbalance(motion: MeasuredMotion, model: MotionModel, condition: str, plan: CompletionPlan) -> Imbalance:
    completed = complete_trial(motion, model, hidden=hidden_coordinates(condition), plan=plan)
    return find_imbalance(completed, motion.trial)


def _needed(motion: MeasuredMotion, model: MotionModel, condition: str, plan: CompletionPlan) -> _Needed:
    hidden = hidden_coordinates(condition)
    completed = complete_trial(motion, model, hidden=hidden, plan=plan)
    factors = {axis: needed_factors(*stance_draws(completed, motion.trial, axis)) for axis in AXES}
    stances = measure_stance_draws(completed, motion.trial)
    factors |= {name: needed_factors(*each) for name, each in stances.items()}
    factors[ANGLE] = _of_angles(completed, motion.trial, hidden)
    return _Needed(calibration_key(motion.trial, condition), str(motion.trial.attrs["subject"]), factors)


def _of_angles(completed: xr.Dataset, measured: xr.Dataset, hidden: Iterable[str]) -> NDArray[Any]:
    own = measured["joint_angle"]
    known = [name for name in hidden if name in ANGLES and name in own["coordinate"].values]
    drawn = completed["joint_angle"].sel(coordinate=known).transpose("draw", "time", "coordinate").values
    real = own.sel(coordinate=known).transpose("time", "coordinate").values
    return needed_factors(drawn.reshape(len(drawn), -1), real.ravel())


def _fit_factors(needed: Iterable[_Needed]) -> dict[str, dict[str, float]]:
    """By key and by what they are for; nothing where nobody was judged."""
    groups: dict[str, dict[str, dict[str, list[NDArray[Any]]]]] = {}
    for key, person, factors in needed:
        for name in FACTORS:
            if factors[name].size:
                own = groups.setdefault(key, {}).setdefault(name, {})
                own.setdefault(person, []).append(factors[name])
    return {
        key: {name: _rounded_up(pooled_factor(people)) for name, people in group.items()}
        for key, group in groups.items()
    }


def _rounded_up(factor: float) -> float:
    return float(np.ceil(factor / STEP) * STEP)


def _encoded(motions: Sequence[MeasuredMotion]) -> Sequences:
    values = [encode_states(motion.trial, motion.model) for motion in motions]
    study = [calibration_key(motion.trial, "") for motion in motions]
    return Sequences(values, [], [], study, [str(motion.trial.attrs["subject"]) for motion in motions])
