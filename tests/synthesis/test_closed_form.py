from itertools import islice

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.events import detect_contacts, find_strides
from gaitbook.cohort.schema import validate
from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.synthesis.closed_form import simulate_cohort_trials, simulate_trial
from gaitbook.synthesis.gait_pattern import draw_person

SPEEDS_MPS = [0.6, 1.4, 2.0, 2.1, 3.5, 6.5]


def weight_n(trial: xr.Dataset) -> float:
    return trial.attrs["mass_kg"] * GRAVITY_MPS2


def mean_over_cycles(trial: xr.Dataset) -> xr.DataArray:
    """Mean total force from the first to the last landing of the right foot, in body weights."""
    strides = find_strides(detect_contacts(trial, threshold_n=1.0), foot="right")
    start_s, end_s = strides["start_s"].iloc[0], strides["end_s"].iloc[-1]
    time_s = np.linspace(start_s, end_s, 20_000)
    total = trial["ground_reaction_force"].sum("foot").interp(time=time_s, method="linear")
    return total.integrate("time") / (end_s - start_s) / weight_n(trial)


@pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
@pytest.mark.parametrize("seed", [0, 3])
def test_over_whole_cycles_the_ground_carries_the_weight_and_pushes_nowhere(speed_mps, seed):
    trial = simulate_trial(speed_mps=speed_mps, seed=seed, variability=0.0, sampling_rate_hz=400.0)
    mean = mean_over_cycles(trial)
    np.testing.assert_allclose(mean.sel(axis=["x", "y", "z"]), [0.0, 1.0, 0.0], atol=1e-3)


@pytest.mark.parametrize("speed_mps", [1.4, 3.5])
def test_varied_strides_balance_in_the_long_run(speed_mps):
    mean = mean_over_cycles(simulate_trial(speed_mps=speed_mps, duration_s=20.0))
    np.testing.assert_allclose(mean.sel(axis=["x", "y", "z"]), [0.0, 1.0, 0.0], atol=0.01)


@pytest.mark.parametrize("surface", ["treadmill", "overground"])
@pytest.mark.parametrize("speed_mps", [1.4, 3.5])
def test_total_force_is_mass_times_acceleration_less_gravity(speed_mps, surface):
    trial = simulate_trial(
        speed_mps=speed_mps, surface=surface, sampling_rate_hz=1000.0, duration_s=2.0, truth=True
    )
    center = trial["center_of_mass_position"].transpose("time", "axis").values
    acceleration = (center[2:] - 2 * center[1:-1] + center[:-2]) * 1000.0**2
    expected = trial.attrs["mass_kg"] * (acceleration + np.array([0.0, GRAVITY_MPS2, 0.0]))
    found = trial["ground_reaction_force"].sum("foot").transpose("time", "axis").values[1:-1]
    np.testing.assert_allclose(found, expected, atol=0.005 * weight_n(trial))
    assert np.abs(found - expected).mean() < 1e-3 * weight_n(trial)


@pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
def test_the_ground_only_pushes_and_only_a_foot_in_contact(speed_mps):
    trial = simulate_trial(speed_mps=speed_mps)
    force, down = trial["ground_reaction_force"], trial["in_contact"]
    assert float(force.sel(axis="y").min()) >= 0.0
    assert float(abs(force.where(~down)).max()) == 0.0
    assert float(abs(trial["free_moment"].where(~down)).max()) == 0.0
    assert (trial["center_of_pressure"].notnull().all("axis") == down).all()


@pytest.mark.parametrize("seed", [0, 3, 5])
@pytest.mark.parametrize("speed_mps", [1.4, 3.5])
def test_the_center_of_pressure_is_on_the_ground_under_the_foot(speed_mps, seed):
    trial = simulate_trial(speed_mps=speed_mps, seed=seed, surface="overground", variability=0.0)
    for foot, letter in (("right", "R"), ("left", "L")):
        at = trial.where(trial["in_contact"].sel(foot=foot, drop=True), drop=True)
        pressure = at["center_of_pressure"].sel(foot=foot)
        heel, ball = (at["marker_position"].sel(marker=f"{letter}.{name}") for name in ("Heel.Bottom", "MT1"))
        assert float(abs(pressure.sel(axis="y")).max()) == 0.0
        assert float((pressure - heel).sel(axis="x").min()) > 0.0
        # The toes reach about 7 cm beyond the ball.
        assert float((pressure - ball).sel(axis="x").max()) < 0.07
        assert float(abs((pressure - heel).sel(axis="z")).max()) < 0.05


