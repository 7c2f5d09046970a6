"""Discoveries against the truth: how many were false and how much was found, in each simulated cohort."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.sex_panels import check_table, name_rows, order_sexes, sex_looks, spread_evenly
from gaitbook.figures.style import (
    INK,
    MUTED,
    PAPER,
    draw_legend,
    finish_drawing,
    gait_style,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRUTH_COLUMNS: Final = ("cohort", "procedure", "sex", "false_discovery", "power")
SUMMARY_COLUMNS: Final = ("procedure", "sex", "quantity", "value", "low", "high")
QUANTITIES: Final = {"false_discovery": "False discoveries (%)", "power": "Power (%)"}
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.42
_DOT_SPAN: Final = 0.44
"""Height over which the cohorts of a row are spread, in order."""
_MEAN_BELOW: Final = 0.36


def plot_discovery_truth(
    cohorts: pd.DataFrame,
    summary: pd.DataFrame | None = None,
    *,
    nominal: float = 0.05,
    label: str = "",
) -> Drawing:
    """Share of false discoveries and power, a dot per simulated cohort, beside the level that was asked for.

    Parameters
    ----------
    cohorts
        Tidy: ``cohort``, ``procedure`` (such as ``"gaitbook"``, ``"published"``; in the order to draw them), ``sex``,
        ``false_discovery`` (share of the discoveries that are false, 0 to 1), ``power`` (share of what is there that
        was found, 0 to 1; NaN where nothing is there).
    summary
        ``procedure``, ``sex``, ``quantity`` (``"false_discovery"`` or ``"power"``), ``value``, ``low``, ``high``: mean
        over cohorts and its interval, drawn below the dots and written at the right.
    nominal
        Level of false discoveries that was asked for.
    label
        Name of the cohorts, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, a table is empty, a sex is unknown, a cohort is there twice, or a share is none.
    """
    from matplotlib.figure import Figure

    what = "the figure of true and false discoveries"
    check_table(cohorts, TRUTH_COLUMNS, what, keys=("cohort", "procedure", "sex"), shares=tuple(QUANTITIES))
    if summary is not None:
        require_columns(summary, SUMMARY_COLUMNS, f"the means in {what}")
    sexes = order_sexes(cohorts["sex"])
    rows = [(name, sex) for name in dict.fromkeys(cohorts["procedure"]) for sex in sexes]
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.85 + _ROW_IN * len(rows)), layout="constrained")
        panels = figure.subplots(1, len(QUANTITIES), sharey=True)
        for panel, (quantity, words) in zip(panels, QUANTITIES.items(), strict=True):
            name_rows(panel, [f"{procedure}, {sexes[sex]}" for procedure, sex in rows])
            for place, row in enumerate(rows):
                _draw_dots(panel, place, cohorts, row, quantity)
                if summary is not None:
                    _draw_mean(panel, place, summary, row, quantity)
            panel.set_xlabel(words)
        _scale_panels(panels, cohorts, nominal)
        mean = "" if summary is None else "; large mark: mean and interval"
        draw_legend(figure, sex_looks(cohorts["sex"]), note=f"dot: one cohort{mean}", markers=True)
        for handle in figure.legends[0].legend_handles:
            handle.set(linestyle="")  # type: ignore[union-attr]
    parts = [cohorts.assign(row="cohort")] + ([] if summary is None else [summary.assign(row="mean")])
    table = pd.concat(parts, ignore_index=True)
    return finish_drawing(figure, table, _describe(cohorts, sexes, nominal), label=label)


def _rows_of(table: pd.DataFrame, row: tuple[str, str]) -> pd.DataFrame:
    return table[(table["procedure"] == row[0]) & (table["sex"] == row[1])]


def _draw_dots(panel: "Axes", place: int, cohorts: pd.DataFrame, row: tuple[str, str], quantity: str) -> None:
    """Draw a dot per cohort, one below the other so that equal ones can be told apart."""
    part = _rows_of(cohorts, row)
    (look,) = sex_looks(part["sex"]).values() if len(part) else (None,)
    if look is None:
        return
    heights = place - 0.08 + spread_evenly(len(part), _DOT_SPAN)
    panel.plot(
        100 * part[quantity],
        heights,
        look.marker,
        color=look.color,
        markersize=2.8,
        markeredgewidth=0,
        alpha=0.7,
        clip_on=False,
    )


def _draw_mean(panel: "Axes", place: int, summary: pd.DataFrame, row: tuple[str, str], quantity: str) -> None:
    part = _rows_of(summary, row)
    part = part[part["quantity"] == quantity]
    for _, mean in part.iterrows():
        (look,) = sex_looks(part["sex"]).values()
        height = place + _MEAN_BELOW
        ends = 100 * only_finite(part[["low", "high"]])
        panel.hlines(height, ends["low"], ends["high"], color=look.color, linewidth=1.6, zorder=3)
        panel.plot(
            100 * mean["value"], height, look.marker, color=look.color, markersize=5, markeredgecolor=PAPER
        )
        panel.annotate(
            f"{100 * mean['value']:.1f} %",
            (1.0, place),
            (2.0, 0.0),
            xycoords=panel.get_yaxis_transform(),
            textcoords="offset points",
            fontsize=6.5,
            color=MUTED,
            va="center_baseline",
        )


def _scale_panels(panels: "list[Axes]", cohorts: pd.DataFrame, nominal: float) -> None:
    """Give both panels their scale, and the first the line of the level that was asked for."""
    falsely, power = panels
    most = max(100 * float(cohorts["false_discovery"].max()), 200 * nominal)
    falsely.set_xlim(0.0, 1.04 * most)
    falsely.axvline(100 * nominal, color=INK, linewidth=1.0, zorder=0.8)
    falsely.annotate(
        f"{100 * nominal:g} % asked for",
        (100 * nominal, 1.0),
        (3.0, 3.0),
        xycoords=falsely.get_xaxis_transform(),
        textcoords="offset points",
        fontsize=6.5,
        color=INK,
    )
    power.set_xlim(0.0, 100.0)
    for panel in panels:
        panel.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])


def _describe(cohorts: pd.DataFrame, sexes: dict[str, str], nominal: float) -> str:
    """Alternative text: the ranges over cohorts."""
    said = []
    for (procedure, sex), part in cohorts.groupby(["procedure", "sex"], sort=False):
        ranges = [
            f"{words} {100 * part[name].min():.1f} to {100 * part[name].max():.1f} %"
            for name, words in (("false_discovery", "false discoveries"), ("power", "power"))
            if part[name].notna().any()
        ]
        said.append(f"{procedure}, {sexes[str(sex)]}: {', '.join(ranges) or 'nothing'}")
    count = cohorts["cohort"].nunique()
    return (
        f"Dots for {count} simulated cohorts: share of discoveries that are false, beside the line of "
        f"{100 * nominal:g} % that was asked for, and power. {'. '.join(said)}."
    )
