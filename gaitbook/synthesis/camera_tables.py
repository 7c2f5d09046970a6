"""How large the errors of the depth camera are, kind by kind and joint by joint (``depth_camera.yml``)."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

AZURE_KINECT_JOINTS = (
    *("PELVIS", "SPINE_NAVEL", "SPINE_CHEST", "NECK"),
    *(
        "CLAVICLE_LEFT",
        "SHOULDER_LEFT",
        "ELBOW_LEFT",
        "WRIST_LEFT",
        "HAND_LEFT",
        "HANDTIP_LEFT",
        "THUMB_LEFT",
    ),
    *("CLAVICLE_RIGHT", "SHOULDER_RIGHT", "ELBOW_RIGHT", "WRIST_RIGHT"),
    *("HAND_RIGHT", "HANDTIP_RIGHT", "THUMB_RIGHT"),
    *("HIP_LEFT", "KNEE_LEFT", "ANKLE_LEFT", "FOOT_LEFT"),
    *("HIP_RIGHT", "KNEE_RIGHT", "ANKLE_RIGHT", "FOOT_RIGHT"),
    *("HEAD", "NOSE", "EYE_LEFT", "EAR_LEFT", "EYE_RIGHT", "EAR_RIGHT"),
)
"""Joints in the order of the device's body tracking (k4abttypes.h of its SDK)."""
LEGS = ("KNEE", "ANKLE", "FOOT")
ARMS = ("ELBOW", "WRIST", "HAND", "HANDTIP", "THUMB")
BOTH_WAYS = (("LEFT", "RIGHT"), ("RIGHT", "LEFT"))

Array = NDArray[Any]


@dataclass(frozen=True)
class CameraErrors:
    """How large each kind of error is, as a share of its size in ``depth_camera.yml``; 0 leaves it out.

    Parameters
    ----------
    girth
        Joints moved outward by body mass index.
    visceral_fat
        Joints moved forward by visceral fat.
    noise
        Noise in time.
    person_bias
        Offset of each joint that a person keeps over all recordings.
    room
        Offsets, tilt and scale of the room.
    scale
        Scale of a recording.
    outlier
        How often a joint is thrown off.
    """

    girth: float = 1.0
    visceral_fat: float = 1.0
    noise: float = 1.0
    person_bias: float = 1.0
    room: float = 1.0
    scale: float = 1.0
    outlier: float = 1.0

    def __post_init__(self) -> None:
        wrong = [
            f"{field.name} {value:g}"
            for field, value in zip(fields(self), astuple(self), strict=True)
            if not value >= 0
        ]
        if wrong:
            raise ValueError(f"Sizes of camera errors are zero or more, but got {', '.join(wrong)}")


ALL_ERRORS = CameraErrors()
NO_ERRORS = CameraErrors(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class JointTables(NamedTuple):
    """Numbers by joint, in the order of `AZURE_KINECT_JOINTS`; offsets are forward, up, right."""

    noise_m: Array
    """(32,) standard deviation of the noise 3 m away, m."""
    bias_m: Array
    """(32,) standard deviation of a person's offset along each axis, m."""
    unsure_above: Array
    """(32,) squared length of the unit noise above which the tracker is unsure."""
    girth_m: Array
    """(32, 3) offset by one standard deviation of body mass index, m."""
    fat_m: Array
    """(32, 3) offset by one standard deviation of visceral fat, m."""
    pairs: Array
    """(pair, 2) a joint of a leg and the same joint of the other leg."""
    arms: Array
    """(joint,) joints of the arms."""


def joint_index(name: str) -> int:
    """Return the place of a joint in `AZURE_KINECT_JOINTS`."""
    return AZURE_KINECT_JOINTS.index(name)


@cache
def load_camera() -> Mapping[str, Any]:
    """Return the content of ``depth_camera.yml``."""
    import yaml

    text = files("gaitbook.synthesis").joinpath("depth_camera.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


@cache
def load_joint_tables() -> JointTables:
    """Return the numbers of every joint."""
    numbers = load_camera()
    names = np.array(AZURE_KINECT_JOINTS)
    parts = [name.removesuffix("_RIGHT").removesuffix("_LEFT") for name in AZURE_KINECT_JOINTS]
    outward = np.char.endswith(names, "_RIGHT") * 1.0 - np.char.endswith(names, "_LEFT")
    girth = np.array([numbers["girth"]["by_joint"].get(part, (0.0, 0.0)) for part in parts])
    fat = np.array([numbers["visceral_fat"]["forward_m"].get(part, 0.0) for part in parts])
    zero = np.zeros(len(names))
    legs = [(f"{part}_{own}", f"{part}_{other}") for part in LEGS for own, other in BOTH_WAYS]
    return JointTables(
        noise_m=_by_class(numbers["noise"]["deviation_m"]),
        bias_m=_by_class(numbers["person_bias"]["deviation_m"]),
        unsure_above=chi2.isf(_by_class(numbers["confidence"]["unsure_share"]), 3).astype(np.float32),
        girth_m=np.stack([girth[:, 1], zero, outward * girth[:, 0]], axis=1),
        fat_m=np.stack([fat, zero, zero], axis=1),
        pairs=np.array([[joint_index(own), joint_index(other)] for own, other in legs]),
        arms=np.flatnonzero(np.isin(parts, ARMS)),
    )


def _by_class(values: Mapping[str, float]) -> Array:
    classes = load_camera()["classes"]
    class_of = {joint: name for name, members in classes.items() for joint in members}
    return np.array([values[class_of[joint]] for joint in AZURE_KINECT_JOINTS], dtype=np.float32)
