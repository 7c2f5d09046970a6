"""What the solver aims at in every frame of a stride: force, center of pressure, places of the soles."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.synthesis.sole import BALLS, SOLE, foot_axes, sole_places
from gaitbook.synthesis.stride_plan import LIFT_M, StridePlan, smooth_step

Array = NDArray[np.float64]

CLEARANCE_M: Final = {
    "heel": 0.012,
    "first_metatarsal": 0.02,
    "fifth_metatarsal": 0.02,
    "toe_tip": 0.012,
}
TOE: Final = SOLE.index("toe_tip")
FIRST_PINNED: Final = 0.0
OUTSIDE_LEAVES: Final = 0.75
LAST_PINNED: Final = 0.97
"""Shares of stance from which the heel, and until which the outer and the inner ball, are held."""
LIFT_FROM: Final = 0.8
FREE_HEIGHT_M: Final = 0.012
"""Least height of the points of a runner's sole that are not held."""
MARGIN: Final = 0.06
"""Strides before landing and after take-off in which the foot may be lower than the clearance."""
FOREFOOT_MPS: Final = 5.0
"""Above this speed the heel of a runner is not held down: most land on the forefoot (assumption)."""


@dataclass(frozen=True)
class StanceTargets:
    """Targets over the frames of a stride.

    Parameters
    ----------
    force
        Both feet together, body weights, (frame, axis).
    pressure
        Of both feet together, m, (frame, axis); zero in flight.
    flight
        Frames in which no foot is down.
    point, held
        Places of heel and balls (frame, foot, point, axis), m, and where they are held (frame, foot, point).
    floor
        Least height of every point of the sole, m, (frame, foot, point): clearance in swing, the floor else.
    """

    force: Array
    pressure: Array
    flight: NDArray[np.bool_]
    point: Array
    held: NDArray[np.bool_]
    floor: Array


def stance_targets(plan: StridePlan, phase: Array) -> StanceTargets:
    """Targets of a plan at phases.

    Parameters
    ----------
    plan
        The stride.
    phase
        (frame,), 0 to 1.
    """
    share = plan.load_share(phase)
    total = share.sum(axis=1)
    pressure = (plan.pressure(phase) * share[..., None]).sum(axis=1)
    since, stance = plan.since_strike(phase), plan.stance_phase(phase)
    return StanceTargets(
        force=plan.force(phase),
        pressure=pressure / np.maximum(total, 1e-9)[:, None],
        flight=total < 1e-9,  # noqa: PLR2004 - nothing
        point=_points(plan, phase),
        held=(held := _held(plan, stance)),
        floor=_floor(plan, since, held),
    )


def _floor(plan: StridePlan, since: Array, held: NDArray[np.bool_]) -> Array:
    near = (since > -MARGIN) & (since < plan.stance + MARGIN)
    clearance = np.array([CLEARANCE_M[name] for name in SOLE])
    floor = np.where(near[..., None], FREE_HEIGHT_M if plan.is_run else 0.0, clearance)
    # toes are straight here: they bend over the floor later, and the other points are held where they are held
    floor[..., TOE] = np.where(near, -np.inf, CLEARANCE_M["toe_tip"])
    floor[..., : held.shape[-1]] = np.where(held, -np.inf, floor[..., : held.shape[-1]])
    return floor


def _points(plan: StridePlan, phase: Array) -> Array:
    along, outward = foot_axes(plan.toe_out_rad)
    place = plan.foot_length_m * sole_places()
    offset = place[:, 0, None] * along[:, None] + place[:, 1, None] * outward[:, None]
    point = plan.heels(phase)[:, :, None] + offset
    lift_m = LIFT_M * smooth_step((plan.stance_phase(phase) - LIFT_FROM) / (1.0 - LIFT_FROM))
    for ball in BALLS:
        point[:, :, ball, 1] += lift_m
    return np.asarray(point)


def _held(plan: StridePlan, stance: Array) -> NDArray[np.bool_]:
    heel = (stance >= FIRST_PINNED) & (stance < plan.heel_off)
    if plan.is_run and plan.speed_mps > FOREFOOT_MPS:
        heel &= False
    inside = (stance > plan.ball_on) & (stance < LAST_PINNED)
    # in the end the foot rolls over the first ray
    outside = inside & (stance < OUTSIDE_LEAVES)
    return np.stack([heel, inside, outside], axis=-1)
