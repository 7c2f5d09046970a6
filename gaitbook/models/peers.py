"""The literature's models, trained on the windows that ours is trained on, for as long, and kept in one file each.

Unlike in the publications, all numbers are standard scores, and all networks are trained by AdamW with a learning rate
that rises and falls.
"""

import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from gaitbook.models.families import Batch
from gaitbook.models.filling import DIFFUSION_STEPS, kept_variance, mid_range
from gaitbook.models.fitting import Fit, FittingPlan, Loss, dropout_from
from gaitbook.models.peer_models import DiffusionPeer, Peer, RegressorPeer
from gaitbook.models.peer_networks import (
    ConvolutionalForceNet,
    DiffusionTransformer,
    RecurrentForceNet,
    RefinementTransformer,
)
from gaitbook.models.weight_files import load_into, read_weights, scale_of, scale_tensors, write_weights
from gaitbook.models.window_sampling import WindowSampler
from gaitbook.representation.channels import FORCE

KIND: Final = "peer"
_Miss = Callable[..., Tensor]


@dataclass(frozen=True)
class Recipe:
    """How a peer is made and trained.

    Parameters
    ----------
    make
        Makes the network, from the numbers of motion and of force per frame.
    loss
        What it is trained to make small.
    learning_rate
        Highest.
    kind
        What it becomes.
    """

    make: Callable[[int, int], nn.Module]
    loss: Loss
    learning_rate: float
    kind: Callable[..., Peer]


def diffusion_loss(network: nn.Module, batch: Batch, random: torch.Generator) -> Tensor:
    """Mean squared error of the clean window, over all that was recorded, at a step drawn evenly."""
    clean, device = batch.states, batch.states.device
    step = torch.randint(DIFFUSION_STEPS, (len(clean),), generator=random).to(device)
    noise = torch.randn(clean.shape, generator=random).to(clean)
    kept = kept_variance().to(clean)[step][:, None, None]
    with dropout_from(random, device):
        answer = network(kept.sqrt() * clean + (1 - kept).sqrt() * noise, step)
    return _recorded_mean((answer - clean) ** 2, batch.recorded)


def squared_force_loss(network: nn.Module, batch: Batch, random: torch.Generator) -> Tensor:
    """Mean squared error of the recorded force, found from all that was recorded of the motion."""
    return _force_loss(network, batch, random, torch.square)


def absolute_force_loss(network: nn.Module, batch: Batch, random: torch.Generator) -> Tensor:
    """Mean absolute error of the recorded force, found from all that was recorded of the motion."""
    return _force_loss(network, batch, random, torch.abs)


PEERS: Final[Mapping[str, Recipe]] = {
    "GaitDynamics diffusion": Recipe(
        lambda motion, force: DiffusionTransformer(motion + force), diffusion_loss, 4e-4, DiffusionPeer
    ),
    "refinement": Recipe(RefinementTransformer, squared_force_loss, 4e-4, RegressorPeer),
    "CNN": Recipe(ConvolutionalForceNet, squared_force_loss, 3e-4, RegressorPeer),
    "LSTM": Recipe(RecurrentForceNet, absolute_force_loss, 5e-3, RegressorPeer),
}
"""Networks of the literature by name, with the published learning rates; ten times it for the convolutional network,
whose 3e-5 was meant for a far longer training."""


def train_peer(
    name: str,
    sampler: WindowSampler,
    plan: FittingPlan,
    *,
    learning_rate: float | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> Peer:
    """Peer trained on the windows that a motion model is trained on, but seeing all that was recorded of the motion.

    Parameters
    ----------
    name
        One of `PEERS`.
    sampler
        Of training windows; what it hides is not hidden.
    plan
        How long, and how; its family is not heeded.
    learning_rate
        Instead of the peer's own; that of the plan is our model's.
    checkpoint
        File to resume from and save to.
    progress
        Show a progress bar.

    Raises
    ------
    ValueError
        There is no such peer.
    """
    recipe = _recipe(name)
    motion = sampler.states - len(FORCE)
    plan = replace(plan, family=name, learning_rate=learning_rate or recipe.learning_rate)
    seeing = copy(sampler)
    seeing.hiding = _hide_nothing
    fit = Fit(partial(recipe.make, motion, len(FORCE)), recipe.loss, seeing.draw, plan, checkpoint)
    network = fit.run(progress=progress)
    card = {
        "trained": time.strftime("%Y-%m-%d"),
        "steps": fit.step,
        "minutes": round(fit.spent_s / 60.0, 1),
        "windows": fit.step * plan.batch,
        "learning_rate": plan.learning_rate,
        "seed": plan.seed,
        "people": len(set(sampler.sequences.subject)),
        "parameters": sum(each.numel() for each in network.parameters()),
    }
    middle = _middle(sampler)[:motion]
    return recipe.kind(name, network, sampler.scale, middle, sampler.frames, card)


def _middle(sampler: WindowSampler) -> Tensor:
    """Middle of the range of each channel; where some trials record nothing, the mean, as which training showed it."""
    values = sampler.sequences.values
    lacking = torch.stack([torch.isnan(each).all(dim=0) for each in values]).any(dim=0)
    return torch.where(lacking, sampler.scale.mean, mid_range(values))


def save_peer(peer: Peer, path: Path) -> Path:
    """Write a peer into one file, in one step; how it fills is not kept."""
    told = {"name": peer.name, "frames": peer.frames, "card": dict(peer.card)}
    others = scale_tensors(peer.scale) | {"middle": peer.middle}
    return write_weights(path, KIND, peer.network, others, told)


def load_peer(path: Path) -> Peer:
    """Read a peer.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not a peer of this version.
    """
    told, tensors = read_weights(path, KIND, remedy="`train_peer` and `save_peer` make one")
    recipe = _recipe(told["name"])
    network = load_into(recipe.make(len(tensors["middle"]), len(FORCE)), tensors)
    return recipe.kind(
        told["name"], network, scale_of(tensors), tensors["middle"], told["frames"], told["card"]
    )


def _recipe(name: str) -> Recipe:
    if name not in PEERS:
        raise ValueError(f"no peer {name!r}; there are {', '.join(PEERS)}")
    return PEERS[name]


def _force_loss(network: nn.Module, batch: Batch, random: torch.Generator, miss: _Miss) -> Tensor:
    motion = batch.states.shape[-1] - len(FORCE)
    with dropout_from(random, batch.states.device):
        answer = network(batch.states[..., :motion])
    return _recorded_mean(miss(answer - batch.states[..., motion:]), batch.recorded[..., motion:])


def _recorded_mean(loss: Tensor, recorded: Tensor) -> Tensor:
    return (loss * recorded).sum() / recorded.sum().clamp(min=1.0)


def _hide_nothing(windows: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    del random
    return torch.ones(windows, 1, 1, dtype=torch.bool), torch.zeros(windows, dtype=torch.bool)
