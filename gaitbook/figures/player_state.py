"""State of the player: what a page must hold to show a recording in motion, as small as it can be.

Positions are whole millimeters and forces whole thousandths of body weight, one flat row per frame; ``None`` stands
for what was not measured.
"""

from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, GRAVITY_MPS2, UP
from gaitbook.figures.skeleton import Array, Skeleton

_MOVING_MPS: Final = 0.3
_BEND: Final = 3


def make_state(
    part: xr.Dataset,
    skeleton: Skeleton,
    *,
    label: str,
    alt: str,
    followed: tuple[Array, Array] | None = None,
) -> dict[str, Any]:
    """What ``player.js`` draws, of JSON types only.

    Parameters
    ----------
    part
        The drawn instants of a trial.
    skeleton
        Its skeleton.
    label, alt
        Name of the cohort; alternative text.
    followed
        As given by `follow_person` for another part, to draw both at one place; by default for this one.

    Returns
    -------
    dict
        Positions in whole millimeters (``None`` where unseen), forces in thousandths of body weight, relative to the
        person's mean place on a treadmill and to the moving pelvis over ground. ``travel_mm`` is how far the ground
        has passed below.
    """
    time_s = part["time"].values
    center_m, travel_m = followed or follow_person(part, skeleton)
    point_m = skeleton.position_m - center_m[:, None]
    force_bw = force_in_body_weights(part)
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
        "points_mm": to_thousandths(point_m),
        "force_mbw": to_thousandths(force_bw * loaded[..., None]) if force_bw is not None else None,
        "pressure_mm": to_thousandths(origin_m) if force_bw is not None else None,
        "contact": loaded.astype(int).tolist(),
        "travel_mm": to_thousandths(travel_m[:, [0, 2]]),
        "label": label,
        "alt": alt,
    }


def follow_person(part: xr.Dataset, skeleton: Skeleton) -> tuple[Array, Array]:
    """Place of the camera's target, and way of the person over the ground, both (time, axis), m.

    Parameters
    ----------
    part
        The drawn instants of a trial.
    skeleton
        Its skeleton.
    """
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


def force_in_body_weights(part: xr.Dataset) -> Array | None:
    """Force on each foot in body weights, dims (time, foot, axis); ``None`` if the recording holds no force."""
    if "ground_reaction_force" not in part:
        return None
    force_n = (
        part["ground_reaction_force"].sel(foot=list(FEET), axis=list(AXES)).transpose("time", "foot", "axis")
    )
    return np.asarray(np.nan_to_num(force_n.values) / (float(part.attrs["mass_kg"]) * GRAVITY_MPS2))


def loaded_frame(state: dict[str, Any]) -> int:
    """Frame of the largest vertical force of the first foot that is down; the first frame without force.

    Parameters
    ----------
    state
        As made by `make_state`.
    """
    if not state["force_mbw"]:
        return 0
    vertical = np.array(state["force_mbw"])[:, 1::3]
    down = vertical > 0
    if not down.any():
        return 0
    first = int(np.argmax(down.any(axis=1)))
    # Of two feet on the ground the one that stays longer has just landed; the other one is about to leave.
    lasts = [int(np.argmin([*foot, False])) if foot[0] else 0 for foot in down[first:].T]
    foot = int(np.argmax(lasts))
    return first + int(np.argmax(vertical[first : first + lasts[foot], foot]))


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


def to_thousandths(values: Array) -> list[list[int | None]]:
    """Numbers (time, ...) in whole thousandths, one flat row per frame; ``None`` for NaN."""
    rows = np.round(1000 * values.reshape(len(values), -1))
    return [[int(value) if np.isfinite(value) else None for value in row] for row in rows.tolist()]
