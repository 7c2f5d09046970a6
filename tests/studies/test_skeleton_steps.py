import numpy as np
import pytest

from gaitbook.studies.skeleton_paths import both_sides, clean_paths
from gaitbook.studies.skeleton_steps import FootTimes, find_foot_times, find_skeleton_strides
from tests.studies.stick_skeletons import march, stick_trial, walk


def foot_times(trial):
    return find_foot_times(clean_paths(trial, both_sides("ANKLE"), low_pass_hz=4.0))


@pytest.mark.parametrize("stride_s", [0.9, 1.1, 1.6])
def test_landings_and_departures_are_where_they_were_put(stride_s):
    times = foot_times(walk(stride_s=stride_s, stance=0.62))["right"]
    inner = times.landings_s[1:-1]
    assert np.abs(((inner - 0.2) / stride_s + 0.5) % 1.0 - 0.5).max() * stride_s < 0.035
    off = times.departures_s[1:-1]
    assert np.abs(((off - 0.2 - 0.62 * stride_s) / stride_s + 0.5) % 1.0 - 0.5).max() * stride_s < 0.035


def test_noise_of_a_camera_moves_them_by_a_frame_at_most():
    strides = find_skeleton_strides(foot_times(walk(noise_m=0.02)))
    assert strides.attrs["left_out"] == 0
    assert (strides["end_s"] - strides["start_s"]).mean() == pytest.approx(1.1, abs=0.01)
    assert (strides["end_s"] - strides["start_s"]).std() < 1 / 30


def test_a_march_on_the_spot_has_strides_too():
    strides = find_skeleton_strides(foot_times(march(stride_s=1.1, lifted=0.4)))
    assert set(strides["foot"]) == {"right", "left"}
    np.testing.assert_allclose(strides["end_s"] - strides["start_s"], 1.1, atol=0.02)
    # a foot counts as lifted when it is a fifth of the way up
    lifted = 1.0 - (strides["toe_off_s"] - strides["start_s"]) / 1.1
    assert 0.25 < lifted.mean() < 0.4


def test_who_stands_still_makes_no_stride():
    assert find_skeleton_strides(foot_times(stick_trial({}))).empty


def test_landings_without_all_events_between_are_counted_not_used():
    right = FootTimes(np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.6, 1.6, 2.6, 3.6]))
    left = FootTimes(np.array([0.5, 1.5]), np.array([0.1, 1.1]))
    strides = find_skeleton_strides({"right": right, "left": left})
    assert strides["start_s"].tolist() == [0.0, 0.5, 1.0]
    assert strides.attrs["left_out"] == 1
