"""The player: a recording as a moving skeleton with the ground reaction force at its feet.

The same small state serves three readers: a live widget in Jupyter, a page without a kernel, and a still image
where there is no JavaScript. Figures compute nothing: positions and forces are those of the trial at the drawn
instants, rounded to millimeters and to thousandths of body weight.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.events import detect_contacts
from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, GRAVITY_MPS2, UP
from gaitbook.figures.drawing import Drawing
from gaitbook.figures.skeleton import Array, Skeleton, build_skeleton
from gaitbook.figures.still import draw_still

RATE_HZ: Final = 50.0
MOST_FRAMES: Final = 150
_ASSETS: Final = Path(__file__).parent / "assets"
_MOVING_MPS: Final = 0.3
_BEND: Final = 3


def play_trial(
    trial: xr.Dataset, *, start_s: float | None = None, duration_s: float = 2.0, label: str = ""
) -> Drawing:
    """Skeleton player with force arrows, of a part of a trial.

    Parameters
    ----------
    trial
        Trial with ``marker_position`` (time, marker, axis), m, of a known marker set; ``ground_reaction_force``
        (time, foot, axis), N, and ``center_of_pressure`` (time, foot, axis), m, are drawn where it has them. Without
        a center of pressure the arrow starts on the ground under the markers of the foot.
    start_s
        First instant, s of the trial's own time. By default the player starts with the first complete contact and
        ends after a whole number of strides, so that it can repeat without a jump.
    duration_s
        Longest time shown, s.
    label
        Name of the cohort, printed small and added to the alternative text.

    Returns
    -------
    Drawing
        Its table holds the force of each foot at each drawn instant, % of body weight (without force: how many
        markers are seen); ``widget`` is ``None`` where anywidget is not installed.

    Raises
    ------
    ValueError
        If the trial has no markers or no known marker set, has force but no mass, or no sample in the time asked for;
        one message says all that is missing.

    Examples
    --------
    >>> import gaitbook as gb
    >>> drawing = gb.play_trial(gb.simulate_trial(speed_mps=3.0), duration_s=1.0)
    >>> list(drawing.table.columns)
    ['time_s', 'foot', 'fore_aft_percent_bw', 'vertical_percent_bw', 'mediolateral_percent_bw']
    """
    _refuse(trial, duration_s)
    part = _cut(trial, start_s, duration_s)
    skeleton = build_skeleton(part["marker_position"])
    alt = _describe(trial, part, label)
    state = make_state(part, skeleton, label=label, alt=alt)
    table = _tabulate(part, skeleton)
    frame = _loaded_frame(state)
    saved = json.dumps({"state": state, "frame": frame}, separators=(",", ":"), ensure_ascii=True)
    safe = saved.replace("<", "\\u003c")  # a label must not end the script
    html = (
        '<div class="gaitbook-widget" data-widget="player">'
        f'<div class="gaitbook-player-still">{draw_still(state, frame, alt)}</div>'
        f'<script type="application/json">{safe}</script></div>'
    )
    return Drawing(table=table, alt=alt, html=html, widget=_make_widget(state, frame))


def make_state(part: xr.Dataset, skeleton: Skeleton, *, label: str, alt: str) -> dict[str, Any]:
    """What ``player.js`` draws, of JSON types only.

    Parameters
    ----------
    part
        The drawn instants of a trial.
    skeleton
        Its skeleton.
    label, alt
        Name of the cohort; alternative text.

    Returns
    -------
    dict
        Positions in whole millimeters (``None`` where unseen), forces in thousandths of body weight, relative to the
        person's mean place on a treadmill and to the moving pelvis over ground. ``travel_mm`` is how far the ground
        has passed below.
    """
    time_s = part["time"].values
    center_m, travel_m = _follow_person(part, skeleton)
    point_m = skeleton.position_m - center_m[:, None]
    force_bw = _force_bw(part)
    origin_m = _arrow_origin(part, skeleton) - center_m[:, None]
    loaded = _in_contact(part)
    origin_m[~loaded] = np.nan
    return {
        "start_s": round(float(time_s[0]), 4),
        "rate_hz": round(float(1 / np.median(np.diff(time_s))), 4),
        "names": list(skeleton.names),
        "sides": list(skeleton.sides),
        "marker_count": skeleton.marker_count,
        "links": [list(link) for link in skeleton.links],
        "bones": [list(bone) for bone in skeleton.bones],
        "soles": [list(sole) for sole in skeleton.soles],
        "ring": list(skeleton.ring),
        "height_mm": round(1000 * float(np.nanpercentile(point_m[..., 1], 99))),
        "points_mm": _whole(point_m),
        "force_mbw": _whole(force_bw * loaded[..., None]) if force_bw is not None else None,
        "pressure_mm": _whole(origin_m) if force_bw is not None else None,
        "contact": loaded.astype(int).tolist(),
        "travel_mm": _whole(travel_m[:, [0, 2]]),
        "label": label,
        "alt": alt,
    }


def _refuse(trial: xr.Dataset, duration_s: float) -> None:
    faults = []
    if "marker_position" not in trial:
        faults.append("it has no marker_position: import the markers (.c3d or .trc) of the recording")
    if "ground_reaction_force" in trial and not trial.attrs.get("mass_kg"):
        faults.append(
            "it has force but no mass_kg: add the body mass, arrows are drawn in body weights (or drop "
            "ground_reaction_force)"
        )
    if not duration_s > 0:
        faults.append(f"duration_s is {duration_s:g}, expected more than 0")
    if faults:
        raise ValueError(f"Cannot play trial {trial.attrs.get('trial', '?')}: " + "; ".join(faults) + ".")


def _cut(trial: xr.Dataset, start_s: float | None, duration_s: float) -> xr.Dataset:
    """The drawn instants: at most `MOST_FRAMES`, at about `RATE_HZ`."""
    first_s, last_s = (start_s, np.inf) if start_s is not None else _whole_strides(trial, duration_s)
    time_s = trial["time"].values
    last_s = min(last_s, first_s + duration_s)
    chosen = np.flatnonzero((time_s >= first_s - 1e-9) & (time_s <= last_s + 1e-9))
    if chosen.size > 1:
        rate_hz = 1 / np.median(np.diff(time_s))
        step = max(round(rate_hz / RATE_HZ), -(-chosen.size // MOST_FRAMES), 1)
        chosen = chosen[::step]
    if chosen.size < 2:  # noqa: PLR2004 - one instant does not move
        raise ValueError(
            f"Cannot play trial {trial.attrs.get('trial', '?')}: fewer than two samples between {first_s:g} and "
            f"{last_s:g} s; the trial runs from {time_s[0]:g} to {time_s[-1]:g} s."
        )
    return trial.isel(time=chosen).load()


def _whole_strides(trial: xr.Dataset, duration_s: float) -> tuple[float, float]:
    start_s = float(trial["time"].values[0])
    if "ground_reaction_force" not in trial:
        return start_s, np.inf
    contacts = detect_contacts(trial)
    if contacts.empty:
        return start_s, np.inf
    first = contacts.iloc[0]
    again_s = contacts.loc[contacts["foot"] == first["foot"], "strike_s"].to_numpy(float)
    again_s = again_s[(again_s > first["strike_s"]) & (again_s <= first["strike_s"] + duration_s)]
    return float(first["strike_s"]), float(again_s[-1]) if again_s.size else np.inf


def _follow_person(part: xr.Dataset, skeleton: Skeleton) -> tuple[Array, Array]:
    """Place of the camera's target, and way of the person over the ground, both (time, axis), m."""
    time_s = part["time"].values - part["time"].values[0]
    members = list(skeleton.ring) or list(range(skeleton.marker_count))
    body_m = np.ma.masked_invalid(skeleton.position_m[:, members]).mean(axis=1).filled(np.nan)
    seen = np.isfinite(body_m).all(axis=1)
    degree = min(_BEND, max(int(seen.sum()) - 1, 0))
    path_m = np.zeros_like(body_m)
    mean_m = np.zeros_like(body_m)
    for axis in (0, 2):
        if seen.any():
            path_m[:, axis] = np.polyval(np.polyfit(time_s[seen], body_m[seen, axis], degree), time_s)
            mean_m[:, axis] = body_m[seen, axis].mean()
    pace_mps = abs(path_m[-1, 0] - path_m[0, 0]) / max(time_s[-1], 1e-9)
    if part.attrs.get("surface", "overground" if pace_mps > _MOVING_MPS else "treadmill") == "overground":
        center_m, travel_m = path_m, path_m - path_m[0]
    else:
        belt_m = float(part.attrs.get("speed_mps", 0.0)) * time_s
        center_m, travel_m = mean_m, np.outer(belt_m, [1.0, 0.0, 0.0])
    center_m = center_m.copy()
    center_m[:, 1] = _ground_height(part)
    return center_m, travel_m


