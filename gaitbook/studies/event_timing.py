"""Study: when does a foot land and leave, by force and by motion?

Force is the reference. Where no plate measured, events come from the motion of the foot, and every study that uses
them inherits their error: it is stated here, per person.
"""

from collections.abc import Iterable

import pandas as pd
import xarray as xr

from gaitbook.cohort.events import compare_contacts, detect_contacts
from gaitbook.studies.trials import identify
from gaitbook.studies.uncertainty import Estimate, mean_over_subjects, summarize


def time_events(trials: Iterable[xr.Dataset]) -> pd.DataFrame:
    """Differences of event times, motion minus force.

    Parameters
    ----------
    trials
        Trials with markers and force.

    Returns
    -------
    pandas.DataFrame
        Columns subject, speed_mps, foot, event (``"strike"`` or ``"toe-off"``), difference_s; positive where motion
        is late. Events without a partner are not here.
    """
    parts = []
    for trial in trials:
        force, motion = (detect_contacts(trial, method=method) for method in ("force", "motion"))
        parts.append(compare_contacts(motion, force).assign(**identify(trial)))
    return pd.concat(parts, ignore_index=True)


def summarize_timing(differences: pd.DataFrame) -> pd.DataFrame:
    """Mean difference per event and speed with its interval over people: columns event, speed_mps, value, low, high."""
    return summarize(differences.rename(columns={"difference_s": "value"}), ["event", "speed_mps"], unit="s")


def timing_error(differences: pd.DataFrame, event: str) -> Estimate:
    """Mean absolute difference of one kind of event over people, in ms."""
    own = differences[differences["event"] == event]
    per_person = own["difference_s"].abs().groupby(own["subject"]).mean()
    return mean_over_subjects(1000 * per_person, unit="ms")
