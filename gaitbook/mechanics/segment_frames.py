"""Where the segments of a body are while one stands or moves, straight from landmarks.

Each frame is fitted to two directions that are known both on the body and in the laboratory. No pose is solved for:
what belongs to a segment is then found from that segment alone.

The hinge of the knee is the line through the epicondyles; it turns the shank and, as long as one stands, the foot.
Both are zero there about all axes that the joints of the body lack, so that the body can take the pose of the static
trial exactly.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gaitbook.body_model import Marker
from gaitbook.mechanics.anthropometry import Array

Points = Mapping[str, Array]
UP = np.array([0.0, 1.0, 0.0])
TO_THE_RIGHT = np.array([0.0, 0.0, 1.0])


class Frame(NamedTuple):
    """A segment over time: ``rotation`` (time, 3, 3) to the laboratory, ``origin`` (time, 3), m."""

    rotation: Array
    origin: Array

    def to_laboratory(self, position_m: ArrayLike) -> Array:
        """Where a point of the segment is, (time, 3)."""
        return self.origin + self.rotation @ np.asarray(position_m, dtype=float)

    def to_segment(self, position_m: Array) -> Array:
        """Where a point of the laboratory (time, 3) is in the segment, (time, 3)."""
        turned: Array = np.einsum("tji,tj->ti", self.rotation, position_m - self.origin)
        return turned

    @property
    def right(self) -> Array:
        """Direction of z in the laboratory, (time, 3)."""
        return self.rotation[:, :, 2]


class Landmarks:
    """Landmarks of a recording, each the middle of its markers.

    Parameters
    ----------
    points
        Markers by name, (time, 3) in m, NaN where unseen.
    groups
        Names of the markers of each landmark, as `MarkerSet.landmarks`.
    places
        The markers on the body.
    """

    def __init__(
        self, points: Points, groups: Mapping[str, tuple[str, ...]], places: Mapping[str, Marker]
    ) -> None:
        self.points = points
        self.places = places
        self.groups = {
            landmark: [name for name in names if name in points and name in places]
            for landmark, names in groups.items()
        }

    def has(self, *landmarks: str) -> bool:
        """Whether every one of them is seen at some time."""
        return all(self.groups.get(landmark) for landmark in landmarks)

    def measured(self, landmark: str) -> Array:
        """Middle of its markers, (time, 3) in m; NaN unless all of them are seen."""
        middle: Array = np.mean([self.points[name] for name in self.groups[landmark]], axis=0)
        return middle

    def placed(self, landmark: str) -> Array:
        """The same on the body, in the segment's frame, m."""
        middle: Array = np.mean([self.places[name].position_m for name in self.groups[landmark]], axis=0)
        return middle

    def axis(self, landmark: str) -> Array | None:
        """Direction through its markers to the right, (time, 3); ``None`` unless there are some on both sides."""
        ends = self._ends(landmark)
        return ends[0] - ends[1] if ends else None

    def center(self, landmark: str, right: Array) -> Array:
        """Joint center between its markers; if they are on one side, their usual distance inward along ``right``."""
        ends = self._ends(landmark)
        if ends:
            return (ends[0] + ends[1]) / 2
        return self.measured(landmark) - self.placed(landmark)[2] * unit(right)

    def _ends(self, landmark: str) -> tuple[Array, Array] | None:
        """Middles of the markers on the right and on the left of a joint."""
        offset = {name: self.places[name].position_m[2] for name in self.groups[landmark]}
        right, left = (
            [self.points[name] for name, z in offset.items() if z * sign > 0.0] for sign in (1.0, -1.0)
        )
        return (np.mean(right, axis=0), np.mean(left, axis=0)) if right and left else None


def unit(directions: Array) -> Array:
    """Directions of length one."""
    scaled: Array = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    return scaled


def fit_frame(origin: Array, *pairs: tuple[ArrayLike, ArrayLike]) -> Frame:
    """Frame that takes two directions of a segment to two of the laboratory.

    Parameters
    ----------
    origin
        Where the segment's origin is, (time, 3), m.
    pairs
        Direction in the segment (3,) and in the laboratory ((time,) 3); the first is met exactly, the second as nearly
        as the first lets it (Black 1964, doi:10.2514/3.2555).
    """
    triads = []
    for one, other in zip(*pairs, strict=True):
        first, second = np.broadcast_arrays(np.asarray(one, dtype=float), np.asarray(other, dtype=float))
        normal = unit(np.cross(first, second))
        triads.append(np.stack([unit(first), normal, np.cross(unit(first), normal)], axis=-1))
    on_segment, in_laboratory = triads
    rotation = np.broadcast_to(in_laboratory @ on_segment.T, (len(origin), 3, 3))
    return Frame(rotation, origin)


