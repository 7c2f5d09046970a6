"""Does a request, or the person it is made to, lie outside what a stride model has learned from? Told in words.

Beyond the limits a model is asked at the nearest request within them: doses on the straight way from the person's own
gait, along which what it finds is carried on; speed at the limit. Intervals widen with how far beyond that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr

from gaitbook.representation.gait_change import GaitChange

WORDS: Final = {
    "trunk_lean_rad": ("a trunk lean of {:.0f}°", "{:.0f}°", 180.0 / np.pi),
    "toe_out_rad": ("a toe-out of {:.0f}°", "{:.0f}°", 180.0 / np.pi),
    "step_width_m": ("a change of step width by {:+.0f} cm", "{:+.0f} cm", 100.0),
    "medial_thrust_rad": ("a medial thrust of {:.0f}°", "{:.0f}°", 180.0 / np.pi),
    "stride_length": ("a change of stride length by {:+.0f} %", "{:+.0f} %", 100.0),
    "speed_mps": ("a speed of {:.1f} m/s", "{:.1f} m/s", 1.0),
}
"""How a dose and its limit are told, and what they are multiplied by for that."""
GAITS: Final = {"walk": "walking", "run": "running"}
UNUSUAL: Final = 3.0
"""Own strides that differ from the middle of their gait by so many times the usual are told to be unlike."""
TOLERANCE: Final = 0.02
"""Share of the whole range that a request may be beyond it."""


class Reach(NamedTuple):
    """The nearest request within the limits, and how far beyond it the person was asked to go.

    ``times`` is how many times larger the doses are, ``beyond`` the same with the speed counted in, and ``words`` say
    it.
    """

    within: GaitChange
    times: float
    beyond: float
    words: tuple[str, ...]


def reach_of(change: GaitChange, stride: xr.Dataset, card: Mapping[str, Any]) -> Reach:
    """How far a request is beyond what a model has seen.

    Parameters
    ----------
    change
        What is asked for.
    stride
        The person's own, with ``gait`` and ``speed_mps`` among its attributes.
    card
        Of the model, with the limits of each gait.

    Raises
    ------
    ValueError
        The model has not learned this gait.
    """
    gait = str(stride.attrs["gait"])
    limits = card["limits"].get(gait)
    if limits is None:
        learned = ", ".join(GAITS.get(name, name) for name in card["limits"])
        raise ValueError(
            f"The stride model has learned no {GAITS.get(gait, gait)}, only {learned}: ask about that."
        )
    doses, words = _dose_reach(change, limits, gait)
    speed_mps, paced = change.speed_mps, 1.0
    if speed_mps is not None and _outside(speed_mps, *limits["speed_mps"]):
        low, high = limits["speed_mps"]
        words.append(_say("speed_mps", speed_mps, low if speed_mps < low else high, gait))
        paced = _speed_times(speed_mps, low, high)
        speed_mps = float(np.clip(speed_mps, low, high))
    scaled = {name: dose / doses for name, dose in change.doses.items()}
    within = replace(change, **scaled, speed_mps=speed_mps)
    return Reach(within, doses, max(doses, paced), tuple(words))


def own_words(distance: float) -> tuple[str, ...]:
    """What is told of an own stride that is so many times farther from its gait than is usual."""
    if distance < UNUSUAL:
        return ()
    return (
        f"This person's own stride is {distance:.1f} times as far from those the model has seen as is usual",
    )


def _dose_reach(
    change: GaitChange, limits: Mapping[str, Sequence[float]], gait: str
) -> tuple[float, list[str]]:
    """How many times farther than its limit the farthest dose is, at least one, and words on all that are beyond."""
    times, words = 1.0, []
    for name, value in change.doses.items():
        low, high = limits[name]
        if _outside(value, low, high):
            limit = low if value < low else high
            words.append(_say(name, value, limit, gait))
            times = max(times, value / limit if limit else np.inf)
    return times, words


def _outside(value: float, low: float, high: float) -> bool:
    slack = TOLERANCE * (high - low)
    return not low - slack <= value <= high + slack


def _say(name: str, value: float, limit: float, gait: str) -> str:
    said, bound, scale = WORDS[name]
    to = "down to" if 0.0 < value < limit else "up to"
    return (
        f"{said.format(scale * value).capitalize()} is beyond what the model has seen {GAITS[gait]} "
        f"({to} {bound.format(scale * limit)})"
    )


def _speed_times(value: float, low: float, high: float) -> float:
    """One, and the distance beyond the limit in halves of the whole range, both of the logarithm of speed."""
    limit = low if value < low else high
    return 1.0 + float(abs(np.log(value / limit)) / (0.5 * np.log(high / low)))
