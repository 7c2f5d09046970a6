"""What was found beside what is published or required: a range for each row, hits and misses drawn alike."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    INK,
    MUTED,
    PALETTE,
    PAPER,
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = (
    *("quantity", "gait", "speed_mps", "statistic", "value", "value_low", "value_high"),
    *("low", "high", "unit", "met"),
)
LIMIT_COLUMNS: Final = ("gait", "criterion", "quantity", "value", "least", "greatest", "unit", "share", "met")
MET, MISSED = Look(PALETTE["blue"], "-", "o"), Look(PALETTE["vermillion"], "-", "X")
STATISTICS: Final = {
    "mean": "",
    "sd": ", spread",
    "slope": ", per m/s",
    "age": ", 70 \N{MINUS SIGN} 30 years",
    "sex": ", women \N{MINUS SIGN} men",
}
GAITS: Final = {"walk": "walking", "run": "running"}
WORDS: Final = {
    "bmi_kgm2": "body mass index",
    "visceral_fat_cm2": "visceral fat",
    "within_spread": "joint curves inside, least",
    "waveform_vertical_r": "vertical curve, correlation",
    "waveform_fore_aft_r": "fore-aft curve, correlation",
    "ankle_plantarflexion_moment_peak": "ankle moment peak",
    "hip_abduction_moment_peak": "hip abduction moment",
    "center_vertical_excursion": "center of mass, vertical",
    "center_lateral_excursion": "center of mass, lateral",
    "knee_adduction_difference": "knee adduction, first \N{MINUS SIGN} second",
    "arm_flex_range": "arm swing",
    "pelvis_list_range": "pelvic obliquity",
}
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.2
_FARTHEST: Final = 2.6
"""Half widths of the range from its middle at which a mark is stopped; an arrow says so."""
_LEAST_SHARE: Final = 1e-10


def plot_targets(judged: pd.DataFrame, *, label: str = "") -> Drawing:
    """Every target as a row: the published range in gray, what was found as a dot with its interval, in numbers beside.

    Parameters
    ----------
    judged
        As given by `gaitbook.judge` or `gaitbook.judge_people`: ``quantity``, ``gait``, ``speed_mps``, ``statistic``,
        ``value``, ``value_low``, ``value_high``, ``low``, ``high`` (NaN: no bound), ``unit``, ``met``; with ``group``,
        if there, in the name of the row.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(judged, COLUMNS, "the figure of targets")
    rows: list[dict[str, Any]] = judged.to_dict("records")  # type: ignore[assignment]
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.55 + _ROW_IN * len(rows)), layout="constrained")
        panel = figure.subplots()
        for place, row in enumerate(rows):
            _draw_target(panel, place, row)
        _name_rows(panel, [_say_target(row) for row in rows])
        _write_beside(panel, [_say_value(row) for row in rows], [_colors(row) for row in rows])
        panel.set_xlim(-_FARTHEST - 0.15, _FARTHEST + 0.15)
        panel.set_xticks([])
        panel.spines["bottom"].set_visible(False)
        looks = {"met": MET, "missed": MISSED}
        speeds = "; walk, run: m/s" if (judged["gait"] != "").any() else ""
        draw_legend(figure, looks, note=f"gray: asked for; bar: 95 % interval{speeds}", markers=True)
    missed = int((~judged["met"].astype(bool)).sum())
    alt = (
        f"{len(rows)} rows, each with a published range in gray and the value found with its interval: "
        f"{', '.join(dict.fromkeys(_words(row['quantity']) for row in rows))}. {missed} lie outside their range."
    )
    return finish_drawing(figure, judged, alt, label=label)


