"""The body of a simulated person over the steps of a trial: feet under it, center of mass as the forces demand."""

from dataclasses import dataclass

import numpy as np

from gaitbook.synthesis.gait_pattern import FASTEST_WALK_MPS, Person
from gaitbook.synthesis.planted_foot import FootPath, Stances, trace_foot
from gaitbook.synthesis.step_forces import Array
from gaitbook.synthesis.step_sequence import StepSequence, follow_center_of_mass
from gaitbook.synthesis.stick_body import FOOT, LONGEST_REACH, SIDES, BodyMotion, carry_mass, longest_reach

FOOT_PLACE_VARIATION_M = 0.008
WALKING_STEP_WIDTH_M, RUNNING_STEP_WIDTH_M = 0.10, 0.05
HEEL_BEHIND = 0.45
"""Heel behind the center of mass at mid-contact, as a fraction of foot length: pressure is then below the body."""
TALLEST_CENTER_OF_MASS = 0.575
"""Fraction of height from which the body is lowered until both legs reach their feet in every frame."""
LOWERING_PER_EXCESS, LEAST_LOWERING = 0.45, 0.001
PELVIS_YAW_RAD, PELVIS_LIST_RAD = 0.08, 0.06


@dataclass(frozen=True)
class MovingBody:
    """Feet, joints and center of mass over a trial."""

    motion: BodyMotion
    feet: tuple[FootPath, FootPath]
    center_of_mass_m: Array
    """(time, axis), m."""


def move_body(
    sequence: StepSequence,
    time_s: Array,
    person: Person,
    *,
    sex: str,
    speed_mps: float,
    variability: float,
    rng: np.random.Generator,
) -> MovingBody:
    """Body that takes the given steps on a belt, as tall as its legs allow.

    Parameters
    ----------
    sequence
        Steps of the trial.
    time_s
        (time,), s.
    person, sex
        Whose body it is.
    speed_mps
        Speed of the belt.
    variability
        Scales how much foot placement varies.
    rng
        Draws the placement of the feet.
    """
    feet = _trace_feet(sequence, time_s, person, speed_mps=speed_mps, spread=variability, rng=rng)
    sway_m = follow_center_of_mass(sequence, time_s)
    phase_rad = _phase(sequence, time_s)
    pelvis_axes = _turn(PELVIS_YAW_RAD * np.cos(phase_rad), PELVIS_LIST_RAD * np.sin(phase_rad))
    trunk_sway_m = np.outer(np.cos(2.0 * phase_rad), person.trunk_sway_m)
    height_m, fraction = person.height_m, TALLEST_CENTER_OF_MASS
    while True:
        center_m = sway_m + np.array([0.0, fraction * height_m, 0.0])
        motion = carry_mass(
            center_m, feet, height_m=height_m, sex=sex, pelvis_axes=pelvis_axes, trunk_sway_m=trunk_sway_m
        )
        excess = longest_reach(motion, height_m=height_m) - LONGEST_REACH
        if excess <= 0.0:
            return MovingBody(motion, feet, center_m)
        fraction -= LOWERING_PER_EXCESS * excess + LEAST_LOWERING


def _trace_feet(
    sequence: StepSequence,
    time_s: Array,
    person: Person,
    *,
    speed_mps: float,
    spread: float,
    rng: np.random.Generator,
) -> tuple[FootPath, FootPath]:
    steps, length_m = sequence.steps, FOOT * person.height_m
    width_m = RUNNING_STEP_WIDTH_M if speed_mps > FASTEST_WALK_MPS else WALKING_STEP_WIDTH_M
    half_width_m = 0.5 * (width_m + person.step_width_m)
    place_m = spread * FOOT_PLACE_VARIATION_M * rng.standard_normal((steps.strike_s.size, 2))

    def trace(foot: int) -> FootPath:
        of_foot = steps.foot == foot
        stances = Stances(
            strike_s=steps.strike_s[of_foot],
            contact_s=steps.contact_s[of_foot],
            center_m=place_m[of_foot, 0] - HEEL_BEHIND * length_m,
            side_m=place_m[of_foot, 1] + SIDES[foot] * half_width_m,
            strike_pitch_rad=person.strike_pitch_rad,
            length_m=length_m,
            belt_mps=speed_mps,
        )
        return trace_foot(stances, time_s)

    return trace(0), trace(1)


def _phase(sequence: StepSequence, time_s: Array) -> Array:
    """Phase of the stride, zero at right strikes, rad."""
    strike_s = sequence.steps.strike_s[sequence.steps.foot == 0]
    return np.asarray(2.0 * np.pi * np.interp(time_s, strike_s, np.arange(strike_s.size)))


def _turn(yaw_rad: Array, list_rad: Array) -> Array:
    """(time, axis, local axis): rotation by list about x, then by yaw about y."""
    zero, one = np.zeros(yaw_rad.size), np.ones(yaw_rad.size)
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    about_y = [[cos, zero, sin], [zero, one, zero], [-sin, zero, cos]]
    cos, sin = np.cos(list_rad), np.sin(list_rad)
    about_x = [[one, zero, zero], [zero, cos, -sin], [zero, sin, cos]]
    return np.einsum("ijt,jkt->tik", np.array(about_y), np.array(about_x))
