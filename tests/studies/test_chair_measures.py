import numpy as np
import pytest

from gaitbook.studies.chair_measures import JOINTS, LOW_PASS_HZ, measure_rises
from gaitbook.studies.skeleton_paths import clean_paths
from tests.studies.stick_skeletons import rises, stick_trial


def measures(trial):
    return measure_rises(clean_paths(trial, JOINTS, low_pass_hz=LOW_PASS_HZ))


@pytest.mark.parametrize("repetition_s", [1.5, 2.5, 3.0])
def test_rises_are_counted_and_timed(repetition_s):
    found = measures(rises(repetition_s=repetition_s, noise_m=0.005))
    assert len(found) == round(15.0 / repetition_s)
    assert found["repetition_s"].median() == pytest.approx(repetition_s, rel=0.02)
    assert found.attrs["per_30_s"] == pytest.approx(30 / repetition_s, rel=0.02)


def test_a_smooth_curve_rises_as_its_formula_says():
    found = measures(rises(repetition_s=2.5)).median()
    # from a fifth to four fifths of (1 - cos) / 2, but the 5th and 95th percentile stand for its ends
    expected_s = 2.5 * (np.arccos(-0.6) - np.arccos(0.6)) / (2 * np.pi)
    assert found["rise_s"] == pytest.approx(expected_s, rel=0.03)
    assert found["descent_s"] == pytest.approx(found["rise_s"], rel=0.03)
    assert found["rise_speed_mps"] == pytest.approx(0.15 * 2 * np.pi / 2.5, rel=0.03)
    assert found["trunk_lean_rad"] == pytest.approx(0.6, abs=0.03)


def test_a_twitch_is_no_rise():
    trial = rises(repetition_s=2.5)
    pelvis = trial["skeleton_position"].loc[{"joint": ["PELVIS", "HIP_LEFT", "HIP_RIGHT"], "axis": "y"}]
    assert float(pelvis.max()) > 0.9
    trial["skeleton_position"].loc[{"joint": ["PELVIS", "HIP_LEFT", "HIP_RIGHT"], "axis": "y"}] = (
        pelvis.where(trial["time"] > 2.5, 0.65 + (pelvis - 0.65) * 0.6)
    )
    assert len(measures(trial)) == 5


def test_who_stays_seated_is_told_so():
    with pytest.raises(ValueError, match="nobody rises"):
        measures(stick_trial({}, task="sit_to_stand"))
