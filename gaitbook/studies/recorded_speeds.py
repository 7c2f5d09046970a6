"""Recorded people of a cohort at several speeds, told by one of them: those who are new to a model, or its teachers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.streaming import read_trial
from gaitbook.library import find_cohort
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.motion_training import role
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.stride_library import measured_stride

LEARNED_FROM: Final = ("rbds",)
"""Recorded cohorts of which the stride model has learned; in any other one everybody is new to it."""
SAME_MPS: Final = 0.05
"""Speeds that differ by less are the same."""
NO_STRIDE: Final = "no whole stride"
NO_PAIR: Final = "no whole strides at the own speed and at another one of the same gait"


def recorded_at_speeds(
    cohort: str | Path,
    recordings: xr.DataTree,
    *,
    own_mps: float,
    learned: bool = False,
    people: int = 0,
    exclusions: list[Exclusion] | None = None,
    processes: int | None = None,
) -> list[KnownAnswer]:
    """Recorded people of a cohort at several speeds, told by one of them.

    Parameters
    ----------
    cohort
        Name or folder of the cohort.
    recordings
        The cohort as `gaitbook.open_cohort` gave it, perhaps a stand-in.
    own_mps
        Speed that people are told by.
    learned
        Take those from whom the stride model has learned, instead of those who are new to it.
    people
        At most so many, the first by name; zero takes all.
    exclusions
        Where trials without a whole stride, and people without two speeds, are put.
    processes
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    list of KnownAnswer
        Empty where the people of the cohort are simulated, or nobody of the kind asked for is in it.
    """
    if recordings.attrs.get("label") != "recorded":
        return []
    trials = _trials_of(recordings, learned=learned)
    chosen = list(trials.items())[: people or None]
    path = find_cohort(cohort)
    jobs = [(path, subject, places, own_mps) for subject, places in chosen]
    done = run_jobs(_measure_person, jobs, what="recorded people", processes=processes)
    if exclusions is not None:
        exclusions += [each for _, left_out in done for each in left_out]
    return [answer for answer, _ in done if answer is not None]


def _trials_of(recordings: xr.DataTree, *, learned: bool) -> dict[str, list[str]]:
    """Places of all trials of the people who are wanted, by subject."""
    known = recordings.attrs.get("name") in LEARNED_FROM
    found: dict[str, list[str]] = {}
    for node in recordings.leaves:
        if not node.has_data:
            continue
        subject = node.path.split("/")[2]
        kind = role(subject) if known else "test"
        if kind == ("train" if learned else "test"):
            found.setdefault(subject, []).append(node.path)
    return {subject: sorted(found[subject]) for subject in sorted(found)}


def _measure_person(
    path: Path, subject: str, places: Sequence[str], own_mps: float
) -> tuple[KnownAnswer | None, list[Exclusion]]:
    strides: list[tuple[xr.Dataset, Any]] = []
    left_out = []
    for place in places:
        try:
            strides.append(measured_stride(read_trial(path, place)))
        except (ValueError, KeyError) as reason:
            left_out.append(Exclusion(place, NO_STRIDE, " ".join(map(str, reason.args))))
    for own, body in strides:
        others = [each for each, _ in strides if each is not own and each.attrs["gait"] == own.attrs["gait"]]
        if others and np.isclose(_speed_mps(own), own_mps, rtol=0.0, atol=SAME_MPS):
            answers = tuple((GaitChange(speed_mps=_speed_mps(each)), each) for each in others)
            return KnownAnswer(own, body, own, answers), left_out
    return None, [*left_out, Exclusion(subject, NO_PAIR)]


def _speed_mps(stride: xr.Dataset) -> float:
    return float(stride.attrs["speed_mps"])
