"""What a trial shows of a body: how long its segments are, where its joints are, and where the segments are."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from gaitbook.body_model import BodyModel, Marker, Vector
from gaitbook.conventions import FEET
from gaitbook.mechanics.anthropometry import Array, vector
from gaitbook.mechanics.body_dimensions import hip_center
from gaitbook.mechanics.segment_frames import (
    Frame,
    Landmarks,
    foot_frame,
    leg_frames,
    pelvis_frame,
    pelvis_plane_rad,
    pelvis_size,
    torso_frame,
    typical_length,
    typical_point,
)

SUFFIX = {"right": "_r", "left": "_l"}
MEASURABLE = ("pelvis", *(part + end for part in ("femur", "tibia", "calcn") for end in SUFFIX.values()))
TO_THE_LEFT = np.array([1.0, 1.0, -1.0])

STILL_M = 0.01
"""Standard deviation of markers over time up to which a person counts as standing still."""

PLAUSIBLE_STRETCH = (0.7, 1.4)
"""Measured over expected length beyond which markers rather than people differ."""

logger = logging.getLogger(__name__)


@dataclass
class Measured:
    """What a trial shows of a body.

    Attributes
    ----------
    stretch
        Measured size of each segment over that of the base body, along x, y, z.
    joints
        Measured places of the joints above segments, in the segments' parents, m.
    frames
        Frames of segments over time.
    one_sided
        Joints whose markers are on one side only.
    """

    stretch: dict[str, Vector] = field(default_factory=dict)
    joints: dict[str, Vector] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    one_sided: list[str] = field(default_factory=list)

    @property
    def leg_stretch(self) -> float | None:
        """Mean stretch of thighs and shanks; ``None`` if none was measured."""
        along = [factor[1] for name, factor in self.stretch.items() if name.startswith(("femur", "tibia"))]
        return float(np.mean(along)) if along else None


def marker_points(trial: xr.Dataset) -> dict[str, Array]:
    """Markers that are seen at some time, by name: (time, 3), m."""
    position = trial["marker_position"].transpose("marker", "time", "axis")
    names = [str(name) for name in position["marker"].values]
    values = dict(zip(names, np.asarray(position.values, dtype=float), strict=True))
    return {name: value for name, value in values.items() if np.isfinite(value).all(axis=1).any()}


def measure_body(
    trial: xr.Dataset,
    groups: Mapping[str, tuple[str, ...]],
    base: BodyModel,
    places: Mapping[str, Marker],
) -> Measured:
    """What a trial shows of the person in it.

    Parameters
    ----------
    trial
        Trial with ``marker_position``; standing still or moving.
    groups
        Names of the markers of each landmark.
    base
        Body with which the person is compared.
    places
        The markers on that body.
    """
    landmarks = Landmarks(marker_points(trial), groups, places)
    measured = Measured()
    size = pelvis_size(landmarks)
    if size is None:
        return measured
    still = bool(trial["marker_position"].std("time", skipna=True).median() < STILL_M)
    _measure_pelvis(measured, landmarks, base, size)
    if still:
        lumbar = _joint_position(base, "torso") * measured.stretch["pelvis"]
        measured.frames["torso"] = torso_frame(measured.frames["pelvis"], lumbar)
    for side in FEET:
        _measure_leg(measured, landmarks, base, side)
        _measure_foot(measured, landmarks, base, side, still=still)
    return measured


def log_measured(measured: Measured, *, trial: str, base: str) -> None:
    """Tell what follows body height because it was not seen, and what is of unlikely size."""
    absent = [name for name in MEASURABLE if name not in measured.stretch]
    if absent:
        logger.warning(
            "%s: no landmarks to measure %s: their lengths follow body height, their markers sit at standard places",
            trial,
            ", ".join(absent),
        )
    if measured.one_sided:
        logger.warning(
            "%s: %s: markers on one side only; the centers are taken to be the usual distance inward",
            trial,
            ", ".join(measured.one_sided),
        )
    low, high = PLAUSIBLE_STRETCH
    for name, factors in measured.stretch.items():
        if min(factors) < low or max(factors) > high:
            sizes = " x ".join(f"{factor:.2f}" for factor in dict.fromkeys(factors))
            logger.warning(
                "%s: %s measures %s times that of the %s body: check markers, height and units",
                trial,
                name,
                sizes,
                base,
            )


def _measure_pelvis(
    measured: Measured, landmarks: Landmarks, base: BodyModel, size: tuple[float, float]
) -> None:
    hip = np.array(hip_center(*size, plane_rad=pelvis_plane_rad(landmarks)))
    expected = _joint_position(base, "femur_r")
    sagittal = float(np.hypot(*hip[:2]) / np.hypot(*expected[:2]))
    measured.frames["pelvis"] = pelvis_frame(landmarks)
    measured.stretch["pelvis"] = (sagittal, sagittal, float(hip[2] / expected[2]))
    measured.joints |= {"femur_r": vector(hip), "femur_l": vector(hip * TO_THE_LEFT)}


def _measure_leg(measured: Measured, landmarks: Landmarks, base: BodyModel, side: str) -> None:
    end = SUFFIX[side]
    frames = leg_frames(landmarks, measured.frames["pelvis"], measured.joints["femur" + end], side)
    for segment, far, child in (("femur", "knee", "tibia"), ("tibia", "ankle", "talus")):
        if far not in frames:
            continue
        length_m = typical_length(frames[far].origin - frames[segment].origin)
        if not np.isfinite(length_m):
            return
        expected_m = float(np.linalg.norm(_joint_position(base, child + end)))
        measured.stretch[segment + end] = (length_m / expected_m,) * 3
        measured.frames |= {segment + end: frames[segment], far + end: frames[far]}
        if landmarks.axis(f"{far}_{side}") is None:
            measured.one_sided.append(f"{far}_{side}")
        if child == "talus":
            place = typical_point(frames[segment].to_segment(frames[far].origin))
            measured.joints[child + end] = vector(place)


def _measure_foot(
    measured: Measured, landmarks: Landmarks, base: BodyModel, side: str, *, still: bool
) -> None:
    end, heel, toe = SUFFIX[side], f"heel_{side}", f"toe_{side}"
    ankle = measured.frames.get("ankle" + end)
    if ankle is None or not landmarks.has(heel, toe):
        return
    seen_m = typical_length(landmarks.measured(toe) - landmarks.measured(heel))
    if not np.isfinite(seen_m):
        return
    factor = seen_m / float(np.linalg.norm(landmarks.placed(toe) - landmarks.placed(heel)))
    measured.stretch |= {segment + end: (factor,) * 3 for segment in ("talus", "calcn", "toes")}
    offset = factor * _joint_position(base, "calcn" + end)
    measured.frames["calcn" + end] = foot_frame(landmarks, ankle, offset, side, still=still)


def _joint_position(body: BodyModel, child: str) -> Array:
    """Place of the joint on which a segment hangs, in its parent, m."""
    return np.array(next(joint.parent_position for joint in body.joints if joint.child == child))
