"""Study: some ways to lose markers, each trial in a process of its own."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import xarray as xr

from gaitbook.studies.contest import with_group
from gaitbook.studies.hidden_markers import ALL_MARKERS, judge_hidden_markers
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.marker_occlusion import Occlusion
from gaitbook.studies.processes import run_jobs

CASES: Final = (
    Occlusion("samples", 0.6),
    Occlusion("bursts", 0.3),
    Occlusion("thigh", 1.0),
    Occlusion("shank", 1.0),
    Occlusion("pelvis", 0.25),
)
SHOWN: Final = {"vertical error": ("y", "profile"), "error of lost angles": ("", "angle")}


def judge_marker_cases(
    trials: Sequence[xr.Dataset],
    one: Contestant,
    *,
    cases: Sequence[Occlusion] = CASES,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors with markers hidden, as by `gaitbook.studies.hidden_markers.judge_hidden_markers`.

    Parameters
    ----------
    trials
        With markers and force.
    one
        Our model.
    cases
        How markers are hidden.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        With the columns case (words such as ``"30 % in bursts"``) and group besides.
    """
    jobs = [(trial, one, tuple(cases)) for trial in trials]
    parts = run_jobs(_judge, jobs, what="hiding markers", processes=processes, progress=progress)
    judged = pd.concat(parts, ignore_index=True)
    words = [name_case(*each) for each in zip(judged["pattern"], judged["share"], strict=True)]
    return with_group(judged.assign(case=words))


def name_case(pattern: str, share: float) -> str:
    """Words of a way to hide markers.

    Examples
    --------
    >>> name_case("bursts", 0.3), name_case("thigh", 1.0), name_case("nothing", 0.0)
    ('30 % in bursts', 'one thigh', 'none')
    """
    if pattern == "nothing":
        return "none"
    if pattern in ("samples", "bursts"):
        return f"{100 * share:.0f} % {'of samples' if pattern == 'samples' else 'in bursts'}"
    part = "pelvis" if pattern == "pelvis" else f"one {pattern}"
    return part if share == 1.0 else f"{part}, {100 * share:.0f} % of the time"


def _judge(trial: xr.Dataset, one: Contestant, cases: Sequence[Occlusion]) -> pd.DataFrame:
    judged = judge_hidden_markers([trial], [one], occlusions=cases, progress=False)
    return judged.assign(method=judged["method"].replace({ALL_MARKERS: "completed"}))
