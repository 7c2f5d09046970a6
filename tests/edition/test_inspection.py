"""Pages with one known fault each: the inspection finds it, and finds nothing in a page without any."""

import builtins
import io

import pytest

from gaitbook.edition import browser
from gaitbook.edition.appearance import has_ink
from gaitbook.edition.browser import View, find_browser, open_browser
from gaitbook.edition.inspection import PageFinding, inspect_pages, list_pages

DESK = View("light", 800)
NIGHT = View("dark", 800)
PHONE = View("light", 390)
DRAWN = '<svg width="200" height="100"><circle cx="50" cy="50" r="30" fill="navy"/></svg>'
EMPTY = '<svg width="200" height="100"><circle cx="50" cy="50" r="30" fill="none"/></svg>'
ICON = '<svg width="16" height="16"></svg>'
CANVAS = '<canvas width="200" height="100"></canvas>'
WIDE = '<body style="margin: 0"><div style="width: 500px">wide</div>'
FRAMES = """<script>
const drawing = document.querySelector("canvas").getContext("2d");
let frame = 0;
document.querySelector("button").onclick = () => setInterval(() => drawing.fillRect(5 * frame++, 0, 5, 99), 50);
</script>"""


def exhibit(name, drawing):
    return f'<div class="gaitbook-exhibit" data-figure="{name}">{drawing}</div>'


def player(script):
    button = '<button aria-label="Play">play</button>'
    return f'<div data-widget="player" data-mounted="true">{CANVAS}{button}</div>{script}'


