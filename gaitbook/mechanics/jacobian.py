"""How markers move with coordinates: the geometric Jacobian, without automatic differentiation.

A coordinate that turns or shifts a joint gives everything beyond that joint one rigid motion, a twist. Only the pairs
of a marker and a coordinate that moves it are computed; which these are is found once per body.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from gaitbook.mechanics.body import Body
from gaitbook.mechanics.kinematics import Pose, joint_axes, marker_positions

AXES_OF_JOINT = 6
TURNS_OF_JOINT = 3


class Drives(NamedTuple):
    """Which coordinates drive which joints; a drive is a pair of both, sorted by coordinate.

    ``joint`` and ``coordinate`` (drive,); followers count as their leader. ``turning`` and ``sliding`` are the
    driven rotations and translations (axis,), numbered through all joints; ``drive_of_turning`` and
    ``drive_of_sliding`` the drive that each belongs to; ``own_coordinate`` the coordinate of every axis before
    followers are resolved. ``marker`` and ``drive_of_marker`` (pair,) list what moves which marker.
    """

    joint: Tensor
    coordinate: Tensor
    turning: Tensor
    sliding: Tensor
    drive_of_turning: Tensor
    drive_of_sliding: Tensor
    own_coordinate: Tensor
    marker: Tensor
    drive_of_marker: Tensor


class Twists(NamedTuple):
    """Rigid motion that each drive gives to what hangs on its joint, per unit of the coordinate.

    ``turn`` (frame, 3, drive), rad; ``shift`` (frame, 3, drive), m, of the point of the body at ``origin``
    (frame, 3), m.
    """

    turn: Tensor
    shift: Tensor
    origin: Tensor


def marker_jacobian(body: Body, coordinates: Tensor, pose: Pose) -> Tensor:
    """Change of every marker with every coordinate.

    Parameters
    ----------
    body
        The body.
    coordinates
        (..., coordinate), rad or m.
    pose
        Its pose there, as given by `forward_kinematics`.

    Returns
    -------
    torch.Tensor
        (..., marker, 3, coordinate), m per rad or m per m, ground frame. Coordinates that follow others are zero:
        their share belongs to the leader.
    """
    shape, count = coordinates.shape[:-1], coordinates.shape[-1]
    drives = find_drives(body)
    flat = coordinates.reshape(-1, count)
    flat_pose = Pose(pose.rotation.reshape(-1, *pose.rotation.shape[-3:]), pose.position.flatten(0, -3))
    twists = coordinate_twists(body, flat, flat_pose, drives)
    lever = (marker_positions(body, flat_pose) - twists.origin[:, None]).mT[..., drives.marker]
    turn = twists.turn[..., drives.drive_of_marker]
    change = torch.linalg.cross(turn, lever, dim=1) + twists.shift[..., drives.drive_of_marker]
    place = drives.marker * count + drives.coordinate[drives.drive_of_marker]
    markers = len(body.marker_segment)
    table = change.new_zeros(len(flat), 3, markers * count).index_add(2, place, change)
    return table.reshape(*shape, 3, markers, count).movedim(-3, -2)


def coordinate_twists(body: Body, coordinates: Tensor, pose: Pose, drives: Drives) -> Twists:
    """Twists of all drives, about the origin of the first segment.

    Parameters
    ----------
    body, coordinates, pose
        As for `marker_jacobian`, with one leading dimension.
    drives
        As given by `find_drives`.
    """
    axes = joint_axes(body, coordinates, pose)
    slope = axes.slope.flatten(1)
    if len(body.follower):
        slope = slope * body.coordinate_slope(coordinates)[:, drives.own_coordinate]
    along = (axes.direction.flatten(1, 2) * slope[..., None]).mT
    origin = pose.position[:, 0]
    center = (axes.center - origin[:, None]).mT[..., drives.turning // AXES_OF_JOINT]
    turning, sliding = along[..., drives.turning], along[..., drives.sliding]
    empty = along.new_zeros(*along.shape[:2], len(drives.joint))
    turn = empty.index_add(2, drives.drive_of_turning, turning)
    shift = empty.index_add(2, drives.drive_of_turning, torch.linalg.cross(center, turning, dim=1))
    return Twists(turn, shift.index_add(2, drives.drive_of_sliding, sliding), origin)


@lru_cache(maxsize=16)
def find_drives(body: Body, free: tuple[int, ...] | None = None) -> Drives:
    """Drives of a body, kept for the bodies used last.

    Parameters
    ----------
    body
        The body, already on its device.
    free
        Coordinates that matter, by number; by default all. Those that follow others never drive by themselves.
    """
    count = len(body.coordinate_names)
    leader = dict(zip(body.follower.tolist(), body.leader.tolist(), strict=True))
    own = body.axis_coordinate.tolist()
    resolved = [leader.get(coordinate, coordinate) for coordinate in own]
    wanted = set(range(count)) if free is None else set(free)
    driven = [place for place, coordinate in enumerate(resolved) if coordinate in wanted]
    pairs = sorted({(resolved[place], place // AXES_OF_JOINT) for place in driven})
    drive = {place: pairs.index((resolved[place], place // AXES_OF_JOINT)) for place in driven}
    turning = [place for place in driven if place % AXES_OF_JOINT < TURNS_OF_JOINT]
    sliding = [place for place in driven if place % AXES_OF_JOINT >= TURNS_OF_JOINT]
    above = body.is_ancestor[:, body.marker_segment].bool().tolist()
    moved = [
        (marker, number)
        for number, (_, joint) in enumerate(pairs)
        for marker, hangs in enumerate(above[joint])
        if hangs
    ]

    def table(values: list[int]) -> Tensor:
        return torch.tensor(values, dtype=torch.long, device=body.mass.device)

    return Drives(
        table([joint for _, joint in pairs]),
        table([coordinate for coordinate, _ in pairs]),
        table(turning),
        table(sliding),
        table([drive[place] for place in turning]),
        table([drive[place] for place in sliding]),
        table([min(coordinate, count - 1) for coordinate in own]),
        table([marker for marker, _ in moved]),
        table([number for _, number in moved]),
    )
