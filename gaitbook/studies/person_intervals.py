r"""How sure is a number told of one person? Intervals that hold within each sex and age band.

Errors of people who were not learned from say how wide an interval must be: of :math:`n` people and the one to come,
:math:`m = \lfloor (n + 1) (1 - q) \rfloor` may lie outside (conformal prediction), whose chance to lie inside is then
:math:`1 - m / (n + 1)`, at least :math:`q` and hardly more, in small bands too. Each sex and age band has its own
errors, so that an interval that is right on average is not wrong for the old. Both tails are cut alike, as predictions
draw the extremes to the middle; if :math:`m` is odd, the upper one by one more. Where several models were each fitted
without one fold, the error of a person is laid about the prediction of the model that did not know that person (CV+).

References
----------
Vovk (2005), Algorithmic learning in a random world, doi:10.1007/b106715. Barber (2021), Predictive inference with the
jackknife+, doi:10.1214/20-AOS1965. Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.age_bands import age_bands, band_of
from gaitbook.studies.unseen_ridge import UnseenRidge

Array = NDArray[np.float64]
LEVEL: Final = 0.9
BAND_LIMITS, OVERALL_LIMITS = (0.86, 0.94), (0.88, 0.92)
"""Coverage that is taken for valid in a band, and overall, at the level of 0.9."""
SPREAD_RANGE: Final = 3.0
"""A predicted spread is at most so many times the usual one, or its inverse."""
EVERYONE: Final = "all"


@dataclass(frozen=True)
class PersonIntervals:
    """Errors from which intervals are made.

    Parameters
    ----------
    errors
        One row per person: sex, band, fold, error (true minus predicted, over the predicted spread if there is one).
    bands
        One row per band: sex, band, from_year (the band reaches to the next), n.
    level
        Share of people whose truth is to lie inside.
    """

    errors: pd.DataFrame
    bands: pd.DataFrame
    level: float = LEVEL


def fit_intervals(
    predicted: pd.Series,
    truth: pd.Series,
    people: pd.DataFrame,
    *,
    fold: pd.Series | None = None,
    spread: pd.Series | None = None,
    bands: pd.DataFrame | None = None,
    level: float = LEVEL,
) -> PersonIntervals:
    """Learn from people who were not learned from how far predictions are from the truth.

    Parameters
    ----------
    predicted
        By subject, each predicted by a model that did not know the person.
    truth
        By subject, in the same unit; who has none (NaN) teaches nothing.
    people
        Columns sex, age_year.
    fold
        By subject; needed if intervals are to be laid about predictions of several models.
    spread
        By subject, positive: how far off a prediction is expected to be (`predict_spread`).
    bands
        As given by `age_bands`; by default those of the people who teach.
    level
        Of the intervals.

    Raises
    ------
    ValueError
        Too few people, or ages missing; all faults are named.
    """
    error = (truth.reindex(predicted.index) - predicted) / _ones_or(spread, predicted.index)
    error = error.dropna()
    known = people.loc[error.index]
    bands = age_bands(known) if bands is None else bands
    group = 0 if fold is None else fold.reindex(error.index)
    errors = pd.DataFrame(
        {"sex": known["sex"], "band": band_of(known, bands), "fold": group, "error": error.astype(float)}
    )
    return PersonIntervals(errors, bands, level)


def lay_intervals(
    intervals: PersonIntervals,
    predicted: pd.Series | pd.DataFrame,
    people: pd.DataFrame,
    *,
    spread: pd.Series | None = None,
) -> pd.DataFrame:
    """Intervals of people.

    Parameters
    ----------
    intervals
        As given by `fit_intervals`.
    predicted
        By subject, of one model; or (subject, fold), of the models that were each fitted without a fold.
    people
        Columns sex, age_year.
    spread
        By subject, if errors were learned over a spread.

    Raises
    ------
    ValueError
        Errors were not learned of these models, a sex is unknown or an age missing.

    Returns
    -------
    pandas.DataFrame
        By subject: predicted (mean over models), low, high, sex, band. Infinite where a band has too few people.
    """
    table = predicted.to_frame(0) if isinstance(predicted, pd.Series) else predicted
    _require_models(table, intervals.errors["fold"])
    known = people.loc[table.index]
    scale = _ones_or(spread, table.index)
    result = known[["sex"]].assign(band=band_of(known, intervals.bands), predicted=table.mean(axis=1))
    result[["low", "high"]] = np.nan
    taught = dict(list(intervals.errors.groupby(["sex", "band"])))
    for key, asked in result.groupby(["sex", "band"]):
        own, errors = asked.index, taught.get(key, intervals.errors.iloc[:0])
        columns = 0 if table.shape[1] == 1 else table.columns.get_indexer(pd.Index(errors["fold"]))
        about = table.loc[own].to_numpy(dtype=float)[:, columns]
        about = about.reshape(len(own), -1)
        reached = about + scale.loc[own].to_numpy()[:, None] * errors["error"].to_numpy()[None, :]
        result.loc[own, ["low", "high"]] = _ends(reached, intervals.level)
    return result[["predicted", "low", "high", "sex", "band"]]


def coverage_of_intervals(
    predicted: pd.Series,
    truth: pd.Series,
    people: pd.DataFrame,
    fold: pd.Series,
    *,
    spread: pd.Series | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Share of people whose truth lies in the interval that people of the other folds taught, by sex and age band.

    Parameters
    ----------
    predicted, truth, people, spread, level
        As for `fit_intervals`.
    fold
        By subject.

    Returns
    -------
    pandas.DataFrame
        One row per band, sex and overall (``"all"``): sex, band, n, covered, share, low, high (Clopper and Pearson,
        95 %), width (median), valid (`BAND_LIMITS`, `OVERALL_LIMITS`).
    """
    known = truth.reindex(predicted.index).dropna().index
    bands = age_bands(people.loc[known])
    parts = []
    for each in np.unique(fold.loc[known]):
        asked = known[(fold.loc[known] == each).to_numpy()]
        taught = fit_intervals(
            predicted[known.difference(asked, sort=False)],
            truth,
            people,
            spread=spread,
            bands=bands,
            level=level,
        )
        parts.append(lay_intervals(taught, predicted[asked], people, spread=spread))
    laid = pd.concat(parts)
    own = truth.loc[laid.index]
    laid["inside"] = (laid["low"] <= own) & (own <= laid["high"])
    return _count_inside(laid, bands, level)


