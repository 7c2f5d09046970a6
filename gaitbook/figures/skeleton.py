"""The skeleton of a recording, for drawing: which points are joined, and where limbs meet.

Markers sit on the skin and differ between laboratories. To draw a person from any of them, markers of a segment are
joined into a wire frame, and joints are placed where the recording has markers for them, else where the two segments
turn about each other [1]_. They serve the eye: no angle or moment is computed from them.

References
----------
.. [1] Ehrig RM, Taylor WR, Duda GN, Heller MO (2006). A survey of formal methods for determining the centre of
   rotation of ball joints. J Biomech 39:2798-2809. https://doi.org/10.1016/j.jbiomech.2005.10.002
"""

import warnings
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import FEET
from gaitbook.marker_sets import MarkerSet, find_marker_set

Array: TypeAlias = NDArray[np.float64]
Edge: TypeAlias = tuple[int, int]

MIDDLE, RIGHT, LEFT = 0, 1, 2
CLUSTER_SIZE: Final = 3
PULL: Final = 0.01
"""Weight that holds a joint between its segments along directions in which they hardly turn."""
FARTHEST_M: Final = 0.30

_JOINTS: Final = {"hip": ("pelvis", "thigh"), "knee": ("thigh", "shank"), "ankle": ("shank", "foot")}
_BONES: Final = (("hip", "knee", 75, 52), ("knee", "ankle", 50, 34))
_FOOT: Final = ("ankle", "heel", "toe")
_CHAINS: Final = (("pelvis", "torso"), ("torso", "head"), ("torso", "upper_arm"), ("upper_arm", "forearm"))


@dataclass(frozen=True)
class Skeleton:
    """Points of a recording and how they are joined.

    Attributes
    ----------
    names
        Point names: the markers first, then joints and centers of segments.
    sides
        0 middle, 1 right, 2 left; one per point.
    position_m
        (time, point, axis), m; NaN where unseen.
    marker_count
        How many of the points are markers.
    links
        Pairs of markers that are joined by a line.
    bones
        Pairs of points that are joined by a limb, with its radius at both ends, mm.
    soles
        Ankle, heel and toe of each foot that has them.
    ring
        Markers around the pelvis, in order.
    feet
        Marker numbers of each foot.
    """

    names: tuple[str, ...]
    sides: tuple[int, ...]
    position_m: Array
    marker_count: int
    links: tuple[Edge, ...]
    bones: tuple[tuple[int, int, int, int], ...]
    soles: tuple[tuple[int, ...], ...]
    ring: tuple[int, ...]
    feet: tuple[tuple[int, ...], ...]


def build_skeleton(marker_position: xr.DataArray) -> Skeleton:
    """Skeleton of a recording of a known marker set.

    Parameters
    ----------
    marker_position
        Markers (time, marker, axis), m; NaN where unseen.

    Raises
    ------
    ValueError
        If the marker set is unknown (see `gaitbook.marker_sets.find_marker_set`).

    Examples
    --------
    >>> import gaitbook as gb
    >>> skeleton = build_skeleton(gb.simulate_trial(duration_s=1.0)["marker_position"])
    >>> skeleton.names[-1], len(skeleton.bones)
    ('toe_left', 4)
    """
    marker_set = find_marker_set(str(name) for name in marker_position["marker"].values)
    names = [str(name) for name in marker_position["marker"].values]
    marker_m = marker_position.transpose("time", "marker", "axis").values.astype(float)
    parts = {
        part: [names.index(name) for name in group if name in names]
        for part, group in marker_set.segments.items()
    }
    parts = {part: members for part, members in parts.items() if members}
    shape_m = _mean(marker_m, axis=0)
    ring = _around(shape_m, parts.get("pelvis", []))
    links = [(a, b) for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True) if a < b or len(ring) > 2]  # noqa: PLR2004
    for part, members in parts.items():
        links += [] if part == "pelvis" else _wire_frame(shape_m, members)
    points = _place_joints(marker_m, names, parts, marker_set)
    sides = {number: _side(part) for part, members in parts.items() for number in members}
    sides |= {number: _letter_side(names[number], marker_set) for number in parts.get("pelvis", [])}
    every = [*names, *points]
    numbers = {name: len(names) + number for number, name in enumerate(points)}
    return Skeleton(
        names=tuple(every),
        sides=tuple([sides.get(number, MIDDLE) for number in range(len(names))] + [_side(p) for p in points]),
        position_m=np.concatenate([marker_m, *(each[:, None] for each in points.values())], axis=1),
        marker_count=len(names),
        links=tuple(links),
        bones=tuple(_find_bones(numbers)),
        soles=tuple(
            tuple(numbers[f"{name}_{foot}"] for name in _FOOT)
            for foot in FEET
            if all(f"{name}_{foot}" in numbers for name in _FOOT)
        ),
        ring=tuple(ring),
        feet=tuple(tuple(parts.get(f"foot_{foot}", ())) for foot in FEET),
    )


