"""Skeletons as windows that a network can read: 26 joints about the pelvis, without size, thirty times a second.

As the gait foundation model does (arXiv 2603.25283): hands are dropped, a median of three frames takes single outliers
away, the pelvis is the middle of every frame, and what is left is divided by the largest distance of a joint from it.
How sure the camera was of a joint stays beside its place; a joint that was not seen is zero and not sure at all.
"""

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import resample_poly

from gaitbook.conventions import AXES

Array = NDArray[np.float64]
Windows = NDArray[np.float32]
MIDDLE: Final = ("PELVIS", "SPINE_NAVEL", "SPINE_CHEST", "NECK")
SIDES: Final = ("LEFT", "RIGHT")
JOINTS: Final = (
    *MIDDLE,
    *(f"{part}_{side}" for side in SIDES for part in ("CLAVICLE", "SHOULDER", "ELBOW", "WRIST")),
    *(f"{part}_{side}" for side in SIDES for part in ("HIP", "KNEE", "ANKLE", "FOOT")),
    *("HEAD", "NOSE", "EYE_LEFT", "EAR_LEFT", "EYE_RIGHT", "EAR_RIGHT"),
)
"""The 26 joints in use: those of the hands are too unsure."""
GROUPS: Final = ("left leg", "right leg", "left arm", "right arm", "torso", "head")
REGIONS: Final = ("legs", "arms", "torso", "head")
SAMPLING_RATE_HZ: Final = 30.0
WINDOW: Final = 240
"""Frames of a window: eight seconds."""
SCALES: Final = ("frame", "window", "none")
FEWEST_FRAMES: Final = 16
CHANNELS: Final = (*AXES, "confidence")


@dataclass(frozen=True)
class SkeletonWindows:
    """Windows of one recording.

    Parameters
    ----------
    values
        (window, time, joint, channel), joints in the order of `JOINTS`, channels x, y, z and confidence.
    hidden
        Share of the joints and frames that were not seen.
    """

    values: Windows
    hidden: float


def group_of(joint: str) -> str:
    """Group of `GROUPS` that a joint belongs to; the clavicles belong to the arms."""
    part, _, side = joint.rpartition("_")
    if joint in MIDDLE:
        return "torso"
    if part in ("HIP", "KNEE", "ANKLE", "FOOT"):
        return f"{side.lower()} leg"
    if part in ("CLAVICLE", "SHOULDER", "ELBOW", "WRIST"):
        return f"{side.lower()} arm"
    return "head"


def region_groups(region: str) -> tuple[str, ...]:
    """Groups of a region of `REGIONS`."""
    return tuple(group for group in GROUPS if region.removesuffix("s") in group)


def skeleton_windows(trial: xr.Dataset, *, frames: int = WINDOW, scale: str = "frame") -> SkeletonWindows:
    """Windows of a skeleton trial, one after the other; what is left at its end is dropped.

    Parameters
    ----------
    trial
        With ``skeleton_position`` (time, joint, axis), m, of the joints in `JOINTS` as far as there are any, and, if
        known, ``joint_confidence`` (time, joint).
    frames
        Of a window, at 30 Hz. A recording that is shorter is one window, lengthened by its own mirror image in time.
    scale
        What lengths are divided by: the largest distance of a joint from the pelvis in each ``"frame"``, its median
        over the ``"window"``, or nothing (``"none"``: meters).

    Returns
    -------
    SkeletonWindows
        All of it without unit, or in meters.

    Raises
    ------
    ValueError
        The trial has no skeleton, no pelvis, no sampling rate or too few frames; all faults are named.
    """
    if scale not in SCALES:
        raise ValueError(f"Skeletons have no scale {scale!r}: choose one of {', '.join(SCALES)}.")
    position, confidence = _read(trial)
    rate_hz = float(trial.attrs["sampling_rate_hz"])
    position, confidence = _resample(position, rate_hz), _nearest(confidence, rate_hz)
    relative = median_of_three(position)
    relative = relative - relative[:, :1]
    seen = np.isfinite(relative).all(axis=2) & (confidence > 0)
    relative = np.where(seen[..., None], relative, 0.0) / _size(relative, seen, scale)
    sure = np.where(seen, confidence, 0.0) / np.maximum(confidence.max(axis=1, keepdims=True), 1e-6)
    values = np.concatenate([relative, sure[..., None]], axis=2).astype(np.float32)
    return SkeletonWindows(_cut(values, frames), float(1.0 - seen.mean()))


