"""Cohorts by name.

A name stands for a cohort in the folder of cohorts, for a public dataset (fetched and imported on first
use), for the simulated people ``default`` and ``default-large``, or for ``closed-form``, the people who run and walk
by formula and stand in where no recording is at hand.
"""

import difflib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from gaitbook.cohort.filling import is_cohort, is_filled, lock_cohort
from gaitbook.cohort.importing import import_sources
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.sources import READING_CODE, Source, hash_code
from gaitbook.cohort.store import check_cohort, cohort_hash, cohorts_folder, read_cohort
from gaitbook.readers.catalog import DatasetUnavailable, dataset_hash, fetch_dataset, list_datasets
from gaitbook.readers.rbds import RunningFiles, list_rbds, read_running_trial
from gaitbook.synthesis.cohort_plans import PLANS
from gaitbook.synthesis.simulated_cohorts import (
    CLOSED_FORM,
    LICENSE,
    fill_closed_form,
    fill_simulated,
    simulation_recipe,
)

CLOSED_FORM_SUBJECTS = 12
CLOSED_FORM_SPEEDS_MPS = (2.5, 3.5, 4.5)

logger = logging.getLogger(__name__)


class UnknownCohortError(KeyError):
    """No cohort, public dataset or folder has this name; the message lists those that there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class KnownCohort:
    """A cohort that can be opened by name.

    Attributes
    ----------
    kind
        ``"stored"``, ``"public"``, ``"simulated"`` or ``"closed-form"``.
    fill
        Fills the folder given, from the public files or by formula; ``None`` for those of the user.
    recipe
        Hash of what its trials are made from; a cohort filled by another recipe is filled again.
    size_mb
        What it takes on the disk, about, if that is worth telling beforehand.
    """

    kind: str
    fill: Callable[[Path, bool], None] | None = None
    recipe: str = ""
    size_mb: float = 0.0


def open_cohort(
    name_or_path: str | Path, *, fallback: str | None = None, progress: bool = True
) -> xr.DataTree:
    """Cohort as a lazily opened tree of trials at ``/source/subject/trial``.

    Parameters
    ----------
    name_or_path
        Folder of a cohort, name of a cohort in the folder of cohorts, name of a public dataset (fetched and
        imported on first use), or ``"default"``, ``"default-large"`` or ``"closed-form"`` (simulated on first use).
    fallback
        Cohort to open instead where a public dataset is neither cached nor reachable; the root then says so
        in its attribute ``fallback_for``.
    progress
        Whether to show progress bars.

    Returns
    -------
    xarray.DataTree
        Its root has the attributes ``name``, ``label`` (``"recorded"`` or ``"synthetic"``), ``license``,
        ``citation`` and ``hash`` (SHA-256 of the content).

    Raises
    ------
    UnknownCohortError
        Nothing has this name.
    CohortError
        The cohort is damaged.
    DatasetUnavailable
        The public dataset is neither cached nor reachable, and there is no fallback.
    """
    try:
        return read_cohort(find_cohort(name_or_path, progress=progress))
    except DatasetUnavailable as error:
        if fallback is None:
            raise
        sentence = (
            f"The public dataset {name_or_path} is neither cached nor reachable; {fallback} stands in for it, "
            "so that all numbers and figures below are those of the stand-in."
        )
        logger.warning("%s (%s)", sentence, error)
    tree = open_cohort(fallback, progress=progress)
    tree.attrs = {**tree.attrs, "fallback_for": sentence}
    return tree


def find_cohort(name_or_path: str | Path, *, progress: bool = True) -> Path:
    """Folder of a cohort, which is fetched and imported, or simulated, if need be.

    Raises
    ------
    UnknownCohortError, DatasetUnavailable
        As `open_cohort`.
    CohortError
        Another process fills the cohort and does not come to an end.
    """
    path = locate_cohort(name_or_path)
    cohort = known_cohorts().get(str(name_or_path))
    if cohort is not None and cohort.fill is not None and not is_filled(path, cohort.recipe):
        with lock_cohort(path):
            if not is_filled(path, cohort.recipe):
                cohort.fill(path, progress)
    return path


def locate_cohort(name_or_path: str | Path) -> Path:
    """Folder where a cohort is, or would be once it is fetched or simulated.

    Raises
    ------
    UnknownCohortError
        Nothing has this name.
    """
    known = known_cohorts()
    if str(name_or_path) in known:
        return cohorts_folder() / str(name_or_path)
    path = Path(name_or_path).expanduser()
    if not path.is_dir():
        raise UnknownCohortError(_unknown_message(str(name_or_path), list(known)))
    return path


def known_cohorts() -> dict[str, KnownCohort]:
    """Cohorts that can be opened by name: those of the user, the public datasets, and the simulated ones."""
    folder = cohorts_folder()
    stored = sorted(path.name for path in folder.iterdir() if is_cohort(path)) if folder.is_dir() else []
    reading = hash_code(*READING_CODE)
    public = {
        name: KnownCohort("public", partial(_import_dataset, name), f"{dataset_hash(name)} {reading}")
        for name in list_datasets()
    }
    simulated = {
        name: KnownCohort(
            "simulated", partial(fill_simulated, name=name, plan=plan), simulation_recipe(plan), plan.size_mb
        )
        for name, plan in PLANS.items()
    }
    return {
        **{name: KnownCohort("stored") for name in stored},
        **public,
        **simulated,
        CLOSED_FORM: _closed_form(),
    }


def list_cohorts() -> pd.DataFrame:
    """Cohorts that can be opened by name.

    Returns
    -------
    pandas.DataFrame
        Columns ``name``, ``kind`` (stored, public, simulated or closed-form), ``state`` (ready, unfinished, damaged, or
        what the first use does), ``subjects``, ``trials``, ``label``, ``license`` and ``hash`` (first twelve
        characters).

    Examples
    --------
    >>> "closed-form" in set(list_cohorts()["name"])
    True
    """
    columns = ["name", "kind", "state", "subjects", "trials", "label", "license", "hash"]
    rows = [_describe(name, known) for name, known in known_cohorts().items()]
    return pd.DataFrame(rows, columns=columns).astype({"subjects": "Int64", "trials": "Int64"})


def describe_cohort(path: Path, kind: str) -> dict[str, object]:
    """Row of `list_cohorts` for a cohort that is there."""
    attributes = read_root(path).attributes
    row = {
        "name": path.name,
        "kind": kind,
        "label": attributes.get("label"),
        "license": attributes.get("license"),
    }
    try:
        trials = check_cohort(path)["trial"]
    except ValueError:
        return {**row, "state": "damaged"}
    return {
        **row,
        "state": "ready" if attributes.get("finished") else "unfinished",
        "subjects": trials.str.rpartition("/")[0].nunique(),
        "trials": len(trials),
        "hash": cohort_hash(path)[:12],
    }


def _describe(name: str, known: KnownCohort) -> dict[str, object]:
    path = cohorts_folder() / name
    if is_cohort(path):
        return describe_cohort(path, known.kind)
    row: dict[str, object] = {"name": name, "kind": known.kind}
    public = list_datasets().get(name)
    if public:
        state = f"fetched on first use ({public.size_mb:g} MB)"
        return {**row, "state": state, "label": "recorded", "license": public.license}
    size = f" (about {float(f'{known.size_mb:.2g}'):g} MB)" if known.size_mb else ""
    return {**row, "state": f"simulated on first use{size}", "label": "synthetic", "license": LICENSE}


def _closed_form() -> KnownCohort:
    subjects, speeds_mps = CLOSED_FORM_SUBJECTS, CLOSED_FORM_SPEEDS_MPS
    recipe = f"{subjects} {speeds_mps} {hash_code('synthesis')}"
    fill = partial(fill_closed_form, subjects=subjects, speeds_mps=speeds_mps, recipe=recipe)
    return KnownCohort(CLOSED_FORM, fill, recipe)


def _import_dataset(name: str, path: Path, progress: bool) -> None:
    dataset = list_datasets()[name]
    folder = fetch_dataset(name, progress=progress)
    runs = [run for run in list_rbds(folder) if run.path.relative_to(folder).as_posix() in dataset.registry]
    sources = [_run_source(run) for run in runs]
    report = import_sources(
        path,
        sources,
        {
            "name": name,
            "license": dataset.license,
            "citation": dataset.citation,
            "recipe": known_cohorts()[name].recipe,
        },
        progress=progress,
    )
    for exclusion in report.exclusions:
        logger.warning("%s: left out: %s", name, exclusion)


def _run_source(run: RunningFiles) -> Source:
    files = (run.path, run.static_path) if run.static_path else (run.path,)
    return Source(
        {**run.attributes, "source_file": run.path.name}, files, lambda: read_running_trial(run).recording
    )


def _unknown_message(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return (
        f"There is no cohort, public dataset or folder {name!r}.{hint} Known are: {', '.join(sorted(known))}. "
        "Bring your own with `gaitbook import FOLDER --name NAME`, or simulate one with `gaitbook simulate NAME`."
    )
