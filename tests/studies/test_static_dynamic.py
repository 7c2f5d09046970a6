import numpy as np
import pytest

from gaitbook.studies.static_dynamic import (
    mean_pose,
    shuffled_in_time,
    without_mean_pose,
)


def draw_windows(channels=4, seed=0):
    rng = np.random.default_rng(seed)
    windows = rng.standard_normal((3, 20, 5, channels)).astype(np.float32)
    if channels == 4:
        windows[..., 3] = rng.choice([0.0, 0.5, 1.0], windows.shape[:3])
        windows[1, :, 2, 3] = 0.0
        windows[..., :3] *= windows[..., 3:] > 0
    return windows


@pytest.mark.parametrize("channels", [3, 4])
def test_shape_and_motion_add_up_to_the_whole(channels):
    windows = draw_windows(channels)
    still, moving = mean_pose(windows), without_mean_pose(windows)
    np.testing.assert_allclose(still[..., :3] + moving[..., :3], windows[..., :3], atol=1e-6)
    assert still.dtype == moving.dtype == np.float32


def test_nothing_moves_in_the_mean_pose_and_nothing_rests_without_it():
    windows = draw_windows(3)
    assert np.ptp(mean_pose(windows), axis=1).max() == 0.0
    np.testing.assert_allclose(without_mean_pose(windows).mean(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(mean_pose(windows)[:, 0], windows.mean(axis=1), atol=1e-6)


def test_joints_that_were_not_seen_stay_nought_and_count_for_nothing():
    windows = draw_windows(4)
    hidden = windows[..., 3] == 0
    for changed in (mean_pose(windows), without_mean_pose(windows)):
        assert not changed[..., :3][hidden].any()
        np.testing.assert_array_equal(changed[..., 3], windows[..., 3])
    seen = ~hidden[0, :, 1]
    np.testing.assert_allclose(
        mean_pose(windows)[0, seen, 1, :3],
        windows[0, seen, 1, :3].mean(axis=0)[None].repeat(seen.sum(), 0),
        atol=1e-6,
    )


def test_shuffling_keeps_every_pose_and_loses_the_order():
    windows = draw_windows(4)
    shuffled = shuffled_in_time(windows, seed=3)
    assert not np.array_equal(shuffled, windows)
    for own, other in zip(windows.reshape(3, 20, -1), shuffled.reshape(3, 20, -1), strict=True):
        assert {row.tobytes() for row in own} == {row.tobytes() for row in other}
    np.testing.assert_array_equal(shuffled, shuffled_in_time(windows, seed=3))
    np.testing.assert_allclose(mean_pose(shuffled)[:, :, :, 3].sum(), windows[..., 3].sum())


def test_each_window_is_shuffled_in_its_own_order():
    windows = np.broadcast_to(np.arange(20.0)[None, :, None, None], (2, 20, 1, 3))
    shuffled = shuffled_in_time(windows)
    assert not np.array_equal(shuffled[0], shuffled[1])


def test_faults_of_windows_and_sets_are_named():
    with pytest.raises(ValueError, match=r"3 or 4 channels, not \(3, 20, 5, 2\)"):
        mean_pose(draw_windows()[..., :2])
    windows = draw_windows()
    windows[0, 0, 0, :2] = np.nan
    with pytest.raises(ValueError, match="2 values of the windows are no numbers"):
        shuffled_in_time(windows)
