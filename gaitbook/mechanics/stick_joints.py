"""Joint centers of a moving body, by the names that a drawn person has."""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.kinematics import Pose, forward_kinematics
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.mechanics.threads import one_thread

Array = NDArray[np.float64]

SEGMENTS: Final = {
    "hip": "femur",
    "knee": "tibia",
    "ankle": "talus",
    "shoulder": "humerus",
    "elbow": "ulna",
    "wrist": "hand",
}
"""Joint and the segment whose origin it is."""
ENDS: Final = {"heel": ("calcn", (0.0, 0.004, 0.0)), "toe": ("toes", (0.035, 0.004, 0.0))}
"""Where the sole is drawn from and to: segment, and place on it in body heights; serves the eye."""
NECK_ABOVE_SHOULDERS, HEAD_ABOVE_SHOULDERS = 0.015, 0.125
"""Body heights along the trunk; nothing is computed from them."""


@one_thread()
def joint_centers(trial: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Joint centers of the moving body: ``skeleton_position`` (time, joint, axis), m.

    Parameters
    ----------
    trial
        With ``joint_angle`` (time, coordinate), rad, and ``pelvis_position`` (time, axis), m.
    model
        The person's body, with the segments of `gaitbook.mechanics.generic_body.generic_body`.

    Returns
    -------
    xarray.DataArray
        Joints ``hip``, ``knee``, ``ankle``, ``heel``, ``toe``, ``shoulder``, ``elbow`` and ``wrist``, each with
        ``_right`` and ``_left``, and ``pelvis``, ``lumbar``, ``neck`` and ``head``.

    Raises
    ------
    ValueError
        The trial does not say the person's height.
    """
    height_m = trial.attrs.get("height_m")
    if height_m is None:
        raise ValueError("The joints cannot be placed: the trial has no height_m")
    body = compile_body(model)
    pose = forward_kinematics(body, body_coordinates(trial, body))
    place = {
        f"{joint}_{foot}": _origin(body, pose, f"{segment}_{foot[0]}")
        for foot in FEET
        for joint, segment in SEGMENTS.items()
    }
    for foot in FEET:
        for name, (segment, local) in ENDS.items():
            place[f"{name}_{foot}"] = _point(body, pose, f"{segment}_{foot[0]}", float(height_m), local)
    place |= {"pelvis": _origin(body, pose, "pelvis"), "lumbar": _origin(body, pose, "torso")}
    place |= _neck_and_head(body, pose, place, float(height_m))
    return xr.DataArray(
        np.stack(list(place.values()), axis=1),
        {"time": trial["time"].values, "joint": list(place), "axis": list(AXES)},
        ("time", "joint", "axis"),
        name="skeleton_position",
        attrs={"units": "m"},
    )


def _origin(body: Body, pose: Pose, segment: str) -> Array:
    return np.asarray(pose.position[:, body.segment(segment)].numpy())


def _point(body: Body, pose: Pose, segment: str, height_m: float, local: tuple[float, float, float]) -> Array:
    turn = np.asarray(pose.rotation[:, body.segment(segment)].numpy())
    return _origin(body, pose, segment) + turn @ (height_m * np.array(local))


def _neck_and_head(body: Body, pose: Pose, place: dict[str, Array], height_m: float) -> dict[str, Array]:
    middle = np.mean([place[f"shoulder_{foot}"] for foot in FEET], axis=0)
    upward = np.asarray(pose.rotation[:, body.segment("torso")].numpy())[..., 1] * height_m
    return {
        "neck": middle + NECK_ABOVE_SHOULDERS * upward,
        "head": middle + HEAD_ABOVE_SHOULDERS * upward,
    }
