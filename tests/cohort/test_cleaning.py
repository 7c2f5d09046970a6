import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.cleaning import find_surface, low_pass, rate_of, resample, runs
from gaitbook.cohort.schema import validate
from gaitbook.conventions import CONTACT_FORCE_N
from gaitbook.synthesis.closed_form import simulate_trial

RATE_HZ = 200.0


def wave(frequency_hz: float, *, rate_hz: float = RATE_HZ, duration_s: float = 6.0) -> xr.DataArray:
    """A sine of amplitude one."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return xr.DataArray(
        np.sin(2 * np.pi * frequency_hz * time_s),
        dims="time",
        coords={"time": time_s},
        name="wave",
        attrs={"units": "m", "note": "kept"},
    )


def amplitude(array: xr.DataArray) -> float:
    """Amplitude of a sine, away from the ends."""
    inner = array.isel(time=slice(200, -200))
    return float(np.sqrt(2 * (inner**2).mean()))


def two_pass_gain(frequency_hz: float, cutoff_hz: float, order: int) -> float:
    """Butterworth's gain squared for half the order each way, warped by the bilinear transform, -3 dB at cut-off."""
    half = order // 2
    ratio = np.tan(np.pi * frequency_hz / RATE_HZ) / np.tan(np.pi * cutoff_hz / RATE_HZ)
    return 1 / (1 + (np.sqrt(2) - 1) * ratio ** (2 * half))


@pytest.mark.parametrize("cutoff_hz", [6.0, 20.0])
@pytest.mark.parametrize("order", [2, 4, 8])
def test_at_the_cutoff_the_two_passes_together_leave_one_over_root_two(cutoff_hz, order):
    assert amplitude(low_pass(wave(cutoff_hz), cutoff_hz, order=order)) == pytest.approx(0.5**0.5, rel=2e-3)


@pytest.mark.parametrize("frequency_hz", [2.0, 5.0, 15.0, 30.0])
def test_gain_is_that_of_the_equation(frequency_hz):
    found = amplitude(low_pass(wave(frequency_hz), 10.0))
    assert found == pytest.approx(two_pass_gain(frequency_hz, 10.0, 4), abs=2e-3)


def test_there_is_no_lag():
    """Below the cut-off the filtered sine is the sine times its gain: no shift, which a single pass would give."""
    original = wave(5.0)
    smooth = low_pass(original, 10.0)
    middle = slice(200, -200)
    shifted = smooth - original * two_pass_gain(5.0, 10.0, 4)
    assert float(abs(shifted.isel(time=middle)).max()) < 1e-3


def test_filtering_backward_in_time_is_the_same():
    rng = np.random.default_rng(0)
    noise = wave(1.0).copy(data=rng.normal(size=1200))
    forward, backward = low_pass(noise, 12.0), low_pass(noise.copy(data=noise.values[::-1]), 12.0)
    assert np.allclose(forward.values[200:-200], backward.values[::-1][200:-200], atol=1e-3)


def test_constants_and_lines_pass_unchanged():
    line = wave(1.0).copy(data=3.0 + 0.5 * np.arange(1200))
    assert np.allclose(low_pass(line, 6.0), line)


def test_a_gap_stays_a_gap_and_does_not_spread():
    holed = wave(2.0).where(lambda w: (w["time"] < 2.0) | (w["time"] > 2.2))
    smooth = low_pass(holed, 20.0)
    assert (smooth.isnull() == holed.isnull()).all()
    apart = low_pass(holed.sel(time=slice(2.2001, None)), 20.0)
    assert np.allclose(smooth.sel(time=slice(2.2001, None)), apart), (
        "what comes before the gap reaches across it"
    )


def test_runs_too_short_to_filter_stay_as_they_are():
    """At 10 Hz and 200 samples a second twenty-one samples are needed."""
    rng = np.random.default_rng(0)
    noise = wave(1.0).copy(data=rng.normal(size=1200))
    holed = noise.where((noise["time"] < 0.05) | (noise["time"] >= 1.0))
    smooth = low_pass(holed, 10.0)
    assert np.array_equal(smooth.sel(time=slice(0, 0.049)), noise.sel(time=slice(0, 0.049)))
    assert not np.allclose(smooth.sel(time=slice(1.0, None)), noise.sel(time=slice(1.0, None)))


