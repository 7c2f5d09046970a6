r"""Moments at the knee: how the ground and the leg's own weight and inertia bend it.

*External* moments are reported, as in the literature on osteoarthritis: adduction positive (it loads the medial side),
flexion positive, internal rotation of the tibia positive, on both sides. The choice of the axes matters as much as
that of the interventions compared: in the tibia's frame, about the axes of the joint (the femur's flexion axis, the
tibia's long axis and the floating axis across both; Grood & Suntay 1983, doi:10.1115/1.3138397) or in the laboratory's.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor

from gaitbook.mechanics.body import Body, BodyPart
from gaitbook.mechanics.dynamics import (
    JointLoad,
    SegmentRates,
    Wrench,
    difference_rates,
    joint_loads,
    segment_needs,
)
from gaitbook.mechanics.kinematics import Pose, joint_centers

Frame: TypeAlias = Literal["tibia", "joint", "lab"]
Method: TypeAlias = Literal["newton-euler", "quasi-static"]
Pair: TypeAlias = tuple[str, str]
KNEE_AXES: Final = ("adduction", "internal_rotation", "flexion")
SIGNS: Final = ((1.0, 1.0, -1.0), (-1.0, -1.0, -1.0))
"""From forward, long and lateral axis to adduction, internal rotation and flexion, right and left."""


class Knees(NamedTuple):
    """What is below the knees of a body, and where in it the tibiae and the feet are: right, left."""

    part: BodyPart
    tibia: Tensor
    foot: Tensor
    femur_in_body: Tensor

    @property
    def tibia_in_body(self) -> Tensor:
        """Numbers of the tibiae in the whole body."""
        return self.part.places[self.tibia]


def find_knees(
    body: Body, tibia: Pair = ("tibia_r", "tibia_l"), foot: Pair = ("calcn_r", "calcn_l")
) -> Knees:
    """Knees of a body, by the names of the segments (OpenSim's by default), right and left.

    Raises
    ------
    ValueError
        The body lacks one of the segments.
    """
    missing = [name for name in (*tibia, *foot) if name not in body.segment_names]
    if missing:
        raise ValueError(
            f"Body {body.model.name!r} has no segment {', '.join(missing)}; it has {', '.join(body.segment_names)}. "
            "Name the segments below the knees and those that carry the ground force."
        )
    part = body.beyond(*tibia)
    places = part.places.tolist()
    inside = [torch.tensor([places.index(body.segment(n)) for n in names]) for names in (tibia, foot)]
    femur = torch.tensor([body.parents[body.segment(name)] for name in tibia])
    device = part.places.device
    return Knees(part, inside[0].to(device), inside[1].to(device), femur.to(device))


def knee_rates(knees: Knees, pose: Pose, sampling_rate_hz: float) -> SegmentRates:
    """Rates of the segments below the knees, by finite differences of the whole body's pose (..., time, segment)."""
    return difference_rates(knees.part, pose.of(knees.part), sampling_rate_hz)


def knee_load(knees: Knees, pose: Pose, rates: SegmentRates, ground: Wrench) -> JointLoad:
    """Force and moment on the tibiae by the femurs at the knee joint centers, (..., knee, 3), ground frame.

    Parameters
    ----------
    knees
        As given by `find_knees`.
    pose
        Of the whole body.
    rates
        As given by `knee_rates`.
    ground
        Force of the ground on the right and the left foot (..., 2, 3) at its center of pressure (finite even without
        contact), with the free moment as couple.
    """
    legs = pose.of(knees.part)
    load = joint_loads(knees.part, legs, segment_needs(knees.part, legs, rates), ground, knees.foot)
    return JointLoad(load.force[..., knees.tibia, :], load.moment[..., knees.tibia, :])


def quasi_static_moment(knees: Knees, pose: Pose, ground: Wrench) -> Tensor:
    """Moment of the ground force alone about the knee joint centers, (..., knee, 3), N m, ground frame.

    Weight, inertia and free moment are left out: the way of GaitDynamics (Tan et al. 2026).
    """
    center = joint_centers(knees.part, pose.of(knees.part))[..., knees.tibia, :]
    return torch.linalg.cross(ground.point - center, ground.force)


def anatomical_moment(knees: Knees, pose: Pose, moment: Tensor, frame: Frame = "tibia") -> Tensor:
    """Adduction, internal rotation and flexion moment of an external moment in the ground frame.

    Parameters
    ----------
    knees, pose
        The knees, and the pose of the whole body.
    moment
        External moment (..., knee, 3), N m; for `knee_load` that is its moment with the sign reversed.
    frame
        Axes to express it in: of the ``"tibia"``, of the ``"joint"`` (the femur's flexion axis, the tibia's long
        axis, and the floating axis across both), or of the ``"lab"``, which must look along the direction of
        progression.

    Returns
    -------
    torch.Tensor
        (..., knee, axis), N m; right, left; adduction, internal rotation, flexion: positive on both sides alike.
    """
    along = (_axes(knees, pose, frame) * moment[..., None, :]).sum(dim=-1)
    return along * torch.tensor(SIGNS, dtype=moment.dtype, device=moment.device)


def _axes(knees: Knees, pose: Pose, frame: Frame) -> Tensor:
    """Forward, long and lateral axis of both knees in the ground frame, (..., knee, axis, 3)."""
    tibia = pose.rotation[..., knees.tibia_in_body, :, :].mT
    if frame == "tibia":
        return tibia
    if frame == "lab":
        return torch.eye(3, dtype=tibia.dtype, device=tibia.device).expand_as(tibia)
    long = tibia[..., 1, :]
    lateral = pose.rotation[..., knees.femur_in_body, :, 2]
    floating = torch.nn.functional.normalize(torch.linalg.cross(long, lateral), dim=-1)
    return torch.stack([floating, long, lateral], dim=-2)
