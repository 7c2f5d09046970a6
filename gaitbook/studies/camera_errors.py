"""Study: how far from the true skeleton is the one that the depth camera reports?"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.studies.uncertainty import summarize
from gaitbook.synthesis.camera_tables import ALL_ERRORS, NO_ERRORS, CameraErrors
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.depth_camera import list_rooms
from gaitbook.synthesis.depth_tasks import TASKS, observe_tasks
from gaitbook.synthesis.solved_stride import SolvedStride, solve_stride

TASK: Final = "self_selected_gait_speed"
MM_PER_M: Final = 1000.0
PARTS: Final = ("whole", "steady", "unsteady")
ORDER: Final = (
    *(
        "head",
        "nose",
        "eye",
        "ear",
        "neck",
        "clavicle",
        "shoulder",
        "elbow",
        "wrist",
        "hand",
        "handtip",
        "thumb",
    ),
    *("spine chest", "spine navel", "pelvis", "hip", "knee", "ankle", "foot"),
)
"""From top to bottom."""


def camera_errors(
    people: pd.DataFrame, styles: pd.DataFrame, *, duration_s: float = 6.0, seed: int = 0
) -> pd.DataFrame:
    """Distance between true and reported joints of people who walk at the speed they like.

    Parameters
    ----------
    people
        As given by `gaitbook.synthesis.population.draw_people`; they take turns in the rooms.
    styles
        Their style scores (subject, style).
    duration_s
        Of the walk.
    seed
        Of the people.

    Returns
    -------
    pandas.DataFrame
        Columns subject, joint (both sides together), part (``"whole"``: root mean square distance; ``"steady"``: what
        stays over the recording; ``"unsteady"``: the rest), value, unit (mm).
    """
    rows = []
    rooms = list_rooms()
    for place, (subject, row) in enumerate(
        tqdm(people.iterrows(), total=len(people), desc="before the camera", disable=None)
    ):
        own: dict[str, float] = {str(name): styles[name][str(subject)] for name in styles}
        person = {str(name): value for name, value in row.items()} | {"subject": str(subject)}
        stride = solve_stride(
            person,
            speed_mps=float(person["comfortable_speed_mps"]),
            gait="walk",
            condition=Condition(),
            styles=own,
            seed=seed,
        )
        room = rooms[place % len(rooms)]
        true, seen = (
            _walk(stride, person, own, duration_s, room, seed, errors) for errors in (NO_ERRORS, ALL_ERRORS)
        )
        rows += [(str(subject), *row) for row in _by_joint(seen - true)]
    return pd.DataFrame(rows, columns=["subject", "joint", "part", "value"]).assign(unit="mm")


def summarize_joints(errors: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Mean over people of `camera_errors`, from head to foot: columns joint, part, value, low, high, n, unit."""
    ordered = errors.assign(
        joint=pd.Categorical(errors["joint"], ORDER), part=pd.Categorical(errors["part"], PARTS)
    )
    table = summarize(ordered, ["joint", "part"], unit="mm", level=level)
    return table.astype({"joint": str, "part": str})


def _walk(
    stride: SolvedStride,
    person: Mapping[str, Any],
    styles: Mapping[str, float],
    duration_s: float,
    room: str,
    seed: int,
    errors: CameraErrors,
) -> xr.DataArray:
    tasks = observe_tasks(
        stride, person, styles=styles, duration_s=duration_s, room=room, seed=seed, errors=errors
    )
    return next(islice(tasks, TASKS.index(TASK), None))["skeleton_position"]


def _by_joint(difference: xr.DataArray) -> Iterator[tuple[str, str, float]]:
    mean = difference.mean("time")
    square_mm2 = {
        "whole": (difference**2).sum("axis").mean("time"),
        "steady": (mean**2).sum("axis"),
        "unsteady": ((difference - mean) ** 2).sum("axis").mean("time"),
    }
    for part, array in square_mm2.items():
        table = array.to_series()
        names = table.index.str.replace(r"_(LEFT|RIGHT)$", "", regex=True).str.replace("_", " ").str.lower()
        for joint, value in np.sqrt(table.groupby(names).mean()).items():
            yield str(joint), part, MM_PER_M * float(value)
