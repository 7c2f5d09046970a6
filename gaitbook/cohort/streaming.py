"""Trials of a cohort one by one, straight from their folders.

To open a cohort as a tree is to look at every array of every trial, which takes minutes for 20,000 of them. Here a
trial is read when its turn comes, and its files are compared with their sizes as they were written.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import xarray as xr

from gaitbook.cohort import checksums
from gaitbook.cohort.encoding import decode_trial
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.zarr_files import decode_files

MOST_NAMES_SHOWN: Final = 20


def list_trials(path: str | Path) -> list[str]:
    """Places ``/source/subject/trial`` of the trials of a cohort, sorted, without opening it.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    CohortError
        The folder is no cohort.
    """
    cohort = Path(path)
    read_root(cohort)
    sheets = (cohort / checksums.SHEETS).glob("*/*/*.json")
    return sorted("/" + "/".join((*sheet.parts[-3:-1], sheet.name.removesuffix(".json"))) for sheet in sheets)


def read_trial(path: str | Path, place: str) -> xr.Dataset:
    """Trial at ``/source/subject/trial`` of a cohort, in memory and in double precision, without opening the cohort.

    Raises
    ------
    KeyError
        The cohort holds no such trial.
    CohortError
        Files of the trial are missing or have another size than when they were written.
    """
    cohort = Path(path)
    sheet = checksums.read_sheets(cohort, place).get(place)
    if sheet is None:
        raise KeyError(f"Not in the cohort {cohort}: trial {place}. `list_trials` lists those it holds.")
    return decode_trial(decode_files(checksums.read_files(cohort, sheet)))


def iterate_stored(
    path: str | Path,
    *,
    subjects: Collection[str] | None = None,
    trials: Collection[str] | None = None,
) -> Iterator[xr.Dataset]:
    """Trials of a stored cohort one by one: what `iterate_trials` gives, without opening a tree of all.

    Parameters
    ----------
    path
        Folder of the cohort.
    subjects, trials
        Names of the subjects and of the trials wanted; all by default.

    Yields
    ------
    xarray.Dataset
        A trial in memory, with its attributes, in double precision; sorted by place.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    CohortError
        The folder is no cohort, or a trial is damaged.
    KeyError
        A subject or trial is not in the cohort.
    """
    places = [(place, *place.split("/")[2:]) for place in list_trials(path)]
    absent = [
        *_absent("subject", subjects, {subject for _, subject, _ in places}),
        *_absent("trial", trials, {trial for _, _, trial in places}),
    ]
    if absent:
        raise KeyError(" ".join(absent))
    for place, subject, trial in places:
        if (subjects is None or subject in subjects) and (trials is None or trial in trials):
            yield read_trial(path, place)


def _absent(what: str, wanted: Collection[str] | None, present: Collection[str]) -> Iterator[str]:
    absent = sorted(set(wanted or ()) - set(present))
    if absent:
        names = sorted(present)
        more = f" and {len(names) - MOST_NAMES_SHOWN} more" if len(names) > MOST_NAMES_SHOWN else ""
        held = ", ".join(names[:MOST_NAMES_SHOWN]) or f"no {what}"
        yield f"Not in the cohort: {what} {', '.join(absent)}. It holds {held}{more}."
