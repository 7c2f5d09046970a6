r"""Ridge regression with unpenalized covariates, factorized once for many targets, and for all but a few people.

By the theorem of Frisch, Waugh and Lovell, covariates :math:`C` without penalty leave the regression of what they do
not tell of the target on what they do not tell of the features, :math:`M X = U S V^\top` with :math:`M = I - C C^+`.
With the shares :math:`h = s^2 / (s^2 + \lambda)`, the residuals are :math:`R y = (M - U h U^\top) y`.

A person :math:`i` who lacks the target is taken out by a covariate of their own, that is one for them and zero else: it
takes up whatever value stands there. That makes the values of all these people :math:`D` the ones that leave no
residual: :math:`R_{DD}\, g = (R y)_D` is taken off :math:`y_D`. It is exact (the downdate of Sherman, Morrison and
Woodbury in other words), and leaves :math:`\mathrm{tr}\, R - \mathrm{tr}(R_{DD}^{-1} (R^2)_{DD})` degrees of freedom.

References
----------
Frisch (1933), doi:10.2307/1907330. Lovell (1963), doi:10.1080/01621459.1963.10480682. Golub (1979), generalized
cross-validation, doi:10.1080/00401706.1979.10489751. Salkever (1976), on dummy variables that take observations out,
doi:10.1016/0304-4076(76)90027-6.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LEAST_SHARE: Final = 1e-10
"""Axes with less than this share of the variance of the largest are rounding in double precision."""
LEAST_SHARE_SINGLE: Final = 1e-6
LEAST_KNOWN: Final = 1e-4
"""Share of a direction of the covariates that those who are left must still hold."""


class Factors(NamedTuple):
    """Teachers and people asked, in the axes of the features beyond the covariates.

    Parameters
    ----------
    axes
        (teacher, axis) orthonormal.
    strengths
        (axis,) squared singular values.
    covariate_axes
        (teacher, covariate axis) orthonormal.
    asked
        (asked, axis): a prediction is this times the shares times what the axes see of the target.
    asked_covariates
        (asked, covariate axis): a prediction of the covariates is this times what their axes see of the target.
    """

    axes: Array
    strengths: Array
    covariate_axes: Array
    asked: Array
    asked_covariates: Array


def factorize(features: tuple[Array, Array], design: tuple[Array, Array]) -> Factors:
    """Factors of features (person, feature) and design (person, covariate), each of those who teach and those asked."""
    taught, asked = features
    covariate_axes, asked_covariates = _covariate_axes(*design)
    told = covariate_axes.T @ taught
    asked = asked - asked_covariates @ told
    least = LEAST_SHARE if taught.dtype == np.float64 else LEAST_SHARE_SINGLE
    if taught.shape[0] >= taught.shape[1]:
        strengths, turned = _leading(taught.T @ taught - told.T @ told, least * len(taught))
        axes = taught @ turned - covariate_axes @ (told @ turned)
        size = np.sqrt(strengths)
        return Factors(axes / size, strengths, covariate_axes, asked @ (turned / size), asked_covariates)
    taught = taught - covariate_axes @ told
    strengths, axes = _leading(taught @ taught.T, least * len(taught))
    return Factors(axes, strengths, covariate_axes, asked @ (taught.T @ (axes / strengths)), asked_covariates)


def can_do_without(factors: Factors, absent: NDArray[np.intp]) -> bool:
    """Whether those who are left still tell all covariates apart, so that people may be taken out afterwards."""
    gone = factors.covariate_axes[absent]
    return bool(np.linalg.norm(gone, 2) ** 2 < 1.0 - LEAST_KNOWN) if len(absent) else True


def predict_targets(
    factors: Factors, targets: Array, absent: NDArray[np.intp], penalties: NDArray[np.float64]
) -> tuple[Array, Array, NDArray[np.intp]]:
    """What covariates alone, and with features, say of the people asked (asked, target), and the penalties chosen.

    Parameters
    ----------
    factors
        As given by `factorize`.
    targets
        (teacher, target); any finite values for those who are absent.
    absent
        Teachers who have none of these targets.
    penalties
        (penalty,) per person who has the targets.

    Returns
    -------
    covariates, both, chosen
        Number (target,) of the penalty with the least generalized cross-validation error, and the predictions.
    """
    told, seen = factors.covariate_axes.T @ targets, factors.axes.T @ targets
    beyond = targets - factors.covariate_axes @ told
    penalties = (len(targets) - len(absent)) * penalties
    shares = (factors.strengths / (factors.strengths + penalties[:, None])).astype(targets.dtype)
    left, freedom, filled = _judge_penalties(factors, beyond, seen, absent, shares)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(freedom > 0, left / freedom**2, np.inf)
    chosen = np.asarray(error.argmin(axis=0))
    covariates = factors.asked_covariates @ (told - _taken_off(factors, beyond, absent))
    taken = np.take_along_axis(filled, chosen[None, None, :], axis=0)[0]
    told = told - factors.covariate_axes[absent].T @ taken
    seen = shares[chosen].T * (seen - factors.axes[absent].T @ taken)
    return covariates, factors.asked_covariates @ told + factors.asked @ seen, chosen


def _judge_penalties(
    factors: Factors, beyond: Array, seen: Array, absent: NDArray[np.intp], shares: Array
) -> tuple[Array, Array, Array]:
    """Squared residuals, degrees of freedom (penalty, 1), and what is taken off (penalty, absent, target).

    Residuals (penalty, target) of those who stay are those of all, after the values of the absent were replaced.
    """
    squared = seen**2
    outside = np.maximum(np.einsum("pt,pt->t", beyond, beyond) - squared.sum(axis=0), 0.0)
    left = outside + (1.0 - shares) ** 2 @ squared
    freedom = len(beyond) - factors.covariate_axes.shape[1] - shares.sum(axis=1)
    if not len(absent):
        return left, freedom[:, None], np.zeros((len(shares), 0, seen.shape[1]), dtype=seen.dtype)
    gone, twice_shares = factors.axes[absent], 2.0 * shares - shares**2
    untold = _untold(factors, absent)
    once, twice = (untold - (gone * each[:, None, :]) @ gone.T for each in (shares, twice_shares))
    residual, again = (beyond[absent] - gone @ (each[:, :, None] * seen) for each in (shares, twice_shares))
    solved = np.linalg.solve(once, np.concatenate([residual, twice], axis=2))
    filled, ratio = np.split(solved, [seen.shape[1]], axis=2)
    left = left + np.einsum("kdt,kdt->kt", filled, twice @ filled - 2.0 * again)
    freedom = freedom - np.trace(ratio, axis1=1, axis2=2)
    return np.maximum(left, 0.0), freedom[:, None], filled


def _untold(factors: Factors, absent: NDArray[np.intp]) -> Array:
    """Rows and columns of the absent in the matrix that takes the covariates away."""
    gone = factors.covariate_axes[absent]
    return np.eye(len(absent), dtype=gone.dtype) - gone @ gone.T


def _taken_off(factors: Factors, beyond: Array, absent: NDArray[np.intp]) -> Array:
    """What the missing values change in the axes of the covariates, without features (covariate axis, target)."""
    filled = np.linalg.solve(_untold(factors, absent), beyond[absent])
    return np.asarray(factors.covariate_axes[absent].T @ filled)


def _covariate_axes(taught: Array, asked: Array) -> tuple[Array, Array]:
    left, size, right = np.linalg.svd(taught.astype(float), full_matrices=False)
    kept = size > np.sqrt(LEAST_SHARE) * size[0]
    return (
        left[:, kept].astype(taught.dtype),
        (asked.astype(float) @ (right[kept].T / size[kept])).astype(taught.dtype),
    )


def _leading(gram: Array, least: float) -> tuple[Array, Array]:
    """Eigenvalues in ascending order, and vectors; those below ``least`` times the larger of one and the largest go."""
    from scipy.linalg import eigh

    values, vectors = eigh(gram, driver="evd", overwrite_a=True, check_finite=False)
    kept = values > least * max(values[-1] / len(gram), 1.0)
    return values[kept], vectors[:, kept]
