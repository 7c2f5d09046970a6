"""The Running Biomechanics Data Set: treadmill running at three speeds.

Each runner has a folder with a static trial and up to three runs of 30 s, and a row (repeated once per file) in
``participantInfo.csv``. Names differ in their zeros (``RBDS001``, ``RBDS03``), so runners are matched by number. One
plate under the belt carries both feet; contacts are given to feet later.

References
----------
Fukuchi, Fukuchi & Duarte (2017), doi:10.7717/peerj.3298
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.readers.c3d import read_c3d
from gaitbook.readers.catalog import subject_number
from gaitbook.readers.relabeling import relabel_markers
from gaitbook.readers.standing import add_standing

PARTICIPANTS = "participantInfo.csv"
RUN_FILE = re.compile(r"RBDS(\d+)runT(\d)(\d)\.c3d", re.IGNORECASE)
STATIC_FILE = re.compile(r"RBDS(\d+)static\.c3d", re.IGNORECASE)
SEXES = {"M": "male", "F": "female"}
CM_PER_M = 100.0
MASS_TOLERANCE = 0.05
"""Over many strides the mean vertical force is body weight; a scale and a plate agree within this."""


@dataclass(frozen=True)
class RunningFiles:
    """Files and facts of one run, before it is read.

    Attributes
    ----------
    path, static_path
        The run, and the runner's static trial if there is one.
    attributes
        Attributes of the trial: subject, trial, speed and what is known about the runner.
    """

    path: Path
    static_path: Path | None
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class RunningTrial:
    """One run.

    Attributes
    ----------
    recording
        Markers, labels put right, and the plate; who ran and how fast in ``attrs``.
    static
        The runner's static trial, if there is one.
    corrections, doubts
        What was changed in the labels, and what looks wrong but was left; both also in ``attrs["log"]``.
    """

    recording: xr.Dataset
    static: xr.Dataset | None
    corrections: tuple[str, ...]
    doubts: tuple[str, ...]


def read_rbds(folder: str | Path, *, subjects: Iterable[str | int] | None = None) -> Iterator[RunningTrial]:
    """Runs of the data set one after another, by runner and speed, as `list_rbds` finds them.

    Parameters
    ----------
    folder
        The folder that `gaitbook.fetch_dataset` returns.
    subjects
        Only these runners, by name or number; all by default.

    Raises
    ------
    FileNotFoundError, ValueError
        As `list_rbds` and `read_running_trial`.
    """
    for files in list_rbds(folder, subjects=subjects):
        yield read_running_trial(files)


def list_rbds(folder: str | Path, *, subjects: Iterable[str | int] | None = None) -> tuple[RunningFiles, ...]:
    """Runs in the folder by runner and speed, with the facts about the runner.

    Raises
    ------
    FileNotFoundError
        The folder holds no table of participants or no run.
    ValueError
        A wanted runner has no run, or a runner no (or contradicting) rows in the table; all are named.
    """
    folder = Path(folder)
    participants = _read_participants(folder / PARTICIPANTS)
    paths = sorted(folder.glob("*/*.c3d"))
    statics = {int(match[1]): path for path in paths if (match := STATIC_FILE.fullmatch(path.name))}
    runs = [
        (int(match[1]), match[2] + match[3], path)
        for path in paths
        if (match := RUN_FILE.fullmatch(path.name))
    ]
    if not runs:
        raise FileNotFoundError(
            f"{folder} holds no run such as RBDS001/RBDS001runT25.c3d: fetch the dataset rbds."
        )
    wanted = (
        {number for number, _, _ in runs} if subjects is None else {subject_number(each) for each in subjects}
    )
    absent = sorted(str(number) for number in wanted - {number for number, _, _ in runs})
    unknown = sorted(str(number) for number in wanted - set(participants) if str(number) not in absent)
    faults = [f"no run of runner {', '.join(absent)}"] * bool(absent)
    faults += [f"no row for runner {', '.join(unknown)} in {PARTICIPANTS}"] * bool(unknown)
    if faults:
        raise ValueError(
            f"{folder} has {' and '.join(faults)}: fetch the dataset rbds, or name other runners."
        )
    return tuple(
        RunningFiles(path, statics.get(number), participants[number] | _describe(number, speed))
        for number, speed, path in sorted(runs)
        if number in wanted
    )


def read_running_trial(files: RunningFiles) -> RunningTrial:
    """Read one run; its labels are checked against the static trial, its mass against the plate.

    Raises
    ------
    FileNotFoundError, ValueError
        As `gaitbook.read_c3d`.
    """
    recording = read_c3d(files.path)
    static = read_c3d(files.static_path) if files.static_path else None
    corrections: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ("no static trial: the labels of the markers were not checked",)
    if static is not None:
        relabeling = relabel_markers(recording, static)
        recording, corrections, doubts = relabeling.dataset, relabeling.corrections, relabeling.doubts
        recording = add_standing(recording, static)
    doubts += _check_mass(recording, float(files.attributes["mass_kg"]))
    log = list(dict.fromkeys([*recording.attrs["log"], *doubts]))
    recording = recording.assign_attrs(**files.attributes, log=log)
    return RunningTrial(recording, static, corrections, doubts)


def _describe(number: int, speed: str) -> dict[str, Any]:
    speed_mps = int(speed) / 10
    return {
        "source": "rbds",
        "subject": f"RBDS{number:03d}",
        "trial": f"run_{speed_mps:.1f}mps",
        "speed_mps": speed_mps,
        "surface": "treadmill",
        "license": "CC BY 4.0",
    }


def _read_participants(path: Path) -> dict[int, dict[str, Any]]:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path}: fetch the dataset rbds, whose {PARTICIPANTS} tells who ran."
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {"Subject", "Age", "Height", "Mass", "Gender"}
    if not rows or not columns <= set(rows[0]):
        raise ValueError(
            f"{path} lacks the columns {', '.join(sorted(columns - set(rows[0] if rows else ())))}."
        )
    participants: dict[int, dict[str, Any]] = {}
    faults = []
    for row in rows:
        number = int(row["Subject"])
        try:
            facts = _facts(row)
        except (KeyError, ValueError) as error:
            faults.append(f"runner {number}: {error} cannot be read")
            continue
        if participants.setdefault(number, facts) != facts:
            faults.append(f"runner {number} is described in two ways")
    if faults:
        raise ValueError(f"{path}: {'; '.join(dict.fromkeys(faults))}. Correct the table or fetch it again.")
    return participants


def _facts(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "sex": SEXES[row["Gender"].strip().upper()],
        "age_year": float(row["Age"]),
        "height_m": float(row["Height"]) / CM_PER_M,
        "mass_kg": float(row["Mass"]),
    }


def _check_mass(recording: xr.Dataset, mass_kg: float) -> tuple[str, ...]:
    if "plate_force" not in recording:
        return ("no force plate: the mass was not checked",)
    vertical = recording["plate_force"].sel(axis="y").sum("plate")
    weighed_kg = float(vertical.mean()) / GRAVITY_MPS2
    if abs(weighed_kg - mass_kg) <= MASS_TOLERANCE * mass_kg:
        return ()
    return (
        f"mass_kg is {mass_kg:g} but the mean vertical force is that of {weighed_kg:.1f} kg "
        f"({100 * (weighed_kg / mass_kg - 1):+.0f} %): the table or the plate is off; nothing was changed",
    )
