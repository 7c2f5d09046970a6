"""Motion and force over many strides: true derivatives, Newton and Euler, no force in flight, and small corrections."""

import numpy as np
import pytest
import torch

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.differences import time_derivatives
from gaitbook.mechanics.dynamics import GRAVITY
from gaitbook.mechanics.kinematics import center_of_mass, forward_kinematics
from gaitbook.mechanics.momentum import momentum_matrix
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.balanced_motion import (
    EDGE_BW,
    TRANSLATIONS,
    TRUNK,
    balance,
    is_edge,
    needed_wrench,
    planned_pressure,
)
from gaitbook.synthesis.walker_coordinates import LAYOUT, body_rows
from tests.synthesis.walkers import RUNS, WALKS, recorded

CASES = (*WALKS, *RUNS)
ALL = pytest.mark.parametrize("case", CASES, ids=str)
EACH = pytest.mark.parametrize("case", [WALKS[0], RUNS[0]], ids=str)
RUNNERS = pytest.mark.parametrize("case", RUNS, ids=str)
FINE_HZ = 400.0


@pytest.fixture(autouse=True)
def quick():
    with one_thread():
        yield


def fine(case):
    return recorded(*case, rate_hz=FINE_HZ, duration_s=1.6)


def raw_rows(case, **options):
    each = recorded(*case, **options)
    path = each.path
    return [
        body_rows(each.body, values, held=order == 0)
        for order, values in enumerate((path.value, path.rate, path.acceleration))
    ]


@ALL
def test_the_force_is_that_of_the_accelerations(case):
    """Computed anew from the coordinates and their rates."""
    each = recorded(*case)
    again = needed_wrench(
        each.body, each.motion.coordinates, each.motion.velocities, each.motion.accelerations
    )
    np.testing.assert_allclose(each.motion.force, again.force, atol=1e-8 * each.weight_n)
    np.testing.assert_allclose(each.motion.moment, again.moment, atol=1e-8 * each.weight_n)
    np.testing.assert_allclose(each.motion.center, again.center, atol=1e-12)


@EACH
def test_the_force_is_mass_times_acceleration_less_gravity(case):
    """Of the center of mass, by differences of where it is."""
    rows = raw_rows(case, rate_hz=FINE_HZ, duration_s=1.6)
    body = recorded(*case).body
    motion = needed_wrench(body, *rows)
    _, acceleration = time_derivatives(torch.as_tensor(motion.center), FINE_HZ, dim=0)
    known = body.total_mass_kg * (acceleration.numpy() - np.array(GRAVITY))
    weight_n = body.total_mass_kg * GRAVITY_MPS2
    np.testing.assert_allclose(motion.force[8:-8], known[8:-8], atol=1e-4 * weight_n)


@EACH
def test_the_moment_is_the_rate_of_angular_momentum(case):
    rows = raw_rows(case, rate_hz=FINE_HZ, duration_s=1.6)
    body = recorded(*case).body
    matrix = momentum_matrix(body, rows[0], forward_kinematics(body, rows[0]))
    momentum = torch.einsum("fac,fc->fa", matrix.angular, rows[1])
    rate, _ = time_derivatives(momentum, FINE_HZ, dim=0)
    motion = needed_wrench(body, *rows)
    scale = np.abs(motion.momentum_rate).max()
    np.testing.assert_allclose(motion.momentum_rate[8:-8], rate.numpy()[8:-8], atol=2e-3 * scale)


def derivative_errors(case, **options):
    """Largest differences of velocities and accelerations from those of the coordinates, as shares of the largest."""
    each = recorded(*case, **options)
    velocity, acceleration = time_derivatives(each.motion.coordinates, options["rate_hz"], dim=0)
    errors = []
    for own, known in ((each.motion.velocities, velocity), (each.motion.accelerations, acceleration)):
        scale = known[8:-8].abs().amax(dim=0).clamp(min=1e-3)
        errors.append(((own - known).abs() / scale).numpy())
    return errors


@ALL
def test_rates_are_the_derivatives_of_the_motion(case):
    for error in derivative_errors(case, rate_hz=FINE_HZ, duration_s=1.6):
        assert error[4:-4].max() < 0.03


@ALL
def test_nothing_but_trunk_and_pelvis_is_moved_to_keep_balance(case):
    each = recorded(*case)
    before = raw_rows(case)[0]
    free = [each.body.coordinate(name) for name in (*TRANSLATIONS, *TRUNK)]
    moved = (each.motion.coordinates - before).abs()
    others = torch.ones(moved.shape[1], dtype=torch.bool)
    others[free] = False
    assert not moved[:, others].any()
    if not each.plan.is_run:
        assert not moved[:, [each.body.coordinate(name) for name in TRUNK]].any()


