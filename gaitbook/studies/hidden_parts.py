"""Study: how well can force be known when part of the motion is not?

Every condition hides something of trials that were wholly measured; a model, ours or a peer, completes them, and its
force is held against the plates. People are the unit: trials of one person are averaged before anything else.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.conventions import AXES
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import FULL, hidden_coordinates
from gaitbook.studies.calibration import Judged, fit_factor
from gaitbook.studies.completion import Completer, CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import LEVEL, judge_completion, stance_draws
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.trial_facts import gait_of
from gaitbook.studies.uncertainty import summarize

DEGREES_PER_RAD: Final = 180.0 / np.pi


@runtime_checkable
class TrialCompleter(Protocol):
    """Completes whole trials itself, as `gaitbook.studies.simple_completers` do; models complete windows."""

    def complete_trial(
        self, motion: MeasuredMotion, *, hidden: Collection[str] = (), plan: CompletionPlan | None = None
    ) -> xr.Dataset:
        """Motion and force as `gaitbook.studies.completion.complete_trial` gives them."""


@dataclass(frozen=True)
class Contestant:
    """A model under a name, and how it completes.

    Parameters
    ----------
    name
        As in tables.
    model
        Trained, or one that completes whole trials itself.
    plan
        Draws, steps, and whether it is told what the motion requires.
    """

    name: str
    model: Completer | TrialCompleter
    plan: CompletionPlan = field(default_factory=CompletionPlan)

    def complete(self, motion: MeasuredMotion, hidden: Collection[str] = ()) -> xr.Dataset:
        """Motion and force of a trial without what is hidden."""
        if isinstance(self.model, TrialCompleter):
            return self.model.complete_trial(motion, hidden=hidden, plan=self.plan)
        return complete_trial(motion, self.model, hidden=hidden, plan=self.plan)


def judge_conditions(
    motions: Sequence[MeasuredMotion],
    contestants: Iterable[Contestant],
    *,
    conditions: Sequence[str] = (FULL,),
    factors: Mapping[str, Mapping[str, float]] | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors of every contestant on every trial under every condition.

    Parameters
    ----------
    motions
        Trials with measured force, of people whom no contestant was trained on.
    contestants
        Models.
    conditions
        What is hidden, as in `gaitbook.representation.hiding.hidden_coordinates`.
    factors
        By condition and axis, how much wider than the draws the intervals are; one by default.
    progress
        Show a progress bar.

    Returns
    -------
    pandas.DataFrame
        Columns model, condition, source, subject, trial, gait, axis, measure, value, unit; measures as in
        `judge_completion`, ``angle`` (mean absolute error of the hidden angles, degrees) and ``seconds``.
    """
    jobs = [(one, condition, motion) for one in contestants for condition in conditions for motion in motions]
    bar = tqdm(jobs, desc="models x conditions x trials", unit="trial", disable=not progress)
    tables = [
        _judge(one, condition, motion, (factors or {}).get(condition)) for one, condition, motion in bar
    ]
    return pd.concat(tables, ignore_index=True)


def calibrate(
    motions: Sequence[MeasuredMotion],
    one: Contestant,
    *,
    conditions: Sequence[str] = (FULL,),
    level: float = LEVEL,
    progress: bool = True,
) -> dict[str, dict[str, float]]:
    """Factors by condition and axis that make the intervals of a model hold, as `judge_conditions` takes them.

    Parameters
    ----------
    motions
        Trials of people who were kept for this.
    one
        The model.
    conditions
        What is hidden.
    level
        Of the intervals.
    progress
        Show a progress bar.
    """
    factors = {}
    for condition in tqdm(conditions, desc="calibrating", unit="condition", disable=not progress):
        seen: dict[str, list[Judged]] = {axis: [] for axis in AXES}
        for motion in motions:
            completed = one.complete(motion, hidden_coordinates(condition))
            for axis in AXES:
                drawn, truth = stance_draws(completed, motion.trial, axis)
                seen[axis].append(Judged(str(motion.trial.attrs["subject"]), drawn, truth))
        factors[condition] = {axis: fit_factor(each, level=level) for axis, each in seen.items()}
    return factors


def condition_summary(judged: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Mean over people of every model, condition, gait, axis and measure, with its interval over people.

    Columns model, condition, source, gait, axis, measure, unit, value, low, high, n.
    """
    by = ["model", "condition", "source", "gait", "axis", "measure", "unit"]
    people = judged.groupby([*by, "subject"], sort=False)["value"].mean().reset_index()
    parts = [
        summarize(part, by[:-1], unit=str(unit), level=level)
        for unit, part in people.groupby("unit", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def _judge(
    one: Contestant, condition: str, motion: MeasuredMotion, factors: Mapping[str, float] | None
) -> pd.DataFrame:
    hidden = hidden_coordinates(condition)
    began = time.perf_counter()
    completed = one.complete(motion, hidden)
    spent_s = time.perf_counter() - began
    table = judge_completion(completed, motion.trial, factors=factors)
    more = [{"axis": "", "measure": "seconds", "value": spent_s, "unit": "s"}]
    wrong = _angle_error(completed, motion.trial, hidden)
    if wrong is not None:
        more.append({"axis": "", "measure": "angle", "value": wrong, "unit": "degrees"})
    facts = {name: str(motion.trial.attrs[name]) for name in ("source", "subject", "trial")}
    labels = {"model": one.name, "condition": condition, **facts, "gait": gait_of(motion.trial)}
    return pd.concat([table, pd.DataFrame(more)], ignore_index=True).assign(**labels)


def _angle_error(completed: xr.Dataset, measured: xr.Dataset, hidden: Sequence[str]) -> float | None:
    known = [
        name for name in hidden if name in measured["joint_angle"]["coordinate"].values and name in ANGLES
    ]
    if not known:
        return None
    away = completed["joint_angle"].mean("draw") - measured["joint_angle"]
    return float(DEGREES_PER_RAD * abs(away.sel(coordinate=known)).mean())
