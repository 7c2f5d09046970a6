"""How much several sets of features tell of the same unseen people, all redrawn together.

Two sets are compared on the same people, so that what is easy or hard about a person is the same for both. Redrawing
people (bootstrap) moves all scores together, and the spread of their difference is that of the difference. Predictions
are made once: an interval speaks of the people who are judged, given what the others taught.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.permutation import adjust
from gaitbook.studies.shared_prior import SharedPriorRidge

Array = NDArray[np.float64]
Folds = NDArray[np.intp]
Predictor = Callable[[Array, Array, Array, Folds], Array]
"""Predictions (person, target) from features, values (NaN where unknown), covariates and fold, all by person."""
COVARIATES: Final = tuple(TARGETS.values())
DRAWS: Final = 500
FEWEST_PEOPLE: Final = 50
STREAM: Final = 83
LEAST_SPREAD: Final = 1e-12


@dataclass(frozen=True)
class PairedScores:
    """Correlations with the truth of several sets of features, beyond covariates.

    Parameters
    ----------
    sets
        Names of the sets.
    targets
        Names of the targets.
    r
        (set, target); NaN where nothing can be said.
    drawn
        (set, draw, target): the same, of people drawn again.
    n
        (target,): people who have the value.
    """

    sets: tuple[str, ...]
    targets: pd.Index
    r: Array
    drawn: Array
    n: NDArray[np.intp]


def predict_beyond(features: Array, values: Array, covariates: Array, fold: Folds) -> Array:
    """What features tell of values beyond covariates (person, target), each person predicted from other folds.

    Many targets teach a prior together (`gaitbook.studies.shared_prior`).

    Parameters
    ----------
    features
        (person, feature), without gaps.
    values
        (person, target), NaN where unknown: filled by what the covariates say, so that nothing is learned from it.
    covariates
        (person, covariate), removed linearly from both sides.
    fold
        (person,).
    """
    left = np.nan_to_num(adjust(values, covariates))
    return SharedPriorRidge(adjust(features, covariates), fold).predict(left)


def score_sets(
    sets: Mapping[str, pd.DataFrame],
    values: pd.DataFrame,
    covariates: pd.DataFrame,
    fold: pd.Series,
    *,
    predict: Predictor = predict_beyond,
    draws: int = DRAWS,
    seed: int = 0,
) -> PairedScores:
    """Scores of sets of features on the same people.

    Parameters
    ----------
    sets
        Features (subject, feature) by name of the set, without gaps.
    values
        Targets (subject, target).
    covariates
        (subject, covariate), removed from the truth.
    fold
        By subject.
    predict
        How a set predicts; `predict_beyond` by default.
    draws, seed
        Of the redraws of people.

    Returns
    -------
    PairedScores
        About the means of each fold, as folds have different teachers.
    """
    people = next(iter(sets.values())).index
    told, dealt = covariates.loc[people].to_numpy(dtype=float), fold.loc[people].to_numpy(dtype=np.intp)
    known = values.loc[people].to_numpy(dtype=float)
    predicted = {
        name: predict(each.loc[people].to_numpy(dtype=float), known, told, dealt)
        for name, each in sets.items()
    }
    return score_predictions(
        predicted, values.loc[people], covariates.loc[people], dealt, draws=draws, seed=seed
    )


def score_predictions(
    predicted: Mapping[str, Array],
    values: pd.DataFrame,
    covariates: pd.DataFrame,
    fold: Folds,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> PairedScores:
    """Scores of predictions (person, target) by name, of the people of ``values``; otherwise as `score_sets`."""
    truth = _scaled(adjust(values.to_numpy(dtype=float), covariates.to_numpy(dtype=float)))
    weights = redraw_people(len(values), draws=draws, seed=seed)
    ones = np.ones((1, len(values)))
    r = [redrawn_correlations(each, truth, fold, ones) for each in predicted.values()]
    drawn = [redrawn_correlations(each, truth, fold, weights) for each in predicted.values()]
    n = np.isfinite(truth).sum(axis=0)
    return PairedScores(tuple(predicted), values.columns, np.concatenate(r), np.stack(drawn), n)


def redraw_people(count: int, *, draws: int, seed: int) -> Array:
    """How often each of so many people is drawn (draw, person), drawn with return."""
    rng = np.random.default_rng([seed, STREAM])
    return rng.multinomial(count, np.full(count, 1.0 / count), draws).astype(float)


def redrawn_correlations(predicted: Array, truth: Array, fold: Folds, weights: Array) -> Array:
    """Correlations (draw, target) of predictions with the truth, both about the mean of each fold.

    Parameters
    ----------
    predicted, truth
        (person, target), truth NaN where unknown.
    fold
        (person,).
    weights
        (draw, person): how often each person counts.

    Returns
    -------
    numpy.ndarray
        NaN where predictions or truth do not vary.
    """
    known = np.isfinite(truth)
    first, second = (center_within(np.where(known, each, np.nan), fold) for each in (predicted, truth))
    count = np.maximum(weights @ known, 1.0)
    means = [weights @ each / count for each in (first, second)]
    spreads = [
        np.maximum(weights @ each**2 / count - mean**2, 0.0)
        for each, mean in zip((first, second), means, strict=True)
    ]
    together = weights @ (first * second) / count - means[0] * means[1]
    size = np.sqrt(spreads[0] * spreads[1])
    return np.asarray(np.divide(together, size, out=np.full(size.shape, np.nan), where=size > LEAST_SPREAD))


def center_within(values: Array, fold: Folds) -> Array:
    """Values (person, target) about the mean of each fold; zero where they are not known."""
    known = np.isfinite(values)
    centered = np.where(known, values, 0.0)
    for each in np.unique(fold):
        inside = fold == each
        centered[inside] -= centered[inside].sum(axis=0) / np.maximum(known[inside].sum(axis=0), 1)
    return np.where(known, centered, 0.0)


def limits_of(drawn: Array, *, level: float = 0.95) -> tuple[Array, Array]:
    """Ends (target,) of the middle of draws (draw, target); NaN where no draw says anything."""
    ends = np.full((2, drawn.shape[1]), np.nan)
    told = np.isfinite(drawn).any(axis=0)
    if told.any():
        ends[:, told] = np.nanquantile(drawn[:, told], [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return ends[0], ends[1]


def people_of_each_sex(people: pd.DataFrame) -> Iterator[tuple[str, pd.Index]]:
    """Sexes of a table of people, and who is of it."""
    for sex in dict.fromkeys(people["sex"]):
        yield str(sex), people.index[people["sex"] == sex]


def require_tables(
    sets: Mapping[str, pd.DataFrame],
    others: Mapping[str, pd.DataFrame | pd.Series],
    people: pd.DataFrame,
    *,
    columns: Sequence[str] = ("sex", *COVARIATES),
    fewest: int = FEWEST_PEOPLE,
) -> None:
    """Raise one error that names all that is wrong with tables that should tell of the same people.

    Parameters
    ----------
    sets
        Features (subject, feature) by name.
    others
        Further tables by name, in which everyone with features must stand.
    people
        With ``columns``, without gaps for those who have features.
    columns, fewest
        What is needed of the people, and how many of each sex.

    Raises
    ------
    ValueError
        Anyone lacks a row, a feature or a covariate; anyone has two rows; or too few are of a sex.
    """
    faults = [f"people have no column {name}" for name in columns if name not in people]
    everyone = next(iter(sets.values())).index
    for name, table in {**sets, **others, "people": people}.items():
        absent = len(everyone.difference(table.index))
        repeated = int(table.index.duplicated().sum())
        faults += [f"{absent} people of the features have no row in {name}"] if absent else []
        faults += [f"{repeated} rows of {name} repeat a person: keep one each"] if repeated else []
    for name, features in sets.items():
        gaps = int((~np.isfinite(features.to_numpy(dtype=float))).any(axis=1).sum())
        faults += [f"features of {gaps} people in {name} have gaps: leave these people out"] if gaps else []
    faults = faults or list(_people_faults(people.loc[everyone, list(columns)], fewest))
    if faults:
        raise ValueError("The features cannot be judged: " + "; ".join(faults))


def _people_faults(people: pd.DataFrame, fewest: int) -> Iterator[str]:
    for name in people.columns[people.isna().any()]:
        yield f"people without {name}: {int(people[name].isna().sum())}, leave them out"
    if "sex" in people:
        for sex, count in people["sex"].value_counts().items():
            if count < fewest:
                yield f"{sex} people: {count}, at least {fewest} of a sex are needed: leave that sex out"


def _scaled(values: Array) -> Array:
    """Values in their standard deviations; NaN where they are all the same."""
    known = np.isfinite(values)
    square = np.where(known, values, 0.0) ** 2
    spread = np.sqrt(square.sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    return values / np.where(spread > LEAST_SPREAD, spread, np.nan)
