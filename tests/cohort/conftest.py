"""Small trials for the tests of the store and of imports."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.schema import make_trial


def stand(subject: str = "A", trial: str = "one", *, seed: int = 0, **attrs: object) -> xr.Dataset:
    """Two seconds at 50 Hz of someone who stands on the right foot; two markers sway at random."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(100) / 50
    axis, foot = ["x", "y", "z"], ["right", "left"]
    force = np.zeros((100, 2, 3))
    force[:, 0, 1] = 70 * 9.81
    center = np.full((100, 2, 3), np.nan)
    center[:, 0] = 0.0
    coords = {"time": time_s, "axis": axis, "foot": foot, "marker": ["heel", "toe"]}
    arrays = {
        "marker_position": (("time", "marker", "axis"), rng.normal(size=(100, 2, 3))),
        "ground_reaction_force": (("time", "foot", "axis"), force),
        "center_of_pressure": (("time", "foot", "axis"), center),
        "in_contact": (("time", "foot"), force[..., 1] > 0),
    }
    variables = {
        name: xr.DataArray(values, dims=dims, coords={dim: coords[dim] for dim in dims})
        for name, (dims, values) in arrays.items()
    }
    own = {"source": "lab", "subject": subject, "trial": trial, "mass_kg": 70.0, "height_m": 1.75}
    return make_trial(
        variables, {**own, "sampling_rate_hz": 50.0, "license": "CC0", "log": ["made"], **attrs}
    )


@pytest.fixture
def make_standing() -> Callable[..., xr.Dataset]:
    """Maker of trials of someone who stands still: subject, trial, seed of the sway, attributes."""
    return stand
