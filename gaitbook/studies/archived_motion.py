"""Trials of AddBiomechanics files as a motion model learns from them: measured, pruned, force known or not known.

As in GaitDynamics the motion is that of the first pass of AddBiomechanics' processing, the kinematics pass; force is
that of the pass or of the plates, and where these give none to the feet, that of the last pass. Force that
AddBiomechanics holds for missing is not known; it is not zero.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.readers.addbiomechanics import B3DError, B3DSubject, B3DTrial, read_b3d, read_b3d_trial
from gaitbook.studies.measured_motion import FORCES, MISSING, MeasuredMotion, measure_motion
from gaitbook.studies.partial_motion import placeholders, with_held_angles, without_parts
from gaitbook.studies.prediction_bodies import body_from_text, with_mass
from gaitbook.studies.pruning import prune

ARCHIVE: Final = ".b3d"
FIRST_PASS: Final = 0
NEEDED: Final = ("mass_kg", "height_m")
_SPLIT: Final = re.compile(r"_split\d+$", re.IGNORECASE)

logger = logging.getLogger(__name__)


def list_archives(source: Path) -> list[tuple[Path, str]]:
    """AddBiomechanics files of a source with the study that each is of.

    Parameters
    ----------
    source
        File ``.b3d``; or folder of such files at any depth, where each folder directly in it is a study.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder, or no such file in the folder.
    """
    if source.is_file():
        return [(source, source.stem)]
    files = sorted(each for each in source.rglob("*") if each.suffix.lower() == ARCHIVE)
    if not files:
        raise FileNotFoundError(f"There is no {ARCHIVE} file at {source}: check the path.")
    return [(each, "/".join((source.name, *each.relative_to(source).parts[:-1][:1]))) for each in files]


def person_of(name: str) -> str:
    """Whom a name stands for: AddBiomechanics splits long recordings of a person into files named ``..._split0``."""
    return _SPLIT.sub("", name)


def archived_motions(path: Path, exclusions: list[Exclusion]) -> Iterator[MeasuredMotion]:
    """What is left of the trials of an AddBiomechanics file when the rules of `gaitbook.studies.pruning` are applied.

    Parameters
    ----------
    path
        The file.
    exclusions
        The file, if it cannot be read, its trials that cannot be used, and what was pruned are added to it.

    Yields
    ------
    MeasuredMotion
        Each part that is left of a trial, in order; force is NaN in frames where it is missing.
    """
    try:
        subject = read_b3d(path)
    except (B3DError, OSError) as reason:
        exclusions.append(Exclusion(path.name, "the file cannot be read", str(reason)))
        return
    body = _body(subject)
    for number, each in enumerate(subject.trials):
        try:
            motion = _measure(_read(subject, each), subject, body)
        except (ValueError, KeyError) as reason:
            place = f"/addbiomechanics/{person_of(path.stem)}/{each.name or number}"
            exclusions.append(Exclusion(place, _reason(reason), str(reason)))
            continue
        pruned = prune(motion)
        exclusions += pruned.exclusions
        yield from pruned.kept


def _body(subject: B3DSubject) -> BodyModel | None:
    """Body of the first pass with the person's mass, if our models can move it."""
    if not subject.passes:
        return None
    try:
        body = body_from_text(subject.passes[FIRST_PASS].model_text)
    except ValueError as reason:
        logger.warning(
            "%s: a body of the person's height and mass is used, not the file's own: %s",
            subject.path.name,
            reason,
        )
        return None
    return body if subject.mass_kg is None else with_mass(body, subject.mass_kg)


def _read(subject: B3DSubject, trial: B3DTrial) -> xr.Dataset:
    """Trial after the first pass; where that gives no force to the feet, with the force of the last pass."""
    first = read_b3d_trial(subject, trial, FIRST_PASS)
    if "ground_reaction_force" in first or len(trial.passes) == 1:
        return first
    last = read_b3d_trial(subject, trial)
    return first.assign({name: last[name] for name in (*FORCES, MISSING) if name in last})


def _measure(trial: xr.Dataset, subject: B3DSubject, body: BodyModel | None) -> MeasuredMotion:
    absent = [name for name in NEEDED if trial.attrs.get(name) is None]
    if absent:
        raise _UnusableError(f"the file does not tell {' and '.join(absent)}")
    if "pelvis_position" not in trial:
        raise _UnusableError("there is no path of the pelvis")
    told = {"subject": person_of(str(trial.attrs["subject"])), "contact_bodies": list(subject.contact_bodies)}
    kept = ["joint_angle", "pelvis_position", *FORCES, MISSING]
    moving = trial[[name for name in kept if name in trial]].assign_attrs(told)
    moving = without_parts(moving, placeholders(moving, body))
    if body is not None:
        moving = with_held_angles(moving, body)
    return measure_motion(moving, model=body)


class _UnusableError(ValueError):
    """A trial that cannot be used, for a reason that others share."""


def _reason(error: Exception) -> str:
    if isinstance(error, _UnusableError):
        return str(error)
    if isinstance(error, B3DError):
        return "the trial cannot be read"
    return "its motion cannot be found"
