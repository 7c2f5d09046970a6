"""A made-up person walking on a treadmill, and files of every format that hold their joints."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from gaitbook.readers.skeleton_layouts import joint_names, load_layout

RATE_HZ = 30.0
NAMES = joint_names(hands=True)
CAMERA = np.array([[0.0, 0, -1], [0, -1, 0], [-1, 0, 0]])
"""Rows x right, y down, z away of a camera in front of the person, in the axes forward, up, right."""
DISTANCE_M = np.array([0.0, -1.0, 3.0])
MIDDLE = {
    "PELVIS": (0, 0.95, 0), "SPINE_NAVEL": (0, 1.12, 0), "SPINE_CHEST": (0, 1.27, 0), "NECK": (0, 1.47, 0),
    "HEAD": (0.03, 1.60, 0), "NOSE": (0.15, 1.60, 0),
}  # fmt: skip
SIDED = {
    "CLAVICLE": (0, 1.44, 0.04), "SHOULDER": (0, 1.40, 0.17), "ELBOW": (0, 1.12, 0.22), "WRIST": (0.05, 0.88, 0.24),
    "HAND": (0.06, 0.81, 0.24), "HANDTIP": (0.07, 0.74, 0.24), "THUMB": (0.10, 0.82, 0.22), "HIP": (0, 0.91, 0.09),
    "EYE": (0.12, 1.63, 0.03), "EAR": (0.02, 1.61, 0.08),
}  # fmt: skip


def walking_person(frames: int = 45) -> np.ndarray:
    """Joints (time, 32, axis), m, x forward, y up, z right; the pelvis stays where it is but for its sway."""
    phase = 2 * np.pi * np.arange(frames) / RATE_HZ
    joints = {name: np.tile(place, (frames, 1)).astype(float) for name, place in MIDDLE.items()}
    for side, sign, shift in (("LEFT", -1.0, np.pi), ("RIGHT", 1.0, 0.0)):
        for part, (x, y, z) in SIDED.items():
            joints[f"{part}_{side}"] = np.tile((x, y, sign * z), (frames, 1))
        thigh, flexion = 0.1 + 0.35 * np.sin(phase + shift), 0.4 - 0.3 * np.cos(phase + shift)
        hip = joints[f"HIP_{side}"]
        knee = hip + 0.42 * np.stack([np.sin(thigh), -np.cos(thigh), 0 * thigh], axis=1)
        ankle = knee + 0.41 * np.stack([np.sin(thigh - flexion), -np.cos(thigh - flexion), 0 * thigh], axis=1)
        joints |= {
            f"KNEE_{side}": knee,
            f"ANKLE_{side}": ankle,
            f"FOOT_{side}": np.add(ankle, (0.15, -0.06, sign * 0.02)),
        }
    person = np.stack([joints[name] for name in NAMES], axis=1)
    person[..., 2] += 0.03 * np.sin(phase)[:, None]
    person[..., 1] += 0.02 * np.sin(2 * phase)[:, None]
    return person


def in_use(person: np.ndarray) -> np.ndarray:
    return person[:, [NAMES.index(name) for name in joint_names()]]


def as_camera_sees(person: np.ndarray) -> np.ndarray:
    """Joints in m in the axes of a camera 3 m in front of the person."""
    return person @ CAMERA.T + DISTANCE_M * (1, -1, 1)


def from_camera(person: np.ndarray) -> np.ndarray:
    """What is read back: the axes of the package about the camera."""
    return as_camera_sees(person) @ CAMERA


def as_layout(person: np.ndarray, layout: str) -> np.ndarray:
    """Joints in the order of another layout; those that ours do not know lie at the pelvis."""
    known = load_layout(layout)
    placed = np.repeat(person[:, :1], len(known.joints), axis=1)
    for ours, theirs in sorted(known.places.items(), key=lambda place: -len(place[1])):
        for name in theirs:
            placed[:, known.joints.index(name)] = person[:, NAMES.index(ours)]
    return placed


def write_azure_table(path: Path, person: np.ndarray, confidence: int = 2, **columns: object) -> Path:
    table = {"timestamp": np.round(np.arange(len(person)) / RATE_HZ * 1e6).astype(int), "body_id": 1}
    seen = as_camera_sees(person) * 1000
    for index, name in enumerate(NAMES):
        for axis, letter in enumerate("xyz"):
            table[f"{index}_{name}_{letter}"] = seen[:, index, axis]
        table |= {f"{index}_{name}_c": confidence, f"{index}_{name}_qw": 1.0, f"{index}_{name}_qx": 0.0}
    pd.DataFrame({**table, **columns}).to_csv(path, index=False)
    return path


def body_tracking(person: np.ndarray, *, body: int = 1) -> dict:
    seen = as_camera_sees(person) * 1000
    frames = [
        {
            "timestamp_usec": round(index / RATE_HZ * 1e6) + 500,
            "frame_id": index,
            "num_bodies": 1,
            "bodies": [
                {
                    "body_id": body,
                    "joint_positions": joints.tolist(),
                    "joint_orientations": [[1, 0, 0, 0]] * 32,
                }
            ],
        }
        for index, joints in enumerate(seen)
    ]
    return {"json_version": "1.0", "source_file": "a.mkv", "joint_names": list(NAMES), "frames": frames}


def write_json(path: Path, content: dict) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_ntu(path: Path, person: np.ndarray, state: int = 2) -> Path:
    seen = as_layout(as_camera_sees(person) * (-1, -1, 1), "kinect_v2")
    lines = [str(len(seen))]
    for joints in seen:
        lines += ["1", "72057594037931101 0 1 1 1 1 0 0.02 -0.12 2", "25"]
        lines += [f"{x:.7f} {y:.7f} {z:.7f} 256.1 180.2 1033.5 456.7 0 0 0 1 {state}" for x, y, z in joints]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def long_table(person: np.ndarray, layout: str) -> pd.DataFrame:
    placed, known = as_layout(person, layout), load_layout(layout).joints
    rows = [
        (frame, round(frame / RATE_HZ, 6), name, *placed[frame, index], 0.9)
        for frame in range(len(placed))
        for index, name in enumerate(known)
    ]
    return pd.DataFrame(rows, columns=["frame", "time_s", "joint", "x", "y", "z", "score"])
