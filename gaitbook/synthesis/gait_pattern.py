"""How a person moves at a speed: stride time, contact time and the shape of the ground force.

The shapes are spline weights (see `gaitbook.synthesis.step_forces`) in body weights. Those of running are the
means over 20 runners of the public treadmill data set of Fukuchi et al. (2017) and straight lines in speed; those
of walking draw the two humps with the peaks and the valley that adults show. A seed makes a person: everybody
has a stride time, a duty, a strike, a skew of force and an asymmetry of their own, kept at every speed.

References
----------
Fukuchi, R. K., Fukuchi, C. A. & Duarte, M. (2017). A public dataset of running biomechanics and the effects of
running speed on lower extremity kinematics and kinetics. PeerJ 5, e3298. https://doi.org/10.7717/peerj.3298
"""

from dataclasses import dataclass

import numpy as np

from gaitbook.synthesis.step_forces import WEIGHT_CENTER, Array, mean_weight

FASTEST_WALK_MPS = 2.0
SPEED_RANGE_MPS = (0.6, 6.5)

# Rows fore-aft, vertical, mediolateral of the right foot; columns the eleven weights; unit body weight.
RUNNING_SPEED_MPS = 3.5
RUNNING = np.array(
    [
        [-0.045, -0.105, -0.233, -0.402, -0.163, 0.041, 0.178, 0.377, 0.235, 0.089, 0.037],
        [0.244, 0.861, 1.942, 2.085, 2.572, 2.517, 1.915, 1.481, 0.486, 0.117, 0.070],
        [-0.052, -0.119, 0.072, -0.014, -0.103, -0.049, -0.039, 0.028, 0.021, 0.003, 0.004],
    ]
)
RUNNING_PER_MPS = np.array(
    [
        [-0.036, -0.089, -0.042, -0.098, -0.068, 0.022, 0.045, 0.110, 0.091, 0.021, 0.008],
        [0.016, 0.105, 0.293, 0.085, 0.170, 0.250, 0.192, 0.252, 0.064, 0.011, 0.015],
        [-0.016, -0.049, 0.022, 0.059, -0.018, 0.005, 0.026, -0.001, 0.023, 0.0, -0.003],
    ]
)
WALKING_SPEED_MPS = 1.4
WALKING = np.array(
    [
        [-0.03, -0.12, -0.205, -0.195, -0.125, -0.02, 0.085, 0.175, 0.205, 0.175, 0.075],
        [0.20, 0.64, 1.15, 1.19, 0.90, 0.70, 0.87, 1.10, 1.08, 0.56, 0.18],
        [0.01, 0.01, -0.04, -0.06, -0.05, -0.04, -0.045, -0.05, -0.055, -0.03, -0.01],
    ]
)
WALKING_PER_MPS = np.array(
    [
        [-0.02, -0.08, -0.13, -0.13, -0.09, -0.02, 0.05, 0.11, 0.13, 0.11, 0.05],
        [0.06, 0.26, 0.45, 0.25, -0.16, -0.40, -0.28, 0.00, 0.20, 0.08, 0.02],
        np.zeros(11),
    ]
)
LEAST_VERTICAL_WEIGHT = 0.01
IMPACT = np.exp(-(((WEIGHT_CENTER - 0.13) / 0.06) ** 2))


@dataclass(frozen=True)
class Person:
    """What makes one simulated person different from another."""

    mass_kg: float
    height_m: float
    stride_factor: float
    """Stride time relative to the mean of people at this speed."""
    contact_factor: float
    strike_pitch_rad: float
    """Pitch of the foot at strike, toes up positive: rearfoot strikers above zero."""
    impact: float
    """Relative size of the force peak after strike."""
    skew: float
    asymmetry: Array
    """Right minus left, relative: impulse, contact time, step time."""
    step_width_m: float
    trunk_sway_m: Array
    """(axis,) amplitude of the trunk's own motion over the pelvis."""
    marker_shift_m: Array
    """(marker, axis) placement of markers."""


@dataclass(frozen=True)
class GaitPattern:
    """Timing and force of one steady stride."""

    stride_s: float
    strike_s: Array
    """(foot,) strike after the start of the stride; right foot first."""
    contact_s: Array
    """(foot,)"""
    weight_n: Array
    """(foot, axis, weight)"""
    running: bool


