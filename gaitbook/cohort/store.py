"""The store of a cohort: a folder of trials that survives interruption.

A cohort is a zarr (version 3) store, opened lazily as an `xarray.DataTree` with a trial at
``/source/subject/trial``. A trial is validated, written to a hidden folder of the same store and moved into place
in one step; its checksums follow (see `gaitbook.cohort.checksums`) and make it part of the cohort. Whatever
interrupts an import leaves a store that opens, and the next import continues where it stopped. Several processes
may append different trials at the same time; one of them makes the cohort before, and finishes it after.
"""

import logging
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import xarray as xr

from gaitbook.cohort import checksums
from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.encoding import decode_trial, encode_trial
from gaitbook.cohort.metadata import gather_metadata, read_root, write_group
from gaitbook.cohort.placing import clear_incoming, put_into_place
from gaitbook.cohort.schema import trial_path, validate
from gaitbook.cohort.tree import open_tree

LABELS = ("recorded", "synthetic")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
PLACE_DEPTH = 3
"""A trial hangs three levels deep: source, subject, trial."""

logger = logging.getLogger(__name__)


def cohorts_folder() -> Path:
    """Folder where cohorts are kept: ``GAITBOOK_COHORTS``, else the user's data folder."""
    folder = os.environ.get("GAITBOOK_COHORTS")
    return Path(folder).expanduser() if folder else platformdirs.user_data_path("gaitbook") / "cohorts"


def create_cohort(
    path: str | Path,
    *,
    name: str,
    label: str = "recorded",
    license: str = "unknown",
    citation: str = "",
    **attrs: str,
) -> Path:
    """Empty cohort, or the one already there, ready to take (more) trials.

    What an interrupted import left in the hidden folder is cleared.

    Parameters
    ----------
    path
        Folder of the cohort.
    name, license, citation
        Where the trials come from; shown on every figure made from them.
    label
        ``"recorded"`` or ``"synthetic"``.
    **attrs
        Further attributes of the cohort.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CohortError
        The folder holds something else, or a cohort with another label.
    """
    cohort = Path(path)
    if label not in LABELS:
        raise ValueError(f"label is {label!r}, expected one of {', '.join(LABELS)}")
    if cohort.exists() and any(cohort.iterdir()):
        present = read_root(cohort).attributes.get("label")
        if present != label:
            raise CohortError(
                f"{cohort} holds a cohort labeled {present!r}, not {label!r}: give the new one another name."
            )
        clear_incoming(cohort)
    own = {"name": name, "label": label, "license": license, "citation": citation}
    write_group(cohort, {**own, **attrs, "finished": False})
    return cohort


def append_trial(path: str | Path, trial: xr.Dataset, *, replace: bool = False) -> bool:
    """Write a trial into a cohort in one step; a trial that is already there is skipped.

    Parameters
    ----------
    path
        Folder of a cohort made by `create_cohort`.
    trial
        A trial that keeps the contract.
    replace
        Whether to write the trial even if there is one of the same place.

    Returns
    -------
    bool
        Whether the trial was written; ``False`` if it was already there with the same content.

    Raises
    ------
    TrialError
        The trial breaks the contract.
    CohortError
        Another trial has the same place (and ``replace`` is off), or a name cannot be that of a folder.
    OSError
        The disk is full; nothing half-written is left.
    """
    cohort, place = Path(path), trial_path(validate(trial).attrs)
    _require_names(place)
    encoded = encode_trial(trial)
    content = checksums.hash_content(encoded)
    if not replace and has_trial(cohort, place):
        if checksums.read_sheets(cohort, place)[place].content == content:
            return False
        raise CohortError(f"{cohort} already holds another trial {place}: rename one of them, or replace it.")
    put_into_place(cohort, place, encoded, content)
    return True


def has_trial(path: str | Path, place: str) -> bool:
    """Whether a cohort holds the trial ``/source/subject/trial`` with all its files at their sizes."""
    sheet = checksums.read_sheets(Path(path), place).get(place)
    return sheet is not None and not checksums.find_damage(Path(path), sheet)


