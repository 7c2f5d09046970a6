"""Putting a dataset into a cohort in one step.

A dataset is written to a hidden folder of its own and moved into place; its sheet of checksums follows and makes it
part of the cohort. Several processes may put different trials into the same cohort at the same time: none of them
touches the hidden folder of another.
"""

import errno
import hashlib
import os
import platform
import shutil
import time
from pathlib import Path
from typing import Final

import xarray as xr

from gaitbook.cohort import checksums
from gaitbook.cohort.encoding import write_encoded
from gaitbook.cohort.metadata import ROOT, scatter_metadata, write_group

INCOMING: Final = ".incoming"
ABANDONED_AFTER_S: Final = 86_400.0
"""Age at which a hidden folder of another computer is taken to be left over; writing a trial takes milliseconds."""


def put_into_place(cohort: Path, place: str, encoded: xr.Dataset, content: str) -> None:
    """Write an encoded trial or table and its sheet, in place of what is there.

    Parameters
    ----------
    cohort
        Folder of the cohort.
    place
        ``/source/subject/trial``, or the place of a table.
    encoded
        What is written.
    content
        SHA-256 of its content.

    Raises
    ------
    OSError
        The disk is full; nothing half-written is left.
    """
    incoming = incoming_folder(cohort, place)
    try:
        sheet = checksums.make_sheet(place, content, write_encoded(encoded, incoming))
        _move_into_place(cohort, incoming, sheet)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise OSError(errno.ENOSPC, _full_disk(cohort, place, encoded.nbytes)) from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def incoming_folder(cohort: Path, place: str) -> Path:
    """Hidden folder where this process writes what is to come to a place."""
    return cohort / f"{INCOMING}-{_digest(platform.node())}-{os.getpid()}-{_digest(place)}"


def clear_incoming(cohort: Path) -> None:
    """Clear what interrupted imports left, but not what another process is writing."""
    for folder in cohort.glob(f"{INCOMING}*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _move_into_place(cohort: Path, incoming: Path, sheet: checksums.Sheet) -> None:
    place = checksums.trial_folder(cohort, sheet.trial)
    if checksums.is_table(sheet.trial):
        place.parent.mkdir(exist_ok=True)
    else:
        for group in (place.parent.parent, place.parent):
            if not (group / ROOT).exists():
                write_group(group, {})
        scatter_metadata(cohort)
    # An old trial of the same place loses its sheet first: if killed here the cohort lacks it, but is not
    # damaged
    checksums.sheet_file(cohort, sheet.trial).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    incoming.replace(place)
    checksums.write_sheet(cohort, sheet)


def _is_abandoned(folder: Path) -> bool:
    *_, host, process, _ = ["", "", *folder.name.split("-")]
    if host == _digest(platform.node()) and process.isdigit() and os.name == "posix":
        return not _is_running(int(process))
    try:
        return time.time() - folder.stat().st_mtime > ABANDONED_AFTER_S
    except FileNotFoundError:
        return False


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)  # sends nothing, only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _full_disk(cohort: Path, place: str, size: int) -> str:
    what = f"table {place.rpartition('/')[2]}" if checksums.is_table(place) else f"trial {place}"
    return (
        f"the disk that holds {cohort} is full: {what} needs up to {size / 1e6:.1f} MB. "
        "Nothing half-written was left. Free some space, or point GAITBOOK_COHORTS to another disk, "
        "and run the same import again: it continues where it stopped"
    )
