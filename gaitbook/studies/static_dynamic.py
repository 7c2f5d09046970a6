"""What is in the shape of a body, and what in its motion? Skeletons that have lost one of the two.

The mean pose keeps shape and posture and nothing that moves. Without the mean pose only motion is left. With its frames
shuffled a window has every pose and no order. What an encoder tells from each of these, beside the whole, says where
it looks.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Windows = NDArray[np.floating[Any]]
AXES: Final = 3
"""Channels that are places; a fourth is confidence, zero where a joint was not seen."""
WHOLE: Final = "whole"
SHAPE, MOTION, SHUFFLED = "mean pose", "without mean pose", "shuffled in time"
STREAM: Final = 97


def mean_pose(windows: Windows) -> Windows:
    """Windows in which every joint rests at its mean place; where it was not seen, it stays so.

    Parameters
    ----------
    windows
        (window, time, joint, channel) of x, y, z and, if there is one, confidence.

    Raises
    ------
    ValueError
        The array has another shape, or gaps.
    """
    _require_windows(windows)
    seen = _seen(windows)
    still = windows.copy()
    still[..., :AXES] = np.where(seen, _mean_place(windows, seen), windows[..., :AXES])
    return still


def without_mean_pose(windows: Windows) -> Windows:
    """Windows in which every joint moves about nought; parameters and errors as `mean_pose`."""
    _require_windows(windows)
    seen = _seen(windows)
    moving = windows.copy()
    moving[..., :AXES] = np.where(seen, windows[..., :AXES] - _mean_place(windows, seen), windows[..., :AXES])
    return moving


def shuffled_in_time(windows: Windows, *, seed: int = 0) -> Windows:
    """Windows with their frames in random order, all joints together, each window in its own; as `mean_pose`."""
    _require_windows(windows)
    order = np.random.default_rng([seed, STREAM]).random(windows.shape[:2]).argsort(axis=1)
    return np.take_along_axis(windows, order[:, :, None, None], axis=1)


def _seen(windows: Windows) -> NDArray[np.bool_]:
    """Whether a joint was seen (window, time, joint, 1)."""
    if windows.shape[-1] == AXES:
        return np.ones((*windows.shape[:-1], 1), dtype=bool)
    return np.asarray(windows[..., AXES:] > 0)


def _mean_place(windows: Windows, seen: NDArray[np.bool_]) -> Windows:
    """Mean over the frames in which a joint was seen (window, 1, joint, axis), zero if in none."""
    total = np.where(seen, windows[..., :AXES], 0.0).sum(axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(total / np.maximum(seen.sum(axis=1, keepdims=True), 1))


def _require_windows(windows: Windows) -> None:
    if windows.ndim != AXES + 1 or windows.shape[-1] not in (AXES, AXES + 1):
        raise ValueError(
            f"Windows have the shape (window, time, joint, channel) with 3 or 4 channels, not {windows.shape}"
        )
    gaps = int((~np.isfinite(windows)).sum())
    if gaps:
        raise ValueError(f"{gaps} values of the windows are no numbers: fill or hide the gaps first")
