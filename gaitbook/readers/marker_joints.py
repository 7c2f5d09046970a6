"""Joints of a skeleton from markers on the skin (``marker_joints.yml``).

A joint is the mean of the markers on both of its sides. Hips, which have no markers beside them, follow from the size
of the pelvis. Joints without markers are missing: lower-body sets give lower bodies.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES
from gaitbook.marker_sets import MarkerSet, find_marker_set
from gaitbook.readers.skeleton_frames import SkeletonFrames
from gaitbook.readers.skeleton_layouts import joint_names

Array = NDArray[np.float64]
LAYOUT: Final = "azure_kinect_26"
LETTERS: Final = {"LEFT": ("l", "L"), "RIGHT": ("r", "R")}
LANDMARKS: Final = {"KNEE": "knee", "ANKLE": "ankle", "FOOT": "toe"}
PELVIS_LANDMARKS: Final = ("asis_left", "asis_right", "psis_left", "psis_right")
HIP_FORWARD: Final = (-0.24, -0.0099)
HIP_UP: Final = (-0.30, -0.0109)
HIP_OUT: Final = (0.33, 0.0073)
"""Hip from the middle of the ASIS: share of the pelvis' depth, width and width, and an offset, m (Harrington 2007)."""


def read_marker_joints(path: str | Path) -> SkeletonFrames:
    """Joints from the markers of a ``.trc`` or ``.c3d`` file.

    Raises
    ------
    FileNotFoundError, ImportError
        There is no such file, or ``.c3d`` is read without ezc3d.
    ValueError
        The file cannot be read, or its markers belong to no known set.
    """
    from gaitbook.readers.c3d import read_c3d
    from gaitbook.readers.trc import read_markers

    path = Path(path)
    recording = read_c3d(path) if path.suffix.lower() == ".c3d" else read_markers(path)
    if "marker_position" not in recording:
        raise ValueError(
            f"{path} holds no markers: joints come from markers; export the labeled trajectories."
        )
    position, notes = marker_joints(recording["marker_position"])
    return SkeletonFrames(
        position,
        None,
        recording["time"].values,
        LAYOUT,
        unit="m",
        up="y",
        log=(*recording.attrs.get("log", []), *notes),
    )


def marker_joints(marker_position: xr.DataArray) -> tuple[Array, tuple[str, ...]]:
    """Joints from markers.

    Parameters
    ----------
    marker_position
        Markers of a known set (time, marker, axis), m, y up.

    Returns
    -------
    position
        (time, 26, axis), m, in the order of `gaitbook.readers.skeleton_layouts.joint_names`; a joint is NaN in frames
        in which one of its markers is missing, and throughout if it has none.
    notes
        The marker set, joints without markers, and those with markers on one side only.

    Raises
    ------
    ValueError
        The markers belong to no known set.
    """
    markers = marker_position.transpose("time", "marker", "axis").sel(axis=list(AXES))
    labels = [str(label) for label in markers["marker"].values]
    known = find_marker_set(labels)
    places = {label: markers.values[:, index].astype(float) for index, label in enumerate(labels)}
    chosen, wanted = _choose(known, places)
    joints = {joint: _mean(places, names) for joint, names in chosen.items()}
    pelvis = [_mean(places, _present(known.landmarks[name], places)) for name in PELVIS_LANDMARKS]
    notes = [f"joints from the markers of the set {known.name}"]
    if all(np.isfinite(part).any() for part in pelvis):
        joints["PELVIS"] = np.mean(pelvis, axis=0)
        if "HIP_LEFT" not in joints or "HIP_RIGHT" not in joints:
            joints |= _hips(*pelvis)
            notes.append("hips from the size of the pelvis (Harrington 2007)")
    empty = np.full((len(markers), 3), np.nan)
    missing = [name for name in joint_names() if not np.isfinite(joints.get(name, empty)).any()]
    single = [name for name, used in chosen.items() if len(used) == 1 < wanted[name]]
    notes += [f"one marker only, so beside the joint: {', '.join(single)}"] if single else []
    notes += [f"joints without markers: {', '.join(missing)}"] if missing else []
    return np.stack([joints.get(name, empty) for name in joint_names()], axis=1), tuple(notes)


def _choose(
    known: MarkerSet, places: Mapping[str, Array]
) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """Markers in the recording whose mean is a joint, and how many the set has on its sides."""
    chosen: dict[str, tuple[str, ...]] = {}
    wanted: dict[str, int] = {}
    for side in LETTERS:
        for part, landmark in LANDMARKS.items():
            listed = known.landmarks[f"{landmark}_{side.lower()}"]
            chosen[f"{part}_{side}"], wanted[f"{part}_{side}"] = _present(listed, places), len(listed)
    for pattern, alternatives in _load().get(known.name, {}).items():
        for side in LETTERS if "@" in pattern else ("",):
            letters = LETTERS.get(side, sum(LETTERS.values(), ()))
            for names in alternatives:
                spelled = [name.replace("@", letter) for name in names for letter in letters]
                found = _present(tuple(dict.fromkeys(spelled)), places)
                if found:
                    chosen[pattern.replace("@", side)], wanted[pattern.replace("@", side)] = found, len(names)
                    break
    # Sets of joint centers name their points as the joints themselves.
    own = {name: (name,) for name in joint_names() if name in places}
    wanted |= dict.fromkeys(own, 1)
    return {joint: names for joint, names in {**chosen, **own}.items() if names}, wanted


def _present(names: Sequence[str], places: Mapping[str, Array]) -> tuple[str, ...]:
    return tuple(name for name in names if name in places and np.isfinite(places[name]).any())


def _mean(places: Mapping[str, Array], names: Sequence[str]) -> Array:
    if not names:
        return np.full_like(next(iter(places.values())), np.nan)
    return np.asarray(np.mean([places[name] for name in names], axis=0))


def _hips(asis_left: Array, asis_right: Array, psis_left: Array, psis_right: Array) -> dict[str, Array]:
    """Hip joints (time, axis), m, from the pelvis: Harrington 2007, doi:10.1016/j.jbiomech.2006.02.003."""
    front, back = (asis_left + asis_right) / 2, (psis_left + psis_right) / 2
    right = _unit(asis_right - asis_left)
    forward = front - back
    forward = _unit(forward - (forward * right).sum(axis=1, keepdims=True) * right)
    up = np.cross(right, forward)
    width = np.nanmedian(np.linalg.norm(asis_right - asis_left, axis=1))
    depth = np.nanmedian(np.linalg.norm(front - back, axis=1))
    along = HIP_FORWARD[0] * depth + HIP_FORWARD[1]
    above, out = HIP_UP[0] * width + HIP_UP[1], HIP_OUT[0] * width + HIP_OUT[1]
    middle = front + along * forward + above * up
    return {"HIP_LEFT": middle - out * right, "HIP_RIGHT": middle + out * right}


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@cache
def _load() -> Mapping[str, Any]:
    import yaml

    text = files("gaitbook.readers").joinpath("marker_joints.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content