def _ground_height(part: xr.Dataset) -> float:
    if "center_of_pressure" not in part:
        return 0.0
    height_m = part["center_of_pressure"].sel(axis=UP).values
    return float(np.median(height_m[np.isfinite(height_m)])) if np.isfinite(height_m).any() else 0.0


def _force_bw(part: xr.Dataset) -> Array | None:
    if "ground_reaction_force" not in part:
        return None
    force_n = (
        part["ground_reaction_force"].sel(foot=list(FEET), axis=list(AXES)).transpose("time", "foot", "axis")
    )
    return np.asarray(np.nan_to_num(force_n.values) / (float(part.attrs["mass_kg"]) * GRAVITY_MPS2))


def _in_contact(part: xr.Dataset) -> np.ndarray:
    if "ground_reaction_force" in part:
        vertical = part["ground_reaction_force"].sel(foot=list(FEET), axis=UP).transpose("time", "foot")
        return np.asarray(vertical.values > CONTACT_FORCE_N)
    if "in_contact" in part:
        return np.asarray(
            part["in_contact"].sel(foot=list(FEET)).transpose("time", "foot").values.astype(bool)
        )
    return np.zeros((part.sizes["time"], len(FEET)), dtype=bool)


def _arrow_origin(part: xr.Dataset, skeleton: Skeleton) -> Array:
    under_m = np.full((part.sizes["time"], len(FEET), len(AXES)), np.nan)
    for number, members in enumerate(skeleton.feet):
        if members:
            foot_m = np.ma.masked_invalid(skeleton.position_m[:, list(members)])
            under_m[:, number] = foot_m.mean(axis=1).filled(np.nan)
    under_m[..., 1] = _ground_height(part)
    if "center_of_pressure" not in part:
        return under_m
    pressure_m = (
        part["center_of_pressure"].sel(foot=list(FEET), axis=list(AXES)).transpose("time", "foot", "axis")
    )
    known = np.isfinite(pressure_m.values).all(axis=-1, keepdims=True)
    return np.where(known, pressure_m.values, under_m)


