"""Facts of a trial that studies of gait divide by or sort by: weight, stature, gait, speed over the ground."""

import numpy as np
import xarray as xr

from gaitbook.conventions import FORWARD, GRAVITY_MPS2

WALKING_DUTY: float = 0.5
SLOWEST_MPS: float = 0.3


def weight_n(trial: xr.Dataset) -> float:
    """Body weight, N."""
    return float(trial.attrs["mass_kg"]) * GRAVITY_MPS2


def stature_m(trial: xr.Dataset) -> float:
    """Body height, m.

    Raises
    ------
    ValueError
        The trial does not say it.
    """
    height_m = trial.attrs.get("height_m")
    if height_m is None:
        raise ValueError("The trial has no height_m: add it to the participants table")
    return float(height_m)


def gait_of(trial: xr.Dataset) -> str:
    """``"walk"`` or ``"run"``: what the trial says, else whether each foot stands for more than half of the time."""
    if "gait" in trial.attrs:
        return str(trial.attrs["gait"])
    duty = float(trial["in_contact"].astype(float).mean())
    return "walk" if duty > WALKING_DUTY else "run"


def moves_over_ground(trial: xr.Dataset) -> bool:
    """Whether the pelvis gets on in the laboratory, as it does not on a treadmill."""
    return abs(_pelvis_speed(trial)) >= SLOWEST_MPS


def progression_speed(trial: xr.Dataset) -> float:
    """Speed over the ground, m/s: of the pelvis, or what the trial says where the pelvis stays in place.

    Raises
    ------
    ValueError
        The pelvis stays in place and the trial does not say its speed.
    """
    speed_mps = _pelvis_speed(trial)
    if abs(speed_mps) >= SLOWEST_MPS:
        return speed_mps
    told = trial.attrs.get("speed_mps")
    if told is None:
        raise ValueError("the person stays in place and the trial has no speed_mps: say it in the attributes")
    return float(told)


def _pelvis_speed(trial: xr.Dataset) -> float:
    if "pelvis_position" not in trial:
        return 0.0
    forward_m = trial["pelvis_position"].sel(axis=FORWARD).dropna("time")
    elapsed_s = forward_m["time"].values[-1] - forward_m["time"].values[0]
    return float(np.diff(forward_m.values[[0, -1]])[0] / elapsed_s)
