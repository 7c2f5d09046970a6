"""A browser for looking at built pages: Chromium without a window, steered by Playwright.

The browser is the one of the machine; none is downloaded. It is started so that it asks for nothing by itself:
whatever is requested, a page requested.
"""

import http
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
HEIGHT_PX = 900
ICON = "/favicon.ico"


@dataclass(frozen=True)
class View:
    """How a reader looks at a page.

    Attributes
    ----------
    theme
        What the reader's system prefers.
    width_px
        Width of the window.
    """

    theme: Literal["light", "dark"]
    width_px: int


DEFAULT_VIEWS = (View("light", 1280), View("dark", 1280), View("light", 390))
"""A desk by day, a desk by night, a phone."""


class _SilentHandler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Send a file; an icon that no page names, and that a browser asks for by itself, is not missed."""
        if self.path == ICON and not Path(self.translate_path(self.path)).exists():
            self.send_response(http.HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal belongs to the caller."""


def find_browser() -> str | None:
    """Path of the Chromium or Chrome of this machine, ``None`` if there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def open_browser(path: str | None = None) -> Iterator["Browser"]:
    """Running browser (`playwright.sync_api.Browser`), closed at the end.

    Parameters
    ----------
    path
        Executable; by default that of `find_browser`.

    Raises
    ------
    ModuleNotFoundError
        Playwright is not installed.
    FileNotFoundError
        There is no browser on this machine.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Looking at the pages needs Playwright: install it with pip install 'gaitbook[dev]'."
        ) from error
    executable = path or find_browser()
    if executable is None or not Path(executable).exists():
        looked_for = path or ", ".join(BROWSERS)
        raise FileNotFoundError(
            f"Looking at the pages needs Chromium; not found on this machine: {looked_for}. "
            "Install it (on Debian and Ubuntu: apt-get install chromium), or give the path of the program."
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(QUIET_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_view(browser: "Browser", view: View) -> Iterator["BrowserContext"]:
    """Window (`playwright.sync_api.BrowserContext`) with the theme and width of a view, without any memory.

    Parameters
    ----------
    browser
        Running browser of `open_browser`.
    view
        How to look.
    """
    context = browser.new_context(
        viewport={"width": view.width_px, "height": HEIGHT_PX}, color_scheme=view.theme
    )
    try:
        yield context
    finally:
        context.close()


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Address, ending in a slash, under which this machine alone sees a folder, on a port that was free.

    Parameters
    ----------
    folder
        What to serve.
    """
    handler = partial(_SilentHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
