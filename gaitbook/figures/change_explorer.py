"""A person who walks as asked: sliders change skeleton, force and curves at once, without a kernel.

Strides, curves and numbers at every node of a grid are saved in the page as whole numbers, and the script blends the
nodes around the sliders; without JavaScript a still image of the start stands there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.figures.change_explorer_state import FRAMES, save_changes
from gaitbook.figures.change_explorer_still import draw_changes, draw_numbers, person_at
from gaitbook.figures.drawing import Drawing, require_columns
from gaitbook.figures.gait_explorer_state import look_of_series
from gaitbook.figures.player_state import loaded_frame
from gaitbook.figures.skeleton import Array
from gaitbook.figures.slider_grid import Grid, find_grid, save_slider, say_start, table_faults
from gaitbook.figures.stick_person import knows_joints
from gaitbook.figures.still import draw_still
from gaitbook.figures.style import to_adaptive_svg
from gaitbook.figures.widget import make_widget, mark_up

CURVE_COLUMNS: Final = ("quantity", "phase_percent", "value", "low", "high", "unit")
READOUT_COLUMNS: Final = ("quantity", "value", "low", "high", "unit", "words")
NOTE: Final = "Strides were made at the marked values; between them everything is interpolated."
KEY: Final = "band: 90 % interval"
_LOOK: Final = look_of_series(["right"])["right"]
_NEEDED: Final = ("ground_reaction_force", "center_of_pressure")
_WHAT: Final = "the change explorer"


def explore_changes(
    trials: Sequence[xr.Dataset],
    curves: pd.DataFrame,
    readouts: pd.DataFrame,
    *,
    sliders: Mapping[str, str],
    start: Mapping[str, float] | None = None,
    label: str = "",
    title: str = "Gait changed by request",
) -> Drawing:
    """Skeleton with force arrows, curves with bands and a table of numbers, where several sliders stand.

    Parameters
    ----------
    trials
        One per node of a full grid over the sliders. Each is one stride from the landing of the right foot to the next:
        ``skeleton_position`` (time, joint, axis), m, with the joint names of
        `gaitbook.figures.stick_person.build_stick_person`, ``ground_reaction_force`` (time, foot, axis), N,
        ``center_of_pressure`` (time, foot, axis), m, and the attributes ``mass_kg`` and the value of each slider.
    curves
        Tidy: a column per slider, ``quantity`` (a panel each, in this order), ``phase_percent`` (0 to 100; the same
        for all), ``value``, ``low``, ``high`` (90 % interval; where NaN, the band has no width), ``unit``.
    readouts
        Tidy: a column per slider, ``quantity`` (a row of the table each), ``value``, ``low``, ``high`` (likewise),
        ``unit``, ``words`` (a warning, or empty).
    sliders
        By attribute, in this order, the words on the slider with the unit in parentheses; what follows the unit after
        a semicolon or comma explains it: ``"Toe-out (°; negative is toe-in)"``.
    start
        Node shown first, to which the figure compares; by default zero or what is nearest to it on sliders that reach
        to both sides of it, the middle on others.
    label
        Name of the cohort, printed small and added to the alternative text.
    title
        Name of the figure, for readers who hear it.

    Returns
    -------
    Drawing
        Its table is `curves`, its figure the curves at the start; its widget is ``None`` where anywidget is not
        installed. Between nodes all is interpolated linearly in every slider; warnings are those of the nearest node.

    Raises
    ------
    ValueError
        A column is missing, the trials are no full grid or cannot be drawn, curves or readouts do not have every node
        once, a value is not finite, a quantity has several units, or `start` is no node; one message says all.
    """
    require_columns(curves, (*sliders, *CURVE_COLUMNS), _WHAT)
    require_columns(readouts, (*sliders, *READOUT_COLUMNS), _WHAT)
    told = [[trial.attrs.get(name, np.nan) for name in sliders] for trial in trials]
    values = np.array(told, dtype=float).reshape(len(trials), len(sliders))
    grid = find_grid(values, list(sliders))
    _refuse(trials, values, curves, readouts, grid, start)
    begin = _find_start(grid, start)
    node = int(np.ravel_multi_index(begin, grid.shape))
    in_order = [trials[k] for k in np.argsort(grid.find(values))]
    state = save_changes(in_order, curves, readouts, grid, start=begin, look=_LOOK)
    state |= _say_state(state, grid, begin, sliders, title=title, label=label)
    person = person_at(state, node)
    frame = loaded_frame(person)
    first = {name: own[at] for name, own, at in zip(sliders, grid.levels, begin, strict=True)}
    saved: dict[str, Any] = {"state": {**state, "phase": round(frame / FRAMES, 3)}, "values": first}
    figure = draw_changes(curves, grid, node, look=_LOOK, label=label)
    still = (
        f'<div><div class="gaitbook-player-still">{draw_still(person, frame, state["alt"])}</div>'
        f'<div class="gaitbook-figure">{to_adaptive_svg(figure, state["alt"])}</div>'
        f"{draw_numbers(state, node, _say_start(state))}</div>"
    )
    styles = ("figures", "explorer", "gait_explorer", "change_explorer")
    return Drawing(
        table=curves,
        alt=state["alt"],
        figure=figure,
        html=mark_up("change_explorer", saved, still),
        widget=make_widget("change_explorer", saved, styles=styles),
    )


def _refuse(
    trials: Sequence[xr.Dataset],
    values: Array,
    curves: pd.DataFrame,
    readouts: pd.DataFrame,
    grid: Grid,
    start: Mapping[str, float] | None,
) -> None:
    faults = [*_trial_faults(trials), *_grid_faults(values, grid)]
    if min(grid.shape, default=0) > 0:
        phases = {"quantity": "quantity", "phase_percent": "phase"}
        faults += table_faults(curves, grid, "curves", phases)
        faults += table_faults(readouts, grid, "readouts", {"quantity": "quantity"})
        if start is not None and grid.find(_start_row(grid, start))[0] < 0:
            told = ", ".join(f"{name} {value:g}" for name, value in start.items())
            faults.append(
                f"start ({told}) is not a node: give a value of every slider at which there is a trial"
            )
    if faults:
        raise ValueError(f"Cannot draw {_WHAT}: " + "; ".join(faults) + ".")


def _grid_faults(values: Array, grid: Grid) -> list[str]:
    """Why the trials are no full grid."""
    faults = [] if grid.names else ["no slider is given"]
    for name, own, levels in zip(grid.names, values.T, grid.levels, strict=True):
        if not np.isfinite(own).all():
            faults.append(f"{int((~np.isfinite(own)).sum())} of {len(own)} trial(s) have no {name}")
        elif len(levels) == 1:
            faults.append(f"{name} is {levels[0]:g} in all trials: leave it out of the sliders")
    if faults or not len(values):
        return faults or ["there is no trial"]
    counts = np.bincount(grid.find(values), minlength=grid.count)
    for wrong, words in ((counts == 0, "no trial"), (counts > 1, "several trials")):
        if wrong.any():
            more = f" and {wrong.sum() - 1} more node(s)" if wrong.sum() > 1 else ""
            faults.append(
                f"{words} at {grid.say(int(wrong.argmax()))}{more}: the grid needs one trial at each node"
            )
    return faults


def _trial_faults(trials: Sequence[xr.Dataset]) -> list[str]:
    """Why trials cannot be drawn or blended."""
    known = [trial for trial in trials if knows_joints(trial)]
    wanting = {
        "lack the joints of both legs in skeleton_position": len(trials) - len(known),
        "have gaps in skeleton_position": sum(
            bool(each["skeleton_position"].isnull().any()) for each in known
        ),
        "have other joints than the first": sum(
            each["joint"].values.tolist() != known[0]["joint"].values.tolist() for each in known
        ),
        "lack ground_reaction_force or center_of_pressure": sum(
            any(name not in trial for name in _NEEDED) for trial in trials
        ),
        "have no mass_kg": sum(not trial.attrs.get("mass_kg") for trial in trials),
    }
    return [f"{count} trial(s) {words}" for words, count in wanting.items() if count]


def _start_row(grid: Grid, start: Mapping[str, float]) -> Array:
    return np.array([[start.get(name, np.nan) for name in grid.names]], dtype=float)


def _find_start(grid: Grid, start: Mapping[str, float] | None) -> tuple[int, ...]:
    """Place of the start on each slider."""
    if start is not None:
        return tuple(map(int, np.unravel_index(grid.find(_start_row(grid, start))[0], grid.shape)))
    return tuple(
        int(np.abs(levels).argmin()) if levels[0] <= 0 <= levels[-1] else len(levels) // 2
        for levels in grid.levels
    )


def _say_state(
    state: Mapping[str, Any],
    grid: Grid,
    begin: Sequence[int],
    sliders: Mapping[str, str],
    *,
    title: str,
    label: str,
) -> dict[str, Any]:
    """Sliders and words of the page."""
    saved = [
        {"key": name, **save_slider(words, own, at)}
        for (name, words), own, at in zip(sliders.items(), grid.levels, begin, strict=True)
    ]
    told = {"sliders": saved, "title": title, "note": NOTE, "key": KEY}
    alt = _describe({**state, **told}, label)
    return {**told, "alt": alt, "person": {**state["person"], "label": label, "alt": alt}}


def _say_start(state: Mapping[str, Any]) -> str:
    return ", ".join(say_start(slider) for slider in state["sliders"])


def _describe(state: Mapping[str, Any], label: str) -> str:
    curves = ", ".join(panel["name"] for panel in state["panels"])
    numbers = ", ".join(row["name"] for row in state["readouts"])
    sliders = ", ".join(
        f"{each['words']} from {each['texts'][0]} to {each['texts'][-1]}" for each in state["sliders"]
    )
    data = f" Data: {label}." if label else ""
    return (
        f"{state['title']}. A person in three dimensions during one stride, with an arrow at each loaded foot for the "
        "ground reaction force; the right leg is blue, the left one orange. Beside it, over the stride: "
        f"{curves}, each with a 90 % band and, pale, as at the start. Beneath, as numbers: {numbers}. Sliders change "
        f"{sliders}; the start is at {_say_start(state)}.{data}"
    )
