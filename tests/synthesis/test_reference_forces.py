"""Reference forces: they carry the weight, they neither hasten nor slow, and they are as published."""

import numpy as np
import pytest

from gaitbook.synthesis.reference_curves import evaluate_curve
from gaitbook.synthesis.reference_forces import running_force, running_timing, walking_force

WALKS = (0.18, 0.3, 0.43, 0.56, 0.7)
RUNS_MPS = (2.0, 2.5, 3.5, 4.5, 6.0, 9.0)
PHASE = np.linspace(0.0, 1.0, 200, endpoint=False)


@pytest.mark.parametrize("speed", WALKS)
def test_both_feet_carry_the_weight_of_a_walker(speed):
    total = evaluate_curve(walking_force(speed).total_vertical, PHASE)
    assert total.mean() == pytest.approx(1.0)
    assert total == pytest.approx(np.roll(total, 100))
    assert 0.4 < total.min() < 1.0 < total.max() < 1.5


def test_faster_walkers_stand_shorter_and_bounce_more():
    forces = [walking_force(speed) for speed in WALKS]
    assert np.all(np.diff([force.stance_fraction for force in forces]) < 0)
    assert np.all(np.diff([np.ptp(evaluate_curve(force.total_vertical, PHASE)) for force in forces]) > 0)


@pytest.mark.parametrize("speed", WALKS)
def test_a_walker_brakes_first_and_then_pushes_off(speed):
    force = walking_force(speed)
    assert force.fore_aft_ratio[5:15].max() < 0.0 < force.fore_aft_ratio[35:].min()
    assert np.hypot(force.fore_aft_ratio, force.lateral_ratio).max() < 0.5


@pytest.mark.parametrize("force", [walking_force(0.43), running_force(3.5)], ids=["walk", "run"])
def test_pressure_runs_from_the_heel_to_the_toes(force):
    assert np.all(np.diff(force.pressure_along) >= -1e-3)
    assert 0.0 < force.pressure_along[0] < force.pressure_along[-1] < 1.0
    assert np.abs(force.pressure_lateral).max() < 0.2


@pytest.mark.parametrize("speed_mps", RUNS_MPS)
def test_a_steady_runner_is_carried_and_not_hastened(speed_mps):
    force = running_force(speed_mps)
    assert 2 * np.trapezoid(force.force, force.phase, axis=0)[:2] == pytest.approx([0.0, 1.0], abs=1e-9)
    assert np.all(force.force[[0, -1]] == 0.0)
    assert force.force[:, 1].min() >= 0.0


@pytest.mark.parametrize("speed_mps", RUNS_MPS)
def test_a_runner_flies_between_the_feet(speed_mps):
    assert np.ptp(running_force(speed_mps).phase) < 0.5


def test_peak_force_of_runners_is_as_published():
    peaks = [running_force(speed).force[:, 1].max() for speed in (2.5, 3.5, 4.5, 6.0)]
    assert peaks == pytest.approx([2.37, 2.61, 2.74, 3.1], abs=0.2)


def test_timing_of_runners_is_as_measured_and_falls_with_speed():
    stride_s, contact_s = np.transpose([running_timing(speed) for speed in np.linspace(2.0, 9.0, 71)])
    assert np.all(np.diff(stride_s) < 0)
    assert np.all(np.diff(contact_s) < 0)
    assert running_timing(3.5) == pytest.approx((0.705, 0.222), abs=0.01)
