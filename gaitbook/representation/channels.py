"""The numbers of a frame that the models see, by name, in one fixed order.

Motion first: velocity and height of the pelvis, every angle, six numbers for each joint with three axes, and rates.
Then the force under each foot. Then, only ever given and never asked for, what follows from the motion: where the feet
are, and the force and moment that it requires by Newton and Euler. All are free of the size of the person: lengths in
heights, forces per body mass.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import torch
from torch import Tensor

from gaitbook.conventions import AXES, FEET

SAMPLING_RATE_HZ: Final = 100.0

THREE_AXES: Final[Mapping[str, tuple[str, str, str]]] = {
    "pelvis": ("pelvis_tilt", "pelvis_list", "pelvis_rotation"),
    "hip_r": ("hip_flexion_r", "hip_adduction_r", "hip_rotation_r"),
    "hip_l": ("hip_flexion_l", "hip_adduction_l", "hip_rotation_l"),
    "lumbar": ("lumbar_extension", "lumbar_bending", "lumbar_rotation"),
    "shoulder_r": ("arm_flex_r", "arm_add_r", "arm_rot_r"),
    "shoulder_l": ("arm_flex_l", "arm_add_l", "arm_rot_l"),
}
"""Joints with three axes and their coordinates in the order of the turns."""
ONE_AXIS: Final = (
    "knee_angle_r",
    "ankle_angle_r",
    "subtalar_angle_r",
    "knee_angle_l",
    "ankle_angle_l",
    "subtalar_angle_l",
    "elbow_flex_r",
    "elbow_flex_l",
)
ANGLES: Final = (*(name for names in THREE_AXES.values() for name in names), *ONE_AXIS)
"""Coordinates that are represented; the toes, the wrists and the turn of the forearm are not."""

VELOCITY: Final = tuple(f"pelvis_velocity/{axis}" for axis in AXES)
HEIGHT: Final = "pelvis_height"
ANGLE_CHANNELS: Final = tuple(f"angle/{name}" for name in ANGLES)
ROTATIONS: Final = tuple(f"rotation/{joint}/{number}" for joint in THREE_AXES for number in range(6))
RATES: Final = tuple(f"rate/{name}" for name in ANGLES)
"""Of a joint with three axes: its angular velocity along x, y, z under the names of its three coordinates."""
MOTION: Final = (*VELOCITY, HEIGHT, *ANGLE_CHANNELS, *ROTATIONS, *RATES)

FORCE: Final = tuple(
    f"{what}/{foot}"
    for foot in FEET
    for what in ("force/x", "force/y", "force/z", "pressure/x", "pressure/z", "free_moment")
)
"""Force, N/kg; center of pressure from the calcaneus times vertical force, N/kg heights; free moment, N/kg heights."""
FOOT_POINTS: Final = ("heel", "forefoot")
FEET_PLACES: Final = tuple(
    f"{name}/{foot}"
    for foot in FEET
    for point in FOOT_POINTS
    for name in (*(f"{point}/{axis}" for axis in AXES), f"{point}_velocity/x", f"{point}_velocity/y")
)
"""Where the feet of a body of standard proportions would be, heights, and how fast they are over the ground, heights/s.

Ahead and aside they count from the pelvis, upward from their own lowest level.
"""
REQUIRED: Final = tuple(f"required_{what}/{axis}" for what in ("force", "moment") for axis in AXES)
"""Force, N/kg, and moment about the point of the floor under the pelvis, N/kg heights."""
PHYSICS: Final = (*FEET_PLACES, *REQUIRED)

CHANNELS: Final = (*MOTION, *FORCE, *PHYSICS)
STATES: Final = len(MOTION) + len(FORCE)
"""The channels before this number are what a model completes; those after it are only ever given."""

PERSON: Final = ("speed_mps", "height_m", "mass_kg", "female")
"""What may be known of the person and the trial as a whole."""

_NUMBER: Final = {name: number for number, name in enumerate(CHANNELS)}
_AXIS_SIGN: Final = {"x": 1.0, "y": 1.0, "z": -1.0}
_ODD: Final = ("pelvis_list", "pelvis_rotation", "lumbar_bending", "lumbar_rotation")


def numbers_of(names: Iterable[str]) -> list[int]:
    """Places of channels among `CHANNELS`.

    Raises
    ------
    KeyError
        A name is no channel; all such names are listed.
    """
    wanted = list(names)
    unknown = [name for name in wanted if name not in _NUMBER]
    if unknown:
        raise KeyError(f"no channel {', '.join(unknown)}: CHANNELS lists them all")
    return [_NUMBER[name] for name in wanted]


def channels_of(coordinate: str) -> list[str]:
    """Channels that are not known where a coordinate is not: its angle, and what is made of all axes of its joint.

    Parameters
    ----------
    coordinate
        One of `ANGLES`.

    Raises
    ------
    KeyError
        The coordinate is not represented.
    """
    if coordinate not in ANGLES:
        raise KeyError(f"coordinate {coordinate!r} is not represented; there are {', '.join(ANGLES)}")
    own = [f"angle/{coordinate}"]
    for joint, names in THREE_AXES.items():
        if coordinate in names:
            turned = [f"rotation/{joint}/{number}" for number in range(6)]
            return own + turned + [f"rate/{name}" for name in names]
    return [*own, f"rate/{coordinate}"]


def mirror_table() -> tuple[list[int], list[float]]:
    """Of every channel of the mirror image: which channel it comes from, and with what sign.

    Sides change places; what points or turns to the right points or turns to the left. Limbs are described alike on
    both sides, so that what belongs to one keeps its sign.
    """
    return [_NUMBER[_other_side(name)] for name in CHANNELS], [_mirror_sign(name) for name in CHANNELS]


def mirror(values: Tensor) -> Tensor:
    """Mirror image of channels (..., channel)."""
    source, sign = mirror_table()
    return values[..., source] * torch.tensor(sign)


def _other_side(name: str) -> str:
    for one, other in (("_r", "_l"), ("right", "left")):
        for here, there in ((one, other), (other, one)):
            if name.endswith(here) or f"{here}/" in name:
                return there.join(name.rsplit(here, 1))
    return name


def _mirror_sign(name: str) -> float:
    what, *rest = name.split("/")
    if what == "angle":
        return -1.0 if rest[0] in _ODD else 1.0
    if what == "rate":
        return _rate_sign(rest[0])
    if what == "rotation":
        row, column = divmod(int(rest[1]), 3)
        middle = rest[0] in ("pelvis", "lumbar")
        return -1.0 if middle and (row == 2) != (column == 2) else 1.0  # noqa: PLR2004 - the axis to the right
    if what == "required_moment":
        return -_AXIS_SIGN[rest[0]]
    if what == "free_moment":
        return -1.0
    return _AXIS_SIGN[rest[0]] if rest and rest[0] in _AXIS_SIGN else 1.0


def _rate_sign(coordinate: str) -> float:
    for joint in ("pelvis", "lumbar"):
        names = THREE_AXES[joint]
        if coordinate in names:
            # the mirror image of a turn about x or y runs the other way
            return -_AXIS_SIGN[AXES[names.index(coordinate)]]
    return 1.0
