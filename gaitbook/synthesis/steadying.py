r"""Small shifts of the whole body that keep its balance when strides differ: a filter on the manifold of Newton.

Moving every segment by the same :math:`\delta(t)` shifts the center of mass by :math:`\delta` and leaves the angular
momentum about it alone: the force of the ground becomes :math:`F + m\ddot\delta`, and its center of pressure

.. math:: p_x = c_x + \delta_x + (\dot H_z - c_y (F_x + m\ddot\delta_x)) / F_y .

So a shift of a few millimeters puts the pressure under the foot again and takes every force out of flight, exactly.
:math:`\delta` is a quintic spline with knots at the samples; sum of squares, with flight as a constraint. What the
trunk has to turn so that no moment is needed in flight is found likewise.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

Array = NDArray[np.float64]

SHIFT_SPREAD_M: Final = 0.004
PRESSURE_SPREAD_M: Final = 0.001
TURN_SPREAD_RAD: Final = 0.01
TURN_ACCELERATION_SPREAD: Final = 10.0
JERK_SPREAD_MPS3: Final = 30.0
"""Spread of the change of acceleration: what is asked of some samples fades into their neighbors."""
TURN_JERK_SPREAD: Final = 300.0
_VALUE: Final = np.array([1.0, 26.0, 66.0, 26.0, 1.0]) / 120.0
_SLOPE: Final = np.array([-1.0, -10.0, 0.0, 10.0, 1.0]) / 24.0
_BEND: Final = np.array([1.0, 2.0, -6.0, 2.0, 1.0]) / 6.0


def spline_matrices(count: int, step_s: float) -> tuple[sparse.csr_matrix, ...]:
    """Value, first and second derivative of a quintic spline at its knots, (knot, coefficient) each."""
    places = range(len(_VALUE))
    shape = (count, count + len(_VALUE) - 1)
    return tuple(
        sparse.diags(list(row / step_s**order), list(places), shape=shape, format="csr")
        for order, row in enumerate((_VALUE, _SLOPE, _BEND))
    )


def least_squares(
    rows: sparse.spmatrix, wanted: Array, fixed: sparse.spmatrix | None = None, fixed_at: Array | None = None
) -> Array:
    """Coefficients that come nearest to ``rows @ x = wanted`` and meet ``fixed @ x = fixed_at`` exactly."""
    normal, slope = (rows.T @ rows).tocsc(), rows.T @ wanted
    if fixed is None or fixed_at is None or not fixed.shape[0]:
        return np.asarray(spsolve(normal, slope))
    scale = abs(normal.diagonal()).max()
    whole = sparse.bmat([[normal / scale, fixed.T], [fixed, None]], format="csc")
    solved = spsolve(whole, np.concatenate([slope / scale, fixed_at]))
    return np.asarray(solved[: rows.shape[1]])


def _jerk(bend: sparse.csr_matrix, step_s: float) -> sparse.csr_matrix:
    """Rate of the second derivative between knots."""
    return (bend[1:] - bend[:-1]) / step_s


def shift_under_pressure(  # noqa: PLR0913 - what is known of every sample
    *,
    step_s: float,
    lever_m: Array,
    vertical_mps2: Array,
    away_m: Array,
    weight: Array,
    held: NDArray[np.bool_],
    held_mps2: Array,
    planned_mps2: Array,
    planned_weight: Array,
) -> tuple[Array, Array]:
    """Shift along one horizontal axis, and its acceleration, that brings the pressure to its place.

    Parameters
    ----------
    step_s
        Time between samples.
    lever_m
        Height of the center of mass, (time,).
    vertical_mps2
        Vertical force over mass, (time,).
    away_m
        Center of pressure less where it should be, times the vertical force over mass, (time,), m2/s2.
    weight
        Weight of the pressure, 0 to 1, (time,).
    held, held_mps2
        Samples at which the acceleration of the shift is given, and what it is there.
    planned_mps2, planned_weight
        Acceleration that would give the planned force, and its weight, s2/m, (time,).
    """
    value, _, bend = spline_matrices(len(lever_m), step_s)
    pressure = sparse.diags(vertical_mps2) @ value - sparse.diags(lever_m) @ bend
    # an error of pressure counts by the force that it has
    scale = weight / (PRESSURE_SPREAD_M * np.maximum(vertical_mps2.mean(), 1e-6))
    rows = sparse.vstack(
        [
            value / SHIFT_SPREAD_M,
            sparse.diags(scale) @ pressure,
            sparse.diags(planned_weight) @ bend,
            _jerk(bend, step_s) / JERK_SPREAD_MPS3,
        ]
    ).tocsr()
    wanted = np.concatenate(
        [np.zeros(len(lever_m)), -scale * away_m, planned_weight * planned_mps2, np.zeros(len(lever_m) - 1)]
    )
    solved = least_squares(rows, wanted, bend[held], held_mps2[held])
    return value @ solved, bend @ solved


def shift_vertically(
    *, step_s: float, held: NDArray[np.bool_], held_mps2: Array, spread_mps2: float
) -> tuple[Array, Array]:
    """Vertical shift, and its acceleration, that meets given accelerations at some samples."""
    value, _, bend = spline_matrices(len(held), step_s)
    rows = sparse.vstack(
        [value / SHIFT_SPREAD_M, bend / spread_mps2, _jerk(bend, step_s) / JERK_SPREAD_MPS3]
    ).tocsr()
    solved = least_squares(rows, np.zeros(rows.shape[0]), bend[held], held_mps2[held])
    return value @ solved, bend @ solved


def turn_trunk(
    *, step_s: float, inertia: Array, drag: Array, stiffness: Array, held: NDArray[np.bool_], wanted: Array
) -> tuple[Array, Array, Array]:
    """Turns of the trunk, with rates, that change the rate of angular momentum as wanted at some samples.

    Parameters
    ----------
    step_s
        Time between samples.
    inertia, drag, stiffness
        Rate of angular momentum per unit of the second and first derivative of the three turns, and of the turns
        themselves, (time, axis, turn).
    held, wanted
        Samples, and the change of the rate of angular momentum wanted there (time, axis).

    Returns
    -------
    tuple of ndarray
        Turns (time, turn), rad, with first and second derivatives.
    """
    count = len(inertia)
    matrices = spline_matrices(count, step_s)
    three = [sparse.block_diag([each] * 3, format="csr") for each in matrices]
    jerk = sparse.block_diag([_jerk(matrices[2], step_s)] * 3)
    rows = sparse.vstack(
        [three[0] / TURN_SPREAD_RAD, three[2] / TURN_ACCELERATION_SPREAD, jerk / TURN_JERK_SPREAD]
    ).tocsr()
    parts = list(zip((stiffness, drag, inertia), matrices, strict=True))
    blocks = [
        [
            sum(sparse.diags(weight[held, axis, turn]) @ matrix[held] for weight, matrix in parts)
            for turn in range(3)
        ]
        for axis in range(3)
    ]
    fixed = sparse.bmat(blocks, format="csr")
    solved = least_squares(rows, np.zeros(rows.shape[0]), fixed, wanted[held].T.ravel())
    turns = [(each @ solved).reshape(3, count).T for each in three]
    return turns[0], turns[1], turns[2]
