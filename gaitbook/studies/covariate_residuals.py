"""What covariates leave untold: residuals of thousands of targets with gaps on one flexible design.

Targets share few patterns of gaps, and each pattern needs the normal equations of its own people only once; all else
is products of matrices. The design is first turned into orthonormal axes, so that equations of many people are well
conditioned and columns that repeat others are harmless.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_AXIS: Final = 1e-8
"""Axes of the standardized design that vary less than this share of the largest are rounding."""
LEAST_EIGENVALUE: Final = 1e-9


class CovariateResiduals:
    """A design of people, ready to be removed from any values of theirs.

    Parameters
    ----------
    design
        (person, column) covariates, with their splines or products, without gaps; a constant is added.

    Attributes
    ----------
    axes
        (person, axis) orthonormal axes of the design and the constant.
    """

    def __init__(self, design: Array) -> None:
        centered = design - design.mean(axis=0)
        spread = centered.std(axis=0)
        scaled = centered[:, spread > 0] / spread[spread > 0]
        vectors, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
        kept = vectors[:, sizes > LEAST_AXIS * sizes.max(initial=0.0)]
        self.axes: Array = np.column_stack([np.full(len(design), 1 / np.sqrt(len(design))), kept])

    def fit(self, values: Array) -> Array:
        """Least-squares weight (axis, target) of each axis, by the people who have the target (person, target).

        Examples
        --------
        >>> residuals = CovariateResiduals(np.arange(4.0)[:, None])
        >>> told = residuals.axes @ residuals.fit(np.array([[1.0], [3.0], [np.nan], [7.0]]))
        >>> np.round(told.ravel(), 9).tolist()
        [1.0, 3.0, 5.0, 7.0]
        """
        known = np.isfinite(values)
        patterns, which = find_patterns(known)
        gram = np.einsum("pg,pa,pb->gab", patterns.astype(float), self.axes, self.axes, optimize=True)
        inverse = np.linalg.pinv(gram, rcond=LEAST_EIGENVALUE, hermitian=True)
        seen = self.axes.T @ np.where(known, values, 0.0)
        weights = np.empty(seen.shape)
        for number, each in enumerate(inverse):
            weights[:, which == number] = each @ seen[:, which == number]
        return weights

    def remove(self, values: Array) -> Array:
        """What the design does not tell (person, target) of values; gaps (NaN) stay gaps."""
        return np.asarray(values - self.axes @ self.fit(values))


def find_patterns(known: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Distinct patterns (person, pattern) of who has a target (person, target), and the pattern (target,) of each."""
    packed = np.packbits(known, axis=0)
    _, first, which = np.unique(packed, axis=1, return_index=True, return_inverse=True)
    return known[:, first], which.ravel()
