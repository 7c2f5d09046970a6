"""Trials of an AddBiomechanics file (``.b3d``), without nimblephysics or protobuf.

Motion comes from one pass of AddBiomechanics' processing, force from that pass where it gives the force to the
feet, else from the plates as measured. Frames whose force AddBiomechanics holds for missing are marked.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.conventions import (
    AXES,
    CONTACT_FORCE_N,
    FEET,
    PELVIS_TRANSLATIONS,
    VARIABLE_DIMS,
    VARIABLE_UNITS,
)
from gaitbook.readers.b3d_frames import Contacts, Frames, read_frames
from gaitbook.readers.b3d_header import B3DError, B3DPass, B3DSubject, B3DTrial, read_b3d
from gaitbook.readers.folder import clean_name
from gaitbook.readers.force_plates import assign_plates
from gaitbook.readers.opensim import TRANSLATION
from gaitbook.readers.wrench import center_of_pressure, free_moment

__all__ = ["B3DError", "B3DPass", "B3DSubject", "B3DTrial", "read_b3d", "read_b3d_trial", "read_b3d_trials"]

SOURCE = "addbiomechanics"
UNASSIGNED = "contact that belongs to no foot"
FORCE_VARIABLES = ("ground_reaction_force", "center_of_pressure", "free_moment", "in_contact")


@dataclass
class Force:
    """Force of the feet by variable, the reason of each frame that lacks it, and what was decided."""

    variables: dict[str, np.ndarray] = field(default_factory=dict)
    missing: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=object))
    log: list[str] = field(default_factory=list)


def read_b3d_trials(path: str | Path, processing_pass: str | int | None = None) -> list[xr.Dataset]:
    """Trials of an AddBiomechanics ``.b3d`` file, in its laboratory frame.

    Parameters
    ----------
    path
        The file.
    processing_pass
        Kind of the pass (``"kinematics"``, ``"dynamics"``, ``"low_pass_filter"``, the last one of that kind) or its
        number from zero; by default each trial's last pass.

    Returns
    -------
    list of xarray.Dataset
        Trials as in `gaitbook.cohort.schema`: ``joint_angle`` (time, coordinate), rad; ``pelvis_position``
        (time, axis), m; ``marker_position`` (time, marker, axis), m, if there are markers; and, if the force is
        known in any frame, ``ground_reaction_force`` (time, foot, axis), N, ``center_of_pressure``, m,
        ``free_moment`` (time, foot), N m, ``in_contact``, and ``force_missing`` (time,): there the force is zero
        and means nothing. ``attrs`` hold what the file says of the person, ``processing_pass``,
        ``missing_force`` (number of frames by reason) and ``log``. y is up; that x is forward is up to the
        laboratory (see `gaitbook.cohort.heading.align_heading`).

    Raises
    ------
    FileNotFoundError
        There is no such file.
    B3DError
        The file is no .b3d file, is cut off or damaged, or has no such pass.
    """
    subject = read_b3d(path)
    for trial in subject.trials:
        _pass_number(subject, trial, processing_pass)
    return [read_b3d_trial(subject, trial, processing_pass) for trial in subject.trials]


def read_b3d_trial(
    subject: B3DSubject, trial: B3DTrial, processing_pass: str | int | None = None
) -> xr.Dataset:
    """One trial of a file whose header was read by `read_b3d`: result and errors as of `read_b3d_trials`."""
    return _trial(subject, trial, _pass_number(subject, trial, processing_pass))


def _pass_number(subject: B3DSubject, trial: B3DTrial, wanted: str | int | None) -> int:
    kinds = trial.passes
    if wanted is None and kinds:
        return len(kinds) - 1
    if isinstance(wanted, int) and 0 <= wanted < len(kinds):
        return wanted
    if isinstance(wanted, str) and wanted in kinds:
        return len(kinds) - 1 - kinds[::-1].index(wanted)
    present = ", ".join(f"{number} ({kind})" for number, kind in enumerate(kinds)) or "no pass at all"
    raise B3DError(
        f"{subject.path}, trial {trial.name}: there is no processing pass {wanted!r}; it has {present}."
    )


def _trial(subject: B3DSubject, trial: B3DTrial, pass_number: int) -> xr.Dataset:
    frames = read_frames(subject, trial, pass_number)
    log = [f"read from the {trial.passes[pass_number]} pass of AddBiomechanics"]
    values: dict[str, np.ndarray] = {}
    coords: dict[str, Any] = {"time": np.arange(trial.n_frames) * trial.time_step_s, "axis": list(AXES)}
    angles = [i for i, name in enumerate(subject.coordinates) if not TRANSLATION.search(name)]
    coords["coordinate"] = [subject.coordinates[i] for i in angles]
    values["joint_angle"] = frames.position[:, angles]
    if set(PELVIS_TRANSLATIONS) <= set(subject.coordinates):
        pelvis = [subject.coordinates.index(name) for name in PELVIS_TRANSLATIONS]
        values["pelvis_position"] = frames.position[:, pelvis]
    seen = _seen_markers(subject, frames)
    if seen:
        coords["marker"] = [subject.markers[i] for i in seen]
        values["marker_position"] = frames.markers[:, seen]
    force = _force(subject, trial, frames, _dataset(values, coords))
    if force.variables:
        coords["foot"] = list(FEET)
    recording = _dataset({**values, **force.variables}, coords)
    if force.variables:
        recording["force_missing"] = ("time", force.missing != "", {"units": "1"})
    counts = Counter(force.missing[force.missing != ""].tolist())
    attrs = _attributes(subject, trial) | {
        "processing_pass": trial.passes[pass_number],
        "missing_force": dict(counts),
        "log": [*log, *force.log],
    }
    return recording.assign_attrs({name: value for name, value in attrs.items() if value is not None})


def _dataset(values: dict[str, np.ndarray], coords: dict[str, Any]) -> xr.Dataset:
    variables = {
        name: (VARIABLE_DIMS[name], array, {"units": VARIABLE_UNITS[name]}) for name, array in values.items()
    }
    dataset = xr.Dataset(variables, coords=coords)
    dataset["time"].attrs["units"] = "s"
    return dataset


def _attributes(subject: B3DSubject, trial: B3DTrial) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "subject": clean_name(subject.path.stem),
        "trial": clean_name(trial.name),
        "license": "not stated",
        "citation": subject.href or None,
        "notes": subject.notes or None,
        "source_file": subject.path.name,
        "sampling_rate_hz": round(1 / trial.time_step_s, 6),
        "mass_kg": subject.mass_kg,
        "height_m": subject.height_m,
        "age_year": subject.age_year,
        "sex": subject.sex,
    }


def _seen_markers(subject: B3DSubject, frames: Frames) -> list[int]:
    """Numbers of the markers that have a name of their own and are seen in any frame."""
    if not frames.markers.shape[1]:
        return []
    seen = np.isfinite(frames.markers).any(axis=(0, 2))
    return [
        i for i, name in enumerate(subject.markers) if name and seen[i] and subject.markers.index(name) == i
    ]


def _force(subject: B3DSubject, trial: B3DTrial, frames: Frames, motion: xr.Dataset) -> Force:
    """Force of the feet: that of the pass, else that of the plates, else none with the reason."""
    sides = [_side(body) for body in subject.contact_bodies]
    if frames.contacts is not None and set(sides) == set(FEET):
        found = _from_bodies(frames.contacts, sides)
    elif frames.plates is not None:
        found = _from_plates(frames.plates, motion)
    else:
        return Force(log=["left out force: the file holds none"])
    if not found.variables:
        return found
    reasons = np.array(trial.missing_force, dtype=object)
    found.missing = np.where(found.missing != "", found.missing, reasons)
    missing = found.missing != ""
    if missing.all():
        return Force({}, found.missing, [*found.log, "left out force: it is missing in all frames"])
    if missing.any():
        found.log.append(f"force is missing in {int(missing.sum())} of {len(missing)} frames (force_missing)")
    for name, array in found.variables.items():
        array[missing] = {"center_of_pressure": np.nan, "in_contact": False}.get(name, 0.0)
    return found


def _side(body: str) -> str:
    name = body.lower()
    for foot in FEET:
        if name.endswith(f"_{foot[0]}") or foot in name or name.startswith(f"{foot[0]}_"):
            return foot
    return ""


def _from_bodies(contacts: Contacts, sides: list[str]) -> Force:
    """Force of the feet as the sum of that on the bodies of a side."""
    weight = np.abs(contacts.force[..., 1])
    force, moment, height_m = [], [], []
    for foot in FEET:
        own = [i for i, side in enumerate(sides) if side == foot]
        force.append(contacts.force[:, own].sum(axis=1))
        moment.append(contacts.moment[:, own].sum(axis=1))
        total = weight[:, own].sum(axis=1)
        height_m.append(
            (weight * contacts.point[..., 1])[:, own].sum(axis=1) / np.where(total > 0, total, 1.0)
        )
    stacked, moments = np.stack(force, axis=1), np.stack(moment, axis=1)
    point = center_of_pressure(stacked, moments, np.stack(height_m, axis=1))
    arrays = (
        stacked,
        point,
        free_moment(stacked, moments, point),
        np.abs(stacked[..., 1]) >= CONTACT_FORCE_N,
    )
    known = np.full(len(stacked), "", dtype=object)
    return Force(
        dict(zip(FORCE_VARIABLES, arrays, strict=True)), known, ["force as given to the feet by the pass"]
    )


def _from_plates(plates: Contacts, motion: xr.Dataset) -> Force:
    """Force of the feet from the plates as measured, given to the foot that is nearest."""
    names = [f"plate_{i + 1}" for i in range(plates.force.shape[1])]
    dims = ("plate_time", "plate", "axis")
    point = np.where(np.abs(plates.force[..., 1:2]) >= CONTACT_FORCE_N, plates.point, np.nan)
    recording = motion.assign(
        plate_force=(dims, plates.force),
        plate_moment=(dims, plates.moment),
        plate_center_of_pressure=(dims, point),
    ).assign_coords(plate_time=motion["time"].values, plate=names)
    try:
        assigned = assign_plates(recording)
    except ValueError as error:
        return Force({}, log=[f"left out force: {error}"])
    arrays = {name: assigned.dataset[name].transpose(*VARIABLE_DIMS[name]).values for name in FORCE_VARIABLES}
    unknown = np.isnan(arrays["ground_reaction_force"]).any(axis=(1, 2))
    log = ["force of the plates as measured, given to the nearest foot"]
    log += [f"contact left out: {each.reason}, {each.contact}" for each in assigned.refused]
    return Force(arrays, np.where(unknown, UNASSIGNED, "").astype(object), log)
