"""Marker labels checked against a static trial.

The markers of one segment keep their distances, so a static trial of the same person tells which is which. Where two
labels were exchanged, or shifted around one that was lost, the distances of that segment break, and one other way of
handing out the labels mends them. It is applied only if it is clearly the one; everything done or doubted is said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.marker_sets import find_marker_set

Array = NDArray[np.float64]

CHECKED_M = 0.003
"""Root mean square difference of a segment's distances from the static trial below which no labels are questioned."""
RIGID_M = 0.008
"""Difference up to which a segment still counts as the same one.

In 60 running trials with skin and shoe, rightly labeled thighs, shanks and feet differ by 0.3 to 3.2 mm and the
pelvis by up to 7.8 mm; feet with two exchanged toe markers differ by 16 to 19 mm.
"""
PAIR_M = 0.025
"""No distance of a right labeling differs by more: beyond what skin and shoe allow."""
CLEARLY = 2.0
"""The labeling applied must fit this many times better than the next best, and than the labels of the file."""
FEWEST_MARKERS = 3
FRAMES_USED = 300
"""Frames looked at, spread over the trial: labels do not change faster."""


@dataclass(frozen=True)
class Relabeling:
    """A recording with its labels put right.

    Attributes
    ----------
    dataset
        The recording; its ``attrs["log"]`` repeats what follows.
    corrections
        What was changed, one sentence per segment.
    doubts
        Segments that do not keep their shape and that no other labeling mends.
    """

    dataset: xr.Dataset
    corrections: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class _Segment:
    """Candidate columns of a segment, the labels to hand out, and the misfit of every pair to every pair, m."""

    name: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    misfit: Array


def relabel_markers(recording: xr.Dataset, reference: xr.Dataset) -> Relabeling:
    """Put exchanged or shifted marker labels right by comparison with a static trial of the same person.

    Parameters
    ----------
    recording
        ``marker_position`` ``(time, marker, axis)``, m.
    reference
        The static trial: ``marker_position`` with the right labels.

    Returns
    -------
    Relabeling
        The recording with corrected labels (the same one if nothing was wrong), and what was done, in words.

    Raises
    ------
    ValueError
        Either has no markers, or their labels belong to no known marker set.
    """
    for dataset, role in ((recording, "recording"), (reference, "static trial")):
        if "marker_position" not in dataset:
            raise ValueError(
                f"The {role} holds no marker_position: relabeling compares markers with markers."
            )
    names: dict[str, str] = {}
    corrections, doubts = [], []
    for segment in _segments(recording, reference):
        kept = {label: label for label in segment.labels if label in segment.columns}
        before = _misfit(segment, kept)
        labeling = _best_labeling(segment, before) if before > CHECKED_M else None
        if labeling is None:
            doubts += [_doubt(segment, before)] if before > RIGID_M else []
            continue
        after = _misfit(segment, labeling)
        renamed = _complete(segment, labeling)
        names |= renamed
        changes = ", ".join(f"{old} is {new}" for old, new in renamed.items() if old != new)
        corrections.append(
            f"relabeled {segment.name}: {changes} (distances differed by {1000 * before:.0f} mm from the static trial, "
            f"now by {1000 * after:.0f} mm)"
        )
    return _apply(recording, names, corrections, doubts)


