"""The wire format of protocol buffers: messages as numbered fields, without their definition.

A message is a row of fields, each a tag (number and kind) and a value. What a number means is up to the reader.
See https://protobuf.dev/programming-guides/encoding.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
CONTINUES = 0x80
DOUBLE_BYTES = 8


class WireError(ValueError):
    """The bytes are no message; ``frame`` is the first of several messages that is none."""

    def __init__(self, text: str, frame: int = 0) -> None:
        super().__init__(text)
        self.frame = frame


@dataclass(frozen=True)
class Field:
    """One field: its number, its kind on the wire, and where its value stands in the buffer."""

    number: int
    kind: int
    start: int
    stop: int


@dataclass(frozen=True)
class Message:
    """A message with its values by field number; what is absent reads as zero, empty text or nothing."""

    values: Mapping[int, tuple[int | bytes, ...]]

    @classmethod
    def parse(cls, buffer: bytes) -> "Message":
        """Return the message in a buffer.

        Raises
        ------
        WireError
            The bytes end within a field, or are none.
        """
        values = defaultdict(list)
        for field in iterate_fields(buffer):
            raw = buffer[field.start : field.stop]
            values[field.number].append(read_varint(raw, 0)[0] if field.kind == VARINT else raw)
        return cls({number: tuple(found) for number, found in values.items()})

    def integer(self, number: int) -> int:
        """Last value of an integer field, with its sign."""
        return (self.integers(number) or (0,))[-1]

    def integers(self, number: int) -> tuple[int, ...]:
        """All values of an integer field, packed or not."""
        found: list[int] = []
        for value in self.values.get(number, ()):
            found.extend([value] if isinstance(value, int) else _packed_varints(value))
        return tuple(_signed(value) for value in found)

    def double(self, number: int) -> float:
        """Last value of a field of doubles."""
        return (self.doubles(number) or (0.0,))[-1]

    def doubles(self, number: int) -> tuple[float, ...]:
        """All values of a field of doubles, packed or not."""
        joined = b"".join(self._raw(number))
        if len(joined) % DOUBLE_BYTES:
            raise WireError(f"field {number} holds {len(joined)} bytes, no whole number of doubles")
        return struct.unpack(f"<{len(joined) // DOUBLE_BYTES}d", joined)

    def text(self, number: int) -> str:
        """Last value of a field of text."""
        return (self.texts(number) or ("",))[-1]

    def texts(self, number: int) -> tuple[str, ...]:
        """All values of a field of text."""
        try:
            return tuple(value.decode("utf-8") for value in self._raw(number))
        except UnicodeDecodeError as error:
            raise WireError(f"field {number} is no text") from error

    def messages(self, number: int) -> tuple["Message", ...]:
        """All messages of a field of messages."""
        return tuple(Message.parse(value) for value in self._raw(number))

    def _raw(self, number: int) -> tuple[bytes, ...]:
        found = self.values.get(number, ())
        if not all(isinstance(value, bytes) for value in found):
            raise WireError(f"field {number} holds integers, expected something else")
        return tuple(value for value in found if isinstance(value, bytes))


def iterate_fields(buffer: bytes) -> Iterator[Field]:
    r"""Fields of a message, one after the other.

    Examples
    --------
    >>> [(field.number, field.start, field.stop) for field in iterate_fields(b"\x08\x05\x12\x02hi")]
    [(1, 1, 2), (2, 4, 6)]
    """
    at = 0
    while at < len(buffer):
        tag, at = read_varint(buffer, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            stop = read_varint(buffer, at)[1]
        elif kind == BYTES:
            length, at = read_varint(buffer, at)
            stop = at + length
        elif kind in (FIXED64, FIXED32):
            stop = at + (8 if kind == FIXED64 else 4)
        else:
            raise WireError(f"byte {at}: there is no field of kind {kind}")
        if stop > len(buffer) or number == 0:
            raise WireError(f"byte {at}: the message ends within field {number}")
        yield Field(number, kind, at, stop)
        at = stop


def read_varint(buffer: bytes, at: int) -> tuple[int, int]:
    """Unsigned integer of seven bits per byte at a place, and the place after it."""
    value = 0
    for index in range(LONGEST_VARINT):
        if at + index >= len(buffer):
            break
        byte = buffer[at + index]
        value |= (byte & ~CONTINUES) << (7 * index)
        if byte < CONTINUES:
            return value, at + index + 1
    raise WireError(f"byte {at}: a number has no end")


def packed_doubles(frames: np.ndarray) -> dict[int, np.ndarray]:
    """Fields of messages that all have the same tags, lengths and size, as views on their bytes.

    Parameters
    ----------
    frames
        One message per row (time, byte).

    Returns
    -------
    dict
        Doubles (time, value) by field number.

    Raises
    ------
    WireError
        A field holds no doubles, or the tags of a row differ from those of the first; ``frame`` is that row.
    """
    fields = list(iterate_fields(frames[0].tobytes()))
    frame = np.ones(frames.shape[1], dtype=bool)
    for field in fields:
        if field.kind != BYTES or (field.stop - field.start) % DOUBLE_BYTES:
            raise WireError(f"field {field.number} holds no doubles")
        frame[field.start : field.stop] = False
    differs = (frames[:, frame] != frames[0, frame]).any(axis=1)
    if differs.any():
        raise WireError("the tags differ from those of the first frame", int(differs.argmax()))
    return {field.number: frames[:, field.start : field.stop].view("<f8") for field in fields}


def _packed_varints(packed: bytes) -> Iterator[int]:
    at = 0
    while at < len(packed):
        value, at = read_varint(packed, at)
        yield value


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
