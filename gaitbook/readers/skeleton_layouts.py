"""Which joint of which tracker is which: named-joint maps (``skeleton_layouts.yml``).

Trackers report 17 to 32 joints in their own order and under their own names. Here each layout says which of its
joints, or the mean of which, stand for the joints of the Azure Kinect. A joint that a tracker does not know is NaN and
its confidence 0: nothing is made up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Levels = NDArray[np.int8]
SIDES: Final = (("LEFT", "Left"), ("RIGHT", "Right"))
SIDE_WORDS: Final = {"l": "left", "left": "left", "r": "right", "right": "right"}
WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
PREFIX: Final = re.compile(r"^(?:\d+[_\-. :]+)?(?:K4ABT_)?(?:JOINT_?(?:TYPE_?)?)?", re.IGNORECASE)
NONE, LOW, SURE = 0, 1, 2
"""Levels of confidence: not seen, guessed, seen."""
SURE_ABOVE: Final = 0.5
"""Share of certainty above which a joint counts as seen, where a tracker reports shares."""
FEWEST_KNOWN: Final = 5
"""A layout is recognized by at least so many names."""


@dataclass(frozen=True)
class SkeletonLayout:
    """Joints that a tracker reports and what they stand for.

    Parameters
    ----------
    name, description, source
        Name of the layout, what it is in one line, and where its order is defined.
    joints
        Names in the order in which the tracker reports.
    places
        Joint of the Azure Kinect to the joints whose mean stands for it; joints not listed are missing.
    up
        Axis of the tracker that points up, such as ``-y``; empty if it differs between recordings.
    """

    name: str
    description: str
    source: str
    joints: tuple[str, ...]
    places: Mapping[str, tuple[str, ...]]
    up: str = ""


def list_layouts() -> tuple[str, ...]:
    """Names of the known layouts.

    Examples
    --------
    >>> list_layouts()[:3]
    ('azure_kinect', 'azure_kinect_26', 'kinect_v2')
    """
    return tuple(load_layouts())


def joint_names(*, hands: bool = False) -> tuple[str, ...]:
    """Names of the 26 joints in use, or of all 32 with those of the hands, in the order of the Azure Kinect."""
    content = _load()
    return tuple(name for name in content["joints"] if hands or name not in content["hands"])


@cache
def load_layouts() -> Mapping[str, SkeletonLayout]:
    """Return the known layouts by name."""
    return {name: _expand(name, entry) for name, entry in _load()["layouts"].items()}


def load_layout(name: str) -> SkeletonLayout:
    """Return the layout of this name.

    Raises
    ------
    ValueError
        There is none.
    """
    if name not in load_layouts():
        raise ValueError(f"There is no layout {name!r} of joints: choose one of {', '.join(list_layouts())}.")
    return load_layouts()[name]


def map_joints(
    position: Array, confidence: NDArray[Any] | None, layout: str, *, hands: bool = False
) -> tuple[Array, Levels]:
    """Joints of a layout as those of the Azure Kinect.

    Parameters
    ----------
    position
        (time, joint, axis) in the order of the layout, any unit; NaN where not seen.
    confidence
        (time, joint): 0 not seen, 1 guessed, 2 seen; ``None`` if the tracker does not tell.
    layout
        One of `list_layouts`.
    hands
        Whether to keep the six joints of the hands.

    Returns
    -------
    position, confidence
        (time, 26 or 32, axis) and (time, 26 or 32) in the order of `joint_names`. A mean is as sure as the least
        sure of its joints. What the layout lacks is NaN with confidence 0.

    Raises
    ------
    ValueError
        There is no such layout, or the number of joints is not that of the layout.
    """
    known = load_layout(layout)
    if position.ndim != 3 or position.shape[1] != len(known.joints):  # noqa: PLR2004 - time, joint, axis
        raise ValueError(
            f"The layout {layout} has {len(known.joints)} joints, but the array is {position.shape}: expected "
            "(time, joint, axis). Choose another layout, or check the order of the dimensions."
        )
    seen = np.isfinite(position).all(axis=2)
    given = np.full(seen.shape, SURE) if confidence is None else np.asarray(confidence)
    levels = np.where(seen, given, NONE).astype(np.int8)
    names = joint_names(hands=hands)
    mapped = np.full((len(position), len(names), position.shape[2]), np.nan)
    sure = np.zeros((len(position), len(names)), dtype=np.int8)
    for index, name in enumerate(names):
        members = [known.joints.index(member) for member in known.places.get(name, ())]
        if members:
            mapped[:, index] = position[:, members].mean(axis=1)
            sure[:, index] = levels[:, members].min(axis=1)
    return mapped, sure


def confidence_levels(confidence: NDArray[Any], *, levels: bool = False) -> Levels:
    """Confidence of any tracker in three levels: 0 not seen, 1 guessed, 2 seen.

    Shares of certainty from 0 to 1 count as seen above one half. The highest level of the Azure Kinect, 3, is 2 here.

    Parameters
    ----------
    confidence
        Levels or shares, any shape; NaN is not seen.
    levels
        Whether numbers up to 1 are levels (1: guessed) all the same.

    Examples
    --------
    >>> confidence_levels(np.array([0.0, 0.3, 0.9]))
    array([0, 1, 2], dtype=int8)
    """
    values = np.nan_to_num(np.asarray(confidence, dtype=float))
    if values.size and values.max() <= 1.0 and not (levels and (values == np.round(values)).all()):
        values = np.where(values > SURE_ABOVE, SURE, np.where(values > 0, LOW, NONE))
    return np.clip(np.round(values), NONE, SURE).astype(np.int8)


def guess_layout(joints: Sequence[str] | int) -> str:
    """Layout with these names of joints, or with this many joints.

    Raises
    ------
    ValueError
        None fits, or several do; the message names them.

    Examples
    --------
    >>> guess_layout(32), guess_layout(["SpineBase", "SpineMid", "KneeLeft", "AnkleLeft", "HandTipLeft"])
    ('azure_kinect', 'kinect_v2')
    """
    if isinstance(joints, int):
        fitting = [name for name, layout in load_layouts().items() if len(layout.joints) == joints]
        if len(fitting) == 1:
            return fitting[0]
        found = f"{' and '.join(fitting)} both have" if fitting else "no known layout has"
        remedy = ", ".join(fitting or list_layouts())
        raise ValueError(f"{found} {joints} joints: give layout, one of {remedy}.")
    shared = {name: len(match_joints(joints, name)) for name in list_layouts()}
    # Of layouts that know the same names the smaller one fits better.
    best = max(shared, key=lambda name: (shared[name], shared[name] / len(load_layouts()[name].joints)))
    if shared[best] < min(FEWEST_KNOWN, len(joints)) or not joints:
        raise ValueError(
            f"The names of the joints ({', '.join(list(joints)[:5])}, ...) belong to no known layout: name them as "
            f"one of {', '.join(list_layouts())} does, or give layout and joints in its order."
        )
    return best


def match_joints(names: Sequence[str], layout: str) -> dict[int, str]:
    """Place in a layout of each name that it knows; spelling, prefix, number and place of the side do not matter.

    Examples
    --------
    >>> match_joints(["0_K4ABT_JOINT_PELVIS", "left_knee", "tail"], "azure_kinect")
    {0: '0_K4ABT_JOINT_PELVIS', 19: 'left_knee'}
    """
    places = {_spell(joint): index for index, joint in enumerate(load_layout(layout).joints)}
    return {places[_spell(name)]: name for name in names if _spell(name) in places}


@cache
def load_bones() -> tuple[tuple[str, str, float, float], ...]:
    """Pairs of joints with the lengths, m, between which their distance lies in anybody."""
    pairs: list[tuple[str, str, float, float]] = []
    for first, second, low_m, high_m in _load()["bones"]:
        for side, _ in SIDES if "@" in first else SIDES[:1]:
            pairs.append((first.replace("@", side), second.replace("@", side), low_m, high_m))
    return tuple(pairs)


@cache
def _spell(name: str) -> str:
    """Name in small letters with the side in front: ``KneeLeft``, ``L_KNEE`` and ``left knee`` are one."""
    words = [word.lower() for word in WORDS.findall(PREFIX.sub("", name.strip()))]
    side = next((SIDE_WORDS[word] for word in words if word in SIDE_WORDS), "")
    part = "".join(word for word in words if word not in SIDE_WORDS)
    return f"{side} {_load()['aliases'].get(part, part)}".strip()


@cache
def _load() -> Mapping[str, Any]:
    import yaml

    text = files("gaitbook.readers").joinpath("skeleton_layouts.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def _expand(name: str, entry: Mapping[str, Any]) -> SkeletonLayout:
    told = {key: entry[key] for key in ("description", "source")}
    if isinstance(entry["joints"], str):
        own = joint_names(hands=entry["joints"] == "same")
        return SkeletonLayout(name, **told, joints=own, places={j: (j,) for j in own}, up=entry["up"])
    places: dict[str, tuple[str, ...]] = {}
    for joint, members in entry["places"].items():
        for ours, theirs in SIDES if "@" in joint else SIDES[:1]:
            listed = [members] if isinstance(members, str) else members
            places[joint.replace("@", ours)] = tuple(member.replace("@", theirs) for member in listed)
    return SkeletonLayout(name, **told, joints=tuple(entry["joints"]), places=places, up=entry.get("up", ""))
