"""The quick edition of the book, built with warnings as errors and looked at as a reader would.

It is built in place, on the people in closed form and with small parameters, so that a second run takes the studies
and the pages from the first where nothing changed.
"""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from gaitbook.edition.archive import START_NAME
from gaitbook.edition.browser import DEFAULT_VIEWS, find_browser
from gaitbook.edition.inspection import PageFinding, inspect_pages, list_pages

ROOT = Path(__file__).parents[1]
EDITION = ROOT / "_build" / "editions" / "closed-form-quick"
PAGES = EDITION / "_build" / "html"
ELSEWHERE = re.compile(r"unpkg\.com|jsdelivr|cdnjs|googleapis|gstatic|mathjax", re.IGNORECASE)
LOADED = re.compile(r'<(?:script|img|iframe|link|source)\b[^>]*?\b(?:src|href)="((?:https?:)?//[^"]+)"')

pytestmark = pytest.mark.book


@pytest.fixture(scope="session")
def book() -> Path:
    """Folder with the pages of the quick edition, built as a reader builds it: by the command."""
    pytest.importorskip("jupyter_book")
    pytest.importorskip("papermill")
    environment = {**os.environ, "GAITBOOK_COHORTS": str(ROOT / "_build" / "cohorts")}
    command = [sys.executable, "-m", "gaitbook", "build", "closed-form", "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    return PAGES


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; tests that look at pages skip without it."""
    pytest.importorskip("playwright.sync_api")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine: the pages are built but not looked at")
    return path


@pytest.fixture(scope="session")
def findings(book: Path, chromium: str) -> list[PageFinding]:
    """What a browser shows of every page, opened from disk, in every view."""
    return inspect_pages(book, browser_path=chromium)


def chapters(node: object) -> Iterator[str]:
    """Pages named in the table of contents, patterns resolved."""
    if isinstance(node, list):
        for item in node:
            yield from chapters(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("root", "file"):
                yield value
            elif key == "glob":
                yield from (f"notebooks/{path.stem}" for path in sorted(ROOT.glob(f"{value}.ipynb")))
            else:
                yield from chapters(value)


def read(book: Path) -> dict[str, str]:
    """Text of every page, by its path."""
    return {page: (book / page).read_text(encoding="utf-8") for page in list_pages(book)}


def test_every_chapter_has_a_page(book):
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    wanted = {f"{chapter}.html" for chapter in chapters(contents)}
    assert "book/verdict.html" in wanted
    assert wanted <= set(list_pages(book))


def test_the_first_page_leads_to_the_book(book):
    target = re.search(r'url=([^"]+)"', (book / "index.html").read_text(encoding="utf-8"))
    assert target is not None
    assert (book / target[1]).exists()


def test_every_picture_has_words(book):
    from bs4 import BeautifulSoup

    silent = []
    for page, text in read(book).items():
        soup = BeautifulSoup(text, "html.parser")
        silent += [f"{page}: {image.get('src')}" for image in soup.select("img") if not image.get("alt")]
        for drawing in soup.select(".gaitbook-exhibit svg[role=img], .gaitbook-exhibit > div > svg"):
            if not drawing.get("aria-label") and drawing.find(["title", "desc"]) is None:
                silent.append(f"{page}: a drawing")
    assert not silent


def test_every_figure_has_a_card_with_its_numbers(book):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup("".join(read(book).values()), "html.parser")
    exhibits = soup.select(".gaitbook-exhibit")
    assert exhibits
    for exhibit in exhibits:
        assert exhibit.select_one("details.gaitbook-card a[download][href^='data:text/csv']"), exhibit.attrs


def test_pages_name_nothing_to_load_from_elsewhere(book):
    for page, text in read(book).items():
        assert not ELSEWHERE.findall(text), page
        assert not LOADED.findall(re.sub(r'<link rel="(?:canonical|author)[^>]*>', "", text)), page


def test_equations_are_mathml(book):
    assert "<math" in read(book)["book/methods.html"]


def test_the_edition_says_what_it_is_made_from(book):
    for page, text in read(book).items():
        assert "Edition closed-form" in text, page


@pytest.mark.browser
@pytest.mark.parametrize("fault", ["external_requests", "page_errors", "console_errors", "blank_figures"])
def test_every_page_is_free_of(findings, fault):
    assert not {
        f"{f.page}, {f.theme}, {f.width_px} px": found for f in findings if (found := getattr(f, fault))
    }


@pytest.mark.browser
def test_no_page_is_wider_than_its_window(findings):
    assert not {f"{f.page}, {f.width_px} px": f.overflow_px for f in findings if f.overflow_px}


@pytest.mark.browser
def test_pages_are_light_by_day_and_dark_by_night(findings, book):
    shown = {(finding.theme, finding.width_px) for finding in findings}
    assert shown == {(view.theme, view.width_px) for view in DEFAULT_VIEWS}
    assert len(findings) == len(DEFAULT_VIEWS) * len(list_pages(book))


@pytest.mark.browser
def test_studies_show_their_figures(findings):
    studies = [finding for finding in findings if finding.page.startswith("notebooks/")]
    assert studies
    assert all(finding.figures > 0 for finding in studies)


@pytest.mark.browser
def test_the_player_moves_from_saved_state(findings):
    players = [finding.animated for finding in findings if finding.animated is not None]
    assert players
    assert all(players)


@pytest.mark.browser
def test_the_archive_opens_from_disk(book, chromium, tmp_path):
    with zipfile.ZipFile(EDITION / "gaitbook-closed-form-quick.zip") as archive:
        archive.extractall(tmp_path)
    start = re.search(r'url=([^"]+)"', (tmp_path / START_NAME).read_text(encoding="utf-8"))
    assert start is not None
    unpacked = (tmp_path / start[1]).parent
    assert list_pages(unpacked) == list_pages(book)
    study = next(page for page in list_pages(unpacked) if page.startswith("notebooks/"))
    (finding,) = inspect_pages(unpacked, pages=[study], views=DEFAULT_VIEWS[:1], browser_path=chromium)
    assert not finding.faults


@pytest.mark.browser
def test_the_book_is_the_same_from_a_server(findings, book):
    study = next(page for page in list_pages(book) if page.startswith("notebooks/"))
    from_disk = next(finding for finding in findings if finding.page == study)
    assert inspect_pages(book, pages=[study], views=DEFAULT_VIEWS[:1], serve=True) == [from_disk]
