"""What ``embed`` reads: skeletons of files, folders or a cohort, and what is known of the people."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gaitbook.command_options import given_options

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from gaitbook.cohort.exclusions import Exclusion

SKELETON_SUFFIXES: Final = (
    ".csv",
    ".tsv",
    ".parquet",
    ".feather",
    ".npy",
    ".npz",
    ".json",
    ".skeleton",
    ".trc",
    ".c3d",
)
FOR_FILES: Final = ("layout", "unit", "rate")
OPENPOSE: Final = "*_keypoints.json"
NO_TASK: Final = "walk"
PEOPLE: Final = "people"


def read_trials(
    arguments: argparse.Namespace, exclusions: "list[Exclusion]"
) -> "tuple[Iterable[xr.Dataset], int | None]":
    """Trials of files or of a cohort, and how many there are if that is known."""
    from gaitbook.cohort.streaming import iterate_stored
    from gaitbook.library import find_cohort

    if is_stored_or_known(arguments.inputs[0]):
        if len(arguments.inputs) > 1 or given_options(arguments, *FOR_FILES):
            raise ValueError(
                "A cohort is embedded by itself and knows its layout: name one cohort, without "
                f"{', '.join(f'--{name}' for name in FOR_FILES)}, or files only."
            )
        return _named(iterate_stored(find_cohort(arguments.inputs[0])), arguments), None
    files = list(_list_files(arguments))
    return _named(_read_files(files, arguments, exclusions), arguments), len(files)


def _read_files(
    files: Sequence[Path], arguments: argparse.Namespace, exclusions: "list[Exclusion]"
) -> "Iterator[xr.Dataset]":
    """Skeletons of files; a single one that cannot be read is an error, of several it is left out."""
    from gaitbook.cohort.exclusions import Exclusion
    from gaitbook.readers.skeleton_files import read_skeleton

    for file in files:
        try:
            yield read_skeleton(
                file, layout=arguments.layout, unit=arguments.unit, sampling_rate_hz=arguments.rate
            )
        except ValueError as fault:
            if len(files) == 1:
                raise
            exclusions.append(Exclusion(str(file), str(fault)))


def _named(trials: "Iterable[xr.Dataset]", arguments: argparse.Namespace) -> "Iterator[xr.Dataset]":
    """Trials with the task that was named, else their own, else simply walking."""
    for trial in trials:
        file = Path(str(trial.attrs.get("source_file", "")))
        task = arguments.task or trial.attrs.get("task", NO_TASK)
        yield trial.assign_attrs(subject=trial.attrs.get("subject", file.stem), task=task)


def _list_files(arguments: argparse.Namespace) -> Iterator[Path]:
    for name in arguments.inputs:
        path = Path(name).expanduser()
        if path.is_file() or (path.is_dir() and any(path.glob(OPENPOSE))):
            yield path
        elif path.is_dir():
            yield from _files_in(path, arguments)
        elif is_stored_or_known(name):
            raise ValueError(f"{name} is a cohort: name it alone, without files.")
        else:
            raise FileNotFoundError(
                f"There is no file, folder or cohort {name!r}: check the path; `gaitbook cohorts` lists the cohorts."
            )


def _files_in(folder: Path, arguments: argparse.Namespace) -> list[Path]:
    """Files of skeletons in a folder, at any depth; tables of people are none."""
    tables = {Path(each).resolve() for each in (arguments.participants,) if each}
    found = sorted(
        each
        for each in folder.rglob("*")
        if each.suffix.lower() in SKELETON_SUFFIXES
        and each.stem.lower() != "participants"
        and each.resolve() not in tables
    )
    if not found:
        raise ValueError(f"{folder} holds no file of a skeleton: expected {', '.join(SKELETON_SUFFIXES)}.")
    return found


def read_people(arguments: argparse.Namespace) -> "pd.DataFrame | None":
    """Sex and age as far as a table of the user or of the cohort tells."""
    import pandas as pd

    from gaitbook.cohort.tables import list_tables, read_table
    from gaitbook.library import find_cohort
    from gaitbook.readers.participants import read_participants

    if arguments.participants:
        rows = read_participants(arguments.participants).rows
        known = pd.DataFrame({subject: row for (subject, _), row in rows.items()}).T
        if "sex" not in known:
            raise ValueError(
                f"{arguments.participants} does not tell the sex of anybody: add a column sex (female or male), or "
                "leave --participants out, and all are told as women and men together."
            )
        return known
    if is_stored_or_known(arguments.inputs[0]):
        path = find_cohort(arguments.inputs[0])
        return read_table(path, PEOPLE).to_dataframe() if PEOPLE in list_tables(path) else None
    return None


def is_stored_or_known(name: str) -> bool:
    """Whether an input is a cohort: a folder that holds one, or a name that stands for one."""
    from gaitbook.cohort.filling import is_cohort
    from gaitbook.library import known_cohorts

    path = Path(name).expanduser()
    return is_cohort(path) if path.exists() else name in known_cohorts()
