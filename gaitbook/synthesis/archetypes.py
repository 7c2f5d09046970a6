"""Where the solver starts: how the balanced motion of an average adult differs from the reference, at any speed.

Solved once per process for the speeds asked for, on a grid, and interpolated between.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.mechanics.body import Body, compile_body
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.manner import person_manner, place_over_feet
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.projection import project
from gaitbook.synthesis.sole import with_soles
from gaitbook.synthesis.walker_coordinates import LAYOUT

Array = NDArray[np.float64]

HEIGHT_M: Final = 1.70
MASS_KG: Final = 72.0
GRID_MPS: Final = {
    "walk": (0.45, 0.7, 0.95, 1.2, 1.45, 1.7, 1.95, 2.15),
    "run": (1.9, 2.3, 2.8, 3.4, 4.1, 5.0, 6.0, 7.0, 8.0, 9.2),
}
_STEPS: Final = 8
_PLACES: Final = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


def average_correction(gait: str, speed_mps: float, height_m: float) -> Array:
    """Difference of the balanced motion from the reference in the order of `LAYOUT`, of an average adult this tall."""
    grid = np.array(GRID_MPS[gait])
    # walking goes with the root of height
    alike_mps = float(speed_mps * np.sqrt(HEIGHT_M / height_m)) if gait == "walk" else speed_mps
    above = int(np.clip(np.searchsorted(grid, alike_mps), 1, len(grid) - 1))
    low, high = grid[above - 1], grid[above]
    share = float(np.clip((alike_mps - low) / (high - low), 0.0, 1.0))
    correction = (1.0 - share) * _correction(gait, low) + share * _correction(gait, high)
    for name in _PLACES:
        correction[LAYOUT.part(name)] *= height_m / HEIGHT_M
    return correction


@cache
def _body() -> Body:
    person = {"height_m": HEIGHT_M, "mass_kg": MASS_KG}
    return compile_body(with_soles(person_body(person)))


@cache
def _correction(gait: str, speed_mps: float) -> Array:
    manner = person_manner(
        speed_mps=float(speed_mps),
        gait=gait,
        height_m=HEIGHT_M,
        styles={},
        rng=None,
        condition=Condition(),
    )
    reference = place_over_feet(_body(), manner)
    return project(_body(), manner.plan, reference, most_steps=_STEPS).coefficients - reference
