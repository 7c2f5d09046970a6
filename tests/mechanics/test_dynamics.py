import warnings

import numpy as np
import pytest
import torch
from torch.func import jvp

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics import dynamics
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import (
    SegmentRates,
    Wrench,
    center_of_pressure,
    difference_rates,
    exact_rates,
    generalized_forces,
    joint_loads,
    segment_needs,
    total_wrench,
)
from gaitbook.mechanics.kinematics import (
    Pose,
    center_of_mass,
    forward_kinematics,
    joint_axes,
    segment_centers,
)
from tests.mechanics.bodies import PELVIS, double_pendulum, floating, pendulum, swinging, tangle, top, walker
from tests.mechanics.test_kinematics import MIRROR, mirrored_coordinates, swapped

# torch itself says this once, on the first forward-mode derivative
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
UP = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
BODIES = pytest.mark.parametrize(
    "model", [tangle(0), tangle(2, joints=8), walker(), walker("spline")], ids=lambda model: model.name
)


def row(*values):
    return torch.tensor([values], dtype=torch.float64)


def states(body, count=5, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(torch.as_tensor(rng.uniform(-1, 1, (count, len(body.coordinate_names)))) for _ in range(3))


def no_ground(pose):
    nothing = pose.position.new_zeros(*pose.position.shape[:-2], 0, 3)
    return Wrench(nothing, nothing, nothing), torch.zeros(0, dtype=torch.long)


def random_ground(body, pose, seed=5):
    """Pushes on the last two segments, at points near them."""
    rng = np.random.default_rng(seed)
    segments = torch.tensor([len(body.segment_names) - 1, len(body.segment_names) - 2])
    shape = (*pose.position.shape[:-2], 2, 3)
    force, shift, couple = (torch.as_tensor(rng.normal(size=shape)) for _ in range(3))
    return Wrench(100 * force, pose.position[..., segments, :] + 0.1 * shift, 5 * couple), segments


def internal(body, coordinates, velocities, accelerations, ground=None):
    """Loads of the joints and generalized forces."""
    pose = forward_kinematics(body, coordinates)
    wrench, segments = ground or no_ground(pose)
    needs = segment_needs(body, pose, exact_rates(body, coordinates, velocities, accelerations))
    load = joint_loads(body, pose, needs, wrench, segments)
    return load, generalized_forces(body, coordinates, joint_axes(body, coordinates, pose), load)


def test_free_fall_needs_neither_force_nor_couple():
    body = compile_body(walker())
    coordinates = states(body)[0]
    velocities, accelerations = torch.zeros_like(coordinates), torch.zeros_like(coordinates)
    velocities[:, [body.coordinate(name) for name in PELVIS[3:]]] = row(3.0, -1.0, 0.5)
    accelerations[:, body.coordinate("pelvis_ty")] = -GRAVITY_MPS2
    pose = forward_kinematics(body, coordinates)
    needs = segment_needs(body, pose, exact_rates(body, coordinates, velocities, accelerations))
    assert needs.force.abs().max() < 1e-12
    assert needs.couple.abs().max() < 1e-12


def test_at_rest_the_ground_carries_the_weight_under_the_center_of_mass():
    body = compile_body(walker("spline"))
    coordinates = states(body)[0]
    pose, still = forward_kinematics(body, coordinates), torch.zeros_like(coordinates)
    needs = segment_needs(body, pose, exact_rates(body, coordinates, still, still))
    force, moment = total_wrench(needs, torch.zeros(5, 3, dtype=torch.float64))
    known = (body.total_mass_kg * GRAVITY_MPS2 * UP).expand(5, 3)
    torch.testing.assert_close(force, known, rtol=0, atol=1e-10)
    pressure, free_moment = center_of_pressure(force, moment)
    under = center_of_mass(body, pose) * (1 - UP)
    torch.testing.assert_close(pressure, under, rtol=0, atol=1e-13)
    assert free_moment.abs().max() < 1e-10


def test_the_mean_vertical_force_of_a_periodic_motion_is_the_weight():
    body = compile_body(walker())
    motion = swinging(body, frames=100, size=0.2)
    pose = forward_kinematics(body, motion[0])
    force = segment_needs(body, pose, exact_rates(body, *motion)).force.sum(dim=-2)
    known = body.total_mass_kg * GRAVITY_MPS2 * UP
    torch.testing.assert_close(force.mean(dim=0), known, rtol=0, atol=1e-8)


def test_center_of_pressure_and_free_moment_are_found_again():
    rng = np.random.default_rng(0)
    point = torch.as_tensor(rng.normal(size=(6, 3))) * (1 - UP)
    force = torch.as_tensor(rng.normal(size=(6, 3))) + 5 * UP
    free = torch.as_tensor(rng.normal(size=6))
    parts = Wrench(force[:, None], point[:, None], (free[:, None] * UP)[:, None])
    total, moment = total_wrench(parts, torch.zeros(6, 3, dtype=torch.float64))
    pressure, free_moment = center_of_pressure(total, moment)
    torch.testing.assert_close(pressure, point, rtol=0, atol=1e-14)
    torch.testing.assert_close(free_moment, free, rtol=0, atol=1e-13)


def test_the_moment_about_another_point_differs_by_the_lever_arm():
    body = compile_body(walker())
    coordinates, *rates = states(body)
    needs = segment_needs(body, forward_kinematics(body, coordinates), exact_rates(body, coordinates, *rates))
    about = torch.as_tensor(np.random.default_rng(1).normal(size=(5, 3)))
    force, moment = total_wrench(needs, torch.zeros_like(about))
    same_force, moved = total_wrench(needs, about)
    torch.testing.assert_close(same_force, force)
    torch.testing.assert_close(moved, moment - torch.linalg.cross(about, force))


def test_the_torque_of_a_pendulum():
    mass_kg, length_m, inertia = 2.0, 0.7, 0.05
    body = compile_body(pendulum(mass_kg, length_m, inertia))
    angle, speed, bend = states(body, 9)
    load, torque = internal(body, angle, speed, bend)
    known = (inertia + mass_kg * length_m**2) * bend + mass_kg * GRAVITY_MPS2 * length_m * torch.sin(angle)
    torch.testing.assert_close(torque, known, rtol=0, atol=1e-13)
    along = torch.cat([torch.sin(angle), -torch.cos(angle), torch.zeros_like(angle)], dim=1)
    across = torch.cat([torch.cos(angle), torch.sin(angle), torch.zeros_like(angle)], dim=1)
    pull = mass_kg * (length_m * (bend * across - speed**2 * along) + GRAVITY_MPS2 * UP)
    torch.testing.assert_close(load.force[:, 0], pull, rtol=0, atol=1e-13)


def test_the_torques_of_a_double_pendulum():
    (m1, m2), (l1, l2) = (2.0, 1.5), (0.8, 0.6)
    body = compile_body(double_pendulum((m1, m2), (l1, l2)))
    q, v, a = states(body, 7)
    _, torque = internal(body, q, v, a)
    (one, two), (v1, v2), (a1, a2) = q.T, v.T, a.T
    weight1, weight2 = torch.sin(one), torch.sin(one + two)
    lower = m2 * l2**2 * (a1 + a2) + m2 * l1 * l2 * (torch.cos(two) * a1 + torch.sin(two) * v1**2)
    lower = lower + m2 * l2 * GRAVITY_MPS2 * weight2
    coriolis = m2 * l1 * l2 * (torch.cos(two) * (a1 + a2) - torch.sin(two) * (v1 + v2) ** 2)
    upper = lower + (m1 + m2) * l1**2 * a1 + coriolis + (m1 + m2) * l1 * GRAVITY_MPS2 * weight1
    torch.testing.assert_close(torque, torch.stack([upper, lower], dim=1), rtol=0, atol=1e-12)


def test_a_heavy_top_in_steady_precession_needs_no_torque():
    mass_kg, height_m, along = 1.2, 0.3, 0.01
    about_tip = 0.04 + mass_kg * height_m**2
    body = compile_body(top(mass_kg, height_m, 0.04, along))
    nutation, precession = 0.6, 1.7
    # steady precession: C (spin + precession cos) precession = m g h + A precession^2 cos
    spin = (mass_kg * GRAVITY_MPS2 * height_m + about_tip * precession**2 * np.cos(nutation)) / (
        along * precession
    ) - precession * np.cos(nutation)
    load, torque = internal(body, row(0.3, nutation, 1.1), row(precession, 0.0, spin), row(0.0, 0.0, 0.0))
    assert load.moment.abs().max() < 1e-12
    assert torque.abs().max() < 1e-12


def test_a_symmetric_body_precesses_without_torque():
    across, along, nutation, spin = 0.4, 0.1, 0.5, 3.0
    body = compile_body(top(1.0, 0.0, across, along))
    precession = along * spin / ((across - along) * np.cos(nutation))
    load, _ = internal(body, row(1.0, nutation, 0.2), row(precession, 0.0, spin), row(0.0, 0.0, 0.0))
    assert load.moment.abs().max() < 1e-12


def test_a_forced_precession_takes_the_gyroscopic_couple():
    along, spin, precession = 0.1, 20.0, 0.5
    body = compile_body(top(1.0, 0.0, 0.4, along))
    lying = row(0.0, np.pi / 2, 0.0)
    load, _ = internal(body, lying, row(precession, 0.0, spin), row(0.0, 0.0, 0.0))
    # the axis of spin points to -x and turns about y: the couple is their cross product, along +z
    np.testing.assert_allclose(load.moment[0, 0], [0.0, 0.0, along * spin * precession], atol=1e-12)


@BODIES
def test_the_sum_of_all_needs_is_the_change_of_momentum_less_gravity(model):
    body = compile_body(model)
    motion = states(body)
    pose = forward_kinematics(body, motion[0])
    needs = segment_needs(body, pose, exact_rates(body, *motion))
    origin = torch.zeros(5, 3, dtype=torch.float64)
    force, moment = total_wrench(needs, origin)
    (linear, angular), (linear_rate, angular_rate) = _along(body, motion, _momentum)
    weight = body.total_mass_kg * GRAVITY_MPS2 * UP
    torch.testing.assert_close(force, linear_rate + weight, rtol=0, atol=1e-10)
    lifted = torch.linalg.cross(center_of_mass(body, pose), weight.expand(5, 3))
    torch.testing.assert_close(moment, angular_rate + lifted, rtol=0, atol=1e-10)
    assert linear.shape == angular.shape


@BODIES
def test_internal_loads_cancel_and_the_roots_take_what_is_external(model):
    """Newton's third law: what a joint gives the child it takes from the parent."""
    body = compile_body(model)
    motion = states(body)
    pose = forward_kinematics(body, motion[0])
    needs = segment_needs(body, pose, exact_rates(body, *motion))
    ground, segments = random_ground(body, pose)
    load = joint_loads(body, pose, needs, ground, segments)
    centers = pose.position + torch.einsum("fsab,sb->fsa", pose.rotation, body.child_position)
    carried = Wrench(load.force, centers, load.moment)
    for place in range(len(body.segment_names)):
        children = [child for child, parent in enumerate(body.parents) if parent == place]
        feet = [foot for foot, segment in enumerate(segments) if int(segment) == place]
        parts = [(carried, [place], 1), (carried, children, -1), (ground, feet, 1), (needs, [place], -1)]
        wrenches = [Wrench(*(sign * part[:, which] for part in whole)) for whole, which, sign in parts]
        points = [whole.point[:, which] for whole, which, _ in parts]
        everything = Wrench(
            torch.cat([wrench.force for wrench in wrenches], dim=1),
            torch.cat(points, dim=1),
            torch.cat([wrench.couple for wrench in wrenches], dim=1),
        )
        force, moment = total_wrench(everything, pose.position[:, place])
        assert force.abs().max() < 1e-10
        assert moment.abs().max() < 1e-10


@BODIES
def test_power_of_generalized_forces_and_ground_is_the_change_of_energy(model):
    body = compile_body(model)
    motion = states(body)
    pose = forward_kinematics(body, motion[0])
    ground, segments = random_ground(body, pose)
    _, torque = internal(body, *motion, ground=(ground, segments))
    (_,), (power,) = _along(body, motion, lambda *state: (_energy(*state),))
    _, moving = jvp(lambda q: forward_kinematics(body, q).position, (motion[0],), (motion[1],))
    still = torch.zeros_like(motion[0])
    spin = exact_rates(body, motion[0], motion[1], still).angular_velocity[:, segments]
    lever = ground.point - pose.position[:, segments]
    velocity = moving[:, segments] + torch.linalg.cross(spin, lever)
    given = (ground.force * velocity).sum(dim=(1, 2)) + (ground.couple * spin).sum(dim=(1, 2))
    torch.testing.assert_close((torque * motion[1]).sum(dim=1) + given, power, rtol=0, atol=1e-8)


@BODIES
def test_generalized_forces_agree_with_lagrange(model):
    """tau = d/dt (dT/dq') - dT/dq + dV/dq, all of it by automatic differentiation of the energies."""
    body = compile_body(model)
    q, v, a = states(body, 1)
    _, torque = internal(body, q, v, a)

    def kinetic(at, moving):
        return _energy(body, at, moving, weight=0.0).sum()

    def pushed(at, moving):
        return torch.func.grad(kinetic, argnums=1)(at, moving)

    _, change = jvp(pushed, (q, v), (v, a))
    potential = torch.func.grad(lambda at: _energy(body, at, torch.zeros_like(at)).sum())(q)
    known = change - torch.func.grad(kinetic)(q, v) + potential
    torch.testing.assert_close(torque, known, rtol=0, atol=1e-10)


def test_a_follower_carries_nothing_itself():
    body = compile_body(walker("spline"))
    _, torque = internal(body, *states(body))
    assert not torque[:, body.follower].any()


@BODIES
def test_finite_differences_agree_with_exact_rates_on_a_smooth_motion(model):
    body = compile_body(model)
    motion = swinging(body, frames=40, sampling_rate_hz=200.0, size=0.15)
    exact = exact_rates(body, *motion)
    found = difference_rates(body, forward_kinematics(body, motion[0]), 200.0)
    for name, known in exact._asdict().items():
        error = (getattr(found, name) - known)[4:-4].abs().max()
        assert error < 5e-4 * known.abs().max(), name


def test_error_of_difference_rates_falls_with_the_sixth_power_of_the_time_step():
    body = compile_body(walker())
    errors = []
    for rate_hz in (50.0, 100.0):
        motion = swinging(body, frames=int(rate_hz), sampling_rate_hz=rate_hz, size=0.1)
        known = exact_rates(body, *motion).center_acceleration
        found = difference_rates(body, forward_kinematics(body, motion[0]), rate_hz).center_acceleration
        errors.append(float((found - known)[4:-4].abs().max()))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(6, abs=0.5)


def test_a_steadily_turning_segment_has_its_angular_velocity_and_no_acceleration():
    body = compile_body(floating())
    time_s = torch.arange(30, dtype=torch.float64) / 100
    coordinates = torch.zeros(30, 6, dtype=torch.float64)
    coordinates[:, body.coordinate("pelvis_tilt")] = 4.0 * time_s
    rates = difference_rates(body, forward_kinematics(body, coordinates), 100.0)
    np.testing.assert_allclose(rates.angular_velocity[3:-3, 0], np.tile([0, 0, 4.0], (24, 1)), atol=1e-7)
    np.testing.assert_allclose(rates.angular_acceleration[3:-3, 0], 0.0, atol=1e-5)


def test_batches_of_trials_keep_their_shape():
    body = compile_body(walker())
    motion = [part.reshape(2, 1, 30, -1) for part in swinging(body)]
    pose = forward_kinematics(body, motion[0])
    rates = difference_rates(body, pose, 100.0)
    assert isinstance(rates, SegmentRates)
    needs = segment_needs(body, pose, rates)
    load = joint_loads(body, pose, needs, *random_ground(body, pose))
    forces = generalized_forces(body, motion[0], joint_axes(body, motion[0], pose), load)
    assert forces.shape == motion[0].shape
    alone = forward_kinematics(body, motion[0][1, 0])
    alone_needs = segment_needs(body, alone, difference_rates(body, alone, 100.0))
    torch.testing.assert_close(needs.force[1, 0], alone_needs.force, rtol=1e-12, atol=1e-9)


def test_too_few_frames_are_refused():
    body = compile_body(walker())
    with pytest.raises(ValueError, match="too few for derivatives in time"):
        difference_rates(body, forward_kinematics(body, torch.zeros(5, 19, dtype=torch.float64)), 100.0)


@BODIES
def test_loads_move_and_turn_with_the_body(model):
    """Shifted and turned about the vertical together with what pushes it, nothing changes but the directions."""
    body = compile_body(model)
    pose = forward_kinematics(body, swinging(body, frames=20)[0])
    ground, segments = random_ground(body, pose)
    turn = torch.tensor(_about_the_vertical(0.7))
    shift = torch.tensor([30.0, 0.0, -12.0], dtype=torch.float64)
    moved = Pose(turn @ pose.rotation, pose.position @ turn.T + shift)
    pushed = Wrench(ground.force @ turn.T, ground.point @ turn.T + shift, ground.couple @ turn.T)
    found = []
    for where, wrench in ((pose, ground), (moved, pushed)):
        needs = segment_needs(body, where, difference_rates(body, where, 100.0))
        found.append(joint_loads(body, where, needs, wrench, segments))
    torch.testing.assert_close(found[1].force, found[0].force @ turn.T, rtol=0, atol=1e-6)
    torch.testing.assert_close(found[1].moment, found[0].moment @ turn.T, rtol=0, atol=1e-6)


def test_exact_rates_keep_to_themselves_that_torch_warns_of_its_own_code(monkeypatch):
    """In a fresh process torch does so once, which no later test could see."""

    def warning_jvp(*arguments):
        warnings.warn("`torch.jit.script` is deprecated. Please switch", DeprecationWarning, stacklevel=2)
        return jvp(*arguments)

    monkeypatch.setattr(dynamics, "jvp", warning_jvp)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exact_rates(compile_body(pendulum()), row(0.1), row(0.2), row(0.3))
        with pytest.raises(DeprecationWarning, match="is deprecated"):
            warning_jvp(torch.sin, (torch.zeros(1),), (torch.ones(1),))


def test_in_a_mirror_left_needs_what_right_needed_exactly():
    body = compile_body(walker("spline"))
    motion = swinging(body, frames=20)[0]
    other = [body.segment(swapped(name)) for name in body.segment_names]
    needs = []
    for coordinates in (motion, mirrored_coordinates(body, motion)):
        pose = forward_kinematics(body, coordinates)
        needs.append(segment_needs(body, pose, difference_rates(body, pose, 100.0)))
    assert torch.equal(needs[1].force, needs[0].force[:, other] @ MIRROR)
    torch.testing.assert_close(needs[1].couple, -needs[0].couple[:, other] @ MIRROR, rtol=0, atol=1e-12)


def test_gradients_of_generalized_forces_agree_with_finite_differences():
    body = compile_body(tangle(3, joints=2))
    motion = states(body, 1)

    def torques(q, v, a):
        pose = forward_kinematics(body, q)
        return internal(body, q, v, a, ground=random_ground(body, pose))[1]

    assert torch.autograd.gradcheck(
        torques, tuple(part.requires_grad_() for part in motion), atol=1e-6, fast_mode=True
    )


def _about_the_vertical(angle):
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])


