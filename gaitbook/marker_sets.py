"""Which marker sits where.

Laboratories name their markers differently. ``marker_sets.yml`` holds, for the sets met most often, the
segment that each marker rides on and the markers whose mean is a landmark (heel, toe, ankle, knee, ASIS,
PSIS). A recording's set is recognized by the labels it shares with a known one; markers that a recording
lacks are simply not used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import xarray as xr

from gaitbook.conventions import FEET

FEWEST_FOOT_MARKERS = 2
LANDMARKS_OF_FOOT = ("heel", "toe")


@dataclass(frozen=True)
class MarkerSet:
    """Markers of a known set, by segment and by landmark.

    Parameters
    ----------
    name
        Name of the set.
    description
        Who uses it, in one line.
    segments
        Marker names by segment: ``pelvis``, ``torso``, ``head``, and ``thigh``, ``shank``, ``foot``,
        ``upper_arm``, ``forearm`` with ``_right`` or ``_left``. Not every set has all of them.
    landmarks
        Marker names by landmark: ``heel``, ``toe``, ``ankle``, ``knee``, ``asis``, ``psis`` with ``_right``
        or ``_left``.
    """

    name: str
    description: str
    segments: Mapping[str, tuple[str, ...]]
    landmarks: Mapping[str, tuple[str, ...]]

    @property
    def markers(self) -> frozenset[str]:
        """Every marker name of the set."""
        return frozenset(marker for group in self.segments.values() for marker in group)

    @property
    def foot_markers(self) -> frozenset[str]:
        """Marker names of both feet."""
        return frozenset(marker for foot in FEET for marker in self.segments[f"foot_{foot}"])


@cache
def load_marker_sets() -> Mapping[str, MarkerSet]:
    """Return the known marker sets by name.

    Examples
    --------
    >>> load_marker_sets()["rajagopal"].landmarks["heel_right"]
    ('RCAL',)
    """
    import yaml

    described = yaml.safe_load(files("gaitbook").joinpath("marker_sets.yml").read_text(encoding="utf-8"))
    return {name: _expand(name, entry) for name, entry in described.items()}


def find_marker_set(labels: Iterable[str]) -> MarkerSet:
    """Return the known marker set that shares most labels with a recording.

    Parameters
    ----------
    labels
        Marker names of the recording.

    Raises
    ------
    ValueError
        If fewer than two foot markers are recognized in any known set.

    Examples
    --------
    >>> find_marker_set(["RASI", "LASI", "RHEE", "LHEE", "RTOE", "LTOE"]).name
    'plug_in_gait'
    """
    found = {str(label) for label in labels}
    known = load_marker_sets()
    fitting = [each for each in known.values() if len(each.foot_markers & found) >= FEWEST_FOOT_MARKERS]
    if not fitting:
        raise ValueError(
            f"Fewer than {FEWEST_FOOT_MARKERS} foot markers recognized among "
            f"{', '.join(sorted(found)) or 'no markers'}. Known marker sets: {', '.join(known)}. Rename the foot "
            "markers as in one of them (see gaitbook/marker_sets.yml), or pass the positions of the feet yourself."
        )
    return max(fitting, key=lambda each: len(each.markers & found))


def landmark_position(marker_position: xr.DataArray, markers: Iterable[str]) -> xr.DataArray:
    """Position of a landmark: the mean of those of its markers that are seen.

    Parameters
    ----------
    marker_position
        Markers (time, marker, axis), m; NaN where unseen.
    markers
        Names of the markers of the landmark; names that the recording lacks are skipped.

    Returns
    -------
    xarray.DataArray
        Position (time, axis), m; NaN where none of its markers is seen.

    Raises
    ------
    KeyError
        If the recording has none of the markers.
    """
    wanted = list(markers)
    present = [name for name in wanted if name in marker_position.indexes["marker"]]
    if not present:
        raise KeyError(f"The recording has none of the markers {', '.join(wanted) or '(none are known)'}")
    mean = marker_position.sel(marker=present).mean("marker", skipna=True, keep_attrs=True)
    return mean.rename("landmark_position")


def foot_position(marker_position: xr.DataArray) -> xr.DataArray:
    """Position of the middle of each foot: halfway between heel and toe.

    Parameters
    ----------
    marker_position
        Markers of a known set (time, marker, axis), m.

    Returns
    -------
    xarray.DataArray
        Position (time, foot, axis), m. A foot with a known heel only, or a known toe only, is taken to be
        there; a foot without either is NaN.

    Raises
    ------
    ValueError
        If the marker set is unknown (see `find_marker_set`).
    """
    labels = [str(label) for label in marker_position["marker"].values]
    landmarks = find_marker_set(labels).landmarks
    both = [
        _middle(marker_position, [landmarks[f"{part}_{foot}"] for part in LANDMARKS_OF_FOOT]) for foot in FEET
    ]
    joined = xr.concat(both, xr.Variable("foot", list(FEET))).transpose("time", "foot", "axis")
    return joined.rename("foot_position").assign_attrs(units="m")


def _middle(marker_position: xr.DataArray, landmarks: list[tuple[str, ...]]) -> xr.DataArray:
    known = [
        markers for markers in landmarks if set(markers) & set(marker_position["marker"].values.tolist())
    ]
    if not known:
        return marker_position.isel(marker=0, drop=True) * float("nan")
    points = [landmark_position(marker_position, markers) for markers in known]
    # Both must be seen: a foot that jumps to its heel whenever the toe marker drops out is no position.
    return xr.concat(points, "landmark").mean("landmark", skipna=False)


def _expand(name: str, entry: Mapping[str, Any]) -> MarkerSet:
    def of_side(markers: Iterable[str], letters: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(marker.replace("@", letter) for marker in markers for letter in letters))

    all_letters = [letter for letters in entry["letters"].values() for letter in letters]
    segments = {part: of_side(names, all_letters) for part, names in entry["middle"].items()}
    landmarks: dict[str, tuple[str, ...]] = {}
    for side, letters in entry["letters"].items():
        segments |= {f"{part}_{side}": of_side(markers, letters) for part, markers in entry["sides"].items()}
        landmarks |= {
            f"{part}_{side}": of_side(markers, letters) for part, markers in entry["landmarks"].items()
        }
    return MarkerSet(name=name, description=entry["description"], segments=segments, landmarks=landmarks)
