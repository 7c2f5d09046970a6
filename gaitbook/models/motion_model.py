"""A trained motion model: completes windows of motion and force as many times as wanted, and fits into one file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from gaitbook.models.families import draw
from gaitbook.models.motion_network import MotionNetwork, NetworkSize
from gaitbook.models.weight_files import load_into, read_weights, scale_of, scale_tensors, write_weights
from gaitbook.models.window_sampling import Scale

KIND: Final = "motion model"


@dataclass(frozen=True)
class MotionModel:
    """Network, scale and what is told about them.

    Parameters
    ----------
    network
        Trained.
    scale
        Of its channels.
    family
        How it draws.
    frames
        Frames per window.
    card
        What it was trained on, when, how long; anything that JSON can hold.
    """

    network: MotionNetwork
    scale: Scale
    family: str
    frames: int = 150
    card: Mapping[str, Any] = field(default_factory=dict)

    @torch.no_grad()
    def complete(
        self, values: Tensor, person: Tensor, noise: Tensor, *, steps: int = 5, batch: int = 64
    ) -> Tensor:
        """Windows with everything in them.

        Parameters
        ----------
        values
            (window, time, channel), NaN where not known.
        person
            (window, number), NaN where not known.
        noise
            (draw, window, time, state), standard normal: what tells one draw from another.
        steps
            Passes through the network.
        batch
            Windows in one pass.

        Returns
        -------
        torch.Tensor
            (draw, window, time, state) in the units of the channels; what was known is as it was.
        """
        draws, windows = noise.shape[:2]
        scores = self.scale.scores(values)
        known = torch.isfinite(scores)
        given, told = torch.where(known, scores, 0.0), self.scale.person_scores(person)
        flat, which = noise.flatten(0, 1), torch.arange(windows).repeat(draws)
        parts = [
            self._draw(flat[part], given[which[part]], known[which[part]].float(), told[which[part]], steps)
            for part in torch.arange(len(flat)).split(batch)
        ]
        states = noise.shape[-1]
        drawn = torch.cat(parts).unflatten(0, (draws, windows))
        drawn = drawn * self.scale.deviation[:states] + self.scale.mean[:states]
        return torch.where(known[..., :states], values[..., :states], drawn)

    def _draw(self, noise: Tensor, given: Tensor, known: Tensor, person: Tensor, steps: int) -> Tensor:
        device = next(self.network.parameters()).device
        given, known, person = (each.to(device) for each in (given, known, person))

        def estimate(state: Tensor, level: Tensor) -> Tensor:
            return self.network(state, given, known, person, level)

        return draw(self.family, estimate, noise.to(device), steps).cpu()


def save_model(model: MotionModel, path: Path) -> Path:
    """Write a model into one file, in one step."""
    told = {
        "size": asdict(model.network.size),
        "family": model.family,
        "frames": model.frames,
        "card": dict(model.card),
    }
    return write_weights(path, KIND, model.network, scale_tensors(model.scale), told)


def load_model(path: Path) -> MotionModel:
    """Read a model.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not a motion model of this version.
    """
    told, tensors = read_weights(path, KIND, remedy="`gaitbook train` makes one")
    network = MotionNetwork(NetworkSize(**told["size"]))
    load_into(network, tensors)
    return MotionModel(network, scale_of(tensors), told["family"], told["frames"], told["card"])
