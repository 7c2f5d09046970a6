"""What a motion with forces must keep, labeled: Newton's and Euler's balance, and soles that neither sink nor slide.

For whole bodies with OpenSim's names, our generic one first of all; the points of the sole are those of
`gaitbook.mechanics.sole`.
"""

import numpy as np
import torch
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import rate_of
from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import difference_rates, segment_needs, total_wrench
from gaitbook.mechanics.kinematics import Pose, center_of_mass, forward_kinematics, rotate
from gaitbook.mechanics.loads import ground_wrench
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.mechanics.sole import OUTWARD, load_sole, sole_markers
from gaitbook.mechanics.threads import one_thread


@one_thread()
def balance_residual(trial: xr.Dataset, model: BodyModel) -> xr.Dataset:
    """What remains of the force and moment of the ground when the motion has had what Newton and Euler require.

    Parameters
    ----------
    trial
        With ``joint_angle``, ``pelvis_position`` and the force on both feet; at least seven frames, unfiltered.
    model
        The person's body.

    Returns
    -------
    xarray.Dataset
        ``residual_force`` (time, axis), N; ``residual_moment`` (time, axis), N m, about the center of mass. Derivatives
        are finite differences of sixth order: near both ends, and of motion that is fast for the sampling rate, they
        are in error themselves.
    """
    body = compile_body(model)
    pose = forward_kinematics(body, body_coordinates(trial, body))
    center = center_of_mass(body, pose)
    needs = segment_needs(body, pose, difference_rates(body, pose, rate_of(trial["joint_angle"])))
    needed = total_wrench(needs, center)
    given = total_wrench(ground_wrench(trial), center)
    labels = {"time": trial["time"].values, "axis": list(AXES)}
    force, moment = ((here - there).numpy() for here, there in zip(given, needed, strict=True))
    return xr.Dataset(
        {
            "residual_force": xr.DataArray(force, labels, ("time", "axis"), attrs={"units": "N"}),
            "residual_moment": xr.DataArray(moment, labels, ("time", "axis"), attrs={"units": "N m"}),
        }
    )


def sole_points(trial: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Points that bear on the ground: ``sole_point`` (time, foot, point, axis), m.

    Middle of the heel, heads of the first and the fifth metatarsal, tip of the toes.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``.
    model
        The person's body.
    """
    return _points(trial, model, "bearing", "point").rename("sole_point")


def foot_outline(trial: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Corners of the soles, in order around each foot: ``foot_outline`` (time, foot, corner, axis), m."""
    return _points(trial, model, "outline", "corner").rename("foot_outline")


def outline_margin(point: xr.DataArray, outline: xr.DataArray) -> xr.DataArray:
    """How far inside the outlines of the feet, seen from above, points are, m; negative outside.

    Parameters
    ----------
    point
        (time, foot, axis), m, such as the center of pressure.
    outline
        As given by `foot_outline`.

    Returns
    -------
    xarray.DataArray
        (time, foot): distance from the nearest edge, NaN where the point is not known.
    """
    seen = outline.sel(axis=["z", "x"]).transpose("time", "foot", "corner", "axis").values
    place = point.sel(axis=["z", "x"]).transpose("time", "foot", "axis").values[:, :, None]
    edge = np.roll(seen, -1, axis=2) - seen
    across = place - seen
    area = edge[..., 0] * across[..., 1] - edge[..., 1] * across[..., 0]
    # corners run around the right foot one way and around the left one, its mirror image, the other way
    turn = np.array([OUTWARD[foot] for foot in outline["foot"].values])[:, None]
    distance = turn * area / np.linalg.norm(edge, axis=-1)
    labels = {"time": outline["time"].values, "foot": outline["foot"].values}
    margin = np.where(np.isnan(distance).any(-1), np.nan, distance.min(axis=-1))
    return xr.DataArray(margin, labels, ("time", "foot"), attrs={"units": "m"})


@one_thread()
def _points(trial: xr.Dataset, model: BodyModel, group: str, dim: str) -> xr.DataArray:
    body = compile_body(model)
    pose = forward_kinematics(body, body_coordinates(trial, body))
    places = []
    for foot in FEET:
        markers = sole_markers(model, foot, group)
        numbers = torch.tensor([body.segment(marker.segment) for marker in markers])
        places.append(_carried(pose, numbers, np.array([marker.position_m for marker in markers])))
    names = list(load_sole()[group])
    labels = {"time": trial["time"].values, "foot": list(FEET), dim: names, "axis": list(AXES)}
    values = torch.stack(places, dim=1).numpy()
    return xr.DataArray(values, labels, tuple(labels), attrs={"units": "m"})


def _carried(pose: Pose, segment: torch.Tensor, local: np.ndarray) -> torch.Tensor:
    rotation = pose.rotation[:, segment]
    return pose.position[:, segment] + rotate(rotation, torch.as_tensor(local).to(rotation))
