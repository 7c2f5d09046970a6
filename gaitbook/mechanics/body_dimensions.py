"""Lengths of a body by height, and where hips and trunk are in its pelvis: the facts are in ``generic_body.yml``."""

from collections.abc import Mapping

import numpy as np

from gaitbook.body_model import Vector
from gaitbook.mechanics.anthropometry import load_anthropometry, vector


def body_lengths(height_m: float) -> dict[str, float]:
    """Lengths by name, m: ``height``, ``thigh``, ``shank``, ``pelvis_width`` and so on."""
    fractions: Mapping[str, float] = load_anthropometry()["lengths"]
    return {"height": height_m} | {name: fraction * height_m for name, fraction in fractions.items()}


def body_sizes(lengths: Mapping[str, float]) -> dict[str, Vector]:
    """What one unit is along x, y, z in the frame of each segment (named without side), m."""
    sizes: Mapping[str, list[str]] = load_anthropometry()["sizes"]
    return {segment: vector(lengths[name] for name in names) for segment, names in sizes.items()}


def leg_length(lengths: Mapping[str, float]) -> float:
    """Height of the hip centers above the ground when upright, m."""
    return lengths["thigh"] + lengths["shank"] + lengths["ankle_height"]


def hip_center(pelvis_width_m: float, pelvis_depth_m: float, *, plane_rad: float | None = None) -> Vector:
    """Right hip center in the pelvis's frame, m.

    Parameters
    ----------
    pelvis_width_m
        Distance between the ASIS.
    pelvis_depth_m
        Distance between the middle of the ASIS and that of the PSIS.
    plane_rad
        How far the plane through ASIS and PSIS rises backward in that frame; as in the generic body by default.

    References
    ----------
    Harrington (2007), doi:10.1016/j.jbiomech.2006.02.003; tilt of the plane: Preece (2008),
    doi:10.1179/106698108790818459

    Examples
    --------
    >>> [round(each, 4) for each in hip_center(0.24, 0.15)]
    [-0.0634, -0.0704, 0.0865]
    """
    pelvis = load_anthropometry()["pelvis"]
    x, y, z = (
        row.get("width", 0.0) * pelvis_width_m + row.get("depth", 0.0) * pelvis_depth_m + row["constant_m"]
        for row in pelvis["hip_regression"].values()
    )
    angle_rad = pelvis["plane_rad"] if plane_rad is None else plane_rad
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return vector((cosine * x + sine * y, cosine * y - sine * x, z))


def lumbar_joint(lengths: Mapping[str, float]) -> Vector:
    """Place of the one joint of the trunk in the pelvis, m."""
    pelvis = load_anthropometry()["pelvis"]
    x, y, _ = hip_center(lengths["pelvis_width"], lengths["pelvis_depth"])
    behind, above = pelvis["lumbar_behind_hips"], pelvis["lumbar_above_hips"]
    return x - behind * lengths["height"], y + above * lengths["trunk"], 0.0
