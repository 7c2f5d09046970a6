"""A trained model of strides: changes the stride of a person as asked, as often as wanted, and fits into one file.

What is drawn is the change, in scores along the main axes of all strides; what these axes do not hold of a person's own
stride stays as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from gaitbook.models.families import draw
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_network import StrideNetwork, StrideSize
from gaitbook.models.weight_files import load_into, read_weights, write_weights

KIND: Final = "stride model"
REMEDY: Final = "`gaitbook train-strides` makes one"
FAMILY: Final = "diffusion"
STEPS: Final = 4


@dataclass(frozen=True)
class StrideModel:
    """Network, axes and what is told about them.

    Parameters
    ----------
    network
        Trained.
    axes
        Of all strides.
    deviation
        (score,), of what the network draws: of changes, or of whole strides.
    card
        What it was trained on, when, how long, and how wide its intervals have to be; anything that JSON can hold.
    """

    network: StrideNetwork
    axes: StrideAxes
    deviation: Tensor
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def own_deviation(self) -> Tensor:
        """Of the scores of strides, (score,)."""
        return self.axes.variance.sqrt()

    def noise(self, draws: int, seed: int) -> Tensor:
        """Standard normal numbers (draw, score), every other draw that before it with the sign reversed."""
        random = torch.Generator().manual_seed(seed)
        half = torch.randn((draws + 1) // 2, self.network.size.scores, generator=random)
        return torch.stack([half, -half], dim=1).flatten(0, 1)[:draws]

    @torch.no_grad()
    def change(self, row: Tensor, told: Tensor, noise: Tensor, *, steps: int = STEPS) -> Tensor:
        """Changed strides.

        Parameters
        ----------
        row
            (number,), the person's own stride, NaN where not known.
        told
            (number,), of person and request.
        noise
            (draw, score), standard normal.
        steps
            Passes through the network.

        Returns
        -------
        torch.Tensor
            (draw, number), without gaps.
        """
        draws = len(noise)
        own = self.axes.scores(row[None])
        given, told = (own / self.own_deviation).expand(draws, -1), told.expand(draws, -1)

        def estimate(state: Tensor, level: Tensor) -> Tensor:
            found: Tensor = self.network(state[:, 0], given, told, level)
            return found[:, None]

        drawn = draw(FAMILY, estimate, noise[:, None], steps)[:, 0]
        return self.axes.fill(row[None]) + (drawn * self.deviation) @ self.axes.axes.T


def save_stride_model(model: StrideModel, path: Path) -> Path:
    """Write a model into one file, in one step."""
    tensors = {f"axes.{name}": value for name, value in vars(model.axes).items()}
    tensors["axes.axes"] = tensors["axes.axes"].half()
    told = {"size": asdict(model.network.size), "card": dict(model.card)}
    return write_weights(path, KIND, model.network, {**tensors, "deviation": model.deviation}, told)


def load_stride_model(path: Path) -> StrideModel:
    """Read a model.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not a stride model of this version.
    """
    told, tensors = read_weights(path, KIND, remedy=REMEDY)
    network = StrideNetwork(StrideSize(**told["size"]))
    load_into(network, tensors)
    axes = StrideAxes(*(tensors[f"axes.{name}"] for name in ("mean", "axes", "finder", "variance")))
    return StrideModel(network, axes, tensors["deviation"], told["card"])
