r"""Statistics of targets as they are, and as they would be if gait told nothing: people dealt out to others.

What covariates leave of a target is dealt out to other people and adjusted again, as the target was; without that, the
null statistics would be a little too low (Freedman and Lane 1983, doi:10.2307/1391660). All targets are dealt out
together, with their gaps, so that the null statistics resemble each other across targets as the statistics do.
"""

import numpy as np
from numpy.typing import NDArray

from gaitbook.studies.covariate_residuals import CovariateResiduals
from gaitbook.studies.unseen_ridge import UnseenRidge, correlate_within

Array = NDArray[np.float64]


def permute_people(
    ridge: UnseenRidge,
    residuals: CovariateResiduals,
    values: Array,
    fold: NDArray[np.integer],
    *,
    strata: NDArray[np.integer],
    rng: np.random.Generator,
    permutations: int,
) -> tuple[Array, Array]:
    r"""Statistics :math:`r\sqrt{n}` (target,) of values, and (permutation, target) of values dealt out to others.

    Parameters
    ----------
    ridge
        Holds the features, less what the covariates tell of them.
    residuals
        Removes the covariates.
    values
        (person, target), NaN where missing; who lacks a target teaches the mean and is not judged.
    fold, strata
        (person,) fold in which a person is left out, and group within which people are dealt out.
    rng, permutations
        Of the dealing.
    """
    left = residuals.remove(values)
    left /= np.sqrt(np.nanmean(left**2, axis=0))
    size = np.sqrt(np.isfinite(left).sum(axis=0))

    def judge(rows: NDArray[np.intp]) -> Array:
        dealt = residuals.remove(left[rows])
        return size * correlate_within(ridge.predict(np.nan_to_num(dealt)), dealt, fold)

    statistic = judge(np.arange(len(values)))
    return statistic, np.array([judge(deal_within(strata, rng)) for _ in range(permutations)])


def deal_within(strata: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.intp]:
    """Row (person,) that each person receives, from somebody of the same stratum.

    Examples
    --------
    >>> rows = deal_within(np.array([0, 1, 0, 1]), np.random.default_rng(0))
    >>> sorted(rows[[0, 2]].tolist()), sorted(rows[[1, 3]].tolist())
    ([0, 2], [1, 3])
    """
    rows = np.arange(len(strata))
    for each in np.unique(strata):
        members = np.flatnonzero(strata == each)
        rows[members] = rng.permutation(members)
    return rows
