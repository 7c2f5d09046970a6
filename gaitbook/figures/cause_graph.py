"""What causes what in a cohort whose truth is known: a drawn graph, hidden causes shaped unlike those measured."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.cause_curves import Place, Point, bend_through, find_ports, room_around, stops_along
from gaitbook.figures.cause_layout import CauseLayout, Pair, lay_out_causes
from gaitbook.figures.drawing import Drawing
from gaitbook.figures.panel_rows import fold_words, legend_columns
from gaitbook.figures.sex_panels import SEX_LOOKS, check_table, order_sexes, own_words, sex_looks, with_minus
from gaitbook.figures.style import (
    INK,
    MUTED,
    PAPER,
    RULE,
    Look,
    draw_legend,
    finish_drawing,
    gait_style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ARROW_COLUMNS: Final = ("cause", "effect", "weight", "sex")
KINDS: Final = {
    "measured": Look(PAPER, "-", "s"),
    "adjusted": Look(RULE, "-", "s"),
    "hidden": Look(PAPER, (0, (2.5, 1.8)), "o"),
}
"""Filling, edge and shape of a node: a frame, a gray frame, a dashed oval."""
_WIDTH_IN: Final = 7.2
_ROW_IN: Final = 0.66
_LEGEND_IN: Final = 0.36
_NODE_IN: Final = 0.36
_WIDEST_IN: Final = 1.15
_SIDE_IN: Final = 0.08
_PORT_IN: Final = 0.085
_THICKEST: Final = 2.0
_NUMBER_PT: Final = 6.5
_DIGIT_IN: Final = 0.62 * _NUMBER_PT / 72
_LEAST: Final = 5e-3
"""Weights below this are written as none."""


def plot_cause_graph(arrows: pd.DataFrame, kinds: Mapping[str, str], *, label: str = "") -> Drawing:
    """Graph of causes in layers from left to right, each arrow with its weight in women and in men.

    Parameters
    ----------
    arrows
        Tidy, one row per arrow and sex: ``cause``, ``effect``, ``weight`` (standard deviations of the effect per
        standard deviation of the cause), ``sex`` (``"pooled"`` if both are fitted as one). An arrow that only one sex
        has is in the color of that sex; one that none has is dashed.
    kinds
        ``"measured"``, ``"adjusted"`` (measured, and taken out of both sides) or ``"hidden"`` for every node.
    label
        Name of the cohort, shown small in a corner.

    Raises
    ------
    ValueError
        A column is missing, the table is empty, a sex or kind is unknown, a node has no kind, an arrow is there twice,
        a weight is no number, or the arrows run in a circle.
    """
    from matplotlib.figure import Figure

    layout = _check(arrows, kinds)
    rows = max(len(_heights_of(layout, number)) for number in range(_layer_count(layout)))
    height_in = rows * _ROW_IN
    with gait_style():
        figure = Figure(figsize=(_WIDTH_IN, height_in + _LEGEND_IN), layout="constrained")
        panel = figure.subplots()
        panel.set(xlim=(0.0, _WIDTH_IN), ylim=(height_in, 0.0))
        panel.set_axis_off()
        places = _place(layout, height_in)
        _draw_arrows(panel, arrows, layout, places, height_in)
        for name, (across, down) in places.items():
            _draw_node(panel, name, kinds[name], (across, down))
        _name_kinds(figure, arrows, [kind for kind in KINDS if kind in kinds.values()], label)
    return finish_drawing(figure, arrows, _describe(arrows, kinds), label=label)


def _check(arrows: pd.DataFrame, kinds: Mapping[str, str]) -> CauseLayout:
    """Layout of the graph if it can be drawn."""
    what = "the graph of causes"
    check_table(arrows, ARROW_COLUMNS, what, keys=("cause", "effect", "sex"))
    pairs: list[Pair] = list(dict.fromkeys(zip(arrows["cause"], arrows["effect"], strict=True)))
    names = dict.fromkeys(name for pair in pairs for name in pair)
    faults = []
    without = [name for name in names if name not in kinds]
    if without:
        faults.append(f"the node(s) {', '.join(without)} have no kind")
    unknown = [f"{name} ({kind})" for name, kind in kinds.items() if kind not in KINDS]
    if unknown:
        faults.append(f"the kind of {', '.join(unknown)} is none of {', '.join(KINDS)}")
    unweighted = int((~np.isfinite(arrows["weight"].astype(float))).sum())
    if unweighted:
        faults.append(f"{unweighted} weight(s) are no numbers")
    try:
        layout = lay_out_causes(pairs, list(kinds))
    except ValueError as circle:
        faults.append(str(circle))
    if faults:
        raise ValueError(f"Cannot draw {what}: {'; '.join(faults)}.")
    return layout


def _layer_count(layout: CauseLayout) -> int:
    return 1 + max(number for number, _ in layout.nodes.values())


def _heights_of(layout: CauseLayout, number: int) -> set[float]:
    """Heights that nodes and passing arrows take in a layer."""
    places = [*layout.nodes.values(), *(place for route in layout.routes.values() for place in route)]
    return {height for layer, height in places if layer == number}


def _place(layout: CauseLayout, height_in: float) -> dict[str, Point]:
    """Middle of each node, inches from the left and from the top."""
    return {name: _to_inches(place, layout, height_in) for name, place in layout.nodes.items()}


def _to_inches(place: tuple[int, float], layout: CauseLayout, height_in: float) -> Point:
    edge = _WIDEST_IN / 2 + _SIDE_IN
    step = (_WIDTH_IN - 2 * edge) / max(_layer_count(layout) - 1, 1)
    return edge + step * place[0], place[1] * height_in


def _half_width(name: str) -> float:
    lines = fold_words(own_words(name), _WIDEST_IN, size_pt=7.5).split("\n")
    return min(max(0.55 * 7.5 / 72 * max(map(len, lines)) + 0.16, 0.6), _WIDEST_IN) / 2


def _draw_node(panel: "Axes", name: str, kind: str, middle: Point) -> None:
    from matplotlib.patches import Ellipse, FancyBboxPatch, Patch

    half, look = _half_width(name), KINDS[kind]
    style: dict[str, Any] = {
        "facecolor": look.color,
        "edgecolor": INK,
        "linewidth": 1.0,
        "linestyle": look.line,
    }
    shape: Patch = Ellipse(middle, 2.16 * half, 1.16 * _NODE_IN, **style)
    if look.marker == "s":
        corner = middle[0] - half, middle[1] - _NODE_IN / 2
        shape = FancyBboxPatch(corner, 2 * half, _NODE_IN, boxstyle="round,pad=0,rounding_size=0.04", **style)
    shape.set_zorder(3)
    panel.add_patch(shape)
    words = fold_words(own_words(name), _WIDEST_IN, size_pt=7.5)
    panel.text(*middle, words, ha="center", va="center", fontsize=7.5, linespacing=1.05, zorder=4)


def _draw_arrows(
    panel: "Axes", arrows: pd.DataFrame, layout: CauseLayout, places: dict[str, Point], height_in: float
) -> None:
    """Draw every arrow, then its weights where they cover no others."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    largest = max(float(arrows["weight"].abs().max()), _LEAST)
    weights = {pair: _weights(arrows, pair) for pair in layout.routes}
    ports = find_ports(layout, apart=_PORT_IN, most=0.8 * _NODE_IN)
    taken: list[Place] = []
    for pair, route in layout.routes.items():
        points = [_to_inches(place, layout, height_in) for place in route]
        starts, ends = ports[pair]
        points[0] = places[pair[0]][0] + _half_width(pair[0]), points[0][1] + starts
        points[-1] = places[pair[1]][0] - _half_width(pair[1]) - 0.02, points[-1][1] + ends
        curve = bend_through(points)
        color, dashed = _arrow_color(weights[pair])
        codes = [Path.MOVETO, *[Path.CURVE4] * (len(curve) - 1)]
        strength = max(map(abs, weights[pair].values())) / largest
        arrow = FancyArrowPatch(
            path=Path(curve, codes),
            arrowstyle="-|>,head_length=4.5,head_width=2",
            linewidth=0.7 + (_THICKEST - 0.7) * strength,
            linestyle=(0, (2.5, 2.0)) if dashed else "-",
            color=color,
            zorder=1,
        )
        panel.add_patch(arrow)
        _write_weights(panel, weights[pair], curve, taken)


