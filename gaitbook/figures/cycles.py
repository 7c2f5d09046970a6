"""Curves over the gait cycle: one small panel per component and speed, a row on one scale."""

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from gaitbook.conventions import AXIS_MEANING
from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    look_up,
    name_speeds,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = ("axis", "speed_mps", "phase_percent", "source", "mean", "low", "high")
_ROWS: Final = ("y", "x", "z")
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.5
_BAND_OPACITY: Final = 0.16


def plot_cycles(
    curves: pd.DataFrame,
    *,
    quantity: str = "force",
    unit: str = "%BW",
    phase: str = "Gait cycle (%)",
    label: str = "",
) -> Drawing:
    """Mean curves with their intervals over the gait cycle, a panel per axis and speed.

    Parameters
    ----------
    curves
        Tidy: ``axis`` (x, y, z, or the name of a component), ``speed_mps``, ``phase_percent`` (0 to 100),
        ``source`` ("measured" or the name of a method) and ``mean``, ``low``, ``high`` (95 % interval over
        subjects) in `unit`.
    quantity, unit, phase
        Words on the axes.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(curves, COLUMNS, "the figure of gait cycles")
    axes = sorted(dict.fromkeys(curves["axis"]), key=lambda axis: (*_ROWS, axis).index(axis))
    speeds = name_speeds(curves["speed_mps"])
    sources = sorted(dict.fromkeys(curves["source"]), key=lambda source: source != "measured")
    looks = look_up(sources)
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.6 + _PANEL_HEIGHT_IN * len(axes)), layout="constrained")
        panels = figure.subplots(len(axes), len(speeds), sharex=True, sharey="row", squeeze=False)
        for row, axis in enumerate(axes):
            for column, speed in enumerate(speeds):
                part = curves[(curves["axis"] == axis) & (curves["speed_mps"].fillna(math.inf) == speed)]
                _draw_panel(panels[row, column], part, looks)
                if row == 0:
                    panels[row, column].set_title(speeds[speed], fontweight="bold", pad=8)
            _name_row(panels[row, 0], f"{_name(axis).capitalize()}\n{quantity} ({unit})")
        figure.align_ylabels()
        figure.supxlabel(phase, fontsize=8)
        draw_legend(figure, looks, note="band: 95 % interval")
    return finish_drawing(
        figure, curves, _describe(axes, speeds, looks, f"{quantity} in {unit}"), label=label
    )


def _name(axis: str) -> str:
    return AXIS_MEANING.get(axis, axis)


def _draw_panel(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    """Draw one component at one speed: bands under curves, the measured curve lowest."""
    panel.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
    for source, look in looks.items():
        curve = part[part["source"] == source].sort_values("phase_percent")
        phase = curve["phase_percent"]
        low, high = only_finite(curve["low"]), only_finite(curve["high"])
        panel.fill_between(phase, low, high, color=look.color, alpha=_BAND_OPACITY, linewidth=0)
        panel.plot(phase, curve["mean"], color=look.color, linestyle=look.line, linewidth=look.width)
    panel.set_xlim(0, 100)
    panel.set_xticks([0, 25, 50, 75, 100], ["0", "", "50", "", "100"])


def _name_row(panel: "Axes", name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    panel.set_ylabel(name)
    panel.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))


def _describe(axes: list[str], speeds: dict[float, str], looks: dict[str, Look], quantity: str) -> str:
    """Alternative text: what is shown, not what it means."""
    return (
        f"Curves of {', '.join(map(_name, axes))} {quantity} over the gait cycle at "
        f"{', '.join(speeds.values())}, one panel each: {', '.join(looks)}, "
        "mean and 95 % interval over subjects."
    )
