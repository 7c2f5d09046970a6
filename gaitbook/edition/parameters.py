"""Parameters of a study, for one edition.

Each notebook has one cell tagged ``parameters`` with annotated defaults (``seed: int = 0  # ...``). A cohort changes
them in ``book/editions/<cohort>.yml``; the command line changes them last. Papermill would accept a misspelled name
with a warning and run on the default, so names are checked here.
"""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gaitbook.edition.project import Project

PARAMETERS_TAG = "parameters"
PAIR = 2
SECTIONS = ("parameters", "notebooks")
QUICK = "quick"
"""``book/editions/quick.yml`` holds the small values for a fast look at the whole book."""


def read_defaults(notebook: Path) -> dict[str, Any]:
    """Parameters of a study with their defaults, from its ``parameters`` cell.

    Parameters
    ----------
    notebook
        An ``.ipynb`` file with one cell tagged ``parameters``.

    Raises
    ------
    ValueError
        There is no such cell or more than one, a default is not a literal, or ``cohort`` is not among the parameters.
    """
    cells = [cell for cell in _cells(notebook) if PARAMETERS_TAG in cell.get("metadata", {}).get("tags", ())]
    if len(cells) != 1:
        raise ValueError(f"{notebook.name} has {len(cells)} cells tagged 'parameters'; it needs exactly one.")
    defaults = dict(_assignments("".join(cells[0]["source"]), notebook.name))
    if "cohort" not in defaults:
        raise ValueError(f"{notebook.name} does not take 'cohort' as a parameter; every study must.")
    return defaults


def edition_parameters(
    project: Project,
    cohort: str,
    notebook: Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    quick: bool = False,
) -> dict[str, Any]:
    """Parameters of one study in the edition of a cohort, those left at their default not included.

    Parameters
    ----------
    project
        The checkout.
    cohort
        Name of the cohort; always passed on as the parameter ``cohort``.
    notebook
        The study.
    overrides
        Values that go before those of the cohort's file; those of other studies are ignored (see `check_overrides`).
    quick
        Take the values of ``book/editions/quick.yml`` too, for a fast look at the whole book.

    Raises
    ------
    ValueError
        Some names are parameters of no such study; the message lists those that are.
    """
    chosen = _from_file(project, cohort, notebook)
    if quick:
        chosen = {**chosen, **_from_file(project, QUICK, notebook)}
    known = read_defaults(notebook)
    _refuse_unknown(chosen, known, f"{notebook.name} of the edition {cohort!r}")
    return {
        **chosen,
        **{name: value for name, value in (overrides or {}).items() if name in known},
        "cohort": cohort,
    }


def check_overrides(project: Project, notebooks: tuple[Path, ...], overrides: Mapping[str, Any]) -> None:
    """Refuse parameters that none of the studies takes.

    Raises
    ------
    ValueError
        Names that no study knows, with all the names that are known.
    """
    known = {name: None for notebook in notebooks for name in read_defaults(notebook)}
    _refuse_unknown(overrides, known, f"any study in {project.root / 'notebooks'}")


def parse_assignments(groups: list[list[str]]) -> dict[str, Any]:
    """Parameters written as ``NAME=VALUE`` or ``NAME VALUE``; values are read as YAML (``3``, ``true``, ``[a, b]``).

    Parameters
    ----------
    groups
        Words that followed each ``-p``.

    Raises
    ------
    ValueError
        A group is neither.

    Examples
    --------
    >>> parse_assignments([["seed=3"], ["speeds", "[2.5, 3.5]"]])
    {'seed': 3, 'speeds': [2.5, 3.5]}
    """
    found: dict[str, Any] = {}
    for words in groups:
        pair = "=" not in words[0] and len(words) == PAIR
        assignments = ["=".join(words)] if pair else words
        if not all("=" in one for one in assignments):
            raise ValueError(
                f"Parameters are given as -p NAME=VALUE or -p NAME VALUE; found -p {' '.join(words)}."
            )
        found |= {
            name.strip(): yaml.safe_load(value) for name, value in (one.split("=", 1) for one in assignments)
        }
    return found


def _cells(notebook: Path) -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    return list(content["cells"])


def _assignments(source: str, name: str) -> list[tuple[str, Any]]:
    found = []
    for statement in ast.parse(source).body:
        targets = (
            [statement.target] if isinstance(statement, ast.AnnAssign) else getattr(statement, "targets", [])
        )
        value = getattr(statement, "value", None)
        if not targets or not isinstance(targets[0], ast.Name) or value is None:
            continue
        try:
            found.append((targets[0].id, ast.literal_eval(value)))
        except ValueError as error:
            raise ValueError(
                f"{name}: the default of {targets[0].id!r} must be a plain value, not an expression."
            ) from error
    return found


def _from_file(project: Project, edition: str, notebook: Path) -> dict[str, Any]:
    file = project.parameter_file(edition)
    if not file.exists():
        return {}
    content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    shared, studies = content.get("parameters") or {}, content.get("notebooks") or {}
    names = [path.stem for path in project.notebooks]
    strange = [key for key in content if key not in SECTIONS] + [
        name for name in studies if name not in names
    ]
    if strange:
        raise ValueError(
            f"{file}: {', '.join(strange)} not known; sections are {', '.join(SECTIONS)}, studies {', '.join(names)}."
        )
    everywhere = {name: None for path in project.notebooks for name in read_defaults(path)}
    _refuse_unknown(shared, everywhere, str(file))
    known = read_defaults(notebook)
    return {
        **{name: value for name, value in shared.items() if name in known},
        **(studies.get(notebook.stem) or {}),
    }


def _refuse_unknown(given: Mapping[str, Any], known: Mapping[str, Any], place: str) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(
            f"Unknown parameter(s) {', '.join(unknown)} for {place}; known are: {', '.join(known)}."
        )