def _along(body, motion, quantity):
    """A quantity of a body in a state, and its rate along the motion."""
    coordinates, velocities, accelerations = motion

    def at(time_s):
        moved = coordinates + time_s * (velocities + 0.5 * time_s * accelerations)
        return quantity(body, moved, velocities + time_s * accelerations)

    return jvp(at, (torch.zeros((), dtype=torch.float64),), (torch.ones((), dtype=torch.float64),))


def _motion_of_segments(body, coordinates, velocities):
    """Centers, their velocities, inertia tensors in the ground and angular momenta about the centers."""

    def place(q):
        pose = forward_kinematics(body, q)
        return pose.rotation, segment_centers(body, pose)

    (rotation, center), (turning, velocity) = jvp(place, (coordinates,), (velocities,))
    skew = turning @ rotation.mT
    spin = torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], dim=-1)
    inertia = rotation @ body.inertia @ rotation.mT
    return center, velocity, spin, (inertia @ spin[..., None])[..., 0]


def _momentum(body, coordinates, velocities):
    center, velocity, _, own = _motion_of_segments(body, coordinates, velocities)
    linear = body.mass[:, None] * velocity
    return linear.sum(dim=1), (torch.linalg.cross(center, linear) + own).sum(dim=1)


def _energy(body, coordinates, velocities, weight=GRAVITY_MPS2):
    center, velocity, spin, own = _motion_of_segments(body, coordinates, velocities)
    kinetic = 0.5 * (body.mass * (velocity**2).sum(dim=2)).sum(dim=1) + 0.5 * (spin * own).sum(dim=(1, 2))
    return kinetic + weight * (body.mass * center[..., 1]).sum(dim=1)
