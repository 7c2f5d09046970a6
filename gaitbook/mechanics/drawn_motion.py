"""Many draws of one motion, each moving the same body: what the ground must give, and where the feet are.

One draw after the other, so that memory does not grow with their number; draws that are all alike are worked out once.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import rate_of
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.body_points import require_motion
from gaitbook.mechanics.dynamics import difference_rates, segment_needs, total_wrench
from gaitbook.mechanics.kinematics import Pose, forward_kinematics, rotate
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.mechanics.sole import load_sole, sole_markers
from gaitbook.mechanics.threads import one_thread

Array = NDArray[np.float64]

SOLE_JOINTS: Final = ("subtalar_r", "subtalar_l", "mtp_r", "mtp_l")
"""What a body needs for its soles to be known."""


@one_thread()
def required_of_draws(motion: xr.Dataset, model: BodyModel) -> xr.Dataset:
    """Force and moment of the ground that Newton and Euler require of each draw.

    Parameters
    ----------
    motion
        ``joint_angle`` (draw, time, coordinate), rad, and ``pelvis_position`` (draw, time, axis), m, smooth and
        without gaps.
    model
        The person's body.

    Returns
    -------
    xarray.Dataset
        ``required_force`` (draw, time, axis), N; ``required_moment`` (draw, time, axis), N m, about the origin.

    Raises
    ------
    ValueError
        There is no motion, it has gaps, or fewer than seven frames.
    """
    rate_hz, origin = rate_of(motion), torch.zeros(3, dtype=torch.float64)

    def needed(body: Body, pose: Pose) -> Tensor:
        needs = segment_needs(body, pose, difference_rates(body, pose, rate_hz))
        return torch.stack(total_wrench(needs, origin), dim=-1)

    found = _each_draw(motion, model, needed)
    labels = {"draw": motion["draw"].values, "time": motion["time"].values, "axis": list(AXES)}
    force, moment = (xr.DataArray(found[..., number], labels, tuple(labels)) for number in range(2))
    return xr.Dataset(
        {
            "required_force": force.assign_attrs(units="N"),
            "required_moment": moment.assign_attrs(units="N m"),
        }
    )


@one_thread()
def heels_of_draws(motion: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Origins of both calcanei: ``heel`` (draw, time, foot, axis), m; parameters as `required_of_draws`."""

    def placed(body: Body, pose: Pose) -> Tensor:
        return pose.position[:, [body.segment(CALCANEI[foot]) for foot in FEET]]

    labels = _labels(motion, foot=FEET)
    return xr.DataArray(_each_draw(motion, model, placed), labels, tuple(labels), "heel", {"units": "m"})


@one_thread()
def outlines_of_draws(motion: xr.Dataset, model: BodyModel) -> xr.DataArray | None:
    """Corners of the soles as `gaitbook.mechanics.gait_checks.foot_outline` has them, of each draw.

    Parameters
    ----------
    motion, model
        As for `required_of_draws`.

    Returns
    -------
    xarray.DataArray or None
        ``foot_outline`` (draw, time, foot, corner, axis), m; ``None`` if the body has not the joints of the foot.
    """
    if not {joint.name for joint in model.joints}.issuperset(SOLE_JOINTS):
        return None
    markers = [sole_markers(model, foot, "outline") for foot in FEET]
    local = torch.as_tensor(np.array([[marker.position_m for marker in foot] for foot in markers]))

    def placed(body: Body, pose: Pose) -> Tensor:
        places = torch.tensor([[body.segment(marker.segment) for marker in foot] for foot in markers])
        return pose.position[:, places] + rotate(pose.rotation[:, places], local)

    labels = _labels(motion, foot=FEET, corner=tuple(load_sole()["outline"]))
    outline = _each_draw(motion, model, placed)
    return xr.DataArray(outline, labels, tuple(labels), "foot_outline", {"units": "m"})


def _each_draw(motion: xr.Dataset, model: BodyModel, find: Callable[[Body, Pose], Tensor]) -> Array:
    """What is found of every draw, one below the other."""
    body = compile_body(model)
    coordinates = _coordinates(motion, body)
    alike = bool((coordinates == coordinates[:1]).all())
    chosen = coordinates[:1] if alike else coordinates
    found = np.stack([find(body, forward_kinematics(body, each)).numpy() for each in chosen])
    return np.broadcast_to(found, (len(coordinates), *found.shape[1:])) if alike else found


def _coordinates(motion: xr.Dataset, body: Body) -> Tensor:
    """Coordinates (draw, time, coordinate) of a body, all draws written one after the other on the way."""
    require_motion(motion)
    draws, frames = motion.sizes["draw"], motion.sizes["time"]
    names = {"joint_angle": "coordinate", "pelvis_position": "axis"}
    tables = {
        name: motion[name].transpose("draw", "time", dim).values.reshape(draws * frames, -1)
        for name, dim in names.items()
    }
    in_a_row = xr.Dataset(
        {name: (("time", dim), tables[name]) for name, dim in names.items()},
        {dim: motion[dim].values for dim in names.values()},
        motion.attrs,
    )
    return body_coordinates(in_a_row, body).unflatten(0, (draws, frames))


def _labels(motion: xr.Dataset, **middle: tuple[str, ...]) -> dict[str, object]:
    ends = {"draw": motion["draw"].values, "time": motion["time"].values}
    return {**ends, **{dim: list(names) for dim, names in middle.items()}, "axis": list(AXES)}
