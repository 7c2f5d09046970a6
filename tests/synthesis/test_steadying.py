"""Exact constraints, nothing for nothing, and shifts no larger than needed."""

import numpy as np
import pytest
from scipy import sparse
from scipy.interpolate import BSpline

from gaitbook.synthesis.steadying import (
    least_squares,
    shift_under_pressure,
    shift_vertically,
    spline_matrices,
    turn_trunk,
)

COUNT, STEP_S, DEGREE = 120, 0.01, 5
TIME_S = STEP_S * np.arange(COUNT)
HELD = np.zeros(COUNT, dtype=bool)
HELD[[*range(30, 38), *range(80, 88)]] = True
G_MPS2 = 9.81
ENDS = 20


def spline(coefficients):
    knots = STEP_S * (np.arange(COUNT + 4 + DEGREE + 1) - DEGREE)
    return BSpline(knots, coefficients, DEGREE)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_matrices_are_those_of_a_quintic_spline(order):
    coefficients = np.random.default_rng(0).normal(size=COUNT + 4)
    found = spline_matrices(COUNT, STEP_S)[order] @ coefficients
    known = spline(coefficients)(TIME_S, order)
    np.testing.assert_allclose(found, known, atol=1e-12 * np.abs(known).max())


def test_a_constant_spline_has_no_slope_and_no_bend():
    value, slope, bend = (each @ np.ones(COUNT + 4) for each in spline_matrices(COUNT, STEP_S))
    np.testing.assert_allclose(value, 1.0)
    np.testing.assert_allclose(slope, 0.0, atol=1e-10)
    np.testing.assert_allclose(bend, 0.0, atol=1e-10)


def test_a_straight_spline_has_a_constant_slope():
    value, slope, bend = (each @ (STEP_S * np.arange(COUNT + 4.0)) for each in spline_matrices(COUNT, STEP_S))
    np.testing.assert_allclose(np.diff(value), STEP_S)
    np.testing.assert_allclose(slope, 1.0)
    np.testing.assert_allclose(bend, 0.0, atol=1e-9)


@pytest.fixture
def problem():
    rng = np.random.default_rng(1)
    return (
        sparse.csr_matrix(rng.normal(size=(30, 8))),
        rng.normal(size=30),
        rng.normal(size=(3, 8)),
        rng.normal(size=3),
    )


def test_without_constraints_it_is_the_usual_least_squares(problem):
    rows, wanted, *_ = problem
    known = np.linalg.lstsq(rows.toarray(), wanted, rcond=None)[0]
    np.testing.assert_allclose(least_squares(rows, wanted), known, atol=1e-10)


def test_constraints_are_met_exactly_and_the_rest_is_least(problem):
    rows, wanted, fixed, fixed_at = problem
    found = least_squares(rows, wanted, sparse.csr_matrix(fixed), fixed_at)
    np.testing.assert_allclose(fixed @ found, fixed_at, atol=1e-10)
    # along what the constraints leave free there is no slope
    free = np.linalg.svd(fixed)[2][3:]
    np.testing.assert_allclose(free @ (rows.T @ (rows @ found - wanted)), 0.0, atol=1e-9)


def test_no_constraint_at_all_is_allowed(problem):
    rows, wanted, fixed, fixed_at = problem
    none = least_squares(rows, wanted, sparse.csr_matrix(fixed[:0]), fixed_at[:0])
    np.testing.assert_allclose(none, least_squares(rows, wanted), atol=1e-10)


def under_pressure(away_m, held_mps2, held=HELD, weight=None, planned=0.0):
    vertical = G_MPS2 * (1.0 + 0.3 * np.sin(12.0 * TIME_S))
    weight = np.where(held, 0.0, 1.0) if weight is None else weight
    shift, bend = shift_under_pressure(
        step_s=STEP_S,
        lever_m=np.full(COUNT, 0.95),
        vertical_mps2=vertical,
        away_m=vertical * away_m,
        weight=weight,
        held=held,
        held_mps2=held_mps2,
        planned_mps2=held_mps2,
        planned_weight=np.full(COUNT, planned),
    )
    return shift, bend, away_m + shift - 0.95 * bend / vertical


def test_pressure_that_is_in_place_is_left_alone():
    shift, bend, _ = under_pressure(np.zeros(COUNT), np.zeros(COUNT))
    assert np.abs(shift).max() < 1e-15
    assert np.abs(bend).max() < 1e-12


