import numpy as np
import pytest

from gaitbook.studies.skeleton_paths import clean_paths
from gaitbook.studies.sway_measures import JOINTS, LOW_PASS_HZ, measure_sway
from tests.studies.stick_skeletons import stick_trial, sway


def measures(trial):
    return measure_sway(clean_paths(trial, JOINTS, low_pass_hz=LOW_PASS_HZ))


def test_a_circle_has_the_numbers_of_a_circle():
    found = measures(sway(fore_aft_m=0.01, sideways_m=0.01, frequency_hz=0.25))
    assert found["trunk_sway_path_mps"] == pytest.approx(2 * np.pi * 0.01 * 0.25, rel=0.03)
    assert found["trunk_sway_frequency_hz"] == pytest.approx(0.25, rel=0.03)
    assert found["trunk_sway_fore_aft_rms_m"] == pytest.approx(0.01 / np.sqrt(2), rel=0.03)
    # 95 % of a normal distribution of this covariance, of which the circle itself has all at root two deviations
    assert found["trunk_sway_area_m2"] == pytest.approx(np.pi * 5.991 * 0.5e-4, rel=0.03)
    assert (
        found["head_sway_range_m" if "head_sway_range_m" in found else "head_sway_sideways_range_m"] > 0.019
    )


def test_twice_the_sway_is_twice_the_path_and_four_times_the_area():
    one, two = (measures(sway(fore_aft_m=size * 0.01, sideways_m=size * 0.005)) for size in (1, 2))
    assert two["trunk_sway_path_m"] == pytest.approx(2 * one["trunk_sway_path_m"])
    assert two["head_sway_area_m2"] == pytest.approx(4 * one["head_sway_area_m2"])
    assert two["head_sway_frequency_hz"] == pytest.approx(one["head_sway_frequency_hz"])


def test_directions_are_kept_apart():
    found = measures(sway(fore_aft_m=0.01, sideways_m=0.0))
    assert found["trunk_sway_fore_aft_range_m"] == pytest.approx(0.02, rel=0.03)
    assert found["trunk_sway_sideways_range_m"] == pytest.approx(0.0, abs=1e-9)
    assert found["trunk_sway_area_m2"] == pytest.approx(0.0, abs=1e-9)


def test_a_statue_does_not_sway():
    assert all(value == pytest.approx(0.0, abs=1e-9) for value in measures(stick_trial({})).values())


def test_many_joints_and_a_low_pass_take_the_noise_of_a_camera_away():
    true, noisy = (measures(sway(noise_m=noise_m)) for noise_m in (0.0, 0.015))
    assert noisy["trunk_sway_fore_aft_rms_m"] == pytest.approx(true["trunk_sway_fore_aft_rms_m"], rel=0.1)
