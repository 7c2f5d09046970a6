"""The toes of a simulated person: they lie on the floor while the foot rolls over them, and clear it in swing.

They carry no mass of their own in the body, so that their angle changes no force.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from gaitbook.mechanics.body import Body
from gaitbook.mechanics.kinematics import Pose
from gaitbook.synthesis.stride_plan import StridePlan

Array = NDArray[np.float64]

CLEARANCE_M: Final = 0.012
_SOFT_M: Final = 0.002
_ROUNDING: Final = 1e-6
_RISE: Final = 0.05
"""Strides in which the toes are lifted after take-off."""


def toe_angles(body: Body, pose: Pose, plan: StridePlan, phase: Array) -> Array:
    """Angles of the toes (time, foot), rad, extension negative.

    Parameters
    ----------
    body
        With the points of the soles as markers.
    pose
        With straight toes.
    plan, phase
        The stride, and where in it each sample is.
    """
    level, across, along = _height_terms(body, pose)
    since = plan.since_strike(phase) % 1.0
    swing = np.clip(np.minimum(since - plan.stance, 1.0 - since) / _RISE, 0.0, 1.0)
    swing = np.where(plan.is_down(phase), 0.0, swing)
    straight_m = level + along
    short_m = CLEARANCE_M * swing - straight_m
    # a smooth maximum: the toes do not jump off the floor
    wanted_m = straight_m + _SOFT_M * np.logaddexp(0.0, short_m / _SOFT_M)
    reach = np.hypot(along, across)
    bent = np.arccos(np.clip((wanted_m - level) / reach, -1.0, 1.0))
    # of the two angles at which the tip is that high, the one by which they are lifted
    first, second = np.arctan2(across, along) - bent, np.arctan2(across, along) + bent
    turns = np.stack([np.angle(np.exp(1j * each)) for each in (first, second)])
    # toes are lifted, never bent under the foot
    away = np.where(turns <= _ROUNDING, np.abs(turns), np.inf)
    bent_least = np.take_along_axis(turns, away.argmin(axis=0)[None], axis=0)[0]
    return np.asarray(np.where(np.isfinite(away).any(axis=0), np.minimum(bent_least, 0.0), 0.0))


def _height_terms(body: Body, pose: Pose) -> tuple[Array, Array, Array]:
    """Height of the tips is the first, and the second and third times sine and cosine of the angle; (time, foot)."""
    rows = []
    for side in ("_r", "_l"):
        number = body.segment(f"toes{side}")
        tip = body.marker_position[body.marker_names.index(f"toe_tip{side}")].numpy()
        axis = body.axes[number, 0].numpy()
        upward = pose.rotation[:, number, 1].numpy()
        fixed = (axis @ tip) * axis
        rows.append(
            (
                pose.position[:, number, 1].numpy() + upward @ fixed,
                upward @ np.cross(axis, tip),
                upward @ (tip - fixed),
            )
        )
    level, across, along = (np.stack(each, axis=1) for each in zip(*rows, strict=True))
    return level, across, along


def set_toes(body: Body, coordinates: torch.Tensor, angles: Array) -> torch.Tensor:
    """Coordinates (time, coordinate) with the toes at these angles (time, foot)."""
    places = [body.coordinate(f"mtp_angle{side}") for side in ("_r", "_l")]
    changed = coordinates.clone()
    changed[:, places] = torch.as_tensor(angles)
    return changed
