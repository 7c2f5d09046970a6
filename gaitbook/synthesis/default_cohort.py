"""The default cohorts: people with known causes who walk, run and stand before a depth camera; nothing is measured.

Every person depends on the seed and their number only: whatever the order, the chunks and the number of processes, the
same trials come out. The tables ``people``, ``systems``, ``styles`` and ``phenotypes`` (with the true effects and the
graph of causes) are part of the cohort.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.cohort.store import append_trial, has_trial
from gaitbook.cohort.tables import write_table
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.depth_tasks import LICENSE, TASKS, observe_tasks
from gaitbook.synthesis.gait import record_gait, simulate_gait
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.solved_stride import solve_stride

STREAM: Final = 31
CITATION: Final = (
    "Simulated by gaitbook: people whose motion and force obey Newton and Euler, with known causes."
)
CHUNK: Final = 8
HALF: Final = 0.5
_OLDEST_RUNNER_YEARS: Final = 65.0
_HEAVIEST_RUNNER_KGM2: Final = 32.0


@dataclass(frozen=True)
class CohortPlan:
    """What a default cohort consists of.

    Parameters
    ----------
    people
        Number of people.
    lab_s, lab_hz
        Length and rate of the trials with force.
    task_s
        Length of the tasks before the depth camera.
    both_lab_trials
        Whether everyone walks as they like *and* does something else; otherwise it is one of the two.
    """

    people: int
    lab_s: float = 4.0
    lab_hz: float = 100.0
    task_s: float = 8.0
    both_lab_trials: bool = True


PLANS: Final[Mapping[str, CohortPlan]] = {
    "default": CohortPlan(200),
    "default-large": CohortPlan(3414, both_lab_trials=False),
}


def fill_default(
    path: Path, plan: CohortPlan, *, seed: int = 0, progress: bool = True, processes: int | None = None
) -> None:
    """Write tables and trials of a default cohort into a cohort made by `create_cohort`; what is there stays.

    Parameters
    ----------
    path
        Folder of the cohort.
    plan
        What it consists of.
    seed
        The same seed gives the same cohort, whatever the number of processes.
    progress
        Show a progress bar.
    processes
        How many to use; by default one per core, at most eight.
    """
    people = draw_people(plan.people, seed=seed)
    causes = draw_causes(people, seed=seed)
    for name, table in _tables(people, seed).items():
        write_table(path, name, table)
    todo = [chunk for chunk in _chunks(plan.people) if not _is_done(path, people, chunk)]
    count = processes or min(os.cpu_count() or 1, 8)
    bar = tqdm(total=plan.people, desc=f"simulating {path.name}", unit="person", disable=not progress)
    bar.update(plan.people - sum(len(chunk) for chunk in todo))
    jobs = ((path, plan, people.iloc[list(chunk)], causes.styles.iloc[list(chunk)], seed) for chunk in todo)
    with bar:
        for done in _run(list(jobs), count):
            bar.update(done)


def simulate_person(
    person: Mapping[str, Any], styles: Mapping[str, float], plan: CohortPlan, *, seed: int = 0
) -> Iterator[xr.Dataset]:
    """All trials of one person of a default cohort.

    Parameters
    ----------
    person
        Row of `draw_people`, with ``subject``.
    styles
        Scores by style.
    plan
        What the cohort consists of.
    seed
        Of the cohort.
    """
    rng = np.random.default_rng([seed, int(person["number"]), STREAM])
    room, otherwise = str(rng.choice(["A", "B"])), bool(rng.random() < HALF)
    speed_mps, gait, condition = _something_else(person, rng)
    stride = solve_stride(
        person,
        speed_mps=float(person["comfortable_speed_mps"]),
        gait="walk",
        condition=Condition(),
        styles=styles,
        seed=seed,
    )
    if plan.both_lab_trials or not otherwise:
        own = record_gait(stride, person, duration_s=plan.lab_s, sampling_rate_hz=plan.lab_hz, seed=seed)
        yield own.assign_attrs(trial="walk-comfortable", log=["simulated: walk at comfortable speed"])
    if plan.both_lab_trials or otherwise:
        yield simulate_gait(
            person,
            speed_mps=speed_mps,
            gait=gait,
            condition=condition,
            styles=styles,
            duration_s=plan.lab_s,
            sampling_rate_hz=plan.lab_hz,
            seed=seed,
            trial=f"{gait}-other",
        )
    yield from observe_tasks(stride, person, styles=styles, duration_s=plan.task_s, room=room, seed=seed)


def _something_else(person: Mapping[str, Any], rng: np.random.Generator) -> tuple[float, str, Condition]:
    """A run, or a walk at any speed, half of them with a modification."""
    chance, pace, which, dose = rng.random(4)
    fit = person["age_year"] < _OLDEST_RUNNER_YEARS and person["bmi_kgm2"] < _HEAVIEST_RUNNER_KGM2
    if fit and chance < HALF:
        return round(2.0 + 4.0 * float(pace) ** 1.5, 2), "run", Condition()
    speed_mps = round(0.6 + 1.4 * float(pace), 2)
    doses = (
        {"trunk_lean_rad": 0.26 * dose},
        {"toe_out_rad": 0.35 * (dose - HALF)},
        {"step_width_m": 0.15 * dose - 0.04},
        {"medial_thrust_rad": 0.20 * dose},
        {"stride_length": 0.30 * (dose - HALF)},
    )
    half = 2.0 * float(which)
    return speed_mps, "walk", Condition(**doses[int(5 * half)]) if half < 1.0 else Condition()


def _tables(people: pd.DataFrame, seed: int) -> dict[str, xr.Dataset]:
    causes = draw_causes(people, seed=seed)
    return {
        "people": xr.Dataset.from_dataframe(people),
        "systems": _scores(causes.systems, "system"),
        "styles": _scores(causes.styles, "style"),
        "phenotypes": draw_phenotypes(people, causes, seed=seed),
    }


def _scores(table: pd.DataFrame, dim: str) -> xr.Dataset:
    labels = {"subject": [str(each) for each in table.index], dim: [str(each) for each in table]}
    return xr.Dataset({"score": xr.DataArray(table.to_numpy(), labels, ("subject", dim))})


def _chunks(count: int) -> list[range]:
    return [range(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)]


def _is_done(path: Path, people: pd.DataFrame, chunk: range) -> bool:
    # the tasks of a person are written last, one after the other
    return all(has_trial(path, f"/simulated/{people.index[number]}/{TASKS[-1]}") for number in chunk)


def _run(jobs: list[tuple[Any, ...]], processes: int) -> Iterator[int]:
    if processes == 1 or len(jobs) <= 1:
        yield from map(_write_chunk, jobs)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_write_chunk, jobs)


def _write_chunk(job: tuple[Path, CohortPlan, pd.DataFrame, pd.DataFrame, int]) -> int:
    path, plan, people, styles, seed = job
    scores = styles.to_dict("index")
    for subject, row in people.to_dict("index").items():
        person = {str(name): value for name, value in row.items()} | {"subject": str(subject)}
        own = {str(name): float(score) for name, score in scores[subject].items()}
        for trial in simulate_person(person, own, plan, seed=seed):
            append_trial(path, trial, replace=True)
    return len(people)


def default_label() -> dict[str, str]:
    """License and citation of the default cohorts."""
    return {"license": LICENSE, "citation": CITATION}
