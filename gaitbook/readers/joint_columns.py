"""Columns of joints in tables: ``12_KNEE_LEFT_x``, ``kneeLeft.y`` or ``left knee z`` are places of one joint.

What is no place and no confidence of a joint (orientations, time, numbers of frames and bodies) is kept apart.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.readers.skeleton_layouts import load_layout, match_joints

Array = NDArray[np.float64]
CHANNELS: Final = {
    **{axis: axis for axis in "xyz"},
    **dict.fromkeys(("c", "conf", "confidence", "score", "likelihood", "visibility", "state"), "confidence"),
}
COLUMN: Final = re.compile(
    rf"^(?P<joint>.*?)(?:[_\-. :]+(?P<channel>{'|'.join(CHANNELS)})|(?<=[a-z0-9])(?P<capital>[XYZC]))$",
    re.IGNORECASE,
)
ORIENTATION: Final = re.compile(r"(orient|quat|rot|euler|[_\-. ](q|o|ori)$)", re.IGNORECASE)
ROLES: Final = {
    "time": re.compile(
        r"^(time|t|timestamp|time_?stamp)([_ .(\[]*(s|ms|us|usec|ns|sec|seconds?)[)\]]?)?$", re.IGNORECASE
    ),
    "frame": re.compile(r"^(frame|frame_?(id|number|no|idx|index)|index|unnamed: 0|#)$", re.IGNORECASE),
    "body": re.compile(r"^(body|person|track)(_?(id|number|idx|index))?$", re.IGNORECASE),
    "joint": re.compile(r"^(joint|landmark|key_?point|marker)(_?(name|id))?$", re.IGNORECASE),
}


@dataclass(frozen=True)
class JointColumns:
    """Columns of a table by joint and channel.

    Parameters
    ----------
    joints
        Column by channel (``x``, ``y``, ``z``, ``confidence``) of each joint.
    others
        Columns of no joint: orientations, time and numbers.
    """

    joints: Mapping[str, Mapping[str, str]]
    others: tuple[str, ...]


def find_joint_columns(columns: Iterable[str]) -> JointColumns:
    """Joints that the columns of a table stand for.

    Examples
    --------
    >>> found = find_joint_columns(["time", "0_PELVIS_x", "0_PELVIS_y", "0_PELVIS_c", "0_PELVIS_qw"])
    >>> dict(found.joints["0_PELVIS"]), found.others
    ({'x': '0_PELVIS_x', 'y': '0_PELVIS_y', 'confidence': '0_PELVIS_c'}, ('time', '0_PELVIS_qw'))
    """
    joints: dict[str, dict[str, str]] = {}
    others = []
    for column in columns:
        match = COLUMN.match(column.strip())
        if match is None or not match["joint"] or ORIENTATION.search(match["joint"]):
            others.append(column)
        else:
            channel = CHANNELS[(match["channel"] or match["capital"]).lower()]
            joints.setdefault(match["joint"], {})[channel] = column
    # A confidence alone, or a single axis, is no joint.
    placed = {name: channels for name, channels in joints.items() if {"x", "y"} <= set(channels)}
    others += [c for name, channels in joints.items() if name not in placed for c in channels.values()]
    return JointColumns(placed, tuple(others))


def find_role(columns: Iterable[str], role: str) -> str | None:
    """Column of ``time``, ``frame``, ``body`` or ``joint``; the first if there are several."""
    return next((column for column in columns if ROLES[role].match(column.strip())), None)


def stack_joints(
    table: pd.DataFrame, columns: JointColumns, layout: str
) -> tuple[Array, Array | None, list[str]]:
    """Places (row, joint, 3) and confidence (row, joint) in the order of a layout, and what was left out.

    A joint without columns is NaN; confidence is ``None`` if no joint has one.
    """
    order = match_joints(tuple(columns.joints), layout)
    known = load_layout(layout).joints
    position = np.full((len(table), len(known), 3), np.nan)
    confidence = np.full((len(table), len(known)), np.nan)
    for index, name in order.items():
        channels = columns.joints[name]
        for axis, letter in enumerate("xyz"):
            if letter in channels:
                position[:, index, axis] = table[channels[letter]]
        if "confidence" in channels:
            confidence[:, index] = table[channels["confidence"]]
    told = np.isfinite(confidence).any()
    return position, confidence if told else None, _notes(columns, order, known)


def _notes(columns: JointColumns, order: Mapping[int, str], known: tuple[str, ...]) -> list[str]:
    absent = [joint for index, joint in enumerate(known) if index not in order]
    strange = sorted(set(columns.joints) - set(order.values()))
    roles = [column for role in ROLES for column in columns.others if ROLES[role].match(column.strip())]
    unused = [column for column in columns.others if column not in roles]
    notes = [f"joints without columns: {', '.join(absent)}"] if absent else []
    notes += [f"joints of no place in the layout were left out: {', '.join(strange)}"] if strange else []
    return notes + (
        [f"{len(unused)} column(s) that are no places were left out, such as {unused[0]!r}"] if unused else []
    )
