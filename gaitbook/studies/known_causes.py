r"""Study: what do simple features of a skeleton tell of a person, where the truth is known?

Ridge regression on features of all tasks at once, judged on people that it has not seen. The correlation of such
predictions with the truth is a statistic of five fits that share people, so under the null hypothesis it varies more
than that of independent pairs: the usual test finds too much. A valid test deals the same people's values out to
others and repeats everything; the permuted statistics of all targets together are the null distribution. Women and
men are tested apart, and what age, body mass index, visceral fat and height tell is first removed from both sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
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
PERMUTATIONS: Final = 10
DRAWS: Final = 1000
SIGNIFICANT: Final = 0.05
FEWEST_PEOPLE: Final = 50
STREAM: Final = 71


@dataclass(frozen=True)
class NullTest:
    r"""Tests of targets of which the gait knows nothing.

    Parameters
    ----------
    tests
        One row per phenotype and sex: phenotype, sex, kind, n, r, p (permutation), p_naive (Student's t on r).
    share, naive_share
        Of null targets with p below 0.05, by either test.
    uniformity
        p value of a Kolmogorov-Smirnov test against uniformity of the permutation p values of null targets. It takes
        targets for independent, which those of a block are not, and so doubts too readily.
    null_spread
        Standard deviation of :math:`r \sqrt{n}` under permutation; one, if pairs were independent.
    """

    tests: pd.DataFrame
    share: float
    naive_share: float
    uniformity: float
    null_spread: float


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
        Kinds of phenotypes to test; the shares count those of kind ``"null"`` alone.

    Raises
    ------
    ValueError
        Too few people or columns missing, gaps in features, or no target of these kinds; all faults are named.
    """
    missing = [column for column in ("sex", *TARGETS.values()) if column not in people]
    faults = [f"people have no column {', '.join(missing)}"] if missing else []
    chosen = phenotypes.sel(phenotype=np.isin(phenotypes["kind"].values, kinds))
    if not chosen.sizes["phenotype"]:
        faults.append(f"no phenotype is of kind {', '.join(kinds)}")
    shared = _shared_people(features, people, faults)
    parts = []
    for sex in SEXES:
        own = shared[(people.loc[shared, "sex"] == sex).to_numpy()]
        if len(own) < FEWEST_PEOPLE:
            raise ValueError(f"{len(own)} people are {sex}: at least {FEWEST_PEOPLE} of each sex are needed")
        covariates = people.loc[own, list(TARGETS.values())].to_numpy(dtype=float)
        values = chosen["value"].sel(subject=list(own)).transpose("subject", "phenotype").values
        r, permuted, n = _statistics(
            adjust(features.loc[own].to_numpy(dtype=float), covariates),
            adjust(values.astype(float), covariates),
            deal_folds(len(own), folds=folds, seed=seed),
            np.random.default_rng([seed, STREAM, len(parts)]),
            permutations,
        )
        parts.append(
            _tests(r, permuted, n).assign(
                sex=sex, phenotype=chosen["phenotype"].values, kind=chosen["kind"].values
            )
        )
    return summarize_nulls(pd.concat(parts, ignore_index=True))


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


def _statistics(
    features: Array, values: Array, fold: NDArray[np.intp], rng: np.random.Generator, permutations: int
) -> tuple[Array, Array, Array]:
    """Correlation (target,), the same under permutation (permutation, target) and number of people (target,).

    Who lacks a value teaches nothing about it: the gap is filled by the mean, and it is not judged.
    """
    spread = np.nanstd(values, axis=0)
    scaled = values / np.where(spread > 0, spread, np.nan)
    ridge = UnseenRidge(features, fold)

    def judge(rows: NDArray[np.intp]) -> Array:
        dealt = scaled[rows]
        return correlate_within(ridge.predict(np.nan_to_num(dealt)), dealt, fold)

    r = judge(np.arange(len(values)))
    permuted = np.array([judge(rng.permutation(len(values))) for _ in range(permutations)])
    return r, permuted, np.isfinite(scaled).sum(axis=0)


def _tests(r: Array, permuted: Array, n: Array) -> pd.DataFrame:
    """One-sided p values: features that tell of a target correlate positively with it in unseen people."""
    from scipy.stats import t as student

    null = np.sort((permuted * np.sqrt(n)).ravel())
    null = null[np.isfinite(null)]
    reached = len(null) - np.searchsorted(null, r * np.sqrt(n), side="left")
    p = np.where(np.isfinite(r), (1 + reached) / (1 + len(null)), np.nan)
    freedom = np.maximum(n - 2, 1)
    naive = student.sf(r * np.sqrt(freedom / np.maximum(1 - r**2, 1e-12)), freedom)
    return pd.DataFrame({"n": n, "r": r, "p": p, "p_naive": naive, "null_spread": null.std()})


def summarize_nulls(tests: pd.DataFrame) -> NullTest:
    """Shares and uniformity of the null targets of a table of tests."""
    from scipy.stats import kstest

    nulls = tests[(tests["kind"] == "null") & tests["p"].notna()]
    return NullTest(
        tests,
        float((nulls["p"] < SIGNIFICANT).mean()),
        float((nulls["p_naive"] < SIGNIFICANT).mean()),
        float(kstest(nulls["p"], "uniform").pvalue) if len(nulls) else float("nan"),
        float(tests["null_spread"].mean()),
    )


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
