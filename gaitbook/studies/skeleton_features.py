"""Simple numbers of a skeleton trial, such as a reader without a network would take.

Size and place are removed first, as the gait foundation model does (arXiv 2603.25283): hands dropped, a median of
three frames, the pelvis in the middle, each frame divided by the largest distance from it. What remains is shape and
motion: where the joints are, how far they go, in which proportions, how fast.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.fft import next_fast_len, rfft

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import JOINTS, MIDDLE, SIDES, normalize_skeleton

Array = NDArray[np.float64]
PERCENTILES: Final = (1.0, 99.0)
CADENCE_BAND_HZ: Final = (0.3, 3.0)
PADDING: Final = 8
FEWEST_FRAMES: Final = 8
LINKS: Final = (
    *((first, second) for first, second in zip(MIDDLE, (*MIDDLE[1:], "HEAD"), strict=True)),
    ("HEAD", "NOSE"),
    *(
        (f"{first}_{side}", f"{second}_{side}")
        for side in SIDES
        for first, second in (
            *(("CLAVICLE", "SHOULDER"), ("SHOULDER", "ELBOW"), ("ELBOW", "WRIST")),
            *(("HIP", "KNEE"), ("KNEE", "ANKLE"), ("ANKLE", "FOOT")),
        )
    ),
    *((f"{part}_LEFT", f"{part}_RIGHT") for part in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")),
    *(("EAR_LEFT", "EAR_RIGHT"), ("EYE_LEFT", "EYE_RIGHT")),
)
"""Pairs of joints whose distance is a proportion of the body, or a width between its sides."""
HINGES: Final = tuple(
    (name, *(f"{part}_{side}" for part in parts), side)
    for side in SIDES
    for name, parts in (("knee", ("HIP", "KNEE", "ANKLE")), ("elbow", ("SHOULDER", "ELBOW", "WRIST")))
)
SWINGS: Final = tuple(f"{part}_{side}" for side in SIDES for part in ("ANKLE", "WRIST"))


def skeleton_features(trial: xr.Dataset) -> pd.Series:
    """Features of a skeleton trial: shape, excursions, proportions, hinges and cadence, without size and place.

    Parameters
    ----------
    trial
        With ``skeleton_position`` (time, joint, axis), m, of the 26 joints in `JOINTS` at least.

    Returns
    -------
    pandas.Series
        Named as ``ANKLE_LEFT x mean``. Lengths are shares of the largest distance of a joint from the pelvis; hinges
        are the cosine of the angle at knee and elbow; cadence is in steps per second; speed is per second.

    Raises
    ------
    ValueError
        Joints or axes are missing, positions have gaps, or the trial is too short; all faults are named.
    """
    return pd.Series(_values(trial), index=_names(), name=str(trial.attrs.get("subject", "")))


def collect_features(trials: Iterable[xr.Dataset]) -> pd.DataFrame:
    """Features of many people and tasks.

    Parameters
    ----------
    trials
        Skeleton trials with ``subject`` and ``task`` in their attributes; trials without a skeleton are left out.

    Returns
    -------
    pandas.DataFrame
        Rows ``subject``, columns (``task``, ``feature``); several trials of a person at a task are averaged, and who
        lacks a task has NaN there.

    Raises
    ------
    ValueError
        No trial has a skeleton.
    """
    rows: dict[tuple[str, str], list[Array]] = {}
    for trial in trials:
        if "skeleton_position" in trial:
            key = (str(trial.attrs["subject"]), str(trial.attrs.get("task", trial.attrs["trial"])))
            rows.setdefault(key, []).append(_values(trial))
    if not rows:
        raise ValueError(
            "No trial has a skeleton_position: features are taken from trials of a depth camera, such as those of "
            "the cohort 'default'"
        )
    subjects, tasks = (list(dict.fromkeys(key[place] for key in rows)) for place in (0, 1))
    table = np.full((len(subjects), len(tasks), len(_names())), np.nan)
    at_subject, at_task = ({name: k for k, name in enumerate(names)} for names in (subjects, tasks))
    for (subject, task), found in rows.items():
        table[at_subject[subject], at_task[task]] = np.mean(found, axis=0)
    columns = pd.MultiIndex.from_product([tasks, _names()], names=["task", "feature"])
    return pd.DataFrame(table.reshape(len(subjects), -1), pd.Index(subjects, name="subject"), columns)


def _values(trial: xr.Dataset) -> Array:
    rate_hz = float(trial.attrs.get("sampling_rate_hz", np.nan))
    _require_skeleton(trial, rate_hz)
    position = trial["skeleton_position"].transpose("time", "joint", "axis")
    places = pd.Index(position["joint"].values).get_indexer(pd.Index(JOINTS))
    axes = pd.Index(position["axis"].values).get_indexer(pd.Index(AXES))
    relative = normalize_skeleton(position.values[:, places][:, :, axes])
    groups = [*_by_joint(relative), *_proportions(relative), *_hinges(relative), *_rhythm(relative, rate_hz)]
    return np.concatenate(groups)


def _by_joint(relative: Array) -> list[Array]:
    """Mean, standard deviation and percentiles of all joints but the pelvis."""
    moving = relative[:, 1:].reshape(len(relative), -1)
    ordered = np.sort(moving, axis=0)
    low, high = (ordered[round(share / 100.0 * (len(ordered) - 1))] for share in PERCENTILES)
    mean = moving.mean(axis=0)
    apart = moving - mean
    return [mean, np.sqrt(np.einsum("tf,tf->f", apart, apart) / len(moving)), low, high]


def _proportions(relative: Array) -> list[Array]:
    """Mean lengths and widths."""
    first, second = _link_places()
    across = relative[:, first] - relative[:, second]
    return [np.sqrt(np.einsum("tla,tla->tl", across, across)).mean(axis=0)]


def _hinges(relative: Array) -> list[Array]:
    """Mean, spread and largest bend (smallest minus cosine) of knees and elbows."""
    places = _hinge_places()
    upper = relative[:, places[0]] - relative[:, places[1]]
    lower = relative[:, places[1]] - relative[:, places[2]]
    sizes = np.sqrt(np.einsum("tja,tja->tj", upper, upper) * np.einsum("tja,tja->tj", lower, lower))
    cosine = np.einsum("tja,tja->tj", upper, lower) / np.maximum(sizes, 1e-9)
    return [cosine.mean(axis=0), cosine.std(axis=0), cosine.min(axis=0)]


def _rhythm(relative: Array, rate_hz: float) -> list[Array]:
    """Fore-aft range of ankles and wrists, their speed, and the cadence that dominates the spread of the ankles."""
    swinging = relative[:, _places(SWINGS), 0]
    speed = np.abs(np.diff(swinging, axis=0)).mean(axis=0) * rate_hz
    apart = swinging[:, 0] - swinging[:, 2]
    tapered = (apart - apart.mean()) * np.hanning(len(apart))
    length = next_fast_len(PADDING * len(apart), real=True)
    power = np.abs(rfft(tapered, length))
    frequency_hz = np.arange(len(power)) * rate_hz / length
    power[(frequency_hz < CADENCE_BAND_HZ[0]) | (frequency_hz > CADENCE_BAND_HZ[1])] = 0.0
    # a stride is two steps
    return [np.ptp(swinging, axis=0), speed, np.array([2.0 * frequency_hz[power.argmax()]])]


@cache
def _names() -> pd.Index:
    measures = ("mean", "spread", *(f"percentile {share:g}" for share in PERCENTILES))
    names = [f"{joint} {axis} {measure}" for measure in measures for joint in JOINTS[1:] for axis in AXES]
    names += [f"{first} to {second} length" for first, second in LINKS]
    names += [
        f"{hinge[0]} {hinge[-1].lower()} {measure}"
        for measure in ("mean", "spread", "least")
        for hinge in HINGES
    ]
    names += [f"{joint} {measure}" for measure in ("range", "speed") for joint in SWINGS]
    return pd.Index([*names, "cadence"], name="feature")


def _places(joints: Iterable[str]) -> list[int]:
    return [JOINTS.index(joint) for joint in joints]


@cache
def _link_places() -> tuple[list[int], list[int]]:
    return _places(first for first, _ in LINKS), _places(second for _, second in LINKS)


@cache
def _hinge_places() -> list[list[int]]:
    return [_places(hinge[1 + which] for hinge in HINGES) for which in range(3)]


def _require_skeleton(trial: xr.Dataset, rate_hz: float) -> None:
    faults = []
    if "skeleton_position" not in trial:
        raise ValueError(
            "The trial has no skeleton_position: features are taken from trials of a depth camera"
        )
    position = trial["skeleton_position"]
    present = {*position["joint"].values.tolist(), *position["axis"].values.tolist()}
    missing = [name for name in (*JOINTS, *AXES) if name not in present]
    if missing:
        faults.append(f"lacks {', '.join(missing)}")
    if position.sizes["time"] < FEWEST_FRAMES:
        faults.append(f"has {position.sizes['time']} frames, at least {FEWEST_FRAMES} are needed")
    gaps = int((~np.isfinite(position.values)).sum())
    if gaps:
        faults.append(f"has {gaps} values that are no numbers: fill or cut the gaps first")
    if not rate_hz > 0:
        faults.append("does not say its sampling_rate_hz")
    if faults:
        raise ValueError("The skeleton has no features: it " + "; it ".join(faults))
