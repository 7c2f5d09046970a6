r"""Ground force from motion by Newton's second law.

The ground pushes with whatever the center of mass needs beyond gravity:

.. math:: F = m\,(a - g)

Here the center of mass comes from markers alone: each leg segment moves with the mean of its markers, and the rest
of the body (head, arms, trunk, pelvis) with the mean of the pelvis markers. That ignores the swing of the arms, the
lean of the trunk and the wobble of the skin: how much force these three cost is the question of notebook 01.
"""

from collections.abc import Mapping

import xarray as xr

from gaitbook.cohort.cleaning import low_pass
from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2, UP
from gaitbook.marker_sets import find_marker_set
from gaitbook.mechanics.anthropometry import LEG_PARTS, body_parts


def segment_mass_fractions(sex: str | None) -> dict[str, float]:
    """Fraction of body mass of each tracked segment; the pelvis carries trunk, head and arms.

    Parameters
    ----------
    sex
        ``"female"``, ``"male"``, or ``None`` for the mean of both.

    Returns
    -------
    dict
        Segment name to fraction; they sum to one.

    References
    ----------
    de Leva (1996), doi:10.1016/0021-9290(95)00178-6, table 4
    """
    parts = body_parts(sex)
    legs = {part: parts[part].mass for part in LEG_PARTS}
    fractions = {f"{part}_{side}": fraction for part, fraction in legs.items() for side in FEET}
    return {"pelvis": 1.0 - sum(fractions.values()), **fractions}


def center_of_mass(trial: xr.Dataset) -> xr.DataArray:
    """Center of mass estimated from markers, dims (time, axis), in m.

    Parameters
    ----------
    trial
        Trial with ``marker_position``.

    Raises
    ------
    ValueError
        If a tracked segment has no marker at all.
    """
    segments = find_marker_set(trial["marker_position"]["marker"].values).segments
    fractions = segment_mass_fractions(trial.attrs.get("sex"))
    _require_segments(trial["marker_position"], segments, fractions)
    present = {
        name: [m for m in segments[name] if m in trial["marker_position"]["marker"].values]
        for name in fractions
    }
    parts = [
        fraction * trial["marker_position"].sel(marker=present[name]).mean("marker")
        for name, fraction in fractions.items()
    ]
    return sum(parts[1:], parts[0]).rename("center_of_mass").assign_attrs(units="m")


def newton_force(trial: xr.Dataset, in_contact: xr.DataArray, *, cutoff_hz: float = 10.0) -> xr.DataArray:
    """Ground reaction force that the motion requires, given to the foot on the ground.

    Parameters
    ----------
    trial
        Trial with ``marker_position`` and the attribute ``mass_kg``.
    in_contact
        Dims (time, foot), boolean: which foot is down, as detected from motion. Two feet down share the force
        equally; with none down the force is zero.
    cutoff_hz
        Cut-off of the zero-lag low-pass filter of the center of mass.

    Returns
    -------
    xarray.DataArray
        ``ground_reaction_force``, dims (time, foot, axis), in N.
    """
    down = in_contact.astype(float)
    share = down / down.sum("foot").clip(min=1.0)
    force = (total_newton_force(trial, cutoff_hz=cutoff_hz) * share).transpose("time", "foot", "axis")
    return force.rename("ground_reaction_force").assign_attrs(units="N")


def total_newton_force(trial: xr.Dataset, *, cutoff_hz: float = 10.0) -> xr.DataArray:
    """Force on both feet together that the motion of the center of mass requires, dims (time, axis), in N.

    Parameters
    ----------
    trial, cutoff_hz
        As for `newton_force`.
    """
    position = low_pass(center_of_mass(trial).interpolate_na("time", fill_value="extrapolate"), cutoff_hz)
    acceleration = position.differentiate("time").differentiate("time")
    gravity = xr.DataArray(
        [-GRAVITY_MPS2 if axis == UP else 0.0 for axis in AXES], dims="axis", coords={"axis": [*AXES]}
    )
    force = float(trial.attrs["mass_kg"]) * (acceleration - gravity)
    return force.transpose("time", "axis").assign_attrs(units="N")


def _require_segments(
    markers: xr.DataArray, segments: Mapping[str, tuple[str, ...]], fractions: Mapping[str, float]
) -> None:
    labels = set(markers["marker"].values)
    bare = [name for name in fractions if not labels & set(segments.get(name, ()))]
    if bare:
        raise ValueError(f"no marker on {', '.join(bare)}: Newton's law needs at least one on every segment")
