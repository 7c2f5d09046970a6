"""One recording from several files: shared time, common times, nothing else changed."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gaitbook.readers.joining import join_recordings, read_files


def ramp(start_s: float, stop_s: float, rate_hz: float, kind: str) -> xr.Dataset:
    """Markers, angles or a plate whose every value is the time squared."""
    time_s = np.arange(round(start_s * rate_hz), round(stop_s * rate_hz) + 1) / rate_hz
    square = time_s**2
    log = {"log": [f"{kind} read"]}
    if kind == "markers":
        position = np.broadcast_to(square[:, None, None], (len(square), 1, 3))
        coords = {"time": time_s, "marker": ["heel"], "axis": ["x", "y", "z"]}
        return xr.Dataset({"marker_position": (("time", "marker", "axis"), position)}, coords, log)
    if kind == "angles":
        coords = {"time": time_s, "coordinate": ["knee_angle_r"]}
        return xr.Dataset({"joint_angle": (("time", "coordinate"), square[:, None])}, coords, log)
    force = np.broadcast_to(square[:, None, None], (len(square), 1, 3))
    coords = {"plate_time": time_s, "plate": ["right"], "axis": ["x", "y", "z"]}
    return xr.Dataset({"plate_force": (("plate_time", "plate", "axis"), force)}, coords, log)


def test_files_are_cut_to_the_time_that_they_share():
    joined = join_recordings(
        {
            "a.trc": ramp(0, 2, 100, "markers"),
            "a.mot": ramp(0.5, 3, 100, "angles"),
            "f.mot": ramp(-1, 1.5, 1000, "force"),
        }
    )
    assert joined["time"].values[[0, -1]] == pytest.approx([0.5, 1.5])
    assert joined["plate_time"].values[[0, -1]] == pytest.approx([0.499, 1.5], abs=1.1e-3)
    np.testing.assert_allclose(joined["joint_angle"].squeeze(), joined["time"] ** 2)
    np.testing.assert_allclose(joined["marker_position"].isel(axis=0).squeeze(), joined["time"] ** 2)
    assert joined.attrs["source_file"] == "a.trc, a.mot, f.mot"
    assert joined.attrs["log"] == ["a.trc: markers read", "a.mot: angles read", "f.mot: force read"]


def test_motion_at_another_rate_goes_to_the_times_of_the_markers():
    joined = join_recordings({"a.trc": ramp(0, 2, 150, "markers"), "a.mot": ramp(0, 2, 60, "angles")})
    assert joined.sizes["time"] == 301
    np.testing.assert_allclose(joined["joint_angle"].squeeze(), joined["time"] ** 2, atol=1e-12)
    assert joined.attrs["log"][-1] == "a.mot: interpolated (cubic) to the times of the markers"


def test_gaps_stay_gaps_when_motion_is_interpolated():
    angles = ramp(0, 2, 60, "angles")
    angles["joint_angle"][30:40] = np.nan
    joined = join_recordings({"a.trc": ramp(0, 2, 150, "markers"), "a.mot": angles})
    missing = joined["time"].values[joined["joint_angle"].isnull().squeeze().values]
    assert missing[[0, -1]] == pytest.approx([0.5, 0.65], abs=0.02)


def test_files_of_different_times_are_refused():
    parts = {"a.trc": ramp(0, 1, 100, "markers"), "f.mot": ramp(5, 6, 100, "force")}
    with pytest.raises(
        ValueError, match=r"share less than 0\.2 s \(a\.trc \(motion\) from 0 to 1 s; f\.mot \(forces\)"
    ):
        join_recordings(parts)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"none\.trc"):
        read_files({"markers": tmp_path / "none.trc"})
