"""Mean strides of the runners of RBDS, both sides laid onto the right; used by derive_references.py."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

import gaitbook as gb
from gaitbook.cohort.store import iterate_trials
from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.studies.tracking import track_bodies
from gaitbook.studies.trials import measured_strides, prepare_trial

Array = NDArray[np.float64]

DURATION_S = 8.0
SAMPLES = 100
STANCE = np.linspace(0.0, 1.0, 21)
FOOT_OVER_HEIGHT = 0.152
"""Heel to tip of the toes over body height, as in gaitbook/mechanics/generic_body.yml."""
FLAT = 0.35
"""Part of stance at which the whole foot is on the floor."""
LOADED_N = 100.0
"""Below this vertical force the center of pressure of the treadmill is not to be trusted."""
LEG = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle")
PELVIS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")


@dataclass(frozen=True)
class MeanStride:
    """Mean stride of a runner at a speed.

    Parameters
    ----------
    runner, speed_mps
        Who and how fast.
    angles
        Coordinate without side to its cycle (100 phases), degrees.
    force
        (stance, axis) on the right foot over the mean vertical force; z to the right.
    pressure
        (stance, along and lateral), lengths of the foot from the heel; not a number where the foot is hardly loaded.
    timing
        stride_s, contact_s, toe_out_deg, step_width_m, mean vertical force in body weights.
    """

    runner: str
    speed_mps: float
    angles: dict[str, Array]
    force: Array
    pressure: Array
    timing: dict[str, float]


def split_runners(names: list[str]) -> tuple[list[str], list[str]]:
    """Runners to learn from, and every third, kept for evaluation."""
    ordered = sorted(names)
    return [name for i, name in enumerate(ordered) if i % 3 != 2], ordered[2::3]


def all_runners() -> list[str]:
    """Names of the runners."""
    cohort = gb.open_cohort("rbds", progress=False)
    return sorted({str(node.attrs["subject"]) for node in cohort.leaves if "subject" in node.attrs})


def measure_runners(runners: list[str]) -> list[MeanStride]:
    """Mean strides of the runners at all speeds."""
    cohort = gb.open_cohort("rbds", progress=False)
    trials = []
    for whole in iterate_trials(cohort, subjects=runners):
        start_s = float(whole["time"][0])
        trials.append(
            prepare_trial(whole.sel(time=slice(start_s, start_s + DURATION_S)), sampling_rate_hz=150.0)
        )
    tracked = track_bodies(trials, progress=False)
    for exclusion in tracked.exclusions:
        print("left out:", exclusion)
    return [mean_stride(each.trial) for each in tracked.trials]


def mean_stride(trial: xr.Dataset) -> MeanStride:
    """Mean over both sides of the mean stride of a trial."""
    sides = [right_stride(trial), right_stride(gb.mirror_trial(trial))]
    return MeanStride(
        runner=str(trial.attrs["subject"]),
        speed_mps=round(float(trial.attrs["speed_mps"]), 1),
        angles={name: np.mean([side.angles[name] for side in sides], axis=0) for name in LEG + PELVIS},
        force=np.mean([side.force for side in sides], axis=0),
        pressure=np.mean([side.pressure for side in sides], axis=0),
        timing={key: float(np.mean([side.timing[key] for side in sides])) for key in sides[0].timing},
    )


def right_stride(trial: xr.Dataset) -> MeanStride:
    """Mean stride of the right foot."""
    strides = measured_strides(trial)
    strides = strides[strides["foot"] == "right"]
    angle = np.rad2deg(gb.cut_cycles(trial["joint_angle"], strides, samples=SAMPLES + 1)).mean("cycle")
    stance = pd.DataFrame({"start_s": strides["start_s"], "end_s": strides["toe_off_s"]})
    weight_n = float(trial["ground_reaction_force"].sel(axis="y").sum("foot").mean())
    force = gb.cut_cycles(trial["ground_reaction_force"].sel(foot="right"), stance, samples=len(STANCE))
    toe_out_deg, pressure = pressure_path(trial, stance)
    stride_s = strides["end_s"] - strides["start_s"]
    return MeanStride(
        runner=str(trial.attrs["subject"]),
        speed_mps=float(trial.attrs["speed_mps"]),
        angles={
            name: angle.sel(coordinate=name if name in PELVIS else f"{name}_r").to_numpy()[:-1]
            for name in LEG + PELVIS
        },
        force=(force.mean("cycle") / weight_n).to_numpy(),
        pressure=pressure,
        timing={
            "stride_s": float(stride_s.mean()),
            "contact_s": float((stance["end_s"] - stance["start_s"]).mean()),
            "stride_cv": float(stride_s.std() / stride_s.mean()),
            "toe_out_deg": toe_out_deg,
            "step_width_m": step_width(trial),
            "mean_force_body_weight": weight_n / (float(trial.attrs["mass_kg"]) * GRAVITY_MPS2),
        },
    )


def pressure_path(trial: xr.Dataset, stance: pd.DataFrame) -> tuple[float, Array]:
    """Toe-out and center of pressure in the frame of the planted foot, which the belt carries backward."""
    foot_m = FOOT_OVER_HEIGHT * float(trial.attrs["height_m"])
    markers = trial["marker_position"]
    flat_s = (stance["start_s"] + FLAT * (stance["end_s"] - stance["start_s"])).to_numpy()
    heel, toe = (
        markers.sel(marker=names).mean("marker").interp(time=flat_s).to_numpy()[:, [0, 2]]
        for names in (["R.Heel.Bottom"], ["R.MT1", "R.MT5"])
    )
    ahead = (toe - heel) / np.linalg.norm(toe - heel, axis=1, keepdims=True)
    aside = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    loaded = trial["ground_reaction_force"].sel(foot="right", axis="y") > LOADED_N
    pressure = trial["center_of_pressure"].sel(foot="right").where(loaded)
    cycles = gb.cut_cycles(pressure, stance, samples=len(STANCE)).sel(axis=["x", "z"]).to_numpy()
    since_s = np.outer(stance["end_s"] - stance["start_s"], STANCE - FLAT)
    cycles[..., 0] += float(trial.attrs["speed_mps"]) * since_s
    from_heel = cycles - heel[:, None]
    path = np.stack([np.einsum("cpi,ci->cp", from_heel, axis) for axis in (ahead, aside)], axis=-1) / foot_m
    seen = np.isfinite(path).all(-1).sum(0) > len(path) / 2
    mean = np.full(path.shape[1:], np.nan)
    mean[seen] = np.nanmedian(path[:, seen], axis=0)
    return float(np.degrees(np.arctan2(ahead[:, 1], ahead[:, 0]).mean())), mean


def step_width(trial: xr.Dataset) -> float:
    """Distance between the right and the left foot's center of pressure across the belt, weighted by force."""
    force = trial["ground_reaction_force"].sel(axis="y")
    across = trial["center_of_pressure"].sel(axis="z").where(force > LOADED_N)
    mean = (across * force.where(across.notnull())).sum("time") / force.where(across.notnull()).sum("time")
    return float(mean.sel(foot="right") - mean.sel(foot="left"))
