"""Joint curves in the bands of a reference: a small panel per coordinate, what lies outside in another color."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.style import (
    MUTED,
    PALETTE,
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE_COLUMNS: Final = ("subject", "coordinate", "phase_percent", "value")
BAND_COLUMNS: Final = ("coordinate", "phase_percent", "mean", "spread")
SHARE_COLUMNS: Final = ("coordinate", "value", "allowed")
INSIDE, OUTSIDE = Look(PALETTE["blue"], "-", "o", 1.8), Look(PALETTE["vermillion"], "-", "X", 2.6)
_WIDTH_IN: Final = 7.2
_PANEL_HEIGHT_IN: Final = 1.3
_COLUMNS: Final = 4


def plot_bands(
    curves: pd.DataFrame, bands: pd.DataFrame, shares: pd.DataFrame, *, label: str = ""
) -> Drawing:
    """Mean joint curves of people in the bands of a reference, each person thin behind.

    Parameters
    ----------
    curves
        As given by `gaitbook.joint_cycles`: ``subject``, ``coordinate``, ``phase_percent``, ``value`` (degrees).
    bands
        As given by `gaitbook.reference_bands`: ``coordinate``, ``phase_percent``, ``mean``, ``spread`` (degrees).
    shares
        As given by `gaitbook.within_spread`: ``coordinate``, ``value`` (percent of the cycle inside), ``allowed``
        (spreads to each side that count as inside).
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, a table is empty, or they share no coordinate.
    """
    from matplotlib.figure import Figure

    what = "the figure of joint curves"
    for table, columns in ((curves, CURVE_COLUMNS), (bands, BAND_COLUMNS), (shares, SHARE_COLUMNS)):
        require_columns(table, columns, what)
    table = _numbers(curves, bands, shares)
    names = list(dict.fromkeys(table["coordinate"]))
    if not names:
        raise ValueError(f"Cannot draw {what}: curves, bands and shares have no coordinate in common.")
    rows = -(-len(names) // _COLUMNS)
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.75 + _PANEL_HEIGHT_IN * rows), layout="constrained")
        panels = figure.subplots(rows, _COLUMNS, sharex=True, squeeze=False).ravel()
        for panel, name in zip(panels, names, strict=False):
            people = curves[curves["coordinate"] == name]
            _draw_panel(panel, people, table[table["coordinate"] == name])
            share = float(shares.loc[shares["coordinate"] == name, "value"].iloc[0])
            panel.set_title(f"{name.replace('_', ' ')}: {share:.0f} %", loc="left", fontsize=7.5, pad=3)
        for panel in panels[len(names) :]:
            panel.set_axis_off()
        figure.supxlabel("Gait cycle (%)", fontsize=8)
        figure.supylabel("Angle (degrees)", fontsize=8)
        looks = {"mean inside": INSIDE, "mean outside": OUTSIDE}
        draw_legend(figure, looks, note="gray: reference; thin: one person; number: part of the cycle inside")
    alt = (
        f"Angles of {', '.join(name.replace('_', ' ') for name in names)} over the gait cycle: the mean over people "
        "and each person, in the band of the reference."
    )
    return finish_drawing(figure, table, alt, label=label)


def _numbers(curves: pd.DataFrame, bands: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Mean over people and the band, by coordinate and phase."""
    mean = curves.groupby(["coordinate", "phase_percent"], sort=False)["value"].mean().reset_index()
    both = mean.merge(bands, on=["coordinate", "phase_percent"])
    both = both.merge(shares[["coordinate", "allowed"]], on="coordinate")
    reach = both["allowed"] * both["spread"]
    ends = {"band_low": both["mean"] - reach, "band_high": both["mean"] + reach}
    return both[["coordinate", "phase_percent", "value"]].assign(**ends)


def _draw_panel(panel: "Axes", people: pd.DataFrame, table: pd.DataFrame) -> None:
    panel.fill_between(table["phase_percent"], table["band_low"], table["band_high"], color=RULE, linewidth=0)
    wide = people.pivot_table(index="phase_percent", columns="subject", values="value")
    panel.plot(wide.index, wide.to_numpy(), color=MUTED, linewidth=0.4, alpha=0.45)
    inside = table["value"].between(table["band_low"], table["band_high"])
    panel.plot(table["phase_percent"], table["value"], color=INSIDE.color, linewidth=INSIDE.width)
    # matplotlib leaves out what is NaN; a sample on each side keeps the colored piece together
    outside = (~inside).rolling(3, center=True, min_periods=1).max().astype(bool)
    if not inside.all():
        piece = np.where(outside, table["value"], np.nan)
        panel.plot(table["phase_percent"], piece, color=OUTSIDE.color, linewidth=OUTSIDE.width)
    panel.set_xlim(0, 100)
    panel.set_xticks([0, 50, 100])
    panel.locator_params(axis="y", nbins=4)
