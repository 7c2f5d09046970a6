"""Training of a gait encoder: hidden parts of a body in motion are to be found, seen ones freed of noise.

Each window comes once as it is and once jittered, as in the gait foundation model (arXiv:2603.25283), and is always
compared with what it was before; errors of places and of the way from frame to frame count.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaitbook.models.dual_stream import DualStreamEncoder, DualStreamSize
from gaitbook.models.fitting import Fit, FittingPlan, dropout_from
from gaitbook.models.gait_encoder import EncoderSize, GaitEncoder
from gaitbook.models.skeleton_masking import Masking, draw_hidden

Encoder = GaitEncoder | DualStreamEncoder
CONFIGURATIONS: Final = ("fast", "paper")
JITTER: Final = 0.05
"""Standard deviation of the noise, in shares of the body; that of the paper."""
VELOCITY_WEIGHT: Final = 0.1


@dataclass(frozen=True)
class EncoderRecipe:
    """What is trained, and on what.

    Parameters
    ----------
    configuration
        ``"fast"``: ours, several frames per token, motion as the target. ``"paper"``: that of arXiv:2603.25283.
    frames
        Of a window while learning.
    masking
        What is hidden.
    jitter
        Standard deviation of the noise that half of the windows are given.
    size
        Of the network; by default that of the configuration.
    """

    configuration: str = "fast"
    frames: int = 120
    masking: Masking = field(default_factory=Masking)
    jitter: float = JITTER
    size: EncoderSize | DualStreamSize | None = None

    def make(self, groups: tuple[int, ...]) -> Encoder:
        """Network with its first weights, for joints that belong to these parts of the body.

        Raises
        ------
        ValueError
            There is no such configuration.
        """
        if self.configuration not in CONFIGURATIONS:
            raise ValueError(
                f"There is no encoder {self.configuration!r}: choose one of {', '.join(CONFIGURATIONS)}."
            )
        if self.configuration == "paper":
            return DualStreamEncoder(
                self.size if isinstance(self.size, DualStreamSize) else DualStreamSize(groups)
            )
        return GaitEncoder(self.size if isinstance(self.size, EncoderSize) else EncoderSize(groups))


@dataclass(frozen=True)
class SkeletonBatch:
    """Windows (window, time, joint, channel) as they are and as they are shown, and what is hidden of them."""

    clean: Tensor
    shown: Tensor
    hidden: Tensor

    def to(self, device: torch.device) -> "SkeletonBatch":
        """The same on a device."""
        return SkeletonBatch(*(each.to(device) for each in vars(self).values()))


def train_encoder(
    windows: Tensor,
    groups: Tensor,
    recipe: EncoderRecipe,
    plan: FittingPlan,
    *,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[Encoder, Fit[Encoder]]:
    """Encoder that has learned from windows, and its finished training.

    Parameters
    ----------
    windows
        (window, time, joint, channel), of any precision; of each, a stretch of ``recipe.frames`` is drawn at a time.
    groups
        (joint,), number of the group of each joint.
    recipe, plan
        What is trained, how long, and how.
    checkpoint, progress
        As for `gaitbook.models.fitting.Fit`.

    Raises
    ------
    ValueError
        There are no windows, or they are shorter than what is to be drawn of them.
    """
    if not len(windows) or windows.shape[1] < recipe.frames:
        raise ValueError(
            f"An encoder cannot learn from {len(windows)} windows of {windows.shape[1]} frames: at least one of "
            f"{recipe.frames} frames is needed"
        )
    make = partial(recipe.make, tuple(groups.tolist()))
    draw = partial(draw_batch, windows, groups, recipe)
    fit: Fit[Encoder] = Fit(make, _LOSSES[recipe.configuration], draw, plan, checkpoint)
    return fit.run(progress=progress), fit


def draw_batch(
    windows: Tensor, groups: Tensor, recipe: EncoderRecipe, count: int, random: torch.Generator
) -> SkeletonBatch:
    """Stretches of random windows, every other one jittered, with something hidden."""
    which = torch.randint(len(windows), (count,), generator=random)
    start = torch.randint(windows.shape[1] - recipe.frames + 1, (count,), generator=random)
    place = start[:, None] + torch.arange(recipe.frames)
    clean = windows[which[:, None], place].float()
    noise = recipe.jitter * torch.randn(*clean.shape[:-1], 3, generator=random)
    noise[::2] = 0.0
    seen = (clean[..., 3:] > 0).float()
    shown = torch.cat([clean[..., :3] + noise * seen, clean[..., 3:]], dim=-1)
    return SkeletonBatch(clean, shown, draw_hidden(count, recipe.frames, groups, recipe.masking, random))


def _paper_loss(network: nn.Module, batch: SkeletonBatch, random: torch.Generator) -> Tensor:
    """Mean distance of all joints, hidden or not, and a tenth of that of their velocities."""
    with dropout_from(random, batch.shown.device):
        features = network(batch.shown, batch.hidden)
    found = _reconstruct(network, features)
    error, moved, seen = _errors(found, batch)
    distance, speed = error.norm(dim=-1), moved.norm(dim=-1)
    return _mean(distance, seen) + VELOCITY_WEIGHT * _mean(speed, seen[:, 1:])


def _motion_loss(network: nn.Module, batch: SkeletonBatch, random: torch.Generator) -> Tensor:
    """Errors of place about the mean of the window, of that mean, and of velocity, each in units of its own spread."""
    del random
    features = network(batch.shown, batch.hidden)
    found = _reconstruct(network, features)
    error, moved, seen = _errors(found, batch)
    still = error.mean(dim=1, keepdim=True)
    parts = ((error - still) / MOTION_SPREAD, still.expand_as(error) / POSE_SPREAD)
    sizes = [
        functional.smooth_l1_loss(part, torch.zeros_like(part), reduction="none").sum(dim=-1)
        for part in parts
    ]
    pace = functional.smooth_l1_loss(moved / PACE_SPREAD, torch.zeros_like(moved), reduction="none").sum(
        dim=-1
    )
    return _mean(sizes[0], seen) + _mean(sizes[1], seen) + 0.5 * _mean(pace, seen[:, 1:])


MOTION_SPREAD: Final = 0.05
"""About how far a joint is from its mean place during a walk, in shares of the body."""
POSE_SPREAD: Final = 0.015
"""About how far mean places of a joint differ between people, which is what tells of a body."""
PACE_SPREAD: Final = 0.02
"""About how far a joint moves from frame to frame."""


def _reconstruct(network: nn.Module, features: Tensor) -> Tensor:
    inner = cast(Encoder, getattr(network, "module", network))
    return inner.reconstruct(features).float()


def _errors(found: Tensor, batch: SkeletonBatch) -> tuple[Tensor, Tensor, Tensor]:
    """Errors of place and of velocity, and which joints were seen by the camera."""
    true = batch.clean[..., :3]
    seen = (batch.clean[..., 3] > 0).float()
    error = found - true
    return error, error.diff(dim=1), seen


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1.0)


_LOSSES: Final = {"fast": _motion_loss, "paper": _paper_loss}
