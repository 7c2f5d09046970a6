"""Study: what if everything is hidden, but for a moment only? Gaps in time, filled by rules and by models."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.contest import with_group
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.trial_facts import gait_of

GAPS_S: Final = (0.1, 0.2, 0.3, 0.5)
PERIOD_S: Final = 1.0
"""From the beginning of one gap to that of the next."""


def judge_gaps(
    motions: Sequence[MeasuredMotion],
    contestants: Sequence[Contestant],
    *,
    gaps_s: Sequence[float] = GAPS_S,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors of the force where the whole motion is hidden for a moment in every second.

    Parameters
    ----------
    motions
        Trials with force.
    contestants
        Models.
    gaps_s
        Lengths of the gaps.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        Columns model, condition (such as ``"0.3 s"``), source, subject, trial, gait, group, axis, measure, value, unit.
    """
    jobs = [(motion, tuple(contestants), gap_s) for motion in motions for gap_s in gaps_s]
    parts = run_jobs(_judge, jobs, what="bridging gaps", processes=processes, progress=progress)
    return with_group(pd.concat(parts, ignore_index=True))


def with_gaps(trial: xr.Dataset, gap_s: float, *, period_s: float = PERIOD_S) -> xr.Dataset:
    """Trial whose motion is not known for a moment in the middle of every period.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``.
    gap_s, period_s
        Length of a gap, and from one to the next.
    """
    since_s = trial["time"].values - trial["time"].values[0]
    away_s = np.abs((since_s % period_s) - 0.5 * period_s)
    return with_frames(trial, xr.DataArray(away_s > 0.5 * gap_s, {"time": trial["time"]}, ("time",)))


def with_frames(trial: xr.Dataset, seen: xr.DataArray) -> xr.Dataset:
    """Trial of whose motion some frames alone are known.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``.
    seen
        (time,), boolean.
    """
    return trial.assign({name: trial[name].where(seen) for name in ("joint_angle", "pelvis_position")})


def _judge(motion: MeasuredMotion, contestants: Sequence[Contestant], gap_s: float) -> pd.DataFrame:
    given = motion._replace(trial=with_gaps(motion.trial, gap_s))
    facts = {name: str(motion.trial.attrs[name]) for name in ("source", "subject", "trial")}
    labels = {"condition": f"{gap_s:g} s", **facts, "gait": gait_of(motion.trial)}
    tables = [
        judge_completion(one.complete(given), motion.trial).assign(model=one.name) for one in contestants
    ]
    return pd.concat(tables, ignore_index=True).assign(**labels)
