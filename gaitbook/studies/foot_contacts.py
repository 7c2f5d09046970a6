"""When each foot stands, told by the motion of the whole body, without markers and without force.

The forefoot, the heel and the pelvis of the moving body stand in for markers there, so that contacts are those of
`gaitbook.cohort.events.detect_contacts` by motion, as in chapter 1. A stance that the trial cuts short is taken to be
as long as the others of that foot.
"""

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.events import CONTACT_COLUMNS, detect_contacts
from gaitbook.cohort.foot_motion import support_signal
from gaitbook.conventions import FEET
from gaitbook.mechanics.body_points import body_points
from gaitbook.representation.states import fill_motion
from gaitbook.studies.measured_motion import MeasuredMotion

Array = NDArray[np.float64]

STAND_INS: Final = MappingProxyType(
    {"pelvis": "SACR", "calcn_r": "RHEE", "calcn_l": "LHEE", "toes_r": "RTOE", "toes_l": "LTOE"}
)
"""Segments whose origins stand in for markers, and the names of those."""


def foot_contacts(motion: MeasuredMotion) -> pd.DataFrame:
    """Contacts of both feet by their motion, in order of time: columns foot, strike_s, toe_off_s.

    Parameters
    ----------
    motion
        Heading along +x; gaps are bridged.

    Raises
    ------
    ValueError
        The path of the pelvis is nowhere known, the person does not get on, or a foot has no whole stance.
    """
    if bool(motion.trial["pelvis_position"].isnull().all()):
        raise ValueError("The path of the pelvis is nowhere known: contacts cannot be told from motion.")
    points = body_points(fill_motion(motion.trial), motion.model, tuple(STAND_INS))
    markers = points.rename(point="marker").assign_coords(marker=list(STAND_INS.values()))
    stands = support_signal(markers) > 0
    whole = detect_contacts(xr.Dataset({"marker_position": markers}), method="motion")
    parts = [_with_ends(whole[whole["foot"] == foot], stands.sel(foot=foot), foot) for foot in FEET]
    return pd.concat(parts, ignore_index=True).sort_values("strike_s", ignore_index=True)


def cycle_phase(contacts: pd.DataFrame, time_s: Array) -> Array:
    """Phase of a foot's cycle (time,): from 0 to 1 while it stands, from 1 to 2 while it swings.

    Parameters
    ----------
    contacts
        Of one foot, at least one; beyond the first and the last it goes on in its usual rhythm.
    time_s
        Time stamps.
    """
    strike_s, toe_off_s = contacts[["strike_s", "toe_off_s"]].to_numpy(dtype=float).T
    stance_s = float(np.median(toe_off_s - strike_s))
    cycle_s = float(np.median(np.diff(strike_s))) if len(strike_s) > 1 else 2.0 * stance_s
    before = int(np.ceil(max(strike_s[0] - time_s[0], 0.0) / cycle_s)) + 1
    after = int(np.ceil(max(time_s[-1] - strike_s[-1], 0.0) / cycle_s)) + 1
    early_s = strike_s[0] - cycle_s * np.arange(before, 0, -1)
    late_s = strike_s[-1] + cycle_s * np.arange(1, after + 1)
    strikes_s = np.concatenate([early_s, strike_s, late_s])
    leaves_s = np.concatenate([early_s + stance_s, toe_off_s, late_s + stance_s])
    events_s = np.stack([strikes_s, leaves_s], axis=1).ravel()
    return np.asarray(np.interp(time_s, events_s, np.arange(events_s.size)) % 2.0)


def _with_ends(whole: pd.DataFrame, stands: xr.DataArray, foot: str) -> pd.DataFrame:
    """Contacts of a foot with those that both ends of the trial cut short."""
    if whole.empty:
        raise ValueError(f"The {foot} foot has no whole stance that its motion shows: take a longer trial.")
    time_s, down = stands["time"].values, stands.values.astype(bool)
    usual_s = float((whole["toe_off_s"] - whole["strike_s"]).median())
    rows = [whole]
    if down[0] and not down.all():
        leaves_s = float(time_s[int(down.argmin())])
        rows.insert(0, _contact(foot, min(leaves_s - usual_s, time_s[0]), leaves_s))
    if down[-1] and not down.all():
        lands_s = float(time_s[len(down) - int(down[::-1].argmin())])
        rows.append(_contact(foot, lands_s, max(lands_s + usual_s, time_s[-1] + 1e-6)))
    return pd.concat(rows, ignore_index=True)


def _contact(foot: str, strike_s: float, toe_off_s: float) -> pd.DataFrame:
    return pd.DataFrame([(foot, strike_s, toe_off_s)], columns=list(CONTACT_COLUMNS))
