r"""Rising from a bench so that balance is kept: postures before, at and after seat-off, and smooth ways between them.

While the hips rest on the bench only pelvis and trunk move. They carry the center of mass forward and are already
braking at seat-off: that puts the center of pressure over the feet while the center of mass is still near the heels.
From there the center of mass follows one quintic to its place over the middle of the feet; knees and trunk follow
quintics of their own, and the legs as a whole turn about the ankles by the angle that makes it so, in closed form:

.. math:: [R(\alpha)\,w]_x = m\,x_{wanted} - m\,x_{rest}

where w is what turns with the legs. Everything has continuous accelerations. Sitting down is the same backward.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gaitbook.synthesis.sagittal_body import (
    Angle,
    Array,
    Posture,
    SagittalBody,
    center_path,
    hip_path,
    turned,
)

MOST_LEAN_RAD = 1.2


@dataclass(frozen=True)
class SmoothPath:
    """Quantities with given value, velocity and acceleration at instants, a quintic in between, at rest outside."""

    instant_s: Array
    """(instant,), increasing"""
    state: Array
    """(instant, 3, quantity): value, velocity, acceleration"""

    def at(self, time_s: Array) -> Array:
        """Values (time, quantity)."""
        time_s = np.clip(time_s, self.instant_s[0], self.instant_s[-1])
        before = np.clip(
            np.searchsorted(self.instant_s, time_s, side="right") - 1, 0, len(self.instant_s) - 2
        )
        length_s = np.diff(self.instant_s)[before]
        part = (time_s - self.instant_s[before]) / length_s
        weight = _hermite(part) * np.stack([np.ones_like(part), length_s, length_s**2] * 2)
        return np.einsum("st,tsq->tq", weight[:3], self.state[before]) + np.einsum(
            "st,tsq->tq", weight[3:], self.state[before + 1]
        )


@dataclass(frozen=True)
class Chair:
    """How one person sits, is at seat-off, and stands on the same feet."""

    person: SagittalBody
    seated: Posture
    """Upright on the bench."""
    leaving: Posture
    """At seat-off."""
    upright: Posture
    seat_m: tuple[float, float]
    """Center of pressure on the bench, forward and up."""
    center_m: tuple[float, float, float]
    """Center of mass before the ankles: seated, leaving, upright."""
    center_per_rad: tuple[float, float]
    """First and second derivative of the center of mass by the angle of the trunk at seat-off, m/rad and m/rad2."""
    pelvis_share: float
    """How much of the lean is the pelvis's, before seat-off."""


class Passages(NamedTuple):
    """Rises, or descents told backward; each (passage,).

    ``change_s``: seat-off after the start; ``lead_s``: how long the trunk moves before; ``extension_s``: from seat-off
    to upright; ``behind_m``: center of mass at rest behind that at seat-off; ``speed_mps``: its speed then.
    """

    change_s: Array
    lead_s: Array
    extension_s: Array
    behind_m: Array
    speed_mps: Array


def seat_on(
    person: SagittalBody, upper: Posture, *, hip_height_m: float, lean_rad: float, numbers: Mapping[str, Any]
) -> Posture:
    """Posture on a bench, the feet set back so far that a lean brings the center of mass to where feet take over.

    Parameters
    ----------
    person
        The person's body.
    upper
        Pelvis and trunk of the seated person.
    hip_height_m
        Hips over the floor.
    lean_rad
        Preferred angle of the trunk at seat-off.
    numbers
        ``reach``, ``pelvis_share`` and ``shank_rad`` as in ``tasks.yml``.
    """
    least_rad, most_rad = numbers["shank_rad"]
    shank = -np.linspace(least_rad, most_rad, 29)
    seated = Posture(shank, _seated_thigh(person, shank, hip_height_m), upper.pelvis, upper.trunk)
    ahead_m = center_path(person, leaning(seated, np.asarray(lean_rad), numbers["pelvis_share"]))[:, 0]
    found = np.interp(person.on_foot(numbers["reach"]), ahead_m, shank)
    return Posture(found, _seated_thigh(person, found, hip_height_m), upper.pelvis, upper.trunk)


def make_chair(person: SagittalBody, seated: Posture, upright: Posture, numbers: Mapping[str, Any]) -> Chair:
    """All that a person's rises start from.

    Parameters
    ----------
    person
        The person's body.
    seated, upright
        Postures on the bench and standing.
    numbers
        As in ``tasks.yml``.
    """
    share = numbers["pelvis_share"]
    trunk = np.linspace(float(seated.trunk), -MOST_LEAN_RAD, 60)
    ahead_m = center_path(person, leaning(seated, trunk, share))[:, 0]
    found = float(np.interp(person.on_foot(numbers["reach"]), ahead_m, trunk))
    step = np.array([-1e-3, 0.0, 1e-3])
    near_m = center_path(person, leaning(seated, found + step, share))[:, 0]
    slope, bend = (near_m[2] - near_m[0]) / 2e-3, (near_m[2] - 2.0 * near_m[1] + near_m[0]) / 1e-6
    ahead = hip_path(person, seated)[0] + numbers["seat_before_hips"]
    return Chair(
        person,
        seated,
        leaning(seated, np.asarray(found), share),
        upright,
        (float(ahead), numbers["bench_m"]),
        (float(ahead_m[0]), float(near_m[1]), float(center_path(person, upright)[0])),
        (float(slope), float(bend)),
        share,
    )


