"""Toes lie on the floor while the foot rolls over them, clear it in swing, and change no force."""

import numpy as np
import pytest
import torch

from gaitbook.mechanics.kinematics import forward_kinematics
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.balanced_motion import needed_wrench
from gaitbook.synthesis.sole import SOLE
from gaitbook.synthesis.toes import set_toes, toe_angles
from tests.synthesis.walkers import RUNS, WALKS, average_body, average_manner, recorded, sole_points

CASES = (*WALKS, *RUNS)
ALL = pytest.mark.parametrize("case", CASES, ids=str)
TIP = len(SOLE) - 1


@pytest.fixture(autouse=True)
def quick():
    with one_thread():
        yield


def angles_of(each):
    return toe_angles(each.body, each.motion.pose, each.plan, each.path.phase)


def on_foot(height_m, pitch_rad=0.0):
    """The average body, standing with the pelvis this much too high and pitched, right leg down; one frame."""
    body = average_body()
    coordinates = torch.zeros(1, len(body.coordinate_names), dtype=torch.float64)
    coordinates[0, body.coordinate("pelvis_tilt")] = pitch_rad
    lowest = sole_points(body, coordinates)[..., 1].min()
    coordinates[0, body.coordinate("pelvis_ty")] += height_m - lowest
    return body, coordinates


@ALL
def test_toes_are_never_below_the_floor_in_stance(case):
    each = recorded(*case)
    assert each.soles[:, :, TIP, 1][each.feet.in_contact].min() > -0.002


@ALL
def test_toes_clear_the_floor_in_swing(case):
    each = recorded(*case)
    since = each.plan.since_strike(each.path.phase) % 1.0
    middle = (since > each.plan.stance + 0.11) & (since < 0.89)
    assert each.soles[:, :, TIP, 1][middle].min() > 0.005


@ALL
def test_toes_are_only_ever_lifted(case):
    each = recorded(*case)
    straight = sole_points(each.body, each.motion.coordinates)[:, :, TIP, 1]
    assert (each.soles[:, :, TIP, 1] > straight - 1e-9).all()


def test_toes_are_never_bent_under_the_foot():
    for case in CASES:
        assert angles_of(recorded(*case)).max() < 1e-6


def test_toes_bend_no_farther_than_toes_can():
    for case in CASES:
        each = recorded(*case)
        limits = {coordinate.name: coordinate for coordinate in each.body.model.coordinates}
        assert angles_of(each).min() > limits["mtp_angle_r"].low


def test_toes_do_not_jump():
    """Finer samples, smaller steps."""
    for case in CASES:
        steps = [
            np.abs(np.diff(angles_of(recorded(*case, rate_hz=rate_hz, duration_s=1.6)), axis=0)).max()
            for rate_hz in (200.0, 400.0)
        ]
        assert steps[1] < 0.7 * steps[0]


@ALL
def test_toes_change_no_force(case):
    each = recorded(*case)
    assert not each.body.mass[[each.body.segment(f"toes{side}") for side in ("_r", "_l")]].any()
    bent = set_toes(each.body, each.motion.coordinates, angles_of(each))
    motion = needed_wrench(each.body, bent, each.motion.velocities, each.motion.accelerations)
    np.testing.assert_allclose(motion.force, each.motion.force, atol=1e-8 * each.weight_n)
    np.testing.assert_allclose(motion.moment, each.motion.moment, atol=1e-8 * each.weight_n)


def angles_standing(body, coordinates, phase=0.3):
    plan = average_manner("walk", 1.2).plan
    return toe_angles(body, forward_kinematics(body, coordinates), plan, np.array([phase]))


def test_toes_of_a_raised_foot_are_straight():
    body, coordinates = on_foot(0.05)
    np.testing.assert_allclose(angles_standing(body, coordinates), 0.0, atol=1e-6)


@pytest.mark.parametrize("pitch_rad", [-0.2, -0.5, -0.9])
def test_toes_lie_flat_under_a_raised_heel(pitch_rad):
    """The sole is put on the floor, then let down until the toes, if straight, would be deep below it."""
    body, coordinates = on_foot(0.0, pitch_rad)
    coordinates[0, body.coordinate("pelvis_ty")] -= 0.03
    assert coordinates.shape == (1, len(body.coordinate_names))
    angle = angles_standing(body, coordinates)
    bent = sole_points(body, set_toes(body, coordinates, angle))[0, 0, TIP, 1]
    lowered = sole_points(body, coordinates)[0, 0, :, 1]
    assert lowered[TIP] < -0.02
    reachable = lowered[:TIP].min() > -0.02
    if reachable:
        assert -0.001 < bent < 0.004
    assert angle[0, 0] < 0.0


def test_setting_toes_moves_nothing_else_and_keeps_what_it_was_given():
    body, coordinates = on_foot(0.0)
    kept = coordinates.clone()
    changed = set_toes(body, coordinates, np.array([[-0.3, -0.1]]))
    assert torch.equal(coordinates, kept)
    moved = torch.nonzero((changed - coordinates)[0]).ravel().tolist()
    assert moved == sorted(body.coordinate(f"mtp_angle{side}") for side in ("_r", "_l"))
    before, after = (sole_points(body, each) for each in (coordinates, changed))
    np.testing.assert_array_equal(before[:, :, :TIP], after[:, :, :TIP])
    assert (after[:, :, TIP, 1] > before[:, :, TIP, 1]).all()
