"""Between labels and tensors: markers to features, force to targets, and back.

The only place where labels are left (``encode_*``) and regained (``decode_force``). Features do not depend on where
in the laboratory the person is, nor how the person is built: marker positions relative to the pelvis and to their own
mean over the trial, marker velocities and accelerations, and the height and acceleration of the pelvis. Forces are per
body mass, so that a heavy and a light person look alike.
"""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gaitbook.conventions import AXES, UP
from gaitbook.marker_sets import find_marker_set


@dataclass(frozen=True)
class MarkerLayout:
    """Which markers, in which order, become features.

    Parameters
    ----------
    markers
        Labels, in order.
    pelvis
        Those of them whose mean is the origin.
    """

    markers: tuple[str, ...]
    pelvis: tuple[str, ...]

    @property
    def features(self) -> int:
        """Number per frame: motion of each marker in three orders, height and acceleration of the pelvis."""
        return 3 * 3 * len(self.markers) + 4


def choose_layout(trials: list[xr.Dataset]) -> MarkerLayout:
    """Layout of all markers that at least half of the trials carry.

    Parameters
    ----------
    trials
        Trials with ``marker_position``.

    Returns
    -------
    MarkerLayout
        Markers sorted by name, so that the layout does not depend on the order of the trials.
    """
    labels = [set(trial["marker_position"]["marker"].values.tolist()) for trial in trials]
    common = sorted(m for m in set().union(*labels) if sum(m in have for have in labels) * 2 >= len(labels))
    pelvis = find_marker_set(common).segments["pelvis"]
    return MarkerLayout(tuple(common), tuple(m for m in pelvis if m in common))


def encode_markers(trial: xr.Dataset, layout: MarkerLayout) -> Tensor:
    """Features of every frame of a trial.

    Parameters
    ----------
    trial
        Trial with ``marker_position``.
    layout
        Markers to use; those that the trial lacks are NaN.

    Returns
    -------
    torch.Tensor
        Shape (time, feature), float32; NaN where a marker is missing.
    """
    position = (
        trial["marker_position"].reindex(marker=list(layout.markers)).transpose("time", "marker", "axis")
    )
    pelvis = position.sel(marker=list(layout.pelvis)).mean("marker")
    shape = (position.sizes["time"], -1)
    velocity = position.differentiate("time")
    parts = [
        _without_mean(position - pelvis).transpose("time", "marker", "axis").values.reshape(shape),
        velocity.values.reshape(shape),
        velocity.differentiate("time").values.reshape(shape),
        _without_mean(pelvis).sel(axis=[UP]).values,
        pelvis.differentiate("time").differentiate("time").values,
    ]
    return torch.from_numpy(np.concatenate(parts, axis=1).astype(np.float32))


def _without_mean(array: xr.DataArray) -> xr.DataArray:
    return array - array.mean("time")


def encode_force(trial: xr.Dataset, *, foot: str) -> Tensor:
    """Force on one foot at every frame, shape (time, axis), in N/kg."""
    force = trial["ground_reaction_force"].sel(foot=foot, axis=list(AXES)).transpose("time", "axis")
    return torch.from_numpy((force.values / float(trial.attrs["mass_kg"])).astype(np.float32))


def decode_force(values: Tensor, trial: xr.Dataset, *, foot: str) -> xr.DataArray:
    """Labeled force of predictions made for one foot of a trial: the inverse of `encode_force`.

    Parameters
    ----------
    values
        Shape (time, axis), in N/kg.
    trial
        The trial whose frames they are.
    foot
        ``"right"`` or ``"left"``.

    Returns
    -------
    xarray.DataArray
        ``ground_reaction_force``, dims (time, axis), in N.
    """
    return xr.DataArray(
        values.detach().cpu().numpy().astype(float) * float(trial.attrs["mass_kg"]),
        dims=("time", "axis"),
        coords={"time": trial["time"], "axis": list(AXES), "foot": foot},
        name="ground_reaction_force",
        attrs={"units": "N"},
    )