def pelvis_size(landmarks: Landmarks) -> tuple[float, float] | None:
    """Width between the ASIS and depth from their middle to that of the PSIS (medians), m.

    ``None`` unless all four are seen together.
    """
    if not landmarks.has("asis_right", "asis_left", "psis_right", "psis_left"):
        return None
    right, left = landmarks.measured("asis_right"), landmarks.measured("asis_left")
    back = _middle(landmarks, "psis")
    size = typical_length(right - left), typical_length((right + left) / 2 - back)
    return size if np.isfinite(size).all() else None


def typical_point(positions: Array) -> Array:
    """Median of positions (time, 3), whatever is NaN left out; NaN if there is nothing else."""
    seen = positions[np.isfinite(positions).all(axis=1)]
    typical: Array = np.median(seen, axis=0) if len(seen) else np.full(3, np.nan)
    return typical


def typical_length(differences: Array) -> float:
    """Median length of differences (time, 3) in m, whatever is NaN left out."""
    lengths = np.linalg.norm(differences, axis=-1)
    return float(np.median(lengths[np.isfinite(lengths)])) if np.isfinite(lengths).any() else float("nan")


def pelvis_frame(landmarks: Landmarks) -> Frame:
    """Frame of the pelvis; its origin is the middle of the ASIS."""
    front, back = _middle(landmarks, "asis"), _middle(landmarks, "psis")
    placed = {name: landmarks.placed(name) for name in ("asis_right", "asis_left", "psis_right", "psis_left")}
    ahead = (placed["asis_right"] + placed["asis_left"] - placed["psis_right"] - placed["psis_left"]) / 2
    across = landmarks.measured("asis_right") - landmarks.measured("asis_left")
    offset = (placed["asis_right"] + placed["asis_left"]) / 2
    frame = fit_frame(front, (placed["asis_right"] - placed["asis_left"], across), (ahead, front - back))
    return Frame(frame.rotation, frame.to_laboratory(-offset))


def pelvis_plane_rad(landmarks: Landmarks) -> float:
    """How far the plane through ASIS and PSIS rises backward in the pelvis's frame of the body."""
    sides = ("right", "left")
    back = np.sum(
        [landmarks.placed(f"psis_{each}") - landmarks.placed(f"asis_{each}") for each in sides], axis=0
    )
    return float(np.arctan2(back[1], -back[0]))


def leg_frames(landmarks: Landmarks, pelvis: Frame, hip_m: ArrayLike, side: str) -> dict[str, Frame]:
    """Frames of ``femur`` and ``tibia``, as far as they are seen.

    With them ``knee`` and ``ankle``: their centers in axes of the segment above.
    """
    knee, ankle = f"knee_{side}", f"ankle_{side}"
    if not landmarks.has(knee):
        return {}
    across = landmarks.axis(knee)
    across = pelvis.right if across is None else across
    hip = pelvis.to_laboratory(hip_m)
    center = landmarks.center(knee, across)
    thigh = fit_frame(hip, (-UP, center - hip), (TO_THE_RIGHT, across))
    frames = {"femur": thigh, "knee": Frame(thigh.rotation, center)}
    if landmarks.has(ankle):
        end = landmarks.center(ankle, thigh.right)
        shank = fit_frame(center, (TO_THE_RIGHT, thigh.right), (-UP, end - center))
        frames |= {"tibia": shank, "ankle": Frame(shank.rotation, end)}
    return frames


def foot_frame(landmarks: Landmarks, ankle: Frame, offset_m: ArrayLike, side: str, *, still: bool) -> Frame:
    """Frame of the foot, whose origin is ``offset_m`` from the ankle.

    Whoever stands still has the foot flat on the ground; else heel and toe tell its pitch.
    """
    if still:
        frame = fit_frame(ankle.origin, (TO_THE_RIGHT, ankle.right), (UP, UP))
    else:
        heel, toe = f"heel_{side}", f"toe_{side}"
        placed = landmarks.placed(toe) - landmarks.placed(heel)
        seen = landmarks.measured(toe) - landmarks.measured(heel)
        frame = fit_frame(ankle.origin, (TO_THE_RIGHT, ankle.right), (placed, seen))
    return Frame(frame.rotation, frame.to_laboratory(offset_m))


def torso_frame(pelvis: Frame, lumbar_m: ArrayLike) -> Frame:
    """Frame of the trunk of someone who stands upright."""
    return fit_frame(pelvis.to_laboratory(lumbar_m), (UP, UP), (TO_THE_RIGHT, pelvis.right))


def _middle(landmarks: Landmarks, name: str) -> Array:
    middle: Array = (landmarks.measured(f"{name}_right") + landmarks.measured(f"{name}_left")) / 2
    return middle
