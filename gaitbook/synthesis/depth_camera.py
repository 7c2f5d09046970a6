r"""What an Azure Kinect makes of a person who faces it.

The error of a joint is the sum of what a tracker gets wrong in its own axes (right, up, away): noise that is
correlated in time, :math:`e_k = \rho e_{k-1} + \sqrt{1 - \rho^2}\,\sigma z_k`, larger along the line of sight and with
distance; an offset of the person, one of the room, a tilt, a scale, single joints thrown off; and of what it cannot
know, because it sees a surface: fat moves joints outward and forward. All numbers are in ``depth_camera.yml``; most
are assumptions, and the simulated skeletons prove nothing about the device.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from gaitbook.synthesis.camera_tables import (
    ALL_ERRORS,
    AZURE_KINECT_JOINTS,
    CameraErrors,
    joint_index,
    load_camera,
    load_joint_tables,
)

NONE, LOW, MEDIUM = 0, 1, 2
"""Confidence of a joint: out of range, not seen, seen. The device never gives its highest level."""
BIAS_STREAM, RECORDING_STREAM, ROOM_STREAM = 301, 302, 303
NEEDED = ("number", "bmi_kgm2", "visceral_fat_cm2")
PELVIS, SPINE_CHEST = 0, 2

Array = NDArray[Any]


class Observation(NamedTuple):
    """``position_m`` (time, 32, 3) in the frame and type of the truth; ``confidence`` (time, 32) of 0, 1, 2."""

    position_m: Array
    confidence: NDArray[np.int8]


class _Outliers(NamedTuple):
    """Joints thrown off (time, 32), those of them that the tracker knows to be lost, and where to (joint, 3), m."""

    thrown: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    shift_m: Array


def observe(
    true_position: Array,
    person: Mapping[str, Any],
    *,
    room: str = "A",
    facing_rad: float = 0.0,
    recording: int = 0,
    seed: int = 0,
    rng: np.random.Generator | None = None,
    errors: CameraErrors = ALL_ERRORS,
) -> Observation:
    """Return the skeleton that a depth camera in front of a person reports, 30 times a second.

    Parameters
    ----------
    true_position
        Joints of the body (time, 32, 3), m, in the order of `AZURE_KINECT_JOINTS`; x forward, y up, z right.
    person
        ``number``, ``bmi_kgm2`` and ``visceral_fat_cm2``, as in a row of `draw_people`.
    room
        ``"A"`` or ``"B"``.
    facing_rad
        Direction the person faces, from x about the vertical, positive to the left. The camera stands there.
    recording
        Which recording of the person it is: the offsets of person and room stay, all else is drawn anew.
    seed, rng
        Seed of the people; the recording's own random numbers follow from it unless ``rng`` brings them.
    errors
        Size of each kind of error.

    Returns
    -------
    Observation
        ``position_m`` and ``confidence``. With all errors zero, the position is the truth.

    Raises
    ------
    ValueError
        Shape, person or room make no sense; all faults are named.

    Examples
    --------
    >>> from gaitbook.synthesis.camera_tables import NO_ERRORS
    >>> person = {"number": 3, "bmi_kgm2": 24.0, "visceral_fat_cm2": 80.0}
    >>> observe(np.zeros((90, 32, 3)), person, errors=NO_ERRORS).position_m.any()
    np.False_
    """
    true_position = np.asarray(true_position)
    _require_sense(true_position, person, room)
    number = int(person["number"])
    rng = rng or np.random.default_rng([seed, number, RECORDING_STREAM, recording])
    body = _body_axes(facing_rad)
    camera = np.stack([-body[2], body[1], -body[0]])
    seen = _from_camera(true_position, body, camera)
    hidden = _hidden(seen)
    offset = errors.room * _room_offset(room) + errors.person_bias * _person_bias(seed, number)
    error = seen @ (_distortion(room, errors, rng) - np.eye(3)).T.astype(np.float32) + offset
    noise = _correlated(rng, len(seen))
    error += noise * _noise_size(seen, hidden, errors.noise)
    outliers = _outliers(rng, len(seen), errors.outlier)
    error[outliers.thrown] += outliers.shift_m
    unsure = np.einsum("tja,tja->tj", noise, noise) > load_joint_tables().unsure_above
    error = error @ camera.astype(np.float32) + (_fat_offset(person, errors) @ body).astype(np.float32)
    confidence = np.where(hidden | unsure | outliers.thrown, LOW, MEDIUM).astype(np.int8)
    confidence[outliers.lost | _out_of_range(seen)] = NONE
    return Observation((true_position + error).astype(true_position.dtype), confidence)


def list_rooms() -> tuple[str, ...]:
    """Names of the rooms with a camera."""
    return tuple(load_camera()["rooms"]["known"])


def _require_sense(true_position: Array, person: Mapping[str, Any], room: str) -> None:
    faults = []
    if true_position.ndim != 3 or true_position.shape[1:] != (len(AZURE_KINECT_JOINTS), 3):  # noqa: PLR2004
        faults.append(f"true_position has shape {true_position.shape}, expected (time, 32, 3)")
    elif not (len(true_position) and np.isfinite(true_position).all()):
        faults.append("true_position is empty or holds values that are no numbers: the truth has no gaps")
    unknown = [name for name in NEEDED if not np.isfinite(float(person.get(name, np.nan)))]
    if unknown:
        faults.append(f"person lacks {', '.join(unknown)}: pass a row of draw_people")
    if room not in list_rooms():
        faults.append(f"room is {room!r}, expected one of {', '.join(list_rooms())}")
    if faults:
        raise ValueError("The camera cannot observe: " + "; ".join(faults))


def _body_axes(facing_rad: float) -> Array:
    """Rows: forward, up, right of a person who faces this way."""
    cosine, sine = np.cos(facing_rad), np.sin(facing_rad)
    return np.array([[cosine, 0.0, -sine], [0.0, 1.0, 0.0], [sine, 0.0, cosine]])


def _from_camera(true_position: Array, body: Array, camera: Array) -> Array:
    """Joints seen from the camera: right, up, away (time, 32, 3), m."""
    place = load_camera()["camera"]
    stand = true_position[:, PELVIS].mean(axis=0) + place["distance_m"] * body[0]
    stand[1] = place["height_m"]
    return np.asarray((true_position - stand).astype(np.float32) @ camera.T.astype(np.float32))


def _hidden(seen: Array) -> NDArray[np.bool_]:
    """Joints of a leg behind the other leg, and of an arm behind the trunk, (time, 32)."""
    sizes, tables = load_camera()["hidden"], load_joint_tables()
    across, away = seen[..., 0], seen[..., 2]
    hidden = np.zeros(across.shape, dtype=bool)
    own, other = tables.pairs.T
    hidden[:, own] = (np.abs(across[:, own] - across[:, other]) < sizes["across_m"]) & (
        away[:, own] - away[:, other] > sizes["along_m"]
    )
    right, left = (joint_index(f"HIP_{side}") for side in ("RIGHT", "LEFT"))
    half_width = 0.5 * np.abs(across[:, right] - across[:, left]) + sizes["across_m"]
    beside = np.abs(across[:, tables.arms] - across[:, [PELVIS]])
    behind = away[:, tables.arms] - away[:, [SPINE_CHEST]]
    hidden[:, tables.arms] = (beside < half_width[:, None]) & (behind > sizes["trunk_behind_m"])
    return hidden


def _out_of_range(seen: Array) -> NDArray[np.bool_]:
    near, far = load_camera()["camera"]["range_m"]
    away = seen[..., 2]
    return np.asarray((away < near) | (away > far))


def _distortion(room: str, errors: CameraErrors, rng: np.random.Generator) -> Array:
    """Tilt of the room and scale of room and recording, (3, 3) in the camera's axes."""
    own = load_camera()["rooms"]["known"][room]
    pitch, roll = errors.room * own["pitch_rad"], errors.room * own["roll_rad"]
    about_right = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_sight = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    drawn = load_camera()["scale"]["deviation"] * rng.standard_normal()
    scale = (1.0 + errors.room * own["scale"]) * (1.0 + errors.scale * drawn)
    return np.asarray(scale * about_right @ about_sight)


