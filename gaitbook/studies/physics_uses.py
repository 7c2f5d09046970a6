"""Study: what does each use of mechanics buy?

The model is told what the motion requires, or it is not; its force is corrected toward that, or it is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from gaitbook.conventions import UP
from gaitbook.representation.hiding import hidden_coordinates
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.contest import with_group
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.trial_facts import gait_of

USES: Final[Mapping[str, tuple[bool, bool]]] = {
    "told and corrected": (True, True),
    "told": (True, False),
    "corrected": (False, True),
    "neither": (False, False),
}
"""Words of a use, whether the model is told what the motion requires, and whether its force is corrected."""
SHOWN: Final[Mapping[str, tuple[str, str]]] = {
    "vertical error": (UP, "profile"),
    "residual": ("", "residual"),
}


def judge_physics(
    motions: Sequence[MeasuredMotion],
    one: Contestant,
    *,
    conditions: Sequence[str] = ("nothing", "hips"),
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors of the force, and its residual against Newton, under every use of mechanics.

    Parameters
    ----------
    motions
        Trials with force.
    one
        Our model.
    conditions
        What is hidden.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        Columns model, use, condition, source, subject, trial, gait, group, axis, measure, value, unit; the measure
        ``residual`` is how far the mean force is from what the mean motion requires (root mean square over time, %BW).
    """
    jobs = [(motion, one, condition, use) for motion in motions for condition in conditions for use in USES]
    parts = run_jobs(_judge, jobs, what="with and without", processes=processes, progress=progress)
    return with_group(pd.concat(parts, ignore_index=True))


def _judge(motion: MeasuredMotion, one: Contestant, condition: str, use: str) -> pd.DataFrame:
    told, corrected = USES[use]
    plan = replace(one.plan, physics=told, correct=corrected)
    completed = replace(one, plan=plan).complete(motion, hidden_coordinates(condition))
    residual = completed.attrs["residual_percent_bw"]
    row = {"axis": "", "measure": "residual", "value": residual, "unit": "%BW"}
    table = pd.concat([judge_completion(completed, motion.trial), pd.DataFrame([row])], ignore_index=True)
    facts = {name: str(motion.trial.attrs[name]) for name in ("source", "subject", "trial")}
    labels = {"model": one.name, "use": use, "condition": condition, **facts}
    return table.assign(**labels, gait=gait_of(motion.trial))
