"""Make the table of walkers who came twice: `walker_views.py [PEOPLE] [FILE]`, ten minutes for 1,500.

The first of those who are studied walk on a treadmill at three speeds, on two days, and the network of `fast` reads
them whole, without shape, without motion, and with their frames in random order. Without FILE the table that comes with
the package is written.
"""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr
from joblib import Parallel, delayed

sys.path.insert(0, str(Path(__file__).parents[1]))

from gaitbook.models.gait_embedding import load_encoder
from gaitbook.models.weights import encoder_weights
from gaitbook.studies.walker_features import STUDY_PEOPLE
from gaitbook.studies.walker_views import read_views, write_views
from gaitbook.studies.walking_windows import WalkingWindows, cut_trials
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.cohort_plans import PLANS
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.default_cohort import room_of
from gaitbook.synthesis.depth_tasks import WALKS_MPS, observe_tasks
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.solved_stride import solve_stride

PEOPLE = 1500
FILE = Path(__file__).parents[1] / "gaitbook" / "weights" / "walkers_views.npz"


def walk_twice(row: dict, styles: dict) -> list[list[xr.Dataset]]:
    """The three walks of a person on both days."""
    stride = solve_stride(
        row,
        speed_mps=float(row["comfortable_speed_mps"]),
        gait="walk",
        condition=Condition(),
        styles=styles,
        seed=0,
    )
    seen = partial(
        observe_tasks,
        stride,
        row,
        styles=styles,
        duration_s=PLANS["default-large"].task_s,
        room=room_of(int(row["number"])),
    )
    return [[trial for trial in seen(day=day) if trial.attrs["task"] in WALKS_MPS] for day in (0, 1)]


def cut_days(people: pd.DataFrame, styles: pd.DataFrame, scale: str) -> Iterator[WalkingWindows]:
    """Windows of both days."""
    rows = [{**row, "subject": name} for name, row in people.to_dict("index").items()]
    walks = Parallel(n_jobs=-1, return_as="list", verbose=1)(
        delayed(walk_twice)(row, styles.loc[row["subject"]].to_dict()) for row in rows
    )
    for day in (0, 1):
        yield cut_trials((trial for each in walks for trial in each[day]), scale=scale, total=3 * len(rows))


if __name__ == "__main__":
    count = int(sys.argv[1]) if sys.argv[1:] else PEOPLE
    everyone = draw_people(STUDY_PEOPLE)
    encoder = load_encoder(encoder_weights("fast"))
    days = cut_days(everyone.iloc[:count], draw_causes(everyone).styles, encoder.scale)
    path = write_views(Path(sys.argv[2]) if sys.argv[2:] else FILE, read_views(encoder, *days))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
