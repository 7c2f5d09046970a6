"""What physics does to the force of a completed trial: a share of what the motion requires, friction, soles, swing.

The force and moment that a motion requires are those of the motion that was measured, one for all draws; where legs or
pelvis were drawn, every draw has its own. How much of the difference is handed to the feet a model has learned from
people kept for it (`gaitbook.studies.force_gain`); a model without gains is left as it is.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.conventions import AXES, CONTACT_FORCE_N, GRAVITY_MPS2, UP
from gaitbook.mechanics.drawn_motion import outlines_of_draws, required_of_draws
from gaitbook.mechanics.force_correction import (
    balance_force,
    keep_on_sole,
    limit_friction,
    unexplained_force,
)
from gaitbook.mechanics.loads import smooth_motion
from gaitbook.representation.states import LEG, required_table
from gaitbook.studies.trial_facts import gait_of

Array = NDArray[np.float64]

DRAWN_CUTOFF_HZ: Final = 8.0
"""What a drawn motion requires is computed below this: its jitter, differentiated twice, would drown the rest."""
GAIN: Final = "gain"
GAINS: Final = "gains"
"""Where a card keeps the gains by axis: for every trial, and by gait and by where the motion came from."""
MEASURED, DRAWN = "measured", "drawn"


def drawn_requirement(moved: xr.Dataset, model: BodyModel) -> Array:
    """Force and moment that every draw requires, as numbers (draw, time, channel) of the models.

    Parameters
    ----------
    moved
        ``joint_angle`` (draw, time, coordinate) and ``pelvis_position`` (draw, time, axis) of all draws.
    model
        The person's body.
    """
    smooth = smooth_motion(moved, DRAWN_CUTOFF_HZ)
    return required_table(required_of_draws(smooth, model), smooth)


def label_requirement(table: Array, moved: xr.Dataset) -> xr.DataArray:
    """Numbers of the models as ``required_force`` (draw, time, axis), N; one draw stands for all where all are alike.

    Parameters
    ----------
    table
        (draw, time, channel), force first.
    moved
        The draws, with ``mass_kg``.
    """
    labels = {"time": moved["time"].values, "axis": list(AXES)}
    if len(table) == moved.sizes["draw"]:
        labels = {"draw": moved["draw"].values, **labels}
    force = float(moved.attrs["mass_kg"]) * table[..., : len(AXES)].astype(float)
    values = force if "draw" in labels else force[0]
    return xr.DataArray(values, labels, tuple(labels), "required_force", {"units": "N"})


def gain_key(gait: str, kind: str) -> str:
    """Name of the gains for a gait whose motion was ``"measured"``, or ``"drawn"`` as far as legs or pelvis go."""
    return f"{gait}/{kind}"


def gain_of(card: Mapping[str, Any], completed: xr.Dataset, *, drawn: bool) -> Mapping[str, float] | None:
    """Share of what the motion requires that a model hands to the feet, by axis.

    Parameters
    ----------
    card
        Of the model.
    completed
        The trial, for its gait.
    drawn
        Whether legs or pelvis were drawn.

    Returns
    -------
    mapping or None
        The one for all trials where there is none for such; ``None`` if the model has never learned any.
    """
    gains: Mapping[str, Mapping[str, float]] = card.get(GAINS, {})
    key = gain_key(gait_of(completed), DRAWN if drawn else MEASURED)
    return gains.get(key, card.get(GAIN))


def correct_forces(
    completed: xr.Dataset, required: xr.DataArray, gain: Mapping[str, float], model: BodyModel
) -> xr.Dataset:
    """Completed trial whose force is nearer to Newton and possible on a floor.

    Parameters
    ----------
    completed
        As given by `gaitbook.studies.completion.complete_trial`.
    required
        ``required_force`` (time, axis) or (draw, time, axis), N; where it is not known nothing is handed out.
    gain
        Share by axis.
    model
        The person's body; its soles hold the center of pressure, if it has any.

    Returns
    -------
    xarray.Dataset
        The same with other force. A foot that is left with less than 20 N is in the air and carries nothing.
    """
    wanted = required if "draw" in required.dims else _wanted_of_draws(completed, required, gain)
    own = completed["ground_reaction_force"].sum("foot")
    balanced = limit_friction(balance_force(completed, wanted.where(wanted.notnull(), own), gain))
    down = completed["in_contact"] & (
        balanced["ground_reaction_force"].sel(axis=UP, drop=True) >= CONTACT_FORCE_N
    )
    grounded = _lifted(balanced, down)
    outline = outlines_of_draws(grounded.sel(coordinate=list(LEG)), model)
    return grounded if outline is None else keep_on_sole(grounded, outline)


def residual_percent_bw(completed: xr.Dataset, required: xr.DataArray) -> float:
    """What a motion requires beyond the force on both feet, means over the draws: rms over time of its size, %BW.

    Parameters
    ----------
    completed
        With ``ground_reaction_force`` (draw, time, foot, axis), N, and ``mass_kg``.
    required
        (time, axis) or (draw, time, axis), N.

    Returns
    -------
    float
        NaN where nothing is known of what is required.
    """
    mean = completed[["ground_reaction_force"]].mean("draw")
    wanted = required.mean("draw") if "draw" in required.dims else required
    squared = (unexplained_force(mean, wanted) ** 2).sum("axis", skipna=False)
    weight_n = float(completed.attrs["mass_kg"]) * GRAVITY_MPS2
    return float(100.0 * np.sqrt(squared.mean("time")) / weight_n)


def say_residual(residual: float) -> str:
    """One sentence of how well predicted force and motion agree, %BW (rms)."""
    if not np.isfinite(residual):
        return "What the motion requires by Newton is not known, and so nothing checks the predicted force."
    return f"Predicted force and what the motion requires by Newton are {residual:.1f} % of body weight (rms) apart."


def _wanted_of_draws(
    completed: xr.Dataset, required: xr.DataArray, gain: Mapping[str, float]
) -> xr.DataArray:
    """What each draw has to be told to be required, (draw, time, axis), N, where the same is required of all.

    Their mean is moved by the gain k, their deviations shrink to sqrt(1 - k), not to 1 - k: what is required errs too,
    and draws that were all moved toward the same would be surer than both together.

    References
    ----------
    Whitaker (2002), Ensemble data assimilation without perturbed observations, equation 10,
    doi:10.1175/1520-0493(2002)130<1913:EDAWPO>2.0.CO;2.
    """
    own = completed["ground_reaction_force"].sum("foot")
    mean = own.mean("draw")
    kept = xr.DataArray([np.sqrt(1.0 - gain[axis]) for axis in AXES], {"axis": list(AXES)}, "axis")
    return own + (required - mean) + (mean - own) / (1.0 + kept)


def _lifted(forces: xr.Dataset, down: xr.DataArray) -> xr.Dataset:
    """Forces without those of feet that are not down."""
    changed = {
        "ground_reaction_force": forces["ground_reaction_force"].where(down, 0.0),
        "center_of_pressure": forces["center_of_pressure"].where(down),
        "free_moment": forces["free_moment"].where(down, 0.0),
        "in_contact": down,
    }
    return forces.assign(
        {
            name: each.transpose(*forces[name].dims).assign_attrs(forces[name].attrs)
            for name, each in changed.items()
        }
    )
