"""How far completed force is from measured force, how wide its intervals are, and whether they hold.

Profile and peak errors follow the recipe of `gaitbook.studies.metrics`, for the mean of the draws. The rest is judged
over the frames of stance (by plate or by any draw): elsewhere both are zero, which would flatter every interval.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES, CONTACT_FORCE_N, GRAVITY_MPS2, UP
from gaitbook.studies.metrics import force_errors, to_body_weights
from gaitbook.studies.stance_measures import STANCE_UNITS, find_stances, measure_stances
from gaitbook.studies.trials import measured_strides

Array = NDArray[np.float64]

FOOT: Final = "left"
LEVEL: Final = 0.9
MM_PER_M: Final = 1000.0
MOST: Final = 0.5
LOADED_SHARE: Final = 0.1
"""The center of pressure is judged where the foot carries this share of body weight."""


def judge_completion(
    completed: xr.Dataset,
    measured: xr.Dataset,
    *,
    level: float = LEVEL,
    factors: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Errors and coverage of one completed trial, of the left foot unless said otherwise.

    Parameters
    ----------
    completed
        As given by `complete_trial`.
    measured
        The trial with its force, on the same time stamps.
    level
        Of the intervals.
    factors
        By axis and measure of a stance, how much wider than the draws the calibrated intervals are; one by default.

    Returns
    -------
    pandas.DataFrame
        Columns axis, measure, value, unit. Measures: ``profile`` and ``peak`` (mean absolute error, %BW), ``crps``
        (continuous ranked probability score, %BW), ``coverage`` and ``width`` (of the intervals, share and %BW),
        ``spread`` (standard deviation of the draws, %BW); ``pressure`` (mm) along x and z; and of whole stances of
        both feet, vertical: ``stance_peak``, ``stance_impulse`` and ``stance_loading_rate`` (mean absolute error, units
        as in `gaitbook.studies.stance_measures`), ``peak_coverage``, ``impulse_coverage`` and
        ``loading_rate_coverage`` (of their intervals).
    """
    mass_kg = float(measured.attrs["mass_kg"])
    draws = to_body_weights(completed["ground_reaction_force"].sel(foot=FOOT), mass_kg)
    truth = to_body_weights(measured["ground_reaction_force"].sel(foot=FOOT), mass_kg)
    strides = _strides(measured)
    mean = completed["ground_reaction_force"].mean("draw")
    errors = force_errors(mean, measured["ground_reaction_force"], strides, mass_kg=mass_kg)
    rows: Any = errors.drop(columns="strides").assign(unit="%BW").to_dict("records")
    judged = _judged_frames(draws, truth, strides, mass_kg)
    for axis in AXES:
        own, real = _at(draws, truth, judged, axis)
        rows += _spread_rows(axis, own, real, level, (factors or {}).get(axis, 1.0))
    rows += _stance_rows(completed, measured, level, factors or {}) + _pressure_rows(
        completed, measured, judged
    )
    return pd.DataFrame(rows)


def measure_stance_draws(completed: xr.Dataset, measured: xr.Dataset) -> dict[str, tuple[Array, Array]]:
    """Drawn (draw, stance) and measured (stance,) summaries of the measured stances of both feet, by measure."""
    stances, mass_kg = find_stances(measured), float(measured.attrs["mass_kg"])
    drawn, real = (
        measure_stances(each["ground_reaction_force"], stances, mass_kg=mass_kg)
        for each in (completed, measured)
    )
    return {
        name: (drawn.sel(measure=name).transpose("draw", "stance").values, real.sel(measure=name).values)
        for name in STANCE_UNITS
    }


def stance_draws(completed: xr.Dataset, measured: xr.Dataset, axis: str) -> tuple[Array, Array]:
    """Drawn (draw, frame) and measured (frame,) force along an axis in the frames that are judged, %BW."""
    mass_kg = float(measured.attrs["mass_kg"])
    draws, truth = (
        to_body_weights(each["ground_reaction_force"].sel(foot=FOOT), mass_kg)
        for each in (completed, measured)
    )
    return _at(draws, truth, _judged_frames(draws, truth, _strides(measured), mass_kg), axis)


def ranked_probability_score(draws: Array, truth: Array) -> Array:
    """Continuous ranked probability score of draws (draw, ...) of a truth (...), in its unit; fair for few draws.

    References
    ----------
    Gneiting and Raftery (2007), doi:10.1198/016214506000001437; Ferro (2014), doi:10.1002/qj.2270.
    """
    count = len(draws)
    error = np.abs(draws - truth).mean(axis=0)
    if count == 1:
        return np.asarray(error)
    order = np.sort(draws, axis=0)
    rank = (2.0 * np.arange(1, count + 1) - count - 1.0).reshape(-1, *[1] * truth.ndim)
    return np.asarray(error - (rank * order).sum(axis=0) / (count * (count - 1)))


