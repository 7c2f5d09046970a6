import numpy as np
import pytest

from gaitbook.synthesis.planted_foot import (
    BALL_FRACTION,
    FLAT_FROM,
    LIFT_FROM,
    RISE_SHARE,
    ROLL_FROM,
    Stances,
    point_on_foot,
    trace_foot,
)

LENGTH_M, BELT_MPS = 0.26, 3.0


def stances(strike_pitch_rad: float = 0.3) -> Stances:
    """Strikes every 0.7 s, contacts of 0.25 s, on a belt at 3 m/s."""
    strike_s = np.arange(-0.7, 3.0, 0.7)
    return Stances(
        strike_s=strike_s,
        contact_s=np.full(strike_s.size, 0.25),
        center_m=np.full(strike_s.size, -0.1),
        side_m=np.full(strike_s.size, 0.05),
        strike_pitch_rad=strike_pitch_rad,
        length_m=LENGTH_M,
        belt_mps=BELT_MPS,
    )


def test_the_flat_foot_rides_on_the_belt():
    time_s = 0.25 * np.linspace(FLAT_FROM, LIFT_FROM, 20)
    path = trace_foot(stances(), time_s)
    assert np.allclose(np.diff(path.heel_m[:, 0]), -BELT_MPS * np.diff(time_s))
    assert np.allclose(path.heel_m[:, 1], 0.0)
    assert np.allclose(path.pitch_rad, 0.0)


def ball_of(path):
    return point_on_foot(path, forward_m=BALL_FRACTION * LENGTH_M, up_m=0.0)


@pytest.mark.parametrize("strike_pitch_rad", [0.3, -0.2])
def test_what_touches_the_ground_neither_slips_nor_sinks(strike_pitch_rad):
    """About the heel while the toes point up, about the ball while they point down."""
    time_s = 0.25 * np.linspace(0.0, ROLL_FROM, 200)
    path = trace_foot(stances(strike_pitch_rad), time_s)
    up = path.pitch_rad[:, None] > 0
    pivot_m = np.where(up, path.heel_m, ball_of(path) - [BALL_FRACTION * LENGTH_M, 0.0, 0.0])
    assert np.allclose(pivot_m[:, 1], 0.0, atol=1e-12)
    assert np.allclose(pivot_m[:, 0] + BELT_MPS * time_s, pivot_m[0, 0], atol=1e-12)


def test_at_last_the_ball_rises_to_a_share_of_the_speed():
    time_s = 0.25 * np.linspace(ROLL_FROM, 1.0, 500)
    height_m = ball_of(trace_foot(stances(), time_s))[:, 1]
    rise_mps = np.gradient(height_m, time_s)
    assert height_m[0] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(rise_mps[1:-1]) > 0).all()
    assert rise_mps[-1] == pytest.approx(RISE_SHARE * BELT_MPS, rel=0.01)


@pytest.mark.parametrize("strike_pitch_rad", [0.3, -0.2])
def test_swing_begins_and_ends_with_the_place_and_velocity_of_stance(strike_pitch_rad):
    short_s = 1e-6
    for event_s in (0.25, 0.7):
        time_s = event_s + short_s * np.array([-2.0, -1.0, 1.0, 2.0])
        path = trace_foot(stances(strike_pitch_rad), time_s)
        speed = np.diff(path.heel_m[:, :2], axis=0) / short_s
        assert np.allclose(speed[0], speed[2], atol=1e-2)
        assert np.abs(np.diff(path.heel_m, axis=0)).max() < 1e-4


def test_pressure_moves_from_the_heel_forward_and_is_missing_in_swing():
    time_s = np.linspace(0.0, 0.69, 400)
    path = trace_foot(stances(), time_s)
    assert np.array_equal(np.isnan(path.pressure_m[:, 0]), ~path.in_contact)
    flat = path.in_contact & (path.pitch_rad == 0)
    along_m = (path.pressure_m - path.heel_m)[flat, 0]
    assert (np.diff(along_m) > 0).all()
    assert along_m.min() > 0
    assert along_m.max() < LENGTH_M


def test_a_forefoot_striker_lands_on_the_ball():
    early = trace_foot(stances(-0.2), np.array([0.005]))
    assert early.pressure_m[0, 0] - early.heel_m[0, 0] > 0.5 * LENGTH_M
    assert early.heel_m[0, 1] > 0.01


def test_the_foot_clears_the_ground_in_swing():
    path = trace_foot(stances(), np.linspace(0.26, 0.69, 100))
    toe_m = point_on_foot(path, forward_m=LENGTH_M, up_m=0.0)
    assert path.heel_m[:, 1].min() > -1e-9
    assert toe_m[5:-5, 1].min() > -0.01
