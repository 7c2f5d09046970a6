"""A laboratory sees what it could see of a simulated trial, the same every time."""

import numpy as np
import pytest

from gaitbook.cohort.schema import validate
from gaitbook.mechanics.scaling import scale_body
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.laboratory import record_in_laboratory

PERSON = {"height_m": 1.72, "mass_kg": 70.0, "sex": "female", "number": 4, "subject": "person-0005"}


@pytest.fixture(scope="module")
def trial():
    return simulate_gait(PERSON, speed_mps=1.3, duration_s=2.0)


@pytest.fixture(scope="module")
def measured(trial):
    return record_in_laboratory(trial)


def test_a_recording_is_a_valid_trial_without_the_truth(measured):
    validate(measured)
    assert "joint_moment" not in measured
    assert measured.sizes["standing_marker"] == measured.sizes["marker"]


def test_angles_and_forces_are_off_by_what_laboratories_are_off(trial, measured):
    angle = np.rad2deg(np.sqrt(((measured["joint_angle"] - trial["joint_angle"]) ** 2).mean()))
    force = np.sqrt(((measured["ground_reaction_force"] - trial["ground_reaction_force"]) ** 2).mean())
    assert 0.5 < float(angle) < 4.0
    assert 0.1 < float(force) < 15.0


def test_the_same_seed_gives_the_same_recording_and_another_one_another(trial, measured):
    assert record_in_laboratory(trial).identical(measured)
    assert not record_in_laboratory(trial, seed=1).equals(measured)


def test_markers_sit_alike_in_all_trials_of_a_person(trial, measured):
    other = record_in_laboratory(trial.assign_attrs(trial="another"))
    np.testing.assert_allclose(other["standing_position"], measured["standing_position"])
    apart = (other["marker_position"] - measured["marker_position"]).std()
    assert 0 < float(apart) < 0.01


def test_a_body_can_be_scaled_to_the_standing_markers(trial):
    measured = record_in_laboratory(trial, angles=False)
    assert "joint_angle" not in measured
    assert scale_body(measured).mass_kg == pytest.approx(70.0)


def test_a_trial_without_motion_is_refused(trial):
    with pytest.raises(ValueError, match="lacks joint_angle, pelvis_position: take one from simulate_gait"):
        record_in_laboratory(trial.drop_vars(["joint_angle", "pelvis_position"]))


def test_an_unknown_marker_set_is_refused(trial):
    with pytest.raises(ValueError, match="Known sets"):
        record_in_laboratory(trial, markers="dots")
