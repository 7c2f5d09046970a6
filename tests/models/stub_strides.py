"""Stride models whose draws are known in closed form: strides or changes that are normal in every score."""

import torch
from torch import nn

from gaitbook.models.families import path
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_model import StrideModel
from gaitbook.models.stride_network import StrideSize


class NormalEstimator(nn.Module):
    """Mean of the clean scores given the noisy ones, where they are normal about a linear function of what is told.

    Parameters
    ----------
    slope
        (score, told).
    mean, deviation
        (score,).
    growth
        How much of the deviation is added per size of what is told.
    """

    def __init__(self, slope, mean, deviation, growth=0.0):
        super().__init__()
        self.slope, self.mean, self.deviation, self.growth = slope, mean, deviation, growth
        self.size = StrideSize(len(mean), slope.shape[1])
        self.passes = 0

    def forward(self, noisy, own, told, level):
        self.passes += 1
        signal, away = path("diffusion", level[:, None])
        middle = self.mean + told @ self.slope.T
        deviation = self.deviation * (1.0 + self.growth * told.norm(dim=1, keepdim=True))
        share = deviation**2 * signal / ((deviation * signal) ** 2 + away**2)
        return middle + share * (noisy - signal * middle) + 0.0 * own


def remaining_spread(deviation, steps):
    """What implicit steps leave of noise that is asked to have this deviation: a product over the steps."""
    angle = 0.5 * torch.pi * torch.linspace(0.0, 1.0, steps + 1, dtype=torch.float64)
    now, then = angle[:-1], angle[1:]
    whole = deviation**2 * now.sin() * then.sin() + now.cos() * then.cos()
    return float((whole / (deviation**2 * now.sin() ** 2 + now.cos() ** 2)).prod())


def random_axes(numbers, scores, *, seed=0, mean=None):
    """Axes in random directions, with variances that fall from 4 to 1."""
    random = torch.Generator().manual_seed(seed)
    axes = torch.linalg.qr(torch.randn(numbers, scores, generator=random)).Q.contiguous()
    middle = torch.randn(numbers, generator=random) if mean is None else mean
    return StrideAxes(middle, axes, axes, torch.linspace(4.0, 1.0, scores))


def normal_model(axes, told, *, slope=None, deviation=0.0, growth=0.0, scale=1.0, card=None):
    """Model whose draws are normal: told times slope, with one deviation, all times one scale."""
    scores = axes.axes.shape[1]
    slope = torch.zeros(scores, told) if slope is None else slope
    network = NormalEstimator(slope, torch.zeros(scores), torch.full((scores,), float(deviation)), growth)
    return StrideModel(network, axes, torch.full((scores,), float(scale)), card or {})
