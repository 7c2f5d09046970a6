"""Completed force over the seconds of a trial, with its calibrated band, beside what the plates measured."""

from typing import Final

import numpy as np
import pandas as pd

from gaitbook.conventions import AXES, FEET
from gaitbook.models.motion_model import MotionModel
from gaitbook.representation.hiding import FULL, hidden_coordinates
from gaitbook.studies.calibration import LEVEL, interval_factors
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import widened
from gaitbook.studies.contest import GAITS
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.metrics import to_body_weights
from gaitbook.studies.trial_facts import gait_of

COLUMNS: Final = ("trial", "foot", "axis", "time_s", "measured", "value", "low", "high", "unit")


def force_bands(
    motion: MeasuredMotion,
    model: MotionModel,
    *,
    condition: str = FULL,
    plan: CompletionPlan | None = None,
) -> pd.DataFrame:
    """Mean of the draws of the force, with the interval of every frame, for `gaitbook.plot_force_bands`.

    Parameters
    ----------
    motion
        Trial with force.
    model
        Trained; its card widens the intervals.
    condition
        What is hidden.
    plan
        How many draws, and how.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``trial`` says who does what, and what is hidden.
    """
    trial = motion.trial
    completed = complete_trial(motion, model, hidden=hidden_coordinates(condition), plan=plan)
    factors = interval_factors(model.card, trial, condition)
    mass_kg = float(trial.attrs["mass_kg"])
    drawn, truth = (to_body_weights(each["ground_reaction_force"], mass_kg) for each in (completed, trial))
    words = f"{trial.attrs['subject']}, {GAITS[gait_of(trial)]}"
    title = words if condition == FULL else f"{words}, hidden: {condition}"
    parts = []
    for foot in FEET:
        for axis in AXES:
            own = drawn.sel(foot=foot, axis=axis).transpose("draw", "time").values
            wide = widened(own, factors.get(axis, 1.0))
            low, high = np.quantile(wide, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
            part = {"time_s": trial["time"].values - float(trial["time"][0]), "value": own.mean(axis=0)}
            part |= {"low": low, "high": high, "measured": truth.sel(foot=foot, axis=axis).values}
            parts.append(pd.DataFrame(part).assign(trial=title, foot=foot, axis=axis, unit="%BW"))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
