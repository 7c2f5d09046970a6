"""Files of completed trials: force and motion for OpenSim, and tables of how sure the model is.

Intervals are as wide as the model has learned that they must be for such a trial with so much missing; a word tells
where a motion is unlike all that it has learned from.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.checksums import write_atomically
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.opensim_files import write_external_loads, write_force, write_motion
from gaitbook.models.motion_model import MotionModel
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import PARTS, condition_names
from gaitbook.representation.states import known_motion
from gaitbook.studies.calibration import LEVEL, interval_factors, nearest_condition
from gaitbook.studies.completion import RESIDUAL, CompletionPlan, complete_trial
from gaitbook.studies.completion_physics import say_residual
from gaitbook.studies.familiarity import familiarity
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.prediction_inputs import PredictionInput, prediction_inputs
from gaitbook.studies.prediction_people import Told
from gaitbook.studies.prediction_summary import ENDS, summarize_prediction
from gaitbook.studies.stance_measures import summarize_stances

COLUMNS: Final = ("time_s", "quantity", "foot", "axis", "coordinate", "unit", "mean", *ENDS)
MOST: Final = 0.5

logger = logging.getLogger(__name__)


class Prediction(NamedTuple):
    """Files of one trial, and what is to be said of it."""

    files: list[Path]
    sentence: str


def predict_files(
    source: str | Path,
    model: MotionModel,
    folder: str | Path,
    *,
    told: Told | None = None,
    hidden: tuple[str, ...] = (),
    plan: CompletionPlan | None = None,
    exclusions: list[Exclusion],
) -> Iterator[Prediction]:
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
    Prediction
        Files of a trial, as given by `write_prediction`, and how well force and motion agree.
    """
    for given in prediction_inputs(source, told, hidden=hidden, exclusions=exclusions):
        try:
            completed = complete_trial(given.motion, model, plan=plan)
        except ValueError as reason:
            exclusions.append(Exclusion(given.name, str(reason)))
            continue
        known = familiarity(model, given.motion)
        if known.sentence:
            logger.warning("%s: %s", given.name, known.sentence)
        condition = nearest_condition(missing_coordinates(given.motion), condition_names())
        factors = interval_factors(model.card, completed, condition)
        completed = completed.assign_attrs(familiarity=known.value, condition_of_intervals=condition)
        files = write_prediction(completed, given, folder, factors=factors)
        yield Prediction(files, say_residual(completed.attrs[RESIDUAL]))


def missing_coordinates(motion: MeasuredMotion) -> tuple[str, ...]:
    """Represented coordinates that are not known most of the time; without its path, the pelvis is missing."""
    known = known_motion(motion.trial)
    rarely = known["joint_angle"].notnull().mean("time") < MOST
    missing = [name for name in ANGLES if bool(rarely.sel(coordinate=name))]
    if float(known["pelvis_position"].notnull().all("axis").mean()) < MOST:
        missing += PARTS["pelvis"]
    return tuple(dict.fromkeys(missing))


def write_prediction(
    completed: xr.Dataset,
    given: PredictionInput,
    folder: str | Path,
    *,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> list[Path]:
    """Write the files of a completed trial, each in one step.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial` for the motion of ``given``.
    given
        What was completed.
    folder
        Where to write; made if need be.
    factors
        How much wider than the draws the intervals are, by what they are of; one where nothing is told.

    Returns
    -------
    list of pathlib.Path
        ``<name>_grf.mot``, ``<name>_external_loads.xml``, ``<name>_motion.mot``, ``<name>_intervals.csv`` and
        ``<name>_stances.csv``.
    """
    trial = summarize_prediction(completed, given, factors=factors)
    start = str(Path(folder) / given.name)
    force = write_force(trial, f"{start}_grf.mot")
    loads = write_external_loads(f"{start}_external_loads.xml", force_file=force)
    motion = write_motion(trial, f"{start}_motion.mot")
    stances = summarize_stances(completed, factors, level=LEVEL)
    tables = {"intervals": interval_table(trial), "stances": stances}
    paths = {name: Path(f"{start}_{name}.csv") for name in tables}
    for name, table in tables.items():
        write_atomically(paths[name], table.to_csv(index=False, float_format="%.6g"))
    return [force, loads, motion, *paths.values()]


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
