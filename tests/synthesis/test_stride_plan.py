from dataclasses import replace

import numpy as np
import pytest

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body_dimensions import body_lengths, leg_length
from gaitbook.synthesis.stance_targets import LAST_PINNED, stance_targets
from gaitbook.synthesis.stride_plan import (
    MOST_GRIP,
    carry_weight,
    dimensionless_speed,
    plan_run,
    plan_walk,
    smooth_step,
    with_grip,
)
from tests.synthesis.walkers import mirrored_plan

PHASE = np.arange(512) / 512
FINE = np.arange(4096) / 4096
WALKS = [carry_weight(plan_walk(speed_mps=speed, height_m=1.7)) for speed in (0.5, 0.9, 1.3, 1.7, 2.1)]
RUNS = [plan_run(speed_mps=speed, height_m=1.7) for speed in (2.0, 3.0, 4.5, 6.0, 9.0)]
MIRROR = np.array([1.0, 1.0, -1.0])


def limping(plan):
    """The same plan with a left foot that lands late, stays shorter and turns out more."""
    return carry_weight(
        replace(
            plan,
            strike=plan.strike + np.array([0.0, 0.01]),
            stance=plan.stance + np.array([0.006, -0.006]),
            toe_out_rad=np.array([0.05, 0.2]),
        )
    )


def spoken(plan):
    return f"{plan.gait}-{plan.speed_mps:g}" + ("-limping" if np.ptp(plan.stance) else "")


WALKING = pytest.mark.parametrize("plan", [*WALKS, limping(WALKS[2])], ids=spoken)
RUNNING = pytest.mark.parametrize("plan", [*RUNS, limping(RUNS[1])], ids=spoken)
ALL = pytest.mark.parametrize("plan", [*WALKS, *RUNS, limping(WALKS[2]), limping(RUNS[1])], ids=spoken)
EVEN = pytest.mark.parametrize("plan", [*WALKS, *RUNS], ids=spoken)


@ALL
def test_shares_sum_to_one_on_the_ground_and_to_nothing_in_flight(plan):
    share, down = plan.load_share(PHASE), plan.is_down(PHASE)
    total = share.sum(axis=1)
    np.testing.assert_allclose(total[down.any(axis=1)], 1.0, atol=1e-15)
    assert not total[~down.any(axis=1)].any()
    assert not share[~down].any()
    assert (share >= 0.0).all()


@WALKING
def test_walkers_always_have_a_foot_down_and_sometimes_both(plan):
    down = plan.is_down(PHASE)
    assert down.any(axis=1).all()
    assert down.all(axis=1).any()


@RUNNING
def test_runners_fly_and_never_have_both_feet_down(plan):
    down = plan.is_down(PHASE)
    assert not down.all(axis=1).any()
    assert (~down.any(axis=1)).sum() > 10


@ALL
def test_feet_are_down_for_their_share_of_the_stride(plan):
    np.testing.assert_allclose(plan.is_down(FINE).mean(axis=0), plan.stance, atol=1e-3)


@ALL
def test_the_force_carries_the_weight_and_neither_drives_nor_brakes(plan):
    mean = plan.force(PHASE).mean(axis=0)
    assert mean[1] == pytest.approx(1.0, abs=1e-12)
    assert mean[0] == pytest.approx(0.0, abs=1e-12)


@EVEN
def test_steps_of_an_even_stride_are_mirror_images(plan):
    force, share = plan.force(PHASE), plan.load_share(PHASE)
    np.testing.assert_allclose(np.roll(force, 256, axis=0), force * MIRROR, atol=1e-9)
    np.testing.assert_allclose(np.roll(share, 256, axis=0), share[:, ::-1], atol=1e-9)
    mirrored = plan.pressure(PHASE)[:, ::-1] * MIRROR
    down = plan.is_down(PHASE)
    np.testing.assert_allclose(np.roll(mirrored, 256, axis=0)[down], plan.pressure(PHASE)[down], atol=1e-9)


@ALL
def test_a_plan_in_a_mirror_has_the_mirrored_force(plan):
    mirrored = mirrored_plan(plan)
    later = np.roll(PHASE, -256) % 1.0
    np.testing.assert_allclose(mirrored.force(PHASE), plan.force(later) * MIRROR, atol=1e-9)
    heels = plan.heels(later)[:, ::-1] * MIRROR
    np.testing.assert_allclose(mirrored.heels(PHASE), heels, atol=1e-12)


