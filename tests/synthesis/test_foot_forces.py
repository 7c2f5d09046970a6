"""The force of each foot: exact sum, nothing in swing, a smooth hand-over, and the plan where the plan is met."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gaitbook.synthesis.balanced_motion import pressure_places
from gaitbook.synthesis.foot_forces import LEAST_SHARE_OF_WEIGHT, share_between_feet
from gaitbook.synthesis.stride_plan import carry_weight, plan_run, plan_walk
from tests.synthesis.walkers import RUNS, WALKS, mirrored_manner, mirrored_series, record, recorded, solved

CASES = (*WALKS, *RUNS)
ALL = pytest.mark.parametrize("case", CASES, ids=str)
WALKING = pytest.mark.parametrize("case", WALKS, ids=str)
PHASE = np.arange(1000) / 1000
WEIGHT_N = 700.0
PLANS = [
    carry_weight(plan_walk(speed_mps=1.3, height_m=1.7)),
    carry_weight(plan_walk(speed_mps=1.9, height_m=1.7)),
    plan_run(speed_mps=3.0, height_m=1.7),
]
PLANNED = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.gait}-{plan.speed_mps}")


def as_planned(plan, phase=PHASE, aside_m=(0.0, 0.0, 0.0), free_nm=0.0):
    """Feet from exactly the planned force at the planned pressure, which may lie aside of it."""
    places, force = plan.pressure(phase), WEIGHT_N * plan.force(phase)
    total = (places * plan.load_share(phase)[..., None]).sum(axis=1) + aside_m
    moment = np.cross(total, force)
    moment[:, 1] += free_nm
    feet = share_between_feet(plan, phase, places, force=force, moment=moment, weight_n=WEIGHT_N)
    return SimpleNamespace(feet=feet, force=force, moment=moment, places=places)


def moments(feet):
    found = np.cross(np.nan_to_num(feet.pressure), feet.force).sum(axis=1)
    found[:, 1] += feet.free_moment.sum(axis=1)
    return found


@ALL
def test_feet_sum_to_the_force_of_the_motion(case):
    each = recorded(*case)
    np.testing.assert_allclose(each.feet.force.sum(axis=1), each.motion.force, atol=1e-9 * each.weight_n)


@ALL
def test_feet_sum_to_the_moment_of_the_motion_where_there_is_force(case):
    each = recorded(*case)
    loaded = each.motion.force[:, 1] > LEAST_SHARE_OF_WEIGHT * each.weight_n
    assert loaded.mean() > 0.4
    apart = np.abs(moments(each.feet) - each.motion.moment)[loaded]
    assert apart.max() < 1e-9 * each.weight_n


@ALL
def test_feet_in_the_air_have_no_force_and_no_place(case):
    feet = recorded(*case).feet
    air = ~feet.in_contact
    assert air.any()
    assert not feet.force[air].any()
    assert not feet.free_moment[air].any()
    assert np.isnan(feet.pressure[air]).all()
    assert np.isfinite(feet.pressure[~air]).all()


@ALL
def test_feet_never_pull(case):
    assert recorded(*case).feet.force[..., 1].min() >= 0.0


@ALL
def test_contact_is_the_plans(case):
    each = recorded(*case)
    np.testing.assert_array_equal(each.feet.in_contact, each.plan.is_down(each.path.phase))


@ALL
def test_pressure_is_on_the_floor_and_as_far_from_its_plan_as_told(case):
    each = recorded(*case)
    feet, places = each.feet, pressure_places(each.plan, each.path)
    assert not np.nan_to_num(feet.pressure)[..., 1].any()
    away = np.linalg.norm(feet.pressure - places, axis=-1)
    for foot in (0, 1):
        down = feet.in_contact[:, foot]
        np.testing.assert_allclose(away[down, foot], feet.shift[down], atol=1e-12)


@WALKING
def test_load_goes_from_foot_to_foot_without_jumps(case):
    """Finer samples, smaller steps of the force."""
    coarse, fine = (recorded(*case, rate_hz=rate_hz, duration_s=1.6) for rate_hz in (200.0, 400.0))
    jump = [np.abs(np.diff(each.feet.force[..., 1], axis=0)).max() for each in (coarse, fine)]
    assert jump[1] < 0.7 * jump[0]
    assert jump[1] < 0.1 * coarse.weight_n


@WALKING
def test_a_foot_alone_carries_everything(case):
    each = recorded(*case)
    one = each.feet.in_contact.sum(axis=1) == 1
    carried = each.feet.force[one][each.feet.in_contact[one]]
    np.testing.assert_allclose(carried, each.motion.force[one], atol=1e-9 * each.weight_n)


@WALKING
def test_in_double_support_the_rear_foot_drives_and_the_front_foot_brakes(case):
    each = recorded(*case)
    stance, both = each.plan.stance_phase(each.path.phase), each.feet.in_contact.all(axis=1)
    rows = np.nonzero(both)[0]
    rear = stance[rows].argmax(axis=1)
    forward = each.feet.force[rows, :, 0]
    assert forward[np.arange(len(rows)), rear].mean() > 0.02 * each.weight_n
    assert forward[np.arange(len(rows)), 1 - rear].mean() < -0.01 * each.weight_n


@PLANNED
def test_what_was_planned_is_given(plan):
    """The hand-over is held to ramps of its own, a little."""
    given = as_planned(plan)
    share = plan.load_share(PHASE)
    np.testing.assert_allclose(given.feet.force[..., 1], share * given.force[:, 1:2], atol=0.03 * WEIGHT_N)
    np.testing.assert_allclose(given.feet.force.sum(axis=1), given.force, atol=1e-9 * WEIGHT_N)
    one = plan.is_down(PHASE).sum(axis=1) == 1
    assert given.feet.shift[one].max() < 1e-9
    assert given.feet.shift.max() < 0.02
    assert np.abs(given.feet.free_moment[one]).max() < 1e-9 * WEIGHT_N


@PLANNED
def test_pressure_that_is_aside_moves_that_of_the_foot(plan):
    aside_m = np.array([0.004, 0.0, -0.003])
    given = as_planned(plan, aside_m=aside_m)
    one = (plan.is_down(PHASE).sum(axis=1) == 1) & (given.force[:, 1] > LEAST_SHARE_OF_WEIGHT * WEIGHT_N)
    assert given.feet.shift[one] == pytest.approx(np.linalg.norm(aside_m))
    moved = (given.feet.pressure - given.places)[one][plan.is_down(PHASE)[one]]
    np.testing.assert_allclose(moved, np.broadcast_to(aside_m, moved.shape), atol=1e-12)


@PLANNED
def test_a_moment_about_the_vertical_is_given_in_whole(plan):
    """By twisting of the foot that stands alone; by twisting less, and driving and braking, of both."""
    free_nm = 3.0
    given = as_planned(plan, free_nm=free_nm)
    loaded = given.force[:, 1] > LEAST_SHARE_OF_WEIGHT * WEIGHT_N
    np.testing.assert_allclose(moments(given.feet)[loaded], given.moment[loaded], atol=1e-9 * WEIGHT_N)
    down = plan.is_down(PHASE)
    one, both = (loaded & (down.sum(axis=1) == count) for count in (1, 2))
    np.testing.assert_allclose(given.feet.free_moment.sum(axis=1)[one], free_nm, atol=1e-9)
    without = as_planned(plan).feet.free_moment
    assert (np.abs(given.feet.free_moment - without).sum(axis=1)[both] <= free_nm + 1e-9).all()


@PLANNED
def test_feet_are_alike_in_a_mirror(plan):
    feet = as_planned(plan).feet
    later = np.roll(feet.force[:, ::-1], 500, axis=0) * [1, 1, -1]
    np.testing.assert_allclose(later, feet.force, atol=1e-7 * WEIGHT_N)


@pytest.mark.parametrize("case", [WALKS[0], RUNS[0]], ids=str)
def test_a_person_in_a_mirror_pushes_in_a_mirror(case):
    """Half a stride later, in the middle of a recording of strides that are all alike."""
    own, samples = solved(*case), 160
    seen = replace(
        own,
        manner=mirrored_manner(own.manner),
        projected=replace(own.projected, coefficients=mirrored_series(own.projected.coefficients)),
    )
    period_s = float(own.manner.plan.period_s)
    options = {"duration_s": 5.0 * period_s, "sampling_rate_hz": samples / period_s, "variability": 0.0}
    here, there = (record(each, each.course(**options)) for each in (own, seen))
    middle = slice(2 * samples, 3 * samples)
    later = slice(2 * samples + samples // 2, 3 * samples + samples // 2)
    np.testing.assert_array_equal(there.feet.in_contact[middle], here.feet.in_contact[later][:, ::-1])
    force = here.feet.force[later][:, ::-1] * [1, 1, -1]
    np.testing.assert_allclose(there.feet.force[middle], force, atol=2e-3 * here.weight_n)
    place = (here.feet.pressure[later][:, ::-1] * [1, 1, -1])[there.feet.in_contact[middle]]
    np.testing.assert_allclose(there.feet.pressure[middle][there.feet.in_contact[middle]], place, atol=2e-3)
    height = here.soles[later][:, ::-1, :, 1]
    np.testing.assert_allclose(there.soles[middle][..., 1], height, atol=1e-3)


def test_twice_the_weight_has_twice_the_force():
    plan = PLANS[0]
    places, force = plan.pressure(PHASE), WEIGHT_N * plan.force(PHASE)
    moment = np.cross((places * plan.load_share(PHASE)[..., None]).sum(axis=1), force)
    light, heavy = (
        share_between_feet(
            plan, PHASE, places, force=factor * force, moment=factor * moment, weight_n=factor * WEIGHT_N
        )
        for factor in (1.0, 2.0)
    )
    np.testing.assert_allclose(heavy.force, 2.0 * light.force, atol=1e-9)
    np.testing.assert_allclose(heavy.pressure, light.pressure, atol=1e-12)
