"""Study: how well can force and motion be known when markers are hidden?

Markers of trials that were wholly seen are hidden; inverse kinematics tells, frame by frame, which coordinates the
markers that are left still inform; the others are taken as not known, and a model completes them. Beside it stands
what laboratories do: markers bridged by straight lines, then inverse kinematics as if all had been seen. Force is held
against the plates, angles against inverse kinematics with all markers.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.heading import align_heading
from gaitbook.representation.channels import THREE_AXES
from gaitbook.representation.states import LEG, OBSERVED, known_motion
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.hidden_parts import DEGREES_PER_RAD, Contestant
from gaitbook.studies.marker_occlusion import OCCLUSIONS, Occlusion, bridge_markers, hide_markers
from gaitbook.studies.measured_motion import MeasuredMotion, motion_from_markers, smooth_at_model_rate
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.trial_facts import gait_of
from gaitbook.studies.uncertainty import summarize
from gaitbook.synthesis.laboratory import record_in_laboratory

LARGEST_DEVIATION_RAD: Final = 0.1
"""A coordinate of leg, pelvis or trunk is not known in a frame if the markers leave it uncertain by more than this
(standard deviation, for markers in error by 10 mm). All markers of a gait laboratory leave 1.5 to 4 degrees; those that
are left when a segment is hidden leave 6 degrees and more to a pelvis, hip or ankle that inverse kinematics then gets
wrong by as much, which a model that knows how people move does better."""
BODY: Final = (*LEG, *THREE_AXES["lumbar"])
"""Coordinates whose errors are told; the arms are not on the way from the ground to the trunk."""
ALL_MARKERS: Final = "all markers"
COMPLETED: Final = "completed"
INTERPOLATED: Final = "interpolated"


def judge_hidden_markers(
    trials: Iterable[xr.Dataset],
    contestants: Sequence[Contestant],
    *,
    occlusions: Sequence[Occlusion] = OCCLUSIONS,
    seed: int = 0,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors of force and angles of every contestant on every trial with markers hidden in every way.

    Parameters
    ----------
    trials
        With markers and force, of people whom no contestant was trained on; simulated ones are recorded in the
        laboratory first. The body is scaled with all markers, as it is before a trial starts.
    contestants
        Models.
    occlusions
        How markers are hidden.
    seed
        Of what is hidden, and of the errors of the laboratory.
    processes
        How many to use; by default one for each core, at most eight.
    progress
        Show a progress bar.

    Returns
    -------
    pandas.DataFrame
        Columns model, method, pattern, share, source, subject, trial, gait, axis, measure, value, unit. Methods:
        ``"all markers"`` (pattern ``"nothing"``), ``"completed"`` and ``"interpolated"``. Measures as in
        `judge_completion`; ``angle`` (mean absolute error of the angles that are not known with the markers left,
        degrees; both methods are judged on the same frames), ``angle_all`` (of all angles of legs, pelvis and trunk),
        and ``unknown`` (how many of them are not known, %).
    """
    jobs = [(trial, tuple(contestants), tuple(occlusions), seed) for trial in trials]
    parts = run_jobs(_judge_trial, jobs, what="hiding markers", processes=processes, progress=progress)
    return pd.concat([table for part in parts for table in part], ignore_index=True)


