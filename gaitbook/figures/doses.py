"""Dose and response: how much a quantity changes as a change of gait grows, beside what is published."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    MUTED,
    PALETTE,
    PAPER,
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = (
    *("condition", "dose", "quantity", "value", "low", "high", "unit"),
    *("published_low", "published_high", "required", "met"),
)
AS_PUBLISHED, OTHERWISE = Look(PALETTE["blue"], "-", "o"), Look(PALETTE["vermillion"], "-", "X")
UNTOLD: Final = Look(MUTED, "-", "s")
DOSE_UNITS: Final = {"step width": "mm", "stride length": "%"}
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.35
_ROOM: Final = 0.14


def plot_doses(table: pd.DataFrame, *, label: str = "") -> Drawing:
    """Mean change with its interval at every dose: a row per quantity, a column per change of gait.

    Parameters
    ----------
    table
        As given by `gaitbook.condition_table`: ``condition``, ``dose``, ``quantity``, ``value``, ``low``, ``high`` (95
        % interval over people), ``unit``, ``published_low``, ``published_high`` (NaN: open, or nothing published),
        ``required``, ``met``.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(table, COLUMNS, "the figure of doses")
    conditions, quantities = (list(dict.fromkeys(table[name])) for name in ("condition", "quantity"))
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.75 + _PANEL_HEIGHT_IN * len(quantities)), layout="constrained")
        panels = figure.subplots(len(quantities), len(conditions), sharex="col", sharey="row", squeeze=False)
        for row, quantity in enumerate(quantities):
            of_row = table[table["quantity"] == quantity]
            limits = _row_limits(of_row)
            for column, condition in enumerate(conditions):
                part = of_row[of_row["condition"] == condition].sort_values("dose")
                _draw_panel(panels[row, column], part, limits)
                if row == 0:
                    panels[row, column].set_title(str(condition).capitalize(), fontweight="bold", pad=7)
                if row == len(quantities) - 1:
                    panels[row, column].set_xlabel(f"Dose ({DOSE_UNITS.get(str(condition), '°')})")
            panels[row, 0].set_ylabel(f"{_words(str(quantity))}\nchange ({of_row['unit'].iloc[0]})")
        figure.align_ylabels()
        looks = {"as published": AS_PUBLISHED, "not as published": OTHERWISE, "nothing published": UNTOLD}
        draw_legend(figure, looks, note="gray: published", markers=True)
    alt = (
        f"Change of {', '.join(_words(str(name)).replace(chr(10), ' ').lower() for name in quantities)} with the dose "
        f"of {', '.join(map(str, conditions))}: mean and 95 % interval over people, published ranges in gray."
    )
    return finish_drawing(figure, table, alt, label=label)


def _row_limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Ends of a row's scale: all means and intervals, and zero, with some room."""
    ends = only_finite(rows[["value", "low", "high"]]).to_numpy()
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    room = _ROOM * ((high - low) or 1.0)
    return low - room, high + room


def _draw_panel(panel: "Axes", part: pd.DataFrame, limits: tuple[float, float]) -> None:
    panel.axhline(0, color=MUTED, linewidth=0.7, zorder=0.5)
    panel.set_ylim(limits)
    if part.empty:
        return
    dose = part["dose"].to_numpy(dtype=float)
    width = 0.16 * float(max(dose.max(), 1.0))
    panel.set_xlim(0.0, 1.18 * float(dose.max()))
    panel.set_xticks(dose, [f"{each:g}" for each in dose])
    rows: list[dict[str, Any]] = part.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        ends = float(row["published_low"]), float(row["published_high"])
        if np.isfinite(ends).any():
            bottom, top = (np.nan_to_num(end, nan=edge) for end, edge in zip(ends, limits, strict=True))
            bottom, top = max(bottom, limits[0]), min(top, limits[1])
            panel.bar(row["dose"], top - bottom, width, bottom, color=RULE, linewidth=0, zorder=0.4)
    panel.plot([0.0, *dose], [0.0, *part["value"]], color=MUTED, linewidth=0.9, zorder=0.8)
    for row in rows:
        look, place = _look(row), float(row["dose"])
        panel.vlines(place, *_ends(row), color=look.color, linewidth=1.6)
        panel.plot(place, row["value"], look.marker, color=look.color, markersize=5, markeredgecolor=PAPER)


def _ends(row: dict[str, Any]) -> tuple[float, float]:
    low, high = float(row["low"]), float(row["high"])
    return (low, high) if np.isfinite([low, high]).all() else (np.nan, np.nan)


def _look(row: dict[str, Any]) -> Look:
    if not np.isfinite([float(row["published_low"]), float(row["published_high"])]).any():
        return UNTOLD
    return AS_PUBLISHED if row["met"] else OTHERWISE


def _words(quantity: str) -> str:
    r"""Name of a knee quantity over two lines.

    Examples
    --------
    >>> _words("knee_adduction_first_peak")
    'Knee adduction\nfirst peak'
    """
    joint, motion, *rest = quantity.split("_")
    return f"{joint} {motion}".capitalize() + ("\n" + " ".join(rest) if rest else "")
