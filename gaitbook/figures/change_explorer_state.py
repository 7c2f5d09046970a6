"""What a page must hold to show a person under any request: strides, curves and numbers at the nodes of a grid.

Everything is a whole number, and a node is told by what it adds to simpler ones: those that differ from the start in
fewer sliders. What one slider does is then said once, and of several at a time only how far they depart from the sum,
which is little.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.figures.explorer_state import count_places, plain_numbers, save_look
from gaitbook.figures.player_state import make_state
from gaitbook.figures.skeleton import Array
from gaitbook.figures.slider_grid import Grid, IntArray, tell_differences
from gaitbook.figures.stick_person import build_stick_person
from gaitbook.figures.style import Look

FRAMES: Final = 24
"""Instants saved per stride; what lies between them is drawn smoothly."""
DIGITS: Final = 4
"""Of the span of a quantity, as saved; numbers are shown with one less."""
_BLENDED: Final = ("points_mm", "force_mbw", "pressure_mm", "travel_mm")
_OWN: Final = (*_BLENDED, "contact", "rate_hz", "start_s")
_NUMBERS: Final = ("value", "low", "high")


def save_changes(
    trials: Sequence[xr.Dataset],
    curves: pd.DataFrame,
    readouts: pd.DataFrame,
    grid: Grid,
    *,
    start: Sequence[int],
    look: Look,
) -> dict[str, Any]:
    """Person, nodes and panels, as plain numbers and words.

    Parameters
    ----------
    trials
        In the order of the nodes.
    curves, readouts
        As in `gaitbook.explore_changes`.
    grid
        Of the sliders.
    start
        Place of the start on each slider.
    look
        Of the curves.

    Returns
    -------
    dict
        Ready for JSON: ``parts`` tells name, rows and columns of what is in a node, one after the other; ``nodes`` are
        as given by `gaitbook.figures.slider_grid.tell_differences`.
    """
    states = [_save_stride(trial) for trial in trials]
    panels, numbers = _save_numbers(curves, grid)
    rows, readings = _save_numbers(readouts.assign(phase_percent=0.0), grid)
    blended = {name: np.array([state[name] for state in states]) for name in _BLENDED}
    duration_s = np.array([np.ptp(trial["time"].values) for trial in trials])
    blended |= {"stride_ms": np.round(1000 * duration_s).astype(int)[:, None, None]}
    blended |= {"curves": numbers, "readouts": readings}
    flat = np.concatenate([each.reshape(grid.count, -1) for each in blended.values()], axis=1)
    person = {key: value for key, value in states[0].items() if key not in _OWN}
    person |= {"height_mm": max(state["height_mm"] for state in states), "cyclic": True}
    nodes = tell_differences(flat.reshape(*grid.shape, -1), start).reshape(grid.count, -1)
    return {
        "person": person,
        "parts": [[name, *map(int, each.shape[1:])] for name, each in blended.items()],
        "nodes": nodes.tolist(),
        "x": {
            "name": "Stride",
            "unit": "%",
            "values": plain_numbers(pd.Series(np.sort(curves["phase_percent"].unique())), 1),
        },
        "panels": [{**panel, **save_look(look)} for panel in panels],
        "readouts": rows,
        **_save_words(readouts, grid),
    }


def _save_stride(trial: xr.Dataset) -> dict[str, Any]:
    """State of the player in `FRAMES` equal steps, with a center of pressure in swing, too, for blending."""
    begin_s, end_s = map(float, trial["time"].values[[0, -1]])
    time_s = np.linspace(begin_s, end_s, FRAMES + 1)
    stride = trial[["skeleton_position", "ground_reaction_force"]].interp(time=time_s)
    # a center of pressure ends where the foot does: it does not lie between two samples
    pressure = trial["center_of_pressure"].sel(time=time_s, method="nearest").assign_coords(time=time_s)
    stride = stride.assign(center_of_pressure=pressure).assign_attrs(trial.attrs)
    state = make_state(stride, build_stick_person(stride["skeleton_position"]), label="", alt="")
    return {**state, "pressure_mm": _hold(np.array(state["pressure_mm"], dtype=float))}


def _hold(pressure_mm: Array) -> IntArray:
    """Centers of pressure (frame, foot and axis) where none was: the one nearest in time."""
    held = np.zeros(pressure_mm.shape, dtype=int)
    frames = np.arange(len(held))
    for column, own in enumerate(pressure_mm.T):
        known = np.flatnonzero(np.isfinite(own))
        if known.size:
            nearest = known[np.abs(frames[:, None] - known).argmin(axis=1)]
            held[:, column] = own[nearest]
    return held


def _save_numbers(table: pd.DataFrame, grid: Grid) -> tuple[list[dict[str, Any]], IntArray]:
    """Names of quantities, and (node, quantity and number, phase): value, and how far below and above the band ends."""
    names = list(dict.fromkeys(table["quantity"]))
    node = grid.find(table[list(grid.names)].to_numpy(float))
    ordered = table.assign(node=node, place=table["quantity"].map(names.index))
    ordered = ordered.sort_values(["node", "place", "phase_percent"])
    values = ordered[list(_NUMBERS)].to_numpy(float).reshape(grid.count, len(names), -1, 3)
    saved, numbers = [], []
    for place, name in enumerate(names):
        own = table[table["quantity"] == name]
        places = count_places(own[list(_NUMBERS)], digits=DIGITS)
        value, low, high = np.moveaxis(values[:, place], -1, 0)
        band = np.nan_to_num(np.stack([value - low, high - value], axis=1))
        kept = np.concatenate([value[:, None], band], axis=1)
        numbers.append(np.round(kept * 10.0**places).astype(int))
        ends = [float(np.nanmin([value, low])), float(np.nanmax([value, high]))]
        saved.append(
            {
                "name": str(name),
                "unit": str(own["unit"].iloc[0]),
                "places": places,
                "decimals": max(places - 1, 0),
                "band": bool(own["low"].notna().any()),
                "range": plain_numbers(pd.Series(ends), places),
            }
        )
    return saved, np.concatenate(numbers, axis=1)


def _save_words(readouts: pd.DataFrame, grid: Grid) -> dict[str, Any]:
    """Every warning once, and which of them each node gives."""
    node = grid.find(readouts[list(grid.names)].to_numpy(float))
    words = readouts["words"].fillna("").astype(str).str.strip()
    texts = [text for text in dict.fromkeys(words) if text]
    given: list[list[int]] = [[] for _ in range(grid.count)]
    for at, text in zip(node, words, strict=True):
        if text and texts.index(text) not in given[at]:
            given[at].append(texts.index(text))
    return {"warnings": texts, "warned": given}
