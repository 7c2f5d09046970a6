"""Event times from motion against event times from force: how they differ, by event and speed."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    INK,
    MUTED,
    PALETTE,
    PAPER,
    RULE,
    draw_legend,
    finish_drawing,
    gait_style,
    name_speeds,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIFFERENCE_COLUMNS: Final = ("event", "speed_mps", "difference_s")
SUMMARY_COLUMNS: Final = ("event", "speed_mps", "value", "low", "high")
_WIDTH_IN: Final = 7.2
_EVENT_NAMES: Final = {"strike": "foot strike"}
_RIDGE_HEIGHT: Final = 0.72
_MS_PER_S: Final = 1000.0
_QUANTITY: Final = "Event time, from motion minus from force (ms)"
_NOTE: Final = "columns: events of all people; dot and bar: mean and 95 % interval"


def plot_event_differences(
    differences: pd.DataFrame, summary: pd.DataFrame, *, bin_s: float = 0.005, label: str = ""
) -> Drawing:
    """Distributions of event time from motion minus event time from force, with mean and interval.

    Parameters
    ----------
    differences
        Tidy, one row per event: ``event`` ("strike", "toe-off" or others), ``speed_mps``, ``difference_s``
        (motion minus force, s; positive: motion is late).
    summary
        ``event``, ``speed_mps``, ``value``, ``low``, ``high``: mean and 95 % interval over subjects, s.
    bin_s
        Width of the bins of the distributions, s.
    label
        Name of the cohort, shown small in a corner.

    Returns
    -------
    Drawing
        Its table holds the counts per bin (``row`` is "bin") and the means (``row`` is "mean").

    Raises
    ------
    ValueError
        A column is missing, a table is empty, or there is a mean where there is no event.
    """
    from matplotlib.figure import Figure

    require_columns(differences, DIFFERENCE_COLUMNS, "the figure of event times")
    require_columns(summary, SUMMARY_COLUMNS, "the means in the figure of event times")
    _require_events(differences, summary)
    counts = _count(differences, bin_s)
    events, speeds = list(dict.fromkeys(differences["event"])), name_speeds(differences["speed_mps"])
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.75 + 0.55 * len(speeds)), layout="constrained")
        panels = figure.subplots(1, len(events), sharex=True, sharey=True, squeeze=False)[0]
        for panel, event in zip(panels, events, strict=True):
            _draw_ridges(panel, counts[counts["event"] == event], speeds, bin_s)
            _draw_means(panel, summary[summary["event"] == event], speeds)
            _name_panel(panel, str(event), speeds)
        figure.supxlabel(_QUANTITY, fontsize=8)
        draw_legend(figure, {}, note=_NOTE)
    alt = (
        f"Distributions of the time of {' and '.join(map(str, events))} found from motion minus that from force, "
        f"in ms, at {', '.join(speeds.values())}, {len(differences)} events in all; "
        "dots and bars are means and 95 % intervals over subjects."
    )
    table = pd.concat([counts.assign(row="bin"), summary.assign(row="mean")], ignore_index=True)
    return finish_drawing(figure, table, alt, label=label)


def _require_events(differences: pd.DataFrame, summary: pd.DataFrame) -> None:
    speeds = name_speeds(summary["speed_mps"])
    extra = [name for speed, name in speeds.items() if speed not in name_speeds(differences["speed_mps"])]
    if extra:
        raise ValueError(
            f"Cannot draw the figure of event times: there are means at {', '.join(extra)}, where the table of "
            "events has none; make both from the same events."
        )


def _count(differences: pd.DataFrame, bin_s: float) -> pd.DataFrame:
    """Events per bin; bins are centered on multiples of their width, so that zero is a bin's middle."""
    centers = np.round(differences["difference_s"].to_numpy(float) / bin_s) * bin_s
    counted = differences[["event", "speed_mps"]].assign(bin_center_s=centers.round(6), count=1)
    return (
        counted.groupby(["event", "speed_mps", "bin_center_s"], sort=False, dropna=False).sum().reset_index()
    )


def _draw_ridges(panel: "Axes", counts: pd.DataFrame, speeds: dict[float, str], bin_s: float) -> None:
    """Draw one histogram per speed, each on its own baseline and scaled to its tallest bin."""
    panel.axvline(0, color=RULE, linewidth=0.8, zorder=0.5)
    for base, speed in enumerate(speeds):
        part = counts[counts["speed_mps"].fillna(np.inf) == speed]
        if part.empty:
            continue
        heights = part["count"] / part["count"].max() * _RIDGE_HEIGHT
        panel.bar(
            part["bin_center_s"] * _MS_PER_S,
            heights,
            bottom=base,
            width=bin_s * _MS_PER_S,
            color=PALETTE["blue"],
            alpha=0.32,
            linewidth=0,
        )
        panel.axhline(base, color=MUTED, linewidth=0.5, zorder=0.6)


def _draw_means(panel: "Axes", part: pd.DataFrame, speeds: dict[float, str]) -> None:
    """Draw mean and interval just under each baseline."""
    rows = {speed: row for row, speed in enumerate(speeds)}
    places = [rows[speed] - 0.12 for speed in part["speed_mps"].fillna(np.inf)]
    low, value, high = (only_finite(part[name]) * _MS_PER_S for name in ("low", "value", "high"))
    panel.hlines(places, low, high, color=INK, linewidth=1.6)
    panel.plot(value, places, "o", color=INK, markersize=4.4, markeredgecolor=PAPER)


def _name_panel(panel: "Axes", event: str, speeds: dict[float, str]) -> None:
    panel.set_title(_EVENT_NAMES.get(event, event).capitalize(), fontweight="bold", pad=7)
    panel.set_yticks(range(len(speeds)), list(speeds.values()))
    panel.set_ylim(-0.3, len(speeds) + 0.05)
    for side, words in ((-1, "motion early"), (1, "motion late")):
        panel.annotate(
            words,
            (0, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="top",
            fontsize=6.5,
            color=MUTED,
        )
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
