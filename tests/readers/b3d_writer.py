"""Writes small AddBiomechanics files, field by field, without protobuf."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

MODEL = """<?xml version="1.0" encoding="UTF-8" ?>
<OpenSimDocument Version="40000"><Model name="stub"><JointSet><objects>
  <CustomJoint name="ground_pelvis">
    <socket_parent_frame>ground_offset</socket_parent_frame><socket_child_frame>pelvis_offset</socket_child_frame>
    <coordinates><Coordinate name="pelvis_tilt"/><Coordinate name="pelvis_tx"/><Coordinate name="pelvis_ty"/>
      <Coordinate name="pelvis_tz"/></coordinates>
    <frames><PhysicalOffsetFrame name="ground_offset"><socket_parent>/ground</socket_parent></PhysicalOffsetFrame>
      <PhysicalOffsetFrame name="pelvis_offset"><socket_parent>/bodyset/pelvis</socket_parent></PhysicalOffsetFrame>
    </frames></CustomJoint>
  <PinJoint name="hip_r"><socket_parent_frame>/bodyset/pelvis</socket_parent_frame>
    <socket_child_frame>/bodyset/femur_r</socket_child_frame>
    <coordinates><Coordinate name="hip_flexion_r"/></coordinates></PinJoint>
  <PinJoint name="hip_l"><socket_parent_frame>/bodyset/pelvis</socket_parent_frame>
    <socket_child_frame>/bodyset/femur_l</socket_child_frame>
    <coordinates><Coordinate name="hip_flexion_l"/></coordinates></PinJoint>
  <PinJoint name="knee_r"><socket_parent_frame>/bodyset/femur_r</socket_parent_frame>
    <socket_child_frame>/bodyset/tibia_r</socket_child_frame>
    <coordinates><Coordinate name="knee_angle_r"/></coordinates></PinJoint>
  <PinJoint name="patella_r"><socket_parent_frame>/bodyset/femur_r</socket_parent_frame>
    <socket_child_frame>/bodyset/patella_r</socket_child_frame>
    <coordinates><Coordinate name="kneecap_r"/></coordinates></PinJoint>
</objects></JointSet><ConstraintSet><objects><CoordinateCouplerConstraint>
  <dependent_coordinate_name>kneecap_r</dependent_coordinate_name></CoordinateCouplerConstraint></objects>
</ConstraintSet></Model></OpenSimDocument>"""

COORDINATES = (
    "pelvis_tilt",
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
    "hip_flexion_r",
    "knee_angle_r",
    "hip_flexion_l",
)
"""Depth first: the right knee comes before the left hip, which the model names earlier; the kneecap is tied."""

MARKERS = ("RHEE", "LHEE", "RTOE", "LTOE", "")


@dataclass
class WrittenTrial:
    """A trial to write: position (time, 7), and force, point and torque by contact body and by plate."""

    position: np.ndarray
    markers: np.ndarray
    contact: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    plates: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    name: str = "walk one"
    passes: tuple[int, ...] = (0,)
    missing: tuple[int, ...] = ()
    time_step_s: float = 0.01


@dataclass
class WrittenFile:
    """A file to write."""

    trials: list[WrittenTrial]
    bodies: tuple[str, ...] = ("calcn_r", "calcn_l")
    coordinates: int = len(COORDINATES)
    model: str = MODEL
    sex: str = "female"
    facts: dict[int, float] = field(default_factory=lambda: {14: 1.7, 15: 60.0})


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def integer(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value) if value else b""


def double(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value)


def block(number: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def doubles(number: int, values: Iterable[float]) -> bytes:
    packed = np.asarray(values, dtype="<f8").tobytes()
    return block(number, packed) if packed else b""


def sensor_frame(trial: WrittenTrial, at: int) -> bytes:
    frame = doubles(2, trial.markers[at].ravel())
    if trial.plates is not None:
        force, point, torque = (each[at].ravel() for each in trial.plates)
        frame += doubles(7, point) + doubles(8, torque) + doubles(9, force)
    return frame


def pass_frame(trial: WrittenTrial, at: int, number: int, bodies: int) -> bytes:
    zero = np.zeros((len(trial.position), bodies, 3))
    # AddBiomechanics leaves the force of the first, kinematic pass at zero
    given = trial.contact if trial.contact is not None and number else (zero, zero, zero)
    force, point, torque = (each[at].ravel() for each in given)
    position = doubles(1, trial.position[at] + number)
    return (
        position
        + doubles(5, np.zeros(6 * bodies))
        + doubles(6, point)
        + doubles(7, torque)
        + doubles(8, force)
    )


def trial_header(trial: WrittenTrial) -> bytes:
    n_frames = len(trial.position)
    header = block(1, trial.name)
    header += block(2, b"".join(map(varint, trial.missing or (0,) * n_frames)))
    header += integer(3, n_frames) + double(4, trial.time_step_s)
    header += b"".join(block(5, integer(1, kind)) for kind in trial.passes)
    return header + integer(7, 0 if trial.plates is None else trial.plates[0].shape[1]) + block(10, "walk")


def write_b3d(path: Path, file: WrittenFile) -> Path:
    """Write a file and return its path."""
    first = file.trials[0]
    header = integer(1, file.coordinates) + integer(2, len(file.trials))
    header += integer(3, len(sensor_frame(first, 0))) + integer(
        4, len(pass_frame(first, 0, 0, len(file.bodies)))
    )
    header += b"".join(block(5, integer(1, kind) + block(2, file.model)) for kind in first.passes)
    header += b"".join(block(6, body) for body in file.bodies)
    header += b"".join(block(9, trial_header(trial)) for trial in file.trials)
    header += (
        integer(10, 4) + block(11, "https://example.org/study") + block(12, "cite us") + block(13, file.sex)
    )
    header += b"".join(double(number, value) for number, value in file.facts.items()) + integer(16, 30)
    header += b"".join(block(17, name) for name in MARKERS) + block(23, "healthy")
    frames = [
        sensor_frame(trial, at)
        + b"".join(pass_frame(trial, at, number, len(file.bodies)) for number in range(len(trial.passes)))
        for trial in file.trials
        for at in range(len(trial.position))
    ]
    path.write_bytes(struct.pack("<q", len(header)) + header + b"".join(frames))
    return path
