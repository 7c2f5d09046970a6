"""A person's stride changed as asked, drawn many times: a meeting place of labels and tensors."""

from typing import Any, Final

import numpy as np
import torch
import xarray as xr

from gaitbook.mechanics.threads import one_thread
from gaitbook.models.stride_model import STEPS, StrideModel
from gaitbook.representation.gait_change import GaitChange, encode_person, encode_request
from gaitbook.representation.stride_numbers import TIMING, decode_strides, encode_stride
from gaitbook.studies.change_limits import own_words, reach_of

DRAWS: Final = 50
FARTHEST: Final = 1.5
"""The trend is carried on to so many times what was seen, and no farther; intervals go on widening."""
CARRIED: Final = "What follows carries on the trend of smaller doses."
NEAREST: Final = "What follows is the answer at the nearest speed that it has seen."
MOST_BEYOND: Final = 10.0
LEAST_STANCE: Final = 5.0
"""Shortest stance, in the unit of the numbers of a stride (hundredths of it)."""


@one_thread()
def change_stride(
    stride: xr.Dataset,
    change: GaitChange,
    model: StrideModel,
    *,
    draws: int = DRAWS,
    steps: int = STEPS,
    seed: int = 0,
) -> xr.Dataset:
    """Strides of a person who does what was asked.

    What is added to the own stride is the difference between draws under the request and draws under none, from the
    same noise: what the model gets wrong about the person is in both and drops out.

    Parameters
    ----------
    stride
        The person's own, as given by `gaitbook.mean_stride`; what it lacks of the upper body is filled by what is
        usual.
    change
        What is asked for.
    model
        Trained.
    draws
        How many strides.
    steps
        Passes through the network.
    seed
        Of the draws.

    Returns
    -------
    xarray.Dataset
        The variables of the stride with ``draw`` first. ``attrs``: those of the stride, ``speed_mps`` (or its limit),
        ``change`` in words, ``beyond`` (how many times farther than anything seen, 1 to 10) and ``warning`` (a
        sentence, empty if there is nothing to warn of).

    Raises
    ------
    ValueError
        The model has not learned the gait of the stride.
    """
    reach = reach_of(change, stride, model.card)
    times = min(reach.times, FARTHEST)
    own = model.axes.fill(encode_stride(stride)[None])
    drawn = own + times * _moved(stride, reach.within, model, draws=draws, steps=steps, seed=seed)
    for name in ("stance_right", "stance_left"):
        place = TIMING.index(name) - len(TIMING)
        drawn[:, place] = drawn[:, place].clamp(min=LEAST_STANCE)
    words = [*reach.words, *own_words(own_distance(stride, model))]
    said = [f"{each}." for each in words]
    said += [CARRIED] if reach.times > 1.0 else []
    said += [NEAREST] if reach.within.speed_mps != change.speed_mps else []
    speed_mps = float(reach.within.speed_mps or stride.attrs["speed_mps"])
    facts: dict[str, Any] = {
        "change": change.label,
        "kind": change.kind,
        "beyond": float(min(reach.beyond, MOST_BEYOND)),
        "warning": " ".join(said),
    }
    return decode_strides(drawn, stride).assign_attrs(facts, speed_mps=speed_mps)


def _moved(
    stride: xr.Dataset, change: GaitChange, model: StrideModel, *, draws: int, steps: int, seed: int
) -> torch.Tensor:
    """What a request adds to a stride, (draw, number)."""
    row, person, own_mps = encode_stride(stride), encode_person(stride), float(stride.attrs["speed_mps"])
    noise = model.noise(draws, seed)
    asked, unasked = (
        model.change(row, torch.cat([person, encode_request(each, own_mps)]), noise, steps=steps)
        for each in (change, GaitChange())
    )
    return asked - unasked


@one_thread()
def fill_stride(stride: xr.Dataset, model: StrideModel) -> xr.Dataset:
    """Own stride as the model sees it, with one draw: coordinates that were not measured are the usual ones."""
    return decode_strides(model.axes.fill(encode_stride(stride)[None]), stride)


@one_thread()
def own_distance(stride: xr.Dataset, model: StrideModel) -> float:
    """How far a stride is from the middle of its gait, over what is usual for people the model has seen (1)."""
    usual = model.card["own"].get(str(stride.attrs["gait"]))
    if usual is None:
        return 1.0
    scores = model.axes.scores(encode_stride(stride)[None])[0].numpy()
    apart = (scores - np.array(usual["mean"])) / np.maximum(usual["deviation"], 1e-3)
    return float(np.sqrt(np.mean(apart**2)))


def mean_of_draws(drawn: xr.Dataset) -> xr.Dataset:
    """Mean stride of many draws."""
    period_s = float(drawn["period_s"].mean())
    return drawn.drop_vars("period_s").mean("draw", keep_attrs=True).assign_attrs(period_s=period_s)
