r"""Yes or no, for many targets at once: logistic regression on covariates alone, and on covariates with gait.

Gait enters by the leading axes of what the covariates do not tell of it, among all who teach a fold. All targets share
these axes and are fitted together by Newton's method; who lacks a value weighs nothing. With free covariates, taking
them off the features leaves the regression the same. The penalty is that of generalized cross-validation in the first
Newton step from the fit of the covariates, where all people weigh alike: near enough to choose by.

With few cases some covariate always tells them apart by chance, and its weight would grow without bound. Therefore the
axes of covariates carry a weak penalty, `FREE_PENALTY`: a prior of three logits per standard deviation.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from gaitbook.studies.folded_people import PENALTIES, Fold, FoldedPeople
from gaitbook.studies.ridge_factors import Factors
from gaitbook.studies.shared_ridge import NO_VALUE

Array = NDArray[np.float64]
MIN_CASES: Final = 10
"""People that each answer needs."""
AXES: Final = 128
FREE_PENALTY: Final = 0.1
STEPS: Final = 30
HALVINGS: Final = 8
ENOUGH: Final = 1e-7
"""Change of the weights in the last step, at most."""
BATCH: Final = 16
"""Targets whose curvature is held at once."""


@dataclass(frozen=True)
class LogisticPrediction:
    """What others teach about each person.

    Parameters
    ----------
    covariates
        (person, target) probability by covariates alone; NaN where a target is refused.
    both
        (person, target) probability by covariates and features.
    penalty
        (fold, target) of the squared weights of gait, halved, per person.
    reason
        (target,) why it is refused; empty where it is not.
    """

    covariates: Array
    both: Array
    penalty: Array
    reason: NDArray[np.str_]


class _Problem(NamedTuple):
    """Columns (person, column) of those who teach, answers and who has them (person, target), penalties."""

    columns: Array
    answers: Array
    known: Array
    penalty: Array


class SharedLogistic(FoldedPeople):
    """Features and covariates of people dealt into folds, ready to predict any targets that are yes or no.

    Parameters
    ----------
    features, design, fold, penalties
        As for `gaitbook.studies.shared_ridge.SharedRidge`.
    axes
        Of the features beyond the covariates, those of most variance that are used.

    Raises
    ------
    ValueError
        People differ between the tables, values are missing, or there are fewer than two folds; all faults are named.
    """

    def __init__(
        self,
        features: NDArray[np.floating],
        design: NDArray[np.floating],
        fold: NDArray[np.integer],
        *,
        penalties: tuple[float, ...] = PENALTIES,
        axes: int = AXES,
    ) -> None:
        super().__init__(features, design, fold, penalties=penalties)
        self._axes = axes

    def predict(self, values: NDArray[np.floating]) -> LogisticPrediction:
        """Probabilities of one (person, target), for targets that are 0, 1 or NaN where a person lacks the value.

        Raises
        ------
        ValueError
            The rows are not as many as the people.
        """
        self.require_rows(values)
        reason = explain_refused(values, self.fold)
        kept = np.flatnonzero(reason == "")
        covariates, both = (np.full(values.shape, np.nan) for _ in range(2))
        penalty = np.full((len(np.unique(self.fold)), values.shape[1]), np.nan)

        def predict_fold(number: int, fold: Fold) -> None:
            factors = self.factorize(fold, fold.taught)
            taught = values[np.ix_(fold.taught, kept)].astype(float)
            place = np.ix_(fold.asked, kept)
            covariates[place], both[place], penalty[number, kept] = self._fit(factors, taught)

        self.for_each_fold(predict_fold)
        return LogisticPrediction(covariates, both, penalty, reason)

    def _fit(self, factors: Factors, values: Array) -> tuple[Array, Array, Array]:
        """Probabilities (asked, target) by covariates and by both, and the penalty per person (target,)."""
        known = np.isfinite(values).astype(float)
        answers = np.where(known > 0, values, 0.0)
        taught, asked = _free_columns(factors)
        free = np.full(taught.shape[1], FREE_PENALTY)
        free[0] = 0.0
        weights = np.zeros((taught.shape[1], answers.shape[1]))
        weights[0] = _logit(answers.sum(axis=0) / known.sum(axis=0))
        covariates = _climb(
            _Problem(taught, answers, known, np.tile(free[:, None], answers.shape[1])), weights
        )
        told = expit(taught @ covariates)
        size = np.sqrt(factors.strengths[-self._axes :])
        axes = factors.axes[:, -self._axes :]
        linear = _choose_penalty(axes, size**2, known * (answers - told), known, self.penalties)
        even = (known * told * (1 - told)).sum(axis=0) / known.sum(axis=0)
        penalty = linear * even
        both = _Problem(
            np.column_stack([taught, axes * size]),
            answers,
            known,
            np.vstack(
                [np.tile(free[:, None], len(penalty)), np.tile(penalty * known.sum(axis=0), (len(size), 1))]
            ),
        )
        weights = _climb(both, np.vstack([covariates, np.zeros((len(size), len(penalty)))]))
        gait = factors.asked[:, -self._axes :] * size
        return expit(asked @ covariates), expit(np.column_stack([asked, gait]) @ weights), penalty


def explain_refused(values: NDArray[np.floating], fold: NDArray[np.integer]) -> NDArray[np.str_]:
    """Why targets (person, target) are refused (target,); empty where they are not.

    Parameters
    ----------
    values
        NaN where missing.
    fold
        (person,).
    """
    told = np.isfinite(values)
    return np.array(
        [_explain(each[own], fold[own]) for each, own in zip(values.T, told.T, strict=True)], dtype=str
    )


def _explain(column: NDArray[np.floating], fold: NDArray[np.integer]) -> str:
    if not len(column):
        return NO_VALUE
    other = column[(column != 0) & (column != 1)]
    if len(other):
        return f"values other than 0 and 1, such as {other[0]:g}: it is not yes or no"
    counts = [int((column == answer).sum()) for answer in (0, 1)]
    if min(counts) < MIN_CASES:
        return f"{min(counts)} people have {int(np.argmin(counts))}: at least {MIN_CASES} are needed of each answer"
    if any(len(np.unique(fold[column == answer])) < 2 for answer in (0, 1)):  # noqa: PLR2004 - one to teach
        return "all people with one of the answers are in one fold"
    return ""


def _free_columns(factors: Factors) -> tuple[Array, Array]:
    """A constant, and axes of the covariates of mean zero and unit spread, of those who teach and those asked."""
    mean = factors.covariate_axes.mean(axis=0)
    people = len(factors.covariate_axes)
    taught, asked = (
        np.column_stack([np.ones(len(axes)), np.sqrt(people) * (axes - mean)])
        for axes in (factors.covariate_axes, factors.asked_covariates)
    )
    return taught, asked


def _choose_penalty(axes: Array, strengths: Array, left: Array, known: Array, penalties: Array) -> Array:
    """Penalty per person (target,) of the linear regression of what is left (person, target) on the axes."""
    count = known.sum(axis=0)
    seen = axes.T @ left
    share = count / len(known)
    error = []
    for penalty in penalties:
        kept = strengths[:, None] * share / (strengths[:, None] * share + count * penalty)
        residual = np.einsum("pt,pt->t", left, left) - (kept * (2.0 - kept) * seen**2).sum(axis=0)
        error.append(residual / np.maximum(count - 1.0 - kept.sum(axis=0), 1.0) ** 2)
    return np.asarray(penalties[np.argmin(error, axis=0)])


def _climb(problem: _Problem, start: Array) -> Array:
    """Weights (column, target) of the most penalized likelihood; steps that overshoot are halved."""
    weights = start.copy()
    active = np.arange(weights.shape[1])
    for _ in range(STEPS):
        for batch in np.array_split(active, max(-(-len(active) // BATCH), 1)):
            weights[:, batch] += _newton_step(_take(problem, batch), weights[:, batch])
        moved = np.abs(weights[:, active] - start[:, active]).max(axis=0, initial=0.0)
        start = weights.copy()
        active = active[moved > ENOUGH]
        if not len(active):
            break
    return weights


def _newton_step(problem: _Problem, weights: Array) -> Array:
    told = expit(problem.columns @ weights)
    slope = problem.columns.T @ (problem.known * (problem.answers - told)) - problem.penalty * weights
    spread = (problem.known * told * (1.0 - told)).T[:, :, None]
    curvature = problem.columns.T @ (spread * problem.columns)
    diagonal = np.arange(len(weights))
    curvature[:, diagonal, diagonal] += problem.penalty.T + np.finfo(float).eps * len(told)
    step = np.linalg.solve(curvature, slope.T[:, :, None])[:, :, 0].T
    before, share = _likelihood(problem, weights), np.ones(weights.shape[1])
    for _ in range(HALVINGS):
        worse = _likelihood(problem, weights + share * step) < before - ENOUGH
        if not worse.any():
            break
        share[worse] /= 2.0
    return share * step


def _likelihood(problem: _Problem, weights: Array) -> Array:
    logit = problem.columns @ weights
    told = problem.known * (problem.answers * logit + log_expit(-logit))
    return np.asarray(told.sum(axis=0) - (problem.penalty * weights**2).sum(axis=0) / 2.0)


def _take(problem: _Problem, batch: NDArray[np.intp]) -> _Problem:
    columns, *rest = problem
    return _Problem(columns, *(each[:, batch] for each in rest))


def _logit(share: Array) -> Array:
    return np.asarray(np.log(share / (1.0 - share)))
