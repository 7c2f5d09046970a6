r"""How far to trust the force that is found over the force that is drawn together with the motion: a share, learned.

One network looks for nothing but force, the other draws motion and force that agree; they err in different ways. Of
people kept for it the share is, by axis, gait and whether the motion was drawn, the least-squares slope of
`gaitbook.studies.force_gain` with what was found in the place of what the motion requires.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, UP
from gaitbook.representation.channels import FORCE
from gaitbook.studies.completion_physics import DRAWN, MEASURED, gain_key
from gaitbook.studies.force_gain import Imbalance
from gaitbook.studies.metrics import to_body_weights
from gaitbook.studies.trial_facts import gait_of

SHARES: Final = "shares"
"""Where a card keeps them, by gait and kind of motion as gains are."""


def share_of(
    card: Mapping[str, Any], trial: xr.Dataset, *, drawn: bool, always: float | None = None
) -> list[float]:
    """Share of the found force in each number of the force, in the order of `FORCE`; one where it was never learned.

    Parameters
    ----------
    card
        Of the model.
    trial
        With ``gait`` among its attributes, or with ``in_contact``.
    drawn
        Whether legs or pelvis were drawn.
    always
        The share in all of them, whatever the card says.
    """
    if always is not None:
        return [always] * len(FORCE)
    shares: Mapping[str, float] = card.get(SHARES, {}).get(
        gain_key(gait_of(trial), DRAWN if drawn else MEASURED), dict.fromkeys(AXES, 1.0)
    )
    return [shares[_axis(name)] for name in FORCE]


def find_difference(drawn: xr.Dataset, found: xr.Dataset, measured: xr.Dataset) -> Imbalance:
    """What the drawn force of each foot misses, and what the found one adds to it, in frames with any force.

    Parameters
    ----------
    drawn, found
        As given by `gaitbook.studies.completion.complete_trial` with a share of zero, and of one.
    measured
        The trial with its force, on the same time stamps.
    """
    mass_kg = float(measured.attrs["mass_kg"])
    own, other = (each["ground_reaction_force"].mean("draw") for each in (drawn, found))
    missed, added = (
        to_body_weights(each - own, mass_kg)
        .sel(axis=list(AXES), foot=list(FEET))
        .transpose("time", "foot", "axis")
        .values.reshape(-1, len(AXES))
        for each in (measured["ground_reaction_force"], other)
    )
    up = own.sel(axis=UP, foot=list(FEET)).transpose("time", "foot").values.ravel()
    judged = (up >= CONTACT_FORCE_N) & np.isfinite(missed + added).all(axis=1)
    return Imbalance(str(measured.attrs["subject"]), missed[judged], added[judged])


def _axis(name: str) -> str:
    """Axis of a number of the force; the center of pressure and the free moment go with the vertical force."""
    what, axis, *_ = name.split("/")
    return axis if what == "force" else UP
