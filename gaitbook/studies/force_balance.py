"""Study: does the ground push back as Newton says?

The force that a whole body's motion requires is held against the force that the plate measured, frame by frame. What
remains is the residual; the variants ask where it comes from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import Segment
from gaitbook.cohort.cleaning import low_pass
from gaitbook.conventions import GRAVITY_MPS2, UP
from gaitbook.mechanics.loads import required_force
from gaitbook.mechanics.newton import total_newton_force
from gaitbook.mechanics.unseen_trunk import PELVIS_BELOW
from gaitbook.studies.metrics import to_body_weights
from gaitbook.studies.tracking import TrackedTrial
from gaitbook.studies.trials import identify, mean_cycle, measured_strides

MEASURED: Final = "measured"
WHOLE_BODY: Final = "whole body"
MARKERS_ONLY: Final = "markers only"
CUTOFFS_HZ: Final = (4.0, 6.0, 10.0, 15.0, 20.0)
EDGE_S: Final = 0.25
"""Left out at both ends of a trial: filters and derivatives know too little there."""


def force_cycles(tracked: Sequence[TrackedTrial], *, cutoff_hz: float) -> pd.DataFrame:
    """Force of both feet together over the cycle of the left foot, as measured and as the motion requires it.

    Parameters
    ----------
    tracked
        Trials with their bodies.
    cutoff_hz
        Low-pass of the motion.

    Returns
    -------
    pandas.DataFrame
        Columns subject, speed_mps, source, axis, phase_percent, value (%BW): one mean cycle per trial.
    """
    parts = [
        _cycle(each, force).assign(source=source)
        for each in tracked
        for source, force in (
            (MEASURED, _measured(each)),
            (WHOLE_BODY, _required(each, cutoff_hz)),
            (MARKERS_ONLY, total_newton_force(each.trial, cutoff_hz=cutoff_hz)),
        )
    ]
    return pd.concat(parts, ignore_index=True)


def explain_residual(tracked: Sequence[TrackedTrial], *, cutoff_hz: float) -> pd.DataFrame:
    """Residual of the measured force against what the motion requires, in several variants.

    Parameters
    ----------
    tracked
        Trials with their bodies.
    cutoff_hz
        Low-pass of the motion.

    Returns
    -------
    pandas.DataFrame
        Columns subject, speed_mps, variant, value (%BW): root mean square of the length of the residual force.
    """
    rows = []
    for each in tracked:
        for variant, residual in _variants(each, cutoff_hz):
            rows.append(identify(each.trial) | {"variant": variant, "value": _rms(each, residual)})
    return pd.DataFrame(rows).assign(unit="%BW")


def sweep_motion_cutoff(
    tracked: Sequence[TrackedTrial], cutoffs_hz: Sequence[float] = CUTOFFS_HZ
) -> pd.DataFrame:
    """Residual at several cut-offs of the motion, with the measured force as it is and smoothed alike.

    Returns
    -------
    pandas.DataFrame
        Columns subject, speed_mps, cutoff_hz, variant, value (%BW).
    """
    rows = []
    for each in tracked:
        measured = _measured(each)
        for cutoff_hz in cutoffs_hz:
            required = _required(each, cutoff_hz)
            smooth = low_pass(measured, cutoff_hz)
            for variant, force in (("force as measured", measured), ("force smoothed alike", smooth)):
                labels = identify(each.trial) | {"cutoff_hz": cutoff_hz, "variant": variant}
                rows.append(labels | {"value": _rms(each, force - required)})
    return pd.DataFrame(rows).assign(unit="%BW")


def vertical_ratio(tracked: Sequence[TrackedTrial], *, cutoff_hz: float) -> pd.DataFrame:
    """Mean vertical force required over mean measured, over whole cycles: columns subject, speed_mps, value (%)."""
    rows = []
    for each in tracked:
        strides = measured_strides(each.trial)
        span = slice(
            strides["start_s"].min(), strides[strides["foot"] == strides["foot"].iloc[0]]["end_s"].max()
        )
        required, measured = (
            force.sel(axis=UP, time=span) for force in (_required(each, cutoff_hz), _measured(each))
        )
        known = measured.notnull()
        share = 100.0 * float(required.where(known).mean() / measured.mean())
        rows.append(identify(each.trial) | {"value": share})
    return pd.DataFrame(rows).assign(unit="%")


def _variants(each: TrackedTrial, cutoff_hz: float) -> Iterator[tuple[str, xr.DataArray]]:
    measured, required = _measured(each), _required(each, cutoff_hz)
    yield "whole body", measured - required
    yield "whole body, measured force smoothed alike", low_pass(measured, cutoff_hz) - required
    yield "trunk bolted to the pelvis", measured - _required(_bolted(each), cutoff_hz)
    yield "legs a tenth heavier", measured - _required(_with_heavier_legs(each), cutoff_hz)
    yield "mean of the markers, no body", measured - total_newton_force(each.trial, cutoff_hz=cutoff_hz)
    yield "body weight only, no motion", measured - _weight_n(each) * (measured["axis"] == UP)


def _measured(each: TrackedTrial) -> xr.DataArray:
    return each.trial["ground_reaction_force"].sum("foot", skipna=False).transpose("time", "axis")


def _required(each: TrackedTrial, cutoff_hz: float) -> xr.DataArray:
    return required_force(each.smoothed(cutoff_hz), each.model)["required_force"]


def _bolted(each: TrackedTrial) -> TrackedTrial:
    """The same with a trunk that does not move against the pelvis."""
    angle = each.trial["joint_angle"]
    lumbar = angle["coordinate"].isin(list(PELVIS_BELOW))
    return replace(
        each, trial=each.trial.assign(joint_angle=angle.where(~lumbar, 0.0).assign_attrs(angle.attrs))
    )


def _with_heavier_legs(each: TrackedTrial) -> TrackedTrial:
    """The same with a tenth of the mass of the legs moved there from the trunk."""
    added_kg = sum(0.1 * segment.mass_kg for segment in each.model.segments if _is_of_leg(segment))
    changed = tuple(
        replace(segment, mass_kg=1.1 * segment.mass_kg)
        if _is_of_leg(segment)
        else replace(segment, mass_kg=segment.mass_kg - added_kg * (segment.name == "torso"))
        for segment in each.model.segments
    )
    return replace(each, model=replace(each.model, segments=changed))


def _is_of_leg(segment: Segment) -> bool:
    return segment.name.startswith(("femur", "tibia", "talus", "calcn", "toes"))


def _weight_n(each: TrackedTrial) -> float:
    return float(each.trial.attrs["mass_kg"]) * GRAVITY_MPS2


def _rms(each: TrackedTrial, residual: xr.DataArray) -> float:
    """Root mean square over time of the length of a residual force, %BW."""
    time_s = residual["time"].values
    inner = residual.sel(time=slice(time_s[0] + EDGE_S, time_s[-1] - EDGE_S))
    return 100.0 * float(np.sqrt((inner**2).sum("axis", skipna=False).mean())) / _weight_n(each)


def _cycle(each: TrackedTrial, force: xr.DataArray) -> pd.DataFrame:
    strides = measured_strides(each.trial)
    relative = to_body_weights(force, float(each.trial.attrs["mass_kg"]))
    return mean_cycle(relative, strides[strides["foot"] == "left"], each.trial)
