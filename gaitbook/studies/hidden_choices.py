"""Study: one stride of one person, completed with this or that hidden, for a reader who chooses.

The trial is completed as a whole, with every choice in a process of its own; what is shown is a stride from its middle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.models.motion_model import MotionModel
from gaitbook.representation.hiding import FULL, ONE_LEG, hidden_coordinates
from gaitbook.studies.calibration import interval_factors
from gaitbook.studies.completed_strides import (
    PERCENT,
    Span,
    angle_curves,
    completed_stride,
    force_curves,
    measured_stride,
    middle_stride,
)
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.time_gaps import with_frames

GAP_S: Final = 0.4


class Choice(NamedTuple):
    """What is hidden throughout, by the name of a condition, and for how long everything is."""

    condition: str = FULL
    gap_s: float = 0.0


CHOICES: Final[Mapping[str, Choice]] = {
    "nothing": Choice(),
    "trunk": Choice("trunk"),
    "pelvis": Choice("pelvis"),
    "hips": Choice("hips"),
    "knees": Choice("knees"),
    "ankles": Choice("ankles"),
    "both legs": Choice("hips, knees, ankles"),
    "all but the right leg": Choice(ONE_LEG[0]),
    "all but the pelvis": Choice("trunk, hips, knees, ankles"),
    "everything for 0.4 s": Choice(gap_s=GAP_S),
}


@dataclass(frozen=True)
class ChosenCompletions:
    """A stride, measured and completed under every choice.

    Parameters
    ----------
    measured
        ``skeleton_position`` (time, joint, axis), m; ``ground_reaction_force`` and ``center_of_pressure`` (time, foot,
        axis); attributes of the trial.
    completed
        By choice: the same of the mean of the draws, ``drawn_position`` (draw, time, joint, axis) of some of them, and
        the attributes ``hidden`` (coordinates) and ``gap_percent`` (first and last phase of a gap, or nothing).
    curves
        Columns setting (the choice), quantity, series (foot), phase_percent, value, low, high, measured, unit.
    scores
        Columns setting, measure, value, unit, of the vertical force of the left foot over the whole trial.
    """

    measured: xr.Dataset
    completed: Mapping[str, xr.Dataset]
    curves: pd.DataFrame
    scores: pd.DataFrame


def complete_choices(
    motion: MeasuredMotion,
    model: MotionModel,
    *,
    plan: CompletionPlan | None = None,
    choices: Mapping[str, Choice] = CHOICES,
    processes: int | None = None,
    progress: bool = True,
) -> ChosenCompletions:
    """A trial completed under every choice, cut to one stride of the right foot.

    Parameters
    ----------
    motion
        With force, and with two strides of the right foot or more.
    model
        Trained; its card widens the intervals of force.
    plan
        How many draws, and how.
    choices
        What is hidden, by name.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Raises
    ------
    ValueError
        The trial holds no whole stride of the right foot.
    """
    span = middle_stride(motion.trial)
    jobs = [(motion, model, plan or CompletionPlan(), name, choice, span) for name, choice in choices.items()]
    parts = run_jobs(_complete, jobs, what="hiding", processes=processes, progress=progress)
    return ChosenCompletions(
        measured_stride(motion, span),
        {name: part[0] for name, part in zip(choices, parts, strict=True)},
        pd.concat([part[1] for part in parts], ignore_index=True),
        pd.concat([part[2] for part in parts], ignore_index=True),
    )


def _complete(
    motion: MeasuredMotion,
    model: MotionModel,
    plan: CompletionPlan,
    name: str,
    choice: Choice,
    span: Span,
) -> tuple[xr.Dataset, pd.DataFrame, pd.DataFrame]:
    hidden = hidden_coordinates(choice.condition)
    middle_s, half_s = 0.5 * (span[0] + span[1]), 0.5 * choice.gap_s
    gap_s = (middle_s - half_s, middle_s + half_s)
    time_s = motion.trial["time"]
    seen = (time_s < gap_s[0]) | (time_s > gap_s[1])
    given = motion if not choice.gap_s else motion._replace(trial=with_frames(motion.trial, seen))
    completed = complete_trial(given, model, hidden=hidden, plan=plan)
    factors = interval_factors(model.card, motion.trial, choice.condition)
    phases = PERCENT * (np.array(gap_s) - span[0]) / (span[1] - span[0]) if choice.gap_s else np.array([])
    told = {"hidden": hidden, "gap_percent": phases.round(1).tolist()}
    stride = completed_stride(completed, motion, span).assign_attrs(told)
    curves = pd.concat(
        [force_curves(completed, motion, span, factors), angle_curves(completed, motion, span)],
        ignore_index=True,
    )
    judged = judge_completion(completed, motion.trial, factors=factors)
    scores = judged.query("axis == 'y' and measure in ('profile', 'coverage')").drop(columns="axis")
    return stride, curves.assign(setting=name), scores.assign(setting=name)