def plot_limits(checked: pd.DataFrame, *, label: str = "") -> Drawing:
    """How much of each limit the trials use, a dot per trial, on a logarithmic scale; the line is the limit.

    Parameters
    ----------
    checked
        As given by `gaitbook.limit_shares`: ``gait``, ``criterion``, ``quantity``, ``value``, ``least``, ``greatest``,
        ``unit``, ``share``, ``met``.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing or the table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(checked, LIMIT_COLUMNS, "the figure of limits")
    names = checked.groupby("quantity", sort=False)["criterion"].first().sort_values(kind="stable")
    gaits = [gait for gait in GAITS if gait in set(checked["gait"])]
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.85 + _ROW_IN * len(names)), layout="constrained")
        panels = figure.subplots(1, len(gaits), sharex=True, sharey=True, squeeze=False)[0]
        for panel, gait in zip(panels, gaits, strict=True):
            for place, name in enumerate(names.index):
                part = checked[(checked["gait"] == gait) & (checked["quantity"] == name)]
                _draw_shares(panel, place, part)
            panel.axvline(1.0, color=INK, linewidth=1.0)
            panel.set_title(GAITS[gait].capitalize(), fontweight="bold", pad=7)
            panel.set_xscale("log")
            panel.set_xlim(_LEAST_SHARE / 3, 30.0)
            panel.set_xticks([_LEAST_SHARE, 1e-6, 1e-3, 1.0], ["none", "10⁻⁶", "10⁻³", "limit"])
            panel.minorticks_off()
        _name_rows(panels[0], [f"{_words(name)} ({names[name]})" for name in names.index])
        figure.supxlabel("Share of the limit that a trial uses", fontsize=8)
        draw_legend(figure, {"kept": MET, "broken": MISSED}, note="dot: one trial", markers=True)
    kept = int(checked["met"].sum())
    alt = (
        f"Dots for {', '.join(map(_words, names.index))} of each trial, {' and '.join(GAITS[gait] for gait in gaits)}, "
        f"as a share of the limit on a logarithmic scale; {kept} of {len(checked)} are within it."
    )
    return finish_drawing(figure, checked, alt, label=label)


def _draw_target(panel: "Axes", place: int, row: dict[str, Any]) -> None:
    """Draw range, interval and mark of one row, in half widths of its range from its middle."""
    look, scale = MET if row["met"] else MISSED, _scale(row)
    low, high = (scale(row[end]) if math.isfinite(row[end]) else None for end in ("low", "high"))
    if not (low is None and high is None):
        left = -_FARTHEST if low is None else low
        right = _FARTHEST if high is None else high
        panel.barh(place, right - left, left=left, height=0.62, color=RULE, linewidth=0, zorder=0.6)
        if right - left < 0.02:  # noqa: PLR2004 - a range of one value is a line
            panel.vlines(0.0, place - 0.36, place + 0.36, color=MUTED, linewidth=1.2)
    if not math.isfinite(row["value"]):
        return
    value = float(np.clip(scale(row["value"]), -_FARTHEST, _FARTHEST))
    ends = [scale(row[name]) for name in ("value_low", "value_high")]
    if all(map(math.isfinite, ends)):
        panel.hlines(place, *np.clip(ends, -_FARTHEST, _FARTHEST), color=look.color, linewidth=1.5)
    beyond = abs(scale(row["value"])) > _FARTHEST
    marker = (">" if value > 0 else "<") if beyond else look.marker
    panel.plot(value, place, marker, color=look.color, markersize=5.0, markeredgecolor=PAPER, zorder=3)


def _scale(row: dict[str, Any]) -> Any:  # noqa: ANN401 - a function of one number
    """From a value to its place: ranges reach from -1 to 1; where an end is open, by how far the value is inside."""
    low, high, value = (float(row[name]) for name in ("low", "high", "value"))
    if math.isfinite(low) and math.isfinite(high) and high > low:
        middle, half = (low + high) / 2, (high - low) / 2
        return lambda number: (number - middle) / half
    bound = low if math.isfinite(low) else high
    if not math.isfinite(bound):
        half = (float(row["value_high"]) - float(row["value_low"])) / 2 or 1.0
        return lambda number: (number - value) / half / 2
    start = 0.0 if low == high else math.copysign(1.0, -1.0 if math.isfinite(low) else 1.0)
    reach = abs(value - bound) or 1.0
    return lambda number: start + 1.3 * (number - bound) / reach


def _draw_shares(panel: "Axes", place: int, part: pd.DataFrame) -> None:
    heights = place + np.linspace(-0.22, 0.22, len(part)) if len(part) > 1 else np.full(len(part), place)
    share = part["share"].to_numpy(dtype=float).clip(_LEAST_SHARE, 20.0)
    kept = part["met"].to_numpy(dtype=bool)
    for look, chosen in ((MET, kept), (MISSED, ~kept)):
        panel.plot(
            share[chosen],
            heights[chosen],
            look.marker,
            color=look.color,
            markersize=3.2,
            markeredgewidth=0,
            alpha=0.8,
        )
    if place:
        panel.axhline(place - 0.5, color=RULE, linewidth=0.5, zorder=0.4)


def _name_rows(panel: "Axes", names: Sequence[str]) -> None:
    panel.set_yticks(range(len(names)), [name[:1].upper() + name[1:] for name in names])
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)


def _write_beside(panel: "Axes", texts: Sequence[str], colors: Sequence[str]) -> None:
    beside = panel.twinx()
    beside.set_ylim(panel.get_ylim())
    beside.set_yticks(range(len(texts)), texts)
    beside.tick_params(axis="y", length=0)
    for side in ("right", "left", "bottom"):
        beside.spines[side].set_visible(False)
    for text, color in zip(beside.get_yticklabels(), colors, strict=True):
        text.set_color(color)


def _colors(row: dict[str, Any]) -> str:
    return INK if row["met"] else MISSED.color


def _say_target(row: dict[str, Any]) -> str:
    whose = [str(row["group"])] if row.get("group") else []
    speed = str(row["speed_mps"])
    where = [f"{row['gait']} {speed}"] if speed else []
    told = ", ".join([*whose, *where])
    return f"{_words(row['quantity'])}{STATISTICS.get(row['statistic'], '')}" + (f" ({told})" if told else "")


def _say_value(row: dict[str, Any]) -> str:
    """Found, and what was asked for."""
    low, high = float(row["low"]), float(row["high"])
    if not math.isfinite(row["value"]):
        return "not measured"
    figures = [number for number in (row["value"], low, high) if math.isfinite(number) and number]
    decimals = min(max((2 - math.floor(math.log10(abs(number))) for number in figures[:1]), default=0), 4)
    decimals = max(decimals, 0)
    said = [f"{number:.{decimals}f}".replace("-", "\N{MINUS SIGN}") for number in (row["value"], low, high)]
    if math.isfinite(low) and math.isfinite(high):
        asked = f"{said[1]} to {said[2]}" if low != high else said[1]
    elif math.isfinite(low):
        asked = f"at least {said[1]}"
    elif math.isfinite(high):
        asked = f"at most {said[2]}"
    else:
        return f"{said[0]} {row['unit']} (no table)"
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    return f"{said[0]} ({asked}){unit}"


def _words(quantity: object) -> str:
    """Name of a quantity as a reader says it.

    Examples
    --------
    >>> _words("knee_adduction_first_peak"), _words("bmi_kgm2"), _words("age_year")
    ('knee adduction first peak', 'body mass index', 'age')
    """
    if str(quantity) in WORDS:
        return WORDS[str(quantity)]
    words = str(quantity).replace("fore_aft", "fore-aft").split("_")
    return " ".join(word for word in words if word not in ("year", "m", "mps"))
