"""Derivatives in time by finite differences of sixth order, even at both ends.

Seven neighbors give the value of the first and the second derivative of the polynomial through them; within three
frames of an end the same polynomial is evaluated off its middle. The error is of the order of the seventh power of
the time step; noise is amplified, so filter before.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NEIGHBORS = 7
REACH = NEIGHBORS // 2


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
    """Weights (at, of) of the seven neighbors for the derivative at each of them, per unit step."""
    place = np.arange(NEIGHBORS, dtype=float) - REACH
    powers = place[:, None] ** np.arange(NEIGHBORS)
    derived = np.zeros_like(powers)
    for power in range(order, NEIGHBORS):
        factor = np.prod(np.arange(power - order + 1, power + 1))
        derived[:, power] = factor * place ** (power - order)
    weights = derived @ np.linalg.inv(powers)
    weights[np.abs(weights) < 1e-12] = 0.0  # noqa: PLR2004 - rounding of the inverse, not a weight
    return np.asarray(weights)