def plan_passages(
    chair: Chair, whole_s: Array, *, lead: Mapping[str, Any], brake_mps2: float, surplus: float
) -> Passages:
    """Timing of rises that keep balance, counted from their start.

    The speed at seat-off is what brings the center of mass over the feet; people with little time lean back less.

    Parameters
    ----------
    chair
        The person's postures.
    whole_s
        (passage,), time for each from rest to upright.
    lead
        Fraction of that before seat-off, at most: ``fraction`` of passages of ``whole_s``, straight in between.
    brake_mps2
        Deceleration of the center of mass at seat-off.
    surplus
        Speed at seat-off over the mean speed afterward.
    """
    seated_m, leaving_m, upright_m = chair.center_m
    longest_s = whole_s * np.interp(whole_s, lead["whole_s"], lead["fraction"])
    extension_s = whole_s - longest_s
    speed_mps = surplus * (upright_m - leaving_m) / extension_s
    reached_m = _distance(speed_mps, longest_s, brake_mps2)
    lead_s = longest_s * np.minimum(1.0, (leaving_m - seated_m) / reached_m)
    behind_m = np.minimum(_distance(speed_mps, lead_s, brake_mps2), leaving_m - seated_m)
    return Passages(longest_s, lead_s, extension_s, behind_m, speed_mps)


def rest_angle(chair: Chair, behind_m: Array) -> Array:
    """Angle of the trunk on the bench whose center of mass is so far behind that at seat-off, rad."""
    trunk = np.linspace(float(chair.leaving.trunk), float(chair.seated.trunk), 25)
    ahead_m = center_path(chair.person, leaning(chair.seated, trunk, chair.pelvis_share))[:, 0]
    return np.interp(behind_m, chair.center_m[1] - ahead_m, trunk)


def leaning(seated: Posture, trunk: Angle, pelvis_share: float) -> Posture:
    """Seated posture with the trunk at an angle, the pelvis turned along by its share."""
    pelvis = seated.pelvis + pelvis_share * (trunk - seated.trunk)
    return Posture(seated.shank, seated.thigh, pelvis, trunk)


def change_state(chair: Chair, speed_mps: Array, brake_mps2: float) -> Array:
    """Value, velocity and acceleration of trunk and pelvis at seat-off, (passage, 3, 2), rad.

    So that the center of mass moves forward with that speed and brakes so much.
    """
    slope, bend = chair.center_per_rad
    rate = speed_mps / slope
    trunk = np.stack(
        [np.full_like(rate, float(chair.leaving.trunk)), rate, (-brake_mps2 - bend * rate**2) / slope], axis=1
    )
    pelvis = chair.pelvis_share * trunk
    pelvis[:, 0] = chair.leaving.pelvis
    return np.stack([trunk, pelvis], axis=2)


def balanced(person: SagittalBody, posture: Posture, center_ahead_m: Array) -> Posture:
    """Posture whose legs are turned about the ankles so that the center of mass is where it is wanted, (frame,).

    Pelvis and trunk keep their angles in space.
    """
    mass = person.mass_kg
    pelvis, trunk = np.asarray(posture.pelvis), np.asarray(posture.trunk)
    fixed = (
        mass[0] * person.center_m[0, 0]
        + (
            mass[3] * turned(person.center_m[3], pelvis)
            + mass[4] * (turned(person.lumbar_m, pelvis) + turned(person.center_m[4], trunk))
        )[..., 0]
    )
    knee = turned(person.knee_m, posture.shank)
    hip = hip_path(person, posture)
    legs = (
        mass[1] * turned(person.center_m[1], posture.shank)
        + mass[2] * (knee + turned(person.center_m[2], posture.thigh))
        + (mass[3] + mass[4]) * hip
    )
    wanted = mass.sum() * center_ahead_m - fixed
    angle = np.arctan2(legs[..., 0], legs[..., 1]) - np.arcsin(wanted / np.hypot(legs[..., 0], legs[..., 1]))
    return Posture(np.asarray(posture.shank) + angle, np.asarray(posture.thigh) + angle, pelvis, trunk)


def _distance(speed_mps: Array, lead_s: Array, brake_mps2: float) -> Array:
    """Way from rest, in a time, of the start of a minimum-jerk curve that ends with this speed and deceleration."""
    # (S''/S') at the fraction f of a minimum-jerk curve S is 2/f - 2/(1 - f)
    ratio = 1.0 + 0.5 * brake_mps2 * lead_s / speed_mps
    fraction = ratio / (1.0 + ratio)
    shape = (10.0 - 15.0 * fraction + 6.0 * fraction**2) / (30.0 * (1.0 - fraction) ** 2)
    return np.asarray(speed_mps * lead_s * shape)


def _seated_thigh(person: SagittalBody, shank: Angle, hip_height_m: float) -> Array:
    """Angle of the thigh that holds the hips so far above the floor, knees before them."""
    knee_m = person.ankle_height_m + turned(person.knee_m, shank)[..., 1]
    rise = (hip_height_m - knee_m) / np.hypot(*person.hip_m)
    return np.asarray(0.5 * np.pi - np.arcsin(np.clip(rise, -1.0, 1.0)))


def _hermite(part: Array) -> Array:
    """Quintics that are one in one of value, slope and curvature at the start or end, (6, time)."""
    u3, u4, u5 = part**3, part**4, part**5
    return np.stack(
        [
            1.0 - 10.0 * u3 + 15.0 * u4 - 6.0 * u5,
            part - 6.0 * u3 + 8.0 * u4 - 3.0 * u5,
            0.5 * (part**2 - 3.0 * u3 + 3.0 * u4 - u5),
            10.0 * u3 - 15.0 * u4 + 6.0 * u5,
            -4.0 * u3 + 7.0 * u4 - 3.0 * u5,
            0.5 * (u3 - 2.0 * u4 + u5),
        ]
    )