def occlusion_summary(judged: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Mean over people of every model, method, pattern, share, gait, axis and measure, with its interval over people.

    Parameters
    ----------
    judged
        As given by `judge_hidden_markers`.
    level
        Of the interval.
    """
    by = ["model", "method", "pattern", "share", "source", "gait", "axis", "measure", "unit"]
    people = judged.groupby([*by, "subject"], sort=False)["value"].mean().reset_index()
    parts = [
        summarize(part, by[:-1], unit=str(unit), level=level)
        for unit, part in people.groupby("unit", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def observed_motion(trial: xr.Dataset, model: BodyModel) -> MeasuredMotion:
    """Motion of a trial as far as its markers tell, frame by frame: NaN where they do not.

    Parameters
    ----------
    trial
        With ``marker_position``, NaN where hidden, heading along +x.
    model
        The person's body with these markers.

    Returns
    -------
    MeasuredMotion
        Gaps of up to 0.1 s of a marker are bridged, as ever. The path of the pelvis is known where any angle of the
        pelvis is. Where an angle is not known nothing of it reaches its neighbors: it is taken away before the
        low-pass.
    """
    solved, _ = motion_from_markers(trial, model)
    known = informed_coordinates(solved)
    attitude = known.sel(coordinate=list(THREE_AXES["pelvis"])).any("coordinate")
    parts = {
        "joint_angle": solved["joint_angle"].where(known),
        "pelvis_position": solved["pelvis_position"].where(attitude),
    }
    return smooth_at_model_rate(solved.drop_vars("joint_angle_observability").assign(parts), model)


def interpolated_motion(trial: xr.Dataset, model: BodyModel) -> MeasuredMotion:
    """Motion of a trial whose hidden markers were bridged by straight lines; parameters as `observed_motion`."""
    solved, _ = motion_from_markers(bridge_markers(trial), model)
    return smooth_at_model_rate(solved, model)


def informed_coordinates(solved: xr.Dataset) -> xr.DataArray:
    """Whether the markers inform a coordinate in a frame: (time, coordinate), boolean.

    Parameters
    ----------
    solved
        As given by `gaitbook.mechanics.motion.solve_motion`: its ``joint_angle_observability`` must be at least 0.2
        and, for legs, pelvis and trunk, its ``joint_angle_deviation`` at most 0.1 rad.
    """
    informed = solved["joint_angle_observability"] >= OBSERVED
    certain = solved["joint_angle_deviation"] <= LARGEST_DEVIATION_RAD
    return informed & (certain | ~solved["coordinate"].isin(list(BODY)))


def _judge_trial(
    trial: xr.Dataset, contestants: Sequence[Contestant], occlusions: Sequence[Occlusion], seed: int
) -> list[pd.DataFrame]:
    """Tables of a trial with all markers, and with markers hidden in every way."""
    recorded = align_heading(_recorded(trial, seed))
    solved, body = motion_from_markers(recorded)
    whole = smooth_at_model_rate(solved, body)
    labels: dict[str, Any] = {"method": ALL_MARKERS, "pattern": "nothing", "share": 0.0}
    tables = [_judge(one, whole, whole).assign(**labels) for one in contestants]
    for number, occlusion in enumerate(occlusions):
        hidden = hide_markers(recorded, occlusion, rng=_random(recorded, seed, number))
        tables += [
            table.assign(pattern=occlusion.pattern, share=occlusion.share)
            for table in _judge_hidden(hidden, whole, contestants)
        ]
    return tables


def _recorded(trial: xr.Dataset, seed: int) -> xr.Dataset:
    return record_in_laboratory(trial, angles=False, seed=seed) if "joint_moment" in trial else trial


def _random(trial: xr.Dataset, seed: int, number: int) -> np.random.Generator:
    """Random numbers of an occlusion of a trial, the same whatever else is judged."""
    name = "/".join(str(trial.attrs[part]) for part in ("subject", "trial"))
    return np.random.default_rng([seed, number, zlib.crc32(name.encode())])


def _judge_hidden(
    hidden: xr.Dataset, whole: MeasuredMotion, contestants: Sequence[Contestant]
) -> list[pd.DataFrame]:
    seen = observed_motion(hidden, whole.model)
    bridged = interpolated_motion(hidden, whole.model)
    lost = seen.trial["joint_angle"].isnull().sel(coordinate=list(BODY))
    return [
        _judge(one, motion, whole, lost).assign(method=method)
        for one in contestants
        for method, motion in ((COMPLETED, seen), (INTERPOLATED, bridged))
    ]


def _judge(
    one: Contestant, motion: MeasuredMotion, whole: MeasuredMotion, lost: xr.DataArray | None = None
) -> pd.DataFrame:
    """Errors of a contestant that is given a motion, of which some may be lost, where the whole one is right."""
    completed = one.complete(motion)
    table = judge_completion(completed, whole.trial)
    facts = {name: str(whole.trial.attrs[name]) for name in ("source", "subject", "trial")}
    more = [] if lost is None else _angle_rows(completed, whole.trial, lost)
    table = pd.concat([table, pd.DataFrame(more)], ignore_index=True)
    return table.assign(model=one.name, **facts, gait=gait_of(whole.trial))


def _angle_rows(completed: xr.Dataset, right: xr.Dataset, lost: xr.DataArray) -> list[dict[str, Any]]:
    known = known_motion(right)["joint_angle"].notnull().sel(coordinate=list(BODY))
    away = DEGREES_PER_RAD * abs(completed["joint_angle"].mean("draw") - right["joint_angle"])
    found = {
        "angle": (float(away.where(known & lost).mean()), "degrees"),
        "angle_all": (float(away.where(known).mean()), "degrees"),
        "unknown": (100.0 * float((known & lost).sum()) / float(known.sum()), "%"),
    }
    return [
        {"axis": "", "measure": name, "value": value, "unit": unit}
        for name, (value, unit) in found.items()
        if np.isfinite(value)
    ]
