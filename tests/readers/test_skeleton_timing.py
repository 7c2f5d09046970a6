"""Frames at even steps of time."""

import numpy as np
import pytest

from gaitbook.readers.skeleton_timing import place_frames, stamps_s


@pytest.mark.parametrize(("factor", "unit"), [(1, "s"), (1e3, "ms"), (1e6, "us"), (1e9, "ns")])
@pytest.mark.parametrize("rate_hz", [5, 30, 120])
def test_the_unit_of_stamps_is_told_by_their_step(factor: float, unit: str, rate_hz: float):
    time_s, found = stamps_s((7.0 + np.arange(9) / rate_hz) * factor)
    assert found == unit
    np.testing.assert_allclose(time_s, np.arange(9) / rate_hz, atol=1e-6)


def test_jitter_moves_no_frame_and_a_gap_stays_empty():
    rng = np.random.default_rng(3)
    kept = np.r_[0:40, 44:100]
    placed = place_frames(kept / 30 + rng.uniform(-0.003, 0.003, len(kept)) * (kept > 0), len(kept), None)
    assert placed.rate_hz == 30
    np.testing.assert_array_equal(placed.places, kept)
    assert placed.count == 100
    assert placed.log == ("4 frame(s) were dropped in 1 gap(s), the longest of 0.17 s",)


def test_a_long_recording_does_not_drift_from_a_rate_that_is_not_whole():
    frames = 5400
    placed = place_frames(np.arange(frames) / 29.7, frames, None)
    assert placed.rate_hz == pytest.approx(29.7)
    np.testing.assert_array_equal(placed.places, np.arange(frames))


def test_frames_without_time_follow_each_other_at_the_rate_given():
    placed = place_frames(None, 10, 25.0)
    assert (placed.count, placed.rate_hz) == (10, 25.0)


def test_frames_too_close_together_are_counted():
    placed = place_frames(np.array([0, 1, 2, 2, 3, 3.2, 4, 5, 6, 7]) / 30, 10, None)
    assert placed.places.tolist() == list(range(8))
    assert placed.log[0].startswith("1 frame(s) with the time of the frame before")
    assert placed.log[1].startswith("1 frame(s) less than half a step after another")


@pytest.mark.parametrize(
    ("time_s", "rate_hz", "message"),
    [
        (None, None, "holds no time: give sampling_rate_hz"),
        ([0, 0.1, np.nan, 0.3], None, "1 of its time stamps are no number"),
        ([0, 0.1, 0.2, 0.1], None, r"runs backward 1 time\(s\), the first after frame 3"),
        ([0, 0, 0, 0], None, "all frames have the same time"),
        ([0, 1, 2, 3], None, "say 1 frames per second: check the column of time"),
        ([0, 0.1, 0.2, 0.3], 30, "sampling_rate_hz is 30, but its time stamps say 10"),
    ],
)
def test_time_that_makes_no_recording_says_so(time_s, rate_hz, message: str):
    with pytest.raises(ValueError, match=message):
        place_frames(None if time_s is None else np.array(time_s), 4, rate_hz)
