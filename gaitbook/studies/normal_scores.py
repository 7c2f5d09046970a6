"""Skewed measures as normal scores: ranks, spread as a normal distribution would spread them.

A few extreme people decide what a skewed measure teaches. Their ranks say the same of who has more, and nobody's value
outweighs all others (Blom 1958, Statistical estimates and transformed beta-variables; the constants are his).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SKEWED: Final = 1.0
"""Skewness from which a measure is scored by ranks."""
BLOM: Final = 0.375
FEWEST_LEVELS: Final = 3
"""Two values have no shape: a diagnosis stays as it is."""


def normal_scores(values: Array) -> Array:
    r"""Normal scores :math:`\Phi^{-1}((R - 3/8) / (n + 1/4))` of ranks within each column; ties share the mean rank.

    Parameters
    ----------
    values
        (person, target), NaN where missing.

    Returns
    -------
    ndarray
        (person, target), dimensionless; gaps stay gaps.

    Examples
    --------
    >>> normal_scores(np.array([[1.0], [10.0], [1000.0]])).ravel().round(3).tolist()
    [-0.869, 0.0, 0.869]
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0, nan_policy="omit")
    count = np.isfinite(values).sum(axis=0)
    return np.asarray(ndtri((ranks - BLOM) / (count + 1 - 2 * BLOM)))


def score_skewed(values: Array, *, skewness: float = SKEWED) -> tuple[Array, NDArray[np.bool_]]:
    """Values with skewed columns replaced by their normal scores, and which columns (target,) those are.

    Parameters
    ----------
    values
        (person, target), NaN where missing.
    skewness
        Columns of three values and more that are skewed more than this, to either side, are replaced.

    Returns
    -------
    scored, replaced
        (person, target) and (target,).
    """
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    centered = np.where(known, values - np.where(known, values, 0.0).sum(axis=0) / count, 0.0)
    variance = (centered**2).sum(axis=0) / count
    third = (centered**3).sum(axis=0) / count
    shape = np.divide(third, variance**1.5, out=np.zeros(len(third)), where=variance > 0)
    replaced = np.flatnonzero(np.abs(shape) > skewness)
    several = [len(np.unique(values[known[:, each], each])) >= FEWEST_LEVELS for each in replaced]
    replaced = replaced[np.array(several, dtype=bool)]
    scored = np.array(values, dtype=float)
    if replaced.size:
        scored[:, replaced] = normal_scores(values[:, replaced])
    return scored, np.isin(np.arange(values.shape[1]), replaced)
