"""Markers hidden as cameras lose them: single samples, bursts of each marker, or a whole segment at a time.

What is hidden is drawn from a generator of random numbers: the same state hides the same samples.
"""

from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.cleaning import rate_of
from gaitbook.conventions import FEET
from gaitbook.marker_sets import find_marker_set

Flags = NDArray[np.bool_]

CLUSTERS: Final = ("thigh", "shank", "foot", "pelvis")
PATTERNS: Final = ("samples", "bursts", *CLUSTERS)
BURST_S: Final = (0.1, 0.5)
"""Shortest and longest burst: an arm that swings past a marker, a marker turned away from all cameras."""


class Occlusion(NamedTuple):
    """How markers are hidden.

    Parameters
    ----------
    pattern
        ``"samples"``: each sample of each marker by itself; ``"bursts"``: each marker for 0.1 to 0.5 s, again and
        again; ``"thigh"``, ``"shank"``, ``"foot"`` (of one side, drawn at random) or ``"pelvis"``: all markers of a
        segment, once.
    share
        Of the samples of these markers, from 0 to 1; a segment is hidden for this share of the trial.
    """

    pattern: str
    share: float


OCCLUSIONS: Final = (
    *(Occlusion(pattern, share) for pattern in ("samples", "bursts") for share in (0.1, 0.3, 0.6)),
    *(Occlusion(pattern, share) for pattern in CLUSTERS for share in (0.25, 1.0)),
)
"""Those of the study."""


def hide_markers(trial: xr.Dataset, occlusion: Occlusion, *, rng: np.random.Generator) -> xr.Dataset:
    """Trial with some of its markers hidden (NaN) some of the time.

    Parameters
    ----------
    trial
        With ``marker_position`` (time, marker, axis).
    occlusion
        What is hidden.
    rng
        Of the random numbers.

    Raises
    ------
    ValueError
        The pattern is not known, the share is none, or the trial has no marker on the segment.
    """
    if occlusion.pattern not in PATTERNS:
        raise ValueError(f"There is no pattern {occlusion.pattern!r}: choose one of {', '.join(PATTERNS)}.")
    if not 0.0 <= occlusion.share <= 1.0:
        raise ValueError(f"{occlusion.share:g} is no share of the samples: give a number from 0 to 1.")
    markers = trial["marker_position"]
    shape = (trial.sizes["time"], trial.sizes["marker"])
    if occlusion.pattern == "samples":
        hidden = rng.random(shape) < occlusion.share
    elif occlusion.pattern == "bursts":
        hidden = _bursts(shape, occlusion.share, rate_of(trial), rng)
    else:
        hidden = _of_segment(trial, occlusion, rng)
    seen = xr.DataArray(~hidden, {"time": trial["time"], "marker": trial["marker"]}, ("time", "marker"))
    return trial.assign(
        marker_position=markers.where(seen).transpose(*markers.dims).assign_attrs(markers.attrs)
    )


def bridge_markers(trial: xr.Dataset) -> xr.Dataset:
    """Trial whose markers move along straight lines between sightings, however far apart these are.

    What laboratories do where they do nothing better. Before the first sighting and after the last one a marker stays
    hidden, and one that is never seen as well.
    """
    markers = trial["marker_position"].transpose("marker", "axis", "time")
    values, frames = np.array(markers.values, dtype=float, order="C"), np.arange(markers.sizes["time"])
    for row in values.reshape(-1, len(frames)):
        known = np.isfinite(row)
        if known.any():
            row[:] = np.interp(frames, frames[known], row[known], left=np.nan, right=np.nan)
    bridged = markers.copy(data=values).transpose(*trial["marker_position"].dims)
    return trial.assign(marker_position=bridged)


def _bursts(shape: tuple[int, int], share: float, rate_hz: float, rng: np.random.Generator) -> Flags:
    """Each marker (time, marker) hidden in bursts, one by one until the share is reached; the last one is cut short."""
    hidden, wanted = np.zeros(shape, dtype=bool), round(share * shape[0])
    for column in hidden.T:
        while (left := wanted - int(column.sum())) > 0:
            start = int(rng.integers(shape[0]))
            length = max(1, round(rate_hz * rng.uniform(*BURST_S)))
            free = start + np.flatnonzero(~column[start : start + length])
            column[free[:left]] = True
    return hidden


def _of_segment(trial: xr.Dataset, occlusion: Occlusion, rng: np.random.Generator) -> Flags:
    """All markers (time, marker) of a segment hidden together for a while."""
    segment = occlusion.pattern
    if segment != "pelvis":
        segment = f"{segment}_{FEET[int(rng.integers(len(FEET)))]}"
    labels = trial["marker"].values
    own = np.isin(labels, find_marker_set(labels).segments[segment])
    if not own.any():
        raise ValueError(f"The trial has no marker on {segment}: choose another pattern.")
    frames = trial.sizes["time"]
    length = round(occlusion.share * frames)
    start = int(rng.integers(frames - length + 1))
    inside = np.zeros(frames, dtype=bool)
    inside[start : start + length] = True
    return np.asarray(inside[:, None] & own)
