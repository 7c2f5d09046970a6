import dataclasses

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import (
    Wrench,
    difference_rates,
    exact_rates,
    generalized_forces,
    joint_loads,
    segment_needs,
)
from gaitbook.mechanics.kinematics import Pose, forward_kinematics, joint_axes, joint_centers
from gaitbook.mechanics.knee import (
    KNEE_AXES,
    anatomical_moment,
    find_knees,
    knee_load,
    knee_rates,
    quasi_static_moment,
)
from tests.mechanics.bodies import pendulum, swinging, walker
from tests.mechanics.test_kinematics import mirrored_coordinates

# torch itself says this once, on the first forward-mode derivative
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
RATE_HZ = 100.0
ADDUCTION, ROTATION, FLEXION = (
    KNEE_AXES.index(name) for name in ("adduction", "internal_rotation", "flexion")
)
FRAMES = pytest.mark.parametrize("frame", ["tibia", "joint", "lab"])
# to the right, forward and down of the knee center, right and left
MEDIAL = torch.tensor([[0.0, -0.4, -0.05], [0.0, -0.4, 0.05]], dtype=torch.float64)
BEHIND = torch.tensor([[-0.05, -0.4, 0.0], [-0.05, -0.4, 0.0]], dtype=torch.float64)


def standing(body):
    return forward_kinematics(body, torch.zeros(len(body.coordinate_names), dtype=torch.float64))


def pushed_up(body, knees, pose, shift, force_n=700.0):
    """Vertical force on both feet, through points near the knee centers."""
    center = joint_centers(body, pose)[..., knees.tibia_in_body, :]
    up = torch.tensor([0.0, force_n, 0.0], dtype=torch.float64).expand(center.shape)
    return Wrench(up, center + shift, torch.zeros_like(center))


def walking(body, frames=40, size=0.2, dtype=torch.float64):
    """Smooth motion with forces as large as those of walking under both feet, and a free moment."""
    coordinates = swinging(body, frames=frames, size=size)[0]
    pose = forward_kinematics(body, coordinates)
    feet = pose.position[:, [body.segment("calcn_r"), body.segment("calcn_l")]]
    time_s = torch.arange(frames, dtype=torch.float64)[:, None] / RATE_HZ
    phase = 2 * np.pi * (time_s + torch.tensor([0.0, 0.5]))
    force = torch.stack([80 * torch.cos(phase), 500 + 400 * torch.sin(phase), 40 * torch.sin(phase)], dim=-1)
    couple = torch.zeros_like(force)
    couple[..., 1] = 5 * torch.cos(phase)
    ground = Wrench(force, feet + torch.tensor([0.08, -0.05, 0.0]), couple)
    return coordinates.to(dtype), Wrench(*(part.to(dtype) for part in ground))


def external_moment(body, coordinates, ground, frame="tibia"):
    knees, pose = find_knees(body), forward_kinematics(body, coordinates)
    load = knee_load(knees, pose, knee_rates(knees, pose, RATE_HZ), ground)
    return anatomical_moment(knees, pose, -load.moment, frame)


@FRAMES
def test_a_force_passing_medially_of_the_knee_adducts_it_on_both_sides(frame):
    body = compile_body(walker())
    knees, pose = find_knees(body), standing(body)
    moment = quasi_static_moment(knees, pose, pushed_up(body, knees, pose, MEDIAL))
    found = anatomical_moment(knees, pose, moment, frame)
    torch.testing.assert_close(found[:, ADDUCTION], torch.full((2,), 700 * 0.05).double(), rtol=0, atol=1e-12)
    assert found[:, [ROTATION, FLEXION]].abs().max() < 1e-12


