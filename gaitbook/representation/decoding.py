"""States back to labels: the motion and the force of a trial, as many times as a model drew them.

Motion that was known stays as it was; what was not known comes from the states. A foot under less than 20 N is in the
air.
"""

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid
from torch import Tensor

from gaitbook.body_model import BodyModel
from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, FORWARD, UP
from gaitbook.mechanics.differences import REACH
from gaitbook.mechanics.drawn_motion import heels_of_draws
from gaitbook.representation.channels import ANGLES, HEIGHT, ONE_AXIS, THREE_AXES, VELOCITY, numbers_of
from gaitbook.representation.ground_speed import ground_velocity, told_ground_velocity
from gaitbook.representation.rotations import NUMBERS, matrix_to_angles, numbers_to_matrix
from gaitbook.representation.states import LEG, fill_motion, known_motion, placed_frames

Array = NDArray[np.float64]


def decode_motion(states: Tensor, trial: xr.Dataset, model: BodyModel | None = None) -> xr.Dataset:
    """Motion of a trial with what was not known taken from states.

    Parameters
    ----------
    states
        (draw, time, channel), in the units of the channels.
    trial
        The trial that was encoded, without what was hidden; what is known of its motion stays as it is, but for whole
        turns.
    model
        The person's body, which tells how the ground moves under a path of the pelvis that has gaps. Without it, and
        where legs or path are nowhere known, the trial has to tell (`told_ground_velocity`), or else the ground is
        still.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (draw, time, coordinate), rad, of the represented coordinates, and ``pelvis_position`` (draw,
        time, axis), m, as far as it is known and else the integral of its velocity, joined to what is known or
        starting at x = z = 0.
    """
    known = known_motion(trial)
    angle, path = known["joint_angle"].values, known["pelvis_position"].values
    ground = _ground(trial, known, model) if np.isnan(path).any() else np.zeros(len(path))
    labels = {"draw": np.arange(len(states)), "time": trial["time"].values}
    names, axes = {"coordinate": list(ANGLES)}, {"axis": list(AXES)}
    whole = {
        "joint_angle": ((*labels, *names), _joined(angle, _drawn_angles(states)), {"units": "rad"}),
        "pelvis_position": (
            (*labels, *axes),
            _joined(path, _in_line(path, _drawn_path(states, trial, ground))),
            {"units": "m"},
        ),
    }
    return xr.Dataset(whole, labels | names | axes, trial.attrs)


def decode_forces(states: Tensor, motion: xr.Dataset, model: BodyModel) -> xr.Dataset:
    """Force of the ground on both feet from states.

    Parameters
    ----------
    states
        (draw, time, channel), in the units of the channels.
    motion
        As given by `decode_motion` for the same draws, with ``mass_kg`` and ``height_m``.
    model
        The person's body.

    Returns
    -------
    xarray.Dataset
        ``ground_reaction_force`` (draw, time, foot, axis), N; ``center_of_pressure``, m, on the floor, NaN in the air;
        ``free_moment`` (draw, time, foot), N m; ``in_contact``.
    """
    mass_kg, height_m = float(motion.attrs["mass_kg"]), float(motion.attrs["height_m"])
    force = mass_kg * _of_feet(states, [f"force/{axis}" for axis in AXES])
    twist = mass_kg * height_m * _of_feet(states, ["free_moment"])[..., 0]
    upward = force[..., AXES.index(UP)]
    down = upward >= CONTACT_FORCE_N
    lever = mass_kg * height_m * _of_feet(states, ["pressure/x", "pressure/z"])
    point = _heels(motion, model)
    point[..., [0, 2]] += lever / np.where(down, upward, np.inf)[..., None]
    point[..., 1] = 0.0
    labels = {"draw": motion["draw"].values, "time": motion["time"].values, "foot": list(FEET)}
    three, four = (*labels,), (*labels, "axis")
    return xr.Dataset(
        {
            "ground_reaction_force": (four, np.where(down[..., None], force, 0.0), {"units": "N"}),
            "center_of_pressure": (four, np.where(down[..., None], point, np.nan), {"units": "m"}),
            "free_moment": (three, np.where(down, twist, 0.0), {"units": "N m"}),
            "in_contact": (three, down, {"units": "1"}),
        },
        labels | {"axis": list(AXES)},
    )


def _drawn_angles(states: Tensor) -> Array:
    """All angles (draw, time, coordinate), rad; of joints with three axes from their six numbers."""
    drawn = {name: states[..., numbers_of([f"angle/{name}"])[0]].double() for name in ONE_AXIS}
    for joint, names in THREE_AXES.items():
        six = states[..., numbers_of([f"rotation/{joint}/{number}" for number in range(NUMBERS)])]
        angles = matrix_to_angles(numbers_to_matrix(six.double()))
        drawn |= dict(zip(names, angles.unbind(-1), strict=True))
    return np.asarray(torch.stack([drawn[name] for name in ANGLES], dim=-1).numpy())


def _drawn_path(states: Tensor, trial: xr.Dataset, ground_mps: Array) -> Array:
    """Path of the pelvis (draw, time, axis), m, that starts at x = z = 0."""
    height_m = float(trial.attrs["height_m"])
    velocity = height_m * states[..., numbers_of(VELOCITY)].double().numpy()
    velocity[..., AXES.index(FORWARD)] += ground_mps
    path = cumulative_trapezoid(velocity, trial["time"].values, axis=1, initial=0.0)
    path[..., AXES.index(UP)] = height_m * states[..., numbers_of([HEIGHT])[0]].double().numpy()
    return np.asarray(path)


def _ground(trial: xr.Dataset, known: xr.Dataset, model: BodyModel | None) -> Array:
    """Velocity of the ground, m/s, as it was taken off the velocity of the pelvis."""
    settled = placed_frames(known, reach=REACH)
    if model is not None and settled.any():
        return np.asarray(ground_velocity(fill_motion(trial), model, settled).values)
    return np.full(len(settled), np.nan_to_num(told_ground_velocity(trial)))


def _in_line(known: Array, drawn: Array) -> Array:
    """Drawn columns (draw, time, column), shifted so that they go through what is known of them (time, column)."""
    shifted, frames = drawn.copy(), np.arange(len(known))
    for place, column in enumerate(known.T):
        at = np.flatnonzero(np.isfinite(column))
        if at.size:
            apart = column[at] - drawn[:, at, place]
            shifted[..., place] += np.stack([np.interp(frames, at, each) for each in apart])
    return shifted


def _joined(known: Array, drawn: Array) -> Array:
    return np.where(np.isnan(known), drawn, known)


def _of_feet(states: Tensor, names: list[str]) -> Array:
    """Columns of both feet, (draw, time, foot, name)."""
    columns = numbers_of([f"{name}/{foot}" for foot in FEET for name in names])
    chosen = states[..., columns].double().numpy()
    return np.asarray(chosen.reshape(*chosen.shape[:-1], len(FEET), len(names)))


def _heels(motion: xr.Dataset, model: BodyModel) -> Array:
    """Origins of both calcanei, (draw, time, foot, axis), m."""
    legs = motion.sel(coordinate=list(LEG))
    return np.array(heels_of_draws(legs, model).values)
