"""People who walk and run for the tests of the walker, each simulated once, with what the trial does not tell."""

from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np
import xarray as xr

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.balanced_motion import Balanced, balance, pressure_places
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.foot_forces import FootForces, share_between_feet
from gaitbook.synthesis.gait import MARGIN_S, simulate_gait
from gaitbook.synthesis.manner import Manner, person_manner, place_over_feet
from gaitbook.synthesis.periodic import SeriesLayout, shift_phase
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.projection import Projected, project
from gaitbook.synthesis.sole import SOLE, with_soles
from gaitbook.synthesis.solved_stride import SolvedStride, solve_stride
from gaitbook.synthesis.stride_plan import StridePlan
from gaitbook.synthesis.strides import Course
from gaitbook.synthesis.toes import set_toes, toe_angles
from gaitbook.synthesis.walker_coordinates import LAYOUT

SEED, RATE_HZ, DURATION_S = 0, 100.0, 4.0
WALKS, RUNS = ((3, "walk", 1.0), (8, "walk", 1.5)), ((11, "run", 2.8), (14, "run", 4.1))
AVERAGE = {"height_m": 1.7, "mass_kg": 72.0}
LATERAL = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")


@dataclass(frozen=True)
class Recording:
    """All that is known of a simulated trial."""

    stride: SolvedStride
    path: Course
    motion: Balanced
    feet: FootForces
    soles: np.ndarray
    """(time, foot, point, axis), m, with the toes as they lie."""

    @property
    def body(self):
        return self.stride.body

    @property
    def plan(self):
        return self.stride.manner.plan

    @property
    def weight_n(self):
        return self.body.total_mass_kg * GRAVITY_MPS2


@cache
def person(number):
    return draw_people(1, seed=SEED, first=number).iloc[0]


@cache
@one_thread()
def solved(number, gait, speed_mps, condition=None):
    return solve_stride(
        person(number),
        speed_mps=speed_mps,
        gait=gait,
        condition=condition or Condition(),
        styles={},
        seed=SEED,
    )


@cache
def recorded(
    number, gait, speed_mps, *, condition=None, variability=1.0, rate_hz=RATE_HZ, duration_s=DURATION_S
):
    """As `simulate_gait` records, which leaves out what is before and after."""
    stride, margin = solved(number, gait, speed_mps, condition), round(MARGIN_S * rate_hz)
    path = stride.course(
        duration_s=duration_s, sampling_rate_hz=rate_hz, variability=variability, seed=SEED, margin=margin
    )
    return cut(record(stride, path), slice(margin, -margin))


def cut(whole, part):
    def shorter(value):
        if isinstance(value, tuple):
            return type(value)(*(each[part] for each in value))
        return value[part]

    path, motion, feet = (
        replace(each, **{field.name: shorter(getattr(each, field.name)) for field in fields(each)})
        for each in (whole.path, whole.motion, whole.feet)
    )
    return Recording(whole.stride, path, motion, feet, whole.soles[part])


@one_thread()
def record(stride, path):
    body, plan = stride.body, stride.manner.plan
    motion = balance(body, plan, path)
    feet = share_between_feet(
        plan,
        path.phase,
        pressure_places(plan, path),
        force=motion.force,
        moment=motion.moment,
        weight_n=body.total_mass_kg * GRAVITY_MPS2,
    )
    coordinates = set_toes(body, motion.coordinates, toe_angles(body, motion.pose, plan, path.phase))
    return Recording(stride, path, motion, feet, sole_points(body, coordinates))


def sole_points(body, coordinates):
    places = marker_positions(body, forward_kinematics(body, coordinates)).numpy()
    return places.reshape(len(places), 2, len(SOLE), 3)


@cache
def trial(number, gait, speed_mps, *, condition=None, **options) -> xr.Dataset:
    """As recorded, by the public function."""
    return simulate_gait(
        person(number),
        speed_mps=speed_mps,
        gait=gait,
        condition=condition,
        duration_s=DURATION_S,
        sampling_rate_hz=RATE_HZ,
        seed=SEED,
        **options,
    )


@cache
def average_body():
    return compile_body(with_soles(person_body(AVERAGE)))


@cache
def average_manner(gait, speed_mps, condition=None):
    return person_manner(
        speed_mps=speed_mps,
        gait=gait,
        height_m=AVERAGE["height_m"],
        styles={},
        rng=None,
        condition=condition or Condition(),
    )


@dataclass(frozen=True)
class AverageStride:
    """Stride of an average adult: their body, plan, reference (over the feet) and balanced motion."""

    body: Body
    plan: StridePlan
    reference: np.ndarray
    projected: Projected


@cache
@one_thread()
def average_stride(gait, speed_mps):
    """Solved from far off, until nothing changes any more."""
    manner = average_manner(gait, speed_mps)
    reference = place_over_feet(average_body(), manner)
    return AverageStride(
        average_body(), manner.plan, reference, converged(average_body(), manner.plan, reference)
    )


def converged(body, plan, reference, start=None):
    """The projection, repeated from where it stopped."""
    projected = project(body, plan, reference, start=start)
    for _ in range(4):
        projected = project(body, plan, reference, start=projected.coefficients)
    return projected


def mirrored_series(vector, layout: SeriesLayout = LAYOUT):
    """Coefficients of the same stride in a mirror, counted from the landing of what is then the right foot."""
    series = layout.split(vector)
    mirrored = {}
    for name, own in series.items():
        other = {"_r": name[:-2] + "_l", "_l": name[:-2] + "_r"}.get(name[-2:], name)
        mirrored[name] = shift_phase(series[other], -0.5) * (-1.0 if name in LATERAL else 1.0)
        assert own.shape == mirrored[name].shape
    return layout.gather(mirrored)


def mirrored_plan(plan):
    return replace(
        plan,
        strike=plan.strike[::-1] + np.array([-0.5, 0.5]),
        stance=plan.stance[::-1],
        toe_out_rad=plan.toe_out_rad[::-1],
        total_vertical=shift_phase(plan.total_vertical, -0.5),
    )


def mirrored_manner(manner):
    return Manner(mirrored_plan(manner.plan), mirrored_series(manner.reference))
