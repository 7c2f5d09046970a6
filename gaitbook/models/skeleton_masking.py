"""What an encoder may not see while it learns: parts of the body for a while, and single frames.

Every 16 frames, from a random start, four of the six groups of joints are hidden, drawn anew; beside that a few whole
frames. So the encoder learns to do without any part of the body, which is what makes hiding one at test time fair.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Masking:
    """How much is hidden; the published numbers by default (arXiv:2603.25283).

    Parameters
    ----------
    span
        Frames for which the same groups stay hidden.
    hidden_groups
        Groups hidden at a time; with ``whole_share`` some windows hide the same groups throughout.
    frame_share
        Share of frames that are hidden whole.
    whole_share
        Share of windows whose hidden groups are the same from beginning to end, one to five of them.
    """

    span: int = 16
    hidden_groups: int = 4
    frame_share: float = 0.04
    whole_share: float = 0.0


def draw_hidden(
    windows: int, frames: int, groups: Tensor, masking: Masking, random: torch.Generator
) -> Tensor:
    """What is hidden, boolean (window, time, joint).

    Parameters
    ----------
    windows, frames
        How many, and how long.
    groups
        (joint,), number of the group of each joint.
    masking
        How much.
    random
        Where chance comes from.
    """
    count = int(groups.max()) + 1
    spans = frames // masking.span + 2
    rank = torch.rand(windows, spans, count, generator=random).argsort(dim=2).argsort(dim=2)
    start = torch.randint(masking.span, (windows, 1), generator=random)
    span = (torch.arange(frames) + start) // masking.span
    most = torch.full((windows, 1, 1), masking.hidden_groups)
    whole = torch.rand(windows, generator=random) < masking.whole_share
    most[whole, 0, 0] = torch.randint(1, count, (windows,), generator=random)[whole]
    span = torch.where(whole[:, None], torch.zeros_like(span), span)
    hidden_group = torch.gather(rank < most, 1, span[..., None].expand(-1, -1, count))
    hidden_frame = torch.rand(windows, frames, generator=random) < masking.frame_share
    return hidden_group[..., groups] | hidden_frame[..., None]


def hide_groups(windows: int, frames: int, groups: Tensor, hidden: tuple[int, ...]) -> Tensor:
    """The same groups hidden in every frame, boolean (window, time, joint)."""
    chosen = torch.isin(groups, torch.tensor(hidden, dtype=groups.dtype))
    return chosen.expand(windows, frames, -1)
