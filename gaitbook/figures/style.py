"""The look of the figures: one restrained style, drawn once, right on light and dark pages.

Figures are drawn in *sentinel* colors. `to_adaptive_svg` replaces each by a CSS variable of the page with the
sentinel as fallback, so that a single vector image follows the theme of the reader, its text stays
selectable and it is the same byte for byte on every run. Hues are a darkened Okabe-Ito set [1]_,
distinguishable with the common color vision deficiencies; a second cue (line style, marker) goes with them.

References
----------
.. [1] Okabe M, Ito K (2008). Color universal design. https://jfly.uni-koeln.de/color/
"""

import hashlib
import io
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from itertools import cycle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

import pandas as pd

from gaitbook.figures.drawing import Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Table = TypeVar("Table", pd.Series, pd.DataFrame)
INK: Final = "#1f2329"
MUTED: Final = "#59636f"
RULE: Final = "#d3d8de"
PAPER: Final = "#fefefd"

PALETTE: Final = MappingProxyType(
    {"blue": "#0072b2", "vermillion": "#c9540a", "green": "#00805c", "purple": "#9c4f8b", "gold": "#a87400"}
)
"""Hues on a light page; ``assets/figures.css`` holds their lighter twins for a dark one."""

_PAGE_COLORS: Final = MappingProxyType(
    {
        "ink": (INK, "var(--pst-color-text-base,var(--jp-content-font-color1,#1f2329))"),
        "muted": (MUTED, "var(--pst-color-text-muted,var(--jp-content-font-color2,#59636f))"),
        "rule": (RULE, "var(--gaitbook-rule,var(--jp-border-color2,#d3d8de))"),
        "paper": (PAPER, "var(--pst-color-background,var(--jp-layout-color0,#fefefd))"),
        **{name: (color, f"var(--gaitbook-{name},{color})") for name, color in PALETTE.items()},
    }
)
"""Name of a color inside an image, its sentinel, and where the page says what it is."""

_ROOT_STYLE: Final = (
    "display:block;width:100%;height:auto;background:none;stroke-linejoin:round;stroke-linecap:butt;"
    "font-family:var(--pst-font-family-base,system-ui,'Helvetica Neue',Arial,'Liberation Sans',sans-serif)"
)
_HANDLE_LENGTH: Final = 2.2
_HANDLE_GAP: Final = 0.8
_SETTINGS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "gaitbook",
        "font.family": ["DejaVu Sans"],
        "font.size": 8.0,
        "axes.titlesize": 8.0,
        "axes.labelsize": 8.0,
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "legend.fontsize": 7.5,
        "legend.frameon": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "axes.titlecolor": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": RULE,
        "grid.linewidth": 0.6,
        "axes.linewidth": 0.7,
        "xtick.major.width": 0.7,
        "ytick.major.width": 0.7,
        "xtick.major.size": 3.0,
        "ytick.major.size": 3.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "savefig.facecolor": "none",
        "lines.linewidth": 1.4,
        "lines.markeredgewidth": 0.6,
        "lines.solid_capstyle": "round",
        "path.simplify": True,
    }
)


@dataclass(frozen=True)
class Look:
    """How one series is drawn everywhere: a color and a second cue beside it.

    The measured curve is broad and lies under the estimates, so that they stay visible where they agree with it.
    """

    color: str
    line: Literal["-"] | tuple[int, tuple[float, ...]]
    marker: str
    width: float = 1.4


_LOOKS: Final = MappingProxyType(
    {
        "measured": Look(INK, "-", "o", 2.4),
        "Newton": Look(PALETTE["vermillion"], (0, (1.2, 1.4)), "s"),
        "ridge": Look(PALETTE["blue"], (0, (4.5, 1.5)), "D"),
        "CNN": Look(PALETTE["green"], "-", "o"),
        "gaitbook": Look(PALETTE["blue"], "-", "o", 1.8),
        "LSTM": Look(PALETTE["gold"], (0, (4.5, 1.5)), "v"),
        "refinement, mid-range": Look(PALETTE["purple"], "-", "^"),
        "refinement, diffusion": Look(PALETTE["purple"], (0, (4.5, 1.5)), "D"),
        "diffusion": Look(PALETTE["vermillion"], "-", "X"),
        "mean cycle": Look(MUTED, (0, (4.5, 1.5)), "D"),
        "Newton alone": Look(PALETTE["vermillion"], (0, (1.2, 1.4)), "s"),
    }
)
_SPARE: Final = (
    Look(PALETTE["purple"], "-", "^"),
    Look(PALETTE["gold"], (0, (4.5, 1.5)), "v"),
    Look(PALETTE["blue"], "-", "o"),
    Look(PALETTE["vermillion"], "-", "s"),
    Look(MUTED, (0, (1.2, 1.4)), "D"),
)


def look_up(names: list[str]) -> dict[str, Look]:
    """Look of each series; names the book knows keep theirs, others take the spare ones that are left, in order.

    Examples
    --------
    >>> look_up(["measured", "mine"])["mine"].marker
    '^'
    """
    taken = {(_LOOKS[name].color, _LOOKS[name].marker) for name in names if name in _LOOKS}
    spare = cycle([look for look in _SPARE if (look.color, look.marker) not in taken] or _SPARE)
    return {name: _LOOKS[name] if name in _LOOKS else next(spare) for name in names}