@FRAMES
def test_a_force_passing_behind_the_knee_flexes_it_on_both_sides(frame):
    body = compile_body(walker())
    knees, pose = find_knees(body), standing(body)
    moment = quasi_static_moment(knees, pose, pushed_up(body, knees, pose, BEHIND))
    found = anatomical_moment(knees, pose, moment, frame)
    torch.testing.assert_close(found[:, FLEXION], torch.full((2,), 700 * 0.05).double(), rtol=0, atol=1e-12)
    assert found[:, [ADDUCTION, ROTATION]].abs().max() < 1e-12


@FRAMES
def test_turning_the_foot_inward_is_internal_rotation_on_both_sides(frame):
    body = compile_body(walker())
    knees, pose = find_knees(body), standing(body)
    # toes inward: the right foot turns about +y (x toward -z), the left about -y
    inward = torch.tensor([[0.0, 8.0, 0.0], [0.0, -8.0, 0.0]], dtype=torch.float64)
    found = anatomical_moment(knees, pose, inward, frame)
    torch.testing.assert_close(found[:, ROTATION], torch.full((2,), 8.0).double(), rtol=0, atol=1e-12)


def test_the_frames_agree_when_the_leg_is_aligned_with_the_laboratory():
    body = compile_body(walker())
    knees, pose = find_knees(body), standing(body)
    moment = torch.as_tensor(np.random.default_rng(0).normal(size=(2, 3)))
    found = [anatomical_moment(knees, pose, moment, frame) for frame in ("tibia", "joint", "lab")]
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-14)
    torch.testing.assert_close(found[0], found[2], rtol=0, atol=1e-14)


def test_joint_axes_are_the_femurs_flexion_axis_the_long_axis_and_the_one_across_both():
    """A knee adducted by 10 degrees: of a moment about the femur's z, all is flexion; its share is not lost."""
    body = compile_body(walker("spline"))
    coordinates = swinging(body, frames=3)[0]
    knees, pose = find_knees(body), forward_kinematics(body, coordinates)
    femur = pose.rotation[:, knees.femur_in_body]
    tibia = pose.rotation[:, knees.tibia_in_body]
    sides = torch.tensor([1.0, -1.0], dtype=torch.float64)
    about_femur = anatomical_moment(knees, pose, femur[..., 2], "joint")
    torch.testing.assert_close(about_femur[..., FLEXION], torch.full((3, 2), -1.0).double())
    about_tibia = anatomical_moment(knees, pose, tibia[..., 1], "joint")
    torch.testing.assert_close(about_tibia[..., ROTATION], sides.expand(3, 2))
    for moment in (about_femur, about_tibia):
        assert moment[..., ADDUCTION].abs().max() < 1e-14


def test_at_the_knee_the_load_is_that_of_the_whole_body():
    body = compile_body(walker("spline"))
    coordinates, ground = walking(body)
    pose = forward_kinematics(body, coordinates)
    knees = find_knees(body)
    feet = torch.tensor([body.segment("calcn_r"), body.segment("calcn_l")])
    needs = segment_needs(body, pose, difference_rates(body, pose, RATE_HZ))
    whole = joint_loads(body, pose, needs, ground, feet)
    load = knee_load(knees, pose, knee_rates(knees, pose, RATE_HZ), ground)
    torch.testing.assert_close(load.force, whole.force[:, knees.tibia_in_body], rtol=0, atol=1e-8)
    torch.testing.assert_close(load.moment, whole.moment[:, knees.tibia_in_body], rtol=0, atol=1e-8)


def test_the_flexion_moment_of_a_hinge_is_its_generalized_force():
    """On a hinge that flexes about -z of the femur, the internal moment along it is the external one about +z."""
    body = compile_body(walker())
    coordinates, ground = walking(body)
    pose = forward_kinematics(body, coordinates)
    feet = torch.tensor([body.segment("calcn_r"), body.segment("calcn_l")])
    needs = segment_needs(body, pose, difference_rates(body, pose, RATE_HZ))
    load = joint_loads(body, pose, needs, ground, feet)
    forces = generalized_forces(body, coordinates, joint_axes(body, coordinates, pose), load)
    angles = [body.coordinate("knee_angle_r"), body.coordinate("knee_angle_l")]
    found = external_moment(body, coordinates, ground)[..., FLEXION]
    torch.testing.assert_close(found, -forces[:, angles], rtol=0, atol=1e-8)


