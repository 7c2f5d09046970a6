r"""A body whose feet stay on the floor, in the sagittal plane: from the ankle up to the trunk.

With both legs alike and the feet flat, four angles tell the whole posture: of shank, thigh, pelvis and trunk to the
vertical, positive about the axis to the right (backward lean). Counted from the foot upward, the feet cannot slip.
Knees that are bowed by :math:`\delta` keep upright shanks if the hips give way by :math:`-\delta`. Masses, centers and
lengths are those of `gaitbook.mechanics`, in one reference pose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from gaitbook.conventions import PELVIS_TRANSLATIONS
from gaitbook.mechanics.anthropometry import load_anthropometry
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.body_dimensions import body_lengths
from gaitbook.mechanics.kinematics import Pose, forward_kinematics, joint_centers, segment_centers

Array = NDArray[np.float64]
Angle: TypeAlias = float | Array
SIDES = ("_r", "_l")
LINKS = ("foot", "shank", "thigh", "pelvis", "trunk")
OWN_SEGMENTS = {"foot": ("talus", "calcn", "toes"), "shank": ("tibia",), "thigh": ("femur",)}


class Posture(NamedTuple):
    """Angles of the links to the vertical, rad, any shape: lean backward is positive."""

    shank: Angle
    thigh: Angle
    pelvis: Angle
    trunk: Angle


@dataclass(frozen=True)
class SagittalBody:
    """Lengths and masses of the links, from the ankle upward; x forward, y up.

    Points are given from the joint below a link while everything is upright.
    """

    body: Body
    still: Mapping[str, float]
    """Coordinates that stay as they are, by name."""
    ankle_height_m: float
    heel_m: float
    """Heel before the ankle (negative)."""
    foot_length_m: float
    ankle_right_m: float
    """Right ankle to the right of the middle; the left mirrors it."""
    knee_m: Array
    hip_m: Array
    lumbar_m: Array
    pelvis_origin_m: Array
    mass_kg: Array
    """(link,)"""
    center_m: Array
    """(link, 2)"""

    def on_foot(self, fraction: float) -> float:
        """Place at a fraction of the foot's length from the heel, m before the ankle."""
        return self.heel_m + fraction * self.foot_length_m


def sagittal_body(body: Body, *, height_m: float, arms: Mapping[str, float]) -> SagittalBody:
    """Links of a body whose arms are held still.

    Parameters
    ----------
    body
        The person's body.
    height_m
        Body height.
    arms
        Angles of both arms by the name of the coordinate without side, rad.
    """
    hips = -_knee_varus(body)
    both = {**arms, "hip_adduction": hips}
    still = {name + side: value for name, value in both.items() for side in SIDES}
    reference = torch.zeros(1, len(body.coordinate_names), dtype=torch.float64)
    for name, value in still.items():
        reference[0, body.coordinate(name)] = value
    pose = forward_kinematics(body, reference)
    joint = dict(zip(body.joint_names, joint_centers(body, pose)[0].numpy(), strict=True))
    lengths = body_lengths(height_m)
    below = _joints_below(joint)
    mass_kg, center_m = _links(body, pose, below)
    return SagittalBody(
        body=body,
        still=still,
        ankle_height_m=lengths["ankle_height"],
        heel_m=load_anthropometry()["heel"][0] * lengths["foot"],
        foot_length_m=lengths["foot"],
        ankle_right_m=float(joint["ankle_r"][2]),
        knee_m=below["thigh"] - below["shank"],
        hip_m=below["pelvis"] - below["thigh"],
        lumbar_m=below["trunk"] - below["pelvis"],
        pelvis_origin_m=-below["pelvis"],
        mass_kg=mass_kg,
        center_m=center_m,
    )


def hip_path(person: SagittalBody, posture: Posture) -> Array:
    """Hip centers from the ankles, (..., 2), m."""
    return turned(person.knee_m, posture.shank) + turned(person.hip_m, posture.thigh)


