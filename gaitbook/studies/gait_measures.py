"""Numbers of a gait that publications tell: forces, timing, center of mass, joint and knee moments, angles.

Each is a mean over the strides, or stances, of a trial, both feet alike.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.events import contact_mask, cut_cycles, detect_contacts, find_strides
from gaitbook.conventions import FEET, FORWARD, RIGHT, UP
from gaitbook.mechanics.knee_summary import summarize_knee, to_body_weight_height
from gaitbook.mechanics.loads import joint_moments, knee_moment, required_force
from gaitbook.studies.trial_facts import gait_of, progression_speed, weight_n

MM_PER_M: Final = 1000.0
S_PER_MIN: Final = 60.0
DEGREES_PER_RAD: Final = 180.0 / np.pi
HALF: Final = 50.0
"""Percent of stance."""
VALLEY_WITHIN: Final = (25.0, 75.0)
OUTWARD: Final = xr.DataArray([1.0, -1.0], {"foot": list(FEET)}, "foot")
"""Sign of "to the outside" along z."""
STANCE_S: Final = (0.05, 2.0)
CYCLE_S: Final = (0.3, 3.0)
"""Durations of anything between a slow walk and a sprint."""
OWN_GAIT: Final = "own gait"
SINGLE_CONDITION: Final = re.compile(r"(?P<name>[a-z\- ]+?) (?P<dose>[+-]?[\d.]+) (deg|mm|%)")
PERSON: Final = ("subject", "sex", "age_year")
KNEE_NAMES: Final = {
    "adduction_peak_first_half": "knee_adduction_first_peak",
    "adduction_peak_second_half": "knee_adduction_second_peak",
    "adduction_impulse": "knee_adduction_impulse",
}


class Steps(NamedTuple):
    """Contacts (foot, strike_s, toe_off_s), and strides (foot, start_s, toe_off_s, end_s) of a trial."""

    contacts: pd.DataFrame
    strides: pd.DataFrame


def measure_trial(trial: xr.Dataset, model: BodyModel) -> pd.DataFrame:
    """Numbers of one trial.

    Parameters
    ----------
    trial
        With motion, force on both feet, and at least one whole stride of each foot; its attribute ``condition`` says
        how the person was asked to walk (`split_condition`).
    model
        The person's body.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, value, unit, subject, sex, age_year, gait, speed_mps, condition, dose.

    Raises
    ------
    ValueError
        There is no whole stride.
    """
    steps = find_steps(trial)
    rows = [
        *_force_rows(trial, steps),
        *_timing_rows(trial, steps),
        *_center_rows(trial, model, steps),
        *_moment_rows(trial, model, steps),
        *_knee_rows(trial, model, steps),
        *_angle_rows(trial, steps),
    ]
    person = {name: trial.attrs.get(name) for name in PERSON}
    condition, dose = split_condition(str(trial.attrs.get("condition", "")))
    task = {"speed_mps": trial.attrs.get("speed_mps"), "condition": condition, "dose": dose}
    table = pd.DataFrame(rows, columns=["quantity", "value", "unit"])
    return table.assign(**person, gait=gait_of(trial), **task)


def measure_all(trials: Iterable[tuple[xr.Dataset, BodyModel]]) -> pd.DataFrame:
    """Tables of `measure_trial`, one below the other, of trials with their bodies."""
    return pd.concat([measure_trial(trial, model) for trial, model in trials], ignore_index=True)


def split_condition(label: str) -> tuple[str, float]:
    """Name and dose of a condition, from the words of its label; empty for a person's own gait.

    Conditions of several parts keep their whole label as name, with dose zero.

    Examples
    --------
    >>> (
    ...     split_condition("trunk lean 10 deg"),
    ...     split_condition("step width -50 mm"),
    ...     split_condition("own gait"),
    ... )
    (('trunk lean', 10.0), ('step width', -50.0), ('', 0.0))
    """
    if label in ("", OWN_GAIT):
        return "", 0.0
    single = SINGLE_CONDITION.fullmatch(label)
    return (single["name"], float(single["dose"])) if single else (label, 0.0)


def find_steps(trial: xr.Dataset) -> Steps:
    """Contacts by force and whole strides of a trial.

    Raises
    ------
    ValueError
        There is no whole stride.
    """
    contacts = detect_contacts(trial)
    strides = find_strides(contacts, stance_s=STANCE_S, cycle_s=CYCLE_S)
    if strides.empty:
        raise ValueError(f"trial {trial.attrs.get('trial', '?')} has no whole stride: record longer")
    return Steps(contacts, strides)


def stance_forces(trial: xr.Dataset, contacts: pd.DataFrame) -> xr.DataArray:
    """Force on a foot over every stance, dims (cycle, phase, axis), body weights; z to the outside on both sides."""
    force = trial["ground_reaction_force"] / weight_n(trial)
    outward = xr.where(force["axis"] == RIGHT, force * OUTWARD, force).transpose("time", "foot", "axis")
    parts = [
        cut_cycles(outward.sel(foot=foot, drop=True), _spans(contacts, foot)).drop_vars("cycle")
        for foot in FEET
        if (contacts["foot"] == foot).any()
    ]
    return xr.concat(parts, "cycle")


def _spans(contacts: pd.DataFrame, foot: str) -> pd.DataFrame:
    own = contacts[contacts["foot"] == foot]
    return own.rename(columns={"strike_s": "start_s", "toe_off_s": "end_s"})


def _force_rows(trial: xr.Dataset, steps: Steps) -> Iterator[tuple[str, float, str]]:
    stance = stance_forces(trial, steps.contacts)
    vertical = stance.sel(axis=UP)
    first, second = (vertical.where(half) for half in (stance["phase"] <= HALF, stance["phase"] >= HALF))
    middle = vertical.where((stance["phase"] >= VALLEY_WITHIN[0]) & (stance["phase"] <= VALLEY_WITHIN[1]))
    peaks = {
        "first_vertical_peak": first.max("phase"),
        "vertical_valley": middle.min("phase"),
        "second_vertical_peak": second.max("phase"),
        "vertical_peak": vertical.max("phase"),
        "braking_peak": stance.sel(axis=FORWARD).min("phase"),
        "propulsion_peak": stance.sel(axis=FORWARD).max("phase"),
        "medial_peak": stance.sel(axis=RIGHT).min("phase"),
    }
    for name, values in peaks.items():
        yield name, float(values.mean()), "BW"


def _timing_rows(trial: xr.Dataset, steps: Steps) -> Iterator[tuple[str, float, str]]:
    strides = steps.strides
    stride_s = float((strides["end_s"] - strides["start_s"]).mean())
    contact_s = float((strides["toe_off_s"] - strides["start_s"]).mean())
    step_m, cadence = 0.5 * stride_s * progression_speed(trial), 2.0 * S_PER_MIN / stride_s
    down = contact_mask(steps.contacts, trial["time"])
    inside = slice(strides["start_s"].min(), strides["end_s"].max())
    both_percent = 100.0 * float(down.sel(time=inside).all("foot").mean())
    yield "stride_time", stride_s, "s"
    yield "contact_time", contact_s, "s"
    yield "duty_factor", contact_s / stride_s, "1"
    yield "double_support", both_percent / 2.0, "% of cycle, each"
    yield "step_length", step_m, "m"
    yield "cadence", cadence, "steps/min"
    yield "walk_ratio", step_m / cadence, "m/(steps/min)"


def _center_rows(trial: xr.Dataset, model: BodyModel, steps: Steps) -> Iterator[tuple[str, float, str]]:
    center = required_force(trial, model)["center_of_mass"].sel(axis=[UP, RIGHT])
    paths = cut_cycles(center, steps.strides)
    # a drift over the stride is no sway
    drift = (paths.isel(phase=-1) - paths.isel(phase=0)) * (paths["phase"] / paths["phase"].max())
    level = paths - drift
    excursion_mm = MM_PER_M * (level.max("phase") - level.min("phase")).mean("cycle")
    yield "center_vertical_excursion", float(excursion_mm.sel(axis=UP)), "mm"
    yield "center_lateral_excursion", float(excursion_mm.sel(axis=RIGHT)), "mm"


def _moment_rows(trial: xr.Dataset, model: BodyModel, steps: Steps) -> Iterator[tuple[str, float, str]]:
    internal = trial["joint_moment"] if "joint_moment" in trial else joint_moments(trial, model)
    per_mass = internal / float(trial.attrs["mass_kg"])
    for name, coordinate in (("ankle_plantarflexion", "ankle_angle"), ("hip_abduction", "hip_adduction")):
        stances = [
            -cut_cycles(
                per_mass.sel(coordinate=f"{coordinate}_{foot[0]}", drop=True), _spans(steps.contacts, foot)
            )
            for foot in FEET
            if (steps.contacts["foot"] == foot).any()
        ]
        peak = np.concatenate([stance.max("phase").values for stance in stances])
        yield f"{name}_moment_peak", float(np.nanmean(peak)), "N m/kg"


def _knee_rows(trial: xr.Dataset, model: BodyModel, steps: Steps) -> Iterator[tuple[str, float, str]]:
    moment = knee_moment(trial, model)
    table = summarize_knee(moment, steps.contacts)
    for name, shown in KNEE_NAMES.items():
        values = table.loc[table["quantity"] == name, "value_percent_bw_h"]
        yield shown, float(values.mean()), "%BW·H·s" if name.endswith("impulse") else "%BW·H"
    flexion = to_body_weight_height(moment).sel(moment="flexion", drop=True)
    spans = steps.contacts.assign(middle_s=steps.contacts[["strike_s", "toe_off_s"]].mean(axis=1))
    peaks = [
        flexion.sel(foot=foot, time=slice(strike_s, middle_s)).max()
        for foot, strike_s, middle_s in spans[["foot", "strike_s", "middle_s"]].to_numpy()
    ]
    yield "knee_flexion_first_peak", float(np.nanmean(peaks)), "%BW·H"


def _angle_rows(trial: xr.Dataset, steps: Steps) -> Iterator[tuple[str, float, str]]:
    angle = DEGREES_PER_RAD * trial["joint_angle"]
    ranges = {"pelvis_list_range": ["pelvis_list"], "pelvis_rotation_range": ["pelvis_rotation"]}
    ranges |= {
        f"{name}_range": [f"{name}_r", f"{name}_l"]
        for name in ("hip_flexion", "knee_angle", "ankle_angle", "arm_flex")
    }
    known = set(angle["coordinate"].values.tolist())
    for name, coordinates in ranges.items():
        if set(coordinates) <= known:
            cycles = cut_cycles(angle.sel(coordinate=coordinates), steps.strides)
            yield name, float((cycles.max("phase") - cycles.min("phase")).mean()), "degrees"
    own = [
        cut_cycles(angle.sel(coordinate=f"ankle_angle_{str(foot)[0]}", drop=True), strides)
        for foot, strides in steps.strides.groupby("foot")
    ]
    pushed = np.concatenate([-cycles.min("phase").values for cycles in own])
    yield "push_off_plantarflexion", float(np.nanmean(pushed)), "degrees"
