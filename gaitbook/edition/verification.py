"""Does the book still say what it said? Frozen tables against those of a fresh run.

``expected/<cohort>/<study>/`` holds one CSV per figure, ``values.csv`` with the numbers of the text, and
``tolerances.json``: ``{"default": {"rtol", "atol"}, "<figure>": {"<column>": {...}, "default": {...}}}``. Verification
really executes the studies; the cache would only prove that it was copied correctly.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gaitbook.edition.build import run_studies
from gaitbook.edition.comparison import DEFAULT_TOLERANCE, DRIFTED, NOT_RUN, Verdict, compare_tables
from gaitbook.edition.project import Project, find_project
from gaitbook.edition.subject import DEFAULT_COHORT, open_subject
from gaitbook.edition.verdict import write_verdict

TOLERANCES_FILE = "tolerances.json"
DIGITS = "%.6g"

logger = logging.getLogger(__name__)


def verify(
    cohort: str = DEFAULT_COHORT,
    *,
    figure: str | None = None,
    cached: bool = False,
    project: Project | None = None,
) -> list[Verdict]:
    """Verdict on every frozen figure of a cohort; unless only one was asked for, also as a page of its edition.

    Parameters
    ----------
    cohort
        Name of a cohort.
    figure
        Look at this figure only, and execute only the study that holds it.
    cached
        Accept executed notebooks from the cache where nothing changed.
    project
        The checkout; by default that of the current folder.

    Returns
    -------
    list of Verdict
        In the order of the book.

    Raises
    ------
    FileNotFoundError
        Nothing is frozen for this cohort.
    KeyError
        No frozen figure has this name; the message lists those that there are.
    """
    project = project or find_project()
    subject = open_subject(cohort)
    frozen = _frozen_tables(project.expected(subject.name), figure)
    studies = tuple(dict.fromkeys(path.parent.name for path in frozen))
    runnable = tuple(name for name in studies if name in {path.stem for path in project.notebooks})
    if runnable:
        run_studies(project, subject, overrides={}, fresh=not cached, only=runnable)
    verdicts = [_judge(path, project.results(subject.edition), runnable) for path in frozen]
    for name, path in (
        _unfrozen(project.expected(subject.name), project.results(subject.edition), runnable)
        if figure is None
        else ()
    ):
        logger.warning("%s: %s is not frozen; freeze it to have it checked", name, path)
    if figure is None:
        write_verdict(verdicts, subject, project.edition(subject.edition))
    return verdicts


def freeze(
    cohort: str = DEFAULT_COHORT, *, cached: bool = False, project: Project | None = None
) -> list[Path]:
    """Frozen tables and values of a fresh run, at six significant digits.

    Parameters
    ----------
    cohort
        Name of a cohort.
    cached
        Accept executed notebooks from the cache where nothing changed.
    project
        The checkout; by default that of the current folder.

    Returns
    -------
    list of Path
        Files written below ``expected/``. Tolerances that are there stay; where none are, the default is written.
    """
    project = project or find_project()
    subject = open_subject(cohort)
    written = []
    for execution in run_studies(project, subject, overrides={}, fresh=not cached):
        folder = project.expected(subject.name) / execution.name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.csv"):
            old.unlink()
        for source in sorted((project.results(subject.edition) / execution.name).glob("*.csv")):
            target = folder / source.name
            pd.read_csv(source).to_csv(target, index=False, float_format=DIGITS, lineterminator="\n")
            written.append(target)
        tolerances = folder / TOLERANCES_FILE
        if not tolerances.exists():
            tolerances.write_text(
                json.dumps({"default": DEFAULT_TOLERANCE}, indent=2) + "\n", encoding="utf-8"
            )
    return written


def has_drifted(verdicts: list[Verdict]) -> bool:
    """Some figure differs from its frozen form, or none could be compared at all."""
    return any(verdict.outcome == DRIFTED for verdict in verdicts) or all(
        verdict.outcome == NOT_RUN for verdict in verdicts
    )


def _frozen_tables(folder: Path, figure: str | None) -> list[Path]:
    paths = sorted(folder.glob("*/*.csv"))
    if not paths:
        raise FileNotFoundError(
            f"Nothing is frozen in {folder}: run `gaitbook freeze {folder.name}` on a run that you trust."
        )
    chosen = [path for path in paths if figure in (None, path.stem)]
    if not chosen:
        raise KeyError(
            f"No frozen figure is called {figure!r}; there are: {', '.join(path.stem for path in paths)}."
        )
    return chosen


def _judge(frozen: Path, results: Path, ran: tuple[str, ...]) -> Verdict:
    study, figure = frozen.parent.name, frozen.stem
    if study not in ran:
        return Verdict(study, figure, NOT_RUN, "the study is not in notebooks/ any more")
    found = results / study / frozen.name
    if not found.exists():
        return Verdict(study, figure, NOT_RUN, "the study does not draw it any more")
    tolerances = _read_tolerances(frozen.parent / TOLERANCES_FILE, figure)
    return compare_tables(pd.read_csv(frozen), pd.read_csv(found), tolerances, study=study, figure=figure)


def _read_tolerances(path: Path, figure: str) -> dict[str, Mapping[str, float]]:
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    of_figure = content.get(figure, {})
    return {**of_figure, "default": {**content.get("default", {}), **of_figure.get("default", {})}}


def _unfrozen(expected: Path, results: Path, studies: tuple[str, ...]) -> list[tuple[str, str]]:
    drawn = [path for study in studies for path in sorted((results / study).glob("*.csv"))]
    return [
        (path.parent.name, path.stem)
        for path in drawn
        if not (expected / path.parent.name / path.name).exists()
    ]
