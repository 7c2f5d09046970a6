"""Curves that follow a slider, without a kernel: all settings are saved in the page, a small script shows one.

The saved state is a JSON text of rounded numbers. The same script draws it in Jupyter (through anywidget) and in a
page (through the mounting script of the edition); without JavaScript a still image of the first setting stands there.
"""

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.explorer_state import (
    READOUT,
    Wording,
    order_series,
    readout_decimals,
    save_state,
    setting_text,
    split_unit,
)
from gaitbook.figures.style import (
    MUTED,
    PALETTE,
    PAPER,
    RULE,
    draw_legend,
    gait_style,
    look_up,
    only_finite,
    to_adaptive_svg,
)
from gaitbook.figures.widget import make_widget, mark_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVE_COLUMNS: Final = ("setting", "series", "x", "value", "low", "high", *READOUT)
SWEEP_NAMES: Final = {
    "cutoff_hz": "setting",
    "source": "series",
    "phase_percent": "x",
    "error": "readout",
    "error_low": "readout_low",
    "error_high": "readout_high",
}
_WHAT: Final = "the curve explorer"
_STILL_SIZE_IN: Final = (7.2, 3.9)


def explore_curves(
    curves: pd.DataFrame,
    *,
    setting_label: str,
    x_label: str,
    y_label: str,
    readout_label: str,
    start: Hashable | None = None,
    label: str = "",
) -> Drawing:
    """Curves with their intervals at the setting of a slider, and one number over all settings.

    Parameters
    ----------
    curves
        Tidy, one row per setting, series and sample: ``setting`` (number or text), ``series``, ``x``, ``value``,
        ``low``, ``high`` (95 % interval), and the same in all rows of a setting: ``readout``, ``readout_low``,
        ``readout_high``.
    setting_label, x_label, y_label, readout_label
        Words on slider, axes and readout, with the unit in parentheses: ``"Cut-off (Hz)"``.
    start
        Setting shown first; the middle one if not given.
    label
        Name of the cohort, shown small in a corner.

    Returns
    -------
    Drawing
        Its table is `curves`; its widget is ``None`` where anywidget is not installed.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sample is there twice, a setting has no or several readouts, or
        `start` is not among the settings.
    """
    require_columns(curves, CURVE_COLUMNS, _WHAT)
    settings = _order(curves["setting"])
    start = settings[len(settings) // 2] if start is None else start
    _check(curves, settings, start)
    wording = Wording(setting_label, x_label, y_label, readout_label)
    alt = _describe(curves, settings, wording)
    alt = f"{alt} Data: {label}." if label else alt
    state = save_state(curves, settings, wording, alt=alt, label=label)
    figure = _draw_still(curves, settings, start, wording, label=label)
    saved: dict[str, Any] = {"state": state, "index": settings.index(start)}
    still = f'<div class="gaitbook-figure">{to_adaptive_svg(figure, alt)}</div>'
    return Drawing(
        table=curves,
        alt=alt,
        figure=figure,
        html=mark_up("explorer", saved, still),
        widget=make_widget("explorer", saved, styles=("explorer",)),
    )


def explore_cutoff(sweep: pd.DataFrame, *, label: str = "") -> Drawing:
    """Newton's vertical force over the gait cycle at the cut-off of a slider, with its profile error.

    Parameters
    ----------
    sweep
        From `gaitbook.sweep_cutoff`: ``cutoff_hz``, ``source``, ``phase_percent``, ``value``, ``low``, ``high``,
        ``unit``, ``error``, ``error_low``, ``error_high``.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, or the table is empty or not of the form that the sweep returns.
    """
    require_columns(sweep, (*SWEEP_NAMES, "value", "low", "high", "unit"), "the explorer of cut-offs")
    unit = sweep["unit"].iloc[0]
    drawing = explore_curves(
        sweep.rename(columns=SWEEP_NAMES),
        setting_label="Cut-off of the low-pass (Hz)",
        x_label="Gait cycle (%)",
        y_label=f"Vertical force ({unit})",
        readout_label=f"Profile error ({unit})",
        label=label,
    )
    return replace(drawing, table=sweep)


def explore_pressure(sweep: pd.DataFrame, *, label: str = "") -> Drawing:
    """Knee adduction moment over stance as the center of pressure is moved sideways by a slider.

    Parameters
    ----------
    sweep
        From `gaitbook.sweep_pressure`.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, or the table is empty or not of the form that the sweep returns.
    """
    require_columns(sweep, (*CURVE_COLUMNS, "unit"), "the explorer of the center of pressure")
    unit = sweep["unit"].iloc[0]
    return explore_curves(
        sweep,
        setting_label="Center of pressure moved outward (mm)",
        x_label="Stance (%)",
        y_label=f"Adduction moment ({unit})",
        readout_label=f"Change of the peak ({unit})",
        start=10 if 10 in set(sweep["setting"]) else None,  # noqa: PLR2004 - a usual error of the field
        label=label,
    )


def _order(column: pd.Series) -> list[Any]:
    """Settings as the slider passes through them: numbers by size, words as they come."""
    found = list(column.dropna().unique())
    return sorted(found) if pd.api.types.is_numeric_dtype(column) else found


def _check(curves: pd.DataFrame, settings: list[Any], start: Hashable) -> None:
    faults = []
    if curves["setting"].isna().any():
        faults.append(f"{int(curves['setting'].isna().sum())} row(s) have no setting.")
    repeated = int(curves.duplicated(["setting", "series", "x"]).sum())
    if repeated:
        faults.append(f"{repeated} row(s) repeat a setting, series and x: average them before.")
    readouts = curves.groupby("setting")[list(READOUT)].nunique(dropna=False)
    several = [setting_text(setting) for setting in settings if (readouts.loc[setting] > 1).any()]
    if several:
        faults.append(f"the readout is not one number at setting(s) {', '.join(several)}.")
    if start not in settings:
        faults.append(f"start={start} is not among the settings {', '.join(map(setting_text, settings))}.")
    if faults:
        raise ValueError(f"Cannot draw {_WHAT}: " + " ".join(faults))


def _describe(curves: pd.DataFrame, settings: list[Any], wording: Wording) -> str:
    series = ", ".join(map(str, dict.fromkeys(curves["series"])))
    return (
        f"Curves of {wording.y} against {wording.x}: {series}, mean and 95 % interval, at one of {len(settings)} "
        f"settings of {wording.setting} from {setting_text(settings[0])} to {setting_text(settings[-1])}, "
        "chosen with a slider; "
        f"below them {wording.readout} at every setting."
    )


def _draw_still(
    curves: pd.DataFrame, settings: list[Any], start: Hashable, wording: Wording, *, label: str
) -> "Figure":
    """What the explorer shows first, for paper and where no script runs."""
    from matplotlib.figure import Figure

    now = curves[curves["setting"] == start]
    looks = look_up(order_series(curves))
    with gait_style():
        figure = Figure(figsize=_STILL_SIZE_IN, layout="constrained")
        above, below = figure.subplots(2, 1, height_ratios=[3, 1])
        above.axhline(0, color=RULE, linewidth=0.7, zorder=0.5)
        for name, look in looks.items():
            curve = now[now["series"] == name].sort_values("x")
            low, high = only_finite(curve["low"]), only_finite(curve["high"])
            above.fill_between(curve["x"], low, high, color=look.color, alpha=0.16, linewidth=0)
            above.plot(
                curve["x"], curve["value"], color=look.color, linestyle=look.line, linewidth=look.width
            )
        above.set(xlabel=wording.x, ylabel=wording.y)
        above.margins(x=0)
        above.set_title(_say(now, start, wording), loc="left", fontweight="bold", pad=7)
        _draw_overview(below, curves, settings, settings.index(start))
        below.set(xlabel=wording.setting, ylabel=wording.readout.replace(" (", "\n("))
        figure.align_ylabels()
        draw_legend(figure, looks, note="band: 95 % interval")
        if label:
            figure.text(1.0, 1.0, label, ha="right", va="top", fontsize=6.5, color=MUTED)
    return figure


def _draw_overview(panel: "Axes", curves: pd.DataFrame, settings: list[Any], now: int) -> None:
    """Draw the readout over all settings; the one that is shown is marked."""
    readouts = only_finite(curves.groupby("setting")[list(READOUT)].first().loc[settings])
    stops = np.arange(len(settings))
    panel.fill_between(
        stops, readouts["readout_low"], readouts["readout_high"], color=MUTED, alpha=0.16, linewidth=0
    )
    panel.plot(stops, readouts["readout"], "o-", color=MUTED, markersize=2.6, linewidth=1)
    panel.axvline(now, color=PALETTE["blue"], linewidth=0.8)
    panel.plot(
        stops[now], readouts["readout"].iloc[now], "o", color=PALETTE["blue"], markersize=5.5, mec=PAPER
    )
    panel.set_xticks(stops, [setting_text(setting) for setting in settings])


def _say(now: pd.DataFrame, start: object, wording: Wording) -> str:
    """The readout in words, as the script writes it."""
    value, low, high = (float(now[name].iloc[0]) for name in READOUT)
    readout, setting = split_unit(wording.readout), split_unit(wording.setting)
    decimals = readout_decimals(pd.Series([value]))
    interval = f" ({low:.{decimals}f} to {high:.{decimals}f})" if math.isfinite(high - low) else ""
    number = f"{value:.{decimals}f} {readout['unit']}".rstrip()
    return f"{readout['name']} {number}{interval} at {setting_text(start)} {setting['unit']}".rstrip()
