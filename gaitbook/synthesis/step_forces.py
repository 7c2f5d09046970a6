r"""Ground force of a sequence of steps and the motion it causes, both in closed form.

Every contact is a cubic B-spline over its duration: with normalized time :math:`u = (t - s_k) / c_k` (strike
:math:`s_k`, contact time :math:`c_k`) the force is :math:`F_k(t) = \sum_j w_{kj} B_j(u)` and vanishes outside
:math:`[0, 1]`. The weights have the size of the force near their knot, so nonnegative vertical weights cannot pull.
A spline integrates exactly, hence the center of mass does too, without a step size:
:math:`m\,r(t) = \sum_k c_k^2 \sum_j w_{kj} \iint B_j - \tfrac12 m g t^2 + m v_0 t + m r_0`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

KNOTS = np.concatenate([np.zeros(3), np.linspace(0.0, 1.0, 11), np.ones(3)])
WEIGHT_COUNT = 11
"""Weights of a contact; the two end splines are left out, so that force starts and ends at zero."""
WEIGHT_CENTER = np.array([1 / 30, *np.linspace(0.1, 0.9, 9), 29 / 30])
"""Normalized contact time at which each weight acts."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """Contacts in order of strike, of both feet."""

    strike_s: Array
    """(step,) time of strike, s."""
    contact_s: Array
    """(step,) duration of contact, s."""
    foot: NDArray[np.int64]
    """(step,) 0 right, 1 left."""
    weight_n: Array
    """(step, axis, weight) spline weights of the force on the person, N."""

    @property
    def toe_off_s(self) -> Array:
        """(step,) time of toe-off, s."""
        return self.strike_s + self.contact_s


def mean_weight(weight: Array) -> Array:
    """Mean of the force over its contact, from weights along the last dimension."""
    return weight @ _basis(np.array([1.0]), integrals=1)[0]


def evaluate_force(steps: Steps, time_s: Array) -> Array:
    """Force of each foot on the person.

    Parameters
    ----------
    steps
        Contacts of both feet.
    time_s
        (time,), s.

    Returns
    -------
    numpy.ndarray
        (time, foot, axis), N; exactly zero outside contact.
    """
    force = np.zeros((time_s.size, 2, 3))
    for strike_s, contact_s, foot, weight_n in zip(
        steps.strike_s, steps.contact_s, steps.foot, steps.weight_n, strict=True
    ):
        during = (time_s >= strike_s) & (time_s <= strike_s + contact_s)
        force[during, foot] += _basis((time_s[during] - strike_s) / contact_s) @ weight_n.T
    return force


def integrate_force(steps: Steps, time_s: Array) -> Array:
    """Exact double integral of the total force over time, from rest at the first strike.

    Parameters
    ----------
    steps
        Contacts of both feet.
    time_s
        (time,), s.

    Returns
    -------
    numpy.ndarray
        (time, axis), N s² = kg m; divide by body mass for the displacement.
    """
    return np.einsum("tkj,kaj->ta", _responses(steps, time_s), steps.weight_n)


def balance_steps(steps: Steps, time_s: Array, shortfall: Array, *, adjustable: NDArray[np.bool_]) -> Steps:
    r"""Steps adjusted as little as possible so that the double integral of force grows by `shortfall`.

    Each adjustable contact may scale and skew its vertical force, :math:`w \to w (1 + \alpha + \beta (½ - u))`,
    and lean it along the two other axes; the least sum of squares of the adjustments is taken.

    Parameters
    ----------
    steps
        Contacts to adjust.
    time_s
        (time,) instants at which the body must be back in place, s.
    shortfall
        (time, axis) change of the double integral of force, N s².
    adjustable
        (step,) contacts that may change.

    Returns
    -------
    Steps
        The same strikes and contacts with other weights.
    """
    vertical = steps.weight_n[:, 1] * adjustable[:, None]
    shapes = np.stack([vertical, vertical * (0.5 - WEIGHT_CENTER)])
    effect = np.einsum("tkj,skj->tsk", _responses(steps, time_s), shapes)
    adjustment = np.linalg.lstsq(effect.reshape(time_s.size, -1), shortfall, rcond=None)[0]
    change = np.einsum("ska,skj->kaj", adjustment.reshape(2, -1, 3), shapes)
    return replace(steps, weight_n=steps.weight_n + change)


def _responses(steps: Steps, time_s: Array) -> Array:
    """(time, step, weight) double integral of each spline of each contact."""
    u = np.maximum((time_s[:, None] - steps.strike_s) / steps.contact_s, 0.0)
    within = np.minimum(u, 1.0)
    coasting = (u - within)[..., None] * _basis(np.array([1.0]), integrals=1)[0]
    return (_basis(within, integrals=2) + coasting) * steps.contact_s[:, None] ** 2


def _basis(u: Array, *, integrals: int = 0) -> Array:
    from scipy.interpolate import BSpline

    splines = BSpline(KNOTS, np.eye(WEIGHT_COUNT + 2)[:, 1:-1], 3)
    return np.asarray((splines.antiderivative(integrals) if integrals else splines)(u))
