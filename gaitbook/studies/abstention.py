r"""Is a skeleton within what was seen? If not, better say nothing.

The distance of a person's numbers :math:`x` from the people who were seen, with a covariance shrunk by Ledoit and Wolf
(doi:10.1016/S0047-259X(03)00096-4), is :math:`d^2 = (x - m)^\top S^{-1} (x - m)`. Each person who was seen has such a
distance from the others; the share of them that are as far, one more counted, is a p value that holds whatever the
distribution (Vovk 2005, doi:10.1007/b106715).

Shape without size does not know millimeters from meters, so lengths in meters stand beside it, and how far each joint
moves, as a logarithm: a skeleton that stands still is far from all that walk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import JOINTS
from gaitbook.studies.skeleton_features import LINKS, skeleton_features
from gaitbook.studies.unseen_ridge import deal_folds

Array = NDArray[np.float64]
LEVEL: Final = 0.01
FOLDS: Final = 5
MENTIONED: Final = 3
STRANGE: Final = 3.0
"""Standard deviations from which a single number is called strange."""
LEAST_LENGTH_M: Final = 1e-4
LEAST_SPREAD: Final = 1e-9


@dataclass(frozen=True)
class SeenPeople:
    """What is usual in the people who were seen.

    Parameters
    ----------
    features
        Names of their numbers.
    mean, spread
        (feature,).
    precision
        (feature, feature): inverse of the shrunk covariance of numbers in standard deviations.
    distances
        Of each person from the others, in order.
    """

    features: tuple[str, ...]
    mean: Array
    spread: Array
    precision: Array
    distances: Array


@dataclass(frozen=True)
class Judgment:
    """Whether a skeleton is within what was seen.

    Parameters
    ----------
    p
        Share of people who were seen that are at least as far from the others, one more counted.
    abstain
        Whether p is at or below the level that was chosen.
    strange
        Names of what is strangest, with the standard deviations from the mean, the farthest first.
    sentence
        The same in words.
    """

    p: float
    abstain: bool
    strange: tuple[tuple[str, float], ...]
    sentence: str


def skeleton_numbers(trial: xr.Dataset) -> pd.Series:
    """Numbers by which a skeleton trial is judged: those of `skeleton_features`, and lengths and motion in meters.

    Parameters
    ----------
    trial
        With ``skeleton_position`` (time, joint, axis), m.

    Returns
    -------
    pandas.Series
        Further ``HIP_LEFT to KNEE_LEFT length in m`` and ``KNEE_LEFT motion in m`` (root mean square about the mean,
        seen from the pelvis), logarithms.

    Raises
    ------
    ValueError
        As `skeleton_features`.
    """
    shape = skeleton_features(trial)
    position = (
        trial["skeleton_position"].transpose("time", "joint", "axis").sel(joint=list(JOINTS), axis=list(AXES))
    )
    relative = position.values - position.values[:, :1]
    ends = [[JOINTS.index(link[end]) for link in LINKS] for end in (0, 1)]
    length_m = np.median(np.linalg.norm(relative[:, ends[0]] - relative[:, ends[1]], axis=-1), axis=0)
    motion_m = np.sqrt(relative[:, 1:].var(axis=0).sum(axis=-1))
    names = [f"{first} to {second} length in m" for first, second in LINKS]
    names += [f"{joint} motion in m" for joint in JOINTS[1:]]
    logarithm = np.log(np.maximum(np.concatenate([length_m, motion_m]), LEAST_LENGTH_M))
    return pd.concat([shape, pd.Series(logarithm, names)]).rename(shape.name)


def learn_seen(
    features: pd.DataFrame, *, level: float = LEVEL, folds: int = FOLDS, seed: int = 0
) -> SeenPeople:
    """Learn what is usual, and how far people are from others.

    Parameters
    ----------
    features
        (subject, number), without gaps: `skeleton_numbers` of a task, or an embedding.
    level
        At which one wants to abstain; it says how many people are needed.
    folds, seed
        Each person's distance is from the people of other folds.

    Raises
    ------
    ValueError
        Too few people for the level, gaps, or a person in two rows; all faults are named.
    """
    _require_features(features, level)
    values = features.to_numpy(dtype=float)
    fold = deal_folds(len(values), folds=folds, seed=seed)
    distances = np.empty(len(values))
    for each in range(folds):
        distances[fold == each] = _distances(values[fold == each], *_fit(values[fold != each]))
    return SeenPeople(tuple(map(_name, features.columns)), *_fit(values), np.sort(distances))


def judge_skeletons(seen: SeenPeople, features: pd.DataFrame, *, level: float = LEVEL) -> dict[str, Judgment]:
    """Whether skeletons are within what was seen, and what is strange about those that are not.

    Parameters
    ----------
    seen
        As given by `learn_seen`.
    features
        (subject, number), the same numbers.
    level
        Who has a p value at or below it is not judged further.

    Returns
    -------
    dict
        `Judgment` by subject.

    Raises
    ------
    ValueError
        Numbers are missing, or the level cannot be reached with so few people who were seen; all faults are named.
    """
    names = [_name(each) for each in features.columns]
    _require_judgeable(seen, names, level)
    values = features.to_numpy(dtype=float)[:, [names.index(each) for each in seen.features]]
    known = np.isfinite(values).all(axis=1)
    filled = np.where(np.isfinite(values), values, seen.mean)
    distances = _distances(filled, seen.mean, seen.spread, seen.precision)
    as_far = len(seen.distances) - np.searchsorted(seen.distances, distances, side="left")
    p = np.where(known, (1.0 + as_far) / (1.0 + len(seen.distances)), 0.0)
    score = (filled - seen.mean) / seen.spread
    return {
        str(subject): _judge(seen, p[row], values[row], score[row], level)
        for row, subject in enumerate(features.index)
    }


def _judge(seen: SeenPeople, p: float, values: Array, score: Array, level: float) -> Judgment:
    gaps = [seen.features[place] for place in np.flatnonzero(~np.isfinite(values))]
    if gaps:
        strange = tuple((name, float("nan")) for name in gaps[:MENTIONED])
        return Judgment(0.0, True, strange, f"No answer: {len(gaps)} numbers are missing, such as {gaps[0]}.")
    # a number may be strange among its neighbors though none is far by itself
    fit = seen.precision @ score / np.sqrt(np.diag(seen.precision))
    by = np.abs(score) if np.abs(score).max() >= STRANGE else np.abs(fit)
    strange = _one_per_joint((seen.features[place], float(score[place])) for place in np.argsort(-by))
    return Judgment(float(p), bool(p <= level), strange, _sentence(seen, p, strange, p <= level))


def _one_per_joint(numbers: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """The first numbers (name, score) that begin with different words, as several numbers of a joint say the same."""
    chosen: dict[str, tuple[str, float]] = {}
    for name, score in numbers:
        chosen.setdefault(name.split()[0], (name, score))
        if len(chosen) == MENTIONED:
            break
    return tuple(chosen.values())


def _sentence(seen: SeenPeople, p: float, strange: Sequence[tuple[str, float]], abstain: bool) -> str:
    count = len(seen.distances)
    if not abstain:
        return f"Within what was seen: {p:.0%} of {count} people are as far from the others."
    told = [
        f"{name} ({abs(score):.1f} standard deviations {'above' if score > 0 else 'below'} the mean)"
        for name, score in strange
    ]
    return (
        f"No answer: unlike the {count} people who were seen (p = {p:.2g}), most of all {', '.join(told)}; "
        f"look at {_joints(name for name, _ in strange)}."
    )


def _joints(names: Iterable[str]) -> str:
    """Joints that names of numbers mention, in words."""
    mentioned = [joint for name in names for joint in name.split() if joint.isupper() and joint in JOINTS]
    words = dict.fromkeys(_joint_words(joint) for joint in mentioned)
    return ", ".join(words) or "the recording as a whole"


def _joint_words(joint: str) -> str:
    part, _, side = joint.rpartition("_")
    return (
        f"the {side.lower()} {part.lower()}"
        if side in ("LEFT", "RIGHT")
        else f"the {joint.replace('_', ' ').lower()}"
    )


def _fit(values: Array) -> tuple[Array, Array, Array]:
    """Mean, standard deviation and inverse of the shrunk covariance of numbers in standard deviations."""
    from sklearn.covariance import LedoitWolf

    mean, spread = values.mean(axis=0), values.std(axis=0)
    # a number that never varies would make the least difference infinite
    spread = np.where(spread > LEAST_SPREAD * (1.0 + np.abs(mean)), spread, 1.0)
    fitted = LedoitWolf(assume_centered=True).fit((values - mean) / spread)
    return mean, spread, np.asarray(fitted.precision_)


def _distances(values: Array, mean: Array, spread: Array, precision: Array) -> Array:
    score = (values - mean) / spread
    return np.sqrt(np.maximum(np.einsum("pf,fg,pg->p", score, precision, score, optimize=True), 0.0))


def _name(column: object) -> str:
    return ", ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _require_features(features: pd.DataFrame, level: float) -> None:
    faults = []
    needed = int(np.ceil(1.0 / level - 1e-9)) - 1
    if len(features) < needed:
        faults.append(
            f"{len(features)} people were seen, to abstain at {level:g} at least {needed} are needed"
        )
    gaps = int((~np.isfinite(features.to_numpy(dtype=float))).any(axis=1).sum())
    faults += [f"{gaps} people have gaps: leave them out"] if gaps else []
    repeated = int(features.index.duplicated().sum())
    faults += [f"{repeated} rows repeat a person: keep one each"] if repeated else []
    if faults:
        raise ValueError("What is usual cannot be learned: " + "; ".join(faults))


def _require_judgeable(seen: SeenPeople, names: Sequence[str], level: float) -> None:
    absent = [name for name in seen.features if name not in names]
    faults = [f"{len(absent)} numbers are missing, such as {absent[0]}"] if absent else []
    if (1.0 + len(seen.distances)) * level < 1.0 - 1e-9:
        faults.append(f"{len(seen.distances)} people who were seen cannot tell p at or below {level:g}")
    if faults:
        raise ValueError("The skeletons cannot be judged: " + "; ".join(faults))
