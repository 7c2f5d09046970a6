"""A stride as one row of numbers, free of the size of the person, and back.

Angles and the path of the pelvis are Fourier coefficients of the cycle; force is told over stance, in body weights;
then come the timing of the feet and the logarithms of period and speed. Every number is divided by what counts as a
small difference of it, so that distances between rows mean something.
"""

from typing import Any, Final

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.curves import PHASES, STANCES
from gaitbook.representation.stride import LEVER_AXES

Array = NDArray[np.float64]

HARMONICS: Final = 16
WAVES: Final = 1 + 2 * HARMONICS
MOTION: Final = (*(f"pelvis/{axis}" for axis in AXES), *(f"angle/{name}" for name in ANGLES))
FORCE: Final = tuple(
    f"{what}/{foot}"
    for foot in FEET
    for what in ("force/x", "force/y", "force/z", "lever/x", "lever/z", "free_moment")
)
TIMING: Final = ("left_strike", "stance_right", "stance_left", "log_period", "log_speed")
SMALL: Final = {"pelvis": 0.004, "angle": 0.02, "force": 0.02, "lever": 0.003, "free_moment": 0.001}
"""Differences that count as small: heights; rad; body weights; body weights times heights (twice)."""
SMALL_TIMING: Final = 0.01
NAMES: Final = (
    *(f"{name}/{wave}" for name in MOTION for wave in range(WAVES)),
    *(f"{name}/{sample}" for name in FORCE for sample in range(STANCES)),
    *TIMING,
)
"""What each number of a row is."""
NUMBERS: Final = len(NAMES)
_MOTION_END: Final = len(MOTION) * WAVES
_FORCE_END: Final = _MOTION_END + len(FORCE) * STANCES


def encode_stride(stride: xr.Dataset) -> Tensor:
    """Row of numbers (number,) of a stride, float32; NaN where an angle is not known.

    Parameters
    ----------
    stride
        As given by `gaitbook.representation.stride.mean_stride`, or one draw of `decode_strides`.
    """
    weight_n, height_m = _sizes(stride)
    angle = stride["joint_angle"].reindex(coordinate=list(ANGLES)).transpose("coordinate", "phase").values
    path = stride["pelvis_offset"].sel(axis=list(AXES)).transpose("axis", "phase").values / height_m
    motion = np.concatenate([path / SMALL["pelvis"], angle / SMALL["angle"]]) @ _analysis()
    feet = [_foot_rows(stride.sel(foot=foot), weight_n, height_m) for foot in FEET]
    share, strike = (stride[name].sel(foot=list(FEET)).values for name in ("stance_share", "strike"))
    period_s = float(stride["period_s"] if "period_s" in stride else stride.attrs["period_s"])
    pace = np.log([period_s, float(stride.attrs["speed_mps"])])
    timing = np.array([strike[1], *share, *pace]) / SMALL_TIMING
    row = np.concatenate([motion.ravel(), *(each.ravel() for each in feet), timing])
    return torch.from_numpy(row.astype(np.float32))


def decode_strides(rows: Tensor, person: xr.Dataset) -> xr.Dataset:
    """Strides with the dim ``draw`` from rows (draw, number).

    Parameters
    ----------
    rows
        As given by `encode_stride`.
    person
        Stride or trial whose ``attrs`` tell mass, height, and what else belongs to the person and the request.

    Returns
    -------
    xarray.Dataset
        The variables of `gaitbook.representation.stride.mean_stride`, each with ``draw`` first, and ``period_s``
        (draw).
    """
    weight_n, height_m = _sizes(person)
    table = rows.double().numpy()
    path, angle = _cycles(table)
    curves = _stances(table, weight_n, height_m)
    timing = SMALL_TIMING * table[:, _FORCE_END:]
    strike = np.stack([np.zeros(len(table)), timing[:, 0]], axis=1)
    cycle, stance = ("draw", "phase"), ("draw", "foot", "stance")
    whole = {
        "joint_angle": ((*cycle, "coordinate"), SMALL["angle"] * angle, {"units": "rad"}),
        "pelvis_offset": ((*cycle, "axis"), SMALL["pelvis"] * height_m * path, {"units": "m"}),
        "stance_force": ((*stance, "axis"), curves[..., :3], {"units": "N"}),
        "stance_lever": ((*stance, "lever"), curves[..., 3:5], {"units": "N m"}),
        "stance_free_moment": (stance, curves[..., 5], {"units": "N m"}),
        "strike": (("draw", "foot"), strike, {"units": "1"}),
        "stance_share": (("draw", "foot"), timing[:, 1:3], {"units": "1"}),
        "period_s": ("draw", np.exp(timing[:, 3]), {"units": "s"}),
    }
    return xr.Dataset(whole, _labels(len(table)), person.attrs)


def _labels(draws: int) -> dict[str, Any]:
    return {
        "draw": np.arange(draws),
        "phase": np.arange(PHASES) / PHASES,
        "coordinate": list(ANGLES),
        "axis": list(AXES),
        "foot": list(FEET),
        "stance": np.linspace(0.0, 1.0, STANCES),
        "lever": list(LEVER_AXES),
    }


def _cycles(table: Array) -> tuple[Array, Array]:
    """Path of the pelvis (draw, phase, axis) and angles (draw, phase, coordinate), in small differences."""
    waves = table[:, :_MOTION_END].reshape(len(table), len(MOTION), WAVES) @ wave_table()
    path, angle = np.split(waves.transpose(0, 2, 1), [len(AXES)], axis=2)
    return path, angle


def _stances(table: Array, weight_n: float, height_m: float) -> Array:
    """Force, lever and free moment of the feet, (draw, foot, stance, 6), N and N m."""
    force = table[:, _MOTION_END:_FORCE_END].reshape(len(table), len(FEET), -1, STANCES)
    arm = [SMALL["lever"] * height_m] * 2 + [SMALL["free_moment"] * height_m]
    scale = np.array([SMALL["force"]] * 3 + arm)
    return np.asarray((force * (weight_n * scale)[:, None]).transpose(0, 1, 3, 2))


def _foot_rows(foot: xr.Dataset, weight_n: float, height_m: float) -> Array:
    force = foot["stance_force"].sel(axis=list(AXES)).transpose("axis", "stance").values / SMALL["force"]
    lever = foot["stance_lever"].transpose("lever", "stance").values / (SMALL["lever"] * height_m)
    twist = foot["stance_free_moment"].values / (SMALL["free_moment"] * height_m)
    return np.concatenate([force, lever, twist[None]]) / weight_n


def _sizes(stride: xr.Dataset) -> tuple[float, float]:
    return float(stride.attrs["mass_kg"]) * GRAVITY_MPS2, float(stride.attrs["height_m"])


def wave_table() -> Array:
    """Waves (wave, phase) of equal power: one, and cosine and sine of every harmonic times the root of two."""
    phase = 2.0 * np.pi * np.outer(np.arange(1, HARMONICS + 1), np.arange(PHASES)) / PHASES
    both = np.sqrt(2.0) * np.stack([np.cos(phase), np.sin(phase)], axis=1).reshape(-1, PHASES)
    return np.concatenate([np.ones((1, PHASES)), both])


def _analysis() -> Array:
    return wave_table().T / PHASES
