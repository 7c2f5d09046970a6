r"""The force of the ground on each foot, from that on both: exact sum, smooth hand-over.

While one foot is down it carries everything. In double support the share of the vertical force follows the center of
pressure of both, :math:`p`, on its way from one foot to the other; forward and across each foot keeps its planned force
(the rear one drives, the front one brakes) and what is left of the sum goes by the share. The centers of pressure of
both feet are where they were planned, shifted alike by what is left of :math:`p`. Feet that stand apart turn the body
by driving and braking rather than by twisting on the floor. Similar to the smooth transition of Ren, Jones & Howard
(2008), doi:10.1016/j.jbiomech.2008.06.001.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.synthesis.sole import SIDES
from gaitbook.synthesis.stride_plan import StridePlan, smooth_step

Array = NDArray[np.float64]

RAMP: Final = 0.35
"""Share of double support in which a foot may go from nothing to all."""
TWIST_LEVER_M: Final = 0.05
"""Distance of the feet at which half of what turns the body is done by driving and braking."""
LEAST_SHARE_OF_WEIGHT: Final = 0.05
"""Below this share of body weight the center of pressure says nothing: it is put where it was planned."""


@dataclass(frozen=True)
class FootForces:
    """What each foot carries.

    ``force`` (time, foot, axis), N; ``pressure`` (time, foot, axis), m, NaN without contact; ``free_moment``
    (time, foot), N m; ``in_contact`` (time, foot); ``shift`` (time,), m, how far the pressure is from its plan.
    """

    force: Array
    pressure: Array
    free_moment: Array
    in_contact: NDArray[np.bool_]
    shift: Array


def share_between_feet(
    plan: StridePlan, phase: Array, planned: Array, *, force: Array, moment: Array, weight_n: float
) -> FootForces:
    """Force on each foot.

    Parameters
    ----------
    plan
        The stride.
    phase
        (time,), strides.
    planned
        Planned centers of pressure of both feet (time, foot, axis), m, in the frame of the moment.
    force, moment
        Of both feet together, N, and about the origin, N m, (time, axis).
    weight_n
        Body weight.
    """
    down = plan.is_down(phase)
    carried = force[:, 1] > LEAST_SHARE_OF_WEIGHT * weight_n
    share = plan.load_share(phase)
    target = (planned * share[..., None]).sum(axis=1)
    total = _pressure(force, moment, carried, target)
    share = _shares(plan, phase, share, planned, total)
    shift = total - (planned * share[..., None]).sum(axis=1)
    shift[~down.any(axis=1)] = 0.0
    point = planned + shift[:, None]
    feet = _against_turning(_forces(plan, phase, share, force, weight_n), share, point, moment)
    free = np.where(carried, _left_to_turn(feet, point, moment), 0.0)
    return FootForces(
        force=np.where(down[..., None], feet, 0.0),
        pressure=np.where(down[..., None], point, np.nan),
        free_moment=free[:, None] * share,
        in_contact=down,
        shift=np.linalg.norm(shift, axis=1),
    )


def _left_to_turn(feet: Array, point: Array, moment: Array) -> Array:
    return np.asarray(moment[:, 1] - np.cross(point, feet)[..., 1].sum(axis=1))


def _against_turning(feet: Array, share: Array, point: Array, moment: Array) -> Array:
    """Forces of which one foot drives as much more as the other brakes more, so that the feet need not twist."""
    apart = point[:, 0, 2] - point[:, 1, 2]
    both = 4.0 * share[:, 0] * share[:, 1]
    drive = both * _left_to_turn(feet, point, moment) * apart / (apart**2 + TWIST_LEVER_M**2)
    changed = feet.copy()
    changed[:, 0, 0] += drive
    changed[:, 1, 0] -= drive
    return changed


def _pressure(force: Array, moment: Array, carried: NDArray[np.bool_], target: Array) -> Array:
    upward = np.where(carried, force[:, 1], 1.0)
    point = np.stack([moment[:, 2] / upward, np.zeros(len(force)), -moment[:, 0] / upward], axis=-1)
    return np.where(carried[:, None], point, target)


def _shares(plan: StridePlan, phase: Array, share: Array, planned: Array, total: Array) -> Array:
    """Shares of the vertical force: along the line between the feet, held to the ramps of contact."""
    both = plan.is_down(phase).all(axis=1)
    if not both.any():
        return share
    line = planned[both, 0] - planned[both, 1]
    along = ((total[both] - planned[both, 1]) * line).sum(axis=1) / (line**2).sum(axis=1)
    passed = plan.stance_phase(phase)[both] * plan.stance
    left = plan.stance - passed
    length = np.minimum(passed[:, 0], passed[:, 1]) + np.minimum(left[:, 0], left[:, 1])
    rising = smooth_step(passed[:, 0] / length / RAMP), smooth_step(left[:, 0] / length / RAMP)
    other = smooth_step(passed[:, 1] / length / RAMP), smooth_step(left[:, 1] / length / RAMP)
    most, least = np.minimum(*rising), 1.0 - np.minimum(*other)
    right = np.clip(along, np.minimum(least, most), most)
    shared = share.copy()
    shared[both] = np.stack([right, 1.0 - right], axis=-1)
    return shared


def _forces(plan: StridePlan, phase: Array, share: Array, force: Array, weight_n: float) -> Array:
    vertical = share * force[:, 1:2]
    stance = np.clip(plan.stance_phase(phase), 0.0, 1.0)
    forward = np.interp(stance, plan.stance_grid, plan.fore_aft)
    outward = np.interp(stance, plan.stance_grid, plan.lateral) * SIDES
    factor = share * weight_n if plan.is_run else vertical
    feet = np.stack([forward * factor, vertical, outward * factor], axis=-1)
    return np.asarray(feet + share[..., None] * (force - feet.sum(axis=1))[:, None])
