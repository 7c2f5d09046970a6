"""Unit and axes of a skeleton, told by the body itself: how large it is, where its head is, where it faces.

A person is between a small child and a giant in size, the head is above the ankles, and toes, nose and bent knees are
in front. Left and right are taken from the names of the joints; what lies in front says whether they were exchanged.
"""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.readers.skeleton_layouts import joint_names

Array = NDArray[np.float64]
METERS_PER_UNIT: Final = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
SMALLEST_M, LARGEST_M = 0.3, 3.0
"""Largest extent of a person along any axis, sitting child to giant with raised arms."""
AXIS: Final = re.compile(r"^([+-]?)([xyz])$")
DECISIVE: Final = 1.3
"""The line from ankles to head is this much longer along the vertical than along any other axis."""
NEAR_RAD: Final = np.deg2rad(20.0)
"""A person who faces an axis of the file to within this is said to face it, and the axes are kept."""
WIDE_M: Final = 0.08
"""Hips and shoulders are farther apart than this, unless a picture shows them from the side."""
PLAIN_M: Final = 0.02
"""What lies in front of the body is plain beyond this."""
ACROSS: Final = ("SHOULDER", "HIP")
FRONT: Final = (("FOOT", ("ANKLE",)), ("KNEE", ("HIP", "ANKLE")))
SIDES: Final = ("LEFT", "RIGHT")


def joint(position: Array, name: str) -> Array:
    """Places (time, axis) of a joint in an array (time, 26, axis)."""
    return position[:, joint_names().index(name)]


def middle(values: Array) -> Array:
    """Median over time (axis,); NaN where nothing was seen."""
    seen = values[np.isfinite(values).all(axis=1)]
    return np.median(seen, axis=0) if len(seen) else np.full(values.shape[1], np.nan)


def find_unit(position: Array) -> tuple[float, str]:
    """Meters in a unit of the file, and why.

    Raises
    ------
    ValueError
        The person is neither of a size in m nor of one in mm.
    """
    extent = body_extent(position)
    for unit in ("m", "mm"):
        meters = METERS_PER_UNIT[unit]
        if SMALLEST_M <= extent * meters <= LARGEST_M:
            return (
                meters,
                f"read in {unit}: the body extends over {extent:.4g} units, {extent * meters:.2f} m",
            )
    centimeters = SMALLEST_M <= extent * METERS_PER_UNIT["cm"] <= LARGEST_M
    hint = " ('cm' would give a person)" if centimeters else ", or meters per unit as a number"
    raise ValueError(
        f"the body extends over {extent:.4g} units, which is a person neither in m nor in mm: give unit{hint}"
    )


def body_extent(position: Array) -> float:
    """Median over time of the largest extent of the joints along any axis, in the unit given."""
    seen = np.isfinite(position).all(axis=2).sum(axis=1) > 2  # noqa: PLR2004 - two joints may well lie side by side
    if not seen.any():
        raise ValueError("no frame holds more than two joints: nobody was tracked")
    frames = position[seen]
    return float(np.median((np.nanmax(frames, axis=1) - np.nanmin(frames, axis=1)).max(axis=1)))


def read_axis(text: str) -> Array:
    """Unit vector of an axis written as ``y``, ``+y`` or ``-y``.

    Raises
    ------
    ValueError
        It is written otherwise.
    """
    match = AXIS.match(str(text).strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no axis: write it as y or -y")
    return (-1.0 if match[1] == "-" else 1.0) * np.eye(3)["xyz".index(match[2])]


def name_axis(vector: Array) -> str:
    """Name of the axis that a vector lies closest to."""
    index = int(np.abs(vector).argmax())
    return f"{'-' if vector[index] < 0 else ''}{'xyz'[index]}"


def head_from_feet(position: Array) -> Array:
    """From the middle of the ankles to the head, else the neck (axis,); NaN if either was never seen."""
    ankles = (joint(position, "ANKLE_LEFT") + joint(position, "ANKLE_RIGHT")) / 2
    tops = [middle(joint(position, name) - ankles) for name in ("HEAD", "NECK", "NOSE")]
    return next((top for top in tops if np.isfinite(top).all()), np.full(3, np.nan))


def find_up(position: Array) -> Array:
    """Axis (axis,) along which the head is above the ankles.

    Raises
    ------
    ValueError
        Head or ankles were not seen, or the person does not stand or sit along an axis of the file.
    """
    height = head_from_feet(position)
    if not np.isfinite(height).all():
        raise ValueError("head or ankles were never seen, which would tell what is up: give up, such as '-y'")
    _, second, first = np.sort(np.abs(height))
    if first < DECISIVE * second:
        raise ValueError("the person does not stand along an axis of the file: give up, such as '-y'")
    return read_axis(name_axis(height))


def to_the_right(position: Array, up: Array) -> Array:
    """Horizontal vector from the left to the right hips and shoulders (axis,), in the unit given."""
    across = [middle(joint(position, f"{part}_RIGHT") - joint(position, f"{part}_LEFT")) for part in ACROSS]
    known = [vector for vector in across if np.isfinite(vector).all()]
    total = np.mean(known, axis=0) if known else np.zeros(3)
    return np.asarray(total - (total @ up) * up)


def to_the_front(position: Array, up: Array) -> Array:
    """Horizontal vector along which toes, bent knees and nose lie in front of the body (axis,)."""
    parts = []
    for part, behind in FRONT:
        for side in SIDES:
            back = np.mean([joint(position, f"{name}_{side}") for name in behind], axis=0)
            parts.append(middle(joint(position, f"{part}_{side}") - back))
    ears = (joint(position, "EAR_LEFT") + joint(position, "EAR_RIGHT")) / 2
    parts.append(middle(joint(position, "NOSE") - ears))
    known = [vector for vector in parts if np.isfinite(vector).all()]
    total = np.sum(known, axis=0) if known else np.zeros(3)
    return np.asarray(total - (total @ up) * up)


def find_facing(position: Array, up: Array, meters: float) -> tuple[Array, str]:
    """Horizontal unit vector (axis,) that the person faces over the recording, and how it was found.

    Raises
    ------
    ValueError
        Neither the sides of the body nor what is in front of it tell.
    """
    across, front = to_the_right(position, up), to_the_front(position, up)
    if np.linalg.norm(across) * meters > WIDE_M:
        facing, reason = np.cross(up, across), "left and right of the body tell"
    elif np.linalg.norm(front) * meters > PLAIN_M:
        facing, reason = front, "toes, knees and nose tell"
    else:
        raise ValueError("nothing tells where the person faces: give facing, such as '-z'")
    facing = facing / np.linalg.norm(facing)
    nearest = read_axis(name_axis(facing))
    off_rad = float(np.arccos(np.clip(facing @ nearest, -1, 1)))
    if off_rad <= NEAR_RAD:
        return nearest, f"the person faces {name_axis(facing)} of the file ({reason})"
    return (
        facing,
        f"turned by {np.degrees(off_rad):.0f} degrees from {name_axis(facing)} of the file ({reason})",
    )


def body_axes(facing: Array, up: Array) -> Array:
    """Rows forward, up and right (3, 3), which take places of the file to the axes of the package."""
    forward = facing - (facing @ up) * up
    forward = forward / np.linalg.norm(forward)
    return np.stack([forward, up, np.cross(forward, up)])
