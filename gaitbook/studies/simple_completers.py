"""Completers that hardly learn: the mean cycle of other people, and Newton's law alone. What learning must beat.

Both are told when each foot stands, by the motion of the whole body (`foot_contacts`), even where parts of it are
hidden: a baseline may know more than the model that is held against it, never less. Both draw once, and know nothing
of their uncertainty.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.events import contact_mask
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.conventions import AXES, FEET, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body_points import body_points
from gaitbook.mechanics.foot_sharing import share_force
from gaitbook.mechanics.loads import required_force, smooth_motion
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.states import fill_motion, known_motion
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.foot_contacts import cycle_phase, foot_contacts
from gaitbook.studies.mean_cycles import learn_cycles
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.progression import with_progression
from gaitbook.studies.trial_facts import WALKING_DUTY

NEAREST: Final = 12
"""Trials of other people over which a mean cycle is taken."""
CUTOFF_HZ: Final = 10.0


@dataclass(frozen=True)
class MeanCycle:
    """The mean cycle of other people who walk, or run, at nearly the same speed.

    Parameters
    ----------
    force, motion
        Mean cycle of every trial learned from, (trial, phase, number), as given by
        `gaitbook.studies.mean_cycles.learn_cycles`.
    facts
        One row per trial: subject, gait, speed_mps.
    nearest
        How many trials are averaged: those nearest in speed, of the same gait if there are any.

    Notes
    -----
    It knows of a trial when each foot stands, speed, height and mass; of its motion, only what stays as it is because
    it was not hidden. Trials that others stand beside in speed on one side only are completed by people who are all
    faster, or all slower.
    """

    force: xr.DataArray
    motion: xr.DataArray
    facts: pd.DataFrame
    nearest: int = NEAREST

    @classmethod
    def fit(cls, motions: Iterable[MeasuredMotion], *, nearest: int = NEAREST) -> "MeanCycle":
        """Learn from trials with measured force, of people who are for training.

        Parameters
        ----------
        motions
            Trials; those without a whole stride of both feet on plates teach nothing and are logged.
        nearest
            As for the class.

        Raises
        ------
        ValueError
            No trial has a whole stride.
        """
        return cls(*learn_cycles(motions), nearest)

    def complete_trial(
        self, motion: MeasuredMotion, *, hidden: Collection[str] = (), plan: CompletionPlan | None = None
    ) -> xr.Dataset:
        """Motion and force of a trial, as `gaitbook.studies.completion.complete_trial` gives them, drawn once.

        Parameters
        ----------
        motion
            The trial with its body.
        hidden
            Coordinates to take as not known; their mean over the cycle of other people takes their place.
        plan
            Not heeded.

        Raises
        ------
        ValueError
            Contacts or speed cannot be told from the trial.
        """
        del plan
        trial = motion.trial
        contacts = foot_contacts(motion)
        chosen = self._chosen(motion, contacts)
        phases = {
            foot: cycle_phase(contacts[contacts["foot"] == foot], trial["time"].values) for foot in FEET
        }
        mean = self.motion.isel(trial=chosen).mean("trial").interp(phase=phases["right"])
        moved = _moved(motion, hidden, mean.assign_coords(phase=trial["time"].values).rename(phase="time"))
        cycle = self.force.isel(trial=chosen).mean("trial")
        own = [cycle.interp(phase=phases[foot]).values * _mirrored(cycle, foot) for foot in FEET]
        down = contact_mask(contacts, trial["time"])
        return _drawn_once(moved, _forces(np.stack(own, axis=1), moved, down, motion))

    def _chosen(self, motion: MeasuredMotion, contacts: pd.DataFrame) -> np.ndarray:
        """Numbers of the trials to average."""
        told = with_progression(motion).trial.attrs.get("speed_mps")
        if told is None:
            raise ValueError("The speed of the trial is not known: give speed_mps in its attributes.")
        duty = float(contact_mask(contacts, motion.trial["time"]).mean())
        alike = self.facts["gait"] == ("walk" if duty > WALKING_DUTY else "run")
        numbers = np.flatnonzero(alike if alike.any() else ~alike)
        away = np.abs(self.facts["speed_mps"].to_numpy()[numbers] - float(told))
        return np.asarray(numbers[np.argsort(away, kind="stable")[: self.nearest]])


@dataclass(frozen=True)
class NewtonAlone:
    """The force that a motion requires by Newton and Euler, shared between the feet that stand; it learns nothing.

    Parameters
    ----------
    cutoff_hz
        Low-pass of the motion before it is differentiated twice.

    Notes
    -----
    Where one foot stands it carries all; where both stand, `gaitbook.mechanics.foot_sharing` shares. Of hidden parts
    it knows nothing: their angles stay at zero, a trunk that is hidden upright, a pelvis that is hidden in its place.
    """

    cutoff_hz: float = CUTOFF_HZ

    def complete_trial(
        self, motion: MeasuredMotion, *, hidden: Collection[str] = (), plan: CompletionPlan | None = None
    ) -> xr.Dataset:
        """Motion and force of a trial, as `gaitbook.studies.completion.complete_trial` gives them, drawn once.

        Parameters
        ----------
        motion
            The trial with its body; gaps are bridged by straight lines.
        hidden
            Coordinates to take as not known.
        plan
            Not heeded.

        Raises
        ------
        ValueError
            Contacts cannot be told from the trial.
        """
        del plan
        moved = _moved(motion, hidden)
        required = required_force(smooth_motion(moved, self.cutoff_hz), motion.model)
        down = contact_mask(foot_contacts(motion), motion.trial["time"])
        return _drawn_once(moved, share_force(required, down))


def _moved(motion: MeasuredMotion, hidden: Collection[str], mean: xr.DataArray | None = None) -> xr.Dataset:
    """Trial with every represented coordinate: as known, else of the mean cycle, else bridged or still."""
    trial, known = motion.trial, known_motion(motion.trial, hidden)
    angle, path = known["joint_angle"], known["pelvis_position"]
    if mean is not None:
        angle = angle.fillna(mean.sel(number=list(ANGLES)).rename(number="coordinate"))
    if bool(path.isnull().all()):
        path = path.fillna(_resting_place(motion, mean))
    whole = fill_motion(trial.drop_dims("coordinate").assign(joint_angle=angle, pelvis_position=path))
    kept = {"joint_angle": whole["joint_angle"].sel(coordinate=list(ANGLES))}
    return xr.Dataset({**kept, "pelvis_position": whole["pelvis_position"]}, attrs=trial.attrs)


def _resting_place(motion: MeasuredMotion, mean: xr.DataArray | None) -> xr.DataArray:
    """Where a pelvis is whose path is hidden: in its place, at the height of other people or of the body at rest."""
    default = {each.name: each.default for each in motion.model.coordinates}
    height_m = default[PELVIS_TRANSLATIONS[1]]
    if mean is not None:
        height_m = float(mean.sel(number="pelvis_height").mean()) * float(motion.trial.attrs["height_m"])
    return xr.DataArray([0.0, height_m, 0.0], {"axis": list(AXES)}, "axis")


def _mirrored(cycle: xr.DataArray, foot: str) -> np.ndarray:
    """Sign of every number of the right foot's cycle for a foot."""
    turned = cycle["number"].isin(["force/z", "lever/z", "free_moment"]).values & (foot == "left")
    return np.where(turned, -1.0, 1.0)


