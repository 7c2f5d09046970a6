"""Curves of the arrows of a causal graph: where they leave and arrive, how they bend, where a number may stand."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from gaitbook.figures.cause_layout import CauseLayout, Pair

Point = tuple[float, float]
"""Distance from the left and from the top, inches."""
Place = tuple[float, float, float]
"""Middle of a number, from the left and from the top, and half of its width, inches."""
_SHARES: Final = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
_BETWEEN_IN: Final = 0.03
_LINES: Final = 1.7
"""Distance of two numbers, one above the other, in heights of a letter."""


def find_ports(layout: CauseLayout, *, apart: float, most: float) -> dict[Pair, tuple[float, float]]:
    """How far from the middle of its cause and of its effect each arrow leaves and arrives, in order.

    Parameters
    ----------
    layout
        Of the graph.
    apart
        Distance of neighboring arrows, inches.
    most
        From the first to the last arrow of a node, inches.

    Examples
    --------
    >>> from gaitbook.figures.cause_layout import lay_out_causes
    >>> layout = lay_out_causes([("age", "gait"), ("sex", "gait")])
    >>> [ends for _, ends in find_ports(layout, apart=0.2, most=1.0).values()]
    [-0.1, 0.1]
    """
    ports: dict[Pair, list[float]] = {pair: [0.0, 0.0] for pair in layout.routes}
    for end, near in ((0, 1), (1, -2)):
        for name in layout.nodes:
            own = [pair for pair in layout.routes if pair[end] == name]
            own.sort(key=lambda pair: layout.routes[pair][near][1])
            room = min(apart, most / max(len(own) - 1, 1))
            for number, pair in enumerate(own):
                ports[pair][end] = room * (number - (len(own) - 1) / 2)
    return {pair: (ends[0], ends[1]) for pair, ends in ports.items()}


def bend_through(points: Sequence[Point]) -> list[Point]:
    """Corner points of cubic curves through all points, level at each.

    Examples
    --------
    >>> bend_through([(0.0, 0.0), (2.0, 1.0)])
    [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0)]
    """
    curve = [points[0]]
    for (left, above), (right, below) in pairwise(points):
        middle = (left + right) / 2
        curve += [(middle, above), (middle, below), (right, below)]
    return curve


def stops_along(curve: Sequence[Point]) -> list[Point]:
    """Points of the curves at which a number may stand, the middle ones first.

    Examples
    --------
    >>> stops_along(bend_through([(0.0, 0.0), (2.0, 1.0)]))[0]
    (1.0, 0.5)
    """
    stops = []
    for share in _SHARES:
        rest = 1.0 - share
        weights = np.array([rest**3, 3 * share * rest**2, 3 * share**2 * rest, share**3])
        for first in range(0, len(curve) - 1, 3):
            across, down = weights @ np.array(curve[first : first + 4])
            stops.append((float(across), float(down)))
    return stops


def room_around(stop: Point, size: Point, taken: Sequence[Place]) -> float:
    """Free space around a number, at most one, which is enough.

    Parameters
    ----------
    stop
        Its middle.
    size
        Half of its width, and its height, inches.
    taken
        Numbers that stand already.

    Examples
    --------
    >>> room_around((0.0, 0.0), (0.1, 0.1), [(0.0, 0.0, 0.1)]), room_around((0.0, 0.0), (0.1, 0.1), [])
    (0.0, 1.0)
    """
    half, height = size
    gaps = [
        max(abs(stop[0] - across) / (half + other + _BETWEEN_IN), abs(stop[1] - down) / (_LINES * height))
        for across, down, other in taken
    ]
    return min([1.0, *gaps])
