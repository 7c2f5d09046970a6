"""The people of a task, and its trial: what is asked of a person, checked; what is simulated, labeled."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.cohort.schema import PLAUSIBLE, make_trial
from gaitbook.conventions import AXES, COORDINATES, FEET, PELVIS_TRANSLATIONS, SEXES
from gaitbook.mechanics.body import Body
from gaitbook.synthesis.person_body import person_attributes
from gaitbook.synthesis.sagittal_body import Array
from gaitbook.synthesis.task_forces import FootForces

NEEDED = ("subject", "number", "sex", "age_year", "height_m", "mass_kg", "vigor")
TOLD = ("sex", "age_year", "height_m", "mass_kg", "knee_varus_rad", "abdominal_fat")
HEIGHT_M = (1.2, 2.3)
LARGEST_SCORE = 6.0
LEAST_FRAMES = 2
RATE_HZ = PLAUSIBLE["sampling_rate_hz"]


def load_tasks() -> Mapping[str, Any]:
    """Return the content of ``tasks.yml``."""
    return _content("tasks.yml")


def require_person(
    person: Mapping[str, Any],
    task: str,
    *,
    duration_s: float,
    sampling_rate_hz: float,
    styles: Mapping[str, float] | None,
) -> None:
    """Refuse a person, a recording or style scores that make no sense.

    Parameters
    ----------
    person
        The person.
    task
        The task in the user's words, for the message.
    duration_s, sampling_rate_hz
        The recording.
    styles
        Style scores by name.

    Raises
    ------
    ValueError
        Lists all faults.
    """
    missing = [name for name in NEEDED if person.get(name) is None]
    faults = [f"the person lacks {', '.join(missing)}: take a row of draw_people"] * bool(missing)
    faults += _number_faults(person)
    if person.get("sex") not in (*SEXES, None):
        faults.append(f"sex is {person['sex']!r}, expected one of {', '.join(SEXES)}")
    if not RATE_HZ[0] <= sampling_rate_hz <= RATE_HZ[1]:
        faults.append(f"sampling_rate_hz is {sampling_rate_hz:g}, expected {RATE_HZ[0]:g} to {RATE_HZ[1]:g}")
    elif not round(duration_s * sampling_rate_hz) >= LEAST_FRAMES:
        faults.append(f"duration_s is {duration_s:g}: fewer than two samples at {sampling_rate_hz:g} Hz")
    faults += _style_faults(styles or {})
    if faults:
        raise ValueError(f"Cannot simulate {task}: " + "; ".join(faults) + ".")


def posture_shifts(styles: Mapping[str, float] | None) -> dict[str, float]:
    """How far the style scores of a person shift a posture, rad, by style; zero without a score.

    Only styles of posture count; those of walking are left alone.
    """
    sizes = _content("styles.yml")["styles"]
    given = styles or {}
    return {
        name: direction * sizes[name]["size"] * float(given.get(name, 0.0))
        for name, direction in load_tasks()["styles"].items()
    }


def arm_angles(arms: Mapping[str, float], shifts: Mapping[str, float]) -> dict[str, float]:
    """Angles of both arms by coordinate without side, rad, shifted by the person's styles."""
    held = dict(arms)
    held["arm_add"] += shifts["arm_abduction"]
    held["elbow_flex"] += shifts["elbow_flexion"]
    return held


def motion_variables(body: Body, table: Array, time_s: Array) -> dict[str, xr.DataArray]:
    """Joint angles and pelvis of a table of coordinates (frame, coordinate), labeled."""
    turning = [body.coordinate(name) for name in COORDINATES]
    shifting = [body.coordinate(name) for name in PELVIS_TRANSLATIONS]
    return {
        "joint_angle": _array(table[:, turning], time_s, coordinate=COORDINATES),
        "pelvis_position": _array(table[:, shifting], time_s, axis=AXES),
    }


def force_variables(feet: FootForces, time_s: Array) -> dict[str, xr.DataArray]:
    """Forces on both feet, labeled."""
    return {
        "ground_reaction_force": _array(feet.force, time_s, foot=FEET, axis=AXES),
        "center_of_pressure": _array(feet.pressure, time_s, foot=FEET, axis=AXES),
        "free_moment": _array(feet.free_moment, time_s, foot=FEET),
        "in_contact": _array(np.ones(feet.free_moment.shape, dtype=bool), time_s, foot=FEET),
    }


def seat_variables(force_n: Array, pressure_m: Array, time_s: Array) -> dict[str, xr.DataArray]:
    """Force of the bench and its center of pressure, labeled."""
    return {
        "seat_force": _array(force_n, time_s, axis=AXES).assign_attrs(units="N"),
        "seat_center_of_pressure": _array(pressure_m, time_s, axis=AXES).assign_attrs(units="m"),
    }


def task_trial(
    variables: Mapping[str, xr.DataArray],
    person: Mapping[str, Any],
    task: str,
    *,
    sampling_rate_hz: float,
    log: list[str],
    **attrs: float,
) -> xr.Dataset:
    """Trial of a simulated task; `attrs` are told beside those of the contract."""
    told = person_attributes(person, TOLD)
    recording = {
        "source": "simulated",
        "subject": str(person["subject"]),
        "trial": task,
        "task": task,
        "sampling_rate_hz": sampling_rate_hz,
        "license": "CC0 (simulated)",
        "log": log,
    }
    return make_trial(variables, {**recording, **told, **attrs})


@cache
def _content(name: str) -> Mapping[str, Any]:
    import yaml

    text = files("gaitbook.synthesis").joinpath(name).read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def _number_faults(person: Mapping[str, Any]) -> list[str]:
    ranges = {"height_m": HEIGHT_M, "mass_kg": PLAUSIBLE["mass_kg"], "age_year": PLAUSIBLE["age_year"]}
    ranges["vigor"] = (-LARGEST_SCORE, LARGEST_SCORE)
    return [
        f"{name} is {person[name]:g}, expected {low:g} to {high:g}"
        for name, (low, high) in ranges.items()
        if person.get(name) is not None and not low <= person[name] <= high
    ]


def _style_faults(styles: Mapping[str, float]) -> list[str]:
    known = _content("styles.yml")["styles"]
    strange = [name for name in styles if name not in known]
    faults = [f"no style {', '.join(map(repr, strange))}: choose among {', '.join(known)}"] * bool(strange)
    large = [name for name, score in styles.items() if name in known and not abs(score) <= LARGEST_SCORE]
    return faults + [
        f"style {name} is {styles[name]:g}, expected a z score within {LARGEST_SCORE:g} of zero"
        for name in large
    ]


def _array(values: Array, time_s: Array, **labels: tuple[str, ...]) -> xr.DataArray:
    coords = {"time": time_s, **{dim: list(names) for dim, names in labels.items()}}
    return xr.DataArray(values, dims=tuple(coords), coords=coords)
