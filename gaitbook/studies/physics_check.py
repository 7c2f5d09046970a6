"""Study: does a simulated trial keep the laws of mechanics, and do its feet stand on the ground?

Everything is computed again from what the trial holds, by finite differences of its samples; where these cannot show
as little as the limit asks for, what they can show at the sampling rate takes its place and the table says so. What
the simulator itself reports of its exact solution stands beside.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import rate_of
from gaitbook.cohort.events import detect_contacts, find_strides
from gaitbook.conventions import GRAVITY_MPS2, PELVIS_TRANSLATIONS, UP
from gaitbook.mechanics.gait_checks import balance_residual
from gaitbook.mechanics.loads import joint_moments, required_force
from gaitbook.studies.foot_check import foot_quantities
from gaitbook.studies.trial_facts import gait_of, stature_m, weight_n

EDGE_S: Final = 0.25
"""Left out at both ends, where derivatives know too little."""
EDGE_FRAMES: Final = 8
REACH: Final = 6
"""Frames on both sides of a landing or leaving that are left out: force may have a kink there, and the differences of
every second frame reach so far."""
MOST_LIMITED_SHARE: Final = 0.05
"""Moments are judged where the feet carry more than this share of the weight."""
REPORTED: Final = {
    "force_balance_reported": "residual_force_bw",
    "moment_balance_reported": "residual_moment_bwh",
    "flight_force_reported": "residual_flight_force_bw",
    "flight_moment_reported": "residual_flight_moment_bwm",
    "pressure_shift_reported": "pressure_shift_m",
}


def check_physics(trial: xr.Dataset, model: BodyModel) -> pd.DataFrame:
    """Every hard criterion on one trial.

    Parameters
    ----------
    trial
        With motion, force, center of pressure, free moment and contact; attributes mass_kg, height_m, gait.
    model
        The person's body.

    Returns
    -------
    pandas.DataFrame
        Columns subject, trial, gait, speed_mps, condition, criterion, quantity, value, shown (by how much the value
        changes when every second frame is left out: less, the sampling rate cannot show; 0 where no derivative is
        taken), least, greatest, unit, met, limited (the limit is that of the sampling rate). What the trial is too
        coarse or too short for is not there.
    """
    found = {name: (value, 0.0) for name, value in _exact(trial, model).items()}
    fine = _balance(trial, model)
    coarse = _balance(trial.isel(time=slice(None, None, 2)), model)
    for name, series in fine.items():
        found[name] = (_largest(series), _largest(series.sel(time=coarse[name]["time"]) - coarse[name]))
    gait = gait_of(trial)
    rows = [
        _judge(name, limit, *found[name])
        for name, limit in _limits().items()
        if name in found and limit.get("gait", gait) == gait and not np.isnan(found[name]).any()
    ]
    labels = {name: trial.attrs.get(name, "") for name in ("subject", "trial", "condition")}
    return pd.DataFrame(rows).assign(**labels, gait=gait, speed_mps=trial.attrs.get("speed_mps", np.nan))


def check_all(pairs: Iterable[tuple[xr.Dataset, BodyModel]]) -> pd.DataFrame:
    """Tables of `check_physics` of many trials with their bodies, one below the other."""
    return pd.concat([check_physics(trial, model) for trial, model in pairs], ignore_index=True)


def worst_of(table: pd.DataFrame) -> pd.DataFrame:
    """One row per gait and quantity: the worst trial, the median, and how many trials keep the limit.

    Parameters
    ----------
    table
        As given by `check_all`.

    Returns
    -------
    pandas.DataFrame
        Columns gait, criterion, quantity, median, worst, least, greatest, shown (worst), unit, trials, kept, limited
        (whether a limit was widened to what the samples can show).
    """
    rows = []
    for (gait, criterion, quantity), part in table.groupby(["gait", "criterion", "quantity"], sort=False):
        worst = part["value"].min() if part["greatest"].isna().all() else part["value"].max()
        facts = {"median": part["value"].median(), "worst": worst, "shown": part["shown"].max()}
        limits = {name: part[name].iloc[0] for name in ("least", "greatest", "unit")}
        count = {"trials": len(part), "kept": int(part["met"].sum()), "limited": bool(part["limited"].any())}
        rows.append({"gait": gait, "criterion": criterion, "quantity": quantity} | facts | limits | count)
    return pd.DataFrame(rows)


def _judge(name: str, limit: Mapping[str, Any], value: float, shown: float) -> dict[str, Any]:
    least, greatest = limit.get("least", np.nan), limit.get("greatest", np.nan)
    bound = max(greatest, shown) if limit.get("sampled") else greatest
    return {
        "criterion": limit["criterion"],
        "quantity": name,
        "value": value,
        "shown": shown,
        "least": least,
        "greatest": greatest,
        "unit": limit["unit"],
        "met": bool(not value < least and not value > bound),
        "limited": bool(bound > greatest),
    }


def _exact(trial: xr.Dataset, model: BodyModel) -> dict[str, float]:
    """Quantities that need no derivatives."""
    told = {name: float(trial.attrs.get(source, np.nan)) for name, source in REPORTED.items()}
    angle = trial["joint_angle"].sel(coordinate=["knee_angle_r", "knee_angle_l"])
    bent = {"knee_hyperextension": float(np.rad2deg(-angle.min()))}
    force = trial["ground_reaction_force"].fillna(0.0) / weight_n(trial)
    off = ~trial["in_contact"].astype(bool)
    pull = max(0.0, -float(force.sel(axis=UP).min()))
    still = {"swing_force": float(abs(force).where(off, 0.0).max()), "downward_pull": pull}
    return told | bent | still | foot_quantities(trial, model)


def _balance(trial: xr.Dataset, model: BodyModel) -> dict[str, xr.DataArray]:
    """Residuals over time, whose largest value counts, in body weights (and heights)."""
    weight = weight_n(trial)
    left = balance_residual(trial, model)
    force = _length(left["residual_force"]) / weight
    moment = _length(left["residual_moment"]) / (weight * stature_m(trial))
    carried = trial["ground_reaction_force"].fillna(0.0).sum("foot").sel(axis=UP) / weight
    flying = ~trial["in_contact"].astype(bool).any("foot")
    root = joint_moments(trial, model)
    moving = root["coordinate"].isin(list(PELVIS_TRANSLATIONS))
    turning = root["coordinate"].isin(["pelvis_tilt", "pelvis_list", "pelvis_rotation"])
    series = {
        "force_balance": force,
        "moment_balance": moment.where(carried > MOST_LIMITED_SHARE),
        "flight_force": force.where(flying),
        "flight_moment": moment.where(flying),
        "root_residual_force": abs(root.where(moving, drop=True)).max("coordinate") / weight,
        "root_residual_moment": abs(root.where(turning, drop=True)).max("coordinate")
        / (weight * stature_m(trial)),
    }
    smooth = _smooth_frames(trial)
    return {name: array.where(smooth) for name, array in series.items()} | _stride_means(trial, model)


def _smooth_frames(trial: xr.Dataset) -> xr.DataArray:
    """Frames at which differences are right: not near an end, nor near the landing or leaving of a foot."""
    from scipy.ndimage import binary_dilation

    down = trial["in_contact"].transpose("time", "foot").values.astype(bool)
    changes = np.zeros(len(down), dtype=bool)
    changes[1:] = (down[1:] != down[:-1]).any(axis=1)
    edge = max(EDGE_FRAMES, round(EDGE_S * rate_of(trial)))
    kept = ~binary_dilation(changes, iterations=REACH)
    kept[:edge] = kept[len(kept) - edge :] = False
    return xr.DataArray(kept, {"time": trial["time"].values}, "time")


def _stride_means(trial: xr.Dataset, model: BodyModel) -> dict[str, xr.DataArray]:
    """Mean force over all whole strides, less weight and change of momentum: one value each at the first stride."""
    from scipy.interpolate import make_interp_spline

    strides = find_strides(detect_contacts(trial), foot="right", cycle_s=(0.3, 3.0))
    time_s = trial["time"].values
    start_s, end_s = strides["start_s"].min(), strides["end_s"].max()
    given = trial["ground_reaction_force"].fillna(0.0).sum("foot").transpose("time", "axis").values
    center = required_force(trial, model)["center_of_mass"].transpose("time", "axis").values
    mean_n = make_interp_spline(time_s, given, k=3).integrate(start_s, end_s) / (end_s - start_s)
    change_mps = np.diff(make_interp_spline(time_s, center, k=5)([start_s, end_s], 1), axis=0)[0]
    needed_n = weight_n(trial) / GRAVITY_MPS2 * change_mps / (end_s - start_s) + [0.0, weight_n(trial), 0.0]
    error = np.abs(mean_n - needed_n) / weight_n(trial)
    # both grids of frames share their first one
    labels = {"time": time_s[:1]}
    return {
        "stride_mean_vertical": xr.DataArray(error[1:2], labels, "time"),
        "stride_mean_horizontal": xr.DataArray(error[[0, 2]].max(keepdims=True), labels, "time"),
    }


def _length(vector: xr.DataArray) -> xr.DataArray:
    return (vector**2).sum("axis") ** 0.5


def _largest(series: xr.DataArray) -> float:
    return float(abs(series).max())


@cache
def _limits() -> Mapping[str, Mapping[str, Any]]:
    import yaml

    text = files("gaitbook.studies").joinpath("physics_check.yml").read_text(encoding="utf-8")
    content: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)["limits"]
    return content
