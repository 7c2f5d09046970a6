"""Which body systems a walk tells of: the share of discoveries in each, and whether the system is found as a whole."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from gaitbook.figures.drawing import Drawing
from gaitbook.figures.sex_panels import check_table, name_rows, order_sexes, own_words
from gaitbook.figures.style import (
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
    from matplotlib.figure import Figure

SYSTEM_COLUMNS: Final = ("system", "sex", "found", "tested", "selected", "planted")
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.205
_LEFT: Final = 0.09
"""Room left of the bars for the mark of the system, in widths of the longest bar."""


@dataclass(frozen=True)
class Verdict:
    """What became of a system, and how it looks."""

    words: str
    look: Look
    filled: bool = True


FOUND: Final = Verdict("found", Look(PALETTE["blue"], "-", "o"))
LEFT_OUT: Final = Verdict("not found", Look(MUTED, "-", "o"), filled=False)
MISSED: Final = Verdict("missed", Look(PALETTE["vermillion"], "-", "v"), filled=False)
MISTAKEN: Final = Verdict("found by mistake", Look(PALETTE["vermillion"], "-", "X"))
NULL: Final = Verdict("nothing planted, not found", Look(PALETTE["green"], "-", "s"), filled=False)
_ORDER: Final = (FOUND, LEFT_OUT, NULL, MISSED, MISTAKEN)


def plot_system_map(systems: pd.DataFrame, *, label: str = "") -> Drawing:
    """Share of the targets of each body system that were discovered, a panel per sex, with a mark for the system.

    Parameters
    ----------
    systems
        Tidy: ``system`` (in the order to draw them), ``sex``, ``found`` and ``tested`` (numbers of targets),
        ``selected`` (whether the hierarchical test found the system), ``planted`` (whether the truth holds an effect;
        NaN where the truth is not known).
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sex is unknown, a system is there twice in a sex, or more targets
        were found than tested.
    """
    from matplotlib.figure import Figure

    what = "the map of body systems"
    check_table(systems, SYSTEM_COLUMNS, what, keys=("system", "sex"))
    _check_counts(systems, what)
    names, sexes = list(dict.fromkeys(systems["system"])), order_sexes(systems["sex"])
    longest = max(float((systems["found"] / systems["tested"].clip(lower=1)).max()), 0.05)
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.85 + _ROW_IN * len(names)), layout="constrained")
        panels = figure.subplots(1, len(sexes), sharex=True, sharey=True, squeeze=False)[0]
        for panel, (sex, words) in zip(panels, sexes.items(), strict=True):
            name_rows(panel, [own_words(name) for name in names], lines=False)
            rows = systems[systems["sex"] == sex]
            for _, row in rows.iterrows():
                _draw_system(panel, names.index(row["system"]), row, longest)
            panel.set_title(f"{words.capitalize()}: {_say_tally(rows)}", fontweight="bold", pad=7)
            panel.set_xlim(-1.6 * _LEFT * longest, 1.42 * longest)
        panels[0].set_xticks(*_shares(longest))
        figure.supxlabel("Share of a system's targets that were discovered (%)", fontsize=8)
        _name_verdicts(figure, systems)
    return finish_drawing(figure, systems, _describe(systems, sexes), label=label)


def judge_system(row: pd.Series) -> Verdict:
    """What became of a system: found or not, rightly or not where the truth is known.

    Examples
    --------
    >>> judge_system(pd.Series({"selected": False, "planted": False})).words
    'nothing planted, not found'
    """
    if pd.isna(row["planted"]):
        return FOUND if row["selected"] else LEFT_OUT
    if row["selected"]:
        return FOUND if row["planted"] else MISTAKEN
    return MISSED if row["planted"] else NULL


def _check_counts(systems: pd.DataFrame, what: str) -> None:
    wrong = systems[(systems["found"] > systems["tested"]) | (systems["found"] < 0)]
    if len(wrong):
        pairs = ", ".join(f"{row['system']} ({row['sex']})" for _, row in wrong.iterrows())
        raise ValueError(
            f"Cannot draw {what}: found is not between 0 and tested in {pairs}; give numbers of targets."
        )


def _draw_system(panel: "Axes", place: int, row: pd.Series, longest: float) -> None:
    """Draw the bar, its numbers and the mark of the system before it."""
    verdict = judge_system(row)
    share = float(row["found"]) / max(float(row["tested"]), 1.0)
    pale = not row["selected"]
    panel.barh(place, share, height=0.62, color=RULE if pale else verdict.look.color, linewidth=0)
    panel.plot(
        -_LEFT * longest,
        place,
        verdict.look.marker,
        color=verdict.look.color,
        markerfacecolor=verdict.look.color if verdict.filled else PAPER,
        markersize=4.6,
        markeredgewidth=1.1,
    )
    panel.annotate(
        f"{row['found']:.0f} of {row['tested']:.0f}" if row["tested"] else "none tested",
        (share, place),
        (4.0, 0.0),
        textcoords="offset points",
        fontsize=6.5,
        color=MUTED,
        va="center_baseline",
    )


def _shares(longest: float) -> tuple[list[float], list[str]]:
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.25) if step * 5 >= longest)
    ticks = [step * number for number in range(int(longest / step + 1e-9) + 1)]
    return ticks, [f"{100 * tick:.0f}" for tick in ticks]


def _say_tally(rows: pd.DataFrame) -> str:
    return f"{int(rows['selected'].sum())} of {len(rows)} systems"


def _name_verdicts(figure: "Figure", systems: pd.DataFrame) -> None:
    """Write the marks that occur over the panels."""
    present = {judge_system(row).words for _, row in systems.iterrows()}
    verdicts = [verdict for verdict in _ORDER if verdict.words in present]
    looks = {verdict.words: verdict.look for verdict in verdicts}
    draw_legend(figure, looks, markers=True)
    for handle, verdict in zip(figure.legends[0].legend_handles, verdicts, strict=True):
        face = verdict.look.color if verdict.filled else PAPER
        edge = {"markerfacecolor": face, "markeredgecolor": verdict.look.color, "markeredgewidth": 1.1}
        handle.set(linestyle="", **edge)  # type: ignore[union-attr]


def _describe(systems: pd.DataFrame, sexes: dict[str, str]) -> str:
    """Alternative text: how many systems, and those that stand out."""
    said = []
    for sex, words in sexes.items():
        rows = systems[systems["sex"] == sex]
        verdicts: dict[str, list[str]] = {}
        for _, row in rows.iterrows():
            verdicts.setdefault(judge_system(row).words, []).append(own_words(row["system"]).lower())
        verdicts.pop(FOUND.words, None)
        rest = [f"{verdict}: {', '.join(names)}" for verdict, names in verdicts.items()]
        said.append("; ".join([f"{words.capitalize()}, {_say_tally(rows)} found", *rest]))
    return f"Share of the targets of each body system that were discovered. {'. '.join(said)}."
