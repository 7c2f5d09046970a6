"""Panels in even rows of at most four, and words that fit over them."""

from collections.abc import Sequence
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN: Final = 7.2
MOST: Final = 4
"""Panels that one row holds."""
_POINTS_PER_INCH: Final = 72.0
_LETTER: Final = 0.6
"""Width of a letter over the size of its font, on average and with some room."""
_LEGEND_PT, _LABEL_PT = 7.5, 6.5
_LEGEND_HANDLE: Final = 4.8
"""Line, gaps and space to the next column in a legend, over the size of its font."""


def even_columns(count: int) -> int:
    """Columns that lay out so many panels in few and even rows.

    Examples
    --------
    >>> [even_columns(count) for count in (1, 4, 5, 7, 9)]
    [1, 4, 3, 4, 3]
    """
    rows = -(-count // MOST)
    return -(-count // rows)


def open_panels(figure: "Figure", count: int, *, share_x: bool = True) -> list["Axes"]:
    """Panels in rows; where they share their scale, the lowest of each column have its numbers.

    Parameters
    ----------
    figure
        To draw in.
    count
        Of panels.
    share_x
        All have the same horizontal scale.
    """
    columns = even_columns(count)
    panels = figure.subplots(-(-count // columns), columns, sharex=share_x, squeeze=False).ravel()
    for panel in panels[count:]:
        panel.set_axis_off()
    for panel in panels[max(count - columns, 0) : count]:
        panel.tick_params(labelbottom=True)
    return list(panels[:count])


def fold_words(words: str, width_in: float, *, size_pt: float = 8.0) -> str:
    r"""Words in lines that are no wider than this.

    Examples
    --------
    >>> fold_words("Knee adduction, first peak (%BW·H)", 1.4)
    'Knee adduction, first\npeak (%BW·H)'
    """
    letters = max(int(width_in * _POINTS_PER_INCH / (_LETTER * size_pt)), 1)
    return "\n".join(wrap(words, letters, break_long_words=False, break_on_hyphens=False))


def legend_columns(names: Sequence[str], *, label: str = "") -> int:
    """Columns of a legend over the panels that leave the corner to the label.

    Examples
    --------
    >>> legend_columns(["own gait", "asked for", "true answer"])
    3
    >>> legend_columns(["trunk lean over the leg that stands"] * 4)
    2
    """
    room = (WIDTH_IN * _POINTS_PER_INCH - _LETTER * _LABEL_PT * len(label)) / _LEGEND_PT
    for columns in range(len(names), 1, -1):
        rows, rest = divmod(len(names), columns)
        ends = [column * rows + min(column, rest) for column in range(columns + 1)]
        widest = [max(len(name) for name in names[begin:end]) for begin, end in pairwise(ends)]
        if sum(_LEGEND_HANDLE + _LETTER * letters for letters in widest) <= room:
            return columns
    return 1
