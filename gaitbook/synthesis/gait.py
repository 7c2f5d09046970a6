"""People who walk and run: motion and force of the ground that obey Newton and Euler in every frame.

A trial is made in four steps: the stride of the person that balances (`gaitbook.synthesis.solved_stride`), many strides
that differ (`gaitbook.synthesis.strides`), kept in balance (`gaitbook.synthesis.balanced_motion`), and the force of
each foot (`gaitbook.synthesis.foot_forces`).
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.schema import make_trial
from gaitbook.conventions import AXES, COORDINATES, FEET, GRAVITY_MPS2, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body import Body
from gaitbook.mechanics.dynamics import Wrench, generalized_forces, joint_loads
from gaitbook.mechanics.kinematics import joint_axes
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.balanced_motion import Balanced, balance, pressure_places
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.foot_forces import LEAST_SHARE_OF_WEIGHT, FootForces, share_between_feet
from gaitbook.synthesis.manner import SPEED_RANGE_MPS, Manner, gait_at
from gaitbook.synthesis.person_body import person_attributes
from gaitbook.synthesis.solved_stride import SolvedStride, solve_stride
from gaitbook.synthesis.strides import Course
from gaitbook.synthesis.toes import set_toes, toe_angles

Array = NDArray[np.float64]

LICENSE: Final = "CC0 (simulated)"
MARGIN_S: Final = 0.3
"""What is computed before and after the recording, and cut off: there balance is not yet steady."""
RATE_RANGE_HZ: Final = (50.0, 250.0)
"""Force is exact at the samples, which are the knots of what keeps the balance: slower, flight is missed, and faster,
its ends become kinks."""
FEWEST_SAMPLES: Final = 10
_PERSON: Final = ("sex", "age_year", "height_m", "mass_kg", "knee_varus_rad", "abdominal_fat")


@one_thread()
def simulate_gait(  # noqa: PLR0913 - one keyword for each thing a reader may want to vary
    person: Mapping[str, Any],
    *,
    speed_mps: float,
    gait: str | None = None,
    condition: Condition | None = None,
    styles: Mapping[str, float] | None = None,
    duration_s: float = 5.0,
    sampling_rate_hz: float = 100.0,
    variability: float = 1.0,
    seed: int = 0,
    trial: str | None = None,
    surface: str = "treadmill",
) -> xr.Dataset:
    """Trial of a simulated person who walks or runs, with the force under each foot and all joint moments.

    Parameters
    ----------
    person
        Row of `draw_people`, or a mapping with ``height_m``, ``mass_kg`` and, if known, ``sex``, ``knee_varus_rad``,
        ``abdominal_fat``, ``subject`` and ``number`` (which draws the person's own signature).
    speed_mps
        Mean speed: 0.45 to 2.15 m/s walking, 1.9 to 9.2 m/s running.
    gait
        ``"walk"`` or ``"run"``; by default walking up to 2.15 m/s.
    condition
        What the person is asked for; their own gait by default.
    styles
        Scores by style (``styles.yml``), standard deviations between people; zero where not given.
    duration_s, sampling_rate_hz
        Length of the recording and its rate, 50 to 250 Hz.
    variability
        Scales the differences between strides; zero repeats one stride exactly.
    seed
        Of the cohort; person and trial follow from it and from ``number``.
    trial
        Name of the trial, made of gait and speed by default.
    surface
        ``"treadmill"`` (the person stays in place) or ``"overground"``.

    Returns
    -------
    xarray.Dataset
        A valid trial: ``joint_angle`` (time, coordinate), rad; ``pelvis_position`` (time, axis), m;
        ``ground_reaction_force`` (time, foot, axis), N; ``center_of_pressure``; ``free_moment``; ``in_contact``; and
        ``joint_moment`` (time, coordinate), internal, N m. ``attrs`` say who and what, and how well it balances.

    Raises
    ------
    ValueError
        Speed, gait, surface or duration cannot be simulated; all are named.
    """
    wanted = condition or Condition()
    pace = gait or gait_at(speed_mps)
    _refuse(speed_mps, pace, surface, duration_s, sampling_rate_hz)
    stride = solve_stride(
        person, speed_mps=speed_mps, gait=pace, condition=wanted, styles=styles or {}, seed=seed
    )
    recorded = record_gait(
        stride,
        person,
        duration_s=duration_s,
        sampling_rate_hz=sampling_rate_hz,
        variability=variability,
        seed=seed,
        surface=surface,
    )
    name = trial or f"{pace}-{speed_mps:.2f}" + ("" if wanted.is_own_gait else f"-{wanted.label}")
    return recorded.assign_attrs(
        trial=name.replace(" ", "-").replace(",", "").replace("%", "percent"),
        condition=wanted.label,
        log=[f"simulated: {pace} at {speed_mps:g} m/s, {wanted.label}, seed {seed}, person {stride.number}"],
    )


@one_thread()
def record_gait(
    stride: SolvedStride,
    person: Mapping[str, Any],
    *,
    duration_s: float,
    sampling_rate_hz: float,
    variability: float = 1.0,
    seed: int = 0,
    surface: str = "treadmill",
) -> xr.Dataset:
    """Trial of a stride that is solved already; see `simulate_gait`."""
    plan, margin = stride.manner.plan, round(MARGIN_S * sampling_rate_hz)
    path = stride.course(
        duration_s=duration_s,
        sampling_rate_hz=sampling_rate_hz,
        variability=variability,
        seed=seed,
        margin=margin,
    )
    motion, feet = _balanced(stride.body, stride.manner, path)
    travel_mps = plan.speed_mps * (surface == "overground")
    whole = _label(stride.body, stride.manner, path, motion, feet, travel_mps=travel_mps)
    kept = slice(margin, -margin)
    return make_trial(
        {name: array.isel(time=kept) for name, array in whole.items()},
        {
            **person_attributes(person, _PERSON),
            **_balance_attrs(stride.body, motion, feet, float(person["height_m"]), kept),
            "number": stride.number,
            "source": "simulated",
            "subject": str(person.get("subject", getattr(person, "name", None) or "simulated")),
            "trial": f"{plan.gait}-{plan.speed_mps:.2f}",
            "sampling_rate_hz": sampling_rate_hz,
            "speed_mps": plan.speed_mps,
            "surface": surface,
            "gait": plan.gait,
            "condition": Condition().label,
            "license": LICENSE,
        },
    )


def _balanced(body: Body, manner: Manner, path: Course) -> tuple[Balanced, FootForces]:
    motion = balance(body, manner.plan, path)
    feet = share_between_feet(
        manner.plan,
        path.phase,
        pressure_places(manner.plan, path),
        force=motion.force,
        moment=motion.moment,
        weight_n=body.total_mass_kg * GRAVITY_MPS2,
    )
    return motion, feet


def joint_moment(body: Body, motion: Balanced, feet: FootForces) -> Array:
    """Generalized forces of all coordinates, N m (N for translations), internal, (time, coordinate)."""
    upward = np.zeros_like(feet.force)
    upward[..., AXES.index("y")] = feet.free_moment
    ground = Wrench(
        torch.as_tensor(feet.force), torch.as_tensor(np.nan_to_num(feet.pressure)), torch.as_tensor(upward)
    )
    segments = torch.tensor([body.segment("calcn_r"), body.segment("calcn_l")])
    load = joint_loads(body, motion.pose, motion.needs, ground, segments)
    axes = joint_axes(body, motion.coordinates, motion.pose)
    return np.asarray(generalized_forces(body, motion.coordinates, axes, load).numpy())


def _label(
    body: Body, manner: Manner, path: Course, motion: Balanced, feet: FootForces, *, travel_mps: float
) -> dict[str, xr.DataArray]:
    toes = toe_angles(body, motion.pose, manner.plan, path.phase)
    coordinates = set_toes(body, motion.coordinates, toes).numpy()
    travel_m = np.multiply.outer(travel_mps * path.time_s, [1.0, 0.0, 0.0])
    angle = [body.coordinate(name) for name in COORDINATES]
    place = [body.coordinate(name) for name in PELVIS_TRANSLATIONS]
    moment = joint_moment(body, motion, feet)
    time = {"time": path.time_s}
    axis, foot, names = {"axis": list(AXES)}, {"foot": list(FEET)}, {"coordinate": list(COORDINATES)}
    return {
        "joint_angle": _array(coordinates[:, angle], time | names),
        "pelvis_position": _array(coordinates[:, place] + travel_m, time | axis),
        "ground_reaction_force": _array(feet.force, time | foot | axis),
        "center_of_pressure": _array(feet.pressure + travel_m[:, None], time | foot | axis),
        "free_moment": _array(feet.free_moment, time | foot),
        "in_contact": _array(feet.in_contact, time | foot),
        "joint_moment": _array(moment[:, angle], time | names).assign_attrs(units="N m"),
    }


def _balance_attrs(
    body: Body, motion: Balanced, feet: FootForces, height_m: float, kept: slice
) -> dict[str, float]:
    """How far the feet's forces are from what the motion needs (where the force is more than 5 % of the weight)."""
    weight_n = body.total_mass_kg * GRAVITY_MPS2
    apart = feet.force.sum(axis=1) - motion.force
    moment = np.cross(np.nan_to_num(feet.pressure), feet.force).sum(axis=1)
    moment[:, 1] += feet.free_moment.sum(axis=1)
    loaded = (motion.force[:, 1] > LEAST_SHARE_OF_WEIGHT * weight_n)[kept]
    flight = ~feet.in_contact[kept].any(axis=1)
    return {
        "residual_force_bw": _largest(apart[kept]) / weight_n,
        "residual_moment_bwh": _largest((moment - motion.moment)[kept][loaded]) / (weight_n * height_m),
        "residual_flight_force_bw": _largest(motion.force[kept][flight]) / weight_n,
        "residual_flight_moment_bwm": _largest(motion.momentum_rate[kept][flight]) / weight_n,
        "pressure_shift_m": float(np.percentile(feet.shift[kept], 95)),
    }


def _largest(values: Array) -> float:
    return float(np.abs(values).max(initial=0.0))


def _array(values: NDArray[Any], coords: Mapping[str, Any]) -> xr.DataArray:
    return xr.DataArray(values, dims=tuple(coords), coords=dict(coords))


def _refuse(speed_mps: float, gait: str, surface: str, duration_s: float, sampling_rate_hz: float) -> None:
    faults = []
    if gait not in SPEED_RANGE_MPS:
        faults.append(f"gait is {gait!r}, expected walk or run")
    else:
        low, high = SPEED_RANGE_MPS[gait]
        if not low <= speed_mps <= high:
            faults.append(f"speed_mps is {speed_mps:g}, expected {low:g} to {high:g} for a {gait}")
    if surface not in ("treadmill", "overground"):
        faults.append(f"surface is {surface!r}, expected treadmill or overground")
    low, high = RATE_RANGE_HZ
    if not low <= sampling_rate_hz <= high:
        faults.append(f"sampling_rate_hz is {sampling_rate_hz:g}, expected {low:g} to {high:g}")
    if round(duration_s * sampling_rate_hz) < FEWEST_SAMPLES:
        faults.append("duration_s times sampling_rate_hz gives fewer than ten samples")
    if faults:
        raise ValueError("Cannot simulate this trial: " + "; ".join(faults) + ".")
