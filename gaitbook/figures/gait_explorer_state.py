"""What a page must hold to show a person at every speed of a slider: one stride each, and the curves beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.events import detect_contacts
from gaitbook.figures.explorer_state import (
    count_places,
    plain_numbers,
    save_look,
    setting_text,
    split_unit,
)
from gaitbook.figures.player_state import make_state
from gaitbook.figures.skeleton import Skeleton, build_skeleton
from gaitbook.figures.stick_person import build_stick_person, knows_joints
from gaitbook.figures.style import PALETTE, Look, look_up

FRAMES: Final = 36
"""Instants saved per stride; what lies between them is drawn smoothly."""
CURVE_DIGITS: Final = 3
RUNNING_DUTY: Final = 0.5
"""A foot that is down for less of the stride than this leaves time in which neither is: a run."""
_CHANGES: Final = ("rate_hz", "points_mm", "force_mbw", "pressure_mm", "contact", "travel_mm")
_SIDE_LOOKS: Final = {
    "right": Look(PALETTE["blue"], "-", "o"),
    "left": Look(PALETTE["vermillion"], (0, (4.5, 1.5)), "s"),
}


def cut_stride(trial: xr.Dataset) -> xr.Dataset:
    """The first whole stride of the right foot, in `FRAMES` equal steps.

    Parameters
    ----------
    trial
        Trial with positions, and forces where it has them. Without two strikes of the right foot it is taken to be
        one stride, which begins with that strike.
    """
    start_s, end_s = _stride_ends(trial)
    time_s = np.linspace(start_s, end_s, FRAMES + 1)
    between = ["skeleton_position" if knows_joints(trial) else "marker_position"]
    between += ["ground_reaction_force"] if "ground_reaction_force" in trial else []
    # a center of pressure ends where the foot does, and contact is yes or no: neither lies between two samples
    nearest = [name for name in ("center_of_pressure", "in_contact") if name in trial]
    at = trial[between].interp(time=time_s)
    held = {
        name: trial[name].sel(time=time_s, method="nearest").assign_coords(time=time_s) for name in nearest
    }
    return at.assign(held).assign_attrs(trial.attrs)


def save_gaits(
    strides: Sequence[xr.Dataset],
    curves: pd.DataFrame,
    settings: Sequence[float],
    *,
    words: Mapping[str, str],
) -> dict[str, Any]:
    """All that the script draws, as plain numbers and words.

    Parameters
    ----------
    strides
        From `cut_stride`, one per setting.
    curves
        As in `gaitbook.explore_gait`.
    settings
        In the order of the slider.
    words
        ``setting`` (with its unit in parentheses), ``title``, ``label``, ``alt``.

    Returns
    -------
    dict
        Ready for JSON; what is the same at every setting is in it once.
    """
    states = [
        make_state(stride, _skeleton(stride), label=words["label"], alt=words["alt"]) for stride in strides
    ]
    person = {key: value for key, value in states[0].items() if key not in (*_CHANGES, "start_s")}
    tallest_mm = max(state["height_mm"] for state in states)
    return {
        "alt": words["alt"],
        "title": words["title"],
        "setting": {**split_unit(words["setting"]), "texts": [setting_text(setting) for setting in settings]},
        "gaits": [name_gait(stride) for stride in strides],
        "stride_s": [round(float(np.ptp(stride["time"].values)), 3) for stride in strides],
        "person": {**person, "height_mm": tallest_mm, "cyclic": True},
        "strides": [{key: state[key] for key in _CHANGES} for state in states],
        "x": {"name": "Stride", "unit": "%"},
        "panels": [
            _save_panel(panel, str(name), list(settings))
            for name, panel in curves.groupby("quantity", sort=False)
        ],
    }


def name_gait(stride: xr.Dataset) -> str:
    """``"walking"`` or ``"running"``, by how long the feet are down; empty without force."""
    if "ground_reaction_force" not in stride:
        return ""
    down = stride["ground_reaction_force"].sel(axis="y").values > 0
    return "running" if down.mean() < RUNNING_DUTY else "walking"


def look_of_series(names: Sequence[str]) -> dict[str, Look]:
    """Look of each series; right and left have the colors of the legs."""
    others = look_up([name for name in names if name not in _SIDE_LOOKS])
    return {name: _SIDE_LOOKS.get(name) or others[name] for name in names}


def _skeleton(stride: xr.Dataset) -> Skeleton:
    if knows_joints(stride):
        return build_stick_person(stride["skeleton_position"])
    return build_skeleton(stride["marker_position"])


def _stride_ends(trial: xr.Dataset) -> tuple[float, float]:
    whole = float(trial["time"].values[0]), float(trial["time"].values[-1])
    if "ground_reaction_force" not in trial:
        return whole
    strike_s = detect_contacts(trial).query("foot == 'right'")["strike_s"].to_numpy(float)
    return (float(strike_s[0]), float(strike_s[1])) if strike_s.size > 1 else whole


def _save_panel(panel: pd.DataFrame, name: str, settings: list[Any]) -> dict[str, Any]:
    places = count_places(panel[["value"]], digits=CURVE_DIGITS)
    series = []
    for each, look in look_of_series(list(dict.fromkeys(panel["series"]))).items():
        wide = panel[panel["series"] == each].pivot(index="phase_percent", columns="setting", values="value")
        series.append(
            {
                "name": str(each),
                **save_look(look),
                "x": plain_numbers(pd.Series(wide.index), 1),
                "value": [
                    plain_numbers(wide.reindex(columns=settings)[setting], places) for setting in settings
                ],
            }
        )
    return {"name": name, "unit": str(panel["unit"].iloc[0]), "series": series}
