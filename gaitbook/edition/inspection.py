"""Looking at the built pages as a reader would: does everything show, and does nothing come from elsewhere?

A page may build without a warning and still be empty: a script may fail, a figure may stay blank, a table may be
wider than a phone. Each page is opened in a real browser, in every view, and what went wrong is written down.
"""

import logging
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaitbook.edition.appearance import describe_page
from gaitbook.edition.browser import DEFAULT_VIEWS, View, open_browser, open_view, serve_folder

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage

LOCAL_SCHEMES = ("file:", "data:", "blob:", "about:")
SETTLE_MS = 200
PATIENCE_MS = 15_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PageFinding:
    """What one page shows in one view.

    Attributes
    ----------
    page
        Path of the page below the folder of the book.
    theme
        Theme that the page shows; where it has none of its own, that of the view.
    width_px
        Width of the window.
    external_requests
        Addresses elsewhere that the page asked for.
    page_errors
        Errors that a script of the page did not catch, or why the page did not open.
    console_errors
        Errors on the console, such as files that are missing.
    blank_figures
        Names of the figures that show nothing.
    overflow_px
        By how much the page is wider than the window.
    figures
        Number of figures that were looked at.
    widgets_mounted
        Number of interactive figures that came to life.
    animated
        The player moves when its play button is pressed; ``None`` where the page has no player.
    """

    page: str
    theme: str
    width_px: int
    external_requests: tuple[str, ...] = ()
    page_errors: tuple[str, ...] = ()
    console_errors: tuple[str, ...] = ()
    blank_figures: tuple[str, ...] = ()
    overflow_px: int = 0
    figures: int = 0
    widgets_mounted: int = 0
    animated: bool | None = None

    @property
    def faults(self) -> tuple[str, ...]:
        """What a reader would miss or stumble over, one sentence each; empty for a sound page."""
        place = f"{self.page} ({self.theme}, {self.width_px} px)"
        kinds = {
            "asks for": self.external_requests,
            "has the error": self.page_errors,
            "reports": self.console_errors,
            "shows nothing in the figure": self.blank_figures,
            "is too wide by": (f"{self.overflow_px} px",) if self.overflow_px > 0 else (),
            "does not move": ("its player",) if self.animated is False else (),
        }
        return tuple(f"{place} {verb} {what}" for verb, cases in kinds.items() for what in cases)


def inspect_pages(
    folder: Path,
    *,
    pages: Iterable[str] | None = None,
    views: Iterable[View] = DEFAULT_VIEWS,
    serve: bool = False,
    browser_path: str | None = None,
) -> list[PageFinding]:
    """Findings, one per page and view.

    Parameters
    ----------
    folder
        The built book.
    pages
        Paths of pages below it; by default all but those that only lead on to another one.
    views
        Themes and widths.
    serve
        Open the pages from a server on this machine; by default they are opened from disk.
    browser_path
        Program of the browser; by default the Chromium of this machine.

    Raises
    ------
    FileNotFoundError
        There is no such page, or no browser.
    ModuleNotFoundError
        Playwright is not installed.
    """
    folder = Path(folder).resolve()
    chosen = list(pages) if pages is not None else list_pages(folder)
    missing = [page for page in chosen if not (folder / page).is_file()]
    if missing or not chosen:
        raise FileNotFoundError(
            f"No page {', '.join(missing) or '*.html'} in {folder}: run `gaitbook build` first."
        )
    findings = []
    with ExitStack() as stack:
        root = stack.enter_context(serve_folder(folder)) if serve else f"{folder.as_uri()}/"
        browser = stack.enter_context(open_browser(browser_path))
        for view in views:
            logger.info("Looking at %d pages, %s, %d px", len(chosen), view.theme, view.width_px)
            with open_view(browser, view) as window:
                findings += [_inspect(window, view, root=root, page=page) for page in chosen]
    return findings


def list_pages(folder: Path) -> list[str]:
    """Pages of a built book, without those that only lead on to another one.

    Parameters
    ----------
    folder
        The built book.
    """
    found = sorted(path for path in folder.rglob("*.html") if "_static" not in path.relative_to(folder).parts)
    return [path.relative_to(folder).as_posix() for path in found if not _leads_on(path)]


def _leads_on(path: Path) -> bool:
    return 'http-equiv="refresh"' in path.read_text(encoding="utf-8")[:2000].lower()


def _inspect(window: "BrowserContext", view: View, *, root: str, page: str) -> PageFinding:
    from playwright.sync_api import Error

    opened = window.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    requests: list[str] = []
    errors: list[str] = []
    console: list[str] = []
    opened.on("request", lambda request: requests.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda line: console.append(_worded(line)) if line.type == "error" else None)
    seen: dict[str, Any] = {"theme": view.theme}
    try:
        opened.goto(root + page)
        opened.wait_for_timeout(SETTLE_MS)
        seen |= describe_page(opened, view.theme)
    except Error as error:
        errors.append(error.message)
    finally:
        opened.close()
    return PageFinding(
        page=page,
        width_px=view.width_px,
        external_requests=tuple(dict.fromkeys(url for url in requests if _is_external(url, root))),
        page_errors=tuple(errors),
        console_errors=tuple(console),
        **seen,
    )


def _worded(line: "ConsoleMessage") -> str:
    address = (line.location or {}).get("url", "")
    return f"{line.text} ({address})" if address and address not in line.text else str(line.text)


def _is_external(url: str, root: str) -> bool:
    return not url.startswith((*LOCAL_SCHEMES, root))
