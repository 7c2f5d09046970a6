r"""Trials of any length as windows of one length, and back: exact where windows agree, and at linear cost.

Windows overlap by half. Where two of them speak of a frame, they are weighed by a tent over each window, and the sum is
divided by that of the weights. A draw of a whole trial uses one field of noise, cut like the trial, so that neighbors
draw alike and their mean is as varied as each of them.
"""

from typing import Final

import torch
from torch import Tensor

OVERLAP: Final = 0.5


def window_starts(frames: int, window: int) -> list[int]:
    """First frames of windows that cover a trial, the last one flush with its end; one window if it is short."""
    if frames <= window:
        return [0]
    step = max(1, round(window * (1.0 - OVERLAP)))
    return [*range(0, frames - window, step), frames - window]


def cut_windows(sequence: Tensor, window: int, *, fill: float = torch.nan) -> Tensor:
    """Windows (..., window, time, channel) of a sequence (..., time, channel); a short one is padded with ``fill``."""
    missing = window - sequence.shape[-2]
    if missing > 0:
        padding = sequence.new_full((*sequence.shape[:-2], missing, sequence.shape[-1]), fill)
        sequence = torch.cat([sequence, padding], dim=-2)
    starts = window_starts(sequence.shape[-2], window)
    return torch.stack([sequence[..., start : start + window, :] for start in starts], dim=-3)


def merge_windows(windows: Tensor, frames: int) -> Tensor:
    """Sequence (..., time, channel) of windows (..., window, time, channel) that were cut from so many frames."""
    length = windows.shape[-2]
    weight = torch.minimum(torch.arange(1, length + 1), torch.arange(length, 0, -1)).to(windows.dtype)[
        :, None
    ]
    total = windows.new_zeros(*windows.shape[:-3], max(frames, length), windows.shape[-1])
    share = windows.new_zeros(max(frames, length), 1)
    for place, start in enumerate(window_starts(frames, length)):
        inside = slice(start, start + length)
        total[..., inside, :] += weight * windows[..., place, :, :]
        share[inside] += weight
    return (total / share)[..., :frames, :]
