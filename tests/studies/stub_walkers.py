"""Somebody who walks, and stride models that were never trained but answer in closed form."""

from functools import cache

import torch

from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_model import StrideModel
from gaitbook.models.stride_network import StrideNetwork, StrideSize
from gaitbook.representation.gait_change import DOSES
from gaitbook.representation.gait_change import NUMBERS as TOLD_NAMES
from gaitbook.representation.stride import mean_stride
from gaitbook.representation.stride_numbers import NAMES, encode_stride
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.models.stub_strides import normal_model

SCORES, TOLD = 8, len(TOLD_NAMES)
LIMITS = {
    "trunk_lean_rad": [0.0, 0.35],
    "toe_out_rad": [-0.25, 0.25],
    "step_width_m": [-0.08, 0.15],
    "medial_thrust_rad": [0.0, 0.25],
    "stride_length": [-0.15, 0.15],
    "speed_mps": [0.6, 2.0],
}
OWN_SPEED_MPS = 1.3


@cache
def walker():
    """Own stride of one person, and the body."""
    person = draw_people(5, seed=0).iloc[0]
    trial = simulate_gait(
        person, speed_mps=OWN_SPEED_MPS, gait="walk", styles={}, duration_s=3.5, variability=0.0
    )
    body = person_body(trial.attrs)
    return mean_stride(trial, body), body


def walking_axes():
    """Axes through the stride of the walker along some of its numbers, one score each."""
    stride, _ = walker()
    along = torch.zeros(len(NAMES), SCORES)
    for score, name in enumerate(ALONG):
        along[NAMES.index(name), score] = 1.0
    return StrideAxes(encode_stride(stride), along, along, torch.full((SCORES,), 4.0))


ALONG = (
    "angle/lumbar_bending/1",
    "angle/knee_angle_r/0",
    "angle/knee_angle_l/0",
    "lever/z/right/20",
    "lever/z/left/20",
    "stance_right",
    "stance_left",
    "log_period",
)
"""Number that each score is."""


def card(**more):
    """What a model tells of itself, without calibration."""
    own = {"mean": [0.0] * SCORES, "deviation": [1.0] * SCORES}
    return {"limits": {"walk": LIMITS}, "own": {"walk": own}, **more}


def still_model(**more):
    """A model that changes nothing, as every one begins."""
    network = StrideNetwork(StrideSize(SCORES, TOLD, 16, 1)).eval()
    return StrideModel(network, walking_axes(), torch.ones(SCORES), card(**more))


def linear_model(*, deviation=0.0, growth=0.0, slope=None, **more):
    """A model that answers every dose along a score of its own, by normal draws.

    One unit of a dose is ten of the numbers of a stride, unless a slope is given. The deviation may grow with what is
    told.
    """
    told = torch.zeros(SCORES, TOLD)
    for score, name in enumerate(DOSES):
        told[score, TOLD_NAMES.index(name)] = 10.0
    told[SCORES - 1, TOLD_NAMES.index("log_speed_change")] = -20.0
    slope = told if slope is None else slope
    options = {"slope": slope, "deviation": deviation, "growth": growth}
    return normal_model(walking_axes(), TOLD, **options, card=card(**more))
