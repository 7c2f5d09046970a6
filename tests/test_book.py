"""The prose: what can be checked without building the book.

Links lead somewhere, pictures have words, citations have entries, equations translate, and the commands that a
reader is told to type exist.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import gaitbook

ROOT = Path(__file__).parents[1]
PAGES = tuple(sorted((ROOT / "book").glob("*.md")))
NOTEBOOKS = tuple(sorted((ROOT / "notebooks").glob("*.ipynb")))
LETTERS = tuple(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))
SUFFIXES = (".md", ".ipynb")

FENCE = re.compile(r"^ *(```+|~~~+)([^\n`]*)\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
LABEL = re.compile(r"^\(([\w-]+)\)=", re.MULTILINE)
EQUATION = re.compile(r"\$\$(.+?)\$\$(?: \(([\w-]+)\))?", re.DOTALL)
REFERENCE = re.compile(r"\{(ref|numref|eq|doc|term)\}`(?:[^`<]*<)?([^`>]+)>?`")
CITATION = re.compile(r"\{cite(?::\w)?\}`([^`]+)`")


def read(path: Path) -> str:
    """Text of a page, or the Markdown cells of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def without_code(text: str) -> str:
    """Text without its blocks of code; the content of directives stays."""
    return FENCE.sub(lambda block: without_code(block[3]) if block[2].startswith("{") else "", text)


def code_blocks(text: str) -> Iterator[str]:
    """Blocks of code, those within directives too."""
    for _, info, content in FENCE.findall(text):
        yield from code_blocks(content) if info.startswith("{") else [content]


def labels(text: str) -> set[str]:
    """Everything in a page that a reference can name."""
    named = re.findall(r"^ *:name: *([\w-]+)", text, re.MULTILINE)
    numbered = [label for _, label in EQUATION.findall(text) if label]
    return {*LABEL.findall(text), *named, *numbered}


