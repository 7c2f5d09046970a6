"""Newton and Euler's way down against the derivative of the way that places the segments."""

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import _differentiated_rates, exact_rates
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.recursion import chained_rates, is_linear
from tests.mechanics.bodies import PELVIS, double_pendulum, floating, pendulum, tangle, top, walker

LINEAR = [pendulum(), double_pendulum(), top(), floating(), walker(), generic_body(markers=None)]
BODIES = pytest.mark.parametrize("model", LINEAR, ids=lambda model: model.name)


def states(body, count=3, seed=0):
    rng = np.random.default_rng(seed)
    shape = (count, len(body.coordinate_names))
    return tuple(scale * torch.as_tensor(rng.normal(size=shape)) for scale in (0.6, 3.0, 20.0))


@BODIES
def test_rates_are_those_of_differentiation(model):
    body = compile_body(model)
    state = states(body)
    names = ("angular velocity", "angular acceleration", "acceleration of the center")
    for name, own, known in zip(
        names, chained_rates(body, *state), _differentiated_rates(body, *state), strict=True
    ):
        torch.testing.assert_close(
            own, known, rtol=1e-11, atol=1e-10, msg=lambda text, of=name: f"{of}: {text}"
        )


@BODIES
def test_exact_rates_keep_leading_dimensions(model):
    body = compile_body(model)
    state = states(body, count=6)
    flat = exact_rates(body, *state)
    shaped = exact_rates(body, *(part.reshape(2, 3, -1) for part in state))
    for own, known in zip(shaped, flat, strict=True):
        assert own.shape == (2, 3, *known.shape[1:])
        torch.testing.assert_close(own.flatten(0, 1), known, rtol=0, atol=0)


@pytest.mark.parametrize("model", [tangle(0), walker("spline")], ids=lambda model: model.name)
def test_bodies_with_bent_axes_or_followers_are_differentiated(model):
    body = compile_body(model)
    state = states(body)
    assert not is_linear(body)
    for own, known in zip(exact_rates(body, *state), _differentiated_rates(body, *state), strict=True):
        torch.testing.assert_close(own, known, rtol=0, atol=0)


@BODIES
def test_linear_bodies_are_known_as_such(model):
    assert is_linear(compile_body(model))


def test_a_pendulum_swings_on_a_circle():
    body = compile_body(pendulum(length_m=0.7))
    angle, rate, acceleration = (torch.tensor([[value]], dtype=torch.float64) for value in (0.4, 3.0, -8.0))
    spin, spin_rate, center = chained_rates(body, angle, rate, acceleration)
    assert spin[0, 0].tolist() == pytest.approx([0.0, 0.0, 3.0])
    assert spin_rate[0, 0].tolist() == pytest.approx([0.0, 0.0, -8.0])
    along, across = np.array([np.sin(0.4), -np.cos(0.4), 0.0]), np.array([np.cos(0.4), np.sin(0.4), 0.0])
    assert center[0, 0].numpy() == pytest.approx(0.7 * (-8.0 * across - 9.0 * along))


def test_a_body_that_is_still_does_not_accelerate():
    body = compile_body(walker())
    coordinates = states(body)[0]
    nothing = torch.zeros_like(coordinates)
    assert not any(part.any() for part in chained_rates(body, coordinates, nothing, nothing))


def test_a_push_moves_everything_alike():
    body = compile_body(walker())
    coordinates = states(body)[0]
    pushed = torch.zeros_like(coordinates)
    pushed[:, [body.coordinate(name) for name in PELVIS[3:]]] = torch.tensor(
        [1.0, -2.0, 3.0], dtype=torch.float64
    )
    spin, spin_rate, center = chained_rates(body, coordinates, torch.zeros_like(coordinates), pushed)
    assert not spin.any()
    assert not spin_rate.any()
    known = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64).expand_as(center)
    torch.testing.assert_close(center, known, rtol=0, atol=1e-15)


def test_rates_scale_with_the_pace():
    """The same way twice as fast: velocities double, accelerations grow fourfold."""
    body = compile_body(walker())
    coordinates, velocities, accelerations = states(body, seed=2)
    slow = chained_rates(body, coordinates, velocities, accelerations)
    fast = chained_rates(body, coordinates, 2.0 * velocities, 4.0 * accelerations)
    for own, known, factor in zip(fast, slow, (2.0, 4.0, 4.0), strict=True):
        torch.testing.assert_close(own, factor * known, rtol=1e-13, atol=1e-12)
