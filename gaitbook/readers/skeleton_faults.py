"""Joints that cannot be those of a person: sides exchanged, an order of another tracker, a head below the feet."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.readers.skeleton_axes import (
    PLAIN_M,
    WIDE_M,
    head_from_feet,
    joint,
    middle,
    to_the_front,
    to_the_right,
)
from gaitbook.readers.skeleton_layouts import load_bones

Array = NDArray[np.float64]
UP: Final = np.array([0.0, 1.0, 0.0])
PAIRS: Final = ("SHOULDER", "HIP", "KNEE", "ANKLE", "ELBOW", "EAR", "EYE", "CLAVICLE")
"""Joints whose left one is on the left nearly always; wrists cross."""
CROSSED_M: Final = 0.03
UNEQUAL: Final = 1.5
UNEQUAL_M: Final = 0.15
"""Both sides of a body differ by less than this ratio or, where a camera errs about short bones, by less than this."""


def find_faults(position_m: Array) -> list[str]:
    """Everything that says that the joints are not those of a person, one sentence each; empty if nothing does.

    Parameters
    ----------
    position_m
        (time, 26, axis), m, x forward, y up, z right.
    """
    height = head_from_feet(position_m)
    if np.isfinite(height).all() and height[1] < 0:
        return [
            f"the head (HEAD) lies {-height[1]:.2f} m below the feet (ANKLE_LEFT, ANKLE_RIGHT): the file is "
            "upside down (give up, the axis that points up), or the order of its joints is another one (give layout)"
        ]
    bones = list(_bone_faults(position_m))
    if bones:
        return bones
    return [*_side_faults(position_m), *_front_faults(position_m)]


def _bone_faults(position_m: Array) -> Iterator[str]:
    """Bones of impossible lengths, and the joints that they have in common."""
    wrong: dict[tuple[str, str], str] = {}
    for first, second, low_m, high_m in load_bones():
        length_m = _length(position_m, first, second)
        if np.isfinite(length_m) and not low_m <= length_m <= high_m:
            wrong[first, second] = f"{first} to {second} {length_m:.2f} m (expected {low_m:g} to {high_m:g})"
    for first, second, *_ in load_bones():
        other = first.replace("LEFT", "RIGHT"), second.replace("LEFT", "RIGHT")
        if not (first.endswith("LEFT") and second.endswith("LEFT")):
            continue
        left, right = _length(position_m, first, second), _length(position_m, *other)
        unequal = max(left, right) > max(UNEQUAL * min(left, right), UNEQUAL_M + min(left, right))
        if not wrong and unequal:
            wrong[first, second] = f"{first} to {second} {left:.2f} m, but {right:.2f} m on the other side"
    if wrong:
        names = [name for pair in wrong for name in pair]
        suspects = sorted(set(names), key=lambda name: (-names.count(name), names.index(name)))
        yield (
            f"bones have lengths of no person: {'; '.join(list(wrong.values())[:4])}; joints out of place: "
            f"{', '.join(suspects[:6])}. The order of the joints is another one: give layout, or correct the columns"
        )


def _side_faults(position_m: Array) -> Iterator[str]:
    right = to_the_right(position_m, UP)
    if np.linalg.norm(right) < WIDE_M:
        return
    right = right / np.linalg.norm(right)
    across = {part: _across(position_m, part) @ right for part in PAIRS}
    crossed = [part for part, distance_m in across.items() if distance_m < -CROSSED_M]
    if crossed:
        names = ", ".join(f"{part}_LEFT and {part}_RIGHT" for part in crossed)
        yield f"left and right are exchanged in {names}, but not in the rest of the body: correct their names"


def _front_faults(position_m: Array) -> Iterator[str]:
    right, front = to_the_right(position_m, UP), to_the_front(position_m, UP)
    if np.linalg.norm(right) < WIDE_M or np.linalg.norm(front) < PLAIN_M:
        return
    forward = np.cross(UP, right / np.linalg.norm(right))
    if forward @ front < -PLAIN_M:
        yield (
            "toes (FOOT), knees (KNEE) and nose (NOSE) point backward: left and right are exchanged in all joints, "
            "or one axis is mirrored; exchange the names of the sides or the sign of the sideways axis"
        )


def _across(position_m: Array, part: str) -> Array:
    return np.nan_to_num(middle(joint(position_m, f"{part}_RIGHT") - joint(position_m, f"{part}_LEFT")))


def _length(position_m: Array, first: str, second: str) -> float:
    length = np.linalg.norm(joint(position_m, first) - joint(position_m, second), axis=1)
    return float(np.median(length[np.isfinite(length)])) if np.isfinite(length).any() else np.nan
