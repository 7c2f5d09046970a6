"""Folders of OpenPose: a JSON file for each picture with the people seen in it (BODY_25)."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from gaitbook.readers.skeleton_frames import SkeletonFrames, follow_body
from gaitbook.readers.skeleton_layouts import confidence_levels, load_layout

LAYOUT: Final = "body25"
KEYS: Final = {"pose_keypoints_3d": 4, "pose_keypoints_2d": 3}
"""Numbers of a joint under each key: its place and the confidence."""


def read_openpose(folder: str | Path) -> SkeletonFrames:
    """Joints of the person seen most in a folder of ``*_keypoints.json`` files, in the order of their names.

    Joints in space are read if there are any, else those in the picture (px). There is no time.

    Raises
    ------
    ValueError
        The folder holds no such file or nobody, or a file has other joints than BODY_25; it is named.
    """
    folder = Path(folder)
    files = sorted(folder.glob("*.json"))
    people = [(index, person) for index, file in enumerate(files) for person in _people(file)]
    if not people:
        raise ValueError(
            f"{folder} holds no .json file of OpenPose with a person in it: choose another folder."
        )
    key = next((key for key in KEYS if any(person.get(key) for _, person in people)), "")
    expected = (len(load_layout(LAYOUT).joints), KEYS.get(key, 0))
    counts = {len(person.get(key, ())) for _, person in people}
    if counts != {int(np.prod(expected))} or not key:
        raise ValueError(
            f"{folder}: people have {sorted(counts)} numbers, expected {int(np.prod(expected))} of 25 joints: run "
            "OpenPose with its model BODY_25."
        )
    values = np.array([person[key] for _, person in people], dtype=float).reshape(-1, *expected)
    values[values[..., -1] == 0] = [*[np.nan] * (expected[1] - 1), 0.0]
    places = np.full((*values.shape[:2], 3), np.nan)
    places[..., : expected[1] - 1] = values[..., :-1]
    frame = np.array([index for index, _ in people])
    body = np.array([_rank(frame, row) for row in range(len(frame))])
    followed = follow_body(frame, body, places, frames=len(files))
    return SkeletonFrames(
        followed.place(places),
        followed.trust(confidence_levels(values[..., -1])),
        None,
        LAYOUT,
        attributes={"subject": folder.name},
        log=followed.log,
    )


def _people(file: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is no valid JSON ({error}): it was cut off; run OpenPose again.") from error
    people: list[dict[str, Any]] = content.get("people", []) if isinstance(content, dict) else []
    return people


def _rank(frame: np.ndarray, row: int) -> int:
    """Place of a person among those of its frame: OpenPose gives no numbers."""
    return int((frame[:row] == frame[row]).sum())
