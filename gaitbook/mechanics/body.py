"""A body ready for computing: the tables of a body model as tensors, for any batch, on CPU or GPU.

Names are left here once: the order of coordinates, segments, joints and markers is that of the attributes
``coordinate_names``, ``segment_names``, ``joint_names`` and ``marker_names``; a segment and the joint that it hangs
on have the same number.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gaitbook.body_model import Axis, BodyModel, Coordinate, Marker, Polynomial, Segment
from gaitbook.mechanics.functions import FunctionTable
from gaitbook.mechanics.turns import Turns, constant_value, frame_rotation

LINEAR = 2


class AxisValues(NamedTuple):
    """Values and slopes of all joint axes, (frame, joint, 6): three rotations (rad), three translations (m)."""

    value: Tensor
    slope: Tensor


class BodyPart(NamedTuple):
    """Some segments of a body, for dynamics: their numbers in it and their tables, as in `Body`."""

    places: Tensor
    mass: Tensor
    center: Tensor
    inertia: Tensor
    child_position: Tensor
    is_ancestor: Tensor


class Body(nn.Module):
    """Tables of a body model.

    ``.to(device, dtype)`` moves them as with any torch module.

    Parameters
    ----------
    model
        Description of the body.

    Attributes
    ----------
    levels : list of slice
        Segments by distance from the ground.
    parent : torch.Tensor
        (segment,), number of each one's parent; the number of segments stands for the ground.
    is_ancestor : torch.Tensor
        (segment, segment), 1 where the column's segment hangs somewhere below the row's, or is it.
    """

    mass: Tensor
    center: Tensor
    inertia: Tensor
    parent_position: Tensor
    parent_rotation: Tensor
    child_position: Tensor
    axes: Tensor
    is_ancestor: Tensor
    marker_position: Tensor
    parent: Tensor
    axis_coordinate: Tensor
    axis_slope: Tensor
    axis_offset: Tensor
    bent_axis: Tensor
    bent_coordinate: Tensor
    follower: Tensor
    leader: Tensor
    marker_segment: Tensor

    def __init__(self, model: BodyModel) -> None:
        super().__init__()
        self.model = model
        self.joints = model.ordered_joints
        self.segment_names = tuple(joint.child for joint in self.joints)
        self.joint_names = tuple(joint.name for joint in self.joints)
        self.coordinate_names = tuple(coordinate.name for coordinate in model.coordinates)
        self.marker_names = tuple(marker.name for marker in model.markers)
        self._tree()
        self._segments({segment.name: segment for segment in model.segments})
        self._frames()
        self._axes()
        self.turns = Turns(self.joints)
        self._couplings(model.coordinates)

    @property
    def total_mass_kg(self) -> float:
        """Mass of the whole body."""
        return float(self.mass.sum())

    def segment(self, name: str) -> int:
        """Number of a segment (and of the joint that it hangs on)."""
        return self.segment_names.index(name)

    def coordinate(self, name: str) -> int:
        """Number of a coordinate."""
        return self.coordinate_names.index(name)

    def beyond(self, *names: str) -> BodyPart:
        """Part of the body that hangs on the named segments, they included, in the order of the body."""
        hangs = self.is_ancestor[[self.segment(name) for name in names]].any(dim=0)
        places = hangs.nonzero()[:, 0]
        return BodyPart(
            places,
            self.mass[places],
            self.center[places],
            self.inertia[places],
            self.child_position[places],
            self.is_ancestor[places][:, places],
        )

    def with_markers(self, markers: Sequence[Marker]) -> "Body":
        """Body with other markers; all else is shared."""
        other = copy(self)
        other._buffers = dict(self._buffers)
        other.model = replace(self.model, markers=tuple(markers))
        other.marker_names = tuple(marker.name for marker in markers)
        other._mark()
        return other.to(self.mass)

    def parents_in_level(self) -> tuple[Tensor, ...]:
        """For every level but the first: the place of each segment's parent in the level before."""
        return tuple(self.parent[part] - before.start for before, part in pairwise(self.levels))

    def axis_values(self, coordinates: Tensor) -> AxisValues:
        """Rotations and translations of all joints, with their slopes over the coordinate that drives each.

        Parameters
        ----------
        coordinates
            (frame, coordinate), rad or m; those that follow others are taken from them.
        """
        full = self._follow(coordinates)
        frames = len(full)
        padded = torch.cat([full, full.new_zeros(frames, 1)], dim=1)
        value = torch.addcmul(self.axis_offset, padded.index_select(1, self.axis_coordinate), self.axis_slope)
        slope = self.axis_slope.expand(frames, -1)
        if len(self.bent_axis):
            bent, bent_slope = self.bends(full[:, self.bent_coordinate])
            value = value.index_copy(1, self.bent_axis, bent)
            slope = slope.index_copy(1, self.bent_axis, bent_slope)
        shape = (frames, len(self.joints), 6)
        return AxisValues(value.reshape(shape), slope.reshape(shape))

    def coordinate_slope(self, coordinates: Tensor) -> Tensor:
        """Change of every coordinate with the one that leads it, (frame, coordinate); 1 where it leads itself."""
        slope = torch.ones_like(coordinates)
        if not len(self.follower):
            return slope
        return slope.index_copy(1, self.follower, self.couplings(coordinates[:, self.leader])[1])

    def _follow(self, coordinates: Tensor) -> Tensor:
        if not len(self.follower):
            return coordinates
        return coordinates.index_copy(1, self.follower, self.couplings(coordinates[:, self.leader])[0])

    def _tree(self) -> None:
        numbers = {name: place for place, name in enumerate(self.segment_names)}
        self.parents = tuple(numbers.get(joint.parent, -1) for joint in self.joints)
        depth = [0] * len(self.parents)
        ancestry = np.eye(len(self.parents))
        for place, parent in enumerate(self.parents):
            if parent >= 0:
                depth[place] = depth[parent] + 1
                ancestry[:, place] += ancestry[:, parent]
        starts = [depth.index(level) for level in range(max(depth) + 1)] + [len(depth)]
        self.levels = [slice(first, last) for first, last in pairwise(starts)]
        self._number("parent", list(self.parents))
        # the ground stands behind the last segment
        self.parent[self.parent < 0] = len(self.parents)
        self._keep(is_ancestor=ancestry)

    def _segments(self, segments: dict[str, Segment]) -> None:
        own = [segments[name] for name in self.segment_names]
        self._keep(
            mass=[segment.mass_kg for segment in own],
            center=[segment.center_m for segment in own],
            inertia=[_inertia_matrix(segment) for segment in own],
        )
        self._mark()

    def _mark(self) -> None:
        markers = self.model.markers
        self.marker_segments = [self.segment(marker.segment) for marker in markers]
        self._keep(marker_position=np.reshape([marker.position_m for marker in markers], (-1, 3)))
        self.register_buffer("marker_segment", torch.tensor(self.marker_segments, dtype=torch.long))

    def _frames(self) -> None:
        self._keep(
            parent_position=[joint.parent_position for joint in self.joints],
            parent_rotation=[frame_rotation(joint.parent_rotation) for joint in self.joints],
            child_position=[joint.child_position for joint in self.joints],
        )

    def _axes(self) -> None:
        axes = [axis for joint in self.joints for axis in (*joint.rotations, *joint.translations)]
        directions = np.reshape([axis.direction for axis in axes], (-1, 6, 3))
        directions = directions / np.linalg.norm(directions, axis=2, keepdims=True)
        names = self.coordinate_names
        straight = [_straight(axis) for axis in axes]
        bent = [place for place, line in enumerate(straight) if line is None]
        self._keep(
            axes=np.einsum("jab,jkb->jka", self.parent_rotation.numpy(), directions),
            axis_slope=[line[1] if line else 0.0 for line in straight],
            axis_offset=[line[0] if line else 0.0 for line in straight],
        )
        self._number(
            "axis_coordinate", [names.index(a.coordinate) if a.coordinate else len(names) for a in axes]
        )
        self._number("bent_axis", bent)
        self._number("bent_coordinate", [names.index(str(axes[place].coordinate)) for place in bent])
        self.bends = FunctionTable([axes[place].function for place in bent])

    def _couplings(self, coordinates: Sequence[Coordinate]) -> None:
        following = [coordinate for coordinate in coordinates if coordinate.follows is not None]
        self._number("follower", [self.coordinate(coordinate.name) for coordinate in following])
        self._number("leader", [self.coordinate(str(coordinate.follows)) for coordinate in following])
        self.couplings = FunctionTable([coordinate.coupling for coordinate in following])

    def _keep(self, **tables: object) -> None:
        for name, table in tables.items():
            self.register_buffer(name, torch.as_tensor(np.asarray(table, dtype=np.float64)))

    def _number(self, name: str, places: list[int]) -> None:
        self.register_buffer(name, torch.tensor(places, dtype=torch.long))


def compile_body(model: BodyModel) -> Body:
    """Body of a model, in double precision on the CPU; ``.to`` moves it.

    Parameters
    ----------
    model
        Description of the body.

    Examples
    --------
    >>> from gaitbook.mechanics.generic_body import generic_body
    >>> body = compile_body(generic_body(height_m=1.8, mass_kg=80.0))
    >>> round(body.total_mass_kg, 6)
    80.0
    """
    return Body(model)


def _straight(axis: Axis) -> tuple[float, float] | None:
    """Intercept and slope of an axis that is linear in its coordinate, or constant."""
    if axis.coordinate is None:
        return constant_value(axis), 0.0
    if isinstance(axis.function, Polynomial) and len(axis.function.coefficients) <= LINEAR:
        intercept, slope = (*axis.function.coefficients, 0.0)[:2]
        return intercept, slope
    return None


def _inertia_matrix(segment: Segment) -> NDArray[np.float64]:
    xx, yy, zz, xy, xz, yz = segment.inertia_kgm2
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
