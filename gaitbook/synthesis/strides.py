"""Many strides in a row, none like the other: phase over time, and curves that change from stride to stride.

Strides differ in duration and in every curve. What a stride has of its own is a change of the reference that the
solver's own sensitivity turns into a change of the balanced motion (`gaitbook.synthesis.projection.Projected.follow`),
and fades into the next stride by a quintic spline, so that accelerations are smooth.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline

from gaitbook.synthesis.manner import group_of, styles_table
from gaitbook.synthesis.periodic import fourier_matrix
from gaitbook.synthesis.projection import Projected
from gaitbook.synthesis.walker_coordinates import LAYOUT, MIDDLE, SIDED

Array = NDArray[np.float64]

_MARGIN: Final = 4
"""Strides before and after the recording, so that splines have no ends in it."""
_DEGREE: Final = 5
_HARMONICS: Final = 4
_WANDER: Final = 0.5
"""How much of a deviation from the beat the next stride takes back: nobody falls off the treadmill."""


@dataclass(frozen=True)
class Course:
    """Motion over time on a belt.

    ``time_s`` and ``phase`` (strides) are (time,); ``travel_m`` (time,) is how far the feet's places on the belt are
    ahead of a frame in which every stride takes the mean time; ``value``, ``rate`` and ``acceleration`` are (time,
    coordinate) in the order of `LAYOUT`.
    """

    time_s: Array
    phase: Array
    travel_m: Array
    value: Array
    rate: Array
    acceleration: Array


def course(
    projected: Projected,
    *,
    period_s: float,
    speed_mps: float,
    time_s: Array,
    cv_time: float,
    variability: float,
    rng: np.random.Generator,
) -> Course:
    """Motion over time.

    Parameters
    ----------
    projected
        Balanced stride.
    period_s, speed_mps
        Mean duration of a stride, and speed of the belt.
    time_s
        (time,), evenly sampled.
    cv_time
        Coefficient of variation of stride time.
    variability
        Scales all differences between strides; zero repeats one stride exactly.
    rng
        Draws them, and where in the stride the recording begins.
    """
    start = rng.uniform()
    count = int(np.ceil(time_s[-1] / period_s)) + 2 * _MARGIN + 1
    phase, rate, acceleration = _phase(
        time_s, start, period_s, count, variability * cv_time * rng.standard_normal(count)
    )
    changes = projected.follow(_draw_changes(count, rng)) if variability else np.zeros((count, LAYOUT.size))
    value, slope, bend = _evaluate(projected.coefficients, variability * changes, phase)
    moving = [
        value,
        slope * rate[:, None],
        bend * rate[:, None] ** 2 + slope * acceleration[:, None],
    ]
    stride_m, forward = speed_mps * period_s, LAYOUT.names.index("pelvis_tx")
    travel = (stride_m * phase - speed_mps * time_s, stride_m * rate - speed_mps, stride_m * acceleration)
    # where the recording begins does not matter on a belt
    place = travel[0] - stride_m * start
    for row, change in zip(moving, (place, *travel[1:]), strict=True):
        row[:, forward] += change
    return Course(time_s, phase, place, *moving)


def _phase(
    time_s: Array, start: float, period_s: float, count: int, deviation: Array
) -> tuple[Array, Array, Array]:
    # the beat is kept: deviations are about a regular grid of landings, not summed up without end
    late = np.zeros(count)
    kept = 1.0 - _WANDER
    for stride in range(1, count):
        # scaled so that the time between landings varies as asked
        late[stride] = kept * late[stride - 1] + np.sqrt(0.5 * (1.0 + kept)) * deviation[stride]
    number = np.arange(count) - _MARGIN
    landing_s = period_s * (number - start + late)
    spline = make_interp_spline(landing_s, number.astype(float), k=_DEGREE)
    return spline(time_s), spline.derivative(1)(time_s), spline.derivative(2)(time_s)


def _draw_changes(count: int, rng: np.random.Generator) -> Array:
    """Changes of the reference of every stride, (stride, entry)."""
    signature, share = styles_table()["signature"], styles_table()["strides"]
    changes = np.zeros((count, LAYOUT.size))
    for name in (*MIDDLE, *SIDED):
        group = group_of(name)
        spread = np.deg2rad(np.repeat(np.hypot(signature[group]["both"], signature[group]["side"]), 2))
        spread = share[group] * np.concatenate(
            [[np.deg2rad(signature[group]["offset"])], spread / np.sqrt(2.0)]
        )
        sides = ("",) if name in MIDDLE else ("_r", "_l")
        for side in sides:
            drawn = rng.standard_normal((count, 1 + 2 * _HARMONICS)) * spread
            if not name.startswith("pelvis_t") or name == "pelvis_tilt":
                first = LAYOUT.part(name + side).start
                changes[:, first : first + drawn.shape[1]] = drawn
    return changes


def _evaluate(coefficients: Array, changes: Array, phase: Array) -> tuple[Array, Array, Array]:
    """Coordinates and their first two derivatives by phase, (time, coordinate) each."""
    count = len(changes)
    knots = np.arange(count + _DEGREE + 1) - _MARGIN - 0.5 * (_DEGREE + 1)
    series = np.stack([LAYOUT.pad(each) for each in (coefficients, *changes)])
    harmonics = max(LAYOUT.harmonics)
    # every series at every phase first, (time, coordinate, series); their blend over time then
    waves = [
        np.tensordot(fourier_matrix(phase % 1.0, harmonics, order), series, axes=(1, 2)).transpose(0, 2, 1)
        for order in range(3)
    ]
    blend = [np.nan_to_num(BSpline(knots, np.eye(count), _DEGREE)(phase, order)) for order in range(3)]
    steady = [each[..., 0] for each in waves]
    own = [each[..., 1:] for each in waves]

    def blended(wave: int, order: int) -> Array:
        return np.asarray((own[wave] @ blend[order][..., None])[..., 0])

    return (
        steady[0] + blended(0, 0),
        steady[1] + blended(1, 0) + blended(0, 1),
        steady[2] + blended(2, 0) + 2.0 * blended(1, 1) + blended(0, 2),
    )
