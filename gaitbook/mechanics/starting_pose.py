"""Where to begin: a pose for every frame from which the fit to markers can only fall into the right valley.

A few frames are solved from the default pose, turned and shifted to where the pelvis is; the poses between them are
interpolated in time. Frames whose fit stays much worse than that of the others are tried again from their neighbors,
and those with a ghost among their markers without it.
"""

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from gaitbook.mechanics.descent import Descent, descend
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.marker_fit import FitTask, make_task, marker_distance

FRAMES_BETWEEN = 10
FEWEST_MARKERS = 3
ROOT_STEPS = 15
TIMES_WORSE = 2.0
SMALLEST_EXCESS_M = 0.005
"""A frame is suspect if its rms distance exceeds this, plus so many times the median of all frames."""

TIMES_NOISE, SMALLEST_GHOST_M = 10.0, 0.10
SHARE_OF_WORST = 0.5
"""A marker is a ghost beyond both distances, if it is also at least so far as this share of the frame's farthest."""


def find_start(task: FitTask, iterations: int, chunk: int) -> Tensor:
    """Starting values of the free coordinates in every frame, (frame, free).

    Parameters
    ----------
    task
        Markers to be met, in frames that follow one another.
    iterations, chunk
        Most steps per frame, and frames computed together.
    """
    count = len(task.marker)
    keys = torch.unique(torch.cat([torch.arange(0, count, FRAMES_BETWEEN), torch.tensor([count - 1])]))
    found = []
    for some in keys.to(task.free.device).split(chunk):
        here = task.of(some)
        found.append(mend(here, descend(here, _placed(here), iterations), iterations))
    return between(task, keys, torch.cat([descent.values for descent in found]), torch.arange(count))


def mend(task: FitTask, descent: Descent, iterations: int) -> Descent:
    """Descent in which suspect frames were tried again, from the poses of their neighbors and from the default pose."""
    for by_neighbors in (True, False):
        bad = _suspect(task, descent)
        wrong, right = bad.nonzero()[:, 0], (~bad).nonzero()[:, 0]
        if not len(wrong):
            break
        if by_neighbors and len(right):
            begin = between(task, right.cpu(), descent.values[right], wrong.cpu())
        else:
            begin = _placed(task.of(wrong))
        again = descend(task.of(wrong), begin, iterations)
        better = again.cost < descent.cost[wrong]
        descent = _with(descent, wrong[better], Descent(*(part[better] for part in again)))
    return descent


def without_ghosts(task: FitTask, descent: Descent, iterations: int) -> tuple[FitTask, Descent]:
    """Task in which markers far from where the body has them weigh nothing, and its descent.

    A ghost is farther off than ten standard deviations of a marker's error and 0.1 m: another marker's label, or a
    reflection. Frames that would keep fewer than three markers stay as they are.
    """
    distance = marker_distance(task, descent.values).nan_to_num(0.0)
    farthest = distance.amax(dim=1, keepdim=True)
    ghost = (distance * task.weight.sqrt() > TIMES_NOISE * task.noise_m) & (distance > SMALLEST_GHOST_M)
    ghost &= distance >= SHARE_OF_WORST * farthest
    rest = ((task.weight > 0) & ~ghost).sum(dim=1, keepdim=True)
    ghost &= rest >= FEWEST_MARKERS
    haunted = ghost.any(dim=1).nonzero()[:, 0]
    if not len(haunted):
        return task, descent
    task = task._replace(weight=torch.where(ghost, 0.0, task.weight))
    again = descend(task.of(haunted), descent.values[haunted], iterations)
    return task, Descent(*(old.index_copy(0, haunted, new) for old, new in zip(descent, again, strict=True)))


def between(task: FitTask, known: Tensor, values: Tensor, wanted: Tensor) -> Tensor:
    """Values (frame, free) at wanted frames, interpolated without overshoot from those at known frames."""
    curves = values.double().cpu().numpy()
    turning = [task.body.model.coordinates[number].is_rotation for number in task.free.tolist()]
    endless = (torch.isinf(task.low) & torch.isinf(task.high)).cpu().numpy() & np.array(turning)
    curves[:, endless] = np.unwrap(curves[:, endless], axis=0)
    if len(known) == 1:
        return values.expand(len(wanted), -1)
    places = np.clip(wanted.numpy(), int(known[0]), int(known[-1]))
    return torch.as_tensor(PchipInterpolator(known.numpy(), curves, axis=0)(places)).to(values)


def _with(descent: Descent, frames: Tensor, new: Descent) -> Descent:
    return Descent(*(old.index_copy(0, frames, part) for old, part in zip(descent, new, strict=True)))


def _suspect(task: FitTask, descent: Descent) -> Tensor:
    rms = (2 * descent.cost / task.weight.sum(dim=1)).sqrt()
    return ~descent.arrived | (rms > TIMES_WORSE * rms.median() + SMALLEST_EXCESS_M)


def _placed(task: FitTask) -> Tensor:
    """Default pose, turned about the vertical and then moved as one rigid body to the markers of its first segment."""
    body = task.body
    on_root = body.marker_segment == 0
    enough = ((task.weight > 0) & on_root).sum(dim=1) >= FEWEST_MARKERS
    weight = torch.where(enough[:, None], task.weight * on_root, task.weight)
    rooted = set(task.drives.coordinate[task.drives.joint == 0].tolist())
    start = task.expected.expand(len(task.marker), -1).clone()
    if not rooted:
        return start
    roots = make_task(body, task.marker, weight, tuple(sorted(rooted)), task.prior, task.noise_m)
    numbers = torch.searchsorted(task.free, roots.free)
    start[:, numbers] = descend(roots, _turned(roots, start[:, numbers]), ROOT_STEPS).values
    return start


def _turned(roots: FitTask, start: Tensor) -> Tensor:
    """Start turned about the most upright axis of the first joint, by what fits the markers seen from above."""
    body = roots.body
    drivers = body.axis_coordinate[:3]
    upright = torch.where(torch.isin(drivers, roots.free), body.axes[0, :3, 1].abs(), -1.0)
    axis = int(upright.argmax())
    if float(upright[axis]) <= 0:
        return start
    default = marker_positions(body, forward_kinematics(body, roots.prior.mean[None]))
    share = roots.weight / roots.weight.sum(dim=1, keepdim=True)
    own = default - (share[..., None] * default).sum(dim=1, keepdim=True)
    seen = roots.marker - (share[..., None] * roots.marker).sum(dim=1, keepdim=True)
    along = (share * (seen[..., 0] * own[..., 0] + seen[..., 2] * own[..., 2])).sum(dim=1)
    across = (share * (seen[..., 0] * own[..., 2] - seen[..., 2] * own[..., 0])).sum(dim=1)
    angle = torch.atan2(across, along) * body.axes[0, axis, 1].sign()
    number = int(torch.searchsorted(roots.free, drivers[axis]))
    start = start.clone()
    start[:, number] += angle
    return start
