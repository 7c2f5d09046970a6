"""From a recording to a trial: forces of feet, known frames only, faults as exclusions."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.assembly import build_trial, keep_known_force
from gaitbook.cohort.heading import align_heading
from gaitbook.cohort.schema import faults
from tests.cohort.recorded_files import run

PERSON = {"source": "lab", "subject": "S1", "trial": "run", "license": "CC0", "mass_kg": 70.0}


def make_recording(trial: xr.Dataset, plates: tuple[str, ...] = ("right", "left")) -> xr.Dataset:
    """Markers of a trial, and its forces as those of one plate per foot, at the same times."""
    force = trial["ground_reaction_force"].values
    center = np.nan_to_num(trial["center_of_pressure"].values)
    moment = np.cross(center, force)
    moment[..., 1] += trial["free_moment"].values
    dims = ("plate_time", "plate", "axis")
    plate = {
        "plate_force": (dims, force),
        "plate_moment": (dims, moment),
        "plate_center_of_pressure": (dims, trial["center_of_pressure"].values),
        "plate_free_moment": (dims[:2], trial["free_moment"].values),
    }
    coords = {"plate_time": trial["time"].values, "plate": list(plates), "axis": ["x", "y", "z"]}
    return xr.merge([trial[["marker_position"]], xr.Dataset(plate, coords)], join="exact").assign_attrs(
        log=["read"]
    )


@pytest.fixture(scope="module")
def running() -> xr.Dataset:
    """Two seconds of running on a treadmill at 3 m/s."""
    return run()


@pytest.mark.parametrize("plates", [("right", "left"), ("2", "1")])
def test_the_forces_of_the_feet_come_back_from_plates(running: xr.Dataset, plates: tuple[str, ...]):
    built = build_trial(make_recording(running, plates), PERSON)
    assert built.trial is not None
    assert faults(built.trial) == []
    known = built.trial["ground_reaction_force"].sel(axis="y")
    expected = running["ground_reaction_force"].sel(axis="y", time=known["time"])
    loaded = expected > 100
    np.testing.assert_allclose(known.where(loaded), expected.where(loaded), atol=0.02 * 70 * 9.81)
    assert built.trial.attrs["sampling_rate_hz"] == pytest.approx(100)
    assert built.trial.attrs["subject"] == "S1"
    assert "read" in built.trial.attrs["log"]


def test_speed_and_surface_are_found_where_nobody_says_them(running: xr.Dataset):
    trial = build_trial(make_recording(running), PERSON).trial
    assert trial is not None
    assert trial.attrs["surface"] == "treadmill"
    assert trial.attrs["speed_mps"] == pytest.approx(3.0, rel=0.1)
    told = build_trial(make_recording(running), {**PERSON, "speed_mps": 2.9, "surface": "overground"}).trial
    assert told is not None
    assert (told.attrs["speed_mps"], told.attrs["surface"]) == (2.9, "overground")


def test_a_trial_faces_forward_whatever_the_heading_of_the_laboratory(running: xr.Dataset):
    straight = build_trial(make_recording(running), PERSON).trial
    turned = build_trial(make_recording(align_heading(running, heading_rad=1.2)), PERSON).trial
    assert straight is not None
    assert turned is not None
    for name in ("marker_position", "ground_reaction_force"):
        np.testing.assert_allclose(turned[name], straight[name], atol=1e-6)


def test_without_a_mass_there_is_no_trial(running: xr.Dataset):
    built = build_trial(make_recording(running), {k: v for k, v in PERSON.items() if k != "mass_kg"})
    assert built.trial is None
    assert built.exclusions[-1].item == "/lab/S1/run"
    assert "no body mass: give mass_kg in the participants table" in built.exclusions[-1].reason


def test_motion_is_kept_where_plates_cannot_be_given_to_feet(running: xr.Dataset):
    recording = make_recording(running, ("1", "2")).assign_coords(
        marker=[f"unknown{i}" for i in range(running.sizes["marker"])]
    )
    built = build_trial(recording, {k: v for k, v in PERSON.items() if k != "mass_kg"})
    assert built.trial is not None
    assert "ground_reaction_force" not in built.trial
    assert built.exclusions[0].reason.startswith("kept without force: ")


def test_unknown_force_at_an_end_is_cut(running: xr.Dataset):
    force = running["ground_reaction_force"].copy()
    force[:30, 0] = np.nan
    cut, left_out = keep_known_force(running.assign(ground_reaction_force=force))
    assert cut["time"].values[[0, -1]] == pytest.approx([0.3, 1.99])
    assert [str(each) for each in left_out] == [
        "/closed-form/simulated/run-3: frames with unknown force were cut (0.30 of 1.99 s)"
    ]


def test_a_trial_of_mostly_unknown_force_is_kept_without_it(running: xr.Dataset):
    force = running["ground_reaction_force"].copy()
    force[60:150] = np.nan
    kept, left_out = keep_known_force(running.assign(ground_reaction_force=force))
    assert set(kept.data_vars) == {"marker_position", "standing_position"}
    assert kept.sizes["time"] == running.sizes["time"]
    assert "kept without force" in left_out[0].reason
    force[:] = np.nan
    assert "ground_reaction_force" not in keep_known_force(running.assign(ground_reaction_force=force))[0]


def test_a_trial_with_known_force_or_none_is_left_alone(running: xr.Dataset):
    assert keep_known_force(running)[0] is running
    motion = running[["marker_position"]]
    assert keep_known_force(motion)[0] is motion