@ALL
def test_mirroring_twice_changes_nothing(plan):
    twice = mirrored_plan(mirrored_plan(plan))
    np.testing.assert_allclose(twice.strike, plan.strike, atol=1e-15)
    np.testing.assert_allclose(twice.force(PHASE), plan.force(PHASE), atol=1e-12)


@WALKING
def test_load_is_handed_over_without_jumps(plan):
    """Finer phases, smaller steps: half as large for half the step."""
    coarse, fine = (np.abs(np.diff(plan.load_share(phase), axis=0)).max() for phase in (FINE[::2], FINE))
    assert fine < 0.6 * coarse
    assert fine < 0.05


@WALKING
def test_the_front_foot_takes_over(plan):
    share, stance, down = plan.load_share(FINE), plan.stance_phase(FINE), plan.is_down(FINE)
    for foot, other in ((0, 1), (1, 0)):
        front = np.nonzero(down.all(axis=1) & (stance[:, foot] < stance[:, other]))[0]
        front = front[np.argsort(stance[front, foot])]
        taken = share[front, foot]
        assert (np.diff(taken) >= -1e-12).all()
        assert taken[0] < 0.05
        assert taken[-1] > 0.95


@ALL
def test_heels_move_with_the_belt(plan):
    down = plan.is_down(FINE)
    for foot in (0, 1):
        heel = plan.heels(FINE)[:, foot]
        steps = down[1:, foot] & down[:-1, foot]
        moved = np.diff(heel, axis=0)[steps]
        np.testing.assert_allclose(moved[:, 0], -plan.stride_length_m / 4096, atol=1e-12)
        assert not moved[:, 1:].any()


@ALL
def test_feet_are_a_step_width_apart(plan):
    heels = plan.heels(PHASE)
    np.testing.assert_allclose(heels[:, 0, 2] - heels[:, 1, 2], plan.step_width_m)


@ALL
def test_pressure_stays_within_the_foot(plan):
    offset = plan.pressure(PHASE) - plan.heels(PHASE)
    assert (np.linalg.norm(offset, axis=-1) < plan.foot_length_m).all()
    assert not offset[..., 1].any()


@RUNNING
def test_runners_do_not_ask_for_more_than_grip(plan):
    """Taking the mean out may add a little."""
    force = carry_weight(with_grip(plan)).force(PHASE)
    loaded = force[:, 1] > 0.2
    assert (np.abs(force[loaded, 0]) < 1.1 * MOST_GRIP * force[loaded, 1]).all()


@WALKING
def test_carrying_a_walk_again_changes_nothing(plan):
    np.testing.assert_allclose(carry_weight(plan).force(PHASE), plan.force(PHASE), atol=1e-12)


@RUNNING
def test_carrying_a_run_again_changes_nothing(plan):
    np.testing.assert_allclose(carry_weight(plan).force(PHASE), plan.force(PHASE), atol=1e-6)


def test_longer_strides_take_longer_at_the_same_speed():
    for make in (plan_walk, plan_run):
        usual, longer = (make(speed_mps=2.0, height_m=1.7, stride_length=factor) for factor in (1.0, 1.1))
        assert longer.stride_length_m == pytest.approx(1.1 * usual.stride_length_m)
        assert longer.speed_mps == usual.speed_mps


def test_longer_strides_of_runners_are_longer_flights():
    usual, longer = (plan_run(speed_mps=3.0, height_m=1.7, stride_length=factor) for factor in (1.0, 1.1))
    assert longer.stance * longer.period_s == pytest.approx(usual.stance * usual.period_s)


def test_walkers_keep_their_walk_ratio():
    """Step length over cadence is the same at all speeds, and grows with height."""

    def ratio(plan):
        return 0.5 * plan.stride_length_m / (120.0 / plan.period_s)

    found = [ratio(plan) for plan in WALKS]
    np.testing.assert_allclose(found, found[0], rtol=1e-12)
    assert ratio(plan_walk(speed_mps=1.3, height_m=1.9)) == pytest.approx(found[0] * 1.9 / 1.7)


def test_faster_walkers_stand_for_a_smaller_share():
    assert (np.diff([plan.stance[0] for plan in WALKS]) < 0.0).all()


