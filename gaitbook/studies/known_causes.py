r"""Study: what do simple features of a skeleton tell of a person, where the truth is known?

Ridge regression on features of all tasks at once, judged on people that it has not seen. The correlation of such
predictions with the truth is a statistic of five fits that share people. Where nothing is to be found, its mean and
spread are not those of independent pairs, and the usual test finds too much or too little. A valid test deals the
values out to other people and repeats everything (`gaitbook.studies.permutation`). Women and men are tested apart, and
what age, body mass index, visceral fat and height tell is first removed from both sides.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.studies.permutation import NullTest, judge_targets, summarize_nulls
from gaitbook.studies.uncertainty import Estimate
from gaitbook.studies.unseen_ridge import UnseenRidge, correlate_within, deal_folds

Array = NDArray[np.float64]
TARGETS: Final[Mapping[str, str]] = {
    "age": "age_year",
    "bmi": "bmi_kgm2",
    "visceral_fat": "visceral_fat_cm2",
    "height": "height_m",
}
"""Column of the people table by name of the target."""
FOLDS: Final = 5
PERMUTATIONS: Final = 20
DRAWS: Final = 1000
FEWEST_PEOPLE: Final = 50
STREAM: Final = 71


def feature_correlations(
    features: pd.DataFrame,
    people: pd.DataFrame,
    *,
    targets: tuple[str, ...] = ("age", "bmi", "visceral_fat"),
    folds: int = FOLDS,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Correlation of what features tell of unseen people with the truth, by target.

    Features of all tasks stand side by side in one regression: it learns which task to trust for what, which the mean
    of predictions by single tasks cannot.

    Parameters
    ----------
    features
        As given by `gaitbook.studies.skeleton_features.collect_features`.
    people
        Rows ``subject``, with a column for each target.
    targets
        Any of ``"age"``, ``"bmi"``, ``"visceral_fat"``, ``"height"``.
    folds
        Groups of people; each is predicted from the others.
    seed
        Of the dealing into folds and of the interval.

    Returns
    -------
    dict
        `Estimate` by target; the interval is that of 1,000 redraws of people (bootstrap of predictions, fits not
        repeated).

    Raises
    ------
    ValueError
        Too few people, gaps in features, or columns that are missing; all faults are named.
    """
    unknown = [name for name in targets if TARGETS.get(name) not in people]
    faults = [f"people have no column for {', '.join(unknown)}"] if unknown else []
    shared = _shared_people(features, people, faults)
    truth = people.loc[shared, [TARGETS[name] for name in targets]].to_numpy(dtype=float)
    fold = deal_folds(len(shared), folds=folds, seed=seed)
    predicted = UnseenRidge(features.loc[shared].to_numpy(dtype=float), fold).predict(truth)
    values = correlate_within(predicted, truth, fold)
    weights = np.random.default_rng([seed, STREAM]).multinomial(
        len(shared), np.full(len(shared), 1 / len(shared)), DRAWS
    )
    return {
        name: _with_interval(float(values[column]), predicted[:, column], truth[:, column], weights)
        for column, name in enumerate(targets)
    }


def null_share(
    features: pd.DataFrame,
    phenotypes: xr.Dataset,
    people: pd.DataFrame,
    *,
    permutations: int = PERMUTATIONS,
    folds: int = FOLDS,
    seed: int = 0,
    kinds: tuple[str, ...] = ("null",),
) -> NullTest:
    """How often targets of which the gait knows nothing look as if it did: 5 %, if the test is valid.

    Parameters
    ----------
    features
        As given by `gaitbook.studies.skeleton_features.collect_features`.
    phenotypes
        Table ``phenotypes`` of a default cohort: ``value`` (subject, phenotype) with the coordinate ``kind``.
    people
        Rows ``subject``, with sex, age, body mass index, visceral fat and height.
    permutations
        How often the values are dealt out to other people of the same sex.
    folds, seed
        As for `feature_correlations`.
    kinds
        Kinds of phenotypes to test, with ``"null"`` among them; the shares count those alone.

    Raises
    ------
    ValueError
        Too few people or columns missing, gaps in features, or no null target; all faults are named.
    """
    missing = [column for column in ("sex", *TARGETS.values()) if column not in people]
    faults = [f"people have no column {', '.join(missing)}"] if missing else []
    chosen = phenotypes.sel(phenotype=np.isin(phenotypes["kind"].values, kinds))
    faults += (
        [] if (chosen["kind"] == "null").any() else ["no phenotype of the kinds asked for is of kind null"]
    )
    shared = _shared_people(features, people, faults)
    parts, permuted = [], []
    for number, sex in enumerate(SEXES):
        own = shared[(people.loc[shared, "sex"] == sex).to_numpy()]
        if len(own) < FEWEST_PEOPLE:
            raise ValueError(f"{len(own)} people are {sex}: at least {FEWEST_PEOPLE} of each sex are needed")
        covariates = people.loc[own, list(TARGETS.values())].to_numpy(dtype=float)
        values = chosen["value"].sel(subject=list(own)).transpose("subject", "phenotype").values
        tests, null = judge_targets(
            features.loc[own].to_numpy(dtype=float),
            values.astype(float),
            covariates,
            deal_folds(len(own), folds=folds, seed=seed),
            np.random.default_rng([seed, STREAM, number]),
            permutations,
        )
        kind = chosen["kind"].values
        parts.append(tests.assign(sex=sex, phenotype=chosen["phenotype"].values, kind=kind))
        permuted.append(null[:, kind == "null"])
    return summarize_nulls(pd.concat(parts, ignore_index=True), permuted)


def _with_interval(value: float, predicted: Array, truth: Array, weights: NDArray[np.int64]) -> Estimate:
    """Interval from redraws of people (draw, person): how often each was drawn."""
    moments = [
        weights @ each / weights.sum(axis=1)
        for each in (predicted, truth, predicted**2, truth**2, predicted * truth)
    ]
    first, second, first_square, second_square, product = moments
    drawn = (product - first * second) / np.sqrt((first_square - first**2) * (second_square - second**2))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high), "", len(truth))


def _shared_people(features: pd.DataFrame, people: pd.DataFrame, faults: list[str]) -> pd.Index:
    """People with features and a row in the table; raises all faults at once."""
    shared = features.index.intersection(people.index, sort=False)
    if len(shared) < FEWEST_PEOPLE:
        faults = [
            *faults,
            f"{len(shared)} people have features and a row in the people table, at least {FEWEST_PEOPLE} are needed",
        ]
    gaps = int(features.loc[shared].isna().any(axis=1).sum())
    if gaps:
        faults = [*faults, f"features of {gaps} people have gaps: leave out people who lack a task"]
    if faults:
        raise ValueError("Nothing can be learned: " + "; ".join(faults))
    return shared
