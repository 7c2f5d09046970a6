"""Recordings of which motion or force is to be completed: a file, the trials of a file, or trials of a cohort."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.filling import is_cohort
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.library import UnknownCohortError, find_cohort, locate_cohort
from gaitbook.readers.addbiomechanics import read_b3d, read_b3d_trials
from gaitbook.readers.c3d import read_c3d
from gaitbook.readers.folder import clean_name
from gaitbook.readers.opensim import read_markers, read_motion
from gaitbook.studies.prediction_bodies import body_from_text

READERS: Final = MappingProxyType(
    {".mot": read_motion, ".sto": read_motion, ".trc": read_markers, ".c3d": read_c3d}
)
ARCHIVE: Final = ".b3d"
SOURCE: Final = "file"
PLACE_DEPTH: Final = 3
"""A place in a cohort is source, subject and trial."""

logger = logging.getLogger(__name__)


class Recording(NamedTuple):
    """A recording: the name of what is made of it, how to read it, and the body that comes with it, if any."""

    name: str
    read: Callable[[], xr.Dataset]
    body: BodyModel | None = None


def list_recordings(source: str | Path) -> list[Recording]:
    """Recordings that a source stands for.

    Parameters
    ----------
    source
        File of motion (``.mot``, ``.sto``) or markers (``.trc``, ``.c3d``); ``.b3d`` file, all of its trials; or name
        or folder of a cohort, perhaps followed by ``/subject``, ``/subject/trial`` or ``/source/subject/trial``.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError, KeyError
        The file is of another kind, there is no such cohort, or nothing in it has this name.
    """
    path = Path(source).expanduser()
    suffix = path.suffix.lower()
    if suffix == ARCHIVE:
        return _archived(path)
    if suffix in READERS:
        return [Recording(clean_name(path.stem), partial(_read_file, path))]
    if path.is_file():
        raise ValueError(
            f"{path} is no recording: expected {', '.join(READERS)} or {ARCHIVE}, or the name of a cohort."
        )
    return _of_cohort(str(source))


def _read_file(path: Path) -> xr.Dataset:
    names = {"source": SOURCE, "subject": clean_name(path.stem), "trial": clean_name(path.stem)}
    return READERS[path.suffix.lower()](path).assign_attrs(names)


def _archived(path: Path) -> list[Recording]:
    trials = read_b3d_trials(path)
    body = _archived_body(path)
    names = _distinct([f"{trial.attrs['subject']}_{trial.attrs['trial']}" for trial in trials])
    return [Recording(name, trial.copy, body) for name, trial in zip(names, trials, strict=True)]


def _archived_body(path: Path) -> BodyModel | None:
    """Body of the last pass, if our models can move it."""
    passes = read_b3d(path).passes
    if not passes:
        return None
    try:
        return body_from_text(passes[-1].model_text)
    except ValueError as reason:
        logger.warning(
            "%s: a body of the person's height and mass is used, not the file's own: %s", path, reason
        )
        return None


def _of_cohort(source: str) -> list[Recording]:
    """Trials of a cohort; what follows the last part that is a cohort names some of them."""
    first: Exception | None = None
    for depth in range(PLACE_DEPTH + 1):
        head, *wanted = source.rstrip("/").rsplit("/", depth)
        if len(wanted) < depth or not head:
            break
        try:
            path = _find(head)
            places = list_trials(path)
        except (UnknownCohortError, ValueError) as error:
            first = first or error
            continue
        chosen = [place for place in places if _names(wanted, place)]
        if chosen:
            return _stored(path, chosen)
        first = _nothing_chosen(path, wanted, places) if places else first
    raise first or ValueError(f"{source} is neither a file nor a cohort: check the path.")


def _find(name: str) -> Path:
    """Folder of a cohort: as it is if it is there, even if a newer version of gaitbook would make it anew."""
    path = locate_cohort(name)
    return path if is_cohort(path) else find_cohort(name)


def _names(wanted: list[str], place: str) -> bool:
    """Whether the parts wanted stand one after the other in a place."""
    parts = place.strip("/").split("/")
    return any(parts[at : at + len(wanted)] == wanted for at in range(len(parts) - len(wanted) + 1))


def _stored(path: Path, places: list[str]) -> list[Recording]:
    sources = {place.split("/")[1] for place in places}
    first = 1 if len(sources) > 1 else 2
    names = _distinct(["_".join(place.split("/")[first:]) for place in places])
    return [
        Recording(name, partial(read_trial, path, place)) for name, place in zip(names, places, strict=True)
    ]


def _nothing_chosen(path: Path, wanted: list[str], places: list[str]) -> KeyError:
    example = places[0].split("/", 2)[2]
    return KeyError(
        f"The cohort {path} holds no {'/'.join(wanted)}: name a subject, or subject/trial as in {example}; "
        "`gaitbook.list_trials` lists all."
    )


def _distinct(names: list[str]) -> list[str]:
    """Names with a number where one comes again."""
    counts: dict[str, int] = {}
    result = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        result.append(f"{name}_{counts[name]}" if counts[name] > 1 else name)
    return result
