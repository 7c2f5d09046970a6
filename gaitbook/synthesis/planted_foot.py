"""Path of a foot on a moving belt: planted in stance, carried through swing.

In stance the foot pitches about whatever touches the ground: about the heel while the toes point up, about the ball
while they point down. The touching point rides on the belt. At last the person rolls onto the toes, which the foot
does not have, and the ball rises, about as fast at toe-off as that of runners. Cubic curves with the same end
velocities carry the heel and the pitch through swing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaitbook.synthesis.step_forces import Array

FLAT_FROM = 0.18
"""Normalized contact time at which the whole foot is down."""
LIFT_FROM = 0.52
"""Normalized contact time at which the heel starts to rise."""
ROLL_FROM = 0.80
"""Normalized contact time at which the ball starts to rise."""
RISE_SHARE = 0.35
"""Upward speed of the ball at toe-off over the speed of the belt."""
BALL_FRACTION = 0.72
"""Ball of the foot, as a fraction of foot length from the heel."""
PRESSURE_FROM, PRESSURE_TO = 0.12, 0.80
FOREFOOT_PRESSURE_FROM = 0.55
"""Center of pressure at strike and toe-off, as fractions of foot length."""
PUSH_PITCH_RAD = 0.85
SWING_LIFT_M = 0.02


@dataclass(frozen=True)
class FootPath:
    """One foot over a trial; every array begins with time."""

    heel_m: Array
    """(time, axis) underside of the heel, m."""
    pitch_rad: Array
    """(time,) toes up positive, rad."""
    pressure_m: Array
    """(time, axis) center of pressure, m; NaN in swing."""
    in_contact: NDArray[np.bool_]
    """(time,)"""


@dataclass(frozen=True)
class Stances:
    """All contacts of one foot."""

    strike_s: Array
    contact_s: Array
    center_m: Array
    """(stance,) fore-aft place of the heel at mid-contact, m."""
    side_m: Array
    """(stance,) mediolateral place, m."""
    strike_pitch_rad: float
    length_m: float
    belt_mps: float


def trace_foot(stances: Stances, time_s: Array) -> FootPath:
    """Path of the foot at the given times.

    Parameters
    ----------
    stances
        Contacts that begin before the first and end after the last of `time_s`.
    time_s
        (time,), s.
    """
    index = np.clip(np.searchsorted(stances.strike_s, time_s, side="right") - 1, 0, stances.strike_s.size - 2)
    contact_u = (time_s - stances.strike_s[index]) / stances.contact_s[index]
    stance = _planted(stances, index, np.minimum(contact_u, 1.0))
    leaving = _planted(stances, index, np.ones(index.size))
    landing = _planted(stances, index + 1, np.zeros(index.size))
    off_s = stances.strike_s[index] + stances.contact_s[index]
    swing_s = stances.strike_s[index + 1] - off_s
    part = np.clip((time_s - off_s) / swing_s, 0.0, 1.0)
    swing = _hermite(part, swing_s, leaving, landing)
    swing[1] += 16.0 * SWING_LIFT_M * (part * (1.0 - part)) ** 2
    in_contact = (contact_u >= 0.0) & (contact_u <= 1.0)
    forward, up, pitch_rad = np.where(in_contact, stance[:3], swing)
    step_m = stances.side_m[index + 1] - stances.side_m[index]
    sideways = stances.side_m[index] + step_m * part**2 * (3 - 2 * part)
    return FootPath(
        heel_m=np.stack([forward, up, sideways], axis=1),
        pitch_rad=pitch_rad,
        pressure_m=_pressure(stances, index, contact_u, in_contact),
        in_contact=in_contact,
    )


def point_on_foot(path: FootPath, *, forward_m: float, up_m: float, right_m: float = 0.0) -> Array:
    """Point fixed to the foot, given from the underside of the heel: (time, axis), m."""
    cos, sin = np.cos(path.pitch_rad), np.sin(path.pitch_rad)
    offset_m = [forward_m * cos - up_m * sin, forward_m * sin + up_m * cos, np.full(cos.shape, right_m)]
    return path.heel_m + np.stack(offset_m, axis=1)


def _planted(stances: Stances, index: NDArray[np.int64], u: Array) -> Array:
    """(6, time): heel forward, heel up, pitch, then their rates."""
    contact_s = stances.contact_s[index]
    early = np.clip(1.0 - u / FLAT_FROM, 0.0, 1.0)
    late = np.clip((u - LIFT_FROM) / (1.0 - LIFT_FROM), 0.0, 1.0)
    pitch_rad = stances.strike_pitch_rad * early**2 - PUSH_PITCH_RAD * late**2
    rate = (
        -2.0 * stances.strike_pitch_rad * early / FLAT_FROM - 2.0 * PUSH_PITCH_RAD * late / (1.0 - LIFT_FROM)
    ) / contact_s
    ball_m = BALL_FRACTION * stances.length_m
    roll = np.clip((u - ROLL_FROM) / (1.0 - ROLL_FROM), 0.0, 1.0)
    rise_mps = RISE_SHARE * stances.belt_mps * roll
    rise_m = 0.5 * rise_mps * roll * (1.0 - ROLL_FROM) * contact_s
    down = np.minimum(pitch_rad, 0.0)
    rate_down = rate * (pitch_rad < 0.0)
    flat_m = stances.center_m[index] - stances.belt_mps * (u - 0.5) * contact_s
    return np.stack(
        [
            flat_m + ball_m * (1.0 - np.cos(down)),
            rise_m - ball_m * np.sin(down),
            pitch_rad,
            ball_m * np.sin(down) * rate_down - stances.belt_mps,
            rise_mps - ball_m * np.cos(down) * rate_down,
            rate,
        ]
    )


def _hermite(part: Array, duration_s: Array, start: Array, end: Array) -> Array:
    square, cube = part**2, part**3
    return np.asarray(
        start[:3] * (2 * cube - 3 * square + 1)
        + start[3:] * duration_s * (cube - 2 * square + part)
        + end[:3] * (3 * square - 2 * cube)
        + end[3:] * duration_s * (cube - square)
    )


def _pressure(stances: Stances, index: NDArray[np.int64], u: Array, in_contact: NDArray[np.bool_]) -> Array:
    start = PRESSURE_FROM if stances.strike_pitch_rad >= 0.0 else FOREFOOT_PRESSURE_FROM
    along_m = stances.length_m * (start + (PRESSURE_TO - start) * u)
    flat_m = stances.center_m[index] - stances.belt_mps * (u - 0.5) * stances.contact_s[index]
    pressure_m = np.stack([flat_m + along_m, np.zeros(u.size), stances.side_m[index]], axis=1)
    return np.where(in_contact[:, None], pressure_m, np.nan)
