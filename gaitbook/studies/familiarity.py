"""Is this motion like those that a model has learned from? A score that works with anything missing.

Of every trial the model was trained on, each channel has a mean and a spread; of every kind of trial, these have a mean
and a deviation over trials. How far a part of the body is from a kind is the mean squared standard score of what is
known of it, over what is usual; how far a motion is, its farthest part. It is placed among the trials of that kind,
each judged by the other people, over the same parts: the share of them that are at least as far is the familiarity. The
most familiar kind counts.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gaitbook.models.motion_model import MotionModel
from gaitbook.models.window_sampling import Sequences
from gaitbook.representation.channels import (
    ANGLE_CHANNELS,
    HEIGHT,
    RATES,
    SAMPLING_RATE_HZ,
    VELOCITY,
    numbers_of,
)
from gaitbook.representation.hiding import PARTS, hidden_channels
from gaitbook.representation.states import encode_states
from gaitbook.studies.measured_motion import MeasuredMotion

Array = NDArray[np.float64]

STATISTICS: Final = "statistics"
MEANS: Final = (VELOCITY[0], HEIGHT, *ANGLE_CHANNELS)
SPREADS: Final = (*VELOCITY, HEIGHT, *ANGLE_CHANNELS, *RATES)
"""Channels whose mean, and whose spread (its logarithm), tell one motion from another."""
PATH: Final = "path of the pelvis"
KINDS_OF_PARTS: Final = (PATH, *PARTS)
LEAST_DEVIATIONS: Final = (0.01, 0.05)
"""Smaller deviations over trials, of means and of logarithms of spreads, are taken to be as large as this."""
FARTHEST: Final = 5.0
"""No single number counts as farther than so many deviations."""
SHORTEST_S: Final = 0.3
"""Of a channel that is known for less time nothing is said."""
STILL: Final = 1e-6
"""A channel that spreads less does not move: it is held by the body, not by the person."""
NEXT_TO_NOTHING: Final = 1e-6
REFERENCE_TRIALS: Final = 150
UNLIKE: Final = 0.01
"""Motions less familiar than this are told to be unlike what the model has learned from."""
DIGITS: Final = 4


class Familiarity(NamedTuple):
    """How familiar a motion is, from 0 (farther than every trial) to 1, NaN if nothing tells, and what to say of it."""

    value: float
    sentence: str = ""


def training_statistics(sequences: Sequences) -> dict[str, Any]:
    """What is usual in the trials that a model was trained on, for its card.

    Parameters
    ----------
    sequences
        The trials; their ``study`` names the kinds.

    Returns
    -------
    dict
        By kind: ``"mean"`` and ``"deviation"`` of every number over trials, and ``"far"``, mean squared standard scores
        (trial, part of the body) of some of them by the means and deviations of the other people.
    """
    table = np.stack([trial_numbers(values.float().numpy()) for values in sequences.values])
    study, person = np.array(sequences.study), np.array(sequences.subject)
    return {
        str(kind): _kind_statistics(table[study == kind], person[study == kind]) for kind in np.unique(study)
    }


def familiarity(model: MotionModel, motion: MeasuredMotion, hidden: Collection[str] = ()) -> Familiarity:
    """How familiar a motion is to a model.

    Parameters
    ----------
    model
        With statistics in its card; without, nothing is told.
    motion
        The trial with its body.
    hidden
        Coordinates to take as not known.
    """
    values = encode_states(motion.trial, motion.model, hidden=hidden, physics=False).numpy().copy()
    values[:, hidden_channels(hidden)] = np.nan
    numbers = trial_numbers(values)
    kinds: Mapping[str, Mapping[str, Any]] = model.card.get(STATISTICS, {})
    if not kinds or np.isnan(numbers).all():
        return Familiarity(float("nan"))
    places = {kind: _place(numbers, statistics) for kind, statistics in kinds.items()}
    value, _, part = max(places.values())
    return Familiarity(value, _sentence(part) if value < UNLIKE else "")


def trial_numbers(values: NDArray[Any]) -> Array:
    """Means and logarithms of spreads of the channels of a trial (time, channel), NaN where too little is known."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    filled = np.where(known, values, 0.0).astype(float)
    mean = filled.sum(axis=0) / np.maximum(count, 1)
    spread = np.sqrt(np.where(known, (filled - mean) ** 2, 0.0).sum(axis=0) / np.maximum(count, 1))
    told = (count >= SHORTEST_S * SAMPLING_RATE_HZ) & (spread > STILL)
    mean, logarithm = (np.where(told, each, np.nan) for each in (mean, np.log(np.maximum(spread, STILL))))
    return np.concatenate([mean[numbers_of(MEANS)], logarithm[numbers_of(SPREADS)]])


