"""A person of whom the reader hides parts: buttons choose, the completed motion and force appear, without a kernel.

A stride per choice, some draws of it and the curves with their bands are saved in the page as rounded numbers; without
JavaScript a still image of one choice stands there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import xarray as xr

from gaitbook.figures.completion_explorer_state import save_completions
from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.gait_explorer_state import look_of_series
from gaitbook.figures.player_state import loaded_frame
from gaitbook.figures.still import draw_still
from gaitbook.figures.style import MUTED, RULE, Look, draw_legend, gait_style, to_adaptive_svg
from gaitbook.figures.widget import make_widget, mark_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVE_COLUMNS: Final = (
    "setting",
    "quantity",
    "series",
    "phase_percent",
    "value",
    "low",
    "high",
    "measured",
    "unit",
)
SCORE_COLUMNS: Final = ("setting", "measure", "value", "unit")
NOTE: Final = "Outlines: not told to the model. Thin lines: draws. Strong line and gray arrows: as measured."
KEY: Final = "band: 90 % interval; gray: measured"
_WHAT: Final = "the completion explorer"
_COLUMNS: Final = 2
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.35


def explore_completion(
    measured: xr.Dataset,
    completed: Mapping[str, xr.Dataset],
    curves: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    start: str | None = None,
    label: str = "",
    title: str = "Parts of a motion hidden",
) -> Drawing:
    """Completed stride, with force arrows and bands, of what the reader chooses to hide.

    Parameters
    ----------
    measured
        One stride: ``skeleton_position`` (time, joint, axis), m, ``ground_reaction_force`` (time, foot, axis), N,
        ``center_of_pressure`` (time, foot, axis), m, and the attribute ``mass_kg``.
    completed
        By choice, in the order of the buttons: the same as completed, ``drawn_position`` (draw, time, joint, axis), m,
        and the attributes ``hidden`` (names of coordinates) and ``gap_percent`` (first and last phase, or nothing).
    curves
        Tidy: ``setting`` (the choice), ``quantity`` (a panel each, in this order), ``series`` (``"right"``,
        ``"left"``), ``phase_percent``, ``value``, ``low``, ``high`` (90 % interval), ``measured``, ``unit``.
    scores
        Tidy: ``setting``, ``measure`` (``"profile"``, %BW, and ``"coverage"``, a share), ``value``, ``unit``.
    start
        Choice shown first; the second one if not given, for the first one hides nothing.
    label
        Name of the cohort, printed small and added to the alternative text.
    title
        Name of the figure, for readers who hear it.

    Returns
    -------
    Drawing
        Its table is `curves`, its figure the curves of the first choice shown; its widget is ``None`` where anywidget
        is not installed.

    Raises
    ------
    ValueError
        A column is missing, a sample is there twice, or choices, curves and scores differ; one message says all.
    """
    require_columns(curves, CURVE_COLUMNS, _WHAT)
    require_columns(scores, SCORE_COLUMNS, _WHAT)
    names = list(completed)
    start = names[min(1, len(names) - 1)] if start is None and names else start
    _refuse(names, curves, scores, start)
    index = names.index(str(start))
    alt = _describe(names, curves, title, label)
    state = save_completions(measured, completed, curves, label=label, alt=alt)
    shown = {**state["person"], **state["strides"][index]}
    frame = loaded_frame(shown)
    words: dict[str, Any] = {
        "alt": alt,
        "title": title,
        "note": NOTE,
        "key": KEY,
        **_say_scores(scores, names),
    }
    words["choices"] = {"name": "Hidden:", "texts": names}
    last = measured.sizes["time"] - 1
    saved: dict[str, Any] = {"state": {**words, **state, "phase": round(frame / last, 3)}, "index": index}
    figure = _draw_still(curves[curves["setting"] == start], f"Hidden: {start}", label=label)
    still = (
        f'<div><div class="gaitbook-player-still">{draw_still(shown, frame, alt)}</div>'
        f'<div class="gaitbook-figure">{to_adaptive_svg(figure, alt)}</div></div>'
    )
    styles = ("figures", "explorer", "gait_explorer", "completion_explorer")
    return Drawing(
        table=curves,
        alt=alt,
        figure=figure,
        html=mark_up("completion_explorer", saved, still),
        widget=make_widget("completion_explorer", saved, styles=styles),
    )


def _refuse(names: list[str], curves: pd.DataFrame, scores: pd.DataFrame, start: str | None) -> None:
    faults = []
    if start not in names:
        faults.append(f"start={start} is not among the choices {', '.join(names) or 'none'}")
    for what, table in (("curves", curves), ("scores", scores)):
        different = sorted(set(names) ^ set(table["setting"]))
        if different:
            faults.append(f"{what} and completions differ in the choice(s) {', '.join(different)}")
    repeated = int(curves.duplicated(["setting", "quantity", "series", "phase_percent"]).sum())
    if repeated:
        faults.append(f"{repeated} row(s) of the curves repeat a choice, quantity, series and phase")
    if faults:
        raise ValueError(f"Cannot draw {_WHAT}: " + "; ".join(faults) + ".")


def _say_scores(scores: pd.DataFrame, names: list[str]) -> dict[str, list[str]]:
    """For every choice the error of the vertical force, and how much of it the band holds."""
    wide = scores.pivot(index="setting", columns="measure", values="value").loc[names]
    return {
        "errors": [f"{error:.1f} %BW off" for error in wide["profile"]],
        "remarks": [
            f"vertical force of the left foot; {100 * share:.0f} % of its stance in the band"
            for share in wide["coverage"]
        ],
    }


def _describe(names: list[str], curves: pd.DataFrame, title: str, label: str) -> str:
    quantities = ", ".join(map(str, dict.fromkeys(curves["quantity"])))
    data = f" Data: {label}." if label else ""
    return (
        f"{title}. A person in three dimensions during one stride as a model completes it, hidden parts as outlines "
        "with some draws and the measured pose, and arrows of the completed and the measured ground reaction force. "
        f"Beside it, over the stride: {quantities}, completed with a 90 % band and measured, for the right leg in blue "
        f"and the left one in orange. Buttons choose what is hidden: {', '.join(names)}.{data}"
    )


def _draw_still(curves: pd.DataFrame, heading: str, *, label: str) -> "Figure":
    from matplotlib.figure import Figure

    looks = look_of_series(list(dict.fromkeys(curves["series"])))
    quantities = list(dict.fromkeys(curves["quantity"]))
    rows = -(-len(quantities) // _COLUMNS)
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.55 + _PANEL_HEIGHT_IN * rows), layout="constrained")
        panels = figure.subplots(rows, _COLUMNS, sharex=True, squeeze=False).ravel()
        for panel, quantity in zip(panels, quantities, strict=False):
            part = curves[curves["quantity"] == quantity]
            _draw_panel(panel, part, looks)
            panel.set_title(f"{quantity} ({part['unit'].iloc[0]})", loc="left", pad=4)
        for panel in panels[len(quantities) :]:
            panel.set_axis_off()
        figure.supxlabel("Stride (%)", fontsize=8)
        draw_legend(figure, looks, note=f"{heading}; {KEY}")
        if label:
            figure.text(1.0, 1.0, label, ha="right", va="top", fontsize=6.5, color=MUTED)
    return figure


def _draw_panel(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look]) -> None:
    panel.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
    for name, look in looks.items():
        curve = part[part["series"] == name].sort_values("phase_percent")
        phase = curve["phase_percent"]
        panel.fill_between(phase, curve["low"], curve["high"], color=look.color, alpha=0.18, linewidth=0)
        panel.plot(phase, curve["measured"], color=MUTED, linewidth=2.2, alpha=0.5)
        panel.plot(phase, curve["value"], color=look.color, linestyle=look.line, linewidth=look.width)
    panel.set_xlim(0, 100)
    panel.set_xticks([0, 50, 100])
    panel.locator_params(axis="y", nbins=4)
