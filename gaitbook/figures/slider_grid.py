"""Values of several sliders as a grid of nodes: where a table or a trial belongs, and how nodes are saved in a page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.figures.explorer_state import setting_text, split_unit
from gaitbook.figures.skeleton import Array

FEWEST_STEPS: Final = 40
"""A slider has as many steps at least."""
MOST_STEPS: Final = 1000
_DECIMALS: Final = 9
"""Values of a slider that agree so far are one."""
_NEAR: Final = 1e-6
_MINUS: Final = "\N{MINUS SIGN}"

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Values of every slider, in order; a node is one value of each.

    Attributes
    ----------
    names
        Of the sliders.
    levels
        Values of each slider, ascending.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[float, ...], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values each slider has."""
        return tuple(map(len, self.levels))

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return math.prod(self.shape)

    def find(self, values: Array) -> IntArray:
        """Number of the node of each row of values (row, slider), the last slider fastest; -1 off the grid."""
        away = [np.abs(values[:, k, None] - np.array(own)) for k, own in enumerate(self.levels)]
        places = np.stack([each.argmin(axis=1) for each in away])
        on = np.all([each.min(axis=1) < 10.0**-_DECIMALS for each in away], axis=0)
        return np.where(on, np.ravel_multi_index(tuple(places), self.shape), -1)

    def say(self, node: int) -> str:
        """Names and values of a node."""
        places = np.unravel_index(node, self.shape)
        return ", ".join(
            f"{name} {setting_text(own[place])}"
            for name, own, place in zip(self.names, self.levels, places, strict=True)
        )


def find_grid(values: Array, names: Sequence[str]) -> Grid:
    """Grid of which the values (node, slider) are nodes."""
    levels = (np.unique(np.round(column[np.isfinite(column)], _DECIMALS)) for column in values.T)
    return Grid(tuple(names), tuple(tuple(own.tolist()) for own in levels))


def save_slider(words: str, values: Sequence[float], start: int) -> dict[str, Any]:
    """A slider: its words, its nodes, and equal steps fine enough to slide over that meet every node.

    Parameters
    ----------
    words
        With the unit in parentheses; what follows it after a comma or semicolon is a remark.
    values
        Of the nodes, ascending.
    start
        Place of the start among them.
    """
    span = values[-1] - values[0]
    step = _find_step(np.subtract(values, values[0]), span)
    named = split_unit(words)
    return {
        "words": words,
        "name": named["name"],
        "unit": named["unit"].replace(";", ",").split(",")[0].strip(),
        "nodes": list(values),
        "texts": [setting_text(value) for value in values],
        "start": int(start),
        "step": step,
        "steps": round(span / step),
        "decimals": max(0, -math.floor(math.log10(step) + 1e-9)),
    }


def say_start(slider: Mapping[str, Any]) -> str:
    """Name, value and unit at which a slider starts.

    Examples
    --------
    >>> say_start(save_slider("Toe-out (°; negative is toe-in)", [-10.0, 0.0, 10.0], 0))
    'Toe-out −10°'
    """
    text = slider["texts"][slider["start"]].replace("-", _MINUS)
    space = "" if slider["unit"].startswith("°") else " "
    return f"{slider['name']} {text}{space}{slider['unit']}".rstrip()


def tell_differences(nodes: IntArray, start: Sequence[int]) -> IntArray:
    """Nodes (one axis per slider, number) as what each adds to those with more of the sliders at the start.

    Parameters
    ----------
    nodes
        Numbers of every node.
    start
        Place of the start on each slider.

    Returns
    -------
    numpy.ndarray
        The start itself; for a node that differs in one slider, its difference from the start; for one that differs
        in several, how far it departs from the sum of the simpler ones. Adding the start's slice to the others of an
        axis, axis by axis, gives the nodes back: the anchored decomposition [1]_.

    References
    ----------
    .. [1] Kuo FY, Sloan IH, Wasilkowski GW, Wozniakowski H (2010). On decompositions of multivariate functions.
       Math Comput 79:953-966. https://doi.org/10.1090/S0025-5718-09-02319-9

    Examples
    --------
    >>> tell_differences(np.array([[[10], [12]], [[15], [18]]]), (0, 0))[..., 0]
    array([[10,  2],
           [ 5,  1]])
    """
    told = nodes.copy()
    for axis, place in enumerate(start):
        moved = np.moveaxis(told, axis, 0)
        others = np.arange(len(moved)) != place
        moved[others] -= moved[place]
    return told


def table_faults(table: pd.DataFrame, grid: Grid, what: str, keys: Mapping[str, str]) -> list[str]:
    """Why a table cannot be laid on the grid.

    Parameters
    ----------
    table
        Tidy, with the columns of the sliders, ``value`` and ``unit``.
    grid
        Of the trials.
    what
        The table, as it is called in messages.
    keys
        Further columns that tell its rows apart, and how they are called in messages.
    """
    faults = []
    node = grid.find(table[list(grid.names)].to_numpy(float))
    if (node < 0).any():
        faults.append(f"{int((node < 0).sum())} row(s) of the {what} have no trial")
    placed = table.assign(node=node)[node >= 0]
    repeated = int(placed.duplicated(["node", *keys]).sum())
    called = " and ".join(keys.values())
    if repeated:
        faults.append(f"{repeated} row(s) of the {what} repeat a node, {called}")
    expected = grid.count * math.prod(table[key].nunique() for key in keys)
    lacking = expected - (len(placed) - repeated)
    if lacking:
        counts = np.bincount(placed["node"], minlength=grid.count)
        faults.append(f"the {what} lack {lacking} row(s), some at {grid.say(int(counts.argmin()))}")
    unknown = int((~np.isfinite(table["value"].to_numpy(float))).sum())
    if unknown:
        faults.append(f"{unknown} value(s) of the {what} are not finite")
    units = table.groupby("quantity", sort=False)["unit"].nunique()
    mixed = ", ".join(map(str, units.index[units != 1]))
    if mixed:
        faults.append(f"not one unit in the {what} of {mixed}")
    return faults


def _find_step(above: Array, span: float) -> float:
    """Largest of 1, 2, 5 times a power of ten that divides every distance; a hundredth of the span if none does."""
    power = math.floor(math.log10(span / FEWEST_STEPS))
    sizes = np.array([float(f"{factor}e{power - below}") for below in range(3) for factor in (5, 2, 1)])
    counts = above[:, None] / sizes
    met = (np.abs(counts - np.round(counts)) < _NEAR).all(axis=0)
    fine = (np.round(counts[-1]) >= FEWEST_STEPS) & (np.round(counts[-1]) <= MOST_STEPS)
    return float(sizes[met & fine][0]) if (met & fine).any() else span / 100