def test_dimensionless_speed_is_one_where_gravity_cannot_hold_the_leg_down():
    fastest_mps = np.sqrt(GRAVITY_MPS2 * leg_length(body_lengths(1.7)))
    assert dimensionless_speed(fastest_mps, 1.7) == pytest.approx(1.0)


def test_the_smooth_step_has_no_slope_at_its_ends():
    x = np.linspace(-0.5, 1.5, 2001)
    y = smooth_step(x)
    assert y[x <= 0.0].max() == 0.0
    assert y[x >= 1.0].min() == 1.0
    assert smooth_step(np.array([0.5]))[0] == pytest.approx(0.5)
    np.testing.assert_allclose(y + y[::-1], 1.0, atol=1e-12)
    bend = np.diff(y, 2) / (x[1] - x[0]) ** 2
    assert np.abs(np.diff(bend)).max() < 0.1


@ALL
def test_targets_are_the_plans(plan):
    targets, down = stance_targets(plan, PHASE), plan.is_down(PHASE)
    np.testing.assert_array_equal(targets.force, plan.force(PHASE))
    np.testing.assert_array_equal(targets.flight, ~down.any(axis=1))
    assert not targets.pressure[targets.flight].any()
    one = down.sum(axis=1) == 1
    np.testing.assert_allclose(targets.pressure[one], plan.pressure(PHASE)[down & one[:, None]], atol=1e-12)


@ALL
def test_total_pressure_is_between_the_feet(plan):
    targets, places = stance_targets(plan, PHASE), plan.pressure(PHASE)
    both = plan.is_down(PHASE).all(axis=1)
    low, high = places[both].min(axis=1), places[both].max(axis=1)
    assert (targets.pressure[both] >= low - 1e-12).all()
    assert (targets.pressure[both] <= high + 1e-12).all()


@ALL
def test_only_feet_that_are_down_are_held(plan):
    targets = stance_targets(plan, PHASE)
    assert not targets.held[~plan.is_down(PHASE)].any()
    assert targets.held[..., 1].any()


@ALL
def test_held_heels_lie_on_the_floor_and_balls_leave_it_last(plan):
    targets, stance = stance_targets(plan, PHASE), plan.stance_phase(PHASE)
    heel, inside, outside = (targets.held[..., point] for point in range(3))
    assert not targets.point[heel][:, 0, 1].any()
    early = stance < 0.5
    assert not targets.point[..., 1][inside & early].any()
    assert (targets.point[..., 1] >= 0.0).all()
    assert targets.point[..., 1].max() < 0.02
    assert stance[inside].max() < LAST_PINNED
    assert stance[outside].max() < stance[inside].max()


@ALL
def test_held_points_move_with_the_belt(plan):
    targets = stance_targets(plan, FINE)
    for foot in (0, 1):
        for point in (0, 1, 2):
            held = targets.held[:, foot, point]
            steps = held[1:] & held[:-1]
            moved = np.diff(targets.point[:, foot, point], axis=0)[steps][:, [0, 2]]
            np.testing.assert_allclose(moved[:, 0], -plan.stride_length_m / 4096, atol=1e-12)
            np.testing.assert_allclose(moved[:, 1], 0.0, atol=1e-12)


def test_fast_runners_land_on_the_forefoot():
    slow, fast = stance_targets(RUNS[1], PHASE), stance_targets(RUNS[3], PHASE)
    assert slow.held[..., 0].any()
    assert not fast.held[..., 0].any()


@ALL
def test_feet_clear_the_floor_in_swing(plan):
    floor, since = stance_targets(plan, PHASE).floor, plan.since_strike(PHASE) % 1.0
    middle = (since > plan.stance + 0.1) & (since < 0.9)
    assert middle.any()
    assert floor[middle].min() > 0.005
    assert floor.max() < 0.03


@ALL
def test_points_that_are_held_have_no_floor_and_the_others_of_a_foot_that_is_down_do_not_sink(plan):
    targets, down = stance_targets(plan, PHASE), plan.is_down(PHASE)
    held = np.concatenate([targets.held, np.zeros_like(targets.held[..., :1])], axis=-1)
    assert np.isneginf(targets.floor[held]).all()
    free = down[..., None] & ~held
    # the toes bend over the floor
    assert (targets.floor[..., :3][free[..., :3]] >= 0.0).all()
    assert np.isneginf(targets.floor[..., 3][down]).all()
