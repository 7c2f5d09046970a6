import numpy as np
import pytest
import torch

from gaitbook.body_model import IDENTITY, ZERO, Polynomial, Spline
from gaitbook.mechanics.functions import FunctionTable, spline_pieces
from tests.mechanics.bodies import KNEE_SHIFT_X

CUBIC = np.polynomial.Polynomial((0.3, -1.2, 0.7, 0.4))
UNEVEN = np.array([-1.0, -0.7, 0.1, 0.4, 1.5, 2.0])


def evaluated(function, arguments):
    value, slope = FunctionTable([function])(torch.as_tensor(np.asarray(arguments, dtype=float))[:, None])
    return value[:, 0].numpy(), slope[:, 0].numpy()


@pytest.mark.parametrize("count", [4, 5, 6])
def test_a_spline_through_points_of_a_cubic_is_that_cubic(count):
    knots = UNEVEN[:count]
    inside = np.linspace(knots[0], knots[-1], 101)
    value, slope = evaluated(Spline(tuple(knots), tuple(CUBIC(knots))), inside)
    np.testing.assert_allclose(value, CUBIC(inside), atol=1e-13)
    np.testing.assert_allclose(slope, CUBIC.deriv()(inside), atol=1e-12)


def test_a_spline_through_three_points_is_their_parabola():
    parabola = np.polynomial.Polynomial((1.0, 0.5, -2.0))
    inside = np.linspace(-1.0, 0.1, 31)
    value, slope = evaluated(Spline(tuple(UNEVEN[:3]), tuple(parabola(UNEVEN[:3]))), inside)
    np.testing.assert_allclose(value, parabola(inside), atol=1e-13)
    np.testing.assert_allclose(slope, parabola.deriv()(inside), atol=1e-12)


def test_a_spline_through_two_points_is_their_line():
    value, slope = evaluated(Spline((1.0, 3.0), (2.0, -2.0)), [0.0, 1.0, 2.0, 5.0])
    np.testing.assert_allclose(value, [4.0, 2.0, 0.0, -6.0], atol=1e-14)
    np.testing.assert_allclose(slope, -2.0, atol=1e-14)


def test_a_spline_goes_straight_on_beyond_its_ends():
    spline = Spline(tuple(UNEVEN), tuple(np.sin(2 * UNEVEN)))
    (at_left, at_right), (steep_left, steep_right) = evaluated(spline, UNEVEN[[0, -1]])
    value, slope = evaluated(spline, [UNEVEN[0] - 0.8, UNEVEN[-1] + 30.0])
    np.testing.assert_allclose(value, [at_left - 0.8 * steep_left, at_right + 30.0 * steep_right], rtol=1e-13)
    np.testing.assert_allclose(slope, [steep_left, steep_right], rtol=1e-13)


def test_a_spline_meets_its_points_and_is_smooth_there():
    values = np.sin(3 * UNEVEN)
    pieces = spline_pieces(Spline(tuple(UNEVEN), tuple(values)))
    np.testing.assert_allclose(evaluated(Spline(tuple(UNEVEN), tuple(values)), UNEVEN)[0], values, atol=1e-13)
    for order in (0, 1, 2):
        before = [pieces(x - 1e-9, order) for x in UNEVEN[1:-1]]
        after = [pieces(x + 1e-9, order) for x in UNEVEN[1:-1]]
        np.testing.assert_allclose(before, after, atol=1e-6)


def test_third_derivative_at_each_end_is_that_of_the_cubic_through_four_points():
    values = np.cos(2 * UNEVEN)
    pieces = spline_pieces(Spline(tuple(UNEVEN), tuple(values)))
    for part, place in ((slice(4), UNEVEN[0]), (slice(-4, None), UNEVEN[-1])):
        divided = _third_divided_difference(UNEVEN[part], values[part])
        assert pieces(place, 3) == pytest.approx(6 * divided, rel=1e-9)


def test_a_peaked_spline_agrees_with_its_second_derivatives_solved_by_hand():
    """Second derivatives from the three-term equations, with those of the end cubics' third derivatives."""
    x, y = np.arange(5.0), np.array([0.0, 1.0, 0.0, 0.0, 0.0])
    system, right = np.zeros((5, 5)), np.zeros(5)
    system[0, :2], right[0] = (-1, 1), y[3] - 3 * y[2] + 3 * y[1] - y[0]
    system[4, 3:], right[4] = (-1, 1), y[4] - 3 * y[3] + 3 * y[2] - y[1]
    for row in (1, 2, 3):
        system[row, row - 1 : row + 2] = (1, 4, 1)
        right[row] = 6 * (y[row + 1] - 2 * y[row] + y[row - 1])
    bend = np.linalg.solve(system, right)
    middle = (y[:-1] + y[1:]) / 2 - (bend[:-1] + bend[1:]) / 16
    np.testing.assert_allclose(evaluated(Spline(tuple(x), tuple(y)), x[:-1] + 0.5)[0], middle, atol=1e-13)


def test_polynomials_constant_linear_and_higher():
    arguments = np.linspace(-2, 2, 9)
    for function in (ZERO, IDENTITY, Polynomial((0.4,)), Polynomial((1.0, -2.0, 0.0, 0.5, 0.1))):
        known = np.polynomial.Polynomial(function.coefficients)
        value, slope = evaluated(function, arguments)
        np.testing.assert_allclose(value, known(arguments), atol=1e-13)
        np.testing.assert_allclose(slope, known.deriv()(arguments), atol=1e-13)


def test_functions_of_one_table_do_not_disturb_each_other():
    functions = [Polynomial((1.0, 2.0, 3.0)), KNEE_SHIFT_X, Spline((0.0, 1.0), (0.0, 2.0)), ZERO]
    arguments = torch.linspace(-1.0, 3.0, 44, dtype=torch.float64).reshape(11, 4)
    value, slope = FunctionTable(functions)(arguments)
    assert value.shape == slope.shape == (11, 4)
    for place, function in enumerate(functions):
        alone, alone_slope = evaluated(function, arguments[:, place].numpy())
        np.testing.assert_array_equal(value[:, place], alone)
        np.testing.assert_array_equal(slope[:, place], alone_slope)


def test_slopes_are_those_of_automatic_differentiation():
    table = FunctionTable([KNEE_SHIFT_X, Polynomial((0.1, 0.2, 0.3, 0.4)), Spline((0.0, 1.0), (0.0, 2.0))])
    arguments = torch.linspace(-0.5, 2.7, 60, dtype=torch.float64).reshape(20, 3).requires_grad_()
    value, slope = table(arguments)
    (differentiated,) = torch.autograd.grad(value.sum(), arguments)
    torch.testing.assert_close(slope, differentiated, rtol=0, atol=1e-14)
    assert torch.autograd.gradcheck(table, (arguments,), atol=1e-7)


def test_no_function_at_all_gives_empty_results():
    value, slope = FunctionTable([])(torch.zeros(5, 0, dtype=torch.float64))
    assert value.shape == slope.shape == (5, 0)


def _third_divided_difference(x, y):
    if len(x) == 1:
        return y[0]
    return (_third_divided_difference(x[1:], y[1:]) - _third_divided_difference(x[:-1], y[:-1])) / (
        x[-1] - x[0]
    )
