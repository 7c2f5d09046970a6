"""Intervals that hold: how much wider than the draws they must be, learned from people kept for it.

The draws of a model are seldom spread as its errors are. For every axis, summary and condition, for recorded and
simulated walking and running, the factor is found by which the draws must be spread about their mean so that the middle
ninety percent of them hold ninety percent of what was measured; each person weighs alike. It is learned from people who
are neither trained on nor tested.

With :math:`n` people conformal prediction asks for the quantile :math:`(1 + 1/n)` times as high, as the next person
may be worse than all before. For nine people and fewer that lies above all that was ever seen, and up to some tens of
people it is a far tail, which nobody's frames tell: intervals would be useless long before they were safe. From
`ENOUGH_PEOPLE` on it is done; below, the plain quantile is taken, which holds on average over people, not for each.

References
----------
Vovk (2005), Algorithmic learning in a random world, doi:10.1007/b106715. Romano (2019), Conformalized quantile
regression, arXiv:1905.03222. Dunn (2023), Distribution-free prediction sets for two-layer hierarchical models,
doi:10.1080/01621459.2022.2060112.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES
from gaitbook.representation.hiding import PARTS, hidden_coordinates
from gaitbook.studies.stance_measures import STANCE_UNITS
from gaitbook.studies.trial_facts import gait_of

Array = NDArray[np.float64]

LEVEL: Final = 0.9
LARGEST_FACTOR: Final = 20.0
ENOUGH_PEOPLE: Final = 40
ANGLE: Final = "angle"
FACTORS: Final = (*AXES, *STANCE_UNITS, ANGLE)
"""What has a factor: force by axis, summaries of a stance, and angles that were not measured."""
CARD: Final = "calibration"
SIMULATED, RECORDED = "simulated", "recorded"


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
    return pooled_factor(by_person, level=level)


def pooled_factor(needed: Mapping[str, Sequence[Array]], *, level: float = LEVEL) -> float:
    """Factor that is enough as often as the level says, each person weighing alike.

    Parameters
    ----------
    needed
        By person: what `needed_factors` gave.
    level
        Of the intervals; raised to (1 + 1/n) of itself for n people, if there are at least `ENOUGH_PEOPLE`.

    Raises
    ------
    ValueError
        There is nobody to learn from.
    """
    factors = [np.concatenate([np.ravel(part) for part in parts]) for parts in needed.values()]
    factors = [each for each in factors if each.size]
    if not factors:
        raise ValueError("nobody is there to calibrate with: keep some people out of the training")
    if len(factors) >= ENOUGH_PEOPLE:
        level = min(level * (1.0 + 1.0 / len(factors)), 1.0)
    weight = np.concatenate([np.full(each.size, 1.0 / each.size) for each in factors])
    pooled = np.concatenate(factors)
    order = np.argsort(pooled)
    share = np.cumsum(weight[order]) / weight.sum()
    return float(pooled[order][min(int(np.searchsorted(share, level)), len(pooled) - 1)])


def calibration_key(trial: xr.Dataset, condition: str) -> str:
    """Name of the factors for a trial: ``"<origin>/<gait>/<condition>"``.

    Parameters
    ----------
    trial
        With ``attrs["source"]``, and ``attrs["gait"]`` or ``in_contact``.
    condition
        What is hidden.
    """
    origin = SIMULATED if trial.attrs.get("source") == SIMULATED else RECORDED
    return f"{origin}/{gait_of(trial)}/{condition}"


def interval_factors(card: Mapping[str, Any], trial: xr.Dataset, condition: str) -> dict[str, float]:
    """Factors of a model that fit a trial best, by what they are for (`FACTORS`).

    Parameters
    ----------
    card
        Of the model.
    trial, condition
        As for `calibration_key`; a completed trial will do.

    Returns
    -------
    dict
        Those learned for such trials and this condition; else for such trials and the condition that hides the most
        similar coordinates; else, of all other trials under that condition, the largest; one where nothing was learned.
    """
    entries: Mapping[str, Mapping[str, float]] = card.get(CARD, {})
    group = calibration_key(trial, "")
    groups = sorted({key.rpartition("/")[0] + "/" for key in entries})
    chosen = [group] if group in groups else groups
    found = [entries[each + _nearest(condition, each, entries)] for each in chosen]
    return {name: max((each[name] for each in found if name in each), default=1.0) for name in FACTORS}


def nearest_condition(hidden: Collection[str], conditions: Iterable[str]) -> str:
    """Condition that hides most nearly these coordinates; of two that are as near, the one that hides more.

    Parameters
    ----------
    hidden
        Coordinates; arms are no matter of conditions, and do not count.
    conditions
        Names, as `gaitbook.representation.hiding.hidden_coordinates` takes them.
    """
    arms = set(PARTS["arms"])
    wanted = set(hidden) - arms
    apart = {name: set(hidden_coordinates(name)) - arms for name in conditions}
    return min(apart, key=lambda name: (len(apart[name] ^ wanted), -len(apart[name]), name))


def _nearest(condition: str, group: str, entries: Collection[str]) -> str:
    own = [key.removeprefix(group) for key in entries if key.startswith(group)]
    return condition if condition in own else nearest_condition(hidden_coordinates(condition), own)
