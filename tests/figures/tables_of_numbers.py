"""Tables as the studies return them, made up: half sines for forces, round numbers for errors."""

from itertools import product

import numpy as np
import pandas as pd

METHODS = ("Newton", "ridge", "CNN")
SPEEDS_MPS = (2.5, 3.5, 4.5)
AXES = ("y", "x", "z")


def cycle_curves(methods=METHODS, speeds_mps=SPEEDS_MPS, axes=AXES):
    """Half a sine in the first 40 % of the cycle, smaller for each further source, with a band of 5."""
    phase = np.arange(0.0, 101.0, 5.0)
    force = np.where(phase < 40, 200 * np.sin(np.pi * phase / 40), 0.0)
    parts = []
    for (place, source), speed, axis in product(enumerate(("measured", *methods)), speeds_mps, axes):
        mean = force * (1 - place / 10)
        bands = {"mean": mean, "low": mean - 5, "high": mean + 5}
        labels = {"source": source, "speed_mps": speed, "axis": axis}
        parts.append(pd.DataFrame({"phase_percent": phase, **bands, **labels, "n": 20}))
    return pd.concat(parts, ignore_index=True)


def error_table(methods=METHODS, speeds_mps=SPEEDS_MPS, axes=AXES):
    """Errors from 6 %BW upward, 2 more for each method, with bars of 1."""
    rows = []
    for measure, axis, speed, (place, method) in product(
        ("profile", "peak"), axes, speeds_mps, enumerate(methods)
    ):
        value = 6.0 + 2 * place
        rows.append((measure, axis, speed, method, value, value - 1, value + 1, 20, "%BW"))
    return pd.DataFrame(
        rows, columns=["measure", "axis", "speed_mps", "method", "value", "low", "high", "n", "unit"]
    )


def runner_table(methods=METHODS, axes=AXES, runners=4):
    """One error per runner, method and axis."""
    rows = [
        (f"S{runner}", method, axis, 5.0 + runner + place, "%BW")
        for runner, (place, method), axis in product(range(runners), enumerate(methods), axes)
    ]
    return pd.DataFrame(rows, columns=["subject", "method", "axis", "value", "unit"])


def event_differences(speeds_mps=SPEEDS_MPS):
    """Foot strikes found 10 ms late, toe-offs 5 ms early, spread over 10 ms, of three people."""
    spread = (-0.005, 0.0, 0.005)
    rows = [
        (subject, speed, foot, event, middle + step)
        for subject, speed, foot, (event, middle), step in product(
            ("A", "B", "C"), speeds_mps, ("right", "left"), (("strike", 0.010), ("toe-off", -0.005)), spread
        )
    ]
    return pd.DataFrame(rows, columns=["subject", "speed_mps", "foot", "event", "difference_s"])


def cutoff_sweep(cutoffs_hz=(2.0, 6.0, 10.0, 20.0)):
    """A measured half sine, and an estimate that grows with the cut-off; the error falls from 9 by 1 per setting."""
    curves = cycle_curves(methods=("Newton",), speeds_mps=(2.5,), axes=("y",))
    curves = curves.rename(columns={"mean": "value"})[
        ["source", "phase_percent", "value", "low", "high", "n"]
    ]
    parts = []
    for place, cutoff_hz in enumerate(cutoffs_hz):
        factor = np.where(curves["source"] == "measured", 1.0, 0.8 + 0.05 * place)
        scaled = curves.assign(**{name: curves[name] * factor for name in ("value", "low", "high")})
        error = 9.0 - place
        parts.append(
            scaled.assign(
                cutoff_hz=cutoff_hz, unit="%BW", error=error, error_low=error - 0.5, error_high=error + 0.5
            )
        )
    return pd.concat(parts, ignore_index=True)


def pressure_sweep(shifts_mm=(-10, 0, 10, 20)):
    """A half sine of 3 at its top that loses 0.06 per mm; its peak changes by as much."""
    phase = np.arange(0.0, 101.0, 10.0)
    parts = []
    for shift_mm, series in product(shifts_mm, ("as measured", "shifted")):
        top = 3.0 - 0.06 * shift_mm * (series == "shifted")
        value = top * np.sin(np.pi * phase / 100)
        change = -0.06 * shift_mm
        readout = {"readout": change, "readout_low": change - 0.1, "readout_high": change + 0.1}
        bands = {"value": value, "low": value - 0.5, "high": value + 0.5}
        labels = {"setting": shift_mm, "series": series, "n": 20, "unit": "%BW·H"}
        parts.append(pd.DataFrame({"x": phase, **bands, **labels, **readout}))
    return pd.concat(parts, ignore_index=True)
