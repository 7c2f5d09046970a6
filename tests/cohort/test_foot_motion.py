from pathlib import Path

import numpy as np
import pytest

from gaitbook.cohort.assembly import build_trial
from gaitbook.cohort.events import compare_contacts, detect_contacts
from gaitbook.cohort.foot_motion import estimate_speed, support_signal
from gaitbook.readers.rbds import list_rbds, read_running_trial
from gaitbook.synthesis.closed_form import simulate_trial

PEOPLE = [0, 1, 4, 6]


@pytest.mark.parametrize("seed", PEOPLE)
@pytest.mark.parametrize("speed_mps", [1.4, 1.9, 2.5, 3.5, 4.5])
def test_every_contact_of_a_simulated_person_is_found_within_30_ms(speed_mps, seed):
    trial = simulate_trial(speed_mps=speed_mps, seed=seed, noise_m=0.0005)
    force = detect_contacts(trial)
    inside = force[(force["strike_s"] > 0.1) & (force["toe_off_s"] < 5.9)]
    compared = compare_contacts(detect_contacts(trial, method="motion"), inside)
    assert compared.attrs["missed"] == 0
    assert compared.groupby("event")["difference_s"].mean().abs().max() < 0.030
    assert compared["difference_s"].abs().max() < 0.035


def test_overground_and_on_a_belt_the_contacts_are_the_same():
    on_belt, overground = (
        detect_contacts(simulate_trial(speed_mps=3.0, surface=surface), method="motion")
        for surface in ("treadmill", "overground")
    )
    np.testing.assert_allclose(on_belt["strike_s"], overground["strike_s"], atol=2e-3)
    np.testing.assert_allclose(on_belt["toe_off_s"], overground["toe_off_s"], atol=2e-3)


@pytest.mark.parametrize("surface", ["treadmill", "overground"])
@pytest.mark.parametrize("speed_mps", [0.6, 1.0, 1.4, 1.9, 2.5, 3.5, 5.0, 6.5])
def test_speed_is_estimated_within_3_percent(speed_mps, surface):
    for seed in PEOPLE:
        markers = simulate_trial(speed_mps=speed_mps, surface=surface, seed=seed)["marker_position"]
        assert estimate_speed(markers) == pytest.approx(speed_mps, rel=0.03)


def test_the_signal_is_without_unit_positive_in_stance_negative_in_swing():
    trial = simulate_trial(speed_mps=3.0, sampling_rate_hz=200.0)
    support = support_signal(trial["marker_position"])
    assert support.dims == ("time", "foot")
    force = trial["ground_reaction_force"].sel(axis="y")
    assert (support.where(force > 700.0) > 0).sum() == (force > 700.0).sum()
    middle_of_swing = (force.rolling(time=61, center=True).max() == 0).values
    assert (support.values[middle_of_swing] < 0).all()


def test_short_gaps_of_a_foot_do_not_cost_a_contact():
    trial = simulate_trial(speed_mps=3.0)
    position = trial["marker_position"].copy(deep=True)
    position.loc[{"marker": ["R.MT1", "R.MT5"], "time": slice(2.0, 2.05)}] = np.nan
    found = detect_contacts(trial.assign(marker_position=position), method="motion")
    assert len(found) == len(detect_contacts(trial, method="motion"))


def test_the_argument_is_not_changed():
    markers = simulate_trial(duration_s=2.0)["marker_position"]
    before = markers.copy(deep=True)
    support_signal(markers)
    assert markers.identical(before)


def test_a_person_who_does_not_get_on_is_refused():
    markers = simulate_trial(duration_s=2.0)["marker_position"]
    with pytest.raises(ValueError, match=r"the person gets on at -?0.00 m/s: too slow to tell contacts"):
        support_signal(
            markers.isel(time=[0]).isel(time=np.zeros(200, int)).assign_coords(time=markers["time"])
        )


def test_a_forefoot_and_a_pelvis_without_markers_are_named():
    markers = simulate_trial(duration_s=2.0)["marker_position"]
    kept = [
        label
        for label in markers["marker"].values
        if label not in ("R.MT1", "R.MT5") and not any(part in label for part in ("ASIS", "PSIS", "Iliac"))
    ]
    expected = (
        r"no marker on the right forefoot \(R.MT1, R.MT5\) nor on the pelvis \(.*ASIS.*\): motion cannot tell"
    )
    for ask in (support_signal, estimate_speed):
        with pytest.raises(ValueError, match=expected):
            ask(markers.sel(marker=kept))


def test_unknown_markers_are_refused():
    markers = simulate_trial(duration_s=2.0)["marker_position"]
    with pytest.raises(ValueError, match="Fewer than 2 foot markers recognized"):
        estimate_speed(markers.assign_coords(marker=[f"M{i}" for i in range(markers.sizes["marker"])]))


@pytest.mark.real_data
def test_the_speed_of_the_belt_is_read_from_the_feet_of_real_runners(real_data: Path):
    errors = []
    for files in list_rbds(real_data / "rbds", subjects=(1, 10)):
        trial = build_trial(read_running_trial(files).recording, files.attributes).trial
        errors.append(estimate_speed(trial["marker_position"]) / files.attributes["speed_mps"] - 1)
    assert len(errors) == 6
    assert np.abs(errors).max() < 0.03
