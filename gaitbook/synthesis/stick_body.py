r"""Legs and pelvis that carry a given center of mass over given feet, and the markers on them.

The body is a trunk that rides on the pelvis and two legs of thigh, shank and foot. With mass fractions
:math:`\mu_i` and segment centers :math:`r_i` the pelvis :math:`p` is placed such that
:math:`\sum_i \mu_i\,r_i(p) = r_{COM}` holds at every instant; the correction :math:`p \leftarrow p + r_{COM} -
\sum_i \mu_i r_i(p)` is repeated until it vanishes (it shrinks about tenfold each time). Mass fractions and segment
centers are those of de Leva, lengths those of Drillis and Contini.

References
----------
de Leva, P. (1996). Adjustments to Zatsiorsky-Seluyanov's segment inertia parameters. Journal of Biomechanics 29,
1223-1230. https://doi.org/10.1016/0021-9290(95)00178-6
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from gaitbook.synthesis.planted_foot import FootPath, point_on_foot
from gaitbook.synthesis.step_forces import Array

SIDES = (1.0, -1.0)
"""Right and left on the z axis."""
MASS_FRACTIONS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"female": (0.1478, 0.0481, 0.0129), "male": (0.1416, 0.0433, 0.0137)}
)
"""Thigh, shank, foot of one leg."""
CENTER_FRACTIONS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"female": (0.3612, 0.4416), "male": (0.4095, 0.4459)}
)
"""Center of mass of thigh and shank from the upper joint."""
THIGH, SHANK, FOOT, ANKLE_HEIGHT, HIP_HALF_WIDTH, TRUNK_RISE = 0.245, 0.246, 0.152, 0.039, 0.05, 0.17
"""Fractions of body height; the trunk's center is `TRUNK_RISE` above the hips."""
ANKLE_FORWARD, FOOT_CENTER = 0.25, 0.44
"""Fractions of foot length from the heel."""
LONGEST_REACH = 0.985
"""Hip to ankle, as a fraction of the straight leg, that no frame exceeds."""
ITERATIONS = 14

# Place of a right marker in its segment: (segment, fraction from the upper joint or heel, forward m, up m, right m).
_LEG_MARKERS = {
    "Thigh.Top.Lateral": ("thigh", 0.42, 0.03, 0.08),
    "Thigh.Top.Medial": ("thigh", 0.45, -0.03, 0.05),
    "Thigh.Bottom.Lateral": ("thigh", 0.66, 0.02, 0.07),
    "Thigh.Bottom.Medial": ("thigh", 0.69, -0.03, 0.04),
    "Shank.Top.Lateral": ("shank", 0.42, 0.03, 0.05),
    "Shank.Top.Medial": ("shank", 0.39, -0.02, 0.02),
    "Shank.Bottom.Lateral": ("shank", 0.60, 0.02, 0.05),
    "Shank.Bottom.Medial": ("shank", 0.57, -0.02, 0.02),
}
_FOOT_MARKERS = {
    "Heel.Top": (0.00, 0.08, 0.0),
    "Heel.Bottom": (-0.03, 0.04, 0.0),
    "Heel.Lateral": (0.12, 0.045, 0.035),
    "MT1": (0.74, 0.04, -0.04),
    "MT5": (0.64, 0.035, 0.05),
}
_PELVIS_MARKERS = {"ASIS": (0.08, 0.08, 0.12), "Iliac.Crest": (0.0, 0.15, 0.14), "PSIS": (-0.11, 0.09, 0.045)}
MARKERS = tuple(
    f"{side}.{name}" for side in "RL" for name in (*_PELVIS_MARKERS, *_LEG_MARKERS, *_FOOT_MARKERS)
)
STANDING_MARKERS = (
    *MARKERS,
    *(f"{side}.{joint}{end}" for side in "RL" for joint in ("Knee", "Ankle") for end in ("", ".Medial")),
)
"""Labels of a standing trial: the joints are marked, too."""
STANDING_REACH = 0.998
KNEE_HALF_WIDTH_M, ANKLE_HALF_WIDTH_M = 0.05, 0.035


@dataclass(frozen=True)
class BodyMotion:
    """Joint centers over a trial; (time, axis) per side, m."""

    pelvis_m: Array
    """(time, axis) midpoint of the hips."""
    pelvis_axes: Array
    """(time, axis, local axis) orientation of the pelvis."""
    hip_m: tuple[Array, Array]
    knee_m: tuple[Array, Array]
    ankle_m: tuple[Array, Array]


def carry_mass(
    center_of_mass_m: Array,
    feet: tuple[FootPath, FootPath],
    *,
    height_m: float,
    sex: str,
    pelvis_axes: Array,
    trunk_sway_m: Array,
) -> BodyMotion:
    """Motion whose segments together have the given center of mass.

    Parameters
    ----------
    center_of_mass_m
        (time, axis), m.
    feet
        Paths of the right and the left foot.
    height_m, sex
        Body height, m, and the sex that selects the mass fractions.
    pelvis_axes
        (time, axis, local axis) rotation of the pelvis.
    trunk_sway_m
        (time, axis) motion of the trunk's center over the pelvis beside riding on it, m.
    """
    trunk_m = trunk_sway_m + np.array([0.0, TRUNK_RISE * height_m, 0.0])
    pelvis_m = center_of_mass_m - trunk_m
    for _ in range(ITERATIONS):
        motion = _pose(pelvis_m, feet, height_m=height_m, pelvis_axes=pelvis_axes)
        found_m = _center_of_mass(motion, feet, trunk_m, height_m=height_m, sex=sex)
        pelvis_m = pelvis_m + center_of_mass_m - found_m
    return _pose(pelvis_m, feet, height_m=height_m, pelvis_axes=pelvis_axes)


