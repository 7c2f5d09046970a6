"""Simulated people whose answer to a request is known: they are asked, and simulated anew.

What a person is told by is the mean of a few strides that differ, as a laboratory would see them; what they answer
with is the stride that balances.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.stride_library import (
    DOSE_RANGE,
    HEAVIEST_RUNNER_KGM2,
    OLDEST_RUNNER_YEARS,
    RUN_MPS,
    RUN_SHARE,
    WALK_MPS,
    simulated_stride,
)
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.cohort_plans import PLANS
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people

SLOWEST_MPS, FASTEST_MPS = 0.8, 1.8
"""Comfortable speeds that a person is asked to change their gait at."""


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


def _draw_pair(single: Sequence[Mapping[str, float]], rng: np.random.Generator) -> dict[str, float]:
    """Two of the requests, not of the same dose."""
    first, *others = (single[place] for place in rng.permutation(len(single)))
    return {**first, **next(each for each in others if each.keys() != first.keys())}


@cache
def _population(name: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = draw_people(PLANS[name].people, seed=seed)
    return people, draw_causes(people, seed=seed).styles
