"""Trials with the body that moves in them: a body model scaled to each person, and the motion that the markers tell."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.mechanics.body_points import body_markers
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.loads import smooth_motion
from gaitbook.mechanics.motion import solve_motion
from gaitbook.mechanics.scaling import scale_body
from gaitbook.studies.trials import identify, in_order, mean_cycle, measured_strides

logger = logging.getLogger(__name__)

MM_PER_M: Final = 1000.0
DEGREES_PER_RAD: Final = 180.0 / np.pi
WHOLE_BODY_MARKERS: Final = "plug_in_gait"
TELLING: Final = (
    "pelvis_tilt",
    "hip_flexion_l",
    "hip_adduction_l",
    "hip_rotation_l",
    "knee_angle_l",
    "ankle_angle_l",
    "subtalar_angle_l",
    "lumbar_extension",
    "arm_flex_l",
)
LEFT_LEG: Final = MappingProxyType(
    {"hip_flexion_l": "hip flexion", "knee_angle_l": "knee flexion", "ankle_angle_l": "ankle dorsiflexion"}
)


@dataclass(frozen=True)
class TrackedTrial:
    """A trial with its motion, and the body it is the motion of.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``, not yet smoothed.
    model
        The person's body.
    """

    trial: xr.Dataset
    model: BodyModel

    def smoothed(self, cutoff_hz: float) -> xr.Dataset:
        """Trial with the motion low-passed at a cut-off."""
        return smooth_motion(self.trial, cutoff_hz)


@dataclass(frozen=True)
class TrackedTrials:
    """Trials of a study with their bodies, and those left out, with the reason."""

    trials: list[TrackedTrial]
    exclusions: list[Exclusion]


def track_bodies(trials: Sequence[xr.Dataset], *, progress: bool = True) -> TrackedTrials:
    """Body and motion of every trial; one body per person.

    Parameters
    ----------
    trials
        Prepared trials, with ``standing_position`` where the person was recorded standing.
    progress
        Show a progress bar.

    Raises
    ------
    ValueError
        If no trial can be tracked; the message counts the reasons.
    """
    bodies: dict[str, BodyModel] = {}
    tracked, exclusions = [], []
    for trial in tqdm(trials, desc="tracking bodies", unit="trial", disable=not progress):
        person = str(trial.attrs["subject"])
        try:
            if person not in bodies:
                bodies[person] = scale_body(trial)
            tracked.append(TrackedTrial(_whole_motion(trial, bodies[person]), bodies[person]))
        except ValueError as reason:
            exclusions.append(Exclusion(f"{person}/{trial.attrs['trial']}", str(reason)))
    if not tracked:
        raise ValueError(
            f"no trial can be tracked: {'; '.join(sorted({each.reason for each in exclusions}))}"
        )
    return TrackedTrials(tracked, exclusions)


def segment_table(model: BodyModel) -> pd.DataFrame:
    """Segments that carry mass: columns segment, mass_kg, share_percent, center_below_joint_m.

    Sides are alike, so only the right one is listed; the last column is how far below the joint that the segment
    hangs on its center of mass lies.
    """
    heavy = [segment for segment in model.segments if segment.mass_kg > 0 and not segment.name.endswith("_l")]
    table = pd.DataFrame(
        {
            "segment": [segment.name for segment in heavy],
            "mass_kg": [segment.mass_kg for segment in heavy],
            "center_below_joint_m": [-segment.center_m[1] for segment in heavy],
        }
    )
    return table.assign(share_percent=100.0 * table["mass_kg"] / model.mass_kg)


def _whole_motion(trial: xr.Dataset, model: BodyModel) -> xr.Dataset:
    moving = solve_motion(trial, model)
    lost = int(moving["joint_angle"].isnull().any("coordinate").sum())
    if lost:
        raise ValueError(f"{lost} of {moving.sizes['time']} frames have too few markers: cut them off")
    return moving


def marker_distances(tracked: Sequence[TrackedTrial]) -> pd.DataFrame:
    """Root mean square distance of the markers from those of the body: columns subject, speed_mps, value (mm)."""
    rows = []
    for each in tracked:
        square_m2 = each.trial["marker_error"] ** 2
        rows.append(identify(each.trial) | {"value": MM_PER_M * float(np.sqrt(square_m2.mean()))})
    return pd.DataFrame(rows).assign(unit="mm")


def angle_uncertainty(tracked: Sequence[TrackedTrial]) -> pd.DataFrame:
    """Standard deviation of some coordinates in a frame, given its markers.

    Columns subject, speed_mps, coordinate, value (degrees). Sides are alike, so the left one stands for both.
    """
    parts = []
    for each in tracked:
        deviation = DEGREES_PER_RAD * each.trial["joint_angle_deviation"].mean("time")
        shown = deviation.sel(coordinate=[name for name in TELLING if name in deviation["coordinate"]])
        table = shown.to_dataframe("value").reset_index()[["coordinate", "value"]]
        parts.append(table.assign(**identify(each.trial)))
    return in_order(pd.concat(parts, ignore_index=True), "coordinate", TELLING)


def angle_cycles(tracked: Sequence[TrackedTrial], *, cutoff_hz: float) -> pd.DataFrame:
    """Angles of the left leg over its cycle.

    Columns subject, speed_mps, source, axis (the angle), phase_percent, value (degrees).
    """
    parts = []
    for each in tracked:
        strides = measured_strides(each.trial)
        angle = DEGREES_PER_RAD * each.smoothed(cutoff_hz)["joint_angle"].sel(coordinate=list(LEFT_LEG))
        table = mean_cycle(angle, strides[strides["foot"] == "left"], each.trial)
        table["axis"] = table.pop("coordinate").map(LEFT_LEG)
        parts.append(table.assign(source="from markers"))
    return in_order(pd.concat(parts, ignore_index=True), "axis", tuple(LEFT_LEG.values()))


def whole_body_trial(tracked: TrackedTrial, *, cutoff_hz: float) -> xr.Dataset:
    """Trial whose markers are those of a whole body that moves as was found, for the player.

    What no marker was seen of (arms, head) is held as the model holds it.
    """
    attrs = tracked.trial.attrs
    person = {name: attrs[name] for name in ("height_m", "mass_kg", "sex") if attrs.get(name) is not None}
    dressed = replace(tracked.model, markers=generic_body(**person, markers=WHOLE_BODY_MARKERS).markers)
    markers = body_markers(tracked.smoothed(cutoff_hz), dressed)
    return tracked.trial.drop_dims("marker").assign(marker_position=markers)
