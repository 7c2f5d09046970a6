"""Main axes of all strides: a stride as a few scores, also where part of it is not known."""

from dataclasses import dataclass

import torch
from torch import Tensor

NOISE_VARIANCE = 1.0
"""Of each number of a row beyond the axes, where scores are found from part of the row."""
LEAST_VARIANCE = 1e-6


@dataclass(frozen=True)
class StrideAxes:
    """Principal axes of rows of numbers, in a metric that says what a difference of rows counts.

    Parameters
    ----------
    mean
        (number,).
    axes
        (number, score): what a score of one adds to a row.
    finder
        (number, score): finds the scores of a row; together with the axes the identity.
    variance
        (score,), of the scores.
    """

    mean: Tensor
    axes: Tensor
    finder: Tensor
    variance: Tensor

    @classmethod
    def fit(
        cls, rows: Tensor, scores: int, *, weight: Tensor | None = None, metric: Tensor | None = None
    ) -> "StrideAxes":
        """Axes along which rows (row, number) differ most.

        Parameters
        ----------
        rows
            Without gaps.
        scores
            Number of axes.
        weight
            (row,), how much each row counts; all alike by default.
        metric
            (number, number), symmetric and positive: the square of a difference; the identity by default.
        """
        share = (torch.ones(len(rows)) if weight is None else weight).double()
        share = (share / share.sum())[:, None]
        root, back = _roots(metric, rows.shape[1])
        mean = (share * rows).sum(dim=0)
        apart = ((rows - mean) @ root) * share.sqrt()
        values, vectors = torch.linalg.eigh(apart.T @ apart)
        chosen = vectors.flip(1)[:, :scores]
        variance = values.flip(0)[:scores].clamp(min=LEAST_VARIANCE)
        return cls(*(each.float().contiguous() for each in (mean, back @ chosen, root @ chosen, variance)))

    def scores(self, rows: Tensor) -> Tensor:
        """Scores (row, score) of rows (row, number); of a row with gaps the likeliest, given what is known of it."""
        found = (rows.nan_to_num() - self.mean) @ self.finder
        for place in torch.isnan(rows).any(dim=1).nonzero()[:, 0].tolist():
            found[place] = self._likeliest(rows[place])
        return found

    def fill(self, rows: Tensor) -> Tensor:
        """Rows whose gaps are filled by the likeliest."""
        return torch.where(torch.isnan(rows), self.rows(self.scores(rows)), rows)

    def rows(self, scores: Tensor) -> Tensor:
        """Rows (row, number) of scores (row, score)."""
        return self.mean + scores @ self.axes.T

    def _likeliest(self, row: Tensor) -> Tensor:
        """Mean of the scores given part of the row, all normal (Tipping & Bishop 1999, doi:10.1111/1467-9868.00196)."""
        known = torch.isfinite(row)
        axes = self.axes[known].double()
        precision = axes.T @ axes / NOISE_VARIANCE + torch.diag(1.0 / self.variance.double())
        apart = (row - self.mean)[known].double()
        return torch.linalg.solve(precision, axes.T @ apart / NOISE_VARIANCE).float()


def _roots(metric: Tensor | None, numbers: int) -> tuple[Tensor, Tensor]:
    """Symmetric root of a metric and its inverse."""
    if metric is None:
        one = torch.eye(numbers, dtype=torch.float64)
        return one, one
    values, vectors = torch.linalg.eigh(metric.double())
    root = values.clamp(min=LEAST_VARIANCE).sqrt()
    return (vectors * root) @ vectors.T, (vectors / root) @ vectors.T
