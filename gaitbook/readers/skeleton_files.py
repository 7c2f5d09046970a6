"""Skeletons of any tracker as trials: one reader for all formats.

Whatever the file holds becomes the 26 joints of `gaitbook.readers.skeleton_layouts` in m, x forward, y up, z right, at
even steps of time. What had to be decided stands in the log; what cannot be a person is one message.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import VARIABLE_UNITS
from gaitbook.readers import skeleton_axes as axes
from gaitbook.readers.azure_kinect import RATE_HZ, describe_file_name, read_body_tracking
from gaitbook.readers.keypoint_tables import ARRAYS, AZURE, TABLES, read_keypoint_array, read_keypoint_table
from gaitbook.readers.kinect_v2 import read_ntu_skeleton
from gaitbook.readers.marker_joints import read_marker_joints
from gaitbook.readers.openpose import read_openpose
from gaitbook.readers.skeleton_faults import find_faults
from gaitbook.readers.skeleton_frames import SkeletonFrames
from gaitbook.readers.skeleton_layouts import joint_names, map_joints
from gaitbook.readers.skeleton_timing import FramePlaces, place_frames
from gaitbook.readers.storage import make_recording

Array = NDArray[np.float64]
MARKERS: Final = (".trc", ".c3d")
VIDEOS: Final = (".mkv", ".mp4", ".avi", ".mov")
FEWEST_FRAMES: Final = 2


def read_skeleton(
    path: str | Path,
    *,
    layout: str | None = None,
    unit: str | float | None = None,
    sampling_rate_hz: float | None = None,
    up: str | None = None,
    facing: str | None = None,
) -> xr.Dataset:
    """Skeleton trial of a file of any known format.

    Parameters
    ----------
    path
        Table (``.csv``, ``.tsv``, ``.parquet``, ``.feather``, ``.ntds``), array (``.npy``, ``.npz``), JSON of the Azure
        Kinect's body tracking, ``.skeleton`` of NTU RGB+D, folder of OpenPose's JSON files, or markers (``.trc``,
        ``.c3d``).
    layout
        One of `gaitbook.readers.skeleton_layouts.list_layouts`; by default told by names or number of joints.
    unit
        ``"m"``, ``"cm"``, ``"mm"`` or meters per unit; by default told by the format or by the size of the person.
        Places in a picture need it.
    sampling_rate_hz
        Frames per second of a file without time.
    up, facing
        Axes of the file, such as ``"-y"``, that point up and that the person faces; by default told by the format
        and by the body.

    Returns
    -------
    xarray.Dataset
        ``skeleton_position`` (time, joint, axis), m, NaN where not seen, and ``joint_confidence`` (time, joint), 0
        to 2, of 26 joints. ``attrs``: subject and trial, task and view where the name tells, ``sampling_rate_hz``,
        ``camera`` (the layout), ``source_file`` and ``log``.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ImportError
        The format needs a library that is not installed.
    ValueError
        The format is unknown, or unit, axes, time or order of the joints make no person; one message names all.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}: check the path.")
    frames = _reader(path)(path, layout)
    try:
        return _trial(path, frames, unit=unit, rate_hz=sampling_rate_hz, up=up, facing=facing)
    except ValueError as error:
        raise ValueError(f"{path}: {error}.") from error


def _reader(path: Path) -> Callable[[Path, str | None], SkeletonFrames]:
    suffix = path.suffix.lower()
    if path.is_dir():
        return lambda file, _: read_openpose(file)
    if suffix in TABLES:
        return lambda file, layout: read_keypoint_table(file, layout=layout)
    if suffix in ARRAYS:
        return lambda file, layout: read_keypoint_array(file, layout=layout)
    single: dict[str, Callable[[Path], SkeletonFrames]] = {
        ".json": read_body_tracking,
        ".skeleton": read_ntu_skeleton,
        **dict.fromkeys(MARKERS, read_marker_joints),
    }
    if suffix in single:
        return lambda file, _: single[suffix](file)
    if suffix in VIDEOS:
        raise ValueError(
            f"{path} is a video, not a skeleton: find the joints first. For an .mkv of the Azure Kinect run the sample "
            "offline_processor of Microsoft's Azure Kinect Body Tracking SDK (offline_processor input.mkv output.json) "
            "and read the .json; for other videos any pose estimator of a known layout."
        )
    known = ", ".join((*TABLES, *ARRAYS, *single))
    raise ValueError(f"{path} is of no known format of skeletons: expected {known}.")


