"""A person at every speed: one slider moves the skeleton, the force arrows and the curves, without a kernel.

A stride per setting and the curves over it are saved in the page as rounded whole numbers. The script that plays a
recording draws them (`gaitbook.figures.player`); without JavaScript a still image of one setting stands there.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import xarray as xr

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.explorer_state import setting_text, split_unit
from gaitbook.figures.gait_explorer_state import FRAMES, cut_stride, look_of_series, name_gait, save_gaits
from gaitbook.figures.player_state import loaded_frame
from gaitbook.figures.stick_person import knows_joints
from gaitbook.figures.still import draw_still
from gaitbook.figures.style import MUTED, RULE, Look, draw_legend, gait_style, to_adaptive_svg
from gaitbook.figures.widget import make_widget, mark_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAIT_COLUMNS: Final = ("setting", "quantity", "series", "phase_percent", "value", "unit")
SETTING_WORDS: Final = {"speed_mps": "Speed (m/s)"}
_WHAT: Final = "the gait explorer"
_COLUMNS: Final = 2
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.35


def explore_gait(
    trials: Sequence[xr.Dataset],
    curves: pd.DataFrame,
    *,
    setting: str = "speed_mps",
    start: float | None = None,
    label: str = "",
    title: str = "Gait from slow to fast",
) -> Drawing:
    """Skeleton with force arrows, and curves over the stride, at the setting of a slider.

    Parameters
    ----------
    trials
        One per setting. Drawn from ``skeleton_position`` (time, joint, axis), m, with the joint names of
        `gaitbook.figures.stick_person.build_stick_person`, else from ``marker_position`` of a known marker set;
        ``ground_reaction_force`` and ``center_of_pressure`` give the arrows. The first whole stride of the right foot
        is shown; a trial without two of its strikes is taken to be one stride.
    curves
        Tidy: ``setting`` (the value of the trials' attribute), ``quantity`` (a panel each, in this order), ``series``
        (``"right"`` and ``"left"`` have the colors of the legs), ``phase_percent`` (0 to 100 from strike to strike of
        the right foot), ``value``, ``unit`` (one per quantity).
    setting
        Attribute of the trials that the slider changes.
    start
        Setting shown first; the middle one if not given.
    label
        Name of the cohort, printed small and added to the alternative text.
    title
        Name of the figure, for readers who hear it.

    Returns
    -------
    Drawing
        Its table is `curves`, its figure the curves at the first setting shown; its widget is ``None`` where anywidget
        is not installed.

    Raises
    ------
    ValueError
        A column is missing, a sample is there twice, a quantity has several units, a trial has no setting, positions
        or mass, two trials have the same setting, trials and curves differ in their settings, or `start` is not among
        them; one message says all.
    """
    require_columns(curves, GAIT_COLUMNS, _WHAT)
    _refuse(trials, curves, setting, start)
    in_order = sorted(trials, key=lambda trial: float(trial.attrs[setting]))
    settings = [float(trial.attrs[setting]) for trial in in_order]
    index = len(settings) // 2 if start is None else settings.index(float(start))
    strides = [cut_stride(trial) for trial in in_order]
    words = {"setting": SETTING_WORDS.get(setting, setting), "title": title, "label": label}
    words["alt"] = _describe(curves, settings, words)
    state = save_gaits(strides, curves, settings, words=words)
    person = {**state["person"], **state["strides"][index]}
    frame = loaded_frame(person)
    saved: dict[str, Any] = {"state": {**state, "phase": round(frame / FRAMES, 3)}, "index": index}
    heading = _say(settings[index], words["setting"], name_gait(strides[index]))
    figure = _draw_still(curves, settings[index], heading, label=label)
    still = (
        f'<div><div class="gaitbook-player-still">{draw_still(person, frame, words["alt"])}</div>'
        f'<div class="gaitbook-figure">{to_adaptive_svg(figure, words["alt"])}</div></div>'
    )
    return Drawing(
        table=curves,
        alt=words["alt"],
        figure=figure,
        html=mark_up("gait_explorer", saved, still),
        widget=make_widget("gait_explorer", saved, styles=("figures", "explorer", "gait_explorer")),
    )


def _refuse(trials: Sequence[xr.Dataset], curves: pd.DataFrame, setting: str, start: float | None) -> None:
    faults = []
    found = [trial.attrs[setting] for trial in trials if trial.attrs.get(setting) is not None]
    if len(found) < len(trials) or not trials:
        faults.append(f"{len(trials) - len(found)} of {len(trials)} trial(s) have no {setting}")
    twice = sorted({setting_text(each) for each in found if found.count(each) > 1})
    if twice:
        faults.append(f"several trials have {setting} {', '.join(twice)}: give one of each")
    for what, these, others in (
        ("curves", found, curves["setting"].unique()),
        ("trial", curves["setting"].unique(), found),
    ):
        missing = sorted(set(map(float, these)) - set(map(float, others)))
        if missing:
            faults.append(f"no {what} at {setting} {', '.join(map(setting_text, missing))}")
    unplaced = [trial for trial in trials if not knows_joints(trial) and "marker_position" not in trial]
    if unplaced:
        faults.append(f"{len(unplaced)} trial(s) have neither marker_position nor the joints of both legs")
    massless = [
        trial for trial in trials if "ground_reaction_force" in trial and not trial.attrs.get("mass_kg")
    ]
    if massless:
        faults.append(f"{len(massless)} trial(s) have force but no mass_kg: arrows are drawn in body weights")
    faults += _curve_faults(curves)
    if start is not None and float(start) not in map(float, found):
        faults.append(f"start={start:g} is not among the settings")
    if faults:
        raise ValueError(f"Cannot draw {_WHAT}: " + "; ".join(faults) + ".")


def _curve_faults(curves: pd.DataFrame) -> list[str]:
    faults = []
    repeated = int(curves.duplicated(["setting", "quantity", "series", "phase_percent"]).sum())
    if repeated:
        faults.append(f"{repeated} row(s) of the curves repeat a setting, quantity, series and phase")
    units = curves.groupby("quantity", sort=False)["unit"].nunique()
    mixed = ", ".join(map(str, units.index[units > 1]))
    if mixed:
        faults.append(f"more than one unit in the curves of {mixed}")
    return faults


def _describe(curves: pd.DataFrame, settings: list[float], words: Mapping[str, str]) -> str:
    quantities = ", ".join(map(str, dict.fromkeys(curves["quantity"])))
    series = ", ".join(map(str, dict.fromkeys(curves["series"])))
    data = f" Data: {words['label']}." if words["label"] else ""
    return (
        f"{words['title']}. A person in three dimensions during one stride, with an arrow at each loaded foot for the "
        f"ground reaction force; the right leg is blue, the left one orange. Beside it, over the stride: {quantities} "
        f"({series}). A slider chooses one of {len(settings)} settings of {words['setting']} from "
        f"{setting_text(settings[0])} to {setting_text(settings[-1])}; the curves of the others stand pale "
        f"behind.{data}"
    )


def _say(now: float, setting_words: str, gait: str) -> str:
    setting = split_unit(setting_words)
    return f"{setting['name']} {setting_text(now)} {setting['unit']}".rstrip() + (f", {gait}" if gait else "")


def _draw_still(curves: pd.DataFrame, now: float, heading: str, *, label: str) -> "Figure":
    """The curves at one setting, those of all others pale behind them."""
    from matplotlib.figure import Figure

    looks = look_of_series(list(dict.fromkeys(curves["series"])))
    quantities = list(dict.fromkeys(curves["quantity"]))
    columns = min(_COLUMNS, len(quantities))
    rows = -(-len(quantities) // columns)
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.55 + _PANEL_HEIGHT_IN * rows), layout="constrained")
        panels = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
        for panel, quantity in zip(panels, quantities, strict=False):
            part = curves[curves["quantity"] == quantity]
            _draw_panel(panel, part, now, looks)
            panel.set_title(f"{quantity} ({part['unit'].iloc[0]})", loc="left", pad=4)
        for panel in panels[len(quantities) :]:
            panel.set_axis_off()
        figure.supxlabel("Stride (%)", fontsize=8)
        draw_legend(figure, looks, note=f"{heading}; pale: other settings")
        if label:
            figure.text(1.0, 1.0, label, ha="right", va="top", fontsize=6.5, color=MUTED)
    return figure


def _draw_panel(panel: "Axes", part: pd.DataFrame, now: float, looks: dict[str, Look]) -> None:
    panel.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
    first = part["series"].iloc[0]
    for setting, curve in part[part["series"] == first].groupby("setting"):
        if setting != now:
            panel.plot(curve["phase_percent"], curve["value"], color=RULE, linewidth=0.7, zorder=0.7)
    for name, look in looks.items():
        curve = part[(part["series"] == name) & (part["setting"] == now)].sort_values("phase_percent")
        panel.plot(
            curve["phase_percent"],
            curve["value"],
            color=look.color,
            linestyle=look.line,
            linewidth=look.width,
        )
    panel.set_xlim(0, 100)
    panel.set_xticks([0, 50, 100])
    panel.locator_params(axis="y", nbins=4)
