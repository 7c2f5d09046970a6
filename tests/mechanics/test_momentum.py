"""The centroidal momentum matrix: what every coordinate adds to the momentum of the whole body."""

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import exact_rates
from gaitbook.mechanics.kinematics import center_of_mass, forward_kinematics, rotate, segment_centers
from gaitbook.mechanics.momentum import momentum_matrix
from tests.mechanics.bodies import PELVIS, floating, pendulum, tangle, walker

MODELS = [pendulum(), walker(), walker("spline"), tangle(0), tangle(4, joints=8)]
BODIES = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
STEP_S = 1e-5


def state(body, count=4, seed=0):
    rng = np.random.default_rng(seed)
    shape = (count, len(body.coordinate_names))
    return torch.as_tensor(rng.uniform(-1.0, 1.0, shape)), torch.as_tensor(rng.normal(size=shape))


def matrix_at(body, coordinates):
    return momentum_matrix(body, coordinates, forward_kinematics(body, coordinates))


def momenta(matrix, velocities):
    return (torch.einsum("fac,fc->fa", part, velocities) for part in (matrix.linear, matrix.angular))


def momenta_of_segments(body, coordinates, velocities):
    """Sum over the segments, their centers moved by differences in time."""
    poses = [forward_kinematics(body, coordinates + sign * STEP_S * velocities) for sign in (-1.0, 0.0, 1.0)]
    centers = [segment_centers(body, pose) for pose in poses]
    velocity = (centers[2] - centers[0]) / (2.0 * STEP_S)
    spin = exact_rates(body, coordinates, velocities, torch.zeros_like(velocities)).angular_velocity
    inertia = poses[1].rotation @ body.inertia @ poses[1].rotation.mT
    lever = centers[1] - center_of_mass(body, poses[1])[:, None]
    push = body.mass[:, None] * velocity
    return push.sum(dim=1), (torch.linalg.cross(lever, push) + rotate(inertia, spin)).sum(dim=1)


@BODIES
def test_momentum_is_the_sum_over_the_segments(model):
    body = compile_body(model)
    coordinates, velocities = state(body)
    ours = momenta(matrix_at(body, coordinates), velocities)
    for own, known in zip(ours, momenta_of_segments(body, coordinates, velocities), strict=True):
        torch.testing.assert_close(own, known, rtol=0, atol=1e-7)


@BODIES
def test_momentum_is_the_mass_times_the_velocity_of_the_center_of_mass(model):
    body = compile_body(model)
    coordinates, velocities = state(body, seed=1)
    ahead, behind = (
        center_of_mass(body, forward_kinematics(body, coordinates + sign * STEP_S * velocities))
        for sign in (1.0, -1.0)
    )
    linear, _ = momenta(matrix_at(body, coordinates), velocities)
    known = body.total_mass_kg * (ahead - behind) / (2.0 * STEP_S)
    torch.testing.assert_close(linear, known, rtol=0, atol=1e-7)


@BODIES
def test_its_center_is_the_center_of_mass(model):
    body = compile_body(model)
    coordinates, _ = state(body, seed=2)
    known = center_of_mass(body, forward_kinematics(body, coordinates))
    torch.testing.assert_close(matrix_at(body, coordinates).center, known, rtol=0, atol=1e-13)


@pytest.mark.parametrize("model", [walker("spline"), tangle(0)], ids=lambda model: model.name)
def test_followers_leave_their_share_to_their_leader(model):
    body = compile_body(model)
    coordinates, _ = state(body, seed=3)
    assert len(body.follower)
    matrix = matrix_at(body, coordinates)
    for part in (matrix.linear, matrix.angular):
        assert not part[:, :, body.follower].any()
        assert part[:, :, body.leader].abs().amax() > 0.0


def test_a_floating_segment_has_the_momentum_of_a_rigid_body():
    body = compile_body(floating(mass_kg=5.0))
    coordinates, _ = state(body, seed=4)
    matrix = matrix_at(body, coordinates)
    shifts = [body.coordinate(name) for name in PELVIS[3:]]
    torch.testing.assert_close(
        matrix.linear[:, :, shifts], 5.0 * torch.eye(3, dtype=torch.float64).expand(4, 3, 3)
    )
    assert not matrix.angular[:, :, shifts].any()
    turns = [body.coordinate(name) for name in PELVIS[:3]]
    assert matrix.linear[:, :, turns].abs().max() < 1e-14


def test_shifting_the_whole_body_has_no_angular_momentum_about_its_center():
    body = compile_body(walker())
    coordinates, _ = state(body, seed=5)
    shifts = [body.coordinate(name) for name in PELVIS[3:]]
    matrix = matrix_at(body, coordinates)
    assert matrix.angular[:, :, shifts].abs().max() < 1e-12
    known = body.total_mass_kg * torch.eye(3, dtype=torch.float64).expand(4, 3, 3)
    torch.testing.assert_close(matrix.linear[:, :, shifts], known)


def test_turning_the_whole_body_takes_its_whole_inertia():
    """About the vertical, as the pelvis turns upright, with all segments as one."""
    body = compile_body(walker())
    coordinates, _ = state(body, seed=6)
    coordinates[:, [body.coordinate(name) for name in PELVIS[:3]]] = 0.0
    pose = forward_kinematics(body, coordinates)
    center = center_of_mass(body, pose)
    lever = segment_centers(body, pose) - center[:, None]
    inertia = pose.rotation @ body.inertia @ pose.rotation.mT
    upright = inertia[:, :, 1, 1] + body.mass * (lever[..., 0] ** 2 + lever[..., 2] ** 2)
    turn = momentum_matrix(body, coordinates, pose).angular[:, 1, body.coordinate("pelvis_rotation")]
    torch.testing.assert_close(turn, upright.sum(dim=1), rtol=1e-13, atol=0)


def test_where_the_body_stands_does_not_matter():
    body = compile_body(walker())
    coordinates, _ = state(body, seed=7)
    moved = coordinates.clone()
    moved[:, [body.coordinate(name) for name in PELVIS[3:]]] += torch.tensor(
        [30.0, -2.0, 5.0], dtype=torch.float64
    )
    here, there = matrix_at(body, coordinates), matrix_at(body, moved)
    torch.testing.assert_close(here.linear, there.linear, rtol=0, atol=1e-11)
    torch.testing.assert_close(here.angular, there.angular, rtol=0, atol=1e-11)


def test_twice_the_mass_has_twice_the_momentum():
    light, heavy = (compile_body(pendulum(mass_kg=mass, inertia_kgm2=0.0)) for mass in (1.5, 3.0))
    coordinates, velocities = state(light, seed=8)
    one, two = (momenta(matrix_at(body, coordinates), velocities) for body in (light, heavy))
    torch.testing.assert_close(2.0 * next(one), next(two), rtol=1e-14, atol=1e-14)
