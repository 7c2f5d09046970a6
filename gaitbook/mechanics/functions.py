"""Functions of coordinates in a batch: all splines and polynomials of a body as one table of piecewise polynomials."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import PPoly, make_interp_spline
from torch import Tensor, nn

from gaitbook.body_model import Function, Polynomial, Spline

STRAIGHT = 2
POINTS_OF_A_CUBIC = 4


class FunctionTable(nn.Module):
    """Values and slopes of several functions, each of its own argument.

    Parameters
    ----------
    functions
        Functions in the order of the last dimension of the arguments.
    """

    knots: Tensor
    origins: Tensor
    coefficients: Tensor
    slopes: Tensor

    def __init__(self, functions: Sequence[Function]) -> None:
        super().__init__()
        pieces = [_pieces(function) for function in functions]
        count = max((len(knots) for knots, _, _ in pieces), default=0)
        degree = max((table.shape[1] for _, _, table in pieces), default=1)
        knots = np.full((len(pieces), count), np.inf)
        origins = np.zeros((len(pieces), count + 1))
        table = np.zeros((len(pieces), count + 1, degree))
        for row, (own_knots, own_origins, own_table) in enumerate(pieces):
            knots[row, : len(own_knots)] = own_knots
            origins[row, : len(own_origins)] = own_origins
            table[row, : len(own_table), : own_table.shape[1]] = own_table
        self.register_buffer("knots", torch.as_tensor(knots))
        self.register_buffer("origins", torch.as_tensor(origins))
        self.register_buffer("coefficients", torch.as_tensor(table))

    def forward(self, arguments: Tensor) -> tuple[Tensor, Tensor]:
        """Values and first derivatives.

        Parameters
        ----------
        arguments
            (frame, function).

        Returns
        -------
        tuple of torch.Tensor
            Both (frame, function).
        """
        across = arguments.T.contiguous()
        piece = torch.searchsorted(self.knots, across.detach(), right=True)
        offset = across - self.origins.gather(1, piece)
        row = torch.arange(len(piece), device=piece.device)[:, None]
        coefficients = self.coefficients[row, piece]
        value = coefficients[..., -1]
        slope = torch.zeros_like(offset)
        for power in range(coefficients.shape[-1] - 2, -1, -1):
            slope = slope * offset + value
            value = value * offset + coefficients[..., power]
        return value.T, slope.T


def _pieces(function: Function) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Knots (k), origins (k + 1) and coefficients from the constant upward (k + 1, degree + 1)."""
    if isinstance(function, Polynomial):
        return np.empty(0), np.zeros(1), np.asarray(function.coefficients, dtype=float)[None]
    inner = spline_pieces(function)
    left, right = inner.x[0], inner.x[-1]
    ends = np.zeros((2, 4))
    for end, x in zip(ends, (left, right), strict=True):
        end[:2] = inner(x), inner(x, 1)
    table = np.vstack([ends[:1], inner.c[::-1].T, ends[1:]])
    return inner.x, np.concatenate([[left], inner.x[:-1], [right]]), table


def spline_pieces(spline: Spline) -> PPoly:
    """Cubic pieces of a spline.

    The third derivative at each end is that of the cubic through the four points there (Forsythe, Malcolm & Moler
    1977, section 4.4); three points give a parabola, two a line.
    """
    x, y = np.asarray(spline.arguments, dtype=float), np.asarray(spline.values, dtype=float)
    if len(x) <= STRAIGHT:
        slope = (y[-1] - y[0]) / (x[-1] - x[0])
        return PPoly(np.array([[0.0], [0.0], [slope], [y[0]]]), x)
    ends = [0.0, 0.0]
    if len(x) >= POINTS_OF_A_CUBIC:
        ends = [6.0 * np.polyfit(x[part] - x[part][0], y[part], 3)[0] for part in (slice(4), slice(-4, None))]
    pieces = PPoly.from_spline(make_interp_spline(x, y, k=3, bc_type=([(3, ends[0])], [(3, ends[1])])))
    real = np.diff(pieces.x) > 0
    return PPoly(pieces.c[:, real], np.append(pieces.x[:-1][real], pieces.x[-1]))
