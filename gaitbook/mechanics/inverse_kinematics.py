r"""Coordinates from markers, all frames of a recording at once, with what remains uncertain.

In every frame the coordinates of greatest posterior probability are found: markers are seen with normal errors of
standard deviation ``noise_m`` along each axis, coordinates lie around their prior mean with its spread. With the
Jacobian :math:`J` of the seen markers and the spreads :math:`s` the posterior covariance is
:math:`C = (J^T W J / \mathrm{noise}^2 + \mathrm{diag}(1/s^2))^{-1}` (Laplace's approximation; limits widen nothing).
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gaitbook.body_model import Coordinate
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.descent import Descent, descend
from gaitbook.mechanics.marker_fit import FitTask, Prior, evaluate, make_task, marker_distance
from gaitbook.mechanics.observed_part import ObservedPart, find_observed_part
from gaitbook.mechanics.starting_pose import FEWEST_MARKERS, find_start, mend, without_ghosts

MARKER_DIMS = 3
ITERATIONS = 60
FRAMES_AT_ONCE = 512


class Solution(NamedTuple):
    """Coordinates found in each frame.

    ``coordinates`` (frame, coordinate), rad or m, NaN in frames with fewer than three markers; ``deviation`` (frame,
    coordinate), their posterior standard deviation; ``observability`` (frame, coordinate), the share of the prior
    variance that the markers took away, 0 (nothing was learned) to 1; ``marker_error`` (frame, marker), m, NaN where
    unseen; ``used`` (frame, marker), whether it was believed; ``converged`` (frame,).

    A marker that is seen much too far from where all others have it (a ghost; see `without_ghosts`) is not used.
    Coordinates that the body locks, or that no marker informs, stay at the prior mean with observability 0 and the
    spread of the prior as deviation (locked ones: 0); those that follow others inherit from their leader.
    """

    coordinates: Tensor
    deviation: Tensor
    observability: Tensor
    marker_error: Tensor
    used: Tensor
    converged: Tensor


def solve_coordinates(
    body: Body,
    markers: Tensor,
    *,
    weights: Tensor | None = None,
    noise_m: float = 0.01,
    prior: Prior | None = None,
    start: Tensor | None = None,
    iterations: int = ITERATIONS,
    chunk: int = FRAMES_AT_ONCE,
) -> Solution:
    """Coordinates that meet the markers best, in each frame.

    Parameters
    ----------
    body
        The body, of the same device and type as the markers.
    markers
        (frame, marker, 3), m, in the order of ``body.marker_names``; NaN where unseen. Frames should follow one
        another in time: each helps its neighbors to a starting pose, nothing more.
    weights
        (marker,) or (frame, marker); a marker's errors are ``noise_m / sqrt(weight)``. By default all 1.
    noise_m
        Standard deviation of a marker's error along each axis, movement of the skin included.
    prior
        What is expected of the coordinates; by default `expected_coordinates`.
    start
        (frame, coordinate), where to begin; by default a pose is searched.
    iterations
        Most steps per frame.
    chunk
        Frames computed together.

    Returns
    -------
    Solution
        In the order of ``body.coordinate_names`` and ``body.marker_names``.

    Raises
    ------
    ValueError
        The markers do not fit the body's, or ``noise_m`` is not above zero.
    """
    _check(body, markers, noise_m)
    prior = expected_coordinates(body) if prior is None else prior
    seen = torch.isfinite(markers).all(dim=-1)
    usable = (seen.sum(dim=1) >= FEWEST_MARKERS).nonzero()[:, 0]
    answer = _nothing_known(prior, markers)
    answer.coordinates[seen.sum(dim=1) < FEWEST_MARKERS] = torch.nan
    if not len(usable):
        return answer
    part = find_observed_part(body, seen[usable].any(dim=0))
    weight = torch.ones_like(markers[..., 0]) if weights is None else weights.expand(markers.shape[:-1])
    task = make_task(
        part.body,
        markers[usable][:, part.markers],
        weight[usable][:, part.markers],
        part.free,
        Prior(prior.mean[part.coordinates], prior.spread[part.coordinates]),
        noise_m,
    )
    begin = (
        find_start(task, iterations, chunk)
        if start is None
        else start[usable][:, part.coordinates[task.free]].to(markers)
    )
    for frames in torch.arange(len(usable), device=markers.device).split(chunk):
        here = task.of(frames)
        descent = mend(here, descend(here, begin[frames], iterations), iterations)
        here, descent = without_ghosts(here, descent, iterations)
        _write(answer, part, here, descent, usable[frames])
    return _with_followers(body, answer)


def expected_coordinates(body: Body) -> Prior:
    """Prior of all coordinates from the body model: default and spread of each.

    A coordinate without a spread is given the width of its range; one without limits half a turn, or nothing if it
    is a translation. Of where and which way the body stands in the laboratory nothing is expected, unless the model
    gives a spread.
    """
    coordinates = body.model.coordinates
    placing = set(body.axis_coordinate.reshape(-1, 6)[body.levels[0]].flatten().tolist())
    spread = [_spread(each, number in placing) for number, each in enumerate(coordinates)]
    like = body.mass
    return Prior(torch.tensor([each.default for each in coordinates]).to(like), torch.tensor(spread).to(like))


def _spread(coordinate: Coordinate, places_body: bool) -> float:
    if coordinate.locked:
        return 0.0
    if coordinate.spread is not None:
        return coordinate.spread
    width = coordinate.high - coordinate.low
    if places_body or not (np.isfinite(width) or coordinate.is_rotation):
        return np.inf
    return width if np.isfinite(width) else np.pi


def _write(answer: Solution, part: ObservedPart, task: FitTask, descent: Descent, frames: Tensor) -> None:
    """Put what was found in some frames into the answer."""
    curvature = evaluate(task, descent.values).curvature
    variance = torch.cholesky_inverse(torch.linalg.cholesky(curvature)).diagonal(dim1=1, dim2=2)
    deviation = task.noise_m * variance.sqrt()
    learned = 1 - (deviation / task.prior.spread[task.free]) ** 2
    rows, columns = frames[:, None], part.coordinates[task.free]
    answer.coordinates[rows, part.coordinates] = task.full(descent.values)
    answer.deviation[rows, columns] = deviation
    answer.observability[rows, columns] = learned.clamp(0.0, 1.0)
    answer.marker_error[rows, part.markers] = marker_distance(task, descent.values)
    answer.used[rows, part.markers] = task.weight > 0
    answer.converged[frames] = descent.arrived


def _nothing_known(prior: Prior, markers: Tensor) -> Solution:
    frames = len(markers)
    return Solution(
        prior.mean.to(markers).repeat(frames, 1),
        prior.spread.to(markers).repeat(frames, 1),
        torch.zeros(frames, len(prior.mean)).to(markers),
        torch.full_like(markers[..., 0], torch.nan),
        torch.zeros_like(markers[..., 0], dtype=torch.bool),
        torch.zeros(frames, dtype=torch.bool, device=markers.device),
    )


def _with_followers(body: Body, answer: Solution) -> Solution:
    if not len(body.follower):
        return answer
    value, slope = body.couplings(answer.coordinates[:, body.leader])
    answer.coordinates[:, body.follower] = value
    answer.deviation[:, body.follower] = slope.abs() * answer.deviation[:, body.leader]
    answer.observability[:, body.follower] = answer.observability[:, body.leader]
    return answer


def _check(body: Body, markers: Tensor, noise_m: float) -> None:
    faults = []
    expected = len(body.marker_names)
    if markers.ndim != MARKER_DIMS or markers.shape[1:] != (expected, 3):
        faults.append(f"markers have shape {tuple(markers.shape)}, expected (frame, {expected}, 3)")
    if markers.dtype != body.mass.dtype:
        faults.append(f"markers are {markers.dtype}, the body {body.mass.dtype}: convert one of them")
    if not noise_m > 0:
        faults.append(f"noise_m is {noise_m:g}, expected the error of a marker in m, above 0")
    if faults:
        raise ValueError("Coordinates cannot be found: " + "; ".join(faults))
