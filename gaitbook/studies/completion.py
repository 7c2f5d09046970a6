"""A trial completed by a model: motion and force that were not measured, drawn many times; labels in, labels out.

First everything that is missing is drawn together. Then force is found once more, by a network that looks for nothing
else, from the same that is known; how much either counts was learned. Last, force is brought nearer to what the motion
requires by Newton and Euler, measured or drawn, and to what a floor can give.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gaitbook.models.families import smooth_noise
from gaitbook.models.found_force import ForceFinder, found_force, mix_force
from gaitbook.representation.channels import FORCE, PHYSICS, REQUIRED, STATES, numbers_of
from gaitbook.representation.decoding import decode_forces, decode_motion
from gaitbook.representation.hiding import hidden_channels
from gaitbook.representation.overlap import cut_windows, merge_windows
from gaitbook.representation.states import encode_person, encode_states
from gaitbook.studies.completion_physics import (
    correct_forces,
    drawn_requirement,
    gain_of,
    label_requirement,
    residual_percent_bw,
)
from gaitbook.studies.force_share import share_of
from gaitbook.studies.measured_motion import MeasuredMotion

DRAWS: Final = 50
STEPS: Final = 5
MOSTLY: Final = 0.5
RESIDUAL: Final = "residual_percent_bw"


class Completer(Protocol):
    """A trained model, ours or a peer."""

    @property
    def frames(self) -> int:
        """Frames per window."""

    def complete(self, values: Tensor, person: Tensor, noise: Tensor, *, steps: int = STEPS) -> Tensor:
        """Windows with everything in them."""


@dataclass(frozen=True)
class CompletionPlan:
    """How a trial is completed.

    Parameters
    ----------
    draws
        How many times.
    steps
        Passes through the network for each.
    physics
        Give the model what Newton and Euler require.
    seed
        Of the draws.
    correct
        Bring force nearer to what the motion requires, by as much as the model's card says; limit friction, keep the
        center of pressure on the sole, and leave nothing on a foot in the air. Models whose card says nothing, and
        force that was measured, are left as they are.
    share
        How much of the force that is found counts, against the force that is drawn with the motion; by default as much
        as the model's card says.
    """

    draws: int = DRAWS
    steps: int = STEPS
    physics: bool = True
    seed: int = 0
    correct: bool = True
    share: float | None = None


def complete_trial(
    motion: MeasuredMotion,
    model: Completer,
    *,
    hidden: Collection[str] = (),
    force_known: bool = False,
    plan: CompletionPlan | None = None,
) -> xr.Dataset:
    """Motion and force of a trial, drawn many times.

    Parameters
    ----------
    motion
        The trial with its body; coordinates that it lacks are completed as well.
    model
        Trained.
    hidden
        Coordinates to take as not known.
    force_known
        Let the model see the force that the trial has.
    plan
        How many draws, and how.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (draw, time, coordinate), rad; ``pelvis_position`` (draw, time, axis), m;
        ``ground_reaction_force`` (draw, time, foot, axis), N; ``center_of_pressure``, m; ``free_moment`` (draw, time,
        foot), N m; ``in_contact``; ``required_force`` (time, axis), N, what the motion requires by Newton, mean of the
        draws; and the attributes of the trial with ``residual_percent_bw``, how far the mean force is from that.
    """
    plan = plan or CompletionPlan()
    values = _values(motion, hidden, force_known)
    noise = _noise(plan, len(values))
    person = encode_person(motion.trial)
    given = _given(values, plan)
    states = _complete(model, given, person, noise, plan)
    moved = decode_motion(states, _hide(motion.trial, hidden), motion.model)
    required = _required(values, moved, motion)
    drawn = _mostly(torch.isnan(values[:, numbers_of(REQUIRED)]).any(dim=1))
    if isinstance(model, ForceFinder) and model.force is not None:
        trial = motion.trial if "gait" in motion.trial.attrs else decode_forces(states, moved, motion.model)
        share = share_of(getattr(model, "card", {}), trial, drawn=drawn, always=plan.share)
        states = mix_force(values, states, found_force(model, given, person, noise), torch.tensor(share))
    completed = moved.merge(decode_forces(states, moved, motion.model)).assign_attrs(motion.trial.attrs)
    force = label_requirement(required.double().numpy(), moved)
    if plan.correct and not force_known:
        completed = _corrected(completed, force, model, motion, drawn=drawn)
    return _with_residual(completed, force)


def _values(motion: MeasuredMotion, hidden: Collection[str], force_known: bool) -> Tensor:
    values = encode_states(motion.trial, motion.model, hidden=hidden)
    values[:, hidden_channels(hidden)] = torch.nan
    if not force_known:
        values[:, numbers_of(FORCE)] = torch.nan
    return values


def _given(values: Tensor, plan: CompletionPlan) -> Tensor:
    """What the model is given of it."""
    if plan.physics:
        return values
    given = values.clone()
    given[..., numbers_of(PHYSICS)] = torch.nan
    return given


def _noise(plan: CompletionPlan, frames: int) -> Tensor:
    """One field of noise for each draw; every other draw has that of the one before, reversed in sign.

    The mean of such pairs strays less from that of all possible draws.
    """
    random = torch.Generator().manual_seed(plan.seed)
    half = smooth_noise((plan.draws + 1) // 2, frames, STATES, random=random)
    return torch.stack([half, -half], dim=1).flatten(0, 1)[: plan.draws]


def _complete(
    model: Completer, values: Tensor, person: Tensor, noise: Tensor, plan: CompletionPlan
) -> Tensor:
    """States (draw, time, state) of a sequence (time, channel)."""
    windows = cut_windows(values, model.frames)
    told = person.expand(len(windows), -1)
    drawn = model.complete(windows, told, cut_windows(noise, model.frames, fill=0.0), steps=plan.steps)
    return merge_windows(drawn, len(values))


def _mostly(unknown: Tensor) -> bool:
    return bool(unknown.float().mean() > MOSTLY)


def _hide(trial: xr.Dataset, hidden: Collection[str]) -> xr.Dataset:
    """Trial without what is hidden, so that decoding takes it from the states."""
    angle = trial["joint_angle"]
    return trial.assign(joint_angle=angle.where(~angle["coordinate"].isin(list(hidden))))


def _required(values: Tensor, moved: xr.Dataset, motion: MeasuredMotion) -> Tensor:
    """What the motion requires (draw, time, channel): as it was measured, and elsewhere as each draw has it.

    One draw stands for all where nothing had to be drawn for it.
    """
    known = values[:, numbers_of(REQUIRED)]
    if not torch.isnan(known).any():
        return known[None]
    drawn = torch.from_numpy(drawn_requirement(moved, motion.model).astype(np.float32))
    return torch.where(torch.isnan(known), drawn, known)


def _corrected(
    completed: xr.Dataset, required: xr.DataArray, model: Completer, motion: MeasuredMotion, *, drawn: bool
) -> xr.Dataset:
    gain = gain_of(getattr(model, "card", {}), completed, drawn=drawn)
    return completed if gain is None else correct_forces(completed, required, gain, motion.model)


def _with_residual(completed: xr.Dataset, required: xr.DataArray) -> xr.Dataset:
    mean = required.mean("draw", keep_attrs=True) if "draw" in required.dims else required
    residual = {RESIDUAL: residual_percent_bw(completed, mean)}
    return completed.assign(required_force=mean).assign_attrs(residual)
