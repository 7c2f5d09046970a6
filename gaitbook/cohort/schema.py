"""The contract of a trial.

A trial is one recording of one person: an `xarray.Dataset` whose variables, dims and units are listed in
`gaitbook.conventions`. A trial may lack any variable; what it has must be right. `validate` reads a trial as
a reviewer would and reports everything that is wrong with it in one message.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.conventions import AXES, FEET, SEXES, SURFACES, VARIABLE_DIMS, VARIABLE_UNITS

REQUIRED_ATTRS = ("source", "subject", "trial", "sampling_rate_hz", "license")
PLAUSIBLE = {
    "mass_kg": (2.0, 350.0),
    "height_m": (0.4, 2.6),
    "age_year": (0.0, 120.0),
    "speed_mps": (0.0, 13.0),
    "sampling_rate_hz": (5.0, 10_000.0),
}
LARGEST = {
    "joint_angle": (4 * np.pi, "rad: the file may be in degrees"),
    "pelvis_position": (100.0, "m: the file may be in millimeters"),
    "marker_position": (100.0, "m: the file may be in millimeters"),
    "standing_position": (100.0, "m: the file may be in millimeters"),
    "skeleton_position": (100.0, "m: the file may be in millimeters"),
    "ground_reaction_force": (2e4, "N: the file may hold volts or raw counts"),
}
RELATIVE_JITTER = 0.01
NUMBER = (int, float, np.number)


class TrialError(ValueError):
    """A trial breaks the contract; the message lists every fault."""


def make_trial(variables: Mapping[str, xr.DataArray], attrs: Mapping[str, Any]) -> xr.Dataset:
    """Trial with the units and attributes of the contract.

    Parameters
    ----------
    variables
        Arrays named and dimensioned as in `gaitbook.conventions.VARIABLE_DIMS`, in its units.
    attrs
        Attributes of the trial; those that are ``None`` are left out.

    Returns
    -------
    xarray.Dataset
        The trial, not yet validated.
    """
    trial = xr.Dataset(
        dict(variables), attrs={name: value for name, value in attrs.items() if value is not None}
    )
    for name in trial.data_vars:
        if name in VARIABLE_UNITS:
            trial[name].attrs["units"] = VARIABLE_UNITS[str(name)]
    return trial


def faults(trial: xr.Dataset) -> list[str]:
    """Everything that is wrong with a trial, one sentence each; empty for a good one."""
    return [*_attribute_faults(trial), *_time_faults(trial), *_variable_faults(trial), *_force_faults(trial)]


def validate(trial: xr.Dataset) -> xr.Dataset:
    """Return the trial unchanged if it keeps the contract.

    Raises
    ------
    TrialError
        One message that lists all faults, in words, with expected and found values.

    Examples
    --------
    >>> import gaitbook as gb
    >>> trial = gb.simulate_trial(speed_mps=3.0)
    >>> gb.validate(trial) is trial
    True
    """
    found = faults(trial)
    if found:
        raise TrialError(
            f"Trial {trial_path(trial.attrs)} has {len(found)} fault(s):\n- " + "\n- ".join(found)
        )
    return trial


def trial_path(attrs: Mapping[str, Any]) -> str:
    """Place of a trial in a cohort: ``/source/subject/trial``."""
    return "/" + "/".join(str(attrs.get(part, "?")) for part in ("source", "subject", "trial"))


def _attribute_faults(trial: xr.Dataset) -> Iterator[str]:
    for name in REQUIRED_ATTRS:
        if not trial.attrs.get(name):
            yield f"attribute {name!r} is missing: add it to the participants table or to the trial's attrs"
    if "ground_reaction_force" in trial and "mass_kg" not in trial.attrs:
        yield "no body mass: give mass_kg in the participants table (forces are compared in body weights)"
    for name, (low, high) in PLAUSIBLE.items():
        value = trial.attrs.get(name)
        if value is None:
            continue
        if not isinstance(value, NUMBER):
            yield f"{name} is {value!r}, expected a number"
        elif not low <= value <= high:
            yield f"{name} is {value:g}, expected {low:g} to {high:g}: check its unit"
    for name, allowed in (("sex", SEXES), ("surface", SURFACES)):
        if trial.attrs.get(name) not in (*allowed, None):
            yield f"{name} is {trial.attrs[name]!r}, expected one of {', '.join(allowed)}"


def _time_faults(trial: xr.Dataset) -> Iterator[str]:
    if "time" not in trial.coords:
        yield "there is no time coordinate"
        return
    missing = int((~np.isfinite(trial["time"].values)).sum())
    if missing:
        yield f"{missing} time stamp(s) are no number: export again"
        return
    step_s = np.diff(trial["time"].values)
    if trial.sizes["time"] < 2:  # noqa: PLR2004 - two samples make a step
        yield f"only {trial.sizes['time']} time sample(s)"
        return
    if (step_s == 0).any():
        first_s = float(trial["time"].values[:-1][step_s == 0][0])
        count = int((step_s == 0).sum())
        yield f"{count} duplicate time stamp(s), the first at {first_s:g} s: export again or drop them"
    elif (step_s < 0).any():
        yield "time runs backward"
    elif np.ptp(step_s) > RELATIVE_JITTER * np.median(step_s):
        shortest_s, longest_s = step_s.min(), step_s.max()
        yield f"time steps vary from {shortest_s:.4g} to {longest_s:.4g} s: resample to an even rate first"
    rate_hz = trial.attrs.get("sampling_rate_hz")
    found_hz = 1 / np.median(step_s) if np.median(step_s) else np.inf
    if isinstance(rate_hz, NUMBER) and abs(found_hz - rate_hz) > RELATIVE_JITTER * rate_hz:
        yield f"sampling_rate_hz is {rate_hz:g}, but the time stamps say {found_hz:g}"


def _variable_faults(trial: xr.Dataset) -> Iterator[str]:
    known = [name for name in trial.data_vars if name in VARIABLE_DIMS]
    if not known:
        yield f"no variable of the contract; expected at least one of {', '.join(VARIABLE_DIMS)}"
    for name in map(str, known):
        array = trial[name]
        if set(array.dims) != set(VARIABLE_DIMS[name]):
            yield f"{name} has dims {array.dims}, expected {VARIABLE_DIMS[name]}"
            continue
        if array.attrs.get("units") != VARIABLE_UNITS[name]:
            yield f"{name} is in {array.attrs.get('units')!r}, expected {VARIABLE_UNITS[name]!r}"
        yield from _label_faults(array)
        yield from _value_faults(array)


def _label_faults(array: xr.DataArray) -> Iterator[str]:
    for dim, expected in (("axis", AXES), ("foot", FEET)):
        if dim in array.dims and tuple(array[dim].values.tolist()) != expected:
            yield f"{array.name}: {dim} must be labeled {', '.join(expected)}"
    for dim in ("coordinate", "marker", "standing_marker", "joint"):
        if dim in array.coords and array.get_index(dim).has_duplicates:
            labels = array.get_index(dim)
            repeated = sorted(set(labels[labels.duplicated()]))
            yield f"{array.name}: {dim} label(s) repeated: {', '.join(map(str, repeated))}"


def _value_faults(array: xr.DataArray) -> Iterator[str]:
    if array.dtype == bool:
        return
    values = np.asarray(array.values, dtype=float)
    if np.isinf(values).any():
        yield f"{array.name} holds infinite values"
    if values.size and np.isnan(values).all():
        yield f"{array.name} is NaN throughout: leave it out if it was not measured"
    elif array.name in LARGEST:
        limit, remedy = LARGEST[str(array.name)]
        if np.nanmax(np.abs(values)) > limit:
            yield f"{array.name} reaches {np.nanmax(np.abs(values)):.4g}, more than {limit:.4g} {remedy}"


def _force_faults(trial: xr.Dataset) -> Iterator[str]:
    if "ground_reaction_force" not in trial or "axis" not in trial["ground_reaction_force"].coords:
        return
    force = trial["ground_reaction_force"]
    missing = force.isnull().any([dim for dim in force.dims if dim != "time"]).values
    if missing.any() and not missing.all():
        first_s = float(trial["time"].values[missing.argmax()])
        yield (
            f"ground_reaction_force has {int(missing.sum())} NaN frame(s), the first at {first_s:g} s: "
            "cut them or leave force out"
        )
    if float(force.sel(axis="y").mean()) < 0:
        yield "the mean vertical force points down: give the force on the person, y up"
