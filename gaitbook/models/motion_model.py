"""A trained motion model: completes windows of motion and force as many times as wanted, and fits into one file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from gaitbook.models.families import draw
from gaitbook.models.force_network import DEVIATION_OF_WIDTH_ONE, ForceNetwork, ForceSize
from gaitbook.models.motion_network import MotionNetwork, NetworkSize
from gaitbook.models.weight_files import load_into, read_weights, scale_of, scale_tensors, write_weights
from gaitbook.models.window_sampling import Scale

KIND: Final = "motion model"
REMEDY: Final = "`gaitbook train` makes one"


@dataclass(frozen=True)
class MotionModel:
    """Network, scale and what is told about them.

    Parameters
    ----------
    network
        Trained; draws motion and force together.
    scale
        Of its channels.
    family
        How it draws.
    frames
        Frames per window.
    card
        What it was trained on, when, how long; anything that JSON can hold.
    force
        Trained; finds force without drawing the motion. Without it force is what the other network draws.
    """

    network: MotionNetwork
    scale: Scale
    family: str
    frames: int = 150
    card: Mapping[str, Any] = field(default_factory=dict)
    force: ForceNetwork | None = None

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

    @torch.no_grad()
    def find_force(self, values: Tensor, person: Tensor, *, batch: int = 256) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the force of windows.

        Parameters
        ----------
        values
            (window, time, channel), NaN where not known; the force is not looked at.
        person
            (window, number), NaN where not known.
        batch
            Windows in one pass.

        Returns
        -------
        tuple of torch.Tensor
            (window, time, force) each, in the units of the channels.

        Raises
        ------
        ValueError
            The model has no network for it.
        """
        if self.force is None:
            raise ValueError("This model finds no force by itself: it draws force together with motion")
        states = self.network.size.states
        force = slice(states - self.force.size.force, states)
        scores = self.scale.scores(values)
        scores[..., force] = torch.nan
        known, told = torch.isfinite(scores), self.scale.person_scores(person)
        device = next(self.force.parameters()).device
        parts = [
            self.force(*(each[part].to(device) for each in (scores.nan_to_num(), known.float(), told)))
            for part in torch.arange(len(scores)).split(batch)
        ]
        middle, width = (torch.cat([part[number] for part in parts]).cpu() for number in range(2))
        deviation = self.scale.deviation[force]
        return middle * deviation + self.scale.mean[force], DEVIATION_OF_WIDTH_ONE * width * deviation

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
        "force_size": None if model.force is None else asdict(model.force.size),
        "family": model.family,
        "frames": model.frames,
        "card": dict(model.card),
    }
    return write_weights(path, KIND, _both(model.network, model.force), scale_tensors(model.scale), told)


def load_model(path: Path) -> MotionModel:
    """Read a model.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not a motion model of this version.
    """
    told, tensors = read_weights(path, KIND, remedy=REMEDY)
    if "force_size" not in told:
        raise ValueError(f"{path} is a {KIND} of an earlier version of gaitbook: {REMEDY}")
    network, size = MotionNetwork(NetworkSize(**told["size"])), told["force_size"]
    force = None if size is None else ForceNetwork(ForceSize(**size))
    load_into(_both(network, force), tensors)
    return MotionModel(
        network.eval(),
        scale_of(tensors),
        told["family"],
        told["frames"],
        told["card"],
        force and force.eval(),
    )


def _both(network: MotionNetwork, force: ForceNetwork | None) -> nn.ModuleDict:
    return nn.ModuleDict({"motion": network} if force is None else {"motion": network, "force": force})
