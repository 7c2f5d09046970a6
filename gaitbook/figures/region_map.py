"""Which part of the body carries what: body systems by regions, the bluer the surer."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing
from gaitbook.figures.sex_panels import check_table, order_sexes, own_words, with_minus
from gaitbook.figures.style import INK, MUTED, PALETTE, finish_drawing, gait_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REGION_COLUMNS: Final = ("system", "sex", "region", "importance", "low", "high", "first", "planted")
REGIONS: Final = ("legs", "arms", "torso", "head")
LIMBS: Final = {
    "legs": (((0.0, 0.9), (-0.16, 0.45), (-0.2, 0.0)), ((0.0, 0.9), (0.16, 0.45), (0.2, 0.0))),
    "arms": (((0.0, 1.42), (-0.25, 1.1), (-0.34, 0.8)), ((0.0, 1.42), (0.25, 1.1), (0.34, 0.8))),
    "torso": (((0.0, 0.9), (0.0, 1.5)),),
    "head": (),
}
"""Lines of a small person, m across and up; the head is a circle."""
_HEAD: Final = ((0.0, 1.66), 0.13)
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.2
_SHADE: Final = 0.6
"""Opacity of a region that certainly ranks first."""
_HEADER_ROWS: Final = 3.4


def plot_region_map(regions: pd.DataFrame, *, label: str = "") -> Drawing:
    """Importance of each region of the body for each system, a panel per sex; shade: how surely it ranks first.

    Parameters
    ----------
    regions
        Tidy, one row per cell: ``system``, ``sex``, ``region`` (``"legs"``, ``"arms"``, ``"torso"``, ``"head"``; others
        have no picture), ``importance`` (such as the gain that is lost without the region; NaN: not measured), ``low``,
        ``high`` (its interval), ``first`` (probability that the region ranks first, 0 to 1), ``planted`` (whether the
        truth lies there, drawn as an outline; NaN where the truth is not known).
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sex is unknown, a cell is there twice, or a probability is none.
    """
    from matplotlib.figure import Figure

    keys = ("system", "sex", "region")
    check_table(regions, REGION_COLUMNS, "the map of regions", keys=keys, shares=("first",))
    systems, sexes = list(dict.fromkeys(regions["system"])), order_sexes(regions["sex"])
    columns = sorted(dict.fromkeys(regions["region"]), key=_rank)
    decimals = _decimals(regions["importance"])
    with gait_style():
        height_in = 0.75 + _ROW_IN * (len(systems) + _HEADER_ROWS)
        figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
        panels = figure.subplots(1, len(sexes), sharey=True, squeeze=False)[0]
        for panel, (sex, words) in zip(panels, sexes.items(), strict=True):
            part = regions[regions["sex"] == sex]
            for _, row in part.iterrows():
                _draw_cell(panel, columns.index(row["region"]), systems.index(row["system"]), row, decimals)
            _draw_header(panel, columns, len(systems))
            panel.set_title(words.capitalize(), fontweight="bold", pad=5)
        panels[0].set_yticks(range(len(systems)), [own_words(name) for name in systems])
        figure.supxlabel(_say_code(regions), fontsize=7.5, color=MUTED)
    return finish_drawing(figure, regions, _describe(regions, sexes), label=label)


def _rank(region: str) -> tuple[int, str]:
    return (REGIONS.index(region) if region in REGIONS else len(REGIONS)), region


def _decimals(importance: pd.Series) -> int:
    """Decimals that show the largest number with two digits."""
    largest = float(np.nanmax(importance.abs())) if importance.notna().any() else 0.0
    return int(np.clip(1 - np.floor(np.log10(largest)), 0, 4)) if largest else 2


def _draw_cell(panel: "Axes", column: int, place: int, row: pd.Series, decimals: int) -> None:
    from matplotlib.patches import Rectangle

    if np.isfinite(row["first"]):
        box = Rectangle((column - 0.5, place - 0.5), 1.0, 1.0, color=PALETTE["blue"], linewidth=0)
        box.set_alpha(_SHADE * float(row["first"]))
        panel.add_patch(box)
    if pd.notna(row["planted"]) and row["planted"]:
        outline = (column - 0.46, place - 0.42)
        panel.add_patch(Rectangle(outline, 0.92, 0.84, fill=False, edgecolor=INK, linewidth=1.2))
    known = bool(np.isfinite(row["importance"]))
    # plus zero: what rounds to nothing has no sign
    text = with_minus(f"{round(row['importance'], decimals) + 0.0:.{decimals}f}") if known else "–"
    panel.text(column, place, text, ha="center", va="center_baseline", fontsize=6.5)


def _draw_header(panel: "Axes", columns: list[str], rows: int) -> None:
    """Draw a small person over each column, with its region dark, and the name of the region below it."""
    panel.set_xlim(-0.5, len(columns) - 0.5)
    panel.set_ylim(rows - 0.5, -0.5 - _HEADER_ROWS)
    panel.set_xticks([])
    panel.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        panel.spines[side].set_visible(False)
    for place, region in enumerate(columns):
        panel.text(place, -0.9, own_words(region), ha="center", va="center_baseline", fontsize=7)
        if region in REGIONS:
            # shares of the panel, whose rows run downwards
            height = rows + _HEADER_ROWS
            bottom, tall = (rows + 0.9) / height, (_HEADER_ROWS - 1.0) / height
            box = ((place + 0.1) / len(columns), bottom, 0.8 / len(columns), tall)
            draw_small_person(panel.inset_axes(box), region)


def draw_small_person(panel: "Axes", region: str) -> None:
    """Draw a small person seen from the front, one region dark and the others pale.

    Parameters
    ----------
    panel
        To draw in; its axes are switched off.
    region
        One of `REGIONS`.
    """
    from matplotlib.patches import Circle

    for name, lines in LIMBS.items():
        chosen = name == region
        look: dict[str, Any] = {"color": PALETTE["blue"] if chosen else MUTED}
        look |= {"linewidth": 2.4, "zorder": 2} if chosen else {"linewidth": 1.0, "zorder": 1, "alpha": 0.6}
        for line in lines:
            across, up = zip(*line, strict=True)
            panel.plot(across, up, **look)
    chosen = region == "head"
    head = Circle(*_HEAD, color=PALETTE["blue"] if chosen else MUTED, fill=chosen, linewidth=1.0)
    head.set_alpha(1.0 if chosen else 0.6)
    panel.add_patch(head)
    panel.set_xlim(-0.5, 0.5)
    panel.set_ylim(-0.05, 1.85)
    panel.set_aspect("equal")
    panel.set(xticks=[], yticks=[])
    panel.set_axis_off()


def _say_code(regions: pd.DataFrame) -> str:
    planted = "; outline: planted there" if regions["planted"].notna().any() else ""
    return f"Number: importance of the region; the bluer, the surer that it ranks first{planted}"


def _describe(regions: pd.DataFrame, sexes: dict[str, str]) -> str:
    """Alternative text: for each system the region that most surely ranks first."""
    said = []
    for sex, words in sexes.items():
        part = regions[(regions["sex"] == sex) & regions["first"].notna()]
        top = part.loc[part.groupby("system", sort=False)["first"].idxmax()]
        told = [
            f"{own_words(row['system']).lower()} {row['region']} ({row['first']:.0%})".replace("%", " %")
            for _, row in top.iterrows()
        ]
        said.append(f"{words.capitalize()}: {', '.join(told) or 'nothing'}")
    return (
        "Map of the importance of regions of the body for body systems. The region that most surely ranks first, with "
        f"the probability. {'. '.join(said)}."
    )
