r"""What a stride should be: when and where the feet are down, and which force the ground should give.

The total force of both feet is planned, and how it is shared; the solver (`gaitbook.synthesis.projection`) then finds
the motion nearest to the reference curves that needs such a force. Forces in body weights, phases in strides from the
landing of the right foot.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body_dimensions import body_lengths, leg_length
from gaitbook.synthesis.periodic import fourier_matrix
from gaitbook.synthesis.reference_forces import running_force, walking_force
from gaitbook.synthesis.sole import SIDES, foot_axes, foot_length

Array = NDArray[np.float64]

WALK_RATIO: Final = 0.0058
"""Step length over cadence, m per step/min, of an adult of 1.70 m over ground: an assumption between the 0.0064 that is
often quoted and the 0.0050 to 0.0054 of treadmill walking."""
WALK_RATIO_HEIGHT_M: Final = 1.70
STEP_WIDTH_M: Final = {"walk": 0.10, "run": 0.05}
TOE_OUT_RAD: Final = {"walk": np.deg2rad(6.0), "run": np.deg2rad(7.0)}
FELT_SHARE: Final = 0.85
"""Share of double support in which both feet press with more than some percent of the weight."""
UNFELT_FIRST: Final = 0.25
"""How much of the rest is after landing."""
MOST_GRIP: Final = 0.42
"""Horizontal over vertical force of a runner."""
MOST_ACROSS: Final = 0.05
"""Farthest center of pressure from the axis of a runner's foot, foot lengths."""
FLAT: Final = 0.10
"""Share of stance at which the ball lands, walking."""
LIFT_M: Final = 0.012
"""How far the ball has risen when the toes leave the ground."""


@dataclass(frozen=True)
class StridePlan:
    """One stride as it should be.

    Parameters
    ----------
    gait
        ``"walk"`` or ``"run"``.
    speed_mps, period_s
        Mean speed and duration of the stride.
    strike, stance
        Phase at which each foot lands, and the share of the stride that it stays, (foot,).
    step_width_m, toe_out_rad
        Distance of the heels across, and toe-out of each foot (foot,).
    foot_length_m
        Length of the foot.
    stance_grid
        Shares of stance, of the tables that follow.
    share_rise
        Exponent of the hand-over of load in double support.
    fore_aft, lateral, vertical
        Over stance: force forward and outward, over the vertical force (walking) or in body weights (running, whose
        vertical force is here, too).
    total_vertical
        Fourier coefficients of the vertical force of both feet (walking), body weights.
    pressure_along, pressure_across
        Center of pressure from the end of the heel along and outward across the foot, foot lengths.
    heel_off, ball_on
        Shares of stance at which the heel leaves and the ball reaches the ground.
    """

    gait: str
    speed_mps: float
    period_s: float
    strike: Array
    stance: Array
    step_width_m: float
    toe_out_rad: Array
    foot_length_m: float
    stance_grid: Array
    fore_aft: Array
    lateral: Array
    vertical: Array
    total_vertical: Array
    pressure_along: Array
    pressure_across: Array
    heel_off: float
    ball_on: float
    share_rise: float = 0.85

    @property
    def is_run(self) -> bool:
        """Whether there is flight."""
        return self.gait == "run"

    @property
    def stride_length_m(self) -> float:
        """Distance from landing to landing of a foot."""
        return self.speed_mps * self.period_s

    def since_strike(self, phase: Array) -> Array:
        """Phase since the last landing of each foot, or until the next (negative) when that is near, (time, foot)."""
        return (phase[:, None] - self.strike + 0.2) % 1.0 - 0.2

    def stance_phase(self, phase: Array) -> Array:
        """Share of stance that is over, (time, foot); outside 0 to 1 the foot is in the air."""
        return self.since_strike(phase) / self.stance

    def is_down(self, phase: Array) -> NDArray[np.bool_]:
        """Whether each foot is on the ground, (time, foot)."""
        stance = self.stance_phase(phase)
        return (stance >= 0.0) & (stance < 1.0)

    def load_share(self, phase: Array) -> Array:
        """Share of the vertical force that each foot should carry, (time, foot); in flight both are zero."""
        down = self.is_down(phase)
        if self.is_run:
            return down.astype(float)
        passed = np.where(down, self.stance_phase(phase) * self.stance, 0.0)
        both = down.all(axis=1)
        front = np.argmin(passed, axis=1)
        # double support lasts until the rear foot leaves
        rows = np.arange(len(phase))
        left = self.stance[1 - front] - passed[rows, 1 - front]
        progress = passed[rows, front] / np.maximum(passed[rows, front] + left, 1e-9)
        held = progress**self.share_rise
        rising = held**2 * (3.0 - 2.0 * held)
        share = down.astype(float)
        share[both] = 1.0 - rising[both, None]
        share[rows[both], front[both]] = rising[both]
        return share

    def force(self, phase: Array) -> Array:
        """Planned force of both feet, body weights, (time, axis)."""
        stance = np.clip(self.stance_phase(phase), 0.0, 1.0)
        share = self.load_share(phase)
        fore_aft, lateral = self._over_stance(self.fore_aft, stance), self._over_stance(self.lateral, stance)
        if self.is_run:
            vertical = self._over_stance(self.vertical, stance) * share
            forward, outward = fore_aft * share, lateral * share
        else:
            harmonics = len(self.total_vertical) // 2
            vertical = (fourier_matrix(phase, harmonics) @ self.total_vertical)[:, None] * share
            forward, outward = fore_aft * vertical, lateral * vertical
        return np.stack([forward.sum(axis=1), vertical.sum(axis=1), (outward * SIDES).sum(axis=1)], axis=-1)

    def heels(self, phase: Array) -> Array:
        """Ends of the heels of feet that lie on the floor, seen from a frame that moves with the mean speed, m.

        (time, foot, axis); the right foot lands at x = 0.
        """
        since = self.since_strike(phase)
        back = -self.stride_length_m * (since + self._place)
        side = np.broadcast_to(0.5 * self.step_width_m * SIDES, since.shape)
        return np.stack([back, np.zeros_like(back), side], axis=-1)

    def pressure(self, phase: Array) -> Array:
        """Planned center of pressure under each foot, in the frame of `heels`, m, (time, foot, axis)."""
        stance = np.clip(self.stance_phase(phase), 0.0, 1.0)
        along, outward = foot_axes(self.toe_out_rad)
        forward = self._over_stance(self.pressure_along, stance)[..., None] * along
        across = self._over_stance(self.pressure_across, stance)[..., None] * outward
        return self.heels(phase) + self.foot_length_m * (forward + across)

    @property
    def _place(self) -> Array:
        # a foot that lands late lands as far ahead of the body as one that lands in time
        return (self.strike - np.array([0.0, 0.5])) * 0.5

    def _over_stance(self, curve: Array, stance: Array) -> Array:
        return np.asarray(np.interp(stance, self.stance_grid, curve))


