"""Trials on other belts: the same person, carried through the laboratory."""

import numpy as np
import xarray as xr
from scipy.integrate import cumulative_trapezoid


def carried(trial: xr.Dataset, velocity_mps: xr.DataArray) -> xr.Dataset:
    """Trial on ground that moves forward by so much more (time,), m/s, and all that is on it with it."""
    way = cumulative_trapezoid(velocity_mps.values, trial["time"].values, initial=0.0)
    shift = xr.DataArray(
        np.multiply.outer(way, [1.0, 0.0, 0.0]),
        {"time": trial["time"].values, "axis": ["x", "y", "z"]},
        ("time", "axis"),
    )
    return trial.assign({name: trial[name] + shift for name in ("pelvis_position", "center_of_pressure")})
