r"""From the raw channels of a force plate to force, moment and center of pressure.

A .c3d file keeps what the amplifier gave, in the plate's own axes, with its place in the laboratory. With
the calibrated force :math:`f` and moment :math:`m` about the transducer, and :math:`o` from the transducer
to the middle of the plate's surface (axes of the plate, z into the floor), the moment about that middle is
:math:`m_s = m + f \times o`, and the center of pressure, where the horizontal moment vanishes, is
:math:`(-m_{s,y}, m_{s,x}, 0) / f_z`. The corners of the plate turn and carry both into the laboratory.

References
----------
The C3D file format, user guide, chapter FORCE_PLATFORM, https://www.c3d.org/docs/C3D_User_Guide.pdf
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaitbook.conventions import CONTACT_FORCE_N

Array = NDArray[np.float64]
N_CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}
FORCE_UNITS = {"n": 1.0, "newton": 1.0, "newtons": 1.0, "kn": 1e3}
LENGTH_UNITS_M = {"mm": 1e-3, "millimeters": 1e-3, "cm": 1e-2, "dm": 1e-1, "m": 1.0, "meters": 1.0}


@dataclass(frozen=True)
class Plate:
    """What one plate measured, in the axes of the file's laboratory.

    Attributes
    ----------
    force, moment
        ``(time, 3)``, N and N m about the laboratory's origin, on the person.
    center_of_pressure
        ``(time, 3)``, m; NaN while the plate is unloaded.
    free_moment
        ``(time,)``, N m about the upward normal of the plate; zero while it is unloaded.
    corners
        ``(4, 3)``, m.
    notes
        What had to be decided or changed, in words.
    """

    force: Array
    moment: Array
    center_of_pressure: Array
    free_moment: Array
    corners: Array
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PlateSetup:
    """Calibration and place of one plate: corners ``(4, 3)`` and origin ``(3,)``, m; matrix ``(6, 6)``."""

    number: int
    kind: int
    corners: Array
    origin: Array
    channels: tuple[int, ...]
    matrix: Array | None


class UnreadablePlateError(ValueError):
    """A plate cannot be used; the message says why."""


def read_corners(platform: Mapping[str, Any], meters: float) -> Array:
    """Corners of all plates ``(plate, 4, 3)``, m; empty where the file does not place them."""
    corners = np.asarray(_value(platform, "CORNERS"), dtype=float)
    if corners.ndim != 3 or corners.shape[:2] != (3, 4):  # noqa: PLR2004 - three coordinates of four corners
        return np.empty((0, 4, 3))
    return np.transpose(corners, (2, 1, 0)) * meters


def read_setup(platform: Mapping[str, Any], index: int, meters: float) -> PlateSetup:
    """Calibration and place of plate ``index`` from FORCE_PLATFORM of a file in ``meters`` per unit.

    Raises
    ------
    UnreadablePlateError
        Its type is not one of 1-4, or its parameters are incomplete.
    """
    kinds, corners = np.ravel(_value(platform, "TYPE")), read_corners(platform, meters)
    origin = np.asarray(_value(platform, "ORIGIN"), dtype=float).reshape(3, -1) * meters
    channel = np.asarray(_value(platform, "CHANNEL"), dtype=int)
    channel = channel.reshape(channel.shape[0] if channel.ndim else 0, -1)
    if min(kinds.size, len(corners), origin.shape[1], channel.shape[1]) <= index:
        raise UnreadablePlateError("the file does not give its type, corners, origin and channels")
    kind = int(kinds[index])
    if kind not in N_CHANNELS:
        raise UnreadablePlateError(f"plates of type {kind} are not read (types 1 to 4 are)")
    if channel.shape[0] < N_CHANNELS[kind]:
        raise UnreadablePlateError(f"it needs {N_CHANNELS[kind]} channels, the file lists {channel.shape[0]}")
    if (
        np.linalg.norm(np.cross(corners[index, 0] - corners[index, 1], corners[index, 0] - corners[index, 3]))
        == 0
    ):
        raise UnreadablePlateError("its four corners do not span a surface")
    channels = tuple(int(number) - 1 for number in channel[: N_CHANNELS[kind], index])
    return PlateSetup(
        index + 1, kind, corners[index], origin[:, index], channels, _calibration(platform, index, kind)
    )


def compute_plate(setup: PlateSetup, analog: Array, units: list[str], *, meters: float, up: Array) -> Plate:
    """Force, moment and center of pressure of a plate from the analog channels of the file.

    Parameters
    ----------
    setup
        Calibration and place of the plate.
    analog
        ``(channel, time)``, scaled as the file says, in ``units``.
    units
        Unit of each channel; an empty one is taken in N and N times the length unit of the points.
    meters
        Length unit of the points, m.
    up
        ``(3,)`` unit vector, upward in the laboratory of the file.

    Raises
    ------
    UnreadablePlateError
        A channel is missing, in a unit that is neither a force nor a moment, or saturated throughout.
    """
    if not set(setup.channels) <= set(range(len(analog))):
        raise UnreadablePlateError("its channels are not among the analog channels of the file")
    scales = _channel_scales(setup, [units[channel] for channel in setup.channels], meters)
    raw = analog[list(setup.channels)]
    force, moment = _plate_axes(setup, raw if setup.matrix is None else setup.matrix @ raw, scales)
    rotation = _rotation(setup.corners)
    force, moment = force @ rotation.T, moment @ rotation.T
    vertical = force @ up
    if len(vertical) > 1 and np.ptp(vertical) == 0 and vertical[0] != 0:
        raise UnreadablePlateError(
            f"its force never changes ({vertical[0]:.0f} N upward): it was saturated or off"
        )
    notes: tuple[str, ...] = ()
    loaded = np.abs(vertical) >= CONTACT_FORCE_N
    if loaded.any() and vertical[loaded].mean() < 0:
        force, moment = -force, -moment
        notes = (
            f"plate {setup.number}: the file gives the force on the plate; turned into that on the person",
        )
    return _place(force, moment, setup.corners, up=up, notes=notes)


def _value(platform: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - as ezc3d gives it
    return platform.get(name, {}).get("value", ())


def _calibration(platform: Mapping[str, Any], index: int, kind: int) -> Array | None:
    if kind != 4:  # noqa: PLR2004 - the one type whose channels are uncalibrated
        return None
    matrix = np.asarray(_value(platform, "CAL_MATRIX"), dtype=float)
    if matrix.ndim != 3 or matrix.shape[:2] != (6, 6) or matrix.shape[2] <= index:  # noqa: PLR2004
        raise UnreadablePlateError(
            "a plate of type 4 needs its calibration matrix (FORCE_PLATFORM:CAL_MATRIX)"
        )
    return np.asarray(matrix[:, :, index], dtype=float)


def _channel_scales(setup: PlateSetup, units: list[str], meters: float) -> Array:
    """Factor of each calibrated channel to N, N m or (type 1, channels 4 and 5) m."""
    if setup.matrix is not None:
        return np.array([1.0] * 3 + [meters] * 3)
    if setup.kind == 1:
        return np.array(
            [_force(u) for u in units[:3]]
            + [_length(u, meters) for u in units[3:5]]
            + [_moment(units[5], meters)]
        )
    n_forces = 8 if setup.kind == 3 else 3  # noqa: PLR2004 - type 3: eight transducers, forces only
    return np.array([_force(u) for u in units[:n_forces]] + [_moment(u, meters) for u in units[n_forces:]])


def _force(unit: str) -> float:
    if unit.strip().lower() not in (*FORCE_UNITS, ""):
        raise UnreadablePlateError(f"a force channel is in {unit!r}, expected N: export calibrated forces")
    return FORCE_UNITS.get(unit.strip().lower(), 1.0)


def _length(unit: str, meters: float) -> float:
    return LENGTH_UNITS_M.get(unit.strip().lower(), meters)


def _moment(unit: str, meters: float) -> float:
    text = unit.strip().lower().replace(".", "").replace("*", "").replace("-", "").replace(" ", "")
    if not text:
        return meters
    for force, newtons in FORCE_UNITS.items():
        if text.startswith(force) and text[len(force) :] in LENGTH_UNITS_M:
            return newtons * LENGTH_UNITS_M[text[len(force) :]]
    raise UnreadablePlateError(
        f"a moment channel is in {unit!r}, expected N m or N mm: export calibrated moments"
    )


def _plate_axes(setup: PlateSetup, channels: Array, scales: Array) -> tuple[Array, Array]:
    """Force and moment about the middle of the surface, ``(time, 3)``, in the axes of the plate."""
    values = (channels * scales[:, None]).T
    # The origin points from the transducer up to the surface; some makers store it the other way round.
    origin = -setup.origin if setup.origin[2] > 0 else setup.origin
    if setup.kind == 1:
        force, zero = values[:, :3], np.zeros(len(values))
        point = np.column_stack([values[:, 3], values[:, 4], zero])
        return force, np.cross(point, force) + np.column_stack([zero, zero, values[:, 5]])
    if setup.kind == 3:  # noqa: PLR2004 - four transducers at the corners of a rectangle
        fx12, fx34, fy14, fy23, *fz = values.T
        a, b = np.abs(setup.origin[:2])
        force = np.column_stack([fx12 + fx34, fy14 + fy23, sum(fz)])
        moment_x, moment_y = b * (fz[0] + fz[1] - fz[2] - fz[3]), a * (fz[1] + fz[2] - fz[0] - fz[3])
        moment = np.column_stack([moment_x, moment_y, b * (fx34 - fx12) + a * (fy14 - fy23)])
        return force, moment + np.cross(force, [0.0, 0.0, origin[2]])
    return values[:, :3], values[:, 3:] + np.cross(values[:, :3], origin)


def _rotation(corners: Array) -> Array:
    x = corners[0] - corners[1]
    z = np.cross(x, corners[0] - corners[3])
    axes = np.array([x, np.cross(z, x), z])
    return (axes / np.linalg.norm(axes, axis=1, keepdims=True)).T


def _place(force: Array, moment: Array, corners: Array, *, up: Array, notes: tuple[str, ...]) -> Plate:
    """Plate in the laboratory from force and moment about the middle of its surface (laboratory axes)."""
    middle, normal = corners.mean(axis=0), _rotation(corners)[:, 2]
    across = force @ normal
    loaded = np.abs(force @ up) >= CONTACT_FORCE_N
    # The point at which n x m / (n f) brings the horizontal moment to zero.
    arm = np.divide(
        np.cross(normal, moment), across[:, None], out=np.full_like(force, np.nan), where=loaded[:, None]
    )
    free = np.where(loaded, (moment - np.cross(arm, force)) @ up, 0.0)
    return Plate(force, moment + np.cross(middle, force), middle + arm, free, corners, notes)