def _weights(arrows: pd.DataFrame, pair: Pair) -> dict[str, float]:
    rows = arrows[(arrows["cause"] == pair[0]) & (arrows["effect"] == pair[1])].set_index("sex")["weight"]
    return {sex: float(rows[sex]) for sex in order_sexes(rows.index.to_series())}


def _arrow_color(weights: dict[str, float]) -> tuple[str, bool]:
    """Color of an arrow and whether it is dashed: of one sex alone, or of none."""
    acting = [sex for sex, weight in weights.items() if abs(weight) >= _LEAST]
    if len(acting) == 1 and len(weights) > 1:
        return SEX_LOOKS[acting[0]].color, False
    return MUTED, not acting


def _write_weights(panel: "Axes", weights: dict[str, float], curve: list[Point], taken: list[Place]) -> None:
    """Write the weights side by side on the arrow where most room is, one in gray where all are alike."""
    from matplotlib.patches import Rectangle

    texts = {SEX_LOOKS[sex].color: _say_weight(weight) for sex, weight in weights.items()}
    if len(set(texts.values())) == 1:
        texts = {MUTED: next(iter(texts.values()))}
    half = _DIGIT_IN * (sum(map(len, texts.values())) + 0.8 * (len(texts) - 1)) / 2
    across, down = max(stops_along(curve), key=lambda stop: room_around(stop, (half, _NUMBER_PT / 72), taken))
    taken.append((across, down, half))
    high = 0.75 * _NUMBER_PT / 72
    panel.add_patch(
        Rectangle(
            (across - half - 0.02, down - high), 2 * half + 0.04, 2 * high, color=PAPER, linewidth=0, zorder=2
        )
    )
    left = across - half
    for color, text in texts.items():
        middle = left + _DIGIT_IN * len(text) / 2
        panel.text(middle, down, text, ha="center", va="center", fontsize=_NUMBER_PT, color=color, zorder=2.5)
        left += _DIGIT_IN * (len(text) + 0.8)


