r"""Momentum of the whole body as a linear function of the rates of its coordinates: the centroidal momentum matrix.

With the composite of all segments beyond a joint (mass :math:`m`, first moment :math:`s` and inertia :math:`I` about
the center of mass of the body), a twist of rate :math:`\omega` and of velocity :math:`v` at the center of mass adds the
momentum :math:`mv + \omega \times s` and the angular momentum :math:`I\omega + s \times v`. Orin, Goswami & Lee (2013),
doi:10.1007/s10514-013-9341-4.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gaitbook.mechanics.body import Body
from gaitbook.mechanics.jacobian import coordinate_twists, find_drives
from gaitbook.mechanics.kinematics import Pose, center_of_mass, rotate, segment_centers


class MomentumMatrix(NamedTuple):
    """Momentum (kg m/s) and angular momentum about the center of mass (kg m2/s) per unit rate of each coordinate.

    ``linear`` and ``angular`` (frame, 3, coordinate), ground frame; ``center`` (frame, 3), the center of mass, m.
    """

    linear: Tensor
    angular: Tensor
    center: Tensor


def momentum_matrix(body: Body, coordinates: Tensor, pose: Pose) -> MomentumMatrix:
    """Momentum per unit rate of every coordinate.

    Parameters
    ----------
    body
        The body.
    coordinates
        (frame, coordinate), rad or m.
    pose
        Its pose there, as given by `forward_kinematics`.

    Returns
    -------
    MomentumMatrix
        Coordinates that follow others are zero: their share belongs to the leader.
    """
    drives = find_drives(body)
    twists = coordinate_twists(body, coordinates, pose, drives)
    center = center_of_mass(body, pose)
    mass, moment, inertia = _composites(body, pose, center)
    mass, moment, inertia = mass[drives.joint], moment[:, drives.joint].mT, inertia[:, drives.joint]
    velocity = twists.shift + torch.linalg.cross(twists.turn, (center - twists.origin)[..., None], dim=1)
    linear = mass * velocity + torch.linalg.cross(twists.turn, moment, dim=1)
    angular = rotate(inertia, twists.turn.mT).mT + torch.linalg.cross(moment, velocity, dim=1)
    empty = linear.new_zeros(len(coordinates), 3, coordinates.shape[1])
    return MomentumMatrix(
        empty.index_add(2, drives.coordinate, linear), empty.index_add(2, drives.coordinate, angular), center
    )


def _composites(body: Body, pose: Pose, center: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mass (joint,), first moment (frame, joint, 3) and inertia (frame, joint, 3, 3) of what is beyond each joint."""
    offset = segment_centers(body, pose) - center[:, None]
    own = pose.rotation @ body.inertia @ pose.rotation.mT
    square = (offset * offset).sum(dim=-1)[..., None, None]
    eye = torch.eye(3, dtype=offset.dtype, device=offset.device)
    apart = body.mass[:, None, None] * (square * eye - offset[..., None] * offset[..., None, :])
    beyond = body.is_ancestor
    inertia = torch.einsum("js,fsab->fjab", beyond, own + apart)
    return beyond @ body.mass, beyond @ (body.mass[:, None] * offset), inertia
