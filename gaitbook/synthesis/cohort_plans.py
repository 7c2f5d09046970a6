"""Plans of the default cohorts: how many people, and what each of them does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CAMERA_TRIALS: Final = 5
CAMERA_TRIAL_MB: Final = 0.165
LAB_TRIAL_MB: Final = 0.32
PERSON_MB: Final = 0.05
"""Measured on a disk with blocks of 4 kB: a trial is many small files, which take twice what they hold."""


@dataclass(frozen=True)
class CohortPlan:
    """What a default cohort consists of.

    Parameters
    ----------
    people
        Number of people.
    lab_s, lab_hz
        Length and rate of the trials with force.
    task_s
        Length of the tasks before the depth camera.
    both_lab_trials
        Whether everyone walks as they like *and* does something else; otherwise it is one of the two.
    """

    people: int
    lab_s: float = 4.0
    lab_hz: float = 100.0
    task_s: float = 8.0
    both_lab_trials: bool = True

    @property
    def lab_trials(self) -> int:
        """Trials with force of each person."""
        return 2 if self.both_lab_trials else 1

    @property
    def trials(self) -> int:
        """Trials of each person."""
        return CAMERA_TRIALS + self.lab_trials

    @property
    def size_mb(self) -> float:
        """What the cohort takes on a disk, about, with trials of the lengths above."""
        return self.people * (CAMERA_TRIALS * CAMERA_TRIAL_MB + self.lab_trials * LAB_TRIAL_MB + PERSON_MB)


PLANS: Final[Mapping[str, CohortPlan]] = {
    "default": CohortPlan(200),
    "default-large": CohortPlan(3414, both_lab_trials=False),
}