def _trial(
    path: Path,
    frames: SkeletonFrames,
    *,
    unit: str | float | None,
    rate_hz: float | None,
    up: str | None,
    facing: str | None,
) -> xr.Dataset:
    flat = bool(np.isnan(frames.position[..., 2]).all())
    frames = _without_depth(frames) if flat else frames
    joints, sure = map_joints(frames.position, frames.confidence, frames.layout)
    log = list(frames.log)
    default_hz = RATE_HZ if frames.layout in AZURE and frames.time_s is None else None
    stated_hz = rate_hz or frames.rate_hz or default_hz
    if stated_hz == default_hz and default_hz is not None:
        log.append(f"the file holds no time: taken as {RATE_HZ:g} frames per second")
    places = place_frames(frames.time_s, len(joints), stated_hz)
    if len(places.frames) < FEWEST_FRAMES:
        raise ValueError(f"it holds {len(places.frames)} frame(s), at least {FEWEST_FRAMES} are needed")
    meters, reason = _meters(joints, frames, unit, flat=flat)
    turn, notes = _turn(joints, frames, meters, up=up, facing=facing)
    position_m = (joints * meters) @ turn.T
    faults = find_faults(position_m)
    if faults:
        raise ValueError("; ".join(faults))
    log += [*_repeats(joints), *places.log, *reason, *notes]
    return _dataset(path, position_m, sure, places, frames, log)


def _without_depth(frames: SkeletonFrames) -> SkeletonFrames:
    """Places in a picture as places in a plane."""
    position = frames.position.copy()
    position[..., 2] = np.where(np.isfinite(position[..., 0]), 0.0, np.nan)
    note = "depth was set to 0: the trial is what a picture shows"
    return replace(frames, position=position, log=(*frames.log, note))


def _meters(
    joints: Array, frames: SkeletonFrames, unit: str | float | None, *, flat: bool
) -> tuple[float, list[str]]:
    """Meters per unit of the file, and what to say about it."""
    stated = unit or frames.unit
    if not stated and flat:
        raise ValueError(
            "a picture has no lengths: give unit in meters per pixel, the person's height divided "
            "by its height in pixels"
        )
    if not stated:
        meters, reason = axes.find_unit(joints)
        return meters, [reason]
    if isinstance(stated, str) and stated not in axes.METERS_PER_UNIT:
        raise ValueError(f"there is no unit {stated!r}: give m, cm, mm or meters per unit as a number")
    meters = axes.METERS_PER_UNIT[stated] if isinstance(stated, str) else float(stated)
    extent_m = axes.body_extent(joints) * meters
    if not axes.SMALLEST_M <= extent_m <= axes.LARGEST_M:
        raise ValueError(
            f"in the unit {stated} the person would extend over {extent_m:.3g} m: give another unit"
        )
    return meters, []


def _turn(
    joints: Array, frames: SkeletonFrames, meters: float, *, up: str | None, facing: str | None
) -> tuple[Array, list[str]]:
    """Rows forward, up and right in the axes of the file, and how they were found."""
    stated = up or frames.up
    upward = axes.read_axis(stated) if stated else axes.find_up(joints)
    notes = [] if stated else [f"up is {axes.name_axis(upward)} of the file: the head is above the ankles"]
    if facing is None:
        forward, reason = axes.find_facing(joints, upward, meters)
        return axes.body_axes(forward, upward), [*notes, reason]
    forward = axes.read_axis(facing)
    if abs(forward @ upward) > 0:
        raise ValueError(
            f"nobody faces {facing} where {axes.name_axis(upward)} is up: give another axis as facing"
        )
    across = axes.to_the_right(joints, upward)
    if np.cross(upward, across) @ forward < 0:
        raise ValueError(
            f"the left and right joints say that the person faces away from {facing}: give another axis as facing, or "
            "exchange the names of the sides"
        )
    return axes.body_axes(forward, upward), notes


def _repeats(joints: Array) -> list[str]:
    """Frames in which no joint moved at all, which no camera sees."""
    same = np.isclose(joints[1:], joints[:-1], rtol=0, atol=0, equal_nan=True).all(axis=(1, 2))
    same &= np.isfinite(joints[1:]).any(axis=(1, 2))
    return [f"{same.sum()} frame(s) repeat the frame before exactly and were kept"] if same.any() else []


def _dataset(
    path: Path,
    position_m: Array,
    sure: NDArray[np.int8],
    places: FramePlaces,
    frames: SkeletonFrames,
    log: list[str],
) -> xr.Dataset:
    names = joint_names()
    position = np.full((places.count, *position_m.shape[1:]), np.nan)
    confidence = np.zeros((places.count, len(names)), dtype=np.int8)
    position[places.places], confidence[places.places] = position_m[places.frames], sure[places.frames]
    time_s = places.start_s + np.arange(places.count) / places.rate_hz
    variables = {
        "skeleton_position": (
            ("time", "joint", "axis"),
            position,
            {"units": VARIABLE_UNITS["skeleton_position"]},
        ),
        "joint_confidence": (("time", "joint"), confidence, {"units": VARIABLE_UNITS["joint_confidence"]}),
    }
    trial = make_recording(path, variables, {"time": time_s, "joint": list(names)}, log)
    told: dict[str, Any] = {**describe_file_name(path), **frames.attributes, "camera": frames.layout}
    return trial.assign_attrs(told, trial=path.stem, sampling_rate_hz=round(places.rate_hz, 6))
