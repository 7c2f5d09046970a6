r"""Ways to draw what is not known, given what is: five families that share one network and one training.

``flow``
    Rectified flow that estimates the clean window: :math:`x_t = t x + (1 - t) \epsilon`, Euler steps from noise.
``velocity``
    The same path; the network estimates its velocity :math:`x - \epsilon`.
``diffusion``
    Variance-preserving path :math:`x_t = \sin(\pi t/2) x + \cos(\pi t/2) \epsilon`, clean window estimated, DDIM steps.
``gaussian``
    One pass: a mean and a spread for every number, drawn independently.
``scoring``
    One pass from noise to a draw, trained by the energy score of two draws.

Noise is smooth in time (`smooth_noise`): what has to be drawn is, and a token of a few frames has no room to tell white
noise apart from what it stands for.

References
----------
Liu (2023), Flow straight and fast, arXiv:2209.03003. Song (2021), Denoising diffusion implicit models,
arXiv:2010.02502. Gneiting and Raftery (2007), doi:10.1198/016214506000001437.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Batch:
    """Windows to learn from, in standard scores.

    Parameters
    ----------
    states
        (window, time, state), zero where not recorded.
    recorded
        Where they are recorded, as numbers.
    given, known
        (window, time, given): what the network may see, and where.
    person
        (window, number), NaN where not known.
    """

    states: Tensor
    recorded: Tensor
    given: Tensor
    known: Tensor
    person: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(*(each.to(device, non_blocking=True) for each in vars(self).values()))


Estimate = Callable[[Tensor, Tensor], Tensor]
"""What a network makes of noisy states and their level, everything else being fixed."""
FAMILIES: Final = ("flow", "velocity", "diffusion", "gaussian", "scoring")
KNOWN_WEIGHT: Final = 0.1
"""Weight of numbers that the network is given anyway, against those that it has to find."""
SMOOTHNESS_FRAMES: Final = 2.5
"""Standard deviation of the kernel that smooths noise: at 100 Hz half of the power of what comes out is below 3 Hz."""


def smooth_noise(*shape: int, random: torch.Generator | None = None) -> Tensor:
    """Standard normal numbers (..., time, state), smooth in time and alike at all times.

    Parameters
    ----------
    shape
        Of the result.
    random
        Where they come from.
    """
    reach = math.ceil(4 * SMOOTHNESS_FRAMES)
    place = torch.arange(-reach, reach + 1)
    kernel = torch.exp(-0.5 * (place / SMOOTHNESS_FRAMES) ** 2)
    *many, frames, states = shape
    white = torch.randn(math.prod(many) * states, 1, frames + 2 * reach, generator=random)
    smooth = functional.conv1d(white, (kernel / kernel.norm())[None, None])
    return smooth.reshape(*many, states, frames).transpose(-1, -2).contiguous()


def training_loss(
    family: str, estimate: Estimate, batch: Batch, weight: Tensor, random: Tensor, level: Tensor
) -> Tensor:
    """Loss of a batch.

    Parameters
    ----------
    family
        One of `FAMILIES`.
    estimate
        The network with what it is given.
    batch
        Windows.
    weight
        (state,), how much each number counts.
    random
        Standard normal numbers, (window, time, state), or twice as many in the last dim for ``"scoring"``.
    level
        (window,), uniform numbers.
    """
    known = batch.known[..., : batch.states.shape[-1]]
    counts = batch.recorded * torch.where(known > 0, KNOWN_WEIGHT, 1.0) * weight
    clean = batch.states
    if family == "gaussian":
        mean, spread = estimate(torch.zeros_like(clean), torch.zeros_like(level)).unbind(dim=-1)
        deviation = functional.softplus(spread) + 1e-3
        return _mean(0.5 * ((clean - mean) / deviation) ** 2 + deviation.log(), counts)
    if family == "scoring":
        zero = torch.zeros_like(level)
        one, two = (estimate(noise, zero) for noise in random.chunk(2, dim=-1))
        return _energy(clean, one, two, counts)
    signal, noise = path(family, level[:, None, None])
    answer = estimate(signal * clean + noise * random, level)
    target = clean - random if family == "velocity" else clean
    return _mean((answer - target) ** 2, counts)


def path(family: str, level: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of clean window and noise at a level, from 0 (all noise) to 1 (none)."""
    if family == "diffusion":
        return torch.sin(0.5 * math.pi * level), torch.cos(0.5 * math.pi * level)
    return level, 1.0 - level


@torch.no_grad()
def draw(family: str, estimate: Estimate, noise: Tensor, steps: int) -> Tensor:
    """Windows drawn from noise (window, time, state), deterministic given the noise.

    Parameters
    ----------
    family
        One of `FAMILIES`.
    estimate
        The network with what it is given.
    noise
        Standard normal numbers.
    steps
        Passes through the network; families of one pass take one.
    """
    zero = noise.new_zeros(len(noise))
    if family == "gaussian":
        mean, spread = estimate(torch.zeros_like(noise), zero).unbind(dim=-1)
        return mean + (functional.softplus(spread) + 1e-3) * noise
    if family == "scoring":
        return estimate(noise, zero)
    levels = torch.linspace(0.0, 1.0, steps + 1)
    state = noise
    for now, then in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True):
        answer = estimate(state, zero + now)
        if family == "velocity":
            state = state + (then - now) * answer
            continue
        signal, away = path(family, torch.tensor(now))
        signal_then, away_then = path(family, torch.tensor(then))
        state = signal_then * answer + away_then * (state - signal * answer) / away
    return state


def _mean(loss: Tensor, counts: Tensor) -> Tensor:
    return (loss * counts).sum() / counts.sum().clamp(min=1.0)


def _energy(clean: Tensor, one: Tensor, two: Tensor, counts: Tensor) -> Tensor:
    """Energy score by patches of windows plus that of every single number: (|a - x| + |b - x| - |a - b|) / 2."""
    share = counts / counts.sum(dim=(1, 2), keepdim=True).clamp(min=1e-6)

    def far(first: Tensor, second: Tensor) -> Tensor:
        return torch.sqrt(((first - second) ** 2 * share).sum(dim=(1, 2)) + 1e-6)

    whole = (far(one, clean) + far(two, clean) - far(one, two)).mean()
    single = _mean((one - clean).abs() + (two - clean).abs() - (one - two).abs(), counts)
    return 0.5 * (whole + single)