@pytest.mark.parametrize(("cases", "shift_m", "turn_rad"), [(WALKS, 0.01, 0.0), (RUNS, 0.02, 0.1)])
def test_corrections_are_small(cases, shift_m, turn_rad):
    for case in cases:
        each = recorded(*case)
        moved = (each.motion.coordinates - raw_rows(case)[0]).abs()
        assert moved[:, [each.body.coordinate(name) for name in TRANSLATIONS]].max() < shift_m
        assert moved[:, [each.body.coordinate(name) for name in TRUNK]].max() <= turn_rad


@ALL
def test_steadying_brings_the_pressure_nearer_to_its_plan(case):
    """Root mean square of what the moment is away from the planned pressure, where a foot is loaded."""
    each = recorded(*case)
    body, plan, path = each.body, each.plan, each.path
    raw = balance(body, plan, path, steadied=False)
    target, loaded = planned_pressure(plan, path), ~is_edge(plan, path.phase)
    away = [
        (motion.moment - np.cross(target, motion.force))[loaded][:, [0, 2]] for motion in (raw, each.motion)
    ]
    before, after = (np.sqrt((part**2).mean()) for part in away)
    assert after < 0.6 * before


@pytest.mark.parametrize("case", WALKS, ids=str)
def test_a_walk_without_steadying_is_the_course_itself(case):
    each = recorded(*case)
    motion = balance(each.body, each.plan, each.path, steadied=False)
    np.testing.assert_array_equal(motion.coordinates.numpy(), raw_rows(case)[0].numpy())


@RUNNERS
def test_in_flight_there_is_no_force_and_no_moment(case):
    each = recorded(*case)
    flying = ~each.plan.is_down(each.path.phase).any(axis=1)
    assert flying.mean() > 0.1
    assert np.abs(each.motion.force[flying]).max() < 1e-6 * each.weight_n
    assert np.abs(each.motion.momentum_rate[flying]).max() < 1e-4 * each.weight_n


@RUNNERS
def test_flight_is_a_throw(case):
    """The center of mass falls freely, by differences of where it is."""
    each = fine(case)
    flying = ~each.plan.is_down(each.path.phase).any(axis=1)
    center = center_of_mass(each.body, forward_kinematics(each.body, each.motion.coordinates)).numpy()
    second = np.diff(center, 2, axis=0) * FINE_HZ**2
    inside = flying[:-2] & flying[1:-1] & flying[2:]
    assert inside.sum() > 40
    fall = second[inside] - [0.0, -GRAVITY_MPS2, 0.0]
    assert np.sqrt((fall**2).mean()) < 0.02 * GRAVITY_MPS2


@RUNNERS
def test_at_the_edges_of_contact_the_force_is_the_planned_one(case):
    each = recorded(*case)
    planned, edge = each.plan.force(each.path.phase), is_edge(each.plan, each.path.phase)
    assert (planned[edge, 1] < EDGE_BW).all()
    np.testing.assert_allclose(each.motion.force[edge] / each.weight_n, planned[edge], atol=1e-6)


@RUNNERS
def test_force_never_pulls_and_comes_and_goes_without_jumps(case):
    coarse, smooth = (recorded(*case, rate_hz=rate_hz, duration_s=1.6) for rate_hz in (200.0, FINE_HZ))
    assert fine(case).motion.force[:, 1].min() > -1e-6 * coarse.weight_n
    jump = [np.abs(np.diff(each.motion.force, axis=0)).max() for each in (coarse, smooth)]
    assert jump[1] < 0.75 * jump[0]


@EACH
def test_the_sampling_rate_does_not_change_the_motion(case):
    coarse, smooth = (recorded(*case, rate_hz=rate_hz, duration_s=1.6) for rate_hz in (200.0, FINE_HZ))
    apart = (coarse.motion.coordinates - smooth.motion.coordinates[::2]).abs()
    assert apart.max() < 2e-3
    force = np.abs(coarse.motion.force - smooth.motion.force[::2]) / coarse.weight_n
    assert force.max() < 0.05


@ALL
def test_over_whole_strides_the_force_carries_the_weight(case):
    """In the middle of a recording whose strides are whole numbers of samples: but for the speed that is gained."""
    period_s, count = float(recorded(*case).plan.period_s), 160
    each = recorded(*case, variability=0.0, rate_hz=count / period_s, duration_s=5.0 * period_s)
    mean = each.motion.force[2 * count : 3 * count].mean(axis=0) / each.weight_n
    places = [each.body.coordinate(name) for name in TRANSLATIONS]
    speed = each.motion.velocities[[2 * count, 3 * count]][:, places].numpy()
    gained = (speed[1] - speed[0]) / (period_s * GRAVITY_MPS2)
    np.testing.assert_allclose(mean - gained, [0.0, 1.0, 0.0], atol=1e-7)
    assert np.abs(gained).max() < 1e-4


@ALL
def test_joints_stay_where_joints_can_be(case):
    each = recorded(*case)
    for name in ("knee_angle_r", "knee_angle_l"):
        assert np.rad2deg(each.motion.coordinates[:, each.body.coordinate(name)].numpy()).min() > -8.0
    assert set(LAYOUT.names) <= set(each.body.coordinate_names)
