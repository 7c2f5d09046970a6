r"""Motion that is missing, filled: by a constant, along a line or a spline in time, or by drawing it from a diffusion.

The diffusion is that of GaitDynamics: a thousand steps that keep the share :math:`\bar\alpha_t` of the variance, drawn
by deterministic implicit steps, after each of which what is known is put back, as noisy as the rest is.

References
----------
Song et al. (2021), Denoising diffusion implicit models, arXiv:2010.02502. Lugmayr et al. (2022), RePaint,
doi:10.1109/CVPR52688.2022.01117.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from torch import Tensor

Fill = Callable[[Tensor, Tensor], Tensor]
"""Fills windows (window, time, channel), NaN where not known; the second is for channels of which nothing is known."""
DIFFUSION_STEPS: Final = 1000
NOISE_RATES: Final = (1e-4, 2e-2)
"""Share of the variance that the first and the last step replace by noise; between them its root grows evenly."""


def mid_range(sequences: Sequence[Tensor]) -> Tensor:
    """Middle (channel,) between least and greatest value of sequences (time, channel); zero where there is no value."""
    least = torch.stack([each.nan_to_num(torch.inf).amin(dim=0) for each in sequences]).float().amin(dim=0)
    greatest = (
        torch.stack([each.nan_to_num(-torch.inf).amax(dim=0) for each in sequences]).float().amax(dim=0)
    )
    return torch.where(least <= greatest, 0.5 * (least + greatest), 0.0)


def fill_constant(values: Tensor, otherwise: Tensor) -> Tensor:
    """Windows in which all that is not known is the same."""
    return torch.where(torch.isfinite(values), values, otherwise)


def fill_linear(values: Tensor, otherwise: Tensor) -> Tensor:
    """Windows with lines between neighbors in time, and the nearest known value before the first and after the last."""
    frames = values.shape[1]
    known = torch.isfinite(values)
    frame = torch.arange(frames)[:, None].expand_as(values)
    before = torch.where(known, frame, -1).cummax(dim=1).values
    after = torch.where(known, frame, frames).flip(1).cummin(dim=1).values.flip(1)
    first = torch.where(before < 0, after, before).clamp(max=frames - 1)
    last = torch.where(after == frames, before, after).clamp(min=0)
    share = (frame - first) / (last - first).clamp(min=1)
    line = torch.lerp(values.gather(1, first), values.gather(1, last), share.to(values.dtype))
    return torch.where(known, values, torch.where(known.any(dim=1, keepdim=True), line, otherwise))


def fill_spline(values: Tensor, otherwise: Tensor) -> Tensor:
    """Windows with cubic splines through what is known; before the first and after the last known frame, that frame."""
    filled = fill_linear(values, otherwise)
    for window, row in zip(values.numpy(), filled.numpy(), strict=True):
        known = np.isfinite(window)
        for pattern in np.unique(known, axis=1).T:
            frames = np.flatnonzero(pattern)
            if 1 < len(frames) < len(pattern):
                columns = np.flatnonzero((known == pattern[:, None]).all(axis=0))
                inside = np.arange(frames[0], frames[-1] + 1)
                row[np.ix_(inside, columns)] = _spline(frames, window[np.ix_(frames, columns)], inside)
    return filled


FILLINGS: Final[Mapping[str, Fill]] = {
    "mid-range": fill_constant,
    "mean": fill_constant,
    "linear": fill_linear,
    "spline": fill_spline,
}
"""Ways to fill by name; the first is told the middle of each channel's range, the others its mean."""


def kept_variance() -> Tensor:
    """Share (step,) of the variance that is still the window's own after each step of diffusion."""
    first, last = (rate**0.5 for rate in NOISE_RATES)
    replaced = torch.linspace(first, last, DIFFUSION_STEPS, dtype=torch.float64) ** 2
    return torch.cumprod(1.0 - replaced, dim=0).float()


@torch.no_grad()
def draw_with_replacement(
    estimate: Callable[[Tensor, Tensor], Tensor], states: Tensor, known: Tensor, noise: Tensor, steps: int
) -> Tensor:
    """Windows drawn from noise that agree with what is known.

    Parameters
    ----------
    estimate
        Clean windows from noisy ones and their step (window,) of diffusion.
    states
        (window, time, state), standard scores.
    known
        Where they are known.
    noise
        Standard normal numbers to start from; the fresh ones that make the known noisy follow from them.
    steps
        Passes through the network.

    Returns
    -------
    torch.Tensor
        (window, time, state), the known as it was.
    """
    kept = kept_variance().to(noise)
    fresh = _Fresh(noise)
    state = noise
    for now, then in pairwise(torch.linspace(-1, DIFFUSION_STEPS - 1, steps + 1).int().flip(0).tolist()):
        clean = estimate(state, torch.full((len(state),), now, device=state.device))
        if then < 0:
            return torch.where(known, states, clean)
        away = (state - kept[now].sqrt() * clean) / (1 - kept[now]).sqrt()
        drawn = kept[then].sqrt() * clean + (1 - kept[then]).sqrt() * away
        state = torch.where(known, kept[then].sqrt() * states + (1 - kept[then]).sqrt() * fresh(), drawn)
    return state


class _Fresh:
    """New normal numbers at every call, each window's own, so that a draw does not depend on the windows beside it."""

    def __init__(self, noise: Tensor) -> None:
        seeds = noise[:, 0, 0].float().cpu().contiguous().view(torch.int32).tolist()
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.shape, self.like = noise.shape[1:], noise

    def __call__(self) -> Tensor:
        return torch.stack([torch.randn(self.shape, generator=each) for each in self.generators]).to(
            self.like
        )


def _spline(frames: np.ndarray, values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    from scipy.interpolate import CubicSpline

    return CubicSpline(frames, values)(inside)
