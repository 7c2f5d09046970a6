"""People whose answer to a request is known: simulated ones, asked and simulated anew; and recorded runners.

What a person is told by is the mean of a few strides that differ, as a laboratory would see them; what they answer
with is the stride that balances.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.motion_training import role
from gaitbook.studies.stride_library import (
    DOSE_RANGE,
    HEAVIEST_RUNNER_KGM2,
    OLDEST_RUNNER_YEARS,
    RUN_MPS,
    RUN_SHARE,
    WALK_MPS,
    measured_stride,
    simulated_stride,
)
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.cohort_plans import PLANS
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people

SLOWEST_MPS, FASTEST_MPS = 0.8, 1.8
"""Comfortable speeds that a person is asked to change their gait at."""

logger = logging.getLogger(__name__)


class KnownAnswer(NamedTuple):
    """A person's own stride as it was measured and as it is, their body, and what they answer to each request."""

    stride: xr.Dataset
    body: BodyModel
    true_own: xr.Dataset
    answers: tuple[tuple[GaitChange, xr.Dataset], ...]


def modifications() -> list[GaitChange]:
    """Requests that are asked of everybody: each alone at two or three doses, and two pairs."""
    radians = np.deg2rad
    single = [
        *({"trunk_lean_rad": float(radians(dose))} for dose in (5.0, 10.0, 15.0)),
        *({"toe_out_rad": float(radians(dose))} for dose in (-10.0, -5.0, 5.0, 10.0)),
        *({"step_width_m": dose} for dose in (-0.05, 0.05, 0.10)),
        *({"medial_thrust_rad": float(radians(dose))} for dose in (6.0, 12.0)),
        *({"stride_length": dose} for dose in (-0.10, 0.10)),
    ]
    pairs = [
        {"trunk_lean_rad": float(radians(8.0)), "step_width_m": 0.08},
        {"toe_out_rad": float(radians(-8.0)), "stride_length": -0.08},
    ]
    return [GaitChange(**doses) for doses in (*single, *pairs)]


def random_changes(rng: np.random.Generator, *, gait: str) -> list[GaitChange]:
    """One request of every kind at a random dose, two of several doses, and two of another speed.

    Parameters
    ----------
    rng
        Random numbers.
    gait
        ``"walk"`` or ``"run"``; runs are asked for smaller doses.
    """
    share = RUN_SHARE if gait == "run" else 1.0
    single = [
        {name: share * bound * float(0.15 + 0.85 * rng.random())}
        for name, bounds in DOSE_RANGE.items()
        for bound in bounds
        if bound
    ]
    pairs = [_draw_pair(single, rng) for _ in range(2)]
    speeds = rng.uniform(*(RUN_MPS if gait == "run" else WALK_MPS), 2)
    asked = [GaitChange(**doses) for doses in (*single, *pairs)]
    return [*asked, *(GaitChange(speed_mps=float(each)) for each in speeds)]


def simulated_answers(
    number: int,
    changes: Sequence[GaitChange],
    *,
    gait: str = "walk",
    speed_mps: float | None = None,
    population: str = "default-large",
    seed: int = 0,
) -> KnownAnswer:
    """A simulated person of a default cohort, asked.

    Parameters
    ----------
    number
        Of the person, from 0; those below 200 are the cohort ``default``, on whom nothing is trained.
    changes
        What is asked for.
    gait, speed_mps
        Of the person's own strides; by default the comfortable walk, kept within 0.8 to 1.8 m/s.
    population
        Which default cohort.
    seed
        Of the cohort.
    """
    people, styles = _population(population, seed)
    person = {str(name): value for name, value in people.iloc[number].items()}
    person["subject"] = str(people.index[number])
    own_mps = (
        float(np.clip(person["comfortable_speed_mps"], SLOWEST_MPS, FASTEST_MPS))
        if speed_mps is None
        else speed_mps
    )
    scores = {str(name): float(value) for name, value in styles.iloc[number].items()}

    def simulate(doses: Mapping[str, float], pace_mps: float, measured: bool) -> xr.Dataset:
        return simulated_stride(person, scores, (gait, pace_mps, doses, measured), seed=seed)

    answers = tuple(
        (change, simulate({k: v for k, v in change.doses.items() if v}, change.speed_mps or own_mps, False))
        for change in changes
    )
    stride = simulate({}, own_mps, True)
    return KnownAnswer(stride, person_body(stride.attrs), simulate({}, own_mps, False), answers)


def can_run(number: int, *, population: str = "default-large", seed: int = 0) -> bool:
    """Whether a simulated person is young and light enough to be asked to run."""
    people, _ = _population(population, seed)
    person = people.iloc[number]
    return bool(person["age_year"] < OLDEST_RUNNER_YEARS and person["bmi_kgm2"] < HEAVIEST_RUNNER_KGM2)


def recorded_answers(
    path: str | Path, *, wanted: str = "test", own_mps: float | None = None
) -> list[KnownAnswer]:
    """Recorded people at several speeds: each speed an answer to the request for it, made at another of the same gait.

    Trials without a whole stride are left out, with a warning.

    Parameters
    ----------
    path
        Folder of a cohort.
    wanted
        Role of the people, as `gaitbook.studies.motion_training.role` tells it.
    own_mps
        Speed that they are told by; by default every speed in turn.
    """
    strides: dict[str, list[tuple[xr.Dataset, BodyModel]]] = {}
    for place in list_trials(path):
        subject = place.split("/")[2]
        measured = _measured(path, place) if role(subject) == wanted else None
        if measured is not None:
            strides.setdefault(subject, []).append(measured)
    found = []
    for of_person in strides.values():
        for own, body in of_person:
            speed_mps = float(own.attrs["speed_mps"])
            if own_mps is not None and not np.isclose(speed_mps, own_mps, atol=0.05):
                continue
            others = [
                (GaitChange(speed_mps=float(s.attrs["speed_mps"])), s)
                for s, _ in of_person
                if s is not own and s.attrs["gait"] == own.attrs["gait"]
            ]
            if others:
                found.append(KnownAnswer(own, body, own, tuple(others)))
    return found


def _draw_pair(single: Sequence[Mapping[str, float]], rng: np.random.Generator) -> dict[str, float]:
    """Two of the requests, not of the same dose."""
    first, *others = (single[place] for place in rng.permutation(len(single)))
    return {**first, **next(each for each in others if each.keys() != first.keys())}


def _measured(path: str | Path, place: str) -> tuple[xr.Dataset, BodyModel] | None:
    try:
        return measured_stride(read_trial(path, place))
    except (ValueError, KeyError) as reason:
        logger.warning("%s is left out: %s", place, " ".join(map(str, reason.args)))
        return None


@cache
def _population(name: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = draw_people(PLANS[name].people, seed=seed)
    return people, draw_causes(people, seed=seed).styles
