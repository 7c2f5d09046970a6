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
        Columns target (in words), value, low, high (interval over people), asked_for (in words), unit, source.
    """
    missed = judged[~judged["met"].astype(bool)]
    rows = [
        {
            "target": _name_target(row),
            **{"value": row["value"], "low": row["value_low"], "high": row["value_high"]},
            **{
                "asked_for": _say_range(row["low"], row["high"]),
                "unit": row["unit"],
                "source": row["source"],
            },
        }
        for _, row in missed.iterrows()
    ]
    return pd.DataFrame(rows, columns=["target", "value", "low", "high", "asked_for", "unit", "source"])


def _name_target(row: pd.Series) -> str:
    statistic = "" if row["statistic"] == "mean" else f", {row['statistic']}"
    return f"{str(row['quantity']).replace('_', ' ')}{statistic} ({row['gait']} {row['speed_mps']} m/s)"


def _say_range(low: float, high: float) -> str:
    """Range in words, an end of which may be open (NaN).

    Examples
    --------
    >>> _say_range(0.5, 1.5), _say_range(0.5, float("nan")), _say_range(float("nan"), 0.0)
    ('0.5 to 1.5', 'at least 0.5', 'at most 0')
    """
    if np.isfinite([low, high]).all():
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if np.isfinite(low) else f"at most {high:g}"