def trial_attributes(path: str | Path, place: str) -> dict[str, Any]:
    """Attributes of the stored trial ``/source/subject/trial``, without opening the cohort."""
    return dict(read_root(checksums.trial_folder(Path(path), place)).attributes)


def finish_cohort(path: str | Path) -> Path:
    """Mark an import as finished, and gather the metadata of all trials in one file.

    With gathered metadata a store opens in any zarr reader, and without complaints about the hidden folders.
    """
    cohort = Path(path)
    attributes = {**read_root(cohort).attributes, "finished": True}
    gather_metadata(cohort, checksums.read_sheets(cohort).values(), attributes)
    clear_incoming(cohort)
    return cohort


def read_cohort(path: str | Path) -> xr.DataTree:
    """Cohort as a tree of trials at ``/source/subject/trial``, opened lazily.

    Sizes of all files are compared with those written; `check_cohort` compares contents.

    Returns
    -------
    xarray.DataTree
        Its root has the attributes of the cohort and ``hash`` (see `cohort_hash`).

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    CohortError
        The folder is no cohort, or is damaged: the message lists every damaged trial.
    """
    cohort = Path(path)
    root = read_root(cohort)
    sheets = checksums.read_whole_sheets(cohort, deep=False)
    trials = [sheet for place, sheet in sheets.items() if not checksums.is_table(place)]
    if not root.attributes.get("finished"):
        logger.warning(
            "The last import into %s did not finish: it holds %d trial(s) so far.", cohort, len(trials)
        )
    return open_tree(cohort, trials, {**root.attributes, "hash": checksums.hash_sheets(sheets)})


def check_cohort(path: str | Path, *, deep: bool = False) -> pd.DataFrame:
    """Table of the trials of a cohort, all of whose files (and those of its tables) are as they were written.

    Parameters
    ----------
    path
        Folder of the cohort.
    deep
        Whether to read every byte and compare SHA-256, not sizes only.

    Returns
    -------
    pandas.DataFrame
        Columns ``trial``, ``files``, ``bytes`` and ``sha256`` (of the content).

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    CohortError
        The folder is no cohort, or is damaged: the message lists every damaged trial.
    """
    read_root(Path(path))
    sheets = checksums.read_whole_sheets(Path(path), deep=deep)
    rows = [
        (place, len(sheet.files), sum(size for size, _ in sheet.files.values()), sheet.content)
        for place, sheet in sheets.items()
        if not checksums.is_table(place)
    ]
    return pd.DataFrame(rows, columns=["trial", "files", "bytes", "sha256"])


def cohort_hash(path: str | Path) -> str:
    """SHA-256 of the content of a cohort, the same for any order of import and any compression."""
    cohort = Path(path)
    return checksums.hash_sheets({**checksums.read_sheets(cohort), **checksums.read_table_sheets(cohort)})


def iterate_trials(cohort: xr.DataTree, *, subjects: Collection[str] | None = None) -> Iterator[xr.Dataset]:
    """Trials of a cohort one by one, sorted by place, each read on its own and in double precision.

    Parameters
    ----------
    cohort
        Tree with trials at ``/source/subject/trial``.
    subjects
        Names of the subjects wanted; all by default.

    Yields
    ------
    xarray.Dataset
        A trial in memory, with its attributes.

    Raises
    ------
    KeyError
        A subject is not in the cohort.
    """
    nodes = sorted((node for node in cohort.leaves if node.has_data), key=lambda node: node.path)
    present = {node.path.split("/")[-2] for node in nodes}
    absent = sorted(set(subjects or ()) - present)
    if absent:
        raise KeyError(f"Not in the cohort: {', '.join(absent)}. It holds {', '.join(sorted(present))}.")
    for node in nodes:
        if subjects is None or node.path.split("/")[-2] in subjects:
            yield decode_trial(node.to_dataset().compute())


def _require_names(place: str) -> None:
    parts = place.strip("/").split("/")
    wrong = [part for part in parts if not NAME.fullmatch(part)]
    if wrong or len(parts) != PLACE_DEPTH:
        raise CohortError(
            f"Trial {place}: {', '.join(map(repr, wrong)) or 'a name'} cannot be the name of a folder; "
            "use letters, digits and . _ + - and begin with a letter or digit."
        )
