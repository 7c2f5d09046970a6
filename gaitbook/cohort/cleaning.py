"""Cleaning: smooth and resample, without lag and without aliases. Nothing is changed in place.

The low-pass is Butterworth's, run forward and backward, so that it has no lag. Running it twice would halve the power
at the nominal cut-off once more; the cut-off is corrected so that the amplitude of the *two-pass* result is
1/sqrt(2) at ``cutoff_hz`` (Winter 2009, Biomechanics and Motor Control of Human Movement, 4th ed., section 3.4).
"""

from typing import Final

import numpy as np
import xarray as xr

from gaitbook.conventions import CONTACT_FORCE_N

PASSES: Final = 2
ALIAS_SHARE: Final = 0.4
ALIAS_ORDER: Final = 16
"""Cut-off over the new rate, and order, of the low-pass before resampling."""
SETTLING_PERIODS: Final = 1.0
"""A run of samples shorter than this many periods of the cut-off is too short to filter and is left as it is."""


def low_pass(array: xr.DataArray, cutoff_hz: float, *, order: int = 4) -> xr.DataArray:
    """Array without what changes faster than the cut-off, with no lag.

    Each uninterrupted run of samples is filtered by itself, so a gap stays a gap and does not spread. Runs too short
    to filter (one period of the cut-off) stay as they are.

    Parameters
    ----------
    array
        Any dims, one of them ``time``, evenly sampled.
    cutoff_hz
        Frequency at which the amplitude of the result is 1/sqrt(2).
    order
        Of the two passes together; 2, 4, 6 ...

    Returns
    -------
    xarray.DataArray
        Same dims, labels, name and units; ``attrs["low_pass_hz"]`` added.

    Raises
    ------
    ValueError
        If the cut-off is not below half the sampling rate, or the order is odd.

    Examples
    --------
    >>> time = np.arange(200) / 100
    >>> slow = xr.DataArray(np.sin(2 * np.pi * time), dims="time", coords={"time": time})
    >>> bool(abs(low_pass(slow, 20.0) - slow).isel(time=slice(20, -20)).max() < 1e-3)
    True
    """
    sampling_rate_hz = rate_of(array)
    if not 0 < cutoff_hz < sampling_rate_hz / 2:
        raise ValueError(
            f"cut-off {cutoff_hz:g} Hz must be above 0 and below half the rate, {sampling_rate_hz / 2:g} Hz"
        )
    if order < PASSES or order % PASSES:
        raise ValueError(f"order {order} cannot be shared by two passes: choose 2, 4, 6 or 8")
    sections = _design(cutoff_hz, sampling_rate_hz, order)
    shortest = round(SETTLING_PERIODS * sampling_rate_hz / cutoff_hz) + 1
    moved = array.transpose("time", ...)
    columns = moved.values.reshape(moved.sizes["time"], -1).astype(float)
    smooth = _filter_runs(columns, sections, shortest)
    result = moved.copy(data=smooth.reshape(moved.shape)).transpose(*array.dims)
    return result.assign_attrs(array.attrs, low_pass_hz=cutoff_hz)


def rate_of(data: xr.DataArray | xr.Dataset) -> float:
    """Sampling rate of evenly sampled data, in Hz, from its time stamps."""
    return float(1 / np.median(np.diff(data["time"].values)))


def resample(trial: xr.Dataset, sampling_rate_hz: float) -> xr.Dataset:
    """Trial at another rate, without aliasing.

    Parameters
    ----------
    trial
        A trial of the contract.
    sampling_rate_hz
        New rate. Going down, everything continuous is first low-passed at 0.4 times the new rate, so steeply that
        less than 1 % comes back from above 0.6 times the new rate.

    Returns
    -------
    xarray.Dataset
        Contacts are taken from the nearest sample. Force and free moment of a foot off the ground are zero. The
        center of pressure is interpolated within a contact only, never across its edges. Gaps stay gaps.

    Raises
    ------
    ValueError
        If the new rate is not above zero.
    """
    if not sampling_rate_hz > 0:
        raise ValueError(f"sampling_rate_hz is {sampling_rate_hz:g}: give a rate above 0 Hz")
    old_hz = rate_of(trial)
    if np.isclose(old_hz, sampling_rate_hz, rtol=1e-9):
        return trial
    start_s, end_s = trial["time"].values[[0, -1]]
    count = int(np.floor((end_s - start_s) * sampling_rate_hz * (1 + 1e-12))) + 1
    # Rounding must not put the last sample behind the end, where nothing is known.
    time_s = np.minimum(start_s + np.arange(count) / sampling_rate_hz, end_s)
    continuous = _continuous(trial)
    smooth = (
        {
            name: low_pass(trial[name], ALIAS_SHARE * sampling_rate_hz, order=ALIAS_ORDER)
            for name in continuous
        }
        if sampling_rate_hz < old_hz
        else {name: trial[name] for name in continuous}
    )
    binary = [name for name, array in trial.data_vars.items() if array.dtype == bool]
    result = trial.drop_vars([*continuous, *binary]).interp(time=time_s)
    curved = {name: _interpolate(array, time_s) for name, array in smooth.items()}
    nearest = {
        name: trial[name].sel(time=time_s, method="nearest").assign_coords(time=time_s) for name in binary
    }
    result = _silence_swing(result.assign({**curved, **nearest})[list(trial.data_vars)])
    for name in result.data_vars:
        result[name].attrs.update(trial[name].attrs)
    attrs = log_operation(trial, f"resampled from {old_hz:g} to {sampling_rate_hz:g} Hz")
    return result.assign_attrs(attrs, sampling_rate_hz=sampling_rate_hz)


