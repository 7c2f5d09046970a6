"""Loads of a recorded motion, labeled: what the ground must have given, what it gave, and what the joints carried.

Motion goes in as a trial with ``joint_angle`` and ``pelvis_position`` (measured, or from `solve_motion`), smoothed by
`smooth_motion`; a body model tells whose it is. Everything comes out with labels and units.
"""

from typing import Final

import numpy as np
import torch
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import low_pass, rate_of
from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2, UP
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.body_points import moving_body, require_motion
from gaitbook.mechanics.dynamics import (
    Wrench,
    center_of_pressure,
    difference_rates,
    generalized_forces,
    joint_loads,
    segment_needs,
    total_wrench,
)
from gaitbook.mechanics.kinematics import center_of_mass, joint_axes
from gaitbook.mechanics.knee import (
    KNEE_AXES,
    Frame,
    Method,
    anatomical_moment,
    find_knees,
    knee_load,
    knee_rates,
    quasi_static_moment,
)
from gaitbook.mechanics.threads import one_thread

FORCE: Final = ("ground_reaction_force", "center_of_pressure")
UNCERTAIN: Final = ("required_center_of_pressure", "required_free_moment")
TURN: Final = 2.0 * np.pi
LEAST_SHARE_OF_WEIGHT: Final = 0.1
"""Below this share of body weight the center of pressure that a motion requires is not told: it is noise."""


def smooth_motion(trial: xr.Dataset, cutoff_hz: float) -> xr.Dataset:
    """Trial whose coordinates and pelvis are low-passed without lag; whole turns of angles are taken out before.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``.
    cutoff_hz
        As for `gaitbook.low_pass`.

    Raises
    ------
    ValueError
        The trial lacks its motion.
    """
    require_motion(trial)
    angle = low_pass(without_whole_turns(trial["joint_angle"]), cutoff_hz)
    return trial.assign(joint_angle=angle, pelvis_position=low_pass(trial["pelvis_position"], cutoff_hz))


def without_whole_turns(angle: xr.DataArray) -> xr.DataArray:
    """Angles, rad, that nowhere jump by a turn, their median within half a turn of zero; a gap stays a gap.

    Parameters
    ----------
    angle
        Any dims, one of them ``time``.
    """
    rows = angle.transpose(..., "time")
    values = np.array(rows.values, order="C")
    for row in values.reshape(-1, rows.sizes["time"]):
        known = np.isfinite(row)
        if known.any():
            continuous = np.unwrap(row[known])
            row[known] = continuous - TURN * np.round(np.median(continuous) / TURN)
    return rows.copy(data=values).transpose(*angle.dims)


@one_thread()
def required_force(trial: xr.Dataset, model: BodyModel) -> xr.Dataset:
    """Force and moment of the ground that Newton and Euler require of a motion.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``, smooth.
    model
        The person's body.

    Returns
    -------
    xarray.Dataset
        ``required_force`` (time, axis), N; ``required_moment`` (time, axis), N m, about the origin;
        ``required_center_of_pressure`` (time, axis), m, on the floor y = 0, NaN where less than a tenth of the weight
        is carried; ``required_free_moment`` (time), N m; ``center_of_mass`` (time, axis), m.

    Raises
    ------
    ValueError
        The trial lacks its motion, or has fewer than seven frames.
    """
    body, pose, _ = moving_body(trial, model)
    needs = segment_needs(body, pose, difference_rates(body, pose, rate_of(trial["joint_angle"])))
    force, moment = total_wrench(needs, torch.zeros(3, dtype=torch.float64))
    point, free_moment = center_of_pressure(force, moment)
    carried = force[:, 1] > LEAST_SHARE_OF_WEIGHT * body.total_mass_kg * GRAVITY_MPS2
    arrays = {
        "required_force": _labeled(trial, force, "N", axis=AXES),
        "required_moment": _labeled(trial, moment, "N m", axis=AXES),
        "center_of_mass": _labeled(trial, center_of_mass(body, pose), "m", axis=AXES),
        "required_center_of_pressure": _labeled(trial, point, "m", axis=AXES),
        "required_free_moment": _labeled(trial, free_moment, "N m"),
    }
    known = xr.DataArray(carried.numpy(), dims="time", coords={"time": trial["time"]})
    return xr.Dataset(
        {name: array.where(known) if name in UNCERTAIN else array for name, array in arrays.items()}
    )


