"""How a foot lies on the floor: its points, its length and its axes."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.conventions import FEET
from gaitbook.mechanics.body_dimensions import body_lengths
from gaitbook.mechanics.sole import OUTWARD, load_sole, sole_markers

Array = NDArray[np.float64]

SOLE: Final = ("heel", "first_metatarsal", "fifth_metatarsal", "toe_tip")
"""Points under a foot; the first three ride on the calcn, the last on the toes."""
BALLS: Final = (1, 2)
SIDES: Final = np.array([OUTWARD[foot] for foot in FEET])
"""Outward along z: right and left."""


def foot_length(height_m: float) -> float:
    """Length of a foot from the end of the heel to the tip of the toes, m."""
    return body_lengths(height_m)["foot"]


def with_soles(model: BodyModel) -> BodyModel:
    """Body whose markers are the points of both soles, right then left, each in the order of `SOLE`."""
    return replace(model, markers=tuple(marker for foot in FEET for marker in sole_markers(model, foot)))


def sole_places() -> Array:
    """Places of heel, inner and outer ball along and across the foot (outward), in foot lengths, (point, 2)."""
    return np.array([load_sole()["bearing"][name]["at"] for name in SOLE[:3]])


def foot_axes(toe_out_rad: Array) -> tuple[Array, Array]:
    """Directions along and outward across both feet on the floor, (foot, axis) each.

    Parameters
    ----------
    toe_out_rad
        (foot,), positive where the toes point outward.
    """
    zero = np.zeros(2)
    along = np.stack([np.cos(toe_out_rad), zero, SIDES * np.sin(toe_out_rad)], axis=-1)
    outward = np.stack([-np.sin(toe_out_rad), zero, SIDES * np.cos(toe_out_rad)], axis=-1)
    return along, outward
