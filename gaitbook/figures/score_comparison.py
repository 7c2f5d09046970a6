"""What each set of features tells of a person: a correlation and its interval, for women and for men."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing
from gaitbook.figures.panel_rows import legend_columns
from gaitbook.figures.sex_panels import (
    check_table,
    name_rows,
    order_sexes,
    own_words,
    spread_evenly,
    with_minus,
)
from gaitbook.figures.style import (
    MUTED,
    PALETTE,
    PAPER,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    look_up,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SCORE_COLUMNS: Final = ("target", "sex", "features", "r", "low", "high")
FEATURE_LOOKS: Final = {
    "demographics": Look(MUTED, "-", "D"),
    "engineered": Look(PALETTE["gold"], "-", "v"),
    "keypoints": Look(PALETTE["purple"], "-", "^"),
    "paper": Look(PALETTE["vermillion"], "-", "s"),
    "fast": Look(PALETTE["blue"], "-", "o"),
}
"""Look of a set of features by the first word of its name."""
_WIDTH_IN: Final = 7.2
_MARK_IN: Final = 0.17
_BETWEEN_IN: Final = 0.16
_ROOM: Final = 0.03
_NOTE: Final = "bar: interval"


def plot_scores(
    scores: pd.DataFrame, *, target_words: Mapping[str, str] | None = None, label: str = ""
) -> Drawing:
    """Correlations with their intervals: a panel per sex, a row per target, a mark per set of features.

    Parameters
    ----------
    scores
        Tidy: ``target`` (such as ``"age"``), ``sex`` (``"female"``, ``"male"``, ``"pooled"``), ``features`` (such as
        ``"keypoints"``, ``"fast encoder"``; in the order to draw them), ``r`` (NaN: not measured), ``low``, ``high``
        (interval over people; NaN without).
    target_words
        Words of a target; its own name otherwise.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sex is unknown, or a mark is there twice.
    """
    from matplotlib.figure import Figure

    check_table(scores, SCORE_COLUMNS, "the comparison of features", keys=("target", "sex", "features"))
    targets, features = (list(dict.fromkeys(scores[name])) for name in ("target", "features"))
    sexes, looks = order_sexes(scores["sex"]), look_of_features(features)
    words = [(target_words or {}).get(str(name), own_words(name)) for name in targets]
    with gait_style():
        height_in = 0.85 + len(targets) * (_BETWEEN_IN + _MARK_IN * len(features))
        figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
        panels = figure.subplots(1, len(sexes), sharex=True, sharey=True, squeeze=False)[0]
        for panel, (sex, sex_words) in zip(panels, sexes.items(), strict=True):
            name_rows(panel, words)
            _draw_marks(panel, scores[scores["sex"] == sex], looks, targets)
            panel.set_title(sex_words.capitalize(), fontweight="bold", pad=7)
        panels[0].set_xlim(_limits(scores))
        panels[0].locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
        figure.supxlabel("Correlation of predicted with true values, in people left out", fontsize=8)
        columns = legend_columns([*looks, _NOTE], label=label)
        draw_legend(figure, looks, note=_NOTE, markers=True, columns=columns)
    alt = _describe(scores, sexes, dict(zip(targets, words, strict=True)))
    return finish_drawing(figure, scores, alt, label=label)


def look_of_features(names: list[str]) -> dict[str, Look]:
    """Look of each set of features; those the book does not know take what is left.

    Examples
    --------
    >>> [look.marker for look in look_of_features(["fast encoder", "mean pose"]).values()]
    ['o', '^']
    """
    known = {name: FEATURE_LOOKS[_first(name)] for name in names if _first(name) in FEATURE_LOOKS}
    taken = {look.marker for look in known.values()}
    spare = look_up([f"spare {place}" for place in range(5)]).values()
    left = [look for look in spare if look.marker not in taken] or list(spare)
    others = [name for name in names if name not in known]
    return {name: known[name] if name in known else _spare_look(left, others.index(name)) for name in names}


def _spare_look(left: list[Look], place: int) -> Look:
    """One of the looks that are left; once all were used, their marks come again in other colors."""
    color = left[(place + place // len(left)) % len(left)].color
    return replace(left[place % len(left)], color=color)


def _first(name: str) -> str:
    return str(name).split()[0].lower() if str(name).split() else ""


def _limits(scores: pd.DataFrame) -> tuple[float, float]:
    """Ends of the scale: zero and all intervals, with room for a number at the right."""
    ends = only_finite(scores[["r", "low", "high"]]).to_numpy()
    low, high = (np.nanmin(ends), np.nanmax(ends)) if np.isfinite(ends).any() else (0.0, 1.0)
    low, high = min(0.0, float(low)), max(0.1, float(high))
    return low - _ROOM * (high - low) * (low < 0), high + 5 * _ROOM * (high - low)


def _draw_marks(panel: "Axes", part: pd.DataFrame, looks: dict[str, Look], targets: list[str]) -> None:
    """Draw a bar, a mark and a number for each set of features, those of a target close together."""
    span = len(looks) * _MARK_IN / (len(looks) * _MARK_IN + _BETWEEN_IN) * (1 - 1 / len(looks))
    panel.axvline(0.0, color=MUTED, linewidth=0.7, zorder=0.6)
    for (name, look), offset in zip(looks.items(), spread_evenly(len(looks), span), strict=True):
        rows = part[part["features"] == name]
        heights = rows["target"].map(targets.index).to_numpy(dtype=float) + offset
        ends = only_finite(rows["low"]), only_finite(rows["high"])
        panel.hlines(heights, *ends, color=look.color, linewidth=1.5)
        panel.plot(rows["r"], heights, look.marker, color=look.color, markersize=4.6, markeredgecolor=PAPER)
        reach = ends[1].fillna(rows["r"])
        for height, r, right in zip(heights, rows["r"], reach, strict=True):
            known = bool(np.isfinite(r))
            panel.annotate(
                with_minus(f"{r:.2f}") if known else "not measured",
                (right if known else 0.0, height),
                (4.0, 0.0),
                textcoords="offset points",
                fontsize=6.5,
                color=MUTED,
                va="center_baseline",
            )


def _describe(scores: pd.DataFrame, sexes: dict[str, str], words: dict[str, str]) -> str:
    """Alternative text: every correlation."""
    said = []
    for (target, sex), part in scores.groupby(["target", "sex"], sort=False):
        pairs = zip(part["features"], part["r"], strict=True)
        told = [f"{name} {r:.2f}" if np.isfinite(r) else f"{name} not measured" for name, r in pairs]
        said.append(f"{words[str(target)]}, {sexes[str(sex)]}: {', '.join(told)}")
    return f"Correlation of predicted with true values, with intervals. {'. '.join(said)}."
