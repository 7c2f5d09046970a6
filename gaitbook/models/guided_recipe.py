r"""GaitDynamics' recipe for gait that was never recorded, on strides: what is to change is clamped, the rest is guided.

Fifty implicit steps from noise. Before each, five steps against the gradient, through the network, of

.. math:: \sum \max(0, |\hat x_0 - x_\mathrm{own}| - \tau),

with :math:`\tau` a share of the range of each channel of the motion (force and speed are not followed); after each,
the clamped numbers are put back, as noisy as the rest is. One draw takes 300 passes forward and 250 backward.

References
----------
Tan et al. (2026), doi:10.1038/s41551-025-01565-8, and its public code.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from gaitbook.models.families import path
from gaitbook.models.stride_model import StrideModel

STEPS: Final = 50
INNER_STEPS: Final = 5
RATE: Final = 0.02
"""Step against the gradient, in channels that are scaled to a range of twenty."""
WHOLE_RANGE: Final = 20.0
RIDGE: Final = 1e-2
CLAMP_RIDGE: Final = 1e-4


@dataclass(frozen=True)
class Followed:
    """What is followed: samples of motion as a linear function of a row, and the range of each.

    Parameters
    ----------
    from_row
        (sample, number).
    range
        (sample,), least to greatest value in training.
    """

    from_row: Tensor
    range: Tensor


def guided_strides(
    model: StrideModel,
    own: Tensor,
    target: Tensor,
    clamped: Tensor,
    followed: Followed,
    *,
    threshold: float,
    noise: Tensor,
) -> Tensor:
    """Strides with clamped numbers that otherwise keep near the person's own.

    Parameters
    ----------
    model
        Draws whole strides and is told nothing.
    own
        (number,), the person's own stride, without gaps.
    target
        (number,), of which the clamped numbers count.
    clamped
        (number,), which these are.
    followed
        What is to keep near the own stride.
    threshold
        How near, a share of the range.
    noise
        (draw, score), standard normal.

    Returns
    -------
    torch.Tensor
        (draw, number).
    """
    columns = model.axes.axes * model.deviation
    scale = WHOLE_RANGE / followed.range
    to_features = scale[:, None] * (followed.from_row @ columns)
    wanted = scale * (followed.from_row @ (own - model.axes.mean))
    step = _gradient_step(to_features)
    put_back = _Clamp(columns[clamped], (target - model.axes.mean)[clamped])
    told = torch.zeros(len(noise), model.network.size.told)
    nothing = torch.zeros_like(noise)
    random = torch.Generator().manual_seed(int(noise[0, 0].abs() * 1e6))
    levels = torch.linspace(0.0, 1.0, STEPS + 1)
    state = noise

    def estimate(scores: Tensor, level: Tensor) -> Tensor:
        found: Tensor = model.network(scores, nothing, told, level.expand(len(scores)))
        return found

    for now, then in pairwise(levels):
        for _ in range(INNER_STEPS):
            free = state.detach().requires_grad_(True)
            away = (estimate(free, now) @ to_features.T - wanted).abs() - threshold * WHOLE_RANGE
            (slope,) = torch.autograd.grad(torch.relu(away).sum(), free)
            state = free.detach() - RATE * slope @ step
        state = _implicit_step(state, estimate(state, now).detach(), now, then)
        signal, share = path("diffusion", then)
        state = put_back(state, signal, share * torch.randn(state.shape, generator=random))
    return model.axes.mean + state @ columns.T


class _Clamp:
    """The least change of the scores that gives the clamped numbers their values."""

    def __init__(self, columns: Tensor, values: Tensor) -> None:
        self.columns, self.values = columns, values
        square = columns.T @ columns
        ridge = CLAMP_RIDGE * square.diagonal().mean() * torch.eye(len(square))
        self.back = torch.linalg.solve(square + ridge, columns.T)

    def __call__(self, state: Tensor, signal: Tensor, noise: Tensor) -> Tensor:
        wanted = signal * self.values + noise @ self.columns.T
        return state + (wanted - state @ self.columns.T) @ self.back.T


def _gradient_step(to_features: Tensor) -> Tensor:
    """Step of the scores for a slope in them, so that features move as if they were descended along themselves."""
    square = to_features.T @ to_features
    return torch.linalg.inv(square + RIDGE * square.diagonal().mean() * torch.eye(len(square)))


@torch.no_grad()
def _implicit_step(state: Tensor, clean: Tensor, now: Tensor, then: Tensor) -> Tensor:
    (signal, away), (signal_then, away_then) = path("diffusion", now), path("diffusion", then)
    return signal_then * clean + away_then * (state - signal * clean) / away
