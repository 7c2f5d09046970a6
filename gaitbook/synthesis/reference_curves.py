"""How people walk and run on average, at any speed: the joint angles over a cycle.

The numbers are in ``walking_reference.yml`` and ``running_reference.yml`` with their sources; both are derived from
open recordings. Cycles start when the right foot lands; coordinates without side are those of the right limb, and the
left does the same half a cycle later. Curves are Fourier coefficients ``a0, a1, b1, a2, b2 ...`` of
``a0 + sum_k a_k cos(2 pi k phase) + b_k sin(2 pi k phase)``.
"""

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

from gaitbook.synthesis.periodic import fourier_matrix

Array = NDArray[np.float64]

SLOWEST_WALK, FASTEST_WALK = 0.14, 0.75
"""Dimensionless speeds beyond which the curves of walking change no more."""
SLOWEST_RUN_MPS, UNDAMPED_TO_MPS = 1.8, 5.0
FARTHEST_BEYOND = 0.2
"""Faster than the runners were recorded the curves change less and less, by this much of ln(speed) at most."""


def evaluate_curve(coefficients: ArrayLike, phase: ArrayLike) -> Array:
    """Values of a curve at phases (0 to 1) of the cycle.

    Parameters
    ----------
    coefficients
        ``a0, a1, b1, a2, b2 ...``.
    phase
        Any shape.

    Examples
    --------
    >>> evaluate_curve([1.0, 0.0, 2.0], [0.0, 0.25, 0.5]).round(6).tolist()
    [1.0, 3.0, 1.0]
    """
    wave = np.asarray(coefficients, dtype=float)
    return np.asarray(fourier_matrix(np.asarray(phase, dtype=float), len(wave) // 2) @ wave)


def walking_reference(speed: float) -> dict[str, Array]:
    """Joint angles of adults who walk at a dimensionless speed, as Fourier coefficients in rad.

    Parameters
    ----------
    speed
        Speed over the square root of gravity times leg length; beyond 0.14 to 0.75 the curves stay as they are there.

    Returns
    -------
    dict
        Coefficients by coordinate without side.

    References
    ----------
    Schwartz et al. (2008), doi:10.1016/j.jbiomech.2008.03.015.
    """
    table = load_reference("walking")
    angles = {name: polynomial(entry, speed) for name, entry in table["angles"].items()}
    for correction in table["adult_corrections"].values():
        if "deg" in correction:
            name = correction["coordinate"]
            angles[name] = _sum(angles[name], np.array(correction["deg"]))
    return {name: np.deg2rad(wave) for name, wave in angles.items()}


def running_reference(speed_mps: float) -> dict[str, Array]:
    """Joint angles of adults who run at a speed, as Fourier coefficients in rad.

    They change in proportion to the logarithm of the speed between 1.8 and 5 m/s, and ever less above: faster runners
    were not recorded.

    Parameters
    ----------
    speed_mps
        Speed.

    Returns
    -------
    dict
        Coefficients by coordinate without side.

    References
    ----------
    Fukuchi et al. (2017), doi:10.7717/peerj.3298.
    """
    table = load_reference("running")
    return {
        name: np.deg2rad(along_speed(table["speeds_mps"], entry["deg"], speed_mps))
        for name, entry in table["angles"].items()
    }


def reference_spread(gait: str) -> dict[str, float]:
    """Standard deviation between people of each coordinate, rad, mean over the cycle and the speeds.

    Parameters
    ----------
    gait
        ``"walking"`` or ``"running"``.

    Raises
    ------
    ValueError
        If there is no such gait.
    """
    return {
        name: float(np.deg2rad(np.mean(entry["sd_deg"])))
        for name, entry in load_reference(gait)["angles"].items()
    }


def polynomial(entry: dict[str, Any], speed: float) -> Array:
    """Coefficients ``v2 v^2 + v1 v + v0`` at a dimensionless speed of walking."""
    held = float(np.clip(speed, SLOWEST_WALK, FASTEST_WALK))
    return np.asarray(np.sum([np.array(entry[f"v{power}"]) * held**power for power in range(3)], axis=0))


def along_speed(speeds_mps: ArrayLike, rows: ArrayLike, speed_mps: float) -> Array:
    """Row of numbers at a speed of running, from rows at measured speeds: a straight line over ln(speed)."""
    measured = np.log(np.asarray(speeds_mps, dtype=float))
    slope, constant = np.polyfit(measured, np.asarray(rows, dtype=float), 1)
    wanted = np.log(max(speed_mps, SLOWEST_RUN_MPS))
    beyond = max(wanted - np.log(UNDAMPED_TO_MPS), 0.0)
    damped = FARTHEST_BEYOND * (1.0 - np.exp(-beyond / FARTHEST_BEYOND))
    return np.asarray(constant + slope * (wanted - beyond + damped))


@cache
def load_reference(gait: str) -> dict[str, Any]:
    """Table of a gait, as in its file.

    Raises
    ------
    ValueError
        If there is no such gait.
    """
    if gait not in ("walking", "running"):
        raise ValueError(f"no reference of gait {gait!r}; choose 'walking' or 'running'")
    text = (resources.files("gaitbook.synthesis") / f"{gait}_reference.yml").read_text(encoding="utf-8")
    # The parser written in C is ten times as fast, where it is built.
    table: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return table


def _sum(first: Array, second: Array) -> Array:
    longest = max(len(first), len(second))
    return np.asarray(sum(np.pad(wave, (0, longest - len(wave))) for wave in (first, second)))