def find_surface(trial: xr.Dataset, *, longest_m: float = 0.6) -> str:
    """``"overground"`` if the person gets on by more than the length of a treadmill's wandering, else ``"treadmill"``.

    Raises
    ------
    KeyError
        If the trial has neither markers nor a pelvis position.
    """
    if "pelvis_position" in trial:
        path = trial["pelvis_position"]
    elif "marker_position" in trial:
        path = trial["marker_position"].mean("marker")
    else:
        raise KeyError("the trial has neither pelvis_position nor marker_position: give `surface` by hand")
    horizontal = path.sel(axis=["x", "z"]).dropna("time")
    traveled = np.linalg.norm(horizontal.isel(time=-1) - horizontal.isel(time=0))
    return "overground" if traveled > longest_m else "treadmill"


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Uninterrupted runs of true values as (first, one past last)."""
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], np.asarray(flags, dtype=bool), [False]]).astype(int))
    )
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def log_operation(trial: xr.Dataset, sentence: str) -> dict[str, list[str]]:
    """Attributes that add a sentence to the trial's log."""
    return {"log": [*trial.attrs.get("log", []), sentence]}


def _design(cutoff_hz: float, sampling_rate_hz: float, order: int) -> np.ndarray:
    from scipy.signal import butter

    half = order // PASSES
    correction = (2 ** (1 / PASSES) - 1) ** (1 / (2 * half))
    warped = np.tan(np.pi * cutoff_hz / sampling_rate_hz) / correction
    corrected_hz = np.arctan(warped) * sampling_rate_hz / np.pi
    return np.asarray(butter(half, corrected_hz, fs=sampling_rate_hz, output="sos"))


def _filter_runs(columns: np.ndarray, sections: np.ndarray, shortest: int) -> np.ndarray:
    """Columns (time, column), each run of samples filtered; columns with the same gaps go together."""
    from scipy.signal import sosfiltfilt

    result, known = columns.copy(), np.isfinite(columns)
    whole = known.all(axis=0)
    patterns, pattern_of = np.unique(known[:, ~whole], axis=1, return_inverse=True)
    number_of = np.full(len(whole), -1)
    number_of[~whole] = pattern_of.ravel()
    for number, pattern in [(-1, np.ones(len(columns), dtype=bool)), *enumerate(patterns.T)]:
        alike = number_of == number
        for start, stop in runs(pattern):
            if stop - start >= shortest:
                padding = min(3 * shortest, stop - start - 1)
                part = columns[start:stop, alike]
                result[start:stop, alike] = sosfiltfilt(sections, part, axis=0, padlen=padding)
    return result


def _continuous(trial: xr.Dataset) -> list[str]:
    return [
        str(name)
        for name, array in trial.data_vars.items()
        if array.dtype != bool
        and name not in ("center_of_pressure", "joint_confidence")
        and "time" in array.dims
    ]


def _interpolate(array: xr.DataArray, time_s: np.ndarray) -> xr.DataArray:
    """Array at other times by cubic splines, each over an uninterrupted run of samples."""
    from scipy.interpolate import make_interp_spline

    moved = array.transpose("time", ...)
    old_s, columns = moved["time"].values, moved.values.reshape(moved.sizes["time"], -1)
    result = np.full((time_s.size, columns.shape[1]), np.nan)
    patterns, pattern_of = np.unique(np.isfinite(columns), axis=1, return_inverse=True)
    for number, known in enumerate(patterns.T):
        alike = np.flatnonzero(pattern_of == number)
        for start, stop in runs(known):
            degree = min(3, stop - start - 1)
            spline = make_interp_spline(old_s[start:stop], columns[start:stop, alike], k=degree)
            inside = np.flatnonzero((time_s >= old_s[start]) & (time_s <= old_s[stop - 1]))
            result[np.ix_(inside, alike)] = spline(time_s[inside])
    shape = (time_s.size, *moved.shape[1:])
    labels = {name: each for name, each in moved.coords.items() if "time" not in each.dims}
    curved = xr.DataArray(result.reshape(shape), dims=moved.dims, coords={**labels, "time": time_s})
    return curved.transpose(*array.dims)


def _silence_swing(trial: xr.Dataset) -> xr.Dataset:
    if "in_contact" not in trial:
        return trial
    down = trial["in_contact"]
    changed = {
        name: trial[name].where(down, 0.0)
        for name in ("ground_reaction_force", "free_moment")
        if name in trial
    }
    if "center_of_pressure" in trial and "ground_reaction_force" in trial:
        loaded = trial["ground_reaction_force"].sel(axis="y", drop=True) >= CONTACT_FORCE_N
        changed["center_of_pressure"] = trial["center_of_pressure"].where(down & loaded)
    return trial.assign({name: array.transpose(*trial[name].dims) for name, array in changed.items()})
