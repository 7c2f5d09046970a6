"""The 33 conditions of GaitDynamics in one table: what is lost in force and motion when parts of it are hidden.

Columns condition, source, gait, axis, measure, unit, value, low, high, n: a mean over people and its interval.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from gaitbook.models.motion_model import MotionModel
from gaitbook.representation.hiding import condition_names
from gaitbook.studies.calibration import interval_factors
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.hidden_parts import Contestant, condition_summary, judge_conditions
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.processes import run_jobs

OURS: Final = "gaitbook"
TABLE_DRAWS: Final = 20
KEYS: Final = ("condition", "source", "gait", "axis", "measure", "unit")
VALUES: Final = ("value", "low", "high", "n")


def condition_table(
    model: MotionModel,
    motions: Sequence[MeasuredMotion],
    *,
    conditions: Sequence[str] | None = None,
    plan: CompletionPlan | None = None,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors, intervals and their coverage under every condition, mean over people.

    Parameters
    ----------
    model
        Trained; intervals are widened as its card tells.
    motions
        Trials of people held out, as given by `gaitbook.studies.held_out_motion.held_out_motions`.
    conditions
        By default the 33 of `gaitbook.representation.hiding.condition_names`.
    plan
        By default 20 draws.
    processes
        How many to use; by default one per core, at most eight.
    progress
        Show a progress bar.

    Returns
    -------
    pandas.DataFrame
        Columns `KEYS` and `VALUES`; measures as in `gaitbook.studies.hidden_parts.judge_conditions`, but for the time
        that it took, so that the table is the same again. Conditions are in the order asked for.

    Raises
    ------
    ValueError
        There is no trial.
    """
    if not motions:
        raise ValueError(
            "There is no trial of people held out: name a cohort that has some, such as default or rbds."
        )
    wanted = list(conditions or condition_names())
    plan = plan or CompletionPlan(draws=TABLE_DRAWS)
    jobs = [(motion, model, plan, tuple(wanted)) for motion in motions]
    parts = run_jobs(_judge, jobs, what="trials under all conditions", processes=processes, progress=progress)
    judged = pd.concat(parts, ignore_index=True)
    summary = condition_summary(judged[judged["measure"] != "seconds"])
    order = summary["condition"].map(wanted.index)
    sorted_rows = summary.assign(place=order).sort_values(["place", *KEYS[1:]], ignore_index=True)
    return sorted_rows[[*KEYS, *VALUES]]


def trial_factors(
    card: Mapping[str, Any], motion: MeasuredMotion, conditions: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By condition, how much wider than the draws of a model the intervals of a trial are."""
    return {condition: interval_factors(card, motion.trial, condition) for condition in conditions}


def _judge(
    motion: MeasuredMotion, model: MotionModel, plan: CompletionPlan, conditions: tuple[str, ...]
) -> pd.DataFrame:
    factors = trial_factors(model.card, motion, conditions)
    ours = Contestant(OURS, model, plan)
    return judge_conditions([motion], [ours], conditions=conditions, factors=factors, progress=False)
