import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import (
    center_of_mass,
    forward_kinematics,
    joint_axes,
    joint_centers,
    marker_positions,
    segment_centers,
)
from tests.mechanics.bodies import (
    PELVIS,
    double_pendulum,
    floating,
    pendulum,
    placed_naively,
    swinging,
    tangle,
    top,
    walker,
)

# torch itself says this once, on the first forward-mode derivative
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
MIRROR = torch.diag(torch.tensor([1.0, 1.0, -1.0], dtype=torch.float64))


def mirrored_coordinates(body, coordinates):
    """The same motion seen in a mirror: legs exchanged, and the body's lean, turn and shift to the side reversed."""
    reversed_ones = {"pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation"}
    order = [body.coordinate(swapped(name)) for name in body.coordinate_names]
    signs = torch.tensor([-1.0 if name in reversed_ones else 1.0 for name in body.coordinate_names])
    return coordinates[..., order] * signs.to(coordinates)


def swapped(name):
    for side, other in (("_r", "_l"), ("_l", "_r")):
        if name.endswith(side) or f"{side}_" in name:
            return name.replace(side + "_", other + "_") if f"{side}_" in name else name[:-2] + other
    return name


def random_coordinates(body, *shape, seed=0):
    values = np.random.default_rng(seed).uniform(-1.2, 1.2, (*shape, len(body.coordinate_names)))
    return torch.as_tensor(values)


def test_a_pendulum_swings_forward_for_positive_angles():
    body = compile_body(pendulum(length_m=0.7))
    angle = torch.linspace(-3.0, 3.0, 13, dtype=torch.float64)[:, None]
    center = segment_centers(body, forward_kinematics(body, angle))[:, 0]
    known = 0.7 * torch.cat([torch.sin(angle), -torch.cos(angle), torch.zeros_like(angle)], dim=1)
    torch.testing.assert_close(center, known, rtol=0, atol=1e-15)


def test_a_double_pendulum_adds_its_angles():
    body = compile_body(double_pendulum(length_m=(0.8, 0.6)))
    one, two = 0.4, -1.1
    pose = forward_kinematics(body, torch.tensor([[one, two]], dtype=torch.float64))
    end = segment_centers(body, pose)[0, 1]
    known = (0.8 * np.sin(one) + 0.6 * np.sin(one + two), -0.8 * np.cos(one) - 0.6 * np.cos(one + two), 0.0)
    np.testing.assert_allclose(end, known, atol=1e-15)
    np.testing.assert_allclose(joint_centers(body, pose)[0, 1], pose.position[0, 1])


