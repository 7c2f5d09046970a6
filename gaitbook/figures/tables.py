"""Tables for a page: an estimate and its interval in one cell, units in the head, a scroll bar of its own."""

import math
import re
from html import escape
from typing import Final

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

INTERVAL: Final = ("value", "low", "high")
_UNITS: Final = {
    "mps": "m/s",
    "kg": "kg",
    "hz": "Hz",
    "percent": "%",
    "deg": "°",
    "rad": "rad",
    "year": "years",
    "ms": "ms",
    "mm": "mm",
    "m": "m",
    "s": "s",
    "n": "N",
}
_MINUS: Final = "\N{MINUS SIGN}"
_NONE: Final = "–"
_MOST_DECIMALS: Final = 6


def style_table(frame: pd.DataFrame, *, caption: str = "", digits: int = 3) -> str:
    """HTML of a table that reads well on paper, in the dark and on a phone.

    ``value``, ``low`` and ``high`` become one column of estimates with their 95 % interval; the last part of
    a column's name becomes its unit (``speed_mps``: Speed, m/s); wide tables scroll in their own container.

    Parameters
    ----------
    frame
        Tidy numbers; the index is not shown.
    caption
        Sentence over the table.
    digits
        Significant digits of floats.

    Examples
    --------
    >>> html = style_table(
    ...     pd.DataFrame({"speed_mps": [2.5], "value": [8.1234], "low": [7.5], "high": [8.75]})
    ... )
    >>> "Speed (m/s)" in html, "8.12 <small>[7.50, 8.75]</small>" in html
    (True, True)
    """
    merged = set(INTERVAL) <= set(frame.columns)
    names = [name for name in frame.columns if not (merged and name in ("low", "high"))]
    numeric = {name: is_numeric_dtype(frame[name]) and not is_bool_dtype(frame[name]) for name in names}
    heads = "".join(
        f"<th scope='col'{_side(numeric[name])}>{_head(str(name), merged)}</th>" for name in names
    )
    cells = {name: _cells(frame, name, digits, merged=merged) for name in names}
    rows = "".join(
        "<tr>" + "".join(f"<td{_side(numeric[name])}>{cells[name][place]}</td>" for name in names) + "</tr>"
        for place in range(len(frame))
    )
    rows = rows or f"<tr><td colspan='{len(names)}'>nothing to list</td></tr>"
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    opening = (
        f'<div class="gaitbook-table" role="region" tabindex="0" aria-label="{escape(caption or "Table")}">'
    )
    head = f"<thead><tr>{heads}</tr></thead>"
    return f"{opening}<table>{title}{head}<tbody>{rows}</tbody></table></div>"


def _side(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


def _head(name: str, merged: bool) -> str:
    """Words and unit of a column's name."""
    if merged and name == "value":
        return "Estimate <small>[95 % interval]</small>"
    found = re.fullmatch(rf"(.+)_({'|'.join(_UNITS)})", name)
    words, unit = (found.group(1), f" ({_UNITS[found.group(2)]})") if found else (name, "")
    words = words.replace("_", " ")
    return escape(words[:1].upper() + words[1:] + unit)


def _cells(frame: pd.DataFrame, name: str, digits: int, *, merged: bool) -> list[str]:
    """Text of each cell of one column."""
    if merged and name == "value":
        triples = frame[list(INTERVAL)].to_numpy(float)
        return [_estimate(value, low, high, digits) for value, low, high in triples]
    if is_bool_dtype(frame[name]):
        return ["yes" if value else "no" for value in frame[name]]
    if is_integer_dtype(frame[name]):
        return [f"{value:,}".replace("-", _MINUS) if pd.notna(value) else _NONE for value in frame[name]]
    if is_numeric_dtype(frame[name]):
        decimals = max((_decimals(value, digits, trim=True) for value in frame[name].dropna()), default=0)
        return [_number(float(value), decimals) for value in frame[name]]
    return [escape(str(value)) if pd.notna(value) else _NONE for value in frame[name]]


def _estimate(value: float, low: float, high: float, digits: int) -> str:
    """Value and interval with as many decimals as the value needs."""
    if pd.isna(value):
        return _NONE
    decimals = _decimals(float(value), digits)
    return f"{_number(value, decimals)} <small>[{_number(low, decimals)}, {_number(high, decimals)}]</small>"


def _number(value: float, decimals: int) -> str:
    """Text of a number; an interval that rests on one person has infinite ends."""
    if pd.isna(value):
        return _NONE
    text = f"{value:,.{decimals}f}" if math.isfinite(value) else f"{value:.0f}".replace("inf", "∞")
    return text.replace("-", _MINUS)


def _decimals(value: float, digits: int, *, trim: bool = False) -> int:
    """Decimals that show a number to so many significant digits, without closing zeros if trimmed."""
    if not value or not math.isfinite(value):
        return 0
    decimals = min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), _MOST_DECIMALS)
    text = f"{value:.{decimals}f}"
    return len(text.rstrip("0").partition(".")[2]) if trim and decimals else decimals
