"""Skeletons of a whole cohort, cut into windows and kept together: what every reader of skeletons starts from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from tqdm.auto import tqdm

from gaitbook.representation.skeleton import WINDOW, skeleton_windows

MOST_HIDDEN: Final = 0.5
"""A recording in which more than half of the joints are missing is left out."""


@dataclass(frozen=True)
class WalkingWindows:
    """Windows of many recordings.

    Parameters
    ----------
    values
        (window, time, joint, channel), half precision; see `gaitbook.representation.skeleton`.
    labels
        One row per window: subject, task, room.
    scale
        What lengths were divided by.
    excluded
        One row per recording that was left out: subject, task, reason.
    """

    values: NDArray[np.float16]
    labels: pd.DataFrame
    scale: str
    excluded: pd.DataFrame

    @property
    def tasks(self) -> list[str]:
        """Tasks in the order in which they were met."""
        return list(dict.fromkeys(self.labels["task"]))

    def select(self, subjects: Iterable[str]) -> "WalkingWindows":
        """Windows of these people only."""
        chosen = self.labels["subject"].isin(set(subjects)).to_numpy()
        labels = self.labels[chosen].reset_index(drop=True)
        return WalkingWindows(self.values[chosen], labels, self.scale, self.excluded)


def cut_trials(
    trials: Iterable[xr.Dataset],
    *,
    scale: str = "frame",
    frames: int = WINDOW,
    total: int | None = None,
    progress: bool = True,
) -> WalkingWindows:
    """Windows of all skeleton trials; others are passed over.

    Parameters
    ----------
    trials
        With ``subject`` and ``task`` (or ``trial``) among their attributes.
    scale, frames
        As for `gaitbook.representation.skeleton.skeleton_windows`.
    total
        How many trials there will be, for the progress bar.
    progress
        Whether to show one.

    Raises
    ------
    ValueError
        No trial has a skeleton that can be used; the message says why.
    """
    values, labels, excluded = [], [], []
    for trial in tqdm(trials, desc="reading skeletons", unit="trial", total=total, disable=not progress):
        if "skeleton_position" not in trial:
            continue
        label = _label(trial)
        try:
            windows = skeleton_windows(trial, frames=frames, scale=scale)
        except ValueError as fault:
            excluded.append({**label, "reason": str(fault)})
            continue
        if windows.hidden > MOST_HIDDEN:
            excluded.append({**label, "reason": f"{100 * windows.hidden:.0f} % of its joints were not seen"})
            continue
        values.append(windows.values.astype(np.float16))
        labels += [label] * len(windows.values)
    dropped = pd.DataFrame(excluded, columns=["subject", "task", "room", "reason"])
    if not values:
        raise ValueError("No trial has a skeleton that can be used" + _why(dropped))
    return WalkingWindows(np.concatenate(values), pd.DataFrame(labels), scale, dropped)


def pool_windows(labels: pd.DataFrame, numbers: NDArray[np.floating], names: pd.Index) -> pd.DataFrame:
    """Median over the windows of a person at a task: rows ``subject``, columns (``task``, ``feature``).

    Parameters
    ----------
    labels
        Subject and task of each window.
    numbers
        (window, feature).
    names
        Of the features.
    """
    subjects, tasks = (list(dict.fromkeys(labels[name])) for name in ("subject", "task"))
    place = [
        pd.Index(found).get_indexer(pd.Index(labels[name]))
        for found, name in ((subjects, "subject"), (tasks, "task"))
    ]
    table = np.full((len(subjects), len(tasks), len(names)), np.nan, dtype=np.float32)
    cell = place[0] * len(tasks) + place[1]
    order = np.argsort(cell, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
        table[place[0][rows[0]], place[1][rows[0]]] = np.median(numbers[rows], axis=0)
    columns = pd.MultiIndex.from_product([tasks, names], names=["task", "feature"])
    return pd.DataFrame(table.reshape(len(subjects), -1), pd.Index(subjects, name="subject"), columns)


def keypoint_features(windows: WalkingWindows) -> pd.DataFrame:
    """Baseline without a network: mean and 99th percentile of every joint and axis, by task."""
    return pool_windows(windows.labels, *_pooled_keypoints(windows.values, percentile=True))


def mean_pose_features(windows: WalkingWindows) -> pd.DataFrame:
    """Baseline that knows no motion: the mean place of every joint, by task."""
    return pool_windows(windows.labels, *_pooled_keypoints(windows.values, percentile=False))


def _pooled_keypoints(
    values: NDArray[np.float16], *, percentile: bool
) -> tuple[NDArray[np.float32], pd.Index]:
    from gaitbook.conventions import AXES
    from gaitbook.representation.skeleton import JOINTS

    statistics = ["mean", "percentile 99"] if percentile else ["mean"]
    names = [
        f"{joint} {axis} {statistic}" for statistic in statistics for joint in JOINTS[1:] for axis in AXES
    ]
    found = np.empty((len(values), len(names)), dtype=np.float32)
    place = round(0.99 * (values.shape[1] - 1))
    for number, window in enumerate(values):
        moving = window[:, 1:, :3].astype(np.float32).reshape(len(window), -1)
        found[number, : moving.shape[1]] = moving.mean(axis=0)
        if percentile:
            found[number, moving.shape[1] :] = np.partition(moving, place, axis=0)[place]
    return found, pd.Index(names, name="feature")


def _label(trial: xr.Dataset) -> dict[str, str]:
    attributes = trial.attrs
    task = str(attributes.get("task", attributes.get("trial", "walk")))
    return {"subject": str(attributes["subject"]), "task": task, "room": str(attributes.get("room", ""))}


def _why(excluded: pd.DataFrame) -> str:
    if excluded.empty:
        return ": there is none of a depth camera, such as those of the cohort 'default' are"
    counted = excluded["reason"].value_counts()
    return ": " + "; ".join(f"{count} times: {reason}" for reason, count in counted.items())
