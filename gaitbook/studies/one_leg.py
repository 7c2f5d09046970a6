"""Study: does one leg tell all?

The force under the right foot is predicted from the angles of the right leg alone and from those of the whole body, by
the same linear regression, on people that it has not seen. Where every part of a body follows from its right leg the
two are alike, and nothing can be learned about what a partial view of a body costs.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.events import cut_cycles
from gaitbook.conventions import FORWARD
from gaitbook.studies.gait_measures import find_steps
from gaitbook.studies.trial_facts import weight_n
from gaitbook.studies.uncertainty import Estimate, mean_over_subjects

Array = NDArray[np.float64]
RIGHT_LEG: Final = ("hip_", "knee_", "ankle_", "subtalar_", "mtp_")
PHASES: Final = 21
PENALTIES: Final = tuple(10.0**power for power in range(-6, 4))
FEWEST_PEOPLE: Final = 10


class Strides(NamedTuple):
    """Strides of many people: angles and pelvis (stride, feature), force (stride, value; %BW), names, whose."""

    features: Array
    force: Array
    names: tuple[str, ...]
    subject: NDArray[np.str_]


def collect_strides(trials: Iterable[xr.Dataset]) -> Strides:
    """Every whole stride of the right foot: coordinates at 21 phases, force of the right foot at 51.

    Parameters
    ----------
    trials
        With ``joint_angle``, ``pelvis_position`` and force.
    """
    features, forces, subjects = [], [], []
    names: tuple[str, ...] = ()
    for trial in trials:
        strides = find_steps(trial).strides.query("foot == 'right'")
        if strides.empty:
            continue
        motion = _coordinates(trial)
        angles = cut_cycles(motion, strides, samples=PHASES)
        relative = 100.0 * trial["ground_reaction_force"].sel(foot="right", drop=True) / weight_n(trial)
        force = cut_cycles(relative, strides, samples=51)
        names = tuple(str(name) for name in np.repeat(angles["coordinate"].values, PHASES))
        features.append(angles.transpose("cycle", "coordinate", "phase").values.reshape(len(strides), -1))
        forces.append(force.values.reshape(len(strides), -1))
        subjects += [str(trial.attrs["subject"])] * len(strides)
    if len(set(subjects)) < FEWEST_PEOPLE:
        raise ValueError(
            f"{len(set(subjects))} people have whole strides: at least {FEWEST_PEOPLE} are needed"
        )
    return Strides(np.concatenate(features), np.concatenate(forces), names, np.array(subjects))


def leg_errors(strides: Strides, *, folds: int = 5) -> pd.DataFrame:
    """Error of the force of unseen people, from the right leg and from the whole body.

    Parameters
    ----------
    strides
        As given by `collect_strides`.
    folds
        Groups of people, each left out once.

    Returns
    -------
    pandas.DataFrame
        Columns subject, seen (``"right leg"`` or ``"whole body"``), value (root mean square error, %BW).
    """
    leg = [name.startswith(RIGHT_LEG) and name.endswith("_r") for name in strides.names]
    whole = [True] * len(leg)
    parts = []
    for seen, chosen in (("right leg", leg), ("whole body", whole)):
        square = _squared_errors(strides, np.flatnonzero(chosen), folds)
        table = pd.DataFrame({"subject": strides.subject, "value": square})
        error = np.sqrt(table.groupby("subject")["value"].mean())
        parts.append(error.reset_index().assign(seen=seen, unit="%BW"))
    return pd.concat(parts, ignore_index=True)


def leg_ratio(errors: pd.DataFrame, *, level: float = 0.95) -> Estimate:
    """Geometric mean over people of the error from the right leg over that from the whole body, with its interval."""
    table = errors.pivot_table(index="subject", columns="seen", values="value")
    logarithm = mean_over_subjects(np.log(table["right leg"] / table["whole body"]), level=level)
    value, low, high = (float(np.exp(each)) for each in (logarithm.value, logarithm.low, logarithm.high))
    return Estimate(value, low, high, n=logarithm.n, level=level)


def _coordinates(trial: xr.Dataset) -> xr.DataArray:
    """Angles, and the pelvis less its mean progression, as one array (time, coordinate)."""
    pelvis = trial["pelvis_position"].reset_coords(drop=True)
    forward = pelvis.sel(axis=FORWARD, drop=True)
    line = np.polyval(np.polyfit(trial["time"].values, forward.values, 1), trial["time"].values)
    steady = pelvis - xr.DataArray(line, {"time": trial["time"].values}, "time") * (pelvis["axis"] == FORWARD)
    named = steady.rename(axis="coordinate").assign_coords(
        coordinate=[f"pelvis_t{axis}" for axis in pelvis["axis"].values]
    )
    return xr.concat([trial["joint_angle"].reset_coords(drop=True), named], "coordinate")


def _squared_errors(strides: Strides, chosen: Sequence[int] | NDArray[np.int_], folds: int) -> Array:
    """Mean squared error of each stride, its person left out."""
    from sklearn.linear_model import RidgeCV
    from sklearn.model_selection import GroupKFold

    features, error = strides.features[:, chosen], np.empty(len(strides.force))
    for train, test in GroupKFold(folds).split(features, groups=strides.subject):
        # radians and meters as they are: scaled to unit variance, angles that hardly move would be all noise
        model = RidgeCV(PENALTIES).fit(features[train], strides.force[train])
        error[test] = ((model.predict(features[test]) - strides.force[test]) ** 2).mean(axis=1)
    return error
