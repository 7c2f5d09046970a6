"""What an AddBiomechanics file (``.b3d``) says about itself: the person, the passes and the trials.

A file begins with the length of its header (eight bytes) and the header, a protobuf message; the frames of all
trials follow (`gaitbook.readers.b3d_frames`). The numbers of the fields are those of ``SubjectOnDisk.proto`` of
nimblephysics, version 4.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gaitbook.readers.b3d_coordinates import coordinate_names
from gaitbook.readers.protobuf_wire import Message, WireError

LENGTH_BYTES = 8
MISSING_FORCE = (
    "",
    "force zero although the person accelerates",
    "an unmeasured external force acts",
    "moment disagrees with the motion",
    "force disagrees with the motion",
    "not over a force plate",
    "an impact is missing",
    "a short blip",
    "force is shifted in time",
    "clipped force was interpolated",
    "excluded by hand",
    "a foot is in contact but no force was measured",
    "markers are fitted badly",
    "measurements are outliers",
    "no force plate data",
    "velocities too high even after filtering",
    "center of pressure outside of the feet",
    "no force at all",
    "next to a stretch of missing force",
)
"""Reason of missing force in words, by the file's code; empty where the force is not missing."""

PASS_KINDS = ("kinematics", "dynamics", "low_pass_filter", "acceleration_minimizing_filter")


class B3DError(ValueError):
    """The file is no .b3d file, is damaged, or lacks what was asked for."""


@dataclass(frozen=True)
class B3DPass:
    """One pass of AddBiomechanics' processing: one of `PASS_KINDS`, and the text of its model (``.osim``)."""

    kind: str
    model_text: str


@dataclass(frozen=True)
class B3DTrial:
    """A trial of a file.

    Attributes
    ----------
    name, original_name
        Name, and that of the recording that AddBiomechanics cut it from (empty if it does not say).
    n_frames
        Number of frames.
    time_step_s
        Time between frames.
    passes
        Kinds of the passes that it went through, in their order.
    missing_force
        Reason why the force of each frame is missing (`MISSING_FORCE`), empty where it is not; one per frame.
    n_plates
        Number of force plates.
    first_byte
        Where its frames begin in the file.
    """

    name: str
    original_name: str
    n_frames: int
    time_step_s: float
    passes: tuple[str, ...]
    missing_force: tuple[str, ...]
    n_plates: int
    first_byte: int


@dataclass(frozen=True)
class B3DSubject:
    """Person and contents of an AddBiomechanics file.

    Attributes
    ----------
    path, version
        The file, and the version of its format.
    height_m, mass_kg, age_year, sex
        None where the file does not say.
    href, notes, tags
        Where the recordings come from, notes such as citations, and AddBiomechanics' tags.
    coordinates
        Names of the coordinates, in the order of the file's numbers.
    contact_bodies
        Bodies that touch the ground.
    markers
        Names of the markers.
    passes
        Passes of the processing, each with its model.
    trials
        Trials in the order of the file.
    sensor_bytes, pass_bytes
        Size of one frame's measurements, and of one frame of one pass.
    """

    path: Path
    version: int
    height_m: float | None
    mass_kg: float | None
    age_year: int | None
    sex: str | None
    href: str
    notes: str
    tags: tuple[str, ...]
    coordinates: tuple[str, ...]
    contact_bodies: tuple[str, ...]
    markers: tuple[str, ...]
    passes: tuple[B3DPass, ...]
    trials: tuple[B3DTrial, ...]
    sensor_bytes: int
    pass_bytes: int


