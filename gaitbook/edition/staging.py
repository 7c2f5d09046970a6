"""Staging an edition: the sources of the book with executed notebooks, where Sphinx reads them.

The staged tree has the same relative paths as the repository, because the buttons that open a study elsewhere take
their address from them. Files are only written when their content changes, so that Sphinx builds only those pages
anew.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gaitbook.edition.project import Project

PROSE_SUFFIXES = frozenset({".md", ".bib", ".png", ".svg", ".jpg", ".ipynb", ".yml"})
STAGED_FOLDERS = ("book", "notebooks")


def stage(
    project: Project, target: Path, *, notebooks: Mapping[str, Path], banner: str, pages: Mapping[str, str]
) -> None:
    """Staged tree of an edition.

    Parameters
    ----------
    project
        The checkout.
    target
        Folder of the edition.
    notebooks
        Executed notebook by name of the study.
    banner
        Sentence for the top of every page.
    pages
        Text of generated pages by path inside the book, such as ``book/verdict.md``; they go before the sources.
    """
    config = staged_config(yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8")), banner)
    sources = {
        "_config.yml": yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode(),
        "_toc.yml": (project.root / "_toc.yml").read_bytes(),
        **_prose(project),
        **{f"notebooks/{name}.ipynb": path.read_bytes() for name, path in notebooks.items()},
        **{path: text.encode() for path, text in pages.items()},
    }
    for path, content in sources.items():
        _write_if_changed(target / path, content)
    _drop_leftovers(target, set(sources))


def staged_config(config: Mapping[str, Any], banner: str) -> dict[str, Any]:
    """Configuration of the book with execution off and the edition's banner; the given one stays as it is."""
    return {
        **config,
        "execute": {**config.get("execute", {}), "execute_notebooks": "off"},
        "html": {**config.get("html", {}), "announcement": banner},
    }


def _prose(project: Project) -> dict[str, bytes]:
    files = [
        path
        for path in (project.root / "book").rglob("*")
        if path.is_file() and path.suffix in PROSE_SUFFIXES
    ]
    return {path.relative_to(project.root).as_posix(): path.read_bytes() for path in files}


def _write_if_changed(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _drop_leftovers(target: Path, wanted: set[str]) -> None:
    for folder in STAGED_FOLDERS:
        for path in sorted((target / folder).rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(target).as_posix() not in wanted:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                shutil.rmtree(path)
