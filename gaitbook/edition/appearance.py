"""What an opened page looks like: its theme, its width, its figures, its interactive parts.

Figures are judged by their pixels. A drawing may be there for a program and yet show nothing to a reader.
"""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FIGURES = ":is(article, figure, .gaitbook-exhibit) :is(svg, canvas, img)"
PLAYER = '[data-widget="player"]'
PLAY_BUTTON = 'button[aria-label*="play" i]'
BARS_AWAY = (
    "header, .bd-header, .bd-header-announcement, .bd-header-article { visibility: hidden !important; }"
)
SMALLEST_FIGURE_PX = 40
"""Smaller drawings are icons."""
LEAST_INK = 5e-4
"""Share of the pixels of a figure that must differ from its background."""
LEAST_CONTRAST = 16
"""Difference, of 255, from which on a pixel differs."""
PLAY_MS = 700
OVERFLOW = """() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)
    - document.documentElement.clientWidth"""
NAME_OF_FIGURE = """(element) => {
    const exhibit = element.closest("[data-figure]");
    const figure = element.closest("figure[id]");
    return exhibit ? exhibit.dataset.figure : figure ? figure.id : element.getAttribute("src") || element.tagName;
}"""


def describe_page(opened: "Page", theme: str) -> dict[str, Any]:
    """Theme, overflow, figures, blank figures, interactive parts and whether the player moves, by field name.

    Parameters
    ----------
    opened
        The page, loaded.
    theme
        Theme of a page that has none of its own.
    """
    overflow_px = max(0, int(opened.evaluate(OVERFLOW)))
    figures = list(_visible_figures(opened))
    shots = [(figure.evaluate(NAME_OF_FIGURE), figure.screenshot(style=BARS_AWAY)) for figure in figures]
    return {
        "theme": opened.evaluate("() => document.documentElement.dataset.theme") or theme,
        "overflow_px": overflow_px,
        "figures": len(figures),
        "blank_figures": tuple(name for name, image in shots if not has_ink(image)),
        "widgets_mounted": opened.locator('[data-widget][data-mounted="true"]').count(),
        "animated": _animates(opened),
    }


def has_ink(image: bytes) -> bool:
    """Some of a picture differs from its most frequent color.

    Parameters
    ----------
    image
        Content of a picture file.
    """
    from PIL import Image, ImageChops

    with Image.open(io.BytesIO(image)) as opened:
        picture = opened.convert("RGB")
    colors = picture.getcolors(maxcolors=picture.width * picture.height) or []
    background = cast("tuple[int, int, int]", max(colors, key=lambda count: count[0])[1])
    red, green, blue = ImageChops.difference(picture, Image.new("RGB", picture.size, background)).split()
    strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(strongest.histogram()[LEAST_CONTRAST:]) >= LEAST_INK * picture.width * picture.height


def _visible_figures(opened: "Page") -> Iterator["Locator"]:
    for figure in opened.locator(FIGURES).all():
        box = figure.bounding_box() if figure.is_visible() else None
        if box and min(box["width"], box["height"]) >= SMALLEST_FIGURE_PX:
            yield figure


def _animates(opened: "Page") -> bool | None:
    player = opened.locator(PLAYER).first
    if player.count() == 0:
        return None
    canvas, button = player.locator("canvas").first, player.locator(PLAY_BUTTON).first
    if canvas.count() == 0 or button.count() == 0:
        return False
    before = canvas.screenshot(style=BARS_AWAY)
    button.click()
    opened.wait_for_timeout(PLAY_MS)
    return bool(canvas.screenshot(style=BARS_AWAY) != before)
