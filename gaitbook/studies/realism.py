"""Study: who are the synthetic people, and how real are they?

People of the cohort walk and run at several speeds and in several ways; what can be measured on them goes beside what
is published (`gaitbook.studies.published_targets`), the laws of mechanics (`gaitbook.studies.physics_check`) and real
people (`gaitbook.studies.real_people`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.body_model import BodyModel
from gaitbook.cohort.events import cut_cycles
from gaitbook.conventions import FORWARD, GRAVITY_MPS2, UP
from gaitbook.mechanics.body_dimensions import body_lengths, leg_length
from gaitbook.studies.gait_measures import DEGREES_PER_RAD, find_steps, stance_forces
from gaitbook.studies.trial_facts import gait_of
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.reference_curves import evaluate_curve, reference_spread, walking_reference

Walker = Callable[..., xr.Dataset]
Pair = tuple[xr.Dataset, BodyModel]

WIDER: Final = {"hip_rotation": 1.5, "subtalar_angle": 1.5}
"""Standard deviations within which a mean curve counts as the reference's, where it is not one."""
LEAST_SPREAD_DEG: Final = 3.0
"""Taken where the reference tells no or a smaller spread between people: an assumption."""
SIDES: Final = ("_r", "_l")
WAVEFORMS: Final = {UP: "waveform_vertical_r", FORWARD: "waveform_fore_aft_r"}


def move_people(
    people: pd.DataFrame,
    walker: Walker,
    *,
    speeds_mps: Sequence[float],
    gait: str = "walk",
    conditions: Sequence[Any] = (None,),
    styles: pd.DataFrame | None = None,
    duration_s: float = 5.0,
    sampling_rate_hz: float = 200.0,
) -> Iterator[Pair]:
    """Trials of people, one for each speed and condition, with the bodies that moved.

    Parameters
    ----------
    people
        As given by `gaitbook.synthesis.population.draw_people`.
    walker
        `gaitbook.synthesis.gait.simulate_gait`.
    speeds_mps, gait, conditions
        What they are asked for; ``None`` is their own gait.
    styles
        Style scores (subject, style), as of `gaitbook.synthesis.causes.draw_causes`; average people by default.
    duration_s, sampling_rate_hz
        Of each trial.

    Yields
    ------
    tuple of xarray.Dataset and BodyModel
        Trial and body.
    """
    for subject, person in tqdm(
        people.iterrows(), total=len(people), desc=f"people who {gait}", disable=None
    ):
        own = None if styles is None else styles.loc[str(subject)].to_dict()
        for speed_mps, condition in product(speeds_mps, conditions):
            trial = walker(
                person,
                speed_mps=speed_mps,
                gait=gait,
                condition=condition,
                styles=own,
                duration_s=duration_s,
                sampling_rate_hz=sampling_rate_hz,
            )
            trial = trial.assign_attrs(subject=str(subject))
            yield trial, person_body(trial.attrs)


def joint_cycles(trials: Iterable[xr.Dataset]) -> pd.DataFrame:
    """Mean joint angles over the stride, from the landing of the foot of their side (of the right one in the middle).

    Returns
    -------
    pandas.DataFrame
        Columns subject, gait, speed_mps, height_m, coordinate (without side), phase_percent, value (degrees): mean
        over strides and over both sides.
    """
    return pd.concat([_cycles(trial) for trial in trials], ignore_index=True)


def reference_bands(speed_mps: float, height_m: float) -> pd.DataFrame:
    """Joint angles of walking adults as the cohort's reference has them, with the spread between people.

    Returns
    -------
    pandas.DataFrame
        Columns coordinate, phase_percent, mean, spread (degrees; one standard deviation, at least 3 degrees).
    """
    leg_m = leg_length(body_lengths(height_m))
    curves = walking_reference(speed_mps / np.sqrt(GRAVITY_MPS2 * leg_m))
    phase = np.linspace(0.0, 100.0, 101)
    spreads = reference_spread("walking")
    parts = [
        pd.DataFrame(
            {
                "coordinate": name,
                "phase_percent": phase,
                "mean": np.rad2deg(evaluate_curve(wave, phase / 100.0)),
                "spread": max(LEAST_SPREAD_DEG, float(np.rad2deg(spreads.get(name, 0.0)))),
            }
        )
        for name, wave in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)


