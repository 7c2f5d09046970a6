"""How a person stands: where the markers of a static recording are, kept with the trials of the person.

A body is scaled to the person by it, and markers that were taken off before moving (on knees and ankles) tell where
the joints are.
"""

import warnings

import numpy as np
import xarray as xr


def add_standing(recording: xr.Dataset, static: xr.Dataset) -> xr.Dataset:
    """Recording with ``standing_position``, the median place of every marker of a static recording.

    Parameters
    ----------
    recording
        Any recording of the person.
    static
        The person standing still: ``marker_position`` (time, marker, axis), m.

    Returns
    -------
    xarray.Dataset
        With ``standing_position`` (standing_marker, axis), m, NaN for markers that were never seen; unchanged if the
        static recording has no markers.
    """
    if "marker_position" not in static:
        return recording
    markers = static["marker_position"].transpose("marker", "axis", "time")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a marker that was never seen has no median
        place_m = np.nanmedian(markers.values, axis=2)
    coords = {"standing_marker": markers["marker"].values, "axis": markers["axis"].values}
    standing = xr.DataArray(place_m, dims=("standing_marker", "axis"), coords=coords, attrs={"units": "m"})
    return recording.assign(standing_position=standing)
