from dataclasses import replace

import numpy as np
import pytest

from gaitbook.synthesis.gait_pattern import draw_person, make_pattern
from gaitbook.synthesis.step_forces import evaluate_force
from gaitbook.synthesis.step_sequence import STEADY_STEPS, draw_steps, follow_center_of_mass


def sequence(speed_mps: float = 3.0, *, variability: float = 0.0, seed: int = 0):
    person = draw_person(mass_kg=70.0, height_m=1.75, marker_count=32, seed=seed)
    pattern = make_pattern(person, speed_mps=speed_mps, gravity_mps2=9.81)
    rng = np.random.default_rng(seed)
    return draw_steps(pattern, mass_kg=70.0, duration_s=20.0, variability=variability, rng=rng)


@pytest.mark.parametrize("speed_mps", [1.3, 3.0])
def test_force_is_mass_times_acceleration_less_gravity(speed_mps):
    """Second differences are means of acceleration over neighbors, (a- + 10 a + a+) / 12, up to fourth order."""
    steps, step_s = sequence(speed_mps, variability=1.0), 1 / 4000
    time_s = np.arange(4000) * step_s
    place_m = follow_center_of_mass(steps, time_s)
    acceleration = evaluate_force(steps.steps, time_s).sum(axis=1) / 70.0 - [0.0, 9.81, 0.0]
    second_difference = np.diff(place_m, n=2, axis=0) / step_s**2
    mean = (acceleration[:-2] + 10 * acceleration[1:-1] + acceleration[2:]) / 12
    assert np.abs(second_difference - mean).max() < 0.02


@pytest.mark.parametrize("speed_mps", [1.3, 3.0])
def test_a_steady_gait_repeats_itself(speed_mps):
    steps = sequence(speed_mps)
    time_s = np.linspace(0, 1, 50)
    later_m = follow_center_of_mass(steps, time_s + 10 * steps.stride_s)
    assert np.allclose(later_m, follow_center_of_mass(steps, time_s), atol=1e-9)


def test_the_center_of_mass_is_given_about_its_mean_over_a_steady_stride():
    steps = sequence()
    stride_s = steps.stride_s * np.arange(1000) / 1000
    assert follow_center_of_mass(steps, stride_s).mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-6)


@pytest.mark.parametrize("speed_mps", [1.3, 3.0])
def test_varied_steps_bring_the_body_back_at_every_strike(speed_mps):
    varied = sequence(speed_mps, variability=1.0)
    steady = replace(varied, steps=varied.steady)
    late = slice(STEADY_STEPS + 1, None)
    found_m = follow_center_of_mass(varied, varied.steps.strike_s[late])
    assert np.allclose(found_m, follow_center_of_mass(steady, varied.steady.strike_s[late]), atol=1e-9)


def test_varied_steps_differ_by_a_few_percent_and_never_pull():
    varied = sequence(variability=1.0)
    step_s = np.diff(varied.steps.strike_s)
    assert 0.002 < np.std(step_s[::2]) / np.mean(step_s) < 0.03
    force_n = evaluate_force(varied.steps, np.linspace(0, 20, 8001))
    assert force_n[..., 1].min() >= 0


def test_steps_begin_before_and_end_after_the_trial():
    steps = sequence().steps
    assert steps.strike_s[0] < -1.0
    assert steps.strike_s[-1] > 20.0
