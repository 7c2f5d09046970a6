"""Derivatives in time by finite differences of sixth order, of lower order at both ends.

In the middle of a trial seven neighbors give the value of the first and the second derivative of the polynomial
through them. Toward an end fewer are used, the first and the last two frames sharing four: a high order off its middle
would multiply noise (and the rounding of single precision) a hundredfold. Noise is amplified everywhere: filter before.
"""

from functools import cache
from math import factorial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NEIGHBORS = 7
REACH = NEIGHBORS // 2
USED_AT_END = (4, 4, 5)
"""Points that the first, second and third frame of a trial (and the last ones) make do with."""


def time_derivatives(values: Tensor, sampling_rate_hz: float, *, dim: int) -> tuple[Tensor, Tensor]:
    """First and second derivative along time, of the shape of ``values``.

    Parameters
    ----------
    values
        Evenly sampled along ``dim``.
    sampling_rate_hz
        Frames per second.
    dim
        Dimension of time.

    Raises
    ------
    ValueError
        Fewer than seven frames.
    """
    if values.shape[dim] < NEIGHBORS:
        raise ValueError(
            f"{values.shape[dim]} frame(s) are too few for derivatives in time: {NEIGHBORS} are needed"
        )
    first = _difference(values, 1, dim) * sampling_rate_hz
    second = _difference(values, 2, dim) * sampling_rate_hz**2
    return first, second


def _difference(values: Tensor, order: int, dim: int) -> Tensor:
    weights = _weights(order)
    inner = values.shape[dim] - 2 * REACH
    middle = sum(
        float(weight) * values.narrow(dim, shift, inner)
        for shift, weight in enumerate(weights[REACH])
        if weight
    )
    start = _off_middle(values.narrow(dim, 0, NEIGHBORS), weights[:REACH], dim)
    end = _off_middle(values.narrow(dim, values.shape[dim] - NEIGHBORS, NEIGHBORS), weights[-REACH:], dim)
    return torch.cat([start, torch.as_tensor(middle), end], dim=dim)


def _off_middle(values: Tensor, weights: NDArray[np.float64], dim: int) -> Tensor:
    table = torch.as_tensor(weights, dtype=values.dtype, device=values.device)
    return torch.tensordot(table, values.movedim(dim, 0), dims=1).movedim(0, dim)


@cache
def _weights(order: int) -> NDArray[np.float64]:
    """Weights (at, of) of seven neighbors for the derivative at each of them, per unit step."""
    table = np.zeros((NEIGHBORS, NEIGHBORS))
    table[REACH] = _weights_at(order, REACH, NEIGHBORS)
    for place, used in enumerate(USED_AT_END):
        start = _weights_at(order, place, used)
        table[place, :used] = start
        table[-1 - place, NEIGHBORS - used :] = start[::-1] * (-1) ** order
    return table


def _weights_at(order: int, place: int, used: int) -> NDArray[np.float64]:
    """Derivative at one place of the polynomial through the first ``used`` points, as weights of these."""
    powers = (np.arange(used, dtype=float) - place)[:, None] ** np.arange(used)
    weights = factorial(order) * np.linalg.inv(powers)[order]
    weights[np.abs(weights) < 1e-12] = 0.0  # noqa: PLR2004 - rounding of the inverse, not a weight
    return np.asarray(weights)
