"""One person who walks and one who runs on a treadmill, with the bodies that they move."""

from typing import NamedTuple

import pytest
import xarray as xr
from torch import Tensor

from gaitbook.body_model import BodyModel
from gaitbook.representation.states import encode_states
from gaitbook.synthesis.person_body import person_body
from tests.synthesis.walkers import RUNS, WALKS
from tests.synthesis.walkers import trial as simulated


class Recorded(NamedTuple):
    """A trial, its body and all that is known of it as numbers; not to be changed."""

    trial: xr.Dataset
    model: BodyModel
    states: Tensor


def recorded(number: int, gait: str, speed_mps: float) -> Recorded:
    trial = simulated(number, gait, speed_mps)
    model = person_body(trial.attrs)
    return Recorded(trial, model, encode_states(trial, model))


@pytest.fixture(scope="session")
def walk() -> Recorded:
    """A woman or man who walks at 1 m/s."""
    return recorded(*WALKS[0])


@pytest.fixture(scope="session")
def run() -> Recorded:
    """A woman or man who runs at 2.8 m/s."""
    return recorded(*RUNS[0])


@pytest.fixture(scope="session", params=[WALKS[0], RUNS[0]], ids=["walk", "run"])
def gait(request: pytest.FixtureRequest) -> Recorded:
    """Each of them in turn."""
    return recorded(*request.param)
