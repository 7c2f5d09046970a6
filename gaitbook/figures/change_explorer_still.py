"""The still image of the change explorer, for readers without a script: person, curves and numbers at the start."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.slider_grid import Grid
from gaitbook.figures.style import MUTED, RULE, Look, draw_legend, gait_style
from gaitbook.figures.tables import style_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STILL_KEY: Final = "band: 90 % interval; pale: one slider at an end"
_COLUMNS: Final = 2
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.6
_MINUS: Final = "\N{MINUS SIGN}"


def person_at(state: Mapping[str, Any], node: int) -> dict[str, Any]:
    """Person at the start, as `gaitbook.figures.still.draw_still` takes it.

    Parameters
    ----------
    state
        As given by `gaitbook.figures.change_explorer_state.save_changes`.
    node
        Number of the start, which is saved in full.
    """
    return {**state["person"], **_read_parts(state, node)}


def draw_numbers(state: Mapping[str, Any], node: int, caption: str) -> str:
    """Table of the readouts at the start.

    Parameters
    ----------
    state, node
        As for `person_at`.
    caption
        Where the sliders stand.
    """
    rows = []
    for row, numbers in zip(state["readouts"], _read_readouts(state, node), strict=True):
        value, below, above = (number / 10.0 ** row["places"] for number in numbers)
        ends = [_say(end, row["decimals"]) for end in (value - below, value + above)]
        rows.append(
            {
                "quantity": f"{row['name']} ({row['unit']})",
                "at the start": _say(value, row["decimals"]),
                "90 % interval": f"[{', '.join(ends)}]" if below or above else "",
            }
        )
    return style_table(pd.DataFrame(rows), caption=caption)


def draw_changes(curves: pd.DataFrame, grid: Grid, node: int, *, look: Look, label: str) -> "Figure":
    """Curves at the start; pale behind them those with one slider at an end.

    Parameters
    ----------
    curves
        As in `gaitbook.explore_changes`.
    grid, node
        Of the sliders; number of the start.
    look
        Of the curves.
    label
        Name of the cohort.
    """
    from matplotlib.figure import Figure

    quantities = list(dict.fromkeys(curves["quantity"]))
    columns = min(_COLUMNS, len(quantities))
    rows = -(-len(quantities) // columns)
    numbered = curves.assign(node=grid.find(curves[list(grid.names)].to_numpy(float))).sort_values(
        "phase_percent"
    )
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.55 + _PANEL_HEIGHT_IN * rows), layout="constrained")
        panels = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
        for panel, quantity in zip(panels, quantities, strict=False):
            part = numbered[numbered["quantity"] == quantity]
            _draw_panel(panel, part[part["node"] == node], part[part["node"].isin(_ends(grid, node))], look)
            panel.set_title(f"{quantity} ({part['unit'].iloc[0]})", loc="left", pad=4)
        for panel in panels[len(quantities) :]:
            panel.set_axis_off()
        figure.supxlabel("Stride (%)", fontsize=8)
        draw_legend(figure, {"at the start": look}, note=STILL_KEY)
        if label:
            figure.text(1.0, 1.0, label, ha="right", va="top", fontsize=6.5, color=MUTED)
    return figure


def _ends(grid: Grid, node: int) -> list[int]:
    """Nodes that differ from one in a single slider, which is at its first or last value."""
    places = [int(place) for place in np.unravel_index(node, grid.shape)]
    moved = [
        (*places[:axis], end, *places[axis + 1 :])
        for axis, count in enumerate(grid.shape)
        for end in {0, count - 1} - {places[axis]}
    ]
    return [int(np.ravel_multi_index(each, grid.shape)) for each in moved]


def _draw_panel(panel: "Axes", own: pd.DataFrame, ends: pd.DataFrame, look: Look) -> None:
    panel.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
    for _, curve in ends.groupby("node"):
        panel.plot(curve["phase_percent"], curve["value"], color=RULE, linewidth=0.7, zorder=0.7)
    phase = own["phase_percent"]
    panel.fill_between(phase, own["low"], own["high"], color=look.color, alpha=0.18, linewidth=0)
    panel.plot(phase, own["value"], color=look.color, linewidth=look.width)
    panel.set_xlim(0, 100)
    panel.set_xticks([0, 50, 100])
    panel.locator_params(axis="y", nbins=4)


def _read_parts(state: Mapping[str, Any], node: int) -> dict[str, list[list[int]]]:
    """What is in a node, by name."""
    numbers = np.array(state["nodes"][node])
    ends = np.cumsum([rows * columns for _, rows, columns in state["parts"]])
    pieces = np.split(numbers, ends[:-1])
    return {
        name: piece.reshape(rows, columns).tolist()
        for (name, rows, columns), piece in zip(state["parts"], pieces, strict=True)
    }


def _read_readouts(state: Mapping[str, Any], node: int) -> list[list[int]]:
    """Value, and distance to the lower and upper end, of each readout."""
    return np.reshape(_read_parts(state, node)["readouts"], (-1, 3)).tolist()


def _say(number: float, decimals: int) -> str:
    return f"{round(number, decimals) + 0.0:.{decimals}f}".replace("-", _MINUS)
