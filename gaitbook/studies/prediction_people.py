"""The person whose trial is to be completed: what a user tells, else what the file says, else what the body shows."""

import logging
from dataclasses import dataclass
from typing import Final

import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.schema import make_trial, validate
from gaitbook.studies.prediction_bodies import estimate_height

MOTION: Final = ("joint_angle", "pelvis_position")
MARKERS: Final = ("marker_position", "standing_position")
UNSTATED: Final = "not stated"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """What a user tells of the person and the trial.

    Parameters
    ----------
    model
        Body of the person.
    height_m, mass_kg
        Of the person.
    belt_speed_mps
        Of the treadmill, zero over ground.
    """

    model: BodyModel | None = None
    height_m: float | None = None
    mass_kg: float | None = None
    belt_speed_mps: float | None = None

    @property
    def attributes(self) -> dict[str, float]:
        """What is told in numbers, as attributes of a trial."""
        names = ("height_m", "mass_kg", "belt_speed_mps")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def describe_trial(name: str, trial: xr.Dataset, told: Told, body: BodyModel | None) -> xr.Dataset:
    """Motion of a trial, or else its markers, with mass and, unless the markers are to tell it, height.

    Parameters
    ----------
    name
        Of the trial, for messages.
    trial
        As it was read.
    told
        What is known besides.
    body
        Of the person, if there is one.

    Raises
    ------
    ValueError
        There is neither motion nor markers, mass or height are not known, or the trial breaks the contract of trials;
        the message says what to do.
    """
    kept = [part for part in (*MOTION, *MARKERS) if part in trial and not bool(trial[part].isnull().all())]
    if "joint_angle" in kept:
        kept = [part for part in kept if part in MOTION]
    elif "marker_position" not in kept:
        raise ValueError(f"{name}: there are neither joint angles nor markers, and so nothing to complete.")
    attrs = {"license": UNSTATED, **trial.attrs, **told.attributes}
    if body is not None:
        attrs.setdefault("mass_kg", body.mass_kg)
    if attrs.get("mass_kg") is None:
        raise ValueError(
            f"{name}: the body mass is not known: give --mass-kg, or the person's --model FILE.osim."
        )
    if attrs.get("height_m") is None and body is not None:
        attrs["height_m"] = show_height(name, body)
    elif attrs.get("height_m") is None and "joint_angle" in kept:
        raise ValueError(
            f"{name}: the body height is not known: give --height-m, or the person's --model FILE.osim."
        )
    return validate(make_trial({part: trial[part] for part in kept}, attrs))


def show_height(name: str, body: BodyModel) -> float:
    """Height that a body shows, m, with a word of warning."""
    height_m = round(estimate_height(body), 3)
    logger.warning(
        "%s: the body height is not known; %.2f m is what thigh and shank of the body tell: give --height-m",
        name,
        height_m,
    )
    return height_m