def joint_center(first_m: Array, second_m: Array) -> Array:
    """Point about which two rigid clusters of markers turn, in every frame.

    Parameters
    ----------
    first_m, second_m
        Markers of the two segments (time, marker, axis), m, at least three each.

    Returns
    -------
    numpy.ndarray
        Position (time, axis), m: the mean of the point carried by either segment, NaN where a marker of either is
        unseen; halfway between the segments where they do not turn enough to tell.
    """
    halfway_m = (_mean(first_m, axis=1) + _mean(second_m, axis=1)) / 2
    seen = np.isfinite(first_m).all(axis=(1, 2)) & np.isfinite(second_m).all(axis=(1, 2))
    if min(first_m.shape[1], second_m.shape[1]) < CLUSTER_SIZE or seen.sum() < CLUSTER_SIZE:
        return halfway_m
    turns, origins = zip(*(_follow(cluster_m[seen]) for cluster_m in (first_m, second_m)), strict=True)
    local_m = np.concatenate(
        [
            np.einsum("tji,tj->ti", turn, halfway_m[seen] - origin).mean(axis=0)
            for turn, origin in zip(turns, origins, strict=True)
        ]
    )
    system = np.concatenate([turns[0], -turns[1]], axis=2).reshape(-1, 6)
    target = (origins[1] - origins[0]).ravel()
    weight = PULL * seen.sum()
    left = system.T @ system + weight * np.eye(6)
    local_m = np.linalg.solve(left, system.T @ target + weight * local_m)
    carried = [
        np.einsum("tij,j->ti", turn, local_m[3 * each : 3 * each + 3]) + origins[each]
        for each, turn in enumerate(turns)
    ]
    center_m = np.full_like(halfway_m, np.nan)
    center_m[seen] = (carried[0] + carried[1]) / 2
    far = np.nanmean(np.linalg.norm(center_m[seen] - halfway_m[seen], axis=1)) > FARTHEST_M
    return halfway_m if far else center_m


def _follow(cluster_m: Array) -> tuple[Array, Array]:
    """Rotation (time, 3, 3) and origin (time, 3) of a rigid cluster, relative to its first frame."""
    origin_m = cluster_m.mean(axis=1)
    centered_m = cluster_m - origin_m[:, None]
    u, _, vt = np.linalg.svd(np.einsum("tmi,mj->tij", centered_m, centered_m[0]))
    sign = np.linalg.det(u @ vt)
    u[:, :, 2] *= sign[:, None]
    return u @ vt, origin_m


def _place_joints(
    marker_m: Array, names: list[str], parts: dict[str, list[int]], marker_set: MarkerSet
) -> dict[str, Array]:
    points: dict[str, Array] = {}
    for foot in FEET:
        for joint, (upper, lower) in _JOINTS.items():
            first = parts.get(upper if upper == "pelvis" else f"{upper}_{foot}")
            second = parts.get(f"{lower}_{foot}")
            marked = [
                names.index(each) for each in marker_set.landmarks.get(f"{joint}_{foot}", ()) if each in names
            ]
            if len(marked) > 1:
                points[f"{joint}_{foot}"] = _mean(marker_m[:, marked], axis=1)
            elif first and second:
                points[f"{joint}_{foot}"] = joint_center(marker_m[:, first], marker_m[:, second])
        for end in _FOOT[1:]:
            marked = [names.index(each) for each in marker_set.landmarks[f"{end}_{foot}"] if each in names]
            if marked:
                points[f"{end}_{foot}"] = _mean(marker_m[:, marked], axis=1)
    above = [part for part in parts if part.startswith(("torso", "head", "upper_arm", "forearm"))]
    for part in [*(["pelvis"] if above and "pelvis" in parts else []), *above]:
        points[f"{part}"] = _mean(marker_m[:, parts[part]], axis=1)
    return points


def _find_bones(numbers: dict[str, int]) -> list[tuple[int, int, int, int]]:
    bones = []
    for foot in FEET:
        for upper, lower, wide_mm, narrow_mm in _BONES:
            ends = [numbers.get(f"{name}_{foot}") for name in (upper, lower)]
            bones += [(ends[0], ends[1], wide_mm, narrow_mm)] if None not in ends else []
    for upper, lower in _CHAINS:
        for side in ("", *(f"_{foot}" for foot in FEET)):
            first, second = numbers.get(f"{upper}{side}", numbers.get(upper)), numbers.get(f"{lower}{side}")
            bones += [(first, second, 40, 34)] if None not in (first, second) else []
    return bones  # type: ignore[return-value]


def _wire_frame(shape_m: Array, members: list[int]) -> list[Edge]:
    """Pairs with no third marker in the ball between them (Gabriel graph)."""
    square = ((shape_m[members][:, None] - shape_m[members][None]) ** 2).sum(axis=-1)
    pairs = [(a, b) for a in range(len(members)) for b in range(a + 1, len(members))]
    return [
        (members[a], members[b])
        for a, b in pairs
        if not any(square[a, c] + square[c, b] < square[a, b] for c in range(len(members)) if c not in (a, b))
    ]


def _around(shape_m: Array, members: list[int]) -> list[int]:
    from_center_m = shape_m[members] - _mean(shape_m[members], axis=0)
    angle = np.arctan2(from_center_m[:, 2], from_center_m[:, 0]) if members else np.zeros(0)
    return [members[number] for number in np.argsort(angle, kind="stable")]


def _side(part: str) -> int:
    return RIGHT if part.endswith("_right") else LEFT if part.endswith("_left") else MIDDLE


def _letter_side(name: str, marker_set: MarkerSet) -> int:
    sided = [part for part, markers in marker_set.landmarks.items() if name in markers]
    return _side(sided[0]) if sided else MIDDLE


def _mean(values: Array, axis: int) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where nothing is seen the mean is NaN, as meant
        return np.asarray(np.nanmean(values, axis=axis))