def _segments(recording: xr.Dataset, reference: xr.Dataset) -> Iterator[_Segment]:
    seen = recording["marker_position"].notnull().any(["time", "axis"])
    present = [str(label) for label in recording["marker"].values[seen.values]]
    known = {str(label) for label in reference["marker"].values}
    position = recording["marker_position"]
    every = max(1, position.sizes["time"] // FRAMES_USED)
    moving = position.isel(time=slice(None, None, every)).transpose("marker", "time", "axis")
    still = reference["marker_position"].transpose("marker", "time", "axis").median("time")
    for name, markers in find_marker_set(known).segments.items():
        labels = tuple(
            label for label in markers if label in known and still.sel(marker=label).notnull().all()
        )
        # A column that the static trial does not know may be a lost marker of any segment.
        columns = tuple(label for label in present if label in labels or label not in known)
        if len(set(columns) & set(labels)) >= FEWEST_MARKERS:
            there = moving.sel(marker=list(columns)).values
            yield _Segment(name, columns, labels, _pair_misfit(there, still.sel(marker=list(labels)).values))


def _pair_misfit(moving: Array, still: Array) -> Array:
    """Median difference of the distance of columns i, j from that of labels k, l: ``(i, j, k, l)``, m."""
    n_columns, n_labels = len(moving), len(still)
    expected = np.linalg.norm(still[:, None] - still[None], axis=-1)
    misfit = np.full((n_columns, n_columns, n_labels, n_labels), np.inf)
    for i, j in combinations(range(n_columns), 2):
        distance = np.linalg.norm(moving[i] - moving[j], axis=-1)
        distance = distance[np.isfinite(distance)]
        if len(distance):
            misfit[i, j] = misfit[j, i] = np.median(np.abs(distance[:, None, None] - expected), axis=0)
    return misfit


def _misfit(segment: _Segment, labeling: Mapping[str, str]) -> float:
    """Root mean square misfit of a labeling (column to label), m."""
    pairs = [
        segment.misfit[
            segment.columns.index(a),
            segment.columns.index(b),
            segment.labels.index(labeling[a]),
            segment.labels.index(labeling[b]),
        ]
        for a, b in combinations(labeling, 2)
    ]
    seen = [pair for pair in pairs if np.isfinite(pair)]
    return float(np.sqrt(np.mean(np.square(seen)))) if seen else 0.0


def _best_labeling(segment: _Segment, before: float) -> dict[str, str] | None:
    """Labeling that mends the segment, if there is exactly one that clearly does.

    A column without a place in the static trial is taken in only if the segment is as rigid with it.
    """
    n_wanted = sum(column in segment.labels for column in segment.columns)
    chosen: dict[str, str] | None = None
    for size in range(n_wanted, min(len(segment.columns), len(segment.labels)) + 1):
        ranked = sorted(_labelings(segment, size), key=lambda labeling: _misfit(segment, labeling))
        fits = [_misfit(segment, labeling) for labeling in ranked[:2]] + [np.inf, np.inf]
        allowed = RIGID_M if chosen is None else min(RIGID_M, CLEARLY * _misfit(segment, chosen))
        if fits[0] <= allowed and (CLEARLY * fits[0] < fits[1] or size == n_wanted):
            chosen = ranked[0]
            decided = CLEARLY * fits[0] < min(before, fits[1])
    return chosen if chosen is not None and decided else None


def _labelings(segment: _Segment, n_wanted: int) -> Iterator[dict[str, str]]:
    """Every way of giving ``n_wanted`` labels to columns in which no pair of markers is out of place."""
    n_columns, n_labels = len(segment.columns), len(segment.labels)

    def extend(label: int, chosen: tuple[tuple[int, int], ...]) -> Iterator[tuple[tuple[int, int], ...]]:
        if len(chosen) == n_wanted:
            yield chosen
            return
        if n_labels - label < n_wanted - len(chosen):
            return
        for column in range(n_columns):
            if all(column != c and segment.misfit[column, c, label, k] <= PAIR_M for c, k in chosen):
                yield from extend(label + 1, (*chosen, (column, label)))
        yield from extend(label + 1, chosen)

    for chosen in extend(0, ()):
        yield {segment.columns[column]: segment.labels[label] for column, label in chosen}


def _doubt(segment: _Segment, before: float) -> str:
    return (
        f"{segment.name} differs from the static trial by {1000 * before:.0f} mm, and no other labeling is clearly "
        "the right one"
    )


def _complete(segment: _Segment, labeling: dict[str, str]) -> dict[str, str]:
    """Hand the names that became free to the columns that lost theirs."""
    displaced = [
        column for column in segment.columns if column not in labeling and column in labeling.values()
    ]
    free = [column for column in segment.columns if column not in labeling.values()]
    return labeling | dict(zip(displaced, free, strict=False))


def _apply(
    recording: xr.Dataset, names: Mapping[str, str], corrections: list[str], doubts: list[str]
) -> Relabeling:
    if not corrections and not doubts:
        return Relabeling(recording, (), ())
    labels = [names.get(str(label), str(label)) for label in recording["marker"].values]
    dataset = recording.assign_coords(marker=("marker", labels, recording["marker"].attrs))
    dataset.attrs = recording.attrs | {"log": [*recording.attrs.get("log", []), *corrections, *doubts]}
    return Relabeling(dataset, tuple(corrections), tuple(doubts))
