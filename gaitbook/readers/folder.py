"""Recordings in a folder: which files belong together.

Laboratories keep the motion and the forces of one trial in several files. Files are grouped by subject and
trial: the subject is a name of the participants table found in the path, else the first folder that is not
named after a kind of file (``IK``, ``MarkerData``, ...); the trial is the file's name without such words
(``walking2_ik.mot`` and ``walking2_grf.mot`` are ``walking2``). Skeletons that lie side by side are of the people in
their names (``P01_tm_3kmh.csv``). A file named after its kind alone belongs to the trial of its folder
(``walk2/grf.mot``), or to the only trial below it. What a file holds is told by its content
(`gaitbook.readers.file_kinds`).
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gaitbook.readers.azure_kinect import describe_file_name
from gaitbook.readers.file_kinds import KINDS, SKELETONS, identify_file
from gaitbook.readers.participants import (
    DESCRIPTION_NAME,
    TABLE_NAMES,
    Participants,
    read_description,
    read_participants,
)

KIND_WORDS = (
    "ik",
    "id",
    "grf",
    "grfs",
    "mot",
    "sto",
    "trc",
    "c3d",
    "mocap",
    "motion_capture",
    "motion",
    "markers?",
    "marker_?data",
    "kinematics",
    "coordinates",
    "joint_?angles",
    "forces?",
    "force_?plates?",
    "force_?data",
    "opensim_?data",
    "trials?",
    "data",
    "raw",
)
KIND_WORD = "|".join(KIND_WORDS)
KIND_ONLY = re.compile(rf"(?:{KIND_WORD})(?:[_\-. ](?:{KIND_WORD}))*", re.IGNORECASE)
KIND_ENDING = re.compile(rf"[_\-. ](?:{KIND_WORD})$", re.IGNORECASE)
KIND_BEGINNING = re.compile(rf"^(?:{KIND_WORD})[_\-. ]", re.IGNORECASE)
STATIC = re.compile(r"(?<!ec)static|calib|t[_-]?pose|neutral|standing", re.IGNORECASE)
UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


@dataclass(frozen=True)
class FoundRecording:
    """Files that record one trial.

    Attributes
    ----------
    subject, trial
        Names, made of letters, digits and ``. _ + -``.
    files
        File by kind (`gaitbook.readers.file_kinds.KINDS`).
    attributes
        What the participants table or the description of the person says about the trial.
    static
        Whether its name says that the person stood still for calibration.
    """

    subject: str
    trial: str
    files: Mapping[str, Path]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    static: bool = False


@dataclass(frozen=True)
class FolderContents:
    """Recordings of a folder, and the files that belong to none with the reason.

    Attributes
    ----------
    recordings
        Sorted by subject and trial.
    unused
        Reason by file; files of participants are neither.
    """

    recordings: tuple[FoundRecording, ...]
    unused: Mapping[Path, str]


def find_recordings(folder: str | Path, *, participants: str | Path | None = None) -> FolderContents:
    """Recordings below a folder, with every file that was not used and why.

    Parameters
    ----------
    folder
        Folder with ``.c3d``, ``.trc``, ``.mot`` and ``.sto`` files, at any depth; or one such file.
    participants
        Table of participants; ``participants.csv`` or ``.tsv`` in the folder by default.

    Raises
    ------
    FileNotFoundError
        There is no such folder or table.
    ValueError
        The table of participants cannot be read.
    """
    root = Path(folder)
    if not root.exists():
        raise FileNotFoundError(f"There is no folder {root}: check the path.")
    people = _find_participants(root, participants)
    files = [root] if root.is_file() else _visible_files(root)
    kinds = {path: identify_file(path) for path in files}
    unused = {path: kind.reason for path, kind in kinds.items() if not kind.kind}
    usable = [path for path in files if kinds[path].kind]
    top = root.parent if root.is_file() else root
    placed = {path: _place(path.relative_to(top), top.resolve().name, people) for path in usable}
    groups: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for path in sorted(usable, key=lambda path: (not placed[path][1], path.suffix.lower(), path)):
        key = _join(path, placed[path], groups)
        reason = _why_not(kinds[path].kind, key, groups)
        if reason:
            unused[path] = reason
        else:
            groups[key or placed[path]][kinds[path].kind] = path
    return FolderContents(
        tuple(_recording(key, files, people, top) for key, files in sorted(groups.items()) if files),
        dict(sorted(unused.items())),
    )


def clean_name(name: str) -> str:
    """Name that can be a folder on any computer.

    Examples
    --------
    >>> clean_name("Läufer 3 (fast)")
    'L_ufer_3_fast'
    """
    return UNSAFE.sub("_", name).strip("_.-+") or "unnamed"


def _visible_files(root: Path) -> list[Path]:
    """Files below a folder, without hidden ones and those that describe participants."""
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and path.name != DESCRIPTION_NAME
        and path.name.lower() not in TABLE_NAMES
    ]


def _find_participants(root: Path, given: str | Path | None) -> Participants | None:
    if given is not None:
        return read_participants(given)
    table = next((root / name for name in TABLE_NAMES if (root / name).is_file()), None)
    return read_participants(table) if table else None


def _place(path: Path, top: str, people: Participants | None) -> tuple[str, str]:
    """Subject and trial that a path stands for; the trial is empty if the path names none."""
    folders = [part for part in path.parts[:-1] if not KIND_ONLY.fullmatch(part)]
    stem = _strip_kind(path.stem)
    known = people.subjects if people else ()
    subject = next((part for part in folders if part in known), None)
    if subject is None:
        # The longest name first: S10_walk belongs to S10, not to S1
        starts = (
            name
            for name in sorted(known, key=len, reverse=True)
            if re.match(rf"{re.escape(name)}(?![0-9])", stem)
        )
        subject = next(starts, None)
    if subject is None and not folders and path.suffix.lower() in (*SKELETONS, ".skeleton"):
        told = describe_file_name(path)
        subject = told["subject"] if "task" in told else None
    if subject is None:
        subject = folders[0] if folders else top
    above = folders[folders.index(subject) + 1 :] if subject in folders else []
    return clean_name(subject), clean_name("_".join(filter(None, [*above, stem]))) if above or stem else ""


def _strip_kind(stem: str) -> str:
    """Stem without the words that name a kind of file; empty if nothing else is left."""
    if KIND_ONLY.fullmatch(stem):
        return ""
    while True:
        shorter = KIND_BEGINNING.sub("", KIND_ENDING.sub("", stem))
        if shorter == stem:
            return stem
        stem = shorter


def _join(
    path: Path, place: tuple[str, str], groups: Mapping[tuple[str, str], dict[str, Path]]
) -> tuple[str, str] | None:
    """Trial that a file belongs to; ``None`` if it names no trial and its subject has several."""
    subject, trial = place
    if trial:
        return place
    of_subject = [key for key in groups if key[0] == subject]
    if not of_subject:
        return subject, clean_name(path.stem)
    return of_subject[0] if len(of_subject) == 1 else None


def _why_not(
    kind: str, key: tuple[str, str] | None, groups: Mapping[tuple[str, str], dict[str, Path]]
) -> str:
    if key is None:
        return "its name says of no trial that it belongs to: name it after its trial"
    present = groups[key].get(kind) if key in groups else None
    if present is not None:
        return f"a second file of {kind} for a trial: keep one, or give them different names"
    if "c3d" in (groups.get(key) or {}) and kind in ("markers", "force"):
        return f"the trial's .c3d file holds {kind} already"
    return ""


def _recording(
    key: tuple[str, str], files: Mapping[str, Path], people: Participants | None, top: Path
) -> FoundRecording:
    subject, trial = key
    attributes = _describe(next(iter(files.values())), top)
    if "skeleton" in files:
        told = describe_file_name(files["skeleton"])
        attributes = {**{name: told[name] for name in ("task", "view") if name in told}, **attributes}
    if people is not None:
        attributes = {**attributes, **people.attributes(*_name_in_table(subject, trial, people))}
    ordered = {kind: files[kind] for kind in KINDS if kind in files}
    return FoundRecording(subject, trial, ordered, attributes, static=bool(STATIC.search(trial)))


def _name_in_table(subject: str, trial: str, people: Participants) -> tuple[str, str]:
    """Subject and trial as the table writes them, where names may hold any character."""
    written = next((name for name in people.subjects if clean_name(name) == subject), subject)
    trials = (
        name for person, name in people.rows if person == written and name and clean_name(name) == trial
    )
    return written, next(trials, trial)


def _describe(path: Path, top: Path) -> dict[str, Any]:
    """Attributes from the nearest description of a person above a file, not above the top."""
    for folder in path.parents:
        if (folder / DESCRIPTION_NAME).is_file():
            return read_description(folder / DESCRIPTION_NAME)
        if folder == top:
            break
    return {}
