"""Frames, signs, names and units: the one place that defines them.

The laboratory frame is OpenSim's: x forward (the direction of progression), y up, z to the person's right. Forces
are those *on the person*. Coordinates carry OpenSim's names; inside the package angles are radians and everything
else is SI. ``book/conventions.md`` explains the same in pictures.
"""

from types import MappingProxyType
from typing import Final

AXES: Final = ("x", "y", "z")
FEET: Final = ("right", "left")

FORWARD: Final = "x"
UP: Final = "y"
RIGHT: Final = "z"

AXIS_MEANING: Final = MappingProxyType({"x": "fore-aft", "y": "vertical", "z": "mediolateral"})

GRAVITY_MPS2: Final = 9.81
"""Standard used to express forces in body weights (%BW), as in the gait literature."""

COORDINATES: Final = (
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    "hip_flexion_r",
    "hip_adduction_r",
    "hip_rotation_r",
    "knee_angle_r",
    "ankle_angle_r",
    "subtalar_angle_r",
    "mtp_angle_r",
    "hip_flexion_l",
    "hip_adduction_l",
    "hip_rotation_l",
    "knee_angle_l",
    "ankle_angle_l",
    "subtalar_angle_l",
    "mtp_angle_l",
    "lumbar_extension",
    "lumbar_bending",
    "lumbar_rotation",
    "arm_flex_r",
    "arm_add_r",
    "arm_rot_r",
    "elbow_flex_r",
    "pro_sup_r",
    "wrist_flex_r",
    "wrist_dev_r",
    "arm_flex_l",
    "arm_add_l",
    "arm_rot_l",
    "elbow_flex_l",
    "pro_sup_l",
    "wrist_flex_l",
    "wrist_dev_l",
)
"""Rotational coordinates of the full-body OpenSim gait models, in their order. Readers keep others they meet."""

PELVIS_TRANSLATIONS: Final = ("pelvis_tx", "pelvis_ty", "pelvis_tz")

VARIABLE_DIMS: Final = MappingProxyType(
    {
        "joint_angle": ("time", "coordinate"),
        "pelvis_position": ("time", "axis"),
        "marker_position": ("time", "marker", "axis"),
        "standing_position": ("standing_marker", "axis"),
        "skeleton_position": ("time", "joint", "axis"),
        "joint_confidence": ("time", "joint"),
        "ground_reaction_force": ("time", "foot", "axis"),
        "center_of_pressure": ("time", "foot", "axis"),
        "free_moment": ("time", "foot"),
        "in_contact": ("time", "foot"),
    }
)

VARIABLE_UNITS: Final = MappingProxyType(
    {
        "joint_angle": "rad",
        "pelvis_position": "m",
        "marker_position": "m",
        "standing_position": "m",
        "skeleton_position": "m",
        "joint_confidence": "1",
        "ground_reaction_force": "N",
        "center_of_pressure": "m",
        "free_moment": "N m",
        "in_contact": "1",
    }
)

SURFACES: Final = ("treadmill", "overground")
SEXES: Final = ("female", "male")

CONTACT_FORCE_N: Final = 20.0
"""Below this vertical force a plate counts as unloaded: its center of pressure is not to be trusted."""

MAX_FOOT_DISTANCE_M: Final = 0.30
"""A contact whose center of pressure stays farther than this from both feet belongs to neither."""
