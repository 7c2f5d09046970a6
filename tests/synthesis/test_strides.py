"""Many strides in a row: exact repetition without variability, true derivatives, and the spread that was asked for."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.manner import group_of, styles_table
from gaitbook.synthesis.projection import Projected
from gaitbook.synthesis.strides import course
from gaitbook.synthesis.walker_coordinates import LAYOUT, spreads
from tests.synthesis.walkers import average_stride

PERIOD_S, SPEED_MPS = 1.1, 1.2
FORWARD = LAYOUT.names.index("pelvis_tx")
NAMES = list(LAYOUT.names)


@pytest.fixture(scope="module")
def projected() -> Projected:
    return average_stride("walk", 1.2).projected


def walked(projected, *, seconds=8.0, rate_hz=100.0, variability=1.0, cv_time=0.015, seed=0):
    with one_thread():
        return course(
            projected,
            period_s=PERIOD_S,
            speed_mps=SPEED_MPS,
            time_s=np.arange(round(seconds * rate_hz)) / rate_hz,
            cv_time=cv_time,
            variability=variability,
            rng=np.random.default_rng(seed),
        )


def test_without_variability_every_stride_is_the_same(projected):
    path = walked(projected, variability=0.0)
    period = round(PERIOD_S * 100)
    for part in (path.value, path.rate, path.acceleration):
        scale = np.abs(part).max()
        np.testing.assert_allclose(part[period:], part[:-period], atol=1e-10 * scale)
    np.testing.assert_allclose(np.diff(path.phase), 0.01 / PERIOD_S, atol=1e-12)
    np.testing.assert_allclose(path.travel_m, 0.0, atol=1e-12)


def test_without_variability_it_is_the_balanced_stride(projected):
    path = walked(projected, variability=0.0)
    for part, order in ((path.value, 0), (path.rate, 1), (path.acceleration, 2)):
        known = LAYOUT.evaluate(projected.coefficients, path.phase, order) / PERIOD_S**order
        np.testing.assert_allclose(part, known, atol=1e-9 * np.abs(known).max())


def test_rates_are_the_derivatives_of_the_motion(projected):
    path = walked(projected, seconds=3.0, rate_hz=2000.0)
    step = 1.0 / 2000.0
    for part, rate in ((path.value, path.rate), (path.rate, path.acceleration)):
        slope = (part[2:] - part[:-2]) / (2.0 * step)
        scale = np.abs(rate).max(axis=0)
        assert (np.abs(slope - rate[1:-1]) < 2e-3 * scale + 1e-9).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_motion_is_smooth_enough_for_a_force(projected, seed):
    """Finer samples, smaller steps of the acceleration."""
    coarse, fine = (
        walked(projected, seconds=3.0, rate_hz=rate_hz, seed=seed).acceleration for rate_hz in (500.0, 1000.0)
    )
    jump = [np.abs(np.diff(each, axis=0)).max(axis=0) for each in (coarse, fine)]
    assert (jump[1] < 0.6 * jump[0] + 1e-9).all()


def test_no_stride_is_like_another(projected):
    path = walked(projected)
    period = round(PERIOD_S * 100)
    apart = np.ptp(path.value[period:] - path.value[:-period], axis=0)
    assert (apart > 1e-4).all()


def test_variability_scales_what_differs(projected):
    own = walked(projected, variability=0.0, cv_time=0.0)
    once, twice = (walked(projected, variability=size, cv_time=0.0).value - own.value for size in (1.0, 2.0))
    assert np.abs(once).max() > 0.01
    np.testing.assert_allclose(twice, 2.0 * once, atol=1e-9)


def test_time_goes_forward_and_the_beat_is_kept(projected):
    path = walked(projected, seconds=90.0, rate_hz=25.0)
    assert (np.diff(path.phase) > 0.0).all()
    late = path.phase - path.phase[0] - path.time_s / PERIOD_S
    # nobody drifts: half the recording later the beat is as near as before
    assert np.abs(late).max() < 0.2
    assert np.abs(late[1100:]).max() < 3.0 * np.abs(late[:1100]).max()


def stride_times(projected, cv_time):
    path = walked(projected, seconds=450.0, rate_hz=10.0, cv_time=cv_time, seed=5)
    landings = np.arange(np.ceil(path.phase[0]), path.phase[-1])
    return np.diff(CubicSpline(path.phase, path.time_s)(landings))


@pytest.mark.parametrize("cv_time", [0.01, 0.03])
def test_stride_time_varies_about_as_asked(projected, cv_time):
    found_s = stride_times(projected, cv_time)
    assert found_s.mean() == pytest.approx(PERIOD_S, rel=1e-3)
    assert found_s.std() / found_s.mean() == pytest.approx(cv_time, rel=0.25)


def test_stride_time_varies_as_asked(projected):
    found_s = stride_times(projected, 0.02)
    assert found_s.std() / found_s.mean() == pytest.approx(0.02, rel=0.08)


def test_the_person_stays_on_the_belt(projected):
    path = walked(projected, seconds=90.0, rate_hz=25.0)
    assert np.abs(path.travel_m).max() < 0.5
    stride_m = SPEED_MPS * PERIOD_S
    late = stride_m * (path.phase - path.phase[0]) - SPEED_MPS * path.time_s
    np.testing.assert_allclose(np.diff(path.travel_m), np.diff(late), atol=1e-12)


def test_hurrying_moves_the_body_as_far_as_the_feet(projected):
    """What the pelvis is ahead by travel, the places of the feet on the belt are, too."""
    path = walked(projected, variability=1.0)
    alone = LAYOUT.evaluate(projected.coefficients, path.phase)[:, FORWARD]
    wobble = path.value[:, FORWARD] - alone - path.travel_m
    # the rest is what strides have of their own
    assert np.abs(wobble).max() < 0.05


@pytest.mark.parametrize("variability", [0.0, 1.0])
def test_the_same_generator_gives_the_same_course(projected, variability):
    one, same, other = (walked(projected, variability=variability, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.value, same.value)
    assert np.abs(one.value - other.value).max() > 0.01


def test_longer_recordings_of_the_same_strides_begin_alike(projected):
    """Where the recording begins is drawn first."""
    short, long = (walked(projected, seconds=seconds, variability=0.0) for seconds in (4.0, 9.0))
    np.testing.assert_allclose(long.value[: len(short.value)], short.value, atol=1e-12)


def test_finer_sampling_shows_the_same_motion(projected):
    coarse, fine = (walked(projected, rate_hz=rate_hz) for rate_hz in (50.0, 250.0))
    np.testing.assert_allclose(coarse.value, fine.value[::5], atol=1e-12)
    np.testing.assert_allclose(coarse.acceleration, fine.acceleration[::5], atol=1e-9)


def test_strides_differ_as_a_share_of_the_differences_between_people(projected):
    """All groups of coordinates vary; what is drawn has no bias."""
    path = walked(projected, seconds=120.0, rate_hz=25.0, cv_time=0.0)
    own = LAYOUT.evaluate(projected.coefficients, path.phase)
    own[:, FORWARD] += path.travel_m
    apart = path.value - own
    share = styles_table()["strides"]
    for name, column in zip(NAMES, apart.T, strict=True):
        assert np.abs(column.mean()) < 0.3 * column.std() + 1e-6
        assert share[group_of(name)] > 0.0
        assert column.std() > 1e-4
    assert (apart.std(axis=0) < 10.0 * spreads()[[LAYOUT.part(name).start for name in NAMES]]).all()
