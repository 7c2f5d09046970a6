"""The mirror image of a trial: right becomes left.

A person seen in a mirror walks as plausibly as the person does, so a mirrored trial is a free second recording for a
model, and mirroring twice must give the trial back exactly: the symmetry that every mechanical quantity is tested on.
"""

import re
from collections.abc import Hashable

import numpy as np
import xarray as xr

from gaitbook.conventions import FEET, RIGHT

SIDE_PATTERNS = (
    (re.compile(r"^R(?=[._ ]|[A-Z0-9])"), "L"),
    (re.compile(r"^L(?=[._ ]|[A-Z0-9])"), "R"),
    (re.compile(r"^r(?=[._ ])"), "l"),
    (re.compile(r"^l(?=[._ ])"), "r"),
    (re.compile(r"_r$"), "_l"),
    (re.compile(r"_l$"), "_r"),
    (re.compile(r"_right\b"), "_left"),
    (re.compile(r"_left\b"), "_right"),
)
LATERAL_COORDINATES = frozenset(
    {"pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation"},
)
VERTICAL_MOMENTS = frozenset({"free_moment", "required_free_moment"})
MOMENT_VECTORS = frozenset({"required_moment"})
"""What turns, not what points: its component along the lateral axis is the one that a mirror leaves alone."""
WITHOUT_DIRECTION = frozenset({"joint_angle_deviation", "joint_angle_observability"})
"""Variables that say how well a coordinate is known: they change sides, never sign."""


def mirror_trial(trial: xr.Dataset) -> xr.Dataset:
    """Trial of the mirror image: sides swapped, lateral axis reversed.

    Limb coordinates keep their sign, because OpenSim defines them alike on both sides; coordinates of the midline
    that turn to one side (`LATERAL_COORDINATES`) and moments about the vertical change it. Of vectors the lateral
    component changes its sign; of vectors of moment the two others do.

    Parameters
    ----------
    trial
        A trial of the contract.

    Returns
    -------
    xarray.Dataset
        Same variables, labels in the same order.

    Examples
    --------
    >>> import gaitbook as gb
    >>> trial = gb.simulate_trial(speed_mps=3.0)
    >>> bool(mirror_trial(mirror_trial(trial)).marker_position.equals(trial.marker_position))
    True
    """
    mirrored = {str(name): mirror_array(array) for name, array in trial.data_vars.items()}
    return trial.assign(mirrored)


def mirror_label(label: Hashable, known: frozenset[Hashable]) -> Hashable:
    """Name of the same thing on the other side; the label itself if it has no partner in ``known``."""
    for pattern, replacement in SIDE_PATTERNS:
        partner, count = pattern.subn(replacement, str(label), count=1)
        if count and partner in known:
            return partner
    return label


def mirror_array(array: xr.DataArray) -> xr.DataArray:
    """One variable of a trial as in a mirror; see `mirror_trial`. A single foot becomes the other one."""
    result = array
    for dim in ("marker", "standing_marker", "joint", "coordinate"):
        if dim in array.coords:
            labels = array.get_index(dim)
            known = frozenset(labels)
            result = result.sel({dim: [mirror_label(label, known) for label in labels]}).assign_coords(
                {dim: labels}
            )
    if "foot" in array.dims:
        result = result.sel(foot=list(FEET[::-1])).assign_coords(foot=list(FEET))
    elif "foot" in array.coords:
        result = result.assign_coords(foot=FEET[1 - FEET.index(array["foot"].item())])
    return (result * _signs(array)).astype(array.dtype).assign_attrs(array.attrs).rename(array.name)


def _signs(array: xr.DataArray) -> xr.DataArray | float:
    if "axis" in array.dims:
        axis = array["axis"].reset_coords(drop=True)
        lateral = 1.0 if array.name in MOMENT_VECTORS else -1.0
        return xr.where(axis == RIGHT, lateral, -lateral)
    if array.name in WITHOUT_DIRECTION:
        return 1.0
    if "coordinate" in array.dims:
        turns = np.isin(array["coordinate"].values, list(LATERAL_COORDINATES))
        return xr.DataArray(
            np.where(turns, -1.0, 1.0), dims="coordinate", coords={"coordinate": array["coordinate"]}
        )
    return -1.0 if array.name in VERTICAL_MOMENTS else 1.0
