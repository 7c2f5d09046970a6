r"""Newton and Euler for the whole body in a batch: what every segment needs, what the ground gives, what joints carry.

Each segment needs the force :math:`m(a - g)` and the couple :math:`\dot H = I\alpha + \omega \times I\omega` about its
center of mass. What the segments beyond a joint need, less what the ground gives them, the joint must carry. Rates
come either exactly from rates of the coordinates or by finite differences of poses in time.
"""

import warnings
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import jvp

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body import Body, BodyPart
from gaitbook.mechanics.differences import time_derivatives
from gaitbook.mechanics.kinematics import (
    JointAxes,
    Pose,
    forward_kinematics,
    joint_centers,
    rotate,
    segment_centers,
)
from gaitbook.mechanics.recursion import chained_rates, is_linear

GRAVITY = (0.0, -GRAVITY_MPS2, 0.0)


class SegmentRates(NamedTuple):
    """Angular velocity (rad/s), angular acceleration and acceleration of the center of mass: (..., segment, 3)."""

    angular_velocity: Tensor
    angular_acceleration: Tensor
    center_acceleration: Tensor


class Wrench(NamedTuple):
    """Force (N) at points (m), with couples (N m): each (..., part, 3)."""

    force: Tensor
    point: Tensor
    couple: Tensor


class JointLoad(NamedTuple):
    """Force (N) and moment about the joint center (N m) on the child by its parent, (..., joint, 3), ground frame."""

    force: Tensor
    moment: Tensor


def exact_rates(body: Body, coordinates: Tensor, velocities: Tensor, accelerations: Tensor) -> SegmentRates:
    """Rates of the segments from those of the coordinates, exactly.

    Level by level where all axes are linear in their coordinates, else by forward-mode differentiation.

    Parameters
    ----------
    body
        The body.
    coordinates, velocities, accelerations
        (..., coordinate), with their first and second derivatives in time.
    """
    if is_linear(body):
        flat = (each.reshape(-1, each.shape[-1]) for each in (coordinates, velocities, accelerations))
        rates = chained_rates(body, *flat)
        return SegmentRates(*(each.reshape(*coordinates.shape[:-1], *each.shape[1:]) for each in rates))
    return _differentiated_rates(body, coordinates, velocities, accelerations)


def _differentiated_rates(
    body: Body, coordinates: Tensor, velocities: Tensor, accelerations: Tensor
) -> SegmentRates:
    def place(time_s: Tensor) -> tuple[Tensor, Tensor]:
        pose = forward_kinematics(body, coordinates + time_s * (velocities + 0.5 * time_s * accelerations))
        return pose.rotation, segment_centers(body, pose)

    now = torch.zeros((), dtype=coordinates.dtype, device=coordinates.device)
    one = torch.ones_like(now)
    with warnings.catch_warnings():
        # torch warns of its own use of torch.jit.script, once, at the first forward-mode derivative
        warnings.filterwarnings("ignore", ".torch.jit.script. is deprecated", DeprecationWarning)
        (rotation, _), (turning, _) = jvp(place, (now,), (one,))[:2]
        _, (turning_rate, center_acceleration) = jvp(lambda t: jvp(place, (t,), (one,))[1], (now,), (one,))[
            :2
        ]
    return SegmentRates(_spin(rotation, turning), _spin(rotation, turning_rate), center_acceleration)


def difference_rates(body: Body | BodyPart, pose: Pose, sampling_rate_hz: float) -> SegmentRates:
    """Rates of the segments by finite differences of their poses in time.

    Parameters
    ----------
    body
        The body.
    pose
        (..., time, segment, ...), evenly sampled, filtered before.
    sampling_rate_hz
        Frames per second.

    Raises
    ------
    ValueError
        Fewer than seven frames.
    """
    center = segment_centers(body, pose)
    turning, turning_rate = time_derivatives(pose.rotation, sampling_rate_hz, dim=-4)
    _, center_acceleration = time_derivatives(center, sampling_rate_hz, dim=-3)
    return SegmentRates(
        _spin(pose.rotation, turning), _spin(pose.rotation, turning_rate), center_acceleration
    )


