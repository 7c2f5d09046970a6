"""Simulated cohorts on the disk: made once, continued after an interruption, made anew when the code has changed."""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tqdm.auto import tqdm

from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.filling import empty_cohort, is_cohort, is_filled, lock_cohort
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.sources import hash_code
from gaitbook.cohort.store import (
    NAME,
    append_trial,
    check_cohort,
    cohorts_folder,
    create_cohort,
    finish_cohort,
)
from gaitbook.readers.catalog import list_datasets
from gaitbook.synthesis.cohort_plans import PLANS, CohortPlan

CLOSED_FORM: Final = "closed-form"
LICENSE: Final = "CC0 (simulated)"
CLOSED_FORM_CITATION: Final = "simulated in closed form by gaitbook"
PEOPLE: Final = 200
SIMULATING_CODE: Final = ("synthesis", "mechanics")
"""Parts of the package that decide what a simulated trial looks like."""

logger = logging.getLogger(__name__)


def simulate_cohort(
    name: str,
    *,
    people: int | None = None,
    seed: int | None = None,
    processes: int | None = None,
    output: str | Path | None = None,
    progress: bool = True,
) -> Path:
    """Folder of a cohort of simulated people; what an interrupted simulation left there is continued.

    Parameters
    ----------
    name
        ``"default"``, ``"default-large"``, or a name of your own.
    people
        How many people, 200 by default; the default cohorts have theirs.
    seed
        Another seed, other people; 0 by default and for the default cohorts.
    processes
        How many to use, by default one for each core, at most eight. They do not change the cohort.
    output
        Folder that the cohort is put into, by default that of all cohorts.
    progress
        Whether to show a progress bar.

    Returns
    -------
    pathlib.Path
        The folder of the cohort, which `gaitbook.open_cohort` opens.

    Raises
    ------
    CohortError
        The cohort cannot be simulated under this name or with these numbers (all faults are named), or another
        process is at it.
    """
    plan = PLANS.get(name) or CohortPlan(PEOPLE if people is None else people)
    path = (cohorts_folder() if output is None else Path(output).expanduser()) / name
    found = [*_number_faults(name, people, seed, processes), *_name_faults(name)]
    if not found:
        found = list(_place_faults(path, name, plan, seed or 0))
    if found:
        raise CohortError(f"Cannot simulate the cohort {name}:\n- " + "\n- ".join(found))
    with lock_cohort(path):
        if not _is_whole(path, plan, seed or 0):
            fill_simulated(path, progress, name=name, plan=plan, seed=seed or 0, processes=processes)
    return path


def fill_simulated(
    path: Path, progress: bool, *, name: str, plan: CohortPlan, seed: int = 0, processes: int | None = None
) -> None:
    """Simulate what is missing of a cohort, all of it if it was made by another recipe; see `simulate_cohort`.

    Raises
    ------
    CohortError
        The folder holds something else.
    """
    from gaitbook.synthesis.default_cohort import default_label, fill_default

    recipe = simulation_recipe(plan, seed)
    attributes = read_root(path).attributes if is_cohort(path) else {}
    if "recipe" in attributes and attributes.get("label") == "synthetic" and attributes["recipe"] != recipe:
        logger.info("The code or the plan of the cohort %s has changed: it is simulated anew.", name)
        empty_cohort(path)
    about = {**default_label(), "people": str(plan.people), "seed": str(seed), "recipe": recipe}
    create_cohort(path, name=name, label="synthetic", **about)
    logger.info(
        "Simulating %d people (%d trials, about %.2g MB) into %s",
        plan.people,
        plan.people * plan.trials,
        plan.size_mb,
        path,
    )
    fill_default(path, plan, seed=seed, progress=progress, processes=processes)
    finish_cohort(path)


def fill_closed_form(
    path: Path, progress: bool, *, subjects: int, speeds_mps: Sequence[float], recipe: str
) -> None:
    """Simulate the people who run and walk by formula."""
    from gaitbook.synthesis.closed_form import simulate_cohort_trials

    about = {"license": LICENSE, "citation": CLOSED_FORM_CITATION, "recipe": recipe}
    create_cohort(path, name=CLOSED_FORM, label="synthetic", **about)
    trials = simulate_cohort_trials(subjects=subjects, speeds_mps=speeds_mps)
    show = partial(tqdm, desc=f"simulating {CLOSED_FORM}", unit="trial", disable=not progress)
    for trial in show(trials, total=subjects * len(speeds_mps)):
        append_trial(path, trial, replace=True)
    finish_cohort(path)


def simulation_recipe(plan: CohortPlan, seed: int = 0) -> str:
    """What a simulated cohort is made from: its plan, its seed, and the code."""
    return f"{plan} seed={seed} {hash_code(*SIMULATING_CODE)}"


def _is_whole(path: Path, plan: CohortPlan, seed: int) -> bool:
    if not is_filled(path, simulation_recipe(plan, seed)):
        return False
    try:
        return len(check_cohort(path)) == plan.people * plan.trials
    except CohortError:
        return False


def _number_faults(name: str, people: int | None, seed: int | None, processes: int | None) -> Iterator[str]:
    least = {"people": (people, 1), "seed": (seed, 0), "processes": (processes, 1)}
    for what, (number, low) in least.items():
        if number is not None and number < low:
            yield f"{what} is {number}, expected at least {low}"
    if name in PLANS and ((people or PLANS[name].people) != PLANS[name].people or seed):
        yield (
            f"{name} always has {PLANS[name].people} people and seed 0, so that everyone has the same: for other "
            "people give the cohort a name of your own"
        )


def _name_faults(name: str) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield (
            f"{name!r} cannot be the name of a folder; use letters, digits and . _ + - and begin with a letter or "
            "digit"
        )
    elif name in list_datasets():
        yield f"{name} is a public dataset of recordings: choose another name"
    elif name == CLOSED_FORM:
        yield f"{name} is made by formula: `gaitbook fetch {CLOSED_FORM}` makes it; choose another name"


def _place_faults(path: Path, name: str, plan: CohortPlan, seed: int) -> Iterator[str]:
    """What there already is at the place of a cohort, if it is anything else."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    attributes = read_root(path).attributes if is_cohort(path) else {}
    label, recipe = attributes.get("label"), attributes.get("recipe")
    if label is None:
        yield f"{path} is there and is no cohort: choose another name"
    elif label != "synthetic" or "seed" not in attributes:
        yield f"{path} holds a {label} cohort that is not simulated so: choose another name"
    elif name not in PLANS:
        there = f"{path} has {attributes.get('people')} people and seed {attributes['seed']}"
        if (attributes.get("people"), attributes["seed"]) != (str(plan.people), str(seed)):
            yield f"{there}, not {plan.people} and {seed}: choose another name, or delete it"
        elif recipe not in ("", simulation_recipe(plan, seed)):
            yield f"{there}, simulated by another version of gaitbook: choose another name, or delete it"
