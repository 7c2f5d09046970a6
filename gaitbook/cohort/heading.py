"""Heading: turn a trial about the vertical until progression is along +x, and back.

The angle is kept with the trial, so that the turn can be undone exactly: what is computed in the aligned frame can be
given back in the frame of the laboratory.
"""

import numpy as np
import xarray as xr

from gaitbook.cohort.cleaning import find_surface, log_operation
from gaitbook.conventions import AXES, FEET, UP
from gaitbook.marker_sets import find_marker_set, foot_position, landmark_position

LOW_SHARE = 0.2
"""Share of the frames in which a foot, heel and toe together, is lowest: then it certainly stands flat. A forefoot that
is low alone may be turning about the ball, which moves its markers."""
VECTORS = (
    "marker_position",
    "skeleton_position",
    "pelvis_position",
    "ground_reaction_force",
    "required_force",
    "center_of_pressure",
    "center_of_mass_position",
)


def align_heading(trial: xr.Dataset, *, heading_rad: float | None = None) -> xr.Dataset:
    """Trial turned about the vertical so that progression is along +x.

    Parameters
    ----------
    trial
        A trial of the contract, y up.
    heading_rad
        Direction of progression in the frame of the trial, counterclockwise seen from above, 0 along +x and pi/2
        along -z; by default found by `find_heading`.

    Returns
    -------
    xarray.Dataset
        ``attrs["heading_rad"]`` holds the angle that `restore_heading` turns back.
    """
    heading_rad = find_heading(trial) if heading_rad is None else heading_rad
    turned = _turn(trial, -heading_rad)
    total_rad = float(trial.attrs.get("heading_rad", 0.0)) + heading_rad
    attrs = log_operation(
        trial, f"turned by {np.degrees(-heading_rad):.1f} degrees about the vertical to face +x"
    )
    return turned.assign_attrs(attrs, heading_rad=total_rad)


def restore_heading(trial: xr.Dataset) -> xr.Dataset:
    """Trial in the frame of its laboratory again: the inverse of `align_heading`."""
    turned = _turn(trial, float(trial.attrs.get("heading_rad", 0.0)))
    attrs = log_operation(trial, "turned back to the heading of the laboratory")
    return turned.assign_attrs(attrs, heading_rad=0.0)


def find_heading(trial: xr.Dataset) -> float:
    """Direction of progression of a trial, in rad.

    Overground it is the direction in which the person gets on. On a treadmill it is opposite to the motion of the
    forefeet while the feet are low and the belt carries them; without markers it is where the pelvis faces.

    Raises
    ------
    ValueError
        If there is neither a displacement nor a foot nor a pelvis to tell the direction.
    """
    placed = "pelvis_position" in trial or "marker_position" in trial
    if placed and find_surface(trial) == "overground":
        return _angle(_displacement(trial))
    if "marker_position" in trial:
        return _angle(_belt_direction(trial["marker_position"]))
    if "joint_angle" in trial and "pelvis_rotation" in trial["joint_angle"]["coordinate"].values:
        rotation_rad = trial["joint_angle"].sel(coordinate="pelvis_rotation")
        # The mean of directions, not of numbers: half a turn to the left is half a turn to the right.
        return float(np.arctan2(np.sin(rotation_rad).mean(), np.cos(rotation_rad).mean()))
    raise ValueError("nothing in the trial tells where the person is heading: give `heading_rad` by hand")


def _displacement(trial: xr.Dataset) -> np.ndarray:
    path = trial["pelvis_position"] if "pelvis_position" in trial else trial["marker_position"].mean("marker")
    known = path.sel(axis=list(AXES)).transpose("time", "axis").dropna("time").values
    return known[-1] - known[0]


def _belt_direction(markers: xr.DataArray) -> np.ndarray:
    """Direction against which the ground carries the standing feet: where a person on a belt is heading."""
    landmarks = find_marker_set(markers["marker"].values).landmarks
    positions = [landmark_position(markers, landmarks[f"toe_{foot}"]) for foot in FEET]
    toes = xr.concat(positions, dim=xr.IndexVariable("foot", list(FEET)))
    height = foot_position(markers).sel(axis=UP, drop=True)
    standing = height <= height.quantile(LOW_SHARE, "time")
    carried = toes.differentiate("time").where(standing).median(["foot", "time"])
    return -carried.sel(axis=list(AXES)).values


def _angle(direction: np.ndarray) -> float:
    return float(np.arctan2(-direction[2], direction[0]))


def _turn(trial: xr.Dataset, angle_rad: float) -> xr.Dataset:
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    rotation = xr.DataArray(
        [[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]],
        dims=("turned", "axis"),
        coords={"turned": list(AXES), "axis": list(AXES)},
    )
    changed = {name: _rotate(trial[name], rotation) for name in VECTORS if name in trial}
    if "joint_angle" in trial and "pelvis_rotation" in trial["joint_angle"]["coordinate"].values:
        shift = xr.where(trial["coordinate"] == "pelvis_rotation", angle_rad, 0.0)
        changed["joint_angle"] = (trial["joint_angle"] + shift).assign_attrs(trial["joint_angle"].attrs)
    return trial.assign(changed)


def _rotate(array: xr.DataArray, rotation: xr.DataArray) -> xr.DataArray:
    turned = xr.dot(rotation, array, dim="axis").rename(turned="axis").transpose(*array.dims)
    return turned.assign_attrs(array.attrs).rename(array.name)
