"""Trunk and arms of the runner of BMC (one person, 2.75 m/s) from markers; used by derive_references.py.

The markers are those of motion_capture_run.trc in BMClab/BMC (CC BY 4.0); landings are read from grf_run.mot.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

import gaitbook as gb
from gaitbook.mechanics.body_dimensions import hip_center

Array = NDArray[np.float64]

SAMPLES = 100
LUMBAR_HEIGHT, LUMBAR_BEHIND = 0.31, 0.025
TRUNK_OVER_HEIGHT = 0.288
"""Where the lumbar joint lies between hips and shoulders, and behind that line, as in generic_body.yml."""
PLANE_RAD = 0.227
"""How far the plane through ASIS and PSIS of an upright pelvis rises backward, as there."""
ACROMION_M = 0.04
"""Acromion above the center of the shoulder (assumption)."""
LANDED_N = 60.0


def upper_body(folder: Path) -> tuple[dict[str, Array], float]:
    """Angles of thorax (in space) and arm over the cycle of the right leg in degrees, and the duration of the cycle.

    Keys thorax_extension, thorax_bending, thorax_rotation, arm_flex, arm_add, arm_rot, elbow_flex. Both sides are
    laid onto the right.
    """
    markers = gb.read_markers(folder / "motion_capture_run.trc")["marker_position"]
    right_s, left_s = landings(folder / "grf_run.mot")
    cycle_s = 2 * abs(left_s - right_s)
    time_s = markers["time"].to_numpy()
    sides = []
    for start_s, flip in ((right_s, 1.0), (left_s, -1.0)):
        points = {
            mirrored(str(name), flip): at(
                time_s, markers.sel(marker=name).to_numpy() * [1, 1, flip], start_s, cycle_s
            )
            for name in markers["marker"].to_numpy()
        }
        sides.append(angles(points))
    return {name: np.mean([side[name] for side in sides], axis=0) for name in sides[0]}, cycle_s


def landings(path: Path) -> tuple[float, float]:
    """When the right and the left foot land, seconds."""
    lines = path.read_text().splitlines()
    header = next(i for i, line in enumerate(lines) if line.split()[:1] == ["time"])
    names = lines[header].split()
    table = np.array([[float(word) for word in line.split()] for line in lines[header + 1 :] if line.strip()])
    down = [table[:, names.index(f"{side}_ground_force_vy")] > LANDED_N for side in "RL"]
    first = [np.flatnonzero(np.diff(each.astype(int)) == 1)[0] for each in down]
    return float(table[first[0], 0]), float(table[first[1], 0])


def mirrored(name: str, flip: float) -> str:
    """Name of a marker in the mirror."""
    other = {"R": "L", "L": "R"}.get(name[0])
    return name if flip > 0 or other is None else other + name[1:]


def at(time_s: Array, points: Array, start_s: float, cycle_s: float) -> Array:
    """Points at the phases of a cycle; the recording lasts one cycle, so what is before it is taken one later."""
    wanted_s = start_s + cycle_s * np.arange(SAMPLES) / SAMPLES
    wanted_s = np.where(wanted_s > time_s[-1], wanted_s - cycle_s, wanted_s)
    return np.column_stack([np.interp(wanted_s, time_s, column) for column in points.T])


def angles(points: dict[str, Array]) -> dict[str, Array]:
    """Angles of the mean cycle of one side, degrees."""
    thorax = trunk(points)
    extension, bending, turning = thorax.as_euler("ZXY", degrees=True).T
    along = shoulder(points, "R") - points["REJC"]
    wrist = (points["RFAradius"] + points["RFAulna"]) / 2
    forearm = wrist - points["REJC"]
    elbow = np.degrees(np.arccos(-np.sum(unit(along) * unit(forearm), axis=1)))
    upper_arm = frame(along, np.cross(-along, forearm))
    flexion, adduction, rotation = (thorax.inv() * upper_arm).as_euler("ZXY", degrees=True).T
    return {
        "thorax_extension": extension,
        "thorax_bending": bending,
        "thorax_rotation": turning,
        "arm_flex": flexion,
        "arm_add": adduction,
        "arm_rot": rotation,
        "elbow_flex": elbow,
    }


def pelvis(points: dict[str, Array]) -> tuple[Rotation, Array]:
    """Orientation of the pelvis, and the middle of the hips."""
    front, back = ((points[f"R{name}"] + points[f"L{name}"]) / 2 for name in ("ASI", "PSI"))
    width = points["RASI"] - points["LASI"]
    ahead = front - back
    plane = frame(np.cross(width, ahead), width) * Rotation.from_euler("z", PLANE_RAD)
    size_m = [float(np.linalg.norm(each, axis=1).mean()) for each in (width, ahead)]
    hip = np.array(hip_center(*size_m)) * [1, 1, 0]
    return plane, front + plane.apply(hip)


def trunk(points: dict[str, Array]) -> Rotation:
    """Orientation of the thorax: upright when the shoulders are over the hips of an upright pelvis."""
    below, hips = pelvis(points)
    shoulders = (shoulder(points, "R") + shoulder(points, "L")) / 2
    length_m = float(np.linalg.norm(shoulders - hips, axis=1).mean())
    behind_m = LUMBAR_BEHIND / TRUNK_OVER_HEIGHT * length_m
    lumbar = hips + below.apply([-behind_m, LUMBAR_HEIGHT * length_m, 0.0])
    upright = Rotation.from_euler("z", np.arctan2(behind_m, (1 - LUMBAR_HEIGHT) * length_m))
    return frame(shoulders - lumbar, points["RACR"] - points["LACR"]) * upright


def shoulder(points: dict[str, Array], side: str) -> Array:
    """Center of the shoulder, below the acromion."""
    return points[f"{side}ACR"] - [0.0, ACROMION_M, 0.0]


def frame(up: Array, right: Array) -> Rotation:
    """Orientation whose y axis is up and whose z axis is near right."""
    y = unit(up)
    z = unit(right - np.sum(right * y, axis=1, keepdims=True) * y)
    return Rotation.from_matrix(np.stack([np.cross(y, z), y, z], axis=-1))


def unit(vectors: Array) -> Array:
    """Vectors of length one."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
