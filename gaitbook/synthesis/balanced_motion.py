"""Motion over many strides with the force of the ground that it needs: balanced to the last digit."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.dynamics import SegmentRates, Wrench, exact_rates, segment_needs, total_wrench
from gaitbook.mechanics.kinematics import Pose, center_of_mass, forward_kinematics
from gaitbook.mechanics.momentum import momentum_matrix
from gaitbook.synthesis.steadying import shift_under_pressure, shift_vertically, turn_trunk
from gaitbook.synthesis.stride_plan import StridePlan
from gaitbook.synthesis.strides import Course
from gaitbook.synthesis.walker_coordinates import body_rows

Array = NDArray[np.float64]

TRUNK: Final = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
TRANSLATIONS: Final = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
TURNS: Final = 6
"""Passes in which the trunk takes the moment out of flight."""
ENDS: Final = 8
"""Samples at both ends whose derivatives say little; they are cut off later."""
SMALL_TURN_RAD: Final = 1e-6
ENOUGH_BWM: Final = 2e-5
EDGE_BW: Final = 0.10
"""Where less than this is planned, the force is what was planned: neither negative nor early."""
VERTICAL_SPREAD_MPS2: Final = 0.3
FORCE_SPREAD: Final = 0.15
"""Spread of a runner's horizontal force around the plan, over the vertical force."""


@dataclass(frozen=True)
class Balanced:
    """Coordinates of a body with exact rates (time, coordinate), and what they need.

    Parameters
    ----------
    coordinates, velocities, accelerations
        (time, coordinate), rad or m and per s.
    pose, rates, needs
        Of the segments.
    force, moment
        Of the ground on both feet (N), and about the origin (N m), (time, axis).
    center
        Center of mass, m, (time, axis).
    """

    coordinates: Tensor
    velocities: Tensor
    accelerations: Tensor
    pose: Pose
    rates: SegmentRates
    needs: Wrench
    force: Array
    moment: Array
    center: Array

    @property
    def momentum_rate(self) -> Array:
        """Rate of the angular momentum about the center of mass, N m, (time, axis)."""
        return self.moment - np.cross(self.center, self.force)


def needed_wrench(body: Body, coordinates: Tensor, velocities: Tensor, accelerations: Tensor) -> Balanced:
    """Motion with what it needs."""
    pose = forward_kinematics(body, coordinates)
    rates = exact_rates(body, coordinates, velocities, accelerations)
    needs = segment_needs(body, pose, rates)
    force, moment = total_wrench(needs, torch.zeros(3, dtype=torch.float64))
    center = center_of_mass(body, pose).numpy()
    return Balanced(
        coordinates,
        velocities,
        accelerations,
        pose,
        rates,
        needs,
        np.asarray(force.numpy()),
        np.asarray(moment.numpy()),
        np.asarray(center),
    )


def balance(body: Body, plan: StridePlan, course: Course, *, steadied: bool = True) -> Balanced:
    """Motion of a course, steadied so that its force passes under the feet and vanishes in flight.

    Parameters
    ----------
    body
        The person's body.
    plan
        The stride.
    course
        The motion, in the frame of the belt.
    """
    rows = [
        body_rows(body, values, held=order == 0)
        for order, values in enumerate((course.value, course.rate, course.acceleration))
    ]
    if plan.is_run and steadied:
        rows = _without_moment_in_flight(body, plan, course, rows)
    motion = needed_wrench(body, *rows)
    return _shifted(body, plan, course, motion) if steadied else motion


def _without_moment_in_flight(
    body: Body, plan: StridePlan, course: Course, rows: list[Tensor]
) -> list[Tensor]:
    """Rows whose trunk turns so that moment and force agree where the force is small, and both vanish in flight."""
    weight_n = body.total_mass_kg * GRAVITY_MPS2
    force, target = weight_n * plan.force(course.phase), planned_pressure(plan, course)
    held = is_edge(plan, course.phase)
    step_s = float(course.time_s[1] - course.time_s[0])
    places = [body.coordinate(name) for name in TRUNK]
    response = _response(body, rows, places, step_s)
    away = np.zeros_like(force)
    for _ in range(TURNS):
        motion = needed_wrench(body, *(each[held] for each in rows))
        away[held] = motion.momentum_rate - np.cross(target[held] - motion.center, force[held])
        if np.abs(away[ENDS:-ENDS]).max() < ENOUGH_BWM * weight_n:
            break
        turns = turn_trunk(step_s=step_s, **response, held=held, wanted=-away)
        for row, turn in zip(rows, turns, strict=True):
            row[:, places] += torch.as_tensor(turn)
    return rows