def normalize_skeleton(position_m: Array) -> Array:
    """Joints about the pelvis in shares of the largest distance from it, frame by frame, outliers of one frame removed.

    Parameters
    ----------
    position_m
        Joints (time, 26, 3) in the order of `JOINTS`, m.

    Returns
    -------
    numpy.ndarray
        Joints (time, 26, 3) without unit: the same for a larger or distant body of the same shape.
    """
    smooth = median_of_three(np.asarray(position_m, dtype=np.float64))
    relative = smooth - smooth[:, :1]
    squared = np.einsum("tja,tja->tj", relative, relative)
    return np.asarray(relative / np.sqrt(squared.max(axis=1))[:, None, None])


def median_of_three(values: Array) -> Array:
    """Median of each frame and its neighbors; the ends stay, and so does what has a gap beside it."""
    before, own, after = values[:-2], values[1:-1], values[2:]
    low, high = np.minimum(before, own), np.maximum(before, own)
    middle = np.maximum(low, np.minimum(high, after))
    median = values.copy()
    median[1:-1] = np.where(np.isfinite(middle), middle, own)
    return median


def _read(trial: xr.Dataset) -> tuple[Array, Array]:
    """Positions (time, joint, axis), m, NaN where there is none, and confidence (time, joint), one where not told."""
    faults = list(_faults(trial))
    if faults:
        raise ValueError("The trial cannot be cut into windows of a skeleton: it " + "; it ".join(faults))
    labeled = trial["skeleton_position"].transpose("time", "joint", "axis")
    position = labeled.reindex(joint=list(JOINTS), axis=list(AXES)).values.astype(np.float64)
    if "joint_confidence" not in trial:
        return position, np.ones(position.shape[:2])
    sure = trial["joint_confidence"].transpose("time", "joint").astype(float).reindex(joint=list(JOINTS))
    return position, np.nan_to_num(sure.values)


def _faults(trial: xr.Dataset) -> list[str]:
    if "skeleton_position" not in trial:
        return ["has no skeleton_position: it is no trial of a depth camera"]
    faults = []
    position = trial["skeleton_position"]
    if "PELVIS" not in position["joint"].values:
        faults.append("has no joint PELVIS, about which all others are placed")
    if not float(trial.attrs.get("sampling_rate_hz", 0.0)) > 0:
        faults.append("does not say its sampling_rate_hz")
    if position.sizes["time"] < FEWEST_FRAMES:
        faults.append(f"has {position.sizes['time']} frames, at least {FEWEST_FRAMES} are needed")
    return faults


def _size(relative: Array, seen: NDArray[np.bool_], scale: str) -> Array:
    """What to divide by, (time or 1, 1, 1)."""
    if scale == "none":
        return np.ones((1, 1, 1))
    distance = np.sqrt(np.einsum("tja,tja->tj", relative, relative))
    largest = np.where(seen, distance, 0.0).max(axis=1)
    usual = np.median(largest[largest > 0]) if (largest > 0).any() else 1.0
    if scale == "window":
        return np.full((1, 1, 1), usual)
    return np.where(largest > 0, largest, usual)[:, None, None]


def _resample(position: Array, rate_hz: float) -> Array:
    """Positions thirty times a second; gaps stay where they were."""
    if np.isclose(rate_hz, SAMPLING_RATE_HZ, rtol=1e-3):
        return position
    up, down = _ratio(rate_hz)
    known = np.isfinite(position)
    # a joint that was never seen has no mean
    mean = np.where(known, position, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    moved = resample_poly(np.where(known, position, mean), up, down, axis=0, padtype="line")
    gaps = ~_nearest(known.astype(float), rate_hz, frames=len(moved)).astype(bool)
    moved[gaps] = np.nan
    return np.asarray(moved)


def _nearest(values: Array, rate_hz: float, frames: int | None = None) -> Array:
    """The value of the frame that is nearest in time."""
    if np.isclose(rate_hz, SAMPLING_RATE_HZ, rtol=1e-3):
        return values
    up, down = _ratio(rate_hz)
    count = frames or -(-len(values) * up // down)
    place = np.round(np.arange(count) * rate_hz / SAMPLING_RATE_HZ).astype(int)
    return np.asarray(values[np.minimum(place, len(values) - 1)])


def _ratio(rate_hz: float) -> tuple[int, int]:
    wanted, given = round(10 * SAMPLING_RATE_HZ), round(10 * rate_hz)
    common = gcd(wanted, given)
    return wanted // common, given // common


def _cut(values: Windows, frames: int) -> Windows:
    if len(values) < frames:
        there_and_back = np.concatenate([values, values[-2:0:-1]])
        values = there_and_back[np.arange(frames) % len(there_and_back)]
    count = len(values) // frames
    return values[: count * frames].reshape(count, frames, *values.shape[1:])
