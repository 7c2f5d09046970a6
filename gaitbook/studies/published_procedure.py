r"""The procedure by which gains of gait were published, kept to be shown beside one that holds.

Covariates are ordinary penalized columns beside the gait; ridge regression with the penalty one on standardized
columns is repeated over fifteen dealings into five folds. The score of a target is significant by Student's t on all
out-of-fold pairs, averaged over the dealings. Its gain is tested by Wilcoxon's signed ranks over the fifteen
differences, which share all their people: they say how sure the dealing is, not how sure the people are, and a gain of
any size can reach :math:`2^{-15}`. Targets whose own score is not significant are removed before the correction for
many tests. One model is fitted to women and men, and scored in each.

Left out of the original: the choice of the better of two models by its score on the test people, and logistic
regression; diagnoses are regressed as 0 and 1.

References
----------
The gait foundation model, arXiv:2603.25283; on dependent repeats, Nadeau and Bengio 2003, doi:10.1023/A:1024068626366.
"""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.covariate_residuals import find_patterns
from gaitbook.studies.false_discovery import adjust_p_values
from gaitbook.studies.unseen_ridge import deal_folds

Array = NDArray[np.float64]
Missing = Literal["mean", "drop"]
SEEDS: Final = 15
FOLDS: Final = 5
PENALTY: Final = 1.0
LEVEL: Final = 0.05
FEWEST_PEOPLE: Final = 10
FEWEST_CASES: Final = 8
COLUMNS: Final = (
    "n",
    "r_covariates",
    "r_both",
    "gain",
    "p_score",
    "q_score",
    "p",
    "q",
    "discovered",
    "reason",
)
LEAST_SPREAD: Final = 1e-12
NO_SCORE: Final = "its own score is not significant: removed before the correction"
TOO_FEW: Final = f"fewer than {FEWEST_PEOPLE} people, or fewer than {FEWEST_CASES} who differ from all others"


def publish_gains(
    features: Array,
    covariates: Array,
    values: Array,
    sex: NDArray[np.str_],
    *,
    phenotypes: Sequence[str],
    seeds: int = SEEDS,
    missing: Missing = "mean",
    level: float = LEVEL,
) -> pd.DataFrame:
    """Gains and discoveries by the published procedure.

    Parameters
    ----------
    features, covariates
        (person, feature) and (person, covariate), without gaps. If there are two sexes, sex is added as a covariate.
    values
        (person, target), NaN where missing.
    sex
        (person,) of the people; each sex is scored by itself and is a family of its own.
    phenotypes
        Names of the targets.
    seeds
        Dealings into folds.
    missing
        ``"mean"``: who lacks a target teaches its mean, one factorization serves all targets. ``"drop"``: only those
        who have it teach, one factorization for each pattern of gaps. Nobody is scored on a gap.
    level
        False discovery rate, of scores and then of gains.

    Returns
    -------
    pandas.DataFrame
        One row per phenotype and sex: phenotype, sex, n, r_covariates, r_both, gain (means over dealings), p_score,
        q_score, p (Wilcoxon), q, discovered, reason (where p counts for nothing: the target was removed).

    Raises
    ------
    ValueError
        Arrays do not fit together or have gaps; all faults are named.
    """
    _check(features, covariates, values, sex, phenotypes)
    values = np.array(values, dtype=float)
    sexes = list(dict.fromkeys(sex.tolist()))
    coded = [(sex == each).astype(float) for each in sexes[1:]]
    baseline = np.column_stack([covariates, *coded])
    both = np.column_stack([baseline, features])
    folds = [deal_folds(len(values), folds=FOLDS, seed=seed) for seed in range(seeds)]
    scores = np.array(
        [
            [_score(each, values, sex) for each in predict_fixed((baseline, both), values, fold, missing)]
            for fold in folds
        ]
    )
    return pd.concat(
        [
            _judge(scores[:, :, number], values[sex == each], level).assign(
                phenotype=list(phenotypes), sex=each
            )
            for number, each in enumerate(sexes)
        ],
        ignore_index=True,
    )[["phenotype", "sex", *COLUMNS]]


def wilcoxon_gains(differences: Array) -> Array:
    """One-sided p value (target,) of Wilcoxon's signed ranks, that differences (dealing, target) lie above zero.

    Examples
    --------
    >>> bool(wilcoxon_gains(np.arange(1.0, 16.0)[:, None])[0] == 2.0**-15)
    True
    """
    from scipy.stats import wilcoxon

    p = np.full(differences.shape[1], np.nan)
    exists = np.isfinite(differences).all(axis=0)
    zero = exists & (differences == 0).all(axis=0)
    p[zero] = 1.0
    tested = exists & ~zero
    if tested.any():
        p[tested] = wilcoxon(differences[:, tested], alternative="greater", axis=0).pvalue
    return p


