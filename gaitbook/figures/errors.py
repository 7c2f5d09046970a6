"""Errors of estimates: a dot for the mean and a bar for its interval, and the runners behind them."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.conventions import AXIS_MEANING
from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    MUTED,
    PAPER,
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

ERROR_COLUMNS: Final = ("method", "axis", "measure", "speed_mps", "value", "low", "high", "unit")
RUNNER_COLUMNS: Final = ("subject", "method", "axis", "value", "unit")
SUMMARY_COLUMNS: Final = ("method", "axis", "value", "low", "high")
_ORDER: Final = ("y", "x", "z")
_WIDTH_IN: Final = 7.2
_GROUP_SPAN: Final = 0.62


def plot_errors(table: pd.DataFrame, *, label: str = "") -> Drawing:
    """Mean errors with their intervals: a panel per measure and axis, a row per speed, a mark per method.

    Parameters
    ----------
    table
        Tidy: ``method``, ``axis`` (x, y, z), ``measure`` ("profile", "peak"), ``speed_mps`` (NaN: all speeds
        together), ``value``, ``low``, ``high`` (95 % interval over subjects), ``unit``.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(table, ERROR_COLUMNS, "the figure of errors")
    measures = list(dict.fromkeys(table["measure"]))
    axes = [axis for axis in _ORDER if axis in set(table["axis"])]
    speeds = name_speeds(table["speed_mps"])
    looks = look_up(list(dict.fromkeys(table["method"])))
    with gait_style():
        height_in = 0.6 + len(measures) * (0.55 + 0.34 * len(speeds))
        figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
        panels = figure.subplots(len(measures), len(axes), sharey=True, squeeze=False)
        for (row, measure), (column, axis) in _pairs(measures, axes):
            part = table[(table["measure"] == measure) & (table["axis"] == axis)]
            _draw_intervals(panels[row, column], part, looks, speeds)
            _name_error_panel(panels[row, column], measure, part["unit"].iloc[0] if len(part) else "")
            if row == 0:
                panels[row, column].set_title(AXIS_MEANING[axis].capitalize(), fontweight="bold", pad=7)
        draw_legend(figure, looks, note="bar: 95 % interval", markers=True)
    alt = (
        f"Dots with 95 % interval bars: {' and '.join(measures)} error of {', '.join(looks)} for "
        f"{', '.join(AXIS_MEANING[axis] for axis in axes)} force at {', '.join(speeds.values())}."
    )
    return finish_drawing(figure, table, alt, label=label)


def plot_runners(runners: pd.DataFrame, summary: pd.DataFrame | None = None, *, label: str = "") -> Drawing:
    """Error of each runner under each method: a thin line per runner, mean and interval beside it.

    Parameters
    ----------
    runners
        Tidy, one row per runner, method and axis: ``subject``, ``method``, ``axis``, ``value``, ``unit``; with
        ``speed_mps``, if there, one row per speed too.
    summary
        ``method``, ``axis``, ``value``, ``low``, ``high``: mean and 95 % interval over runners.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, a table is empty, or a runner is there twice.
    """
    from matplotlib.figure import Figure

    require_columns(runners, RUNNER_COLUMNS, "the figure of runners")
    repeated = int(runners.duplicated([*_runner_key(runners), "method", "axis"]).sum())
    if repeated:
        raise ValueError(
            f"Cannot draw the figure of runners: {repeated} row(s) repeat a runner, method, axis and speed; "
            "choose one measure, or average them before."
        )
    if summary is not None:
        require_columns(summary, SUMMARY_COLUMNS, "the means in the figure of runners")
    looks = look_up(list(dict.fromkeys(runners["method"])))
    each = " at one speed" if "speed_mps" in runners.columns else ""
    axes = [axis for axis in _ORDER if axis in set(runners["axis"])]
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 2.7), layout="constrained")
        panels = figure.subplots(1, len(axes), squeeze=False)[0]
        for panel, axis in zip(panels, axes, strict=True):
            _draw_pairs(panel, runners[runners["axis"] == axis], looks)
            if summary is not None:
                _draw_means(panel, summary[summary["axis"] == axis], looks)
            panel.set_title(AXIS_MEANING[axis].capitalize(), fontweight="bold", pad=7)
        panels[0].set_ylabel(f"Error ({runners['unit'].iloc[0]})")
        mean = "" if summary is None else "; large mark and bar: mean and 95 % interval"
        draw_legend(figure, {}, note=f"thin line: one runner{each}{mean}")
    count = runners["subject"].nunique()
    alt = (
        f"Error of {', '.join(looks)} for each of {count} runners, a thin line for one runner{each}, in panels for "
        f"{', '.join(AXIS_MEANING[axis] for axis in axes)} force; mean and 95 % interval beside the dots."
    )
    parts = [runners.assign(row="runner")] + ([] if summary is None else [summary.assign(row="mean")])
    return finish_drawing(figure, pd.concat(parts, ignore_index=True), alt, label=label)