def predict_spread(features: pd.DataFrame, errors: pd.Series, fold: pd.Series) -> pd.Series:
    """How far off predictions of each person are expected to be, learned from the errors of other folds.

    Ridge regression of the logarithm of the absolute error, within `SPREAD_RANGE` of the usual one.
    """
    away = errors.abs().to_numpy(dtype=float)
    logarithm = np.log(away + 0.01 * np.median(away))
    told = UnseenRidge(features.loc[errors.index].to_numpy(dtype=float), fold.loc[errors.index].to_numpy())
    most = np.log(SPREAD_RANGE)
    return pd.Series(np.exp(np.clip(told.predict(logarithm[:, None])[:, 0], -most, most)), errors.index)


def _ends(reached: Array, level: float) -> Array:
    """Lower and upper end (person, 2) of what errors reach (person, error), a person more than there are counted."""
    ordered = np.sort(reached, axis=1)
    count = ordered.shape[1]
    outside = int(np.floor((count + 1) * (1.0 - level) + 1e-9))
    below, above = outside // 2, outside - outside // 2
    if not below:
        return np.tile([-np.inf, np.inf], (len(reached), 1))
    return ordered[:, [below - 1, count - above]]


def _count_inside(laid: pd.DataFrame, bands: pd.DataFrame, level: float) -> pd.DataFrame:
    from statsmodels.stats.proportion import proportion_confint

    order = [*bands.sort_values("from_year")["band"].drop_duplicates(), EVERYONE]
    laid = laid.assign(width=laid["high"] - laid["low"])
    parts = [
        part.groupby(["sex", "band"], sort=False)
        for part in (laid, laid.assign(band=EVERYONE), laid.assign(sex=EVERYONE, band=EVERYONE))
    ]
    table = pd.concat(
        each.agg(n=("inside", "size"), covered=("inside", "sum"), width=("width", "median")) for each in parts
    ).reset_index()
    place = table["sex"].eq(EVERYONE).to_numpy(), table["sex"], table["band"].map(order.index)
    table = table.iloc[np.lexsort([np.asarray(each) for each in reversed(place)])].reset_index(drop=True)
    low, high = proportion_confint(table["covered"], table["n"], method="beta")
    share = table["covered"] / table["n"]
    limits = np.where((table["band"] == EVERYONE).to_numpy()[:, None], OVERALL_LIMITS, BAND_LIMITS)
    near = limits - LEVEL + level
    valid = (near[:, 0] <= share) & (share <= near[:, 1])
    table = table.assign(share=share, low=low, high=high, valid=valid)
    return table[["sex", "band", "n", "covered", "share", "low", "high", "width", "valid"]]


def _require_models(predicted: pd.DataFrame, fold: pd.Series) -> None:
    absent = sorted(set(fold) - set(predicted.columns))
    if predicted.shape[1] > 1 and absent:
        raise ValueError(
            f"Predictions of {predicted.shape[1]} models were given, but none without fold "
            f"{', '.join(map(str, absent))}: fit the intervals with the folds of these models"
        )


def _ones_or(spread: pd.Series | None, people: pd.Index) -> pd.Series:
    return pd.Series(1.0, people) if spread is None else spread.loc[people]
