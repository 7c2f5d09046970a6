"""Draws of a completed trial as one trial: their mean, and the interval around it, in the frame of the recording.

Everything is given back as it came: at the time stamps, in the heading and with the signs of the recording. What was
recorded stays to the last digit; what was not is the mean of the draws.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import xarray as xr

from gaitbook.cohort.heading import restore_heading
from gaitbook.conventions import AXES, FEET, UP
from gaitbook.representation.channels import ANGLES
from gaitbook.studies.calibration import ANGLE, LEVEL
from gaitbook.studies.partial_motion import at_times
from gaitbook.studies.prediction_inputs import PredictionInput
from gaitbook.studies.prediction_people import MOTION

ENDS: Final = ("low", "high")
MOST_DRAWS: Final = 0.5
"""A foot is down where this share of the draws has it down."""
TURN_RAD: Final = 2.0 * np.pi


def summarize_prediction(
    completed: xr.Dataset,
    given: PredictionInput,
    *,
    level: float = LEVEL,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> xr.Dataset:
    """Mean and interval of the draws at the recording's time stamps, in its heading and with its signs.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial` for the motion of ``given``.
    given
        What was completed.
    level
        Of the intervals.
    factors
        How much wider than the draws the intervals are, by axis of the force, and of angles; one where nothing is told.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (time, coordinate), rad, of what was recorded and of every coordinate that the body has and
        the models represent; ``pelvis_position`` (time, axis), m; ``ground_reaction_force`` (time, foot, axis), N,
        zero for a foot that most draws have in the air; ``center_of_pressure``, m, that of the mean force;
        ``free_moment`` (time, foot), N m; ``in_contact``. With ``_low`` and ``_high`` added to their names: the ends
        of the intervals of force, and of angles and position where they were completed, NaN elsewhere.
    """
    turned = restore_heading(completed)
    time_s = given.recorded["time"].values
    wide = restore_heading(_widened(completed, factors))["ground_reaction_force"]
    low, high = _interval(wide.transpose("draw", "time", "foot", "axis"), level)
    low = low.where((low["axis"] != UP) | (low > 0.0), 0.0)  # the ground never pulls
    ends = dict(zip((f"ground_reaction_force_{end}" for end in ENDS), (low, high), strict=True))
    own = _force_of_draws(turned, time_s) | {name: at_times(each, time_s) for name, each in ends.items()}
    angles = _angles(turned["joint_angle"], given, level, factors.get(ANGLE, 1.0))
    places = _places(turned["pelvis_position"], given, level)
    return xr.Dataset({**own, **angles, **places}, attrs=completed.attrs)


def _force_of_draws(turned: xr.Dataset, time_s: np.ndarray) -> dict[str, xr.DataArray]:
    """Mean force, the point where it acts, and its free moment; nothing of a foot in the air."""
    down = turned["in_contact"].mean("draw") >= MOST_DRAWS
    force = turned["ground_reaction_force"]
    # What the draws press on the floor, so that the point is that of the sum of their forces
    pressed = force.sel(axis="y", drop=True) * turned["center_of_pressure"].fillna(0.0)
    means = {
        name: at_times(each.mean("draw").where(down, 0.0), time_s)
        for name, each in (("force", force), ("pressed", pressed), ("twist", turned["free_moment"]))
    }
    down = down.sel(time=time_s, method="nearest").assign_coords(time=time_s)
    mean = means["force"].where(down, 0.0).transpose("time", "foot", "axis")
    vertical = mean.sel(axis="y", drop=True)
    down &= vertical > 0.0
    point = (means["pressed"] / vertical.where(down)).transpose("time", "foot", "axis")
    found = {
        "ground_reaction_force": (mean.where(down, 0.0), "N"),
        "center_of_pressure": (point, "m"),
        "free_moment": (means["twist"].where(down, 0.0).transpose("time", "foot"), "N m"),
        "in_contact": (down.transpose("time", "foot"), "1"),
    }
    return {
        name: each.sel(foot=list(FEET)).assign_attrs(units=units) for name, (each, units) in found.items()
    }


def _widened(completed: xr.Dataset, factors: Mapping[str, float]) -> xr.Dataset:
    """Completed trial with the draws of its force spread about their mean, along the axes of progression."""
    force = completed["ground_reaction_force"]
    factor = xr.DataArray([factors.get(axis, 1.0) for axis in AXES], {"axis": list(AXES)}, "axis")
    mean = force.mean("draw")
    return completed.assign(ground_reaction_force=mean + factor * (force - mean))


def _angles(
    drawn: xr.DataArray, given: PredictionInput, level: float, factor: float
) -> dict[str, xr.DataArray]:
    """Recorded angles with the drawn ones where there were none, and the interval of these."""
    moving = {each.name for each in given.motion.model.coordinates if not each.locked}
    recorded = given.recorded["joint_angle"].transpose("time", "coordinate")
    own = recorded["coordinate"].values.tolist()
    names = [*own, *(name for name in ANGLES if name in moving and name not in own)]
    recorded = recorded.reindex(coordinate=names)
    gone = recorded.isnull() & recorded["coordinate"].isin(list(ANGLES))
    drawn = drawn.sel(coordinate=[name for name in names if bool(gone.sel(coordinate=name).any())])
    mean = _mean_direction(drawn)
    spread = _interval(factor * ((drawn - mean + np.pi) % TURN_RAD - np.pi), level)
    whole = _continued(mean.transpose("time", "coordinate"))
    time_s = recorded["time"].values
    middle = _like(at_times(whole, time_s).reindex(coordinate=names), recorded)
    found = {"joint_angle": _bridged(recorded.where(~gone, middle))}
    for end, each in zip(ENDS, spread, strict=True):
        found[f"joint_angle_{end}"] = (middle + at_times(each, time_s).reindex(coordinate=names)).where(gone)
    return _signed(found, given.reversed_coordinates)


def _places(drawn: xr.DataArray, given: PredictionInput, level: float) -> dict[str, xr.DataArray]:
    time_s = given.recorded["time"].values
    recorded = given.recorded[MOTION[1]].sel(axis=list(AXES)).transpose("time", "axis")
    gone = recorded.isnull()
    found = {MOTION[1]: recorded.where(~gone, at_times(drawn.mean("draw"), time_s))}
    for end, each in zip(ENDS, _interval(drawn, level), strict=True):
        found[f"{MOTION[1]}_{end}"] = at_times(each, time_s).where(gone)
    return {name: each.transpose("time", "axis").assign_attrs(units="m") for name, each in found.items()}


def _interval(drawn: xr.DataArray, level: float) -> tuple[xr.DataArray, xr.DataArray]:
    ends = drawn.quantile([0.5 - level / 2, 0.5 + level / 2], "draw", skipna=False)
    low, high = (ends.isel(quantile=number, drop=True) for number in range(len(ENDS)))
    return low, high


def _mean_direction(angle: xr.DataArray) -> xr.DataArray:
    """Mean of directions, not of numbers: half a turn to the left is half a turn to the right."""
    sine, cosine = (xr.apply_ufunc(part, angle).mean("draw") for part in (np.sin, np.cos))
    return xr.apply_ufunc(np.arctan2, sine, cosine)


def _continued(angle: xr.DataArray) -> xr.DataArray:
    """Angles (time, coordinate) that nowhere jump by a turn."""
    return angle.copy(data=np.unwrap(angle.values, axis=0))


def _like(angle: xr.DataArray, recorded: xr.DataArray) -> xr.DataArray:
    """Angles by whole turns such that they follow on from what was recorded."""
    apart = (recorded - angle).median("time").fillna(0.0)
    return angle + TURN_RAD * (apart / TURN_RAD).round()


def _bridged(angle: xr.DataArray) -> xr.DataArray:
    """Angles without the gaps of coordinates that nobody completes."""
    bridged = angle.interpolate_na("time").interpolate_na("time", method="nearest", fill_value="extrapolate")
    return bridged.fillna(0.0)


def _signed(found: dict[str, xr.DataArray], names: tuple[str, ...]) -> dict[str, xr.DataArray]:
    """Angles with the signs of the recording; the ends of a reversed interval change places."""
    low, high = (f"joint_angle_{end}" for end in ENDS)
    result = {}
    for name, other in (("joint_angle", "joint_angle"), (low, high), (high, low)):
        turned = found[name]["coordinate"].isin(list(names))
        result[name] = xr.where(turned, -found[other], found[name]).transpose("time", "coordinate")
    return {name: each.assign_attrs(units="rad") for name, each in result.items()}