def test_pressure_comes_nearer_to_its_place():
    away_m = 0.02 * np.sin(9.0 * TIME_S)
    nothing = np.zeros(COUNT, dtype=bool)
    shift, _, left = under_pressure(away_m, np.zeros(COUNT), held=nothing)
    assert np.sqrt((left**2).mean()) < 0.3 * np.sqrt((away_m**2).mean())
    assert np.abs(shift).max() < np.abs(away_m).max()


def test_where_pressure_has_no_weight_it_may_be_anywhere():
    away_m = np.where(TIME_S > 0.6, 0.05, 0.0)
    shift, *_ = under_pressure(away_m, np.zeros(COUNT), HELD & False, weight=np.zeros(COUNT))
    assert np.abs(shift).max() < 1e-15


def test_given_accelerations_are_met_exactly():
    rng = np.random.default_rng(2)
    held_mps2 = 0.5 * rng.normal(size=COUNT)
    _, bend, _ = under_pressure(0.005 * np.sin(9.0 * TIME_S), held_mps2)
    np.testing.assert_allclose(bend[HELD], held_mps2[HELD], atol=1e-9)
    _, bend = shift_vertically(step_s=STEP_S, held=HELD, held_mps2=held_mps2, spread_mps2=0.3)
    np.testing.assert_allclose(bend[HELD], held_mps2[HELD], atol=1e-9)


def test_the_planned_force_is_neared_the_more_it_weighs():
    planned_mps2 = 0.3 * np.sin(25.0 * TIME_S)
    apart = [
        np.abs(
            under_pressure(np.zeros(COUNT), planned_mps2, HELD & False, planned=planned)[1] - planned_mps2
        ).max()
        for planned in (0.0, 100.0, 10000.0)
    ]
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 0.1 * apart[0]


def test_nothing_to_meet_vertically_is_no_shift():
    for part in shift_vertically(step_s=STEP_S, held=HELD, held_mps2=np.zeros(COUNT), spread_mps2=0.3):
        assert np.abs(part).max() < 1e-12


def test_shifts_are_linear_in_what_is_wrong():
    rng = np.random.default_rng(3)
    away_m, held_mps2 = 0.005 * np.sin(9.0 * TIME_S), 0.2 * rng.normal(size=COUNT)
    once, twice = (under_pressure(size * away_m, size * held_mps2)[0] for size in (1.0, 2.0))
    np.testing.assert_allclose(twice, 2.0 * once, atol=1e-9)


def test_accelerations_are_those_of_the_shift():
    held_mps2 = 0.5 * np.sin(20.0 * TIME_S)
    shift, bend, _ = under_pressure(0.01 * np.sin(9.0 * TIME_S), held_mps2)
    second = np.diff(shift, 2) / STEP_S**2
    # a spline's second difference is its bend, averaged over the neighbors
    smooth = (bend[:-2] + 10.0 * bend[1:-1] + bend[2:]) / 12.0
    # at the ends of a spline its values are free to alternate
    assert np.abs(second - smooth)[ENDS:-ENDS].max() < 0.05 * np.abs(bend).max()


def momentum(seed=4):
    """Slowly changing angular momentum per turn of a heavy trunk, (time, axis, turn), and its rate."""
    base = np.diag([3.0, 4.0, 1.5]) + 0.3 * np.random.default_rng(seed).normal(size=(3, 3))
    wave = 1.0 + 0.1 * np.sin(5.0 * TIME_S)[:, None, None]
    return base * wave, base * 0.5 * np.cos(5.0 * TIME_S)[:, None, None]


def test_the_trunk_takes_out_exactly_the_moment_that_is_asked():
    matrix, rate = momentum()
    wanted = 5.0 * np.random.default_rng(5).normal(size=(COUNT, 3))
    turns, slope, bend = turn_trunk(
        step_s=STEP_S, inertia=matrix, drag=rate, stiffness=5.0 * rate, held=HELD, wanted=wanted
    )
    change = sum(
        np.einsum("fat,ft->fa", weight, part)
        for weight, part in ((matrix, bend), (rate, slope), (5.0 * rate, turns))
    )
    np.testing.assert_allclose(change[HELD], wanted[HELD], atol=1e-8)
    assert turns.shape == slope.shape == bend.shape == (COUNT, 3)


def test_the_trunk_is_left_alone_when_nothing_is_asked():
    matrix, rate = momentum()
    for part in turn_trunk(
        step_s=STEP_S, inertia=matrix, drag=rate, stiffness=rate, held=HELD, wanted=np.zeros((COUNT, 3))
    ):
        assert np.abs(part).max() < 1e-12