def widened(draws: Array, factor: float) -> Array:
    """Draws (draw, ...) spread about their mean by a factor."""
    mean = draws.mean(axis=0)
    return np.asarray(mean + factor * (draws - mean))


def _at(
    draws: xr.DataArray, truth: xr.DataArray, judged: NDArray[np.bool_], axis: str
) -> tuple[Array, Array]:
    own = draws.sel(axis=axis).transpose("draw", "time").values[:, judged]
    return own, truth.sel(axis=axis).values[judged]


def _strides(measured: xr.Dataset) -> pd.DataFrame:
    """Strides of the foot; the whole trial where an overground recording has no complete one."""
    strides = measured_strides(measured)
    if (strides["foot"] == FOOT).any():
        return strides
    first, last = measured["time"].values[[0, -1]]
    return pd.DataFrame([{"foot": FOOT, "start_s": first, "toe_off_s": last, "end_s": last}])


def _judged_frames(
    draws: xr.DataArray, truth: xr.DataArray, strides: pd.DataFrame, mass_kg: float
) -> NDArray[np.bool_]:
    time_s = truth["time"].values
    inside = np.zeros(time_s.size, dtype=bool)
    for stride in strides[strides["foot"] == FOOT].itertuples():
        inside |= (time_s >= stride.start_s) & (time_s <= stride.end_s)
    least = 100.0 * CONTACT_FORCE_N / (mass_kg * GRAVITY_MPS2)
    loaded = (draws.sel(axis="y") > least).mean("draw").values > MOST
    return np.asarray(inside & (loaded | (truth.sel(axis="y").values > least)))


def _stance_rows(
    completed: xr.Dataset, measured: xr.Dataset, level: float, factors: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Errors of peak, impulse and loading rate, and how often their intervals hold; none without a whole stance."""
    rows = []
    for name, (draws, truth) in measure_stance_draws(completed, measured).items():
        if truth.size:
            inside = _inside(widened(draws, factors.get(name, 1.0)), truth, level)
            error = float(np.abs(draws.mean(axis=0) - truth).mean())
            rows.append({"axis": UP, "measure": f"stance_{name}", "value": error, "unit": STANCE_UNITS[name]})
            rows.append(
                {"axis": UP, "measure": f"{name}_coverage", "value": float(inside.mean()), "unit": "1"}
            )
    return rows


def _inside(draws: Array, truth: Array, level: float) -> NDArray[np.bool_]:
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return np.asarray((truth >= low) & (truth <= high))


def _spread_rows(axis: str, draws: Array, truth: Array, level: float, factor: float) -> list[dict[str, Any]]:
    wide = widened(draws, factor)
    low, high = np.quantile(wide, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    found = {
        "crps": (float(ranked_probability_score(wide, truth).mean()), "%BW"),
        "coverage": (float(_inside(wide, truth, level).mean()), "1"),
        "width": (float((high - low).mean()), "%BW"),
        "spread": (float(draws.std(axis=0).mean()), "%BW"),
    }
    return [
        {"axis": axis, "measure": name, "value": value, "unit": unit} for name, (value, unit) in found.items()
    ]


def _pressure_rows(
    completed: xr.Dataset, measured: xr.Dataset, judged: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    if "center_of_pressure" not in measured:
        return []
    weight_n = float(measured.attrs["mass_kg"]) * GRAVITY_MPS2
    loaded = measured["ground_reaction_force"].sel(foot=FOOT, axis="y").values > LOADED_SHARE * weight_n
    placed = all("pelvis_position" in each for each in (completed, measured))
    own, real = (_pressure(each, under_pelvis=placed) for each in (completed, measured))
    away = MM_PER_M * abs(own.mean("draw") - real).transpose("time", "axis")
    chosen = away.isel(time=judged & loaded)
    return [
        {"axis": axis, "measure": "pressure", "value": float(chosen.sel(axis=axis).mean()), "unit": "mm"}
        for axis in ("x", "z")
    ]


def _pressure(forces: xr.Dataset, *, under_pelvis: bool) -> xr.DataArray:
    """Center of pressure, from the pelvis if need be: a drawn path does not say where in the room a foot is."""
    point = forces["center_of_pressure"].sel(foot=FOOT)
    return point - forces["pelvis_position"] if under_pelvis else point
