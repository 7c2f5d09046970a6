"""Tests that hold: whether features tell of a target beyond covariates, by dealing its values out to other people.

The statistics of all targets under permutation are pooled, so that a few permutations of people suffice for small p
values.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.unseen_ridge import UnseenRidge, correlate_within

Array = NDArray[np.float64]
SIGNIFICANT: Final = 0.05
LEAST_SPREAD: Final = 1e-9
"""Values that vary less are one value, of which nothing can be learned."""


@dataclass(frozen=True)
class NullTest:
    r"""Tests of targets of which the gait knows nothing.

    Parameters
    ----------
    tests
        One row per phenotype and sex: phenotype, sex, kind, n, r, p (permutation), p_naive (Student's t on r).
    share, naive_share
        Of null targets with p below 0.05, by either test.
    permuted_shares
        The share that each permutation of people gives: how far shares stray where nothing is known for sure. Targets
        resemble each other, so it is farther than a coin tossed for each would.
    uniformity
        p value of a Kolmogorov-Smirnov test of the permutation p values of null targets against uniformity, among the
        same distances of each permutation, for the same reason.
    null_mean, null_spread
        Mean and standard deviation of :math:`r \sqrt{n}` under permutation; zero and one, if pairs were independent.
    """

    tests: pd.DataFrame
    share: float
    naive_share: float
    permuted_shares: tuple[float, ...]
    uniformity: float
    null_mean: float
    null_spread: float


def adjust(values: Array, covariates: Array) -> Array:
    """What covariates (person, covariate) do not tell, linearly, of values (person, column); gaps (NaN) stay.

    Columns with the same gaps are adjusted together, each by the people who have it.
    """
    design = np.column_stack(
        [np.ones(len(covariates)), (covariates - covariates.mean(axis=0)) / covariates.std(axis=0)]
    )
    known = np.isfinite(values)
    patterns, which = np.unique(known, axis=1, return_inverse=True)
    left = np.full(values.shape, np.nan)
    for number, rows in enumerate(patterns.T):
        if rows.sum() > design.shape[1]:
            place = np.ix_(rows, which.ravel() == number)
            axes = np.linalg.qr(design[rows])[0]
            left[place] = values[place] - axes @ (axes.T @ values[place])
    return left


def judge_targets(
    features: Array,
    values: Array,
    covariates: Array,
    fold: NDArray[np.intp],
    rng: np.random.Generator,
    permutations: int,
) -> tuple[pd.DataFrame, Array]:
    """Tests of every target, and their statistics under permutation (permutation, target).

    What the covariates do not tell of the values is dealt out to others and adjusted again, as the values were
    (Freedman and Lane 1983, doi:10.2307/1391660): without that, the null statistics are a little too low. Who lacks a
    value teaches nothing about it: the gap is filled by the mean, and it is not judged. Tests are one-sided: features
    that tell of a target correlate positively with it in unseen people.
    """
    from scipy.stats import t as student

    left = adjust(values, covariates)
    spread = np.sqrt(np.nansum(left**2, axis=0) / np.maximum(np.isfinite(left).sum(axis=0), 1))
    scaled = left / np.where(spread > LEAST_SPREAD, spread, np.nan)
    n = np.isfinite(scaled).sum(axis=0)
    ridge = UnseenRidge(adjust(features, covariates), fold)

    def judge(rows: NDArray[np.intp]) -> Array:
        dealt = adjust(scaled[rows], covariates)
        return correlate_within(ridge.predict(np.nan_to_num(dealt)), dealt, fold)

    r = judge(np.arange(len(values)))
    null = np.sqrt(n) * np.array([judge(rng.permutation(len(values))) for _ in range(permutations)])
    freedom = np.maximum(n - 2, 1)
    naive = student.sf(r * np.sqrt(freedom / np.maximum(1 - r**2, 1e-12)), freedom)
    p = _reached(np.sqrt(n) * r, null)
    return pd.DataFrame({"n": n, "r": r, "p": p, "p_naive": naive}), null


def _reached(statistic: Array, null: Array) -> Array:
    """Share of the null statistics of all targets that reach a statistic."""
    pooled = np.sort(null[np.isfinite(null)])
    reached = len(pooled) - np.searchsorted(pooled, statistic, side="left")
    return np.where(np.isfinite(statistic), (1 + reached) / (1 + len(pooled)), np.nan)


def summarize_nulls(tests: pd.DataFrame, permuted: list[Array]) -> NullTest:
    """What the tests of null targets say together; ``permuted`` are their statistics under permutation, by sex."""
    nulls = tests[(tests["kind"] == "null") & tests["p"].notna()]
    p_values = np.concatenate([_reached(null, null) for null in permuted], axis=1)
    shares = np.nanmean(p_values < SIGNIFICANT, axis=1)
    distances = np.array([_distance(row[np.isfinite(row)]) for row in p_values])
    statistics = np.concatenate([null[np.isfinite(null)] for null in permuted])
    return NullTest(
        tests,
        float((nulls["p"] < SIGNIFICANT).mean()),
        float((nulls["p_naive"] < SIGNIFICANT).mean()),
        tuple(map(float, shares)),
        float((1 + (distances >= _distance(nulls["p"].to_numpy())).sum()) / (1 + len(distances))),
        float(statistics.mean()),
        float(statistics.std()),
    )


def _distance(p_values: Array) -> float:
    """Largest distance of the share of p values below any level from that level."""
    from scipy.stats import kstest

    return float(kstest(p_values, "uniform").statistic)
