"""Tables of features of walkers, by name of the set: what a network, a reader of joints, and a gait laboratory see.

``demographics`` is nobody's feature: it stands for the covariates alone, wherever sets are compared. A table may be
kept in a small file: the leading axes of each set, turned at random so that all columns vary alike and whoever
standardizes them changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.models.gait_embedding import TrainedEncoder
from gaitbook.representation.stride_harmonics import MEASURES
from gaitbook.studies.gait_embedding import embed, harmonic_features
from gaitbook.studies.walking_windows import WalkingWindows, cut_trials, keypoint_features, mean_pose_features

Array = NDArray[np.float64]
STUDY_PEOPLE: Final = 2414
"""Of the large simulated cohort, the first so many are studied; encoders learn from those who follow."""
AXES: Final = 384
FEWER_AXES: Final = 128
HARMONIC_WEIGHT: Final = 0.5
"""Of harmonics of the stride among other numbers, which are of weight 1: they tell of motion and little of shape.

Chosen with `AXES` on 3,000 simulated people who are not studied, by what can be read of their true styles (0.65 of the
variance; 0.64 at weight 1, 0.55 without harmonics) and of body mass index (0.88 and 0.85; 0.86 and 0.84 at weight 1).
"""
TURN_SEED: Final = 7
TASK: Final = "task "
"""How the names of sets begin that the first encoder has read from one task."""


@dataclass(frozen=True)
class WalkerFeatures:
    """Features of the same people, by name of the set.

    Parameters
    ----------
    sets
        Rows ``subject``, without gaps.
    excluded
        Who was left out, and why: subject, reason.
    """

    sets: Mapping[str, pd.DataFrame]
    excluded: pd.DataFrame

    @property
    def subjects(self) -> pd.Index:
        """Those who have all sets."""
        return next(iter(self.sets.values())).index


def cut_both(
    trials: Callable[[], Iterable[xr.Dataset]], *, total: int | None = None, progress: bool = True
) -> dict[str, WalkingWindows]:
    """Windows by scale, ``"frame"`` and ``"window"``, of trials that are read twice."""
    return {
        scale: cut_trials(trials(), scale=scale, total=total, progress=progress)
        for scale in ("frame", "window")
    }


def read_features(
    windows: Mapping[str, WalkingWindows],
    encoders: Mapping[str, TrainedEncoder],
    *,
    others: Mapping[str, pd.DataFrame] | None = None,
    regions: Sequence[str] = (),
    progress: bool = True,
) -> WalkerFeatures:
    """All sets of features of some walkers.

    Parameters
    ----------
    windows
        By scale, as given by `cut_both`.
    encoders
        By name of the set, such as ``"fast"``.
    others
        Further sets, such as those of `gaitbook.studies.engineered_gait`.
    regions
        Those that the first encoder is to do without, and to see alone: sets ``"without legs"``, ``"only legs"``. What
        it reads from single tasks, such as ``"task sit_to_stand"``, is always there.
    progress
        Whether to show progress bars.

    Raises
    ------
    ValueError
        An encoder has learned from people whom it is to be judged on.
    """
    _require_strangers(encoders, windows)
    sets: dict[str, pd.DataFrame] = dict(others or {})
    sets["mean pose"] = mean_pose_features(windows["frame"])
    sets["keypoints"] = keypoint_features(windows["frame"])
    sets["harmonics"] = harmonic_features(windows["window"])
    for name, encoder in encoders.items():
        sets[name] = embed(encoder, windows[encoder.scale], progress=progress)
    for name, first in list(encoders.items())[:1]:
        own = windows[first.scale]
        sets |= {f"{TASK}{task}": pd.DataFrame(sets[name][task]) for task in own.tasks}
        for region in regions:
            rest = [each for each in first.regions if each != region]
            sets[f"without {region}"] = embed(first, own, hidden=[region], progress=progress)
            sets[f"only {region}"] = embed(first, own, hidden=rest, progress=progress)
    excluded = pd.concat([each.excluded for each in windows.values()])
    return _complete(sets, excluded.drop_duplicates(["subject", "task"]))


def leading_axes(features: pd.DataFrame, count: int = AXES) -> pd.DataFrame:
    """The leading axes of standardized features, turned at random; all of them if there are no more than ``count``.

    Columns that are harmonics of the stride, by their last name, count with `HARMONIC_WEIGHT`.
    """
    values = features.to_numpy(dtype=float)
    spread = values.std(axis=0)
    weight = np.where(_are_harmonics(features.columns), HARMONIC_WEIGHT, 1.0)
    scaled = weight * (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    count = min(count, *scaled.shape)
    turn = np.linalg.qr(np.random.default_rng(TURN_SEED).standard_normal((count, count)))[0]
    scores = _principal_scores(scaled, count) @ turn / np.sqrt(max(scaled.shape[1], 1))
    names = pd.Index([f"axis {number + 1}" for number in range(count)], name="feature")
    return pd.DataFrame(scores, features.index, names)


def _are_harmonics(names: pd.Index) -> NDArray[np.bool_]:
    """Which columns (column,) are named by `gaitbook.representation.stride_harmonics.MEASURES`."""
    last = names.get_level_values(-1).astype(str)
    return np.array([each.endswith(MEASURES) for each in last], dtype=bool)


def _principal_scores(scaled: Array, count: int) -> Array:
    """Scores (person, axis) on the leading axes, by the smaller of the two tables of products."""
    if scaled.shape[1] <= scaled.shape[0]:
        return np.asarray(scaled @ np.linalg.eigh(scaled.T @ scaled)[1][:, ::-1][:, :count])
    sizes, axes = np.linalg.eigh(scaled @ scaled.T)
    return np.asarray(axes[:, ::-1][:, :count] * np.sqrt(np.maximum(sizes[::-1][:count], 0.0)))


def write_features(path: Path, features: WalkerFeatures) -> Path:
    """Write the leading axes of all sets into one compressed file, in one step."""
    axes = {
        name: leading_axes(table, FEWER_AXES if " " in name else AXES)
        for name, table in features.sets.items()
    }
    arrays: dict[str, Any] = {name: table.to_numpy(dtype=np.float16) for name, table in axes.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, subject=np.array(features.subjects, dtype=str), **arrays)
    return partial.replace(path)


def load_features(path: Path) -> WalkerFeatures:
    """Features of a file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no table of features {path}: make it with `gaitbook embed`.")
    with np.load(path, allow_pickle=False) as file:
        subjects = pd.Index(file["subject"].astype(object), name="subject")
        sets = {
            name: pd.DataFrame(file[name].astype(float), subjects) for name in file.files if name != "subject"
        }
    return WalkerFeatures(sets, pd.DataFrame(columns=["subject", "task", "reason"]))


