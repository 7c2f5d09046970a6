r"""The force of the ground, handed to the feet: all to the foot that is down, a smooth transition where both are.

In double support no law tells the two feet apart; what is known is the center of pressure of both together, and that
it travels from where it was under the rear foot alone, :math:`A_r`, to where it will be under the front foot alone,
:math:`A_f`. The rear foot carries the share

.. math:: w = \frac{(P - A_f) \cdot (A_r - A_f)}{|A_r - A_f|^2}

of the vertical force (between zero and one), which is one when the front foot lands and zero when the rear foot lifts.
Both centers of pressure are shifted from their anchors by the same :math:`P - w A_r - (1 - w) A_f`. Fore and aft a foot
pushes as if its force passed through the center of mass, so that the rear foot drives while the front foot brakes; what
that leaves of the sum, and the force across, are shared like the vertical force. Force *and* moment of the two feet
add up to what was required, exactly. In flight there is no force.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES, FEET, FORWARD, UP

Array = NDArray[np.float64]
BOTH = 2


def share_force(required: xr.Dataset, in_contact: xr.DataArray) -> xr.Dataset:
    """Force, center of pressure and free moment of each foot from those of both together.

    Parameters
    ----------
    required
        As given by `gaitbook.required_force`.
    in_contact
        (time, foot), boolean: which foot is down.

    Returns
    -------
    xarray.Dataset
        ``ground_reaction_force`` (time, foot, axis), N; ``center_of_pressure`` (time, foot, axis), m, NaN without
        contact; ``free_moment`` (time, foot), N m; ``in_contact``.
    """
    down = in_contact.transpose("time", "foot").values.astype(bool)
    total = required["required_center_of_pressure"].transpose("time", "axis").values
    share = down / np.maximum(down.sum(axis=1, keepdims=True), 1)
    point = np.where(down[..., None], total[:, None], np.nan)
    for start, stop, rear in _double_supports(down):
        share[start:stop], point[start:stop] = _transition(total, start, stop, rear)
    force, free_moment = _forces(required, share, point)
    coords = {"time": required["time"].values, "foot": list(FEET), "axis": list(AXES)}
    three = ("time", "foot", "axis")
    return xr.Dataset(
        {
            "ground_reaction_force": (three, force, {"units": "N"}),
            "center_of_pressure": (three, point, {"units": "m"}),
            "free_moment": (three[:2], free_moment, {"units": "N m"}),
            "in_contact": (three[:2], down, {"units": "1"}),
        },
        coords=coords,
    )


def _forces(required: xr.Dataset, share: Array, point: Array) -> tuple[Array, Array]:
    """Forces (time, foot, axis) at these points, and free moments (time, foot), that add up to what was required."""
    total, center, pressure = (
        required[name].transpose("time", "axis").values
        for name in ("required_force", "center_of_mass", "required_center_of_pressure")
    )
    up, forward = AXES.index(UP), AXES.index(FORWARD)
    force = share[..., None] * total[:, None]
    toward = np.nan_to_num((center[:, None] - point) / center[:, None, [up]])[..., forward] * force[..., up]
    force[..., forward] += toward - share * toward.sum(axis=1, keepdims=True)
    turned = np.cross(np.nan_to_num(point), force).sum(axis=1) - np.cross(np.nan_to_num(pressure), total)
    free_moment = required["required_free_moment"].fillna(0.0).values - turned[:, up]
    return force, free_moment[:, None] * share


def _transition(total: Array, start: int, stop: int, rear: int) -> tuple[Array, Array]:
    """Shares (frame, foot) and centers of pressure (frame, foot, axis) of one double support."""
    anchors = np.empty((2, 3))
    anchors[rear] = total[max(start - 1, 0)]
    anchors[1 - rear] = total[min(stop, len(total) - 1)]
    line = anchors[rear] - anchors[1 - rear]
    here = total[start:stop]
    along = (here - anchors[1 - rear]) @ line / max(float(line @ line), np.finfo(float).tiny)
    share = np.empty((stop - start, 2))
    share[:, rear] = np.clip(np.nan_to_num(along, nan=0.5), 0.0, 1.0)
    share[:, 1 - rear] = 1.0 - share[:, rear]
    offset = here - share @ anchors
    return share, anchors + offset[:, None]


def _double_supports(down: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """First frame, frame after the last, and rear foot (the one that was down before) of every double support."""
    edges = np.diff((down.sum(axis=1) == BOTH).astype(int), prepend=0, append=0)
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        before, after = down[max(start - 1, 0)], down[min(stop, len(down) - 1)]
        rear = int(before.argmax()) if start > 0 and before.any() else int(1 - after.argmax())
        yield start, stop, rear
