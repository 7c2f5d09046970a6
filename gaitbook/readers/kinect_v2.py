"""Recordings of the Kinect v2 as NTU RGB+D keeps them: ``.skeleton``, a text file of numbers.

A count of frames; for each frame a count of bodies; for each body a line about it, a count of joints and a line for
each: x, y, z in m, places in two pictures, orientation, and how it was tracked (0 not, 1 inferred, 2 tracked).

References
----------
Shahroudy, Liu, Ng & Wang (2016), doi:10.1109/CVPR.2016.115
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.readers.skeleton_frames import SkeletonFrames, follow_body
from gaitbook.readers.skeleton_layouts import load_layout
from gaitbook.readers.storage import read_lines

Array = NDArray[np.float64]
LAYOUT: Final = "kinect_v2"
RATE_HZ: Final = 30.0
FEWEST_NUMBERS: Final = 3
STATE_AT: Final = 11
"""Numbers that stand before the state of tracking in the line of a joint."""
FILE_NAME: Final = re.compile(r"^S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})$", re.IGNORECASE)


@dataclass(frozen=True)
class _Body:
    frame: int
    number: int
    joints: Array


def read_ntu_skeleton(path: str | Path) -> SkeletonFrames:
    """Joints of a ``.skeleton`` file; of several bodies that of the person seen most.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file was cut off, holds no body, or is no such file; the line is named.
    """
    path = Path(path)
    lines = [line.split() for line in read_lines(path) if line.strip()]
    try:
        frames = int(lines[0][0])
        bodies = list(_bodies(lines, frames))
    except (IndexError, ValueError) as error:
        raise ValueError(
            f"{path} is no .skeleton file, or it was cut off ({error}): copy it again."
        ) from error
    if not bodies:
        raise ValueError(f"{path} holds no body in any of its {frames} frames: nobody was tracked.")
    position = np.array([body.joints[:, :3] for body in bodies])
    frame, number = np.array([body.frame for body in bodies]), np.array([body.number for body in bodies])
    followed = follow_body(frame, number, position, frames=frames)
    states = np.array([body.joints[:, 3] for body in bodies]).astype(np.int8)
    return SkeletonFrames(
        followed.place(position),
        followed.trust(states),
        None,
        LAYOUT,
        unit="m",
        up=load_layout(LAYOUT).up,
        rate_hz=RATE_HZ,
        attributes=_describe(path),
        log=(f"the file holds no time: taken as {RATE_HZ:g} frames per second", *followed.log),
    )


def _bodies(lines: list[list[str]], frames: int) -> Iterator[_Body]:
    at, expected = 1, len(load_layout(LAYOUT).joints)
    for frame in range(frames):
        count, at = int(lines[at][0]), at + 1
        for _ in range(count):
            number, joints, at = int(lines[at][0]), int(lines[at + 1][0]), at + 2
            if joints != expected:
                raise ValueError(f"frame {frame + 1} has {joints} joints, expected {expected}")
            rows = lines[at : at + joints]
            if len(rows) < joints:
                raise IndexError(f"it ends in frame {frame + 1} of {frames}")
            yield _Body(frame, number, np.array([_joint(row) for row in rows]))
            at += joints


def _joint(numbers: list[str]) -> list[float]:
    """Place and state of tracking; a file without the state says nothing against the joint."""
    if len(numbers) < FEWEST_NUMBERS:
        raise ValueError(f"a joint has {len(numbers)} numbers")
    return [*map(float, numbers[:3]), float(numbers[STATE_AT]) if len(numbers) > STATE_AT else 2.0]


def _describe(path: Path) -> dict[str, str]:
    match = FILE_NAME.match(path.stem)
    if match is None:
        return {"subject": path.stem}
    _, camera, person, _, action = match.groups()
    return {"subject": f"P{person}", "task": f"A{action}", "view": f"C{camera}"}
