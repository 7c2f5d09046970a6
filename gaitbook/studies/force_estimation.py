"""Study: how much of the ground reaction force can be read from markers alone?

Every person is predicted by models that never saw that person: people, not trials, are dealt into folds. The three
methods are judged on the same strides of the same people, by the recipe of `gaitbook.studies.metrics`.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.cohort.cleaning import low_pass, resample
from gaitbook.cohort.events import cut_cycles, detect_contacts, find_strides
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.conventions import AXES
from gaitbook.models.training import TrainingPlan
from gaitbook.studies.metrics import CYCLE_THRESHOLD_N_PER_KG, force_errors, to_body_weights
from gaitbook.studies.prediction import METHODS, fit_force_predictor
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
    exclusions
        Trials left out, with the reason.
    """

    errors: pd.DataFrame
    cycles: pd.DataFrame
    exclusions: list[Exclusion]


def prepare_trial(
    trial: xr.Dataset, *, sampling_rate_hz: float = 100.0, cutoff_hz: float = 20.0
) -> xr.Dataset:
    """Trial with smooth markers at the rate of the study.

    Parameters
    ----------
    trial
        Trial with ``marker_position`` and ``ground_reaction_force``.
    sampling_rate_hz
        New rate.
    cutoff_hz
        Zero-lag low-pass of the markers.
    """
    smooth = trial.assign(marker_position=low_pass(trial["marker_position"], cutoff_hz))
    return resample(smooth[["marker_position", "ground_reaction_force", "in_contact"]], sampling_rate_hz)


def usable_trials(trials: Iterable[xr.Dataset]) -> tuple[list[xr.Dataset], list[Exclusion]]:
    """Trials with markers, force and at least one stride of the left foot; the others with their reason."""
    kept, excluded = [], []
    for trial in trials:
        reason = _why_unusable(trial)
        path = "/".join(str(trial.attrs.get(part, "?")) for part in ("subject", "trial"))
        if reason:
            excluded.append(Exclusion(path, reason))
        else:
            kept.append(trial)
    return kept, excluded


def measured_strides(trial: xr.Dataset) -> pd.DataFrame:
    """Strides of a trial by its measured force crossing 1 N/kg; columns foot, start_s, toe_off_s, end_s."""
    threshold_n = CYCLE_THRESHOLD_N_PER_KG * float(trial.attrs["mass_kg"])
    return find_strides(detect_contacts(trial, method="force", threshold_n=threshold_n))


def estimate_force(
    trials: Iterable[xr.Dataset],
    *,
    methods: Sequence[str] = METHODS,
    folds: int = 5,
    seed: int = 0,
    plan: TrainingPlan | None = None,
    cutoff_hz: float = 10.0,
    workers: int = 2,
    progress: bool = True,
) -> ForceEstimation:
    """Errors and mean cycles of every method on every person, predicted by models that never saw the person.

    Parameters
    ----------
    trials
        Prepared trials (see `prepare_trial`).
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
    workers
        Folds worked on at once, one thread each.
    progress
        Show a progress bar.

    Returns
    -------
    ForceEstimation
        Errors, mean cycles, exclusions.

    Raises
    ------
    ValueError
        If fewer people than folds are usable.
    """
    kept, excluded = usable_trials(trials)
    groups = deal_subjects([str(trial.attrs["subject"]) for trial in kept], folds=folds, seed=seed)
    jobs = [(method, group) for group in groups for method in methods]
    arguments = {"seed": seed, "plan": plan, "cutoff_hz": cutoff_hz}
    parts = _run_jobs(kept, jobs, arguments, workers=workers, progress=progress)
    errors = pd.concat([part[0] for part in parts], ignore_index=True)
    cycles = pd.concat([_measured_cycles(kept), *(part[1] for part in parts)], ignore_index=True)
    return ForceEstimation(
        _sorted(errors, "method", methods), _sorted(cycles, "source", (MEASURED, *methods)), excluded
    )


def deal_subjects(subjects: Sequence[str], *, folds: int, seed: int) -> list[frozenset[str]]:
    """People dealt at random into folds of nearly equal size.

    Raises
    ------
    ValueError
        If there are fewer people than folds.
    """
    people = sorted(set(subjects))
    if len(people) < folds:
        raise ValueError(f"{len(people)} usable people cannot be dealt into {folds} folds: lower `folds`")
    shuffled = np.random.default_rng(seed).permutation(people)
    return [frozenset(map(str, shuffled[start::folds])) for start in range(folds)]


def mean_cycles(cycles: pd.DataFrame) -> pd.DataFrame:
    """Mean cycle over people with its interval: columns source, axis, speed_mps, phase_percent, mean, low, high, n."""
    by = ["source", "axis", "speed_mps", "phase_percent"]
    return summarize(cycles, by, unit="%BW").rename(columns={"value": "mean"})


def _why_unusable(trial: xr.Dataset) -> str | None:
    missing = [name for name in ("marker_position", "ground_reaction_force") if name not in trial]
    if missing:
        return f"no {' and no '.join(missing)}"
    if "mass_kg" not in trial.attrs:
        return "no body mass"
    strides = measured_strides(trial)
    return None if (strides["foot"] == "left").any() else "no complete stride of the left foot"


def _run_jobs(
    trials: list[xr.Dataset],
    jobs: list[tuple[str, frozenset[str]]],
    arguments: dict,
    *,
    workers: int,
    progress: bool,
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    from joblib import Parallel, delayed

    in_memory = [trial.load() for trial in trials]
    parallel = Parallel(n_jobs=workers, return_as="generator", inner_max_num_threads=1)
    results = parallel(delayed(_judge_fold)(method, in_memory, group, arguments) for method, group in jobs)
    return list(tqdm(results, total=len(jobs), desc="folds x methods", unit="job", disable=not progress))


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
        errors.append(judged.assign(**_identity(trial), method=method))
        cycles.append(_mean_cycle(predicted, strides, trial).assign(source=method))
    return pd.concat(errors), pd.concat(cycles)


def _measured_cycles(trials: list[xr.Dataset]) -> pd.DataFrame:
    parts = [_mean_cycle(trial["ground_reaction_force"], measured_strides(trial), trial) for trial in trials]
    return pd.concat(parts).assign(source=MEASURED)


def _mean_cycle(force: xr.DataArray, strides: pd.DataFrame, trial: xr.Dataset) -> pd.DataFrame:
    left = strides[strides["foot"] == "left"]
    relative = to_body_weights(force.sel(foot="left"), float(trial.attrs["mass_kg"]))
    cycle = cut_cycles(relative, left).mean("cycle")
    frame = cycle.to_dataframe("value").reset_index()
    columns = frame.rename(columns={"phase": "phase_percent"})[["axis", "phase_percent", "value"]]
    return columns.assign(**_identity(trial))


def _identity(trial: xr.Dataset) -> dict[str, Any]:
    return {"subject": trial.attrs["subject"], "speed_mps": trial.attrs.get("speed_mps", float("nan"))}


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