def _forces(own: np.ndarray, moved: xr.Dataset, down: xr.DataArray, motion: MeasuredMotion) -> xr.Dataset:
    """Force of both feet from the numbers (time, foot, number) of their cycles; zero for a foot in the air."""
    mass_kg, height_m = (float(motion.trial.attrs[name]) for name in ("mass_kg", "height_m"))
    labels = {"time": moved["time"].values, "foot": list(FEET), "axis": list(AXES)}
    heels = body_points(moved, motion.model, tuple(CALCANEI[foot] for foot in FEET))
    point = heels.transpose("time", "point", "axis").values
    point[..., [0, 2]] += height_m * own[..., 3:5]
    point[..., 1] = 0.0
    three, two = ("time", "foot", "axis"), ("time", "foot")
    forces = {
        "ground_reaction_force": (three, mass_kg * own[..., :3], {"units": "N"}),
        "center_of_pressure": (three, point, {"units": "m"}),
        "free_moment": (two, mass_kg * height_m * own[..., 5], {"units": "N m"}),
    }
    given = xr.Dataset(forces, labels)
    silent = {name: given[name].where(down, 0.0) for name in ("ground_reaction_force", "free_moment")}
    pressed = {"center_of_pressure": given["center_of_pressure"].where(down), "in_contact": down}
    return given.assign(silent | pressed)


def _drawn_once(moved: xr.Dataset, forces: xr.Dataset) -> xr.Dataset:
    return moved.merge(forces).expand_dims(draw=[0]).assign_attrs(moved.attrs)
