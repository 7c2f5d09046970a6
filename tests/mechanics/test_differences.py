import numpy as np
import pytest
import torch

from gaitbook.mechanics.differences import time_derivatives


@pytest.mark.parametrize("degree", range(7))
@pytest.mark.parametrize("frames", [7, 8, 31])
def test_polynomials_are_exact_up_to_the_sixth_degree_inside_and_the_third_at_both_ends(degree, frames):
    rate_hz = 10.0
    known = np.polynomial.Polynomial(np.random.default_rng(degree).normal(size=degree + 1))
    time_s = np.arange(frames) / rate_hz
    first, second = time_derivatives(torch.as_tensor(known(time_s)), rate_hz, dim=0)
    scale = max(1.0, np.abs(known.deriv(2)(time_s)).max())
    exact = slice(None) if degree <= 3 else slice(3, -3)
    np.testing.assert_allclose(first[exact], known.deriv(1)(time_s)[exact], atol=1e-10 * scale)
    np.testing.assert_allclose(second[exact], known.deriv(2)(time_s)[exact], atol=1e-9 * scale)


@pytest.mark.parametrize(("order", "most"), [(1, 6.7), (2, 12.1)])
def test_no_frame_multiplies_noise_more_than_few_points_do(order, most):
    pulse = torch.eye(9, dtype=torch.float64)
    found = time_derivatives(pulse, 1.0, dim=0)[order - 1]
    assert found.abs().sum(dim=1).max() <= most


@pytest.mark.parametrize(("order", "expected"), [(0, 6), (1, 6)])
def test_error_in_the_middle_falls_with_the_sixth_power_of_the_time_step(order, expected):
    errors = [_worst_error(rate_hz, order, slice(3, -3)) for rate_hz in (40.0, 80.0)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize(("order", "expected"), [(0, 3), (1, 2)])
def test_error_at_the_ends_falls_with_the_third_and_the_second_power(order, expected):
    errors = [_worst_error(rate_hz, order, slice(0, 1)) for rate_hz in (40.0, 80.0)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(expected, abs=0.4)


def test_any_dimension_may_be_time_and_the_shape_is_kept():
    values = torch.as_tensor(np.random.default_rng(0).normal(size=(3, 12, 2)))
    first, second = time_derivatives(values, 5.0, dim=-2)
    assert first.shape == second.shape == values.shape
    moved_first, moved_second = time_derivatives(values.movedim(1, 0), 5.0, dim=0)
    torch.testing.assert_close(first, moved_first.movedim(0, 1), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(second, moved_second.movedim(0, 1), rtol=1e-13, atol=1e-13)


def test_a_motion_run_backward_has_the_opposite_velocity_and_the_same_acceleration():
    values = torch.as_tensor(np.random.default_rng(1).normal(size=20))
    first, second = time_derivatives(values, 1.0, dim=0)
    backward, again = time_derivatives(values.flip(0), 1.0, dim=0)
    torch.testing.assert_close(backward.flip(0), -first, rtol=0, atol=1e-12)
    torch.testing.assert_close(again.flip(0), second, rtol=0, atol=1e-12)


def test_differentiable_in_the_values():
    values = torch.as_tensor(np.random.default_rng(2).normal(size=(9, 2))).requires_grad_()
    assert torch.autograd.gradcheck(lambda v: time_derivatives(v, 3.0, dim=0), (values,))


def test_single_precision_stays_single():
    first, second = time_derivatives(torch.zeros(8, dtype=torch.float32), 100.0, dim=0)
    assert first.dtype == second.dtype == torch.float32


def test_too_few_frames_are_refused_with_their_number():
    with pytest.raises(ValueError, match=r"6 frame\(s\) are too few for derivatives in time: 7 are needed"):
        time_derivatives(torch.zeros(6, 3), 100.0, dim=0)


def _worst_error(rate_hz, order, where):
    time_s = torch.arange(int(2 * rate_hz) + 1, dtype=torch.float64) / rate_hz
    found = time_derivatives(torch.sin(2 * np.pi * time_s + 0.4), rate_hz, dim=0)[order]
    angle = 2 * np.pi * time_s + 0.4
    known = 2 * np.pi * torch.cos(angle) if order == 0 else -((2 * np.pi) ** 2) * torch.sin(angle)
    return float((found - known)[where].abs().max())