def _response(body: Body, rows: list[Tensor], places: list[int], step_s: float) -> dict[str, Array]:
    """How the rate of angular momentum answers to turns of the trunk: the keywords of `turn_trunk`."""
    here, rates = rows[0], rows[1]
    matrix = momentum_matrix(body, here, forward_kinematics(body, here)).angular
    momentum = _momentum(matrix, rates)
    leaning = []
    for place in places:
        turned = here.clone()
        turned[:, place] += SMALL_TURN_RAD
        there = momentum_matrix(body, turned, forward_kinematics(body, turned)).angular
        leaning.append((_momentum(there, rates) - momentum) / SMALL_TURN_RAD)
    inertia, lean = matrix.numpy()[:, :, places], np.stack(leaning, axis=-1)
    return {
        "inertia": inertia,
        "drag": lean + np.gradient(inertia, step_s, axis=0),
        "stiffness": np.gradient(lean, step_s, axis=0),
    }


def _momentum(matrix: Tensor, rates: Tensor) -> Array:
    return np.asarray((matrix @ rates[..., None])[..., 0].numpy())


def _shifted(body: Body, plan: StridePlan, course: Course, motion: Balanced) -> Balanced:
    step_s, mass_kg = float(course.time_s[1] - course.time_s[0]), body.total_mass_kg
    planned = GRAVITY_MPS2 * plan.force(course.phase)
    needed = motion.force / mass_kg
    # at the ends of contact the force is small and must come and go as planned
    held = is_edge(plan, course.phase)
    shift, bend = np.zeros((2, *needed.shape))
    if held.any():
        shift[:, 1], bend[:, 1] = shift_vertically(
            step_s=step_s, held=held, held_mps2=(planned - needed)[:, 1], spread_mps2=VERTICAL_SPREAD_MPS2
        )
    vertical = needed[:, 1] + bend[:, 1]
    lever = motion.center[:, 1] + shift[:, 1]
    target = planned_pressure(plan, course)
    weight = np.where(held, 0.0, 1.0)
    # the smaller a runner's force, the nearer to the plan: it does not jump where contact ends
    near = (
        1.0 / (FORCE_SPREAD * np.maximum(planned[:, 1], EDGE_BW)) if plan.is_run else np.zeros(len(planned))
    )
    for axis, turn, sign in ((0, 2, 1.0), (2, 0, -1.0)):
        moment = sign * motion.momentum_rate[:, turn] / mass_kg - lever * needed[:, axis]
        away = vertical * (motion.center[:, axis] - target[:, axis]) + moment
        shift[:, axis], bend[:, axis] = shift_under_pressure(
            step_s=step_s,
            lever_m=lever,
            vertical_mps2=vertical,
            away_m=away,
            weight=weight,
            held=held,
            held_mps2=(planned - needed)[:, axis],
            planned_mps2=(planned - needed)[:, axis],
            planned_weight=near,
        )
    return _moved(body, motion, shift, bend, step_s)


def planned_pressure(plan: StridePlan, course: Course) -> Array:
    """Planned center of pressure of both feet together, m, (time, axis); the origin in flight."""
    share = plan.load_share(course.phase)
    return np.asarray((pressure_places(plan, course) * share[..., None]).sum(axis=1))


def pressure_places(plan: StridePlan, course: Course) -> Array:
    """Planned centers of pressure of both feet on the belt, m, (time, foot, axis)."""
    return plan.pressure(course.phase) + course.travel_m[:, None, None] * np.array([1.0, 0.0, 0.0])


def is_edge(plan: StridePlan, phase: Array) -> NDArray[np.bool_]:
    """Where a runner's force is small or none, (time,): motion is made to agree with the plan there, exactly."""
    return plan.force(phase)[:, 1] < EDGE_BW if plan.is_run else np.zeros(len(phase), dtype=bool)


def _moved(body: Body, motion: Balanced, shift: Array, bend: Array, step_s: float) -> Balanced:
    """Motion whose whole body is shifted; everything about it follows without computing it again."""
    moved, accelerated = torch.as_tensor(shift), torch.as_tensor(bend)
    speed = torch.as_tensor(np.gradient(shift, step_s, axis=0))
    places = [body.coordinate(name) for name in TRANSLATIONS]
    rows = []
    for row, change in (
        (motion.coordinates, moved),
        (motion.velocities, speed),
        (motion.accelerations, accelerated),
    ):
        changed = row.clone()
        changed[:, places] += change
        rows.append(changed)
    pose = Pose(motion.pose.rotation, motion.pose.position + moved[:, None])
    rates = motion.rates._replace(center_acceleration=motion.rates.center_acceleration + accelerated[:, None])
    needs = segment_needs(body, pose, rates)
    force, moment = total_wrench(needs, torch.zeros(3, dtype=torch.float64))
    return replace(
        motion,
        coordinates=rows[0],
        velocities=rows[1],
        accelerations=rows[2],
        pose=pose,
        rates=rates,
        needs=needs,
        force=force.numpy(),
        moment=moment.numpy(),
        center=motion.center + shift,
    )
