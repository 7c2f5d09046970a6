"""Gaps and jumps of markers: reported, filled where short, opened where a marker cannot have been.

A camera loses a marker behind a swinging hand, or takes another for it. Both are counted and said in the log.
"""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.cleaning import log_operation, rate_of, runs

LARGEST_JUMP_M: Final = 0.15
"""No marker on a person strays so far from the median of its neighbors: a landing foot, slowed by 500 m/s^2, reaches
0.1 m in 20 ms."""
JUMP_WINDOW_S: Final = 0.045
LONGEST_FILLED_S: Final = 0.1


def report_gaps(trial: xr.Dataset) -> pd.DataFrame:
    """How much of each marker is missing: columns marker, missing_percent, gaps, longest_gap_s; worst first.

    Raises
    ------
    KeyError
        If the trial has no ``marker_position``.
    """
    if "marker_position" not in trial:
        raise KeyError("the trial has no marker_position: there are no gaps to report")
    absent = trial["marker_position"].isnull().any("axis").transpose("time", "marker")
    step_s = 1 / rate_of(trial)
    rows = []
    for marker in absent["marker"].values:
        lengths = [stop - start for start, stop in runs(absent.sel(marker=marker).values)]
        row = {
            "marker": marker,
            "missing_percent": 100 * float(absent.sel(marker=marker).mean()),
            "gaps": len(lengths),
        }
        rows.append({**row, "longest_gap_s": max(lengths, default=0) * step_s})
    return pd.DataFrame(rows).sort_values(
        ["missing_percent", "marker"], ascending=[False, True], ignore_index=True
    )


def remove_jumps(trial: xr.Dataset, *, largest_m: float = LARGEST_JUMP_M) -> xr.Dataset:
    """Trial whose markers are missing where they jump as no marker on a person can.

    Parameters
    ----------
    trial
        Trial with ``marker_position``.
    largest_m
        A sample is removed if it lies farther than this from the median of the samples around it (45 ms).

    Returns
    -------
    xarray.Dataset
        The number of samples removed is in the log.
    """
    position = trial["marker_position"].transpose("time", "marker", "axis")
    window = max(3, 2 * round(JUMP_WINDOW_S * rate_of(position) / 2) + 1)
    median = position.rolling(time=window, center=True, min_periods=2).median()
    jumped = np.sqrt(((position - median) ** 2).sum("axis", skipna=False)) > largest_m
    if not bool(jumped.any()):
        return trial
    kept = position.where(~jumped).transpose(*trial["marker_position"].dims).assign_attrs(position.attrs)
    attrs = log_operation(trial, f"{int(jumped.sum())} marker sample(s) removed that jumped")
    return trial.assign(marker_position=kept).assign_attrs(attrs)


def fill_gaps(array: xr.DataArray, *, longest_s: float = LONGEST_FILLED_S) -> xr.DataArray:
    """Array whose short gaps are filled by straight lines; longer ones and those at the ends stay.

    Parameters
    ----------
    array
        Any dims, one of them ``time``.
    longest_s
        Longest gap to fill.
    """
    moved = array.transpose("time", ...)
    columns = moved.values.reshape(moved.sizes["time"], -1).astype(float)
    longest = round(longest_s * rate_of(array))
    filled = np.stack([_fill_column(column, longest) for column in columns.T], axis=1)
    return moved.copy(data=filled.reshape(moved.shape)).transpose(*array.dims)


def _fill_column(column: np.ndarray, longest: int) -> np.ndarray:
    result, index, known = column.copy(), np.arange(column.size), np.isfinite(column)
    for start, stop in runs(~known):
        if start > 0 and stop < column.size and stop - start <= longest:
            result[start:stop] = np.interp(index[start:stop], index[known], column[known])
    return result
