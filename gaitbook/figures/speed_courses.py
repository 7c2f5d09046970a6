"""Course of numbers over speed: foretold with its band, measured, and what simpler rules say."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.panel_rows import WIDTH_IN, even_columns, fold_words, legend_columns, open_panels
from gaitbook.figures.style import (
    MUTED,
    PAPER,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    look_up,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: Final = ("quantity", "unit", "group", "source", "speed_mps", "value", "low", "high")
FORETOLD, MEASURED = "foretold", "measured"
RULES: Final = {
    "scaling laws": Look(MUTED, (0, (1.2, 1.4)), "", 1.2),
    "mixed model": Look(MUTED, (0, (4.5, 1.5)), "", 1.1),
}
_SOURCES: Final = (FORETOLD, MEASURED, *RULES)
_LINES: Final = {FORETOLD: Look(MUTED, "-", "", 1.6), MEASURED: Look(MUTED, "-", "o", 1.1), **RULES}
_KNOWN: Final = "known speed"
_FLATTEST_IN, _TALLEST_IN = 1.45, 2.2
_TITLE_IN: Final = 0.3
_BAND_OPACITY: Final = 0.16
_CIRCLE_PT: Final = 5.4


def plot_speed_courses(courses: pd.DataFrame, *, label: str = "") -> Drawing:
    """Numbers over speed, a panel per quantity and a color per group.

    Parameters
    ----------
    courses
        Tidy: ``quantity`` (a panel each) with its ``unit``, ``group`` (such as "running, recorded"), ``source``
        ("foretold", "measured", "scaling laws", "mixed model"), ``speed_mps``, ``value``, ``low``, ``high`` (interval;
        NaN without); with ``own_mps``, if there, the speed at which the group was known: an open circle on the curve
        foretold, or on the axis where that does not reach it.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a source is unknown, or a mark is there twice.
    """
    from matplotlib.figure import Figure

    _check(courses)
    quantities = list(dict.fromkeys(courses["quantity"]))
    looks = look_up(list(dict.fromkeys(courses["group"])))
    columns = even_columns(len(quantities))
    with gait_style():
        rows = -(-len(quantities) // columns)
        panel_in = float(np.clip(0.55 * WIDTH_IN / columns, _FLATTEST_IN, _TALLEST_IN))
        height_in = 0.75 + rows * (_TITLE_IN + panel_in)
        figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
        panels = open_panels(figure, len(quantities))
        for panel, quantity in zip(panels, quantities, strict=True):
            part = courses[courses["quantity"] == quantity]
            for group, look in looks.items():
                _draw_group(panel, part[part["group"] == group], look)
            title = f"{_capital(str(quantity))} ({part['unit'].iloc[0]})"
            panel.set_title(fold_words(title, WIDTH_IN / columns - 0.35), loc="left", pad=5)
            panel.locator_params(axis="both", nbins=5, steps=[1, 2, 5, 10])
        figure.supxlabel("Speed (m/s)", fontsize=8)
        _name_series(figure, courses, looks, label)
    return finish_drawing(figure, courses, _describe(courses, quantities, looks), label=label)


def _check(courses: pd.DataFrame) -> None:
    what = "the figure of speeds"
    require_columns(courses, COLUMNS, what)
    faults = []
    unknown = [str(source) for source in dict.fromkeys(courses["source"]) if source not in _SOURCES]
    if unknown:
        faults.append(f"the source(s) {', '.join(unknown)} are none of {', '.join(_SOURCES)}")
    repeated = int(courses.duplicated(["quantity", "group", "source", "speed_mps"]).sum())
    if repeated:
        faults.append(
            f"{repeated} row(s) repeat a quantity, group, source and speed, so average over people before"
        )
    if faults:
        raise ValueError(f"Cannot draw {what}: {'; '.join(faults)}.")


def _draw_group(panel: "Axes", part: pd.DataFrame, look: Look) -> None:
    part = part.sort_values("speed_mps")
    for source, rule in RULES.items():
        rows = part[part["source"] == source]
        panel.plot(
            rows["speed_mps"], rows["value"], color=look.color, linestyle=rule.line, linewidth=rule.width
        )
    foretold = part[part["source"] == FORETOLD]
    ends = only_finite(foretold["low"]), only_finite(foretold["high"])
    panel.fill_between(foretold["speed_mps"], *ends, color=look.color, alpha=_BAND_OPACITY, linewidth=0)
    panel.plot(foretold["speed_mps"], foretold["value"], color=look.color, linewidth=1.6)
    measured = part[part["source"] == MEASURED]
    ends = only_finite(measured["low"]), only_finite(measured["high"])
    panel.vlines(measured["speed_mps"], *ends, color=look.color, linewidth=1.1, zorder=2.2)
    panel.plot(
        measured["speed_mps"],
        measured["value"],
        look.marker,
        color=look.color,
        markersize=4.4,
        markeredgecolor=PAPER,
        zorder=2.4,
    )
    if "own_mps" in part.columns:
        for own_mps in part["own_mps"].dropna().unique():
            _mark_known(panel, float(own_mps), foretold.dropna(subset=["value"]), look)


def _mark_known(panel: "Axes", own_mps: float, foretold: pd.DataFrame, look: Look) -> None:
    """Draw an open circle on the curve foretold, or on the axis where the curve does not reach the speed."""
    height = np.nan
    if len(foretold):
        height = float(
            np.interp(own_mps, foretold["speed_mps"], foretold["value"], left=np.nan, right=np.nan)
        )
    on_axis = not np.isfinite(height)
    panel.plot(
        own_mps,
        0.0 if on_axis else height,
        "o",
        color=look.color,
        markersize=_CIRCLE_PT,
        markerfacecolor=PAPER,
        markeredgewidth=1.1,
        zorder=2.6,
        clip_on=not on_axis,
        transform=panel.get_xaxis_transform() if on_axis else panel.transData,
    )


def _name_series(figure: "Figure", courses: pd.DataFrame, looks: dict[str, Look], label: str) -> None:
    """Write the groups with their marks, then the sources in gray with theirs."""
    drawn = set(courses["source"])
    groups = {group: Look(look.color, "-", look.marker, 1.6) for group, look in looks.items()}
    sources = {source: look for source, look in _LINES.items() if source in drawn}
    if "own_mps" in courses.columns and courses["own_mps"].notna().any():
        sources[_KNOWN] = Look(MUTED, "-", "o", 0.0)
    named = {**groups, **sources}
    # a column for the groups, where their names leave room for it
    columns = min(1 - (-len(sources) // len(groups)), legend_columns(list(named), label=label))
    draw_legend(figure, named, columns=columns)
    for handle, look, name in zip(figure.legends[0].legend_handles, named.values(), named, strict=True):
        if name not in groups or MEASURED in drawn:
            handle.set(marker=look.marker, markeredgecolor=look.color)  # type: ignore[union-attr]
        if name == _KNOWN:
            handle.set(markerfacecolor=PAPER, markersize=_CIRCLE_PT, markeredgewidth=1.1)  # type: ignore[union-attr]


def _describe(courses: pd.DataFrame, quantities: list[str], looks: dict[str, Look]) -> str:
    """Alternative text: what is shown, and the ends of every course."""
    sources = [source for source in _SOURCES if source in set(courses["source"])]
    said = []
    for quantity in quantities:
        part = courses[courses["quantity"] == quantity].dropna(subset=["value"]).sort_values("speed_mps")
        groups = [(group, _say_ends(part[part["group"] == group], sources)) for group in looks]
        told = "; ".join(f"{group}: {ends}" for group, ends in groups if ends)
        unit = courses.loc[courses["quantity"] == quantity, "unit"].iloc[0]
        said.append(f"{_capital(str(quantity))} ({unit}), {told or 'nothing'}")
    return f"Courses over speed ({', '.join(sources)}), a panel per quantity. {'. '.join(said)}."


def _say_ends(part: pd.DataFrame, sources: list[str]) -> str:
    words = []
    for source in sources:
        rows = part[part["source"] == source]
        if rows.empty:
            continue
        first, last = rows.iloc[0], rows.iloc[-1]
        begin = f"{source} {first['value']:.3g} at {first['speed_mps']:.3g} m/s"
        words.append(
            begin if len(rows) == 1 else f"{begin} to {last['value']:.3g} at {last['speed_mps']:.3g} m/s"
        )
    return ", ".join(words)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
