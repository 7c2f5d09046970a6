"""A tiny checkout of a book: one page of prose, one study of four cells, on a toy cohort of two numbers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gaitbook.edition.project import Project
from gaitbook.edition.subject import Subject

ROOT = Path(__file__).parents[2]
PARAMETERS = 'cohort: str = "toy"  # name of a cohort\nfactor: float = 1.0  # multiplies the errors\n'
OPEN = """import logging
from types import SimpleNamespace
import pandas as pd
from gaitbook.edition.provenance import open_ledger
cohort = SimpleNamespace(attrs={"name": "toy", "label": "synthetic", "license": "CC0", "hash": "ab" * 20})
ledger = open_ledger(cohort, notebook="01_toy", parameters={"factor": factor}, seed=0)
logging.getLogger("gaitbook.library").warning("what the package logs is for terminals, not for pages")
"""
REPORT = """ledger.table("errors", pd.DataFrame({"speed_mps": [2.5, 3.5], "error": [7.1 * factor, 8.2 * factor]}))
ledger.value("peak", SimpleNamespace(value=7.12 * factor, low=6.5, high=7.7, unit="%BW", n=20, level=0.95))
"""
CAPTION = """## Result

The peak error is {glue:text}`peak`, see {numref}`fig-errors`.

```{glue:figure} errors
:name: fig-errors

Error by speed.
```
"""
WELCOME = r"""# Welcome

Newton, {eq}`eq-newton`, and a number from a study: {glue:text}`../notebooks/01_toy.ipynb::peak:s`.

$$ \sum_i F_i = m\,a $$ (eq-newton)
"""


def cell(source: str, kind: str = "code", tags: tuple[str, ...] = ()) -> dict[str, Any]:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {
        "cell_type": kind,
        "id": f"c{abs(hash(source)) % 10**8}",
        "metadata": {"tags": list(tags)},
        "source": source,
        **code,
    }


def write_notebook(path: Path, cells: list[dict[str, Any]]) -> Path:
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture
def toy_cells() -> list[dict[str, Any]]:
    """Title, parameters, opening of the ledger, one table and one value, the captioned figure."""
    title = cell("# A toy study\n\nHow large are two errors?", "markdown")
    return [
        title,
        cell(PARAMETERS, tags=("parameters",)),
        cell(OPEN),
        cell(REPORT),
        cell(CAPTION, "markdown"),
    ]


@pytest.fixture
def project(tmp_path: Path, toy_cells: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Project:
    """The checkout, with the configuration of the real book, its own contents, and a package that never changes."""
    monkeypatch.setattr("gaitbook.edition.cache_key.hash_sources", lambda _: "unchanged")
    write_notebook(tmp_path / "notebooks" / "01_toy.ipynb", toy_cells)
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "welcome.md").write_text(WELCOME)
    (tmp_path / "book" / "references.bib").write_text("")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/welcome\nchapters:\n- glob: notebooks/*\n"
    )
    shutil.copy(ROOT / "_config.yml", tmp_path / "_config.yml")
    (tmp_path / "book" / "images").mkdir()
    shutil.copy(ROOT / "book" / "images" / "favicon.svg", tmp_path / "book" / "images" / "favicon.svg")
    return Project(tmp_path)


@pytest.fixture
def toy_subject(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Subject]:
    """Every cohort is the toy one, two numbers with a known hash."""

    def opened(cohort: str) -> Subject:
        return Subject(cohort, cohort, "synthetic", "ab" * 20)

    monkeypatch.setattr("gaitbook.edition.build.open_subject", opened)
    monkeypatch.setattr("gaitbook.edition.verification.open_subject", opened)
    return opened
