import numpy as np
import pytest

from gaitbook.studies.skeleton_paths import clean_paths
from tests.studies.stick_skeletons import stick_trial, walk

ANKLE = ("ANKLE_LEFT",)


def test_a_joint_at_rest_stays_where_it_is():
    paths = clean_paths(stick_trial({}), ANKLE, low_pass_hz=4.0)
    np.testing.assert_allclose(paths.of("ANKLE_LEFT"), [[0.0, 0.1, -0.1]] * len(paths.time_s), atol=1e-12)
    np.testing.assert_allclose(paths.pelvis[0], [0.0, (0.95 + 0.9 + 0.9) / 3, 0.0], atol=1e-12)


def test_what_the_camera_did_not_see_is_bridged():
    trial, torn = walk(), walk()
    torn["joint_confidence"].loc[{"joint": "ANKLE_LEFT"}][40:43] = 0
    torn["skeleton_position"].loc[{"joint": "ANKLE_LEFT"}][40:43] = 9.0
    torn["skeleton_position"].loc[{"joint": "ANKLE_LEFT"}][90] = np.nan
    whole, bridged = (clean_paths(each, ANKLE, low_pass_hz=4.0).of("ANKLE_LEFT") for each in (trial, torn))
    assert np.abs(whole - bridged).max() < 0.03


def test_a_frame_far_off_leaves_hardly_a_trace():
    trial, thrown = walk(), walk()
    thrown["skeleton_position"].loc[{"joint": "ANKLE_LEFT"}][50] += 0.5
    whole, mended = (clean_paths(each, ANKLE, low_pass_hz=4.0).of("ANKLE_LEFT") for each in (trial, thrown))
    assert np.abs(whole - mended).max() < 0.05


def test_noise_shrinks_and_motion_stays():
    noisy, true = (clean_paths(walk(noise_m=noise_m), ANKLE, low_pass_hz=4.0) for noise_m in (0.02, 0.0))
    assert (noisy.of("ANKLE_LEFT") - true.of("ANKLE_LEFT")).std() < 0.012


def test_all_faults_are_told_at_once():
    trial = stick_trial({}, seconds=1.0).drop_sel(joint=["NECK", "ANKLE_LEFT"])
    with pytest.raises(ValueError, match=r"lacks ANKLE_LEFT, NECK; it is shorter than 2 s"):
        clean_paths(trial, ("ANKLE_LEFT", "NECK"), low_pass_hz=4.0)


def test_a_trial_without_skeleton_or_with_too_few_frames_a_second_is_refused():
    with pytest.raises(ValueError, match="no skeleton_position"):
        clean_paths(stick_trial({}).drop_vars("skeleton_position"), ANKLE, low_pass_hz=4.0)
    with pytest.raises(ValueError, match="sampling_rate_hz above 8"):
        clean_paths(stick_trial({}, rate_hz=6.0), ANKLE, low_pass_hz=4.0)


def test_a_joint_hardly_ever_seen_is_named():
    trial = stick_trial({})
    trial["joint_confidence"].loc[{"joint": "ANKLE_LEFT"}] = 0
    with pytest.raises(ValueError, match="ANKLE_LEFT not seen in more than half"):
        clean_paths(trial, ANKLE, low_pass_hz=4.0)
