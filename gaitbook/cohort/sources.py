"""Recordings to import: what they are made of, and how they are read.

A source knows its files and what is known about the person before anything is read. Its hash covers both,
and the code that reads: a trial is imported again when any of them has changed, and left alone otherwise.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import xarray as xr

from gaitbook.cohort.assembly import BuiltTrial, build_trial
from gaitbook.cohort.checksums import hash_file
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.schema import trial_path
from gaitbook.readers.folder import FolderContents, clean_name
from gaitbook.readers.joining import read_files
from gaitbook.readers.standing import add_standing

READING_CODE = ("readers", "cohort")
"""Parts of the package that decide what a trial made of a file looks like."""


@dataclass(frozen=True)
class Source:
    """A recording to import, not yet read.

    Attributes
    ----------
    attributes
        Attributes of the trial: source, subject, trial, license and what is known of the person.
    files
        Files that it is made of; if they and the attributes are unchanged the trial is not imported again.
    read
        Reads the recording.
    """

    attributes: Mapping[str, Any]
    files: tuple[Path, ...]
    read: Callable[[], xr.Dataset]


def folder_sources(contents: FolderContents, source: str | Path, *, license: str) -> list[Source]:
    """Recordings of a folder as sources of trials; a person's static recording goes with each of them."""
    label = clean_name(Path(source).resolve().stem)
    static = {found.subject: found.files for found in contents.recordings if found.static}
    return [
        Source(
            {
                "source": label,
                "subject": found.subject,
                "trial": found.trial,
                "license": license,
                **found.attributes,
                "source_file": ", ".join(file.name for file in found.files.values()),
            },
            (*found.files.values(), *static.get(found.subject, {}).values()),
            partial(_read_with_standing, found.files, static.get(found.subject)),
        )
        for found in contents.recordings
        if not found.static
    ]


def _read_with_standing(files: Mapping[str, Path], static: Mapping[str, Path] | None) -> xr.Dataset:
    recording = read_files(files)
    return add_standing(recording, read_files(static)) if static else recording


def build_source(source: Source) -> BuiltTrial:
    """Trial of a recording; what cannot be read becomes an exclusion."""
    try:
        return build_trial(source.read(), source.attributes)
    except (ValueError, KeyError, OSError, ImportError) as error:
        return BuiltTrial(None, (Exclusion(trial_path(source.attributes), _reason(error, source.files)),))


def hash_source(source: Source) -> str:
    """SHA-256 of the files of a recording, of its attributes, and of the code that reads it."""
    digest = hashlib.sha256(repr((sorted(source.attributes.items()), hash_code(*READING_CODE))).encode())
    for file in source.files:
        digest.update(hash_file(file).encode())
    return digest.hexdigest()


@cache
def hash_code(*parts: str) -> str:
    """SHA-256 of parts of the package: of subpackages with their tables, and of the modules that all build upon."""
    package = Path(str(files("gaitbook")))
    modules = [
        *(file for kind in ("*.py", "*.yml") for file in package.glob(kind)),
        *(file for part in parts for kind in ("*.py", "*.yml") for file in (package / part).rglob(kind)),
    ]
    digest = hashlib.sha256()
    for module in sorted(modules):
        digest.update(module.relative_to(package).as_posix().encode() + module.read_bytes())
    return digest.hexdigest()


def _reason(error: Exception, files: tuple[Path, ...]) -> str:
    """Message of an error without the name of its file, so that the same fault in two files counts as one reason."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    for file in files:
        text = text.replace(f"{file}: ", "").replace(str(file), "the file").replace(file.name, "the file")
    return text