@pytest.mark.parametrize("speed_mps", [1.4, 3.5])
def test_a_flat_foot_rides_on_the_belt_and_stands_overground(speed_mps):
    for surface, ground_mps in (("treadmill", -speed_mps), ("overground", 0.0)):
        trial = simulate_trial(speed_mps=speed_mps, surface=surface, sampling_rate_hz=200.0)
        contact = detect_contacts(trial, threshold_n=1.0).iloc[2]
        stance_s = contact["toe_off_s"] - contact["strike_s"]
        flat = slice(contact["strike_s"] + 0.25 * stance_s, contact["strike_s"] + 0.45 * stance_s)
        letter = contact["foot"][0].upper()
        foot = trial["marker_position"].sel(marker=[f"{letter}.Heel.Bottom", f"{letter}.MT1"], time=flat)
        velocity = foot.differentiate("time")
        np.testing.assert_allclose(velocity.sel(axis="x"), ground_mps, atol=1e-6)
        np.testing.assert_allclose(velocity.sel(axis=["y", "z"]), 0.0, atol=1e-6)


def test_segments_are_rigid_and_feet_do_not_sink():
    markers = simulate_trial(speed_mps=3.5)["marker_position"]
    for first, second in (
        ("R.Heel.Top", "R.MT5"),
        ("L.Thigh.Top.Lateral", "L.Thigh.Bottom.Lateral"),
        ("R.ASIS", "L.PSIS"),
    ):
        length_m = np.sqrt(((markers.sel(marker=first) - markers.sel(marker=second)) ** 2).sum("axis"))
        assert float(length_m.max() - length_m.min()) < 0.02
    assert float(markers.sel(axis="y").min()) > -0.01


@pytest.mark.parametrize("speed_mps", [0.6, 1.4, 2.0])
def test_walking_has_double_support_and_no_flight(speed_mps):
    feet_down = simulate_trial(speed_mps=speed_mps, sampling_rate_hz=200.0)["in_contact"].sum("foot")
    assert set(np.unique(feet_down)) == {1, 2}


@pytest.mark.parametrize("speed_mps", [2.1, 3.5, 6.5])
def test_running_has_flight_and_no_double_support(speed_mps):
    feet_down = simulate_trial(speed_mps=speed_mps, sampling_rate_hz=200.0)["in_contact"].sum("foot")
    assert set(np.unique(feet_down)) == {0, 1}


def test_braking_comes_before_propulsion():
    """Signs of the fore-aft force: backward on the person after landing, forward before toe-off."""
    for speed_mps in (1.4, 3.5):
        trial = simulate_trial(speed_mps=speed_mps, variability=0.0)
        contact = detect_contacts(trial).iloc[2]
        force = trial["ground_reaction_force"].sel(foot=contact["foot"], axis="x")
        middle_s = (contact["strike_s"] + contact["toe_off_s"]) / 2
        assert force.sel(time=slice(contact["strike_s"], middle_s)).mean() < 0
        assert force.sel(time=slice(middle_s, contact["toe_off_s"])).mean() > 0


def test_right_is_right():
    trial = simulate_trial(speed_mps=1.4)
    pressure = trial["center_of_pressure"].sel(axis="z").mean("time")
    assert pressure.sel(foot="right") > 0 > pressure.sel(foot="left")
    asis = trial["marker_position"].sel(marker=["R.ASIS", "L.ASIS"], axis="z").mean("time")
    assert asis[0] > 0 > asis[1]


def test_the_person_gets_on_overground_and_stays_on_the_treadmill():
    for surface, distance_m in (("overground", 3.0 * 5.0), ("treadmill", 0.0)):
        markers = simulate_trial(speed_mps=3.0, duration_s=5.01, surface=surface)["marker_position"]
        pelvis = markers.sel(marker="R.PSIS", axis="x")
        assert float(pelvis[-1] - pelvis[0]) == pytest.approx(distance_m, abs=0.1)


def test_without_variability_every_stride_is_the_same():
    trial = simulate_trial(speed_mps=3.0, variability=0.0, sampling_rate_hz=500.0)
    strides = find_strides(detect_contacts(trial), foot="right")
    np.testing.assert_allclose(np.diff(strides["end_s"] - strides["start_s"]), 0.0, atol=1e-3)
    varied = find_strides(
        detect_contacts(simulate_trial(speed_mps=3.0, sampling_rate_hz=500.0)), foot="right"
    )
    assert (varied["end_s"] - varied["start_s"]).std() > 1e-3


def test_the_same_seed_gives_the_same_trial_and_another_another_person():
    first, again, other = (simulate_trial(seed=seed, noise_m=0.001) for seed in (4, 4, 5))
    xr.testing.assert_identical(first, again)
    for name in ("marker_position", "ground_reaction_force"):
        assert not np.allclose(first[name], other[name], equal_nan=True)
    people = [draw_person(mass_kg=70.0, height_m=1.75, marker_count=32, seed=seed) for seed in (4, 5)]
    assert people[0].stride_factor != people[1].stride_factor
    assert people[0].strike_pitch_rad != people[1].strike_pitch_rad


