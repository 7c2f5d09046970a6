r"""Predicted force of the ground brought nearer to what physics allows: Newton's balance, friction, the sole.

A force that was predicted and the force that the motion requires both err. Of their difference, :math:`\Delta`, a share
:math:`k` is handed to the feet in proportion to their vertical load :math:`w`:

.. math:: F_{foot} \leftarrow F_{foot} + w_{foot} \, k \, \Delta, \qquad \sum w = 1

The best :math:`k` is the variance of the predicted sum over that of both (Kalman 1960, doi:10.1115/1.3662552). A foot
in the air stays without force, friction is limited, and the center of pressure stays on the sole.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES, UP

Array = NDArray[np.float64]

FRICTION_LIMIT: Final = 0.8
"""Largest horizontal force over vertical force: that of rubber on a dry floor (assumption); sprinters reach 0.7."""
SEEN_FROM_ABOVE: Final = ["x", "z"]


def unexplained_force(forces: xr.Dataset, required: xr.DataArray) -> xr.DataArray:
    """What a motion requires beyond the force of both feet together: (..., time, axis), N.

    Parameters
    ----------
    forces
        With ``ground_reaction_force`` (..., time, foot, axis), N.
    required
        ``required_force`` (..., time, axis), N, as given by `gaitbook.required_force`.
    """
    missing = required - forces["ground_reaction_force"].sum("foot")
    return missing.rename("unexplained_force").assign_attrs(units="N")


def balance_force(forces: xr.Dataset, required: xr.DataArray, gain: Mapping[str, float]) -> xr.Dataset:
    """Forces with a share of what the motion requires beyond them.

    Parameters
    ----------
    forces, required
        As for `unexplained_force`.
    gain
        Share by axis, from 0 (as predicted) to 1 (as required wherever a foot is down).

    Returns
    -------
    xarray.Dataset
        The same with another ``ground_reaction_force``; the ground never pulls.

    Raises
    ------
    ValueError
        A gain is missing or not between 0 and 1; all are named.
    """
    wrong = [f"{axis}: {gain.get(axis)}" for axis in AXES if not 0.0 <= gain.get(axis, -1.0) <= 1.0]
    if wrong:
        raise ValueError(f"A gain is a share from 0 to 1 for each of x, y and z; found {', '.join(wrong)}")
    force = forces["ground_reaction_force"]
    load = force.sel(axis=UP, drop=True).clip(min=0.0)
    total = load.sum("foot")
    share = (load / total.where(total > 0)).fillna(0.0)
    gains = xr.DataArray([gain[axis] for axis in AXES], {"axis": list(AXES)}, "axis")
    changed = force + share * gains * unexplained_force(forces, required)
    changed = changed.where((changed["axis"] != UP) | (changed > 0.0), 0.0)
    return _with_force(forces, changed)


def limit_friction(forces: xr.Dataset, *, limit: float = FRICTION_LIMIT) -> xr.Dataset:
    """Forces whose horizontal part is nowhere larger than a share of the vertical part; its direction is kept."""
    force = forces["ground_reaction_force"]
    across = (force.sel(axis=SEEN_FROM_ABOVE) ** 2).sum("axis") ** 0.5
    allowed = limit * force.sel(axis=UP, drop=True).clip(min=0.0)
    scale = xr.where(across > allowed, allowed / across.where(across > 0), 1.0)
    return _with_force(forces, force.where(force["axis"] == UP, force * scale))


def keep_on_sole(forces: xr.Dataset, outline: xr.DataArray) -> xr.Dataset:
    """Forces whose centers of pressure lie on the soles: those outside are drawn toward the middle, to the edge.

    Parameters
    ----------
    forces
        With ``center_of_pressure`` (..., time, foot, axis), m, NaN in the air.
    outline
        Corners of the convex soles, (..., time, foot, corner, axis), m, as given by `gaitbook.mechanics.gait_checks`.
    """
    point = forces["center_of_pressure"].transpose(..., "time", "foot", "axis")
    corners = outline.sel(axis=SEEN_FROM_ABOVE).transpose(..., "time", "foot", "corner", "axis").values
    place = point.sel(axis=SEEN_FROM_ABOVE).values
    middle = corners.mean(axis=-2)
    inside, here = _edge_distances(corners, middle), _edge_distances(corners, place)
    # middles lie inside; the sign of the distance there tells which way the corners run
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = np.where(here * np.sign(inside) < 0, np.abs(inside) / (np.abs(inside) + np.abs(here)), 1.0)
    kept = middle + reach.min(axis=-1)[..., None] * (place - middle)
    moved = point.copy()
    moved.loc[{"axis": SEEN_FROM_ABOVE}] = kept
    changed = moved.transpose(*forces["center_of_pressure"].dims)
    return forces.assign(center_of_pressure=changed.assign_attrs(forces["center_of_pressure"].attrs))


def _edge_distances(corners: Array, place: Array) -> Array:
    """Signed distances (..., edge) of places (..., 2) from the lines through neighboring corners (..., corner, 2)."""
    edge = np.roll(corners, -1, axis=-2) - corners
    away = place[..., None, :] - corners
    area = edge[..., 0] * away[..., 1] - edge[..., 1] * away[..., 0]
    return np.asarray(area / np.linalg.norm(edge, axis=-1))


def _with_force(forces: xr.Dataset, force: xr.DataArray) -> xr.Dataset:
    before = forces["ground_reaction_force"]
    return forces.assign(ground_reaction_force=force.transpose(*before.dims).assign_attrs(before.attrs))
