"""Four networks of the literature: two transformers, for diffusion and for force, a convolutional and a recurrent net.

Small re-implementations from the published descriptions, sizes as published. None sees the person or the physics: the
first draws motion and force together, the other three map complete motion to force. In both transformers the tokens
themselves are turned by their place in time, over their full width, before queries and keys are made of them.

References
----------
Transformers: Tan et al. (2026), GaitDynamics, doi:10.1038/s41551-025-01565-8, after Tseng et al. (2023), EDGE,
doi:10.1109/CVPR52729.2023.00051. Convolutional: Han et al. (2023), GroundLink, doi:10.1145/3610548.3618247. Recurrent:
Sugai et al. (2023), IEEE Transactions on Medical Robotics and Bionics 5(4), 831-841. Places: Su et al. (2024),
RoFormer, doi:10.1016/j.neucom.2023.127063.
"""

import math
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn

DROPOUT: Final = 0.1


class DiffusionTransformer(nn.Module):
    """Clean window of motion and force from a noisy one: a token per frame, steered by the step of diffusion.

    Parameters
    ----------
    states
        Numbers per frame, motion and force.
    width, blocks, heads, inner
        Of the transformer; ``inner`` is the width of its feed-forward parts.
    """

    def __init__(
        self, states: int, *, width: int = 256, blocks: int = 4, heads: int = 4, inner: int = 1024
    ) -> None:
        super().__init__()
        self.width = width
        self.enter = nn.Linear(states, width)
        self.step = nn.Sequential(nn.Linear(width, 4 * width), nn.Mish(), nn.Linear(4 * width, width))
        self.blocks = nn.ModuleList(_SteeredBlock(width, heads, inner) for _ in range(blocks))
        self.leave = nn.Linear(width, states)

    def forward(self, noisy: Tensor, step: Tensor) -> Tensor:
        """Clean window, of the shape of the noisy one.

        Parameters
        ----------
        noisy
            (window, time, state), standard scores.
        step
            (window,), whole numbers from 0, where there is least noise.
        """
        token = self.enter(noisy)
        signal = self.step(_waves(step, self.width))
        for block in self.blocks:
            token = block(token, signal)
        return self.leave(token)


class RefinementTransformer(nn.Module):
    """Force from complete motion: a token per frame, normalized after every part.

    Parameters
    ----------
    motion, force
        Numbers per frame, in and out.
    width, blocks, heads, inner
        Of the transformer; ``inner`` is the width of its feed-forward parts.
    """

    def __init__(
        self, motion: int, force: int, *, width: int = 192, blocks: int = 6, heads: int = 8, inner: int = 512
    ) -> None:
        super().__init__()
        self.enter = nn.Linear(motion, width)
        self.blocks = nn.Sequential(*(_PlainBlock(width, heads, inner) for _ in range(blocks)))
        self.leave = nn.Linear(width, force)

    def forward(self, motion: Tensor) -> Tensor:
        """Force (window, time, force) of motion (window, time, motion), both standard scores."""
        return self.leave(self.blocks(self.enter(motion)))


class ConvolutionalForceNet(nn.Module):
    """Force from complete motion, by four temporal convolutions and three layers for each frame.

    Unlike `gaitbook.models.regressors.ConvolutionalNet` it repeats the first and last frame beyond the ends, is one
    layer deeper, and starts from the published weights.

    Parameters
    ----------
    motion, force
        Numbers per frame, in and out.
    width
        Channels of the first two convolutions; what follows has twice as many.
    dropout
        Share of the channels silenced before each of the last three layers.
    """

    def __init__(self, motion: int, force: int, *, width: int = 128, dropout: float = 0.2) -> None:
        super().__init__()
        wide = 2 * width
        layers: list[nn.Module] = []
        for channels_in, channels_out in pairwise((motion, width, width, wide, wide)):
            layers += [nn.Conv1d(channels_in, channels_out, 7, padding=3, padding_mode="replicate"), nn.ELU()]
        for _ in range(2):
            layers += [nn.Dropout(dropout), nn.Conv1d(wide, wide, 1), nn.ELU()]
        self.layers = nn.Sequential(*layers, nn.Dropout(dropout), nn.Conv1d(wide, force, 1, bias=False))
        for layer in layers:
            if isinstance(layer, nn.Conv1d) and layer.bias is not None:
                nn.init.xavier_normal_(layer.weight, nn.init.calculate_gain("relu"))
                nn.init.zeros_(layer.bias)

    def forward(self, motion: Tensor) -> Tensor:
        """Force (window, time, force) of motion (window, time, motion), both standard scores."""
        return self.layers(motion.transpose(1, 2)).transpose(1, 2)


