"""Figures by sex: panels side by side for women and men, rows with names, and tables that can be drawn so."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gaitbook.figures.drawing import require_columns
from gaitbook.figures.style import MUTED, PALETTE, RULE, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEX_WORDS: Final = {"female": "women", "male": "men", "pooled": "women and men together"}
SEX_LOOKS: Final = {
    "female": Look(PALETTE["purple"], "-", "o"),
    "male": Look(PALETTE["green"], "-", "s"),
    "pooled": Look(MUTED, "-", "D"),
}


WORDS: Final = {
    "age_year": "age",
    "bmi": "body mass index",
    "bmi_kgm2": "body mass index",
    "height_m": "height",
    "n": "people",
    "r_covariates": "correlation, covariates",
    "r_with_gait": "correlation, with gait",
}
"""Names that are not their own words."""


def check_table(
    table: pd.DataFrame,
    columns: tuple[str, ...],
    what: str,
    *,
    keys: Sequence[str],
    shares: Sequence[str] = (),
) -> None:
    """Refuse a table by sex that cannot be drawn, with all its faults in one message.

    Parameters
    ----------
    table
        Tidy numbers with the column ``sex``.
    columns
        Names of the columns that the figure reads.
    what
        The figure, as it is called in the message.
    keys
        Columns that together name a mark.
    shares
        Columns whose numbers lie between 0 and 1 (NaN: not known).

    Raises
    ------
    ValueError
        A column is missing, there is no row, a sex is unknown, a mark is there twice, or a share is none.
    """
    require_columns(table, columns, what)
    faults = []
    unknown = [str(sex) for sex in dict.fromkeys(table["sex"]) if sex not in SEX_WORDS]
    if unknown:
        faults.append(f"the column sex has {', '.join(unknown)}: write {' or '.join(SEX_WORDS)}")
    repeated = int(table.duplicated(list(keys)).sum())
    if repeated:
        named = f"{', '.join(keys[:-1])} and {keys[-1]}"
        faults.append(f"{repeated} row(s) repeat a {named}: keep one of each")
    for name in shares:
        outside = int((~table[name].astype(float).dropna().between(0.0, 1.0)).sum())
        if outside:
            faults.append(f"{name} lies outside 0 to 1 in {outside} row(s): give shares, not percent")
    if faults:
        raise ValueError(f"Cannot draw {what}: {'; '.join(faults)}.")


def order_sexes(sexes: pd.Series) -> dict[str, str]:
    """Words of the sexes that are there: women, men, both together.

    Examples
    --------
    >>> order_sexes(pd.Series(["male", "female", "male"]))
    {'female': 'women', 'male': 'men'}
    """
    found = set(sexes)
    return {sex: words for sex, words in SEX_WORDS.items() if sex in found}


def sex_looks(sexes: pd.Series) -> dict[str, Look]:
    """Look of each sex that is there, by its word.

    Examples
    --------
    >>> [look.marker for look in sex_looks(pd.Series(["female", "male"])).values()]
    ['o', 's']
    """
    return {words: SEX_LOOKS[sex] for sex, words in order_sexes(sexes).items()}


def own_words(name: object) -> str:
    """Name of a column or category as a reader says it.

    Examples
    --------
    >>> own_words("blood_lipids"), own_words("bmi")
    ('Blood lipids', 'Body mass index')
    """
    words = WORDS.get(str(name), str(name).replace("_", " "))
    return words[:1].upper() + words[1:]


def with_minus(text: str) -> str:
    """Text of a number with a real minus sign."""
    return text.replace("-", "\N{MINUS SIGN}")


def name_rows(panel: "Axes", names: Sequence[str], *, lines: bool = True) -> None:
    """Name the rows of a panel from top to bottom, with thin lines between them.

    Parameters
    ----------
    panel
        Its rows lie at 0, 1, 2 and so on.
    names
        Of the rows.
    lines
        Whether to draw lines.
    """
    panel.set_yticks(range(len(names)), list(names))
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    for place in range(1, len(names) if lines else 0):
        panel.axhline(place - 0.5, color=RULE, linewidth=0.6, zorder=0.5)


def spread_evenly(count: int, span: float) -> np.ndarray:
    """Offsets of so many marks about the middle of a row.

    Examples
    --------
    >>> spread_evenly(3, 0.6).tolist(), spread_evenly(1, 0.6).tolist()
    ([-0.3, 0.0, 0.3], [0.0])
    """
    return np.linspace(-span / 2, span / 2, count) if count > 1 else np.zeros(count)