def test_rotations_follow_one_another_about_axes_carried_along():
    body = compile_body(floating())
    quarter = np.pi / 2
    values = dict.fromkeys(PELVIS, 0.0) | {"pelvis_tilt": quarter, "pelvis_list": quarter}
    pose = forward_kinematics(
        body, torch.tensor([[values[name] for name in body.coordinate_names]], dtype=torch.float64)
    )
    # tilt takes x to y and y to -x; the list then turns about the tilted x axis: y goes on to z, z to where x was
    np.testing.assert_allclose(pose.rotation[0, 0], [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-15)


def test_a_top_points_where_precession_and_nutation_say():
    body = compile_body(top(height_m=0.3))
    precession, nutation = 0.8, 0.5
    pose = forward_kinematics(body, torch.tensor([[precession, nutation, 2.2]], dtype=torch.float64))
    sideways = -0.3 * np.sin(nutation)
    known = (sideways * np.cos(precession), 0.3 * np.cos(nutation), -sideways * np.sin(precession))
    np.testing.assert_allclose(segment_centers(body, pose)[0, 0], known, atol=1e-15)


@pytest.mark.parametrize(
    "model",
    [tangle(0), tangle(1), tangle(2, joints=9), walker(), walker("spline")],
    ids=lambda model: model.name,
)
def test_every_segment_is_where_the_words_of_the_model_put_it(model):
    body = compile_body(model)
    coordinates = random_coordinates(body, 4)
    pose = forward_kinematics(body, coordinates)
    for frame in range(4):
        known = placed_naively(
            model, dict(zip(body.coordinate_names, coordinates[frame].tolist(), strict=True))
        )
        for place, name in enumerate(body.segment_names):
            rotation, position = known[name]
            np.testing.assert_allclose(pose.rotation[frame, place], rotation, atol=1e-14)
            np.testing.assert_allclose(pose.position[frame, place], position, atol=1e-14)


def test_joint_centers_are_met_from_parent_and_child():
    model = tangle(4)
    body = compile_body(model)
    coordinates = random_coordinates(body, 3)
    coordinates[:, [body.coordinate(name) for name in body.coordinate_names if name[-1] in "ac"]] = 0.0
    pose = forward_kinematics(body, coordinates)
    values = body.axis_values(coordinates).value
    for place, joint in enumerate(body.joints[1:], start=1):
        parent = body.parents[place]
        shift = (values[:, place, 3:, None] * body.axes[place, 3:]).sum(dim=1)
        met = pose.position[:, parent] + torch.einsum(
            "fab,fb->fa",
            pose.rotation[:, parent],
            shift + torch.tensor(joint.parent_position, dtype=torch.float64),
        )
        torch.testing.assert_close(joint_centers(body, pose)[:, place], met, rtol=0, atol=1e-14)


def test_rotations_stay_rotations():
    body = compile_body(tangle(2, joints=9))
    rotation = forward_kinematics(body, random_coordinates(body, 5)).rotation
    identity = torch.eye(3, dtype=torch.float64).expand_as(rotation)
    torch.testing.assert_close(rotation @ rotation.mT, identity, rtol=0, atol=1e-14)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(rotation.shape[:-2]).double())


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)])
def test_leading_dimensions_are_free(shape):
    body = compile_body(walker("spline"))
    coordinates = random_coordinates(body, 6)[: int(np.prod(shape))].reshape(*shape, -1)
    pose = forward_kinematics(body, coordinates)
    count = len(body.segment_names)
    assert pose.rotation.shape == (*shape, count, 3, 3)
    assert pose.position.shape == (*shape, count, 3)
    assert marker_positions(body, pose).shape == (*shape, len(body.marker_names), 3)
    assert center_of_mass(body, pose).shape == (*shape, 3)
    axes = joint_axes(body, coordinates, pose)
    assert axes.direction.shape == (*shape, count, 6, 3)
    assert axes.slope.shape == (*shape, count, 6)
    flat = forward_kinematics(body, coordinates.reshape(-1, coordinates.shape[-1]))
    torch.testing.assert_close(pose.position.reshape(-1, count, 3), flat.position, rtol=0, atol=1e-15)


def test_an_empty_batch_stays_empty():
    body = compile_body(walker())
    assert forward_kinematics(body, random_coordinates(body, 0)).position.shape == (
        0,
        len(body.segment_names),
        3,
    )


def test_frames_do_not_disturb_each_other():
    body = compile_body(tangle(0))
    coordinates = random_coordinates(body, 6)
    together = forward_kinematics(body, coordinates).position
    alone = torch.stack([forward_kinematics(body, frame).position for frame in coordinates])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-14)


def test_markers_ride_on_their_segments():
    model = walker()
    body = compile_body(model)
    pose = forward_kinematics(body, random_coordinates(body, 1))
    for place, marker in enumerate(model.markers):
        segment = body.segment(marker.segment)
        position = torch.tensor(marker.position_m, dtype=torch.float64)
        known = pose.position[0, segment] + pose.rotation[0, segment] @ position
        torch.testing.assert_close(marker_positions(body, pose)[0, place], known, rtol=0, atol=1e-15)


