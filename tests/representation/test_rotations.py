"""Rotations: agreement with scipy and with the body, round trips, no jump at half a turn, known angular velocities."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import forward_kinematics
from gaitbook.representation.rotations import (
    angles_to_matrix,
    angular_velocity,
    matrix_to_angles,
    matrix_to_numbers,
    numbers_to_matrix,
)

RATE_HZ = 100.0


@pytest.fixture(scope="module")
def angles():
    """Any attitude, the second angle within a quarter turn."""
    rng = np.random.default_rng(0)
    return torch.tensor(rng.uniform(-1.0, 1.0, (4, 50, 3)) * [np.pi, 0.49 * np.pi, np.pi])


def test_angles_turn_about_z_x_y_as_in_scipy(angles):
    expected = Rotation.from_euler("ZXY", angles.reshape(-1, 3).numpy()).as_matrix()
    np.testing.assert_allclose(angles_to_matrix(angles).reshape(-1, 3, 3), expected, atol=1e-14)


@pytest.mark.parametrize(
    ("names", "parent", "child"),
    [
        (("hip_flexion_r", "hip_adduction_r", "hip_rotation_r"), "pelvis", "femur_r"),
        (("lumbar_extension", "lumbar_bending", "lumbar_rotation"), "pelvis", "torso"),
        (("arm_flex_r", "arm_add_r", "arm_rot_r"), "torso", "humerus_r"),
    ],
)
def test_joints_of_a_body_turn_alike(angles, names, parent, child):
    body = compile_body(generic_body())
    coordinates = torch.zeros(50, len(body.coordinate_names), dtype=torch.float64)
    coordinates[:, [body.coordinate(name) for name in names]] = angles[0]
    rotation = forward_kinematics(body, coordinates).rotation
    relative = rotation[:, body.segment(parent)].mT @ rotation[:, body.segment(child)]
    torch.testing.assert_close(relative, angles_to_matrix(angles[0]), atol=1e-14, rtol=0)


def test_the_pelvis_turns_alike_in_the_laboratory(angles):
    body = compile_body(generic_body())
    coordinates = torch.zeros(50, len(body.coordinate_names), dtype=torch.float64)
    names = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
    coordinates[:, [body.coordinate(name) for name in names]] = angles[1]
    rotation = forward_kinematics(body, coordinates).rotation[:, body.segment("pelvis")]
    torch.testing.assert_close(rotation, angles_to_matrix(angles[1]), atol=1e-14, rtol=0)


def test_angles_come_back_from_matrices_and_from_six_numbers(angles):
    matrix = angles_to_matrix(angles)
    torch.testing.assert_close(matrix_to_angles(matrix), angles, atol=1e-12, rtol=0)
    numbers = matrix_to_numbers(matrix)
    assert numbers.shape == (4, 50, 6)
    torch.testing.assert_close(matrix_to_angles(numbers_to_matrix(numbers)), angles, atol=1e-12, rtol=0)


def test_a_rotation_beyond_a_quarter_turn_is_the_same_rotation():
    beyond = torch.tensor([[0.3, 2.0, -0.4]], dtype=torch.float64)
    matrix = angles_to_matrix(beyond)
    found = matrix_to_angles(matrix)
    assert abs(float(found[0, 1])) < np.pi / 2
    torch.testing.assert_close(angles_to_matrix(found), matrix, atol=1e-14, rtol=0)


def test_any_six_numbers_become_a_rotation():
    numbers = torch.randn(100, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    matrix = numbers_to_matrix(numbers)
    torch.testing.assert_close(
        matrix @ matrix.mT, torch.eye(3).double().expand(100, 3, 3), atol=1e-12, rtol=0
    )
    torch.testing.assert_close(torch.linalg.det(matrix), torch.ones(100).double(), atol=1e-12, rtol=0)


def test_neither_length_nor_skew_of_the_numbers_matters(angles):
    first, second = matrix_to_numbers(angles_to_matrix(angles)).split(3, dim=-1)
    stretched = torch.cat([2.0 * first, 0.5 * second + 0.7 * first], dim=-1)
    torch.testing.assert_close(numbers_to_matrix(stretched), angles_to_matrix(angles), atol=1e-12, rtol=0)


@pytest.mark.parametrize("place", [0, 2])
def test_the_numbers_do_not_jump_where_an_angle_passes_half_a_turn(place):
    angle = torch.zeros(21, 3, dtype=torch.float64)
    angle[:, place] = torch.linspace(np.pi - 0.1, np.pi + 0.1, 21)
    wrapped = torch.remainder(angle + np.pi, 2 * np.pi) - np.pi
    assert float(wrapped.diff(dim=0).abs().max()) > 6.0
    numbers = matrix_to_numbers(angles_to_matrix(wrapped))
    assert float(numbers.diff(dim=0).abs().max()) < 0.011
    torch.testing.assert_close(numbers, matrix_to_numbers(angles_to_matrix(angle)), atol=1e-14, rtol=0)
    spin = angular_velocity(angles_to_matrix(wrapped), RATE_HZ)
    assert float((spin - spin.mean(dim=0)).abs().max()) < 1e-3


def turning(rate_radps, start, frames=30):
    """Rotations (time, 3, 3) that start somewhere and turn about an axis that stays."""
    steps = np.arange(frames)[:, None] / RATE_HZ * np.asarray(rate_radps)
    return torch.tensor((Rotation.from_rotvec(steps) * Rotation.from_rotvec(start)).as_matrix())


@pytest.mark.parametrize("rate_radps", [(2.0, 0.0, 0.0), (0.0, -3.0, 0.0), (0.5, 1.0, -4.0)])
def test_a_constant_turn_has_its_angular_velocity_in_the_frame_that_it_leads_to(rate_radps):
    """A central difference over h sees sin(w h) / h instead of w."""
    speed = np.linalg.norm(rate_radps)
    seen = np.multiply(rate_radps, np.sin(speed / RATE_HZ) * RATE_HZ / speed)
    found = angular_velocity(turning(rate_radps, (0.4, -1.0, 0.7)), RATE_HZ)
    np.testing.assert_allclose(found[1:-1], np.tile(seen, (28, 1)), atol=1e-10)
    np.testing.assert_allclose(found, np.tile(rate_radps, (30, 1)), atol=2e-3 * speed)


def test_what_does_not_turn_has_no_angular_velocity():
    assert float(angular_velocity(turning((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)), RATE_HZ).abs().max()) < 1e-12


def test_an_unknown_frame_hides_its_own_angular_velocity_and_that_of_its_neighbors():
    matrix = turning((1.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    matrix[10] = torch.nan
    unknown = torch.isnan(angular_velocity(matrix, RATE_HZ)).any(dim=-1)
    assert unknown.nonzero()[:, 0].tolist() == [9, 10, 11]


def test_one_frame_tells_no_angular_velocity():
    with pytest.raises(ValueError, match=r"1 frame\(s\) tell no angular velocity: 2 are needed"):
        angular_velocity(torch.eye(3)[None], RATE_HZ)
