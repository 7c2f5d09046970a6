r"""Null statistics of many targets, pooled where they are alike.

Out-of-fold correlations times :math:`\sqrt{n}` of targets that know nothing are spread nearly alike, whatever the
target: they depend on features and folds, which all targets share. Pooled over targets, few permutations of people
give small p values. Whether the spreads are alike is checked on the permutations, never on the statistics themselves:
the variance of :math:`m` draws strays by itself by :math:`2/(m-1) + \kappa/m` (relative variance, excess kurtosis
:math:`\kappa`), and only what they stray beyond that counts. If all targets together are not alike, those with as many
gaps may be; if these are not either, each target is judged by its own permutations.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
LARGEST_VARIATION: Final = 0.1
"""Standard deviations of the null statistics of single targets may vary by this share for a pool to be justified."""
CLASSES: Final = 4
FEWEST_TARGETS: Final = 10
"""A smaller class has no pool of its own."""


def pooled_p_values(statistic: Array, null: Array, pools: Labels | None = None) -> Array:
    r"""One-sided p values :math:`(1 + b) / (1 + m)` among the null statistics of all targets of the same pool.

    Parameters
    ----------
    statistic
        (target,); NaN where there is none, which gives NaN.
    null
        (permutation, target) statistics under permutation.
    pools
        Number (target,) of the pool; by default all targets are in one.

    Returns
    -------
    ndarray
        (target,), at least one over one more than the finite null statistics of the pool (Phipson 2010,
        doi:10.2202/1544-6115.1585).

    Examples
    --------
    >>> pooled_p_values(np.array([2.5, np.nan]), np.array([[1.0, 2.0], [3.0, np.nan]])).tolist()
    [0.5, nan]
    """
    p = np.full(len(statistic), np.nan)
    pools = np.zeros(len(statistic), dtype=np.intp) if pools is None else pools
    for each in np.unique(pools[np.isfinite(statistic)]):
        inside = np.isfinite(statistic) & (pools == each)
        drawn = null[:, pools == each]
        pooled = np.sort(drawn[np.isfinite(drawn)])
        reached = len(pooled) - np.searchsorted(pooled, statistic[inside], side="left")
        p[inside] = (1 + reached) / (1 + len(pooled))
    return p


def missingness_classes(n: NDArray[np.integer], people: int) -> Labels:
    """Class (target,) of targets by the share of people who have them, in quarters from 0 to 3."""
    share = np.asarray(n) / people
    return np.minimum((CLASSES * share).astype(np.intp), CLASSES - 1)


def choose_pools(null: Array, classes: Labels) -> tuple[Labels, pd.DataFrame]:
    """Pool of each target: one for all, one by class, or its own, the first that the null spreads justify.

    Parameters
    ----------
    null
        (permutation, target) statistics under permutation; a target without any has NaN throughout.
    classes
        (target,) such as those of `missingness_classes`.

    Returns
    -------
    pools, checks
        Number (target,) of the pool, and a table with the columns pool (``"all"``, ``"class 0"``, ...), targets, mean,
        spread (of the null statistics), variation (share by which spreads of targets differ beyond chance), justified.
    """
    usable = np.isfinite(null).all(axis=0)
    checks = [_check(null[:, usable], "all")]
    pools = np.zeros(null.shape[1], dtype=np.intp)
    if not checks[0]["justified"]:
        for each in np.unique(classes[usable]):
            inside = usable & (classes == each)
            checks.append(_check(null[:, inside], f"class {each}"))
            alike = checks[-1]["justified"]
            pools[inside] = 1 + each if alike else 1 + CLASSES + np.flatnonzero(inside)
    return pools, pd.DataFrame(checks)


def _check(null: Array, name: str) -> dict[str, str | int | float | bool]:
    variation = spread_variation(null)
    enough = name == "all" or null.shape[1] >= FEWEST_TARGETS
    return {
        "pool": name,
        "targets": null.shape[1],
        "mean": float(null.mean()) if null.size else float("nan"),
        "spread": float(null.std()) if null.size else float("nan"),
        "variation": variation,
        "justified": bool(enough and variation <= LARGEST_VARIATION),
    }


def spread_variation(null: Array) -> float:
    """Share by which the null spreads of targets differ from one another beyond what few permutations explain.

    Parameters
    ----------
    null
        (permutation, target).

    Examples
    --------
    >>> draws = np.random.default_rng(0).standard_normal((50, 400))
    >>> spread_variation(draws) < 0.05 < spread_variation(draws * np.linspace(0.5, 1.5, 400))
    True
    """
    count = len(null)
    if null.shape[1] < 2 or count < 2:  # noqa: PLR2004 - nothing to compare
        return 0.0
    variance = null.var(axis=0, ddof=1)
    mean = variance.mean()
    if mean == 0:
        return 0.0
    centered = null - null.mean(axis=0)
    kurtosis = (centered**4).mean() / (centered**2).mean() ** 2 - 3.0
    chance = 2.0 / (count - 1) + max(kurtosis, 0.0) / count
    return float(np.sqrt(max(variance.var() / mean**2 - chance, 0.0)) / 2)
