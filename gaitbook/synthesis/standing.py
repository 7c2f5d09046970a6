r"""Quiet standing with eyes closed, feet apart as wide as the hips (Romberg): an inverted pendulum that sways.

The center of mass wanders as a random process: an Ornstein-Uhlenbeck drift smoothed by the inertia of the body, its
spectrum written as a sum of waves, so that it is known at any time. Fore and aft the body turns about the ankles
(ankle strategy) while trunk and pelvis turn a little over the hips (hip strategy); sideways both legs lean alike under
a level pelvis. Feet stand still. Forces follow from the motion. It is a generator of plausible sway, not a model of its
control: no reflexes, no muscles, no breathing, no falls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
import xarray as xr

from gaitbook.conventions import PELVIS_TRANSLATIONS
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.kinematics import forward_kinematics, joint_axes, joint_centers
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.sagittal_body import (
    SIDES,
    Array,
    Posture,
    SagittalBody,
    center_path,
    coordinate_table,
    lean_to,
    sagittal_body,
)
from gaitbook.synthesis.task_forces import feet_forces, required_wrench
from gaitbook.synthesis.task_trial import (
    arm_angles,
    force_variables,
    load_tasks,
    motion_variables,
    posture_shifts,
    require_person,
    task_trial,
)

STREAM: Final = 41
LEG: Final = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle")
SWAYING: Final = ("fore_aft", "sideways", "trunk_fore_aft", "trunk_sideways")


@dataclass(frozen=True)
class Waves:
    """Random processes as sums of cosines and sines: the same at any sampling rate, with exact derivatives."""

    turn_rate: Array
    """(wave,), rad/s"""
    cosine: Array
    """(wave, process)"""
    sine: Array
    """(wave, process)"""

    def at(self, time_s: Array) -> Array:
        """Values (time, process)."""
        phase = np.outer(time_s, self.turn_rate)
        return np.cos(phase) @ self.cosine + np.sin(phase) @ self.sine


@dataclass(frozen=True)
class Stance:
    """A person who stands: the mean posture and how it sways."""

    person: SagittalBody
    mean: Posture
    pendulum_m: float
    """Height of the center of mass above the ankles."""
    waves: Waves
    """Processes `SWAYING`: m, m, rad, rad."""
    leg_per_m: Mapping[str, float]
    """Change of the coordinates of the legs per meter that the pelvis shifts to the right."""


def simulate_standing(
    person: Mapping[str, Any],
    *,
    duration_s: float = 30.0,
    sampling_rate_hz: float = 30.0,
    seed: int = 0,
    styles: Mapping[str, float] | None = None,
    forces: bool = True,
    body: Body | None = None,
) -> xr.Dataset:
    """Trial of a person who stands still with eyes closed, arms hanging.

    Parameters
    ----------
    person
        Row of `draw_people`: ``subject``, ``number``, ``sex``, ``age_year``, ``height_m``, ``mass_kg`` and ``vigor``;
        ``knee_varus_rad`` and ``abdominal_fat`` if known. Sway grows with age and falls with vigor.
    duration_s, sampling_rate_hz
        Length and rate of the recording.
    seed
        With the person's ``number`` it decides the sway; the sampling rate does not change it.
    styles
        Style scores by name; those of posture shift it: ``trunk_lean`` (forward), ``knee_offset`` (flexion),
        ``pelvis_tilt_offset``, ``arm_abduction`` and ``elbow_flexion``.
    forces
        Add what the ground gives; without, it is quicker.
    body
        The compiled `person_body`, if it is at hand.

    Returns
    -------
    xarray.Dataset
        A valid trial: ``joint_angle`` (time, coordinate), rad; ``pelvis_position`` (time, axis), m; with forces also
        ``ground_reaction_force`` (time, foot, axis), N, ``center_of_pressure`` (time, foot, axis), m, ``free_moment``
        (time, foot), N m, and ``in_contact`` (time, foot). The ankles stand at x = 0.

    Raises
    ------
    ValueError
        The person, the recording or a style makes no sense; lists all faults.

    Examples
    --------
    >>> person = {"subject": "person-0001", "number": 0, "sex": "female", "age_year": 50.0, "vigor": 0.0}
    >>> trial = simulate_standing(person | {"height_m": 1.65, "mass_kg": 66.0})
    >>> dict(trial.sizes) == {"time": 900, "coordinate": 34, "axis": 3, "foot": 2}
    True
    """
    require_person(
        person, "standing", duration_s=duration_s, sampling_rate_hz=sampling_rate_hz, styles=styles
    )
    stance = draw_stance(person, body or compile_body(person_body(person)), seed=seed, styles=styles)
    time_s = np.arange(round(duration_s * sampling_rate_hz)) / sampling_rate_hz
    table, owner = sway_table(stance, time_s), stance.person
    variables = motion_variables(owner.body, table, time_s)
    if forces:
        wrench = required_wrench(
            owner.body, lambda times: sway_table(stance, times), time_s, sampling_rate_hz
        )
        variables |= force_variables(feet_forces(wrench, owner.ankle_right_m), time_s)
    told = "standing with eyes closed simulated: random sway of an inverted pendulum on feet that stay, arms hanging"
    limits = (
        "no model of balance control: size and spectrum of the sway are given, forces follow from the motion"
    )
    log = [f"{told}; seed {seed}", limits]
    return task_trial(variables, person, "standing", sampling_rate_hz=sampling_rate_hz, log=log)


def draw_stance(
    person: Mapping[str, Any], body: Body, *, seed: int, styles: Mapping[str, float] | None
) -> Stance:
    """The person's way to stand and to sway.

    Parameters
    ----------
    person, seed, styles
        As for `simulate_standing`.
    body
        The compiled body.
    """
    shifts, numbers = posture_shifts(styles), load_tasks()
    links = sagittal_body(
        body, height_m=float(person["height_m"]), arms=arm_angles(numbers["standing"]["arms"], shifts)
    )
    mean = upright_posture(links, shifts)
    rng = np.random.default_rng([seed, int(person["number"]), STREAM])
    deviation = _sway_deviation(person, numbers["sway"], float(rng.standard_normal()))
    return Stance(
        person=links,
        mean=mean,
        pendulum_m=float(center_path(links, mean)[1]),
        waves=_draw_waves(numbers["sway"], deviation, rng),
        leg_per_m=_legs_for_shift(links, mean),
    )


def upright_posture(links: SagittalBody, shifts: Mapping[str, float]) -> Posture:
    """Mean posture of standing, the center of mass over the middle of the feet.

    Parameters
    ----------
    links
        The person's body.
    shifts
        As given by `posture_shifts`.
    """
    numbers = load_tasks()["standing"]
    knee_rad = max(numbers["knee_rad"] + shifts["knee_offset"], numbers["least_knee_rad"])
    leg = Posture(-0.5 * knee_rad, 0.5 * knee_rad, shifts["pelvis_tilt_offset"], shifts["trunk_lean"])
    return lean_to(links, leg, links.on_foot(numbers["pressure"]))


def sway_table(stance: Stance, time_s: Array) -> Array:
    """Coordinates (frame, coordinate) at any times, in the order of the body."""
    ahead, right, trunk_turn, trunk_bend = stance.waves.at(time_s).T
    # a body that leans forward turns about the axis to the right by a negative angle
    lean = -ahead / stance.pendulum_m
    mean = stance.mean
    upper = lean + trunk_turn
    posture = Posture(mean.shank + lean, mean.thigh + lean, mean.pelvis + upper, mean.trunk + upper)
    table, body = coordinate_table(stance.person, posture), stance.person.body
    table[:, body.coordinate(PELVIS_TRANSLATIONS[2])] += right
    table[:, body.coordinate("lumbar_bending")] += trunk_bend
    for name, slope in stance.leg_per_m.items():
        table[:, body.coordinate(name)] += slope * right
    return table


def _sway_deviation(person: Mapping[str, Any], numbers: Mapping[str, Any], own: float) -> Array:
    """Standard deviation of each process, (process,)."""
    older_year = max(float(person["age_year"]), numbers["least_age_year"]) - numbers["middle_age_year"]
    larger = np.exp(
        numbers["log_per_year"] * older_year
        + numbers["log_per_vigor"] * float(person["vigor"])
        + numbers["log_spread"] * own
    )
    trunk = numbers["trunk"]
    sizes = [numbers["fore_aft_m"], numbers["sideways_m"], trunk["fore_aft_rad"], trunk["sideways_rad"]]
    return np.asarray(larger * np.array(sizes))


def _draw_waves(numbers: Mapping[str, Any], deviation: Array, rng: np.random.Generator) -> Waves:
    """Gaussian processes of the spectrum 1 / (1 + (f / drift)²) / (1 + (f / body)²)²."""
    edges_hz = np.geomspace(numbers["lowest_hz"], numbers["highest_hz"], numbers["waves"] + 1)
    frequency_hz = rng.uniform(edges_hz[:-1], edges_hz[1:])[:, None]
    corners = [numbers, numbers, numbers["trunk"], numbers["trunk"]]
    drift_hz = np.array([each["drift_hz"] for each in corners])
    body_hz = np.array([each["body_hz"] for each in corners])
    power = 1.0 / (1.0 + (frequency_hz / drift_hz) ** 2) / (1.0 + (frequency_hz / body_hz) ** 2) ** 2
    power *= np.diff(edges_hz)[:, None]
    size = deviation * np.sqrt(power / power.sum(axis=0))
    cosine, sine = rng.standard_normal((2, *size.shape)) * size
    return Waves(2.0 * np.pi * frequency_hz[:, 0], cosine, sine)


def _legs_for_shift(links: SagittalBody, mean: Posture) -> dict[str, float]:
    """Change of all coordinates of the legs, per meter that the pelvis shifts to the right, that keeps the feet still.

    To first order: what remains is a slip of the second order in the sway.
    """
    body = links.body
    coordinates = torch.as_tensor(coordinate_table(links, mean))
    pose = forward_kinematics(body, coordinates)
    axes, centers = joint_axes(body, coordinates, pose), joint_centers(body, pose)[0].numpy()
    direction = axes.direction[0].numpy()
    change: dict[str, float] = {}
    for side in SIDES:
        names = [name + side for name in LEG]
        places = [divmod(body.axis_coordinate.tolist().index(body.coordinate(name)), 6) for name in names]
        turn = np.array([direction[place] for place in places])
        lever = centers[body.segment("calcn" + side)] - centers[[joint for joint, _ in places]]
        twist = np.concatenate([turn, np.cross(turn, lever)], axis=1)
        change |= dict(zip(names, np.linalg.solve(twist.T, [0.0, 0.0, 0.0, 0.0, 0.0, -1.0]), strict=True))
    return change
