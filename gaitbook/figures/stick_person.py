"""A person drawn from joint centers: limbs, trunk and head without markers, for simulated people."""

from collections.abc import Iterator
from typing import Final

import xarray as xr

from gaitbook.conventions import AXES, FEET
from gaitbook.figures.skeleton import LEFT, MIDDLE, RIGHT, Skeleton

_SIDED: Final[tuple[tuple[str, str, int, int], ...]] = (
    ("hip", "knee", 75, 52),
    ("knee", "ankle", 50, 34),
    ("shoulder", "elbow", 46, 36),
    ("elbow", "wrist", 36, 26),
    ("neck", "shoulder", 40, 46),
)
"""Limbs, each with its radius at both ends, mm: these serve the eye, nothing is computed from them."""
_MIDDLE: Final = (("lumbar", "neck", 98, 80), ("neck", "head", 42, 42), ("head", "head", 95, 95))
_SIDE_NUMBERS: Final = {"right": RIGHT, "left": LEFT}
_SOLE: Final = ("ankle", "heel", "toe")
_NEEDED: Final = ("hip", "knee", "ankle", "toe")


def knows_joints(trial: xr.Dataset) -> bool:
    """Whether a trial has the joint centers of both legs, by the names of `build_stick_person`."""
    if "skeleton_position" not in trial:
        return False
    names = set(trial["skeleton_position"]["joint"].values.tolist())
    return all(f"{joint}_{foot}" in names for joint in _NEEDED for foot in FEET)


def build_stick_person(skeleton_position: xr.DataArray) -> Skeleton:
    """Skeleton of a person of whom the joint centers are known.

    Parameters
    ----------
    skeleton_position
        Joint centers (time, joint, axis), m. Drawn are ``hip``, ``knee``, ``ankle``, ``heel``, ``toe``, ``shoulder``,
        ``elbow`` and ``wrist``, each with ``_right`` or ``_left``, and ``pelvis``, ``lumbar``, ``neck`` and ``head``;
        those that are absent are left out, others are ignored.

    Examples
    --------
    >>> import numpy as np
    >>> joints = ["hip_right", "knee_right", "ankle_right"]
    >>> place = xr.DataArray(
    ...     np.zeros((2, 3, 3)), dims=("time", "joint", "axis"), coords={"joint": joints, "axis": list("xyz")}
    ... )
    >>> build_stick_person(place).bones
    ((0, 1, 75, 52), (1, 2, 50, 34))
    """
    chains = tuple(_chains())
    soles = [[_sided(joint, foot) for joint in _SOLE] for foot in FEET]
    drawn = {"pelvis"}.union(*(chain[:2] for chain in chains), *soles)
    names = [name for name in skeleton_position["joint"].values.tolist() if name in drawn]
    number = {name: place for place, name in enumerate(names)}
    position = skeleton_position.sel(joint=names, axis=list(AXES)).transpose("time", "joint", "axis")
    return Skeleton(
        names=tuple(names),
        sides=tuple(_SIDE_NUMBERS.get(name.split("_")[-1], MIDDLE) for name in names),
        position_m=position.values.astype(float),
        marker_count=0,
        links=(),
        bones=tuple(
            (number[a], number[b], wide, narrow)
            for a, b, wide, narrow in chains
            if a in number and b in number
        ),
        soles=tuple(tuple(number[name] for name in sole) for sole in soles if all(n in number for n in sole)),
        ring=tuple(number[name] for name in ("pelvis", "lumbar") if name in number),
        feet=tuple(
            tuple(number[name] for name in (f"heel_{foot}", f"toe_{foot}") if name in number) for foot in FEET
        ),
    )


def _chains() -> Iterator[tuple[str, str, int, int]]:
    yield from _MIDDLE
    for foot in FEET:
        for upper, lower, wide_mm, narrow_mm in _SIDED:
            yield _sided(upper, foot), _sided(lower, foot), wide_mm, narrow_mm


def _sided(joint: str, foot: str) -> str:
    return joint if joint == "neck" else f"{joint}_{foot}"
