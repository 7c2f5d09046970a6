"""What hiding costs: a row per condition, a mark with its interval per model, a panel per measure and group."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    PAPER,
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

COLUMNS: Final = ("condition", "model", "group", "measure", "value", "low", "high", "unit")
_WIDTH_IN: Final = 7.2
_MARK_IN: Final = 0.075
_ROOM_IN: Final = 0.16
_GROUP_SPAN: Final = 0.7
_MOST_NAMES: Final = 3
"""Names that one line of the legend holds."""
_NOTE: Final = "bar: 95 % interval over people"


def plot_conditions(
    table: pd.DataFrame,
    *,
    aim: tuple[float, float] | None = None,
    rows_label: str = "Hidden",
    label: str = "",
) -> Drawing:
    """Means with intervals over people, by condition and model.

    Parameters
    ----------
    table
        Tidy: ``condition`` (a row each, in this order), ``model`` (a mark each), ``group`` (a column of panels each),
        ``measure`` (a row of panels each), ``value``, ``low``, ``high`` (95 % interval), ``unit`` (one per measure).
    aim
        Range to lie in, drawn gray.
    rows_label
        What the conditions are.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, or a mark is there twice.
    """
    from matplotlib.figure import Figure

    what = "the figure of conditions"
    require_columns(table, COLUMNS, what)
    repeated = int(table.duplicated(["condition", "model", "group", "measure"]).sum())
    if repeated:
        raise ValueError(
            f"Cannot draw {what}: {repeated} row(s) repeat a condition, model, group and measure."
        )
    groups, measures, conditions, models = (
        list(dict.fromkeys(table[name])) for name in ("group", "measure", "condition", "model")
    )
    looks = look_up(models)
    with gait_style():
        height_in = 0.8 + len(measures) * (
            0.5 + len(conditions) * (_ROOM_IN + _MARK_IN * max(len(models) - 1, 1))
        )
        figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
        panels = figure.subplots(len(measures), len(groups), sharex="row", sharey=True, squeeze=False)
        for row, measure in enumerate(measures):
            for column, group in enumerate(groups):
                part = table[(table["measure"] == measure) & (table["group"] == group)]
                _draw_panel(panels[row, column], part, looks, conditions, aim)
                panels[row, column].set_title(group if row == 0 else "", fontweight="bold", pad=7)
                unit = table.loc[table["measure"] == measure, "unit"].iloc[0]
                panels[row, column].set_xlabel(f"{measure[:1].upper()}{measure[1:]} ({unit})")
            panels[row, 0].set_ylabel(rows_label)
            if aim is None:  # once all panels of the row are drawn, for they share their scale
                panels[row, 0].set_xlim(left=0)
        draw_legend(figure, looks, note=_NOTE, markers=True, columns=min(len(looks) + 1, _MOST_NAMES))
    alt = (
        f"Dots with 95 % interval bars: {', '.join(measures)} of {', '.join(models)} for {'; '.join(groups)}, with "
        f"this hidden: {', '.join(conditions)}."
    )
    return finish_drawing(figure, table, alt, label=label)


def _draw_panel(
    panel: "Axes",
    part: pd.DataFrame,
    looks: dict[str, Look],
    conditions: list[str],
    aim: tuple[float, float] | None,
) -> None:
    places = {condition: place for place, condition in enumerate(conditions)}
    offsets = np.linspace(-_GROUP_SPAN / 2, _GROUP_SPAN / 2, len(looks)) if len(looks) > 1 else np.zeros(1)
    if aim is not None:
        panel.axvspan(*aim, color=RULE, alpha=0.6, linewidth=0, zorder=0)
    for (model, look), offset in zip(looks.items(), offsets, strict=True):
        rows = part[part["model"] == model]
        heights = rows["condition"].map(places).to_numpy(float) + offset
        low, high = only_finite(rows["low"]), only_finite(rows["high"])
        panel.hlines(heights, low, high, color=look.color, linewidth=1.3)
        panel.plot(
            rows["value"], heights, look.marker, color=look.color, markersize=4.2, markeredgecolor=PAPER
        )
    for place in range(1, len(conditions)):
        panel.axhline(place - 0.5, color=RULE, linewidth=0.6, zorder=0.5)
    panel.set_ylim(len(conditions) - 0.5, -0.5)
    panel.set_yticks(range(len(conditions)), conditions)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    panel.locator_params(axis="x", nbins=5, steps=[1, 2, 5, 10])
