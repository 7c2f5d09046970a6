"""Our encoder: a part of the body over eight frames is a token, and one stream reads them all.

Thirty-five times fewer tokens than joints and frames, which the encoder of the gait foundation model reads one by one
and twice (`gaitbook.models.dual_stream`). It is trained to find where the joints were *and* how they moved, at hidden
places and, denoised, at all others.

References
----------
Several frames in a token and motion as the target: Mao (2023), MAMP, doi:10.1109/ICCV51070.2023.00934.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaitbook.models.rotary_attention import RotaryAttention

HALF = 0.5


@dataclass(frozen=True)
class EncoderSize:
    """Size of the network.

    Parameters
    ----------
    groups
        Number of the part of the body that each joint belongs to.
    channels
        Of a joint; the first three are a place.
    frames
        In a token.
    width, depth, heads
        Of the transformer.
    """

    groups: tuple[int, ...]
    channels: int = 4
    frames: int = 8
    width: int = 192
    depth: int = 4
    heads: int = 6


class GaitEncoder(nn.Module):
    """Features of every part of the body and token of frames, and the places of the joints read from them.

    Parameters
    ----------
    size
        Of the network.
    """

    def __init__(self, size: EncoderSize) -> None:
        super().__init__()
        self.size = size
        parts = [
            [joint for joint, group in enumerate(size.groups) if group == each]
            for each in range(max(size.groups) + 1)
        ]
        most = max(map(len, parts))
        self.joints_of = [part + [-1] * (most - len(part)) for part in parts]
        inputs, outputs = size.frames * most * size.channels, size.frames * most * 3
        self.enter = nn.Parameter(torch.randn(len(parts), inputs, size.width) / inputs**0.5)
        self.part = nn.Parameter(0.02 * torch.randn(len(parts), size.width))
        self.unknown = nn.Parameter(0.02 * torch.randn(size.width))
        self.blocks = nn.ModuleList(_Block(size) for _ in range(size.depth))
        self.norm = nn.LayerNorm(size.width)
        self.leave = nn.Parameter(0.1 * torch.randn(len(parts), size.width, outputs) / size.width**0.5)

    def forward(self, windows: Tensor, hidden: Tensor) -> Tensor:
        """Features of every token.

        Parameters
        ----------
        windows
            (window, time, joint, channel); the time is a multiple of the frames in a token.
        hidden
            (window, time, joint), true where the network may not look. A token of which half is hidden is hidden.

        Returns
        -------
        torch.Tensor
            (window, token, part, width).
        """
        shown = windows.masked_fill(hidden[..., None], 0.0)
        token = torch.einsum("ntpi,piw->ntpw", self._by_part(shown), self.enter.to(shown.dtype))
        unseen = self._by_part(hidden[..., None].to(shown.dtype)).sum(dim=-1)
        joints = torch.tensor([sum(joint >= 0 for joint in part) for part in self.joints_of])
        unseen = unseen >= HALF * self.size.frames * joints.to(unseen)
        token = torch.where(unseen[..., None], self.unknown.to(token.dtype), token) + self.part
        count, times, parts, width = token.shape
        token = token.reshape(count, times * parts, width)
        for block in self.blocks:
            token = block(token, parts)
        return torch.as_tensor(self.norm(token).reshape(count, times, parts, width))

    def reconstruct(self, features: Tensor) -> Tensor:
        """Places (window, time, joint, axis) read from features."""
        count, times, parts, _ = features.shape
        found = torch.einsum("ntpw,pwo->ntpo", features, self.leave.to(features.dtype))
        found = found.reshape(count, times, parts, self.size.frames, -1, 3).transpose(2, 3)
        found = found.reshape(count, times * self.size.frames, -1, 3)
        order = [joint for part in self.joints_of for joint in part]
        return torch.as_tensor(found[:, :, [order.index(joint) for joint in range(len(self.size.groups))]])

    def parts(self, features: Tensor) -> Tensor:
        """Features (window, token, part, width), as they are: a token is a part."""
        return features

    def _by_part(self, values: Tensor) -> Tensor:
        """Values (window, time, joint, channel) as (window, token, part, number), padded with zeros."""
        count, time = values.shape[:2]
        padded = functional.pad(values, (0, 0, 0, 1))
        chosen = padded[:, :, self.joints_of]
        chosen = chosen.reshape(count, time // self.size.frames, self.size.frames, *chosen.shape[2:])
        return chosen.transpose(2, 3).reshape(count, time // self.size.frames, len(self.joints_of), -1)


class _Block(nn.Module):
    """Attention among all tokens, and a feed-forward part."""

    def __init__(self, size: EncoderSize) -> None:
        super().__init__()
        self.norm, self.norm_2 = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.attend = RotaryAttention(size.width, size.heads, rotary=True)
        self.forth, self.back = nn.Linear(size.width, 4 * size.width), nn.Linear(4 * size.width, size.width)

    def forward(self, token: Tensor, parts: int) -> Tensor:
        token = token + self.attend(self.norm(token), together=parts)
        inner = functional.gelu(self.forth(self.norm_2(token)), approximate="tanh")
        return token + torch.as_tensor(self.back(inner))
