"""Where the nodes and arrows of a causal graph stand: layers from causes to effects, few crossings, no node crossed.

Every arrow leads to a later layer; one that skips layers keeps a place free in each of them (K Sugiyama et al. 1981,
doi:10.1109/TSMC.1981.4308636), and the order within layers follows the mean place of the neighbors.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Pair = tuple[str, str]
_SWEEPS: Final = 6


@dataclass(frozen=True)
class CauseLayout:
    """Places of a causal graph, in layers across and shares of the height down.

    Attributes
    ----------
    nodes
        Layer (0, 1, 2 ...) and height (0 to 1, top to bottom) of each node.
    routes
        Places through which each arrow runs, from its cause to its effect, both included.
    """

    nodes: dict[str, tuple[int, float]]
    routes: dict[Pair, tuple[tuple[int, float], ...]]


def lay_out_causes(pairs: Sequence[Pair], nodes: Sequence[str] = ()) -> CauseLayout:
    """Places of the nodes and arrows of a graph without cycles.

    Parameters
    ----------
    pairs
        Cause and effect of each arrow, each pair once.
    nodes
        Further nodes, which no arrow needs to touch.

    Raises
    ------
    ValueError
        The arrows run in a circle.

    Examples
    --------
    >>> lay_out_causes([("age", "style"), ("style", "gait")]).nodes
    {'age': (0, 0.5), 'style': (1, 0.5), 'gait': (2, 0.5)}
    """
    layer = find_layers(pairs, nodes)
    chains = {pair: _chain(pair, layer) for pair in pairs}
    order: list[list[Hashable]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name, number in layer.items():
        order[number].append(name)
    for chain in chains.values():
        for number, free in enumerate(chain[1:-1], layer[str(chain[0])] + 1):
            order[number].append(free)
    _untangle(order, [step for chain in chains.values() for step in pairwise(chain)])
    where: dict[Hashable, tuple[int, float]] = {
        name: (number, (place + 0.5) / len(names))
        for number, names in enumerate(order)
        for place, name in enumerate(names)
    }
    return CauseLayout(
        nodes={name: where[name] for name in layer},
        routes={pair: tuple(where[name] for name in chain) for pair, chain in chains.items()},
    )


def find_layers(pairs: Sequence[Pair], nodes: Sequence[str] = ()) -> dict[str, int]:
    """Layer of each node: the number of arrows on the longest way to it.

    Parameters
    ----------
    pairs
        Cause and effect of each arrow.
    nodes
        Further nodes; those without a cause stand in the first layer.

    Raises
    ------
    ValueError
        The arrows run in a circle.

    Examples
    --------
    >>> find_layers([("a", "b"), ("b", "c"), ("a", "c")])
    {'a': 0, 'b': 1, 'c': 2}
    """
    names = list(dict.fromkeys([*(name for pair in pairs for name in pair), *nodes]))
    layer = dict.fromkeys(names, 0)
    for _ in names:
        before = dict(layer)
        for cause, effect in pairs:
            layer[effect] = max(layer[effect], layer[cause] + 1)
        if layer == before:
            return layer
    if not names:
        return {}
    circle = sorted(name for name in names if layer[name] >= len(names))
    raise ValueError(
        f"the arrows run in a circle through {', '.join(circle)}: a graph of causes has none, so leave one out"
    )


def _chain(pair: Pair, layer: dict[str, int]) -> tuple[Hashable, ...]:
    """Cause, a free place in every layer between, and effect."""
    between = range(layer[pair[0]] + 1, layer[pair[1]])
    return (pair[0], *((pair, number) for number in between), pair[1])


def _untangle(order: list[list[Hashable]], steps: list[tuple[Hashable, Hashable]]) -> None:
    """Sort each layer by the mean place of its neighbors, forth and back in turn."""
    before: dict[Hashable, list[Hashable]] = {}
    after: dict[Hashable, list[Hashable]] = {}
    for cause, effect in steps:
        before.setdefault(effect, []).append(cause)
        after.setdefault(cause, []).append(effect)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        neighbors = before if forth else after
        for names in order if forth else reversed(order):
            place = {
                name: (number + 0.5) / len(layer) for layer in order for number, name in enumerate(layer)
            }
            own = {name: _mean_place(name, neighbors, place) for name in names}
            names.sort(key=own.__getitem__)


def _mean_place(
    name: Hashable, neighbors: dict[Hashable, list[Hashable]], place: dict[Hashable, float]
) -> float:
    found = [place[other] for other in neighbors.get(name, [])]
    return sum(found) / len(found) if found else place[name]
