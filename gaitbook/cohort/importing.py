"""Bringing a folder of recordings into a cohort.

Every recording is read, made into a trial, validated and appended, one after the other; a trial that cannot
be made is left out with its reason, and the import goes on. A trial that is already there, made of the same
files and the same attributes, is not read again: an interrupted import continues where it stopped.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm.auto import tqdm

from gaitbook.cohort.assembly import BuiltTrial
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.schema import trial_path
from gaitbook.cohort.sources import Source, build_source, folder_sources, hash_source
from gaitbook.cohort.store import (
    append_trial,
    cohorts_folder,
    create_cohort,
    finish_cohort,
    has_trial,
    trial_attributes,
)
from gaitbook.readers.folder import FolderContents, clean_name, find_recordings

UNSTATED_LICENSE = "not stated"
STATIC_REASON = "static trial of a person without any other: the person stands still for calibration"
PLAN_COLUMNS = (
    "subject",
    "trial",
    "files",
    "markers",
    "kinematics",
    "force",
    "duration_s",
    "status",
    "problem",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImportReport:
    """What became of an import.

    Attributes
    ----------
    path
        Folder of the cohort.
    table
        One row per recording: ``subject``, ``trial``, ``files``, whether it has ``markers``, ``kinematics``
        and ``force``, ``duration_s``, ``status`` and ``problem``.
    exclusions
        Everything that was left out: files, trials, contacts, stretches of force.
    """

    path: Path
    table: pd.DataFrame
    exclusions: tuple[Exclusion, ...] = field(default=())


def plan_import(
    source: str | Path, *, participants: str | Path | None = None, progress: bool = False
) -> pd.DataFrame:
    """Table of what an import would bring, without writing anything.

    Every file is read, so that every problem shows.

    Parameters
    ----------
    source
        Folder of recordings, or one file.
    participants
        Table of participants; ``participants.csv`` or ``.tsv`` in the folder by default.
    progress
        Whether to show a progress bar.

    Returns
    -------
    pandas.DataFrame
        One row per recording, then one per file that would not be used: ``subject``, ``trial``, ``files``,
        ``markers``, ``kinematics``, ``force``, ``duration_s``, ``status`` and ``problem``.
    """
    contents = find_recordings(source, participants=participants)
    sources = folder_sources(contents, source, license=UNSTATED_LICENSE)
    rows = [
        _row(each, build_source(each), "would be imported") for each in tqdm(sources, disable=not progress)
    ]
    return _table([*rows, *(_unused_row(each) for each in _unused(contents, source))])


def import_cohort(
    source: str | Path,
    name: str,
    *,
    participants: str | Path | None = None,
    dry_run: bool = False,
    license: str = UNSTATED_LICENSE,
    citation: str = "",
    progress: bool = True,
) -> ImportReport:
    """Import a folder of recordings into the cohort of this name, and report what was left out.

    Parameters
    ----------
    source
        Folder with ``.c3d``, ``.trc``, ``.mot`` and ``.sto`` files, at any depth, or one such file.
    name
        Name of the cohort, which is made if there is none.
    participants
        Table of participants; ``participants.csv`` or ``.tsv`` in the folder by default.
    dry_run
        Only say what would be imported.
    license, citation
        Terms of use of the recordings and what to cite; shown on every figure made from them.
    progress
        Whether to show a progress bar.

    Returns
    -------
    ImportReport
        The folder of the cohort, a row for each recording, and everything that was left out with its reason.

    Raises
    ------
    FileNotFoundError
        There is no such folder or table of participants.
    ValueError
        The folder holds no recording, or the table of participants cannot be read.
    OSError
        The disk is full; running the same import again continues it.
    """
    path = cohorts_folder() / clean_name(name)
    contents = find_recordings(source, participants=participants)
    if not contents.recordings:
        raise ValueError(_nothing_found(source, contents))
    sources = folder_sources(contents, source, license=license)
    unused = _unused(contents, source)
    if dry_run:
        built = [(each, build_source(each)) for each in tqdm(sources, disable=not progress)]
        rows = [_row(each, result, "would be imported") for each, result in built]
        left_out = [exclusion for _, result in built for exclusion in result.exclusions]
        return ImportReport(path, _table(rows), (*unused, *left_out))
    attributes = {"name": name, "license": license, "citation": citation}
    report = import_sources(path, sources, attributes, progress=progress)
    return ImportReport(path, report.table, (*unused, *report.exclusions))


def import_sources(
    path: Path, sources: Iterable[Source], attributes: Mapping[str, str], *, progress: bool = True
) -> ImportReport:
    """Append recordings to a cohort, those left out with their reasons, and finish it.

    ``attributes`` are those of the cohort: name, license, citation and others that `create_cohort` takes.
    """
    cohort = create_cohort(path, **attributes)
    rows: list[dict[str, Any]] = []
    exclusions: list[Exclusion] = []
    bar = tqdm(list(sources), desc=f"importing {attributes['name']}", unit="trial", disable=not progress)
    for each in bar:
        row, left_out = _import_one(cohort, each)
        rows.append(row)
        exclusions.extend(left_out)
    finish_cohort(cohort)
    return ImportReport(cohort, _table(rows), tuple(exclusions))


def _import_one(cohort: Path, source: Source) -> tuple[dict[str, Any], list[Exclusion]]:
    place, digest = trial_path(source.attributes), hash_source(source)
    present = has_trial(cohort, place)
    stored = trial_attributes(cohort, place) if present else {}
    if stored.get("source_sha256") == digest:
        exclusions = [Exclusion(*each) for each in stored.get("left_out", [])]
        return {
            **_identity(source),
            **stored["summary"],
            "status": "already there",
            "problem": "",
        }, exclusions
    built = build_source(source)
    row = _row(source, built, "replaced" if present else "imported")
    if built.trial is not None:
        summary = {key: row[key] for key in ("markers", "kinematics", "force", "duration_s")}
        left_out = [[each.item, each.reason, each.detail] for each in built.exclusions]
        notes = {"source_sha256": digest, "summary": summary, "left_out": left_out}
        append_trial(cohort, built.trial.assign_attrs(notes), replace=True)
    return row, list(built.exclusions)


def _identity(source: Source) -> dict[str, Any]:
    names = ", ".join(file.name for file in source.files)
    return {"subject": source.attributes["subject"], "trial": source.attributes["trial"], "files": names}


def _row(source: Source, built: BuiltTrial, status: str) -> dict[str, Any]:
    problem = "; ".join(dict.fromkeys(each.reason for each in built.exclusions))
    if built.trial is None:
        return {**_identity(source), "status": "left out", "problem": problem}
    time_s = built.trial["time"].values
    return {
        **_identity(source),
        "markers": "marker_position" in built.trial,
        "kinematics": "joint_angle" in built.trial,
        "force": "ground_reaction_force" in built.trial,
        "duration_s": round(float(time_s[-1] - time_s[0]), 3),
        "status": status,
        "problem": problem,
    }


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def _unused(contents: FolderContents, source: str | Path) -> tuple[Exclusion, ...]:
    root = Path(source)
    files = (
        Exclusion(file.relative_to(root).as_posix() if file != root else file.name, reason)
        for file, reason in contents.unused.items()
    )
    moving = {each.subject for each in contents.recordings if not each.static}
    static = (
        Exclusion(f"{each.subject}/{each.trial}", STATIC_REASON)
        for each in contents.recordings
        if each.static and each.subject not in moving
    )
    return (*files, *static)


def _unused_row(exclusion: Exclusion) -> dict[str, Any]:
    return {"files": exclusion.item, "status": "not used", "problem": exclusion.reason}


def _nothing_found(source: str | Path, contents: FolderContents) -> str:
    found = f" It holds {len(contents.unused)} other file(s), for example: " if contents.unused else ""
    first = next(((file.name, reason) for file, reason in contents.unused.items()), ("", ""))
    detail = f"{first[0]} ({first[1]})." if found else " It is empty."
    return f"{source} holds no recording: expected .c3d, .trc, .mot or .sto files.{found}{detail}"
