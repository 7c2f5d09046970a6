"""Study: do simulated feet press the ground as real ones do?

The vertical force over stance of people who were never used to build the cohort is held against that of simulated
people of the same size, sex and speed.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.cleaning import low_pass
from gaitbook.cohort.events import cut_cycles, detect_contacts
from gaitbook.conventions import GRAVITY_MPS2, UP
from gaitbook.studies.plate_weight import plate_weight
from gaitbook.studies.trial_facts import gait_of, progression_speed

Walker = Callable[..., xr.Dataset]
logger = logging.getLogger(__name__)

SAMPLES: Final = 101
LIMITS: Final = {"walk": {"r": 0.95}, "run": {"r": 0.97}}
USUAL_HEIGHT_M: Final = {"female": 1.63, "male": 1.76, None: 1.70}
"""For people whose height the files do not tell."""
USUAL_BMI_KGM2: Final = 23.5
CURVE_LABELS: Final = ("source", "subject", "trial", "sex", "height_m", "mass_kg", "age_year")


def stance_curves(
    trials: Iterable[xr.Dataset], *, weigh: bool = True, cutoff_hz: float | None = None
) -> pd.DataFrame:
    """Vertical force over stance, mean over both feet's whole stances, one curve per trial.

    Parameters
    ----------
    trials
        With ``ground_reaction_force``, ``in_contact`` and, over ground, ``pelvis_position``.
    weigh
        Divide by what the plates weigh (`plate_weight`), not by the mass that the trial tells.
    cutoff_hz
        Low-pass of the force before.

    Returns
    -------
    pandas.DataFrame
        Columns source, subject, trial, sex, height_m, mass_kg, age_year, gait, speed_mps, contact_time_s, stances,
        phase_percent, value (%BW). Trials without a whole stance are left out and logged.
    """
    parts = []
    for trial in trials:
        contacts = detect_contacts(trial)
        if contacts.empty:
            logger.info("%s: no whole stance", trial.attrs.get("trial"))
            continue
        parts.append(_mean_stance(trial, contacts, weigh, cutoff_hz))
    if not parts:
        raise ValueError("no trial has a whole stance on a plate")
    return pd.concat(parts, ignore_index=True)


def compare_stances(
    real: pd.DataFrame, simulated: pd.DataFrame, *, by: Sequence[str] = ("subject", "trial")
) -> pd.DataFrame:
    """How alike the curves of real and simulated stances are.

    Parameters
    ----------
    real, simulated
        As given by `stance_curves`; simulated ones have the labels ``by`` of whom they stand for and are averaged.
    by
        What tells a curve from another.

    Returns
    -------
    pandas.DataFrame
        Columns ``by``, source, gait, speed_mps, r, rmse (%BW), peak_real, peak_simulated (%BW), peak_ratio, people
        (how many simulated), met.
    """
    rows = []
    for key, curve in real.groupby(list(by), sort=False):
        labels = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        same = np.logical_and.reduce([simulated[name] == value for name, value in labels.items()])
        chosen = simulated[same]
        if chosen.empty:
            continue
        mean = chosen.groupby("phase_percent")["value"].mean()
        measured = curve.groupby("phase_percent")["value"].mean().loc[mean.index]
        facts = {name: curve[name].iloc[0] for name in ("source", "gait", "speed_mps")}
        people = chosen["person"].nunique() if "person" in chosen else 1
        rows.append(labels | facts | _alike(measured.to_numpy(), mean.to_numpy()) | {"people": people})
    table = pd.DataFrame(rows)
    least = table["gait"].map(lambda gait: LIMITS[gait]["r"])
    return table.assign(met=table["r"] >= least)


def simulate_likenesses(
    real: pd.DataFrame,
    walker: Walker,
    *,
    people: int = 6,
    duration_s: float = 4.0,
    sampling_rate_hz: float = 200.0,
) -> pd.DataFrame:
    """Stances of simulated people of the size and sex, and at the speed, of each real one.

    Parameters
    ----------
    real
        As given by `stance_curves`.
    walker
        `gaitbook.synthesis.gait.simulate_gait`.
    people
        Simulated people for each real one; they differ in style.
    duration_s, sampling_rate_hz
        Of each simulated trial.

    Returns
    -------
    pandas.DataFrame
        As `stance_curves`, with the ``subject`` and ``trial`` of the real one, and ``person``, the number of the
        simulated one.
    """
    parts = []
    for _, curve in real.groupby(["subject", "trial"], sort=False):
        first = curve.iloc[0]
        for number in range(people):
            trial = walker(
                likeness(first.to_dict(), number),
                speed_mps=float(first["speed_mps"]),
                gait=first["gait"],
                duration_s=duration_s,
                sampling_rate_hz=sampling_rate_hz,
                seed=number,
            )
            labels = {name: first[name] for name in ("source", "subject", "trial")}
            parts.append(stance_curves([trial], weigh=False).assign(**labels, person=number))
    return pd.concat(parts, ignore_index=True)


def likeness(row: Mapping[Any, Any], number: int = 0) -> dict[str, Any]:
    """Person of the same sex, height and mass, with straight knees, average fat and vigor; usual where not known."""
    sex = row.get("sex")
    sex = sex if sex in ("female", "male") else None
    height_m = _known(row.get("height_m"), USUAL_HEIGHT_M[sex])
    mass_kg = _known(row.get("mass_kg"), USUAL_BMI_KGM2 * height_m**2)
    return {
        "subject": f"likeness-{number}",
        "number": number,
        "sex": sex or "male",
        "age_year": _known(row.get("age_year"), 35.0),
        "height_m": height_m,
        "mass_kg": mass_kg,
        "bmi_kgm2": mass_kg / height_m**2,
        "abdominal_fat": 0.0,
        "knee_varus_rad": 0.0,
        "vigor": 0.0,
        "comfortable_speed_mps": float(row["speed_mps"]),
    }


def _known(value: float | None, usual: float) -> float:
    return usual if value is None or not np.isfinite(value) else float(value)


def _mean_stance(
    trial: xr.Dataset, contacts: pd.DataFrame, weigh: bool, cutoff_hz: float | None
) -> pd.DataFrame:
    force = trial["ground_reaction_force"].sel(axis=UP, drop=True).astype(float)
    force = low_pass(force, cutoff_hz) if cutoff_hz else force
    weight_n = plate_weight(trial) if weigh else float(trial.attrs["mass_kg"]) * GRAVITY_MPS2
    spans = contacts.rename(columns={"strike_s": "start_s", "toe_off_s": "end_s"})
    stances = [
        cut_cycles(force.sel(foot=foot, drop=True), own, samples=SAMPLES).values
        for foot, own in spans.groupby("foot", sort=False)
    ]
    curve = 100.0 * np.concatenate(stances).mean(axis=0) / weight_n
    labels = {name: trial.attrs.get(name) for name in CURVE_LABELS}
    labels["mass_kg"] = weight_n / GRAVITY_MPS2
    return pd.DataFrame(
        {
            "phase_percent": np.linspace(0.0, 100.0, SAMPLES),
            "value": curve,
            "gait": gait_of(trial),
            "speed_mps": round(progression_speed(trial), 3),
            "contact_time_s": float((contacts["toe_off_s"] - contacts["strike_s"]).mean()),
            "stances": len(contacts),
        }
    ).assign(**labels)


def _alike(measured: np.ndarray, found: np.ndarray) -> dict[str, float]:
    return {
        "r": float(np.corrcoef(measured, found)[0, 1]),
        "rmse": float(np.sqrt(np.mean((found - measured) ** 2))),
        "peak_real": float(measured.max()),
        "peak_simulated": float(found.max()),
        "peak_ratio": float(found.max() / measured.max()),
    }
