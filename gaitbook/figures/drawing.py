"""A drawing: what was drawn, in words, in numbers and as a picture.

Every figure of the book is one `Drawing`. The table is the figure's own data (what a reader downloads and
what ``gaitbook verify`` compares), the alternative text is for those who cannot see it, and the picture comes
in up to three layers: a live widget in Jupyter, an HTML element that works without a kernel, a still image
inside that element that works without JavaScript.
"""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Drawing:
    """One figure with the numbers in it; shows by itself in Jupyter.

    Attributes
    ----------
    table
        What was drawn, tidy: one row per mark or sample, a column per quantity, units in the column names or
        in a ``unit`` column.
    alt
        Alternative text: what the figure shows, without stating the finding.
    figure
        The matplotlib figure, to save in other formats; ``None`` where the picture is not made by matplotlib.
    html
        Element for a page: follows light and dark themes, needs no kernel and no network.
    widget
        Live anywidget in Jupyter, or ``None``.

    Examples
    --------
    >>> drawing = Drawing(table=pd.DataFrame({"speed_mps": [3.0]}), alt="One dot.", html="<p>dot</p>")
    >>> drawing._repr_html_()
    '<p>dot</p>'
    """

    table: pd.DataFrame
    alt: str
    figure: "Figure | None" = None
    html: str | None = None
    widget: Any = None

    def __post_init__(self) -> None:
        """Refuse a drawing that cannot be read by everybody.

        Raises
        ------
        ValueError
            The alternative text is empty.
        """
        if not self.alt.strip():
            raise ValueError(
                "A drawing needs alternative text: say in alt= what it shows, for readers who cannot see it."
            )

    def _repr_html_(self) -> str:
        """Element for a page; the alternative text where there is no picture."""
        return self.html if self.html is not None else f"<p>{escape(self.alt)}</p>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Live widget (if any), page element and alternative text."""
        bundle: dict[str, Any] = {"text/plain": self.alt, "text/html": self._repr_html_()}
        if self.widget is None:
            return bundle
        live = self.widget._repr_mimebundle_(include=include, exclude=exclude)
        return {**(live[0] if isinstance(live, tuple) else live or {}), **bundle}


def require_columns(table: pd.DataFrame, columns: tuple[str, ...], what: str) -> pd.DataFrame:
    """Return the table unchanged if it can be drawn.

    Parameters
    ----------
    table
        Tidy numbers.
    columns
        Names of the columns that the figure reads.
    what
        The figure, as it is called in the message.

    Raises
    ------
    ValueError
        Columns are missing, or there is no row; one message says all.

    Examples
    --------
    >>> require_columns(pd.DataFrame({"value": [1.0]}), ("value", "unit"), "the figure of errors")
    Traceback (most recent call last):
    ValueError: Cannot draw the figure of errors: its table lacks the column(s) unit. It has value.
    """
    faults = []
    missing = [name for name in columns if name not in table.columns]
    if missing:
        has = ", ".join(map(str, table.columns)) or "none"
        faults.append(f"its table lacks the column(s) {', '.join(missing)}. It has {has}.")
    if table.empty:
        faults.append("its table has no row: check what was left out before.")
    if faults:
        raise ValueError(f"Cannot draw {what}: " + " ".join(faults))
    return table
