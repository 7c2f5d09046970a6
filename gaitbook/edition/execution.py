"""One run of one notebook: progress while it runs, a plain sentence when a cell fails, no traces of the run after.

Papermill notes times and machine details in the notebook; they say nothing about the study and make each run differ,
so they are removed. The cell in which it writes the parameters gets a comment that a reader understands.
"""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from papermill.exceptions import PapermillExecutionError

INJECTED_TAG = "injected-parameters"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = "python3"
KERNEL_ARGUMENTS = (
    # Kernels otherwise warn, on every run, that they talk over local sockets without encryption.
    "--IPKernelApp.log_level=40",
    # What the package logs is for terminals; in a page it would count as an error message of the cell.
    "--IPKernelApp.exec_lines=__import__('logging').getLogger('gaitbook').addHandler(__import__('logging').NullHandler())",
)


class StudyError(RuntimeError):
    """A cell of a study failed."""


def execute(notebook: Path, draft: Path, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Executed notebook, as a mapping; the cells run in the notebook's own folder.

    Parameters
    ----------
    notebook
        The study, unexecuted.
    draft
        File that is written while the study runs, to be read if it fails.
    parameters
        Parameters to write below the ``parameters`` cell.

    Raises
    ------
    StudyError
        A cell failed, or the kernel died.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        executed = papermill.execute_notebook(
            notebook,
            draft,
            parameters=dict(parameters),
            kernel_name=KERNEL,
            language="python",
            cwd=notebook.parent,
            progress_bar={"desc": notebook.stem, "unit": "cell"},
            start_timeout=120,
            extra_arguments=list(KERNEL_ARGUMENTS),
        )
    except PapermillExecutionError as error:
        raise StudyError(failure_message(notebook, error)) from error
    except RuntimeError as error:
        raise StudyError(f"{notebook.name}: the run ended before its last cell ({error}).") from error
    return dict(executed)


def failure_message(notebook: Path, error: "PapermillExecutionError") -> str:
    """Sentence on a failed cell: notebook, number of the cell, first line of its source, the error.

    Parameters
    ----------
    notebook
        The study; cells are counted as there, from 1, text cells included.
    error
        Papermill's account: its ``cell_index`` counts from 0 and counts the injected cell.
    """
    tags = [
        cell.get("metadata", {}).get("tags", ())
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    ]
    parameters_index = next((index for index, given in enumerate(tags) if "parameters" in given), len(tags))
    number = error.cell_index + (error.cell_index <= parameters_index)
    first = next((line for line in str(error.source).splitlines() if line.strip()), "")
    return f"{notebook.name} failed in cell {number} ({first.strip()!r}): {error.ename}: {_one_line(error.evalue)}"


def tidy(notebook: Mapping[str, Any], cohort: str) -> dict[str, Any]:
    """Executed notebook without traces of the run.

    Parameters
    ----------
    notebook
        Executed notebook, as a mapping; it is left as it is.
    cohort
        Name of the cohort, for the comment of the injected cell.
    """
    metadata = {
        key: value for key, value in notebook["metadata"].items() if key not in ("papermill", "widgets")
    }
    cells = [_tidy_cell(cell, cohort) for cell in notebook["cells"]]
    return {**notebook, "metadata": metadata, "cells": cells}


def _tidy_cell(cell: Mapping[str, Any], cohort: str) -> dict[str, Any]:
    drop = ("papermill", "execution", "ExecuteTime")
    metadata = {key: value for key, value in cell["metadata"].items() if key not in drop}
    tidied = {**cell, "metadata": metadata}
    if "outputs" in cell:
        tidied["outputs"] = [
            output for output in cell["outputs"] if WIDGET_VIEW not in output.get("data", {})
        ]
    if INJECTED_TAG in metadata.get("tags", ()):
        tidied["source"] = re.sub(
            r"\A# Parameters\b.*", f"# Set for this edition ({cohort})", "".join(cell["source"])
        )
    return tidied


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
