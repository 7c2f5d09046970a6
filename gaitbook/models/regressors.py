"""Regressors from motion features to force: one linear, one convolutional. Tensors only.

Both map features of shape (time, feature) to targets of shape (time, target). `RidgeRegressor` sees a frame and a few
neighbors; `ConvolutionalNet` is a one-dimensional network of the GroundLink kind (Han et al. 2023,
doi:10.1145/3610548.3618247): four temporal convolutions, then a per-frame head.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

CONTEXT_FRAMES = (-12, -6, -3, 0, 3, 6, 12)
"""Neighbors of a frame that ridge regression sees: 0.12 s either way at 100 Hz."""

LARGEST_STANDARD_SCORE = 5.0


@dataclass(frozen=True)
class Standardizer:
    """Mean and deviation of each column; missing values become the mean."""

    mean: Tensor
    deviation: Tensor

    @classmethod
    def fit(cls, sequences: list[Tensor]) -> "Standardizer":
        """Learn from sequences of shape (time, column), NaN ignored."""
        values = torch.cat(sequences)
        mean = torch.nanmean(values, dim=0).nan_to_num()
        deviation = torch.nanmean((values - mean) ** 2, dim=0).sqrt().nan_to_num()
        return cls(mean, deviation.clamp(min=1e-3))

    def __call__(self, values: Tensor) -> Tensor:
        """Standard scores, shape as given, missing as 0, limited to 5 deviations."""
        scores = ((values - self.mean) / self.deviation).nan_to_num()
        return scores.clamp(-LARGEST_STANDARD_SCORE, LARGEST_STANDARD_SCORE)


@dataclass(frozen=True)
class RidgeRegressor:
    """A fitted linear model of a frame and its neighbors."""

    model: Any
    standardizer: Standardizer

    def predict(self, features: Tensor) -> Tensor:
        """Targets of every frame, shape (time, target)."""
        return torch.from_numpy(self.model.predict(_with_neighbors(features, self.standardizer).numpy()))


def fit_ridge(
    features: list[Tensor],
    targets: list[Tensor],
    valid: list[Tensor],
    groups: list[str],
    *,
    penalties: tuple[float, ...] = (1e2, 1e3, 1e4),
    inner_folds: int = 4,
    every: int = 3,
) -> RidgeRegressor:
    """Linear regression with a squared penalty, chosen on held-out people inside the training data.

    Parameters
    ----------
    features, targets
        Sequences of shape (time, feature) and (time, target), one pair per trial.
    valid
        Sequences of shape (time,), boolean: the frames to learn from.
    groups
        The person of each trial, kept whole inside the inner folds.
    penalties
        Candidates; the one with the least mean absolute error is taken, the middle one if there is one person only.
    inner_folds
        Folds that judge the penalties.
    every
        Use every n-th frame: neighboring frames say nearly the same.
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV, GroupKFold

    standardizer = Standardizer.fit(features)
    rows = [_with_neighbors(x, standardizer)[use][::every] for x, use in zip(features, valid, strict=True)]
    answers = [y[use][::every] for y, use in zip(targets, valid, strict=True)]
    labels = [group for group, row in zip(groups, rows, strict=True) for _ in range(len(row))]
    if len(set(groups)) == 1:
        middle = Ridge(alpha=penalties[len(penalties) // 2], solver="cholesky")
        return RidgeRegressor(middle.fit(torch.cat(rows).numpy(), torch.cat(answers).numpy()), standardizer)
    search = GridSearchCV(
        Ridge(solver="cholesky"),
        {"alpha": list(penalties)},
        cv=GroupKFold(min(inner_folds, len(set(groups)))),
        scoring="neg_mean_absolute_error",
    )
    search.fit(torch.cat(rows).numpy(), torch.cat(answers).numpy(), groups=labels)
    return RidgeRegressor(search.best_estimator_, standardizer)


def _with_neighbors(features: Tensor, standardizer: Standardizer) -> Tensor:
    scores = standardizer(features)
    frames = torch.arange(len(scores))
    return torch.cat([scores[(frames + shift).clamp(0, len(scores) - 1)] for shift in CONTEXT_FRAMES], dim=1)


class ConvolutionalNet(nn.Module):
    """Four temporal convolutions and a per-frame head.

    Parameters
    ----------
    features, targets
        Columns in and out.
    width
        Channels of the first two convolutions; the last two have twice as many.
    dropout
        Share of the channels silenced while learning.
    """

    def __init__(self, features: int, targets: int, *, width: int = 64, dropout: float = 0.2) -> None:
        super().__init__()
        widths = (features, width, width, 2 * width, 2 * width)
        layers: list[nn.Module] = []
        for channels_in, channels_out in pairwise(widths):
            layers += [nn.Conv1d(channels_in, channels_out, kernel_size=7, padding=3), nn.ELU()]
        self.convolutions = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Conv1d(2 * width, 2 * width, 1), nn.ELU(), nn.Dropout(dropout),
            nn.Conv1d(2 * width, targets, 1),
        )  # fmt: skip

    def forward(self, features: Tensor) -> Tensor:
        """Targets of shape (window, time, target) from features of shape (window, time, feature)."""
        return self.head(self.convolutions(features.transpose(1, 2))).transpose(1, 2)
