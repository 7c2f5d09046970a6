"""OpenSim's motion files: joint angles from ``.mot`` and ``.sto``.

Everything comes out in meters, radians and OpenSim's axes (x forward, y up, z right); a file is believed
where it says so (``inDegrees``) and contradicted where its numbers cannot be what it says. The readers of the
other kinds of file are found here too: `read_markers` (``.trc``) and `read_plates` (forces in ``.mot``).
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.conventions import COORDINATES, PELVIS_TRANSLATIONS
from gaitbook.readers.plate_columns import plate_column
from gaitbook.readers.plate_tables import read_plates
from gaitbook.readers.storage import check_positions, make_recording, read_table, restore_even_time
from gaitbook.readers.trc import read_markers

__all__ = ["read_markers", "read_motion", "read_plates", "read_table"]

LARGEST_ANGLE_RAD = 4 * np.pi
SMALLEST_RANGE_DEG = 3.0
"""Some joint of a moving person turns by more than this; less, in degrees, may well be radians."""

STATE_PATH = re.compile(r"^(?:/.*?)?/?(?P<coordinate>[^/]+)/(?P<state>value|speed)$")
TRANSLATION = re.compile(r"_t[xyz]$")


def read_motion(path: str | Path) -> xr.Dataset:
    """Joint angles and pelvis position of an OpenSim ``.mot`` or ``.sto`` file.

    Parameters
    ----------
    path
        File with coordinates as columns, named ``hip_flexion_r`` or
        ``/jointset/hip_r/hip_flexion_r/value``, in radians or degrees as its header's ``inDegrees`` says
        (radians if it says nothing, as in OpenSim).

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (time, coordinate), rad, in the file's order with coordinates unknown to us kept;
        ``pelvis_position`` (time, axis), m, if the file has it. ``attrs``: ``source_file``,
        ``sampling_rate_hz``, and ``log``, which also names the columns that are no angles and were left out.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the table cannot be read (see `read_table`), holds no known coordinate, names one twice, or its
        numbers contradict its units.
    """
    table = read_table(path)
    log = list(table.attrs["log"])
    columns = {label: name for label in table.columns[1:] if (name := _coordinate(label)) is not None}
    translations = {name: label for label, name in columns.items() if name in PELVIS_TRANSLATIONS}
    angles = {label: name for label, name in columns.items() if not TRANSLATION.search(name)}
    _check_coordinates(path, table.columns[1:], list(angles.values()))
    left_out = [
        label for label in table.columns[1:] if label not in angles and label not in translations.values()
    ]
    if left_out:
        log.append(f"no angles, left out: {', '.join(left_out)}")
    in_degrees = table.attrs["header"].get("indegrees", "no").lower() in ("yes", "true", "1")
    values = table[list(angles)].to_numpy()
    angle_rad = np.deg2rad(values) if in_degrees else values
    _check_angles(path, angle_rad, in_degrees=in_degrees)
    log.append(f"angles read as {'degrees' if in_degrees else 'radians'}")
    if in_degrees and np.nanmax(np.abs(values)) < SMALLEST_RANGE_DEG:
        log.append(f"no angle exceeds {SMALLEST_RANGE_DEG:g} degrees: check that inDegrees=yes is true")
    variables: dict[str, Any] = {"joint_angle": (("time", "coordinate"), angle_rad, {"units": "rad"})}
    if set(translations) == set(PELVIS_TRANSLATIONS):
        position_m = table[[translations[name] for name in PELVIS_TRANSLATIONS]].to_numpy()
        check_positions(path, position_m, "pelvis_tx, pelvis_ty, pelvis_tz")
        variables["pelvis_position"] = (("time", "axis"), position_m, {"units": "m"})
    elif translations:
        log.append(f"pelvis position left out: only {', '.join(translations)} given")
    time_s = restore_even_time(table["time"].to_numpy(), table.attrs["time_resolution_s"])
    coords = {"time": time_s, "coordinate": list(angles.values())}
    return make_recording(path, variables, coords, log)


def _coordinate(label: str) -> str | None:
    """Coordinate that a column holds; None for speeds, forces and other states."""
    if plate_column(label) is not None:
        return None
    path = STATE_PATH.match(label)
    if path:
        return path["coordinate"] if path["state"] == "value" else None
    return None if "/" in label else label


def _check_coordinates(path: str | Path, labels: Iterable[str], names: list[str]) -> None:
    if not set(names) & set(COORDINATES):
        raise ValueError(
            f"{path} holds no joint angles known to gaitbook; its columns are {', '.join(labels)}. Expected "
            f"OpenSim coordinates such as {', '.join(COORDINATES[:5])}. Forces are read by read_plates, "
            "markers by read_markers."
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"{path} names {', '.join(repeated)} more than once: keep one column for each coordinate."
        )


def _check_angles(path: str | Path, angle_rad: np.ndarray, *, in_degrees: bool) -> None:
    largest = np.nanmax(np.abs(angle_rad), initial=0.0)
    if largest == 0:
        raise ValueError(
            f"{path}: all joint angles are zero or missing. Choose the file of the motion itself."
        )
    if not in_degrees and largest > LARGEST_ANGLE_RAD:
        raise ValueError(
            f"{path}: angles reach {largest:.4g}, too much for radians, and the header does not say "
            "inDegrees=yes. If the file is in degrees, put that line in its header."
        )
