"""Checksums of a cohort: what was written, and whether it is still there.

Every trial and every table of a cohort has a sheet in the hidden folder ``.checksums``: the size and SHA-256 of
each of its files, and one SHA-256 of its content. The sheet is written last, so that a trial belongs to the cohort
exactly when it has one. The hash of the cohort is made from the contents alone: it depends neither on the
order of import nor on how the files are compressed.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.cohort.chunks import KINDS_OF_STRINGS, Files

SHEETS = ".checksums"
TABLES = ".tables"
"""Hidden folder of the tables of a cohort; their places are ``/.tables/name``."""
UNHASHED_ATTRS = frozenset({"log", "source_sha256", "summary", "left_out"})
"""Notes on how a trial came to be: two trials that differ in them alone are the same."""
MOST_TRIALS_SHOWN = 20
MOST_FILES_SHOWN = 3


class CohortError(ValueError):
    """A store is not a cohort or is damaged; the message says which trials, and what to do."""


@dataclass(frozen=True)
class Sheet:
    """What a trial consisted of when it was written.

    Attributes
    ----------
    trial
        Place in the cohort: ``/source/subject/trial``.
    content
        SHA-256 of variables, coordinates and attributes (notes on its origin aside).
    files
        Name of each file below the folder of the trial, with its size in bytes and SHA-256.
    """

    trial: str
    content: str
    files: dict[str, tuple[int, str]]


def hash_content(trial: xr.Dataset) -> str:
    """SHA-256 of the content of a trial: names, dims, values and attributes, but not its log or other notes.

    Examples
    --------
    >>> trial = xr.Dataset({"free_moment": ("time", np.zeros(3))}, attrs={"subject": "A"})
    >>> hash_content(trial) == hash_content(trial.assign_attrs(log=["read"]))
    True
    """
    digest = hashlib.sha256(_canonical({k: v for k, v in trial.attrs.items() if k not in UNHASHED_ATTRS}))
    for name in sorted(map(str, trial.variables)):
        variable = trial.variables[name]
        values = variable.values
        if values.dtype.kind in KINDS_OF_STRINGS:
            digest.update(_canonical([name, variable.dims, values.tolist()]))
        else:
            plain = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<")))
            digest.update(_canonical([name, variable.dims, values.dtype.kind, plain.itemsize, plain.shape]))
            digest.update(plain.tobytes())
        digest.update(_canonical(variable.attrs))
    return digest.hexdigest()


def make_sheet(trial_path: str, content: str, files: Files) -> Sheet:
    """Sheet of a trial that consists of these files."""
    sizes = {name: (len(files[name]), hashlib.sha256(files[name]).hexdigest()) for name in sorted(files)}
    return Sheet(trial_path, content, sizes)


def write_sheet(cohort: Path, sheet: Sheet) -> None:
    """Write a sheet in one step: from here on the trial belongs to the cohort."""
    record = {"trial": sheet.trial, "content": sheet.content, "files": sheet.files}
    write_atomically(sheet_file(cohort, sheet.trial), json.dumps(record, sort_keys=True))


def read_sheets(cohort: Path, place: str | None = None) -> dict[str, Sheet]:
    """Sheets of the trials of a cohort by place, sorted; with ``place`` only that one (trial or table), if there.

    Raises
    ------
    ValueError
        A sheet is damaged; the message names it and says what to do.
    """
    files = (cohort / SHEETS).glob("*/*/*.json") if place is None else [sheet_file(cohort, place)]
    return _read_sorted(files)


def read_table_sheets(cohort: Path) -> dict[str, Sheet]:
    """Sheets of the tables of a cohort by place, sorted; errors as `read_sheets`."""
    return _read_sorted((cohort / SHEETS / TABLES).glob("*.json"))


def is_table(place: str) -> bool:
    """Whether a place is that of a table, not of a trial."""
    return place.startswith(f"/{TABLES}/")


def find_damage(cohort: Path, sheet: Sheet, *, deep: bool = False) -> list[str]:
    """Faults of the files of a trial, one phrase per file; empty if all are as written.

    ``deep`` compares SHA-256 (every byte is read), otherwise only sizes are compared.
    """
    folder = trial_folder(cohort, sheet.trial)
    found = []
    for name, (size, sha256) in sheet.files.items():
        file = folder / name
        if not file.is_file():
            found.append(f"{name} is missing")
        elif file.stat().st_size != size:
            found.append(f"{name} has {file.stat().st_size} bytes instead of {size}")
        elif deep and hash_file(file) != sha256:
            found.append(f"{name} has changed since it was written")
    return found


def read_whole_sheets(cohort: Path, *, deep: bool) -> dict[str, Sheet]:
    """Sheets of a cohort, of its trials and its tables, all of whose files are as written.

    Raises
    ------
    CohortError
        Files are missing or changed; the message lists all damaged trials and tables and says what to do.
    """
    sheets = {**read_sheets(cohort), **read_table_sheets(cohort)}
    damage = {place: find_damage(cohort, sheet, deep=deep) for place, sheet in sheets.items()}
    damaged = {place: found for place, found in damage.items() if found}
    if damaged:
        raise CohortError(_damage_message(cohort, damaged, len(sheets)))
    return sheets


def read_files(cohort: Path, sheet: Sheet) -> dict[str, bytes]:
    """Content of the files of a trial or table.

    Raises
    ------
    CohortError
        Files are missing or have another size than when they were written.
    """
    folder, files = str(trial_folder(cohort, sheet.trial)), {}
    for name in sheet.files:
        try:
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123 - some 220,000 files: paths are costly
                files[name] = file.read()
        except OSError:
            break
    if any(len(files.get(name, b"")) != size for name, (size, _) in sheet.files.items()):
        raise CohortError(_damage_message(cohort, {sheet.trial: find_damage(cohort, sheet)}, 1))
    return files


def hash_sheets(sheets: Mapping[str, Sheet]) -> str:
    """SHA-256 of a cohort from the contents of its trials and tables, the same for any order of import."""
    lines = "".join(f"{place} {sheets[place].content}\n" for place in sorted(sheets))
    return hashlib.sha256(lines.encode()).hexdigest()


def trial_folder(cohort: Path, trial_path: str) -> Path:
    """Folder of the trial at ``/source/subject/trial``."""
    return cohort / trial_path.strip("/")


def sheet_file(cohort: Path, trial_path: str) -> Path:
    """File of the sheet of the trial at ``/source/subject/trial``."""
    return cohort / SHEETS / (trial_path.strip("/") + ".json")


def hash_file(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(file: Path, text: str) -> None:
    """Write a text file in one step: a reader sees the old one or the new one, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # One of its own for each process and thread: several may write the same file, and the last one stays
    partial = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _damage_message(cohort: Path, damaged: Mapping[str, Sequence[str]], total: int) -> str:
    what = "trial(s) or table(s)" if any(map(is_table, damaged)) else "trial(s)"
    lines = [f"{len(damaged)} of {total} {what} in the cohort {cohort} are damaged:"]
    for place, found in list(damaged.items())[:MOST_TRIALS_SHOWN]:
        more = len(found) - MOST_FILES_SHOWN
        lines.append(
            f"- {place}: " + "; ".join([*found[:MOST_FILES_SHOWN], *([f"{more} more"] if more > 0 else [])])
        )
    if len(damaged) > MOST_TRIALS_SHOWN:
        lines.append("- and " + ", ".join(list(damaged)[MOST_TRIALS_SHOWN:]))
    lines.append(
        f"Delete the folders of these {what.replace('(s)', 's').replace(' or ', ' and ')} and run the same "
        "import again: it writes only what is missing."
    )
    return "\n".join(lines)


def _read_sorted(files: Iterable[Path]) -> dict[str, Sheet]:
    sheets = (_read_sheet(file) for file in files if file.is_file())
    return {sheet.trial: sheet for sheet in sorted(sheets, key=lambda sheet: sheet.trial)}


def _read_sheet(file: Path) -> Sheet:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        files = {name: (int(size), str(sha256)) for name, (size, sha256) in record["files"].items()}
        return Sheet(record["trial"], record["content"], files)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The checksums of a trial cannot be read ({file}): delete this file and run the import again."
        ) from error


def _canonical(value: Any) -> bytes:  # noqa: ANN401 - attributes hold anything that JSON can
    return json.dumps(value, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> Any:  # noqa: ANN401 - see above
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
