"""Frames of an AddBiomechanics file (``.b3d``): all numbers of a trial at once.

Each frame is one message of measurements and one message for each pass of the processing. All messages of a kind
have the same size and hold doubles only, so that a trial is one table of bytes and its quantities are columns of it.
"""

from dataclasses import dataclass

import numpy as np

from gaitbook.conventions import AXES
from gaitbook.readers.b3d_header import B3DError, B3DSubject, B3DTrial
from gaitbook.readers.protobuf_wire import WireError, packed_doubles

POSITION, CONTACT_POINT, CONTACT_TORQUE, CONTACT_FORCE = 1, 6, 7, 8
MARKERS, PLATE_POINT, PLATE_TORQUE, PLATE_FORCE = 2, 7, 8, 9


@dataclass(frozen=True)
class Contacts:
    """Forces on several bodies or plates in the laboratory frame, each array (time, body, axis).

    Attributes
    ----------
    force
        Force on the person, N.
    point
        Center of pressure, m.
    torque
        Moment about the center of pressure, N m.
    """

    force: np.ndarray
    point: np.ndarray
    torque: np.ndarray

    @property
    def moment(self) -> np.ndarray:
        """Moment about the origin of the laboratory (time, body, axis), N m."""
        return np.cross(self.point, self.force) + self.torque


@dataclass(frozen=True)
class Frames:
    """Numbers of a trial: what was measured, and what one pass made of it.

    Attributes
    ----------
    position
        Coordinates (time, coordinate), rad and m.
    markers
        Markers (time, marker, axis), m; NaN where unseen.
    contacts
        Forces that the pass gave to the bodies in contact; None if it gave none.
    plates
        Forces on the plates as measured; None if there were no plates.
    """

    position: np.ndarray
    markers: np.ndarray
    contacts: Contacts | None
    plates: Contacts | None


def read_frames(subject: B3DSubject, trial: B3DTrial, pass_index: int) -> Frames:
    """Numbers of a trial after one pass.

    Raises
    ------
    B3DError
        The frames are not alike, or hold other numbers than the header tells; the message names the frame.
    """
    frame_bytes = subject.sensor_bytes + len(trial.passes) * subject.pass_bytes
    count = trial.n_frames * frame_bytes
    table = np.fromfile(subject.path, dtype=np.uint8, count=count, offset=trial.first_byte)
    if len(table) != count:
        raise B3DError(
            f"{subject.path}, trial {trial.name}: the file was cut off. Copy or download it again."
        )
    table = table.reshape(trial.n_frames, frame_bytes)
    start = subject.sensor_bytes + pass_index * subject.pass_bytes
    sensors = _fields(subject, trial, table[:, : subject.sensor_bytes], "measurements")
    processed = _fields(subject, trial, table[:, start : start + subject.pass_bytes], "processed values")
    position = processed.get(POSITION, np.empty((trial.n_frames, 0)))
    markers = sensors.get(MARKERS, np.empty((trial.n_frames, 0)))
    _check_counts(subject, trial, position, markers)
    contacts = _contacts(processed, CONTACT_FORCE, CONTACT_POINT, CONTACT_TORQUE)
    if contacts is not None and contacts.force.shape[1] != len(subject.contact_bodies):
        raise B3DError(
            f"{subject.path}, trial {trial.name}: forces on {contacts.force.shape[1]} bodies, expected one for each "
            f"of {', '.join(subject.contact_bodies) or 'no body'}. The file is damaged: download it again."
        )
    return Frames(
        position=np.array(position),
        markers=np.array(markers).reshape(trial.n_frames, -1, len(AXES)),
        contacts=contacts,
        plates=_contacts(sensors, PLATE_FORCE, PLATE_POINT, PLATE_TORQUE),
    )


def _fields(subject: B3DSubject, trial: B3DTrial, table: np.ndarray, what: str) -> dict[int, np.ndarray]:
    try:
        return packed_doubles(table)
    except WireError as error:
        raise B3DError(
            f"{subject.path}, trial {trial.name}, frame {error.frame}, {what}: {error}. "
            "The file is damaged: copy or download it again."
        ) from error


def _contacts(fields: dict[int, np.ndarray], force: int, point: int, torque: int) -> Contacts | None:
    """Forces of a message; None if it has none, or only zeros, as where a pass gave the force to no body."""
    if any(number not in fields for number in (force, point, torque)) or not np.any(fields[force]):
        return None
    return Contacts(
        *(np.array(fields[each]).reshape(len(fields[each]), -1, len(AXES)) for each in (force, point, torque))
    )


def _check_counts(subject: B3DSubject, trial: B3DTrial, position: np.ndarray, markers: np.ndarray) -> None:
    expected = (len(subject.coordinates), len(AXES) * len(subject.markers))
    found = (position.shape[1], markers.shape[1])
    if found[0] != expected[0] or found[1] not in (0, expected[1]):
        raise B3DError(
            f"{subject.path}, trial {trial.name}: a frame holds {found[0]} coordinates and {found[1]} numbers of "
            f"markers, expected {expected[0]} and {expected[1]}. The file is damaged: download it again."
        )
