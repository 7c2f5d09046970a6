"""The steps of a trial: one steady stride repeated, varied from step to step, and kept in balance.

A steady gait stays in place on its belt because the forces of a stride have the right means. Varied steps would drift
away; as people do, they are adjusted so that the body is back in its steady place at every strike.
"""

from dataclasses import dataclass, replace

import numpy as np

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.synthesis.gait_pattern import GaitPattern
from gaitbook.synthesis.step_forces import Array, Steps, balance_steps, integrate_force

STEADY_STEPS = 3
"""First steps, before the trial starts, that stay unvaried: the steady solution starts from them."""
STEP_TIME_VARIATION, CONTACT_TIME_VARIATION, FORCE_VARIATION = 0.009, 0.02, 0.04
"""Relative standard deviation from step to step, of the size that runners show on a treadmill."""
STRIDES_BEFORE, STRIDES_AFTER = 2.0, 2


@dataclass(frozen=True)
class StepSequence:
    """Steps of a trial, beginning at least two strides before it, and the steady gait they vary."""

    steps: Steps
    steady: Steps
    stride_s: float
    mass_kg: float


def draw_steps(
    pattern: GaitPattern, *, mass_kg: float, duration_s: float, variability: float, rng: np.random.Generator
) -> StepSequence:
    """Steps of a trial that lasts from 0 to `duration_s`.

    Parameters
    ----------
    pattern
        The steady stride.
    mass_kg
        Body mass.
    duration_s
        Length of the trial.
    variability
        Scales the differences between steps; zero repeats the steady stride.
    rng
        Draws the phase at which the trial starts, and the differences.
    """
    start_s = -(STRIDES_BEFORE + rng.random()) * pattern.stride_s
    strides = int(np.ceil((duration_s - start_s) / pattern.stride_s)) + STRIDES_AFTER
    starts_s = start_s + pattern.stride_s * np.arange(strides)
    steady = Steps(
        strike_s=(starts_s[:, None] + pattern.strike_s).ravel(),
        contact_s=np.tile(pattern.contact_s, strides),
        foot=np.tile(np.arange(2), strides),
        weight_n=np.tile(pattern.weight_n, (strides, 1, 1)),
    )
    sequence = StepSequence(steady, steady, pattern.stride_s, mass_kg)
    return _vary(sequence, scale=np.where(np.arange(2 * strides) >= STEADY_STEPS, variability, 0.0), rng=rng)


def follow_center_of_mass(sequence: StepSequence, time_s: Array) -> Array:
    """Center of mass under the ground forces and gravity, about its mean over a steady stride.

    Parameters
    ----------
    sequence
        Steps whose start is steady.
    time_s
        (time,), s.

    Returns
    -------
    numpy.ndarray
        (time, axis), m: the exact double integral of force over mass, minus gravity.
    """
    start_s = sequence.steady.strike_s[0]

    def displace(steps: Steps, at_s: Array) -> Array:
        drop_m = 0.5 * GRAVITY_MPS2 * (at_s - start_s) ** 2
        return integrate_force(steps, at_s) / sequence.mass_kg - np.outer(drop_m, [0.0, 1.0, 0.0])

    # Half a stride after the first strike all contacts of the steady gait are there, also in double support.
    stride_s = start_s + sequence.stride_s * (0.5 + np.linspace(0.0, 1.0, 101))
    stride_m = displace(sequence.steady, stride_s)
    velocity_mps = -(stride_m[-1] - stride_m[0]) / sequence.stride_s
    mean_m = (stride_m + np.outer(stride_s - start_s, velocity_mps))[:-1].mean(axis=0)
    return displace(sequence.steps, time_s) + np.outer(time_s - start_s, velocity_mps) - mean_m


def _vary(sequence: StepSequence, *, scale: Array, rng: np.random.Generator) -> StepSequence:
    steady = sequence.steady
    step_s = 0.5 * sequence.stride_s
    steps = replace(
        steady,
        strike_s=steady.strike_s
        + np.cumsum(scale * STEP_TIME_VARIATION * step_s * rng.standard_normal(scale.size)),
        contact_s=steady.contact_s * (1.0 + scale * CONTACT_TIME_VARIATION * rng.standard_normal(scale.size)),
        weight_n=steady.weight_n
        * (1.0 + scale[:, None, None] * FORCE_VARIATION * rng.standard_normal(steady.weight_n.shape)),
    )
    varied = replace(sequence, steps=steps)
    if not scale.any():
        return varied
    wanted_m = follow_center_of_mass(sequence, steady.strike_s[STEADY_STEPS + 1 :])
    strike_s = steps.strike_s[STEADY_STEPS + 1 :]
    shortfall = (wanted_m - follow_center_of_mass(varied, strike_s)) * sequence.mass_kg
    return replace(varied, steps=balance_steps(steps, strike_s, shortfall, adjustable=scale > 0))