def test_name_units_labels_and_dims_are_kept_and_the_argument_is_not_changed():
    markers = simulate_trial(duration_s=1.0)["marker_position"].transpose("marker", "time", "axis")
    before = markers.copy(deep=True)
    smooth = low_pass(markers, 20.0)
    assert markers.identical(before)
    assert (smooth.name, smooth.dims, smooth.attrs["units"]) == ("marker_position", markers.dims, "m")
    assert smooth.attrs["low_pass_hz"] == 20.0
    assert smooth["marker"].equals(markers["marker"])


@pytest.mark.parametrize("cutoff_hz", [0.0, -3.0, 100.5, 250.0])
def test_a_cutoff_that_cannot_be_is_refused(cutoff_hz):
    with pytest.raises(ValueError, match="must be above 0 and below half the rate, 100 Hz"):
        low_pass(wave(1.0), cutoff_hz)


def test_resampling_keeps_slow_motion_and_removes_what_would_alias():
    """At 50 samples a second 45 Hz would look like 5 Hz."""
    slow = xr.Dataset({"pelvis_position": wave(2.0) + wave(45.0)}, attrs={"sampling_rate_hz": RATE_HZ})
    coarse = resample(slow, 50.0)
    expected = np.sin(2 * np.pi * 2.0 * coarse["time"])
    inner = slice(30, -30)
    assert float(abs(coarse["pelvis_position"] - expected).isel(time=inner).max()) < 0.03


@pytest.mark.parametrize("rate_hz", [50.0, 75.0, 240.0, 300.0])
def test_resampled_trials_keep_the_contract(rate_hz):
    trial = simulate_trial(sampling_rate_hz=150.0, duration_s=3.0)
    result = resample(trial, rate_hz)
    assert validate(result).attrs["sampling_rate_hz"] == rate_hz
    assert rate_of(result) == pytest.approx(rate_hz)
    assert result["in_contact"].dtype == bool
    assert result["marker_position"].attrs == trial["marker_position"].attrs
    assert float(result["time"][-1]) <= float(trial["time"][-1]) + 1e-9
    assert result.attrs["log"][-1] == f"resampled from 150 to {rate_hz:g} Hz"
    assert trial.attrs["log"] != result.attrs["log"], "the argument has changed"


@pytest.mark.parametrize("rate_hz", [50.0, 300.0])
def test_off_the_ground_there_is_no_force_and_no_center_of_pressure(rate_hz):
    result = resample(simulate_trial(sampling_rate_hz=150.0, duration_s=3.0), rate_hz)
    swing = ~result["in_contact"]
    assert float(abs(result["ground_reaction_force"].where(swing, 0.0)).max()) == 0.0
    assert float(abs(result["free_moment"].where(swing, 0.0)).max()) == 0.0
    assert bool(result["center_of_pressure"].where(swing).isnull().all())


def test_the_center_of_pressure_is_never_drawn_across_a_swing():
    """Interpolating from toe-off to the next strike would put it where no foot is."""
    trial = simulate_trial(sampling_rate_hz=150.0, duration_s=3.0)
    fine = resample(trial, 600.0)["center_of_pressure"].sel(axis="x")
    offset_m = fine - trial["center_of_pressure"].sel(axis="x").interp(time=fine["time"], method="nearest")
    assert float(abs(offset_m).max()) < 3.0 / 150.0


def test_the_same_rate_changes_nothing():
    trial = simulate_trial(duration_s=1.0)
    assert resample(trial, 100.0) is trial


def test_impulse_survives_resampling():
    trial = simulate_trial(sampling_rate_hz=300.0, duration_s=6.0)
    vertical = [
        t["ground_reaction_force"].sel(axis="y").sum("foot").mean() for t in (trial, resample(trial, 100.0))
    ]
    assert float(vertical[1] / vertical[0]) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("surface", ["treadmill", "overground"])
def test_treadmill_and_ground_are_told_apart(surface):
    trial = simulate_trial(speed_mps=1.2, duration_s=2.0, surface=surface)
    assert find_surface(trial) == surface
    pelvis = trial["marker_position"].sel(marker="R.PSIS", drop=True).rename("pelvis_position")
    assert find_surface(pelvis.to_dataset()) == surface


def test_without_a_body_the_surface_is_asked_for():
    with pytest.raises(KeyError, match="give `surface` by hand"):
        find_surface(simulate_trial(duration_s=1.0)[["ground_reaction_force"]])


def test_runs_are_given_from_first_to_one_past_last():
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.array([False, False])) == []
    assert runs(np.array([], dtype=bool)) == []