@one_thread()
def joint_moments(trial: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Generalized force of every coordinate, internal: what muscles and passive tissue must do together.

    Parameters
    ----------
    trial
        With motion and the force on both feet.
    model
        The person's body.

    Returns
    -------
    xarray.DataArray
        ``joint_moment`` (time, coordinate), N m (N for the translations of the pelvis, whose forces and moments are
        the residual that a perfect measurement would leave at zero). Positive along the coordinate.
    """
    body, pose, coordinates = moving_body(trial, model)
    needs = segment_needs(body, pose, difference_rates(body, pose, rate_of(trial["joint_angle"])))
    load = joint_loads(body, pose, needs, ground_wrench(trial), _feet(body))
    moment = generalized_forces(body, coordinates, joint_axes(body, coordinates, pose), load)
    return _labeled(trial, moment, "N m", coordinate=body.coordinate_names).rename("joint_moment")


@one_thread()
def knee_moment(
    trial: xr.Dataset, model: BodyModel, *, frame: Frame = "tibia", method: Method = "newton-euler"
) -> xr.DataArray:
    """External moments about both knee joint centers.

    Parameters
    ----------
    trial
        With motion and the force on both feet, smooth, turned to the direction of progression where
        ``frame="lab"``.
    model
        The person's body.
    frame
        ``"tibia"``, ``"joint"`` (floating axis) or ``"lab"``; see `gaitbook.mechanics.knee`.
    method
        ``"newton-euler"`` counts weight and inertia of shank and foot; ``"quasi-static"`` is the moment of the
        ground force alone. Quasi-static in the lab frame reproduces the numbers of GaitDynamics.

    Returns
    -------
    xarray.DataArray
        ``knee_moment`` (time, foot, moment), N m: adduction, internal rotation and flexion, positive alike on both
        sides. ``attrs`` say frame, method, mass and height.

    Raises
    ------
    ValueError
        The trial lacks motion or force, or frame or method are not known.
    """
    _one_of("frame", frame, ("tibia", "joint", "lab"))
    _one_of("method", method, ("newton-euler", "quasi-static"))
    body, pose, _ = moving_body(trial, model)
    knees, ground = find_knees(body), ground_wrench(trial)
    if method == "quasi-static":
        moment = quasi_static_moment(knees, pose, ground)
    else:
        rates = knee_rates(knees, pose, rate_of(trial["joint_angle"]))
        moment = -knee_load(knees, pose, rates, ground).moment
    labeled = _labeled(
        trial, anatomical_moment(knees, pose, moment, frame), "N m", foot=FEET, moment=KNEE_AXES
    )
    person = {name: trial.attrs[name] for name in ("mass_kg", "height_m") if name in trial.attrs}
    return labeled.rename("knee_moment").assign_attrs(frame=frame, method=method, **person)


def ground_wrench(trial: xr.Dataset) -> Wrench:
    """Force of the ground on both feet as tensors, zero where there is no contact.

    Raises
    ------
    ValueError
        The trial lacks force or center of pressure.
    """
    missing = [name for name in FORCE if name not in trial]
    if missing:
        raise ValueError(f"The trial has no {' and no '.join(missing)}: measure or estimate it first")
    force = _tensor(trial["ground_reaction_force"].transpose("time", "foot", "axis"))
    point = _tensor(trial["center_of_pressure"].transpose("time", "foot", "axis"))
    couple = torch.zeros_like(force)
    if "free_moment" in trial:
        couple[..., AXES.index(UP)] = _tensor(trial["free_moment"].transpose("time", "foot"))
    unknown = torch.isnan(point).any(dim=-1, keepdim=True)
    return Wrench(*(torch.where(unknown, 0.0, part).nan_to_num() for part in (force, point, couple)))


def _feet(body: Body) -> torch.Tensor:
    knees = find_knees(body)
    return knees.part.places[knees.foot]


def _tensor(array: xr.DataArray) -> torch.Tensor:
    return torch.as_tensor(np.array(array.values, dtype=np.float64))


def _labeled(trial: xr.Dataset, values: torch.Tensor, unit: str, **labels: tuple[str, ...]) -> xr.DataArray:
    coords = {"time": trial["time"].values, **{dim: list(names) for dim, names in labels.items()}}
    return xr.DataArray(values.numpy(), dims=tuple(coords), coords=coords, attrs={"units": unit})


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"no {what} {value!r}; choose {', '.join(map(repr, allowed))}")
