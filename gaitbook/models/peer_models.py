"""Trained networks of the literature, completing windows in the same words as our model.

They see motion only. The diffusion draws what is missing of it together with force. The others map complete motion to
force, so that what is missing has to be filled first: by a rule, or by the diffusion.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gaitbook.models.filling import FILLINGS, draw_with_replacement
from gaitbook.models.window_sampling import Scale
from gaitbook.representation.channels import FORCE
from gaitbook.representation.overlap import OVERLAP


@dataclass(frozen=True)
class Peer(ABC):
    """A trained network of the literature.

    Parameters
    ----------
    name
        One of `gaitbook.models.peers.PEERS`.
    network
        Trained.
    scale
        Of its channels.
    middle
        (motion,), middle of the range of each channel of the motion in training.
    frames
        Frames per window.
    card
        What it was trained on, when, how long; anything that JSON can hold.
    """

    name: str
    network: nn.Module
    scale: Scale
    middle: Tensor
    frames: int = 150
    card: Mapping[str, Any] = field(default_factory=dict)

    @abstractmethod
    def complete(
        self, values: Tensor, person: Tensor, noise: Tensor, *, steps: int = 50, batch: int = 64
    ) -> Tensor:
        """Windows with everything in them, as `gaitbook.models.motion_model.MotionModel.complete` gives them.

        Parameters
        ----------
        values
            (window, time, channel), NaN where not known; the channels after the states are not seen.
        person
            Not seen.
        noise
            (draw, window, time, state), standard normal: what tells one draw from another, if anything does.
        steps
            Passes through the diffusion.
        batch
            Windows in one pass.

        Returns
        -------
        torch.Tensor
            (draw, window, time, state) in the units of the channels; what was known is as it was.
        """


class DiffusionPeer(Peer):
    """Draws motion and force together, whether force is known or not; what is known is put back after every step.

    Its noise is white, whatever it is given, and differs where that differs.
    """

    @torch.no_grad()
    def complete(
        self, values: Tensor, person: Tensor, noise: Tensor, *, steps: int = 50, batch: int = 64
    ) -> Tensor:
        """As `Peer.complete`."""
        del person
        draws, windows, _, states = noise.shape
        noise = _white(noise)
        scores = self.scale.scores(values)[..., :states]
        known = torch.isfinite(scores)
        known[..., -len(FORCE) :] = False
        flat, which = noise.flatten(0, 1), torch.arange(windows).repeat(draws)
        parts = [
            self._draw(flat[part], scores[which[part]].nan_to_num(), known[which[part]], steps)
            for part in torch.arange(len(flat)).split(batch)
        ]
        drawn = torch.cat(parts).unflatten(0, (draws, windows))
        drawn = drawn * self.scale.deviation[:states] + self.scale.mean[:states]
        return _keep(values, drawn)

    def _draw(self, noise: Tensor, states: Tensor, known: Tensor, steps: int) -> Tensor:
        device = next(self.network.parameters()).device
        noise, states, known = (each.to(device) for each in (noise, states, known))
        return draw_with_replacement(self.network, states, known, noise, steps).cpu()


@dataclass(frozen=True)
class RegressorPeer(Peer):
    """Fills what is missing of the motion, then finds the one force that goes with it.

    Parameters
    ----------
    filling
        One of `gaitbook.models.filling.FILLINGS`, or a diffusion, whose force is not used.
    """

    filling: str | DiffusionPeer = "mid-range"

    def __post_init__(self) -> None:
        if isinstance(self.filling, str) and self.filling not in FILLINGS:
            raise ValueError(
                f"no filling {self.filling!r}: take one of {', '.join(FILLINGS)}, or a diffusion"
            )

    @torch.no_grad()
    def complete(
        self, values: Tensor, person: Tensor, noise: Tensor, *, steps: int = 50, batch: int = 64
    ) -> Tensor:
        """As `Peer.complete`; all draws are one and the same unless a diffusion fills, and share its memory."""
        motion = noise.shape[-1] - len(FORCE)
        if isinstance(self.filling, DiffusionPeer):
            filled = self.filling.complete(values, person, noise, steps=steps, batch=batch)[..., :motion]
        else:
            center = self.middle if self.filling == "mid-range" else self.scale.mean
            filled = FILLINGS[self.filling](values[..., :motion], center[:motion])[None]
        force = torch.cat([self._force(part) for part in filled.flatten(0, 1).split(batch)])
        drawn = torch.cat([filled, force.unflatten(0, filled.shape[:2])], dim=-1)
        return _keep(values, drawn).expand(len(noise), -1, -1, -1)

    def _force(self, motion: Tensor) -> Tensor:
        device = next(self.network.parameters()).device
        inside = slice(motion.shape[-1])
        outside = slice(motion.shape[-1], motion.shape[-1] + len(FORCE))
        scores = (motion - self.scale.mean[inside]) / self.scale.deviation[inside]
        found = self.network(scores.to(device)).cpu()
        return found * self.scale.deviation[outside] + self.scale.mean[outside]


def remember(peer: DiffusionPeer) -> DiffusionPeer:
    """The same diffusion, which remembers what it drew last."""
    return RememberingPeer(**{name: getattr(peer, name) for name in DiffusionPeer.__dataclass_fields__})


@dataclass(frozen=True)
class RememberingPeer(DiffusionPeer):
    """The diffusion, whose fifty passes are made once where two contestants ask for the same windows."""

    last: dict[Any, Tensor] = field(default_factory=dict, repr=False, compare=False)

    def complete(
        self, values: Tensor, person: Tensor, noise: Tensor, *, steps: int = 50, batch: int = 64
    ) -> Tensor:
        """As `DiffusionPeer.complete`."""
        key = (values.numpy().tobytes(), noise.numpy().tobytes(), steps)
        if key not in self.last:
            self.last.clear()
            self.last[key] = super().complete(values, person, noise, steps=steps, batch=batch)
        return self.last[key]


def _keep(values: Tensor, drawn: Tensor) -> Tensor:
    known = values[..., : drawn.shape[-1]]
    return torch.where(torch.isfinite(known), known, drawn)


def _white(noise: Tensor) -> Tensor:
    """White noise, which the diffusion was trained on, in the place of other noise; windows share it in overlaps."""
    draws, windows, frames, states = noise.shape
    step = round(frames * (1.0 - OVERLAP))
    random = torch.Generator().manual_seed(int(noise.flatten()[0].view(torch.int32)) % 2**31)
    whole = torch.randn(draws, frames + step * (windows - 1), states, generator=random)
    return torch.stack([whole[:, start * step : start * step + frames] for start in range(windows)], dim=1)