def draw_person(*, mass_kg: float, height_m: float, marker_count: int, seed: int) -> Person:
    """Person of a seed; the same at every speed."""
    rng = np.random.default_rng(seed)
    strike_pitch_rad = float(np.clip(rng.normal(0.18, 0.16), -0.25, 0.42))
    return Person(
        mass_kg=mass_kg,
        height_m=height_m,
        stride_factor=float(np.exp(rng.normal(0.0, 0.05))),
        contact_factor=float(np.exp(rng.normal(0.0, 0.06))),
        strike_pitch_rad=strike_pitch_rad,
        # Rearfoot strikers hit harder, but not all of them alike: half of the impact can be read from the foot.
        impact=float(np.clip(0.8 * (strike_pitch_rad - 0.18) + rng.normal(0.0, 0.1), -0.3, 0.4)),
        skew=float(rng.normal(0.0, 0.12)),
        asymmetry=np.asarray(rng.normal(0.0, [0.015, 0.015, 0.008])),
        step_width_m=float(np.clip(rng.normal(0.0, 0.02), -0.04, 0.05)),
        trunk_sway_m=np.asarray(rng.normal(0.0, [0.004, 0.0015, 0.006])),
        marker_shift_m=np.asarray(rng.normal(0.0, 0.005, (marker_count, 3))),
    )


def make_pattern(person: Person, *, speed_mps: float, gravity_mps2: float) -> GaitPattern:
    """Steady stride of a person at a speed.

    The mean vertical force over the stride equals body weight and both horizontal means are zero, exactly.
    """
    running = speed_mps > FASTEST_WALK_MPS
    stride_s, contact_s = _stride_times(person, speed_mps, running=running)
    sign = np.array([0.5, -0.5])
    contacts_s = contact_s * (1.0 + sign * person.asymmetry[1])
    weight = np.stack([_shape(person, speed_mps, running=running)] * 2)
    weight[1, 2] *= -1.0
    weight *= (1.0 + sign * person.asymmetry[0])[:, None, None]
    impulse_s = np.einsum("f,fa->a", contacts_s, mean_weight(weight))
    vertical = weight[:, 1:2] * (stride_s / impulse_s[1])
    # Lean the vertical force by a constant angle so that the horizontal impulses of the stride vanish.
    weight = weight - vertical * (impulse_s / stride_s)[None, :, None]
    weight[:, 1:2] = vertical
    return GaitPattern(
        stride_s=stride_s,
        strike_s=stride_s * np.array([0.0, 0.5 + person.asymmetry[2]]),
        contact_s=contacts_s,
        weight_n=weight * person.mass_kg * gravity_mps2,
        running=running,
    )


def _stride_times(person: Person, speed_mps: float, *, running: bool) -> tuple[float, float]:
    """Stride and contact time, s: fits to the same 20 runners; walking on a treadmill by stature and speed."""
    if running:
        stride_s = person.stride_factor / (1.11 + 0.09 * speed_mps)
        return stride_s, min(0.504 * speed_mps**-0.569 * person.contact_factor, 0.46 * stride_s)
    step_length_m = np.exp(-0.907 + 0.554 * np.log(speed_mps) + 0.602 * np.log(person.height_m))
    stride_s = float(2.0 * step_length_m / speed_mps * person.stride_factor)
    duty = (0.71 - 0.06 * speed_mps) * person.contact_factor**0.3
    return stride_s, stride_s * float(np.clip(duty, 0.56, 0.75))


def _shape(person: Person, speed_mps: float, *, running: bool) -> Array:
    base, slope, at_mps = (
        (RUNNING, RUNNING_PER_MPS, RUNNING_SPEED_MPS)
        if running
        else (WALKING, WALKING_PER_MPS, WALKING_SPEED_MPS)
    )
    weight = base + slope * (speed_mps - at_mps)
    gain = np.exp(person.impact * IMPACT + person.skew * (0.5 - WEIGHT_CENTER))
    vertical = np.maximum(weight[1], LEAST_VERTICAL_WEIGHT) * gain
    return np.stack([weight[0] * gain, vertical, weight[2]])