def within_spread(curves: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """Share of the cycle in which the mean curve of the people is within the spread of the reference.

    Parameters
    ----------
    curves
        As given by `joint_cycles`, at one speed.
    bands
        As given by `reference_bands`.

    Returns
    -------
    pandas.DataFrame
        Columns coordinate, value (% of the cycle), unit, allowed (standard deviations), largest (deviation, in
        standard deviations), offset (mean deviation, degrees).
    """
    mean = curves.groupby(["coordinate", "phase_percent"])["value"].mean().reset_index()
    both = mean.merge(bands, on=["coordinate", "phase_percent"])
    rows = []
    for name, part in both.groupby("coordinate", sort=False):
        away = part["value"] - part["mean"]
        score, allowed = (away / part["spread"]).abs(), WIDER.get(str(name), 1.0)
        share = 100.0 * float((score <= allowed).mean())
        rows.append((name, share, "% of cycle", allowed, float(score.max()), float(away.mean())))
    return pd.DataFrame(rows, columns=["coordinate", "value", "unit", "allowed", "largest", "offset"])


def mean_stances(trials: Iterable[xr.Dataset]) -> pd.DataFrame:
    """Force over stance, mean over people: columns gait, speed_mps, axis, phase_percent, value (BW), z outward."""
    parts = []
    for trial in trials:
        force = stance_forces(trial, find_steps(trial).contacts).mean("cycle")
        table = force.to_dataframe("value").reset_index().rename(columns={"phase": "phase_percent"})
        labels = {"gait": gait_of(trial), "speed_mps": trial.attrs["speed_mps"]}
        parts.append(table.assign(subject=trial.attrs["subject"], **labels))
    whole = pd.concat(parts, ignore_index=True)
    by_person = whole.groupby(["gait", "speed_mps", "axis", "phase_percent", "subject"])["value"].mean()
    return by_person.groupby(level=[0, 1, 2, 3]).mean().reset_index()


def waveform_rows(stances: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Correlation of mean force curves with those of a reference: rows for `gaitbook.studies.published_targets.judge`.

    Parameters
    ----------
    stances
        As given by `mean_stances`.
    reference
        The same columns, of real people, at the same speeds.
    """
    shared = ["gait", "speed_mps", "axis", "phase_percent"]
    both = stances.merge(reference, on=shared, suffixes=("", "_reference"))
    rows = [
        {
            "gait": gait,
            "speed_mps": speed_mps,
            "quantity": WAVEFORMS[axis],
            "value": float(np.corrcoef(part["value"], part["value_reference"])[0, 1]),
        }
        for (gait, speed_mps, axis), part in both.groupby(["gait", "speed_mps", "axis"])
        if axis in WAVEFORMS
    ]
    return pd.DataFrame(rows).assign(subject="all", unit="1", condition="")


def with_derived(measured: pd.DataFrame, shares: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measured quantities, and those that follow from them.

    These are the difference of the two peaks of the adduction moment and the least of the shares of `within_spread`.

    Parameters
    ----------
    measured
        As given by `gaitbook.studies.gait_measures.measure_all`.
    shares
        As given by `within_spread`, for walking at 1.3 m/s.
    """
    names = ["knee_adduction_first_peak", "knee_adduction_second_peak"]
    labels = [name for name in measured if name not in ("quantity", "value", "unit")]
    first, second = (measured[measured["quantity"] == name].set_index(labels)["value"] for name in names)
    difference = (first - second).reset_index().assign(quantity="knee_adduction_difference", unit="%BW·H")
    parts = [measured, difference]
    if shares is not None:
        row = {"quantity": "within_spread", "value": shares["value"].min(), "unit": "% of cycle"}
        whose = {"subject": "all", "gait": "walk", "speed_mps": 1.3, "condition": ""}
        parts.append(pd.DataFrame([row | whose]))
    return pd.concat(parts, ignore_index=True)


def _cycles(trial: xr.Dataset) -> pd.DataFrame:
    strides = find_steps(trial).strides
    angle = (DEGREES_PER_RAD * trial["joint_angle"]).reset_coords(drop=True)
    names = [str(name) for name in angle["coordinate"].values]
    groups = {"left": [name for name in names if name.endswith(SIDES[1])]}
    groups["right"] = [name for name in names if name not in groups["left"]]
    parts = []
    for foot, own in strides.groupby("foot"):
        cycles = cut_cycles(angle.sel(coordinate=groups[str(foot)]), own).mean("cycle")
        table = cycles.to_dataframe("value").reset_index().rename(columns={"phase": "phase_percent"})
        parts.append(table.assign(coordinate=table["coordinate"].str.replace(r"_[rl]$", "", regex=True)))
    both = pd.concat(parts).groupby(["coordinate", "phase_percent"], sort=False)["value"].mean().reset_index()
    facts = {name: trial.attrs.get(name) for name in ("subject", "speed_mps", "height_m")}
    return both.assign(gait=gait_of(trial), **facts)
