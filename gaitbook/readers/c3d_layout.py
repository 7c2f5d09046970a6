"""Layout of a .c3d file, checked byte by byte before anything else reads it.

A .c3d file is a row of 512-byte blocks: a header, a chain of named parameters, then the frames. Copies
broken off halfway and damaged parameter chains are common enough in shared folders, and the compiled reader
either shortens the trial without a word or takes the whole process down. This module walks the layout with
nothing but the standard library and says in one sentence what is wrong.

References
----------
The C3D file format, user guide, https://www.c3d.org/docs/C3D_User_Guide.pdf
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 512
C3D_KEY = 0x50
BYTE_ORDERS = {84: "<", 85: "<", 86: ">"}  # Intel, DEC, SGI/MIPS
DEC = 85
HIGHEST_COUNT = 65535  # the header counts frames in 16 bits: a longer recording stops counting here
MOST_DIMENSIONS = 7
PARAMETER_TYPES = (-1, 1, 2, 4)
INTEGER_BYTES, FLOAT_BYTES = 2, 4
VALUES_PER_POINT = 4
POINT_PARAMETERS = ("POINT:USED", "POINT:RATE")
ANALOG_PARAMETERS = ("ANALOG:USED", "ANALOG:RATE", "ANALOG:SCALE", "ANALOG:OFFSET")


class DamagedFileError(ValueError):
    """A file is broken: the message names it, what is wrong with it and what to do."""


@dataclass(frozen=True)
class C3dLayout:
    """What the header of a .c3d file promises.

    Attributes
    ----------
    n_points, n_analog
        Points, and analog values (all channels and their samples), in one frame.
    n_frames
        Frames, or ``None`` where the 16 bits of the header do not suffice to count them.
    frame_bytes, data_start
        Size of a frame and offset of the first one, in bytes.
    """

    n_points: int
    n_analog: int
    n_frames: int | None
    frame_bytes: int
    data_start: int


def check_layout(path: Path) -> C3dLayout:
    """Layout of a .c3d file whose header, parameters and length agree.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    DamagedFileError
        The file is not a .c3d file, is cut off, or its parameters are damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}: check the path and its spelling.")
    content = path.read_bytes()
    if len(content) < BLOCK_BYTES or content[1] != C3D_KEY:
        raise DamagedFileError(
            f"{path} is not a .c3d file ({len(content)} bytes, without the mark of the format at its start): "
            "export the trial again as C3D, or read it with the reader of its own format."
        )
    order, parameters_start = _parameter_section(path, content)
    layout = _read_header(path, content, order)
    _check_parameters(path, content[parameters_start : layout.data_start], order, layout)
    _check_length(path, len(content), layout)
    return layout


def _damaged(path: Path, what: str) -> DamagedFileError:
    return DamagedFileError(
        f"{path} is damaged: {what}. Copy it again from the original or export the trial again."
    )


def _parameter_section(path: Path, content: bytes) -> tuple[str, int]:
    start = (content[0] - 1) * BLOCK_BYTES
    if start < BLOCK_BYTES or len(content) < start + BLOCK_BYTES:
        raise _damaged(path, f"it ends after {len(content)} bytes, before its parameters begin")
    processor = content[start + 3]
    if processor not in BYTE_ORDERS:
        raise _damaged(path, f"its parameters name an unknown kind of processor ({processor})")
    return BYTE_ORDERS[processor], start + 4


def _read_header(path: Path, content: bytes, order: str) -> C3dLayout:
    n_points, n_analog, first, last = struct.unpack_from(f"{order}4H", content, 2)
    (data_block,) = struct.unpack_from(f"{order}H", content, 16)
    data_start = (data_block - 1) * BLOCK_BYTES
    if data_start < BLOCK_BYTES:
        raise _damaged(path, "its header does not say where the frames begin")
    # Bytes 12-15 hold the scale, negative in floating-point files; each byte order keeps the sign elsewhere.
    dec = content[(content[0] - 1) * BLOCK_BYTES + 3] == DEC
    sign_byte = content[13] if dec else content[15] if order == "<" else content[12]
    value_bytes = FLOAT_BYTES if sign_byte & 0x80 else INTEGER_BYTES
    frame_bytes = (n_points * VALUES_PER_POINT + n_analog) * value_bytes
    n_frames = None if last == HIGHEST_COUNT or last < first else last - first + 1
    return C3dLayout(n_points, n_analog, n_frames, frame_bytes, data_start)


def _check_length(path: Path, length: int, layout: C3dLayout) -> None:
    needed = layout.data_start + (layout.n_frames or 1) * layout.frame_bytes
    if length < needed:
        held = max(0, length - layout.data_start) // max(1, layout.frame_bytes)
        raise _damaged(
            path,
            f"it is cut off after {held} of {layout.n_frames or 'its'} frames ({length} of {needed} bytes)",
        )


def _check_parameters(path: Path, section: bytes, order: str, layout: C3dLayout) -> None:
    """Refuse a chain of parameters in which some record does not fit its place."""
    groups: dict[int, str] = {}
    parameters: list[tuple[int, str]] = []
    try:
        for group, name, is_group in _walk_records(section, order):
            if is_group:
                groups[group] = name
            else:
                parameters.append((group, name))
    except (struct.error, IndexError, ValueError) as error:
        raise _damaged(path, "a record of its parameters does not fit its place") from error
    names = {f"{groups.get(group)}:{name}" for group, name in parameters}
    needed = POINT_PARAMETERS + ANALOG_PARAMETERS * bool(layout.n_analog)
    missing = [name for name in needed if name not in names]
    if missing:
        raise _damaged(path, f"its parameters lack {' and '.join(missing)}")


def _walk_records(section: bytes, order: str) -> Iterator[tuple[int, str, bool]]:
    """Walk the chain: group number, name, and whether the record is a group or a parameter of it."""
    position = 0
    while position < len(section) and section[position]:
        name_length, number = struct.unpack_from("bb", section, position)
        name_end = position + 2 + abs(name_length)
        name = section[position + 2 : name_end].decode("latin-1").upper().strip()
        (step,) = struct.unpack_from(f"{order}H", section, name_end)
        content = name_end + 2
        record_end = name_end + step if step else len(section)
        if not number or not name or record_end > len(section):
            raise ValueError("a record leaves its section")
        size = 0 if number < 0 else _value_bytes(section, content)
        description = content + size
        if description + 1 + section[description] > record_end:
            raise ValueError("a record is longer than its place")
        yield abs(number), name, number < 0
        if not step:
            return
        position = record_end


def _value_bytes(section: bytes, position: int) -> int:
    kind, n_dimensions = struct.unpack_from("bB", section, position)
    if kind not in PARAMETER_TYPES or n_dimensions > MOST_DIMENSIONS:
        raise ValueError("a parameter of an unknown kind")
    size = abs(kind)
    for extent in section[position + 2 : position + 2 + n_dimensions]:
        size *= extent
    return 2 + n_dimensions + size