def _pairs(rows: list[str], columns: list[str]) -> list[tuple[tuple[int, str], tuple[int, str]]]:
    return [(row, column) for row in enumerate(rows) for column in enumerate(columns)]


def _draw_intervals(
    panel: "Axes", part: pd.DataFrame, looks: dict[str, Look], speeds: dict[float, str]
) -> None:
    """Draw a bar and a dot per method and speed; methods of one speed stand close together."""
    places = {speed: place for place, speed in enumerate(speeds)}
    offsets = np.linspace(-_GROUP_SPAN / 2, _GROUP_SPAN / 2, len(looks)) if len(looks) > 1 else np.zeros(1)
    for (method, look), offset in zip(looks.items(), offsets, strict=True):
        rows = part[part["method"] == method]
        heights = rows["speed_mps"].fillna(np.inf).map(places).to_numpy(float) + offset
        panel.hlines(
            heights, only_finite(rows["low"]), only_finite(rows["high"]), color=look.color, linewidth=1.6
        )
        panel.plot(
            rows["value"], heights, look.marker, color=look.color, markersize=4.6, markeredgecolor=PAPER
        )
    for place in range(1, len(speeds)):
        panel.axhline(place - 0.5, color=RULE, linewidth=0.6, zorder=0.5)
    panel.set_ylim(len(speeds) - 0.5, -0.5)
    panel.set_yticks(range(len(speeds)), list(speeds.values()))
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)


def _name_error_panel(panel: "Axes", measure: str, unit: str) -> None:
    panel.set_xlim(left=0)
    panel.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    panel.set_xlabel(f"{measure.capitalize()} error ({unit})")


def _draw_pairs(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    """Draw every runner (at every speed, where there are several): a thin line across the methods, a dot on each."""
    wide = part.pivot(index=_runner_key(part), columns="method", values="value").reindex(columns=list(looks))
    panel.plot(range(len(looks)), wide.to_numpy().T, color=MUTED, linewidth=0.6, alpha=0.45, zorder=1)
    for place, (method, look) in enumerate(looks.items()):
        panel.plot(
            [place] * len(wide),
            wide[method],
            look.marker,
            color=look.color,
            markersize=2.6,
            alpha=0.75,
            zorder=2,
        )
    panel.set_xticks(range(len(looks)), list(looks))
    panel.set_xlim(-0.4, len(looks) - 0.6)
    panel.set_ylim(bottom=0)
    panel.locator_params(axis="y", nbins=6, steps=[1, 2, 5, 10])


def _runner_key(runners: pd.DataFrame) -> list[str]:
    """Columns that tell the lines apart."""
    return ["subject", "speed_mps"] if "speed_mps" in runners.columns else ["subject"]


def _draw_means(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    """Draw the mean and its interval just right of the runners' dots."""
    for place, (method, look) in enumerate(looks.items()):
        row = part[part["method"] == method]
        beside = np.full(len(row), place + 0.2)
        panel.vlines(
            beside,
            only_finite(row["low"]),
            only_finite(row["high"]),
            color=look.color,
            linewidth=1.8,
            zorder=3,
        )
        panel.plot(
            beside, row["value"], look.marker, color=look.color, markersize=5, markeredgecolor=PAPER, zorder=4
        )
