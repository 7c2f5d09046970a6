"""The network that changes a stride: layers with a way past each, told the stride, the request and the level of noise.

A stride comes as scores along the main axes of all strides, so that a few dense layers do: a stride is one closed
curve, and there is no time to attend to.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

WAVES = 32


@dataclass(frozen=True)
class StrideSize:
    """Size of a network.

    Parameters
    ----------
    scores
        Numbers of a stride.
    told
        Numbers of the person and the request.
    width, blocks
        Of the layers.
    """

    scores: int
    told: int
    width: int = 512
    blocks: int = 3


class StrideNetwork(nn.Module):
    """Estimate of clean scores from noisy ones.

    Parameters
    ----------
    size
        What goes in and comes out.
    """

    def __init__(self, size: StrideSize) -> None:
        super().__init__()
        self.size = size
        self.enter = nn.Linear(2 * size.scores + size.told, size.width)
        self.level = nn.Linear(2 * WAVES, size.width)
        self.blocks = nn.ModuleList(_Block(size.width) for _ in range(size.blocks))
        self.norm = nn.LayerNorm(size.width)
        self.leave = nn.Linear(size.width, size.scores)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, noisy: Tensor, own: Tensor, told: Tensor, level: Tensor) -> Tensor:
        """Estimate of the clean scores.

        Parameters
        ----------
        noisy, own
            (stride, score): the noisy scores, and those of the stride that is changed (zero for none).
        told
            (stride, number), of the person and the request (zero for nothing).
        level
            (stride,), from 0 (all noise) to 1 (none).

        Returns
        -------
        torch.Tensor
            (stride, score).
        """
        frequency = torch.exp(torch.linspace(0.0, math.log(1000.0), WAVES, device=level.device))
        angle = level[:, None] * frequency
        waves = torch.cat([torch.sin(angle), torch.cos(angle)], dim=1)
        inner = self.enter(torch.cat([noisy, own, told], dim=1)) + self.level(waves)
        for block in self.blocks:
            inner = inner + block(inner)
        out: Tensor = self.leave(self.norm(inner))
        return out


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.forth, self.back = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, inner: Tensor) -> Tensor:
        out: Tensor = self.back(functional.gelu(self.forth(self.norm(inner)), approximate="tanh"))
        return out
