"""The rules for notebooks: one question each, told in prose, with the code elsewhere.

A notebook is read here, not run; the build runs it.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = tuple(sorted((ROOT / "notebooks").glob("*.ipynb")))
SECTIONS = ("Question", "Data", "Method", "Result", "Limits", "Next")
LONGEST_CELL, MEDIAN_CELL, WORDS_PER_LINE = 15, 6, 4
LISTING_FILES = {"glob", "rglob", "iterdir", "listdir", "walk", "scandir"}


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def lines(cell: dict[str, Any]) -> list[str]:
    return [line for line in source(cell).splitlines() if line.strip()]


def parse(cell: dict[str, Any]) -> ast.Module:
    """Syntax of a cell, without the lines that only IPython understands."""
    return ast.parse(
        "\n".join("" if line.lstrip()[:1] in ("%", "!") else line for line in source(cell).splitlines())
    )


def code_cells(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def parameter_cells(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for cell in code_cells(cells) if "parameters" in cell["metadata"].get("tags", [])]


def parameters(cell: dict[str, Any]) -> set[str]:
    """Names that a parameters cell assigns."""
    names = set()
    for node in parse(cell).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def output_faults(cells: list[dict[str, Any]]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code" and cell.get("outputs"):
            yield f"cell {number} carries outputs: strip them with nbstripout"
        if cell["cell_type"] == "code" and cell.get("execution_count") is not None:
            yield f"cell {number} carries an execution count: strip it with nbstripout"


def parameter_faults(cells: list[dict[str, Any]]) -> Iterator[str]:
    found = parameter_cells(cells)
    if len(found) != 1:
        yield f"{len(found)} cells are tagged 'parameters', expected one"
    elif "cohort" not in parameters(found[0]):
        yield "the parameters lack 'cohort'"


def length_faults(cells: list[dict[str, Any]]) -> Iterator[str]:
    lengths = [len(lines(cell)) for cell in code_cells(cells)]
    if max(lengths) > LONGEST_CELL:
        yield f"a code cell has {max(lengths)} lines, at most {LONGEST_CELL}"
    if median(lengths) > MEDIAN_CELL:
        yield f"the median code cell has {median(lengths)} lines, at most {MEDIAN_CELL}"


def definition_faults(cells: list[dict[str, Any]]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        for node in ast.walk(parse(cell)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield f"cell {number} defines {node.name}: move it into the package"
            if isinstance(node, (ast.For, ast.comprehension)) and _lists_files(node.iter):
                yield f"cell {number} loops over files: move it into the package"


def prose_faults(cells: list[dict[str, Any]]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        if number == 0 or cells[number - 1]["cell_type"] != "markdown":
            yield f"cell {number} has no sentence before it"
        if re.search(r"\.figure\(", source(cell)) and not _is_followed_by_sentence(cells, number):
            yield f"cell {number} draws a figure with no sentence after it"
    words = sum(len(source(cell).split()) for cell in cells if cell["cell_type"] == "markdown")
    code = sum(len(lines(cell)) for cell in code_cells(cells))
    if words < WORDS_PER_LINE * code:
        yield f"{words} words for {code} lines of code, at least {WORDS_PER_LINE} words a line"


def section_faults(cells: list[dict[str, Any]]) -> Iterator[str]:
    prose = "\n".join(source(cell) for cell in cells if cell["cell_type"] == "markdown")
    found = re.findall(r"^## +(.+?) *$", prose, re.MULTILINE)
    if tuple(heading for heading in found if heading in SECTIONS) != SECTIONS:
        yield f"sections are {', '.join(found)}; expected {', '.join(SECTIONS)} in this order"
    result = re.search(r"^## +Result\b(.*?)(?=^## )", prose, re.MULTILINE | re.DOTALL)
    for typed in re.findall(r"\d[\d.]* *%BW", result[1] if result else ""):
        yield f"{typed!r} is typed into the result: glue it"


def faults(cells: list[dict[str, Any]]) -> list[str]:
    """Everything that is wrong with a notebook."""
    rules = (output_faults, parameter_faults, length_faults, definition_faults, prose_faults, section_faults)
    return [fault for rule in rules for fault in rule(cells)]


def _lists_files(iterable: ast.expr) -> bool:
    calls = [node.func for node in ast.walk(iterable) if isinstance(node, ast.Call)]
    return any(getattr(call, "attr", getattr(call, "id", "")) in LISTING_FILES for call in calls)


def _is_followed_by_sentence(cells: list[dict[str, Any]], number: int) -> bool:
    following = cells[number + 1 : number + 2]
    is_prose = bool(following) and following[0]["cell_type"] == "markdown"
    return is_prose and bool(re.search(r"\w[.!?)*`]", source(following[0])))


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str, *tags: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {"tags": [*tags]},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


GOOD = [
    markdown("# Chapter\n\n## Question\n\nIs it so? It is.\n\n## Data\n\nThe parameters are these:"),
    code('cohort: str = "default"  # whose trials', "parameters"),
    markdown("## Method\n\nWe look.\n\n## Result\n\nThe figure shows each person as a point."),
    code('ledger.figure("points", drawing)'),
    markdown("Every point lies on the line.\n\n## Limits\n\nFew people.\n\n## Next\n\nMore people."),
]
"""A small notebook that keeps every rule."""


def test_a_good_notebook_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({1: {**GOOD[1], "outputs": [{}]}}, "carries outputs"),
        ({1: {**GOOD[1], "execution_count": 3}}, "execution count"),
        ({1: code("cohort = 'a'")}, "tagged 'parameters'"),
        ({1: code("people = 3", "parameters")}, "lack 'cohort'"),
        ({3: code("\n".join(["x = 1"] * 16))}, "has 16 lines"),
        ({3: code("\n".join(["x = 1"] * 13))}, "median code cell"),
        ({3: code("def f():\n    return 1")}, "defines f"),
        ({3: code("files = [f for f in folder.glob('*.c3d')]")}, "loops over files"),
        ({2: code("x = 1")}, "no sentence before it"),
        ({4: markdown("## Limits\n\n## Next")}, "no sentence after it"),
        ({3: code("\n".join(["x = 1"] * 14)), 0: markdown("## Question\n\n## Data")}, "words for"),
        ({2: markdown("## Result\n\n## Method")}, "in this order"),
        ({4: markdown("The error is 7.1 %BW.\n\n## Limits\n\nFew.\n\n## Next\n\nMore.")}, "glue it"),
    ],
)
def test_each_rule_notices_its_breach(change: dict[int, dict[str, Any]], complaint: str) -> None:
    broken = [change.get(number, cell) for number, cell in enumerate(GOOD)]
    assert any(complaint in fault for fault in faults(broken))


def test_there_are_notebooks_in_reading_order() -> None:
    assert NOTEBOOKS
    numbers = [int(path.name[:2]) for path in NOTEBOOKS]
    assert numbers == [*range(1, len(numbers) + 1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_keeps_the_rules(path: Path) -> None:
    assert faults(json.loads(path.read_text(encoding="utf-8"))["cells"]) == []
