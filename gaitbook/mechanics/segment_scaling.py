"""Stretch a body segment by segment: joints, centers of mass, inertia and markers follow."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gaitbook.body_model import (
    GROUND,
    Axis,
    BodyModel,
    Function,
    Joint,
    Polynomial,
    Segment,
    Spline,
    Vector,
)
from gaitbook.mechanics.anthropometry import Array, inertia_numbers, vector


def stretch_body(base: BodyModel, factors: Mapping[str, Vector], *, mass_kg: float) -> BodyModel:
    """Body whose segments are stretched, with all masses in proportion.

    Parameters
    ----------
    base
        The body to stretch.
    factors
        Stretch along x, y, z of each segment's frame; segments left out stay as they are.
    mass_kg
        Mass of the new body. The distribution of mass inside each segment is stretched with it, so that inertia
        follows exactly.

    Returns
    -------
    BodyModel
        Same names, order and coordinates.
    """
    share = mass_kg / base.mass_kg
    return replace(
        base,
        segments=tuple(_stretch_segment(each, _factor(factors, each.name), share) for each in base.segments),
        joints=tuple(_stretch_joint(each, factors) for each in base.joints),
        markers=tuple(
            replace(each, position_m=_times(each.position_m, _factor(factors, each.segment)))
            for each in base.markers
        ),
    )


def turn_mass(segment: Segment, start_m: Vector, end_m: Vector) -> Segment:
    """Segment whose mass is turned about the origin so that it lies along ``end_m`` as it did along ``start_m``."""
    one, other = (np.array(each) / np.linalg.norm(each) for each in (start_m, end_m))
    half = (one + other) / np.linalg.norm(one + other)
    # two reflections make the shortest rotation
    turn = (np.eye(3) - 2.0 * np.outer(half, half)) @ (np.eye(3) - 2.0 * np.outer(one, one))
    inertia = turn @ inertia_matrix(segment) @ turn.T
    return replace(
        segment, center_m=vector(turn @ np.array(segment.center_m)), inertia_kgm2=inertia_numbers(inertia)
    )


def inertia_matrix(segment: Segment) -> Array:
    """Inertia of a segment about its center of mass, 3 x 3, kg m2."""
    xx, yy, zz, xy, xz, yz = segment.inertia_kgm2
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def _factor(factors: Mapping[str, Vector], segment: str) -> Vector:
    return (1.0, 1.0, 1.0) if segment == GROUND else factors.get(segment, (1.0, 1.0, 1.0))


def _times(position: Vector, factor: Vector) -> Vector:
    return vector(np.multiply(position, factor))


def _stretch_segment(segment: Segment, factor: Vector, share: float) -> Segment:
    inertia = inertia_matrix(segment)
    # second moments of mass stretch with the squares of lengths; inertia is made of them
    moments = (0.5 * np.trace(inertia) * np.eye(3) - inertia) * np.outer(factor, factor) * share
    stretched = np.trace(moments) * np.eye(3) - moments
    center = _times(segment.center_m, factor)
    return Segment(segment.name, segment.mass_kg * share, center, inertia_numbers(stretched))


def _stretch_joint(joint: Joint, factors: Mapping[str, Vector]) -> Joint:
    parent = _factor(factors, joint.parent)
    first, second, third = (_stretch_axis(axis, parent) for axis in joint.translations)
    return replace(
        joint,
        parent_position=_times(joint.parent_position, parent),
        child_position=_times(joint.child_position, _factor(factors, joint.child)),
        translations=(first, second, third),
    )


def _stretch_axis(axis: Axis, factor: Vector) -> Axis:
    along = float(np.linalg.norm(np.multiply(axis.direction, factor)) / np.linalg.norm(axis.direction))
    return replace(axis, function=_stretch_function(axis.function, along))


def _stretch_function(function: Function, factor: float) -> Function:
    if isinstance(function, Polynomial):
        return Polynomial(tuple(factor * each for each in function.coefficients))
    return Spline(function.arguments, tuple(factor * each for each in function.values))
