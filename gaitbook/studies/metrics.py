"""Errors of predicted ground force, by the recipe of the field.

Left foot only. Gait cycles come from the *measured* vertical force crossing 1 N/kg. The **profile error** is the mean
absolute difference over every frame of the valid cycles, stance and swing together (so the zeros of swing dilute it);
the **peak error** is the mean over steps of the absolute difference of the two maxima within measured stance. Both in
percent of body weight (%BW). The recipe is that of GaitDynamics, so that numbers can be compared.
"""

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.conventions import AXES, GRAVITY_MPS2


def to_body_weights(force: xr.DataArray, mass_kg: float) -> xr.DataArray:
    """Force in percent of body weight (%BW) from N."""
    return (100.0 * force / (mass_kg * GRAVITY_MPS2)).assign_attrs(units="%BW")


def force_errors(
    predicted: xr.DataArray,
    measured: xr.DataArray,
    strides: pd.DataFrame,
    *,
    mass_kg: float,
    foot: str = "left",
) -> pd.DataFrame:
    """Profile and peak error of one trial, per axis, in %BW.

    Parameters
    ----------
    predicted, measured
        ``ground_reaction_force``, dims (time, foot, axis), in N, on the same time stamps.
    strides
        Columns foot, start_s, toe_off_s, end_s; those of ``foot`` define cycles and stances.
    mass_kg
        Body mass.
    foot
        Which foot to judge.

    Returns
    -------
    pandas.DataFrame
        Columns axis, measure (``"profile"`` or ``"peak"``), value (%BW), strides.

    Raises
    ------
    ValueError
        If there is no stride to judge.
    """
    own = strides[strides["foot"] == foot]
    if own.empty:
        raise ValueError(f"no complete stride of the {foot} foot: nothing to judge")
    ours = to_body_weights(predicted.sel(foot=foot), mass_kg)
    truth = to_body_weights(measured.sel(foot=foot), mass_kg)
    profile = _profile_error(ours, truth, own)
    peak = _peak_error(ours, truth, own)
    rows = [
        {"axis": axis, "measure": measure, "value": float(error.sel(axis=axis)), "strides": len(own)}
        for measure, error in (("profile", profile), ("peak", peak))
        for axis in AXES
    ]
    return pd.DataFrame(rows)


def _profile_error(predicted: xr.DataArray, measured: xr.DataArray, strides: pd.DataFrame) -> xr.DataArray:
    time_s = measured["time"].values
    inside = np.zeros(time_s.size, dtype=bool)
    for stride in strides.itertuples():
        inside |= (time_s >= stride.start_s) & (time_s < stride.end_s)
    return abs(predicted - measured).isel(time=inside).mean("time")


def _peak_error(predicted: xr.DataArray, measured: xr.DataArray, strides: pd.DataFrame) -> xr.DataArray:
    edges = np.searchsorted(measured["time"].values, strides[["start_s", "toe_off_s"]].to_numpy(dtype=float))
    peaks = [
        np.stack([force.transpose("time", "axis").values[start:stop].max(axis=0) for start, stop in edges])
        for force in (predicted, measured)
    ]
    return xr.DataArray(
        np.abs(peaks[0] - peaks[1]).mean(axis=0), dims="axis", coords={"axis": measured["axis"].values}
    )
