"""Trials made ready for a study, and those that cannot be, with the reason."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.cohort.cleaning import low_pass, resample
from gaitbook.cohort.events import cut_cycles, detect_contacts, find_strides
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.foot_motion import estimate_speed
from gaitbook.cohort.gaps import fill_gaps, remove_jumps
from gaitbook.cohort.store import iterate_trials
from gaitbook.mechanics.newton import center_of_mass

logger = logging.getLogger(__name__)

CYCLE_THRESHOLD_N_PER_KG: Final = 1.0
SPEED_STEP_MPS: Final = 0.5
NEEDED: Final = ("marker_position", "ground_reaction_force", "in_contact")


@dataclass(frozen=True)
class PreparedTrials:
    """Trials ready for a study.

    Parameters
    ----------
    trials
        With smooth markers, at one rate, in memory.
    exclusions
        Trials left out, with the reason.
    """

    trials: list[xr.Dataset]
    exclusions: list[Exclusion]


def prepare_cohort(
    cohort: xr.DataTree,
    *,
    people: int = 0,
    sampling_rate_hz: float = 100.0,
    cutoff_hz: float = 20.0,
    duration_s: float = 0.0,
    progress: bool = True,
) -> PreparedTrials:
    """Trials of a cohort with smooth markers at one rate; those without markers, force, mass or strides are returned.

    Parameters
    ----------
    cohort
        As given by `gaitbook.open_cohort`.
    people
        Take the first so many people only; zero takes all.
    sampling_rate_hz
        Rate of the study.
    cutoff_hz
        Zero-lag low-pass of the markers.
    duration_s
        Take the first so many seconds of each trial only; zero takes all.
    progress
        Show a progress bar.

    Raises
    ------
    ValueError
        If no trial is usable; the message counts the reasons.
    """
    chosen = _first_people(cohort, people) if people else None
    trials, exclusions = [], []
    for whole in tqdm(
        iterate_trials(cohort, subjects=chosen), desc="preparing", unit="trial", disable=not progress
    ):
        trial = _first_seconds(whole, duration_s) if duration_s else whole
        reason = _why_unusable(trial)
        if reason:
            exclusions.append(Exclusion(_name(trial), reason))
            continue
        trials.append(prepare_trial(trial, sampling_rate_hz=sampling_rate_hz, cutoff_hz=cutoff_hz))
        exclusions += _cycles_left_out(trials[-1])
    if not trials:
        reasons = "; ".join(sorted({exclusion.reason for exclusion in exclusions})) or "the cohort is empty"
        raise ValueError(f"no trial of the cohort can be used: {reasons}")
    return PreparedTrials(trials, exclusions)


def prepare_trial(
    trial: xr.Dataset, *, sampling_rate_hz: float = 100.0, cutoff_hz: float = 20.0
) -> xr.Dataset:
    """Trial with smooth markers at the rate of the study, its speed estimated where the file does not say it."""
    steady = remove_jumps(trial)
    markers = low_pass(fill_gaps(steady["marker_position"]), cutoff_hz)
    kept = [
        name for name in (*NEEDED, "center_of_pressure", "free_moment", "standing_position") if name in trial
    ]
    smooth = steady[kept].assign(marker_position=markers)
    ready = resample(smooth, sampling_rate_hz)
    if "speed_mps" in trial.attrs:
        return ready
    return ready.assign_attrs(speed_mps=estimate_speed(ready["marker_position"]))


def measured_strides(trial: xr.Dataset) -> pd.DataFrame:
    """Strides of a trial by its measured force crossing 1 N/kg; columns foot, start_s, toe_off_s, end_s."""
    threshold_n = CYCLE_THRESHOLD_N_PER_KG * float(trial.attrs["mass_kg"])
    return find_strides(detect_contacts(trial, method="force", threshold_n=threshold_n))


def mean_cycle(
    array: xr.DataArray, spans: pd.DataFrame, trial: xr.Dataset, *, samples: int = 101
) -> pd.DataFrame:
    """Mean over spans of an array, each span stretched to 0-100 %: tidy, with person and speed.

    Parameters
    ----------
    array
        Dims (time, ...).
    spans
        Columns start_s, end_s.
    trial
        Whose it is.
    samples
        Points per span.

    Returns
    -------
    pandas.DataFrame
        Columns phase_percent, value, subject, speed_mps and one for each other dim.
    """
    cycle = cut_cycles(array.reset_coords(drop=True), spans, samples=samples).mean("cycle")
    table = cycle.to_dataframe("value").reset_index().rename(columns={"phase": "phase_percent"})
    return table.assign(**identify(trial))


def in_order(table: pd.DataFrame, column: str, order: Sequence[str]) -> pd.DataFrame:
    """Table whose groups of a column come in the given order, not in that of the alphabet."""
    return table.assign(**{column: pd.Categorical(table[column], list(order))})


def identify(trial: xr.Dataset) -> dict[str, Any]:
    """Person and speed of a trial, the speed to the nearest 0.5 m/s: the groups of the tables."""
    speed_mps = float(trial.attrs.get("speed_mps", float("nan")))
    return {
        "subject": trial.attrs["subject"],
        "speed_mps": round(speed_mps / SPEED_STEP_MPS) * SPEED_STEP_MPS,
    }


def _why_unusable(trial: xr.Dataset) -> str | None:
    missing = [name for name in NEEDED if name not in trial]
    if missing:
        return f"no {' and no '.join(missing)}"
    if "mass_kg" not in trial.attrs:
        return "no body mass"
    try:
        center_of_mass(trial)
        detect_contacts(trial, method="motion")
    except ValueError as reason:
        return str(reason)
    return (
        None if (measured_strides(trial)["foot"] == "left").any() else "no complete stride of the left foot"
    )


def _cycles_left_out(trial: xr.Dataset) -> list[Exclusion]:
    left_out = measured_strides(trial).attrs["left_out"]
    name = _name(trial)
    return [
        Exclusion(name, f"cycle left out: {why}") for why, count in left_out.items() for _ in range(count)
    ]


def _first_seconds(trial: xr.Dataset, duration_s: float) -> xr.Dataset:
    return trial.sel(time=slice(None, float(trial["time"][0]) + duration_s))


def _first_people(cohort: xr.DataTree, people: int) -> list[str]:
    subjects = {str(node.attrs["subject"]) for node in cohort.leaves if "subject" in node.attrs}
    return sorted(subjects)[:people]


def _name(trial: xr.Dataset) -> str:
    return "/".join(str(trial.attrs.get(part, "?")) for part in ("subject", "trial"))
