"""When the feet of a skeleton land and leave, from where the ankles are before and behind the pelvis.

A foot lands when its ankle is farthest before the pelvis and leaves when it is farthest behind (Zeni et al. 2008,
doi:10.1016/j.gaitpost.2007.07.007), on a treadmill as on the ground. Who marches on the spot hardly moves the ankles
to and fro; then a foot leaves when its ankle rises and lands when it is down again.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.fft import next_fast_len, rfft
from scipy.signal import find_peaks

from gaitbook.conventions import FEET
from gaitbook.studies.skeleton_paths import SkeletonPaths

Array = NDArray[np.float64]
FORE_AFT, VERTICAL, SIDEWAYS = 0, 1, 2
STRIDE_BAND_HZ: Final = (0.25, 2.0)
PADDING: Final = 8
ON_THE_SPOT_M: Final = 0.15
"""Whose ankles pass each other by less than this, from the 5th to the 95th percentile, marches on the spot."""
RAISED: Final = 0.2
"""Share of an ankle's rise above which the foot is off the ground in a march on the spot."""
APART: Final = 0.6
"""Least time between two landings of a foot, of the usual stride."""
PROMINENCE: Final = 0.4
"""Least rise of an extreme out of its surroundings, of the range from the 5th to the 95th percentile."""
LONGEST: Final = 1.5
"""Strides so many times the usual one have swallowed a landing."""
COLUMNS: Final = ("foot", "start_s", "other_toe_off_s", "other_start_s", "toe_off_s", "end_s")


class FootTimes(NamedTuple):
    """Times of a foot's landings and departures, s, each in order."""

    landings_s: Array
    departures_s: Array


def find_foot_times(paths: SkeletonPaths) -> dict[str, FootTimes]:
    """Landings and departures of both feet.

    Parameters
    ----------
    paths
        With both ankles, low-passed; x forward.

    Returns
    -------
    dict
        `FootTimes` by foot, between frames by a parabola through three of them.
    """
    ankles = {foot: paths.of(f"ANKLE_{foot.upper()}") for foot in FEET}
    apart = ankles["right"] - ankles["left"]
    on_the_spot = bool(_range(apart[:, FORE_AFT]) < ON_THE_SPOT_M)
    axis = VERTICAL if on_the_spot else FORE_AFT
    stride = _usual_stride(apart[:, axis], paths.rate_hz)
    times = {}
    for foot, ankle in ankles.items():
        if on_the_spot:
            frames = _lifts(ankle[:, VERTICAL], stride)
        else:
            ahead = (ankle - paths.pelvis)[:, FORE_AFT]
            frames = _extremes(ahead, stride), _extremes(-ahead, stride)
        times[foot] = FootTimes(*(found / paths.rate_hz for found in frames))
    return times


def find_skeleton_strides(times: Mapping[str, FootTimes]) -> pd.DataFrame:
    """Whole strides of both feet: from landing to landing, with one departure of each foot and one landing between.

    Parameters
    ----------
    times
        As `find_foot_times` gives them.

    Returns
    -------
    pandas.DataFrame
        Columns foot, start_s, other_toe_off_s, other_start_s, toe_off_s, end_s, in order of time;
        ``attrs["left_out"]`` counts the pairs of landings that were none.
    """
    rows, left_out = [], 0
    for foot, other in zip(FEET, FEET[::-1], strict=True):
        landings_s = times[foot].landings_s
        usual_s = np.median(np.diff(landings_s)) if len(landings_s) > 1 else np.nan
        for start_s, end_s in pairwise(landings_s):
            between = [
                found[(found > start_s) & (found < end_s)]
                for found in (times[other].departures_s, times[other].landings_s, times[foot].departures_s)
            ]
            whole = all(len(found) == 1 for found in between) and end_s - start_s < LONGEST * usual_s
            if whole and between[0][0] < between[1][0]:
                rows.append((foot, start_s, *(float(found[0]) for found in between), end_s))
            else:
                left_out += 1
    strides = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("start_s", ignore_index=True)
    strides.attrs["left_out"] = left_out
    return strides


def _range(values: Array) -> np.floating:
    low, high = np.percentile(values, (5.0, 95.0))
    return high - low


def _usual_stride(apart: Array, rate_hz: float) -> float:
    """Frames of a stride: the period that dominates the distance between the ankles."""
    tapered = (apart - apart.mean()) * np.hanning(len(apart))
    length = next_fast_len(PADDING * len(apart), real=True)
    power = np.abs(rfft(tapered, length))
    frequency_hz = np.arange(len(power)) * rate_hz / length
    power[(frequency_hz < STRIDE_BAND_HZ[0]) | (frequency_hz > STRIDE_BAND_HZ[1])] = 0.0
    return rate_hz / float(frequency_hz[power.argmax()]) if power.any() else float(len(apart))


def _extremes(values: Array, stride: float) -> Array:
    """Frames of the maxima, one per stride, between frames by a parabola."""
    peaks, _ = find_peaks(
        values, distance=max(1, int(APART * stride)), prominence=PROMINENCE * _range(values) + 1e-9
    )
    before, own, after = values[peaks - 1], values[peaks], values[peaks + 1]
    curvature = before - 2.0 * own + after
    return np.asarray(
        peaks + 0.5 * (before - after) / np.where(curvature == 0, 1.0, curvature), dtype=np.float64
    )


def _lifts(height: Array, stride: float) -> tuple[Array, Array]:
    """Frames at which a foot that marches on the spot is down again, and at which it leaves."""
    low = np.percentile(height, 5.0)
    tops = _extremes(height, stride)
    level = low + RAISED * _range(height)
    above = height > level
    down = np.flatnonzero(above[:-1] & ~above[1:])
    up = np.flatnonzero(~above[:-1] & above[1:])
    landings = [_crossing(height, level, down[down >= top][0]) for top in tops if (down >= top).any()]
    departures = [_crossing(height, level, up[up < top][-1]) for top in tops if (up < top).any()]
    return np.unique(landings), np.unique(departures)


def _crossing(values: Array, level: float, before: int) -> float:
    """Frame, between two, at which a level is crossed."""
    return float(before + (level - values[before]) / (values[before + 1] - values[before]))
