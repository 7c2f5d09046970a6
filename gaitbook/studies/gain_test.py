r"""Does gait tell of a target beyond the covariates? A test by dealing out people, for all targets at once.

Covariates are removed from features and target by a flexible design; what remains of the target is predicted, out of
fold, from what remains of the gait, with a prior that all targets teach (`gaitbook.studies.shared_prior`), and the
correlation within folds, times :math:`\sqrt{n}`, is the statistic. To see what it is where gait tells nothing, the
residuals of the target are dealt out to other people of the same sex, adjusted again, and everything is repeated, the
prior and the choice of the penalty included (Freedman and Lane 1983, doi:10.2307/1391660; Winkler 2014,
doi:10.1016/j.neuroimage.2014.01.060). Features are decomposed once; a permutation costs products of matrices. All
targets are dealt out together, with their gaps, so that the null statistics resemble each other across targets as the
statistics do.

Valid where residuals are exchangeable given the design: effects of covariates that the design cannot express, or gaps
that depend on gait itself, are left to the reader's judgment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.covariate_residuals import CovariateResiduals
from gaitbook.studies.gain_interval import LEAST_GAIN, measure_gains
from gaitbook.studies.normal_scores import SKEWED, score_skewed
from gaitbook.studies.people_permutation import permute_people
from gaitbook.studies.permutation_null import choose_pools, missingness_classes, pooled_p_values
from gaitbook.studies.shared_prior import SharedPriorRidge
from gaitbook.studies.shared_ridge import SharedRidge
from gaitbook.studies.unseen_ridge import UnseenRidge

Array = NDArray[np.float64]
PERMUTATIONS: Final = 50
FEWEST_PEOPLE: Final = 50
PEOPLE_PER_AXIS: Final = 2
"""A target needs twice as many people as the design has axes, or the covariates explain it by themselves."""
LEAST_SHARE: Final = 1e-9
"""What varies less than this share of its size is constant, and what covariates leave of less is rounding."""
STREAM: Final = 73


@dataclass(frozen=True)
class GainSettings:
    """How gains are tested.

    Parameters
    ----------
    permutations
        How often people are dealt out; p is at least one over one more than permutations times targets in the pool.
    by_rank
        Replace skewed targets by their normal scores (`gaitbook.studies.normal_scores`), in the gains too.
    least_gain
        Gain in correlation that is worthwhile.
    seed
        Of the permutations and of the redraws of people.
    """

    permutations: int = PERMUTATIONS
    by_rank: bool = True
    least_gain: float = LEAST_GAIN
    seed: int = 0


DEFAULT_SETTINGS: Final = GainSettings()


@dataclass(frozen=True)
class GainTests:
    r"""Tests of targets in one group of people.

    Parameters
    ----------
    table
        One row per target, in the order given: phenotype, sex, n, r_covariates, r_both, gain, low, high and the other
        columns of `gaitbook.studies.gain_interval.measure_gains`; r_residual, statistic (:math:`r\sqrt{n}`), p, pool
        (number of the pool of its null statistics), scored_by_rank, and reason, in words, where p is NaN.
    null
        (permutation, target) statistics under permutation, NaN for a target that could not be tested.
    pooling
        What the null statistics say of pooling: the table of `gaitbook.studies.permutation_null.choose_pools`.
    """

    table: pd.DataFrame
    null: Array
    pooling: pd.DataFrame


def judge_gain(
    features: Array,
    design: Array,
    values: Array,
    fold: NDArray[np.integer],
    *,
    phenotypes: Sequence[str],
    sex: str,
    strata: NDArray[np.integer] | None = None,
    settings: GainSettings = DEFAULT_SETTINGS,
) -> GainTests:
    """Test and size of what gait tells of each target beyond the covariates.

    Parameters
    ----------
    features
        (person, feature), without gaps, in the row order of all other arrays.
    design
        (person, column) covariates in the form that is to count as known: splines, products.
    values
        (person, target), NaN where missing.
    fold
        (person,) number of the fold in which a person is left out.
    phenotypes
        Names of the targets.
    sex
        Of the people, or what to call them if they are pooled.
    strata
        (person,) groups within which people are dealt out, such as sex where both are pooled; by default all are one.
    settings
        How often people are dealt out, and what becomes of skewed targets.

    Raises
    ------
    ValueError
        Arrays do not fit together, or have gaps where none may be; all faults are named.
    """
    values = np.array(values, dtype=float)
    by_person = {"features": features, "design": design, "folds": fold}
    _check(by_person, values, len(phenotypes), len(np.unique(fold)), settings.permutations)
    residuals = CovariateResiduals(design)
    scored, ranked = score_skewed(values, skewness=SKEWED if settings.by_rank else np.inf)
    n = np.isfinite(values).sum(axis=0)
    reasons = explain_untested(scored, residuals)
    scored[:, reasons != ""] = np.nan
    strata = np.zeros(len(values), dtype=np.intp) if strata is None else np.asarray(strata)
    ridge = SharedPriorRidge(residuals.remove(features), fold)
    statistic, null = _permute_tested(ridge, residuals, scored, fold, strata=strata, settings=settings)
    pools, pooling = choose_pools(null, missingness_classes(n, len(values)))
    tested = np.isfinite(scored).any(axis=0)
    metrics = ridge.metrics(np.nan_to_num(residuals.remove(scored[:, tested])))
    told = SharedRidge(features, design, fold, metrics=metrics).predict(scored)
    gains = measure_gains(
        scored, told.covariates, told.both, fold, least_gain=settings.least_gain, seed=settings.seed
    )
    table = pd.DataFrame({"phenotype": list(phenotypes), "sex": sex, "n": n}).join(gains.drop(columns="n"))
    table = table.assign(
        r_residual=statistic / np.sqrt(np.maximum(n, 1)),
        statistic=statistic,
        p=pooled_p_values(statistic, null, pools),
        pool=pools,
        scored_by_rank=ranked,
        reason=reasons,
    )
    return GainTests(table, null, pooling)


def _permute_tested(
    ridge: UnseenRidge,
    residuals: CovariateResiduals,
    values: Array,
    fold: NDArray[np.integer],
    *,
    strata: NDArray[np.integer],
    settings: GainSettings,
) -> tuple[Array, Array]:
    """Results of `permute_people`, NaN for targets that nobody has."""
    tested = np.isfinite(values).any(axis=0)
    statistic = np.full(values.shape[1], np.nan)
    null = np.full((settings.permutations, values.shape[1]), np.nan)
    if tested.any():
        statistic[tested], null[:, tested] = permute_people(
            ridge,
            residuals,
            values[:, tested],
            fold,
            strata=strata,
            rng=np.random.default_rng([settings.seed, STREAM]),
            permutations=settings.permutations,
        )
    return statistic, null


def explain_untested(values: Array, residuals: CovariateResiduals) -> NDArray[np.object_]:
    """Why each target (target,) cannot be tested, in words; empty where it can.

    Parameters
    ----------
    values
        (person, target), NaN where missing.
    residuals
        Of the covariates.
    """
    known = np.isfinite(values)
    n = known.sum(axis=0)
    fewest = max(FEWEST_PEOPLE, PEOPLE_PER_AXIS * residuals.axes.shape[1])
    reasons = np.full(len(n), "", dtype=object)
    few = n < fewest
    reasons[few] = [
        f"{count} people have it, at least {fewest} are needed" if count else "nobody has it"
        for count in n[few]
    ]
    enough = np.flatnonzero(~few)
    chosen = np.where(known[:, enough], values[:, enough], np.nan)
    total = np.nanstd(chosen, axis=0)
    constant = total <= LEAST_SHARE * np.maximum(np.abs(np.nanmean(chosen, axis=0)), LEAST_SHARE)
    rounding = np.sqrt(np.nanmean(residuals.remove(chosen) ** 2, axis=0)) <= np.sqrt(LEAST_SHARE) * total
    reasons[enough[rounding]] = "the covariates tell all of it"
    reasons[enough[constant]] = "everybody has the same value"
    return reasons


def _check(
    by_person: Mapping[str, NDArray[Any]], values: Array, named: int, folds: int, permutations: int
) -> None:
    people = len(values)
    faults = [
        f"{name} have {len(each)} rows, values have {people}"
        for name, each in by_person.items()
        if len(each) != people
    ]
    for name, each in by_person.items():
        gaps = int((~np.isfinite(each.reshape(len(each), -1))).any(axis=1).sum())
        faults += [f"{name} of {gaps} people have gaps: leave these people out"] if gaps else []
    if named != values.shape[1]:
        faults.append(f"{named} phenotypes are named, values have {values.shape[1]} columns")
    if folds < 2:  # noqa: PLR2004 - somebody must teach
        faults.append("all people are in one fold: deal them into at least two")
    if permutations < 1:
        faults.append(f"{permutations} permutations are asked for, at least 1 is needed")
    if faults:
        raise ValueError("Gains cannot be tested: " + "; ".join(faults))
