import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.gaps import fill_gaps, remove_jumps, report_gaps
from gaitbook.synthesis.closed_form import simulate_trial


def trial_with_gaps() -> xr.Dataset:
    """A second at 100 Hz; R.MT1 is lost for 0.2 s and again for 0.05 s, L.PSIS for the last 0.1 s."""
    trial = simulate_trial(duration_s=1.0)
    position = trial["marker_position"].copy(deep=True)
    position.loc[{"marker": "R.MT1", "time": slice(0.195, 0.395)}] = np.nan
    position.loc[{"marker": "R.MT1", "time": slice(0.595, 0.645)}] = np.nan
    position.loc[{"marker": "L.PSIS", "time": slice(0.895, None)}] = np.nan
    return trial.assign(marker_position=position)


def test_gaps_are_counted_by_marker_with_the_worst_first():
    table = report_gaps(trial_with_gaps())
    assert table["marker"].tolist()[:2] == ["R.MT1", "L.PSIS"]
    assert table.loc[0, ["missing_percent", "gaps", "longest_gap_s"]].tolist() == pytest.approx(
        [25.0, 2, 0.2]
    )
    assert table.loc[1, ["missing_percent", "gaps", "longest_gap_s"]].tolist() == pytest.approx(
        [10.0, 1, 0.1]
    )
    assert (table["missing_percent"][2:] == 0).all()
    assert len(table) == 32


def test_a_marker_counts_as_missing_when_one_axis_is():
    trial = simulate_trial(duration_s=1.0)
    position = trial["marker_position"].copy(deep=True)
    position.loc[{"marker": "R.MT5", "axis": "z", "time": slice(None, 0.495)}] = np.nan
    assert report_gaps(trial.assign(marker_position=position)).loc[0, "missing_percent"] == pytest.approx(
        50.0
    )


def test_without_markers_there_is_nothing_to_report():
    with pytest.raises(KeyError, match="no marker_position"):
        report_gaps(simulate_trial(duration_s=1.0).drop_vars("marker_position"))


def test_short_gaps_are_filled_by_lines_and_long_ones_and_ends_stay():
    time_s = np.arange(100) / 100
    line = xr.DataArray(2.0 * time_s, dims="time", coords={"time": time_s})
    holed = line.where(
        ~((time_s > 0.2) & (time_s < 0.25)) & ~((time_s > 0.5) & (time_s < 0.8)) & (time_s < 0.95)
    )
    filled = fill_gaps(holed, longest_s=0.1)
    assert np.allclose(filled.sel(time=slice(0, 0.5)), line.sel(time=slice(0, 0.5)))
    assert bool(filled.sel(time=slice(0.511, 0.789)).isnull().all())
    assert bool(filled.sel(time=slice(0.951, None)).isnull().all())
    assert bool(holed.isnull().any()), "the argument has changed"


def test_a_marker_that_jumps_is_missing_there_and_the_log_says_how_often():
    trial = simulate_trial(duration_s=1.0)
    position = trial["marker_position"].copy(deep=True)
    position.loc[{"marker": "R.MT1", "time": [0.3, 0.31], "axis": "x"}] += 0.6
    result = remove_jumps(trial.assign(marker_position=position))
    lost = result["marker_position"].isnull().any("axis")
    assert int(lost.sum()) == 2
    assert bool(lost.sel(marker="R.MT1", time=[0.3, 0.31]).all())
    assert result.attrs["log"][-1] == "2 marker sample(s) removed that jumped"


@pytest.mark.parametrize("speed_mps", [1.3, 4.5])
def test_nobody_jumps_by_moving_fast(speed_mps):
    trial = simulate_trial(speed_mps=speed_mps, duration_s=3.0, noise_m=0.002)
    assert remove_jumps(trial) is trial
