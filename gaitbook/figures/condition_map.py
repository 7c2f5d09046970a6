"""The table of conditions as a map: dots say what is hidden, cells how much it costs, the darker the more."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import INK, MUTED, PALETTE, RULE, finish_drawing, gait_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = ("condition", "group", "measure", "value", "unit")
PARTS: Final = ("trunk", "pelvis", "hips", "knees", "ankles")
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.175
_SHADE: Final = 0.55
"""Opacity of the largest number of a column."""
_LEFT: Final = 5.6
"""Where the cells begin; the dots stand at 0 to 4."""
_CELL: Final = 2.0


def plot_condition_map(table: pd.DataFrame, *, label: str = "") -> Drawing:
    """Numbers by condition (rows), group and measure (columns), with dots for the parts that are hidden.

    Parameters
    ----------
    table
        Tidy, one row per cell: ``condition`` (parts separated by commas, or words), ``group``, ``measure``, ``value``
        and ``unit``; all in the order to draw them.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, or a cell is there twice.
    """
    from matplotlib.figure import Figure

    what = "the map of conditions"
    require_columns(table, COLUMNS, what)
    repeated = int(table.duplicated(["condition", "group", "measure"]).sum())
    if repeated:
        raise ValueError(f"Cannot draw {what}: {repeated} row(s) repeat a condition, group and measure.")
    conditions = list(dict.fromkeys(table["condition"]))
    columns = list(dict.fromkeys(zip(table["group"], table["measure"], strict=True)))
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 1.35 + _ROW_IN * len(conditions)), layout="constrained")
        panel = figure.subplots()
        _draw_dots(panel, conditions)
        for number, (group, measure) in enumerate(columns):
            part = table[(table["group"] == group) & (table["measure"] == measure)].set_index("condition")
            _draw_column(panel, part.reindex(conditions), measure, _LEFT + _CELL * number)
        _name_groups(panel, columns)
        panel.set_xlim(-0.6, _LEFT + _CELL * len(columns) - 0.6)
        panel.set_ylim(len(conditions) - 0.4, -6.2)
        panel.set_axis_off()
    measures = ", ".join(dict.fromkeys(measure for _, measure in columns))
    groups = "; ".join(dict.fromkeys(group for group, _ in columns))
    alt = f"Map of {measures} for {groups} under {len(conditions)} conditions, {conditions[0]} to {conditions[-1]}."
    return finish_drawing(figure, table, alt, label=label)


def _draw_dots(panel: "Axes", conditions: list[str]) -> None:
    """A dot per part, filled where it is hidden; words where a condition is not made of parts."""
    for place, part in enumerate(PARTS):
        panel.text(place, -0.8, part, rotation=60, ha="left", va="bottom", fontsize=7)
    for row, condition in enumerate(conditions):
        hidden = condition.split(", ")
        if not set(hidden) <= {*PARTS, "nothing"}:
            panel.text(-0.3, row, condition, va="center", fontsize=7)
            continue
        for place, part in enumerate(PARTS):
            color = INK if part in hidden else RULE
            panel.plot(place, row, "o", color=color, markersize=4.5, markeredgewidth=0)


def _draw_column(panel: "Axes", column: pd.DataFrame, measure: str, left: float) -> None:
    from matplotlib.patches import Rectangle

    values = column["value"].to_numpy(float)
    low, high = np.nanmin(values), np.nanmax(values)
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    decimals = 0 if high >= 100.0 or column["unit"].iloc[0] == "%" else 1  # noqa: PLR2004 - three digits are enough
    for row, (value, shade) in enumerate(zip(values, share, strict=True)):
        if np.isfinite(value):
            box = Rectangle((left - 0.5, row - 0.5), _CELL, 1.0, color=PALETTE["blue"], linewidth=0)
            box.set_alpha(_SHADE * float(shade))
            panel.add_patch(box)
        text = f"{value:.{decimals}f}" if np.isfinite(value) else "–"
        panel.text(left - 0.5 + _CELL / 2, row, text, ha="center", va="center", fontsize=7)
    unit = column["unit"].dropna().iloc[0]
    panel.text(left + 0.2, -0.8, f"{measure} ({unit})", rotation=60, ha="left", va="bottom", fontsize=7)


def _name_groups(panel: "Axes", columns: list[tuple[str, str]]) -> None:
    groups = [group for group, _ in columns]
    for group in dict.fromkeys(groups):
        first, count = groups.index(group), groups.count(group)
        left = _LEFT + _CELL * first - 0.4
        right = left + _CELL * count - 0.2
        panel.plot([left, right], [-5.2, -5.2], color=MUTED, linewidth=0.8)
        panel.text(left, -5.35, group, ha="left", va="bottom", fontweight="bold", fontsize=7.5)
