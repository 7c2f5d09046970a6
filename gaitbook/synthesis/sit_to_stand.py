"""Standing up from a bench and sitting down again, arms crossed, for 30 seconds.

Four angles over feet that stay flat: the trunk leans until the center of mass is nearly over the feet, then knees and
hips extend while it rights itself; the descent mirrors the rise. Every change is a minimum-jerk curve (Flash & Hogan
1985, doi:10.1523/JNEUROSCI.05-07-01688.1985). Forces follow from the motion; the bench takes what feet under a seated
person leave. It is a generator of plausible repetitions, not of how people find them: both sides are alike, muscles and
fatigue are left out.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.mechanics.body import Body, compile_body
from gaitbook.synthesis.chair_rise import Chair, make_chair, seat_on
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.repetitions import Repetitions, draw_repetitions, move
from gaitbook.synthesis.sagittal_body import Array, Posture, coordinate_table, hip_path, sagittal_body
from gaitbook.synthesis.standing import upright_posture
from gaitbook.synthesis.task_forces import feet_forces, lighten, required_wrench
from gaitbook.synthesis.task_trial import (
    arm_angles,
    force_variables,
    load_tasks,
    motion_variables,
    posture_shifts,
    require_person,
    seat_variables,
    task_trial,
)

STREAM: Final = 42


def simulate_sit_to_stand(
    person: Mapping[str, Any],
    *,
    duration_s: float = 30.0,
    sampling_rate_hz: float = 30.0,
    seed: int = 0,
    styles: Mapping[str, float] | None = None,
    forces: bool = True,
    body: Body | None = None,
) -> xr.Dataset:
    """Trial of a person who stands up from a bench of 46 cm and sits down, over and over, arms crossed.

    Parameters
    ----------
    person
        Row of `draw_people`: ``subject``, ``number``, ``sex``, ``age_year``, ``height_m``, ``mass_kg`` and ``vigor``;
        ``knee_varus_rad`` and ``abdominal_fat`` if known. Repetitions fall with age and grow with vigor.
    duration_s, sampling_rate_hz
        Length and rate of the recording.
    seed
        With the person's ``number`` it decides the repetitions; the sampling rate does not change them.
    styles
        Style scores by name; those of posture shift it: ``trunk_lean`` (forward), ``knee_offset`` (flexion),
        ``pelvis_tilt_offset``, ``arm_abduction`` and ``elbow_flexion``.
    forces
        Add what ground and bench give; without, it is quicker.
    body
        The compiled `person_body`, if it is at hand.

    Returns
    -------
    xarray.Dataset
        A valid trial: ``joint_angle`` (time, coordinate), rad; ``pelvis_position`` (time, axis), m; with forces also
        ``ground_reaction_force`` (time, foot, axis), N, ``center_of_pressure`` (time, foot, axis), m, ``free_moment``
        (time, foot), N m, ``in_contact`` (time, foot), ``seat_force`` (time, axis), N, on the person, and
        ``seat_center_of_pressure`` (time, axis), m. The ankles stand at x = 0. The attribute ``repetitions`` counts
        the times that the person stood upright.

    Raises
    ------
    ValueError
        The person, the recording or a style makes no sense; lists all faults.

    Examples
    --------
    >>> person = {"subject": "person-0001", "number": 0, "sex": "female", "age_year": 50.0, "vigor": 0.0}
    >>> trial = simulate_sit_to_stand(person | {"height_m": 1.65, "mass_kg": 66.0})
    >>> 10 <= trial.attrs["repetitions"] <= 20
    True
    """
    require_person(
        person, "sit-to-stand", duration_s=duration_s, sampling_rate_hz=sampling_rate_hz, styles=styles
    )
    rng = np.random.default_rng([seed, int(person["number"]), STREAM])
    chair = draw_chair(person, body or compile_body(person_body(person)), rng=rng, styles=styles)
    repetitions = draw_repetitions(person, chair, duration_s=duration_s, rng=rng)
    time_s = np.arange(round(duration_s * sampling_rate_hz)) / sampling_rate_hz
    links = chair.person
    posture = move(chair, repetitions, time_s)
    variables = motion_variables(links.body, coordinate_table(links, posture), time_s)
    if forces:
        variables |= _supports(chair, repetitions, time_s, sampling_rate_hz)
    stands = repetitions.stands_before(duration_s)
    told = f"sit-to-stand simulated: {stands} repetitions of minimum-jerk curves over feet that stay, arms crossed"
    limits = "no model of how people rise: posture and timing are given, forces follow from the motion"
    log = [f"{told}; seed {seed}", limits]
    return task_trial(
        variables, person, "sit_to_stand", sampling_rate_hz=sampling_rate_hz, log=log, repetitions=stands
    )


def draw_chair(
    person: Mapping[str, Any],
    body: Body,
    *,
    rng: np.random.Generator,
    styles: Mapping[str, float] | None = None,
) -> Chair:
    """The person's postures: on the bench, at seat-off and upright.

    Parameters
    ----------
    person, styles
        As for `simulate_sit_to_stand`.
    body
        The compiled body.
    rng
        Generator of the person.
    """
    numbers, shifts = load_tasks()["sit_to_stand"], posture_shifts(styles)
    height_m = float(person["height_m"])
    links = sagittal_body(body, height_m=height_m, arms=arm_angles(numbers["arms"], shifts))
    hip_m = numbers["bench_m"] + numbers["hip_above_bench"] * height_m
    trunk_rad = -(numbers["lean_rad"] + numbers["lean_spread"] * float(rng.standard_normal()))
    pelvis_rad = numbers["pelvis_rad"] + shifts["pelvis_tilt_offset"]
    upper = Posture(0.0, 0.0, pelvis_rad, numbers["trunk_rad"] + shifts["trunk_lean"])
    seated = seat_on(
        links, upper, hip_height_m=hip_m, lean_rad=trunk_rad + shifts["trunk_lean"], numbers=numbers
    )
    return make_chair(links, seated, upright_posture(links, shifts), numbers)


def _supports(
    chair: Chair, repetitions: Repetitions, time_s: Array, rate_hz: float
) -> dict[str, xr.DataArray]:
    links, numbers = chair.person, load_tasks()["sit_to_stand"]

    def motion(times: Array) -> Array:
        return coordinate_table(links, move(chair, repetitions, times))

    wrench = required_wrench(links.body, motion, time_s, rate_hz)
    risen_m = hip_path(links, move(chair, repetitions, time_s))[:, 1] - hip_path(links, chair.seated)[1]
    part = np.clip(1.0 - risen_m / numbers["flesh_m"], 0.0, 1.0)
    seat = lighten(
        wrench,
        seat_m=chair.seat_m,
        feet_ahead_m=links.on_foot(numbers["feet_pressure"]),
        contact=part**2 * (3.0 - 2.0 * part),
    )
    feet = feet_forces(seat.feet, links.ankle_right_m)
    return force_variables(feet, time_s) | seat_variables(seat.force, seat.pressure, time_s)
