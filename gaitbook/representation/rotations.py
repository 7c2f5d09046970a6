"""Rotations of joints with three axes: angles, matrices, six numbers without a jump, and angular velocity.

The angles are OpenSim's, about z, then x, then y, each about the axis that the turn before it carries along. The six
numbers are the first two rows of the matrix; six numbers that are drawn become a rotation again by Gram and Schmidt.

References
----------
Zhou (2019), On the continuity of rotation representations in neural networks, doi:10.1109/CVPR.2019.00589.
"""

from typing import Final

import torch
from torch import Tensor

NUMBERS: Final = 6
FEWEST_FRAMES: Final = 2


def angles_to_matrix(angles: Tensor) -> Tensor:
    """Matrices (..., 3, 3) of turns about z, x, y by angles (..., 3), rad."""
    sine, cosine = torch.sin(angles), torch.cos(angles)
    (sz, sx, sy), (cz, cx, cy) = sine.unbind(-1), cosine.unbind(-1)
    rows = (
        (cz * cy - sz * sx * sy, -sz * cx, cz * sy + sz * sx * cy),
        (sz * cy + cz * sx * sy, cz * cx, sz * sy - cz * sx * cy),
        (-cx * sy, sx, cx * cy),
    )
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def matrix_to_angles(matrix: Tensor) -> Tensor:
    """Angles (..., 3) about z, x, y, rad, of matrices (..., 3, 3).

    The second is within a quarter turn; at a quarter turn the other two cannot be told apart.
    """
    z = torch.atan2(-matrix[..., 0, 1], matrix[..., 1, 1])
    x = torch.asin(matrix[..., 2, 1].clamp(-1.0, 1.0))
    y = torch.atan2(-matrix[..., 2, 0], matrix[..., 2, 2])
    return torch.stack([z, x, y], dim=-1)


def matrix_to_numbers(matrix: Tensor) -> Tensor:
    """First two rows (..., 6) of matrices (..., 3, 3)."""
    return matrix[..., :2, :].flatten(-2)


def numbers_to_matrix(numbers: Tensor) -> Tensor:
    """Rotations (..., 3, 3) of six numbers (..., 6): the first three keep their direction, the others what is left."""
    first, second = numbers[..., :3], numbers[..., 3:]
    one = torch.nn.functional.normalize(first, dim=-1)
    two = torch.nn.functional.normalize(second - (one * second).sum(-1, keepdim=True) * one, dim=-1)
    return torch.stack([one, two, torch.linalg.cross(one, two)], dim=-2)


def angular_velocity(matrix: Tensor, sampling_rate_hz: float) -> Tensor:
    """Angular velocity (time, 3), rad/s, of rotations (time, 3, 3), in the frame that they lead to.

    Central differences, one-sided at both ends; not known (NaN) in and next to frames that are not known.

    Parameters
    ----------
    matrix
        Rotations, evenly sampled.
    sampling_rate_hz
        Frames per second.

    Raises
    ------
    ValueError
        Fewer than two frames.
    """
    if len(matrix) < FEWEST_FRAMES:
        raise ValueError(f"{len(matrix)} frame(s) tell no angular velocity: {FEWEST_FRAMES} are needed")
    (rate,) = torch.gradient(matrix, spacing=1.0 / sampling_rate_hz, dim=0)
    spin = rate @ matrix.mT
    skew = 0.5 * (spin - spin.mT)
    return torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], dim=-1)
