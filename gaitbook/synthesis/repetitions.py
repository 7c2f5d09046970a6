"""Repetitions of sit-to-stand: how many, when, and the posture at any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gaitbook.synthesis.chair_rise import (
    Chair,
    SmoothPath,
    balanced,
    change_state,
    leaning,
    plan_passages,
    rest_angle,
)
from gaitbook.synthesis.sagittal_body import Angle, Array, Posture
from gaitbook.synthesis.task_trial import load_tasks

TEST_S: Final = 30.0
"""Duration for which the norms count repetitions."""
LEAST_STRETCH: Final = 1e-9
"""Legs stretched less than this rest: rounding, not motion."""
BACKWARD: Final = np.array([1.0, -1.0, 1.0])[:, None]
"""What sitting down makes of value, velocity and acceleration of a rise: the same backward in time."""


@dataclass(frozen=True)
class Repetitions:
    """Rising and sitting down again and again."""

    upper: SmoothPath
    """Angles of trunk and pelvis, rad."""
    legs: SmoothPath
    """How far the legs are stretched, 0 to 1, and, off the bench, the center of mass before the ankles, m."""
    upright_s: Array
    """When the person stands upright."""

    def stands_before(self, time_s: float) -> int:
        """Number of times that the person has stood up by then."""
        return int(np.sum(self.upright_s <= time_s))


def draw_repetitions(
    person: Mapping[str, Any], chair: Chair, *, duration_s: float, rng: np.random.Generator
) -> Repetitions:
    """When and how the person rises and sits down: by age, sex and vigor, no two repetitions alike.

    Parameters
    ----------
    person
        As for `simulate_sit_to_stand`.
    chair
        The person's postures.
    duration_s
        Repetitions go on until then at least.
    rng
        Generator of the person.
    """
    numbers = load_tasks()["sit_to_stand"]
    mean_s = (TEST_S - numbers["rest_before_s"]) / expected_repetitions(
        person, own=float(rng.standard_normal())
    )
    count = max(1, int(np.ceil(1.5 * duration_s / mean_s)))
    whole_s = mean_s * np.exp(numbers["time_spread"] * rng.standard_normal(count))
    begin_s = numbers["rest_before_s"] + np.cumsum(whole_s) - whole_s
    return join_passages(
        chair,
        begin_s=begin_s,
        rise_s=numbers["rise"] * whole_s,
        stand_s=numbers["stand"] * whole_s,
        descend_s=numbers["descend"] * whole_s,
    )


def join_passages(
    chair: Chair, *, begin_s: Array, rise_s: Array, stand_s: Array, descend_s: Array
) -> Repetitions:
    """Repetitions that begin at given times, their parts of given durations, each (repetition,)."""
    numbers = load_tasks()["sit_to_stand"]
    how = {name: numbers[name] for name in ("lead", "brake_mps2", "surplus")}
    up, down = plan_passages(chair, rise_s, **how), plan_passages(chair, descend_s, **how)
    off_s, upright_s = begin_s + up.change_s, begin_s + rise_s
    lean_s = off_s - up.lead_s
    lean_s[0] -= numbers["first_lean_s"]
    on_s = upright_s + stand_s + down.extension_s
    legs_s = (off_s, upright_s, upright_s + stand_s, on_s)
    rest = _resting(chair, up.behind_m, down.behind_m)
    change = [change_state(chair, each.speed_mps, how["brake_mps2"]) for each in (up, down)]
    standing = _still(len(begin_s), chair.upright.trunk, chair.upright.pelvis)
    upper = _in_turn(rest[0], change[0], standing, standing, change[1] * BACKWARD, rest[1])
    start = [_start(chair, each.speed_mps, how["brake_mps2"]) for each in (up, down)]
    stretched = _still(len(begin_s), 1.0, chair.center_m[2])
    legs = _in_turn(start[0], stretched, stretched, start[1] * BACKWARD)
    return Repetitions(
        SmoothPath(_in_turn(lean_s, *legs_s, on_s + down.lead_s), upper),
        SmoothPath(_in_turn(*legs_s), legs),
        upright_s,
    )


def expected_repetitions(person: Mapping[str, Any], *, own: float = 0.0) -> float:
    """Repetitions in 30 s that age, sex and vigor let expect.

    Parameters
    ----------
    person
        With ``sex``, ``age_year``, ``vigor`` and ``height_m``.
    own
        Score of what they do not tell.

    References
    ----------
    Rikli & Jones (1999), Journal of Aging and Physical Activity 7:162-181
    """
    numbers = load_tasks()["sit_to_stand"]
    known = numbers["repetitions"]
    change = (
        numbers["log_per_year"] * (float(person["age_year"]) - numbers["middle_age_year"])
        + numbers["log_per_vigor"] * float(person["vigor"])
        + numbers["log_spread"] * own
    )
    wanted = max(known[person["sex"]] * np.exp(change), known["least"])
    most = known["most"] * numbers["most_height_m"] / float(person["height_m"])
    return float((wanted ** -known["bend"] + most ** -known["bend"]) ** (-1.0 / known["bend"]))


def move(chair: Chair, repetitions: Repetitions, time_s: Array) -> Posture:
    """Posture at any times."""
    trunk, pelvis = repetitions.upper.at(time_s).T
    stretched, center_m = repetitions.legs.at(time_s).T
    seated, upright = chair.seated, chair.upright
    shank = seated.shank + stretched * (upright.shank - seated.shank)
    thigh = seated.thigh + stretched * (upright.thigh - seated.thigh)
    posture = Posture(shank, thigh, pelvis, trunk)
    over = balanced(chair.person, posture, center_m)
    off = stretched > LEAST_STRETCH
    return Posture(
        np.where(off, over.shank, seated.shank), np.where(off, over.thigh, seated.thigh), pelvis, trunk
    )


def _resting(chair: Chair, before_m: Array, after_m: Array) -> tuple[Array, Array]:
    """States of trunk and pelvis at rest before each rise and after each descent; between two repetitions one.

    Before the first rise one sits upright.
    """
    between_m = 0.5 * (before_m[1:] + after_m[:-1])
    behind_m = np.stack(
        [np.append(chair.center_m[1] - chair.center_m[0], between_m), np.append(between_m, after_m[-1])]
    )
    trunk = rest_angle(chair, behind_m)
    pelvis = np.asarray(leaning(chair.seated, trunk, chair.pelvis_share).pelvis)
    state = np.zeros((*trunk.shape, 3, 2))
    state[:, :, 0] = np.stack([trunk, pelvis], axis=-1)
    return state[0], state[1]


def _start(chair: Chair, speed_mps: Array, brake_mps2: float) -> Array:
    """States of the stretch of the legs and of the center of mass at seat-off."""
    state = _still(len(speed_mps), 0.0, chair.center_m[1])
    state[:, 1, 1], state[:, 2, 1] = speed_mps, -brake_mps2
    return state


def _still(count: int, *values: Angle) -> Array:
    state = np.zeros((count, 3, len(values)))
    state[:, 0] = np.array(values)
    return state


def _in_turn(*parts: Array) -> Array:
    """First of each, then second of each, and so on."""
    return np.stack(parts, axis=1).reshape(-1, *parts[0].shape[1:])
