"""OpenSim models (``.osim``, versions 1 to 4): segments, joints, coordinates and markers; nothing else of them.

Muscles, geometry, contact, controllers and probes are passed over. What changes the motion and cannot be said in a
`gaitbook.body_model.BodyModel` is refused, all of it in one message, rather than read wrongly.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

from gaitbook.body_model import GROUND, BodyModel, BodyModelError, Coordinate, Joint, Marker, Segment
from gaitbook.readers.osim_frames import FrameFinder, on_frame, socket
from gaitbook.readers.osim_functions import read_function
from gaitbook.readers.osim_joints import joint_elements, read_coordinates, read_joint
from gaitbook.readers.osim_xml import (
    flag,
    inner_object,
    name_of,
    number,
    numbers,
    objects,
    read_model_element,
    text,
    vector,
)

INERTIA_TERMS = ("xx", "yy", "zz", "xy", "xz", "yz")
COUPLER = "CoordinateCouplerConstraint"
REMEDY = (
    "Replace these in OpenSim (a CustomJoint with functions of one coordinate each does for most joints), or take "
    "another model. Muscles, geometry and controllers need no change."
)
logger = logging.getLogger(__name__)


def read_body(path: str | Path) -> BodyModel:
    """Return the body that an OpenSim model file describes.

    Parameters
    ----------
    path
        ``.osim`` file of OpenSim 1 to 4. Joints may be ``CustomJoint``, ``PinJoint``, ``WeldJoint``,
        ``SliderJoint``, ``UniversalJoint``, ``GimbalJoint`` and ``PlanarJoint``; their functions constant, linear,
        polynomial, ``SimmSpline``, or multiples of these. A coordinate coupler becomes ``Coordinate.follows``.

    Returns
    -------
    BodyModel
        Lengths in m, angles in rad, masses in kg. Names are those of the file; the order of joints and coordinates
        too. Locked coordinates keep their default. Markers on the ground are left out with a note in the log.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    BodyModelError
        If the file is no XML, holds no model or no joint, or holds what is not supported (other joints and
        functions, reversed joints, constraints that close loops); the message lists all of it.

    References
    ----------
    Seth et al. (2018), OpenSim: simulating musculoskeletal dynamics and neuromuscular control to study human and
    animal movement, doi:10.1371/journal.pcbi.1006223.
    """
    path = Path(path)
    model = read_model_element(path)
    faults: list[str] = []
    segments = [_segment(element, faults) for element in _body_elements(model)]
    frames = FrameFinder(model, frozenset(segment.name for segment in segments))
    joints, coordinates = _joints(model, frames, faults)
    coordinates = _coupled(model, coordinates, faults)
    markers = [
        marker for element in objects(model, "MarkerSet") for marker in _marker(element, frames, faults)
    ]
    if not joints and not faults:
        raise BodyModelError(
            f"{path} holds {len(segments)} bodies, but no joint: nothing can move. "
            "Choose the file of a whole model, not of a part such as a marker set or a force set."
        )
    if faults:
        raise _refusal(path, faults)
    try:
        return BodyModel(
            name_of(model) or path.stem, tuple(segments), tuple(joints), tuple(coordinates), tuple(markers)
        )
    except BodyModelError as error:
        raise BodyModelError(f"{path}: {error}\nCorrect the model in OpenSim, or take another.") from error


def _refusal(path: Path, faults: list[str]) -> BodyModelError:
    distinct = list(dict.fromkeys(faults))
    return BodyModelError(
        f"{path} cannot be used as a body model; {len(distinct)} thing(s) stand against it:\n- "
        + "\n- ".join(distinct)
        + f"\n{REMEDY}"
    )


def _body_elements(model: Element) -> Iterator[Element]:
    yield from (element for element in objects(model, "BodySet") if name_of(element).lower() != GROUND)
    for listed in model.findall("components"):
        yield from listed.findall("Body")


def _segment(element: Element, faults: list[str]) -> Segment:
    mass = numbers(element, "mass", faults)
    if not mass:
        faults.append(f"body '{name_of(element)}' has no mass")
        return Segment(name_of(element), 0.0)
    inertia = numbers(element, "inertia", faults) or tuple(
        number(element, f"inertia_{term}", 0.0, faults) for term in INERTIA_TERMS
    )
    if len(inertia) != len(INERTIA_TERMS):
        faults.append(f"body '{name_of(element)}' has {len(inertia)} moments of inertia, expected six")
        return Segment(name_of(element), mass[0])
    xx, yy, zz, xy, xz, yz = inertia
    return Segment(
        name_of(element), mass[0], vector(element, "mass_center", faults), (xx, yy, zz, xy, xz, yz)
    )


def _joints(model: Element, frames: FrameFinder, faults: list[str]) -> tuple[list[Joint], list[Coordinate]]:
    joints, coordinates = [], []
    for element, body in joint_elements(model):
        joint = read_joint(element, body, frames, faults)
        if joint is not None:
            joints.append(joint)
            coordinates += read_coordinates(element, joint, faults)
    return joints, coordinates


def _coupled(model: Element, coordinates: list[Coordinate], faults: list[str]) -> list[Coordinate]:
    """Coordinates, those that a coupler drives with the one that they follow."""
    enforced = [element for element in objects(model, "ConstraintSet") if _is_enforced(element)]
    faults += [
        f"constraint '{name_of(element)}' is of type {element.tag}: it closes a loop (switch it off if it may be)"
        for element in enforced
        if element.tag != COUPLER
    ]
    couplers = [element for element in enforced if element.tag == COUPLER]
    driven = Counter(text(element, "dependent_coordinate_name") for element in couplers)
    faults += [f"coordinate '{name}' is coupled {count} times" for name, count in driven.items() if count > 1]
    found = {coordinate.name: coordinate for coordinate in coordinates}
    for element in couplers:
        _couple(element, found, faults)
    faults += [
        f"coordinate '{coordinate.name}' follows '{coordinate.follows}', which follows another itself"
        for coordinate in found.values()
        if coordinate.follows and found[coordinate.follows].follows
    ]
    return [found[coordinate.name] for coordinate in coordinates]


def _is_enforced(element: Element) -> bool:
    return flag(element, "isEnforced", default=True) and not flag(element, "isDisabled")


def _couple(element: Element, found: dict[str, Coordinate], faults: list[str]) -> None:
    place = f"coupler '{name_of(element)}'"
    dependent = text(element, "dependent_coordinate_name")
    leading = text(element, "independent_coordinate_names").replace('"', " ").split()
    described = inner_object(element, "coupled_coordinates_function")
    unknown = [name for name in (dependent, *leading) if name not in found]
    if len(leading) != 1:
        faults.append(
            f"{place} has {len(leading)} independent coordinates ({' '.join(leading)}), expected one"
        )
    if unknown:
        faults.append(f"{place} names coordinates that no joint has: {', '.join(unknown)}")
    if described is None:
        faults.append(f"{place} has no function")
    if described is None or unknown or len(leading) != 1:
        return
    factor = number(element, "scale_factor", 1.0, faults)
    found[dependent] = replace(
        found[dependent], follows=leading[0], coupling=read_function(described, place, faults, factor)
    )


def _marker(element: Element, frames: FrameFinder, faults: list[str]) -> Iterator[Marker]:
    name = name_of(element)
    path = socket(element, "parent_frame") or text(element, "body", "body_name")
    frame = frames.find(path, f"marker {name}", faults)
    if frame is None:
        return
    if frame.body == GROUND:
        logger.info("marker %s is fixed to the ground and is left out of the body", name)
        return
    position = on_frame(frame, vector(element, "location", faults)).position
    yield Marker(name, frame.body, position, flag(element, "fixed"))
