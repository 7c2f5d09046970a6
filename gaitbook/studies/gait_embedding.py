"""Embeddings of walkers: windows go into an encoder, labeled numbers come out.

Ours tells each region twice: by what the network makes of it, and by the harmonics of its joints over the stride
(`gaitbook.representation.stride_harmonics`), which a mean and a percentile of tokens do not keep.

The one place of part F where labels are left for tensors and regained: studies see tables of people and numbers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm.auto import tqdm

from gaitbook.models.encoder_training import EncoderRecipe, train_encoder
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.gait_embedding import STATISTICS, TrainedEncoder, embed_windows
from gaitbook.models.skeleton_masking import Masking
from gaitbook.representation.skeleton import GROUPS, JOINTS, REGIONS, group_of, region_groups
from gaitbook.representation.stride_harmonics import stride_harmonics
from gaitbook.studies.walking_windows import WalkingWindows, pool_windows

SCALE_OF: Final = {"fast": "window", "paper": "frame"}
"""What lengths are divided by: ours keeps how far joints move in proportion to the body, frame by frame."""
WITH_HARMONICS: Final = ("fast",)
"""Configurations whose embedding tells the harmonics of the stride as well; the paper's is as it was published."""
CHUNK: Final = 256


def embed(
    encoder: TrainedEncoder,
    windows: WalkingWindows,
    *,
    hidden: Sequence[str] = (),
    harmonics: bool = True,
    progress: bool = True,
) -> pd.DataFrame:
    """Embedding of each person at each task: rows ``subject``, columns (``task``, ``feature``).

    Parameters
    ----------
    encoder
        A trained encoder.
    windows
        Of any number of people, cut with the scale of the encoder.
    hidden
        Regions of `gaitbook.representation.skeleton.REGIONS` that may not be seen; the numbers of these regions are
        left out, too.
    harmonics
        Whether to tell the harmonics of the stride as well, if the configuration does (`WITH_HARMONICS`).
    progress
        Whether to show a progress bar.

    Raises
    ------
    ValueError
        The windows were cut with another scale, or nothing is left to see.
    """
    if windows.scale != encoder.scale:
        raise ValueError(
            f"The encoder has learned from windows in which lengths are divided by {encoder.scale!r}, these by "
            f"{windows.scale!r}: cut them with scale={encoder.scale!r}."
        )
    shown = [region for region in encoder.regions if region not in hidden]
    if not shown:
        raise ValueError("All regions are hidden: the encoder has nothing left to see.")
    parts = []
    names = _names(shown, encoder.width)
    starts = range(0, len(windows.values), CHUNK)
    for start in tqdm(starts, desc="embedding", unit="batch", disable=not progress):
        some = windows.values[start : start + CHUNK]
        found = embed_windows(encoder, torch.from_numpy(some), hidden=hidden)
        kept = [list(encoder.regions).index(region) for region in shown]
        parts.append(found[:, kept].flatten(1).numpy())
    numbers = np.concatenate(parts)
    if harmonics and encoder.recipe.configuration in WITH_HARMONICS:
        waves, wave_names = _harmonics(windows, shown)
        numbers, names = np.concatenate([numbers, waves], axis=1), names.append(wave_names)
    return pool_windows(windows.labels, numbers, names)


def harmonic_features(windows: WalkingWindows) -> pd.DataFrame:
    """Baseline without a network: harmonics of every joint over the stride, by task."""
    return pool_windows(windows.labels, *_harmonics(windows, REGIONS))


def fit_encoder(
    windows: WalkingWindows,
    configuration: str,
    plan: FittingPlan,
    *,
    card: dict[str, Any] | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> TrainedEncoder:
    """Encoder that has learned from the windows of these people and of nobody else.

    Parameters
    ----------
    windows
        Cut with the scale of the configuration, see `SCALE_OF`.
    configuration
        ``"fast"`` or ``"paper"``.
    plan
        How long, and how.
    card
        What else is to be told of it.
    checkpoint, progress
        As for `gaitbook.models.fitting.Fit`.
    """
    groups = tuple(GROUPS.index(group_of(joint)) for joint in JOINTS)
    recipe = encoder_recipe(configuration)
    network, fit = train_encoder(
        torch.from_numpy(windows.values),
        torch.tensor(groups),
        recipe,
        plan,
        checkpoint=checkpoint,
        progress=progress,
    )
    regions = {name: tuple(GROUPS.index(group) for group in region_groups(name)) for name in REGIONS}
    told = {
        "people": sorted(set(windows.labels["subject"])),
        "windows": len(windows.values),
        "steps": fit.step,
        "processor_minutes": round(fit.spent_s / 60.0, 1),
        "seed": plan.seed,
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "loss": float(np.mean(fit.losses[-100:])) if fit.losses else None,
        **(card or {}),
    }
    return TrainedEncoder(network, recipe, groups, regions, SCALE_OF[configuration], told)


def encoder_recipe(configuration: str) -> EncoderRecipe:
    """Windows and masking that a configuration learns with on a processor."""
    if configuration == "paper":
        return EncoderRecipe("paper", frames=32)
    return EncoderRecipe(configuration, masking=Masking(whole_share=0.3))


def _names(regions: Sequence[str], width: int) -> pd.Index:
    names = [
        f"{region} {statistic} {number}"
        for region in regions
        for statistic in STATISTICS
        for number in range(width)
    ]
    return pd.Index(names, name="feature")


def _harmonics(windows: WalkingWindows, shown: Sequence[str]) -> tuple[NDArray[np.float32], pd.Index]:
    """Harmonics (window, number) of the regions that are shown, and their names."""
    starts = range(0, len(windows.values), CHUNK)
    parts = [stride_harmonics(windows.values[start : start + CHUNK], shown) for start in starts]
    return np.concatenate([numbers for numbers, _ in parts]), pd.Index(parts[0][1], name="feature")
