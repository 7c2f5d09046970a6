r"""How well unseen people were predicted, with intervals, for thousands of targets and by sex.

All targets share the redraws of people (bootstrap): each score is a ratio of sums over people, so that all redraws of
all targets are products of matrices. Folds have different teachers and thus different means; correlations and areas
under the curve are therefore taken within folds. Errors are taken as they are:
:math:`R^2 = 1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.paired_scores import limits_of, redraw_people, redrawn_correlations

Array = NDArray[np.float64]
Folds = NDArray[np.intp]
Score = Callable[[Array, Array, Folds, Array], Array]
"""Scores (draw, target) of predictions and truth (person, target) by fold, with weights (draw, person)."""
DRAWS: Final = 1000
FEWEST_PEOPLE: Final = 10
ALL: Final = "all"
LEAST_SPREAD: Final = 1e-12


def score_values(
    predicted: pd.DataFrame,
    truth: pd.DataFrame,
    fold: pd.Series,
    sex: pd.Series,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Correlation, share of variance and mean absolute error of predictions of numbers.

    Parameters
    ----------
    predicted, truth
        (subject, phenotype), NaN where missing.
    fold, sex
        By subject.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        One row per phenotype, sex (and ``"all"``, if there are both) and measure (``"r"``, ``"r2"``, ``"mae"``, the
        last in the unit of the phenotype): phenotype, sex, measure, value, low, high (95 %), n, reason (why there is no
        score, else empty).

    Raises
    ------
    ValueError
        The tables do not tell of the same people and phenotypes; all faults are named.
    """
    measures = {"r": redrawn_correlations, "r2": _shares_told, "mae": _absolute_errors}
    return _score(measures, (predicted, truth, fold, sex), _why_no_number, draws=draws, seed=seed)


def redrawn_areas(predicted: Array, truth: Array, fold: Folds, weights: Array) -> Array:
    """Areas (draw, target) under the receiver operating curve: pairs of yes and no of the same fold in the right order.

    Parameters
    ----------
    predicted, truth
        (person, target), truth 0 or 1, NaN where unknown. Ties count one half.
    fold
        (person,).
    weights
        (draw, person): how often each person counts.

    Returns
    -------
    numpy.ndarray
        NaN where a draw has no pair.
    """
    areas = np.full((len(weights), truth.shape[1]), np.nan)
    for target in range(truth.shape[1]):
        told = np.isfinite(predicted[:, target])
        yes, no = (np.flatnonzero(told & (truth[:, target] == answer)) for answer in (1, 0))
        together = (fold[yes][:, None] == fold[no]).astype(float)
        higher, lower = predicted[yes, target][:, None], predicted[no, target]
        right = together * ((higher > lower) + 0.5 * (higher == lower))
        of_yes, of_no = weights[:, yes], weights[:, no]
        counted, pairs = (np.einsum("dn,dn->d", of_yes @ each, of_no) for each in (right, together))
        areas[:, target] = np.divide(counted, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return areas


def redrawn_brier_scores(predicted: Array, truth: Array, fold: Folds, weights: Array) -> Array:  # noqa: ARG001
    """Mean squared errors (draw, target) of probabilities of yes; NaN where a draw has nobody. As `redrawn_areas`."""
    known, left, _ = _errors(predicted, truth)
    return _mean(left**2, known, weights)


def _shares_told(predicted: Array, truth: Array, fold: Folds, weights: Array) -> Array:  # noqa: ARG001
    known, left, centered = _errors(predicted, truth)
    count = np.maximum(weights @ known, 1.0)
    spread = weights @ centered**2 - (weights @ centered) ** 2 / count
    error = weights @ left**2
    told = np.full(error.shape, np.nan)
    return 1.0 - np.divide(error, spread, out=told, where=spread > LEAST_SPREAD * count)


def _absolute_errors(predicted: Array, truth: Array, fold: Folds, weights: Array) -> Array:  # noqa: ARG001
    known, left, _ = _errors(predicted, truth)
    return _mean(np.abs(left), known, weights)


def _mean(values: Array, known: NDArray[np.bool_], weights: Array) -> Array:
    count = weights @ known
    return np.divide(weights @ values, count, out=np.full(count.shape, np.nan), where=count > 0)


def _errors(predicted: Array, truth: Array) -> tuple[NDArray[np.bool_], Array, Array]:
    """Who is scored, errors, and truth about its mean (person, target), zero for others."""
    known = np.isfinite(predicted) & np.isfinite(truth)
    mean = np.where(known, truth, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return known, np.where(known, truth - predicted, 0.0), np.where(known, truth - mean, 0.0)


def _score(
    measures: Mapping[str, Score],
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series],
    why: Callable[[Array], str],
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    predicted, truth, fold, sex = tables
    faults = list(_find_faults(*tables))
    if faults:
        raise ValueError("Predictions cannot be scored: " + "; ".join(faults))
    fold, sex = fold.loc[predicted.index], sex.loc[predicted.index]
    truth = truth.loc[predicted.index, predicted.columns]
    sexes = [str(each) for each in dict.fromkeys(sex)]
    parts = []
    for each in [*([ALL] if len(sexes) > 1 else []), *sexes]:
        own = np.ones(len(sex), dtype=bool) if each == ALL else (sex == each).to_numpy()
        told = predicted.to_numpy(dtype=float)[own]
        known = np.where(np.isfinite(told), truth.to_numpy(dtype=float)[own], np.nan)
        reason = np.array([why(column[np.isfinite(column)]) for column in known.T], dtype=object)
        columns = {
            "phenotype": predicted.columns,
            "sex": each,
            "n": np.isfinite(known).sum(axis=0),
            "reason": reason,
        }
        told = np.where(np.isfinite(known) & (reason == ""), told, np.nan)
        known = np.where(reason == "", known, np.nan)
        weights = redraw_people(len(known), draws=draws, seed=seed)
        for name, score in measures.items():
            dealt = fold.to_numpy(dtype=np.intp)[own]
            value = score(told, known, dealt, np.ones((1, len(known))))[0]
            low, high = limits_of(score(told, known, dealt, weights))
            scores = {"measure": name, "value": value, "low": low, "high": high}
            parts.append(pd.DataFrame(columns | scores))
    table = pd.concat(parts, ignore_index=True)
    table.loc[table["value"].isna() & (table["reason"] == ""), "reason"] = "all predictions are the same"
    return table[["phenotype", "sex", "measure", "value", "low", "high", "n", "reason"]]


def _why_no_number(known: Array) -> str:
    if len(known) < FEWEST_PEOPLE:
        return f"{len(known)} people have a value and a prediction: at least {FEWEST_PEOPLE} are needed"
    return "all values are the same" if np.ptp(known) <= LEAST_SPREAD * (1.0 + np.abs(known).max()) else ""


def _find_faults(
    predicted: pd.DataFrame, truth: pd.DataFrame, fold: pd.Series, sex: pd.Series
) -> Iterator[str]:
    tables: Mapping[str, pd.DataFrame | pd.Series] = {"truth": truth, "fold": fold, "sex": sex}
    for name, table in tables.items():
        absent = len(predicted.index.difference(table.index))
        if absent:
            yield f"{absent} people with predictions have no row in {name}"
    for name, table in {"predictions": predicted, **tables}.items():
        repeated = int(table.index.duplicated().sum())
        if repeated:
            yield f"{repeated} rows of {name} repeat a person: keep one each"
    missing = predicted.columns.difference(truth.columns)
    if len(missing):
        yield f"{len(missing)} phenotypes have predictions but no truth, such as {missing[0]}"
