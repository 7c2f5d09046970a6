"""Motion of people on whom no model was trained: who they are is settled by name, before anything is looked at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.studies.measured_motion import MeasuredMotion, measure_all_motion
from gaitbook.studies.motion_sequences import LAB_TRIALS
from gaitbook.studies.motion_training import role
from gaitbook.studies.processes import run_jobs

SIMULATED: Final = "simulated"
MARGIN_S: Final = 0.5
"""What is measured besides on both sides, so that no filter ends where a crop does."""


def held_out_motions(
    path: str | Path,
    *,
    people: int | None = None,
    seconds: float | None = None,
    trials: int | None = None,
    role_: str = "test",
    processes: int | None = None,
    progress: bool = True,
    exclusions: list[Exclusion] | None = None,
) -> list[MeasuredMotion]:
    """Trials of those people of a cohort who are for testing, or for calibrating, measured and cut out of the middle.

    Parameters
    ----------
    path
        Folder of the cohort.
    people
        At most so many, the first by name; all by default.
    seconds
        Length that is kept of each trial; all of it by default, and where it is shorter.
    trials
        At most so many of each person; by default all that have force.
    role_
        ``"test"`` or ``"calibrate"``, as `gaitbook.studies.motion_training.role` tells of every name.
    processes
        How many to use; by default one per core, at most eight.
    progress
        Show a progress bar.
    exclusions
        Where trials whose motion cannot be found are put, with the reason.

    Returns
    -------
    list of MeasuredMotion
        Sorted by place in the cohort; empty where the cohort has none of these people.

    Raises
    ------
    ValueError
        ``role_`` is not one of these.
    """
    if role_ not in ("test", "calibrate"):
        raise ValueError(f"There is no role {role_!r} of people held out: choose test or calibrate.")
    jobs = [(path, place, seconds) for place in _places(path, people, trials, role_)]
    done = run_jobs(_measure, jobs, what="measuring", processes=processes, progress=progress)
    if exclusions is not None:
        exclusions += [each for _, left_out in done for each in left_out]
    return [motion for motions, _ in done for motion in motions]


def _places(path: str | Path, people: int | None, trials: int | None, wanted: str) -> list[str]:
    """Places of trials, by person, as many of each as are wanted."""
    of_person: dict[str, list[str]] = {}
    for place in list_trials(path):
        _, source, subject, trial = place.split("/")
        if role(subject) == wanted and (source != SIMULATED or trial in LAB_TRIALS):
            of_person.setdefault(f"{source}/{subject}", []).append(place)
    return [place for person in sorted(of_person)[:people] for place in of_person[person][:trials]]


def _measure(
    path: str | Path, place: str, seconds: float | None
) -> tuple[Sequence[MeasuredMotion], list[Exclusion]]:
    exclusions: list[Exclusion] = []
    trial = read_trial(path, place)
    if seconds is not None:
        trial = middle_of(trial, seconds + 2.0 * MARGIN_S)
    motions = measure_all_motion([trial], exclusions)
    return [_cropped(motion, seconds) for motion in motions], exclusions


def _cropped(motion: MeasuredMotion, seconds: float | None) -> MeasuredMotion:
    return motion if seconds is None else motion._replace(trial=middle_of(motion.trial, seconds))


def middle_of(trial: xr.Dataset, seconds: float) -> xr.Dataset:
    """Middle of a trial, so many seconds long; all of it if it is shorter."""
    time_s = trial["time"].values
    first_s = 0.5 * (time_s[0] + time_s[-1] - seconds)
    start, stop = np.searchsorted(time_s, [first_s, first_s + seconds])
    return trial.isel(time=slice(int(start), int(stop)))
