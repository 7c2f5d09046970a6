"""Order of the coordinates in an AddBiomechanics file, from the text of its OpenSim model.

The file holds numbers without names. They stand in the order in which the tree of joints is walked: a joint, then
all that hangs on it, joints of the same parent in the order of the model's text. Coordinates that a constraint ties
to others (those of the patella) have no number.
"""

import re
import xml.etree.ElementTree as ET
from collections import defaultdict

GROUND = "ground"
PATELLA = re.compile(r"_beta$")


def coordinate_names(model_text: str) -> tuple[str, ...]:
    """Return the names of a model's free coordinates, in the order of the joints' tree.

    Parameters
    ----------
    model_text
        Text of an ``.osim`` file, of OpenSim 2 to 4.

    Raises
    ------
    ValueError
        The text is no OpenSim model.
    """
    try:
        root = ET.fromstring(model_text)
    except ET.ParseError as error:
        raise ValueError(f"the text of its model is no OpenSim model ({error}).") from error
    tied = {
        str(element.text).strip()
        for element in root.iter("dependent_coordinate_name")
        if (element.text or "").strip()
    }
    children: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for parent, child, names in _joints(root):
        children[parent].append((child, names))
    ordered: list[str] = []
    pending = list(reversed(children[GROUND]))
    while pending:
        body, names = pending.pop()
        ordered += names
        pending += reversed(children[body])
    return tuple(name for name in ordered if name not in tied and not PATELLA.search(name))


def _joints(root: ET.Element) -> list[tuple[str, str, list[str]]]:
    """Parent, child and coordinates of each joint."""
    joints = []
    for element in root.iterfind(".//JointSet/objects/*"):
        parent, child = (_body_of(element, f"socket_{end}_frame") for end in ("parent", "child"))
        joints.append((parent, child, _coordinates(element)))
    # Until OpenSim 3 a joint stands within its child
    for body in root.iterfind(".//BodySet/objects/Body"):
        for element in body.iterfind("./Joint/*"):
            parent = (element.findtext("parent_body") or "").strip()
            joints.append((parent, body.get("name", ""), _coordinates(element)))
    return joints


def _coordinates(joint: ET.Element) -> list[str]:
    return [element.get("name", "") for element in joint.iter("Coordinate")]


def _body_of(joint: ET.Element, socket: str) -> str:
    """Body behind the frame that a joint's socket names: the frame's own socket, or the frame is the body."""
    frame = _last(joint.findtext(socket) or joint.findtext(f"{socket}_connectee_name") or "")
    for element in joint.iterfind("./frames/PhysicalOffsetFrame"):
        if element.get("name") == frame:
            return _last(element.findtext("socket_parent") or "")
    return frame


def _last(path: str) -> str:
    return path.strip().rsplit("/", 1)[-1]
