"""Recorded people of a cohort at several speeds, told by one of them: those who are new to a model, or its teachers."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.library import find_cohort
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.motion_training import role
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.stride_library import measured_stride

SAME_MPS: Final = 0.05
"""Speeds that differ by less are the same."""
NO_STRIDE: Final = "no whole stride"
NO_PAIR: Final = "no whole strides at the own speed and at another one of the same gait"

logger = logging.getLogger(__name__)


def recorded_at_speeds(
    cohort: str | Path,
    recordings: xr.DataTree,
    model: StrideModel,
    *,
    own_mps: float,
    learned: bool = False,
    **options: Any,  # noqa: ANN401
) -> list[KnownAnswer]:
    """Recorded people of a cohort at several speeds who are new to a stride model, or whom it learned from.

    Parameters
    ----------
    cohort
        Name or folder of the cohort.
    recordings
        The cohort as `gaitbook.open_cohort` gave it, perhaps a stand-in.
    model
        Its card names the cohorts that it learned from; of these only people kept for tests are new, of others all.
    own_mps
        Speed that people are told by.
    learned
        Take those from whom the model has learned, instead of those who are new to it.
    **options
        ``people``, ``exclusions`` and ``processes``, as for `recorded_answers`.

    Returns
    -------
    list of KnownAnswer
        Empty where the people of the cohort are simulated, or nobody of the kind asked for is in it.
    """
    known = recordings.attrs.get("name") in model.card.get("cohorts", ())
    if recordings.attrs.get("label") != "recorded" or (learned and not known):
        return []
    wanted = ("train" if learned else "test") if known else None
    return recorded_answers(find_cohort(cohort), wanted=wanted, own_mps=own_mps, **options)


def recorded_answers(
    path: str | Path,
    *,
    wanted: str | None = None,
    own_mps: float | None = None,
    people: int = 0,
    exclusions: list[Exclusion] | None = None,
    processes: int | None = None,
) -> list[KnownAnswer]:
    """Recorded people at several speeds: each speed an answer to the request for it, made at another of the same gait.

    Parameters
    ----------
    path
        Folder of a cohort.
    wanted
        Role of the people, as `gaitbook.studies.motion_training.role` tells it; by default everybody.
    own_mps
        Speed that they are told by, once each; by default every speed in turn.
    people
        At most so many, the first by name; zero takes all.
    exclusions
        Where trials without a whole stride, and people without two speeds, are put; by default they are logged.
    processes
        As for `gaitbook.studies.processes.run_jobs`.
    """
    places: dict[str, list[str]] = {}
    for place in list_trials(path):
        subject = place.split("/")[2]
        if wanted in (None, role(subject)):
            places.setdefault(subject, []).append(place)
    jobs = [(path, subject, places[subject], own_mps) for subject in sorted(places)[: people or None]]
    done = run_jobs(_measure_person, jobs, what="recorded people", processes=processes)
    left_out = [each for _, of_person in done for each in of_person]
    if exclusions is None:
        for each in left_out:
            logger.warning("Left out: %s", each)
    else:
        exclusions += left_out
    return [answer for answers, _ in done for answer in answers]


def _measure_person(
    path: str | Path, subject: str, places: Sequence[str], own_mps: float | None
) -> tuple[list[KnownAnswer], list[Exclusion]]:
    strides: list[tuple[xr.Dataset, BodyModel]] = []
    left_out = []
    for place in places:
        try:
            strides.append(measured_stride(read_trial(path, place)))
        except (ValueError, KeyError) as reason:
            left_out.append(Exclusion(place, NO_STRIDE, " ".join(map(str, reason.args))))
    found = []
    for own, body in strides:
        others = [each for each, _ in strides if each is not own and each.attrs["gait"] == own.attrs["gait"]]
        if others and (own_mps is None or np.isclose(_speed_mps(own), own_mps, rtol=0.0, atol=SAME_MPS)):
            answers = tuple((GaitChange(speed_mps=_speed_mps(each)), each) for each in others)
            found.append(KnownAnswer(own, body, own, answers))
    if not found:
        left_out.append(Exclusion(subject, NO_PAIR))
    return found if own_mps is None else found[:1], left_out


def _speed_mps(stride: xr.Dataset) -> float:
    return float(stride.attrs["speed_mps"])