def page_color(color: str) -> str:
    """Where a page says what this color is: a CSS variable with the color as fallback.

    Examples
    --------
    >>> page_color(PALETTE["blue"])
    'var(--gaitbook-blue,#0072b2)'
    """
    return next((variable for sentinel, variable in _PAGE_COLORS.values() if sentinel == color), color)


def name_speeds(speeds_mps: pd.Series) -> dict[float, str]:
    """Speeds in order with their names; NaN, all speeds together, comes last under the key infinity.

    Examples
    --------
    >>> name_speeds(pd.Series([3.5, float("nan"), 2.5]))
    {2.5: '2.5 m/s', 3.5: '3.5 m/s', inf: 'all speeds'}
    """
    names = {float(speed): f"{speed:g} m/s" for speed in sorted(speeds_mps.dropna().unique())}
    return {**names, math.inf: "all speeds"} if speeds_mps.isna().any() else names


def only_finite(numbers: Table) -> Table:
    """Numbers with NaN for the infinite ends of intervals that rest on one person: those cannot be drawn."""
    return numbers.astype(float).where(numbers.abs() < math.inf)


@contextmanager
def gait_style() -> Iterator[None]:
    """Style of the book inside a ``with`` block; matplotlib's settings are as before after it."""
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, dict(_SETTINGS))):
        yield


def draw_legend(
    figure: "Figure", looks: Mapping[str, Look], *, note: str = "", markers: bool = False, columns: int = 0
) -> None:
    """Write the names of the series over the panels, each in its own look, on the left.

    They stand in one line, or in as many columns as are asked for.
    """
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=look.color,
            linestyle="-" if markers else look.line,
            linewidth=look.width,
            marker=look.marker if markers else "",
            markersize=4,
        )
        for look in looks.values()
    ]
    names = list(looks)
    if note:
        handles.append(Line2D([], [], linestyle=""))
        names.append(note)
    legend = figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=columns or len(names),
        handlelength=_HANDLE_LENGTH,
        handletextpad=_HANDLE_GAP,
        columnspacing=1.6,
        borderpad=0.2,
    )
    if note:
        text = legend.get_texts()[-1]
        text.set_color(MUTED)
        # the note has no line before it to leave room for
        text.set_x(-(_HANDLE_LENGTH + _HANDLE_GAP) * _SETTINGS["legend.fontsize"])


def finish_drawing(figure: "Figure", table: pd.DataFrame, alt: str, *, label: str = "") -> Drawing:
    """Drawing of a finished matplotlib figure.

    Parameters
    ----------
    figure
        Drawn inside `gait_style`.
    table
        What was drawn.
    alt
        Alternative text.
    label
        Name of the cohort, printed small in the upper right corner and added to the alternative text.
    """
    if label:
        figure.text(1.0, 1.0, label, ha="right", va="top", fontsize=6.5, color=MUTED)
        alt = f"{alt} Data: {label}."
    svg = to_adaptive_svg(figure, alt)
    return Drawing(table=table, alt=alt, figure=figure, html=f'<div class="gaitbook-figure">{svg}</div>')


def to_adaptive_svg(figure: "Figure", alt: str) -> str:
    """Inline SVG of a figure that follows the page's theme and width.

    Ids carry a prefix made from the content, so that several images can stand on one page; the same figure
    gives the same bytes on every run.

    Parameters
    ----------
    figure
        Drawn inside `gait_style`.
    alt
        Alternative text, becomes the ``aria-label``.
    """
    stream = io.StringIO()
    with gait_style():
        figure.savefig(stream, format="svg", metadata={"Date": None}, transparent=True)
    body = re.sub(
        r"^.*?<svg[^>]*>|<metadata>.*?</metadata>|<!--.*?-->|</svg>\s*$", "", stream.getvalue(), flags=re.S
    )
    # matplotlib's style sheet would reach the whole page from an inline image: the root's style says the same
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.S)
    body = re.sub(r"<[^>]*>", _tidy_tag, re.sub(r">\s+<", "><", body).strip())
    colors = {name: value for name, value in _PAGE_COLORS.items() if value[0] in body}
    for name, (sentinel, _) in colors.items():
        body = body.replace(sentinel, f"var(--{name})")
    body = _isolate_ids(body, alt)
    width_pt, height_pt = (72 * size for size in figure.get_size_inches())
    style = ";".join([_ROOT_STYLE, *(f"--{name}:{variable}" for name, (_, variable) in colors.items())])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{escape(alt)}" viewBox="0 0 {width_pt:g} {height_pt:g}" style="{escape(style)}">'
        f"{body}</svg>"
    )


def _tidy_tag(tag: re.Match[str]) -> str:
    """One tag with the page's font and coordinates to a hundredth of a point."""
    text = re.sub(
        r"font-family: [^;\"]*;?\s?|(?<=px) 'DejaVu Sans'[^;\"]*", "", " ".join(tag.group(0).split())
    )
    return re.sub(
        r"-?\d+\.\d{3,}", lambda number: f"{float(number.group(0)):.2f}".rstrip("0").rstrip("."), text
    )


def _isolate_ids(body: str, alt: str) -> str:
    """Drop ids that nothing refers to; give the others a prefix of the content's hash."""
    used = set(re.findall(r"(?:url\(|href=\")#([^\")]+)", body))
    body = re.sub(r' id="([^"]+)"', lambda found: found.group(0) if found.group(1) in used else "", body)
    prefix = "g" + hashlib.sha256((alt + body).encode()).hexdigest()[:10] + "-"
    return re.sub(r'(url\(#|href="#| id=")', rf"\1{prefix}", body)
