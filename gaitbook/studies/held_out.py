"""Study: do simulated runners press the ground as those do who were never used to make them?"""

from collections.abc import Callable
from typing import Final

import pandas as pd
import xarray as xr

from gaitbook.cohort.store import iterate_trials
from gaitbook.studies.real_people import compare_stances, simulate_likenesses, stance_curves
from gaitbook.studies.uncertainty import summarize
from gaitbook.synthesis.reference_curves import load_reference

Walker = Callable[..., xr.Dataset]

NEEDED: Final = ("ground_reaction_force", "in_contact")
CURVE_COLUMNS: Final = ("axis", "speed_mps", "phase_percent", "source", "mean", "low", "high", "n", "unit")
COMPARED_COLUMNS: Final = ("subject", "speed_mps", "r", "rmse", "peak_real", "peak_simulated", "met")
EVERYBODY: Final = "mean of all"
DURATION_S: Final = 2.5
PEAK_WITHIN: Final = 0.08
"""How far the simulated peak may be from the measured one."""


def held_out_runners() -> tuple[str, ...]:
    """Names of the recorded runners that went into no number of the cohort."""
    return tuple(load_reference("running")["held_out"])


def held_out_stances(
    cohort: xr.DataTree, walker: Walker, *, people: int = 3
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stances of the runners of a cohort who were left out, and of simulated people of their size, sex and speed.

    Parameters
    ----------
    cohort
        As given by `gaitbook.open_cohort`.
    walker
        `gaitbook.synthesis.gait.simulate_gait`.
    people
        Simulated people for each real one.

    Returns
    -------
    tuple of pandas.DataFrame
        Curves (mean over people with interval, by speed and source) for `gaitbook.plot_stances`, and one row per runner
        and speed, and one for the mean of all: subject, speed_mps, r, rmse (%BW), peak_real, peak_simulated (%BW), met.
        Both are empty where the cohort holds none of these runners, as all but one do not.
    """
    present = {node.path.split("/")[-2] for node in cohort.leaves if node.has_data}
    names = sorted(present & set(held_out_runners()))
    if not names:
        return pd.DataFrame(columns=list(CURVE_COLUMNS)), pd.DataFrame(columns=list(COMPARED_COLUMNS))
    trials = (trial[list(NEEDED)] for trial in iterate_trials(cohort, subjects=names))
    real = stance_curves(trials)
    alike = simulate_likenesses(real, walker, people=people, duration_s=DURATION_S)
    curves = _mean_curves(real, alike)
    return curves, pd.concat([_compared(compare_stances(real, alike)), _means(curves)], ignore_index=True)


def _mean_curves(real: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    # simulated at the speed of the real trial, which the table rounds as it likes
    speeds = real.groupby(["subject", "trial"])["speed_mps"].first().rename("asked_mps").reset_index()
    beside = simulated.merge(speeds, on=["subject", "trial"]).drop(columns="speed_mps")
    beside = beside.rename(columns={"asked_mps": "speed_mps"})
    both = pd.concat([real.assign(source="measured"), beside.assign(source="simulated")])
    table = summarize(both.assign(axis="y"), ["axis", "speed_mps", "phase_percent", "source"], unit="%BW")
    return table.rename(columns={"value": "mean"})[list(CURVE_COLUMNS)]


def _means(curves: pd.DataFrame) -> pd.DataFrame:
    """The mean curve of all runners beside that of all likenesses, judged like one of them."""
    named = curves.rename(columns={"mean": "value"}).assign(subject=EVERYBODY, gait="run", trial="all")
    real, simulated = (named[named["source"] == source] for source in ("measured", "simulated"))
    return _compared(compare_stances(real, simulated, by=("subject", "speed_mps")))


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    near = (table["peak_ratio"] - 1.0).abs() <= PEAK_WITHIN
    ordered = table.assign(met=table["met"] & near).sort_values(["speed_mps", "subject"], ignore_index=True)
    return ordered[list(COMPARED_COLUMNS)]
