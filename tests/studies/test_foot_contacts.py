"""Contacts from the motion of a body: against the plates, beyond the ends of a trial, and where nothing can be told."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.cohort.events import compare_contacts, contact_mask, detect_contacts
from gaitbook.studies.foot_contacts import cycle_phase, foot_contacts
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.synthesis.person_body import person_body
from tests.synthesis.walkers import RUNS, WALKS
from tests.synthesis.walkers import trial as simulated


def motion_of(kind):
    trial = simulated(*kind)
    return MeasuredMotion(trial, person_body(trial.attrs))


@pytest.mark.parametrize("kind", [WALKS[0], RUNS[0]], ids=["walk", "run"])
def test_motion_tells_when_feet_stand_as_plates_do(kind):
    motion = motion_of(kind)
    compared = compare_contacts(foot_contacts(motion), detect_contacts(motion.trial))
    assert compared.attrs["missed"] == 0
    assert float(abs(compared["difference_s"]).mean()) < 0.03
    assert float(abs(compared["difference_s"]).max()) < 0.06


def test_a_stance_that_an_end_cuts_short_is_as_long_as_the_others():
    motion = motion_of(WALKS[0])
    contacts = foot_contacts(motion)
    whole = motion.trial["time"].values[[0, -1]]
    assert contacts["strike_s"].min() < whole[0]
    assert contacts["toe_off_s"].max() > whole[1]
    lengths_s = contacts["toe_off_s"] - contacts["strike_s"]
    assert lengths_s.min() > 0.9 * lengths_s.median()
    down = contact_mask(contacts, motion.trial["time"])
    assert bool(down.any("foot").all())  # a walker never flies, not at the ends either


def test_gaps_of_the_motion_are_bridged():
    motion = motion_of(WALKS[0])
    angle = motion.trial["joint_angle"].copy()
    angle.loc[{"coordinate": "hip_flexion_r", "time": slice(1.0, 1.05)}] = np.nan
    bridged = foot_contacts(motion._replace(trial=motion.trial.assign(joint_angle=angle)))
    whole = foot_contacts(motion)
    assert len(bridged) == len(whole)
    np.testing.assert_allclose(bridged["strike_s"], whole["strike_s"], atol=0.02)


def test_a_path_that_is_nowhere_known_tells_no_contacts():
    motion = motion_of(WALKS[0])
    lost = motion.trial.assign(pelvis_position=motion.trial["pelvis_position"] * np.nan)
    with pytest.raises(ValueError, match="path of the pelvis is nowhere known"):
        foot_contacts(motion._replace(trial=lost))


def test_a_trial_shorter_than_a_stance_is_too_short():
    motion = motion_of(WALKS[0])
    with pytest.raises(ValueError, match="has no whole stance that its motion shows: take a longer trial"):
        foot_contacts(motion._replace(trial=motion.trial.isel(time=slice(0, 40))))


def test_the_phase_is_one_at_toe_off_and_goes_on_beyond_the_contacts():
    contacts = pd.DataFrame({"strike_s": [1.0, 2.0], "toe_off_s": [1.6, 2.6]})
    time_s = np.array([-0.7, 0.0, 0.3, 0.6, 0.8, 1.0, 1.3, 1.6, 1.8, 2.3, 2.99, 4.3])
    expected = [0.5, 0.0, 0.5, 1.0, 1.5, 0.0, 0.5, 1.0, 1.5, 0.5, 1.975, 0.5]
    np.testing.assert_allclose(cycle_phase(contacts, time_s), expected, atol=1e-9)


def test_one_contact_swings_as_long_as_it_stands():
    phase = cycle_phase(pd.DataFrame({"strike_s": [1.0], "toe_off_s": [1.5]}), np.array([1.25, 1.75, 2.25]))
    np.testing.assert_allclose(phase, [0.5, 1.5, 0.5])
