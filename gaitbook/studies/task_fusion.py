"""Several tasks, one prediction: the mean of predictions, all features side by side, or weights that are learned.

The published fusion is the plain mean of predictions by single tasks. A task that tells little then weighs as much as
one that tells a lot. Features of all tasks side by side leave the choice to one regression. Stacking learns how far to
trust each task, for each target: from predictions for people who taught neither them nor the weights.

References
----------
Breiman (1996), Stacked regressions, doi:10.1007/BF00117832 (with weights that are not negative).
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.studies.shared_ridge import SharedPrediction, SharedRidge

Array = NDArray[np.float64]
Tables = Mapping[str, NDArray[np.floating]]
WAYS: Final = ("mean", "side_by_side")
STACKED: Final = "stacked"
ALL_WAYS: Final = (*WAYS, STACKED)
SWEEPS: Final = 100
FEWEST_FOLDS: Final = 3


def predict_tasks(
    tasks: Tables,
    design: NDArray[np.floating],
    fold: NDArray[np.integer],
    values: NDArray[np.floating],
    *,
    ways: tuple[str, ...] = WAYS,
    single: bool = False,
) -> dict[str, SharedPrediction]:
    """Predictions by each task, and by their fusion.

    Parameters
    ----------
    tasks
        Features (person, feature) by task, of people who did all of them.
    design, fold
        As for `gaitbook.studies.shared_ridge.SharedRidge`.
    values
        (person, target), NaN where missing.
    ways
        Any of ``"mean"``, ``"side_by_side"`` and ``"stacked"``. The last fits as many times again as there are folds.
    single
        Compute in single precision.

    Returns
    -------
    dict
        `SharedPrediction` by task, then by way. ``penalty`` is the one of ``side_by_side``; else NaN for a fusion.

    Raises
    ------
    ValueError
        A way is unknown, there is no task or a task has the name of a way, there are too few folds to stack, or the
        tables do not fit together; all faults are named.
    """
    _require_tasks(tasks, fold, ways)
    told = {
        name: SharedRidge(each, design, fold, single=single).predict(values) for name, each in tasks.items()
    }
    fused: dict[str, SharedPrediction] = {}
    for way in ways:
        if way == "side_by_side":
            together = np.column_stack(list(tasks.values()))
            fused[way] = SharedRidge(together, design, fold, single=single).predict(values)
        else:
            weights = (
                np.full((len(np.unique(fold)), len(tasks), values.shape[1]), 1.0 / len(tasks))
                if way == "mean"
                else learn_weights(tasks, design, fold, values, single=single)
            )
            fused[way] = _fuse(list(told.values()), weights, fold)
    return told | fused


def learn_weights(
    tasks: Tables,
    design: NDArray[np.floating],
    fold: NDArray[np.integer],
    values: NDArray[np.floating],
    *,
    single: bool = False,
) -> Array:
    """Weights (fold, task, target) of what each task adds to the covariates, none negative.

    Those of a fold are learned without its people: the others are predicted from each other, fold by fold, and the
    weights are the least squares of what the covariates leave of their values. A target that cannot be learned from
    so few has equal weights.
    """
    weights = []
    for each in np.unique(fold):
        rest = fold != each
        told = [
            SharedRidge(features[rest], design[rest], fold[rest], single=single).predict(values[rest])
            for features in tasks.values()
        ]
        left = values[rest] - told[0].covariates
        added = np.array([one.both - one.covariates for one in told])
        known = np.isfinite(left)
        left, added = np.where(known, left, 0.0), np.where(known, np.nan_to_num(added), 0.0)
        found = positive_least_squares(
            np.einsum("jpt,kpt->tjk", added, added, optimize=True), np.einsum("kpt,pt->tk", added, left)
        )
        weights.append(np.where(known.any(axis=0), found.T, 1.0 / len(tasks)))
    return np.array(weights)


def positive_least_squares(gram: Array, seen: Array) -> Array:
    """Weights (target, column), none negative, by coordinate descent, with normal equations gram and seen.

    Parameters
    ----------
    gram
        (target, column, column); a column of zeros has no weight.
    seen
        (target, column).

    Examples
    --------
    >>> positive_least_squares(np.eye(2)[None], np.array([[0.5, -1.0]])).tolist()
    [[0.5, 0.0]]
    """
    weights = np.zeros_like(seen)
    size = np.einsum("tkk->tk", gram)
    for _ in range(SWEEPS):
        for column in range(seen.shape[1]):
            slope = seen[:, column] - np.einsum("tk,tk->t", gram[:, column], weights)
            own = size[:, column]
            step = np.divide(slope, own, out=np.zeros_like(slope), where=own > 0)
            weights[:, column] = np.maximum(weights[:, column] + step, 0.0)
    return weights


def _fuse(told: list[SharedPrediction], weights: Array, fold: NDArray[np.integer]) -> SharedPrediction:
    covariates = told[0].covariates
    _, number = np.unique(fold, return_inverse=True)
    added = np.zeros_like(covariates)
    for task, each in enumerate(told):
        added += weights[number, task] * (each.both - covariates)
    return SharedPrediction(
        covariates, covariates + added, np.full_like(told[0].penalty, np.nan), told[0].reason
    )


def _require_tasks(tasks: Tables, fold: NDArray[np.integer], ways: tuple[str, ...]) -> None:
    unknown = [way for way in ways if way not in ALL_WAYS]
    faults = [f"{', '.join(unknown)}: choose of {', '.join(ALL_WAYS)}"] if unknown else []
    faults += [] if tasks else ["there is no task"]
    faults += [
        f"a task is called {name}, as a way of fusion is: rename it" for name in tasks if name in ALL_WAYS
    ]
    counts = {name: len(each) for name, each in tasks.items()}
    if len({len(fold), *counts.values()}) > 1:
        parts = ", ".join(f"{name} of {count}" for name, count in counts.items())
        faults.append(f"people differ: {parts}, fold of {len(fold)}: keep those who did all tasks")
    if STACKED in ways and len(np.unique(fold)) < FEWEST_FOLDS:
        faults.append(f"stacking needs at least {FEWEST_FOLDS} folds")
    if faults:
        raise ValueError("Tasks cannot be fused: " + "; ".join(faults))
