"""How well changes of gait are predicted: slope, correlation, coverage and sign, over people whose answer is known."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_calibration import DRAWS, change_errors, covered
from gaitbook.studies.change_effects import Width, widths_of
from gaitbook.studies.changed_strides import fill_stride
from gaitbook.studies.guided_changes import guide_stride
from gaitbook.studies.known_changes import (
    KnownAnswer,
    can_run,
    random_changes,
    simulated_answers,
)
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.recorded_speeds import recorded_answers
from gaitbook.studies.stride_measures import measure_strides

KNEE_QUANTITIES: Final = (
    "knee_adduction_first_peak",
    "knee_adduction_second_peak",
    "knee_adduction_impulse",
    "knee_flexion_peak",
)
LARGE: Final = 0.05
"""True changes beyond this share of the own value must have the right sign."""
FEWEST: Final = 3
STREAM: Final = 79
CALIBRATION_RUN_MPS: Final = (2.6, 4.6)


def simulated_errors(
    numbers: Sequence[int],
    changes: Sequence[GaitChange],
    model: StrideModel,
    *,
    gait: str = "walk",
    speed_mps: float | None = None,
    draws: int = DRAWS,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Predicted and true changes of simulated people, as `gaitbook.studies.change_calibration.change_errors` has them.

    Parameters
    ----------
    numbers
        Of the people, from 0; those below 200 are new to every model.
    changes
        What each is asked for.
    model
        Trained.
    gait, speed_mps
        Of their own strides, as for `gaitbook.studies.known_changes.simulated_answers`.
    draws
        How many strides are drawn.
    processes
        How many to use.
    progress
        Show a progress bar.
    """
    jobs = [(number, tuple(changes), model, gait, speed_mps, draws) for number in numbers]
    done = run_jobs(_of_person, jobs, what="asking people", processes=processes, progress=progress)
    return pd.concat(done, ignore_index=True)


def answer_errors(answers: Sequence[KnownAnswer], model: StrideModel, *, draws: int = DRAWS) -> pd.DataFrame:
    """The same of people whose answers are at hand."""
    parts = [
        change_errors(each.stride, each.body, each.true_own, each.answers, model, draws=draws)
        for each in answers
    ]
    return pd.concat(parts, ignore_index=True)


def calibration_errors(
    numbers: Sequence[int], paths: Sequence[Path], model: StrideModel, *, processes: int | None = None
) -> pd.DataFrame:
    """Predicted and true changes of people kept for calibration: simulated ones, and those of recorded cohorts.

    Parameters
    ----------
    numbers
        Of the simulated people, from 0.
    paths
        Folders of recorded cohorts.
    model
        Trained.
    processes
        How many to use.
    """
    jobs = [(number, model) for number in numbers]
    done = run_jobs(_calibrating, jobs, what="calibrating", processes=processes)
    recorded = [
        answer for path in paths for answer in recorded_answers(path, wanted="calibrate", processes=processes)
    ]
    parts = [part for part in done if part is not None]
    return pd.concat([*parts, *([answer_errors(recorded, model)] if recorded else [])], ignore_index=True)


def recipe_errors(
    numbers: Sequence[int],
    changes: Sequence[GaitChange],
    model: StrideModel,
    *,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Predicted and true changes by GaitDynamics' recipe: columns subject, change, kind, quantity, predicted, true."""
    jobs = [(number, tuple(changes), model) for number in numbers]
    done = run_jobs(_by_recipe, jobs, what="the recipe", processes=processes, progress=progress)
    return pd.concat(done, ignore_index=True)


def with_coverage(errors: pd.DataFrame, card: Mapping[str, Any]) -> pd.DataFrame:
    """Errors with the column ``covered``: whether the true change lies within its calibrated interval."""
    parts = []
    for (origin, gait, kind), part in errors.groupby(["origin", "gait", "kind"], sort=False):
        widths = widths_of(card, str(origin), str(gait), str(kind))
        known = {name: widths.get(name, Width(0.0, 1.645)) for name in part["quantity"].unique()}
        parts.append(part.assign(covered=covered(part, known)))
    return pd.concat(parts).sort_index()


def score_changes(errors: pd.DataFrame, *, by: Sequence[str] = ("change", "quantity")) -> pd.DataFrame:
    """Agreement of predicted with true changes over people.

    Parameters
    ----------
    errors
        As given by `with_coverage`.
    by
        Columns that are told apart.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``, and ``n``; ``true`` and ``predicted`` (means); ``slope`` of predicted on true changes;
        ``r``; ``coverage``; ``error`` (mean absolute); ``sign_right`` among the ``large`` people whose true change
        exceeds 5 % of their own value (NaN without any).
    """
    rows = []
    for key, part in errors.dropna(subset=["true", "predicted"]).groupby(list(by), sort=False):
        labels = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        rows.append({**labels, **_agreement(part)})
    return pd.DataFrame(rows)


def _agreement(part: pd.DataFrame) -> dict[str, float]:
    true, predicted = part["true"].to_numpy(), part["predicted"].to_numpy()
    large = np.abs(true) > LARGE * part["true_own"].abs().to_numpy()
    differ = len(true) >= FEWEST and np.ptp(true) > 0.0
    right = np.sign(true[large]) == np.sign(predicted[large])
    return {
        "n": len(true),
        "true": float(true.mean()),
        "predicted": float(predicted.mean()),
        "slope": float(np.polyfit(true, predicted, 1)[0]) if differ else np.nan,
        "r": float(np.corrcoef(true, predicted)[0, 1]) if differ else np.nan,
        "coverage": float(part["covered"].mean()) if "covered" in part else np.nan,
        "error": float(np.abs(predicted - true).mean()),
        "large": int(large.sum()),
        "sign_right": float(right.mean()) if large.any() else np.nan,
    }


def _of_person(
    number: int,
    changes: Sequence[GaitChange],
    model: StrideModel,
    gait: str,
    speed_mps: float | None,
    draws: int,
) -> pd.DataFrame:
    answer = simulated_answers(number, changes, gait=gait, speed_mps=speed_mps)
    return change_errors(answer.stride, answer.body, answer.true_own, answer.answers, model, draws=draws)


def _calibrating(number: int, model: StrideModel) -> pd.DataFrame:
    rng = np.random.default_rng([STREAM, number])
    parts = []
    for gait, speed_mps in (("walk", None), ("run", float(rng.uniform(*CALIBRATION_RUN_MPS)))):
        if gait == "walk" or can_run(number):
            changes = random_changes(rng, gait=gait)
            parts.append(_of_person(number, changes, model, gait, speed_mps, DRAWS))
    return pd.concat(parts, ignore_index=True)


def _by_recipe(number: int, changes: Sequence[GaitChange], model: StrideModel) -> pd.DataFrame:
    answer = simulated_answers(number, changes)
    own = measure_strides(fill_stride(answer.stride, model), answer.body).iloc[0]
    base = measure_strides(fill_stride(answer.true_own, model), answer.body).iloc[0]
    parts = []
    for change, truth in answer.answers:
        drawn = measure_strides(guide_stride(answer.stride, change, model, seed=number), answer.body).iloc[0]
        true = measure_strides(fill_stride(truth, model), answer.body).iloc[0]
        table = pd.DataFrame({"predicted": drawn - own, "true": true - base, "true_own": base})
        labels = {"subject": answer.stride.attrs["subject"], "change": change.label, "kind": change.kind}
        parts.append(table.rename_axis("quantity").reset_index().assign(**labels))
    return pd.concat(parts, ignore_index=True)
