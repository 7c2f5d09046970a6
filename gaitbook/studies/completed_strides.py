"""One stride of a completed trial, ready to be shown: mean of the draws, some draws, what was measured, curves.

Where along the way the person is cannot be known once the pelvis is hidden, so a completed stride is placed where the
measured one is.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.conventions import AXES, FEET, FORWARD, UP
from gaitbook.mechanics.stick_joints import joint_centers
from gaitbook.studies.calibration import LEVEL
from gaitbook.studies.completion_errors import widened
from gaitbook.studies.gait_measures import DEGREES_PER_RAD
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.metrics import to_body_weights
from gaitbook.studies.trials import measured_strides

Span = tuple[float, float]

FRAMES: Final = 37
CURVE_SAMPLES: Final = 51
GHOSTS: Final = 5
"""Draws that are shown as they are."""
MOST_DRAWS: Final = 0.5
PERCENT: Final = 100.0
FORCES: Final = {UP: "Vertical force", FORWARD: "Fore-aft force", "z": "Mediolateral force"}
ANGLES: Final = {
    "hip_flexion": "Hip flexion",
    "knee_angle": "Knee flexion",
    "ankle_angle": "Ankle dorsiflexion",
}
_LEVEL_GROUND: Final = [1.0, 0.0, 1.0]


def middle_stride(trial: xr.Dataset) -> Span:
    """First and last instant, s, of the stride of the right foot nearest to the middle of a trial.

    Raises
    ------
    ValueError
        There is none.
    """
    strides = measured_strides(trial).query("foot == 'right'")
    if strides.empty:
        raise ValueError("The trial holds no whole stride of the right foot: take a longer one")
    middle_s = trial["time"].values[[0, -1]].mean()
    away_s = (0.5 * (strides["start_s"] + strides["end_s"]) - middle_s).abs()
    chosen = strides.loc[away_s.idxmin()]
    return float(chosen["start_s"]), float(chosen["end_s"])


def measured_stride(motion: MeasuredMotion, span: Span) -> xr.Dataset:
    """Skeleton and force of a stride as measured.

    Parameters
    ----------
    motion
        Trial with force.
    span
        First and last instant, s.
    """
    trial = motion.trial
    skeleton = joint_centers(trial, motion.model)
    return _cut(
        trial[["ground_reaction_force", "center_of_pressure"]].assign(skeleton_position=skeleton), span
    )


def completed_stride(completed: xr.Dataset, motion: MeasuredMotion, span: Span) -> xr.Dataset:
    """Skeleton and force of a stride, mean of the draws, and some draws, all at the place of what was measured.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial`.
    motion
        What was completed, as measured.
    span
        First and last instant, s.

    Returns
    -------
    xarray.Dataset
        As `measured_stride`, with ``drawn_position`` (draw, time, joint, axis), m, and the attributes of the trial.
    """
    measured = measured_stride(motion, span)["skeleton_position"].sel(joint="pelvis")
    moved = completed[["joint_angle", "pelvis_position"]]
    draws = [moved.isel(draw=number) for number in range(min(GHOSTS, completed.sizes["draw"]))]
    skeletons = [
        _cut_array(joint_centers(_with_rest(each, motion.trial), motion.model), span)
        for each in (moved.mean("draw"), *draws)
    ]
    shifts = [
        (measured - each.sel(joint="pelvis")).mean("time") * xr.DataArray(_LEVEL_GROUND, dims="axis")
        for each in skeletons
    ]
    placed = [each + shift for each, shift in zip(skeletons, shifts, strict=True)]
    force = _cut(_mean_force(completed), span)
    point = force["center_of_pressure"] + shifts[0]
    drawn = xr.concat(placed[1:], "draw").transpose("draw", "time", "joint", "axis")
    whole = force.assign(center_of_pressure=point, skeleton_position=placed[0], drawn_position=drawn)
    return whole.assign_attrs(motion.trial.attrs)


def _mean_force(completed: xr.Dataset) -> xr.Dataset:
    """Mean of the draws where most have the foot down; it acts where the sum of their forces does."""
    down = completed["in_contact"].mean("draw") >= MOST_DRAWS
    force = completed["ground_reaction_force"].transpose("draw", "time", "foot", "axis")
    upward = force.sel(axis=UP, drop=True)
    pressed = (upward * completed["center_of_pressure"].fillna(0.0)).mean("draw")
    mean = force.mean("draw").where(down, 0.0)
    return xr.Dataset(
        {
            "ground_reaction_force": mean,
            "center_of_pressure": (pressed / upward.mean("draw").where(down)).transpose(
                "time", "foot", "axis"
            ),
        }
    )


def _with_rest(moved: xr.Dataset, measured: xr.Dataset) -> xr.Dataset:
    """Completed motion with the coordinates that no model completes (toes, wrists) as they were measured."""
    rest = measured["joint_angle"].drop_sel(coordinate=moved["coordinate"].values, errors="ignore")
    whole = xr.concat([moved["joint_angle"], rest], "coordinate", coords="minimal", compat="override")
    both = {"joint_angle": whole, "pelvis_position": moved["pelvis_position"]}
    return xr.Dataset(
        {name: each.drop_vars("draw", errors="ignore") for name, each in both.items()}
    ).assign_attrs(measured.attrs)


def _cut(labeled: xr.Dataset, span: Span, samples: int = FRAMES) -> xr.Dataset:
    """So many equal steps of a stride; a center of pressure is that of the nearest sample, for it ends with contact."""
    time_s = np.linspace(*span, samples)
    nearest = labeled.sel(time=time_s, method="nearest").assign_coords(time=time_s)
    between = labeled.drop_vars("center_of_pressure", errors="ignore").interp(time=time_s)
    return nearest.assign(between.data_vars).assign_attrs(labeled.attrs)


def _cut_array(labeled: xr.DataArray, span: Span, samples: int = FRAMES) -> xr.DataArray:
    return labeled.interp(time=np.linspace(*span, samples))


def force_curves(
    completed: xr.Dataset, motion: MeasuredMotion, span: Span, factors: Mapping[str, float]
) -> pd.DataFrame:
    """Force on both feet over a stride, with its band and as measured.

    Parameters
    ----------
    completed, motion, span
        As for `completed_stride`.
    factors
        By axis, how much wider than the draws the bands are.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, series (foot), phase_percent, value, low, high, measured, unit.
    """
    mass_kg = float(motion.trial.attrs["mass_kg"])
    drawn, truth = (
        _cut_array(to_body_weights(each["ground_reaction_force"], mass_kg), span, CURVE_SAMPLES)
        for each in (completed, motion.trial)
    )
    parts = []
    for axis, quantity in FORCES.items():
        for foot in FEET:
            outward = -1.0 if axis == AXES[2] and foot == "left" else 1.0
            own = outward * drawn.sel(axis=axis, foot=foot).transpose("draw", "time").values
            wide = widened(own, factors.get(axis, 1.0))
            parts.append(_curve(own, wide, outward * truth.sel(axis=axis, foot=foot).values))
            parts[-1] = parts[-1].assign(quantity=quantity, series=foot, unit="%BW")
    return pd.concat(parts, ignore_index=True)


def angle_curves(completed: xr.Dataset, motion: MeasuredMotion, span: Span) -> pd.DataFrame:
    """Angles of both legs over a stride with the band of the draws; columns as of `force_curves`."""
    drawn, truth = (
        _cut_array(DEGREES_PER_RAD * each["joint_angle"], span, CURVE_SAMPLES)
        for each in (completed, motion.trial)
    )
    parts = []
    for coordinate, quantity in ANGLES.items():
        for foot in FEET:
            own, real = (each.sel(coordinate=f"{coordinate}_{foot[0]}") for each in (drawn, truth))
            values = own.transpose("draw", "time").values
            parts.append(_curve(values, values, real.values).assign(quantity=quantity, series=foot, unit="°"))
    return pd.concat(parts, ignore_index=True)


def _curve(own: np.ndarray, wide: np.ndarray, truth: np.ndarray) -> pd.DataFrame:
    low, high = np.quantile(wide, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    phase = np.linspace(0.0, PERCENT, own.shape[1])
    return pd.DataFrame(
        {"phase_percent": phase, "value": own.mean(axis=0), "low": low, "high": high, "measured": truth}
    )