def segment_needs(body: Body | BodyPart, pose: Pose, rates: SegmentRates) -> Wrench:
    """Force and couple that every segment needs at its center of mass, weight included."""
    gravity = torch.tensor(GRAVITY, dtype=pose.position.dtype, device=pose.position.device)
    force = body.mass[:, None] * (rates.center_acceleration - gravity)
    velocity = rotate(pose.rotation.mT, rates.angular_velocity)
    acceleration = rotate(pose.rotation.mT, rates.angular_acceleration)
    momentum = rotate(body.inertia, velocity)
    couple = rotate(body.inertia, acceleration) + torch.linalg.cross(velocity, momentum)
    return Wrench(force, segment_centers(body, pose), rotate(pose.rotation, couple))


def total_wrench(parts: Wrench, about: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of forces, and of moments about a point (..., 3): both (..., 3)."""
    moment = torch.linalg.cross(parts.point - about[..., None, :], parts.force) + parts.couple
    return parts.force.sum(dim=-2), moment.sum(dim=-2)


def center_of_pressure(force: Tensor, moment: Tensor) -> tuple[Tensor, Tensor]:
    """Center of pressure on the floor (y = 0) and free moment of a force with a moment about the origin.

    Parameters
    ----------
    force, moment
        (..., 3), N and N m; where the vertical force vanishes both results are not finite.

    Returns
    -------
    tuple of torch.Tensor
        Center of pressure (..., 3), m, and free moment about the vertical (...), N m.
    """
    x, z = moment[..., 2] / force[..., 1], -moment[..., 0] / force[..., 1]
    free_moment = moment[..., 1] - (z * force[..., 0] - x * force[..., 2])
    return torch.stack([x, torch.zeros_like(x), z], dim=-1), free_moment


def joint_loads(
    body: Body | BodyPart, pose: Pose, needs: Wrench, ground: Wrench, ground_segment: Tensor
) -> JointLoad:
    """Load of every joint: what the segments beyond it need, less what the ground gives them.

    Parameters
    ----------
    body, pose
        The body and its pose.
    needs
        As given by `segment_needs`.
    ground
        Force of the ground (..., foot, 3) at its center of pressure, with the free moment as couple. Points must be
        finite even where the force is zero.
    ground_segment
        (foot,), number of the segment that each force acts on.
    """
    beyond, pushed = body.is_ancestor, body.is_ancestor[:, ground_segment]
    # moments are taken about the root segment, so that single precision does not suffer far from the origin
    origin = pose.position[..., :1, :]
    force = beyond @ needs.force - pushed @ ground.force
    needed = torch.linalg.cross(needs.point - origin, needs.force) + needs.couple
    given = torch.linalg.cross(ground.point - origin, ground.force) + ground.couple
    moment = beyond @ needed - pushed @ given
    return JointLoad(force, moment - torch.linalg.cross(joint_centers(body, pose) - origin, force))


def generalized_forces(body: Body, coordinates: Tensor, axes: JointAxes, load: JointLoad) -> Tensor:
    """Generalized force of every coordinate (N m, or N for translations), internal, (..., coordinate).

    Coordinates that follow others carry nothing themselves: their share is added to that of the leader.
    """
    along = torch.cat(
        [
            load.moment[..., None, :].expand(*load.moment.shape[:-1], 3, 3),
            load.force[..., None, :].expand(*load.force.shape[:-1], 3, 3),
        ],
        dim=-2,
    )
    work = (axes.slope * (axes.direction * along).sum(dim=-1)).flatten(-2)
    count = coordinates.shape[-1]
    total = work.new_zeros(*work.shape[:-1], count + 1).index_add(-1, body.axis_coordinate, work)[..., :count]
    if not len(body.follower):
        return total
    slope = body.coordinate_slope(coordinates.reshape(-1, count)).reshape(coordinates.shape)
    share = (total * slope)[..., body.follower]
    return total.index_fill(-1, body.follower, 0.0).index_add(-1, body.leader, share)


def _spin(rotation: Tensor, turning: Tensor) -> Tensor:
    """Half the sum over the columns of a rotation of each crossed with its rate.

    With the first derivative that is the angular velocity, with the second the angular acceleration.
    """
    return 0.5 * torch.linalg.cross(rotation, turning, dim=-2).sum(dim=-1)
