r"""Draws for models that give one answer only: the answer plus errors that it made on other people.

Errors are larger under load than in the air, and so they are pooled by how much load was predicted: the bootstrap of
residuals, within bands of the load. What it lacks is coherence: every frame draws for itself.

References
----------
Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 9, doi:10.1201/9780429246593.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BANDS: Final = 5


class Answered(NamedTuple):
    """One answer for every frame, what was measured, and the vertical load that was predicted, (frame,) each, %BW."""

    answer: Array
    truth: Array
    load: Array


@dataclass(frozen=True)
class ResidualPools:
    """Errors by band of the predicted load.

    Parameters
    ----------
    edges
        (band - 1,), %BW: where one band ends and the next begins.
    pools
        Errors of each band, measured minus predicted, in the unit of the answers.
    """

    edges: Array
    pools: tuple[Array, ...]

    @classmethod
    def fit(cls, answered: Iterable[Answered], *, bands: int = BANDS) -> "ResidualPools":
        """Pools of errors made on people kept for it.

        Parameters
        ----------
        answered
            Of one model, one condition and one axis; frames weigh alike.
        bands
            How many, of equally many frames each where loads differ.

        Raises
        ------
        ValueError
            There is no frame to learn from.
        """
        parts = list(answered)
        frames = sum(part.answer.size for part in parts)
        if not frames:
            raise ValueError("There is no error to learn from: keep some people out of the training.")
        answer, truth, load = (np.concatenate(column) for column in zip(*parts, strict=True))
        edges = np.unique(np.quantile(load, np.linspace(0.0, 1.0, bands + 1)[1:-1]))
        band = np.searchsorted(edges, load, side="right")
        filled = [number for number in range(len(edges) + 1) if (band == number).any()]
        kept = edges[[number - 1 for number in filled[1:]]]
        return cls(kept, tuple((truth - answer)[band == number] for number in filled))

    def draw(self, answer: Array, load: Array, *, draws: int, seed: int = 0) -> Array:
        """Draws (draw, frame) about answers (frame,) under predicted loads (frame,), %BW."""
        random = np.random.default_rng(seed)
        band = np.searchsorted(self.edges, load, side="right")
        error = np.empty((draws, answer.size))
        for number, pool in enumerate(self.pools):
            error[:, band == number] = random.choice(pool, (draws, int((band == number).sum())))
        return np.asarray(answer + error)
