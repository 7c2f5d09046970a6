from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.cohort.assembly import build_trial
from gaitbook.cohort.cleaning import resample
from gaitbook.cohort.events import compare_contacts, contact_mask, cut_cycles, detect_contacts, find_strides
from gaitbook.readers.folder import find_recordings
from gaitbook.readers.joining import read_files
from gaitbook.readers.rbds import list_rbds, read_running_trial
from gaitbook.synthesis.closed_form import simulate_trial

RATE_HZ = 200.0
PERIOD_S, CONTACT_S, PEAK_N = 0.7, 0.28, 1500.0


def half_sines(*, duration_s: float = 5.0, first_s: float = 0.1, rate_hz: float = RATE_HZ) -> xr.Dataset:
    """Vertical force in half-sines: right foot every 0.7 s from 0.1 s on, left foot half a period later."""
    time = np.arange(round(duration_s * rate_hz)) / rate_hz
    force = np.zeros((time.size, 2, 3))
    for foot, delay_s in enumerate((0.0, PERIOD_S / 2)):
        since_s = (time - first_s - delay_s) % PERIOD_S
        force[:, foot, 1] = np.where(since_s < CONTACT_S, PEAK_N * np.sin(np.pi * since_s / CONTACT_S), 0.0)
    return xr.Dataset(
        {"ground_reaction_force": (("time", "foot", "axis"), force, {"units": "N"})},
        coords={"time": time, "foot": ["right", "left"], "axis": ["x", "y", "z"]},
    )


def contacts(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["foot", "strike_s", "toe_off_s"])


def steady(count: int = 8, *, foot: str = "right") -> pd.DataFrame:
    return contacts(*((foot, PERIOD_S * i, PERIOD_S * i + CONTACT_S) for i in range(count)))


@pytest.mark.parametrize("threshold_n", [20.0, 100.0, 700.0])
def test_contacts_of_half_sines_begin_and_end_where_the_sine_crosses_the_threshold(threshold_n):
    found = detect_contacts(half_sines(), threshold_n=threshold_n)
    early_s = CONTACT_S / np.pi * np.arcsin(threshold_n / PEAK_N)
    starts_s = 0.1 + PERIOD_S / 2 * np.arange(len(found))
    assert found["foot"].tolist() == (["right", "left"] * 7)[: len(found)]
    assert len(found) == 14
    np.testing.assert_allclose(found["strike_s"], starts_s + early_s, atol=0.25 / RATE_HZ)
    np.testing.assert_allclose(found["toe_off_s"], starts_s + CONTACT_S - early_s, atol=0.25 / RATE_HZ)


def test_crossings_lie_between_samples():
    """A force that rises and falls in straight lines is crossed exactly, whatever the rate."""
    time = np.arange(100) / 50
    force = np.zeros((100, 2, 3))
    force[:, 0, 1] = 1000 * (0.5 - abs(time - 1.003))
    trial = xr.Dataset(
        {"ground_reaction_force": (("time", "foot", "axis"), force)},
        coords={"time": time, "foot": ["right", "left"], "axis": ["x", "y", "z"]},
    )
    found = detect_contacts(trial, threshold_n=100.0)
    assert found.iloc[0].tolist() == ["right", pytest.approx(0.603), pytest.approx(1.403)]


def test_contacts_cut_by_the_ends_are_left_out():
    whole = detect_contacts(half_sines())
    cut = detect_contacts(half_sines().sel(time=slice(0.2, 4.85)))
    assert cut["strike_s"].min() == pytest.approx(whole["strike_s"].iloc[1])
    assert len(cut) == len(whole) - 2


def test_feet_that_stand_throughout_or_never_make_no_contact():
    trial = half_sines()
    standing = trial.assign(ground_reaction_force=trial["ground_reaction_force"] * 0 + 400.0)
    for still in (standing, standing * 0):
        found = detect_contacts(still)
        assert found.empty
        assert found.columns.tolist() == ["foot", "strike_s", "toe_off_s"]
        strides = find_strides(found)
        assert strides.empty
        assert sum(strides.attrs["left_out"].values()) == 0


def test_contacts_of_one_foot_only():
    trial = half_sines()
    trial["ground_reaction_force"].loc[{"foot": "left"}] = 0.0
    found = detect_contacts(trial)
    assert set(found["foot"]) == {"right"}
    assert len(find_strides(found)) == len(found) - 1


def test_a_short_dip_does_not_part_a_contact_and_a_spike_is_none():
    trial = half_sines()
    force = trial["ground_reaction_force"]
    # 0.03 s without force in the middle of a contact, 0.06 s of force in the middle of a swing.
    force[{"time": slice(46, 52), "foot": 0, "axis": 1}] = 0.0
    force[{"time": slice(110, 122), "foot": 0, "axis": 1}] = 300.0
    pd.testing.assert_frame_equal(detect_contacts(trial), detect_contacts(half_sines()))


