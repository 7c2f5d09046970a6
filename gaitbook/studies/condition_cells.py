"""The table of the 33 conditions as the cells of a map."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from gaitbook.studies.contest import PERCENT, with_group

SHOWN: Final[Mapping[str, tuple[str, str]]] = {
    "vertical": ("y", "profile"),
    "fore-aft": ("x", "profile"),
    "angles": ("", "angle"),
    "coverage": ("y", "coverage"),
}
"""Words of a column, and the axis and measure that it holds."""
DEGREES: Final = "°"


def condition_cells(table: pd.DataFrame, shown: Mapping[str, tuple[str, str]] = SHOWN) -> pd.DataFrame:
    """Cells for `gaitbook.plot_condition_map`.

    Parameters
    ----------
    table
        As `gaitbook conditions` writes it: condition, source, gait, axis, measure, unit, value.
    shown
        Words of a column, and the axis and measure that it holds.

    Returns
    -------
    pandas.DataFrame
        Columns condition, group, measure, value, unit, low, high, n; conditions in the order of the table.
    """
    grouped = with_group(table.assign(axis=table["axis"].fillna("")))
    parts = []
    for group in dict.fromkeys(grouped["group"]):
        for words, (axis, measure) in shown.items():
            chosen = (grouped["axis"] == axis) & (grouped["measure"] == measure) & (grouped["group"] == group)
            part = grouped[chosen].assign(measure=words)
            share = part["unit"] == "1"
            scale = share.map({True: PERCENT, False: 1.0})
            units = part["unit"].where(~share, "%").replace({"degrees": DEGREES})
            numbers = {name: part[name] * scale for name in ("value", "low", "high")}
            parts.append(part.assign(**numbers, unit=units))
    columns = ["condition", "group", "measure", "value", "low", "high", "n", "unit"]
    return pd.concat(parts, ignore_index=True)[columns]