def longest_reach(motion: BodyMotion, *, height_m: float) -> float:
    """Largest hip-to-ankle distance over the trial, as a fraction of the straight leg."""
    reach_m = max(
        float(np.linalg.norm(ankle - hip, axis=1).max())
        for hip, ankle in zip(motion.hip_m, motion.ankle_m, strict=True)
    )
    return reach_m / ((THIGH + SHANK) * height_m)


def place_markers(motion: BodyMotion, feet: tuple[FootPath, FootPath], *, height_m: float) -> Array:
    """Positions of `MARKERS` on the moving body: (time, marker, axis), m."""
    return np.stack(
        [
            position
            for side in range(2)
            for position in (
                *_on_pelvis(motion, SIDES[side]),
                *_on_leg(motion, side),
                *(
                    point_on_foot(
                        feet[side], forward_m=part * FOOT * height_m, up_m=up_m, right_m=right_m * SIDES[side]
                    )
                    for part, up_m, right_m in _FOOT_MARKERS.values()
                ),
            )
        ],
        axis=1,
    )


def stand(*, height_m: float) -> Array:
    """Positions of `STANDING_MARKERS` on the upright body with straight legs: (marker, axis), m."""
    still = np.zeros(1)
    heels = (
        np.array([[-ANKLE_FORWARD * FOOT * height_m, 0.0, side * HIP_HALF_WIDTH * height_m]])
        for side in SIDES
    )
    right, left = (FootPath(heel, still, np.full((1, 3), np.nan), still.astype(bool)) for heel in heels)
    straight_m = (THIGH + SHANK) * STANDING_REACH + ANKLE_HEIGHT
    pelvis_m = np.array([[0.0, straight_m * height_m, 0.0]])
    motion = _pose(pelvis_m, (right, left), height_m=height_m, pelvis_axes=np.eye(3)[None])
    joints = [
        joint[side] + np.array([0.0, 0.0, out * SIDES[side] * half_width_m])
        for side in range(2)
        for joint, half_width_m in ((motion.knee_m, KNEE_HALF_WIDTH_M), (motion.ankle_m, ANKLE_HALF_WIDTH_M))
        for out in (1.0, -1.0)
    ]
    return np.concatenate(
        [place_markers(motion, (right, left), height_m=height_m), np.stack(joints, axis=1)], axis=1
    )[0]


def _on_pelvis(motion: BodyMotion, side: float) -> list[Array]:
    return [
        motion.pelvis_m + motion.pelvis_axes @ np.array([forward_m, up_m, side * right_m])
        for forward_m, up_m, right_m in _PELVIS_MARKERS.values()
    ]


def _on_leg(motion: BodyMotion, side: int) -> list[Array]:
    ends = {
        "thigh": (motion.hip_m[side], motion.knee_m[side]),
        "shank": (motion.knee_m[side], motion.ankle_m[side]),
    }
    markers = []
    for segment, part, forward_m, right_m in _LEG_MARKERS.values():
        upper_m, lower_m = ends[segment]
        along = _unit(lower_m - upper_m)
        forward = _unit(np.cross(-along, [0.0, 0.0, 1.0]))
        point_m = upper_m + part * (lower_m - upper_m) + forward_m * forward
        markers.append(point_m + right_m * SIDES[side] * np.cross(forward, -along))
    return markers


def _pose(
    pelvis_m: Array, feet: tuple[FootPath, FootPath], *, height_m: float, pelvis_axes: Array
) -> BodyMotion:
    half_width_m = HIP_HALF_WIDTH * height_m
    hips = tuple(pelvis_m + pelvis_axes @ np.array([0.0, 0.0, side * half_width_m]) for side in SIDES)
    ankles = tuple(
        point_on_foot(foot, forward_m=ANKLE_FORWARD * FOOT * height_m, up_m=ANKLE_HEIGHT * height_m)
        for foot in feet
    )
    knees = tuple(_bend_knee(hip, ankle, height_m=height_m) for hip, ankle in zip(hips, ankles, strict=True))
    return BodyMotion(pelvis_m, pelvis_axes, (hips[0], hips[1]), (knees[0], knees[1]), (ankles[0], ankles[1]))


def _bend_knee(hip_m: Array, ankle_m: Array, *, height_m: float) -> Array:
    """Two rigid links between hip and ankle, bent forward."""
    thigh_m, shank_m = THIGH * height_m, SHANK * height_m
    span = ankle_m - hip_m
    reach_m = np.linalg.norm(span, axis=1, keepdims=True)
    along = span / reach_m
    forward = _unit(np.array([1.0, 0.0, 0.0]) - along[:, :1] * along)
    part_m = (thigh_m**2 - shank_m**2 + reach_m**2) / (2.0 * reach_m)
    return np.asarray(hip_m + part_m * along + np.sqrt(np.maximum(thigh_m**2 - part_m**2, 0.0)) * forward)


def _center_of_mass(
    motion: BodyMotion, feet: tuple[FootPath, FootPath], trunk_m: Array, *, height_m: float, sex: str
) -> Array:
    thigh, shank, foot = MASS_FRACTIONS[sex]
    thigh_center, shank_center = CENTER_FRACTIONS[sex]
    total = (1.0 - 2.0 * (thigh + shank + foot)) * (motion.pelvis_m + trunk_m)
    for side in range(2):
        hip, knee, ankle = motion.hip_m[side], motion.knee_m[side], motion.ankle_m[side]
        total = total + thigh * (hip + thigh_center * (knee - hip))
        total = total + shank * (knee + shank_center * (ankle - knee))
        total = total + foot * point_on_foot(
            feet[side], forward_m=FOOT_CENTER * FOOT * height_m, up_m=0.5 * ANKLE_HEIGHT * height_m
        )
    return np.asarray(total)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))
