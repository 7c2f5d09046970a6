"""How one person moves at a speed under a condition: the reference curves and the plan, made theirs.

Styles, a random signature of the person (both sides differ), and what the condition asks for change curves and footing;
balance is left to `gaitbook.synthesis.projection`. The same person has the same signature at every speed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from gaitbook.mechanics.body import Body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.force_signature import sign_plan
from gaitbook.synthesis.periodic import resize, shift_phase
from gaitbook.synthesis.reference_curves import running_reference, walking_reference
from gaitbook.synthesis.sole import SIDES, SOLE, foot_axes, sole_places
from gaitbook.synthesis.stride_plan import (
    StridePlan,
    carry_weight,
    dimensionless_speed,
    plan_run,
    plan_walk,
    with_grip,
)
from gaitbook.synthesis.walker_coordinates import LAYOUT, MIDDLE, SIDED, body_rows

Array = NDArray[np.float64]

STREAM: Final = 21
FASTEST_WALK_MPS: Final = 2.15
SPEED_RANGE_MPS: Final = {"walk": (0.45, 2.15), "run": (1.9, 9.2)}
_DEGREE: Final = np.pi / 180.0
_GROUPS: Final = {"pelvis": "pelvis", "lumbar": "lumbar", "arm": "arm", "elbow": "arm"}
_HARMONICS: Final = 4
_BUMPS: Final = {"stance": (0.15, 0.06, 1.0), "push_off": (0.63, 0.07, -1.0)}
"""Middle and width in the cycle of the limb, and sign, of changes that are not of the whole curve."""
_THRUST: Final = {"hip_rotation": 2.0, "subtalar_angle": -2.0, "knee_angle": 1.0}
"""What is asked for to move the knee inward; a foot that stays flat lets only some of it happen."""
_STANCE_MIDDLE: Final = 0.30
_STANCE_WIDTH: Final = 0.16
_SURELY_DOWN: Final = 0.1
_LEAST_OUT_M: Final = 0.01


@dataclass(frozen=True)
class Manner:
    """Plan and reference (Fourier coefficients in the order of `LAYOUT`, not yet over the feet) of a person."""

    plan: StridePlan
    reference: Array


def person_manner(
    *,
    speed_mps: float,
    gait: str,
    height_m: float,
    styles: Mapping[str, float],
    rng: np.random.Generator | None,
    condition: Condition,
) -> Manner:
    """Plan and reference of a person at a speed.

    Parameters
    ----------
    speed_mps, gait
        Mean speed; ``"walk"`` or ``"run"``.
    height_m
        Body height.
    styles
        Scores by style; those not given are zero.
    rng
        The person's own generator, fresh: the same at every speed and under every condition; ``None`` for an average
        person, both sides alike.
    condition
        What is asked for.
    """
    curves = _curves(speed_mps, gait, height_m, condition)
    styled = {name: _with_styles(name, curve, styles) for name, curve in curves.items()}
    uneven = float(np.exp(0.35 * styles.get("asymmetry", 0.0)))
    sides = _with_signature(styled, rng, uneven=uneven) if rng else _on_both_sides(styled)
    average = _average_plan(speed_mps, gait, height_m, styles, condition)
    plan = _with_footing(average, styles, condition)
    if rng:
        plan = sign_plan(plan, styles_table()["force"], rng, uneven=uneven)
    plan = with_grip(plan) if plan.is_run else _with_sway(plan, average)
    _apply_condition(sides, condition, plan)
    for name in SIDED:
        sides[name + "_l"] = shift_phase(sides[name + "_l"], 0.5)
    return Manner(carry_weight(plan), LAYOUT.gather(sides))


def gait_at(speed_mps: float) -> str:
    """Gait of most adults at a speed: ``"walk"`` or ``"run"``."""
    return "walk" if speed_mps <= FASTEST_WALK_MPS else "run"


def place_over_feet(body: Body, manner: Manner) -> Array:
    """Reference of a manner with the pelvis where the feet are on their places on the floor."""
    plan, reference = manner.plan, manner.reference.copy()
    phase = np.arange(64) / 64
    coordinates = body_rows(body, LAYOUT.evaluate(reference, phase))
    soles = marker_positions(body, forward_kinematics(body, coordinates)).numpy()
    soles = soles.reshape(len(phase), 2, len(SOLE), 3)
    point = 1 if plan.is_run else 0
    stance = plan.stance_phase(phase)
    pinned = (stance > _SURELY_DOWN) & (stance < (1.0 - _SURELY_DOWN if plan.is_run else plan.heel_off))
    along, _ = foot_axes(plan.toe_out_rad)
    wanted = plan.heels(phase) + plan.foot_length_m * sole_places()[point, 0] * along
    ahead = (wanted - soles[:, :, point])[pinned][:, 0].mean()
    lowest = soles[:, :, :3, 1].min(axis=(1, 2))
    reference[LAYOUT.part("pelvis_tx").start] += ahead
    reference[LAYOUT.part("pelvis_ty").start] -= np.median(lowest)
    return reference


@cache
def styles_table() -> Mapping[str, Any]:
    """Return the content of ``styles.yml``."""
    text = files("gaitbook.synthesis").joinpath("styles.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def group_of(coordinate: str) -> str:
    """Part of the body that a coordinate moves: pelvis, lumbar, leg or arm."""
    return _GROUPS.get(coordinate.split("_", maxsplit=1)[0], "leg")


def bump(middle: float, width: float, harmonics: int) -> Array:
    """Fourier coefficients of a bell of height one around a phase; ``width`` is its standard deviation."""
    order = np.arange(1, harmonics + 1)
    area = width * np.sqrt(2.0 * np.pi)
    size = 2.0 * area * np.exp(-2.0 * (np.pi * order * width) ** 2)
    angle = 2.0 * np.pi * order * middle
    waves = np.stack([size * np.cos(angle), size * np.sin(angle)], axis=-1).ravel()
    return np.concatenate([[area], waves])


def _curves(speed_mps: float, gait: str, height_m: float, condition: Condition) -> dict[str, Array]:
    longer = 1.0 + condition.stride_length
    if gait == "run":
        return running_reference(speed_mps * longer)
    # stride length goes with the root of speed: a longer stride is moved like that of a faster walk
    return walking_reference(dimensionless_speed(speed_mps, height_m) * longer**2)


def _average_plan(
    speed_mps: float, gait: str, height_m: float, styles: Mapping[str, float], condition: Condition
) -> StridePlan:
    """Plan of an average person whose strides are as long as this one's."""
    make = plan_run if gait == "run" else plan_walk
    length = (1.0 + condition.stride_length) * float(np.exp(_amount("stride_length", styles)))
    return make(speed_mps=speed_mps, height_m=height_m, stride_length=length)


