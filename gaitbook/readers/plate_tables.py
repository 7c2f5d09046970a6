"""Ground reaction forces in OpenSim's ``.mot`` and ``.sto`` tables.

The point that a file's moments refer to is not written anywhere, but it can be told: about the center of pressure a
foot on a surface exerts no moment around horizontal axes. If the file's do not vanish, the one fixed point (laboratory
origin, corner of the plate) that explains them is fitted; if none does, the free moment is unknown and says so.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.conventions import AXES, CONTACT_FORCE_N
from gaitbook.readers.plate_columns import EXPECTED, PARTS, PlateColumn, name_plates, plate_column
from gaitbook.readers.storage import read_table, restore_even_time
from gaitbook.readers.wrench import free_moment

LARGEST_FORCE_N = 2e4
LARGEST_POINT_M = 50.0
MOMENT_TOLERANCE_NM = 2.0
"""Horizontal moment about the center of pressure (root mean square) that rounding and filtering may leave."""


def read_plates(path: str | Path) -> xr.Dataset:
    """Force plates of an OpenSim ``.mot`` or ``.sto`` file of ground reaction forces.

    Parameters
    ----------
    path
        File with force (N), point of application (m) and moment or torque (N m) of each plate, on the person, y up.

    Returns
    -------
    xarray.Dataset
        ``plate_force`` (plate_time, plate, axis), N; ``plate_moment`` about the laboratory origin
        (plate_time, plate, axis), N m; ``plate_center_of_pressure`` (plate_time, plate, axis), m, NaN under 20 N;
        ``plate_free_moment`` (plate_time, plate), N m. Plates are called ``right`` and ``left`` where the file
        says so. Where a plate is unloaded, its moment uses the nearest loaded center of pressure, since the
        file's is not to be trusted. ``attrs``: ``source_file``, ``plate_rate_hz``, ``log``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the table cannot be read (see `read_table`), has no or incomplete force columns, or its numbers
        contradict its units or axes.
    """
    table = read_table(path)
    columns = {label: column for label in table.columns[1:] if (column := plate_column(label)) is not None}
    plates = _plates(path, table, columns)
    names = name_plates(list(plates))
    log = list(table.attrs["log"])
    if names != list(plates):
        log.append(
            "plates taken as feet: "
            + ", ".join(f"{p or 'no prefix'} = {n}" for p, n in zip(plates, names, strict=True))
        )
    ignored = [label for label in table.columns[1:] if label not in columns]
    if ignored:
        log.append(f"no plate columns, left out: {', '.join(ignored)}")
    arrays: dict[str, list[np.ndarray]] = {"force": [], "moment": [], "point": [], "free": []}
    for name, parts in zip(names, plates.values(), strict=True):
        _check_plate(path, name, parts)
        for key, value in _wrench(name, parts, log).items():
            arrays[key].append(value)
    time_s = restore_even_time(table["time"].to_numpy(), table.attrs["time_resolution_s"])
    return _recording(path, arrays, {"plate_time": time_s, "plate": names, "axis": list(AXES)}, log)


def _recording(path: str | Path, arrays: Mapping[str, list], coords: dict, log: list[str]) -> xr.Dataset:
    dims = ("plate_time", "plate", "axis")
    step_s = (
        float(np.median(np.diff(coords["plate_time"]))) if len(coords["plate_time"]) > 1 else float("nan")
    )
    rate_hz = 1 / step_s if step_s > 0 else float("nan")
    return xr.Dataset(
        {
            "plate_force": (dims, np.stack(arrays["force"], axis=1), {"units": "N"}),
            "plate_moment": (dims, np.stack(arrays["moment"], axis=1), {"units": "N m"}),
            "plate_center_of_pressure": (dims, np.stack(arrays["point"], axis=1), {"units": "m"}),
            "plate_free_moment": (dims[:2], np.stack(arrays["free"], axis=1), {"units": "N m"}),
        },
        coords=coords,
        attrs={"source_file": str(path), "plate_rate_hz": round(rate_hz, 6), "log": log},
    )


def _plates(
    path: str | Path, table: pd.DataFrame, columns: Mapping[str, PlateColumn]
) -> dict[str, dict[str, np.ndarray]]:
    """Arrays (time, axis) by plate and quantity; a quantity is there whole or not at all."""
    plates: dict[str, dict[str, np.ndarray]] = {}
    faults = []
    for plate in dict.fromkeys(column.plate for column in columns.values()):
        plates[plate] = {}
        for part in PARTS.values():
            axes = {c.axis: label for label, c in columns.items() if (c.plate, c.part) == (plate, part)}
            missing = [axis for axis in AXES if axis not in axes]
            if not missing:
                plates[plate][part] = table[[axes[axis] for axis in AXES]].to_numpy(dtype=float)
            elif axes or part == "force":
                faults.append(f"plate {plate or 'without prefix'} has no {part} along {', '.join(missing)}")
    if not plates or faults:
        raise ValueError(
            f"{path}: {'; '.join(faults) or 'no ground reaction force columns'}. Columns found: "
            f"{', '.join(table.columns)}. Expected for each plate x, y and z of columns named like {EXPECTED}."
        )
    return plates


def _check_plate(path: str | Path, name: str, parts: Mapping[str, np.ndarray]) -> None:
    """Refuse numbers that cannot be newtons and meters, on the person, y up."""
    force = parts["force"]
    faults = []
    if np.isnan(force).any():
        faults.append(f"{int(np.isnan(force).any(axis=1).sum())} rows have no force (NaN): fill or cut them")
        force = np.nan_to_num(force)
    largest = np.abs(force).max(axis=0)
    loaded = np.linalg.norm(force, axis=1) >= CONTACT_FORCE_N
    if largest.max() > LARGEST_FORCE_N:
        faults.append(
            f"the force reaches {largest.max():.4g}, too much for N: it may be in mN, volts or counts"
        )
    if loaded.any() and largest[1] < largest[[0, 2]].max():
        faults.append(
            f"the largest force is along {AXES[int(largest.argmax())]}, not y: turn the axes (x forward, y up)"
        )
    elif loaded.any() and np.median(force[loaded, 1]) < 0:
        faults.append("the vertical force points down: give the force on the person, not on the plate")
    if (
        "point" in parts
        and np.nanmax(np.abs(parts["point"][np.abs(force[:, 1]) >= CONTACT_FORCE_N]), initial=0.0)
        > LARGEST_POINT_M
    ):
        faults.append(
            f"the loaded center of pressure lies beyond {LARGEST_POINT_M:g} m: it may be in millimeters"
        )
    if faults:
        raise ValueError(f"{path}, plate {name}: {'; '.join(faults)}.")


def _wrench(name: str, parts: Mapping[str, np.ndarray], log: list[str]) -> dict[str, np.ndarray]:
    force = parts["force"]
    loaded = np.abs(force[:, 1]) >= CONTACT_FORCE_N
    if not loaded.any():
        log.append(f"plate {name} is never loaded")
        nothing = np.zeros_like(force)
        return {
            "force": force,
            "moment": nothing,
            "point": np.full_like(force, np.nan),
            "free": nothing[:, 0],
        }
    if "point" not in parts:
        log.append(f"plate {name} has no point of application: its moment and center of pressure are unknown")
        unknown = np.full_like(force, np.nan)
        return {"force": force, "moment": unknown, "point": unknown, "free": unknown[:, 0]}
    point = np.where(loaded[:, None], parts["point"], np.nan)
    # The wrench of a nearly unloaded plate still counts when it is filtered; its own point may lie 300 m away.
    held = point[_nearest(loaded)]
    about_point = _moment_about_point(name, parts, held, loaded, log)
    moment = np.cross(held, force) + np.where(loaded[:, None], about_point, 0.0)
    return {"force": force, "moment": moment, "point": point, "free": free_moment(force, moment, point)}


def _nearest(loaded: np.ndarray) -> np.ndarray:
    """Index of the loaded sample nearest to each sample."""
    at = np.flatnonzero(loaded)
    after = np.clip(np.searchsorted(at, np.arange(len(loaded))), 0, len(at) - 1)
    before = np.clip(after - 1, 0, None)
    here = np.arange(len(loaded))
    return np.where(np.abs(at[before] - here) <= np.abs(at[after] - here), at[before], at[after])


def _moment_about_point(
    name: str, parts: Mapping[str, np.ndarray], point: np.ndarray, loaded: np.ndarray, log: list[str]
) -> np.ndarray:
    """Moment about the center of pressure, from a moment about a point that the file does not name."""
    force = parts["force"]
    if "moment" not in parts:
        log.append(f"plate {name} has no moments: its free moment is taken as zero")
        return np.zeros_like(force)
    moment = parts["moment"]
    if _horizontal_rms(moment[loaded]) <= MOMENT_TOLERANCE_NM:
        return moment
    for reference in (np.zeros(3), _fitted_reference(force, point, moment, loaded)):
        shifted = moment - np.cross(point - reference, force)
        if _horizontal_rms(shifted[loaded]) <= MOMENT_TOLERANCE_NM:
            where = ", ".join(f"{value:.3f}" for value in reference)
            log.append(f"plate {name}: moments are about ({where}) m; moved to the center of pressure")
            return shifted * np.array([0.0, 1.0, 0.0])
    log.append(f"plate {name}: moments are about no fixed point; its free moment is unknown")
    return np.stack([np.zeros(len(force)), np.full(len(force), np.nan), np.zeros(len(force))], axis=1)


def _horizontal_rms(moment: np.ndarray) -> float:
    return float(np.sqrt(np.mean(moment[:, [0, 2]] ** 2)))


def _fitted_reference(
    force: np.ndarray, point: np.ndarray, moment: np.ndarray, loaded: np.ndarray
) -> np.ndarray:
    """Fixed point about which the horizontal moments are those of the force at the center of pressure."""
    f = force[loaded]
    nothing = np.zeros(len(f))
    # M_x = (p_y - o_y) F_z - (p_z - o_z) F_y and M_z = (p_x - o_x) F_y - (p_y - o_y) F_x, linear in o.
    rows = np.concatenate(
        [np.stack([nothing, -f[:, 2], f[:, 1]], axis=1), np.stack([-f[:, 1], f[:, 0], nothing], axis=1)]
    )
    excess = moment[loaded] - np.cross(point[loaded], f)
    return np.linalg.lstsq(rows, np.concatenate([excess[:, 0], excess[:, 2]]), rcond=None)[0]
