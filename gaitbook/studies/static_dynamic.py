"""What is in the shape of a body, and what in its motion? Skeletons that have lost one of the two.

The mean pose keeps shape and posture and nothing that moves. Without the mean pose only motion is left. With its frames
shuffled a window has every pose and no order. What an encoder tells from each of these, beside the whole, says where
it looks.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.paired_scores import (
    COVARIATES,
    DRAWS,
    Predictor,
    limits_of,
    people_of_each_sex,
    predict_beyond,
    require_tables,
    score_sets,
)

Windows = NDArray[np.floating[Any]]
AXES: Final = 3
"""Channels that are places; a fourth is confidence, zero where a joint was not seen."""
WHOLE: Final = "whole"
SHAPE, MOTION, SHUFFLED = "mean pose", "without mean pose", "shuffled in time"
STREAM: Final = 97


def mean_pose(windows: Windows) -> Windows:
    """Windows in which every joint rests at its mean place; where it was not seen, it stays so.

    Parameters
    ----------
    windows
        (window, time, joint, channel) of x, y, z and, if there is one, confidence.

    Raises
    ------
    ValueError
        The array has another shape, or gaps.
    """
    _require_windows(windows)
    seen = _seen(windows)
    still = windows.copy()
    still[..., :AXES] = np.where(seen, _mean_place(windows, seen), windows[..., :AXES])
    return still


def without_mean_pose(windows: Windows) -> Windows:
    """Windows in which every joint moves about nought; parameters and errors as `mean_pose`."""
    _require_windows(windows)
    seen = _seen(windows)
    moving = windows.copy()
    moving[..., :AXES] = np.where(seen, windows[..., :AXES] - _mean_place(windows, seen), windows[..., :AXES])
    return moving


def shuffled_in_time(windows: Windows, *, seed: int = 0) -> Windows:
    """Windows with their frames in random order, all joints together, each window in its own; as `mean_pose`."""
    _require_windows(windows)
    order = np.random.default_rng([seed, STREAM]).random(windows.shape[:2]).argsort(axis=1)
    return np.take_along_axis(windows, order[:, :, None, None], axis=1)


def compare_shape_and_motion(
    sets: Mapping[str, pd.DataFrame],
    values: pd.DataFrame,
    people: pd.DataFrame,
    fold: pd.Series,
    *,
    predict: Predictor = predict_beyond,
    covariates: tuple[str, ...] = COVARIATES,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores of features of whole windows and of those that lost shape or motion, on the same people.

    Parameters
    ----------
    sets
        Features (subject, feature) by name; ``"whole"`` among them, the others such as ``"mean pose"``.
    values
        Targets (subject, target).
    people
        With sex and the covariates.
    fold
        By subject.
    predict
        How features predict.
    covariates
        Columns of people that are removed; leave out what is itself a target.
    draws, seed
        Of the redraws of people.

    Returns
    -------
    pandas.DataFrame
        By sex, target and set: n, r with low and high, and loss (r of the whole minus r) with loss_low, loss_high.

    Raises
    ------
    ValueError
        There is no whole, or tables do not fit; all faults are named.
    """
    if WHOLE not in sets:
        raise ValueError(
            f"Nothing to compare with: name one of the sets {WHOLE!r}, not only {', '.join(sets)}"
        )
    ordered = {WHOLE: sets[WHOLE], **sets}
    require_tables(ordered, {"values": values, "folds": fold}, people, columns=("sex", *covariates))
    parts = []
    for sex, own in people_of_each_sex(people.loc[sets[WHOLE].index]):
        mine = {name: table.loc[own] for name, table in ordered.items()}
        told = people.loc[own, list(covariates)]
        scores = score_sets(mine, values.loc[own], told, fold, predict=predict, draws=draws, seed=seed)
        for place, name in enumerate(scores.sets):
            low, high = limits_of(scores.drawn[place])
            loss_low, loss_high = limits_of(scores.drawn[0] - scores.drawn[place])
            columns = {"n": scores.n, "r": scores.r[place], "low": low, "high": high}
            columns |= {"loss": scores.r[0] - scores.r[place], "loss_low": loss_low, "loss_high": loss_high}
            parts.append(pd.DataFrame({"sex": sex, "target": values.columns, "set": name, **columns}))
    return pd.concat(parts, ignore_index=True)


def _seen(windows: Windows) -> NDArray[np.bool_]:
    """Whether a joint was seen (window, time, joint, 1)."""
    if windows.shape[-1] == AXES:
        return np.ones((*windows.shape[:-1], 1), dtype=bool)
    return np.asarray(windows[..., AXES:] > 0)


def _mean_place(windows: Windows, seen: NDArray[np.bool_]) -> Windows:
    """Mean over the frames in which a joint was seen (window, 1, joint, axis), zero if in none."""
    total = np.where(seen, windows[..., :AXES], 0.0).sum(axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(total / np.maximum(seen.sum(axis=1, keepdims=True), 1))


def _require_windows(windows: Windows) -> None:
    if windows.ndim != AXES + 1 or windows.shape[-1] not in (AXES, AXES + 1):
        raise ValueError(
            f"Windows have the shape (window, time, joint, channel) with 3 or 4 channels, not {windows.shape}"
        )
    gaps = int((~np.isfinite(windows)).sum())
    if gaps:
        raise ValueError(f"{gaps} values of the windows are no numbers: fill or hide the gaps first")
