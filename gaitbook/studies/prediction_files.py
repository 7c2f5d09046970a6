"""Files of completed trials: force and motion for OpenSim, and a table of how sure the model is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.checksums import write_atomically
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.opensim_files import write_external_loads, write_force, write_motion
from gaitbook.models.motion_model import MotionModel
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.prediction_inputs import PredictionInput, prediction_inputs
from gaitbook.studies.prediction_people import Told
from gaitbook.studies.prediction_summary import ENDS, summarize_prediction

COLUMNS: Final = ("time_s", "quantity", "foot", "axis", "coordinate", "unit", "mean", *ENDS)


def predict_files(
    source: str | Path,
    model: MotionModel,
    folder: str | Path,
    *,
    told: Told | None = None,
    hidden: tuple[str, ...] = (),
    plan: CompletionPlan | None = None,
    exclusions: list[Exclusion],
) -> Iterator[list[Path]]:
    """Complete the trials of a file or a cohort, and write the files of one after the other.

    Parameters
    ----------
    source, told, hidden, exclusions
        As for `gaitbook.studies.prediction_inputs.prediction_inputs`.
    model
        Trained.
    folder
        Where to write; made if need be.
    plan
        How many draws, and how.

    Yields
    ------
    list of pathlib.Path
        Files of a trial, as given by `write_prediction`.
    """
    for given in prediction_inputs(source, told, hidden=hidden, exclusions=exclusions):
        try:
            completed = complete_trial(given.motion, model, plan=plan)
        except ValueError as reason:
            exclusions.append(Exclusion(given.name, str(reason)))
            continue
        yield write_prediction(completed, given, folder)


def write_prediction(completed: xr.Dataset, given: PredictionInput, folder: str | Path) -> list[Path]:
    """Write the files of a completed trial, each in one step.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial` for the motion of ``given``.
    given
        What was completed.
    folder
        Where to write; made if need be.

    Returns
    -------
    list of pathlib.Path
        ``<name>_grf.mot``, ``<name>_external_loads.xml``, ``<name>_motion.mot`` and ``<name>_intervals.csv``.
    """
    trial = summarize_prediction(completed, given)
    start = str(Path(folder) / given.name)
    force = write_force(trial, f"{start}_grf.mot")
    loads = write_external_loads(f"{start}_external_loads.xml", force_file=force)
    motion = write_motion(trial, f"{start}_motion.mot")
    table = Path(f"{start}_intervals.csv")
    write_atomically(table, interval_table(trial).to_csv(index=False, float_format="%.6g"))
    return [force, loads, motion, table]


def interval_table(trial: xr.Dataset) -> pd.DataFrame:
    """Mean and interval frame by frame, as a table.

    Parameters
    ----------
    trial
        As given by `gaitbook.studies.prediction_summary.summarize_prediction`.

    Returns
    -------
    pandas.DataFrame
        Columns time_s, quantity, foot, axis, coordinate, unit, mean, low, high: force on each foot in N, completed
        angles in degrees, and the position of the pelvis in m, if it was completed.
    """
    scales = {
        "ground_reaction_force": ("N", 1.0),
        "joint_angle": ("deg", 180.0 / np.pi),
        "pelvis_position": ("m", 1.0),
    }
    parts = [_rows(trial, quantity, *scale) for quantity, scale in scales.items()]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True).reindex(columns=list(COLUMNS))
    return table.sort_values("time_s", kind="stable", ignore_index=True)


def _rows(trial: xr.Dataset, quantity: str, unit: str, factor: float) -> pd.DataFrame:
    """Rows of one quantity, where it has an interval."""
    names = {quantity: "mean", **{f"{quantity}_{end}": end for end in ENDS}}
    chosen = (factor * trial[list(names)]).rename(names)
    table = chosen.to_dataframe().reset_index().dropna(subset=list(ENDS))
    return table.rename(columns={"time": "time_s"}).assign(quantity=quantity, unit=unit)
