"""What gait adds to the covariates: the strongest phenotypes by body system, for women and for men."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import Drawing
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
    MUTED,
    PAPER,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
    only_finite,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAIN_COLUMNS: Final = (
    *("phenotype", "system", "sex", "n", "r_covariates", "r_with_gait"),
    *("gain", "low", "high", "q"),
)
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.2
_SPAN: Final = 0.36
_LONGEST: Final = 46
"""Letters of a name that are drawn."""


def plot_phenotype_gains(
    gains: pd.DataFrame, *, strongest: int = 10, level: float = 0.05, label: str = ""
) -> Drawing:
    """Gain in correlation over the covariates: the strongest phenotypes of each sex, by body system.

    Parameters
    ----------
    gains
        Tidy, one row per phenotype and sex: ``phenotype``, ``system``, ``sex``, ``n`` (people), ``r_covariates``,
        ``r_with_gait``, ``gain`` (NaN: not measured), ``low``, ``high`` (its interval), ``q`` (false discovery rate).
    strongest
        Phenotypes of each sex to draw, those with the largest gain; all that are drawn are drawn for both sexes.
    level
        Marks with a larger ``q`` are open.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sex is unknown, a phenotype is there twice in a sex, no gain was
        measured, or fewer than one phenotype is asked for.
    """
    from matplotlib.figure import Figure

    rows = choose_strongest(gains, strongest)
    names = list(dict.fromkeys(rows["phenotype"]))
    lines = _name_lines(rows, names)
    sexes = order_sexes(rows["sex"])
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.85 + _ROW_IN * len(lines)), layout="constrained")
        panel = figure.subplots()
        name_rows(panel, [words for words, _ in lines], lines=False)
        for tick, (_, name) in zip(panel.get_yticklabels(), lines, strict=True):
            tick.set_fontweight("normal" if name else "bold")
        places = {name: place for place, (_, name) in enumerate(lines) if name}
        for sex, offset in zip(sexes, spread_evenly(len(sexes), _SPAN), strict=True):
            _draw_sex(panel, rows[rows["sex"] == sex], places, offset, level)
        panel.axvline(0.0, color=MUTED, linewidth=0.7, zorder=0.6)
        panel.set_xlabel("Gain in correlation over the covariates")
        panel.locator_params(axis="x", nbins=7, steps=[1, 2, 5, 10])
        _name_sexes(figure, rows, level)
    left_out = gains["phenotype"].nunique() - len(names)
    return finish_drawing(figure, rows, _describe(rows, left_out), label=label)


def choose_strongest(gains: pd.DataFrame, strongest: int) -> pd.DataFrame:
    """Rows of the phenotypes with the largest gains in any sex, by system, the strongest system first.

    Parameters
    ----------
    gains
        As for `plot_phenotype_gains`.
    strongest
        Phenotypes of each sex.

    Raises
    ------
    ValueError
        As `plot_phenotype_gains`.
    """
    what = "the figure of gains"
    check_table(gains, GAIN_COLUMNS, what, keys=("phenotype", "sex"), shares=("q",))
    measured = gains.dropna(subset=["gain"])
    faults = []
    if strongest < 1:
        faults.append(f"strongest={strongest} leaves nothing to draw: ask for one or more")
    if measured.empty:
        faults.append("no gain was measured: the column gain is empty")
    if faults:
        raise ValueError(f"Cannot draw {what}: {'; '.join(faults)}.")
    by_gain = measured.sort_values("gain", ascending=False, kind="stable")
    chosen = by_gain.groupby("sex", sort=False).head(strongest)["phenotype"].unique()
    rows = by_gain[by_gain["phenotype"].isin(chosen)]
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["phenotype"]))}
    systems = {name: place for place, name in enumerate(dict.fromkeys(rows["system"]))}
    keys = [rows["system"].map(systems), rows["phenotype"].map(order), rows["sex"].map([*SEX_LOOKS].index)]
    return rows.iloc[np.lexsort([key.to_numpy() for key in reversed(keys)])].reset_index(drop=True)


def _name_lines(rows: pd.DataFrame, names: list[str]) -> list[tuple[str, str]]:
    """Words of each line with its phenotype: the system on a line of its own, without one."""
    system = rows.drop_duplicates("phenotype").set_index("phenotype")["system"]
    lines: list[tuple[str, str]] = []
    for name in names:
        if not lines or system[name] != system[lines[-1][1]]:
            lines.append((own_words(system[name]), ""))
        words = own_words(name)
        lines.append((words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…", name))
    return lines


def _draw_sex(panel: "Axes", rows: pd.DataFrame, places: dict[str, int], offset: float, level: float) -> None:
    """Draw the marks of a sex, open where the gain is no discovery."""
    heights = rows["phenotype"].map(places).to_numpy(dtype=float) + offset
    look = SEX_LOOKS[rows["sex"].iloc[0]]
    ends = only_finite(rows[["low", "high"]])
    panel.hlines(heights, ends["low"], ends["high"], color=look.color, linewidth=1.3)
    discovered = (rows["q"] <= level).to_numpy()
    for chosen, face in ((discovered, look.color), (~discovered, PAPER)):
        panel.plot(
            rows["gain"].to_numpy()[chosen],
            heights[chosen],
            look.marker,
            color=look.color,
            markerfacecolor=face,
            markersize=4.2,
            markeredgewidth=1.0,
        )


def _name_sexes(figure: "Figure", rows: pd.DataFrame, level: float) -> None:
    """Write the sexes and what an open mark means over the panel."""
    looks = sex_looks(rows["sex"])
    opened = f"no discovery at {100 * level:g} %"
    draw_legend(figure, {**looks, opened: Look(MUTED, "-", "o")}, note="bar: interval", markers=True)
    handle = figure.legends[0].legend_handles[len(looks)]
    handle.set(linestyle="", markerfacecolor=PAPER, markeredgewidth=1.0)  # type: ignore[union-attr]


def _describe(rows: pd.DataFrame, left_out: int) -> str:
    """Alternative text: the gains that are drawn, and how many are not."""
    sexes, said = order_sexes(rows["sex"]), []
    for phenotype, part in rows.groupby("phenotype", sort=False):
        pairs = zip(part["sex"], part["gain"], strict=True)
        told = ", ".join(f"{sexes[sex]} {gain:.2f}" for sex, gain in pairs)
        said.append(f"{own_words(phenotype)} ({told})")
    return (
        f"Gain in correlation over the covariates, with intervals: {'; '.join(said)}. "
        f"{left_out} phenotypes with smaller gains are not drawn."
    )
