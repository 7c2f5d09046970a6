"""Engineered features of gait: numbers that a clinician would read off a skeleton, task by task.

The comparison set of the gait foundation model (arXiv 2603.25283): lengths, times, supports, swings, asymmetries, and
sway, each as mean, median and standard deviation over the strides.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.studies import chair_measures, sway_measures, walking_measures
from gaitbook.studies.skeleton_paths import clean_paths

WALKS: Final = ("tm_3kmh", "self_selected_gait_speed", "stationary_walk")
RISES: Final = ("sit_to_stand",)
STANDS: Final = ("romberg_closed", "romberg_open")
TASKS: Final = (*WALKS, *RISES, *STANDS)


def engineered_features(trial: xr.Dataset) -> pd.Series:
    """Engineered features of a skeleton trial, by its task.

    Parameters
    ----------
    trial
        With ``skeleton_position`` (time, joint, axis), m, x forward, y up, z right, and with ``task`` among its
        attributes, one of `TASKS`.

    Returns
    -------
    pandas.Series
        Named as ``stride_length_m median``; statistics are mean, median and variability (standard deviation over the
        strides or repetitions; NaN if there is but one). Sway is one number for the trial.

    Raises
    ------
    ValueError
        The task is none of `TASKS`, the trial is no usable skeleton, or nothing happens in it; the message says what.
    """
    task = str(trial.attrs.get("task", ""))
    if task not in TASKS:
        raise ValueError(
            f"Engineered features are not known for the task {task!r}: name it one of {', '.join(TASKS)}"
        )
    module = walking_measures if task in WALKS else chair_measures if task in RISES else sway_measures
    paths = clean_paths(trial, module.JOINTS, low_pass_hz=module.LOW_PASS_HZ)
    if task in WALKS:
        values = _statistics(walking_measures.measure_strides(paths))
    elif task in RISES:
        rises = chair_measures.measure_rises(paths)
        values = {"repetitions": float(len(rises)), "repetitions_per_30_s": rises.attrs["per_30_s"]}
        values |= _statistics(rises)
    else:
        values = sway_measures.measure_sway(paths)
    return pd.Series(values, name=str(trial.attrs.get("subject", "")), dtype=np.float64).rename_axis(
        "feature"
    )


def collect_engineered(trials: Iterable[xr.Dataset]) -> pd.DataFrame:
    """Engineered features of many people and tasks, without gaps.

    Parameters
    ----------
    trials
        With ``subject`` and ``task`` among their attributes; those without a skeleton are passed over. Several of a
        person at a task are averaged.

    Returns
    -------
    pandas.DataFrame
        Rows ``subject``, columns (``task``, ``feature``). Gaps hold the median of the column. ``attrs["filled"]``
        counts gaps by task, ``attrs["without_task"]`` people who lack a task whole, ``attrs["excluded"]`` trials
        by the reason why they could not be measured, ``attrs["empty"]`` columns that nobody has, which are left out.

    Raises
    ------
    ValueError
        No trial could be measured; the message counts the reasons.
    """
    found: dict[str, dict[str, list[pd.Series]]] = {}
    excluded: Counter[str] = Counter()
    for trial in trials:
        if "skeleton_position" not in trial:
            continue
        try:
            features = engineered_features(trial)
        except ValueError as fault:
            excluded[str(fault)] += 1
            continue
        by_subject = found.setdefault(str(trial.attrs["task"]), {})
        by_subject.setdefault(str(trial.attrs["subject"]), []).append(features)
    if not found:
        reasons = "; ".join(f"{count} times: {reason}" for reason, count in excluded.most_common())
        raise ValueError(
            f"No trial could be measured: {reasons or 'none has a skeleton_position of a depth camera'}"
        )
    table = pd.concat({task: _table(rows) for task, rows in found.items()}, axis=1, names=["task", "feature"])
    return _fill(table.rename_axis(index="subject"), excluded)


def _statistics(measures: pd.DataFrame) -> dict[str, float]:
    tables = {"mean": measures.mean(), "median": measures.median(), "variability": measures.std()}
    return {
        f"{name} {statistic}": float(table[name])
        for name in measures.columns
        for statistic, table in tables.items()
    }


def _table(rows: Mapping[str, list[pd.Series]]) -> pd.DataFrame:
    return pd.DataFrame({subject: pd.concat(each, axis=1).mean(axis=1) for subject, each in rows.items()}).T


def _fill(table: pd.DataFrame, excluded: Mapping[str, int]) -> pd.DataFrame:
    """Medians in place of gaps, with the counts of all that was changed."""
    empty = [" ".join(map(str, column)) for column in table.columns[table.isna().all()]]
    kept = table.loc[:, ~table.isna().all()]
    filled = kept.fillna(kept.median())
    gaps = kept.isna().T.groupby(level="task").sum()
    absent = kept.isna().T.groupby(level="task").all().sum(axis=1)
    filled.attrs = {
        "filled": {str(task): int(count) for task, count in gaps.sum(axis=1).items()},
        "without_task": {str(task): int(count) for task, count in absent.items()},
        "excluded": dict(excluded),
        "empty": empty,
    }
    return filled
