"""Motion of which parts are missing: what is missing made plain, what is known kept, and what a filter needs put in.

Each function takes a trial with ``joint_angle`` (time, coordinate), rad, and gives it back changed; NaN is what is not
known.
"""

import logging
from collections.abc import Collection
from typing import Final, TypeVar

import numpy as np
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import rate_of, resample
from gaitbook.conventions import AXES
from gaitbook.mechanics.differences import NEIGHBORS
from gaitbook.mechanics.loads import without_whole_turns
from gaitbook.representation.channels import ANGLES, SAMPLING_RATE_HZ
from gaitbook.representation.states import OBSERVED
from gaitbook.studies.prediction_bodies import KNEES, OPTIONAL, extending_knees

Labeled = TypeVar("Labeled", xr.Dataset, xr.DataArray)

HEADING: Final = "pelvis_rotation"
STRAIGHT_RAD: Final = -0.1
"""Nobody walks with knees that are on average farther back than this: such angles count extension."""

logger = logging.getLogger(__name__)


def extending_knees_of(trial: xr.Dataset, body: BodyModel | None) -> tuple[str, ...]:
    """Knee coordinates that count extension: those of the body, or without one, of the trial's angles."""
    if body is not None:
        return extending_knees(body)
    if "joint_angle" not in trial:
        return ()
    mean = trial["joint_angle"].reindex(coordinate=list(KNEES)).mean("time")
    return tuple(name for name in KNEES if float(mean.sel(coordinate=name)) < STRAIGHT_RAD)


def reverse_angles(trial: xr.Dataset, names: Collection[str]) -> xr.Dataset:
    """Trial whose angles of these names have the opposite sign; one without angles as it is."""
    if "joint_angle" not in trial or not names:
        return trial
    angle = trial["joint_angle"]
    turned = angle.where(~angle["coordinate"].isin(list(names)), -angle)
    return trial.assign(joint_angle=turned.assign_attrs(angle.attrs))


def placeholders(trial: xr.Dataset, body: BodyModel | None) -> list[str]:
    """Angles of a trial that are zero throughout although the body may turn there: nobody measured them."""
    locked = {each.name for each in body.coordinates if each.locked} if body is not None else set()
    zero = (trial["joint_angle"] == 0.0).all("time")
    names = zero["coordinate"].values[zero.values].tolist()
    return [name for name in names if name in ANGLES and name not in locked]


def without_placeholders(trial: xr.Dataset, body: BodyModel | None) -> xr.Dataset:
    """Trial without angles that are zero throughout although the body may turn there; with a path, known or not."""
    blank = placeholders(trial, body)
    if blank:
        logger.warning(
            "%s: zero throughout, and therefore completed: %s", trial.attrs.get("trial"), ", ".join(blank)
        )
    if "pelvis_position" not in trial:
        labels = {"time": trial["time"].values, "axis": list(AXES)}
        nowhere = xr.DataArray(np.nan, labels, tuple(labels), attrs={"units": "m"})
        trial = trial.assign(pelvis_position=nowhere)
    return without_parts(trial, blank)


def without_unseen(trial: xr.Dataset) -> xr.Dataset:
    """Trial without the angles that markers hardly inform, and without what says how much they do."""
    if "joint_angle_observability" not in trial:
        return trial
    seen = trial["joint_angle_observability"].mean("time") >= OBSERVED
    unseen = [name for name in seen["coordinate"].values[~seen.values].tolist() if name in ANGLES]
    return without_parts(trial.drop_vars("joint_angle_observability"), unseen)


def without_parts(trial: xr.Dataset, coordinates: Collection[str], *, path: bool = True) -> xr.Dataset:
    """Trial without these coordinates and, if not wanted, without the path of the pelvis."""
    angle = trial["joint_angle"]
    trial = trial.assign(joint_angle=angle.where(~angle["coordinate"].isin(list(coordinates))))
    return trial if path else trial.assign(pelvis_position=xr.full_like(trial["pelvis_position"], np.nan))


def with_held_angles(trial: xr.Dataset, body: BodyModel) -> xr.Dataset:
    """Trial with the angles that the body holds still, where nothing else is known of them."""
    own = {each.name: each for each in body.coordinates}
    still = {name: 0.0 for name in OPTIONAL if name not in own}
    still |= {name: each.default for name, each in own.items() if each.locked and name in ANGLES}
    angle = trial["joint_angle"]
    angle = angle.reindex(coordinate=list(dict.fromkeys([*angle["coordinate"].values.tolist(), *still])))
    for name, value in still.items():
        if bool(angle.sel(coordinate=name).isnull().all()):
            angle = angle.where(angle["coordinate"] != name, value)
    return trial.drop_dims("coordinate").assign(joint_angle=angle)


def with_heading(trial: xr.Dataset) -> xr.Dataset:
    """Trial with a pelvis somewhere and facing +x, if nothing is known of it, so that its heading can be found."""
    angle = trial["joint_angle"]
    if HEADING not in angle["coordinate"] or bool(angle.sel(coordinate=HEADING).isnull().all()):
        names = list(dict.fromkeys([*angle["coordinate"].values.tolist(), HEADING]))
        angle = angle.reindex(coordinate=names)
        angle = angle.where(angle["coordinate"] != HEADING, 0.0)
    path = trial["pelvis_position"]
    path = path.fillna(0.0) if bool(path.isnull().all()) else path
    return trial.drop_dims("coordinate").assign(joint_angle=angle, pelvis_position=path)


def at_model_rate(name: str, trial: xr.Dataset) -> xr.Dataset:
    """Trial, named in messages, not slower than the models, so that filters made for laboratories fit.

    Raises
    ------
    ValueError
        It is too short to tell any acceleration.
    """
    seconds = trial["time"].values[-1] - trial["time"].values[0]
    shortest_s = (NEIGHBORS - 1) / SAMPLING_RATE_HZ
    if seconds < shortest_s * (1.0 - 1e-9):
        raise ValueError(
            f"{name}: shorter than {1e3 * shortest_s:.0f} ms: nothing tells how the body speeds up."
        )
    if rate_of(trial) >= SAMPLING_RATE_HZ * (1.0 - 1e-3):
        return trial
    if "joint_angle" in trial:
        trial = trial.assign(joint_angle=without_whole_turns(trial["joint_angle"]))
    return resample(trial, SAMPLING_RATE_HZ)


def at_times(trial: Labeled, time_s: np.ndarray) -> Labeled:
    """Trial, or an array of it, at other time stamps; beyond its ends it has what is at its ends."""
    first_s, last_s = trial["time"].values[[0, -1]]
    return trial.interp(time=np.clip(time_s, first_s, last_s)).assign_coords(time=time_s)
