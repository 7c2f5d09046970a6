"""The encoder of the gait foundation model: every joint of every frame is a token, read in two streams.

One stream looks across the joints of a frame first and then along time, the other the other way round; how much each
counts is learned for every token. Places in time are rotations, joints have learned places, and two tokens that stand
for nothing (sinks) can take attention that belongs nowhere.

References
----------
Gabet (2026), arXiv:2603.25283; Zhu (2023), MotionBERT, doi:10.1109/ICCV51070.2023.01385; Su (2024), RoFormer,
doi:10.1016/j.neucom.2023.127063.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaitbook.models.rotary_attention import RotaryAttention


@dataclass(frozen=True)
class DualStreamSize:
    """Size of the network, by default that of the paper (3.2 million weights).

    Parameters
    ----------
    groups
        Number of the part of the body that each joint belongs to.
    channels
        Of a joint; the first three are a place, which is what comes out.
    width, bottleneck
        Numbers per token inside, and before the place is read from it.
    depth, heads
        Layers, each of two streams, and heads of attention.
    sinks
        Tokens before the first frame that stand for nothing.
    dropout
        Share of numbers that are left out in training.
    """

    groups: tuple[int, ...]
    channels: int = 4
    width: int = 128
    bottleneck: int = 32
    depth: int = 6
    heads: int = 8
    sinks: int = 2
    dropout: float = 0.1


class DualStreamEncoder(nn.Module):
    """Features of every joint and frame, and the places of the joints read from them.

    Parameters
    ----------
    size
        Of the network.
    """

    def __init__(self, size: DualStreamSize) -> None:
        super().__init__()
        self.size = size
        self.enter = nn.Linear(size.channels, size.width)
        self.joint = nn.Parameter(0.02 * torch.randn(len(size.groups), size.width))
        self.sink = nn.Parameter(0.02 * torch.randn(size.sinks, size.width))
        self.layers = nn.ModuleList(_Layer(size) for _ in range(size.depth))
        self.norm = nn.LayerNorm(size.width)
        self.narrow = nn.Linear(size.width, size.bottleneck)
        self.leave = nn.Linear(size.bottleneck, 3)

    def forward(self, windows: Tensor, hidden: Tensor) -> Tensor:
        """Features of every token.

        Parameters
        ----------
        windows
            (window, time, joint, channel).
        hidden
            (window, time, joint), true where the network may not look: it is given zeros there.

        Returns
        -------
        torch.Tensor
            (window, time, joint, width).
        """
        token = self.enter(windows.masked_fill(hidden[..., None], 0.0)) + self.joint
        sinks = self.sink[None, :, None].expand(len(token), -1, token.shape[2], -1)
        token = torch.cat([sinks.to(token.dtype), token], dim=1)
        for layer in self.layers:
            token = layer(token)
        return torch.as_tensor(self.norm(token)[:, self.size.sinks :])

    def reconstruct(self, features: Tensor) -> Tensor:
        """Places (window, time, joint, axis) read from features."""
        return torch.as_tensor(self.leave(torch.tanh(self.narrow(features))))

    def parts(self, features: Tensor) -> Tensor:
        """Features (window, time, part, width), the mean over the joints of each part of the body."""
        groups = torch.tensor(self.size.groups, device=features.device)
        chosen = functional.one_hot(groups).to(features.dtype)
        return torch.einsum("ntjw,jp->ntpw", features, chosen / chosen.sum(dim=0))


class _Layer(nn.Module):
    """Two streams and the share that each has in every token."""

    def __init__(self, size: DualStreamSize) -> None:
        super().__init__()
        self.space_first = nn.ModuleList([_Block(size, in_time=False), _Block(size, in_time=True)])
        self.time_first = nn.ModuleList([_Block(size, in_time=True), _Block(size, in_time=False)])
        self.share = nn.Linear(2 * size.width, 2)
        nn.init.zeros_(self.share.weight)

    def forward(self, token: Tensor) -> Tensor:
        first = second = token
        for block in self.space_first:
            first = block(first)
        for block in self.time_first:
            second = block(second)
        share = torch.softmax(self.share(torch.cat([first, second], dim=-1)), dim=-1)
        return first * share[..., :1] + second * share[..., 1:]


class _Block(nn.Module):
    """Attention along time or across joints, and a feed-forward part."""

    def __init__(self, size: DualStreamSize, *, in_time: bool) -> None:
        super().__init__()
        self.in_time = in_time
        self.norm, self.norm_2 = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.attend = RotaryAttention(size.width, size.heads, rotary=in_time)
        self.forth, self.back = nn.Linear(size.width, 2 * size.width), nn.Linear(2 * size.width, size.width)
        self.dropout = nn.Dropout(size.dropout)

    def forward(self, token: Tensor) -> Tensor:
        inner = self.norm(token)
        inner = inner.transpose(1, 2) if self.in_time else inner
        mixed = self.attend(inner)
        mixed = mixed.transpose(1, 2) if self.in_time else mixed
        token = token + self.dropout(mixed)
        return token + self.dropout(self.back(functional.gelu(self.forth(self.norm_2(token)))))
