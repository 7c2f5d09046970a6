"""The stride of one person at one speed that balances, and recordings of many such strides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaitbook.mechanics.body import Body, compile_body
from gaitbook.synthesis.archetypes import average_correction
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.manner import STREAM, Manner, person_manner, place_over_feet, styles_table
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.projection import Projected, project
from gaitbook.synthesis.sole import with_soles
from gaitbook.synthesis.strides import Course, course

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SolvedStride:
    """A person's body (soles as markers), how they move, and the balanced stride."""

    number: int
    body: Body
    manner: Manner
    projected: Projected
    reference: Array

    def course(
        self,
        *,
        duration_s: float,
        sampling_rate_hz: float,
        variability: float = 1.0,
        seed: int = 0,
        margin: int = 0,
    ) -> Course:
        """Motion over many strides, each a little different.

        Parameters
        ----------
        duration_s, sampling_rate_hz
            Length and rate.
        variability
            Scales the differences between strides.
        seed
            Of the cohort.
        margin
            Samples before and after.
        """
        plan = self.manner.plan
        return course(
            self.projected,
            period_s=plan.period_s,
            speed_mps=plan.speed_mps,
            time_s=np.arange(-margin, round(duration_s * sampling_rate_hz) + margin) / sampling_rate_hz,
            cv_time=styles_table()["strides"]["time"][plan.gait],
            variability=variability,
            rng=np.random.default_rng([seed, self.number, STREAM + 1, round(1000 * plan.speed_mps)]),
        )


def solve_stride(
    person: Mapping[str, Any],
    *,
    speed_mps: float,
    gait: str,
    condition: Condition,
    styles: Mapping[str, float],
    seed: int,
) -> SolvedStride:
    """Stride of a person that balances.

    Parameters
    ----------
    person
        As for `gaitbook.synthesis.gait.simulate_gait`, as all others.
    speed_mps, gait, condition, styles, seed
        What is asked for.
    """
    body = compile_body(with_soles(person_body(person)))
    height_m, number = float(person["height_m"]), int(person.get("number", 0))
    manner = person_manner(
        speed_mps=speed_mps,
        gait=gait,
        height_m=height_m,
        styles=styles,
        rng=np.random.default_rng([seed, number, STREAM]),
        condition=condition,
    )
    reference = place_over_feet(body, manner)
    start = reference + average_correction(gait, speed_mps, height_m)
    projected = project(body, manner.plan, reference, start=start)
    return SolvedStride(number, body, manner, projected, reference)


def nearby_stride(
    stride: SolvedStride,
    person: Mapping[str, Any],
    *,
    speed_mps: float,
    styles: Mapping[str, float],
    seed: int,
) -> SolvedStride:
    """Walk of the same person at another speed, not solved again: balanced to first order only.

    What sets the person's solution apart from the average adult's is taken over, which is enough where motion is seen
    but no force is measured.

    Parameters
    ----------
    stride
        The person's solved walk.
    person, speed_mps, styles, seed
        As for `solve_stride`.
    """
    height_m = float(person["height_m"])
    manner = person_manner(
        speed_mps=speed_mps,
        gait="walk",
        height_m=height_m,
        styles=styles,
        rng=np.random.default_rng([seed, stride.number, STREAM]),
        condition=Condition(),
    )
    reference = place_over_feet(stride.body, manner)
    own = stride.projected.coefficients - stride.reference
    own = own - average_correction("walk", stride.manner.plan.speed_mps, height_m)
    solution = reference + average_correction("walk", speed_mps, height_m) + own
    return replace(
        stride,
        manner=manner,
        reference=reference,
        projected=replace(stride.projected, coefficients=solution),
    )
