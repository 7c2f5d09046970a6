"""What the readers of skeleton files hand on, and whose skeleton it is.

A tracker may see several bodies, lose one and give it another number. The person recorded is the body seen in most
frames, followed from frame to frame by where the joints are; a body elsewhere is somebody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
FARTHEST: Final = 0.25
"""Share of the body's size by which its joints move at most from one frame to the next."""
FARTHER_EACH: Final = 0.05
FARTHEST_GAP: Final = 1.0
"""How much farther for each frame in which the person was not seen, and at most."""


@dataclass(frozen=True)
class SkeletonFrames:
    """Joints of one person as a file holds them.

    Parameters
    ----------
    position
        (time, joint, 3) in the order of the layout, in the unit and the axes of the file; NaN where not seen. The
        third axis is NaN throughout if the file holds places in a picture.
    confidence
        (time, joint): 0 not seen, 1 guessed, 2 seen; ``None`` if the file does not tell.
    time_s
        (time,), s; ``None`` if the file does not tell.
    layout
        One of `gaitbook.readers.skeleton_layouts.list_layouts`.
    unit, up, rate_hz
        What the format says of them; empty or ``None`` if it says nothing.
    attributes
        Subject, trial, task and view, as far as the file tells.
    log
        What was found and decided.
    """

    position: Array
    confidence: NDArray[np.int8] | None
    time_s: Array | None
    layout: str
    unit: str = ""
    up: str = ""
    rate_hz: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class FollowedBody:
    """Row of the person recorded in each frame, and what happened.

    Parameters
    ----------
    rows
        (frame,) row of the bodies; -1 where the person was not seen.
    log
        Switches of the number, frames without the person and frames with others, counted in words.
    """

    rows: Whole
    log: tuple[str, ...]

    def place(self, position: Array) -> Array:
        """Joints (frame, joint, axis) of the person, of those of all bodies (row, joint, axis); NaN where not seen."""
        return np.where((self.rows >= 0)[:, None, None], position[self.rows], np.nan)

    def trust(self, confidence: NDArray[np.int8]) -> NDArray[np.int8]:
        """Confidence (frame, joint) of the person, of that of all bodies (row, joint); 0 where not seen."""
        return np.where((self.rows >= 0)[:, None], confidence[self.rows], 0).astype(np.int8)


def follow_body(frame: Whole, body: Whole, position: Array, *, frames: int) -> FollowedBody:
    """Follow the person recorded through the bodies of all frames.

    Parameters
    ----------
    frame, body
        (row,) frame, from 0, and number of each body that was seen.
    position
        (row, joint, 3), any unit.
    frames
        Number of frames, also those without a body.

    Returns
    -------
    FollowedBody
        The person: the number seen most often, and whatever continues it.
    """
    rows = np.full(frames, -1, dtype=np.int64)
    if not len(frame):
        return FollowedBody(rows, ("no body was seen",))
    numbers, counts = np.unique(body, return_counts=True)
    start = int(np.flatnonzero(body == numbers[counts.argmax()])[0])
    by_frame = [np.flatnonzero(frame == index) for index in range(frames)] if len(numbers) > 1 else []
    if not by_frame:
        rows[frame[::-1]] = np.arange(len(frame))[::-1]
    else:
        rows[frame[start]] = start
        position = position[..., np.isfinite(position).any(axis=(0, 1))]
        size = float(np.nanmedian(np.ptp(np.nan_to_num(position[body == body[start]]), axis=1).max(axis=1)))
        for order in (range(frame[start] + 1, frames), range(frame[start] - 1, -1, -1)):
            _follow(rows, order, by_frame, body, position / max(size, 1e-9))
    return FollowedBody(rows, tuple(_notes(rows, frame, body)))


def _follow(rows: Whole, order: range, by_frame: list[Whole], body: Whole, position: Array) -> None:
    """Fill ``rows`` in the order of the frames with the nearest body that is not too far."""
    if not len(order):
        return
    last, gap, others = rows[order[0] - order.step], 0, set[int]()
    for index in order:
        # Who was seen beside the person is not the person who comes back after a gap.
        here = np.array(
            [row for row in by_frame[index] if not gap or body[row] not in others], dtype=np.int64
        )
        distance = np.linalg.norm(position[here] - position[last], axis=2)
        seen = np.isfinite(distance)
        median = [np.median(d[s]) if s.any() else np.inf for d, s in zip(distance, seen, strict=True)]
        if len(here) and min(median) <= min(FARTHEST + FARTHER_EACH * gap, FARTHEST_GAP):
            rows[index] = last = here[int(np.argmin(median))]
            others |= {int(body[row]) for row in by_frame[index] if row != last}
            others.discard(int(body[last]))
            gap = 0
        else:
            gap += 1


def _notes(rows: Whole, frame: Whole, body: Whole) -> list[str]:
    seen = rows[rows >= 0]
    switches = int((np.diff(body[seen]) != 0).sum())
    lost = int((rows < 0).sum())
    crowded = int((np.bincount(frame, minlength=len(rows)) > 1).sum())
    notes = [f"the body's number switched {switches} time(s); followed by its place"] if switches else []
    notes += [f"the person was not seen in {lost} of {len(rows)} frames"] if lost else []
    return notes + ([f"{crowded} frames hold several bodies: the others were left out"] if crowded else [])
