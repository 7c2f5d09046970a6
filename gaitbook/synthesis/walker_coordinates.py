"""The coordinates in which people are simulated: how fine their curves are, and how freely they leave the reference.

Pelvis and trunk need many harmonics: they must follow the center of pressure that jumps from foot to foot within a
tenth of a stride. Spreads are those of the normal distribution around the reference curve in which the solver looks for
the most likely motion that balances; they narrow for higher harmonics.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.mechanics.body import Body
from gaitbook.synthesis.periodic import SeriesLayout

Array = NDArray[np.float64]

_DEGREE: Final = np.pi / 180.0
# Highest harmonic, and spread around the reference in rad or m.
_TABLE: Final = {
    "pelvis_tilt": (22, 1.5 * _DEGREE),
    "pelvis_list": (22, 1.5 * _DEGREE),
    "pelvis_rotation": (22, 2.0 * _DEGREE),
    "pelvis_tx": (22, 0.03),
    "pelvis_ty": (22, 0.03),
    "pelvis_tz": (22, 0.03),
    "lumbar_extension": (22, 3.0 * _DEGREE),
    "lumbar_bending": (22, 2.5 * _DEGREE),
    "lumbar_rotation": (17, 3.0 * _DEGREE),
    "hip_flexion": (12, 2.5 * _DEGREE),
    "hip_adduction": (12, 2.0 * _DEGREE),
    "hip_rotation": (8, 4.0 * _DEGREE),
    "knee_angle": (12, 3.0 * _DEGREE),
    "ankle_angle": (14, 2.5 * _DEGREE),
    "subtalar_angle": (8, 3.0 * _DEGREE),
    "arm_flex": (5, 4.0 * _DEGREE),
    "arm_add": (5, 3.0 * _DEGREE),
    "arm_rot": (5, 4.0 * _DEGREE),
    "elbow_flex": (5, 4.0 * _DEGREE),
}
SIDED: Final = tuple(name for name in _TABLE if not name.startswith(("pelvis", "lumbar")))
MIDDLE: Final = tuple(name for name in _TABLE if name not in SIDED)
_NARROWING_HARMONIC: Final = 4.0
_PLACE_SPREAD_M: Final = {"pelvis_tx": 0.10, "pelvis_ty": 0.05, "pelvis_tz": 0.03}

_NAMES: Final = (*MIDDLE, *(f"{name}{side}" for side in ("_r", "_l") for name in SIDED))
LAYOUT: Final = SeriesLayout(
    _NAMES, tuple(_TABLE[name.removesuffix("_r").removesuffix("_l")][0] for name in _NAMES)
)
HELD_RAD: Final = {"pro_sup": 0.6}
"""Coordinates that are not solved for, where they are not zero; the toes follow the floor."""


def spreads() -> Array:
    """Standard deviation of every Fourier coefficient around its reference, (entry,)."""
    own = np.array([_TABLE[name.removesuffix("_r").removesuffix("_l")][1] for name in LAYOUT.names])
    narrowed = own[LAYOUT.owner] / np.sqrt(1.0 + (LAYOUT.order / _NARROWING_HARMONIC) ** 4)
    for name, spread_m in _PLACE_SPREAD_M.items():
        narrowed[LAYOUT.part(name).start] = spread_m
    return np.asarray(narrowed)


def columns(body: Body) -> list[int]:
    """Numbers, in a body, of the coordinates that are solved for."""
    return [body.coordinate(name) for name in LAYOUT.names]


def body_rows(body: Body, values: Array, *, held: bool = True) -> Tensor:
    """Coordinates of a body (time, coordinate) from those that are solved for; ``held`` adds the constant ones."""
    rows = torch.zeros(len(values), len(body.coordinate_names), dtype=torch.float64)
    rows[:, columns(body)] = torch.as_tensor(values)
    if held:
        for name, value in HELD_RAD.items():
            for side in ("_r", "_l"):
                rows[:, body.coordinate(name + side)] = value
    return rows