def anchors(text: str) -> set[str]:
    """Labels and slugs of the headings of a page."""
    headings = re.findall(r"^#+ +(.+)$", without_code(text), re.MULTILINE)
    slugs = {re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return labels(text) | slugs


def terms() -> set[str]:
    """Entries of the glossary, in lower case."""
    block = re.search(r"```\{glossary\}\n(.*?)```", read(ROOT / "book/glossary.md"), re.DOTALL)
    assert block, "book/glossary.md holds no {glossary} block"
    return {
        line.strip().lower() for line in block[1].splitlines() if line.strip() and not line.startswith(" ")
    }


def tracked_files() -> list[Path]:
    """Files that are, or are about to be, under version control."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: there is no list of tracked files")
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


def chapters(node: object) -> Iterator[str]:
    """Files and patterns named in the table of contents."""
    if isinstance(node, list):
        for item in node:
            yield from chapters(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("root", "file", "glob"):
                yield value
            else:
                yield from chapters(value)


def expand(chapter: str) -> list[Path]:
    endings = ("",) if chapter.endswith(SUFFIXES) else SUFFIXES
    return [path for ending in endings for path in ROOT.glob(chapter + ending)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_chapter_of_the_contents_exists() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    missing = [chapter for chapter in chapters(contents) if not expand(chapter) and "verdict" not in chapter]
    assert not missing


def test_every_page_and_notebook_is_in_the_contents() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = {path for chapter in chapters(contents) for path in expand(chapter)}
    assert not [name(path) for path in (*PAGES, *NOTEBOOKS) if path not in listed]


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS, *LETTERS], ids=name)
def test_nothing_is_left_unfinished(path: Path) -> None:
    assert not re.findall(r"\bTODO\b|\bFIXME\b|\bTBD\b|\bXXX\b|lorem ipsum", read(path), re.IGNORECASE)


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS, *LETTERS], ids=name)
def test_every_directive_opens(path: Path) -> None:
    # A backtick in the first line of a fence makes it plain text, and the rest of the page a block of code.
    assert not re.findall(r"^ *`{3,}[^\n`]+`[^\n]*$", read(path), re.MULTILINE)


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=name)
def test_no_sentence_is_a_comment(path: Path) -> None:
    # MyST drops lines that begin with a percent sign, such as a wrapped "%BW".
    assert not re.findall(r"^ *%.*", without_code(read(path)), re.MULTILINE)


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS, *LETTERS], ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for target in LINK.findall(without_code(read(path))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        page = path.parent / file if file else path
        if page.name == "verdict.md":  # written by `gaitbook verify`
            continue
        if not page.exists() or (anchor and anchor not in anchors(read(page)) | all_labels()):
            broken.append(target)
    assert not broken


def all_labels() -> set[str]:
    return set().union(*(labels(read(path)) for path in (*PAGES, *NOTEBOOKS)))


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=name)
def test_references_have_targets(path: Path) -> None:
    dangling = []
    for role, target in REFERENCE.findall(read(path)):
        if role == "term":
            found = target.lower() in terms()
        elif role == "doc":
            found = any((path.parent / (target + suffix)).exists() for suffix in ("", *SUFFIXES))
        else:
            # The figures of a notebook get their labels when it runs; the build checks those.
            found = target in all_labels() or (path.suffix == ".ipynb" and role == "numref")
        if not found:
            dangling.append(f"{role} {target}")
    assert not dangling


def test_labels_are_unique() -> None:
    every = [label for path in (*PAGES, *NOTEBOOKS) for label in labels(read(path))]
    assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS, *LETTERS], ids=name)
def test_images_exist_and_have_words(path: Path) -> None:
    text = read(path)
    faults = [
        target
        for alt, target in IMAGE.findall(text)
        if not alt.strip() or not (path.parent / target).exists()
    ]
    faults += [tag for tag in re.findall(r"<img\b[^>]*>", text) if not re.search(r'\balt="[^"]+"', tag)]
    for _, target, options in re.findall(r"\{(figure|image)\} *(\S+)\n((?: *:.*\n)*)", text):
        if not re.search(r":alt: *\S", options) or not (path.parent / target).exists():
            faults.append(target)
    assert not faults


@pytest.mark.parametrize("path", sorted((ROOT / "book/images").glob("*.svg")), ids=name)
def test_drawings_say_what_they_show(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert 'role="img"' in text
    assert "aria-label" in text


def entries() -> set[str]:
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    return set(re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE))


def citations(text: str) -> set[str]:
    return {key.strip() for keys in CITATION.findall(text) for key in keys.split(",")}


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=name)
def test_citations_have_entries(path: Path) -> None:
    assert citations(read(path)) <= entries()


def test_every_entry_is_cited() -> None:
    assert entries() <= citations("".join(map(read, (*PAGES, *NOTEBOOKS))))


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=name)
def test_equations_translate_to_mathml(path: Path) -> None:
    pytest.importorskip("docutils")
    from gaitbook.edition.equations import to_mathml

    text = read(path)
    for equation, _ in EQUATION.findall(text):
        assert "<math" in to_mathml(equation, block=True)
    for equation in re.findall(r"\{math\}`([^`]+)`", text):
        assert "<math" in to_mathml(equation)


def commands(program: str) -> set[str]:
    """First arguments of a program wherever the prose calls it, in blocks of code or within a line."""
    text = "\n".join(map(read, (*PAGES, *LETTERS)))
    code = [*code_blocks(text), *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)]
    return {word for piece in code for word in re.findall(rf"^{program} ([a-z][a-z-]*)", piece, re.MULTILINE)}


def test_make_targets_named_in_the_prose_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"book", "test"} <= commands("make") <= targets


def test_build_machines_call_the_test_command_of_the_readme() -> None:
    assert re.search(r"^make test$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.search(r"^make test$", (ROOT / ".ci/run").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", sorted(commands("gaitbook")))
def test_commands_named_in_the_prose_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    from gaitbook.cli import main

    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert command in capsys.readouterr().out


def test_functions_named_in_the_prose_are_public() -> None:
    text = "".join(map(read, (*PAGES, *LETTERS)))
    named = set(re.findall(r"\bgb\.(\w+)", text))
    assert named
    assert named <= set(dir(gaitbook))


def test_no_machine_and_no_package_registry_is_named() -> None:
    # Spelled so that this file does not name them either.
    machine = (
        r"/(?:home|Users)/\w+/",
        r"/root/\w",
        r"(?<![\w.])/(?:mnt|srv|wor[k])/\w",
        r"[A-Z]:\\Users\\",
        r"file:///\w",
    )
    registry = (
        r"\bpypi\.(?:org|io)", r"pythonhosted\.", r"\bregistry\.npmjs", r"\bdownload\.pytorch",
        r"\bconda\.anaconda", r"/artifactory/", r"(?:extra-)?index-url",
    )  # fmt: skip
    forbidden = re.compile("|".join((*machine, *registry)))
    named = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__):
            named += [f"{name(path)}: {hit}" for hit in forbidden.findall(text)]
    assert not named


def test_citation_file_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == gaitbook.__version__
    assert {"cff-version", "message", "title", "authors", "license"} <= set(citation)
