"""Force over stance of real people and of their simulated likenesses, or the words that none is at hand."""

from typing import Final

import pandas as pd

from gaitbook.figures.cycles import plot_cycles
from gaitbook.figures.drawing import Drawing
from gaitbook.figures.style import MUTED, finish_drawing, gait_style

NONE_AT_HAND: Final = (
    "The cohort of this edition holds no recorded runner who was left out: nothing to compare."
)
_WIDTH_IN: Final = 7.2


def plot_stances(curves: pd.DataFrame, *, label: str = "") -> Drawing:
    """Vertical force over stance, measured and simulated, a panel per speed.

    Parameters
    ----------
    curves
        As given by `gaitbook.held_out_stances`: the columns of `gaitbook.plot_cycles`. An empty table gives a drawing
        that says so, because most cohorts hold none of these people.
    label
        Name of the cohort, shown small in a corner.
    """
    if not curves.empty:
        return plot_cycles(curves, phase="Stance (%)", label=label)
    from matplotlib.figure import Figure

    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, 0.7))
        figure.text(0.0, 0.4, NONE_AT_HAND, color=MUTED, fontsize=8)
    return finish_drawing(figure, curves, NONE_AT_HAND, label=label)
