"""A trial as numbers for the models, frame by frame; what is not known is NaN.

A trial goes in with its motion (or part of it), its force (or none), and a body of the person; it faces +x. What the
numbers are is told in `gaitbook.representation.channels`. Position is lost on purpose: the path of the pelvis comes
back as the integral of its velocity over the ground (`gaitbook.representation.decoding`).
"""

from collections.abc import Collection
from typing import Final

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import rate_of
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.conventions import AXES, CONTACT_FORCE_N, COORDINATES, FEET, FORWARD, UP
from gaitbook.mechanics.body_points import body_points
from gaitbook.mechanics.differences import NEIGHBORS, REACH
from gaitbook.mechanics.loads import required_force, without_whole_turns
from gaitbook.mechanics.unseen_trunk import PELVIS_BELOW, steady_trunk
from gaitbook.representation.channels import (
    ANGLES,
    CHANNELS,
    FEET_PLACES,
    HEIGHT,
    ONE_AXIS,
    PERSON,
    REQUIRED,
    SAMPLING_RATE_HZ,
    THREE_AXES,
    VELOCITY,
    numbers_of,
)
from gaitbook.representation.feet import LEG, place_feet
from gaitbook.representation.ground_speed import ground_velocity
from gaitbook.representation.rotations import angles_to_matrix, angular_velocity, matrix_to_numbers

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

OBSERVED: Final = 0.2
"""A coordinate of which the markers tell less than this (mean observability) is not known."""
UPPER: Final = tuple(name for name in ANGLES if name not in LEG)


def encode_states(
    trial: xr.Dataset, model: BodyModel, *, hidden: Collection[str] = (), physics: bool = True
) -> Tensor:
    """All channels of every frame of a trial, (time, channel), float32, NaN where not known.

    Parameters
    ----------
    trial
        Heading along +x, at 100 Hz, with ``mass_kg`` and ``height_m``; ``joint_angle`` and ``pelvis_position``
        low-passed if measured, NaN where not known; perhaps force, center of pressure and free moment.
    model
        The person's body.
    hidden
        Coordinates to take as not known.
    physics
        Compute the force and moment that the motion requires, where all of the legs is known.

    Returns
    -------
    torch.Tensor
        A rate, and what the motion requires, is not known next to a gap either; the center of pressure is known only
        where the place of the feet is.

    Raises
    ------
    ValueError
        The trial lacks its motion, mass or height, is too short or not at 100 Hz, or what is to be hidden is no
        coordinate; all faults are named.
    """
    _require(trial, hidden)
    known, whole = known_motion(trial, hidden), fill_motion(trial, hidden)
    placed, settled = placed_frames(known), placed_frames(known, reach=REACH)
    parts = _pelvis(known, ground_velocity(whole, model, settled).values, float(trial.attrs["height_m"]))
    parts |= _angles(known["joint_angle"]) | _forces(trial)
    if placed.any():
        parts |= _pressure(whole, model, placed)
    if physics and settled.any():
        parts |= required_channels(whole, model, settled)
    unknown = np.full(trial.sizes["time"], np.nan)
    table = np.stack([parts.get(name, unknown) for name in CHANNELS], axis=1)
    states = torch.from_numpy(table.astype(np.float32))
    if physics:
        states[:, numbers_of(FEET_PLACES)] = place_feet(states)
    return states


def encode_person(trial: xr.Dataset) -> Tensor:
    """What is known of the person and of the trial as a whole: (4,), in the order of `PERSON`, NaN where unknown."""
    told = {**trial.attrs, "female": {"female": 1.0, "male": 0.0}.get(str(trial.attrs.get("sex")))}
    numbers = [told.get(name) for name in PERSON]
    return torch.tensor([np.nan if number is None else float(number) for number in numbers])