def test_contacts_next_to_missing_force_are_left_out_and_so_are_strides_across():
    """Force is missing from within the third right contact: neither its toe-off nor a stride over it is known."""
    trial = half_sines()
    trial["ground_reaction_force"].loc[{"foot": "right", "time": slice(1.65, 1.85)}] = np.nan
    whole, found = detect_contacts(half_sines()), detect_contacts(trial)
    lost = whole[~whole["strike_s"].isin(found["strike_s"])]
    assert lost[["foot", "strike_s"]].values.tolist() == [["right", pytest.approx(1.5, abs=0.01)]]
    strides = find_strides(found, foot="right")
    assert (strides["end_s"] - strides["start_s"]).max() < 1.01 * PERIOD_S
    assert strides.attrs["left_out"]["cycle longer than 1.5 times the median"] == 1


def test_a_short_gap_within_a_contact_is_bridged():
    trial = half_sines()
    trial["ground_reaction_force"].loc[{"foot": "right", "time": slice(1.60, 1.62)}] = np.nan
    pd.testing.assert_frame_equal(detect_contacts(trial), detect_contacts(half_sines()))


def test_an_unknown_method_is_refused():
    with pytest.raises(
        ValueError, match="no method 'video' of detecting contacts; choose 'force' or 'motion'"
    ):
        detect_contacts(half_sines(), method="video")


@pytest.mark.parametrize(
    ("method", "needed"), [("force", "ground_reaction_force"), ("motion", "marker_position")]
)
def test_a_method_says_what_it_lacks(method, needed):
    trial = simulate_trial(duration_s=1.0).drop_vars(needed)
    with pytest.raises(
        ValueError, match=f"contacts by {method} need {needed}, which the trial lacks; it has "
    ):
        detect_contacts(trial, method=method)


def test_the_mask_of_contacts_is_true_between_strike_and_toe_off():
    time = xr.DataArray(np.arange(10) / 10, dims="time")
    mask = contact_mask(contacts(("right", 0.15, 0.5), ("left", 0.6, 0.75)), time)
    assert mask.dims == ("time", "foot")
    assert mask.dtype == bool
    assert np.flatnonzero(mask.sel(foot="right")).tolist() == [2, 3, 4]
    assert np.flatnonzero(mask.sel(foot="left")).tolist() == [6, 7]


def test_the_mask_of_simulated_contacts_is_that_of_the_simulation():
    trial = simulate_trial(duration_s=4.0, sampling_rate_hz=200.0)
    found = detect_contacts(trial)
    inside = trial.sel(time=slice(found["strike_s"].iloc[1], found["strike_s"].iloc[-1]))
    mask = contact_mask(found, inside["time"])
    assert float((mask == inside["in_contact"]).mean()) > 0.98


def test_strides_go_from_landing_to_landing_with_exactly_one_toe_off():
    found = detect_contacts(half_sines())
    strides = find_strides(found)
    assert len(strides) == len(found) - 2
    assert strides["start_s"].is_monotonic_increasing
    for _, stride in strides.iterrows():
        own = found[found["foot"] == stride["foot"]]
        assert own["toe_off_s"].between(stride["start_s"], stride["end_s"]).sum() == 1
        assert own["strike_s"].between(stride["start_s"], stride["end_s"], inclusive="neither").sum() == 0
    np.testing.assert_allclose(strides["end_s"] - strides["start_s"], PERIOD_S, atol=1e-9)


def test_strides_of_one_foot():
    strides = find_strides(detect_contacts(half_sines()), foot="left")
    assert set(strides["foot"]) == {"left"}


def test_an_unknown_foot_is_refused():
    with pytest.raises(ValueError, match="no foot 'r'; choose 'right', 'left', or None for both"):
        find_strides(steady(), foot="r")


def test_odd_durations_are_left_out_and_counted_once_each():
    rows = [
        *steady(6).itertuples(index=False),
        ("right", 4.2, 6.0),
        ("right", 6.2, 6.25),
        ("right", 6.3, 6.4),
    ]
    strides = find_strides(contacts(*rows, ("right", 9.0, 9.3)))
    assert len(strides) == 6
    assert strides.attrs["left_out"] == {
        "stance outside 0.1 to 1.5 s": 2,
        "cycle outside 0.2 to 2 s": 1,
        "cycle longer than 1.5 times the median": 0,
    }


def test_the_limits_of_a_stride_can_be_chosen():
    strides = find_strides(steady(), stance_s=(0.3, 0.5), cycle_s=(0.5, 1.0))
    assert strides.empty
    assert strides.attrs["left_out"]["stance outside 0.3 to 0.5 s"] == 7


def test_a_stride_over_an_unseen_contact_is_left_out():
    strides = find_strides(steady().drop(index=4))
    assert len(strides) == 5
    assert strides.attrs["left_out"]["cycle longer than 1.5 times the median"] == 1