def plan_walk(*, speed_mps: float, height_m: float, stride_length: float = 1.0) -> StridePlan:
    """Plan of an average adult who walks.

    Parameters
    ----------
    speed_mps, height_m
        Speed and body height.
    stride_length
        Factor on stride length at this speed.
    """
    ratio = WALK_RATIO * height_m / WALK_RATIO_HEIGHT_M
    cadence = np.sqrt(60.0 * speed_mps / ratio)
    speed = dimensionless_speed(speed_mps, height_m)
    force = walking_force(speed)
    # a plate feels a foot some time after it touches, and no more before it leaves
    unfelt = (force.stance_fraction - 0.5) * (1.0 / FELT_SHARE - 1.0)
    before, stance = UNFELT_FIRST * unfelt, force.stance_fraction + unfelt
    return StridePlan(
        gait="walk",
        speed_mps=speed_mps,
        period_s=120.0 / cadence * stride_length,
        strike=np.array([0.0, 0.5]) - before,
        stance=np.full(2, stance),
        step_width_m=STEP_WIDTH_M["walk"],
        toe_out_rad=np.full(2, TOE_OUT_RAD["walk"]),
        foot_length_m=foot_length(height_m),
        stance_grid=(before + force.stance * force.stance_fraction) / stance,
        fore_aft=force.fore_aft_ratio,
        lateral=force.lateral_ratio,
        vertical=np.zeros_like(force.stance),
        total_vertical=force.total_vertical,
        pressure_along=force.pressure_along,
        pressure_across=force.pressure_lateral,
        heel_off=(before + 0.46 - 0.22 * speed) / stance,
        ball_on=FLAT,
    )


def plan_run(*, speed_mps: float, height_m: float, stride_length: float = 1.0) -> StridePlan:
    """Plan of an average adult who runs; parameters as for `plan_walk`."""
    force = running_force(speed_mps)
    first, last = float(force.phase[0]), float(force.phase[-1])
    grid = (force.phase - first) / (last - first)
    plan = StridePlan(
        gait="run",
        speed_mps=speed_mps,
        period_s=force.stride_s * stride_length,
        # the reference lands where the force is felt; it begins a little before
        strike=np.array([first, first + 0.5]),
        stance=np.full(2, (last - first) / stride_length),
        step_width_m=STEP_WIDTH_M["run"],
        toe_out_rad=np.full(2, TOE_OUT_RAD["run"]),
        foot_length_m=foot_length(height_m),
        stance_grid=grid,
        fore_aft=force.force[:, 0],
        lateral=force.force[:, 2],
        vertical=force.force[:, 1],
        total_vertical=np.array([1.0]),
        pressure_along=force.pressure_along,
        # measured pressure starts beside the heel, where the force is too small to tell
        pressure_across=np.clip(force.pressure_lateral, -MOST_ACROSS, MOST_ACROSS),
        heel_off=0.5,
        ball_on=0.15,
    )
    return carry_weight(plan)


def carry_weight(plan: StridePlan) -> StridePlan:
    """Plan whose force carries the body over the stride and neither speeds it up nor turns it aside."""
    phase = np.arange(512) / 512
    if not plan.is_run:
        mean = plan.force(phase).mean(axis=0)
        return replace(plan, fore_aft=plan.fore_aft - mean[0] / mean[1])
    scale = 1.0 / plan.force(phase)[:, 1].mean()
    plan = replace(
        plan, vertical=scale * plan.vertical, fore_aft=scale * plan.fore_aft, lateral=scale * plan.lateral
    )
    forward = plan.force(phase)[:, 0].mean()
    return replace(plan, fore_aft=plan.fore_aft - forward * plan.vertical)


def with_grip(plan: StridePlan) -> StridePlan:
    """Plan of a run whose force friction can give: forward it nears `MOST_GRIP` of the vertical force."""
    ratio = plan.fore_aft / np.maximum(plan.vertical, 1e-9)
    return replace(plan, fore_aft=MOST_GRIP * np.tanh(ratio / MOST_GRIP) * plan.vertical)


def dimensionless_speed(speed_mps: float, height_m: float) -> float:
    """Speed over the square root of gravity times leg length."""
    return float(speed_mps / np.sqrt(GRAVITY_MPS2 * leg_length(body_lengths(height_m))))


def smooth_step(progress: Array) -> Array:
    """From 0 to 1 with two continuous derivatives; beyond both ends constant."""
    held = np.clip(progress, 0.0, 1.0)
    return np.asarray(held**3 * (10.0 - 15.0 * held + 6.0 * held**2))