def _say_weight(weight: float) -> str:
    return with_minus(f"{weight:.2f}") if abs(weight) >= _LEAST else "0"


def _name_kinds(figure: "Figure", arrows: pd.DataFrame, kinds: list[str], label: str) -> None:
    looks = {kind: Look(INK, "-", KINDS[kind].marker) for kind in kinds}
    sexes = sex_looks(arrows["sex"])
    lines = {f"weight in {words}": Look(look.color, "-", "") for words, look in sexes.items()}
    note = "gray: alike" if len(sexes) > 1 else ""
    columns = legend_columns([*looks, *lines, note], label=label)
    draw_legend(figure, {**looks, **lines}, note=note, markers=True, columns=columns)
    for handle, kind in zip(figure.legends[0].legend_handles, kinds, strict=False):
        edge = {"markeredgecolor": INK, "markeredgewidth": 1.0, "markersize": 6.5}
        handle.set(linestyle="", markerfacecolor=KINDS[kind].color, **edge)  # type: ignore[union-attr]


def _describe(arrows: pd.DataFrame, kinds: Mapping[str, str]) -> str:
    """Alternative text: nodes by kind and every arrow."""
    said = [
        f"{kind}: {', '.join(own_words(name).lower() for name, own in kinds.items() if own == kind)}"
        for kind in KINDS
        if kind in kinds.values()
    ]
    told = []
    for (cause, effect), _ in arrows.groupby(["cause", "effect"], sort=False):
        weights = _weights(arrows, (str(cause), str(effect)))
        numbers = ", ".join(
            f"{order_sexes(pd.Series([sex]))[sex]} {weight:.2f}" for sex, weight in weights.items()
        )
        told.append(f"{own_words(cause)} to {own_words(effect).lower()} ({numbers})")
    return f"Graph of causes in layers. Nodes {'; '.join(said)}. Arrows: {'; '.join(told)}."