def predict_fixed(
    models: Sequence[Array], values: Array, fold: NDArray[np.integer], missing: Missing
) -> list[Array]:
    """Out-of-fold predictions (person, target) of each model: ridge with penalty one on standardized columns.

    Parameters
    ----------
    models
        Columns (person, column) of each model, without gaps.
    values
        (person, target), NaN where missing.
    fold
        (person,) number of the fold in which a person is left out.
    missing
        As for `publish_gains`.
    """
    known = np.isfinite(values)
    patterns, which = np.ones((len(values), 1), dtype=bool), np.zeros(values.shape[1], dtype=np.intp)
    if missing == "drop":
        patterns, which = find_patterns(known)
    filled = np.where(known, values, 0.0)
    predicted = [np.zeros(values.shape) for _ in models]
    for each in np.unique(fold):
        unseen = np.flatnonzero(fold == each)
        for number, rows in enumerate(patterns.T):
            taught = rows & (fold != each)
            # a slice, where it serves, spares a copy of all values
            own = np.flatnonzero(which == number) if patterns.shape[1] > 1 else slice(None)
            place = (unseen[:, None], own) if patterns.shape[1] > 1 else unseen
            has, left = known[taught][:, own], filled[taught][:, own]
            middle = left.sum(axis=0) / np.maximum(has.sum(axis=0), 1)
            left -= has * middle
            for columns, result in zip(models, predicted, strict=True):
                result[place] = middle + _predict(columns[taught], left, columns[unseen])
    return predicted


def _predict(taught: Array, left: Array, asked: Array) -> Array:
    """Predictions (asked, target) of what is left of values (taught, target) about their mean."""
    from scipy.linalg import cho_factor, cho_solve

    if not len(taught):
        return np.zeros((len(asked), left.shape[1]))
    mean, spread = taught.mean(axis=0), taught.std(axis=0)
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > LEAST_SPREAD)
    own, others = (taught - mean) * scale, (asked - mean) * scale
    many_people = own.shape[1] <= own.shape[0]
    gram = own.T @ own if many_people else own @ own.T
    gram[np.diag_indices_from(gram)] += PENALTY
    if not many_people:
        return np.asarray(cho_solve(cho_factor(gram), own @ others.T).T @ left)
    if own.shape[1] <= len(others):
        return np.asarray(others @ cho_solve(cho_factor(gram), own.T @ left))
    return np.asarray((cho_solve(cho_factor(gram), others.T).T @ own.T) @ left)


def _score(predicted: Array, values: Array, sex: NDArray[np.str_]) -> Array:
    """Correlation (sex, target) of out-of-fold predictions in each sex."""
    sexes = dict.fromkeys(sex.tolist())
    return np.array([_correlate(predicted[sex == each], values[sex == each]) for each in sexes])


def _correlate(predicted: Array, truth: Array) -> Array:
    """Pearson's correlation (target,), all folds together; NaN where either is constant."""
    known = np.isfinite(truth)
    count = np.maximum(known.sum(axis=0), 1)
    first, second = (np.where(known, each, 0.0) for each in (predicted, truth))
    first -= known * (first.sum(axis=0) / count)
    second -= known * (second.sum(axis=0) / count)
    size = np.sqrt(np.einsum("pt,pt->t", first, first) * np.einsum("pt,pt->t", second, second))
    product = np.einsum("pt,pt->t", first, second)
    return np.asarray(np.divide(product, size, out=np.full(len(size), np.nan), where=size > LEAST_SPREAD))


def _judge(scores: Array, values: Array, level: float) -> pd.DataFrame:
    """Table of one sex from correlations (dealing, model, target) and values (person, target)."""
    from scipy.stats import t as student

    n = np.isfinite(values).sum(axis=0)
    enough = (n >= FEWEST_PEOPLE) & (_differing(values) >= FEWEST_CASES)
    base, both = (np.where(enough, scores[:, model], np.nan) for model in range(2))
    freedom = np.maximum(n - 2, 1)
    t = both * np.sqrt(freedom / np.maximum(1 - both**2, LEAST_SPREAD))
    score = (2 * student.sf(np.abs(t), freedom)).mean(axis=0)
    q_score = adjust_p_values(score)
    kept = (q_score <= level) & (both.mean(axis=0) > 0)
    p = wilcoxon_gains(both - base)
    gain = (both - base).mean(axis=0)
    q = adjust_p_values(np.where(kept, p, np.nan))
    reason = np.where(enough, np.where(kept, "", NO_SCORE), TOO_FEW)
    table = {"n": n, "r_covariates": base.mean(axis=0), "r_both": both.mean(axis=0), "gain": gain}
    table |= {"p_score": score, "q_score": q_score, "p": p, "q": q}
    return pd.DataFrame({**table, "discovered": (q <= level) & (gain > 0), "reason": reason})


def _differing(values: Array) -> NDArray[np.intp]:
    """How many people (target,) have another value than the most common one."""
    counts = [np.unique(column[np.isfinite(column)], return_counts=True)[1] for column in values.T]
    return np.array([each.sum() - each.max() if each.size else 0 for each in counts], dtype=np.intp)


def _check(
    features: Array, covariates: Array, values: Array, sex: NDArray[np.str_], phenotypes: Sequence[str]
) -> None:
    given = {"features": features, "covariates": covariates, "sex": sex}
    faults = [
        f"{name} have {len(each)} rows, values have {len(values)}"
        for name, each in given.items()
        if len(each) != len(values)
    ]
    for name in ("features", "covariates"):
        gaps = int((~np.isfinite(given[name])).any(axis=1).sum())
        faults += [f"{name} of {gaps} people have gaps: leave these people out"] if gaps else []
    if len(phenotypes) != values.shape[1]:
        faults.append(f"{len(phenotypes)} phenotypes are named, values have {values.shape[1]} columns")
    if faults:
        raise ValueError("The published procedure cannot be run: " + "; ".join(faults))
