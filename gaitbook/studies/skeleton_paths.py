"""Paths of joints in meters, rid of what a depth camera throws in: gaps, single frames far off, noise."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import SIDES, median_of_three

Array = NDArray[np.float64]
PELVIS_JOINTS: Final = ("PELVIS", "HIP_LEFT", "HIP_RIGHT")
"""Their mean is less noisy than each, and the hips turn about it."""
LEAST_SEEN: Final = 0.5
SHORTEST_S: Final = 2.0
FILTER_ORDER: Final = 2


@dataclass(frozen=True)
class SkeletonPaths:
    """Smooth paths of some joints.

    Parameters
    ----------
    joints
        Their names.
    position_m
        (time, joint, axis); x forward, y up, z right.
    rate_hz
        Frames per second.
    """

    joints: tuple[str, ...]
    position_m: Array
    rate_hz: float

    @property
    def time_s(self) -> Array:
        """Time of each frame from the first."""
        return np.arange(len(self.position_m)) / self.rate_hz

    def of(self, *joints: str) -> Array:
        """Path (time, axis) of a joint, or of the middle of several, m."""
        places = [self.joints.index(joint) for joint in joints]
        return np.asarray(self.position_m[:, places].mean(axis=1))

    @property
    def pelvis(self) -> Array:
        """Path (time, axis) of the middle of the pelvis, m."""
        return self.of(*PELVIS_JOINTS)


def both_sides(*parts: str) -> tuple[str, ...]:
    """Names of the joints of both sides.

    Examples
    --------
    >>> both_sides("ANKLE")
    ('ANKLE_LEFT', 'ANKLE_RIGHT')
    """
    return tuple(f"{part}_{side}" for part in parts for side in SIDES)


def clean_paths(trial: xr.Dataset, joints: Iterable[str], *, low_pass_hz: float) -> SkeletonPaths:
    """Paths of joints: gaps filled by straight lines, a median of three frames, a low pass without delay.

    Parameters
    ----------
    trial
        With ``skeleton_position`` (time, joint, axis), m, and, if known, ``joint_confidence`` (time, joint), whose
        zeros count as gaps.
    joints
        Those wanted.
    low_pass_hz
        Corner of a Butterworth filter of second order, run forward and backward.

    Raises
    ------
    ValueError
        There is no skeleton, it lacks joints, is too short or too slow, or a joint was seen in less than half of the
        frames; all faults are named, in words that are the same for all trials with the same fault.
    """
    names = tuple(dict.fromkeys((*joints, *PELVIS_JOINTS)))
    rate_hz = float(trial.attrs.get("sampling_rate_hz", np.nan))
    faults = _faults(trial, names, rate_hz, low_pass_hz)
    if faults:
        raise ValueError("The skeleton cannot be measured: it " + "; it ".join(faults))
    position = _position(trial, names)
    seen = np.asarray(np.isfinite(position).all(axis=2))
    rare = [name for name, share in zip(names, seen.mean(axis=0), strict=True) if share < LEAST_SEEN]
    if rare:
        raise ValueError(
            f"The skeleton cannot be measured: {', '.join(rare)} not seen in more than half of the frames"
        )
    smooth = sosfiltfilt(_low_pass(low_pass_hz, rate_hz), median_of_three(_fill_gaps(position, seen)), axis=0)
    return SkeletonPaths(names, np.asarray(smooth), rate_hz)


def _faults(trial: xr.Dataset, names: tuple[str, ...], rate_hz: float, low_pass_hz: float) -> list[str]:
    if "skeleton_position" not in trial:
        return ["has no skeleton_position: steps are measured in trials of a depth camera"]
    faults = []
    position = trial["skeleton_position"]
    present = {*position["joint"].values.tolist(), *position["axis"].values.tolist()}
    missing = [name for name in (*names, *AXES) if name not in present]
    if missing:
        faults.append(f"lacks {', '.join(missing)}")
    if not rate_hz > 2.0 * low_pass_hz:
        faults.append(f"needs a sampling_rate_hz above {2.0 * low_pass_hz:g}")
    elif position.sizes["time"] < SHORTEST_S * rate_hz:
        faults.append(f"is shorter than {SHORTEST_S:g} s")
    return faults


def _position(trial: xr.Dataset, names: tuple[str, ...]) -> Array:
    """Positions (time, joint, axis) of the named joints, NaN where the camera had none."""
    labeled = trial["skeleton_position"].transpose("time", "joint", "axis")
    joints = labeled["joint"].values.tolist()
    places = [joints.index(name) for name in names]
    axes = [labeled["axis"].values.tolist().index(axis) for axis in AXES]
    position = labeled.values[:, places][:, :, axes].astype(np.float64)
    if "joint_confidence" in trial:
        sure = trial["joint_confidence"].transpose("time", "joint")
        known = sure["joint"].values.tolist()
        for place, name in enumerate(names):
            if name in known:
                position[sure.values[:, known.index(name)] == 0, place] = np.nan
    return position


def _fill_gaps(position: Array, seen: NDArray[np.bool_]) -> Array:
    filled = position.copy()
    frames = np.arange(len(position))
    for joint in np.flatnonzero(~seen.all(axis=0)):
        known, gap = seen[:, joint], ~seen[:, joint]
        for axis in range(position.shape[2]):
            filled[gap, joint, axis] = np.interp(frames[gap], frames[known], position[known, joint, axis])
    return filled


@cache
def _low_pass(corner_hz: float, rate_hz: float) -> Array:
    return np.asarray(butter(FILTER_ORDER, corner_hz, fs=rate_hz, output="sos"))
