"""Do intervals hold what they promise? The share of people inside, by sex and age band, beside what was promised."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from gaitbook.figures.drawing import Drawing
from gaitbook.figures.panel_rows import WIDTH_IN, even_columns, fold_words, open_panels
from gaitbook.figures.sex_panels import (
    SEX_LOOKS,
    check_table,
    name_rows,
    order_sexes,
    own_words,
    sex_looks,
    spread_evenly,
)
from gaitbook.figures.style import (
    INK,
    PAPER,
    RULE,
    draw_legend,
    finish_drawing,
    gait_style,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COVERAGE_COLUMNS: Final = ("target", "sex", "age_band", "n", "coverage", "low", "high")
_ROW_IN: Final = 0.3
_TITLE_IN: Final = 0.4
_MARK_SPAN: Final = 0.4


def plot_coverage(
    coverage: pd.DataFrame,
    *,
    promised: float = 0.9,
    allowed: tuple[float, float] = (0.86, 0.94),
    label: str = "",
) -> Drawing:
    """Share of people whose true value lies in their interval: a panel per target, a row per age band, a mark per sex.

    Parameters
    ----------
    coverage
        Tidy: ``target``, ``sex``, ``age_band`` (words, in the order to draw them), ``n`` (people), ``coverage`` (share
        of people inside, 0 to 1; NaN where there is nobody), ``low``, ``high`` (its binomial interval).
    promised
        Coverage of the intervals by their construction, drawn as a line.
    allowed
        Range in gray in which coverage is asked to lie.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sex is unknown, a mark is there twice, or a share is none.
    """
    from matplotlib.figure import Figure

    shares = ("coverage", "low", "high")
    keys = ("target", "sex", "age_band")
    check_table(coverage, COVERAGE_COLUMNS, "the figure of coverage", keys=keys, shares=shares)
    targets, bands = (list(dict.fromkeys(coverage[name])) for name in ("target", "age_band"))
    columns = even_columns(len(targets))
    with gait_style():
        height_in = 0.75 + -(-len(targets) // columns) * (_TITLE_IN + _ROW_IN * len(bands))
        figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
        panels = open_panels(figure, len(targets))
        for place, (panel, target) in enumerate(zip(panels, targets, strict=True)):
            part = coverage[coverage["target"] == target]
            counts = _count_people(part, bands)
            if place % columns == 0:
                beside = counts
                name_rows(panel, [f"{band}\n{count}" for band, count in zip(bands, counts, strict=True)])
            else:
                name_rows(panel, [""] * len(bands) if counts == beside else counts)
            _draw_coverage(panel, part, bands)
            panel.axvline(100 * promised, color=INK, linewidth=1.0, zorder=0.8)
            panel.axvspan(100 * allowed[0], 100 * allowed[1], color=RULE, linewidth=0, zorder=0.3, alpha=0.6)
            panel.set_title(fold_words(own_words(target), WIDTH_IN / columns - 0.5), loc="left", pad=5)
        panels[0].set_xlim(*_limits(coverage, allowed))
        figure.supxlabel("People whose true value lies in their interval (%)", fontsize=8)
        note = f"line: {100 * promised:g} % promised; gray: allowed; bar: interval"
        draw_legend(figure, sex_looks(coverage["sex"]), note=note, markers=True)
    return finish_drawing(figure, coverage, _describe(coverage, promised), label=label)


def _count_people(part: pd.DataFrame, bands: list[str]) -> list[str]:
    """Number of people in each age band, women and men."""
    sexes = order_sexes(part["sex"])
    said = []
    for band in bands:
        rows = part[part["age_band"] == band].set_index("sex")["n"]
        counts = [f"{rows[sex]:,.0f} {words}" for sex, words in sexes.items() if sex in rows.index]
        said.append(", ".join(counts) or "nobody")
    return said


def _draw_coverage(panel: "Axes", part: pd.DataFrame, bands: list[str]) -> None:
    """Draw the marks of a band close together; where there is nobody, nothing."""
    sexes = order_sexes(part["sex"])
    for sex, offset in zip(sexes, spread_evenly(len(sexes), _MARK_SPAN), strict=True):
        rows, look = part[part["sex"] == sex], SEX_LOOKS[sex]
        heights = rows["age_band"].map(bands.index).to_numpy(dtype=float) + offset
        ends = 100 * only_finite(rows[["low", "high"]])
        panel.hlines(heights, ends["low"], ends["high"], color=look.color, linewidth=1.6)
        panel.plot(
            100 * rows["coverage"],
            heights,
            look.marker,
            color=look.color,
            markersize=4.6,
            markeredgecolor=PAPER,
        )


def _limits(coverage: pd.DataFrame, allowed: tuple[float, float]) -> tuple[float, float]:
    """Ends of the scale in percent: all intervals and what is allowed."""
    least = min(float(only_finite(coverage[["coverage", "low"]]).min().min()), allowed[0])
    return max(100 * least - 2.0, -1.0), 101.0


def _describe(coverage: pd.DataFrame, promised: float) -> str:
    """Alternative text: the range of coverage of every target and sex."""
    sexes, said = order_sexes(coverage["sex"]), []
    for (target, sex), part in coverage.groupby(["target", "sex"], sort=False):
        low, high = part["coverage"].min(), part["coverage"].max()
        told = f"{100 * low:.0f} to {100 * high:.0f} %" if pd.notna(low) else "nobody"
        said.append(f"{own_words(target)}, {sexes[str(sex)]}: {told} over age bands")
    return (
        f"Share of people whose true value lies in their interval, by age band, beside the {100 * promised:g} % "
        f"promised. {'. '.join(said)}."
    )
