"""Event times from motion against event times from force: how they differ, by event and speed."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import INK, MUTED, PALETTE, PAPER, RULE, finish_drawing, gait_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIFFERENCE_COLUMNS: Final = ("event", "speed_mps", "difference_s")
SUMMARY_COLUMNS: Final = ("event", "speed_mps", "value", "low", "high")
_WIDTH_IN: Final = 7.2
_RIDGE_HEIGHT: Final = 0.72
_MS_PER_S: Final = 1000.0
_QUANTITY: Final = "Event time from motion minus from force (ms); dot and bar: mean and 95 % interval"


def plot_event_differences(
    differences: pd.DataFrame, summary: pd.DataFrame, *, bin_s: float = 0.005, label: str = ""
) -> Drawing:
    """Distributions of event time from motion minus event time from force, with mean and interval.

    Parameters
    ----------
    differences
        Tidy, one row per event: ``event`` ("contact", "toe-off" or others), ``speed_mps``, ``difference_s``
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
        A column is missing or a table is empty.
    """
    from matplotlib.figure import Figure

    require_columns(differences, DIFFERENCE_COLUMNS, "the figure of event times")
    require_columns(summary, SUMMARY_COLUMNS, "the means in the figure of event times")
    counts = _count(differences, bin_s)
    events, speeds = list(dict.fromkeys(differences["event"])), sorted(differences["speed_mps"].unique())
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.75 + 0.55 * len(speeds)), layout="constrained")
        panels = figure.subplots(1, len(events), sharex=True, sharey=True, squeeze=False)[0]
        for panel, event in zip(panels, events, strict=True):
            _draw_ridges(panel, counts[counts["event"] == event], speeds, bin_s)
            _draw_means(panel, summary[summary["event"] == event], speeds)
            _name_panel(panel, str(event), speeds)
        figure.supxlabel(_QUANTITY, fontsize=8)
    alt = (
        f"Distributions of the time of {' and '.join(map(str, events))} found from motion minus that from force, "
        f"in ms, at {', '.join(f'{speed:g}' for speed in speeds)} m/s, {len(differences)} events in all; "
        "dots and bars are means and 95 % intervals over subjects."
    )
    table = pd.concat([counts.assign(row="bin"), summary.assign(row="mean")], ignore_index=True)
    return finish_drawing(figure, table, alt, label=label)


def _count(differences: pd.DataFrame, bin_s: float) -> pd.DataFrame:
    """Events per bin; bins are centered on multiples of their width, so that zero is a bin's middle."""
    centers = np.round(differences["difference_s"].to_numpy(float) / bin_s) * bin_s
    counted = differences[["event", "speed_mps"]].assign(bin_center_s=centers.round(6), count=1)
    return counted.groupby(["event", "speed_mps", "bin_center_s"], sort=False).sum().reset_index()


def _draw_ridges(panel: "Axes", counts: pd.DataFrame, speeds: list[float], bin_s: float) -> None:
    """Draw one histogram per speed, each on its own baseline and scaled to its tallest bin."""
    panel.axvline(0, color=RULE, linewidth=0.8, zorder=0.5)
    for base, speed in enumerate(speeds):
        part = counts[counts["speed_mps"] == speed]
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


def _draw_means(panel: "Axes", part: pd.DataFrame, speeds: list[float]) -> None:
    """Draw mean and interval just under each baseline."""
    places = [speeds.index(speed) - 0.12 for speed in part["speed_mps"]]
    low, value, high = (part[name].to_numpy(float) * _MS_PER_S for name in ("low", "value", "high"))
    panel.hlines(places, low, high, color=INK, linewidth=1.6)
    panel.plot(value, places, "o", color=INK, markersize=4.4, markeredgecolor=PAPER)


def _name_panel(panel: "Axes", event: str, speeds: list[float]) -> None:
    panel.set_title(event.capitalize(), fontweight="bold", pad=7)
    panel.set_yticks(range(len(speeds)), [f"{speed:g} m/s" for speed in speeds])
    panel.set_ylim(-0.3, len(speeds) - 0.1)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
