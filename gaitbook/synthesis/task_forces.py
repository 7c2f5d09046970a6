r"""What carries a body whose feet stay on the floor: both feet, and a bench while one sits on it.

Newton and Euler (`gaitbook.mechanics`) tell what all supports together must give. A bench takes a share of the force at
a fixed point; the feet take the rest at their common center of pressure, each foot by its distance from it sideways.
Nothing is lost: feet and bench together are what the motion requires.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from gaitbook.mechanics.body import Body
from gaitbook.mechanics.differences import REACH
from gaitbook.mechanics.dynamics import difference_rates, segment_needs, total_wrench
from gaitbook.mechanics.kinematics import forward_kinematics
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.sagittal_body import Array

DENSE_HZ = 60.0
"""Derivatives in time are taken at this rate or above, however coarse the trial: the motion is known at any time."""

MOST_ON_SEAT = 0.92
"""Share of the force that a bench takes at most: the feet rest on the floor with their own weight at least."""


class Wrench(NamedTuple):
    """Force (frame, axis), N, and its moment about the origin (frame, axis), N m."""

    force: Array
    moment: Array


class FootForces(NamedTuple):
    """Force (frame, foot, axis), N, center of pressure (frame, foot, axis), m, free moment (frame, foot), N m."""

    force: Array
    pressure: Array
    free_moment: Array


class SeatLoad(NamedTuple):
    """What is left to the feet; force of the bench (frame, axis), N, and its center of pressure (frame, axis), m."""

    feet: Wrench
    force: Array
    pressure: Array


@one_thread()
def required_wrench(body: Body, motion: Callable[[Array], Array], time_s: Array, rate_hz: float) -> Wrench:
    """Force and moment that a motion requires of all its supports together.

    Parameters
    ----------
    body
        The person's body.
    motion
        Coordinates (frame, coordinate) at any times, in the order of the body.
    time_s
        Evenly spaced times at which to tell, s.
    rate_hz
        Their rate.
    """
    finer = max(1, int(np.ceil(DENSE_HZ / rate_hz)))
    count = finer * (len(time_s) - 1) + 1
    dense_s = time_s[0] + (np.arange(count + 2 * REACH) - REACH) / (finer * rate_hz)
    pose = forward_kinematics(body, torch.as_tensor(motion(dense_s)))
    needs = segment_needs(body, pose, difference_rates(body, pose, finer * rate_hz))
    force, moment = total_wrench(needs, torch.zeros(3, dtype=torch.float64))
    kept = slice(REACH, REACH + count, finer)
    return Wrench(force.numpy()[kept], moment.numpy()[kept])


def lighten(wrench: Wrench, *, seat_m: tuple[float, float], feet_ahead_m: float, contact: Array) -> SeatLoad:
    """What a bench takes over, so that the feet have their center of pressure in a wanted place.

    The bench pushes along the whole force. It takes at most `MOST_ON_SEAT` of it; beyond that its center of pressure
    moves instead.

    Parameters
    ----------
    wrench
        What is required of feet and bench together.
    seat_m
        Usual center of pressure on the bench: forward and up.
    feet_ahead_m
        Wanted center of pressure of the feet, forward.
    contact
        (frame,), from 1 (sitting) to 0 (off the bench); takes the bench's share away smoothly.
    """
    behind_m = feet_ahead_m - wrench.moment[:, 2] / wrench.force[:, 1]
    # the line of the bench's force meets the floor so far behind its center of pressure
    lean_m = seat_m[1] * wrench.force[:, 0] / wrench.force[:, 1]
    wanted = behind_m / (feet_ahead_m - seat_m[0] + lean_m)
    share = contact * np.clip(wanted, 0.0, MOST_ON_SEAT)
    moved_m = np.where(wanted > MOST_ON_SEAT, feet_ahead_m - behind_m / MOST_ON_SEAT + lean_m, seat_m[0])
    place = np.stack([moved_m, np.full_like(share, seat_m[1]), np.zeros_like(share)], axis=1)
    force = share[:, None] * wrench.force
    feet = Wrench(wrench.force - force, wrench.moment - np.cross(place, force))
    return SeatLoad(feet, force, place)


def feet_forces(wrench: Wrench, ankle_right_m: float) -> FootForces:
    """Forces on both feet that together are a wrench: each by how near it is to the common center of pressure.

    Parameters
    ----------
    wrench
        What the feet must give; its vertical force is positive.
    ankle_right_m
        The right ankle to the right of the middle; the left mirrors it.
    """
    force, moment = wrench
    ahead, right = moment[:, 2] / force[:, 1], -moment[:, 0] / force[:, 1]
    turning = moment[:, 1] - (right * force[:, 0] - ahead * force[:, 2])
    right_share = 0.5 + 0.5 * right / ankle_right_m
    share = np.stack([right_share, 1.0 - right_share], axis=1)
    sides = np.broadcast_to([ankle_right_m, -ankle_right_m], share.shape)
    pressure = np.stack([np.stack([ahead] * 2, axis=1), np.zeros_like(share), sides], axis=2)
    return FootForces(share[..., None] * force[:, None], pressure, share * turning[:, None])
