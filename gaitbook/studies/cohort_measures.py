"""Everything that the targets ask of simulated people, measured at once."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.studies.gait_measures import measure_all
from gaitbook.studies.realism import mean_stances, waveform_rows, with_derived
from gaitbook.studies.speed_strides import reference_runs
from gaitbook.synthesis.conditions import Condition

Pair = tuple[xr.Dataset, BodyModel]

COMPARED_MPS: Final = 3.5
"""Speed of running at which whole curves of force are compared."""
LEANS_DEG, THRUSTS_DEG, WIDER_M = (5.0, 10.0, 15.0), (6.0, 12.0), (0.05, 0.10)
TOES_DEG: Final = (-10.0, 10.0)


def measure_cohort(
    walks: Sequence[Pair], runs: Sequence[Pair], shares: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Numbers of all trials with those that follow from them, for `gaitbook.judge`.

    Parameters
    ----------
    walks, runs
        Trials with their bodies, as given by `gaitbook.studies.realism.move_people`; of the runs, some at 3.5 m/s.
    shares
        As given by `gaitbook.studies.realism.within_spread`.

    Returns
    -------
    pandas.DataFrame
        As given by `gaitbook.studies.gait_measures.measure_all`.
    """
    table = with_derived(measure_all([*walks, *runs]), shares)
    compared = [trial for trial, _ in runs if np.isclose(trial.attrs["speed_mps"], COMPARED_MPS)]
    if not compared:
        return table
    waves = waveform_rows(mean_stances(compared), reference_runs((COMPARED_MPS,)))
    return pd.concat([table, waves], ignore_index=True)


def gait_changes() -> list[Condition]:
    """Changes of gait with published effects on the knee: trunk lean, toes in and out, medial thrust, wider steps."""
    radians = np.deg2rad
    return [
        *(Condition(trunk_lean_rad=float(radians(dose))) for dose in LEANS_DEG),
        *(Condition(toe_out_rad=float(radians(dose))) for dose in TOES_DEG),
        *(Condition(medial_thrust_rad=float(radians(dose))) for dose in THRUSTS_DEG),
        *(Condition(step_width_m=dose) for dose in WIDER_M),
    ]


def list_misses(judged: pd.DataFrame) -> pd.DataFrame:
    """Targets that were missed, as a table for a page.

    Parameters
    ----------
    judged
        As given by `gaitbook.judge`.

    Returns
    -------
    pandas.DataFrame
        Columns quantity (in words), gait, speed_mps, statistic, value, low, high (interval over people), asked_from,
        asked_to, unit, n, source.
    """
    missed = judged[~judged["met"].astype(bool)]
    ends = {"low": missed["value_low"], "high": missed["value_high"]}
    asked = {"asked_from": missed["low"], "asked_to": missed["high"]}
    words = missed["quantity"].astype(str).str.replace("_", " ")
    table = missed.assign(quantity=words, speed_mps=missed["speed_mps"].astype(str), **asked).assign(**ends)
    names = [
        "quantity",
        "gait",
        "speed_mps",
        "statistic",
        "value",
        "low",
        "high",
        *asked,
        "unit",
        "n",
        "source",
    ]
    return table[names].reset_index(drop=True)
