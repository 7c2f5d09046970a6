"""Numbers of a walk in front of a depth camera, stride by stride: lengths, times, supports, swings and sides.

A treadmill's belt is not in a skeleton. Speed is how fast the standing foot goes back relative to the pelvis, which is
the same on a belt and on the ground; the stride is as long as that speed makes it in its time.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import FEET
from gaitbook.studies.skeleton_paths import SkeletonPaths, both_sides
from gaitbook.studies.skeleton_steps import (
    FORE_AFT,
    SIDEWAYS,
    VERTICAL,
    find_foot_times,
    find_skeleton_strides,
)

Array = NDArray[np.float64]
JOINTS: Final = (*both_sides("ANKLE", "SHOULDER", "WRIST"), "SPINE_CHEST", "HEAD")
LOW_PASS_HZ: Final = 4.0
"""Steps of walking lie below; the noise of the camera, much of it, above."""
STANDING: Final = (0.10, 0.85)
"""Part of the stance in which the foot stands, neither landing nor leaving."""
S_PER_MIN: Final = 60.0
PERCENT: Final = 100.0
WHOLE: Final = 3
"""Fewest frames to fit a line to."""


def measure_strides(paths: SkeletonPaths) -> pd.DataFrame:
    """Numbers of every whole stride.

    Parameters
    ----------
    paths
        Of the joints in `JOINTS`, low-passed by `LOW_PASS_HZ`.

    Returns
    -------
    pandas.DataFrame
        One row per stride of either foot. Columns in m, s, m/s, percent of the stride or steps/min; step length is
        the distance of the ankles at landing. Asymmetries are right minus left in percent of their mean, and the sway
        of a wrist is its root mean square distance, about its mean, from the chest. ``attrs["left_out"]`` counts
        the pairs of landings that were no stride.

    Raises
    ------
    ValueError
        There is no whole stride.
    """
    strides = find_skeleton_strides(find_foot_times(paths))
    if strides.empty:
        raise ValueError("The walk cannot be measured: it has no whole stride")
    signals = _Signals(paths)
    rows = [
        _timing(stride) | dict(_lengths(stride, signals)) | dict(_swings(stride, signals))
        for stride in (dict(zip(strides.columns, row, strict=True)) for row in strides.to_numpy())
    ]
    measures = pd.DataFrame(rows)
    measures.attrs["left_out"] = strides.attrs["left_out"]
    return measures


class _Signals:
    """What the numbers of a stride are read from."""

    def __init__(self, paths: SkeletonPaths) -> None:
        pelvis, chest = paths.pelvis, paths.of("SPINE_CHEST")
        self.rate_hz = paths.rate_hz
        self.time_s = paths.time_s
        self.ankle = {foot: paths.of(f"ANKLE_{foot.upper()}") for foot in FEET}
        self.ahead = {foot: (ankle - pelvis)[:, FORE_AFT] for foot, ankle in self.ankle.items()}
        wrist = {foot: paths.of(f"WRIST_{foot.upper()}") for foot in FEET}
        self.swing = {
            foot: (wrist[foot] - paths.of(f"SHOULDER_{foot.upper()}"))[:, FORE_AFT] for foot in FEET
        }
        self.about_chest = {foot: wrist[foot] - chest for foot in FEET}
        self.head = paths.of("HEAD")[:, VERTICAL]

    def within(self, start_s: float, end_s: float) -> slice:
        """Frames of a span of time."""
        return slice(int(np.ceil(start_s * self.rate_hz)), int(np.floor(end_s * self.rate_hz)) + 1)

    def at(self, values: Array, time_s: float) -> float:
        """Value between frames."""
        return float(np.interp(time_s, self.time_s, values))

    def standing(self, landing_s: float, departure_s: float) -> slice:
        """Frames in which the foot neither lands nor leaves."""
        early_s, late_s = (landing_s + part * (departure_s - landing_s) for part in STANDING)
        return self.within(early_s, late_s)


def _timing(stride: dict[str, float]) -> dict[str, float]:
    whole_s = stride["end_s"] - stride["start_s"]
    stance_s = stride["toe_off_s"] - stride["start_s"]
    single_s = stride["other_start_s"] - stride["other_toe_off_s"]
    double_s = stance_s - single_s
    first_s, second_s = (
        stride["other_start_s"] - stride["start_s"],
        stride["end_s"] - stride["other_start_s"],
    )
    of_right = (second_s, first_s) if stride["foot"] == FEET[0] else (first_s, second_s)
    parts = {"stance": stance_s, "swing": whole_s - stance_s, "single_support": single_s}
    parts["double_support"] = double_s
    return {
        "stride_time_s": whole_s,
        "step_time_s": second_s,
        "cadence_steps_per_min": 2.0 * S_PER_MIN / whole_s,
        **{f"{name}_s": part for name, part in parts.items()},
        **{f"{name}_percent": PERCENT * part / whole_s for name, part in parts.items()},
        "step_time_asymmetry_percent": _asymmetry(*of_right),
    }


def _lengths(stride: dict[str, float], signals: _Signals) -> Iterator[tuple[str, float]]:
    foot = str(stride["foot"])
    other = FEET[1 - FEET.index(foot)]
    apart = (signals.ankle[foot] - signals.ankle[other])[:, FORE_AFT]
    own_m, others_m = signals.at(apart, stride["end_s"]), -signals.at(apart, stride["other_start_s"])
    stance = signals.standing(stride["start_s"], stride["toe_off_s"])
    speed_mps = -_slope(signals.ahead[foot][stance], signals.rate_hz)
    # the other foot stands while this one swings
    others_stance = signals.standing(stride["other_start_s"], stride["end_s"])
    sideways_m = (
        signals.ankle[foot][stance, SIDEWAYS].mean() - signals.ankle[other][others_stance, SIDEWAYS].mean()
    )
    yield "step_length_m", own_m
    yield "stride_length_m", speed_mps * (stride["end_s"] - stride["start_s"])
    yield "walking_speed_mps", speed_mps
    yield "step_width_m", float(sideways_m if foot == FEET[0] else -sideways_m)
    yield (
        "step_length_asymmetry_percent",
        _asymmetry(*((own_m, others_m) if foot == FEET[0] else (others_m, own_m))),
    )


def _swings(stride: dict[str, float], signals: _Signals) -> Iterator[tuple[str, float]]:
    inside = signals.within(stride["start_s"], stride["end_s"])
    leg_m, arm_m = (
        [float(np.ptp(signal[foot][inside])) for foot in FEET] for signal in (signals.ahead, signals.swing)
    )
    sway_m = [_spread(signals.about_chest[foot][inside]) for foot in FEET]
    yield "leg_swing_m", float(np.mean(leg_m))
    yield "leg_swing_asymmetry_percent", _asymmetry(*leg_m)
    yield "arm_swing_m", float(np.mean(arm_m))
    yield "arm_swing_asymmetry_percent", _asymmetry(*arm_m)
    yield "head_vertical_sway_m", float(np.ptp(signals.head[inside]))
    yield "wrist_sway_difference_m", sway_m[0] - sway_m[1]
    yield "wrist_sway_ratio", sway_m[0] / max(sway_m[1], 1e-6)


def _asymmetry(right: float, left: float) -> float:
    """Right minus left in percent of their mean."""
    mean = 0.5 * (abs(right) + abs(left))
    return PERCENT * (right - left) / mean if mean else 0.0


def _slope(values: Array, rate_hz: float) -> float:
    """Rise per second of the line through the values."""
    if len(values) < WHOLE:
        return float("nan")
    time = np.arange(len(values)) - 0.5 * (len(values) - 1)
    return float(time @ values / (time @ time) * rate_hz)


def _spread(path: Array) -> float:
    """Root mean square distance from the mean."""
    return float(np.sqrt(path.var(axis=0).sum()))
