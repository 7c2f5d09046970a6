"""What the feet of a trial do on the ground: slip, sinking, clearance, place of the pressure, friction."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import runs
from gaitbook.cohort.events import detect_contacts, find_strides
from gaitbook.conventions import FEET, FORWARD, UP
from gaitbook.mechanics.gait_checks import foot_outline, outline_margin, sole_points
from gaitbook.studies.trial_facts import moves_over_ground, weight_n

MM_PER_M: Final = 1000.0
ON_GROUND_M: Final = 0.005
"""A point of the sole that is lower than this while its foot is loaded stands on the ground."""
ROLLING: Final = "toe_tip"
LOADED_SHARE: Final = 0.05
FEWEST_FRAMES: Final = 3
FRICTION_SHARE: Final = 0.2
"""Friction is judged where a foot carries more than this share of body weight."""
MID_SWING: Final = (0.2, 0.8)
"""Part of the swing in which the whole foot must be clear of the ground: at both ends it leaves and nears it."""


def foot_quantities(trial: xr.Dataset, model: BodyModel) -> dict[str, float]:
    """Quantities of both feet by name: what the limits of ``physics_check.yml`` speak of.

    Returns
    -------
    dict of str to float
        ``pressure_inside_foot`` (% of the vertical impulse), ``stance_slip`` (root mean square over all loaded frames
        of points on the ground, mm), ``penetration`` (deepest point, mm), ``swing_clearance`` (lowest point in the
        middle of the swings, mm), ``friction_ratio``, ``free_moment`` (largest, N m); NaN where the trial cannot tell.
    """
    points = sole_points(trial, model)
    height = points.sel(axis=UP)
    return {
        "pressure_inside_foot": _inside_percent(trial, model),
        "stance_slip": MM_PER_M * slip_rms(trial, points),
        "penetration": MM_PER_M * max(0.0, -float(height.min())),
        "swing_clearance": MM_PER_M * _clearance(trial, height),
        "friction_ratio": friction_ratio(trial),
        "free_moment": float(abs(trial["free_moment"]).max()) if "free_moment" in trial else np.nan,
    }


def friction_ratio(trial: xr.Dataset) -> float:
    """Largest horizontal over vertical force of a foot that carries a fifth of body weight or more."""
    force = trial["ground_reaction_force"]
    vertical = force.sel(axis=UP)
    horizontal = np.sqrt((force.drop_sel(axis=UP) ** 2).sum("axis"))
    return float((horizontal / vertical.where(vertical > FRICTION_SHARE * weight_n(trial))).max())


def slip_rms(trial: xr.Dataset, points: xr.DataArray) -> float:
    """Root mean square distance along the ground of standing heels and balls from where they stand on average, m.

    The toes bend about a joint above the floor, so that their tips roll on it and do not count.

    Parameters
    ----------
    trial
        With force; on a treadmill the belt's motion, ``speed_mps``, is taken off.
    points
        As given by `gaitbook.mechanics.gait_checks.sole_points`.
    """
    loaded = trial["ground_reaction_force"].sel(axis=UP) > LOADED_SHARE * weight_n(trial)
    place = _over_ground(trial, points).sel(axis=[FORWARD, "z"])
    standing = loaded & (points.sel(axis=UP) < ON_GROUND_M)
    moved = [part - part.mean(axis=0) for part in _standing_parts(place, standing)]
    if not moved:
        return float("nan")
    return float(np.sqrt((np.concatenate(moved) ** 2).sum(axis=1).mean()))


def _standing_parts(place: xr.DataArray, standing: xr.DataArray) -> Iterator[np.ndarray]:
    for foot in FEET:
        for point in place["point"].drop_sel(point=ROLLING, errors="ignore").values:
            there = place.sel(foot=foot, point=point).transpose("time", "axis").values
            down = standing.sel(foot=foot, point=point).values
            for first, behind in runs(down):
                if behind - first >= FEWEST_FRAMES:
                    yield there[first:behind]


def _over_ground(trial: xr.Dataset, points: xr.DataArray) -> xr.DataArray:
    if moves_over_ground(trial):
        return points
    belt_m = float(trial.attrs["speed_mps"]) * trial["time"]
    return points + belt_m * (points["axis"] == FORWARD)


def _inside_percent(trial: xr.Dataset, model: BodyModel) -> float:
    margin = outline_margin(trial["center_of_pressure"], foot_outline(trial, model))
    load = trial["ground_reaction_force"].sel(axis=UP).fillna(0.0)
    return 100.0 * float(load.where(margin >= 0, 0.0).sum() / load.sum())


def _clearance(trial: xr.Dataset, height: xr.DataArray) -> float:
    """Lowest point in the middle of the whole swings, m."""
    lowest = height.min("point")
    found = []
    for foot, start_s, end_s in _swings(trial)[["foot", "toe_off_s", "end_s"]].to_numpy():
        part = slice(*(start_s + share * (end_s - start_s) for share in MID_SWING))
        found.append(float(lowest.sel(foot=foot, time=part).min()))
    return min(found, default=float("nan"))


def _swings(trial: xr.Dataset) -> pd.DataFrame:
    return find_strides(detect_contacts(trial), cycle_s=(0.3, 3.0), stance_s=(0.05, 2.0))