@pytest.mark.parametrize("order", [0, 1, 3])
def test_an_order_that_two_passes_cannot_share_is_refused(order):
    with pytest.raises(ValueError, match=f"order {order} cannot be shared by two passes"):
        low_pass(wave(2.0), 6.0, order=order)


@pytest.mark.parametrize(("old_hz", "new_hz"), [(300, 100), (300, 128), (100, 300), (150, 100), (100, 99.5)])
def test_a_slow_sine_is_the_same_at_another_rate(old_hz, new_hz):
    trial = xr.Dataset({"pelvis_position": wave(3.0, rate_hz=old_hz)})
    moved = resample(trial, new_hz)["pelvis_position"]
    middle = slice(round(new_hz), -round(new_hz))
    truth = np.sin(2 * np.pi * 3.0 * moved["time"].values)
    np.testing.assert_allclose(moved[middle], truth[middle], atol=5e-5)


@pytest.mark.parametrize("frequency_hz", [30.0, 45.0, 52.0, 98.0])
def test_a_tone_that_the_new_rate_cannot_carry_does_not_come_back_as_another(frequency_hz):
    trial = xr.Dataset({"pelvis_position": wave(frequency_hz, rate_hz=300.0)})
    assert float(abs(resample(trial, 50.0)["pelvis_position"][50:-50]).max()) < 0.01


@pytest.mark.parametrize("rate_hz", [30.0, 49.9, 60.0, 100.0, 128.0, 200.0])
def test_the_last_sample_is_known_whatever_the_rate(rate_hz):
    """Rounding must not put it behind the end of the recording."""
    trial = simulate_trial(duration_s=2.0, sampling_rate_hz=150.0)
    moved = resample(trial, rate_hz)
    assert not moved["marker_position"].isnull().any()
    assert not moved["ground_reaction_force"].isnull().any()
    assert moved["time"][-1] <= trial["time"][-1] < moved["time"][-1] + 1 / rate_hz


def test_contacts_are_those_of_the_nearest_sample():
    trial = simulate_trial(duration_s=2.0, sampling_rate_hz=100.0)
    moved = resample(trial, 40.0)
    distance_s = np.abs(moved["time"].values[:, None] - trial["time"].values)
    halfway = np.isclose(distance_s.min(axis=1), 0.005)
    nearest = trial["in_contact"].values[distance_s.argmin(axis=1)]
    np.testing.assert_array_equal(moved["in_contact"].values[~halfway], nearest[~halfway])


@pytest.mark.parametrize("rate_hz", [70.0, 250.0])
def test_between_two_contacts_no_center_of_pressure_is_made_up(rate_hz):
    """Pressure at 1 m in the first contact, 2 m in the second and so on: nothing between may appear."""
    trial = simulate_trial(duration_s=2.0, sampling_rate_hz=100.0)
    contacts = runs(trial["in_contact"].sel(foot="right").values)
    place_m = np.full(200, np.nan)
    for number, (start, stop) in enumerate(contacts):
        place_m[start:stop] = 1.0 + number
    pressure = trial["center_of_pressure"].copy(data=np.broadcast_to(place_m[:, None, None], (200, 2, 3)))
    moved = resample(trial.assign(center_of_pressure=pressure), rate_hz)
    found_m = moved["center_of_pressure"].sel(foot="right", axis="x").dropna("time").values
    assert np.unique(found_m.round(9)).tolist() == [1.0 + number for number in range(len(contacts))]
    loaded = moved["ground_reaction_force"].sel(axis="y") >= CONTACT_FORCE_N
    assert moved["center_of_pressure"].where(~loaded).isnull().all()


@pytest.mark.parametrize("rate_hz", [60.0, 240.0])
def test_a_gap_of_a_marker_stays_a_gap_at_another_rate(rate_hz):
    trial = simulate_trial(duration_s=2.0, sampling_rate_hz=100.0)
    position = trial["marker_position"].copy(deep=True)
    position[{"time": slice(50, 80), "marker": 3}] = np.nan
    absent = resample(trial.assign(marker_position=position), rate_hz)["marker_position"].isnull().all("axis")
    lost_s = absent["time"].values[absent.isel(marker=3)]
    assert lost_s[[0, -1]] == pytest.approx([0.5, 0.79], abs=1 / 60)
    assert not absent.drop_isel(marker=3).any()


@pytest.mark.parametrize("rate_hz", [0.0, -10.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rate_hz):
    with pytest.raises(ValueError, match="give a rate above 0 Hz"):
        resample(xr.Dataset({"pelvis_position": wave(1.0)}), rate_hz)