def _with_footing(plan: StridePlan, styles: Mapping[str, float], condition: Condition) -> StridePlan:
    return replace(
        plan,
        step_width_m=plan.step_width_m + _amount("step_width", styles) + condition.step_width_m,
        toe_out_rad=plan.toe_out_rad + _amount("toe_out", styles) + condition.toe_out_rad,
    )


def _amount(style: str, styles: Mapping[str, float]) -> float:
    return float(styles_table()["styles"][style]["size"] * styles.get(style, 0.0))


def _with_sway(plan: StridePlan, average: StridePlan) -> StridePlan:
    """Plan whose force across goes with how far out the feet press: the body is an inverted pendulum over them."""
    return replace(plan, lateral=plan.lateral * _press_out(plan) / _press_out(average))


def _press_out(plan: StridePlan) -> float:
    phase = np.arange(64) / 64
    out = plan.pressure(phase)[..., 2] * SIDES * plan.load_share(phase)
    return float(max(out.sum() / len(phase), _LEAST_OUT_M))


def _with_styles(coordinate: str, curve: Array, styles: Mapping[str, float]) -> Array:
    changed = curve.copy()
    for name, style in styles_table()["styles"].items():
        if coordinate not in style.get("of", ()) or not styles.get(name):
            continue
        amount = style["size"] * styles[name]
        if style["kind"] == "offset":
            changed[0] += amount
        elif style["kind"] == "range":
            changed[1:] *= np.exp(amount)
        else:
            middle, width, sign = _BUMPS[style["kind"]]
            changed = changed + sign * amount * bump(middle, width, len(changed) // 2)
    return changed


def _on_both_sides(curves: Mapping[str, Array]) -> dict[str, Array]:
    empty = np.zeros(1 + 2 * _HARMONICS)
    middle = {name: curves.get(name, empty).copy() for name in MIDDLE}
    return middle | {name + side: curves.get(name, empty).copy() for name in SIDED for side in ("_r", "_l")}


def _with_signature(
    curves: Mapping[str, Array], rng: np.random.Generator, *, uneven: float
) -> dict[str, Array]:
    """Curves of both sides, each in the cycle of its own limb, with what is a person's own."""
    signed: dict[str, Array] = {}
    for name in (*MIDDLE, *SIDED):
        # drawn for all coordinates in the same order, whatever the gait
        row = styles_table()["signature"][group_of(name)]
        both, sides = _draw(row["both"], rng), [_draw(row["side"], rng) for _ in range(2)]
        offsets = row["offset"] * _DEGREE * rng.standard_normal(2)
        curve = resize(curves.get(name, np.zeros(1)), max(_HARMONICS, len(curves.get(name, ())) // 2))
        if name.startswith("pelvis_t") and name != "pelvis_tilt":
            signed[name] = curve
            continue
        if name in MIDDLE:
            # what differs between the steps is what is uneven
            own = _symmetric(name, both) + uneven * _antisymmetric(name, sides[0])
            own[0] += 0.5 * uneven * offsets[0] if _is_odd(name) else offsets[0]
            signed[name] = curve + resize(own, len(curve) // 2)
            continue
        for suffix, side, offset in zip(("_r", "_l"), sides, offsets, strict=True):
            own = both + uneven * side
            own[0] += uneven * offset
            signed[name + suffix] = curve + resize(own, len(curve) // 2)
    return signed


def _draw(degrees: list[float], rng: np.random.Generator) -> Array:
    waves = np.repeat(degrees, 2) * rng.standard_normal(2 * _HARMONICS) / np.sqrt(2.0)
    return np.concatenate([[0.0], waves * _DEGREE])


def _is_odd(name: str) -> bool:
    """Whether a coordinate of the middle of the body changes its sign from step to step."""
    return name in ("pelvis_list", "pelvis_rotation", "lumbar_bending", "lumbar_rotation", "pelvis_tz")


def _symmetric(name: str, series: Array) -> Array:
    order = np.r_[0, np.repeat(np.arange(1, _HARMONICS + 1), 2)]
    return np.where(order % 2 == (1 if _is_odd(name) else 0), series, 0.0)


def _antisymmetric(name: str, series: Array) -> Array:
    return series - _symmetric(name, series)


def _apply_condition(sides: dict[str, Array], condition: Condition, plan: StridePlan) -> None:
    for suffix in ("_r", "_l"):
        # the leg turns out as a whole: the generic tibia has no torsion of its own
        sides["hip_rotation" + suffix][0] -= condition.toe_out_rad
        sides["hip_adduction" + suffix][0] -= 0.5 * condition.step_width_m / (6.0 * plan.foot_length_m)
        inward = resize(bump(_STANCE_MIDDLE, _STANCE_WIDTH, 6), 6)
        for name, share in _THRUST.items():
            curve = resize(sides[name + suffix], max(6, len(sides[name + suffix]) // 2))
            sides[name + suffix] = curve + condition.medial_thrust_rad * share * resize(
                inward, len(curve) // 2
            )
    lean = condition.trunk_lean_rad
    turn = 2.0 * np.pi * (0.05 + condition.lean_delay)
    wave = lean * np.array([0.0, -np.sin(turn), np.cos(turn)])
    bending = sides["lumbar_bending"]
    sides["lumbar_bending"] = bending + resize(wave, len(bending) // 2)
