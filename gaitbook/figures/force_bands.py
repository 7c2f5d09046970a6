"""Completed force with its band over the seconds of a trial, beside what the plates measured: a column per trial."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from gaitbook.conventions import AXIS_MEANING
from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.gait_explorer_state import look_of_series
from gaitbook.figures.style import MUTED, RULE, Look, draw_legend, finish_drawing, gait_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = ("trial", "foot", "axis", "time_s", "measured", "value", "low", "high", "unit")
_ROWS: Final = ("y", "x", "z")
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.4
_BAND_OPACITY: Final = 0.2


def plot_force_bands(table: pd.DataFrame, *, label: str = "") -> Drawing:
    """Force of both feet over time: measured broad and gray, completed on top with its band.

    Parameters
    ----------
    table
        Tidy: ``trial`` (words over a column of panels), ``foot``, ``axis`` (x, y, z), ``time_s``, ``measured``,
        ``value``, ``low``, ``high`` (90 % interval) and ``unit``.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(table, COLUMNS, "the figure of completed force")
    trials = list(dict.fromkeys(table["trial"]))
    axes = [axis for axis in _ROWS if axis in set(table["axis"])]
    looks = look_of_series(list(dict.fromkeys(table["foot"])))
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.6 + _PANEL_HEIGHT_IN * len(axes)), layout="constrained")
        panels = figure.subplots(len(axes), len(trials), sharex="col", sharey="row", squeeze=False)
        for row, axis in enumerate(axes):
            for column, trial in enumerate(trials):
                part = table[(table["axis"] == axis) & (table["trial"] == trial)]
                _draw_panel(panels[row, column], part, looks)
                if row == 0:
                    panels[row, column].set_title(trial, fontweight="bold", pad=8)
            panels[row, 0].set_ylabel(f"{AXIS_MEANING[axis].capitalize()}\nforce ({table['unit'].iloc[0]})")
        figure.align_ylabels()
        figure.supxlabel("Time (s)", fontsize=8)
        draw_legend(figure, looks, note="gray: measured; band: 90 % interval")
    alt = (
        f"Force of {' and '.join(looks)} foot over time in {'; '.join(trials)}: measured, and completed with its 90 % "
        f"band, along {', '.join(AXIS_MEANING[axis] for axis in axes)}."
    )
    return finish_drawing(figure, table, alt, label=label)


def _draw_panel(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    panel.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
    for foot, look in looks.items():
        curve = part[part["foot"] == foot].sort_values("time_s")
        time_s = curve["time_s"]
        panel.plot(time_s, curve["measured"], color=MUTED, linewidth=2.4, alpha=0.5)
        panel.fill_between(
            time_s, curve["low"], curve["high"], color=look.color, alpha=_BAND_OPACITY, linewidth=0
        )
        panel.plot(time_s, curve["value"], color=look.color, linestyle=look.line, linewidth=look.width)
    panel.margins(x=0)
    panel.locator_params(axis="y", nbins=4)
