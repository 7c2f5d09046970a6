"""Curves over stance when a change of gait is asked for: own gait, what is asked for with its band, the true answer."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.panel_rows import WIDTH_IN, even_columns, fold_words, legend_columns
from gaitbook.figures.style import (
    INK,
    MUTED,
    PALETTE,
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = ("panel", "quantity", "unit", "source", "phase_percent", "value", "low", "high")
LOOKS: Final = {
    "own gait": Look(MUTED, "-", "", 0.9),
    "asked for": Look(PALETTE["blue"], "-", "o", 1.7),
    "true answer": Look(INK, (0, (4.5, 1.5)), "D", 1.2),
}
_PANEL_HEIGHT_IN: Final = 1.35
_TITLE_IN: Final = 0.45
_BAND_OPACITY: Final = 0.2
_NOTE: Final = "band: 90 % interval"


def plot_change_curves(curves: pd.DataFrame, *, label: str = "") -> Drawing:
    """Curves over stance, a column per request and a row per quantity; more than four requests begin new rows.

    Parameters
    ----------
    curves
        Tidy: ``panel`` (the request in words, a column each), ``quantity`` (a row each) with its ``unit``, ``source``
        ("own gait", "asked for", "true answer"), ``phase_percent`` (of stance, 0 to 100), ``value``, ``low``, ``high``
        (90 % band; NaN without).
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a source is unknown, or a sample is there twice.
    """
    from matplotlib.figure import Figure

    _check(curves)
    requests, quantities = (list(dict.fromkeys(curves[name])) for name in ("panel", "quantity"))
    looks = {source: look for source, look in LOOKS.items() if source in set(curves["source"])}
    columns = even_columns(len(requests))
    blocks = [requests[first : first + columns] for first in range(0, len(requests), columns)]
    with gait_style():
        height_in = 0.55 + len(blocks) * (_TITLE_IN + _PANEL_HEIGHT_IN * len(quantities))
        figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
        panels = figure.subplots(len(blocks) * len(quantities), columns, sharex=True, squeeze=False)
        for block, names in enumerate(blocks):
            rows = panels[block * len(quantities) : (block + 1) * len(quantities)]
            for column, name in enumerate(names):
                _draw_column(list(rows[:, column]), name, curves, looks)
            for panel in rows[:, len(names) :].ravel():
                panel.set_axis_off()
        for row, quantity in enumerate(quantities):
            of_quantity = [panel for panel in panels[row :: len(quantities)].ravel() if panel.axison]
            _share_scale(of_quantity, _name(curves, quantity))
        figure.align_ylabels()
        figure.supxlabel("Stance (%)", fontsize=8)
        note = _NOTE if curves[["low", "high"]].notna().to_numpy().any() else ""
        in_columns = legend_columns([*looks, *([note] if note else [])], label=label)
        draw_legend(figure, looks, note=note, columns=in_columns)
    return finish_drawing(figure, curves, _describe(curves, requests, quantities, looks), label=label)


def _check(curves: pd.DataFrame) -> None:
    what = "the figure of changed curves"
    require_columns(curves, COLUMNS, what)
    faults = []
    unknown = [str(source) for source in dict.fromkeys(curves["source"]) if source not in LOOKS]
    if unknown:
        faults.append(f"the source(s) {', '.join(unknown)} are none of {', '.join(LOOKS)}")
    repeated = int(curves.duplicated(["panel", "quantity", "source", "phase_percent"]).sum())
    if repeated:
        faults.append(
            f"{repeated} row(s) repeat a panel, quantity, source and phase, so choose one person and side before"
        )
    if faults:
        raise ValueError(f"Cannot draw {what}: {'; '.join(faults)}.")


def _draw_column(panels: "list[Axes]", request: str, curves: pd.DataFrame, looks: dict[str, Look]) -> None:
    """Draw one request from top to bottom; the lowest panel has the numbers of the phase."""
    quantities = dict.fromkeys(curves["quantity"])
    part = curves[curves["panel"] == request]
    for panel, quantity in zip(panels, quantities, strict=True):
        _draw_panel(panel, part[part["quantity"] == quantity], looks)
    panels[-1].tick_params(labelbottom=True)
    width_in = WIDTH_IN / even_columns(curves["panel"].nunique()) - 0.35
    panels[0].set_title(fold_words(str(request), width_in), fontweight="bold", pad=6)


def _draw_panel(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    panel.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
    for source, look in looks.items():
        curve = part[part["source"] == source].sort_values("phase_percent")
        phase = curve["phase_percent"]
        low, high = only_finite(curve["low"]), only_finite(curve["high"])
        panel.fill_between(phase, low, high, color=look.color, alpha=_BAND_OPACITY, linewidth=0)
        panel.plot(phase, curve["value"], color=look.color, linestyle=look.line, linewidth=look.width)
    panel.set_xlim(0, 100)
    panel.set_xticks([0, 25, 50, 75, 100], ["0", "", "50", "", "100"])


def _share_scale(panels: "list[Axes]", name: str) -> None:
    """Give all panels of a quantity the scale that holds all of them; the first of each row has words and numbers."""
    from matplotlib.ticker import MaxNLocator

    ends = [panel.get_ylim() for panel in panels]
    for panel in panels:
        panel.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))
        panel.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
        is_first = panel.get_subplotspec().is_first_col()  # type: ignore[union-attr]
        panel.tick_params(labelleft=is_first)
        panel.set_ylabel(name if is_first else "")


def _name(curves: pd.DataFrame, quantity: str) -> str:
    words = fold_words(quantity[:1].upper() + quantity[1:], _PANEL_HEIGHT_IN)
    return f"{words}\n({_unit(curves, quantity)})"


def _unit(curves: pd.DataFrame, quantity: str) -> str:
    return str(curves.loc[curves["quantity"] == quantity, "unit"].iloc[0])


def _describe(
    curves: pd.DataFrame, requests: list[str], quantities: list[str], looks: dict[str, Look]
) -> str:
    """Alternative text: what is shown, and the peak of every curve."""
    words = [
        f"{quantity} ({_unit(curves, quantity)}), largest value: "
        + "; ".join(_say_peaks(curves, request, quantity, looks) for request in requests)
        for quantity in quantities
    ]
    return f"Curves over stance ({', '.join(looks)}), a panel per request and quantity. {'. '.join(words)}."


def _say_peaks(curves: pd.DataFrame, request: str, quantity: str, looks: dict[str, Look]) -> str:
    part = curves[(curves["panel"] == request) & (curves["quantity"] == quantity)].dropna(subset=["value"])
    peaks = []
    for source in looks:
        curve = part[part["source"] == source].reset_index(drop=True)
        if curve.empty:
            continue
        row = curve.loc[int(curve["value"].abs().to_numpy().argmax())]
        has_band = pd.notna(row["low"]) and pd.notna(row["high"])
        band = f" ({row['low']:.3g} to {row['high']:.3g})" if has_band else ""
        peaks.append(f"{source} {row['value']:.3g}{band}")
    return f"{request}: {', '.join(peaks) or 'nothing'}"
