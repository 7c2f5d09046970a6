"""Trials with the body that moves in them: a body model scaled to each person, and the motion that the markers tell."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.loads import body_markers, smooth_motion
from gaitbook.mechanics.motion import solve_motion
from gaitbook.mechanics.scaling import scale_body
from gaitbook.studies.trials import identify

logger = logging.getLogger(__name__)

MM_PER_M: Final = 1000.0
WHOLE_BODY_MARKERS: Final = "plug_in_gait"


@dataclass(frozen=True)
class TrackedTrial:
    """A trial with its motion, and the body it is the motion of.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``, not yet smoothed.
    model
        The person's body.
    """

    trial: xr.Dataset
    model: BodyModel

    def smoothed(self, cutoff_hz: float) -> xr.Dataset:
        """Trial with the motion low-passed at a cut-off."""
        return smooth_motion(self.trial, cutoff_hz)


@dataclass(frozen=True)
class TrackedTrials:
    """Trials of a study with their bodies, and those left out, with the reason."""

    trials: list[TrackedTrial]
    exclusions: list[Exclusion]


def track_bodies(trials: Sequence[xr.Dataset], *, progress: bool = True) -> TrackedTrials:
    """Body and motion of every trial; one body per person.

    Parameters
    ----------
    trials
        Prepared trials, with ``standing_position`` where the person was recorded standing.
    progress
        Show a progress bar.

    Raises
    ------
    ValueError
        If no trial can be tracked; the message counts the reasons.
    """
    bodies: dict[str, BodyModel] = {}
    tracked, exclusions = [], []
    for trial in tqdm(trials, desc="tracking bodies", unit="trial", disable=not progress):
        person = str(trial.attrs["subject"])
        try:
            if person not in bodies:
                bodies[person] = scale_body(trial)
            tracked.append(TrackedTrial(solve_motion(trial, bodies[person]), bodies[person]))
        except ValueError as reason:
            exclusions.append(Exclusion(f"{person}/{trial.attrs['trial']}", str(reason)))
    if not tracked:
        raise ValueError(
            f"no trial can be tracked: {'; '.join(sorted({each.reason for each in exclusions}))}"
        )
    return TrackedTrials(tracked, exclusions)


def marker_distances(tracked: Sequence[TrackedTrial]) -> pd.DataFrame:
    """Root mean square distance of the markers from those of the body: columns subject, speed_mps, value (mm)."""
    rows = []
    for each in tracked:
        square_m2 = each.trial["marker_error"] ** 2
        rows.append(identify(each.trial) | {"value": MM_PER_M * float(np.sqrt(square_m2.mean()))})
    return pd.DataFrame(rows).assign(unit="mm")


def whole_body_trial(tracked: TrackedTrial, *, cutoff_hz: float) -> xr.Dataset:
    """Trial whose markers are those of a whole body that moves as was found, for the player.

    What no marker was seen of (arms, head) is held as the model holds it.
    """
    attrs = tracked.trial.attrs
    person = {name: attrs[name] for name in ("height_m", "mass_kg", "sex") if attrs.get(name) is not None}
    dressed = replace(tracked.model, markers=generic_body(**person, markers=WHOLE_BODY_MARKERS).markers)
    markers = body_markers(tracked.smoothed(cutoff_hz), dressed)
    return tracked.trial.drop_dims("marker").assign(marker_position=markers)
