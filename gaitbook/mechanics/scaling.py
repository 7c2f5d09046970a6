"""A person's own body from a static trial: lengths from landmarks, markers where they were put.

Joint centers lie between the markers on both sides of knee and ankle and, for the hips, where a regression on the
size of the pelvis has them. Their distances stretch the segments of a generic body; what is not measured follows from
body height. Then every marker is registered in the frame of its segment. Frames come straight from landmarks and no
pose is solved for: a segment's markers then depend on that segment alone, the error of one joint does not reach the
next, and any trial will do as long as it shows the landmarks, since inside a segment nothing moves.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.body_model import BodyModel, Coordinate, Joint, Marker, Vector
from gaitbook.marker_sets import MarkerSet, find_marker_set, load_marker_sets
from gaitbook.mechanics.anthropometry import vector
from gaitbook.mechanics.body_dimensions import body_lengths, body_sizes
from gaitbook.mechanics.body_measurement import Measured, log_measured, marker_points, measure_body
from gaitbook.mechanics.generic_body import SIDES, generic_body
from gaitbook.mechanics.marker_placement import list_placements, place_markers
from gaitbook.mechanics.segment_frames import typical_point
from gaitbook.mechanics.segment_scaling import stretch_body, turn_mass

USUAL_HEIGHT_M = 1.75
SEGMENTS = {
    "pelvis",
    "torso",
    *(name + end for name in ("femur", "tibia", "talus", "calcn") for end in SIDES),
}


def scale_body(static: xr.Dataset, *, markers: str | None = None, base: BodyModel | None = None) -> BodyModel:
    """Body of the person in a trial.

    Parameters
    ----------
    static
        Trial with ``marker_position`` (time, marker, axis) in m and the attribute ``mass_kg``; ``height_m`` and
        ``sex`` where known. Best a static trial, or one that carries the person's ``standing_position``; in any
        other the same landmarks serve, less exactly.
    markers
        Name of the marker set; recognized by its labels if not given.
    base
        Body to be scaled, with segments named as in OpenSim; the generic one of this height and sex by default.

    Returns
    -------
    BodyModel
        Body of the mass ``mass_kg`` with the recording's markers: those of measured segments where the trial shows
        them (``fixed``), the others at their standard places. What was not measured and follows body height is
        logged.

    Raises
    ------
    ValueError
        Markers or mass are missing, the marker set is unknown or has no standard places, there is neither a body
        height nor a leg to measure, or the base names its segments otherwise; the message lists the faults.

    References
    ----------
    Hip centers: Harrington (2007), doi:10.1016/j.jbiomech.2006.02.003
    """
    static = _standing(static)
    marker_set = _recognize(static, markers)
    height_m = float(static.attrs.get("height_m") or _height_from_legs(static, marker_set))
    mass_kg = float(static.attrs["mass_kg"])
    own = base or generic_body(
        height_m=height_m, mass_kg=mass_kg, sex=static.attrs.get("sex"), markers=marker_set.name
    )
    _require_segments(own, static)
    placed = place_markers(marker_set.name, body_sizes(body_lengths(height_m)))
    measured = measure_body(static, marker_set.landmarks, own, _by_name(placed, own.markers))
    log_measured(measured, trial=_name(static), base=own.name)
    body = _fit(own, measured, mass_kg=mass_kg, evenly=base is not None)
    return replace(body, name=_name(static), markers=tuple(_register(static, body, placed, measured)))


def _standing(trial: xr.Dataset) -> xr.Dataset:
    """The static trial that a trial carries, or the trial itself."""
    if "standing_position" not in trial:
        return trial
    position = trial["standing_position"].rename(standing_marker="marker").expand_dims("time")
    return xr.Dataset({"marker_position": position}, attrs=trial.attrs)


def _recognize(static: xr.Dataset, name: str | None) -> MarkerSet:
    """Marker set of a trial, all of whose faults are reported at once."""
    faults = []
    if not static.attrs.get("mass_kg"):
        faults.append("the body mass is unknown: set the attribute mass_kg of the trial")
    if "marker_position" not in static:
        faults.append(
            "it has no marker_position: a body is scaled from markers; use generic_body without them"
        )
    if name is not None and name not in load_marker_sets():
        faults.append(f"marker set {name!r} is unknown: known are {', '.join(list_placements())}")
    if faults:
        raise ValueError(_message(static, faults))
    labels = static["marker_position"]["marker"].values.tolist()
    found = load_marker_sets()[name] if name else find_marker_set(labels)
    if found.name not in list_placements():
        remedy = f"rename the markers as in one of {', '.join(list_placements())}"
        raise ValueError(
            _message(static, [f"no standard places are known for the markers of {found.name}: {remedy}"])
        )
    return found


def _require_segments(base: BodyModel, static: xr.Dataset) -> None:
    absent = sorted(SEGMENTS - {segment.name for segment in base.segments})
    if absent:
        fault = f"the body {base.name} has no {', '.join(absent)}: name its segments as in the OpenSim gait models"
        raise ValueError(_message(static, [fault]))


def _message(static: xr.Dataset, faults: Iterable[str]) -> str:
    return f"No body can be scaled from trial {_name(static)}:\n- " + "\n- ".join(faults)


def _name(static: xr.Dataset) -> str:
    parts: Mapping[Any, Any] = static.attrs
    return "/".join(str(parts.get(part, "?")) for part in ("subject", "trial"))


def _by_name(*groups: Iterable[Marker]) -> dict[str, Marker]:
    """Markers by name; later groups win."""
    return {marker.name: marker for group in groups for marker in group}


def _height_from_legs(static: xr.Dataset, marker_set: MarkerSet) -> float:
    """Body height of which the measured legs are the usual part."""
    usual = generic_body(height_m=USUAL_HEIGHT_M, markers=marker_set.name)
    stretch = measure_body(static, marker_set.landmarks, usual, _by_name(usual.markers)).leg_stretch
    if stretch is None:
        fault = (
            "there is neither a body height nor a leg to measure: set the attribute height_m of the trial, or use a "
            "trial with markers on ASIS, PSIS and knees"
        )
        raise ValueError(_message(static, [fault]))
    return stretch * USUAL_HEIGHT_M


def _fit(base: BodyModel, measured: Measured, *, mass_kg: float, evenly: bool) -> BodyModel:
    """Stretched body with its joints where they were seen; ``evenly``: what was not seen is stretched as the legs."""
    rest = (measured.leg_stretch or 1.0) if evenly else 1.0
    usual: dict[str, Vector] = {segment.name: (rest, rest, rest) for segment in base.segments}
    body = stretch_body(base, usual | measured.stretch, mass_kg=mass_kg)
    joints = tuple(_seen(joint, measured.joints) for joint in body.joints)
    shanks = {
        old.parent: (old.parent_position, new.parent_position)
        for old, new in zip(body.joints, joints, strict=True)
        if new.child.startswith("talus")
    }
    segments = tuple(
        turn_mass(each, *shanks[each.name]) if each.name in shanks else each for each in body.segments
    )
    taller_m = _standing_height(joints) - _standing_height(base.joints)
    coordinates = tuple(_stand(each, taller_m) for each in body.coordinates)
    return replace(body, segments=segments, joints=joints, coordinates=coordinates)


def _seen(joint: Joint, places: Mapping[str, Vector]) -> Joint:
    return replace(joint, parent_position=places.get(joint.child, joint.parent_position))


def _standing_height(joints: Iterable[Joint]) -> float:
    """Height of the pelvis above the ankles, m."""
    places = {joint.child: joint.parent_position[1] for joint in joints}
    return -sum(places[name] for name in ("femur_r", "tibia_r", "talus_r"))


def _stand(coordinate: Coordinate, taller_m: float) -> Coordinate:
    if coordinate.name != "pelvis_ty":
        return coordinate
    return replace(coordinate, default=coordinate.default + taller_m)


def _register(
    static: xr.Dataset, body: BodyModel, placed: Iterable[Marker], measured: Measured
) -> Iterator[Marker]:
    """Markers of the recording in the frames of their segments."""
    points = marker_points(static)
    for name, place in _by_name(placed, body.markers).items():
        if name not in points:
            continue
        frame = measured.frames.get(place.segment)
        position = typical_point(frame.to_segment(points[name])) if frame else np.full(3, np.nan)
        seen = bool(np.isfinite(position).all())
        yield replace(place, position_m=vector(position), fixed=True) if seen else place
