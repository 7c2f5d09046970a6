"""Description of a human body as a tree of segments, joints, coordinates and markers: plain data, no mechanics.

What a model file says, or our own generic body, in one form: each segment hangs on its parent by one joint of three
rotations (one after the other, each about an axis carried along) and three translations (in the parent's joint
frame), each of them a function of one coordinate. Every joint type of the OpenSim gait models is a case of this.
`gaitbook.mechanics.body` compiles it for computing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

Vector: TypeAlias = tuple[float, float, float]
GROUND = "ground"


class BodyModelError(ValueError):
    """A body model contradicts itself or uses what is not supported; the message lists every fault."""


@dataclass(frozen=True)
class Polynomial:
    """Polynomial of a coordinate, ``coefficients`` from the constant upward; constant and linear functions are such."""

    coefficients: tuple[float, ...]


@dataclass(frozen=True)
class Spline:
    """Cubic spline through points with end slopes from the four points at each end, straight beyond them.

    Forsythe, Malcolm & Moler (1977), section 4.4; OpenSim's ``SimmSpline`` (a natural spline it is not).
    """

    arguments: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.arguments) != len(self.values) or len(self.arguments) < 2:  # noqa: PLR2004 - a line needs two
            raise BodyModelError(
                f"a spline has {len(self.arguments)} argument(s) and {len(self.values)} value(s): expected as many of "
                "both, at least two"
            )
        if any(first >= second for first, second in pairwise(self.arguments)):
            raise BodyModelError(f"the arguments of a spline do not increase: {self.arguments}")


Function: TypeAlias = Polynomial | Spline
IDENTITY = Polynomial((0.0, 1.0))
ZERO = Polynomial((0.0,))


@dataclass(frozen=True)
class Axis:
    """One rotation (rad) about, or translation (m) along ``direction``: a function of ``coordinate``, if any."""

    direction: Vector
    function: Function = ZERO
    coordinate: str | None = None


X_AXIS, Y_AXIS, Z_AXIS = Axis((1.0, 0.0, 0.0)), Axis((0.0, 1.0, 0.0)), Axis((0.0, 0.0, 1.0))
STILL = (X_AXIS, Y_AXIS, Z_AXIS)


@dataclass(frozen=True)
class Joint:
    """How a segment hangs on its parent.

    Parameters
    ----------
    name, parent, child
        Names of the joint and of the two segments; the parent may be ``"ground"``.
    parent_position, child_position
        Origin of the joint's frame in the parent and in the child, m. The joint center is the child's.
    parent_rotation, child_rotation
        Orientation of the joint's frame in both: body-fixed x-y-z angles, rad.
    rotations, translations
        Three axes each, unit vectors in the joint's frame; rotations act in this order, body-fixed.
    """

    name: str
    parent: str
    child: str
    parent_position: Vector = (0.0, 0.0, 0.0)
    parent_rotation: Vector = (0.0, 0.0, 0.0)
    child_position: Vector = (0.0, 0.0, 0.0)
    child_rotation: Vector = (0.0, 0.0, 0.0)
    rotations: tuple[Axis, Axis, Axis] = STILL
    translations: tuple[Axis, Axis, Axis] = STILL


@dataclass(frozen=True)
class Coordinate:
    """Degree of freedom, in rad or m.

    ``follows`` names the coordinate that this one is coupled to by ``coupling`` (the patella follows the knee).
    A ``locked`` coordinate stays at its default in inverse kinematics. ``spread`` is the standard deviation that
    is expected of it around its default before anything is measured (prior of inverse kinematics).
    """

    name: str
    default: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    is_rotation: bool = True
    locked: bool = False
    follows: str | None = None
    coupling: Function = IDENTITY
    spread: float | None = None


@dataclass(frozen=True)
class Segment:
    """Rigid body: mass (kg), center of mass (m) and inertia about it (kg m2: xx, yy, zz, xy, xz, yz) in its frame."""

    name: str
    mass_kg: float
    center_m: Vector = (0.0, 0.0, 0.0)
    inertia_kgm2: tuple[float, float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Marker:
    """Marker fixed to a segment, at a position (m) in its frame; ``fixed`` ones are placed exactly."""

    name: str
    segment: str
    position_m: Vector
    fixed: bool = False


@dataclass(frozen=True)
class BodyModel:
    """A whole body.

    Raises
    ------
    BodyModelError
        A name is repeated or unknown, or the joints do not make a tree; lists all faults.
    """

    name: str
    segments: tuple[Segment, ...]
    joints: tuple[Joint, ...]
    coordinates: tuple[Coordinate, ...]
    markers: tuple[Marker, ...] = ()

    def __post_init__(self) -> None:
        found = list(_faults(self))
        if found:
            raise BodyModelError(
                f"Body model {self.name!r} has {len(found)} fault(s):\n- " + "\n- ".join(found)
            )

    @property
    def mass_kg(self) -> float:
        """Mass of all segments."""
        return sum(segment.mass_kg for segment in self.segments)

    @property
    def ordered_joints(self) -> tuple[Joint, ...]:
        """Joints level by level from the ground, so that a parent always comes before its children."""
        placed, level = [], [joint for joint in self.joints if joint.parent == GROUND]
        while level:
            placed += level
            parents = {joint.child for joint in level}
            level = [joint for joint in self.joints if joint.parent in parents]
        return tuple(placed)


def _faults(model: BodyModel) -> Iterator[str]:
    yield from _name_faults(model)
    yield from _reference_faults(model)
    yield from _tree_faults(model)


def _name_faults(model: BodyModel) -> Iterator[str]:
    for kind in ("segments", "joints", "coordinates", "markers"):
        for name, count in Counter(item.name for item in getattr(model, kind)).items():
            if count > 1:
                yield f"{kind[:-1]} {name!r} is there {count} times"


def _reference_faults(model: BodyModel) -> Iterator[str]:
    segments = {segment.name for segment in model.segments} | {GROUND}
    coordinates = {coordinate.name for coordinate in model.coordinates} | {None}
    for joint in model.joints:
        for end in sorted({joint.parent, joint.child} - segments):
            yield f"joint {joint.name!r} names the unknown segment {end!r}"
        driving = {axis.coordinate for axis in (*joint.rotations, *joint.translations)}
        for name in sorted(driving - coordinates, key=str):
            yield f"joint {joint.name!r} names the unknown coordinate {name!r}"
    following = {coordinate.name for coordinate in model.coordinates if coordinate.follows is not None}
    for coordinate in model.coordinates:
        if coordinate.follows not in coordinates:
            yield f"coordinate {coordinate.name!r} follows the unknown coordinate {coordinate.follows!r}"
        if coordinate.follows in following:
            yield f"coordinate {coordinate.name!r} follows {coordinate.follows!r}, which follows another one itself"
    for marker in model.markers:
        if marker.segment not in segments:
            yield f"marker {marker.name!r} sits on the unknown segment {marker.segment!r}"


def _tree_faults(model: BodyModel) -> Iterator[str]:
    if not model.joints:
        yield "it has no joint"
    hung = Counter(joint.child for joint in model.joints)
    names = {segment.name for segment in model.segments}
    many = {name: hung[name] for name in sorted(names) if hung[name] != 1}
    for name, count in many.items():
        yield f"segment {name!r} hangs on {count} joints, expected one"
    loose = names - {joint.child for joint in model.ordered_joints} if not many else set()
    if loose:
        yield f"segment(s) {', '.join(sorted(loose))} do not hang on the ground"
