"""Training of a network on strides: pairs of own and changed stride, or whole strides with nothing told.

Errors count by what they are in the numbers of a stride, by what they do to the moments at the knee, and by how far
they bring the stride out of balance.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from gaitbook.models.families import path
from gaitbook.models.fitting import Fit, FittingPlan, Loss
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_network import StrideNetwork, StrideSize

RUN: Final = 0
"""Place of the number that tells a run among those of the person."""
OWN_NOISE: Final = 0.3
"""Standard deviation of what is added to the own scores in training: no measurement is exact."""


@dataclass(frozen=True)
class StrideBatch:
    """Scores (stride, score) to find and those of the own strides, what is told (stride, number), and which run."""

    clean: Tensor
    own: Tensor
    told: Tensor
    runs: Tensor

    def to(self, device: torch.device) -> "StrideBatch":
        """The same on a device."""
        return StrideBatch(*(each.to(device) for each in vars(self).values()))


@dataclass(frozen=True)
class StridePairs:
    """Strides to learn from.

    Parameters
    ----------
    scores
        (stride, score).
    person
        (stride, number), who walks and how fast.
    request
        (stride, number), what was asked for beside the speed; zero for the own gait.
    groups
        Pairs (pair, 2) of own and changed stride; every group is drawn from as often as its weight says.
    weights
        Of the groups.
    """

    scores: Tensor
    person: Tensor
    request: Tensor
    groups: tuple[Tensor, ...]
    weights: tuple[float, ...]

    def changes(self) -> Tensor:
        """Changes (pair, score) of all pairs."""
        own, changed = torch.cat(self.groups).unbind(dim=1)
        return self.scores[changed] - self.scores[own]

    def pick(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Numbers of own and changed strides, (pair,) each."""
        which = torch.multinomial(torch.tensor(self.weights), count, replacement=True, generator=random)
        chance = torch.rand(count, generator=random)
        places = torch.stack(
            [
                self.groups[group][int(share * len(self.groups[group]))]
                for group, share in zip(which.tolist(), chance.tolist(), strict=True)
            ]
        )
        return places[:, 0], places[:, 1]


def train_changes(
    pairs: StridePairs,
    axes: StrideAxes,
    metric: Tensor,
    speed_unit: float,
    plan: FittingPlan,
    *,
    size: StrideSize,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[StrideNetwork, Tensor, Fit[StrideNetwork]]:
    """Network that draws changes of a stride.

    Parameters
    ----------
    pairs
        To learn from.
    axes
        Of the scores.
    metric
        (gait, score, score): an error times this, squared, is what is made small; walk, run.
    speed_unit
        Change of the logarithm of speed that counts as one.
    plan, size
        How long, and how large.
    checkpoint, progress
        As for `gaitbook.models.fitting.Fit`.

    Returns
    -------
    tuple
        The network, the deviation (score,) of what it draws, and the finished training.
    """
    deviation, own_deviation = pairs.changes().std(dim=0).clamp(min=1e-3), axes.variance.sqrt()

    def draw(count: int, random: torch.Generator) -> StrideBatch:
        own, changed = pairs.pick(count, random)
        clean = (pairs.scores[changed] - pairs.scores[own]) / deviation
        seen = pairs.scores[own] + OWN_NOISE * torch.randn(clean.shape, generator=random)
        pace = (pairs.person[changed, 1] - pairs.person[own, 1]) / speed_unit
        told = torch.cat([pairs.person[own], pace[:, None], pairs.request[changed]], dim=1)
        return StrideBatch(clean, seen / own_deviation, told, told[:, RUN] > 0)

    fit = Fit(partial(StrideNetwork, size), _loss(deviation, metric, pairs), draw, plan, checkpoint)
    return fit.run(progress=progress), deviation, fit


def train_strides(
    pairs: StridePairs,
    axes: StrideAxes,
    metric: Tensor,
    plan: FittingPlan,
    *,
    size: StrideSize,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[StrideNetwork, Tensor, Fit[StrideNetwork]]:
    """Network of the same size that draws whole strides and is told nothing, as GaitDynamics' is; see `train_changes`.

    It learns from the changed strides of the same pairs.
    """
    deviation = axes.variance.sqrt()

    def draw(count: int, random: torch.Generator) -> StrideBatch:
        _, changed = pairs.pick(count, random)
        clean = pairs.scores[changed] / deviation
        runs = pairs.person[changed, RUN] > 0
        return StrideBatch(clean, torch.zeros_like(clean), torch.zeros(count, size.told), runs)

    fit = Fit(
        partial(StrideNetwork, size), _loss(deviation, metric, pairs, centered=False), draw, plan, checkpoint
    )
    return fit.run(progress=progress), deviation, fit


def _loss(deviation: Tensor, metric: Tensor, pairs: StridePairs, *, centered: bool = True) -> Loss:
    usual = pairs.changes() if centered else pairs.scores
    sample = usual[torch.randperm(len(usual), generator=torch.Generator().manual_seed(0))[:4000]]
    unit = torch.einsum("nk,gkl->gnl", sample, metric).pow(2).mean(dim=(1, 2)).sqrt()
    scaled = metric / unit[:, None, None]

    def loss(network: nn.Module, batch: StrideBatch, random: torch.Generator) -> Tensor:
        clean = batch.clean
        level = torch.rand(len(clean), generator=random).to(clean)
        noise = torch.randn(clean.shape, generator=random).to(clean)
        signal, away = path("diffusion", level[:, None])
        found = network(signal * clean + away * noise, batch.own, batch.told, level)
        error = (found - clean) * deviation.to(clean)
        walking, running = (error @ each.to(clean) for each in scaled)
        return 10.0 * torch.where(batch.runs[:, None], running, walking).pow(2).mean()

    return loss
