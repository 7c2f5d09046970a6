"""From a recording to a trial of the contract.

Forces of plates become forces of feet, frames with unknown force are cut, the direction of progression
becomes x. What cannot be used is left out and returned with the reason; what is left either keeps the
contract or is no trial.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.cohort.cleaning import find_surface, log_operation, runs
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.foot_motion import estimate_speed
from gaitbook.cohort.heading import align_heading
from gaitbook.cohort.schema import PLAUSIBLE, faults, make_trial, trial_path
from gaitbook.conventions import VARIABLE_DIMS
from gaitbook.readers.force_plates import assign_plates

FORCE_VARIABLES = ("ground_reaction_force", "center_of_pressure", "free_moment", "in_contact")
LEAST_KNOWN_SHARE = 0.5
"""Share of a trial that must have known force in one piece; below it the trial goes without force."""


@dataclass(frozen=True)
class BuiltTrial:
    """A trial made from a recording, or none, and what was left out.

    Attributes
    ----------
    trial
        A trial that keeps the contract; ``None`` if none could be made.
    exclusions
        Contacts, stretches of force or the whole trial, with the reason.
    """

    trial: xr.Dataset | None
    exclusions: tuple[Exclusion, ...]


def build_trial(recording: xr.Dataset, attributes: Mapping[str, Any]) -> BuiltTrial:
    """Trial made of a recording.

    Parameters
    ----------
    recording
        Markers, joint angles and plates in OpenSim's axes, as `gaitbook.readers.joining.read_files` gives
        them.
    attributes
        Attributes of the contract: source, subject, trial, license and what is known of the person.

    Returns
    -------
    BuiltTrial
        The trial is heading along x. It is ``None`` if it would break the contract.
    """
    place = trial_path(attributes)
    forces, exclusions = _forces_of_feet(recording, place)
    motion = {str(name): recording[name] for name in recording.data_vars if name in VARIABLE_DIMS}
    log = [*recording.attrs.get("log", []), *forces.attrs.get("log", [])]
    rate_hz = _sampling_rate_hz(recording)
    trial = make_trial(
        {**motion, **{str(name): forces[name] for name in forces.data_vars}},
        {**attributes, "sampling_rate_hz": rate_hz, "log": log},
    )
    found = faults(keep_known_force(trial)[0])
    if found:
        # What happened to its forces matters no longer: the trial is left out as a whole
        return BuiltTrial(None, (Exclusion(place, "; ".join(found)),))
    trial, cut = keep_known_force(trial)
    trial, doubts = _face_forward(trial, place)
    return BuiltTrial(_with_speed(trial), (*exclusions, *cut, *doubts))


def keep_known_force(trial: xr.Dataset) -> tuple[xr.Dataset, list[Exclusion]]:
    """Trial without frames of unknown (NaN) force, and what was left out for it.

    The longest stretch with known force is kept if it is at least half of the trial; otherwise the trial is
    kept whole, without force.
    """
    if "ground_reaction_force" not in trial:
        return trial, []
    force = trial["ground_reaction_force"]
    known = ~force.isnull().any([dim for dim in force.dims if dim != "time"]).values
    if known.all():
        return trial, []
    start, stop = max(runs(known), key=lambda run: run[1] - run[0], default=(0, 0))
    time_s = trial["time"].values
    place, total_s = trial_path(trial.attrs), time_s[-1] - time_s[0]
    if stop - start < LEAST_KNOWN_SHARE * len(known):
        detail = f"{int((~known).sum())} of {len(known)} frames"
        reason = "force unknown in most of the trial, in one piece: kept without force"
        return trial.drop_vars([v for v in FORCE_VARIABLES if v in trial]), [Exclusion(place, reason, detail)]
    detail = f"{total_s - (time_s[stop - 1] - time_s[start]):.2f} of {total_s:.2f} s"
    return trial.isel(time=slice(start, stop)), [
        Exclusion(place, "frames with unknown force were cut", detail)
    ]


def _forces_of_feet(recording: xr.Dataset, place: str) -> tuple[xr.Dataset, list[Exclusion]]:
    if "plate_force" not in recording:
        return xr.Dataset(), []
    try:
        assigned = assign_plates(recording)
    except ValueError as error:
        return xr.Dataset(), [Exclusion(place, f"kept without force: {error}")]
    refused = [
        Exclusion(place, f"contact left out: {each.reason}", each.contact) for each in assigned.refused
    ]
    return assigned.dataset, refused


def _face_forward(trial: xr.Dataset, place: str) -> tuple[xr.Dataset, list[Exclusion]]:
    """Trial heading along x on a known surface, or as it was if nothing tells where the person is heading."""
    # A skeleton faces forward already: its reader asked the body.
    placed = [array for name, array in trial.data_vars.items() if name != "skeleton_position"]
    if not any("axis" in array.dims for array in placed):
        return trial, []
    try:
        surface = trial.attrs.get("surface") or find_surface(trial)
        return align_heading(trial).assign_attrs(surface=surface), []
    except (ValueError, KeyError) as error:
        words = error.args[0] if error.args else error
        return trial, [Exclusion(place, f"kept in the frame of the laboratory: {words}")]


def _with_speed(trial: xr.Dataset) -> xr.Dataset:
    """Trial with ``speed_mps``, estimated where nothing tells it and the markers do."""
    if "speed_mps" in trial.attrs or "marker_position" not in trial:
        return trial
    try:
        speed_mps = estimate_speed(trial["marker_position"])
    except (ValueError, KeyError) as error:
        words = error.args[0] if error.args else error
        return trial.assign_attrs(log_operation(trial, f"speed unknown: {words}"))
    low, high = PLAUSIBLE["speed_mps"]
    if not low <= speed_mps <= high:
        return trial.assign_attrs(
            log_operation(trial, f"speed unknown: the markers would give {speed_mps:.2f} m/s")
        )
    attrs = log_operation(trial, "speed estimated from the pelvis and the ground under the forefeet")
    return trial.assign_attrs(attrs, speed_mps=round(speed_mps, 3))


def _sampling_rate_hz(recording: xr.Dataset) -> float | None:
    clock = "time" if "time" in recording.coords else "plate_time"
    step_s = np.diff(recording[clock].values)
    if not len(step_s) or np.median(step_s) <= 0:
        return None
    return round(float(1 / np.median(step_s)), 6)
