"""The dose that reaches a wanted change in one person, with how sure that is."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_effects import change_effects
from gaitbook.studies.known_changes import KnownAnswer

POINTS: Final = 200
DRAWS: Final = 20


class Found(NamedTuple):
    """Smallest dose whose mean answer reaches the aim, and those whose interval does: surely, and perhaps."""

    value: float
    low: float
    high: float


def dose_courses(
    answer: KnownAnswer, dose: str, doses: Sequence[float], model: StrideModel, *, draws: int = DRAWS
) -> pd.DataFrame:
    """What one person's numbers do over the doses of one request, as `gaitbook.change_effects` tells them.

    Parameters
    ----------
    answer
        The person.
    dose
        Name of the dose, as `GaitChange` has it.
    doses
        In the order of size, without zero.
    model
        Trained and calibrated.
    draws
        How many strides are drawn for each.

    Returns
    -------
    pandas.DataFrame
        As given by `gaitbook.change_effects`, with the column ``dose``.
    """
    changes = [GaitChange(**{dose: float(each)}) for each in doses]
    table = change_effects(answer.stride, answer.body, changes, model, draws=draws)
    per_change = len(table) // len(changes)
    return table.assign(dose=np.repeat(np.asarray(doses, float), per_change))


def dose_for(courses: pd.DataFrame, quantity: str, percent: float) -> Found:
    """Dose that changes a number by so many percent.

    Parameters
    ----------
    courses
        As given by `dose_courses`.
    quantity
        Which number.
    percent
        Wanted change of it; negative for a fall.

    Returns
    -------
    Found
        ``value`` by the mean; ``low`` and ``high`` by the two ends of the 90 % interval. NaN where the doses that were
        asked for do not get there.
    """
    own = courses[courses["quantity"] == quantity]
    doses = np.concatenate([[0.0], own["dose"].to_numpy()])
    ends = []
    for column in ("difference", "difference_low", "difference_high"):
        course = 100.0 * own[column].to_numpy() / own["own"].to_numpy()
        ends.append(_first(doses, np.concatenate([[0.0], course]), percent))
    value, one, other = ends
    low, high = sorted([one, other], key=lambda dose: (np.isnan(dose), abs(dose)))
    return Found(value, low, high)


def _first(doses: np.ndarray, course: np.ndarray, aim: float) -> float:
    """First dose at which a course passes its aim, along straight lines; NaN if it does not."""
    fine = np.linspace(doses[0], doses[-1], POINTS)
    passed = np.interp(fine, doses, course) * np.sign(aim) >= abs(aim) if doses[-1] > 0 else None
    if passed is None:
        values = np.interp(-fine, -doses, course)
        passed = values * np.sign(aim) >= abs(aim)
    return float(fine[np.argmax(passed)]) if passed.any() else np.nan
