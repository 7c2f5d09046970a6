"""A long table that a reader can search, narrow and sort, without a kernel; without a script, its first rows.

Words are saved once each, numbers as whole numbers of their last decimal, so that thousands of rows stay small.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.sex_panels import own_words
from gaitbook.figures.tables import style_table
from gaitbook.figures.widget import make_widget, mark_up

WIDGET: Final = "table_browser"
PAGE: Final = 25
"""Rows that are shown at first, and added when more are asked for."""
_MOST_DECIMALS: Final = 6
_FIRST: Final = ("phenotype", "system", "sex", "gain", "low", "high", "q", "n")
"""Columns of gains that a reader sees without moving the table."""


def browse_table(
    table: pd.DataFrame,
    *,
    caption: str,
    search: str,
    sort: str,
    filters: tuple[str, ...] = (),
    intervals: Mapping[str, tuple[str, str]] | None = None,
    decimals: int = 3,
    label: str = "",
) -> Drawing:
    """Table of many rows with a field to search, menus to narrow, and heads to sort by.

    Parameters
    ----------
    table
        A row per line; columns of words or of numbers (NaN: a dash). Infinite numbers are shown as dashes.
    caption
        Sentence over the table.
    search
        Column of words in which the field searches.
    sort
        Column of numbers by which rows are sorted at first, the largest at the top.
    filters
        Columns of words that get a menu each.
    intervals
        Columns of the low and high end to be shown beside a number, by its column.
    decimals
        Of numbers that are no whole numbers.
    label
        Name of the cohort, added to the caption and the alternative text.

    Returns
    -------
    Drawing
        Its table is `table`; its widget is ``None`` where anywidget is not installed.

    Raises
    ------
    ValueError
        A column is missing, of the wrong kind, or the table is empty; one message says all.

    Examples
    --------
    >>> gains = pd.DataFrame({"phenotype": ["pulse", "sleep_time"], "gain": [0.02, 0.05]})
    >>> drawing = browse_table(gains, caption="Gains.", search="phenotype", sort="gain")
    >>> drawing.html.index("sleep time") < drawing.html.index("pulse")
    True
    """
    intervals = dict(intervals or {})
    ends = [name for pair in intervals.values() for name in pair]
    _check(table, words=(search, *filters), numbers=(sort, *intervals, *ends), decimals=decimals)
    in_order = table.sort_values(sort, ascending=False, kind="stable", na_position="last")
    title = f"{caption} Data: {label}." if label else caption
    alt = f"{title} {len(table):,} rows with {', '.join(own_words(name).lower() for name in table.columns)}."
    state = {
        "columns": [_save_column(in_order[name], decimals, hidden=name in ends) for name in in_order.columns],
        "names": [str(name) for name in in_order.columns],
        "intervals": {name: list(pair) for name, pair in intervals.items()},
        "filters": list(filters),
        "search": search,
        "sort": sort,
        "page": PAGE,
        "caption": title,
    }
    return Drawing(
        table=table,
        alt=alt,
        html=mark_up(WIDGET, {"state": state}, _draw_still(in_order, title, state)),
        widget=make_widget(WIDGET, {"state": state}, styles=("figures", WIDGET)),
    )


def browse_gains(gains: pd.DataFrame, *, label: str = "") -> Drawing:
    """Table of every phenotype in which to look up what gait adds.

    Parameters
    ----------
    gains
        As for `gaitbook.figures.phenotype_gains.plot_phenotype_gains`.
    label
        Name of the cohort, added to the caption and the alternative text.

    Raises
    ------
    ValueError
        As `browse_table`.
    """
    first = [name for name in _FIRST if name in gains.columns]
    others = [name for name in gains.columns if name not in first]
    return browse_table(
        gains[[*first, *others]],
        caption="What gait adds to the covariates, for every phenotype.",
        search="phenotype",
        sort="gain",
        filters=("system", "sex"),
        intervals={"gain": ("low", "high")},
        label=label,
    )


def _check(table: pd.DataFrame, *, words: tuple[str, ...], numbers: tuple[str, ...], decimals: int) -> None:
    what = "the table to search"
    require_columns(table, tuple(dict.fromkeys((*words, *numbers))), what)
    faults = [f"the column {name} has numbers, not words" for name in words if _is_number(table[name])]
    faults += [f"the column {name} has no numbers" for name in numbers if not _is_number(table[name])]
    if not 0 <= decimals <= _MOST_DECIMALS:
        faults.append(f"decimals={decimals} is not between 0 and {_MOST_DECIMALS}")
    if faults:
        raise ValueError(f"Cannot draw {what}: {'; '.join(faults)}.")


def _is_number(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _save_column(column: pd.Series, decimals: int, *, hidden: bool) -> dict[str, Any]:
    """One column as a script reads it: words once each with their places, or whole numbers with their decimals."""
    head = {"head": own_words(column.name), "hidden": hidden}
    if not _is_number(column):
        said = column.map({True: "yes", False: "no"}) if is_bool_dtype(column) else column.map(_say)
        places, words = pd.factorize(said)
        return {**head, "words": list(words), "places": places.tolist()}
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    finite = numbers[np.isfinite(numbers)]
    decimals = 0 if (finite == np.round(finite)).all() else decimals
    whole = [round(float(number) * 10**decimals) if np.isfinite(number) else None for number in numbers]
    return {**head, "numbers": whole, "decimals": decimals}


def _say(value: object) -> str:
    return "–" if pd.isna(value) else str(value).replace("_", " ")  # type: ignore[call-overload]


def _draw_still(table: pd.DataFrame, title: str, state: Mapping[str, Any]) -> str:
    """The first rows, as plain a table as any."""
    first, said = table.head(PAGE), {}
    for name, column in zip(table.columns, state["columns"], strict=True):
        values = first[name] if "numbers" in column else first[name].map(_say)
        said[name] = values if "numbers" not in column else values.round(column["decimals"])
    rest = f" The first {PAGE} of {len(table):,} rows." if len(table) > PAGE else ""
    return style_table(pd.DataFrame(said), caption=f"{title}{rest}")