def test_every_cycle_of_a_periodic_signal_is_the_same_wave():
    time = np.arange(1000) / RATE_HZ
    wave = xr.DataArray(
        np.stack([np.sin(2 * np.pi * time / PERIOD_S), np.cos(2 * np.pi * time / PERIOD_S)]),
        dims=("axis", "time"),
        coords={"time": time, "axis": ["x", "y"]},
        name="wave",
        attrs={"units": "m"},
    )
    cycles = cut_cycles(wave.transpose("time", "axis"), find_strides(steady(7)), samples=51)
    assert cycles.dims == ("cycle", "phase", "axis")
    assert cycles.sizes == {"cycle": 6, "phase": 51, "axis": 2}
    assert cycles["phase"].values[[0, 25, 50]].tolist() == [0.0, 50.0, 100.0]
    assert (cycles.name, cycles.attrs) == ("wave", {"units": "m"})
    expected = np.sin(2 * np.pi * cycles["phase"].values / 100)
    for cycle in cycles.sel(axis="x"):
        np.testing.assert_allclose(cycle, expected, atol=5e-4)


def test_strides_of_different_length_are_stretched_alike():
    ramp = xr.DataArray(np.arange(100.0), dims="time", coords={"time": np.arange(100) / 10})
    strides = pd.DataFrame({"foot": "right", "start_s": [0.0, 2.0], "end_s": [2.0, 7.0]})
    cycles = cut_cycles(ramp, strides)
    np.testing.assert_allclose(cycles[0], np.linspace(0, 20, 101))
    np.testing.assert_allclose(cycles[1], np.linspace(20, 70, 101))


def test_without_strides_there_are_no_cycles():
    trial = half_sines()
    none = find_strides(detect_contacts(trial), stance_s=(1.0, 1.1))
    with pytest.raises(ValueError, match="no stride to cut cycles from"):
        cut_cycles(trial["ground_reaction_force"], none)


def test_late_events_are_positive():
    reference = contacts(("right", 1.0, 1.3), ("left", 1.4, 1.7))
    late_strike_early_off = contacts(("right", 1.02, 1.29), ("left", 1.42, 1.69))
    compared = compare_contacts(late_strike_early_off, reference)
    assert compared.attrs["missed"] == 0
    assert compared["foot"].tolist() == ["right", "right", "left", "left"]
    assert compared["event"].tolist() == ["strike", "toe-off"] * 2
    np.testing.assert_allclose(compared["difference_s"], [0.02, -0.01, 0.02, -0.01])


def test_events_without_a_partner_are_counted_as_missed():
    reference = contacts(("right", 1.0, 1.3), ("left", 1.4, 1.7), ("right", 1.8, 2.1))
    compared = compare_contacts(contacts(("right", 1.01, 1.5)), reference)
    assert compared.values.tolist() == [["right", "strike", pytest.approx(0.01)]]
    assert compared.attrs["missed"] == 5
    nothing = compare_contacts(contacts(), reference)
    assert nothing.attrs["missed"] == 6
    assert nothing.columns.tolist() == ["foot", "event", "difference_s"]


def test_contacts_survive_a_lower_rate():
    trial = simulate_trial(sampling_rate_hz=300.0)
    compared = compare_contacts(detect_contacts(resample(trial, 100.0)), detect_contacts(trial))
    assert compared.attrs["missed"] == 0
    assert compared["difference_s"].abs().max() < 0.01


@pytest.mark.real_data
def test_motion_tells_the_events_of_real_runners_as_force_does(real_data: Path):
    """Three runners at three speeds: mean difference within 10 ms, spread within 20 ms, per kind of event."""
    parts = []
    for files in list_rbds(real_data / "rbds", subjects=(1, 2, 10)):
        trial = build_trial(read_running_trial(files).recording, files.attributes).trial
        compared = compare_contacts(detect_contacts(trial, method="motion"), detect_contacts(trial))
        assert compared.attrs["missed"] == 0
        parts.append(compared)
    differences_s = pd.concat(parts).groupby("event")["difference_s"]
    assert (differences_s.count() > 600).all()
    assert (differences_s.mean().abs() < 0.010).all()
    assert (differences_s.std() < 0.020).all()


@pytest.mark.real_data
def test_motion_tells_the_events_of_a_real_walker_as_force_does(real_data: Path):
    folder = real_data / "opencap"
    if not folder.is_dir():
        pytest.skip("the walking trials of opencap/ are absent")
    walks = find_recordings(folder).recordings
    for walk in walks:
        attributes = {
            "source": "opencap",
            "subject": "one",
            "trial": walk.trial,
            "license": "?",
            "mass_kg": 75.0,
        }
        trial = build_trial(read_files(walk.files), attributes).trial
        compared = compare_contacts(detect_contacts(trial, method="motion"), detect_contacts(trial))
        assert compared.attrs["missed"] == 0
        assert len(compared) >= 2
        assert compared["difference_s"].abs().max() < 0.040