def read_b3d(path: str | Path) -> B3DSubject:
    """Header of an AddBiomechanics ``.b3d`` file: the person, the passes with their models, and the trials.

    Parameters
    ----------
    path
        The file. Its frames are not read.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    B3DError
        The file is no .b3d file, is cut off, or its model does not name as many coordinates as its frames hold.

    References
    ----------
    Werling et al. (2023), AddBiomechanics, doi:10.1371/journal.pone.0295152
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}: check the path.")
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(LENGTH_BYTES)
        length = struct.unpack("<q", start)[0] if len(start) == LENGTH_BYTES else -1
        if length <= 0:
            raise B3DError(f"{path} is no .b3d file: it does not begin with the length of a header.")
        if length > size - LENGTH_BYTES:
            raise B3DError(
                f"{path} is no .b3d file, or was cut off: it has {size} bytes and its header alone would have "
                f"{length}. Copy or download it again."
            )
        content = stream.read(length)
    try:
        subject = _subject(path, Message.parse(content), LENGTH_BYTES + length)
    except WireError as error:
        raise B3DError(f"{path} is no .b3d file, or is damaged: header, {error}.") from error
    _check_size(subject, size)
    return subject


def _subject(path: Path, header: Message, first_byte: int) -> B3DSubject:
    sensor_bytes, pass_bytes, version = header.integer(3), header.integer(4), header.integer(10)
    if sensor_bytes <= 0 or not header.values.get(9):
        raise B3DError(
            f"{path} is no .b3d file of a version that can be read (version {version}; versions 3 and 4 can): its "
            "header tells no size of a frame, or no trial. Download it again from AddBiomechanics."
        )
    passes = tuple(B3DPass(_kind(each.integer(1)), each.text(2)) for each in header.messages(5))
    return B3DSubject(
        path=path,
        version=version,
        height_m=header.double(14) or None,
        mass_kg=header.double(15) or None,
        age_year=header.integer(16) or None,
        sex=header.text(13).lower() if header.text(13).lower() in ("female", "male") else None,
        href=header.text(11),
        notes=header.text(12),
        tags=header.texts(23),
        coordinates=_coordinates(path, passes, header.integer(1)),
        contact_bodies=header.texts(6),
        markers=header.texts(17),
        passes=passes,
        trials=_trials(header.messages(9), first_byte, sensor_bytes, pass_bytes),
        sensor_bytes=sensor_bytes,
        pass_bytes=pass_bytes,
    )


def _trials(
    headers: Sequence[Message], first_byte: int, sensor_bytes: int, pass_bytes: int
) -> tuple[B3DTrial, ...]:
    trials = []
    for header in headers:
        codes = header.integers(2)
        n_frames = header.integer(3)
        trial = B3DTrial(
            name=header.text(1),
            original_name=header.text(10),
            n_frames=n_frames,
            time_step_s=header.double(4),
            passes=tuple(_kind(each.integer(1)) for each in header.messages(5)),
            missing_force=tuple(map(_reason, codes)) if codes else ("",) * n_frames,
            n_plates=header.integer(7),
            first_byte=first_byte,
        )
        trials.append(trial)
        first_byte += n_frames * (sensor_bytes + len(trial.passes) * pass_bytes)
    return tuple(trials)


def _check_size(subject: B3DSubject, size: int) -> None:
    last = subject.trials[-1]
    expected = last.first_byte + last.n_frames * (
        subject.sensor_bytes + len(last.passes) * subject.pass_bytes
    )
    if size != expected:
        state = "was cut off" if size < expected else "has more frames than its header tells"
        raise B3DError(
            f"{subject.path} {state}: {size} bytes, expected {expected}. Copy or download it again."
        )
    for trial in subject.trials:
        if len(trial.missing_force) != trial.n_frames or trial.n_frames < 1 or trial.time_step_s <= 0:
            raise B3DError(
                f"{subject.path}, trial {trial.name}: {trial.n_frames} frames of {trial.time_step_s:g} s, but "
                f"{len(trial.missing_force)} remarks on their force. The file is damaged: download it again."
            )


def _coordinates(path: Path, passes: Sequence[B3DPass], expected: int) -> tuple[str, ...]:
    text = next((each.model_text for each in passes if each.model_text), "")
    try:
        names = coordinate_names(text)
    except ValueError as error:
        raise B3DError(f"{path}: {error}") from error
    if len(names) != expected:
        raise B3DError(
            f"{path}: its frames hold {expected} coordinates, its model names {len(names)} "
            f"({', '.join(names) or 'none'}); which number is which cannot be told."
        )
    return names


def _kind(code: int) -> str:
    return PASS_KINDS[code] if 0 <= code < len(PASS_KINDS) else f"pass_of_kind_{code}"


def _reason(code: int) -> str:
    return MISSING_FORCE[code] if 0 <= code < len(MISSING_FORCE) else f"reason number {code}"
