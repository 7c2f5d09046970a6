"""Study: how much does a knee moment depend on choices that no measurement makes?

The frame in which it is expressed, whether the weight and inertia of the shank are counted, and where exactly the
ground pushes: each moves the peak by as much as an intervention does.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import xarray as xr

from gaitbook.cohort.cleaning import low_pass
from gaitbook.cohort.events import detect_contacts
from gaitbook.mechanics.knee import Frame, Method
from gaitbook.mechanics.knee_summary import summarize_knee, to_body_weight_height
from gaitbook.mechanics.loads import knee_moment
from gaitbook.studies.tracking import TrackedTrial
from gaitbook.studies.trials import identify, in_order, mean_cycle
from gaitbook.studies.uncertainty import summarize

CHOICES: Final[tuple[tuple[str, Frame, Method], ...]] = (
    ("tibia", "tibia", "newton-euler"),
    ("laboratory", "lab", "newton-euler"),
    ("tibia, force only", "tibia", "quasi-static"),
    ("laboratory, force only", "lab", "quasi-static"),
)
"""Name, frame and method; the last is what GaitDynamics reports. The axes of a hinge knee are those of the tibia."""
SHIFTS_MM: Final = (-20, -15, -10, -5, 0, 5, 10, 15, 20)
NAMES: Final = tuple(name for name, _, _ in CHOICES)
UNIT_SHIFT_M: Final = 0.01
UNIT: Final = "%BW·H"
PEAK: Final = "adduction_peak_first_half"


def knee_cycles(tracked: Sequence[TrackedTrial], *, cutoff_hz: float) -> pd.DataFrame:
    """External moments at the left knee over stance under every choice.

    Parameters
    ----------
    tracked
        Trials with their bodies.
    cutoff_hz
        Low-pass of motion and force.

    Returns
    -------
    pandas.DataFrame
        Columns subject, speed_mps, source (the choice), axis (adduction, flexion), phase_percent, value (%BW·H).
    """
    parts = [
        _stance(each, knee_moment(trial, each.model, frame=frame, method=method)).assign(source=name)
        for each, trial in _smooth(tracked, cutoff_hz)
        for name, frame, method in CHOICES
    ]
    return in_order(pd.concat(parts, ignore_index=True), "source", NAMES)


def knee_peaks(tracked: Sequence[TrackedTrial], *, cutoff_hz: float) -> pd.DataFrame:
    """Peaks and impulse of every stance under every choice: columns subject, speed_mps, choice, quantity, value."""
    parts = []
    for each, trial in _smooth(tracked, cutoff_hz):
        contacts = detect_contacts(each.trial)
        for name, frame, method in CHOICES:
            table = summarize_knee(knee_moment(trial, each.model, frame=frame, method=method), contacts)
            parts.append(table.assign(**identify(each.trial), choice=name))
    table = pd.concat(parts, ignore_index=True).rename(columns={"value_percent_bw_h": "value"})
    columns = ["subject", "speed_mps", "foot", "choice", "quantity", "value"]
    return in_order(table[columns].assign(unit=UNIT), "choice", NAMES)


def change_with_speed(peaks: pd.DataFrame, *, quantity: str = PEAK) -> pd.DataFrame:
    """Change of a peak from the slowest to the fastest speed of each person, in percent of the slowest.

    Parameters
    ----------
    peaks
        As given by `knee_peaks`.
    quantity
        Which of its quantities.

    Returns
    -------
    pandas.DataFrame
        Columns subject, choice, value (%); people recorded at one speed only are left out.
    """
    chosen = peaks[peaks["quantity"] == quantity]
    means = (
        chosen.groupby(["subject", "choice", "speed_mps"], sort=False, observed=True)["value"].mean().dropna()
    )
    rows = []
    for (subject, choice), part in means.groupby(["subject", "choice"], sort=False):
        by_speed = part.sort_index(level="speed_mps")
        slow, fast = by_speed.iloc[0], by_speed.iloc[-1]
        if len(by_speed) > 1:
            rows.append((subject, choice, 100.0 * (fast - slow) / slow))
    return pd.DataFrame(rows, columns=["subject", "choice", "value"]).assign(unit="%")


def sweep_pressure(
    tracked: Sequence[TrackedTrial], *, cutoff_hz: float, shifts_mm: Sequence[int] = SHIFTS_MM
) -> pd.DataFrame:
    """Adduction moment over stance when the center of pressure is moved sideways, and the change of its peak.

    Parameters
    ----------
    tracked
        Trials with their bodies.
    cutoff_hz
        Low-pass of motion and force.
    shifts_mm
        Shifts toward the outside of the foot, mm.

    Returns
    -------
    pandas.DataFrame
        Columns setting (the shift), series, x (% of stance), value, low, high (%BW·H: mean over people with its
        interval), and the change of the peak, readout, readout_low, readout_high.
    """
    curves, peaks = [], []
    for each, trial in _smooth(tracked, cutoff_hz):
        contacts = detect_contacts(each.trial)
        here, moved = (knee_moment(_shift_outward(trial, far_m), each.model) for far_m in (0.0, UNIT_SHIFT_M))
        known = _adduction(each, here, contacts)
        for shift_mm in shifts_mm:
            # a moment is linear in the place of the force: one shift tells all
            shifted = here + (moved - here) * (shift_mm / 1000.0 / UNIT_SHIFT_M)
            curve, peak = _adduction(each, shifted.assign_attrs(here.attrs), contacts)
            labels = identify(each.trial) | {"setting": shift_mm}
            curves += [
                known[0].assign(series="as measured", **labels),
                curve.assign(series="shifted", **labels),
            ]
            peaks.append(labels | {"value": peak - known[1]})
    found = summarize(pd.concat(curves), ["setting", "series", "x"], unit=UNIT)
    readout = summarize(pd.DataFrame(peaks), ["setting"], unit=UNIT).set_index("setting")[
        ["value", "low", "high"]
    ]
    readout.columns = pd.Index(["readout", "readout_low", "readout_high"])
    return found.join(readout, on="setting")


def _smooth(tracked: Sequence[TrackedTrial], cutoff_hz: float) -> list[tuple[TrackedTrial, xr.Dataset]]:
    """Each trial with motion and force smoothed alike, so that neither leads the other."""
    return [(each, _with_smooth_force(each.smoothed(cutoff_hz), cutoff_hz)) for each in tracked]


def _with_smooth_force(trial: xr.Dataset, cutoff_hz: float) -> xr.Dataset:
    force = low_pass(trial["ground_reaction_force"], cutoff_hz)
    return trial.assign(ground_reaction_force=force)


def _shift_outward(trial: xr.Dataset, shift_m: float) -> xr.Dataset:
    outward = xr.DataArray([1.0, -1.0], coords={"foot": ["right", "left"]}, dims="foot")
    point = trial["center_of_pressure"]
    return trial.assign(center_of_pressure=point + shift_m * outward * (point["axis"] == "z"))


def _adduction(
    each: TrackedTrial, moment: xr.DataArray, contacts: pd.DataFrame
) -> tuple[pd.DataFrame, float]:
    peaks = summarize_knee(moment, contacts[contacts["foot"] == "left"])
    peak = peaks.loc[peaks["quantity"] == PEAK, "value_percent_bw_h"].mean()
    curve = _stance(each, moment).query("axis == 'adduction'")
    return curve.rename(columns={"phase_percent": "x"})[["x", "value"]], float(peak)


def _stance(each: TrackedTrial, moment: xr.DataArray) -> pd.DataFrame:
    contacts = detect_contacts(each.trial).query("foot == 'left'")
    spans = contacts.rename(columns={"strike_s": "start_s", "toe_off_s": "end_s"})
    left = to_body_weight_height(moment).sel(foot="left", moment=["adduction", "flexion"], drop=True)
    return mean_cycle(left, spans, each.trial, samples=51).rename(columns={"moment": "axis"})
