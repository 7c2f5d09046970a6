"""Frames of OpenSim models: which body a socket names, and where on it.

Since version 4 a joint or marker names a frame by a path: a body (``/bodyset/tibia_r``), the ground, or an offset
frame that hangs on one of these or on another offset frame. Offsets that hang on each other are put together here,
so that what remains is a body, a position and body-fixed x-y-z angles.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from gaitbook.body_model import GROUND, Vector
from gaitbook.readers.osim_xml import ORIGIN, name_of, text, vector

# The name of a socket's element changed twice on the way from version 3 to 4.
SOCKETS = ("socket_{0}", "socket_{0}_connectee_name")
LOCKED_SINE = 1.0 - 1e-12


@dataclass(frozen=True)
class Frame:
    """Place on a body: position (m) and body-fixed x-y-z angles (rad)."""

    body: str
    position: Vector = ORIGIN
    rotation: Vector = ORIGIN


class FrameFinder:
    """Finds the frames of one model by path."""

    def __init__(self, model: Element, bodies: frozenset[str]) -> None:
        self._bodies = bodies | {GROUND}
        self._offsets = dict(_offset_frames(model))

    def find(self, path: str, owner: str, faults: list[str]) -> Frame | None:
        """Frame that a path names, seen from the object called ``owner``.

        None, and a line more in ``faults``, if there is no such frame.
        """
        return self._find(path, owner, faults, frozenset())

    def _find(self, path: str, owner: str, faults: list[str], seen: frozenset[str]) -> Frame | None:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        place = self._offset_place(parts, owner)
        if place is not None and "/".join(place) not in seen:
            return self._hung_offset(place, faults, seen | {"/".join(place)})
        name = owner if parts[-1:] == [".."] else "".join(parts[-1:])
        if name in self._bodies:
            return Frame(name)
        faults.append(f"'{owner}' names the frame '{path}', which the model does not have")
        return None

    def _offset_place(self, parts: list[str], owner: str) -> tuple[str, str] | None:
        """Owner and name of the offset frame that a path means, if it means one."""
        if not parts or parts[-1] == "..":
            return None
        above = [part for part in parts[:-1] if part != ".."]
        place = (above[-1] if above else owner, parts[-1])
        if place in self._offsets:
            return place
        namesakes = [known for known in self._offsets if known[1] == parts[-1]]
        return namesakes[0] if len(namesakes) == 1 and parts[-1] not in self._bodies else None

    def _hung_offset(self, place: tuple[str, str], faults: list[str], seen: frozenset[str]) -> Frame | None:
        element = self._offsets[place]
        parent = self._find(socket(element, "parent"), place[0], faults, seen)
        if parent is None:
            return None
        return on_frame(
            parent, vector(element, "translation", faults), vector(element, "orientation", faults)
        )


def socket(element: Element, name: str) -> str:
    """Path that a socket of this element holds, in any of the spellings between version 3 and 4."""
    found = text(element, *(spelling.format(name) for spelling in SOCKETS))
    if found:
        return found
    for connectors in (*element.findall("connectors"), *element.findall("Connectors")):
        for connector in connectors:
            if name_of(connector) == name:
                return text(connector, "connectee_name")
    return ""


def on_frame(frame: Frame, position: Vector, rotation: Vector = ORIGIN) -> Frame:
    """Offset from a frame as an offset from its body."""
    if position == rotation == ORIGIN:
        return frame
    if frame.position == frame.rotation == ORIGIN:
        return Frame(frame.body, position, rotation)
    turn = _matrix(frame.rotation)
    return Frame(
        frame.body, _vector(turn @ position + np.array(frame.position)), _angles(turn @ _matrix(rotation))
    )


def _offset_frames(model: Element) -> list[tuple[tuple[str, str], Element]]:
    return [
        ((name_of(owner), name_of(frame)), frame)
        for owner in model.iter()
        for kind in ("frames", "components")
        for listed in owner.findall(kind)
        for frame in listed.iter("PhysicalOffsetFrame")
    ]


def _matrix(angles: Vector) -> np.ndarray:
    (cos_x, cos_y, cos_z), (sin_x, sin_y, sin_z) = np.cos(angles), np.sin(angles)
    about_x = np.array([[1, 0, 0], [0, cos_x, -sin_x], [0, sin_x, cos_x]])
    about_y = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    about_z = np.array([[cos_z, -sin_z, 0], [sin_z, cos_z, 0], [0, 0, 1]])
    return about_x @ about_y @ about_z


def _angles(turn: np.ndarray) -> Vector:
    about_y = np.arcsin(np.clip(turn[0, 2], -1.0, 1.0))
    # With y at a right angle, x and z turn about the same axis: all of it is given to x.
    if abs(turn[0, 2]) > LOCKED_SINE:
        return _vector([np.arctan2(turn[2, 1], turn[1, 1]), about_y, 0.0])
    return _vector([np.arctan2(-turn[1, 2], turn[2, 2]), about_y, np.arctan2(-turn[0, 1], turn[0, 0])])


def _vector(values: np.ndarray | list[float]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
