"""The five tasks in front of a depth camera: three walks, rising from a bench, standing with eyes closed.

Tasks are those of the gait foundation model (arXiv 2603.25283), of which the walker has no walking on the spot: the
*stationary walk* is a slow one here. Walks come from the person's balanced stride; bench and standing from generators
of their own (`gaitbook.synthesis.sit_to_stand`, `gaitbook.synthesis.standing`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.schema import make_trial
from gaitbook.conventions import AXES, COORDINATES, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.camera_tables import ALL_ERRORS, AZURE_KINECT_JOINTS, CameraErrors
from gaitbook.synthesis.depth_camera import observe
from gaitbook.synthesis.head_carriage import pose_head
from gaitbook.synthesis.person_body import person_attributes, person_body
from gaitbook.synthesis.sit_to_stand import simulate_sit_to_stand
from gaitbook.synthesis.solved_stride import SolvedStride, nearby_stride
from gaitbook.synthesis.standing import simulate_standing
from gaitbook.synthesis.walker_coordinates import body_rows

Array = NDArray[np.float64]

TASKS: Final = (
    "tm_3kmh",
    "self_selected_gait_speed",
    "stationary_walk",
    "sit_to_stand",
    "romberg_closed",
)
WALKS_MPS: Final = {"tm_3kmh": 3.0 / 3.6, "self_selected_gait_speed": None, "stationary_walk": 0.5}
"""Speed of the belt; ``None`` is the person's comfortable one."""
CAMERA_HZ: Final = 30.0
RESOLUTION_M: Final = 0.001
DAY: Final = 100_003
"""Added to the seed of what differs from day to day."""
LICENSE: Final = "CC0 (simulated)"
_PERSON: Final = ("sex", "age_year", "height_m", "mass_kg")


@one_thread()
def observe_tasks(
    stride: SolvedStride,
    person: Mapping[str, Any],
    *,
    styles: Mapping[str, float],
    duration_s: float,
    room: str,
    seed: int = 0,
    errors: CameraErrors = ALL_ERRORS,
    day: int = 0,
) -> Iterator[xr.Dataset]:
    """Trials of the five tasks as a depth camera sees them.

    Parameters
    ----------
    stride
        The person's solved walk at their comfortable speed.
    person
        Row of `draw_people`.
    styles
        Scores by style.
    duration_s
        Of each task, at 30 Hz.
    room
        Room of the recording, ``"A"`` or ``"B"``.
    seed
        Of the cohort.
    errors
        Errors of the camera.
    day
        Which time the person comes. On another day the body and the manner of walking are the same; the steps, the way
        of standing and rising, and the errors of the camera are drawn anew.

    Yields
    ------
    xarray.Dataset
        ``skeleton_position`` (time, joint, axis), m, to a millimeter, and ``joint_confidence`` (time, joint).
    """
    body = stride.body.with_markers(person_body(person, markers="azure_kinect").markers)
    for recording, task in enumerate(TASKS):
        true_m = pose_head(_true_skeleton(task, body, stride, person, styles, duration_s, seed, day), styles)
        number = recording + day * len(TASKS)
        seen = observe(true_m, person, room=room, recording=number, seed=seed, errors=errors)
        yield _trial(task, seen.position_m, seen.confidence, person, room)


def _true_skeleton(
    task: str,
    body: Body,
    stride: SolvedStride,
    person: Mapping[str, Any],
    styles: Mapping[str, float],
    duration_s: float,
    seed: int,
    day: int,
) -> Array:
    """Joints (time, joint, axis) that the camera would see without error, m."""
    if task in WALKS_MPS:
        speed_mps = WALKS_MPS[task]
        walk = stride
        if speed_mps is not None:
            walk = nearby_stride(stride, person, speed_mps=speed_mps, styles=styles, seed=seed)
        path = walk.course(duration_s=duration_s, sampling_rate_hz=CAMERA_HZ, seed=seed + DAY * day)
        return _joints(body, body_rows(body, path.value))
    trial = _GENERATORS[task](
        person, duration_s=duration_s, seed=seed + DAY * day, styles=dict(styles), forces=False, body=body
    )
    coordinates = torch.zeros(trial.sizes["time"], len(body.coordinate_names), dtype=torch.float64)
    for names, values in (
        (COORDINATES, trial["joint_angle"].values),
        (PELVIS_TRANSLATIONS, trial["pelvis_position"].values),
    ):
        coordinates[:, [body.coordinate(name) for name in names]] = torch.as_tensor(values)
    return _joints(body, coordinates)


def _joints(body: Body, coordinates: torch.Tensor) -> Array:
    return np.asarray(marker_positions(body, forward_kinematics(body, coordinates)).numpy())


def _trial(
    task: str, position_m: NDArray[Any], confidence: NDArray[Any], person: Mapping[str, Any], room: str
) -> xr.Dataset:
    labels = {
        "time": np.arange(len(position_m)) / CAMERA_HZ,
        "joint": list(AZURE_KINECT_JOINTS),
        "axis": list(AXES),
    }
    rounded_m = RESOLUTION_M * np.round(position_m / RESOLUTION_M)
    planar = {name: labels[name] for name in ("time", "joint")}
    return make_trial(
        {
            "skeleton_position": xr.DataArray(rounded_m, labels, tuple(labels)),
            "joint_confidence": xr.DataArray(confidence, planar, tuple(planar)),
        },
        {
            **person_attributes(person, _PERSON),
            "source": "simulated",
            "subject": str(person["subject"]),
            "trial": task,
            "task": task,
            "room": room,
            "camera": "azure_kinect",
            "sampling_rate_hz": CAMERA_HZ,
            "license": LICENSE,
            "log": [f"simulated: {task}, seen by a depth camera in room {room}"],
        },
    )


_GENERATORS: Final[Mapping[str, Callable[..., xr.Dataset]]] = {
    "sit_to_stand": simulate_sit_to_stand,
    "romberg_closed": simulate_standing,
}
