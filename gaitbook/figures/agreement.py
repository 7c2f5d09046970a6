"""Predicted against true, a point each with its interval: on the line where they agree."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.panel_rows import WIDTH_IN, even_columns, fold_words, legend_columns, open_panels
from gaitbook.figures.style import (
    MUTED,
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    look_up,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = ("quantity", "unit", "group", "true", "predicted", "low", "high")
SCORE_COLUMNS: Final = ("quantity", "slope", "r", "coverage")
MANY: Final = 500
"""Points of a panel beyond which they become an image."""
_IMAGE_DPI: Final = 200
_LARGEST_IN: Final = 2.7
_BESIDE_IN, _ABOVE_IN = 0.4, 0.85
_SCORE_PT: Final = 6.5
_LINE_PT: Final = 1.45 * _SCORE_PT
_ROOM: Final = 0.05
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_MARKERS: Final = ("o", "s", "^", "D", "v", "X", "P", "p", "<", ">", "*", "h")
_NOTE: Final = "faint bar: interval"


def plot_agreement(
    points: pd.DataFrame,
    *,
    scores: pd.DataFrame | None = None,
    quantity_words: Mapping[str, str] | None = None,
    label: str = "",
) -> Drawing:
    """Predicted against true values, a square panel per quantity with the line where both are equal.

    Parameters
    ----------
    points
        Tidy: ``quantity`` (a panel each) with its ``unit``, ``group`` (a mark each), ``true``, ``predicted``, ``low``,
        ``high`` (interval of the prediction; NaN without).
    scores
        ``quantity`` (once each), ``slope`` of predicted on true, correlation ``r``, and ``coverage`` (share of true
        values inside the interval); written over the panel, NaN left out.
    quantity_words
        Words of a quantity; its own name otherwise.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, a table is empty, or a quantity is scored twice.
    """
    from matplotlib.figure import Figure

    require_columns(points, COLUMNS, "the figure of agreement")
    told = _say_scores(scores)
    quantities = list(dict.fromkeys(points["quantity"]))
    words = {name: (quantity_words or {}).get(name, _own_words(str(name))) for name in quantities}
    looks = _tell_apart(look_up(list(dict.fromkeys(points["group"]))))
    columns = even_columns(len(quantities))
    side_in = min(WIDTH_IN / columns - _BESIDE_IN, _LARGEST_IN)
    with gait_style():
        height_in = 0.75 + -(-len(quantities) // columns) * (side_in + _ABOVE_IN)
        figure = Figure(figsize=(WIDTH_IN, height_in), dpi=_IMAGE_DPI, layout="constrained")
        panels = open_panels(figure, len(quantities), share_x=False)
        for panel, quantity in zip(panels, quantities, strict=True):
            part = points[points["quantity"] == quantity]
            _draw_points(panel, part, looks)
            _make_square(panel, part)
            _write_over(panel, f"{words[quantity]} ({part['unit'].iloc[0]})", told.get(quantity, ""), side_in)
        for panel in panels[::columns]:
            panel.set_ylabel("Predicted")
        for panel in panels[max(len(panels) - columns, 0) :]:
            panel.set_xlabel("True")
        draw_legend(
            figure, looks, note=_NOTE, markers=True, columns=legend_columns([*looks, _NOTE], label=label)
        )
    return finish_drawing(figure, points, _describe(points, words, told, looks), label=label)


def _say_scores(scores: pd.DataFrame | None) -> dict[str, str]:
    """Words such as ``"slope 0.98, r 0.97, 91 % covered"`` by quantity."""
    if scores is None:
        return {}
    what = "the scores in the figure of agreement"
    require_columns(scores, SCORE_COLUMNS, what)
    repeated = int(scores.duplicated("quantity").sum())
    if repeated:
        raise ValueError(
            f"Cannot draw {what}: {repeated} row(s) repeat a quantity; score all groups together."
        )
    ways = {"slope": "slope {:.2f}", "r": "r {:.2f}", "coverage": "{:.0%} covered"}
    return {
        str(row["quantity"]): ", ".join(
            way.format(row[name]).replace("%", " %") for name, way in ways.items() if pd.notna(row[name])
        )
        for _, row in scores.iterrows()
    }


def _tell_apart(looks: dict[str, Look]) -> dict[str, Look]:
    """Looks with other markers for those that are there before."""
    apart: dict[str, Look] = {}
    for name, look in looks.items():
        taken = {other.marker for other in apart.values()}
        free = [marker for marker in _MARKERS if marker not in taken]
        repeated = any((other.color, other.marker) == (look.color, look.marker) for other in apart.values())
        apart[name] = replace(look, marker=free[0]) if repeated and free else look
    return apart


def _draw_points(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    """Draw all bars of a group as one path, so that they do not darken each other, and the marks over all bars."""
    many = len(part) > MANY
    for group, look in looks.items():
        rows = part[part["group"] == group]
        ends = only_finite(rows[["low", "high"]]).assign(gap=np.nan).to_numpy()
        places = np.repeat(rows["true"].to_numpy(dtype=float), 3)
        panel.plot(
            places,
            ends.ravel(),
            color=look.color,
            linewidth=0.5,
            alpha=0.15 if many else 0.25,
            zorder=1,
            rasterized=many,
        )
    for group, look in looks.items():
        rows = part[part["group"] == group]
        panel.plot(
            rows["true"],
            rows["predicted"],
            look.marker,
            color=look.color,
            markersize=1.8 if many else 2.6,
            markeredgewidth=0,
            alpha=0.45 if many else 0.7,
            zorder=2,
            rasterized=many,
        )


def _make_square(panel: "Axes", part: pd.DataFrame) -> None:
    """Give both axes the range of all points and intervals, and draw the line where both are equal."""
    from matplotlib.ticker import MaxNLocator

    numbers = only_finite(part[["true", "predicted", "low", "high"]]).to_numpy()
    low, high = (
        (float(np.nanmin(numbers)), float(np.nanmax(numbers))) if np.isfinite(numbers).any() else (0, 1)
    )
    room = _ROOM * ((high - low) or 1.0)
    ends = low - room, high + room
    panel.plot(ends, ends, color=MUTED, linewidth=0.8, zorder=0.8)
    if ends[0] < 0 < ends[1]:
        panel.axhline(0, color=RULE, linewidth=0.6, zorder=0.5)
        panel.axvline(0, color=RULE, linewidth=0.6, zorder=0.5)
    panel.set(xlim=ends, ylim=ends)
    panel.set_aspect("equal", adjustable="box")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))


def _write_over(panel: "Axes", title: str, scores: str, width_in: float) -> None:
    """Write the quantity over the panel and its scores, small, between both."""
    whole = scores.replace(" ", _NO_BREAK).replace(f",{_NO_BREAK}", ", ")
    folded = fold_words(whole, width_in, size_pt=_SCORE_PT).replace(_NO_BREAK, " ")
    lines = folded.count("\n") + 1 if folded else 0
    panel.annotate(
        folded,
        (0.0, 1.0),
        (0.0, 3.0),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=_SCORE_PT,
        color=MUTED,
        va="bottom",
    )
    panel.set_title(fold_words(title, width_in), loc="left", pad=5.0 + lines * _LINE_PT)


def _describe(
    points: pd.DataFrame, words: dict[str, str], told: dict[str, str], looks: dict[str, Look]
) -> str:
    """Alternative text: what is shown, how many points, their range, and the scores."""
    said = []
    for quantity, name in words.items():
        part = points[points["quantity"] == quantity].dropna(subset=["true", "predicted"])
        ranges = ", ".join(
            f"{which} {part[which].min():.3g} to {part[which].max():.3g}" for which in ("true", "predicted")
        )
        facts = [f"{len(part)} points", *([ranges] if len(part) else []), *filter(None, [told.get(quantity)])]
        unit = points.loc[points["quantity"] == quantity, "unit"].iloc[0]
        said.append(f"{name} ({unit}): {', '.join(facts)}")
    return (
        f"Predicted against true values of {', '.join(looks)}, with intervals and the line where both are equal. "
        f"{'. '.join(said)}."
    )


def _own_words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
