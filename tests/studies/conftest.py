from collections.abc import Callable

import pytest
import xarray as xr

from gaitbook.studies.tracking import TrackedTrial, track_bodies
from gaitbook.studies.trials import prepare_trial
from gaitbook.synthesis.closed_form import simulate_cohort_trials


@pytest.fixture(scope="session")
def runners() -> list[xr.Dataset]:
    """Four simulated people at two speeds, ready for a study."""
    trials = simulate_cohort_trials(subjects=4, speeds_mps=(2.5, 3.5), duration_s=5.0)
    return [prepare_trial(trial) for trial in trials]


@pytest.fixture(scope="session")
def tracked() -> list[TrackedTrial]:
    """Two simulated people at two speeds, with their bodies and their motion."""
    trials = simulate_cohort_trials(subjects=2, speeds_mps=(2.5, 3.5), duration_s=3.0)
    return track_bodies([prepare_trial(trial) for trial in trials], progress=False).trials


@pytest.fixture(scope="session")
def as_cohort() -> Callable[[list[xr.Dataset]], xr.DataTree]:
    """Tree of trials at /source/subject/trial."""

    def build(trials: list[xr.Dataset]) -> xr.DataTree:
        return xr.DataTree.from_dict(
            {f"/{t.attrs['source']}/{t.attrs['subject']}/{t.attrs['trial']}": t for t in trials}
        )

    return build
