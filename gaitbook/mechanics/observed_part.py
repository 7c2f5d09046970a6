"""The part of a body that a recording shows: what carries markers, and what that hangs on.

The rest costs time and learns nothing; arms without markers need not be moved to fit the legs.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from gaitbook.body_model import GROUND, BodyModel, Joint
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.jacobian import find_drives


class ObservedPart(NamedTuple):
    """Part of a body as a body of its own.

    ``markers`` and ``coordinates`` are numbers in the whole body, in the part's order; ``free`` are the part's
    coordinates that some marker informs.
    """

    body: Body
    markers: Tensor
    coordinates: Tensor
    free: tuple[int, ...]


def find_observed_part(body: Body, seen: Tensor) -> ObservedPart:
    """Part of a body that carries the markers ``seen`` (marker,), and all that they hang on."""
    model = body.model
    names = {body.marker_names[number] for number in seen.nonzero()[:, 0].tolist()}
    markers = tuple(marker for marker in model.markers if marker.name in names)
    joints = tuple(_carrying(model, {marker.segment for marker in markers}))
    kept = {joint.child for joint in joints}
    driving = _driving(model, joints)
    part = compile_body(
        replace(
            model,
            joints=joints,
            markers=markers,
            segments=tuple(segment for segment in model.segments if segment.name in kept),
            coordinates=tuple(each for each in model.coordinates if each.name in driving),
        )
    ).to(body.mass)
    where = body.mass.device
    return ObservedPart(
        part,
        torch.tensor([body.marker_names.index(name) for name in part.marker_names], device=where),
        torch.tensor([body.coordinate(name) for name in part.coordinate_names], device=where),
        _free(part),
    )


def _carrying(model: BodyModel, segments: set[str]) -> Iterator[Joint]:
    """Joints from the ground to the segments, in the order of the model."""
    joint_of = {joint.child: joint for joint in model.joints}
    needed: set[str] = set()
    for segment in segments:
        above = segment
        while above != GROUND and above not in needed:
            needed.add(above)
            above = joint_of[above].parent
    return (joint for joint in model.joints if joint.child in needed)


def _driving(model: BodyModel, joints: tuple[Joint, ...]) -> set[str]:
    axes = [axis for joint in joints for axis in (*joint.rotations, *joint.translations)]
    direct = {axis.coordinate for axis in axes if axis.coordinate is not None}
    leaders = {each.follows for each in model.coordinates if each.name in direct and each.follows}
    return direct | leaders


def _free(part: Body) -> tuple[int, ...]:
    drives = find_drives(part)
    moving = set(drives.coordinate[drives.drive_of_marker].tolist())
    return tuple(number for number in sorted(moving) if not part.model.coordinates[number].locked)
