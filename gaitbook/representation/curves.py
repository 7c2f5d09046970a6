"""Curves over a cycle and over a stance: cut from a recording, and read at any moment.

A cycle closes on itself, so its curves are sums of waves. A stance has two ends, so its curves are straight from one
sample to the next, and zero before and after.
"""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from gaitbook.conventions import FEET

Array = NDArray[np.float64]

PHASES: Final = 100
"""Samples of a cycle; the last is one before the first of the next."""
STANCES: Final = 41
"""Samples of a stance, both ends included."""
AROUND_S: Final = 0.1
"""What of a recording is taken before and after a cycle, for the curve to be smooth at its ends."""


def close_cycle(array: xr.DataArray, start_s: float, period_s: float) -> xr.DataArray:
    """One cycle of a recording, its end brought to its beginning by an even drift.

    Parameters
    ----------
    array
        Dims time and one other, without gaps; it must reach from the beginning of the cycle to its end.
    start_s, period_s
        Of the cycle.

    Returns
    -------
    xarray.DataArray
        Dims (phase, other), with `PHASES` phases from 0 to less than 1.
    """
    time_s = start_s + period_s * np.arange(PHASES + 1) / PHASES
    around = array.sel(time=slice(time_s[0] - AROUND_S, time_s[-1] + AROUND_S))
    values = CubicSpline(around["time"].values, around.transpose("time", ...).values)(time_s)
    share = (np.arange(PHASES + 1) / PHASES).reshape(-1, *[1] * (values.ndim - 1))
    closed = (values - share * (values[-1] - values[0]))[:-1]
    other = str(next(dim for dim in array.dims if dim != "time"))
    labels = {"phase": np.arange(PHASES) / PHASES, other: array[other].values}
    return xr.DataArray(closed, labels, tuple(labels), attrs=array.attrs)


def cut_stances(array: xr.DataArray, at_s: Array) -> xr.DataArray:
    """What each foot carries over its own stance; what is not known counts as zero.

    Parameters
    ----------
    array
        Dims time, foot and perhaps others.
    at_s
        Times (foot, stance), right and left.

    Returns
    -------
    xarray.DataArray
        Dims (foot, stance, ...), the stance told from 0 to 1.
    """
    time = array["time"].values
    rest = [str(dim) for dim in array.dims if dim not in ("time", "foot")]
    values = array.sel(foot=list(FEET)).transpose("time", "foot", *rest).fillna(0.0).values
    cut = np.stack([_interpolate(at_s[number], time, values[:, number]) for number in range(len(FEET))])
    labels = {"foot": list(FEET), "stance": np.linspace(0.0, 1.0, STANCES)}
    labels |= {dim: array[dim].values for dim in rest}
    return xr.DataArray(cut, labels, tuple(labels), attrs=array.attrs)


def read_cycles(array: xr.DataArray, phases: list[Array]) -> Array:
    """Trigonometric interpolation of cycles.

    Parameters
    ----------
    array
        Dims draw, phase and one other.
    phases
        Of every draw: where to read it, strides.

    Returns
    -------
    numpy.ndarray
        (time, other), the draws one below the other.
    """
    waves = np.fft.rfft(array.transpose("draw", "phase", ...).values, axis=1) / PHASES
    waves[:, 1:] *= 2.0
    waves[:, -1] *= 0.5
    order = 2j * np.pi * np.arange(waves.shape[1])
    read = [(np.exp(np.outer(at, order)) @ own).real for at, own in zip(phases, waves, strict=True)]
    return np.concatenate(read)


def read_stances(curves: Array, draw: NDArray[np.int_], progress: Array) -> Array:
    """Linear interpolation of stances; zero outside of them.

    Parameters
    ----------
    curves
        (draw, foot, stance, ...).
    draw
        Place of the draw to read at every time, (time,).
    progress
        Where in its stance each foot is, (time, foot): 0 where it lands, 1 where it lifts off, more in the air.

    Returns
    -------
    numpy.ndarray
        (time, foot, ...).
    """
    place = np.clip(progress, 0.0, 1.0) * (STANCES - 1)
    before = np.minimum(place.astype(int), STANCES - 2)
    which, feet = draw[:, None], np.arange(curves.shape[1])
    share = (place - before).reshape(*place.shape, *[1] * (curves.ndim - 3))
    value = (1.0 - share) * curves[which, feet, before] + share * curves[which, feet, before + 1]
    inside = (progress <= 1.0).reshape(share.shape)
    return np.asarray(np.where(inside, value, 0.0))


def _interpolate(at: Array, time: Array, values: Array) -> Array:
    columns = values.reshape(len(time), -1).T
    read = np.stack([np.interp(at, time, column) for column in columns], axis=-1)
    return read.reshape(len(at), *values.shape[1:])
