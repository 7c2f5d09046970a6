"""What a page must hold to show a stride with this or that hidden: completions, some draws, what was measured."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.figures.explorer_state import count_places, plain_numbers, save_look
from gaitbook.figures.gait_explorer_state import CURVE_DIGITS, look_of_series
from gaitbook.figures.player_state import follow_person, make_state, to_thousandths
from gaitbook.figures.skeleton import Array, Skeleton
from gaitbook.figures.stick_person import build_stick_person

MOVED_M: Final = 0.003
"""A joint that no draw moves by more is drawn once, where it was measured."""
DRAW_STEP: Final = 2
"""Every second instant of a draw is saved; what lies between is drawn smoothly."""
_CHANGES: Final = ("rate_hz", "points_mm", "force_mbw", "pressure_mm", "contact", "travel_mm")
_LIMBS: Final = {
    "hip": ("hip", "knee"),
    "knee": ("knee", "ankle"),
    "arm": ("shoulder", "elbow"),
    "elbow": ("elbow", "wrist"),
}
"""Start of a coordinate's name, and the limb that the joint moves."""
_TRUNK: Final = ("lumbar", "neck", "head")
_FEET: Final = ("ankle", "subtalar")
_SIDES: Final = {"r": "right", "l": "left"}


def save_completions(
    measured: xr.Dataset, completed: Mapping[str, xr.Dataset], curves: pd.DataFrame, *, label: str, alt: str
) -> dict[str, Any]:
    """Person, strides and panels, as plain numbers and words.

    Parameters
    ----------
    measured, completed, curves
        As in `gaitbook.explore_completion`.
    label, alt
        Name of the cohort; alternative text.

    Returns
    -------
    dict
        Ready for JSON; what is the same under every choice is in it once.
    """
    skeleton = build_stick_person(measured["skeleton_position"])
    followed = follow_person(measured, skeleton)
    own = make_state(measured, skeleton, label=label, alt=alt, followed=followed)
    person = {key: value for key, value in own.items() if key not in (*_CHANGES, "start_s")}
    return {
        "person": {**person, "rate_hz": own["rate_hz"], "cyclic": True},
        "measured": {key: own[key] for key in _CHANGES},
        "strides": [_save_stride(each, skeleton, followed) for each in completed.values()],
        "x": {"name": "Stride", "unit": "%"},
        "panels": [
            _save_panel(panel, str(name), list(completed))
            for name, panel in curves.groupby("quantity", sort=False)
        ],
    }


def hidden_limbs(skeleton: Skeleton, hidden: Sequence[str], *, all_of_it: bool = False) -> dict[str, Any]:
    """What is drawn as an outline: numbers of bones and of soles, and whether the pelvis is.

    Parameters
    ----------
    skeleton
        As given by `gaitbook.figures.stick_person.build_stick_person`.
    hidden
        Names of coordinates.
    all_of_it
        Whether everything is hidden for a while.
    """
    if all_of_it:
        return {
            "bones": list(range(len(skeleton.bones))),
            "soles": list(range(len(skeleton.soles))),
            "pelvis": True,
        }
    ends, soles = set(), set()
    for name in hidden:
        start, side = name.split("_")[0], _SIDES.get(name[-1], "")
        if start in _LIMBS:
            ends.add(tuple(f"{joint}_{side}" for joint in _LIMBS[start]))
        if start in _FEET:
            soles.add(f"ankle_{side}")
    trunk = any(name.startswith("lumbar") for name in hidden)
    names = skeleton.names
    bones = [(names[bone[0]], names[bone[1]]) for bone in skeleton.bones]
    return {
        "bones": [
            number for number, bone in enumerate(bones) if bone in ends or (trunk and bone[0] in _TRUNK)
        ],
        "soles": [number for number, sole in enumerate(skeleton.soles) if names[sole[0]] in soles],
        "pelvis": any(name.startswith("pelvis") for name in hidden),
    }


def _save_stride(stride: xr.Dataset, of: Skeleton, followed: tuple[Array, Array]) -> dict[str, Any]:
    own = build_stick_person(stride["skeleton_position"])
    state = make_state(stride, own, label="", alt="", followed=followed)
    draws = [build_stick_person(each).position_m for each in stride["drawn_position"].transpose("draw", ...)]
    away_m = np.linalg.norm(np.stack([*draws, own.position_m]) - of.position_m, axis=-1)
    moved = np.flatnonzero(away_m.max(axis=(0, 1)) > MOVED_M)
    center_m = followed[0][:, None]
    gap = list(stride.attrs["gap_percent"])
    return {
        **{key: state[key] for key in _CHANGES},
        "hidden": hidden_limbs(of, stride.attrs["hidden"], all_of_it=bool(gap)),
        "gap": gap or None,
        "moved": moved.tolist(),
        "draws": [to_thousandths((draw - center_m)[::DRAW_STEP, moved]) for draw in draws]
        if moved.size
        else [],
        "draw_step": DRAW_STEP,
    }


def _save_panel(panel: pd.DataFrame, name: str, settings: list[str]) -> dict[str, Any]:
    places = count_places(panel[["value", "low", "high", "measured"]], digits=CURVE_DIGITS)
    series = []
    for each, look in look_of_series(list(dict.fromkeys(panel["series"]))).items():
        own = panel[panel["series"] == each]
        saved: dict[str, Any] = {"name": str(each), **save_look(look)}
        first = own[own["setting"] == settings[0]]
        saved["x"] = plain_numbers(first["phase_percent"], 1)
        saved["measured"] = plain_numbers(first["measured"], places)
        for kind in ("value", "low", "high"):
            wide = own.pivot(index="phase_percent", columns="setting", values=kind)
            saved[kind] = [plain_numbers(wide[setting], places) for setting in settings]
        series.append(saved)
    return {"name": name, "unit": str(panel["unit"].iloc[0]), "series": series}
