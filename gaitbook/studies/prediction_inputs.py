"""Files and cohorts as what a motion model completes: measured motion, and beside it what was recorded, as it was.

What a user tells of the person counts for more than what a file says; what neither says is taken from the model of the
body, with a word of it. Measured force is left aside: a prediction comes from motion alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.heading import restore_heading
from gaitbook.mechanics.motion import solve_motion
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import PARTS
from gaitbook.studies.measured_motion import FORCES, MeasuredMotion, measure_motion
from gaitbook.studies.partial_motion import (
    at_model_rate,
    at_times,
    extending_knees_of,
    reverse_angles,
    with_heading,
    with_held_angles,
    without_parts,
    without_placeholders,
    without_unseen,
)
from gaitbook.studies.prediction_bodies import reverse_coordinates, with_mass
from gaitbook.studies.prediction_people import MARKERS, MOTION, Told, describe_trial, show_height
from gaitbook.studies.prediction_sources import Recording, list_recordings
from gaitbook.studies.progression import with_progression

Names = tuple[str, ...]


class PredictionInput(NamedTuple):
    """A trial to complete.

    Parameters
    ----------
    name
        Of the files that are made of it.
    motion
        What the model is given: NaN where nothing is known.
    recorded
        ``joint_angle`` (time, coordinate), rad, and ``pelvis_position`` (time, axis), m, at the recording's own time
        stamps and heading, NaN where they are to be completed.
    reversed_coordinates
        Knees whose sign was changed on the way in, to be changed back on the way out.
    """

    name: str
    motion: MeasuredMotion
    recorded: xr.Dataset
    reversed_coordinates: tuple[str, ...] = ()


def prediction_inputs(
    source: str | Path, told: Told | None = None, *, hidden: Names = (), exclusions: list[Exclusion]
) -> Iterator[PredictionInput]:
    """Trials of a file or a cohort, one by one.

    Parameters
    ----------
    source
        As for `gaitbook.studies.prediction_sources.list_recordings`.
    told
        What is known besides.
    hidden
        Coordinates to take as not recorded.
    exclusions
        Where trials that cannot be used are put, with the reason; the only trial of a source raises instead.

    Raises
    ------
    FileNotFoundError, ValueError, KeyError
        The source cannot be read, or its only trial cannot be used.
    """
    recordings = list_recordings(source)
    for recording in recordings:
        try:
            given = prepare_input(recording, told or Told(), hidden=hidden)
        except (ValueError, KeyError) as reason:
            if len(recordings) == 1:
                raise
            text = str(reason.args[0]) if reason.args else str(reason)
            exclusions.append(Exclusion(recording.name, text.replace(f"{recording.name}: ", "")))
            continue
        yield given


def prepare_input(recording: Recording, told: Told, *, hidden: Names = ()) -> PredictionInput:
    """Recording as something to complete.

    Raises
    ------
    ValueError
        Mass or height are not known, there is neither motion nor markers, or the time stamps are uneven; the message
        says what to do.
    """
    trial = recording.read()
    if "joint_moment" in trial:  # simulated, to be measured first; all of its person is known
        given = _give(recording.name, _measure(recording.name, trial, None), None, hidden)
        return given._replace(recorded=at_times(given.recorded, trial["time"].values))
    body = told.model or recording.body
    trial = describe_trial(recording.name, trial, told, body)
    turned = extending_knees_of(trial, body)
    if body is not None:
        body = reverse_coordinates(with_mass(body, float(trial.attrs["mass_kg"])), turned)
    prepare = _from_angles if "joint_angle" in trial else _from_markers
    given = prepare(recording.name, reverse_angles(trial, turned), body, hidden)
    return given._replace(reversed_coordinates=turned)


def _from_markers(name: str, trial: xr.Dataset, body: BodyModel | None, hidden: Names) -> PredictionInput:
    even = at_model_rate(name, trial)
    if body is not None:
        even = solve_motion(even, body).drop_vars(MARKERS, errors="ignore")
    try:
        motion = _measure(name, even, body)
    except ValueError as reason:
        if body is not None:
            raise
        raise ValueError(
            f"{reason}\n--height-m, or --model with a body that has these markers, may help."
        ) from reason
    given = _give(name, motion, None, hidden)
    return given._replace(recorded=at_times(given.recorded, trial["time"].values))


def _from_angles(name: str, trial: xr.Dataset, body: BodyModel | None, hidden: Names) -> PredictionInput:
    own = without_placeholders(trial, body)
    motion = _measure(name, at_model_rate(name, with_heading(own)), body)
    return _give(name, motion, restore_heading(own), hidden)


def _measure(name: str, trial: xr.Dataset, body: BodyModel | None) -> MeasuredMotion:
    motion = measure_motion(trial, model=body)
    attrs = motion.trial.attrs
    if attrs.get("height_m") is None:
        attrs = {**attrs, "height_m": show_height(name, motion.model)}
    return motion._replace(trial=motion.trial.drop_vars(FORCES, errors="ignore").assign_attrs(attrs))


def _give(name: str, motion: MeasuredMotion, recorded: xr.Dataset | None, hidden: Names) -> PredictionInput:
    """Both sides of an input, without what is hidden or was never seen."""
    moving = without_unseen(motion.trial)
    own = (restore_heading(moving) if recorded is None else recorded)[list(MOTION)]
    missing = [name for name in ANGLES if bool(own["joint_angle"].reindex(coordinate=[name]).isnull().all())]
    path = not bool(own["pelvis_position"].isnull().all()) and not set(PARTS["pelvis"]) <= set(hidden)
    seen = with_held_angles(without_parts(moving, [*hidden, *missing], path=path), motion.model)
    motion = with_progression(motion._replace(trial=seen))
    return PredictionInput(name, motion, without_parts(own, hidden, path=path))