def center_path(person: SagittalBody, posture: Posture) -> Array:
    """Center of mass of the whole body from the ankles, (..., 2), m."""
    share = person.mass_kg / person.mass_kg.sum()
    knee = turned(person.knee_m, posture.shank)
    hip = knee + turned(person.hip_m, posture.thigh)
    lumbar = hip + turned(person.lumbar_m, posture.pelvis)
    places = (
        person.center_m[0],
        turned(person.center_m[1], posture.shank),
        knee + turned(person.center_m[2], posture.thigh),
        hip + turned(person.center_m[3], posture.pelvis),
        lumbar + turned(person.center_m[4], posture.trunk),
    )
    return np.asarray(sum(part * place for part, place in zip(share, places, strict=True)))


def lean_to(person: SagittalBody, posture: Posture, forward_m: float) -> Posture:
    """The posture turned as a whole about the ankles until its center of mass is so far before them.

    Solves R(a) c = x in closed form, the feet left out.
    """
    whole, feet = person.mass_kg.sum(), person.mass_kg[0]
    above = (whole * center_path(person, posture) - feet * person.center_m[0]) / (whole - feet)
    aim_m = (whole * forward_m - feet * person.center_m[0, 0]) / (whole - feet)
    turn = np.arctan2(above[0], above[1]) - np.arcsin(aim_m / np.hypot(*above))
    return Posture(*(np.asarray(angle) + turn for angle in posture))


def coordinate_table(person: SagittalBody, posture: Posture) -> Array:
    """Coordinates of the body in these postures, (frame, coordinate), rad and m; the ankles stand at x = z = 0."""
    shank, thigh, pelvis, trunk = np.broadcast_arrays(*map(np.atleast_1d, posture))
    place = hip_path(person, posture) + turned(person.pelvis_origin_m, pelvis)
    moving = {
        "pelvis_tilt": pelvis,
        "lumbar_extension": trunk - pelvis,
        **{"hip_flexion" + side: thigh - pelvis for side in SIDES},
        **{"knee_angle" + side: thigh - shank for side in SIDES},
        **{"ankle_angle" + side: -shank for side in SIDES},
        PELVIS_TRANSLATIONS[0]: place[..., 0],
        PELVIS_TRANSLATIONS[1]: place[..., 1] + person.ankle_height_m,
    }
    table = np.zeros((len(shank), len(person.body.coordinate_names)))
    for name, values in {**person.still, **moving}.items():
        table[:, person.body.coordinate(name)] = values
    return table


def turned(point_m: Array, angle_rad: Angle) -> Array:
    """A point of a link, (..., 2), m, when the link has an angle to the vertical."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.stack(
        [point_m[0] * cosine - point_m[1] * sine, point_m[0] * sine + point_m[1] * cosine], axis=-1
    )


def _knee_varus(body: Body) -> float:
    knee = next(joint for joint in body.joints if joint.name == "knee_r")
    return float(knee.parent_rotation[0])


def _joints_below(joint: Mapping[str, Array]) -> dict[str, Array]:
    """Joint below each link, seen from the side, with the origin of the pelvis as origin."""
    own = {"foot": "ankle_r", "shank": "ankle_r", "thigh": "knee_r", "pelvis": "hip_r", "trunk": "back"}
    return {link: joint[name][:2] for link, name in own.items()}


def _links(body: Body, pose: Pose, below: Mapping[str, Array]) -> tuple[Array, Array]:
    """Mass (link,) and center from the joint below (link, 2) of all links; those of both legs together."""
    owner = {name + side: link for link, names in OWN_SEGMENTS.items() for name in names for side in SIDES}
    owner["pelvis"] = "pelvis"
    number = np.array([LINKS.index(owner.get(name, "trunk")) for name in body.segment_names])
    mass, center = body.mass.numpy(), segment_centers(body, pose)[0, :, :2].numpy()
    belongs = number == np.arange(len(LINKS))[:, None]
    mass_kg = belongs @ mass
    center_m = (belongs * mass) @ center / mass_kg[:, None]
    return mass_kg, center_m - np.stack([below[link] for link in LINKS])
