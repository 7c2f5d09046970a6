"""Mean cycles of trials with measured force, free of the size of the person: what `MeanCycle` learns.

A cycle has a phase from 0 to 1 while the foot stands, by its plate, and from 1 to 2 while it swings. Force and center
of pressure of the left foot are turned into those of the right one as a mirror does; motion is that of the whole body
over the cycle of the right foot.
"""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.cohort.events import detect_contacts, find_strides
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.conventions import AXES, FEET, UP
from gaitbook.mechanics.body_points import body_points
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.states import fill_motion
from gaitbook.studies.measured_motion import MeasuredMotion, measure_all_motion
from gaitbook.studies.motion_sequences import LAB_TRIALS
from gaitbook.studies.motion_training import role
from gaitbook.studies.progression import with_progression
from gaitbook.studies.trial_facts import gait_of

logger = logging.getLogger(__name__)

HALF_CYCLE: Final = np.linspace(0.0, 1.0, 51)
KINETICS: Final = ("force/x", "force/y", "force/z", "lever/x", "lever/z", "free_moment")
"""Force, N/kg; center of pressure from the calcaneus, heights; free moment, N/kg heights."""
KINEMATICS: Final = ("pelvis_height", *ANGLES)
"""Height of the pelvis, heights; angles, rad."""
SIMULATED: Final = "simulated"
MIRRORED: Final = ("force/z", "lever/z", "free_moment")


def learn_cycles(motions: Iterable[MeasuredMotion]) -> tuple[xr.DataArray, xr.DataArray, pd.DataFrame]:
    """Mean cycle of every trial.

    Parameters
    ----------
    motions
        Trials with measured force; those without a whole stride of both feet are logged and left out.

    Returns
    -------
    tuple
        Numbers of force (`KINETICS`) and of motion (`KINEMATICS`), each (trial, phase, number), over the cycle of the
        right foot; and one row per trial: subject, gait, speed_mps.

    Raises
    ------
    ValueError
        No trial has a whole stride of both feet.
    """
    force, moved, rows = [], [], []
    for motion in motions:
        strides = find_strides(detect_contacts(motion.trial))
        facts = _facts(motion)
        if set(strides["foot"]) != set(FEET) or facts["speed_mps"] is None:
            logger.info(
                "%s: no whole stride of both feet on plates, or no speed", motion.trial.attrs["trial"]
            )
            continue
        own = [_mean_cycle(_kinetics(motion, foot), strides[strides["foot"] == foot]) for foot in FEET]
        force.append(np.nanmean(own, axis=0))
        moved.append(_mean_cycle(_kinematics(motion), strides[strides["foot"] == FEET[0]]))
        rows.append(facts)
    if not rows:
        raise ValueError("No trial has a whole stride of both feet on plates: there is no cycle to learn.")
    return _labeled(force, KINETICS), _labeled(moved, KINEMATICS), pd.DataFrame(rows)


def training_motions(
    path: str | Path, *, people: int = 60, progress: bool = True
) -> Iterator[MeasuredMotion]:
    """Trials to learn mean cycles from: of people of a cohort who are for training, as `measure_motion` gives them.

    Parameters
    ----------
    path
        Folder of the cohort.
    people
        At most so many, spread evenly over their names; of each, all trials that have force.
    progress
        Show a progress bar.
    """
    of_person: dict[str, list[str]] = {}
    for place in list_trials(path):
        _, source, subject, trial = place.split("/")
        if role(subject) == "train" and (source != SIMULATED or trial in LAB_TRIALS):
            of_person.setdefault(subject, []).append(place)
    names = sorted(of_person)
    spread = sorted({round(each) for each in np.linspace(0, len(names) - 1, min(people, len(names)))})
    places = [place for number in spread for place in of_person[names[number]]]
    bar = tqdm(places, desc="measuring", unit="trial", disable=not progress)
    yield from measure_all_motion((read_trial(path, place) for place in bar), [])


def _facts(motion: MeasuredMotion) -> dict[str, Any]:
    told = with_progression(motion).trial.attrs
    return {
        "subject": str(told.get("subject")),
        "gait": gait_of(motion.trial),
        "speed_mps": told.get("speed_mps"),
    }


def _kinetics(motion: MeasuredMotion, foot: str) -> xr.DataArray:
    """Numbers of a foot (time, number), as if it were the right one."""
    trial = motion.trial.sel(foot=foot)
    mass_kg, height_m = (float(trial.attrs[name]) for name in ("mass_kg", "height_m"))
    heel = body_points(fill_motion(motion.trial), motion.model, (CALCANEI[foot],)).isel(point=0, drop=True)
    force = trial["ground_reaction_force"].sel(axis=list(AXES)).transpose("time", "axis") / mass_kg
    lever = (trial["center_of_pressure"] - heel).where(force.sel(axis=UP, drop=True) > 0) / height_m
    turn = trial["free_moment"] if "free_moment" in trial else xr.zeros_like(force.isel(axis=0, drop=True))
    columns = [*force.values.T, *lever.sel(axis=["x", "z"]).transpose("axis", "time").values]
    table = np.stack([*columns, turn.values / (mass_kg * height_m)], axis=1)
    signs = np.where(np.isin(KINETICS, MIRRORED) & (foot == "left"), -1.0, 1.0)
    return xr.DataArray(table * signs, {"time": trial["time"].values, "number": list(KINETICS)})


def _kinematics(motion: MeasuredMotion) -> xr.DataArray:
    whole = fill_motion(motion.trial)
    height = whole["pelvis_position"].sel(axis=UP).values / float(whole.attrs["height_m"])
    angle = whole["joint_angle"].sel(coordinate=list(ANGLES)).transpose("time", "coordinate").values
    labels = {"time": whole["time"].values, "number": list(KINEMATICS)}
    return xr.DataArray(np.concatenate([height[:, None], angle], axis=1), labels)


def _mean_cycle(numbers: xr.DataArray, strides: pd.DataFrame) -> np.ndarray:
    """Mean over strides (phase, number); where a number is never known it is that of the nearest phase."""
    start_s, leave_s, end_s = strides[["start_s", "toe_off_s", "end_s"]].to_numpy(dtype=float).T[..., None]
    stance_s = start_s + (leave_s - start_s) * HALF_CYCLE
    swing_s = leave_s + (end_s - leave_s) * HALF_CYCLE[1:]
    time_s = xr.DataArray(np.concatenate([stance_s, swing_s], axis=1), dims=("stride", "phase"))
    cycles = numbers.interp(time=time_s).transpose("stride", "phase", "number")
    mean = cycles.mean("stride").assign_coords(phase=_phases())
    return np.asarray(mean.interpolate_na("phase", "nearest", fill_value="extrapolate").fillna(0.0).values)


def _phases() -> np.ndarray:
    return np.concatenate([HALF_CYCLE, 1.0 + HALF_CYCLE[1:]])


def _labeled(tables: list[np.ndarray], names: tuple[str, ...]) -> xr.DataArray:
    labels = {"trial": np.arange(len(tables)), "phase": _phases(), "number": list(names)}
    return xr.DataArray(np.stack(tables), labels, tuple(labels))
