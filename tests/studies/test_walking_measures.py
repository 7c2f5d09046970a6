import numpy as np
import pytest

from gaitbook.studies.skeleton_paths import clean_paths
from gaitbook.studies.walking_measures import JOINTS, LOW_PASS_HZ, measure_strides
from tests.studies.stick_skeletons import stick_trial, walk


def measures(trial):
    return measure_strides(clean_paths(trial, JOINTS, low_pass_hz=LOW_PASS_HZ))


@pytest.mark.parametrize(("speed_mps", "stride_s"), [(0.8, 1.3), (1.2, 1.1), (1.6, 0.95)])
def test_speed_and_stride_are_those_of_the_belt(speed_mps, stride_s):
    found = measures(walk(speed_mps=speed_mps, stride_s=stride_s)).median()
    assert found["walking_speed_mps"] == pytest.approx(speed_mps, rel=0.03)
    assert found["stride_length_m"] == pytest.approx(speed_mps * stride_s, rel=0.03)
    assert found["cadence_steps_per_min"] == pytest.approx(120 / stride_s, rel=0.01)


def test_a_walk_on_the_ground_gives_what_the_belt_gives():
    belt, ground = (measures(walk(forward_mps=forward_mps)).median() for forward_mps in (0.0, 1.2))
    shared = [name for name in belt.index if "asymmetry" not in name and "difference" not in name]
    np.testing.assert_allclose(belt[shared], ground[shared], rtol=0.02)


def test_times_add_up_to_the_stride():
    found = measures(walk(noise_m=0.01))
    np.testing.assert_allclose(found["stance_s"] + found["swing_s"], found["stride_time_s"])
    np.testing.assert_allclose(found["single_support_s"] + found["double_support_s"], found["stance_s"])
    np.testing.assert_allclose(found["stance_percent"] + found["swing_percent"], 100.0)


def test_supports_are_those_of_the_walk():
    found = measures(walk(stance=0.65)).median()
    assert found["stance_percent"] == pytest.approx(65, abs=2)
    assert found["double_support_percent"] == pytest.approx(30, abs=4)


def test_widths_and_swings_are_measured_in_meters():
    found = measures(walk(width_m=0.17, arm_m=(0.3, 0.3))).median()
    assert found["step_width_m"] == pytest.approx(0.17, abs=1e-3)
    assert found["arm_swing_m"] == pytest.approx(0.3, rel=0.05)
    assert found["head_vertical_sway_m"] == pytest.approx(0.04, rel=0.1)


def test_equal_sides_have_no_asymmetry():
    found = measures(walk()).median()
    asymmetric = [name for name in found.index if "asymmetry" in name]
    assert len(asymmetric) == 4
    np.testing.assert_allclose(found[asymmetric], 0.0, atol=1.5)
    assert found["wrist_sway_ratio"] == pytest.approx(1.0, abs=0.02)


def test_asymmetry_is_positive_when_the_right_side_has_more():
    found = measures(walk(arm_m=(0.4, 0.2), late_s=-0.05)).median()
    assert found["arm_swing_asymmetry_percent"] == pytest.approx(100 * 0.2 / 0.3, rel=0.05)
    assert found["wrist_sway_difference_m"] > 0
    # the left foot lands early, so the step onto the right one lasts longer
    assert found["step_time_asymmetry_percent"] == pytest.approx(100 * 0.1 / 0.55, rel=0.15)


def test_noise_hardly_moves_the_medians():
    true, noisy = (measures(walk(noise_m=noise_m)).median() for noise_m in (0.0, 0.015))
    for name in ("walking_speed_mps", "stride_time_s", "step_length_m", "arm_swing_m"):
        assert noisy[name] == pytest.approx(true[name], rel=0.05)


def test_who_does_not_walk_has_no_stride():
    with pytest.raises(ValueError, match="no whole stride"):
        measures(stick_trial({}))
