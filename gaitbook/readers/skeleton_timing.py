"""Time of a skeleton recording: stamps in any unit, brought to even steps without moving a frame.

Cameras drop frames, and programs write some twice. Every frame goes to its place on an even grid; places without a
frame stay empty.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SECONDS_PER_STEP: Final = ((1.0, 1.0), (1e3, 1e-3), (1e6, 1e-6), (np.inf, 1e-9))
"""Largest step that is read in s, ms, us and ns: cameras take 5 to some hundred frames a second."""
SLOWEST_HZ, FASTEST_HZ = 5.0, 1000.0
NEARLY_WHOLE: Final = 0.005
RATE_TOLERANCE: Final = 0.05


@dataclass(frozen=True)
class FramePlaces:
    """Which frame is where on the even grid.

    Parameters
    ----------
    frames
        (kept,) frames that are kept.
    places
        (kept,) their places on the grid.
    count
        Places of the grid.
    rate_hz
        Of the grid.
    start_s
        Time of its first place, s.
    log
        Frames left out and missing, counted.
    """

    frames: NDArray[np.int64]
    places: NDArray[np.int64]
    count: int
    rate_hz: float
    start_s: float
    log: tuple[str, ...]


def stamps_s(stamps: Array) -> tuple[Array, str]:
    """Time stamps from 0 in s, and the unit that they were found to be in, told by their usual step.

    Examples
    --------
    >>> stamps_s(np.array([100_000.0, 133_333.0, 166_667.0]))[1]
    'us'
    """
    steps = np.diff(stamps[np.isfinite(stamps)])
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0
    unit = next(index for index, (largest, _) in enumerate(SECONDS_PER_STEP) if step < largest)
    first = stamps[np.isfinite(stamps)][0] if np.isfinite(stamps).any() else 0.0
    return (stamps - first) * SECONDS_PER_STEP[unit][1], ("s", "ms", "us", "ns")[unit]


def place_frames(time_s: Array | None, frames: int, rate_hz: float | None) -> FramePlaces:
    """Places of the frames on a grid of even steps.

    Parameters
    ----------
    time_s
        (frame,), s; ``None`` if there are no stamps: then frames follow each other at ``rate_hz``.
    frames
        Number of frames.
    rate_hz
        Frames per second that are stated; found from the stamps if there are any.

    Raises
    ------
    ValueError
        There is neither time nor rate, time runs backward or is missing, or the rate is that of no camera.
    """
    if time_s is None:
        if not rate_hz:
            raise ValueError("it holds no time: give sampling_rate_hz")
        every = np.arange(frames)
        return FramePlaces(every, every, frames, float(rate_hz), 0.0, ())
    faults = _faults(time_s)
    if faults:
        raise ValueError("; ".join(faults))
    kept = np.flatnonzero(np.diff(time_s, prepend=-np.inf) > 0)
    stamps = time_s[kept]
    found_hz = _rate(stamps)
    if not SLOWEST_HZ <= found_hz <= FASTEST_HZ:
        raise ValueError(f"its time stamps say {found_hz:.3g} frames per second: check the column of time")
    if rate_hz and abs(found_hz - rate_hz) > RATE_TOLERANCE * rate_hz:
        raise ValueError(
            f"sampling_rate_hz is {rate_hz:g}, but its time stamps say {found_hz:.4g}: leave it out"
        )
    places = np.round((stamps - stamps[0]) * found_hz).astype(np.int64)
    own = np.diff(places, prepend=-1) > 0
    twice, close = len(time_s) - len(kept), int((~own).sum())
    kept, places = kept[own], places[own]
    log = _notes(twice, close, places, found_hz)
    return FramePlaces(kept, places, int(places[-1]) + 1, found_hz, float(stamps[0]), tuple(log))


def _faults(time_s: Array) -> list[str]:
    missing = int((~np.isfinite(time_s)).sum())
    if missing:
        return [f"{missing} of its time stamps are no number: export it again"]
    back = np.flatnonzero(np.diff(time_s) < 0)
    if len(back):
        return [
            f"time runs backward {len(back)} time(s), the first after frame {back[0] + 1}: it holds several "
            "recordings, or its rows are out of order; split or sort it"
        ]
    return [] if len(np.unique(time_s)) > 1 else ["all frames have the same time: export it again"]


def _rate(stamps: Array) -> float:
    """Rate of the grid, Hz: steps counted in usual steps over the whole time, whole if it nearly is."""
    steps = np.diff(stamps)
    counted = np.round(steps / np.median(steps)).sum()
    rate_hz = float(counted / (stamps[-1] - stamps[0]))
    return float(np.round(rate_hz)) if abs(rate_hz - round(rate_hz)) < NEARLY_WHOLE * rate_hz else rate_hz


def _notes(twice: int, close: int, places: NDArray[np.int64], rate_hz: float) -> list[str]:
    notes = [f"{twice} frame(s) with the time of the frame before were left out"] if twice else []
    notes += [f"{close} frame(s) less than half a step after another were left out"] if close else []
    gaps = np.diff(places) - 1
    if gaps.any():
        notes.append(
            f"{gaps.sum()} frame(s) were dropped in {(gaps > 0).sum()} gap(s), the longest of "
            f"{(gaps.max() + 1) / rate_hz:.2f} s"
        )
    return notes
