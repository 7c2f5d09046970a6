"""Joints and coordinates of OpenSim models, of the layouts before version 4 (inside the body) and since (a set).

Custom joints say by six functions how the child moves; the other supported types are custom joints with fixed axes.
"""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

import numpy as np

from gaitbook.body_model import GROUND, IDENTITY, STILL, ZERO, Axis, Coordinate, Joint
from gaitbook.readers.osim_frames import Frame, FrameFinder, on_frame, socket
from gaitbook.readers.osim_functions import is_constant, read_function
from gaitbook.readers.osim_xml import (
    flag,
    inner_object,
    label,
    name_of,
    number,
    numbers,
    objects,
    text,
    vector,
)

ROTATION, TRANSLATION = 0, 3
SLOTS = ("rotation1", "rotation2", "rotation3", "translation1", "translation2", "translation3")
# Axes of each coordinate in turn: Seth et al. 2011, OpenSim's documentation of its joints.
FIXED_AXES: dict[str, tuple[tuple[int, int], ...]] = {
    "WeldJoint": (),
    "PinJoint": ((ROTATION, 2),),
    "SliderJoint": ((TRANSLATION, 0),),
    "UniversalJoint": ((ROTATION, 0), (ROTATION, 1)),
    "GimbalJoint": ((ROTATION, 0), (ROTATION, 1), (ROTATION, 2)),
    "PlanarJoint": ((ROTATION, 2), (TRANSLATION, 0), (TRANSLATION, 1)),
}
SUPPORTED_JOINTS = ("CustomJoint", *FIXED_AXES)


def joint_elements(model: Element) -> Iterator[tuple[Element, str]]:
    """Every joint of a model, with the body that it stands in (before version 4), else an empty string."""
    for element in objects(model, "JointSet"):
        yield element, ""
    for listed in model.findall("components"):
        yield from ((element, "") for element in listed if element.tag.endswith("Joint"))
    for body in objects(model, "BodySet"):
        for wrapper in (*body.findall("Joint"), *body.findall("joint")):
            yield from ((element, name_of(body)) for element in wrapper)


def read_joint(element: Element, body: str, frames: FrameFinder, faults: list[str]) -> Joint | None:
    """Joint that an element describes.

    Parameters
    ----------
    element
        Joint of any type.
    body
        Body that the joint stands in and moves; empty where the joint names its child itself.
    frames
        Frames of the model.
    faults
        Takes a line for everything that is not supported or cannot be read; None is returned if it is the joint.
    """
    name = name_of(element)
    if element.tag not in SUPPORTED_JOINTS:
        faults.append(f"joint '{name}' is of type {element.tag} (supported: {', '.join(SUPPORTED_JOINTS)})")
        return None
    if flag(element, "reverse"):
        faults.append(f"joint '{name}' is reversed (it says how the parent moves on the child)")
    parent, child = _parent_frame(element, frames, faults), _child_frame(element, body, frames, faults)
    if parent is None or child is None:
        return None
    if child.body == GROUND:
        faults.append(f"joint '{name}' is reversed (its child is the ground)")
        return None
    axes = _custom_axes(element, faults) if element.tag == "CustomJoint" else _fixed_axes(element)
    return Joint(
        name,
        parent.body,
        child.body,
        parent.position,
        parent.rotation,
        child.position,
        child.rotation,
        (axes[0], axes[1], axes[2]),
        (axes[3], axes[4], axes[5]),
    )


def read_coordinates(element: Element, joint: Joint, faults: list[str]) -> list[Coordinate]:
    """Coordinates of a joint: those that its element lists, then those that only its axes name."""
    listed = list(element.iter("Coordinate"))
    names = [name_of(coordinate) for coordinate in listed]
    used = [axis.coordinate for axis in (*joint.rotations, *joint.translations) if axis.coordinate]
    found = [_coordinate(coordinate, joint, faults) for coordinate in listed]
    lonely = [name for name in dict.fromkeys(used) if name not in names]
    return found + [Coordinate(name, is_rotation=_turns(name, joint)) for name in lonely]


def _coordinate(element: Element, joint: Joint, faults: list[str]) -> Coordinate:
    name = name_of(element)
    found = Coordinate(
        name,
        number(element, "default_value", 0.0, faults),
        is_rotation=_is_rotation(element, name, joint),
        locked=flag(element, "locked"),
    )
    limits = numbers(element, "range", faults)
    if not limits:
        return found
    return replace(found, low=min(limits), high=max(limits))