BODIES = {
    "sound": f'<link rel="stylesheet" href="style.css">{exhibit("force", DRAWN)}{ICON}{player(FRAMES)}',
    "elsewhere": '<script src="http://example.invalid/x.js"></script>',
    "leftover": '<img src="http://127.0.0.1:9/plot.png" alt="">',
    "uncaught": '<script>Promise.reject(new Error("no plate")); throw new Error("no marker");</script>',
    "console": '<script>console.error("no force")</script><script src="absent.js"></script>',
    "blank": exhibit("drawn", DRAWN)
    + exhibit("empty", EMPTY)
    + exhibit("flat", CANVAS)
    + f'<div style="display: none">{exhibit("hidden", EMPTY)}</div>',
    "wide": WIDE,
    "scrolling": f'<body style="margin: 0"><div style="overflow-x: auto">{WIDE}</div>',
    "still": player(""),
    "unmounted": '<div data-widget="player"></div>',
    "inline": f"<article>{EMPTY}</article>",
    "stubborn": '<script>document.documentElement.dataset.theme = "light"</script>',
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A folder with one page per body, each with an icon of its own, and a style sheet; a browser is at hand."""
    pytest.importorskip("playwright.sync_api")
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    folder = tmp_path_factory.mktemp("book")
    (folder / "style.css").write_text("p { color: navy; }")
    for name, body in BODIES.items():
        text = f'<!doctype html><html><link rel="icon" href="data:,">{body}</html>'
        (folder / f"{name}.html").write_text(text)
    return folder


@pytest.fixture(scope="module")
def findings(book):
    """Findings at a desk, by name of the page."""
    return {finding.page.removesuffix(".html"): finding for finding in inspect_pages(book, views=[DESK])}


@pytest.mark.browser
def test_a_sound_page_has_no_faults(findings):
    assert findings["sound"].faults == ()
    expected = PageFinding("sound.html", "light", 800, figures=1, widgets_mounted=1, animated=True)
    assert findings["sound"] == expected


@pytest.mark.browser
def test_a_request_to_another_host_is_external(findings):
    assert findings["elsewhere"].external_requests == ("http://example.invalid/x.js",)
    assert "asks for http://example.invalid/x.js" in findings["elsewhere"].faults[0]


@pytest.mark.browser
def test_from_a_server_only_that_server_is_not_external(book):
    # A reader runs no other server: such an address is a leftover of the author's session.
    found = inspect_pages(book, pages=["sound.html", "leftover.html"], views=[DESK], serve=True)
    assert found[0].faults == ()
    assert found[1].external_requests == ("http://127.0.0.1:9/plot.png",)


@pytest.mark.browser
@pytest.mark.usefixtures("book")
def test_an_icon_that_no_page_names_is_not_missed(tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><p>No icon.</p>")
    (finding,) = inspect_pages(tmp_path, views=[DESK], serve=True)
    assert finding.faults == ()


@pytest.mark.browser
def test_errors_that_are_thrown_and_promises_that_fail_are_found(findings):
    assert sorted(findings["uncaught"].page_errors) == ["no marker", "no plate"]


@pytest.mark.browser
def test_errors_on_the_console_and_missing_files_are_found(findings):
    errors = findings["console"].console_errors
    assert any("no force" in error for error in errors)
    assert any("absent.js" in error for error in errors)
    assert not findings["console"].page_errors


@pytest.mark.browser
def test_figures_that_show_nothing_are_named(findings):
    assert findings["blank"].blank_figures == ("empty", "flat")
    assert findings["blank"].figures == 3
    assert findings["inline"].blank_figures == ("svg",)


@pytest.mark.browser
@pytest.mark.parametrize(("page", "animated"), [("still", False), ("unmounted", False), ("wide", None)])
def test_a_player_that_stands_still_is_found(findings, page, animated):
    assert findings[page].animated is animated
    assert any("player" in fault for fault in findings[page].faults) == (animated is False)


@pytest.mark.browser
def test_a_page_wider_than_a_phone_is_measured_and_a_scrolling_part_is_not(book, findings):
    found = inspect_pages(book, pages=["wide.html", "scrolling.html"], views=[PHONE])
    assert [finding.overflow_px for finding in found] == [110, 0]
    assert findings["wide"].overflow_px == 0


@pytest.mark.browser
def test_the_theme_is_the_one_that_the_page_shows(book):
    found = inspect_pages(book, pages=["still.html", "stubborn.html"], views=[NIGHT])
    assert [finding.theme for finding in found] == ["dark", "light"]


def picture(*inked):
    """A white picture with yellow pixels, as a file."""
    image = pytest.importorskip("PIL.Image").new("RGB", (100, 100), "white")
    for place in inked:
        image.putpixel(place, (255, 255, 0))
    content = io.BytesIO()
    image.save(content, "png")
    return content.getvalue()


def test_a_picture_has_ink_if_more_than_a_speck_differs():
    assert not has_ink(picture())
    assert not has_ink(picture((0, 0)))
    assert has_ink(picture(*((10, row) for row in range(10))))


def test_pages_that_only_lead_on_and_templates_are_not_listed(tmp_path):
    for name in ("index.html", "book/welcome.html", "_static/template.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<p>text</p>")
    (tmp_path / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=book/welcome.html">')
    assert list_pages(tmp_path) == ["book/welcome.html"]


def test_a_folder_without_pages_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gaitbook build"):
        inspect_pages(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"verdict\.html"):
        inspect_pages(tmp_path, pages=["verdict.html"])


def test_a_machine_without_a_browser_is_told_what_to_install(monkeypatch):
    pytest.importorskip("playwright.sync_api")
    monkeypatch.setattr(browser.shutil, "which", lambda _: None)
    assert find_browser() is None
    with pytest.raises(FileNotFoundError, match=r"apt-get install chromium"), open_browser():
        pass


def test_a_browser_that_is_not_there_is_named(tmp_path):
    pytest.importorskip("playwright.sync_api")
    with pytest.raises(FileNotFoundError, match="no-browser"), open_browser(str(tmp_path / "no-browser")):
        pass


def test_without_playwright_the_extra_is_named(monkeypatch):
    really_import = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.startswith("playwright"):
            raise ModuleNotFoundError(name)
        return really_import(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ModuleNotFoundError, match=r"gaitbook\[dev\]"), open_browser():
        pass
