"""The network that finds the force of a motion, or of what is known of it, and how sure it can be.

What to complete is many things at once; the force that goes with what is known is one. Two recurrent layers read the
window forward and backward, a few frames at a time, and give each number of the force a middle and a width (Laplace
distribution), so that what is drawn around the middle is as wide as the network's own errors.

References
----------
Schuster and Paliwal (1997), Bidirectional recurrent neural networks, doi:10.1109/78.650093.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaitbook.models.families import Batch
from gaitbook.models.fitting import dropout_from

LEAST_WIDTH: Final = 1e-3
DEVIATION_OF_WIDTH_ONE: Final = 2.0**0.5
"""Standard deviation of a Laplace distribution of width one."""


@dataclass(frozen=True)
class ForceSize:
    """Size of a network.

    Parameters
    ----------
    given
        Numbers per frame that may be known.
    person
        Numbers that may be known of the whole window.
    force
        Numbers per frame to find.
    width
        Of the layer in front.
    memories
        Of both recurrent layers, in each direction.
    dropout
        Share of numbers silenced after each of them.
    patch
        Frames that are read, and answered, at once; windows hold a multiple of it.
    """

    given: int
    person: int
    force: int
    width: int = 256
    memories: Sequence[int] = (256, 192)
    dropout: float = 0.2
    patch: int = 3


class ForceNetwork(nn.Module):
    """Middle and width of the force at all times of a window.

    Parameters
    ----------
    size
        What goes in and comes out.
    """

    def __init__(self, size: ForceSize) -> None:
        super().__init__()
        self.size = size
        first, second = size.memories
        self.enter = nn.Linear(2 * size.given * size.patch + 2 * size.person, size.width)
        self.first = nn.LSTM(size.width, first, batch_first=True, bidirectional=True)
        self.second = nn.LSTM(2 * first, second, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(size.dropout)
        self.leave = nn.Linear(2 * second, 2 * size.force * size.patch)

    def forward(self, given: Tensor, known: Tensor, person: Tensor) -> tuple[Tensor, Tensor]:
        """Middle and width of the force, (window, time, force) each, standard scores.

        Parameters
        ----------
        given, known
            (window, time, given): standard scores, zero where not known, and one where known.
        person
            (window, number), NaN where not known.
        """
        seen = torch.cat([given, known], dim=-1).unflatten(1, (-1, self.size.patch)).flatten(2)
        told = torch.cat([person.nan_to_num(), (~torch.isnan(person)).to(person.dtype)], dim=-1)
        everything = torch.cat([seen, told[:, None].expand(-1, seen.shape[1], -1)], dim=-1)
        state = self.drop(self.first(functional.gelu(self.enter(everything)))[0])
        found = self.leave(self.drop(self.second(state)[0])).unflatten(2, (self.size.patch, -1))
        middle, width = found.flatten(1, 2).chunk(2, dim=-1)
        return middle, functional.softplus(width) + LEAST_WIDTH


def force_loss(network: nn.Module, batch: Batch, random: torch.Generator) -> Tensor:
    """Negative logarithm of the Laplace likelihood of the recorded force, which must not be given."""
    with dropout_from(random, batch.states.device):
        middle, width = network(batch.given, batch.known, batch.person)
    force = middle.shape[-1]
    away = (middle - batch.states[..., -force:]).abs() / width + width.log()
    recorded = batch.recorded[..., -force:]
    return (away * recorded).sum() / recorded.sum().clamp(min=1.0)
