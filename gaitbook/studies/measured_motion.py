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
from gaitbook.synthesis.laboratory import record_in_laboratory
from gaitbook.synthesis.person_body import person_body

MARKER_CUTOFF_HZ: Final = 20.0
MOTION_CUTOFF_HZ: Final = 15.0
FORCES: Final = ("ground_reaction_force", "center_of_pressure", "free_moment", "in_contact")
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
        know that of simulated people.
    seed
        Of the errors of the laboratory.
    in_laboratory
        Whether to measure a simulated trial; by default one that knows its joint moments, as no recording does.

    Returns
    -------
    MeasuredMotion
        Motion and force are all that is left in the trial.

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
    if "joint_angle" not in trial:
        trial, model = _from_markers(trial, model)
    kept = [name for name in (*MOTION, *FORCES) if name in trial]
    moving = smooth_motion(align_heading(trial)[kept], MOTION_CUTOFF_HZ)
    if not np.isclose(rate_of(moving), SAMPLING_RATE_HZ, rtol=1e-3):
        moving = resample(moving, SAMPLING_RATE_HZ)
    return MeasuredMotion(moving, model or person_body(trial.attrs))


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


def _from_markers(trial: xr.Dataset, model: BodyModel | None) -> tuple[xr.Dataset, BodyModel]:
    steady = remove_jumps(trial)
    markers = low_pass(fill_gaps(steady["marker_position"]), MARKER_CUTOFF_HZ)
    smooth = steady.assign(marker_position=markers)
    body = model or scale_body(smooth)
    if rate_of(smooth) > SAMPLING_RATE_HZ:
        smooth = resample(smooth, SAMPLING_RATE_HZ)
    return solve_motion(smooth, body), body
