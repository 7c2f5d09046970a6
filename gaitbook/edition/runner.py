"""Executing the studies, once per content.

Papermill runs a notebook with the parameters of an edition. The executed notebook is kept under a key of everything
that its numbers depend on (`gaitbook.edition.cache_key`), so that only what changed runs again. It enters the cache
by an atomic move: an interrupted run leaves no half-executed notebook behind that a later build would believe.
"""

import json
import logging
import shutil
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from gaitbook.edition.cache_key import content_key
from gaitbook.edition.execution import StudyError, execute, tidy
from gaitbook.edition.project import Project

EXECUTED_NAME = "notebook.ipynb"
FAILED_FOLDER = "failed"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Execution:
    """One executed study.

    Attributes
    ----------
    name
        Name of the study.
    notebook
        Executed notebook in the cache.
    key
        Content key.
    cached
        It was not executed now, but found in the cache.
    duration_s
        Time that this took.
    """

    name: str
    notebook: Path
    key: str
    cached: bool
    duration_s: float

    def read(self) -> dict[str, Any]:
        """Executed notebook, as a mapping."""
        content: dict[str, Any] = json.loads(self.notebook.read_text(encoding="utf-8"))
        return content


def run_study(
    project: Project, notebook: Path, parameters: Mapping[str, Any], *, data_hash: str, fresh: bool = False
) -> Execution:
    """Executed study, from the cache where nothing changed.

    Parameters
    ----------
    project
        The checkout; the executed notebook goes into its cache.
    notebook
        The study, unexecuted.
    parameters
        Its parameters in this edition, ``cohort`` included.
    data_hash
        Hash of the cohort's recordings.
    fresh
        Execute even if the cache holds the notebook.

    Raises
    ------
    StudyError
        A cell failed; the message names notebook, cell, first line of its source and the error, and where the
        partly executed notebook can be read.
    """
    start_s = time.perf_counter()
    source = json.loads(notebook.read_text(encoding="utf-8"))
    key = content_key(source, parameters, data_hash=data_hash)
    target = project.cache / key / EXECUTED_NAME
    cached = target.exists() and not fresh
    if cached:
        logger.info("%s: nothing changed, taken from the cache", notebook.stem)
    else:
        _execute_into(target, notebook, parameters, project)
    return Execution(notebook.stem, target, key, cached, time.perf_counter() - start_s)


def _execute_into(target: Path, notebook: Path, parameters: Mapping[str, Any], project: Project) -> None:
    scratch = project.cache / f".running-{uuid4().hex}"
    scratch.mkdir(parents=True)
    draft = scratch / EXECUTED_NAME
    try:
        with warnings.catch_warnings():
            # Notices of the notebook tools about themselves; the study runs in a process of its own.
            warnings.simplefilter("ignore")
            executed = execute(notebook, draft, parameters)
        draft.write_text(
            json.dumps(tidy(executed, str(parameters["cohort"])), indent=1, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
        target.parent.mkdir(exist_ok=True)
        draft.replace(target)
    except StudyError as error:
        raise StudyError(
            f"{error}\nThe partly executed notebook: {_keep_failed(draft, notebook, project)}"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _keep_failed(draft: Path, notebook: Path, project: Project) -> Path:
    kept = project.cache / FAILED_FOLDER / notebook.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    if draft.exists():
        draft.replace(kept)
    return kept