def _is_rotation(element: Element, name: str, joint: Joint) -> bool:
    stated = {"rotational": True, "translational": False}.get(text(element, "motion_type").lower())
    return _turns(name, joint) if stated is None else stated


def _turns(name: str, joint: Joint) -> bool:
    """Whether a coordinate is an angle: it turns the child, and does not merely come with a shift by it."""
    turning = [axis for axis in joint.rotations if axis.coordinate == name]
    shifting = [axis for axis in joint.translations if axis.coordinate == name]
    if any(axis.function == IDENTITY for axis in turning):
        return True
    return not any(axis.function == IDENTITY for axis in shifting) and bool(turning or not shifting)


def _parent_frame(element: Element, frames: FrameFinder, faults: list[str]) -> Frame | None:
    path = socket(element, "parent_frame") or socket(element, "parent_body") or text(element, "parent_body")
    frame = frames.find(path, name_of(element), faults)
    if frame is None:
        return None
    return on_frame(
        frame, vector(element, "location_in_parent", faults), vector(element, "orientation_in_parent", faults)
    )


def _child_frame(element: Element, body: str, frames: FrameFinder, faults: list[str]) -> Frame | None:
    path = socket(element, "child_frame") or socket(element, "child_body") or body
    frame = frames.find(path, name_of(element), faults)
    if frame is None:
        return None
    position, rotation = (
        vector(element, kind, faults, vector(element, f"{kind}_in_child", faults))
        for kind in ("location", "orientation")
    )
    return on_frame(frame, position, rotation)


def _fixed_axes(element: Element) -> list[Axis]:
    listed = [name_of(coordinate) for coordinate in element.iter("Coordinate")]
    axes = [*STILL, *STILL]
    turned = 0
    for index, (kind, direction) in enumerate(FIXED_AXES[element.tag]):
        name = listed[index] if index < len(listed) else f"{name_of(element)}_coord_{index}"
        slot = turned if kind == ROTATION else TRANSLATION + direction
        axes[slot] = Axis(STILL[direction].direction, IDENTITY, name)
        turned += kind == ROTATION
    return axes


def _custom_axes(element: Element, faults: list[str]) -> list[Axis]:
    axes = [*STILL, *STILL]
    for slot, axis in _slotted_axes(element, faults):
        axes[slot] = _axis(
            axis, axes[slot], f"joint '{name_of(element)}', {name_of(axis) or SLOTS[slot]}", faults
        )
    return axes


def _slotted_axes(element: Element, faults: list[str]) -> Iterator[tuple[int, Element]]:
    """Transform axes with their places among three rotations and three translations."""
    spatial = element.find("SpatialTransform")
    if spatial is not None:
        listed = list(spatial.iter("TransformAxis"))
        for index, axis in enumerate(listed[: len(SLOTS)]):
            yield SLOTS.index(name_of(axis)) if name_of(axis) in SLOTS else index, axis
        return
    # Version 1 lists the axes that move, in any number; each says whether it is a rotation.
    free = {True: list(range(TRANSLATION)), False: list(range(TRANSLATION, len(SLOTS)))}
    for axis in objects(element, "TransformAxisSet"):
        places = free[flag(axis, "is_rotation")]
        if places:
            yield places.pop(0), axis
        else:
            faults.append(f"joint '{name_of(element)}' has more than three {label(axis)} of one kind")


def _axis(element: Element, still: Axis, place: str, faults: list[str]) -> Axis:
    names = text(element, "coordinates", "coordinate").replace('"', " ").split()
    described = inner_object(element, "function")
    implied = IDENTITY if names else ZERO
    function = implied if described is None else read_function(described, place, faults)
    if is_constant(function):
        names = []
    elif len(names) != 1:
        faults.append(f"{place}: its function has {len(names)} coordinates ({' '.join(names)}), expected one")
    direction = np.array(vector(element, "axis", faults, still.direction))
    length = float(np.linalg.norm(direction))
    if length == 0.0:
        if function != ZERO:
            faults.append(f"{place}: the axis has no direction")
        return still
    x, y, z = (float(value) for value in direction / length)
    return Axis((x, y, z), function, names[0] if names else None)
