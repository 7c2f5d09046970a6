"""One person from slow to fast, as a stride model draws it: trials that a figure can play."""

from collections.abc import Sequence
from typing import Final

import xarray as xr

from gaitbook.mechanics.stick_joints import joint_centers
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.representation.stride import place_pressure, unroll_strides
from gaitbook.studies.changed_strides import change_stride, mean_of_draws
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.speed_changes import DRAWS
from gaitbook.studies.stride_measures import RATE_HZ

WALKS_MPS: Final = (0.8, 1.0, 1.3, 1.6, 2.0)
RUNS_MPS: Final = (2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5)
BEGIN, END = -0.3, 1.9
"""Part of the cycles that is told: the right foot lands twice in it, and stands both times to the end."""


def draw_speeds(
    person: tuple[KnownAnswer, KnownAnswer],
    model: StrideModel,
    *,
    walks_mps: Sequence[float] = WALKS_MPS,
    runs_mps: Sequence[float] = RUNS_MPS,
    draws: int = DRAWS,
) -> list[xr.Dataset]:
    """Trials of one person at many speeds, drawn from one walk and one run, with the joint centers.

    Parameters
    ----------
    person
        Walk and run of the same person, as given by `gaitbook.pair_gaits`; the walk gives the walks, the run the runs.
    model
        Trained.
    walks_mps, runs_mps
        Speeds.
    draws
        The mean of so many strides is shown.

    Returns
    -------
    list of xarray.Dataset
        Two stances of the right foot each, on a treadmill, with ``skeleton_position`` (time, joint, axis), m, for
        `gaitbook.stride_curves` and `gaitbook.explore_gait`.
    """
    walk, run = person
    asked = [(walk, speed) for speed in walks_mps] + [(run, speed) for speed in runs_mps]
    return [_draw_trial(answer, speed, model, draws) for answer, speed in asked]


def _draw_trial(answer: KnownAnswer, speed_mps: float, model: StrideModel, draws: int) -> xr.Dataset:
    drawn = change_stride(answer.stride, GaitChange(speed_mps=speed_mps), model, draws=draws)
    rate_hz = RATE_HZ[str(answer.stride.attrs["gait"])]
    stride = unroll_strides(mean_of_draws(drawn), sampling_rate_hz=rate_hz, begin=BEGIN, end=END)
    trial = place_pressure(stride, answer.body).drop_vars(["draw", "phase"])
    return trial.assign(skeleton_position=joint_centers(trial, answer.body))
