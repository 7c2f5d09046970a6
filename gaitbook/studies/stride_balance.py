"""How far strides are from what Newton and Euler require of them, over their phase."""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.conventions import AXES, GRAVITY_MPS2
from gaitbook.mechanics.loads import required_force
from gaitbook.representation.stride import place_pressure, unroll_strides

Array = NDArray[np.float64]

INSTANTS: Final = 40
"""Phases at which a stride is weighed."""
MARGIN: Final = 0.06
FORCE, MOMENT = 0.01, 0.005
"""What counts as one: of body weight, and of body weight times height."""


def imbalance(strides: xr.Dataset, model: BodyModel) -> Array:
    """Force and moment that strides require and the ground does not give, (draw, number).

    Parameters
    ----------
    strides
        As given by `gaitbook.mean_stride`, perhaps with the dim ``draw``.
    model
        The person's body.

    Returns
    -------
    numpy.ndarray
        Per draw the three components of the force (hundredths of body weight) and of the moment about the origin
        (half hundredths of body weight times height) at `INSTANTS` phases.
    """
    trial = place_pressure(unroll_strides(strides, begin=-MARGIN, end=1.0 + MARGIN), model)
    required = required_force(trial, model)
    weight_n = float(strides.attrs["mass_kg"]) * GRAVITY_MPS2
    force = required["required_force"].values - trial["ground_reaction_force"].sum("foot").values
    moment = required["required_moment"].values - _ground_moment(trial)
    apart = np.concatenate(
        [force / (FORCE * weight_n), moment / (MOMENT * weight_n * float(strides.attrs["height_m"]))], axis=1
    )
    draw, phase = trial["draw"].values, trial["phase"].values
    instants = np.arange(INSTANTS) / INSTANTS
    rows = []
    for each in dict.fromkeys(draw.tolist()):
        here = draw == each
        rows.append([np.interp(instants, phase[here], column) for column in apart[here].T])
    return np.asarray(rows).reshape(len(rows), -1)


def _ground_moment(trial: xr.Dataset) -> Array:
    force = trial["ground_reaction_force"].transpose("time", "foot", "axis").values
    point = np.nan_to_num(trial["center_of_pressure"].transpose("time", "foot", "axis").values)
    moment: Array = np.cross(point, force).sum(axis=1)
    moment[:, AXES.index("y")] += trial["free_moment"].sum("foot").values
    return moment
