r"""How well a body fits markers: cost, gradient and curvature of the weighted distances, in a batch of frames.

The normal equations of the fit are those of a tree of rigid bodies whose masses are the markers: with the twist
:math:`\xi` of every coordinate and the moments of order 0 to 2 of the markers beyond its joint, the curvature is found
without ever writing down the Jacobian of the markers, as the mass matrix of a robot is found from composite bodies
(Walker & Orin 1982, doi:10.1115/1.3139699).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gaitbook.mechanics.body import Body
from gaitbook.mechanics.jacobian import (
    AXES_OF_JOINT,
    TURNS_OF_JOINT,
    Drives,
    Twists,
    coordinate_twists,
    find_drives,
)
from gaitbook.mechanics.kinematics import Pose, forward_kinematics, marker_positions


class Prior(NamedTuple):
    """What is expected of the coordinates before anything is measured.

    ``mean`` and ``spread`` (coordinate,), rad or m: mean and standard deviation; an infinite spread expects nothing.
    """

    mean: Tensor
    spread: Tensor


class FitTask(NamedTuple):
    """Markers to be met by the free coordinates of a body.

    ``marker`` (frame, marker, 3), m, finite; ``seen`` (frame, marker); ``weight`` (frame, marker), zero where unseen;
    ``prior`` and ``noise_m`` as given; ``free`` (free,) numbers of the coordinates to find, the others stay at the
    prior's mean; ``stiffness``, ``low`` and ``high`` (free,): weight of the prior (squared noise over squared spread)
    and limits; ``half``, ``place`` and ``riding``: tables that only this module reads.
    """

    body: Body
    drives: Drives
    marker: Tensor
    seen: Tensor
    weight: Tensor
    prior: Prior
    noise_m: float
    free: Tensor
    stiffness: Tensor
    low: Tensor
    high: Tensor
    half: Tensor
    place: Tensor
    riding: Tensor

    @property
    def expected(self) -> Tensor:
        """Mean of the prior of the free coordinates, (free,)."""
        return self.prior.mean[self.free]

    def of(self, frames: Tensor | slice) -> "FitTask":
        """Task in some of the frames."""
        return self._replace(marker=self.marker[frames], seen=self.seen[frames], weight=self.weight[frames])

    def full(self, values: Tensor) -> Tensor:
        """All coordinates (frame, coordinate) from the free ones."""
        return self.prior.mean.expand(len(values), -1).index_copy(1, self.free, values)


class Fit(NamedTuple):
    """Half the squared distance ``cost`` (frame,), m2, with its ``gradient`` (frame, free) and ``curvature``."""

    cost: Tensor
    gradient: Tensor
    curvature: Tensor


def make_task(
    body: Body, markers: Tensor, weight: Tensor, free: tuple[int, ...], prior: Prior, noise_m: float
) -> FitTask:
    """Task of meeting markers by the free coordinates.

    Where the body stands in the laboratory and which way it heads has no limits.

    Parameters
    ----------
    body
        The body.
    markers, weight
        (frame, marker, 3), m, NaN where unseen, and (frame, marker).
    free
        Numbers of the coordinates to find, ascending.
    prior, noise_m
        Expectation of all coordinates and standard deviation of a marker of weight 1.
    """
    drives = find_drives(body, free)
    places = torch.tensor(free, dtype=torch.long, device=markers.device)
    seen = torch.isfinite(markers).all(dim=-1)
    low, high = _limits(body, markers)
    prior = Prior(prior.mean.to(markers), prior.spread.to(markers))
    # what nothing is expected of and no marker informs must not make the equations singular
    least = 100 * torch.finfo(markers.dtype).eps
    return FitTask(
        body,
        drives,
        torch.where(seen[..., None], markers, 0.0),
        seen,
        weight.to(markers) * seen,
        prior,
        noise_m,
        places,
        ((noise_m / prior.spread[places]) ** 2).clamp_min(least),
        low[places],
        high[places],
        _half_of_pairs(body, drives),
        torch.searchsorted(places, drives.coordinate),
        _riding(body),
    )


def evaluate(task: FitTask, values: Tensor) -> Fit:
    """Fit with the free coordinates at ``values`` (frame, free)."""
    coordinates = task.full(values)
    pose = forward_kinematics(task.body, coordinates)
    twists = coordinate_twists(task.body, coordinates, pose, task.drives)
    lever = _levers(task, pose, twists.origin)
    missed = (task.marker - twists.origin[:, None]).mT - lever
    pull = missed * task.weight[:, None]
    moments = _moments(task, lever, pull)
    gradient, curvature = _normal_equations(task, twists, moments)
    beside = values - task.expected
    cost = 0.5 * ((pull * missed).sum(dim=(1, 2)) + (task.stiffness * beside**2).sum(dim=1))
    curvature.diagonal(dim1=1, dim2=2).add_(task.stiffness)
    return Fit(cost, gradient + task.stiffness * beside, curvature)


def marker_distance(task: FitTask, values: Tensor) -> Tensor:
    """Distance of every marker from where it was seen, (frame, marker), m; NaN where unseen."""
    reached = marker_positions(task.body, forward_kinematics(task.body, task.full(values)))
    return torch.where(task.seen, (task.marker - reached).norm(dim=-1), torch.nan)


def _levers(task: FitTask, pose: Pose, origin: Tensor) -> Tensor:
    """Markers from the origin, (frame, 3, marker): one product with a constant table for all of them."""
    place = torch.cat([pose.rotation, (pose.position - origin[:, None])[..., None]], dim=-1)
    return place.transpose(1, 2).flatten(2) @ task.riding


def _moments(task: FitTask, lever: Tensor, pull: Tensor) -> Tensor:
    """Sums over the markers beyond each drive's joint, (frame, 19, drive).

    Weight (1), weighted position (3) and its dyad (9), pull (3) and moment of the pull (3).
    """
    weighted = lever * task.weight[:, None]
    dyad = (weighted[:, :, None] * lever[:, None]).flatten(1, 2)
    turning = torch.linalg.cross(lever, pull, dim=1)
    each = torch.cat([task.weight[:, None], weighted, dyad, pull, turning], dim=1)
    beyond = task.body.is_ancestor[:, task.body.marker_segment]
    return (each @ beyond.T)[..., task.drives.joint]


def _normal_equations(task: FitTask, twists: Twists, moments: Tensor) -> tuple[Tensor, Tensor]:
    weight, first, dyad, pull, moment = moments.split([1, 3, 9, 3, 3], dim=1)
    turn, shift = twists.turn, twists.shift
    trace = dyad[:, 0::4].sum(dim=1, keepdim=True)
    stretched = (dyad.unflatten(1, (3, 3)) * turn[:, None]).sum(dim=2)
    force = weight * shift + torch.linalg.cross(turn, first, dim=1)
    couple = trace * turn - stretched + torch.linalg.cross(first, shift, dim=1)
    twist = torch.cat([turn, shift], dim=1)
    half = (twist.mT @ torch.cat([couple, force], dim=1)) * task.half
    curvature = half + half.mT
    gradient = -(turn * moment + shift * pull).sum(dim=1)
    count = len(task.free)
    if len(task.place) > count:
        gradient = gradient.new_zeros(len(gradient), count).index_add(1, task.place, gradient)
        rows = curvature.new_zeros(len(curvature), count, len(task.place)).index_add(1, task.place, curvature)
        curvature = rows.new_zeros(len(rows), count, count).index_add(2, task.place, rows)
    return gradient, curvature


def _riding(body: Body) -> Tensor:
    """Table (segment and axis or one, marker) that gives the markers from rotations and positions of the segments."""
    count = len(body.marker_segment)
    table = body.mass.new_zeros(len(body.segment_names), 4, count)
    numbers = torch.arange(count, device=table.device)
    table[body.marker_segment, :3, numbers] = body.marker_position
    table[body.marker_segment, 3, numbers] = 1.0
    return table.flatten(0, 1)


def _half_of_pairs(body: Body, drives: Drives) -> Tensor:
    """Weights (drive, drive): the column's joint hangs below the row's (1), is the same (1/2), or neither (0)."""
    below = body.is_ancestor[drives.joint][:, drives.joint]
    return below * (1.0 - 0.5 * below.T)


def _limits(body: Body, like: Tensor) -> tuple[Tensor, Tensor]:
    coordinates = body.model.coordinates
    low = torch.tensor([c.low for c in coordinates]).to(like)
    high = torch.tensor([c.high for c in coordinates]).to(like)
    driven = body.axis_coordinate.reshape(-1, AXES_OF_JOINT)[body.levels[0]]
    heading = body.axes[body.levels[0], :TURNS_OF_JOINT, 1].abs().argmax(dim=1)
    placing = torch.cat([driven[:, TURNS_OF_JOINT:], driven.gather(1, heading[:, None])], dim=1).flatten()
    placing = placing[placing < len(coordinates)]
    return low.index_fill(0, placing, -torch.inf), high.index_fill(0, placing, torch.inf)
