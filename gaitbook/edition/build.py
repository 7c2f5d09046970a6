"""Building the edition of a cohort: execute, stage, write pages, pack.

One cohort is one edition of the whole book, in a folder of its own. A second build redoes what changed: studies whose
content key differs, pages whose sources differ.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaitbook.edition.archive import write_archive
from gaitbook.edition.parameters import check_overrides, edition_parameters
from gaitbook.edition.project import Project, find_project
from gaitbook.edition.records import write_results
from gaitbook.edition.runner import Execution, run_study
from gaitbook.edition.staging import stage
from gaitbook.edition.subject import DEFAULT_COHORT, Subject, open_subject

COMPLETE_MARK = ".pages-complete"
QUICK_SUFFIX = "-quick"
COLOR_CODE = re.compile(r"\x1b\[[0-9;]*m")
RUN_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"

logger = logging.getLogger(__name__)


class BookError(RuntimeError):
    """The pages could not be built."""


@dataclass(frozen=True)
class Edition:
    """A built edition.

    Attributes
    ----------
    index
        Page to open.
    archive
        The same as one file.
    results
        Folder with the tables and values of the studies.
    executions
        The studies, executed now or taken from the cache.
    """

    index: Path
    archive: Path
    results: Path
    executions: tuple[Execution, ...]


def build_edition(
    cohort: str = DEFAULT_COHORT,
    *,
    overrides: Mapping[str, Any] | None = None,
    quick: bool = False,
    project: Project | None = None,
) -> Edition:
    """Built edition of the book for one cohort.

    Parameters
    ----------
    cohort
        Name of a cohort.
    overrides
        Parameters that go before those of the edition, for every study that takes them.
    quick
        Use the small parameters of ``book/editions/quick.yml``; the edition gets a folder of its own.
    project
        The checkout; by default that of the current folder.

    Raises
    ------
    ValueError
        A parameter is unknown.
    gaitbook.edition.execution.StudyError
        A cell failed.
    BookError
        The pages have errors or warnings.
    """
    project = project or find_project()
    subject = open_subject(cohort)
    name = subject.edition + QUICK_SUFFIX * quick
    executions = run_studies(project, subject, overrides=overrides or {}, quick=quick, name=name)
    folder = project.edition(name)
    notebooks = {execution.name: execution.notebook for execution in executions}
    stage(project, folder, notebooks=notebooks, banner=subject.banner, pages=_generated_pages(folder))
    pages = build_pages(folder)
    archive = write_archive(pages, folder / f"gaitbook-{name}.zip")
    return Edition(pages / "index.html", archive, project.results(name), executions)


def run_studies(
    project: Project,
    subject: Subject,
    *,
    overrides: Mapping[str, Any],
    quick: bool = False,
    fresh: bool = False,
    only: tuple[str, ...] = (),
    name: str = "",
) -> tuple[Execution, ...]:
    """Executed studies of an edition, their results written to its folder.

    Parameters
    ----------
    project
        The checkout.
    subject
        The cohort.
    overrides
        Parameters for every study that takes them.
    quick
        Use the small parameters.
    fresh
        Execute even what the cache holds.
    only
        Names of the studies to run; all by default.
    name
        Name of the edition, if it is not that of the cohort.

    Raises
    ------
    FileNotFoundError
        There are no studies.
    ValueError
        A parameter is unknown, or names another cohort.
    """
    studies = tuple(project.notebook(one) for one in only) or project.notebooks
    if not studies:
        raise FileNotFoundError(f"There are no studies in {project.root / 'notebooks'}.")
    check_overrides(project, studies, overrides)
    if overrides.get("cohort", subject.requested) != subject.requested:
        raise ValueError(
            f"The edition is that of {subject.requested!r}: give another cohort as the argument, not with -p."
        )
    plan = {
        study: edition_parameters(project, subject.name, study, overrides=overrides, quick=quick)
        | {"cohort": subject.requested}
        for study in studies
    }
    executions = []
    for number, (study, parameters) in enumerate(plan.items(), start=1):
        logger.info("Study %d of %d: %s", number, len(plan), study.stem)
        execution = run_study(project, study, parameters, data_hash=subject.data_hash, fresh=fresh)
        write_results(execution.read(), project.results(name or subject.edition) / study.stem)
        executions.append(execution)
    return tuple(executions)


def build_pages(folder: Path) -> Path:
    """Folder of the HTML pages of a staged edition; any warning is an error.

    Parameters
    ----------
    folder
        Staged tree with ``_config.yml`` and ``_toc.yml``.

    Raises
    ------
    BookError
        Jupyter Book reported a warning or an error; the message repeats its last lines.
    """
    logger.info("Writing the pages")
    complete = folder / COMPLETE_MARK
    if not complete.exists():
        # Sphinx warns only when it reads a page: what a failed or interrupted build has read must be read again.
        shutil.rmtree(folder / "_build", ignore_errors=True)
    complete.unlink(missing_ok=True)
    command = [sys.executable, "-c", RUN_JUPYTER_BOOK, "build", str(folder), "-W", "--keep-going", "-q"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    pages = folder / "_build" / "html"
    if done.returncode != 0:
        report = "\n".join(COLOR_CODE.sub("", done.stderr).strip().splitlines()[-30:])
        raise BookError(f"The pages of {folder.name} have faults:\n{report}")
    complete.touch()
    return pages


def _generated_pages(folder: Path) -> dict[str, str]:
    verdict = folder / "verdict.md"
    return {"book/verdict.md": verdict.read_text(encoding="utf-8")} if verdict.exists() else {}
