"""The network that finds the force of a whole motion, and how sure it can be of it.

What to complete is many things at once; what force goes with a motion, its feet and what it requires is one. Two
recurrent layers read the window forward and backward, and give each number of the force a middle and a width (Laplace
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
    """

    given: int
    person: int
    force: int
    width: int = 128
    memories: Sequence[int] = (128, 96)
    dropout: float = 0.2


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
        self.enter = nn.Linear(2 * size.given + 2 * size.person, size.width)
        self.first = nn.LSTM(size.width, first, batch_first=True, bidirectional=True)
        self.second = nn.LSTM(2 * first, second, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(size.dropout)
        self.leave = nn.Linear(2 * second, 2 * size.force)

    def forward(self, given: Tensor, known: Tensor, person: Tensor) -> tuple[Tensor, Tensor]:
        """Middle and width of the force, (window, time, force) each, standard scores.

        Parameters
        ----------
        given, known
            (window, time, given): standard scores, zero where not known, and one where known.
        person
            (window, number), NaN where not known.
        """
        told = torch.cat([person.nan_to_num(), (~torch.isnan(person)).to(person.dtype)], dim=-1)
        everything = [given, known, told[:, None].expand(-1, given.shape[1], -1)]
        state = functional.gelu(self.enter(torch.cat(everything, dim=-1)))
        state = self.drop(self.first(state)[0])
        middle, width = self.leave(self.drop(self.second(state)[0])).chunk(2, dim=-1)
        return middle, functional.softplus(width) + LEAST_WIDTH


def force_loss(network: nn.Module, batch: Batch, random: torch.Generator) -> Tensor:
    """Negative logarithm of the Laplace likelihood of the recorded force, which must not be given."""
    with dropout_from(random, batch.states.device):
        middle, width = network(batch.given, batch.known, batch.person)
    force = middle.shape[-1]
    away = (middle - batch.states[..., -force:]).abs() / width + width.log()
    recorded = batch.recorded[..., -force:]
    return (away * recorded).sum() / recorded.sum().clamp(min=1.0)
