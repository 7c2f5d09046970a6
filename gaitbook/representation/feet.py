"""Where feet are, from the numbers of a motion alone: by the legs of a body of standard proportions.

The force on a foot hangs on whether it touches the floor, where, and how it moves; the angles of a leg tell that only
through its whole chain. Proportions differ between people by little, and heights count from the lowest level that the
same point has in the trial, so that nothing has to be known of the person.
"""

from functools import cache
from typing import Final

import torch
from torch import Tensor

from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.conventions import FEET
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import forward_kinematics
from gaitbook.mechanics.threads import one_thread
from gaitbook.representation.channels import (
    ANGLES,
    FOOT_POINTS,
    HEIGHT,
    SAMPLING_RATE_HZ,
    VELOCITY,
    numbers_of,
)
from gaitbook.representation.ground_speed import FOREFEET

STANDARD_HEIGHT_M, STANDARD_MASS_KG = 1.75, 70.0
LEG: Final = tuple(name for name in ANGLES if name.startswith(("pelvis", "hip", "knee", "ankle", "subtalar")))
"""What the place of the feet, and the force that the motion requires, cannot do without."""
LOWEST_SHARE: Final = 0.05
"""The level that a point falls below in so few frames counts as its lowest."""


@one_thread()
def place_feet(states: Tensor) -> Tensor:
    """Places and velocities of the feet, (..., time, number) in the order of `FEET_PLACES`, NaN where not known.

    Parameters
    ----------
    states
        (..., time, channel) of a whole trial, NaN where not known; only the motion of pelvis and legs is used.
    """
    points = _points(states)
    moving = _rate(points) + states[..., None, numbers_of(VELOCITY)]
    place = points.clone()
    place[..., 1] -= _lowest(points[..., 1])
    return torch.cat([place, moving[..., :2]], dim=-1).flatten(-2)


def _points(states: Tensor) -> Tensor:
    """Heels and forefeet from the point of the floor under the pelvis, (..., time, point, axis), heights."""
    body, angles = _standard_body(), states[..., numbers_of(f"angle/{name}" for name in LEG)]
    height = states[..., numbers_of([HEIGHT])]
    known = torch.isfinite(angles).all(dim=-1) & torch.isfinite(height[..., 0])
    coordinates = torch.zeros(*states.shape[:-1], len(body.coordinate_names), dtype=states.dtype)
    coordinates[..., [body.coordinate(name) for name in LEG]] = angles.nan_to_num()
    coordinates[..., body.coordinate("pelvis_ty")] = STANDARD_HEIGHT_M * height[..., 0].nan_to_num()
    segments = [body.segment(names[foot]) for foot in FEET for names in (CALCANEI, FOREFEET)]
    points = forward_kinematics(body, coordinates).position[..., segments, :] / STANDARD_HEIGHT_M
    return torch.where(known[..., None, None], points, torch.nan)


def _rate(points: Tensor) -> Tensor:
    """Velocities of points (..., time, point, axis) as the pelvis sees them ahead and aside, heights/s."""
    if points.shape[-3] == 1:
        return torch.full_like(points, torch.nan)
    return torch.gradient(points, spacing=1.0 / SAMPLING_RATE_HZ, dim=-3)[0]


def _lowest(height: Tensor) -> Tensor:
    """Lowest level of heels and of forefeet (..., 1, point) of heights (..., time, point)."""
    of_point = height.unflatten(-1, (len(FEET), len(FOOT_POINTS))).flatten(-3, -2)
    level = torch.nanquantile(of_point, LOWEST_SHARE, dim=-2, keepdim=True)
    return torch.cat([level] * len(FEET), dim=-1)


@cache
def _standard_body() -> Body:
    body = compile_body(generic_body(height_m=STANDARD_HEIGHT_M, mass_kg=STANDARD_MASS_KG))
    return body.to(torch.float32)
