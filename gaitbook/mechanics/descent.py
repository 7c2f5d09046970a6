"""Damped Gauss-Newton descent in many frames at once, within limits.

Every frame has its own damping and its own decision to accept a step (Levenberg & Marquardt); frames that have arrived
leave the batch. A coordinate at its limit that would be driven further out is held there during the step
(Bertsekas 1982, doi:10.1137/0320018).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gaitbook.mechanics.marker_fit import Fit, FitTask, evaluate

FIRST_DAMPING = 1e-3
LEAST_DAMPING = 1e-12
EASING, STIFFENING = 0.1, 10.0
SMALLEST_STEP = 1e-6
"""Step (rad or m) below which a frame has arrived; its last step is still taken."""


class Descent(NamedTuple):
    """Where the descent ended: ``values`` (frame, free), ``cost`` (frame,), m2, and whether ``arrived`` (frame,)."""

    values: Tensor
    cost: Tensor
    arrived: Tensor


def descend(task: FitTask, start: Tensor, iterations: int) -> Descent:
    """Values of the free coordinates of least cost, in each frame.

    Parameters
    ----------
    task
        Markers to be met.
    start
        (frame, free); moved inside the limits first.
    iterations
        At most so many steps.
    """
    values = start.clamp(task.low, task.high)
    fit = evaluate(task, values)
    damping = torch.full_like(fit.cost, FIRST_DAMPING)
    frames = torch.arange(len(values), device=values.device)
    end = Descent(values.clone(), fit.cost.clone(), torch.zeros_like(fit.cost, dtype=torch.bool))
    precision = torch.finfo(values.dtype).eps
    smallest = max(SMALLEST_STEP, 100 * precision)
    for _ in range(iterations):
        tried = (values + _step(task, values, fit, damping)).clamp(task.low, task.high)
        new = evaluate(task, tried)
        accepted = new.cost <= fit.cost * (1 + 100 * precision)
        moved = (tried - values).abs().amax(dim=1)
        arrived = (moved < smallest) & (moved >= 0)
        values = torch.where(accepted[:, None], tried, values)
        fit = _choose(accepted, new, fit)
        damping = torch.where(accepted, damping * EASING, damping * STIFFENING).clamp_min(LEAST_DAMPING)
        end.values[frames], end.cost[frames], end.arrived[frames] = values, fit.cost, arrived
        going = (~arrived).nonzero()[:, 0]
        if not len(going):
            break
        if len(going) < len(frames):
            task, frames, values, damping = task.of(going), frames[going], values[going], damping[going]
            fit = Fit(*(part[going] for part in fit))
    return end


def _step(task: FitTask, values: Tensor, fit: Fit, damping: Tensor) -> Tensor:
    outward = ((values <= task.low) & (fit.gradient > 0)) | ((values >= task.high) & (fit.gradient < 0))
    moving = (~outward).to(values)
    matrix = fit.curvature * moving[:, :, None] * moving[:, None, :]
    diagonal = matrix.diagonal(dim1=1, dim2=2)
    diagonal.mul_(1 + damping[:, None]).add_(1 - moving)
    root, failed = torch.linalg.cholesky_ex(matrix)
    step = torch.cholesky_solve((-fit.gradient * moving)[..., None], root)[..., 0]
    return torch.where((failed == 0)[:, None], step, torch.nan)


def _choose(accepted: Tensor, new: Fit, old: Fit) -> Fit:
    if bool(accepted.all()):
        return new
    return Fit(
        torch.where(accepted, new.cost, old.cost),
        torch.where(accepted[:, None], new.gradient, old.gradient),
        torch.where(accepted[:, None, None], new.curvature, old.curvature),
    )
