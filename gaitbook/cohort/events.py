"""Foot contacts, strides and cycles, from force or from motion.

From **force**: a foot is down while its vertical force is above a threshold. From **motion**: seen from the ground, a
standing foot does not move and a swinging one overtakes the body; `gaitbook.cohort.foot_motion` turns that into a
signal. For walking, the extremes of the foot's path relative to the pelvis are a common alternative (Zeni et al. 2008,
doi:10.1016/j.gaitpost.2007.07.007).
"""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.cleaning import runs
from gaitbook.conventions import CONTACT_FORCE_N, FEET, UP

SHORTEST_CONTACT_S: Final = 0.08
SHORTEST_FLIGHT_S: Final = 0.04
CONTACT_COLUMNS: Final = ("foot", "strike_s", "toe_off_s")
PARTNER_WITHIN_S: Final = 0.15
DOUBLED_CYCLE: Final = 1.5
"""A cycle so many times longer than the median has swallowed a contact that was not seen."""


def detect_contacts(
    trial: xr.Dataset, *, method: str = "force", threshold_n: float = CONTACT_FORCE_N
) -> pd.DataFrame:
    """Contacts of both feet, in order of time.

    Parameters
    ----------
    trial
        Trial with ``ground_reaction_force`` (method ``"force"``) or ``marker_position`` (method ``"motion"``).
    method
        ``"force"`` or ``"motion"``.
    threshold_n
        Vertical force above which a foot is down, for method ``"force"``.

    Returns
    -------
    pandas.DataFrame
        Columns foot, strike_s, toe_off_s. Times lie where the threshold is crossed, between samples. Contacts cut
        off by the start or the end of the trial, or by missing samples, are not there.

    Raises
    ------
    ValueError
        If the method is not known or the trial lacks what it needs.
    """
    if method == "force":
        _require(trial, "ground_reaction_force", method)
        excess = trial["ground_reaction_force"].sel(axis=UP) - threshold_n
    elif method == "motion":
        _require(trial, "marker_position", method)
        from gaitbook.cohort.foot_motion import support_signal

        excess = support_signal(trial["marker_position"])
    else:
        raise ValueError(f"no method {method!r} of detecting contacts; choose 'force' or 'motion'")
    parts = [_contacts_of(excess.sel(foot=foot).values, trial["time"].values, foot) for foot in FEET]
    return pd.concat(parts, ignore_index=True).sort_values("strike_s", ignore_index=True)


def contact_mask(contacts: pd.DataFrame, time: xr.DataArray) -> xr.DataArray:
    """Which foot is down at each time: dims (time, foot), boolean."""
    down = np.zeros((time.size, len(FEET)), dtype=bool)
    for contact in contacts.itertuples():
        inside = (time.values >= contact.strike_s) & (time.values < contact.toe_off_s)
        down[inside, FEET.index(contact.foot)] = True
    coords = {"time": time.values, "foot": list(FEET)}
    return xr.DataArray(down, dims=("time", "foot"), coords=coords, name="in_contact", attrs={"units": "1"})


def find_strides(
    contacts: pd.DataFrame,
    *,
    foot: str | None = None,
    stance_s: tuple[float, float] = (0.1, 1.5),
    cycle_s: tuple[float, float] = (0.2, 2.0),
) -> pd.DataFrame:
    """Strides: from one landing of a foot to its next, with exactly one toe-off between.

    Parameters
    ----------
    contacts
        As given by `detect_contacts`.
    foot
        ``"right"``, ``"left"``, or both by default.
    stance_s, cycle_s
        Durations of stance and cycle that count as a stride.

    Returns
    -------
    pandas.DataFrame
        Columns foot, start_s, toe_off_s, end_s. ``attrs["left_out"]`` counts what was not taken, by reason.

    Raises
    ------
    ValueError
        If the foot is not known.
    """
    if foot not in (*FEET, None):
        raise ValueError(f"no foot {foot!r}; choose 'right', 'left', or None for both")
    candidates = pd.concat(
        [_consecutive(contacts[contacts["foot"] == side]) for side in ([foot] if foot else FEET)],
        ignore_index=True,
    )
    stance = candidates["toe_off_s"] - candidates["start_s"]
    cycle = candidates["end_s"] - candidates["start_s"]
    odd_stance, odd_cycle = ~stance.between(*stance_s), ~cycle.between(*cycle_s)
    doubled = cycle > DOUBLED_CYCLE * cycle.median()
    strides = candidates[~(odd_stance | odd_cycle | doubled)].sort_values("start_s", ignore_index=True)
    strides.attrs["left_out"] = {
        f"stance outside {stance_s[0]:g} to {stance_s[1]:g} s": int(odd_stance.sum()),
        f"cycle outside {cycle_s[0]:g} to {cycle_s[1]:g} s": int((odd_cycle & ~odd_stance).sum()),
        f"cycle longer than {DOUBLED_CYCLE:g} times the median": int(
            (doubled & ~odd_cycle & ~odd_stance).sum()
        ),
    }
    return strides