def test_a_knee_below_which_nothing_weighs_feels_the_ground_alone():
    body = compile_body(walker(shank_kg=0.0, foot_kg=0.0))
    coordinates, ground = walking(body)
    knees, pose = find_knees(body), forward_kinematics(body, coordinates)
    without_couple = ground._replace(couple=torch.zeros_like(ground.couple))
    load = knee_load(knees, pose, knee_rates(knees, pose, RATE_HZ), without_couple)
    known = quasi_static_moment(knees, pose, without_couple)
    torch.testing.assert_close(-load.moment, known, rtol=0, atol=1e-10)
    with_couple = knee_load(knees, pose, knee_rates(knees, pose, RATE_HZ), ground)
    torch.testing.assert_close(load.moment - with_couple.moment, ground.couple, rtol=0, atol=1e-10)


def test_quasi_static_in_the_laboratory_is_the_cross_product_of_force_and_arm():
    """(knee - center of pressure) x force, with x reversed on the right: positive is adduction on both sides."""
    body = compile_body(walker())
    coordinates, ground = walking(body)
    knees, pose = find_knees(body), forward_kinematics(body, coordinates)
    found = anatomical_moment(knees, pose, quasi_static_moment(knees, pose, ground), "lab")
    center = joint_centers(body, pose)[:, knees.tibia_in_body]
    published = np.cross(center - ground.point, ground.force)
    np.testing.assert_allclose(found[:, 0, ADDUCTION], -published[:, 0, 0], atol=1e-10)
    np.testing.assert_allclose(found[:, 1, ADDUCTION], published[:, 1, 0], atol=1e-10)


@pytest.mark.parametrize("frame", ["tibia", "joint"])
def test_moments_do_not_change_when_everything_moves_and_turns(frame):
    body = compile_body(walker("spline"))
    coordinates, ground = walking(body)
    knees, pose = find_knees(body), forward_kinematics(body, coordinates)
    turn = torch.linalg.qr(torch.as_tensor(np.random.default_rng(1).normal(size=(3, 3))))[0]
    turn = turn * torch.sign(torch.linalg.det(turn))
    moment = quasi_static_moment(knees, pose, ground)
    moved = Pose(turn @ pose.rotation, pose.position @ turn.T + torch.tensor([3.0, -1.0, 2.0]))
    pushed = Wrench(
        ground.force @ turn.T, ground.point @ turn.T + torch.tensor([3.0, -1.0, 2.0]), ground.couple @ turn.T
    )
    again = quasi_static_moment(knees, moved, pushed)
    found = [anatomical_moment(knees, *which, frame) for which in ((pose, moment), (moved, again))]
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-9)


def test_walking_in_another_direction_elsewhere_leaves_the_moments_as_they_are():
    body = compile_body(walker("spline"))
    coordinates, ground = walking(body)
    knees, pose = find_knees(body), forward_kinematics(body, coordinates)
    cosine, sine = np.cos(2.0), np.sin(2.0)
    turn = torch.tensor([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], dtype=torch.float64)
    shift = torch.tensor([2.0, 0.0, -1.0], dtype=torch.float64)
    moved = Pose(turn @ pose.rotation, pose.position @ turn.T + shift)
    pushed = Wrench(ground.force @ turn.T, ground.point @ turn.T + shift, ground.couple @ turn.T)
    load = knee_load(knees, moved, knee_rates(knees, moved, RATE_HZ), pushed)
    found = anatomical_moment(knees, moved, -load.moment)
    torch.testing.assert_close(found, external_moment(body, coordinates, ground), rtol=0, atol=1e-7)


