"""Recordings of the Azure Kinect: the JSON of its body tracking, and names of files that tell who did what.

Places are in mm, in the axes of the depth camera: x right, y down, z away. Tables (``.csv``) of the same joints are
read by `gaitbook.readers.keypoint_tables`; their names begin with the person and end with the view or the date.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from gaitbook.readers.skeleton_frames import SkeletonFrames, follow_body
from gaitbook.readers.skeleton_layouts import confidence_levels, load_layout, match_joints
from gaitbook.readers.skeleton_timing import stamps_s

LAYOUT: Final = "azure_kinect"
RATE_HZ: Final = 30.0
"""Usual rate, taken where a file holds no time."""
VIEWS: Final = ("front", "rear", "back", "left", "right", "side")
FILE_NAME: Final = re.compile(
    rf"^(?P<subject>[A-Za-z0-9]+_\d+|[A-Za-z0-9-]+)_(?P<task>[A-Za-z]\w*?|\d*[A-Za-z]\w*?)"
    rf"(?:_(?P<view>{'|'.join(VIEWS)}))?(?:_(?P<date>\d{{4}}[-_]?\d\d[-_]?\d\d))?$",
    re.IGNORECASE,
)


def describe_file_name(path: str | Path) -> dict[str, str]:
    """Person, task and, as far as they are told, view and date that a file is named after.

    Examples
    --------
    >>> describe_file_name("10K_0001234567_tm_3kmh_front.csv")
    {'subject': '10K_0001234567', 'task': 'tm_3kmh', 'view': 'front'}
    >>> describe_file_name("anna.csv")
    {'subject': 'anna'}
    """
    stem = Path(path).stem
    match = FILE_NAME.match(stem)
    return {k: v for k, v in match.groupdict().items() if v} if match else {"subject": stem}


def is_body_tracking(content: object) -> bool:
    """Whether the content of a JSON file is that of the body tracking: frames with bodies and places of joints."""
    return isinstance(content, Mapping) and isinstance(content.get("frames"), list)


def read_body_tracking(path: str | Path) -> SkeletonFrames:
    """Joints in the JSON of the body tracking (mm; it tells no confidence).

    Parameters
    ----------
    path
        With ``joint_names`` and ``frames``; each frame has ``timestamp_usec`` and ``bodies`` with ``body_id`` and
        ``joint_positions``. Orientations are ignored; ``joint_confidences`` are read where a program wrote them.

    Raises
    ------
    ValueError
        It is no such file, holds no body, or its joints are not those of the Azure Kinect; all faults are named.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{path} is no valid JSON ({error}): it was cut off; export it again.") from error
    if not is_body_tracking(content):
        raise ValueError(f"{path} is no output of the body tracking: it has no list 'frames'.")
    frames = content["frames"]
    bodies = [(index, body) for index, frame in enumerate(frames) for body in frame.get("bodies", [])]
    order, faults = _order(content, bodies)
    if faults:
        raise ValueError(f"{path}: {'; '.join(faults)}.")
    number = np.array([int(body.get("body_id", 0)) for _, body in bodies])
    position = np.array([body["joint_positions"] for _, body in bodies], dtype=float)[:, order]
    followed = follow_body(np.array([index for index, _ in bodies]), number, position, frames=len(frames))
    stamps = [frame.get("timestamp_usec") for frame in frames]
    time_s = None if None in stamps else stamps_s(np.array(stamps, dtype=float))[0]
    told = all("joint_confidences" in body for _, body in bodies)
    levels = None
    if told:
        sure = np.array([body["joint_confidences"] for _, body in bodies], dtype=float)[:, order]
        levels = followed.trust(confidence_levels(sure, levels=True))
    return SkeletonFrames(
        followed.place(position),
        levels,
        time_s,
        LAYOUT,
        unit="mm",
        up=load_layout(LAYOUT).up,
        rate_hz=None if time_s is not None else RATE_HZ,
        log=(
            *followed.log,
            *(() if told else ("the file tells no confidence: every joint of a body counts as seen",)),
        ),
    )


def _order(content: Mapping[str, Any], bodies: list[tuple[int, Any]]) -> tuple[list[int], list[str]]:
    """Place in the file of each of the 32 joints, and what is wrong with the file."""
    known = load_layout(LAYOUT).joints
    names = content.get("joint_names") or list(known)
    found = match_joints(names, LAYOUT)
    faults = [] if bodies else ["there is no body in any frame"]
    absent = [joint for index, joint in enumerate(known) if index not in found]
    if absent:
        faults.append(f"joint_names lacks {', '.join(absent)}")
    wrong = {np.shape(body.get("joint_positions", ())) for _, body in bodies} - {(len(names), 3)}
    if wrong:
        faults.append(f"joint_positions are {sorted(wrong)[0]}, expected ({len(names)}, 3)")
    return [names.index(found[index]) for index in range(len(known)) if index in found], faults
