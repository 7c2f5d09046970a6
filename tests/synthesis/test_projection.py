"""The balanced motion nearest to a reference: it balances, it stays, it mirrors, and it follows its reference."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.archetypes import GRID_MPS, HEIGHT_M, average_correction
from gaitbook.synthesis.balanced_motion import needed_wrench
from gaitbook.synthesis.manner import place_over_feet
from gaitbook.synthesis.periodic import fourier_matrix
from gaitbook.synthesis.projection import project
from gaitbook.synthesis.stance_targets import stance_targets
from gaitbook.synthesis.walker_coordinates import LAYOUT, body_rows, spreads
from tests.synthesis.walkers import (
    AVERAGE,
    RUNS,
    WALKS,
    average_body,
    average_manner,
    average_stride,
    converged,
    mirrored_manner,
    mirrored_series,
    solved,
)

PHASE = np.arange(128) / 128
AVERAGES = (("walk", 1.2), ("run", 3.4))
GAITS = pytest.mark.parametrize(("gait", "speed_mps"), AVERAGES)


@pytest.fixture(autouse=True)
def quick():
    with one_thread():
        yield


def motion_of(body, plan, coefficients):
    rows = [
        body_rows(body, LAYOUT.evaluate(coefficients, PHASE, order) / plan.period_s**order, held=order == 0)
        for order in range(3)
    ]
    return needed_wrench(body, *rows)


def away(body, plan, coefficients):
    """Largest faults of a stride: force (BW), pressure where half the weight is borne (m), moment in flight (BW m)."""
    motion, targets = motion_of(body, plan, coefficients), stance_targets(plan, PHASE)
    weight_n = body.total_mass_kg * GRAVITY_MPS2
    force = np.abs(motion.force / weight_n - targets.force).max()
    loaded = targets.force[:, 1] > 0.5
    upward = motion.force[loaded, 1]
    pressure = np.stack([motion.moment[loaded, 2] / upward, -motion.moment[loaded, 0] / upward], axis=1)
    apart = np.abs(pressure - targets.pressure[loaded][:, [0, 2]]).max()
    flying = np.abs(motion.momentum_rate[targets.flight]).max(initial=0.0) / weight_n
    return np.array([force, apart, flying])


def cost(coefficients, reference):
    """How far from the reference, in standard deviations per coefficient."""
    return np.sqrt((((coefficients - reference) / spreads()) ** 2).mean())


@GAITS
def test_the_projection_balances_what_the_reference_does_not(gait, speed_mps):
    stride = average_stride(gait, speed_mps)
    before = away(stride.body, stride.plan, stride.reference)
    after = away(stride.body, stride.plan, stride.projected.coefficients)
    assert before[0] > 0.2
    assert before[1] > 0.05
    assert after[0] < 0.08
    assert after[1] < 0.02
    assert after[2] < 0.01


@GAITS
def test_the_balanced_motion_is_near_its_reference(gait, speed_mps):
    stride = average_stride(gait, speed_mps)
    assert cost(stride.projected.coefficients, stride.reference) < 1.0


@GAITS
def test_what_is_solved_stays(gait, speed_mps):
    """More steps from the solution lead nowhere."""
    stride = average_stride(gait, speed_mps)
    found = stride.projected.coefficients
    again = project(stride.body, stride.plan, stride.reference, start=found).coefficients
    assert np.abs((again - found) / spreads()).max() < 0.02


@GAITS
def test_the_solver_stops_near_the_solution(gait, speed_mps):
    stride = average_stride(gait, speed_mps)
    stopped = project(stride.body, stride.plan, stride.reference, most_steps=10).coefficients
    assert np.abs((stopped - stride.projected.coefficients) / spreads()).max() < 0.2


@GAITS
def test_where_the_solver_starts_does_not_matter(gait, speed_mps):
    stride = average_stride(gait, speed_mps)
    found = stride.projected.coefficients
    nudge = 0.3 * spreads() * np.random.default_rng(0).normal(size=LAYOUT.size)
    other = converged(stride.body, stride.plan, stride.reference, found + nudge).coefficients
    assert np.abs((other - found) / spreads()).max() < 0.02


@GAITS
def test_a_balanced_motion_projected_again_stays_nearly_what_it_is(gait, speed_mps):
    """It gives up a little more of what it had kept of its reference, as `follow` foretells, and balances no worse."""
    stride = average_stride(gait, speed_mps)
    plan, found = stride.plan, stride.projected.coefficients
    once = found - stride.reference
    twice = converged(stride.body, plan, found).coefficients - found
    foretold = stride.projected.follow(once[None])[0]
    assert np.linalg.norm(twice / spreads()) < 0.5 * np.linalg.norm(once / spreads())
    assert np.linalg.norm((twice - foretold) / spreads()) < 0.3 * np.linalg.norm(foretold / spreads())
    assert (away(stride.body, plan, found + twice) <= 1.1 * away(stride.body, plan, found)).all()


@GAITS
def test_an_even_plan_and_reference_give_an_even_motion(gait, speed_mps):
    found = average_stride(gait, speed_mps).projected.coefficients
    assert np.abs((mirrored_series(found) - found) / spreads()).max() < 0.02


@pytest.mark.parametrize("case", [WALKS[0], RUNS[0]], ids=str)
def test_a_person_in_a_mirror_moves_in_a_mirror(case):
    stride = solved(*case)
    body, mirrored = stride.body, mirrored_manner(stride.manner)
    own, seen = (place_over_feet(body, each) for each in (stride.manner, mirrored))
    np.testing.assert_allclose(seen, mirrored_series(own), atol=1e-9)
    found, image = (
        converged(body, each.plan, reference).coefficients
        for each, reference in ((stride.manner, own), (mirrored, seen))
    )
    assert np.abs((mirrored_series(found) - image) / spreads()).max() < 0.02


@GAITS
@pytest.mark.parametrize(
    ("name", "size"),
    [("knee_angle_r", 0.05), ("lumbar_bending", 0.04), ("arm_flex_l", 0.1), ("hip_adduction_l", 0.02)],
)
def test_the_solution_follows_its_reference(gait, speed_mps, name, size):
    """As it does when it is solved anew, but for what Gauss and Newton leave out."""
    stride = average_stride(gait, speed_mps)
    plan, reference, found = stride.plan, stride.reference, stride.projected
    change = np.zeros(LAYOUT.size)
    start = LAYOUT.part(name).start
    change[start : start + 3] = size * np.array([0.3, -0.8, 0.5])
    solutions = [
        project(
            stride.body,
            plan,
            reference + sign * change,
            start=found.coefficients + sign * change,
            most_steps=8,
        ).coefficients
        for sign in (1.0, -1.0)
    ]
    known = 0.5 * (solutions[0] - solutions[1]) / spreads()
    followed = found.follow(change[None])[0] / spreads()
    assert np.linalg.norm(followed - known) < 0.3 * np.linalg.norm(known)


def test_following_is_linear_and_never_goes_farther():
    found = average_stride("walk", 1.2).projected
    changes = spreads() * np.random.default_rng(1).normal(size=(3, LAYOUT.size))
    followed = found.follow(changes)
    np.testing.assert_allclose(
        found.follow(2.0 * changes[:1] - changes[1:2])[0],
        2.0 * followed[0] - followed[1],
        rtol=1e-3,
        atol=1e-4,
    )
    # a projection shortens, measured in its own spreads
    length = np.linalg.norm(followed / spreads(), axis=1)
    assert (length < np.linalg.norm(changes / spreads(), axis=1)).all()


def test_following_nothing_is_nothing():
    found = average_stride("walk", 1.2).projected
    assert not found.follow(np.zeros((2, LAYOUT.size))).any()


@GAITS
def test_the_factor_is_that_of_a_positive_matrix_above_one(gait, speed_mps):
    """The reference alone gives the unit matrix."""
    factor = average_stride(gait, speed_mps).projected.factor.double()
    assert (factor.diagonal() >= 1.0 - 1e-4).all()
    assert torch.equal(factor, factor.tril())


def test_heavier_pushes_are_followed():
    """A plan with a higher second peak is answered by a force with a higher second peak."""
    stride = average_stride("walk", 1.2)
    plan, reference, found = stride.plan, stride.reference, stride.projected.coefficients
    total = plan.total_vertical.copy()
    total[[3, 4]] += 0.05
    other = replace(plan, total_vertical=total)
    pushed = converged(stride.body, other, reference, found).coefficients
    force = [motion_of(stride.body, plan, each).force[:, 1] for each in (found, pushed)]
    change = (force[1] - force[0]) / (stride.body.total_mass_kg * GRAVITY_MPS2)
    wanted = fourier_matrix(PHASE, len(total) // 2) @ (total - plan.total_vertical)
    assert np.corrcoef(change, wanted)[0, 1] > 0.97
    assert change @ wanted / (wanted @ wanted) == pytest.approx(0.9, abs=0.15)


# --- where the solver starts


@GAITS
def test_the_average_adult_starts_at_the_solution(gait, speed_mps):
    assert speed_mps in GRID_MPS[gait]
    assert AVERAGE["height_m"] == HEIGHT_M
    body, manner = average_body(), average_manner(gait, speed_mps)
    reference = place_over_feet(body, manner)
    start = reference + average_correction(gait, speed_mps, HEIGHT_M)
    found = project(body, manner.plan, reference, start=start).coefficients
    assert np.abs((found - start) / spreads()).max() < 0.2


@GAITS
def test_the_start_changes_steadily_with_speed(gait, speed_mps):
    before, here, after = (
        average_correction(gait, speed_mps + change, HEIGHT_M) for change in (-1e-6, 0.0, 1e-6)
    )
    assert np.abs((after - before) / spreads()).max() < 1e-3
    np.testing.assert_allclose(0.5 * (before + after), here, atol=1e-5)


def test_beyond_the_grid_the_start_is_that_of_its_end():
    for height_m in (1.5, 1.9):
        slow, slower = (average_correction("walk", speed_mps, height_m) for speed_mps in (0.3, 0.35))
        np.testing.assert_array_equal(slow, slower)


def test_taller_people_start_with_longer_shifts_of_the_pelvis():
    small, tall = (average_correction("run", 3.4, height_m) for height_m in (1.5, 1.8))
    part = LAYOUT.part("pelvis_tx")
    np.testing.assert_allclose(tall[part], 1.2 * small[part])
    np.testing.assert_array_equal(tall[LAYOUT.part("knee_angle_r")], small[LAYOUT.part("knee_angle_r")])
