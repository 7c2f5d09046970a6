"""Rotations of all joints at once: turned about moving axes only, with constant turns folded in beforehand."""

from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from torch import Tensor, nn

from gaitbook.body_model import Axis, Joint, Polynomial
from gaitbook.mechanics.functions import FunctionTable

Turn: TypeAlias = tuple[int, int, NDArray[np.float64], NDArray[np.float64]]


class TurnTable(nn.Module):
    """First, second or third moving rotation of those joints that have one.

    Attributes
    ----------
    joint : torch.Tensor
        (turn,), numbers of the joints.
    place : torch.Tensor
        (turn,), which of the three rotations of the joint it is.
    basis : torch.Tensor
        (3, turn, 3, 3): the sum weighted by 1, sin and 1 - cos is the rotation (Rodrigues), with the constant turns
        before it (and, for the last, after it) folded in.
    axis : torch.Tensor
        (turn, 3), its axis in the frame that the turns before it carry along (for the first: the parent's).
    """

    joint: Tensor
    place: Tensor
    basis: Tensor
    axis: Tensor

    def __init__(self, turns: Sequence[Turn]) -> None:
        super().__init__()
        joint, place, basis, axis = zip(*turns, strict=True)
        self.register_buffer("joint", torch.tensor(joint))
        self.register_buffer("place", torch.tensor(place))
        self.register_buffer("basis", torch.as_tensor(np.stack(basis, axis=1)))
        self.register_buffer("axis", torch.as_tensor(np.stack(axis)))

    def forward(self, angles: Tensor) -> Tensor:
        """Rotations (frame, turn, 3, 3) by the angles (frame, joint, 3 or more)."""
        angle = angles[:, self.joint, self.place]
        sine, versine = torch.sin(angle)[..., None, None], (1.0 - torch.cos(angle))[..., None, None]
        return torch.addcmul(torch.addcmul(self.basis[0], sine, self.basis[1]), versine, self.basis[2])


class Turns(nn.Module):
    """Rotations of all joints, the constant ones of their frames included.

    Parameters
    ----------
    joints
        In the order of the body.
    """

    def __init__(self, joints: Sequence[Joint]) -> None:
        super().__init__()
        steps: list[list[Turn]] = [[], [], []]
        for number, joint in enumerate(joints):
            for step, turn in enumerate(_turns_of(number, joint)):
                steps[step].append(turn)
        self.steps = nn.ModuleList(TurnTable(turns) for turns in steps if turns)

    @property
    def _tables(self) -> list[TurnTable]:
        return cast("list[TurnTable]", list(self.steps))

    def forward(self, angles: Tensor) -> Tensor:
        """Rotation from every child to its parent, (frame, joint, 3, 3), by angles (frame, joint, 3 or more)."""
        first, *later = self._tables
        rotation: Tensor = first(angles)
        for step in later:
            rotation = rotation.index_copy(1, step.joint, rotation.index_select(1, step.joint) @ step(angles))
        return rotation

    def axes(self, angles: Tensor) -> Tensor:
        """Axes of the three rotations in the parent's frame, (frame, joint, 3, 3); zero for those that never move."""
        first, *later = self._tables
        rotation: Tensor = first(angles)
        frames, joints = rotation.shape[:2]
        axes = rotation.new_zeros(frames, joints, 3, 3)
        axes[:, first.joint, first.place] = first.axis
        for step in later:
            # a later rotation's axis is carried along by the rotations before it
            axes[:, step.joint, step.place] = (rotation[:, step.joint] @ step.axis[..., None])[..., 0]
            rotation = rotation.index_copy(1, step.joint, rotation.index_select(1, step.joint) @ step(angles))
        return axes


def _turns_of(number: int, joint: Joint) -> list[Turn]:
    turns: list[Turn] = []
    before = frame_rotation(joint.parent_rotation)
    for place, axis in enumerate(joint.rotations):
        direction = np.asarray(axis.direction) / np.linalg.norm(axis.direction)
        if axis.coordinate is None:
            before = before @ Rotation.from_rotvec(constant_value(axis) * direction).as_matrix()
        else:
            turns.append((number, place, before @ _rodrigues(direction), before @ direction))
            before = np.eye(3)
    end = before @ frame_rotation(joint.child_rotation).T
    if not turns:
        still = np.stack([end, np.zeros_like(end), np.zeros_like(end)])
        return [(number, 0, still, np.asarray(joint.rotations[0].direction))]
    *first, (_, place, basis, direction) = turns
    return [*first, (number, place, basis @ end, direction)]


def _rodrigues(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices (3, 3, 3) whose sum weighted by 1, sin and 1 - cos is the rotation about a unit vector."""
    across = np.cross(axis, np.eye(3)).T
    return np.stack([np.eye(3), across, across @ across])


def frame_rotation(angles: Sequence[float]) -> NDArray[np.float64]:
    """Rotation by body-fixed x-y-z angles, rad."""
    return np.asarray(Rotation.from_euler("XYZ", angles).as_matrix())


def constant_value(axis: Axis) -> float:
    """Value of an axis that no coordinate drives."""
    if isinstance(axis.function, Polynomial):
        return float(axis.function.coefficients[0])
    return float(FunctionTable([axis.function])(torch.zeros(1, 1, dtype=torch.float64))[0])
