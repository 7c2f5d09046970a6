"""Files for OpenSim from a trial: its motion, its forces on the feet, and what tells OpenSim to use them.

The three files open in OpenSim's window and in its tools. Each is written in one step: there is the whole file or
none.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from gaitbook.cohort.checksums import write_atomically
from gaitbook.cohort.schema import trial_path
from gaitbook.conventions import AXES, FEET, PELVIS_TRANSLATIONS

CALCANEI = {"right": "calcn_r", "left": "calcn_l"}
UNITS_NOTE = (
    "Units are S.I. units (second, meters, Newtons, ...)",
    "If the header above contains a line with 'inDegrees', this indicates whether rotational values are in "
    "degrees (yes) or radians (no).",
)


def write_motion(trial: xr.Dataset, path: str | Path, *, in_degrees: bool = True) -> Path:
    """Motion file (``.mot``) of the joint angles and, if there, the position of the pelvis.

    Parameters
    ----------
    trial
        Trial with ``joint_angle`` (time, coordinate), rad, and perhaps ``pelvis_position`` (time, axis), m, which
        becomes ``pelvis_tx``, ``pelvis_ty`` and ``pelvis_tz``.
    path
        File to write.
    in_degrees
        Whether the file holds degrees, as OpenSim's window expects, or radians.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        The trial has no joint angles, or some are missing (NaN).
    """
    _require(trial, ("joint_angle",), "a motion file", "solve inverse kinematics first")
    angle = trial["joint_angle"].transpose("time", "coordinate")
    columns = {str(name): angle.sel(coordinate=name).values for name in angle["coordinate"].values}
    if in_degrees:
        columns = {name: np.rad2deg(values) for name, values in columns.items()}
    if "pelvis_position" in trial:
        position = trial["pelvis_position"].sel(axis=list(AXES)).transpose("time", "axis").values
        place = dict(zip(PELVIS_TRANSLATIONS, position.T, strict=True))
        # OpenSim's own files give the pelvis first: three angles, three translations
        first = [name for name in columns if name.startswith("pelvis_")]
        rest = {name: values for name, values in columns.items() if name not in first}
        columns = {**{name: columns[name] for name in first}, **place, **rest}
    _refuse_missing(trial, columns)
    header = [
        "Coordinates",
        "version=1",
        *_size(trial, columns),
        f"inDegrees={'yes' if in_degrees else 'no'}",
    ]
    return _write(path, [*header, "", *UNITS_NOTE, ""], trial["time"].values, columns)


def write_force(trial: xr.Dataset, path: str | Path) -> Path:
    """Force file (``.mot``) of both feet: force, center of pressure and free moment.

    Columns are named ``ground_force_r_vx``, ``ground_force_r_px``, ``ground_torque_r_x`` and alike with ``l``.
    Where a foot has no center of pressure (it is in the air) all of its columns are zero: what is left of a force
    without a point cannot be applied.

    Parameters
    ----------
    trial
        Trial with ``ground_reaction_force`` (time, foot, axis), N, and ``center_of_pressure``, m; the moment is
        zero without ``free_moment`` (time, foot), N m.
    path
        File to write.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        The trial has no force or center of pressure, or some force is missing (NaN).
    """
    needed = ("ground_reaction_force", "center_of_pressure")
    _require(trial, needed, "a force file", "join the recording of the plates first")
    columns: dict[str, np.ndarray] = {}
    for foot in FEET:
        force, point = (_by_axis(trial[name].sel(foot=foot)) for name in needed)
        force = np.where(np.isnan(point).any(axis=1, keepdims=True) & np.isfinite(force), 0.0, force)
        columns |= {f"{_prefix(foot)}_v{axis}": force[:, i] for i, axis in enumerate(AXES)}
        columns |= {f"{_prefix(foot)}_p{axis}": np.nan_to_num(point[:, i]) for i, axis in enumerate(AXES)}
    for foot in FEET:
        moment = np.zeros(trial.sizes["time"])
        if "free_moment" in trial:
            moment = np.nan_to_num(trial["free_moment"].sel(foot=foot).values)
        columns |= {f"{_torque(foot)}_{axis}": moment * (axis == "y") for axis in AXES}
    _refuse_missing(trial, columns)
    header = ["Ground reaction forces", "version=1", *_size(trial, columns), "inDegrees=no"]
    return _write(path, header, trial["time"].values, columns)


def write_external_loads(
    path: str | Path, *, force_file: str | Path, bodies: Mapping[str, str] = CALCANEI
) -> Path:
    """External loads file (``.xml``), which tells OpenSim's tools what body each force of a force file acts on.

    Parameters
    ----------
    path
        File to write.
    force_file
        Force file of `write_force`; named relative to the file if it lies below its folder, so that both can move.
    bodies
        Body by foot; a foot that is left out bears no force.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    FileNotFoundError
        There is no such force file.
    ValueError
        ``bodies`` names no foot, or something that is none.
    """
    path, force_file = Path(path), Path(force_file)
    if not force_file.is_file():
        raise FileNotFoundError(f"There is no force file {force_file}: write it first with write_force.")
    unknown = sorted(set(bodies) - set(FEET))
    if unknown or not bodies:
        raise ValueError(
            f"bodies names {', '.join(map(repr, unknown)) or 'no foot'}, expected a body for {' and '.join(FEET)}."
        )
    document = ET.Element("OpenSimDocument", Version="40000")
    loads = ET.SubElement(document, "ExternalLoads", name="ground_reaction_forces")
    objects = ET.SubElement(loads, "objects")
    for foot, body in bodies.items():
        _add_force(objects, foot, body, force_file.name)
    ET.SubElement(loads, "groups")
    absolute, folder = force_file.resolve(), path.resolve().parent
    below = absolute.is_relative_to(folder)
    ET.SubElement(loads, "datafile").text = str(absolute.relative_to(folder)) if below else str(absolute)
    ET.indent(document)
    text = ET.tostring(document, encoding="unicode")
    write_atomically(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')
    return path


def _add_force(objects: ET.Element, foot: str, body: str, source: str) -> None:
    force = ET.SubElement(objects, "ExternalForce", name=f"{foot}_foot")
    values = {
        "applied_to_body": body,
        "force_expressed_in_body": "ground",
        "point_expressed_in_body": "ground",
        "force_identifier": f"{_prefix(foot)}_v",
        "point_identifier": f"{_prefix(foot)}_p",
        "torque_identifier": f"{_torque(foot)}_",
        "data_source_name": source,
    }
    for tag, value in values.items():
        ET.SubElement(force, tag).text = value


def _prefix(foot: str) -> str:
    return f"ground_force_{foot[0]}"


def _torque(foot: str) -> str:
    return f"ground_torque_{foot[0]}"


def _by_axis(array: xr.DataArray) -> np.ndarray:
    return array.sel(axis=list(AXES)).transpose("time", "axis").values


def _require(trial: xr.Dataset, names: Sequence[str], what: str, remedy: str) -> None:
    missing = [name for name in names if name not in trial]
    if missing:
        raise ValueError(
            f"Trial {trial_path(trial.attrs)} has no {' and no '.join(missing)}, which {what} needs: {remedy}. "
            f"It has {', '.join(map(str, trial.data_vars)) or 'nothing'}."
        )


def _refuse_missing(trial: xr.Dataset, columns: Mapping[str, np.ndarray]) -> None:
    bad = {name: int((~np.isfinite(values)).sum()) for name, values in columns.items()}
    found = ", ".join(f"{name} ({count} frames)" for name, count in bad.items() if count)
    if found:
        raise ValueError(
            f"Trial {trial_path(trial.attrs)} has missing values in {found}, which OpenSim does not read: "
            "fill the gaps or cut the trial first."
        )


def _size(trial: xr.Dataset, columns: Mapping[str, np.ndarray]) -> list[str]:
    return [f"nRows={trial.sizes['time']}", f"nColumns={len(columns) + 1}"]


def _write(
    path: str | Path, header: Sequence[str], time_s: np.ndarray, columns: Mapping[str, np.ndarray]
) -> Path:
    table = np.column_stack([time_s, *columns.values()])
    rows = ("\t".join(f"{value:.10g}" for value in row) for row in table.tolist())
    write_atomically(
        Path(path), "\n".join([*header, "endheader", "\t".join(["time", *columns]), *rows]) + "\n"
    )
    return Path(path)