def known_motion(trial: xr.Dataset, hidden: Collection[str] = ()) -> xr.Dataset:
    """What is known of a motion: represented coordinates and the path of the pelvis, NaN where not known.

    A coordinate that markers hardly inform is not known; a pelvis of which no angle is known has no path either.

    Parameters
    ----------
    trial
        With ``joint_angle`` and, if known, ``pelvis_position``, ``joint_angle_observability``.
    hidden
        Coordinates to take as not known.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (time, coordinate), rad, without whole turns; ``pelvis_position`` (time, axis), m.
    """
    angle = without_whole_turns(trial["joint_angle"]).reindex(coordinate=list(ANGLES))
    angle = angle.where(~angle["coordinate"].isin(list(hidden)))
    if "joint_angle_observability" in trial:
        seen = trial["joint_angle_observability"].mean("time").reindex(coordinate=list(ANGLES))
        angle = angle.where(~(seen < OBSERVED))
    nowhere = xr.DataArray(np.nan, {"time": trial["time"], "axis": list(AXES)}, ("time", "axis"))
    path = trial.get("pelvis_position", nowhere).sel(axis=list(AXES))
    attitude = angle.sel(coordinate=list(THREE_AXES["pelvis"])).notnull().any()
    known = xr.Dataset({"joint_angle": angle, "pelvis_position": path.where(attitude)})
    return known.transpose("time", "coordinate", "axis")


def placed_frames(known: xr.Dataset, *, reach: int = 0) -> Flags:
    """Frames (time,) in which the place of both feet is known, and in so many frames around.

    Parameters
    ----------
    known
        As given by `known_motion`.
    reach
        Number of neighbors on both sides that have to be known as well, as far as the trial has them.
    """
    legs = known["joint_angle"].sel(coordinate=list(LEG)).notnull().all("coordinate")
    lost = ~(legs & known["pelvis_position"].notnull().all("axis")).values
    return np.asarray(np.convolve(lost, np.ones(2 * reach + 1), mode="same") < 1.0)


def fill_motion(trial: xr.Dataset, hidden: Collection[str] = ()) -> xr.Dataset:
    """Trial with every represented coordinate in every frame, for mechanics: never for a model.

    Gaps in time are bridged by straight lines and, at both ends, by the nearest value; coordinates that are hidden or
    not there at all are zero, and the trunk upright.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``.
    hidden
        Coordinates to take as not known.
    """
    names = list(dict.fromkeys([*trial["joint_angle"]["coordinate"].values.tolist(), *ANGLES]))
    angle = without_whole_turns(trial["joint_angle"]).reindex(coordinate=names)
    angle = angle.where(~angle["coordinate"].isin(list(hidden)))
    gone = angle.isnull().all("time")
    unseen = frozenset(gone["coordinate"].values[gone.values].tolist())
    whole = steady_trunk(_bridged(angle).fillna(0.0), unseen & set(PELVIS_BELOW))
    path = _bridged(trial["pelvis_position"])
    filled = {"joint_angle": whole.assign_attrs(units="rad"), "pelvis_position": path.assign_attrs(units="m")}
    return trial.drop_dims("coordinate").assign(filled)


def required_channels(whole: xr.Dataset, model: BodyModel, placed: Flags | None = None) -> dict[str, Array]:
    """Channels of the force and moment that a whole motion requires; NaN in frames that are not ``placed``.

    Parameters
    ----------
    whole
        ``joint_angle`` and ``pelvis_position`` without gaps, with ``mass_kg`` and ``height_m``.
    model
        The person's body.
    placed
        Frames (time,) for which they are wanted; all by default.
    """
    scaled = required_table(required_force(whole, model), whole)
    if placed is not None:
        scaled[~placed] = np.nan
    return dict(zip(REQUIRED, scaled.T, strict=True))


def required_table(required: xr.Dataset, motion: xr.Dataset) -> Array:
    """Force and moment that a motion requires as numbers (..., time, channel), in the order of `REQUIRED`.

    Parameters
    ----------
    required
        ``required_force`` (..., time, axis), N, and ``required_moment``, N m, about the origin.
    motion
        ``pelvis_position`` (..., time, axis), m, with ``mass_kg`` and ``height_m``.
    """
    mass_kg, height_m = float(motion.attrs["mass_kg"]), float(motion.attrs["height_m"])
    force, moment, path = (
        each.sel(axis=list(AXES)).transpose(..., "time", "axis").values
        for each in (required["required_force"], required["required_moment"], motion["pelvis_position"])
    )
    about_pelvis = moment - np.cross(path * [1.0, 0.0, 1.0], force)
    return np.concatenate([force / mass_kg, about_pelvis / (mass_kg * height_m)], axis=-1)