class RecurrentForceNet(nn.Module):
    """Force from complete motion, by two long short-term memories that run forward in time and a layer for each frame.

    Parameters
    ----------
    motion, force
        Numbers per frame, in and out.
    widths
        Of the two memories.
    dropouts
        Share of the numbers silenced after each.
    """

    def __init__(
        self,
        motion: int,
        force: int,
        *,
        widths: tuple[int, int] = (216, 76),
        dropouts: tuple[float, float] = (0.2, 0.25),
    ) -> None:
        super().__init__()
        self.first = nn.LSTM(motion, widths[0], batch_first=True)
        self.second = nn.LSTM(widths[0], widths[1], batch_first=True)
        self.drops = nn.ModuleList(nn.Dropout(share) for share in dropouts)
        self.leave = nn.Linear(widths[1], force)

    def forward(self, motion: Tensor) -> Tensor:
        """Force (window, time, force) of motion (window, time, motion), both standard scores."""
        state = self.drops[0](self.first(motion)[0])
        return self.leave(self.drops[1](self.second(state)[0]))


class _SteeredBlock(nn.Module):
    """Attention and a feed-forward part, each normalized before and steered after."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, DROPOUT, batch_first=True)
        self.inner = nn.Sequential(
            nn.Linear(width, inner), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(inner, width)
        )
        self.steer_1, self.steer_2 = _Steering(width), _Steering(width)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, token: Tensor, signal: Tensor) -> Tensor:
        mixed = self.drop(_attend(self.attention, self.norm_1(token)))
        token = token + self.steer_1(mixed, signal)
        return token + self.steer_2(self.drop(self.inner(self.norm_2(token))), signal)


class _PlainBlock(nn.Module):
    """Attention and a feed-forward part, each normalized after."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.inner = nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, token: Tensor) -> Tensor:
        token = self.norm_1(token + self.drop(_attend(self.attention, token)))
        return self.norm_2(token + self.drop(self.inner(token)))


class _Steering(nn.Module):
    """Feature-wise scale and shift that follow from a signal."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.turn = nn.Sequential(nn.Mish(), nn.Linear(width, 2 * width))

    def forward(self, token: Tensor, signal: Tensor) -> Tensor:
        scale, shift = self.turn(signal)[:, None].chunk(2, dim=-1)
        return (1 + scale) * token + shift


def _attend(attention: nn.MultiheadAttention, token: Tensor) -> Tensor:
    placed = _turn(token)
    mixed, _ = attention(placed, placed, token, need_weights=False)
    return mixed


def _turn(token: Tensor) -> Tensor:
    """Tokens (window, time, number), each pair of numbers turned by its place in time times its frequency."""
    frames, width = token.shape[1:]
    frequency = 10_000.0 ** (-torch.arange(0, width, 2, device=token.device) / width)
    angle = torch.arange(frames, device=token.device)[:, None] * frequency
    cosine, sine = torch.cos(angle).to(token.dtype), torch.sin(angle).to(token.dtype)
    first, second = token.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)


def _waves(step: Tensor, width: int) -> Tensor:
    half = width // 2
    frequency = torch.exp(-math.log(10_000.0) / (half - 1) * torch.arange(half, device=step.device))
    angle = step[:, None] * frequency
    return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)