def test_the_center_of_mass_weighs_every_segment():
    body = compile_body(double_pendulum(mass_kg=(2.0, 1.5), length_m=(0.8, 0.6)))
    pose = forward_kinematics(body, torch.zeros(1, 2, dtype=torch.float64))
    np.testing.assert_allclose(
        center_of_mass(body, pose), [[0, -(2.0 * 0.8 + 1.5 * 1.4) / 3.5, 0]], atol=1e-15
    )


@pytest.mark.parametrize("knee", ["hinge", "spline"])
def test_in_a_mirror_left_becomes_right_exactly(knee):
    body = compile_body(walker(knee))
    coordinates = random_coordinates(body, 8)
    pose = forward_kinematics(body, coordinates)
    seen = forward_kinematics(body, mirrored_coordinates(body, coordinates))
    other = [body.segment(swapped(name)) for name in body.segment_names]
    assert torch.equal(seen.position, pose.position[:, other] @ MIRROR)
    assert torch.equal(seen.rotation, MIRROR @ pose.rotation[:, other] @ MIRROR)
    markers = [body.marker_names.index(swapped(name)) for name in body.marker_names]
    assert torch.equal(marker_positions(body, seen), marker_positions(body, pose)[:, markers] @ MIRROR)


@pytest.mark.parametrize("model", [tangle(0), walker("spline")], ids=lambda model: model.name)
def test_joint_axes_are_the_derivatives_of_the_pose(model):
    body = compile_body(model)
    coordinates = random_coordinates(body, 3)
    rates = random_coordinates(body, 3, seed=1)
    pose = forward_kinematics(body, coordinates)
    _, moving = torch.func.jvp(lambda q: tuple(forward_kinematics(body, q)), (coordinates,), (rates,))
    known = _velocities_by_axes(
        body, joint_axes(body, coordinates, pose), pose, _full_rates(body, coordinates, rates)
    )
    for segment, (turning, shifting) in enumerate(known):
        skew = torch.linalg.cross(turning[:, :, None].expand(-1, 3, 3), pose.rotation[:, segment], dim=1)
        torch.testing.assert_close(moving[0][:, segment], skew, rtol=0, atol=1e-12)
        torch.testing.assert_close(moving[1][:, segment], shifting, rtol=0, atol=1e-12)


def test_gradients_agree_with_finite_differences():
    body = compile_body(tangle(3, joints=3))
    coordinates = random_coordinates(body, 2).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda q: marker_positions(body, forward_kinematics(body, q)), (coordinates,), atol=1e-7
    )


def test_single_precision_is_good_to_a_micrometer():
    body = compile_body(walker("spline"))
    motion = swinging(body)[0]
    exact = forward_kinematics(body, motion).position
    body.to(torch.float32)
    single = forward_kinematics(body, motion.to(torch.float32)).position
    assert single.dtype == torch.float32
    assert (single.double() - exact).abs().max() < 1e-6


def _full_rates(body, coordinates, rates):
    """Rates of all coordinates; followers take theirs from their leader."""
    slope = body.coordinate_slope(coordinates)
    full = rates.clone()
    full[:, body.follower] = slope[:, body.follower] * rates[:, body.leader]
    return torch.cat([full, full.new_zeros(len(full), 1)], dim=1)


def _velocities_by_axes(body, axes, pose, rates):
    """Angular velocity of every segment and velocity of its origin, added up from the ground."""
    speeds = axes.slope * rates[:, body.axis_coordinate].reshape(axes.slope.shape)
    moved = (speeds[..., None] * axes.direction).unflatten(2, (2, 3)).sum(dim=3)
    found = []
    for place, parent in enumerate(body.parents):
        turning, shifting = found[parent] if parent >= 0 else (rates.new_zeros(len(rates), 3),) * 2
        origin = pose.position[:, parent] if parent >= 0 else rates.new_zeros(len(rates), 3)
        center = axes.center[:, place]
        at_center = shifting + torch.linalg.cross(turning, center - origin) + moved[:, place, 1]
        turned = turning + moved[:, place, 0]
        found.append((turned, at_center + torch.linalg.cross(turned, pose.position[:, place] - center)))
    return found
