"""Study: does the model say when a motion is unlike what it has learned from?"""

from collections.abc import Iterable
from typing import Final

import pandas as pd
import xarray as xr

from gaitbook.models.motion_model import MotionModel
from gaitbook.studies.familiarity import familiarity
from gaitbook.studies.measured_motion import MeasuredMotion

USUAL: Final = "nothing unusual"


def tabulate_familiarity(model: MotionModel, motions: Iterable[MeasuredMotion]) -> pd.DataFrame:
    """How familiar motions are to a model: columns subject, trial, familiarity (0 to 1) and remark, what it says.

    Parameters
    ----------
    model
        With the statistics of what it has learned from in its card.
    motions
        Any.
    """
    rows = []
    for motion in motions:
        found = familiarity(model, motion)
        names = {name: str(motion.trial.attrs[name]) for name in ("subject", "trial")}
        rows.append({**names, "familiarity": found.value, "remark": found.sentence or USUAL})
    return pd.DataFrame(rows)


def play_backward(motion: MeasuredMotion) -> MeasuredMotion:
    """The same motion with its time reversed: every pose is human, and nobody moves so."""
    trial = motion.trial
    turned = trial.isel(time=slice(None, None, -1)).assign_coords(time=trial["time"].values)
    kept = [
        name for name in ("joint_angle", "pelvis_position", "joint_angle_observability") if name in turned
    ]
    moved: xr.Dataset = turned[kept].assign_attrs(trial=f"{trial.attrs['trial']}, backward")
    return motion._replace(trial=moved)
