import numpy as np
import pytest

from gaitbook.readers.wrench import anti_alias, center_of_pressure, free_moment, unloaded_offset


def test_wrench_and_point_are_inverse():
    rng = np.random.default_rng(0)
    point = rng.normal(size=(50, 3))
    force = rng.normal(size=(50, 3)) * 100 + [0, 700, 0]
    free = rng.normal(size=50)
    moment = np.cross(point, force) + np.stack([0 * free, free, 0 * free], axis=1)
    found = center_of_pressure(force, moment, point[:, 1])
    np.testing.assert_allclose(found, point, atol=1e-12)
    np.testing.assert_allclose(free_moment(force, moment, found), free, atol=1e-10)


def test_an_unloaded_plate_has_no_point_and_no_free_moment():
    force = np.array([[0.0, 19.9, 0.0]])
    point = center_of_pressure(force, np.array([[1e3, 1e3, 1e3]]))
    assert np.isnan(point).all()
    assert free_moment(force, np.array([[1e3, 1e3, 1e3]]), point) == 0


def test_the_offset_is_what_the_plate_reads_between_contacts():
    vertical = np.where(np.arange(3000) % 300 < 100, 1500.0, 0.0)
    noise = np.random.default_rng(1).normal(scale=8, size=(3000, 6))
    wrench = noise + np.array([3, -35, 1, 0.5, -2, 4])
    wrench[:, 1] += vertical
    np.testing.assert_allclose(unloaded_offset(wrench), [3, -35, 1, 0.5, -2, 4], atol=1.0)


def test_the_ends_of_contacts_do_not_lift_the_offset():
    phase = np.arange(3000) % 300 / 300
    ramp = np.maximum(0, 900 * np.minimum(phase, 0.5 - phase))
    wrench = np.zeros((3000, 6))
    wrench[:, 1] = ramp + 5
    np.testing.assert_allclose(unloaded_offset(wrench), [0, 5, 0, 0, 0, 0], atol=1e-12)


def test_a_plate_that_is_never_empty_keeps_its_reading():
    assert (unloaded_offset(np.full((100, 6), 400.0)) == 0).all()


def test_the_filter_keeps_slow_motion_stops_fast_one_and_does_not_shift():
    time_s = np.arange(3000) / 3000
    slow, fast = np.sin(2 * np.pi * 5 * time_s), np.sin(2 * np.pi * 400 * time_s)
    middle = slice(300, -300)
    kept = anti_alias(slow, sampling_rate_hz=3000, new_rate_hz=150)
    np.testing.assert_allclose(kept[middle], slow[middle], atol=1e-3)
    assert np.abs(anti_alias(fast, sampling_rate_hz=3000, new_rate_hz=150)[middle]).max() < 2e-3


@pytest.mark.parametrize(("rate_hz", "count"), [(150, 300), (300, 3)])
def test_slower_or_tiny_signals_come_back_unchanged(rate_hz, count):
    signal = np.arange(count, dtype=float)
    assert anti_alias(signal, sampling_rate_hz=rate_hz, new_rate_hz=150) is signal
