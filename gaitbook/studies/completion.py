"""A trial completed by a model: motion and force that were not measured, drawn many times; labels in, labels out.

First everything that is missing is drawn together. Where motion had to be drawn, the force and moment that each drawn
motion requires by Newton and Euler are computed, and force is drawn once more with them given.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gaitbook.mechanics.loads import smooth_motion
from gaitbook.models.families import smooth_noise
from gaitbook.representation.channels import FORCE, PHYSICS, STATES, numbers_of
from gaitbook.representation.decoding import decode_forces, decode_motion
from gaitbook.representation.hiding import hidden_channels
from gaitbook.representation.overlap import cut_windows, merge_windows
from gaitbook.representation.states import LEG, encode_person, encode_states, physics_channels
from gaitbook.studies.measured_motion import MeasuredMotion

DRAWS: Final = 50
STEPS: Final = 5
DRAWN_CUTOFF_HZ: Final = 8.0
"""What a drawn motion requires is computed below this: its jitter, differentiated twice, would drown the rest."""


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
    """

    draws: int = DRAWS
    steps: int = STEPS
    physics: bool = True
    seed: int = 0


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
        foot), N m; ``in_contact``; and the attributes of the trial.
    """
    plan = plan or CompletionPlan()
    values = _values(motion, hidden, force_known, plan)
    noise = _noise(plan, len(values))
    person = encode_person(motion.trial)
    states = _complete(model, values, person, noise, plan)
    moved = decode_motion(states, _hide(motion.trial, hidden), motion.model)
    if plan.physics and _lacks_legs(values):
        states = _with_physics(motion, model, moved, states, person, noise, plan)
    forces = decode_forces(states, moved, motion.model)
    return moved.merge(forces).assign_attrs(motion.trial.attrs)


def _values(
    motion: MeasuredMotion, hidden: Collection[str], force_known: bool, plan: CompletionPlan
) -> Tensor:
    values = encode_states(motion.trial, motion.model, hidden=hidden, physics=plan.physics)
    values[:, hidden_channels(hidden)] = torch.nan
    if not force_known:
        values[:, numbers_of(FORCE)] = torch.nan
    return values


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


def _complete_each(
    model: Completer, values: Tensor, person: Tensor, noise: Tensor, plan: CompletionPlan
) -> Tensor:
    """States (draw, time, state) where every draw is given other values (draw, time, channel)."""
    windows, random = (
        cut_windows(each, model.frames, fill=fill) for each, fill in ((values, torch.nan), (noise, 0.0))
    )
    flat, noisy = windows.flatten(0, 1), random.flatten(0, 1)
    drawn = model.complete(flat, person.expand(len(flat), -1), noisy[None], steps=plan.steps)[0]
    return merge_windows(drawn.unflatten(0, windows.shape[:2]), values.shape[1])


def _hide(trial: xr.Dataset, hidden: Collection[str]) -> xr.Dataset:
    """Trial without what is hidden, so that decoding takes it from the states."""
    angle = trial["joint_angle"]
    return trial.assign(joint_angle=angle.where(~angle["coordinate"].isin(list(hidden))))


def _lacks_legs(values: Tensor) -> bool:
    return bool(torch.isnan(values[:, numbers_of([f"angle/{name}" for name in LEG])]).any())


def _with_physics(
    motion: MeasuredMotion,
    model: Completer,
    moved: xr.Dataset,
    states: Tensor,
    person: Tensor,
    noise: Tensor,
    plan: CompletionPlan,
) -> Tensor:
    """Force drawn again, each draw of the motion with the force that it requires."""
    given = torch.cat([states, states.new_full((*states.shape[:2], len(PHYSICS)), torch.nan)], dim=-1)
    given[..., numbers_of(FORCE)] = torch.nan
    for draw in range(len(states)):
        drawn = smooth_motion(moved.isel(draw=draw).assign_attrs(motion.trial.attrs), DRAWN_CUTOFF_HZ)
        required = physics_channels(drawn, motion.model)
        table = np.stack([required[name] for name in PHYSICS], axis=-1)
        given[draw, :, numbers_of(PHYSICS)] = torch.from_numpy(table.astype(np.float32))
    return _complete_each(model, given, person, noise, plan)
