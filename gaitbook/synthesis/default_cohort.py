"""The default cohorts: people with known causes who walk, run and stand before a depth camera; nothing is measured.

Every person depends on the seed and their number only: whatever the order, the chunks and the number of processes, the
same trials come out. The tables ``people``, ``systems``, ``styles`` and ``phenotypes`` (with the true effects and the
graph of causes) are part of the cohort.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from joblib import Parallel, cpu_count, delayed  # type: ignore[import-untyped]
from tqdm.auto import tqdm

from gaitbook.cohort.checksums import SHEETS, find_damage, read_sheets
from gaitbook.cohort.store import append_trial
from gaitbook.cohort.tables import write_table
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.causes import Causes, draw_causes
from gaitbook.synthesis.cohort_plans import PLANS, CohortPlan
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.depth_tasks import LICENSE, observe_tasks
from gaitbook.synthesis.gait import record_gait, simulate_gait
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.solved_stride import solve_stride

__all__ = ["CITATION", "PLANS", "CohortPlan", "default_label", "fill_default", "room_of", "simulate_person"]

STREAM: Final = 31
SOURCE: Final = "simulated"
CITATION: Final = (
    "Simulated by gaitbook: people whose motion and force obey Newton and Euler, with known causes."
)
CHUNK: Final = 4
"""People that a process simulates in one go."""
MOST_PROCESSES: Final = 8
IDLE_S: Final = 10.0
"""How long a process waits for more to do before it ends."""
HALF: Final = 0.5
_OLDEST_RUNNER_YEARS: Final = 65.0
_HEAVIEST_RUNNER_KGM2: Final = 32.0


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
    for name, table in _tables(people, causes, seed).items():
        write_table(path, name, table)
    todo = [number for number, subject in enumerate(people.index) if not _is_done(path, str(subject), plan)]
    chunks = [todo[first : first + CHUNK] for first in range(0, len(todo), CHUNK)]
    jobs = [(path, plan, people.iloc[chunk], causes.styles.iloc[chunk], seed) for chunk in chunks]
    with tqdm(
        total=plan.people,
        initial=plan.people - len(todo),
        desc=f"simulating {path.name}",
        unit="person",
        disable=not progress,
    ) as bar:
        for done in _run(jobs, processes or min(cpu_count(), MOST_PROCESSES)):
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
    rng, room = _enter_room(int(person["number"]), seed)
    otherwise = bool(rng.random() < HALF)
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


def room_of(number: int, *, seed: int = 0) -> str:
    """Room, ``"A"`` or ``"B"``, in which a person of a default cohort is recorded, told without simulating anyone.

    Parameters
    ----------
    number
        Of the person, as `draw_people` gives it.
    seed
        Of the cohort.
    """
    return _enter_room(number, seed)[1]


def _enter_room(number: int, seed: int) -> tuple[np.random.Generator, str]:
    """What is random about a person's visit, after the room was drawn from it."""
    rng = np.random.default_rng([seed, number, STREAM])
    return rng, str(rng.choice(["A", "B"]))


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


def _tables(people: pd.DataFrame, causes: Causes, seed: int) -> dict[str, xr.Dataset]:
    return {
        "people": xr.Dataset.from_dataframe(people),
        "systems": _scores(causes.systems, "system"),
        "styles": _scores(causes.styles, "style"),
        "phenotypes": draw_phenotypes(people, causes, seed=seed),
    }


def _scores(table: pd.DataFrame, dim: str) -> xr.Dataset:
    labels = {"subject": [str(each) for each in table.index], dim: [str(each) for each in table]}
    return xr.Dataset({"score": xr.DataArray(table.to_numpy(), labels, ("subject", dim))})


def _is_done(path: Path, subject: str, plan: CohortPlan) -> bool:
    """Whether all trials of a person are there, with all their files."""
    names = [file.name.removesuffix(".json") for file in (path / SHEETS / SOURCE / subject).glob("*.json")]
    if len(names) != plan.trials:
        return False
    places = [f"/{SOURCE}/{subject}/{name}" for name in names]
    return not any(find_damage(path, read_sheets(path, place)[place]) for place in places)


def _run(jobs: list[tuple[Any, ...]], processes: int) -> Iterator[int]:
    """Numbers of people done, as they are done; processes do not import the script that asks for them."""
    if processes == 1 or len(jobs) <= 1:
        yield from map(_write_chunk, jobs)
        return
    run = Parallel(
        min(processes, len(jobs)),
        backend="loky",
        return_as="generator_unordered",
        batch_size=1,
        max_nbytes=None,
        idle_worker_timeout=IDLE_S,
    )
    yield from run(delayed(_write_chunk)(job) for job in jobs)


@one_thread()
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