@cache
def _room_offset(room: str) -> Array:
    rooms = load_camera()["rooms"]
    rng = np.random.default_rng([ROOM_STREAM, rooms["known"][room]["number"]])
    drawn = rng.standard_normal((len(AZURE_KINECT_JOINTS), 3), dtype=np.float32)
    return np.asarray(np.float32(rooms["offset_deviation_m"]) * drawn)


def _person_bias(seed: int, number: int) -> Array:
    drawn = np.random.default_rng([seed, number, BIAS_STREAM]).standard_normal(
        (len(AZURE_KINECT_JOINTS), 3), dtype=np.float32
    )
    return np.asarray(load_joint_tables().bias_m[:, None] * drawn)


def _fat_offset(person: Mapping[str, Any], errors: CameraErrors) -> Array:
    """How far fat moves the joints forward, up and right, (32, 3), m."""
    girth, fat = load_camera()["girth"], load_camera()["visceral_fat"]
    stout = (float(person["bmi_kgm2"]) - girth["mean_kgm2"]) / girth["deviation_kgm2"]
    belly = (float(person["visceral_fat_cm2"]) - fat["mean_cm2"]) / fat["deviation_cm2"]
    tables = load_joint_tables()
    return np.asarray(errors.girth * stout * tables.girth_m + errors.visceral_fat * belly * tables.fat_m)


def _correlated(rng: np.random.Generator, frames: int) -> Array:
    """Unit noise with the autocorrelation of the tracker from the first frame on, (time, 32, 3)."""
    rho = np.float32(load_camera()["noise"]["autocorrelation"])
    drawn = rng.standard_normal((frames, len(AZURE_KINECT_JOINTS) * 3), dtype=np.float32)
    drawn[1:] *= np.sqrt(1 - rho**2)
    noise = lfilter(np.array([1.0], dtype=np.float32), np.array([1.0, -rho], dtype=np.float32), drawn, axis=0)
    return np.asarray(noise.reshape(frames, -1, 3))


def _noise_size(seen: Array, hidden: NDArray[np.bool_], gain: float) -> Array:
    """Standard deviation of the noise (time, 32, 3), m."""
    numbers = load_camera()["noise"]
    floor = numbers["at_zero_distance"]
    grown = floor + (1 - floor) * (seen[..., 2] / np.float32(numbers["full_distance_m"])) ** 2
    grown *= gain * load_joint_tables().noise_m
    grown[hidden] *= numbers["hidden_ratio"]
    return np.asarray(grown[..., None] * np.array([1.0, 1.0, numbers["depth_ratio"]], dtype=np.float32))


def _outliers(rng: np.random.Generator, frames: int, gain: float) -> _Outliers:
    numbers = load_camera()["outlier"]
    drawn = rng.random((frames, len(AZURE_KINECT_JOINTS)), dtype=np.float32)
    share = gain * numbers["share"]
    thrown = drawn < share
    shift = numbers["deviation_m"] * rng.standard_normal((int(thrown.sum()), 3))
    return _Outliers(thrown, drawn < share * numbers["lost_share"], shift)