def test_noise_is_as_large_as_asked_for_and_only_on_the_markers():
    clean, noisy = (simulate_trial(noise_m=noise_m) for noise_m in (0.0, 0.002))
    noise_m = noisy["marker_position"] - clean["marker_position"]
    assert float(noise_m.std()) == pytest.approx(0.002, rel=0.02)
    assert abs(float(noise_m.mean())) < 1e-4
    xr.testing.assert_identical(noisy.drop_vars("marker_position"), clean.drop_vars("marker_position"))


def test_mass_scales_force_and_leaves_motion():
    light, heavy = (simulate_trial(mass_kg=mass_kg) for mass_kg in (50.0, 100.0))
    np.testing.assert_allclose(heavy["ground_reaction_force"], 2 * light["ground_reaction_force"], atol=1e-6)
    np.testing.assert_allclose(heavy["marker_position"], light["marker_position"], atol=1e-9)


@pytest.mark.parametrize("surface", ["treadmill", "overground"])
@pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
def test_simulated_trials_keep_the_contract(speed_mps, surface):
    trial = simulate_trial(speed_mps=speed_mps, surface=surface, sex="male", height_m=1.9, mass_kg=95.0)
    assert validate(trial) is trial
    assert trial.attrs["surface"] == surface
    assert trial.attrs["trial"] == f"{'walk' if speed_mps <= 2.0 else 'run'}-{speed_mps:g}"


def test_the_truth_is_added_only_if_asked_for():
    assert "center_of_mass_position" not in simulate_trial(duration_s=1.0)
    truth = simulate_trial(duration_s=1.0, truth=True)["center_of_mass_position"]
    assert truth.dims == ("time", "axis")
    assert truth.attrs["units"] == "m"
    assert 0.45 < float(truth.sel(axis="y").mean()) / 1.75 < 0.6


def test_names_can_be_given():
    trial = simulate_trial(duration_s=1.0, subject="me", trial="first")
    assert (trial.attrs["subject"], trial.attrs["trial"]) == ("me", "first")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"speed_mps": 0.2}, "speed_mps is 0.2, expected 0.6 to 6.5"),
        ({"speed_mps": 9.0}, "speed_mps is 9, expected 0.6 to 6.5"),
        ({"speed_mps": float("nan")}, "speed_mps is nan, expected 0.6 to 6.5"),
        ({"sex": "f"}, "sex is 'f', expected one of female, male"),
        ({"surface": "ice"}, "surface is 'ice', expected one of treadmill, overground"),
        ({"duration_s": 0.01}, "duration_s times sampling_rate_hz gives fewer than two samples"),
    ],
)
def test_what_cannot_be_simulated_is_refused(parameters, message):
    with pytest.raises(ValueError, match="Cannot simulate this trial: ") as caught:
        simulate_trial(**parameters)
    assert message in str(caught.value)


def test_all_faults_are_in_one_message():
    with pytest.raises(ValueError, match=r"speed_mps is 9.*; sex is 'x'.*; surface is 'ice'.*fewer than two"):
        simulate_trial(speed_mps=9.0, sex="x", surface="ice", duration_s=0.0)


def test_a_simulated_cohort_is_the_same_every_time():
    first, again = (list(simulate_cohort_trials(subjects=2, duration_s=1.0, seed=7)) for _ in range(2))
    assert [trial.attrs["subject"] for trial in first] == ["simulated-01"] * 3 + ["simulated-02"] * 3
    assert [trial.attrs["speed_mps"] for trial in first] == [2.5, 3.5, 4.5] * 2
    assert [trial.attrs["sex"] for trial in first[::3]] == ["female", "male"]
    for one, other in zip(first, again, strict=True):
        xr.testing.assert_identical(one, other)
        validate(one)


def test_people_of_a_cohort_differ_and_other_seeds_are_other_people():
    three = list(simulate_cohort_trials(subjects=3, speeds_mps=(3.0,), duration_s=1.0))
    others = list(simulate_cohort_trials(subjects=3, speeds_mps=(3.0,), duration_s=1.0, seed=1))
    assert len({trial.attrs["mass_kg"] for trial in [*three, *others]}) == 6
    assert len({trial.attrs["height_m"] for trial in three}) == 3


def test_a_cohort_is_simulated_trial_by_trial():
    trials = simulate_cohort_trials(subjects=10_000, duration_s=1.0)
    assert [trial.attrs["trial"] for trial in islice(trials, 2)] == ["run-2.5", "run-3.5"]
