"""Errors of joints, from head to foot: a row per joint, a mark per part of the error."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    INK,
    PALETTE,
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

COLUMNS: Final = ("joint", "part", "value", "low", "high", "unit")
LOOKS: Final = {
    "whole": Look(INK, "-", "o"),
    "steady": Look(PALETTE["blue"], "-", "D"),
    "unsteady": Look(PALETTE["vermillion"], "-", "s"),
}
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.2
_SPAN: Final = 0.5


def plot_joint_errors(table: pd.DataFrame, *, label: str = "") -> Drawing:
    """Mean error of every joint with its interval over people, and what it consists of.

    Parameters
    ----------
    table
        As given by `gaitbook.summarize_joints`: ``joint`` (from top to bottom), ``part``, ``value``, ``low``, ``high``
        (95 % interval over people), ``unit``.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(table, COLUMNS, "the figure of joint errors")
    joints, parts = (list(dict.fromkeys(table[name])) for name in ("joint", "part"))
    others = look_up([part for part in parts if part not in LOOKS])
    looks = {part: LOOKS.get(part) or others[part] for part in parts}
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.8 + _ROW_IN * len(joints)), layout="constrained")
        panel = figure.subplots()
        _draw_rows(panel, table, joints, looks)
        panel.set_xlabel(f"Distance from the true joint ({table['unit'].iloc[0]})")
        draw_legend(figure, looks, note="bar: 95 % interval", markers=True)
    alt = f"Distance from the true joint, {', '.join(parts)}, with 95 % intervals, for {', '.join(joints)}."
    return finish_drawing(figure, table, alt, label=label)


def _draw_rows(panel: "Axes", table: pd.DataFrame, joints: list[str], looks: dict[str, Look]) -> None:
    places = {joint: place for place, joint in enumerate(joints)}
    offsets = np.linspace(-_SPAN / 2, _SPAN / 2, len(looks)) if len(looks) > 1 else np.zeros(1)
    for (part, look), offset in zip(looks.items(), offsets, strict=True):
        rows = table[table["part"] == part]
        heights = rows["joint"].map(places).to_numpy(dtype=float) + offset
        ends = only_finite(rows["low"]), only_finite(rows["high"])
        panel.hlines(heights, *ends, color=look.color, linewidth=1.2)
        panel.plot(rows["value"], heights, look.marker, color=look.color, markersize=4, markeredgecolor=PAPER)
    for place in range(1, len(joints)):
        panel.axhline(place - 0.5, color=RULE, linewidth=0.5, zorder=0.4)
    panel.set_yticks(range(len(joints)), [joint.capitalize() for joint in joints])
    panel.set_ylim(len(joints) - 0.5, -0.5)
    panel.set_xlim(left=0)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
