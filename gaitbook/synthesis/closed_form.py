r"""Walking and running trials whose ground forces and motion are known in closed form.

Forces are written down first (`gaitbook.synthesis.gait_pattern`); the center of mass follows by exact integration
(`gaitbook.synthesis.step_forces`); feet, legs and a trunk carry it (`gaitbook.synthesis.stick_body`). So
:math:`\sum F = m (a_{COM} - g)` holds at every instant, and a program that claims to read forces from motion can be
held against the truth. People differ by seed, strides differ from each other. It is a fixture and a stand-in where
no recording is at hand, not a model of a person: rigid segments, no arms, level ground, steady speed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.schema import make_trial
from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2, SEXES, SURFACES
from gaitbook.synthesis.gait_pattern import FASTEST_WALK_MPS, SPEED_RANGE_MPS, draw_person, make_pattern
from gaitbook.synthesis.simulated_body import move_body
from gaitbook.synthesis.step_forces import Array, evaluate_force
from gaitbook.synthesis.step_sequence import draw_steps
from gaitbook.synthesis.stick_body import MARKERS, STANDING_MARKERS, place_markers, stand

FREE_MOMENT_LEVER_M = 0.004
"""Amplitude of the free moment per unit of vertical force."""


def simulate_trial(  # noqa: PLR0913 - one keyword for each thing a reader may want to vary
    *,
    speed_mps: float = 3.0,
    mass_kg: float = 70.0,
    height_m: float = 1.75,
    sex: str = "female",
    duration_s: float = 6.0,
    sampling_rate_hz: float = 100.0,
    noise_m: float = 0.0,
    variability: float = 1.0,
    seed: int = 0,
    subject: str = "simulated",
    trial: str | None = None,
    surface: str = "treadmill",
    truth: bool = False,
) -> xr.Dataset:
    """Trial of a simulated person, walking up to 2 m/s and running above.

    Parameters
    ----------
    speed_mps
        Speed of the belt, or of the person over ground, 0.6 to 6.5 m/s.
    mass_kg, height_m, sex
        The person; the rest of what makes a person follows from `seed`.
    duration_s, sampling_rate_hz
        Length and rate of the recording.
    noise_m
        Standard deviation of white noise added to each marker coordinate, m.
    variability
        Scales the differences between strides; zero repeats one stride exactly.
    seed
        Person and noise; the same seed gives the same person at every speed.
    subject, trial
        Names in the cohort; the trial's default name is made of gait and speed.
    surface
        ``"treadmill"`` (the person stays in place) or ``"overground"``.
    truth
        Add the true ``center_of_mass_position`` (time, axis), m.

    Returns
    -------
    xarray.Dataset
        A valid trial: ``marker_position`` (time, marker, axis), m, with the labels of the lower-body set of the
        public running data; ``ground_reaction_force`` (time, foot, axis), N; ``center_of_pressure``
        (time, foot, axis), m; ``free_moment`` (time, foot), N m; ``in_contact`` (time, foot);
        ``standing_position`` (standing_marker, axis), m, of the person standing, knees and ankles marked, too.

    Raises
    ------
    ValueError
        If the speed, sex or surface is outside what can be simulated, or the trial shorter than two samples.

    Examples
    --------
    >>> trial = simulate_trial(speed_mps=3.0, variability=0.0)
    >>> sorted(trial.data_vars)
    ['center_of_pressure', 'free_moment', 'ground_reaction_force', 'in_contact', 'marker_position', 'standing_position']
    """
    _refuse(speed_mps, sex=sex, surface=surface, samples=duration_s * sampling_rate_hz)
    person = draw_person(mass_kg=mass_kg, height_m=height_m, marker_count=len(MARKERS), seed=seed)
    rng = np.random.default_rng([seed, round(1000 * speed_mps)])
    time_s = np.arange(round(duration_s * sampling_rate_hz)) / sampling_rate_hz
    pattern = make_pattern(person, speed_mps=speed_mps, gravity_mps2=GRAVITY_MPS2)
    sequence = draw_steps(pattern, mass_kg=mass_kg, duration_s=duration_s, variability=variability, rng=rng)
    body = move_body(sequence, time_s, person, sex=sex, speed_mps=speed_mps, variability=variability, rng=rng)
    travel_m = np.outer(time_s, [speed_mps if surface == "overground" else 0.0, 0.0, 0.0])
    marker_m = place_markers(body.motion, body.feet, height_m=height_m) + travel_m[:, None]
    marker_m = marker_m + person.marker_shift_m + noise_m * rng.standard_normal(marker_m.shape)
    force_n = evaluate_force(sequence.steps, time_s)
    pressure_m = np.stack([foot.pressure_m for foot in body.feet], axis=1) + travel_m[:, None]
    in_contact = np.stack([foot.in_contact for foot in body.feet], axis=1)
    variables = _label(time_s, marker_m, force_n, pressure_m, in_contact)
    standing_m = stand(height_m=height_m)
    standing_m[: len(MARKERS)] += person.marker_shift_m
    variables["standing_position"] = _stand(standing_m)
    if truth:
        variables["center_of_mass_position"] = _array(time_s, body.center_of_mass_m + travel_m, axis=AXES)
    gait = "walk" if speed_mps <= FASTEST_WALK_MPS else "run"
    return make_trial(
        variables,
        {
            "source": "closed-form",
            "subject": subject,
            "trial": trial or f"{gait}-{speed_mps:g}",
            "sex": sex,
            "height_m": height_m,
            "mass_kg": mass_kg,
            "sampling_rate_hz": sampling_rate_hz,
            "speed_mps": speed_mps,
            "surface": surface,
            "license": "CC0 (simulated)",
            "log": [f"simulated in closed form: {gait} at {speed_mps:g} m/s, seed {seed}"],
        },
    )


def simulate_cohort_trials(
    *,
    subjects: int = 12,
    speeds_mps: Sequence[float] = (2.5, 3.5, 4.5),
    duration_s: float = 10.0,
    sampling_rate_hz: float = 150.0,
    noise_m: float = 0.001,
    seed: int = 0,
) -> Iterator[xr.Dataset]:
    """Trials of simulated people, each at every speed; the same people for the same seed.

    Parameters
    ----------
    subjects
        Number of people, half of them women, with the stature and mass of adult runners.
    speeds_mps
        Speeds; one trial each.
    duration_s, sampling_rate_hz, noise_m
        As in `simulate_trial`.
    seed
        First person's seed.

    Yields
    ------
    xarray.Dataset
        A valid trial.
    """
    for number in range(subjects):
        sex = SEXES[number % 2]
        rng = np.random.default_rng([seed, number])
        height_m = round(float(rng.normal(1.65 if sex == "female" else 1.77, 0.06)), 3)
        mass_kg = round(float(rng.normal(22.5, 1.8)) * height_m**2, 1)
        for speed_mps in speeds_mps:
            yield simulate_trial(
                speed_mps=float(speed_mps),
                mass_kg=mass_kg,
                height_m=height_m,
                sex=sex,
                duration_s=duration_s,
                sampling_rate_hz=sampling_rate_hz,
                noise_m=noise_m,
                seed=1000 * seed + number,
                subject=f"simulated-{number + 1:02d}",
            )


def _refuse(speed_mps: float, *, sex: str, surface: str, samples: float) -> None:
    low, high = SPEED_RANGE_MPS
    faults = []
    if not low <= speed_mps <= high:
        faults.append(f"speed_mps is {speed_mps:g}, expected {low:g} to {high:g}")
    if sex not in SEXES:
        faults.append(f"sex is {sex!r}, expected one of {', '.join(SEXES)}")
    if surface not in SURFACES:
        faults.append(f"surface is {surface!r}, expected one of {', '.join(SURFACES)}")
    if round(samples) < 2:  # noqa: PLR2004 - two samples make a trial
        faults.append("duration_s times sampling_rate_hz gives fewer than two samples")
    if faults:
        raise ValueError("Cannot simulate this trial: " + "; ".join(faults) + ".")


def _stand(standing_m: Array) -> xr.DataArray:
    coords = {"standing_marker": list(STANDING_MARKERS), "axis": list(AXES)}
    return xr.DataArray(standing_m, dims=("standing_marker", "axis"), coords=coords)


def _label(
    time_s: Array, marker_m: Array, force_n: Array, pressure_m: Array, in_contact: NDArray[np.bool_]
) -> dict[str, xr.DataArray]:
    lever_m = FREE_MOMENT_LEVER_M * np.array([1.0, -1.0])
    return {
        "marker_position": _array(time_s, marker_m, marker=MARKERS, axis=AXES),
        "ground_reaction_force": _array(time_s, force_n, foot=FEET, axis=AXES),
        "center_of_pressure": _array(time_s, pressure_m, foot=FEET, axis=AXES),
        "free_moment": _array(time_s, force_n[..., 1] * lever_m, foot=FEET),
        "in_contact": _array(time_s, in_contact, foot=FEET),
    }


def _array(time_s: Array, values: NDArray[Any], **labels: Sequence[str]) -> xr.DataArray:
    coords = {"time": time_s, **{dim: list(names) for dim, names in labels.items()}}
    units = {"units": "m"} if set(labels) == {"axis"} else {}
    return xr.DataArray(values, dims=tuple(coords), coords=coords, attrs=units)
