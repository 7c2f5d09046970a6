r"""The motion nearest to the reference curves that balances: a projection on the manifold of Newton and Euler.

Fourier coefficients :math:`x` of all coordinates minimize

.. math:: |(x - x_{ref})/\sigma|^2 + \overline{|F - F^*|^2/\sigma_F^2
          + |\dot H - (p^* - c) \times F - M_y^* e_y|^2/\sigma_M^2 + |r - r^*|^2/\sigma_r^2}

where :math:`F = m(\ddot c - g)` and :math:`\dot H` are what the motion needs, :math:`p^*` and :math:`F^*` the planned
center of pressure and force, and :math:`r` the points of the soles on the floor; a bar is the mean over the stride.
Gauss-Newton with the Jacobians of the center of mass and of the centroidal momentum matrix converges in two or three
steps. All frames of a stride are solved together, so that the motion is periodic.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.jacobian import marker_jacobian
from gaitbook.mechanics.kinematics import Pose, forward_kinematics, marker_positions
from gaitbook.mechanics.momentum import momentum_matrix
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.periodic import spectral_derivative
from gaitbook.synthesis.sole import SOLE
from gaitbook.synthesis.stance_targets import StanceTargets, stance_targets
from gaitbook.synthesis.stride_plan import StridePlan
from gaitbook.synthesis.walker_coordinates import LAYOUT, body_rows, columns, spreads

Array = NDArray[np.float64]
Single = NDArray[np.float32]

FRAMES: Final = 64
FORCE_SPREAD_BW: Final = np.array([0.015, 0.012, 0.01])
MOMENT_SPREAD_BWM: Final = np.array([0.004, 0.0015, 0.004])
FLIGHT_FORCE_SPREAD_BW: Final = 0.004
FLIGHT_MOMENT_SPREAD_BWM: Final = 0.0012
CONTACT_SPREAD_M: Final = {"walk": 0.001, "run": 0.0006}
SMALL_STEP: Final = 0.4
"""A step of so many spreads, at most in any coefficient, is the last one: the next would be a tenth of it."""
CLEARANCE_SPREAD_M: Final = 0.002


class _State(NamedTuple):
    """A motion at the frames of the stride: force (BW), rate of angular momentum (BW m), center of mass, soles."""

    coordinates: Tensor
    pose: Pose
    force: Array
    momentum_rate: Array
    center: Array
    soles: Array
    linear: Array
    angular: Array


class _Rows(NamedTuple):
    """Weighted residuals and their Jacobian by entries in units of their spreads, in single precision."""

    residual: Array
    jacobian: Single


@dataclass(frozen=True)
class Projected:
    """Solution of the projection.

    Parameters
    ----------
    coefficients
        Fourier coefficients in the order of `LAYOUT`.
    factor
        Cholesky factor of the Hessian, in units of the spreads: how the solution follows its reference.
    """

    coefficients: Array
    factor: Tensor

    def follow(self, changes: Array) -> Array:
        """Changes of the solution with changes of the reference, (change, entry), to first order."""
        wanted = torch.as_tensor(changes / spreads(), dtype=self.factor.dtype)
        solved = torch.cholesky_solve(wanted.T, self.factor).T
        return np.asarray(solved.double().numpy() * spreads())


@one_thread()
def project(
    body: Body, plan: StridePlan, reference: Array, *, start: Array | None = None, most_steps: int = 5
) -> Projected:
    """Balanced motion nearest to a reference.

    Parameters
    ----------
    body
        With the points of the soles as markers (`gaitbook.synthesis.sole.with_soles`).
    plan
        Forces and footing.
    reference
        Fourier coefficients in the order of `LAYOUT`, placed over the feet (`place_over_feet`).
    start
        Where to start from; the reference by default.
    most_steps
        Gauss-Newton steps; fewer are taken where they get small.
    """
    targets = stance_targets(plan, np.arange(FRAMES) / FRAMES)
    spread = spreads()
    solution = (reference if start is None else start).copy()
    for _ in range(most_steps):
        state = _evaluate(body, plan, solution)
        rows = _linearize(body, plan, targets, state)
        jacobian = torch.from_numpy(rows.jacobian)
        away = torch.as_tensor((solution - reference) / spread, dtype=torch.float32)
        slope = jacobian.T @ torch.as_tensor(rows.residual, dtype=torch.float32) + away
        hessian = jacobian.T @ jacobian
        hessian.diagonal().add_(1.0)
        factor = torch.linalg.cholesky(hessian)
        step = torch.cholesky_solve(-slope[:, None], factor)[:, 0]
        solution = solution + step.double().numpy() * spread
        if float(step.abs().max()) < SMALL_STEP:
            break
    return Projected(solution, factor)


def _evaluate(body: Body, plan: StridePlan, coefficients: Array) -> _State:
    phase, period_s = np.arange(FRAMES) / FRAMES, plan.period_s
    coordinates = body_rows(body, LAYOUT.evaluate(coefficients, phase))
    pose = forward_kinematics(body, coordinates)
    matrix = momentum_matrix(body, coordinates, pose)
    weight_n = body.total_mass_kg * GRAVITY_MPS2
    linear = matrix.linear.numpy()[:, :, columns(body)] / weight_n
    angular = matrix.angular.numpy()[:, :, columns(body)] / weight_n
    rates = LAYOUT.evaluate(coefficients, phase, 1) / period_s
    momentum = np.einsum("fac,fc->fa", angular, rates)
    center = matrix.center.numpy()
    acceleration = _differentiate(2) @ center / period_s**2
    soles = marker_positions(body, pose).numpy().reshape(FRAMES, 2, len(SOLE), 3)
    force = acceleration / GRAVITY_MPS2 + np.array([0.0, 1.0, 0.0])
    momentum_rate = _differentiate(1) @ momentum / period_s
    return _State(coordinates, pose, force, momentum_rate, center, soles, linear, angular)


def _linearize(body: Body, plan: StridePlan, targets: StanceTargets, state: _State) -> _Rows:
    parts = [*_wrench_rows(plan, targets, state), _sole_rows(body, plan, targets, state)]
    scale = 1.0 / np.sqrt(FRAMES)
    jacobian = np.concatenate([part.jacobian for part in parts])
    jacobian *= np.float32(scale)
    return _Rows(scale * np.concatenate([part.residual for part in parts]), jacobian)


def _wrench_rows(plan: StridePlan, targets: StanceTargets, state: _State) -> tuple[_Rows, _Rows]:
    owner, period_s = LAYOUT.owner, plan.period_s
    linear = (GRAVITY_MPS2 * state.linear).astype(np.float32)
    angular = (state.angular / period_s).astype(np.float32)
    center = linear[:, :, owner] * _waves(0)[:, None]
    force = _along_time(2, center, 1.0 / (GRAVITY_MPS2 * period_s**2))
    momentum = angular[:, :, owner] * _waves(1)[:, None]
    arm = np.where(targets.flight[:, None], 0.0, targets.pressure - state.center)
    moment = _along_time(1, momentum, 1.0 / period_s)
    moment -= _cross(state.force, center)
    moment -= _cross(arm, force)
    away = state.momentum_rate - np.cross(arm, state.force)
    force_spread = np.where(targets.flight[:, None], FLIGHT_FORCE_SPREAD_BW, FORCE_SPREAD_BW)
    moment_spread = np.where(targets.flight[:, None], FLIGHT_MOMENT_SPREAD_BWM, MOMENT_SPREAD_BWM)
    return (
        _weighted((state.force - targets.force) / force_spread, force, force_spread),
        _weighted(away / moment_spread, moment, moment_spread),
    )


def _weighted(residual: Array, jacobian: Single, spread: Array) -> _Rows:
    jacobian /= spread.astype(np.float32)[..., None]
    return _Rows(residual.ravel(), jacobian.reshape(3 * FRAMES, LAYOUT.size))


def _sole_rows(body: Body, plan: StridePlan, targets: StanceTargets, state: _State) -> _Rows:
    jacobian = marker_jacobian(body, state.coordinates, state.pose).numpy()[..., columns(body)]
    jacobian = jacobian.reshape(*state.soles.shape, -1)
    held = np.nonzero(np.broadcast_to(targets.held[..., None], targets.point.shape))
    low = np.nonzero(state.soles[..., 1] < targets.floor)
    frames = np.concatenate([held[0], low[0]])
    change = np.concatenate([jacobian[held], -jacobian[(*low, 1)]])
    away = np.concatenate(
        [(state.soles[:, :, :3] - targets.point)[held], (targets.floor - state.soles[..., 1])[low]]
    )
    spread = np.repeat([CONTACT_SPREAD_M[plan.gait], CLEARANCE_SPREAD_M], [len(held[0]), len(low[0])])
    weighted = (change / spread[:, None]).astype(np.float32)
    rows = weighted[:, LAYOUT.owner]
    rows *= _waves(0)[frames]
    return _Rows(away / spread, rows)


def _cross(vector: Array, jacobian: Single) -> Single:
    """Cross product of (frame, 3) with (frame, 3, entry)."""
    x, y, z = (vector.astype(np.float32)[:, axis, None] for axis in range(3))
    a, b, c = (jacobian[:, axis] for axis in range(3))
    product = np.empty_like(jacobian)
    for place, (first, second, third, fourth) in enumerate(((y, c, z, b), (z, a, x, c), (x, b, y, a))):
        np.multiply(first, second, out=product[:, place])
        product[:, place] -= third * fourth
    return product


def _along_time(derivative: int, jacobian: Single, scale: float) -> Single:
    matrix = (scale * _differentiate(derivative)).astype(np.float32)
    return np.asarray((matrix @ jacobian.reshape(FRAMES, -1)).reshape(jacobian.shape))


@cache
def _differentiate(derivative: int) -> Array:
    return spectral_derivative(FRAMES, derivative)


@cache
def _waves(derivative: int) -> Single:
    """Waves of all entries in units of their spreads, (frame, entry)."""
    return (LAYOUT.waves(np.arange(FRAMES) / FRAMES, derivative) * spreads()).astype(np.float32)
