r"""How far to trust Newton over a model: the share of what a motion requires beyond the predicted force, learned.

Of people kept for it, force was measured. Where the prediction :math:`p` of the force on both feet together misses
:math:`m - p` and the motion asks for :math:`r - p`, the share is the least-squares slope, by axis,

.. math:: k = \frac{\sum (m - p)(r - p)}{\sum (r - p)^2},

kept between 0 and 1. Where the errors of both are independent that is the gain of Kalman (1960),
doi:10.1115/1.3662552; where they are not, as in a model that was given what the motion requires, it is what is left to
gain.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES, CONTACT_FORCE_N, UP
from gaitbook.studies.metrics import to_body_weights

Array = NDArray[np.float64]


class Imbalance(NamedTuple):
    """Force on both feet together that a prediction misses, and that the motion asks for: (time, axis), %BW."""

    person: str
    missed: Array
    asked: Array


def find_imbalance(completed: xr.Dataset, measured: xr.Dataset) -> Imbalance:
    """What the mean of the draws misses and what the motion asks for, in frames that any force is predicted for.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial` without correction.
    measured
        The trial with its force, on the same time stamps.
    """
    mass_kg = float(measured.attrs["mass_kg"])
    own = completed["ground_reaction_force"].mean("draw").sum("foot")
    real = measured["ground_reaction_force"].sum("foot", skipna=False)
    missed, asked = (
        to_body_weights(force - own, mass_kg).sel(axis=list(AXES)).transpose("time", "axis").values
        for force in (real, completed["required_force"])
    )
    judged = (own.sel(axis=UP).values >= CONTACT_FORCE_N) & np.isfinite(missed + asked).all(axis=1)
    return Imbalance(str(measured.attrs["subject"]), missed[judged], asked[judged])


def fit_gain(imbalances: Iterable[Imbalance]) -> dict[str, float]:
    """Share by axis, each person weighing alike; zero along an axis where nothing is ever asked for.

    Raises
    ------
    ValueError
        There is nobody to learn from.
    """
    products: dict[str, list[Array]] = {}
    for person, missed, asked in imbalances:
        if len(asked):
            both = np.stack([(missed * asked).mean(axis=0), (asked**2).mean(axis=0)])
            products.setdefault(person, []).append(both)
    if not products:
        raise ValueError(
            "nobody is there to learn gains from: keep some people with force out of the training"
        )
    agree, size = np.mean([np.mean(each, axis=0) for each in products.values()], axis=0)
    share = np.divide(agree, size, out=np.zeros_like(agree), where=size > 0)
    return {axis: float(each) for axis, each in zip(AXES, np.clip(share, 0.0, 1.0), strict=True)}
