"""Support from the motion of a foot: when it stands, seen from the ground.

Let v be the speed of progression over the ground. Seen from the ground a landing forefoot slows from about twice v to
zero, and a foot that leaves lifts its forefoot ever faster. A foot is taken to land when its forefoot, on its way
down, moves forward slower than a share of v, and to leave when it rises or moves forward faster than other shares of
v. These are numbers without unit, the same for every person and speed, but not the same for walking and for running;
the two are told apart by the duty factor (a foot stands for more than half of the time in walking only). The ground
itself moves on a treadmill; its speed is that of the forefoot while the whole foot is low. The shares are where force
plates see the events: running, 20 runners at three speeds; walking, six overground trials of four people, so trust
the walking ones less.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import xarray as xr

from gaitbook.cohort.cleaning import low_pass, rate_of
from gaitbook.cohort.gaps import fill_gaps
from gaitbook.cohort.heading import LOW_SHARE
from gaitbook.conventions import FEET, FORWARD, UP
from gaitbook.marker_sets import MarkerSet, find_marker_set, foot_position, landmark_position

LANDING_SHARE: Final = MappingProxyType({"run": 0.50, "walk": 0.35})
"""Forward speed of a landing forefoot over the speed of progression."""
RISING_SHARE: Final = MappingProxyType({"run": 0.25, "walk": 0.70})
"""Upward speed of a leaving forefoot over the speed of progression."""
SLIDING_SHARE: Final = MappingProxyType({"run": 0.30, "walk": 1.0})
"""Forward speed of a leaving forefoot over the speed of progression."""
WALKING_DUTY_FACTOR: Final = 0.5
CUTOFF_HZ: Final = 20.0
SLOWEST_MPS: Final = 0.3


def support_signal(markers: xr.DataArray) -> xr.DataArray:
    """Signal that is positive while a foot stands, dims (time, foot), without unit.

    Parameters
    ----------
    markers
        ``marker_position``, dims (time, marker, axis), in m, heading along +x.

    Raises
    ------
    ValueError
        If the forefeet or the pelvis carry no known marker, or the person does not get on.
    """
    velocity, ground_mps, speed_mps = _progression(markers)
    if not speed_mps >= SLOWEST_MPS:
        raise ValueError(f"the person gets on at {speed_mps:.2f} m/s: too slow to tell contacts from motion")
    ground = xr.DataArray([ground_mps, 0.0], dims="axis", coords={"axis": [FORWARD, UP]})
    relative = (velocity - ground) / speed_mps
    running = _excess(relative, "run")
    return _excess(relative, "walk") if float((running > 0).mean()) > WALKING_DUTY_FACTOR else running


def estimate_speed(markers: xr.DataArray) -> float:
    """Mean speed of progression of a trial over its ground, moving or not, in m/s.

    Parameters
    ----------
    markers
        ``marker_position``, dims (time, marker, axis), in m, heading along +x.

    Raises
    ------
    ValueError
        If the forefeet or the pelvis carry no known marker.
    """
    return _progression(markers).speed_mps


class _Progression(NamedTuple):
    toe_velocity: xr.DataArray
    ground_mps: float
    speed_mps: float


def _progression(markers: xr.DataArray) -> _Progression:
    marker_set = find_marker_set(markers["marker"].values)
    _require_markers(markers, marker_set)
    landmarks = [landmark_position(markers, marker_set.landmarks[f"toe_{foot}"]) for foot in FEET]
    toes = xr.concat(landmarks, dim=xr.IndexVariable("foot", list(FEET)))
    velocity = _velocity(toes)
    ground_mps = _ground_speed(foot_position(markers), velocity)
    pelvis = markers.sel(marker=[m for m in marker_set.segments["pelvis"] if m in markers["marker"].values])
    pelvis_mps = float(_velocity(pelvis.mean("marker")).sel(axis=FORWARD).mean())
    return _Progression(velocity, ground_mps, pelvis_mps - ground_mps)


def _require_markers(markers: xr.DataArray, marker_set: MarkerSet) -> None:
    present = set(markers["marker"].values.tolist())
    places = {f"the {foot} forefoot": marker_set.landmarks[f"toe_{foot}"] for foot in FEET}
    places["the pelvis"] = marker_set.segments["pelvis"]
    absent = [f"{place} ({', '.join(names)})" for place, names in places.items() if not present & set(names)]
    if absent:
        raise ValueError(
            f"no marker on {' nor on '.join(absent)}: motion cannot tell contacts or speed. Rename the markers as "
            f"in the set {marker_set.name}, or use force."
        )


def _excess(relative: xr.DataArray, gait: str) -> xr.DataArray:
    forward, upward = (relative.sel(axis=axis, drop=True) for axis in (FORWARD, UP))
    rising, sliding = RISING_SHARE[gait] - upward, SLIDING_SHARE[gait] - forward
    leaving = xr.where(rising < sliding, rising, sliding)
    return xr.where(upward > 0, leaving, LANDING_SHARE[gait] - forward).transpose("time", "foot")


def _velocity(position: xr.DataArray) -> xr.DataArray:
    whole = fill_gaps(position)
    return low_pass(whole, min(CUTOFF_HZ, 0.4 * rate_of(position))).differentiate("time")


def _ground_speed(feet: xr.DataArray, velocity: xr.DataArray) -> float:
    height = feet.sel(axis=UP, drop=True)
    low = height <= height.quantile(LOW_SHARE, "time")
    return float(np.nanmedian(velocity.sel(axis=FORWARD).where(low).values))
