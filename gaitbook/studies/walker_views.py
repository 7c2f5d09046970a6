"""Walkers who lost their shape, their motion or its order, and the same walkers on another day.

An encoder reads the same windows whole, with every joint at rest at its mean place, with that place taken away, and
with the frames in random order (`gaitbook.studies.static_dynamic`); and it reads what the same people did when they
came again, with other steps and other errors of the camera. Both days are laid on common axes.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.conventions import SEXES
from gaitbook.models.gait_embedding import TrainedEncoder
from gaitbook.studies.feature_scores import SHOWN_TARGETS
from gaitbook.studies.gait_embedding import embed
from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.retest import retest_table, summarize_retest
from gaitbook.studies.static_dynamic import (
    MOTION,
    SHAPE,
    SHUFFLED,
    WHOLE,
    mean_pose,
    shuffled_in_time,
    without_mean_pose,
)
from gaitbook.studies.unseen_ridge import UnseenRidge
from gaitbook.studies.walker_features import FEWER_AXES, leading_axes
from gaitbook.studies.walking_windows import WalkingWindows

AGAIN: Final = "another day"
VIEWS: Final = {SHAPE: mean_pose, MOTION: without_mean_pose, SHUFFLED: shuffled_in_time}
FOLDS: Final = 5
EMBEDDING: Final = "embedding, median of its axes"


def read_views(
    encoder: TrainedEncoder,
    windows: WalkingWindows,
    again: WalkingWindows,
    *,
    exclusions: list[Exclusion] | None = None,
    progress: bool = True,
) -> dict[str, pd.DataFrame]:
    """What the network makes of walkers as they are, as each view leaves them, and on another day; without harmonics.

    Parameters
    ----------
    encoder
        A trained encoder, which has not learned from these people.
    windows, again
        Of both days, cut with the scale of the encoder.
    exclusions
        Where people are put who lack a day, with the reason.
    progress
        Whether to show progress bars.

    Returns
    -------
    dict
        ``"whole"``, ``"mean pose"``, ``"without mean pose"``, ``"shuffled in time"`` and ``"another day"``: leading
        axes (subject, axis), those of both days the same.
    """
    read = partial(embed, encoder, harmonics=False, progress=progress)
    first, second = (read(each) for each in (windows, again))
    lost = {
        name: read(_changed(windows, change(windows.values.astype(np.float32))))
        for name, change in VIEWS.items()
    }
    both = _who_came_twice(first, second, exclusions)
    days = leading_axes(pd.concat([first.loc[both], second.loc[both]]), FEWER_AXES)
    table = {WHOLE: days.iloc[: len(both)], AGAIN: days.iloc[len(both) :]}
    return table | {name: leading_axes(each.loc[both], FEWER_AXES) for name, each in lost.items()}


def write_views(path: Path, views: dict[str, pd.DataFrame]) -> Path:
    """Write features into one compressed file, in one step, for `gaitbook.studies.walker_features.load_features`."""
    arrays: dict[str, Any] = {name: each.to_numpy(dtype=np.float16) for name, each in views.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, subject=np.array(views[WHOLE].index, dtype=str), **arrays)
    return partial.replace(path)


def tell_again(
    first: pd.DataFrame,
    second: pd.DataFrame,
    people: pd.DataFrame,
    *,
    targets: tuple[str, ...] = SHOWN_TARGETS,
    seed: int = 0,
    exclusions: list[Exclusion] | None = None,
) -> pd.DataFrame:
    """How much alike are the things told of the same people on two days, by others who came on both?

    Parameters
    ----------
    first, second
        Features (subject, axis) of both days, on common axes.
    people
        With sex and the columns of the targets.
    targets
        As for `gaitbook.studies.feature_scores.score_features`.
    seed
        Of the folds.
    exclusions
        Where people are put who lack a day, with the reason.

    Returns
    -------
    pandas.DataFrame
        By target and sex: target, sex, and the columns of `gaitbook.studies.retest.retest_table`; and for the embedding
        itself (target `EMBEDDING`) n, agreement (median over axes) and its quartiles as agreement_low, agreement_high.
    """
    parts = []
    both = _who_came_twice(first, second, exclusions)
    for sex in SEXES:
        own = both[(people.loc[both, "sex"] == sex).to_numpy()]
        truth = people.loc[own, [TARGETS[name] for name in targets]].to_numpy(dtype=float)
        told = _tell_both(first.loc[own], second.loc[own], truth, people.loc[own], seed)
        named = [pd.DataFrame(each, own, list(targets)) for each in told]
        table = retest_table(*named).rename_axis("target").reset_index()
        parts += [table.assign(sex=sex), _of_axes(first.loc[own], second.loc[own]).assign(sex=sex)]
    joined = pd.concat(parts, ignore_index=True)
    return joined[["target", "sex", *joined.columns.drop(["target", "sex"])]]


def _who_came_twice(
    first: pd.DataFrame, second: pd.DataFrame, exclusions: list[Exclusion] | None
) -> pd.Index:
    once = first.index.symmetric_difference(second.index)
    if exclusions is not None:
        exclusions += [Exclusion(str(each), "came on one day only") for each in once]
    return first.index.intersection(second.index, sort=False)


def _tell_both(
    first: pd.DataFrame, second: pd.DataFrame, truth: NDArray[np.float64], people: pd.DataFrame, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is told of each day (person, target), in the unit of the target; nobody is taught by themselves."""
    fold = deal_people(people, folds=FOLDS, seed=seed).to_numpy(dtype=np.intp)
    features = np.concatenate([first.to_numpy(dtype=float), second.to_numpy(dtype=float)])
    told = UnseenRidge(features, np.tile(fold, 2)).predict(np.tile(truth, (2, 1))) + truth.mean(axis=0)
    return told[: len(truth)], told[len(truth) :]


def _of_axes(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    summary = summarize_retest(retest_table(first, second))
    row = {"target": EMBEDDING, "n": len(first), "agreement": summary["median"]}
    limits = {
        "agreement_low": summary["lower_quartile"],
        "agreement_high": summary["upper_quartile"],
    }
    return pd.DataFrame([row | limits])


def _changed(windows: WalkingWindows, values: NDArray[np.floating[Any]]) -> WalkingWindows:
    return WalkingWindows(values.astype(np.float16), windows.labels, windows.scale, windows.excluded)
