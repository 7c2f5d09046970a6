"""Force found from what is known of a motion, and again from its mirror image, whose force is the mirror image.

The network that finds it was trained on both sides alike, but learned that only nearly; the mean of both answers obeys
the symmetry and errs less than either.
"""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from gaitbook.representation.channels import CHANNELS, FORCE, mirror, numbers_of
from gaitbook.representation.overlap import cut_windows, merge_windows


@runtime_checkable
class ForceFinder(Protocol):
    """A model that may find force in another way as well, without drawing the motion."""

    @property
    def frames(self) -> int:
        """Frames per window."""

    @property
    def force(self) -> object | None:
        """What finds it, if the model can."""

    def find_force(self, values: Tensor, person: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the force of windows."""


def found_force(model: ForceFinder, given: Tensor, person: Tensor, noise: Tensor) -> Tensor:
    """Draws of the force (draw, time, force).

    Parameters
    ----------
    model
        That has found out how to.
    given
        (time, channel), NaN where not known.
    person
        (number,), NaN where not known.
    noise
        (draw, time, state), standard normal.
    """
    windows = cut_windows(torch.stack([given, mirror(given)]), model.frames)
    flat = windows.flatten(0, 1)
    found = model.find_force(flat, person.expand(len(flat), -1))
    means, deviations = (merge_windows(each.unflatten(0, windows.shape[:2]), len(given)) for each in found)
    mean = (means[0] + mirror_force(means[1])) / 2.0
    deviation = (deviations[0] + mirror_force(deviations[1]).abs()) / 2.0
    return mean + deviation * noise[..., numbers_of(FORCE)]


def mirror_force(force: Tensor) -> Tensor:
    """Mirror image of numbers of the force (..., force)."""
    channels = force.new_zeros(*force.shape[:-1], len(CHANNELS))
    channels[..., numbers_of(FORCE)] = force
    return mirror(channels)[..., numbers_of(FORCE)]


def mix_force(values: Tensor, states: Tensor, found: Tensor, share: Tensor) -> Tensor:
    """States with a share of the force that was found; known force stays.

    Parameters
    ----------
    values
        What is known, (time, channel).
    states
        As drawn, (draw, time, state).
    found
        (draw, time, force).
    share
        How much of it counts, (force,).
    """
    force, known = numbers_of(FORCE), values[:, numbers_of(FORCE)]
    mixed = share * found + (1.0 - share) * states[..., force]
    completed = states.clone()
    completed[..., force] = torch.where(torch.isfinite(known), known, mixed)
    return completed
