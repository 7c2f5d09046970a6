"""Numbers of rising from a bench again and again: how often, how fast, how far the trunk leans."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.skeleton_paths import SkeletonPaths
from gaitbook.studies.skeleton_steps import FORE_AFT, SIDEWAYS, VERTICAL

Array = NDArray[np.float64]
JOINTS: Final = ("NECK",)
LOW_PASS_HZ: Final = 3.0
LEAST_RISE_M: Final = 0.15
SEATED, HALFWAY, UPRIGHT = 0.2, 0.5, 0.8
"""Shares of the way of the pelvis from the bench to upright."""
COUNT_S: Final = 30.0
"""The usual length of the test."""


def measure_rises(paths: SkeletonPaths) -> pd.DataFrame:
    """Numbers of every rise from the bench.

    Parameters
    ----------
    paths
        With the neck, low-passed by `LOW_PASS_HZ`.

    Returns
    -------
    pandas.DataFrame
        One row per rise: rise_s and descent_s, from a fifth to four fifths of the way and back, repetition_s from
        one rise to the next, trunk_lean_rad, the largest about the rise, rise_speed_mps, the highest, and
        side_shift_m, the way of the pelvis to the sides. NaN where the trial ends before. ``attrs["per_30_s"]``:
        rises in 30 s at this pace.

    Raises
    ------
    ValueError
        Nobody rises.
    """
    height = paths.pelvis[:, VERTICAL]
    low, high = np.percentile(height, (5.0, 95.0))
    if high - low < LEAST_RISE_M:
        raise ValueError("The rises cannot be measured: nobody rises in the trial")
    share = (height - low) / (high - low)
    rises = _rises(share)
    if not len(rises):
        raise ValueError("The rises cannot be measured: nobody rises in the trial")
    measures = pd.DataFrame([_measure(paths, share, rises, number) for number in range(len(rises))])
    usual_s = measures["repetition_s"].median()
    duration_s = len(height) / paths.rate_hz
    measures.attrs["per_30_s"] = float(
        COUNT_S / usual_s if np.isfinite(usual_s) else len(rises) * COUNT_S / duration_s
    )
    return measures


def _rises(share: Array) -> Array:
    """Frames at which the pelvis is halfway up, of whole rises only."""
    halfway = _crossings(share, HALFWAY, up=True)
    bounds = [0.0, *halfway, float(len(share))]
    whole = [
        share[int(before) : int(own) + 1].min() < SEATED
        and share[int(own) : int(np.ceil(after)) + 1].max() > UPRIGHT
        for before, own, after in zip(bounds[:-2], halfway, bounds[2:], strict=True)
    ]
    return halfway[np.array(whole, dtype=bool)]


def _measure(paths: SkeletonPaths, share: Array, rises: Array, number: int) -> dict[str, float]:
    rate_hz, own = paths.rate_hz, rises[number]
    following = rises[number + 1] if number + 1 < len(rises) else np.inf
    begun = _last(_crossings(share, SEATED, up=True), own)
    done = _next(_crossings(share, UPRIGHT, up=True), own)
    seated = _next(_crossings(share, SEATED, up=False), done)
    # whoever stands may waver: the last departure before sitting down counts
    leaving = _last(_crossings(share, UPRIGHT, up=False), seated)
    inside = slice(max(0, int(begun) if np.isfinite(begun) else 0), int(done) + 1)
    trunk = paths.of("NECK")[inside] - paths.pelvis[inside]
    speed_mps = np.diff(paths.pelvis[inside, VERTICAL]) * rate_hz
    return {
        "rise_s": (done - begun) / rate_hz,
        "descent_s": (seated - leaving) / rate_hz,
        "repetition_s": (following - own) / rate_hz if np.isfinite(following) else np.nan,
        "trunk_lean_rad": float(np.arctan2(trunk[:, FORE_AFT], trunk[:, VERTICAL]).max()),
        "rise_speed_mps": float(speed_mps.max(initial=0.0)),
        "side_shift_m": float(np.ptp(paths.pelvis[inside, SIDEWAYS])),
    }


def _crossings(values: Array, level: float, *, up: bool) -> Array:
    """Frames, between two, at which a level is crossed upward or downward."""
    above = values > level
    before = np.flatnonzero(~above[:-1] & above[1:] if up else above[:-1] & ~above[1:])
    return np.asarray(before + (level - values[before]) / (values[before + 1] - values[before]))


def _last(frames: Array, until: float) -> float:
    found = frames[frames <= until]
    return float(found[-1]) if len(found) else float("nan")


def _next(frames: Array, since: float) -> float:
    found = frames[frames >= since]
    return float(found[0]) if len(found) else float("nan")