def _tabulate(part: xr.Dataset, skeleton: Skeleton) -> pd.DataFrame:
    time_s = np.round(part["time"].values, 4)
    force_bw = _force_bw(part)
    if force_bw is None:
        seen = np.isfinite(skeleton.position_m[:, : skeleton.marker_count]).all(axis=-1).sum(axis=1)
        return pd.DataFrame({"time_s": time_s, "markers_seen": seen})
    percent = np.round(100 * force_bw, 2) + 0.0
    columns = {
        f"{name}_percent_bw": percent[..., axis].ravel()
        for axis, name in enumerate(("fore_aft", "vertical", "mediolateral"))
    }
    return pd.DataFrame({"time_s": np.repeat(time_s, len(FEET)), "foot": list(FEET) * len(time_s), **columns})


def _describe(trial: xr.Dataset, part: xr.Dataset, label: str) -> str:
    time_s = part["time"].values
    speed = f" at {trial.attrs['speed_mps']:g} m/s" if "speed_mps" in trial.attrs else ""
    arrows = (
        " An arrow at each foot in contact shows its ground reaction force."
        if "ground_reaction_force" in part
        else ""
    )
    data = f" Data: {label}." if label else ""
    return (
        f"Skeleton of a person{speed}, drawn from skin markers in three dimensions, {time_s[-1] - time_s[0]:.1f} s "
        f"long; the right leg is blue, the left one orange.{arrows}{data}"
    )


def _loaded_frame(state: dict[str, Any]) -> int:
    """Frame of the largest vertical force of the first foot that is down; the first frame without force."""
    if not state["force_mbw"]:
        return 0
    vertical = np.array(state["force_mbw"])[:, 1::3]
    down = vertical > 0
    if not down.any():
        return 0
    first = int(np.argmax(down.any(axis=1)))
    foot = int(np.argmax(vertical[first]))
    lifted = np.flatnonzero(~down[first:, foot])
    last = first + int(lifted[0]) if lifted.size else len(down)
    return first + int(np.argmax(vertical[first:last, foot]))


def _whole(values: Array) -> list[list[int | None]]:
    """(time, ...) in thousandths, one flat row per frame; ``None`` for NaN."""
    rows = np.round(1000 * values.reshape(len(values), -1))
    return [[int(value) if np.isfinite(value) else None for value in row] for row in rows.tolist()]


def _make_widget(state: dict[str, Any], frame: int) -> Any:  # noqa: ANN401 - anywidget may be absent
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None

    class Player(anywidget.AnyWidget):
        _esm = (_ASSETS / "player.js").read_text(encoding="utf-8")
        _css = (_ASSETS / "figures.css").read_text(encoding="utf-8")
        state = traitlets.Dict().tag(sync=True)
        frame = traitlets.Int(0).tag(sync=True)

    return Player(state=state, frame=frame)
