"""Places on a body that moves like a trial: its pose, its markers, and the origins of its segments."""

from typing import Final, NamedTuple

import xarray as xr
from torch import Tensor

from gaitbook.body_model import BodyModel
from gaitbook.conventions import AXES
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.kinematics import Pose, forward_kinematics, marker_positions
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.mechanics.threads import one_thread

MOTION: Final = ("joint_angle", "pelvis_position")


class MovingBody(NamedTuple):
    """A body, its pose in every frame of a trial, and the coordinates (time, coordinate) that put it there."""

    body: Body
    pose: Pose
    coordinates: Tensor


def moving_body(trial: xr.Dataset, model: BodyModel) -> MovingBody:
    """Body that moves like a trial.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``, without gaps.
    model
        A body; coordinates that the trial lacks stay at its defaults.

    Raises
    ------
    ValueError
        The trial lacks its motion, or has gaps.
    """
    require_motion(trial)
    body = compile_body(model)
    coordinates = body_coordinates(trial, body)
    return MovingBody(body, forward_kinematics(body, coordinates), coordinates)


@one_thread()
def body_markers(trial: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Markers of a body that moves like the trial: ``marker_position`` (time, marker, axis), m.

    Parameters
    ----------
    trial
        As for `moving_body`.
    model
        A body, with the markers that are wanted.

    Raises
    ------
    ValueError
        The trial lacks its motion, or has gaps.
    """
    body, pose, _ = moving_body(trial, model)
    labels = {"time": trial["time"].values, "marker": list(body.marker_names), "axis": list(AXES)}
    place = marker_positions(body, pose).numpy()
    return xr.DataArray(place, labels, tuple(labels), "marker_position", {"units": "m"})


@one_thread()
def body_points(trial: xr.Dataset, model: BodyModel, segments: tuple[str, ...]) -> xr.DataArray:
    """Origins of segments of a body that moves like the trial: ``body_point`` (time, point, axis), m.

    Parameters
    ----------
    trial
        As for `moving_body`.
    model
        A body.
    segments
        Names of its segments, which become the labels of ``point``.

    Raises
    ------
    ValueError
        The trial lacks its motion, or has gaps; or the body has no such segment.
    """
    body, pose, _ = moving_body(trial, model)
    absent = [name for name in segments if name not in body.segment_names]
    if absent:
        raise ValueError(
            f"Body {model.name!r} has no segment {', '.join(absent)}; choose among {', '.join(body.segment_names)}"
        )
    labels = {"time": trial["time"].values, "point": list(segments), "axis": list(AXES)}
    place = pose.position[:, [body.segment(name) for name in segments]].numpy()
    return xr.DataArray(place, labels, tuple(labels), "body_point", {"units": "m"})


def require_motion(trial: xr.Dataset) -> None:
    """Refuse a trial that lacks its motion.

    Raises
    ------
    ValueError
        It has no ``joint_angle`` or no ``pelvis_position``.
    """
    missing = [name for name in MOTION if name not in trial]
    if missing:
        raise ValueError(f"The trial has no {' and no '.join(missing)}: solve_motion gets it from markers")
