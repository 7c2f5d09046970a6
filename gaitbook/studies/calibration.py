"""Intervals that hold: how much wider than the draws they must be, learned from people kept for it.

Draws of a model are narrower than its errors. For every axis and group of conditions the factor is found by which the
draws must be spread about their mean so that the middle ninety percent of them hold ninety percent of what was
measured; each person weighs alike. It is learned from people who are neither trained on nor tested.

References
----------
Vovk (2005), Algorithmic learning in a random world, doi:10.1007/b106715. Romano (2019), Conformalized quantile
regression, arXiv:1905.03222.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVEL: Final = 0.9
LARGEST_FACTOR: Final = 20.0


class Judged(NamedTuple):
    """Draws (draw, frame) of one person and quantity, and what was measured (frame,)."""

    person: str
    draws: Array
    truth: Array


def needed_factors(draws: Array, truth: Array, *, level: float = LEVEL) -> Array:
    """How much every frame's draws must be spread about their mean for the interval to just hold the truth.

    Parameters
    ----------
    draws
        (draw, frame).
    truth
        (frame,).
    level
        Of the interval.
    """
    mean = draws.mean(axis=0)
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0) - mean
    away = truth - mean
    reach = np.where(away < 0, low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(away == 0, 0.0, away / reach)
    return np.where(np.isfinite(factor) & (factor >= 0), factor, LARGEST_FACTOR)


def fit_factor(judged: Iterable[Judged], *, level: float = LEVEL) -> float:
    """Factor by which intervals hold as often as they say, each person weighing alike.

    Raises
    ------
    ValueError
        There is nobody to learn from.
    """
    by_person: dict[str, list[Array]] = {}
    for each in judged:
        by_person.setdefault(each.person, []).append(needed_factors(each.draws, each.truth, level=level))
    if not by_person:
        raise ValueError("nobody is there to calibrate with: keep some people out of the training")
    factors = [np.concatenate(parts) for parts in by_person.values()]
    weight = np.concatenate([np.full(each.size, 1.0 / each.size) for each in factors])
    pooled = np.concatenate(factors)
    order = np.argsort(pooled)
    share = np.cumsum(weight[order]) / weight.sum()
    return float(pooled[order][min(int(np.searchsorted(share, level)), len(pooled) - 1)])
