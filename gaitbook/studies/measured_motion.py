"""Trials as a motion model needs them: motion found as a laboratory would, with the body that moves, facing +x.

Simulated people are measured first (markers on skin, plates with noise), so that whoever learns from them learns from
what can be measured, not from the truth.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import low_pass, rate_of, resample
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.gaps import fill_gaps, remove_jumps
from gaitbook.cohort.heading import align_heading
from gaitbook.cohort.schema import trial_path
from gaitbook.mechanics.loads import smooth_motion
from gaitbook.mechanics.motion import solve_motion
from gaitbook.mechanics.scaling import scale_body
from gaitbook.representation.channels import SAMPLING_RATE_HZ
from gaitbook.studies.partial_motion import extending_knees_of, reverse_angles
from gaitbook.studies.prediction_bodies import reverse_coordinates
from gaitbook.synthesis.laboratory import record_in_laboratory
from gaitbook.synthesis.person_body import person_body

MARKER_CUTOFF_HZ: Final = 20.0
MOTION_CUTOFF_HZ: Final = 15.0
FORCES: Final = ("ground_reaction_force", "center_of_pressure", "free_moment", "in_contact")
_UNKNOWN: Final = {"in_contact": True}
MISSING: Final = "force_missing"
"""What readers mark (time,) where force is zero and means nothing."""
MOTION: Final = ("joint_angle", "pelvis_position", "joint_angle_observability")


class MeasuredMotion(NamedTuple):
    """A trial with its motion, smooth, at the rate of the models, facing +x; and the person's body."""

    trial: xr.Dataset
    model: BodyModel


def measure_motion(
    trial: xr.Dataset, *, model: BodyModel | None = None, seed: int = 0, in_laboratory: bool | None = None
) -> MeasuredMotion:
    """Motion of a trial: its own, or found from its markers; that of simulated people as a laboratory finds it.

    Parameters
    ----------
    trial
        With markers, or with ``joint_angle`` and ``pelvis_position``.
    model
        The person's body; by default scaled to the markers, or else to height, mass and sex. A laboratory does not
        know that of simulated people. Knees that count extension, those of the body or else of the angles, are
        reversed: flexion is positive in what comes out.
    seed
        Of the errors of the laboratory.
    in_laboratory
        Whether to measure a simulated trial; by default one that knows its joint moments, as no recording does.

    Returns
    -------
    MeasuredMotion
        Motion and force are all that is left in the trial; force is NaN in frames that the trial marks as missing.

    Raises
    ------
    ValueError
        There is no motion and nothing to find it from, or the body cannot be made.
    """
    simulated = "joint_moment" in trial if in_laboratory is None else in_laboratory
    if simulated:
        trial, model = record_in_laboratory(trial, angles=False, seed=seed), None
    if "joint_angle" not in trial and "marker_position" not in trial:
        raise ValueError(
            "The trial has no motion: give it joint_angle and pelvis_position, or marker_position"
        )
    turned = extending_knees_of(trial, model)
    trial = reverse_angles(trial, turned)
    model = None if model is None else reverse_coordinates(model, turned)
    if "joint_angle" not in trial:
        trial, model = motion_from_markers(trial, model)
    return smooth_at_model_rate(align_heading(trial), model or person_body(trial.attrs))


def smooth_at_model_rate(trial: xr.Dataset, model: BodyModel) -> MeasuredMotion:
    """Motion and force of a trial, low-passed at 15 Hz, at the rate of the models.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``, heading along +x; NaN where not known.
    model
        The person's body.
    """
    kept = [name for name in (*MOTION, *FORCES) if name in trial]
    moving = smooth_motion(_without_missing_force(trial)[kept], MOTION_CUTOFF_HZ)
    if not np.isclose(rate_of(moving), SAMPLING_RATE_HZ, rtol=1e-3):
        moving = resample(moving, SAMPLING_RATE_HZ)
    if MISSING in trial and "in_contact" in moving:
        moving = _without_missing_force(moving.assign({MISSING: _missing_at(trial[MISSING], moving["time"])}))
        down = moving["in_contact"].where(~moving[MISSING], False)
        moving = moving.assign(in_contact=down).drop_vars(MISSING)
    return MeasuredMotion(moving, model)


def measure_all_motion(
    trials: Iterable[xr.Dataset], exclusions: list[Exclusion], *, seed: int = 0
) -> Iterator[MeasuredMotion]:
    """Motion of trials one by one.

    Parameters
    ----------
    trials
        As for `measure_motion`.
    exclusions
        Trials whose motion cannot be found are added to it, with the reason.
    seed
        Of the errors of the laboratory.
    """
    for trial in trials:
        try:
            yield measure_motion(trial, seed=seed)
        except (ValueError, KeyError) as reason:
            exclusions.append(Exclusion(trial_path(trial.attrs), " ".join(map(str, reason.args))))


def motion_from_markers(trial: xr.Dataset, model: BodyModel | None = None) -> tuple[xr.Dataset, BodyModel]:
    """Trial with the motion that its markers tell, cleaned before, at most at the rate of the models; and the body.

    Parameters
    ----------
    trial
        With ``marker_position``.
    model
        The person's body, with these markers; scaled to them by default.

    Raises
    ------
    ValueError
        As `gaitbook.mechanics.scaling.scale_body` and `gaitbook.mechanics.motion.solve_motion`.
    """
    steady = remove_jumps(trial)
    markers = low_pass(fill_gaps(steady["marker_position"]), MARKER_CUTOFF_HZ)
    smooth = steady.assign(marker_position=markers)
    body = model or scale_body(smooth)
    if rate_of(smooth) > SAMPLING_RATE_HZ:
        smooth = resample(smooth, SAMPLING_RATE_HZ)
    return solve_motion(smooth, body), body


def _without_missing_force(trial: xr.Dataset) -> xr.Dataset:
    """Trial whose force is NaN where it is missing, as if in contact: a foot in the air would be given zero."""
    held = [name for name in FORCES if name in trial]
    if MISSING not in trial or not held:
        return trial
    known = ~trial[MISSING].astype(bool)
    return trial.assign({name: trial[name].where(known, _UNKNOWN.get(name, np.nan)) for name in held})


def _missing_at(missing: xr.DataArray, time: xr.DataArray) -> xr.DataArray:
    """Whether force is missing at other times (time,): next to a frame of which it is not known, it is not known."""
    return missing.astype(float).interp(time=time.values, kwargs={"fill_value": 1.0}) > 0