def _require_strangers(encoders: Mapping[str, TrainedEncoder], windows: Mapping[str, WalkingWindows]) -> None:
    for name, encoder in encoders.items():
        known = set(encoder.card.get("people", ())) & set(windows[encoder.scale].labels["subject"])
        if known and not encoder.card.get("transductive", False):
            some = ", ".join(sorted(known)[:3])
            raise ValueError(
                f"The encoder {name!r} has learned from {len(known)} of these people ({some}, ...): study others, or "
                "say in its card that it is transductive, to see what that changes"
            )


def _complete(sets: Mapping[str, pd.DataFrame], excluded: pd.DataFrame) -> WalkerFeatures:
    """Sets of the people who have all of them, at all tasks."""
    shared = set.intersection(*(set(table.dropna().index) for table in sets.values()))
    everyone = list(dict.fromkeys(name for table in sets.values() for name in table.index))
    told = set(excluded["subject"])
    lacking = [name for name in everyone if name not in shared]
    rows = [
        {"subject": name, "task": "", "reason": "a recording is missing"}
        for name in lacking
        if name not in told
    ]
    dropped = pd.concat([excluded, pd.DataFrame(rows)], ignore_index=True) if rows else excluded
    kept = [name for name in everyone if name in shared]
    return WalkerFeatures({name: table.loc[kept] for name, table in sets.items()}, dropped)
