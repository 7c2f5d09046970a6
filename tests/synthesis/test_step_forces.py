import numpy as np
import pytest

from gaitbook.synthesis.step_forces import (
    WEIGHT_COUNT,
    Steps,
    balance_steps,
    evaluate_force,
    integrate_force,
    mean_weight,
)


def two_steps(weight_n: np.ndarray | None = None) -> Steps:
    """Right foot down from 0.1 s for 0.25 s, left foot from 0.5 s for 0.2 s; weights drawn at random."""
    rng = np.random.default_rng(1)
    weight_n = rng.uniform(0, 1000, (2, 3, WEIGHT_COUNT)) if weight_n is None else weight_n
    return Steps(np.array([0.1, 0.5]), np.array([0.25, 0.2]), np.array([0, 1]), weight_n)


def test_force_is_zero_outside_contact_and_never_pulls_with_positive_weights():
    time_s = np.linspace(0, 1, 2001)
    force_n = evaluate_force(two_steps(), time_s)
    assert np.all(force_n[(time_s < 0.1) | (time_s > 0.35), 0] == 0)
    assert np.all(force_n[(time_s < 0.5) | (time_s > 0.7), 1] == 0)
    assert force_n.min() >= 0
    assert force_n[np.searchsorted(time_s, 0.2), 0].min() > 0


def test_equal_weights_give_a_constant_in_the_middle_of_contact():
    """Splines sum to one where the two that were left out do not reach."""
    force_n = evaluate_force(two_steps(np.full((2, 3, WEIGHT_COUNT), 500.0)), np.array([0.2, 0.25]))
    assert np.allclose(force_n[:, 0], 500.0)


def test_mean_weight_is_the_mean_force():
    steps = two_steps()
    time_s = np.linspace(0.1, 0.35, 20001)
    sampled_n = np.trapezoid(evaluate_force(steps, time_s)[:, 0], time_s, axis=0) / 0.25
    assert np.allclose(mean_weight(steps.weight_n[0]), sampled_n, rtol=1e-6)


def test_double_integral_agrees_with_summing_up():
    steps = two_steps()
    time_s = np.linspace(0, 1, 20001)
    total_n = evaluate_force(steps, time_s).sum(axis=1)
    step_s = time_s[1]
    impulse = np.cumsum(total_n, axis=0) * step_s
    summed = np.cumsum(impulse, axis=0) * step_s
    assert np.allclose(integrate_force(steps, time_s)[::1000], summed[::1000], atol=2e-3 * summed.max())


def test_without_force_the_body_coasts():
    late_s = np.array([0.8, 0.9, 1.0])
    place = integrate_force(two_steps(), late_s)
    assert np.allclose(place[2] - place[1], place[1] - place[0])


def test_balanced_steps_reach_the_place_asked_for_and_keep_their_times():
    steps = two_steps()
    time_s = np.array([0.45, 0.9])
    shortfall = np.array([[0.1, -0.2, 0.05], [0.3, 0.1, -0.1]])
    balanced = balance_steps(steps, time_s, shortfall, adjustable=np.array([True, True]))
    assert np.allclose(integrate_force(balanced, time_s) - integrate_force(steps, time_s), shortfall)
    assert np.array_equal(balanced.strike_s, steps.strike_s)
    assert np.allclose(steps.weight_n, two_steps().weight_n), "the argument has changed"


def test_steps_that_may_not_change_do_not():
    steps = two_steps()
    balanced = balance_steps(steps, np.array([0.9]), np.ones((1, 3)), adjustable=np.array([False, True]))
    assert np.array_equal(balanced.weight_n[0], steps.weight_n[0])
    assert not np.allclose(balanced.weight_n[1], steps.weight_n[1])


def test_toe_off_follows_strike_by_the_contact_time():
    assert two_steps().toe_off_s == pytest.approx([0.35, 0.7])
