"""The standing person: the median of a static recording travels with every trial."""

import numpy as np
import xarray as xr

from gaitbook.readers.standing import add_standing


def still(frames=5):
    place = np.arange(6.0).reshape(1, 2, 3) + np.linspace(-0.01, 0.01, frames)[:, None, None]
    coords = {"time": np.arange(frames) / 100, "marker": ["R.Knee", "L.Knee"], "axis": ["x", "y", "z"]}
    return xr.Dataset({"marker_position": (("time", "marker", "axis"), place, {"units": "m"})}, coords=coords)


def test_the_median_place_is_kept_with_its_labels():
    standing = add_standing(xr.Dataset(), still())["standing_position"]
    assert standing.dims == ("standing_marker", "axis")
    assert standing.attrs["units"] == "m"
    np.testing.assert_allclose(standing.sel(standing_marker="L.Knee"), [3.0, 4.0, 5.0])


def test_an_unseen_marker_stays_unseen():
    static = still()
    static["marker_position"][:, 1] = np.nan
    standing = add_standing(xr.Dataset(), static)["standing_position"]
    assert np.isnan(standing.sel(standing_marker="L.Knee")).all()
    assert np.isfinite(standing.sel(standing_marker="R.Knee")).all()


def test_a_static_recording_without_markers_changes_nothing():
    assert not add_standing(xr.Dataset(), xr.Dataset()).data_vars
