"""Forward kinematics in a batch: from coordinates to the places of segments, joints, markers and center of mass.

Leading dimensions are free (trials, draws, frames). Everything is differentiable.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gaitbook.mechanics.body import Body, BodyPart


class Pose(NamedTuple):
    """Where the segments are: ``rotation`` (..., segment, 3, 3) to the ground and ``position`` (..., segment, 3), m."""

    rotation: Tensor
    position: Tensor

    def of(self, part: BodyPart) -> "Pose":
        """Pose of a part of the body."""
        return Pose(self.rotation.index_select(-3, part.places), self.position.index_select(-2, part.places))


class JointAxes(NamedTuple):
    """Directions in which the joints can move, in the ground frame.

    ``direction`` (..., joint, 6, 3): three rotations, three translations; ``slope`` (..., joint, 6): change of each
    with the coordinate that drives it; ``center`` (..., joint, 3): joint centers, m.
    """

    direction: Tensor
    slope: Tensor
    center: Tensor


def forward_kinematics(body: Body, coordinates: Tensor) -> Pose:
    """Pose of every segment.

    Parameters
    ----------
    body
        The body, of the same device and type as the coordinates.
    coordinates
        (..., coordinate), rad or m, in the order of ``body.coordinate_names``.

    Returns
    -------
    Pose
        Segments in the order of ``body.segment_names``.
    """
    flat = coordinates.reshape(-1, coordinates.shape[-1])
    value = body.axis_values(flat).value
    local = _local_pose(body, body.turns(value), value[..., 3:])
    return _with_shape(_down_the_tree(body, local), coordinates.shape[:-1])


def joint_axes(body: Body, coordinates: Tensor, pose: Pose) -> JointAxes:
    """Directions in which each joint can move, for Jacobians and generalized forces.

    Parameters
    ----------
    body, coordinates
        As for `forward_kinematics`.
    pose
        What it gave.
    """
    flat = coordinates.reshape(-1, coordinates.shape[-1])
    values = body.axis_values(flat)
    along = body.axes[:, 3:].expand(len(flat), -1, -1, -1)
    local = torch.cat([body.turns.axes(values.value), along], dim=2)
    parent = _of_parents(body, pose.rotation.reshape(-1, *pose.rotation.shape[-3:]))
    direction, shape = local @ parent.mT, coordinates.shape[:-1]
    return JointAxes(
        direction.reshape(*shape, *direction.shape[1:]),
        values.slope.reshape(*shape, *values.slope.shape[1:]),
        joint_centers(body, pose),
    )


def joint_centers(body: Body | BodyPart, pose: Pose) -> Tensor:
    """Centers of all joints (origins of their frames in the child), (..., joint, 3), m."""
    return pose.position + rotate(pose.rotation, body.child_position)


def segment_centers(body: Body | BodyPart, pose: Pose) -> Tensor:
    """Centers of mass of all segments, (..., segment, 3), m."""
    return pose.position + rotate(pose.rotation, body.center)


def center_of_mass(body: Body, pose: Pose) -> Tensor:
    """Center of mass of the whole body, (..., 3), m."""
    return (body.mass / body.mass.sum()) @ segment_centers(body, pose)


def marker_positions(body: Body, pose: Pose) -> Tensor:
    """Markers that ride on the segments, (..., marker, 3), m."""
    rotation = pose.rotation[..., body.marker_segment, :, :]
    return pose.position[..., body.marker_segment, :] + rotate(rotation, body.marker_position)


def _local_pose(body: Body, rotation: Tensor, translation: Tensor) -> Tensor:
    """Rotation and position of every segment in its parent, (frame, joint, 3, 4)."""
    shift = (translation[..., None] * body.axes[:, 3:]).sum(dim=-2) + body.parent_position
    position = shift - rotate(rotation, body.child_position)
    return torch.cat([rotation, position[..., None]], dim=-1)


def _down_the_tree(body: Body, local: Tensor) -> Pose:
    placed = [local[:, body.levels[0]]]
    for part, parents in zip(body.levels[1:], body.parents_in_level(), strict=True):
        parent = placed[-1].index_select(1, parents)
        here = parent[..., :3] @ local[:, part]
        placed.append(torch.cat([here[..., :3], here[..., 3:] + parent[..., 3:]], dim=-1))
    whole = torch.cat(placed, dim=1)
    return Pose(whole[..., :3], whole[..., 3])


def _of_parents(body: Body, rotation: Tensor) -> Tensor:
    """Rotation of the parent of every segment; the ground's is none."""
    ground = torch.eye(3, dtype=rotation.dtype, device=rotation.device).expand(len(rotation), 1, 3, 3)
    return torch.cat([rotation, ground], dim=1).index_select(1, body.parent)


def rotate(rotation: Tensor, vector: Tensor) -> Tensor:
    """Vectors (..., 3) turned by rotations (..., 3, 3)."""
    # written out, it is several times quicker than a product and a sum over so short an axis
    x, y, z = (rotation[..., axis] * vector[..., axis, None] for axis in range(3))
    return x + y + z


def _with_shape(pose: Pose, shape: torch.Size) -> Pose:
    return Pose(
        pose.rotation.reshape(*shape, *pose.rotation.shape[1:]),
        pose.position.reshape(*shape, *pose.position.shape[1:]),
    )
