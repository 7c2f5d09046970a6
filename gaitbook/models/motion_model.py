"""A trained motion model: completes windows of motion and force as many times as wanted, and fits into one file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gaitbook.models.families import draw
from gaitbook.models.motion_network import MotionNetwork, NetworkSize
from gaitbook.models.window_sampling import Scale

FORMAT = 1


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
    """Write a model as safetensors, weights in half precision, in one step."""
    from safetensors.torch import save_file

    tensors = {f"network.{name}": value.half() for name, value in model.network.state_dict().items()}
    tensors |= {f"scale.{name}": value for name, value in vars(model.scale).items()}
    told = {
        "format": FORMAT,
        "size": asdict(model.network.size),
        "family": model.family,
        "frames": model.frames,
        "card": dict(model.card),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(
        {name: value.contiguous() for name, value in tensors.items()}, partial, {"gaitbook": json.dumps(told)}
    )
    partial.replace(path)
    return path


def load_model(path: Path) -> MotionModel:
    """Read a model.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not a motion model of this version.
    """
    from safetensors import safe_open

    if not path.is_file():
        raise FileNotFoundError(f"There is no model {path}: `gaitbook train` makes one")
    with safe_open(path, "pt") as file:
        told = json.loads((file.metadata() or {}).get("gaitbook", "{}"))
        if told.get("format") != FORMAT:
            raise ValueError(f"{path} is no motion model of this version of gaitbook")
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - it is no dict
    network = MotionNetwork(NetworkSize(**told["size"]))
    network.load_state_dict(
        {
            name.removeprefix("network."): value
            for name, value in tensors.items()
            if name.startswith("network.")
        }
    )
    scale = Scale(
        **{name.removeprefix("scale."): v for name, v in tensors.items() if name.startswith("scale.")}
    )
    return MotionModel(network.eval(), scale, told["family"], told["frames"], told["card"])