def _kind_statistics(table: Array, person: NDArray[Any]) -> dict[str, Any]:
    """Statistics of the trials (trial, number) of one kind."""
    mean, deviation = _usual(np.ones(len(table), dtype=bool), table)
    far = np.full((len(table), len(KINDS_OF_PARTS)), np.nan)
    for own in np.unique(person):
        mine = person == own
        usual = _usual(~mine, table) if not mine.all() else (mean, deviation)
        far[mine] = _far(table[mine], *usual)
    chosen = np.unique(np.linspace(0, len(far) - 1, min(len(far), REFERENCE_TRIALS)).round().astype(int))
    return {"mean": _short(mean), "deviation": _short(deviation), "far": [_short(row) for row in far[chosen]]}


def _usual(chosen: NDArray[np.bool_], table: Array) -> tuple[Array, Array]:
    """Mean and deviation of numbers over the chosen trials."""
    known = np.isfinite(table[chosen])
    count = known.sum(axis=0)
    filled = np.where(known, table[chosen], 0.0)
    mean = np.where(count > 0, filled.sum(axis=0) / np.maximum(count, 1), np.nan)
    away = np.where(known, filled - np.nan_to_num(mean), 0.0)
    deviation = np.sqrt((away**2).sum(axis=0) / np.maximum(count - 1, 1))
    least = np.repeat(LEAST_DEVIATIONS, [len(MEANS), len(SPREADS)])
    return mean, np.maximum(deviation, least)


def _far(table: Array, mean: Array, deviation: Array) -> Array:
    """Mean squared standard scores (trial, part) of numbers (trial, number), NaN where nothing is known of a part."""
    squared = np.minimum(((table - mean) / deviation) ** 2, FARTHEST**2)
    squared[np.isnan(table - mean)] = np.nan
    part_of = _parts()
    found = np.full((len(table), len(KINDS_OF_PARTS)), np.nan)
    for part in range(len(KINDS_OF_PARTS)):
        own = squared[:, part_of == part]
        known = np.isfinite(own)
        total = np.where(known, own, 0.0).sum(axis=1)
        np.divide(total, known.sum(axis=1), out=found[:, part], where=known.any(axis=1))
    return found


def _place(numbers: Array, statistics: Mapping[str, Any]) -> tuple[float, float, str]:
    """Share of the trials of a kind that are as far, the mean distance (negative), and the part that is farthest."""
    mean, deviation, others = (
        np.array(statistics[name], dtype=float) for name in ("mean", "deviation", "far")
    )
    usual = _mean_known(others)
    own = _far(numbers[None], mean, deviation)[0] / usual
    known = np.isfinite(own)
    if not known.any():
        return 0.0, -np.inf, PATH
    reference = np.where(np.isfinite(others[:, known]), others[:, known] / usual[known], 0.0).max(axis=1)
    farthest = int(np.where(known, own, -np.inf).argmax())
    return float(np.mean(reference >= own[farthest])), -float(own[known].mean()), KINDS_OF_PARTS[farthest]


def _mean_known(far: Array) -> Array:
    """Mean over trials (part,), one where nothing is known."""
    known = np.isfinite(far)
    total = np.where(known, far, 0.0).sum(axis=0)
    mean = np.divide(total, known.sum(axis=0), out=np.ones(far.shape[1]), where=known.any(axis=0))
    return np.maximum(mean, NEXT_TO_NOTHING)


def _parts() -> NDArray[np.int_]:
    """Number of the part, among `KINDS_OF_PARTS`, that each number of a trial tells of."""
    names = [name.rpartition("/")[2] for name in (*MEANS, *SPREADS)]
    part_of = {name: number for number, part in enumerate(PARTS.values(), start=1) for name in part}
    return np.array([part_of.get(name, 0) for name in names])


def _short(row: Array) -> list[float | None]:
    return [None if np.isnan(each) else float(f"{each:.{DIGITS}g}") for each in row]


def _sentence(part: str) -> str:
    what = part if part == PATH else f"motion of the {part}"
    return (
        f"this motion is unlike all that the model has learned from, most of all the {what}: "
        "take what is predicted, and its intervals, with care."
    )