def _require(trial: xr.Dataset, hidden: Collection[str]) -> None:
    faults = [f"it has no {name}" for name in ("joint_angle", "pelvis_position") if name not in trial]
    faults += [
        f"its {name} is not known" for name in ("mass_kg", "height_m") if trial.attrs.get(name) is None
    ]
    if trial.sizes["time"] < NEIGHBORS:
        faults.append(f"it has {trial.sizes['time']} frame(s), and {NEIGHBORS} are needed")
    elif not np.isclose(rate_of(trial), SAMPLING_RATE_HZ, rtol=1e-3):
        faults.append(f"it is at {rate_of(trial):g} Hz, not {SAMPLING_RATE_HZ:g}: use gaitbook.resample")
    strange = [name for name in hidden if name not in COORDINATES]
    faults += [f"{', '.join(strange)} cannot be hidden: that is no coordinate"] * bool(strange)
    if faults:
        raise ValueError(f"Trial {trial.attrs.get('trial', '?')} cannot be encoded: " + "; ".join(faults))


def _bridged(array: xr.DataArray) -> xr.DataArray:
    """Array without gaps in time; what is nowhere known stays so."""
    columns = array.transpose(..., "time")
    values, frames = np.array(columns.values, order="C"), np.arange(columns.sizes["time"])
    for row in values.reshape(-1, len(frames)):
        known = np.isfinite(row)
        if known.any():
            row[~known] = np.interp(frames[~known], frames[known], row[known])
    return columns.copy(data=values).transpose(*array.dims)


def _pelvis(known: xr.Dataset, ground_mps: Array, height_m: float) -> dict[str, Array]:
    position = known["pelvis_position"]
    velocity = position.differentiate("time").where(position.notnull()).values
    velocity[:, AXES.index(FORWARD)] -= ground_mps
    columns = dict(zip(VELOCITY, velocity.T / height_m, strict=True))
    return columns | {HEIGHT: position.sel(axis=UP).values / height_m}


def _angles(known: xr.DataArray) -> dict[str, Array]:
    columns: dict[str, Array] = {f"angle/{name}": known.sel(coordinate=name).values for name in ANGLES}
    for joint, names in THREE_AXES.items():
        angle = np.stack([columns[f"angle/{name}"] for name in names], axis=1)
        angle[np.isnan(angle).any(axis=1)] = np.nan
        matrix = angles_to_matrix(torch.from_numpy(angle))
        six, spin = matrix_to_numbers(matrix).numpy(), angular_velocity(matrix, SAMPLING_RATE_HZ).numpy()
        columns |= {f"rotation/{joint}/{number}": column for number, column in enumerate(six.T)}
        columns |= {f"rate/{name}": column for name, column in zip(names, spin.T, strict=True)}
    for name in ONE_AXIS:
        own = columns[f"angle/{name}"]
        columns[f"rate/{name}"] = np.where(np.isnan(own), np.nan, np.gradient(own) * SAMPLING_RATE_HZ)
    return columns


def _forces(trial: xr.Dataset) -> dict[str, Array]:
    """Force and free moment under each foot, as far as the trial has them."""
    columns: dict[str, Array] = {}
    mass_kg, height_m = float(trial.attrs["mass_kg"]), float(trial.attrs["height_m"])
    for foot in FEET:
        if "ground_reaction_force" in trial:
            force = trial["ground_reaction_force"].sel(foot=foot)
            columns |= {f"force/{axis}/{foot}": force.sel(axis=axis).values / mass_kg for axis in AXES}
        if "free_moment" in trial:
            columns[f"free_moment/{foot}"] = trial["free_moment"].sel(foot=foot).values / (mass_kg * height_m)
    return columns


def _pressure(whole: xr.Dataset, model: BodyModel, placed: Flags) -> dict[str, Array]:
    """Center of pressure from the heel times vertical force; zero for a foot in the air, which has none."""
    if not {"ground_reaction_force", "center_of_pressure"} <= set(whole):
        return {}
    heels = body_points(whole, model, tuple(CALCANEI.values()))
    scale = float(whole.attrs["mass_kg"]) * float(whole.attrs["height_m"])
    columns = {}
    for foot, heel in CALCANEI.items():
        vertical_n = whole["ground_reaction_force"].sel(foot=foot, axis=UP)
        lever_m = whole["center_of_pressure"].sel(foot=foot) - heels.sel(point=heel)
        in_the_air = lever_m.isnull() & (vertical_n < CONTACT_FORCE_N)
        pressed = lever_m.where(~in_the_air, 0.0) * vertical_n / scale
        for axis in ("x", "z"):
            columns[f"pressure/{axis}/{foot}"] = np.where(placed, pressed.sel(axis=axis).values, np.nan)
    return columns
