"""A trained encoder and what it makes of windows: a few hundred numbers per recording.

Features of the tokens are averaged within legs, arms, torso and head (left and right alike), and each region is told by
its mean and its 99th percentile over time, as in the gait foundation model (arXiv:2603.25283). A region can be hidden,
which the encoder has learned to do without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from gaitbook.models.dual_stream import DualStreamSize
from gaitbook.models.encoder_training import Encoder, EncoderRecipe
from gaitbook.models.gait_encoder import EncoderSize
from gaitbook.models.skeleton_masking import Masking, hide_groups
from gaitbook.models.weight_files import load_into, read_weights, write_weights

KIND: Final = "gait encoder"
STATISTICS: Final = ("mean", "percentile 99")
PERCENTILE: Final = 0.99
_SIZES: Final = {"fast": EncoderSize, "paper": DualStreamSize}


@dataclass(frozen=True)
class TrainedEncoder:
    """An encoder that has learned.

    Parameters
    ----------
    network
        Its network.
    recipe
        What was trained.
    groups
        Number of the part of the body of each joint.
    regions
        Numbers of the parts that make each region, by its name.
    scale
        What lengths of a window are divided by, see `gaitbook.representation.skeleton.skeleton_windows`.
    card
        Where it comes from, as JSON can hold it.
    """

    network: Encoder
    recipe: EncoderRecipe
    groups: tuple[int, ...]
    regions: Mapping[str, tuple[int, ...]]
    scale: str
    card: Mapping[str, Any]

    @property
    def width(self) -> int:
        """Numbers per region and statistic."""
        return int(self.network.size.width)

    def parts_of(self, regions: Sequence[str]) -> tuple[int, ...]:
        """Numbers of the parts of these regions.

        Raises
        ------
        ValueError
            There is no such region.
        """
        unknown = [name for name in regions if name not in self.regions]
        if unknown:
            raise ValueError(
                f"The encoder knows no region {', '.join(map(repr, unknown))}: choose among {', '.join(self.regions)}."
            )
        return tuple(part for name in regions for part in self.regions[name])


@torch.no_grad()
def embed_windows(
    encoder: TrainedEncoder, windows: Tensor, *, hidden: Sequence[str] = (), batch: int = 32
) -> Tensor:
    """Numbers (window, region, statistic, width) of windows (window, time, joint, channel).

    Parameters
    ----------
    encoder
        The trained encoder.
    windows
        As it has learned from, of any length that its tokens divide.
    hidden
        Names of regions that it may not see.
    batch
        Windows at a time.
    """
    network = encoder.network.eval()
    device = next(network.parameters()).device
    parts = encoder.parts_of(hidden)
    groups = torch.tensor(encoder.groups)
    found = [torch.zeros(0, len(encoder.regions), len(STATISTICS), encoder.width)]
    for some in windows.split(batch) if len(windows) else ():
        unseen = hide_groups(len(some), some.shape[1], groups, parts).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            features = network.parts(network(some.float().to(device), unseen))
        found.append(_pool(features.float(), encoder.regions).cpu())
    return torch.cat(found)


def save_encoder(encoder: TrainedEncoder, path: Path) -> Path:
    """Write an encoder into one safetensors file."""
    told = {
        "configuration": encoder.recipe.configuration,
        "size": asdict(encoder.network.size),
        "frames": encoder.recipe.frames,
        "masking": asdict(encoder.recipe.masking),
        "jitter": encoder.recipe.jitter,
        "groups": encoder.groups,
        "regions": dict(encoder.regions),
        "scale": encoder.scale,
        "card": dict(encoder.card),
    }
    return write_weights(path, KIND, encoder.network, {}, told)


def load_encoder(path: Path) -> TrainedEncoder:
    """Encoder of a file.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, or it is one of something else.
    """
    told, tensors = read_weights(
        path, KIND, remedy="train an encoder with `gaitbook train-encoder COHORT --output FILE`."
    )
    groups = tuple(told["groups"])
    size = _SIZES[told["configuration"]](**{**told["size"], "groups": tuple(told["size"]["groups"])})
    recipe = EncoderRecipe(
        told["configuration"], told["frames"], Masking(**told["masking"]), told["jitter"], size
    )
    network = recipe.make(groups)
    load_into(network, tensors)
    regions = {name: tuple(parts) for name, parts in told["regions"].items()}
    return TrainedEncoder(network, recipe, groups, regions, told["scale"], told["card"])


def _pool(features: Tensor, regions: Mapping[str, tuple[int, ...]]) -> Tensor:
    """Mean and percentile over time (window, region, statistic, width) of features (window, token, part, width)."""
    of_region = torch.stack([features[:, :, list(parts)].mean(dim=2) for parts in regions.values()], dim=1)
    high = torch.quantile(of_region, PERCENTILE, dim=2)
    return torch.stack([of_region.mean(dim=2), high], dim=2)
