"""GaitDynamics' way to change a stride, asked the same as ours: a meeting place of labels and tensors.

What a request is about is clamped to what people in training did on average when asked for it, which is more than the
recipe was given (it multiplied the person's own trunk sway); speed is clamped as well. All else is generated.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from gaitbook.mechanics.threads import one_thread
from gaitbook.models.guided_recipe import Followed, guided_strides
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import DOSES, GaitChange
from gaitbook.representation.stride_numbers import (
    MOTION,
    NAMES,
    SMALL_TIMING,
    WAVES,
    decode_strides,
    encode_stride,
    wave_table,
)

CLAMPED: Final[Mapping[str, tuple[str, ...]]] = {
    "trunk_lean_rad": ("angle/lumbar_extension", "angle/lumbar_bending", "angle/lumbar_rotation"),
    "toe_out_rad": ("angle/hip_rotation_r", "angle/hip_rotation_l"),
    "step_width_m": ("angle/hip_adduction_r", "angle/hip_adduction_l"),
    "medial_thrust_rad": (
        "angle/hip_rotation_r",
        "angle/hip_rotation_l",
        "angle/subtalar_angle_r",
        "angle/subtalar_angle_l",
    ),
    "stride_length": ("log_period",),
}
"""Channels that a request is about."""
SPEED: Final = "log_speed"
USUAL: Final = "usual_change"
RANGES: Final = "ranges"
THRESHOLD: Final = {"speed": 0.3, "modification": 0.1}
"""How near the rest is kept to the own stride, a share of the range of each channel."""
FEWEST: Final = 5


@one_thread()
def guide_stride(
    stride: xr.Dataset, change: GaitChange, model: StrideModel, *, draws: int = 1, seed: int = 0
) -> xr.Dataset:
    """Strides by the recipe, as `gaitbook.change_stride` gives them.

    Parameters
    ----------
    stride
        The person's own.
    change
        What is asked for.
    model
        Draws whole strides; its card tells the ranges and the usual changes.
    draws, seed
        How many strides (the recipe takes one), and which.
    """
    own = model.axes.fill(encode_stride(stride)[None])[0]
    target, clamped = _target(own, stride, change, model.card)
    kind = "modification" if any(change.doses.values()) else "speed"
    rows = guided_strides(
        model,
        own,
        target,
        clamped,
        _followed(model.card),
        threshold=THRESHOLD[kind],
        noise=model.noise(draws, seed),
    )
    speed_mps = float(change.speed_mps or stride.attrs["speed_mps"])
    return decode_strides(rows, stride).assign_attrs(
        speed_mps=speed_mps, change=change.label, kind=change.kind
    )


def recipe_facts(rows: Tensor, facts: pd.DataFrame) -> dict[str, Any]:
    """What the recipe has to be told, for the card of its model: ranges of the channels, and usual changes per dose.

    Parameters
    ----------
    rows, facts
        Strides of the people in training, with what they were asked for.
    """
    motion = rows[:, : len(MOTION) * WAVES].nan_to_num().reshape(len(rows), len(MOTION), WAVES)
    waves = torch.from_numpy(wave_table()).float()
    samples = motion @ waves
    spans = samples.amax(dim=(0, 2)) - samples.amin(dim=(0, 2))
    return {RANGES: [round(float(each), 3) for each in spans], USUAL: _usual_changes(rows, facts)}


def _usual_changes(rows: Tensor, facts: pd.DataFrame) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Mean change of the clamped channels per unit of each dose, by gait, least squares through the own gait."""
    simulated = facts[facts["source"] == "simulated"]
    still = (simulated[list(DOSES)] == 0.0).all(axis=1) & ~simulated["measured"].astype(bool)
    keys = ["subject", "gait", "mirrored", "speed_mps"]
    own = simulated[still].reset_index(names="place").drop_duplicates(keys).set_index(keys)["place"]
    usual: dict[str, dict[str, dict[str, list[float]]]] = {}
    for gait in simulated["gait"].unique():
        usual[str(gait)] = {}
        for dose in DOSES:
            others = [name for name in DOSES if name != dose]
            alone = simulated[
                (simulated["gait"] == gait)
                & (simulated[dose] != 0.0)
                & (simulated[others] == 0.0).all(axis=1)
            ]
            before = own.reindex(pd.MultiIndex.from_frame(alone[keys]))
            known = before.notna().to_numpy()
            if known.sum() < FEWEST:
                continue
            size = torch.from_numpy(alone[dose].to_numpy()[known]).float()
            moved = rows[alone.index.to_numpy()[known]] - rows[before.to_numpy()[known].astype(int)]
            slope = (size @ moved) / (size @ size)
            usual[str(gait)][dose] = {
                name: [float(f"{value:.4g}") for value in slope[_places(name)]] for name in CLAMPED[dose]
            }
    return usual


def _target(
    own: Tensor, stride: xr.Dataset, change: GaitChange, card: Mapping[str, Any]
) -> tuple[Tensor, Tensor]:
    target, clamped = own.clone(), torch.zeros(len(own), dtype=torch.bool)
    usual = card[USUAL].get(str(stride.attrs["gait"]), {})
    for dose, size in change.doses.items():
        for name, slope in usual.get(dose, {}).items() if size else ():
            target[_places(name)] += size * torch.tensor(slope)
            clamped[_places(name)] = True
    place = _places(SPEED)
    if change.speed_mps is not None:
        ratio = float(np.log(change.speed_mps / float(stride.attrs["speed_mps"])))
        target[place] += ratio / SMALL_TIMING
    clamped[place] = True
    return target, clamped


def _places(name: str) -> list[int]:
    """Numbers of a row that belong to a channel."""
    if name in NAMES:
        return [NAMES.index(name)]
    return [NAMES.index(f"{name}/{wave}") for wave in range(WAVES)]


def _followed(card: Mapping[str, Any]) -> Followed:
    """All samples of the motion, as a function of a row."""
    waves = torch.from_numpy(wave_table()).float().T
    from_row = torch.zeros(len(MOTION) * len(waves), len(NAMES))
    for number in range(len(MOTION)):
        rows = slice(number * len(waves), (number + 1) * len(waves))
        from_row[rows, number * WAVES : (number + 1) * WAVES] = waves
    return Followed(from_row, torch.tensor(card[RANGES]).repeat_interleave(len(waves)).clamp(min=1e-3))
