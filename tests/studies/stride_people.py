"""People for the tests of changed strides, each simulated once, and stride models that were never trained."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch

from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_model import StrideModel
from gaitbook.models.stride_network import StrideNetwork, StrideSize
from gaitbook.representation.gait_change import NUMBERS, GaitChange
from gaitbook.representation.stride import mirror_stride
from gaitbook.representation.stride_numbers import encode_stride
from gaitbook.studies import stride_library
from gaitbook.studies.known_changes import simulated_answers
from gaitbook.studies.stride_library import DOSE_RANGE, record_strides, simulate_strides
from gaitbook.synthesis.closed_form import simulate_trial

OWN = GaitChange()
LEAN = GaitChange(trunk_lean_rad=0.2)
FASTER = GaitChange(speed_mps=1.6)
CHANGES = (OWN, LEAN, FASTER)
NUMBERS_TO_LEARN_FROM = (321, 322)
REQUESTS = (
    ("walk", 1.2, {}, True),
    ("walk", 1.2, {}, False),
    ("walk", 1.2, {"trunk_lean_rad": 0.15}, False),
    ("walk", 1.2, {"trunk_lean_rad": 0.3}, False),
    ("walk", 1.2, {"trunk_lean_rad": 1.0}, False),
    ("walk", 1.6, {}, False),
    ("run", 3.0, {}, False),
)
"""What the people of the small library do; nobody leans by a whole radian."""
POSSIBLE = tuple(request for request in REQUESTS if request[2].get("trunk_lean_rad") != 1.0)
RECORDED = (
    ("RBDS001", "run25", 2.5, 2.0),
    ("RBDS001", "run35", 3.5, 2.0),
    ("RBDS004", "run25", 2.5, 2.0),
    ("RBDS004", "run35", 3.5, 2.0),
    ("RBDS004", "short", 3.0, 0.3),
    ("RBDS004", "walk", 1.3, 2.6),
)
"""Subject, trial, speed and length of runs by formula; the first is for training, the second for calibration."""
SCORES = 8


@cache
def answer():
    """A simulated walker, told by 1.2 m/s, and what they answer to `CHANGES`."""
    return simulated_answers(0, CHANGES, speed_mps=1.2)


@cache
def library():
    """Strides of two simulated people for training, and what could not be simulated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stride_library, "draw_requests", lambda *_: iter(REQUESTS))
        made, left_out = simulate_strides(NUMBERS_TO_LEARN_FROM, processes=1, progress=False)
    return made.assign_attrs(source="simulated"), left_out


def make_recorded(path: Path) -> Path:
    """Cohort of runs by formula under the names of recorded people."""
    cohort = create_cohort(path, name="runs", label="synthetic")
    for subject, trial, speed_mps, duration_s in RECORDED:
        append_trial(
            cohort,
            simulate_trial(
                speed_mps=speed_mps,
                duration_s=duration_s,
                sampling_rate_hz=100.0,
                subject=subject,
                trial=trial,
            ),
        )
    return finish_cohort(cohort)


@cache
def recorded_library():
    """Strides of that cohort, and what was left out."""
    with TemporaryDirectory() as folder:
        made, left_out = record_strides(make_recorded(Path(folder) / "runs"), processes=1, progress=False)
    return made.assign_attrs(source="recorded"), left_out


@cache
def _axes():
    known = answer()
    strides = [known.stride, known.true_own, *(stride for _, stride in known.answers)]
    rows = [encode_stride(each) for stride in strides for each in (stride, mirror_stride(stride))]
    return StrideAxes.fit(torch.stack(rows), SCORES)


def plain_metrics(rows, _):
    """All numbers of a row alike, in place of what knees and balance make of each."""
    return torch.eye(rows.shape[1]).repeat(2, 1, 1)


def limits():
    """What the untrained model claims to have seen."""
    doses = {name: list(bounds) for name, bounds in DOSE_RANGE.items()}
    return {"walk": {**doses, "speed_mps": [0.55, 2.1]}, "run": {**doses, "speed_mps": [2.0, 6.3]}}


def tiny_model(**card) -> StrideModel:
    """Model of random weights that changes a stride a little."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = StrideNetwork(StrideSize(SCORES, len(NUMBERS), width=16, blocks=1))
        torch.nn.init.normal_(network.leave.weight, std=0.1)
    axes = _axes()
    model = StrideModel(network.eval(), axes, 0.3 * axes.variance.sqrt())
    return replace(model, card={"limits": limits(), "own": {}, **card})
