"""Study: how much of the ground reaction force can be read from markers alone?

Every person is predicted by models that never saw that person: people, not trials, are dealt into folds. The three
methods are judged on the same strides of the same people, by the recipe of `gaitbook.studies.metrics`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.conventions import AXES
from gaitbook.models.training import TrainingPlan
from gaitbook.studies.metrics import force_errors, to_body_weights
from gaitbook.studies.prediction import METHODS, fit_force_predictor
from gaitbook.studies.trials import identify, mean_cycle, measured_strides
from gaitbook.studies.uncertainty import summarize

logger = logging.getLogger(__name__)

MEASURED = "measured"


@dataclass(frozen=True)
class ForceEstimation:
    """What the study found.

    Parameters
    ----------
    errors
        Columns subject, speed_mps, method, axis, measure, value (%BW), strides: one row per trial, method, axis and
        measure.
    cycles
        Columns subject, speed_mps, source, axis, phase_percent, value (%BW): mean cycle of each trial.
    """

    errors: pd.DataFrame
    cycles: pd.DataFrame


def estimate_force(
    trials: Sequence[xr.Dataset],
    *,
    methods: Sequence[str] = METHODS,
    folds: int = 5,
    seed: int = 0,
    plan: TrainingPlan | None = None,
    cutoff_hz: float = 10.0,
    progress: bool = True,
) -> ForceEstimation:
    """Errors and mean cycles of every method on every person, predicted by models that never saw the person.

    Parameters
    ----------
    trials
        Prepared trials, as given by `gaitbook.studies.trials.prepare_cohort`.
    methods
        Any of ``"Newton"``, ``"ridge"``, ``"CNN"``.
    folds
        Groups of people; each is predicted from the others.
    seed
        Of the dealing into folds and of the networks.
    plan
        Length and speed of the network's training.
    cutoff_hz
        Low-pass of Newton's center of mass.
    progress
        Show a progress bar.

    Returns
    -------
    ForceEstimation
        Errors and mean cycles.

    Raises
    ------
    ValueError
        If there are fewer than two people.
    """
    groups = deal_subjects([str(trial.attrs["subject"]) for trial in trials], folds=folds, seed=seed)
    jobs = [(method, group) for group in groups for method in methods]
    arguments = {"seed": seed, "plan": plan, "cutoff_hz": cutoff_hz}
    in_memory = [trial.load() for trial in trials]
    bar = tqdm(jobs, desc="folds x methods", unit="job", disable=not progress)
    parts = [_judge_fold(method, in_memory, group, arguments) for method, group in bar]
    errors = pd.concat([part[0] for part in parts], ignore_index=True)
    cycles = pd.concat([_measured_cycles(trials), *(part[1] for part in parts)], ignore_index=True)
    return ForceEstimation(
        _sorted(errors, "method", methods), _sorted(cycles, "source", (MEASURED, *methods))
    )


def deal_subjects(subjects: Sequence[str], *, folds: int, seed: int) -> list[frozenset[str]]:
    """People dealt at random into folds of nearly equal size; no more folds than people.

    Raises
    ------
    ValueError
        If there are fewer than two people: one cannot be predicted from others.
    """
    people = sorted(set(subjects))
    if len(people) < 2:  # noqa: PLR2004 - one to learn from, one to predict
        raise ValueError(
            f"{len(people)} person cannot be predicted from others: the study needs at least two"
        )
    folds = min(folds, len(people))
    shuffled = np.random.default_rng(seed).permutation(people)
    return [frozenset(map(str, shuffled[start::folds])) for start in range(folds)]


def average_over_speeds(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per person, method, axis and measure: columns subject, method, axis, measure, value, unit (%BW)."""
    by = ["subject", "method", "axis", "measure"]
    averaged = errors.groupby(by, sort=False, observed=True)["value"].mean().reset_index()
    return averaged.assign(unit="%BW")


def mean_cycles(cycles: pd.DataFrame) -> pd.DataFrame:
    """Mean cycle over people with its interval: columns source, axis, speed_mps, phase_percent, mean, low, high, n."""
    by = ["source", "axis", "speed_mps", "phase_percent"]
    return summarize(cycles, by, unit="%BW").rename(columns={"value": "mean"})


def _judge_fold(
    method: str, trials: list[xr.Dataset], held_out: frozenset[str], arguments: dict
) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = [trial for trial in trials if trial.attrs["subject"] not in held_out]
    predictor = fit_force_predictor(method, known, **arguments)
    errors, cycles = [], []
    for trial in (trial for trial in trials if trial.attrs["subject"] in held_out):
        strides, predicted = measured_strides(trial), predictor(trial)
        mass_kg = float(trial.attrs["mass_kg"])
        judged = force_errors(predicted, trial["ground_reaction_force"], strides, mass_kg=mass_kg)
        errors.append(judged.assign(**identify(trial), method=method))
        cycles.append(_mean_cycle(predicted, strides, trial).assign(source=method))
    return pd.concat(errors), pd.concat(cycles)


def _measured_cycles(trials: Sequence[xr.Dataset]) -> pd.DataFrame:
    parts = [_mean_cycle(trial["ground_reaction_force"], measured_strides(trial), trial) for trial in trials]
    return pd.concat(parts).assign(source=MEASURED)


def _mean_cycle(force: xr.DataArray, strides: pd.DataFrame, trial: xr.Dataset) -> pd.DataFrame:
    left = strides[strides["foot"] == "left"]
    relative = to_body_weights(force.sel(foot="left"), float(trial.attrs["mass_kg"]))
    return mean_cycle(relative, left, trial)


def _sorted(table: pd.DataFrame, column: str, order: Sequence[str]) -> pd.DataFrame:
    ordered = table.assign(
        **{
            column: pd.Categorical(table[column], list(order)),
            "axis": pd.Categorical(table["axis"], list(AXES)),
        }
    )
    keys = [
        name
        for name in ("subject", "speed_mps", column, "axis", "measure", "phase_percent")
        if name in ordered
    ]
    return ordered.sort_values(keys, ignore_index=True)
