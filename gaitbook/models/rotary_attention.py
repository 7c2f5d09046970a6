"""Attention along one axis of tokens whose places are rotations (Su 2024, doi:10.1016/j.neucom.2023.127063)."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

FEW_PLACES: Final = 128
"""Up to so many places fit a processor's cache: the fused kernels take three times as long backward there."""
ANY_KERNEL: Final = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


class RotaryAttention(nn.Module):
    """Attention of tokens (..., place, width) among the places.

    Parameters
    ----------
    width, heads
        Numbers per token, and heads that share them.
    rotary
        Whether places are told by rotations; if not, tokens are a set.
    """

    def __init__(self, width: int, heads: int, *, rotary: bool) -> None:
        super().__init__()
        self.heads, self.rotary = heads, rotary
        self.mix = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)

    def forward(self, token: Tensor, *, together: int = 1) -> Tensor:
        """Mixed tokens, of the same shape; so many after each other are at the same place."""
        *others, places, width = token.shape
        mixed = self.mix(token).reshape(-1, places, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        if self.rotary:
            query, key = rotate(query, together), rotate(key, together)
        plain = places <= FEW_PLACES and token.device.type == "cpu"
        with sdpa_kernel([SDPBackend.MATH] if plain else ANY_KERNEL):
            found = functional.scaled_dot_product_attention(query, key, value)
        return torch.as_tensor(self.join(found.transpose(1, 2).reshape(*others, places, width)))


def rotate(vector: Tensor, together: int = 1) -> Tensor:
    """Vectors (..., place, number) turned by angles in proportion to their place."""
    places, width = vector.shape[-2:]
    order = torch.arange(0, width, 2, device=vector.device, dtype=torch.float32)
    place = torch.div(torch.arange(places, device=vector.device), together, rounding_mode="floor").float()
    angle = place[:, None] * 100.0 ** (-order / width)
    cosine, sine = torch.cos(angle).to(vector.dtype), torch.sin(angle).to(vector.dtype)
    first, second = vector.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
