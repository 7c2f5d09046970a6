"""The network that completes a window: a transformer over patches of frames, told what is known and how noisy.

Five frames make a token; attention with rotary places in time; the level of noise and what is known of the person steer
every block (adaptive normalization).

References
----------
Peebles (2023), Scalable diffusion models with transformers, doi:10.1109/ICCV51070.2023.00387. Su (2024), RoFormer,
doi:10.1016/j.neucom.2023.127063.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

FEW_TOKENS: Final = [SDPBackend.MATH]
"""Thirty tokens fit a processor's cache: the fused kernels, made for thousands, take three times as long backward."""
ANY_LENGTH: Final = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


@dataclass(frozen=True)
class NetworkSize:
    """Size of a network.

    Parameters
    ----------
    states
        Numbers per frame to complete.
    given
        Numbers per frame that may be known; the first ``states`` of them are those to complete.
    person
        Numbers that may be known of the whole window.
    width, blocks, heads
        Of the transformer.
    patch
        Frames per token.
    outputs
        Numbers per state that come out: one, or two for a mean and a spread.
    """

    states: int
    given: int
    person: int
    width: int = 192
    blocks: int = 4
    heads: int = 6
    patch: int = 5
    outputs: int = 1


class MotionNetwork(nn.Module):
    """Estimate of the whole window from what is known of it and a noisy version of the rest.

    Parameters
    ----------
    size
        What goes in and comes out.
    """

    def __init__(self, size: NetworkSize) -> None:
        super().__init__()
        self.size = size
        inputs = size.patch * (size.states + 2 * size.given)
        self.enter = nn.Linear(inputs, size.width)
        self.level = nn.Sequential(nn.Linear(64, size.width), nn.SiLU(), nn.Linear(size.width, size.width))
        self.person = nn.Linear(2 * size.person, size.width)
        self.blocks = nn.ModuleList(_Block(size.width, size.heads) for _ in range(size.blocks))
        self.steer = nn.Linear(size.width, 2 * size.width)
        self.norm = nn.LayerNorm(size.width, elementwise_affine=False)
        self.leave = nn.Linear(size.width, size.patch * size.states * size.outputs)
        nn.init.zeros_(self.steer.weight)
        nn.init.zeros_(self.steer.bias)

    def forward(self, noisy: Tensor, given: Tensor, known: Tensor, person: Tensor, level: Tensor) -> Tensor:
        """Estimate of the states.

        Parameters
        ----------
        noisy
            (window, time, state), standard scores; the time is a multiple of the patch.
        given, known
            (window, time, given): standard scores, zero where not known, and one where known.
        person
            (window, number), NaN where not known.
        level
            (window,), from 0 (all noise) to 1 (none).

        Returns
        -------
        torch.Tensor
            (window, time, state), or (window, time, state, output) where there are several.
        """
        windows, frames, _ = noisy.shape
        size = self.size
        joined = torch.cat([noisy, given, known], dim=-1)
        token = self.enter(joined.reshape(windows, frames // size.patch, -1))
        told = torch.cat([person.nan_to_num(), (~torch.isnan(person)).to(person.dtype)], dim=-1)
        signal = functional.silu(self.level(_waves(level)) + self.person(told))
        places = _rotary(token.shape[1], size.width // size.heads, token)
        for block in self.blocks:
            token = block(token, signal, places)
        shift, scale = self.steer(signal)[:, None].chunk(2, dim=-1)
        out = self.leave(self.norm(token) * (1 + scale) + shift)
        if size.outputs > 1:
            return out.reshape(windows, frames, size.states, size.outputs)
        return out.reshape(windows, frames, size.states)


class _Block(nn.Module):
    """Attention and a feed-forward part, both steered by the signal; they start as the identity."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.mix = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)
        self.forth = nn.Linear(width, 4 * width)
        self.back = nn.Linear(4 * width, width)
        self.steer = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.steer.weight)
        nn.init.zeros_(self.steer.bias)

    def forward(self, token: Tensor, signal: Tensor, places: tuple[Tensor, Tensor]) -> Tensor:
        shift, scale, gate, shift_2, scale_2, gate_2 = self.steer(signal)[:, None].chunk(6, dim=-1)
        token = token + gate * self._attend(self.norm(token) * (1 + scale) + shift, places)
        inner = self.forth(self.norm(token) * (1 + scale_2) + shift_2)
        return token + gate_2 * self.back(functional.gelu(inner, approximate="tanh"))

    def _attend(self, token: Tensor, places: tuple[Tensor, Tensor]) -> Tensor:
        windows, tokens, width = token.shape
        query, key, value = self.mix(token).view(windows, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        with sdpa_kernel(FEW_TOKENS if token.device.type == "cpu" else ANY_LENGTH):
            mixed = functional.scaled_dot_product_attention(_turn(query, places), _turn(key, places), value)
        return self.join(mixed.transpose(1, 2).reshape(windows, tokens, width))


def _waves(level: Tensor) -> Tensor:
    frequency = torch.exp(torch.linspace(0.0, math.log(1000.0), 32, device=level.device, dtype=level.dtype))
    angle = level[:, None] * frequency
    return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)


def _rotary(tokens: int, width: int, like: Tensor) -> tuple[Tensor, Tensor]:
    frequency = 100.0 ** (-torch.arange(0, width, 2, device=like.device, dtype=torch.float32) / width)
    angle = torch.arange(tokens, device=like.device, dtype=torch.float32)[:, None] * frequency
    return torch.cos(angle).to(like.dtype), torch.sin(angle).to(like.dtype)


def _turn(vector: Tensor, places: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = places
    first, second = vector.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