def cut_cycles(array: xr.DataArray, strides: pd.DataFrame, *, samples: int = 101) -> xr.DataArray:
    """Cycles of an array, each stretched to 0-100 %.

    Parameters
    ----------
    array
        Dims (time, ...).
    strides
        Columns start_s, end_s.
    samples
        Points per cycle, ends included.

    Returns
    -------
    xarray.DataArray
        Dims (cycle, phase, ...); ``phase`` in percent of the cycle.

    Raises
    ------
    ValueError
        If there is no stride.
    """
    if strides.empty:
        raise ValueError("no stride to cut cycles from")
    phase = np.linspace(0.0, 100.0, samples)
    start_s, end_s = strides[["start_s", "end_s"]].to_numpy(dtype=float).T[:, :, None]
    time = xr.DataArray(
        start_s + (end_s - start_s) * phase / 100.0,
        dims=("cycle", "phase"),
        coords={"cycle": np.arange(len(strides)), "phase": phase},
    )
    cycles = array.interp(time=time).drop_vars("time").transpose("cycle", "phase", ...)
    return cycles.assign_attrs(array.attrs).rename(array.name)


def compare_contacts(detected: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Signed differences of event times, detected minus reference.

    Parameters
    ----------
    detected, reference
        As given by `detect_contacts`.

    Returns
    -------
    pandas.DataFrame
        Columns foot, event (``"strike"`` or ``"toe-off"``), difference_s. Each reference event is paired with the
        nearest detected event of the same foot within 0.15 s; ``attrs["missed"]`` counts those without a partner.
    """
    rows, missed = [], 0
    for foot in FEET:
        ours, theirs = (table[table["foot"] == foot] for table in (detected, reference))
        for event, column in (("strike", "strike_s"), ("toe-off", "toe_off_s")):
            for reference_s in theirs[column]:
                difference_s = ours[column].to_numpy() - reference_s
                nearest = difference_s[np.abs(difference_s).argmin()] if difference_s.size else np.inf
                if abs(nearest) > PARTNER_WITHIN_S:
                    missed += 1
                else:
                    rows.append({"foot": foot, "event": event, "difference_s": float(nearest)})
    result = pd.DataFrame(rows, columns=["foot", "event", "difference_s"])
    result.attrs["missed"] = missed
    return result


def _require(trial: xr.Dataset, name: str, method: str) -> None:
    if name not in trial:
        raise ValueError(
            f"contacts by {method} need {name}, which the trial lacks; it has {', '.join(map(str, trial.data_vars))}"
        )


def _contacts_of(excess: np.ndarray, time_s: np.ndarray, foot: str) -> pd.DataFrame:
    step_s = float(np.median(np.diff(time_s)))
    down = np.nan_to_num(excess, nan=-1.0) > 0
    for start, stop in runs(~down):
        inner = start > 0 and stop < down.size
        if inner and (stop - start) * step_s < SHORTEST_FLIGHT_S:
            down[start:stop] = True
    known = np.isfinite(excess)
    spans = [
        (a, b)
        for a, b in runs(down)
        if a > 0 and b < down.size and known[a - 1] and known[b] and (b - a) * step_s >= SHORTEST_CONTACT_S
    ]
    rows = [(foot, _crossing(excess, time_s, a - 1), _crossing(excess, time_s, b - 1)) for a, b in spans]
    return pd.DataFrame(rows, columns=list(CONTACT_COLUMNS))


def _crossing(excess: np.ndarray, time_s: np.ndarray, before: int) -> float:
    """Time at which the signal crosses zero between two samples."""
    first, second = excess[before], excess[before + 1]
    return float(time_s[before] + first / (first - second) * (time_s[before + 1] - time_s[before]))


def _consecutive(contacts: pd.DataFrame) -> pd.DataFrame:
    ordered = contacts.sort_values("strike_s")
    return pd.DataFrame(
        {
            "foot": ordered["foot"].iloc[:-1].to_numpy(),
            "start_s": ordered["strike_s"].iloc[:-1].to_numpy(),
            "toe_off_s": ordered["toe_off_s"].iloc[:-1].to_numpy(),
            "end_s": ordered["strike_s"].iloc[1:].to_numpy(),
        }
    )
