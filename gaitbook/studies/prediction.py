"""Force predicted by a model, as labeled arrays: the one place where labels and tensors meet.

A study asks for a method by name, gives trials, and gets labeled force back. Every method knows one thing from the
start: a foot in the air carries no force, and the motion of the foot tells when it is in the air. What a learned
model adds is the force of the *left* foot while it is down; the right foot is the left foot of the mirror image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
import xarray as xr
from torch import Tensor

from gaitbook.cohort.events import contact_mask, detect_contacts
from gaitbook.cohort.mirroring import mirror_array, mirror_trial
from gaitbook.mechanics.newton import newton_force
from gaitbook.models.regressors import fit_ridge
from gaitbook.models.training import TrainingPlan, fit_network
from gaitbook.representation.windows import (
    MarkerLayout,
    choose_layout,
    decode_force,
    encode_force,
    encode_markers,
)

ForcePredictor = Callable[[xr.Dataset], xr.DataArray]
"""Trial in, ``ground_reaction_force`` out, dims (time, foot, axis), in N."""

METHODS = ("Newton", "ridge", "CNN")


class _Regressor(Protocol):
    def predict(self, features: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class LearnedForce:
    """A regressor with the layout of its features: a `ForcePredictor` learned from people."""

    regressor: _Regressor
    layout: MarkerLayout

    def __call__(self, trial: xr.Dataset) -> xr.DataArray:
        """Force of a trial, in N."""
        mirrored = mirror_trial(trial)
        left = self._left(trial)
        right = mirror_array(self._left(mirrored))
        force = xr.concat([right, left], dim="foot").transpose("time", "foot", "axis")
        return force.rename("ground_reaction_force").assign_attrs(units="N")

    def _left(self, trial: xr.Dataset) -> xr.DataArray:
        values = self.regressor.predict(encode_markers(trial, self.layout))
        return decode_force(values, trial, foot="left").where(left_contact(trial), 0.0)


def fit_force_predictor(
    method: str,
    trials: list[xr.Dataset],
    *,
    seed: int,
    plan: TrainingPlan | None = None,
    cutoff_hz: float = 10.0,
) -> ForcePredictor:
    """Predictor of ground force from markers.

    Parameters
    ----------
    method
        ``"Newton"`` (learns nothing), ``"ridge"`` or ``"CNN"``.
    trials
        Trials to learn from, with markers and force; mirror images are added here.
    seed
        Of the network.
    plan
        Length and speed of the network's training.
    cutoff_hz
        Low-pass of Newton's center of mass.

    Returns
    -------
    ForcePredictor
        A function from a trial to labeled force.

    Raises
    ------
    ValueError
        If the method is not known.
    """
    if method == "Newton":
        return lambda trial: predict_newton(trial, cutoff_hz=cutoff_hz)
    if method not in METHODS:
        raise ValueError(f"no method {method!r}; choose from {', '.join(METHODS)}")
    layout = choose_layout(trials)
    both = [*trials, *map(mirror_trial, trials)]
    features = [encode_markers(trial, layout) for trial in both]
    targets = [encode_force(trial, foot="left") for trial in both]
    down = [torch.from_numpy(left_contact(trial).values) for trial in both]
    if method == "ridge":
        groups = [str(trial.attrs["subject"]) for trial in both]
        return LearnedForce(fit_ridge(features, targets, down, groups), layout)
    return LearnedForce(fit_network(features, targets, down, plan or TrainingPlan(), seed=seed), layout)


def left_contact(trial: xr.Dataset) -> xr.DataArray:
    """Whether the left foot is down, by motion alone: dims (time,)."""
    contacts = detect_contacts(trial, method="motion")
    return contact_mask(contacts, trial["time"]).sel(foot="left", drop=True)


def predict_newton(trial: xr.Dataset, *, cutoff_hz: float = 10.0) -> xr.DataArray:
    """Newton's force of a trial, with contacts detected from motion alone: no force plate is consulted."""
    contacts = detect_contacts(trial, method="motion")
    return newton_force(trial, contact_mask(contacts, trial["time"]), cutoff_hz=cutoff_hz)
