"""Summaries of the vertical force of every stance: its peak, its impulse, and how fast it rises.

They are taken from a little before a foot lands until a little after it has left, so that draws which land earlier or
later are judged whole.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.cleaning import rate_of
from gaitbook.cohort.events import detect_contacts
from gaitbook.conventions import UP
from gaitbook.studies.metrics import to_body_weights
from gaitbook.studies.trials import CYCLE_THRESHOLD_N_PER_KG

STANCE_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"peak": "%BW", "impulse": "%BW s", "loading_rate": "%BW/s"}
)
"""Measures of a stance and their units."""
MARGIN_S: Final = 0.1
"""How much earlier a stance may begin, and how much later it may end, than it is said to."""
SHORTEST_S: Final = 0.08
"""What is shorter is no stance of anybody, not even of a sprinter."""


def find_stances(trial: xr.Dataset) -> pd.DataFrame:
    """Whole stances of both feet, by vertical force crossing 1 N/kg.

    Parameters
    ----------
    trial
        With ``ground_reaction_force`` (time, foot, axis), N, and ``mass_kg``.

    Returns
    -------
    pandas.DataFrame
        Columns foot, strike_s, toe_off_s; stances too near to the ends of the trial are not there.
    """
    threshold_n = CYCLE_THRESHOLD_N_PER_KG * float(trial.attrs["mass_kg"])
    contacts = detect_contacts(trial, threshold_n=threshold_n).astype({"strike_s": float, "toe_off_s": float})
    first_s, last_s = trial["time"].values[[0, -1]]
    inside = (contacts["strike_s"] - MARGIN_S >= first_s) & (contacts["toe_off_s"] + MARGIN_S <= last_s)
    long_enough = contacts["toe_off_s"] - contacts["strike_s"] >= SHORTEST_S
    return contacts[inside & long_enough].reset_index(drop=True)


def measure_stances(force: xr.DataArray, stances: pd.DataFrame, *, mass_kg: float) -> xr.DataArray:
    """Peak, impulse and loading rate of the vertical force of every stance.

    Parameters
    ----------
    force
        ``ground_reaction_force`` (..., time, foot, axis), N.
    stances
        As given by `find_stances`, perhaps of another force on the same time stamps.
    mass_kg
        Body mass.

    Returns
    -------
    xarray.DataArray
        (measure, ..., stance): ``peak``, %BW; ``impulse``, %BW s; ``loading_rate``, %BW/s, the steepest rise, by
        central differences (over 20 ms at 100 Hz).
    """
    vertical = to_body_weights(force.sel(axis=UP, drop=True), mass_kg)
    rate_hz = rate_of(force)
    spans = stances[["foot", "strike_s", "toe_off_s"]].to_numpy()
    parts = [_measures(_window(vertical, *span), rate_hz) for span in spans]
    if not parts:  # one of nothing, of which nothing is kept
        parts = [xr.concat([vertical.isel(foot=0, time=0, drop=True)] * len(STANCE_UNITS), "measure")]
    table = xr.concat(parts, "stance").isel(stance=slice(0, len(stances)))
    named = table.assign_coords(measure=list(STANCE_UNITS)).rename("stance_measure")
    return named.transpose("measure", ..., "stance")


def summarize_stances(completed: xr.Dataset, factors: Mapping[str, float], *, level: float) -> pd.DataFrame:
    """Peak, impulse and loading rate of every stance of a completed trial, with their intervals.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial`; stances are those of the mean of its draws.
    factors
        By measure, how much wider than the draws the intervals are; one where nothing is told.
    level
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns foot, strike_s, toe_off_s, measure, unit, mean, low, high; nothing is lower than zero.
    """
    force = completed["ground_reaction_force"]
    stances = find_stances(completed[["ground_reaction_force"]].mean("draw").assign_attrs(completed.attrs))
    drawn = measure_stances(force, stances, mass_kg=float(completed.attrs["mass_kg"]))
    parts = []
    for name, unit in STANCE_UNITS.items():
        own = drawn.sel(measure=name).transpose("draw", "stance").values
        wide = own.mean(axis=0) + factors.get(name, 1.0) * (own - own.mean(axis=0))
        low, high = np.quantile(wide, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        told = {"mean": own.mean(axis=0), "low": np.maximum(low, 0.0), "high": high}
        parts.append(stances[["foot", "strike_s", "toe_off_s"]].assign(measure=name, unit=unit, **told))
    return pd.concat(parts).sort_values(["strike_s", "foot"], kind="stable", ignore_index=True)


def _window(vertical: xr.DataArray, foot: str, strike_s: float, toe_off_s: float) -> xr.DataArray:
    own = vertical.sel(foot=foot, drop=True)
    return own.sel(time=slice(strike_s - MARGIN_S, toe_off_s + MARGIN_S))


def _measures(part: xr.DataArray, rate_hz: float) -> xr.DataArray:
    rise = part.copy(data=np.gradient(part.values, axis=part.get_axis_num("time")) * rate_hz)
    found = [part.max("time"), part.sum("time") / rate_hz, rise.max("time")]
    return xr.concat(found, "measure")
