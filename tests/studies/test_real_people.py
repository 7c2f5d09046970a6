from functools import partial

import numpy as np
import pytest

from gaitbook.cohort.importing import import_cohort
from gaitbook.cohort.store import iterate_trials
from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.library import open_cohort
from gaitbook.studies.plate_weight import plate_weight
from gaitbook.studies.real_people import compare_stances, likeness, simulate_likenesses, stance_curves
from gaitbook.synthesis.closed_form import simulate_trial


@pytest.fixture(scope="module")
def run():
    return simulate_trial(speed_mps=3.0, mass_kg=66.0, variability=0.0)


def test_plates_tell_the_weight(run):
    assert plate_weight(run) == pytest.approx(66.0 * GRAVITY_MPS2, rel=2e-3)


def test_one_step_is_enough_where_no_stride_is_whole(run):
    first_s, other_s = _strikes(run)[:2]
    part = run.sel(time=slice(first_s - 0.03, other_s + 0.05))
    assert plate_weight(part) == pytest.approx(66.0 * GRAVITY_MPS2, rel=2e-2)


def test_no_step_no_weight(run):
    with pytest.raises(ValueError, match="saw no whole step: no weight is known"):
        plate_weight(run.isel(time=slice(0, 15)))


def test_a_curve_is_one_per_trial_in_body_weights(run):
    curve = stance_curves([run])
    assert curve["phase_percent"].tolist() == np.linspace(0, 100, 101).tolist()
    assert 200 < curve["value"].max() < 320
    assert curve["stances"].iloc[0] > 10
    assert (curve["gait"] == "run").all()


def test_a_mass_that_is_wrong_does_not_matter(run):
    heavier = run.assign_attrs(mass_kg=90.0)
    weighed, told = stance_curves([heavier]), stance_curves([heavier], weigh=False)
    np.testing.assert_allclose(weighed["value"], stance_curves([run])["value"])
    assert told["value"].max() == pytest.approx(weighed["value"].max() * 66.0 / 90.0, rel=5e-3)


def test_the_same_curve_is_alike(run):
    curve = stance_curves([run])
    row = compare_stances(curve, curve).iloc[0]
    assert (row["r"], row["rmse"], row["peak_ratio"]) == pytest.approx((1.0, 0.0, 1.0))
    assert row["met"]


def test_a_higher_curve_has_the_same_shape_and_another_peak(run):
    curve = stance_curves([run])
    row = compare_stances(curve, curve.assign(value=1.1 * curve["value"])).iloc[0]
    assert row["r"] == pytest.approx(1.0)
    assert row["peak_ratio"] == pytest.approx(1.1)


def test_nothing_on_the_plates_is_refused(run):
    with pytest.raises(ValueError, match="no trial has a whole stance on a plate"):
        stance_curves([run.isel(time=slice(0, 8))])


def test_simulated_people_stand_for_the_real_ones():
    real = stance_curves([simulate_trial(speed_mps=speed, trial=f"at {speed:g}") for speed in (2.5, 3.5)])
    asked = []
    simulated = simulate_likenesses(real, partial(_closed_form, asked), people=2, duration_s=3.0)
    table = compare_stances(real, simulated)
    assert table["trial"].tolist() == ["at 2.5", "at 3.5"]
    assert (table["people"] == 2).all()
    assert (table["r"] > 0.9).all()
    assert {person["height_m"] for person in asked} == {1.75}


def test_unknown_size_is_the_usual_one():
    person = likeness({"sex": None, "height_m": None, "mass_kg": 94.0, "speed_mps": 1.3})
    assert person["height_m"] == 1.70
    assert person["mass_kg"] == 94.0
    assert likeness({"sex": "female", "speed_mps": 1.3})["height_m"] == 1.63


@pytest.mark.real_data
def test_real_runs_are_read(real_data, tmp_path):
    folder = real_data / "hamner"
    if not folder.is_dir():
        pytest.skip("the folder hamner/ is absent from GAITBOOK_DATA")
    people = tmp_path / "people.csv"
    people.write_text("subject,mass_kg\nhamner,72.84\n", encoding="utf-8")
    import_cohort(folder, "hamner", participants=people, progress=False)
    cohort = open_cohort("hamner", progress=False)
    curves = stance_curves(trial.load() for trial in iterate_trials(cohort))
    weights = curves.groupby("trial")["mass_kg"].first()
    assert np.abs(weights / 72.84 - 1.0).max() < 0.01
    peaks = curves.groupby("trial")["value"].max()
    assert 200 < peaks["run200"] < peaks["run300"] < 270


def _closed_form(asked, person, *, speed_mps, gait, duration_s, sampling_rate_hz, seed):
    assert gait == "run"
    asked.append(person)
    return simulate_trial(
        speed_mps=speed_mps,
        mass_kg=person["mass_kg"],
        height_m=person["height_m"],
        duration_s=duration_s,
        sampling_rate_hz=sampling_rate_hz,
        seed=seed,
    )


def _strikes(trial):
    from gaitbook.cohort.events import detect_contacts

    return sorted(detect_contacts(trial)["strike_s"])