@FRAMES
def test_in_a_mirror_left_and_right_change_places_exactly(frame):
    body = compile_body(walker("spline"))
    coordinates, ground = walking(body)
    mirror = torch.tensor([1.0, 1.0, -1.0], dtype=torch.float64)
    seen = Wrench(
        ground.force.flip(1) * mirror, ground.point.flip(1) * mirror, -ground.couple.flip(1) * mirror
    )
    found = external_moment(body, coordinates, ground, frame)
    mirrored = external_moment(body, mirrored_coordinates(body, coordinates), seen, frame)
    torch.testing.assert_close(mirrored, found.flip(1), rtol=0, atol=1e-11)


def test_single_precision_is_good_to_a_hundredth_of_a_newton_meter():
    body = compile_body(walker("spline"))
    coordinates, ground = walking(body, frames=128)
    exact = external_moment(body, coordinates, ground)
    body.to(torch.float32)
    single = external_moment(body, coordinates.float(), Wrench(*(part.float() for part in ground)))
    assert single.dtype == torch.float32
    assert (single.double() - exact).abs().max() < 0.01


def test_gradients_through_kinematics_dynamics_and_knee_agree_with_finite_differences():
    body = compile_body(walker("spline"))
    coordinates, ground = walking(body, frames=8)

    def moments(motion, force, point):
        return external_moment(body, motion, Wrench(force, point, ground.couple), "joint")

    inputs = [part.clone().requires_grad_() for part in (coordinates, ground.force, ground.point)]
    assert torch.autograd.gradcheck(moments, inputs, atol=1e-4, rtol=1e-5, fast_mode=True)


def test_leading_dimensions_are_free():
    body = compile_body(walker())
    coordinates, ground = walking(body)
    batch = Wrench(*(part.reshape(2, 1, 20, 2, 3) for part in ground))
    found = external_moment(body, coordinates.reshape(2, 1, 20, -1), batch)
    assert found.shape == (2, 1, 20, 2, 3)
    part = Wrench(*(piece[20:] for piece in ground))
    torch.testing.assert_close(
        found[1, 0], external_moment(body, coordinates[20:], part), rtol=1e-12, atol=1e-9
    )


def test_exact_rates_give_the_moments_that_differences_give():
    body = compile_body(walker())
    motion = swinging(body, size=0.15)
    knees, pose = find_knees(body), forward_kinematics(body, motion[0])
    ground = pushed_up(body, knees, pose, MEDIAL)
    rates = exact_rates(body, *motion)
    below = type(rates)(*(part[:, knees.part.places] for part in rates))
    exact = knee_load(knees, pose, below, ground).moment
    found = knee_load(knees, pose, knee_rates(knees, pose, RATE_HZ), ground).moment
    assert (found - exact)[4:-4].abs().max() < 1e-3


def test_other_names_of_tibia_and_foot_may_be_given():
    model = walker()
    renamed = {"tibia_r": "shank_right", "tibia_l": "shank_left"}
    segments = tuple(dataclasses.replace(s, name=renamed.get(s.name, s.name)) for s in model.segments)
    joints = tuple(
        dataclasses.replace(j, parent=renamed.get(j.parent, j.parent), child=renamed.get(j.child, j.child))
        for j in model.joints
    )
    markers = tuple(dataclasses.replace(m, segment=renamed.get(m.segment, m.segment)) for m in model.markers)
    body = compile_body(dataclasses.replace(model, segments=segments, joints=joints, markers=markers))
    knees = find_knees(body, tibia=("shank_right", "shank_left"))
    assert [body.segment_names[place] for place in knees.tibia_in_body] == ["shank_right", "shank_left"]
    assert [body.segment_names[place] for place in knees.femur_in_body] == ["femur_r", "femur_l"]


def test_missing_segments_are_named_with_the_remedy():
    with pytest.raises(
        ValueError, match="has no segment tibia_r, tibia_l, calcn_r, calcn_l; it has rod"
    ) as caught:
        find_knees(compile_body(pendulum()))
    assert "Name the segments below the knees and those that carry the ground force" in str(caught.value)
