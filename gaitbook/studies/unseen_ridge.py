r"""Ridge regression that predicts each person from others, for thousands of targets at once.

Features are decomposed once for each group of people left out, :math:`X = U S V^\top`; every target and every penalty
then costs two products. The penalty of a target is the one with the least generalized cross-validation error among
the people who are not left out (doi:10.1080/00401706.1979.10489751).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PENALTIES: Final = tuple(float(10.0**power) for power in np.arange(-2.0, 4.1, 0.5))
"""Penalties per person, for features of unit variance."""
LEAST_SHARE: Final = 1e-10
"""Eigenvalues below this share of the largest are rounding."""


class Split(NamedTuple):
    """People left out (indices), those who teach, and the features of both in the axes of the teachers."""

    unseen: NDArray[np.intp]
    known: NDArray[np.intp]
    scores: Array
    eigenvalues: Array
    unseen_scores: Array


class UnseenRidge:
    """Features of people dealt into folds, ready to predict any target of each fold from the other folds.

    Parameters
    ----------
    features
        (person, feature), without gaps.
    fold
        (person,) number of the fold in which a person is left out.
    """

    def __init__(self, features: Array, fold: NDArray[np.integer]) -> None:
        self.splits = [_decompose(features, fold == each) for each in np.unique(fold)]

    def predict(self, targets: Array) -> Array:
        """Predictions (person, target) of targets (person, target), less the mean of those who taught.

        Folds have different teachers and so different means, which would correlate negatively with the truth.
        """
        predicted = np.empty(targets.shape)
        for split in self.splits:
            known = targets[split.known] - targets[split.known].mean(axis=0)
            predicted[split.unseen] = split.unseen_scores @ self.weigh(split, known)
        return predicted

    def weigh(self, split: Split, known: Array) -> Array:
        """Weight (axis, target) of each axis of a split, for what teachers know (teacher, target)."""
        return fit_split(split, known)


def deal_folds(people: int, *, folds: int, seed: int) -> NDArray[np.intp]:
    """Fold of each person, dealt at random into folds of nearly equal size."""
    dealt = np.empty(people, dtype=np.intp)
    dealt[np.random.default_rng(seed).permutation(people)] = np.arange(people) % folds
    return dealt


def correlate_within(predicted: Array, truth: Array, fold: NDArray[np.integer]) -> Array:
    """Correlation (target,) of predictions with truth, both about their means in each fold; gaps (NaN) are left out."""
    known = np.isfinite(truth)
    first, second = np.where(known, predicted, 0.0), np.where(known, truth, 0.0)
    for each in np.unique(fold):
        inside = fold == each
        count = np.maximum(known[inside].sum(axis=0), 1)
        for values in (first, second):
            values[inside] -= values[inside].sum(axis=0) / count
    first[~known] = second[~known] = 0.0
    product = np.einsum("pt,pt->t", first, second)
    sizes = np.einsum("pt,pt->t", first, first) * np.einsum("pt,pt->t", second, second)
    return np.asarray(np.divide(product, np.sqrt(sizes), out=np.full(len(product), np.nan), where=sizes > 0))


def scale_features(taught: Array) -> tuple[Array, Array]:
    """Mean of each feature (person, feature), and one over its standard deviation; zero where it does not vary."""
    mean, spread = taught.mean(axis=0), taught.std(axis=0)
    floor = LEAST_SHARE * (1 + np.abs(mean))
    return mean, np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > floor)


def _decompose(features: Array, left_out: NDArray[np.bool_]) -> Split:
    unseen, known = np.flatnonzero(left_out), np.flatnonzero(~left_out)
    mean, scale = scale_features(features[known])
    taught, asked = ((features[rows] - mean) * scale for rows in (known, unseen))
    many_people = taught.shape[0] >= taught.shape[1]
    values, vectors = np.linalg.eigh(taught.T @ taught if many_people else taught @ taught.T)
    kept = values > LEAST_SHARE * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    size = np.sqrt(values)
    if many_people:
        return Split(unseen, known, taught @ vectors / size, values, asked @ vectors)
    return Split(unseen, known, vectors, values, asked @ (taught.T @ vectors) / size)


def fit_split(split: Split, known: Array) -> Array:
    """Weight (axis, target) of each axis, by the penalty that suits the target."""
    people = len(known)
    seen = split.scores.T @ known
    beyond = np.einsum("pt,pt->t", known, known) - np.einsum("at,at->t", seen, seen)
    penalties = people * np.array(PENALTIES)
    kept = split.eigenvalues / (split.eigenvalues + penalties[:, None])
    left = beyond + (1.0 - kept) ** 2 @ seen**2
    error = left / (people - 1.0 - kept.sum(axis=1))[:, None] ** 2
    best = error.argmin(axis=0)
    size = np.sqrt(split.eigenvalues)
    weight = size / (split.eigenvalues + penalties[:, None])
    return np.asarray(seen * weight[best].T)
