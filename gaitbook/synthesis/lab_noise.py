r"""What a laboratory adds to joint angles and ground forces.

An angle found from markers errs by an offset (a misplaced marker), by something that wanders, and, most treacherous,
by something that follows the limb's own motion and returns in every stride: no average removes it. A plate errs in
the six numbers of its wrench; the center of pressure, a quotient, errs most where the force is small:
:math:`\delta p \approx \delta M / F_y`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import lfilter

from gaitbook.cohort.cleaning import log_operation
from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET
from gaitbook.synthesis.laboratory_errors import load_laboratory

LIMBS = ("_r", "_l")
FORCES = ("ground_reaction_force", "center_of_pressure", "free_moment")
SETTLED = 12
"""Time constants after which a filter has forgotten its start."""

Array = NDArray[Any]


def angle_error(joint_angle: xr.DataArray, *, rng: np.random.Generator, gain: float = 1.0) -> xr.DataArray:
    """Return the error of joint angles that inverse kinematics finds from markers on skin.

    Parameters
    ----------
    joint_angle
        True angles (time, coordinate), rad.
    rng
        Random numbers of the trial.
    gain
        Size of the error; 0 for none.

    Returns
    -------
    xarray.DataArray
        ``joint_angle_error`` (time, coordinate), rad, to be added to the truth. Over many trials its root mean square
        is 1 to 3 degrees by coordinate: a constant, something slow, and a mix of the motions of the same limb (of the
        trunk, for pelvis and lumbar coordinates), which is small in a limb that hardly moves.

    Raises
    ------
    ValueError
        Dims, time stamps or values make no sense; all faults are named.

    References
    ----------
    McGinley (2009), doi:10.1016/j.gaitpost.2008.09.003.
    """
    _require_angles(joint_angle, gain)
    labeled = joint_angle.transpose("time", "coordinate")
    names = [str(name) for name in labeled["coordinate"].values]
    numbers = load_laboratory()["angle"]
    size = gain * np.array([numbers["size_rad"].get(_without_side(n), numbers["other_rad"]) for n in names])
    step_s = float(np.diff(labeled["time"].values).mean())
    parts = {
        "offset_share": rng.standard_normal((1, len(names))),
        "slow_share": _wandering(rng, labeled.shape, numbers["slow_s"] / step_s),
        "locked_share": _locked(rng, labeled.values.astype(float), names),
    }
    error = size * sum(np.sqrt(numbers[share]) * part for share, part in parts.items())
    return labeled.copy(data=error).rename("joint_angle_error").assign_attrs(units="rad")


def plate_noise(trial: xr.Dataset, *, rng: np.random.Generator, gain: float = 1.0) -> xr.Dataset:
    """Return a trial with the forces that plates would have measured.

    Parameters
    ----------
    trial
        A trial with ``ground_reaction_force``, ``center_of_pressure`` and, if known, ``free_moment``.
    rng
        Random numbers of the trial.
    gain
        Size of noise and drift; 0 for none.

    Returns
    -------
    xarray.Dataset
        The trial with noisy forces. As in recorded trials a foot whose measured vertical force is under 20 N is in
        the air: its force and free moment are zero, its center of pressure is NaN, ``in_contact`` is false.

    Raises
    ------
    ValueError
        The trial lacks force or center of pressure, or the gain is negative.
    """
    _require_forces(trial, gain)
    truth = {name: trial[name].transpose("time", "foot", ...) for name in FORCES if name in trial}
    force = truth["ground_reaction_force"].sel(foot=list(FEET), axis=list(AXES)).values
    point = truth["center_of_pressure"].sel(foot=list(FEET), axis=list(AXES)).values
    noise = gain * _wrench_noise(rng, trial["time"].values)
    loaded = (force[..., 1] > 0) & np.isfinite(point).all(axis=-1)
    measured = force + noise[..., :3]
    contact = loaded & (measured[..., 1] >= CONTACT_FORCE_N)
    lever = np.where(contact[..., None], point - _plate_middle(point, force, loaded), 0.0)
    shift = _point_shift(lever, noise, np.where(contact, measured[..., 1], np.inf))
    found = {
        "ground_reaction_force": np.where(contact[..., None], measured, 0.0),
        "center_of_pressure": np.where(contact[..., None], point + shift, np.nan),
        "in_contact": contact,
    }
    if "free_moment" in truth:
        own = noise[..., 4] + _about_vertical(lever, force) - _about_vertical(lever + shift, measured)
        twist = truth["free_moment"].sel(foot=list(FEET)).values
        found["free_moment"] = np.where(contact, twist + own, 0.0)
    return _relabeled(trial, found, gain)


def _require_angles(joint_angle: xr.DataArray, gain: float) -> None:
    faults = []
    if set(joint_angle.dims) != {"time", "coordinate"}:
        faults.append(f"dims are {joint_angle.dims}, expected ('time', 'coordinate')")
    elif joint_angle.sizes["time"] < 2 or "time" not in joint_angle.coords:  # noqa: PLR2004 - a step needs two
        faults.append("fewer than two time stamps")
    if not np.isfinite(joint_angle.values).all():
        faults.append("angles are missing (NaN): the truth has no gaps")
    faults += [f"gain is {gain:g}, expected zero or more"] * (not gain >= 0)
    if faults:
        raise ValueError("No error can be drawn for these joint angles: " + "; ".join(faults))


def _require_forces(trial: xr.Dataset, gain: float) -> None:
    faults = [f"it has no {name}" for name in FORCES[:2] if name not in trial]
    faults += [f"gain is {gain:g}, expected zero or more"] * (not gain >= 0)
    if faults:
        raise ValueError(
            f"Trial {trial.attrs.get('trial', '?')} cannot be measured by plates: " + "; ".join(faults)
        )


def _without_side(name: str) -> str:
    return name.removesuffix("_r").removesuffix("_l")


def _wandering(rng: np.random.Generator, shape: tuple[int, ...], constant: float) -> Array:
    """Smooth noise (time, ...) of unit variance: two first-order filters of this time constant (samples)."""
    rho = np.exp(-1.0 / max(constant, 0.1))
    start = int(SETTLED * constant) + 1
    drawn = rng.standard_normal((shape[0] + start, *shape[1:]))
    size = np.sqrt((1 - rho**2) ** 3 / (1 + rho**2))
    return np.asarray(lfilter([size], [1.0, -2 * rho, rho**2], drawn, axis=0)[start:])


def _locked(rng: np.random.Generator, angle: Array, names: list[str]) -> Array:
    """Random mixes of the motions of the same limb, of unit mean square where the limb moves."""
    limb = np.array([name[-2:] if name.endswith(LIMBS) else "" for name in names])
    arm = np.array([name.startswith(("arm", "elbow", "pro", "wrist")) for name in names])
    same = (limb[:, None] == limb) & (arm[:, None] == arm)
    moving = angle - angle.mean(axis=0)
    mixed = moving @ (same * rng.standard_normal(same.shape))
    still = load_laboratory()["angle"]["still_rad"]
    return np.asarray(mixed / np.sqrt((mixed**2).mean(axis=0) + still**2))


def _wrench_noise(rng: np.random.Generator, time: Array) -> Array:
    """White noise and drift of force and moment under each foot (time, foot, 6), N and N m."""
    numbers = load_laboratory()["plate"]
    shape = (time.size, len(FEET), 6)
    white = np.array([*numbers["force_noise_n"], *numbers["moment_noise_nm"]])
    drift = np.array([*numbers["force_drift_n"], *numbers["moment_drift_nm"]])
    elapsed = (time - time[0])[:, None, None] / numbers["drift_s"]
    return np.asarray(
        white * rng.standard_normal(shape) + drift * elapsed * rng.standard_normal((1, *shape[1:]))
    )


def _plate_middle(point: Array, force: Array, loaded: NDArray[np.bool_]) -> Array:
    """Middle of the plate that a foot stands on: mean center of pressure of the contact (time, foot, axis), m."""
    middle = np.zeros_like(point)
    for foot in range(loaded.shape[1]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loaded[:, foot].astype(int), [0]])))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            weight = force[start:stop, foot, 1]
            middle[start:stop, foot] = weight @ point[start:stop, foot] / weight.sum()
    return middle


def _point_shift(lever: Array, noise: Array, vertical: Array) -> Array:
    """How far noise moves the center of pressure on a level plate (time, foot, axis), m."""
    ahead = (noise[..., 5] - lever[..., 0] * noise[..., 1]) / vertical
    right = (-noise[..., 3] - lever[..., 2] * noise[..., 1]) / vertical
    return np.stack([ahead, np.zeros_like(ahead), right], axis=-1)


def _about_vertical(lever: Array, force: Array) -> Array:
    return np.asarray(lever[..., 2] * force[..., 0] - lever[..., 0] * force[..., 2])


def _relabeled(trial: xr.Dataset, found: Mapping[str, Array], gain: float) -> xr.Dataset:
    dims = {"in_contact": ("time", "foot"), "free_moment": ("time", "foot")}
    coords = {"time": trial["time"], "foot": list(FEET), "axis": list(AXES)}
    noisy = {}
    for name, value in found.items():
        own = dims.get(name, ("time", "foot", "axis"))
        array = xr.DataArray(value, dims=own, coords={dim: coords[dim] for dim in own}, name=name)
        noisy[name] = array.assign_attrs(trial[name].attrs if name in trial else {"units": "1"})
    sentence = f"Noise and drift of force plates added ({gain:g} of the usual size)"
    return trial.assign(noisy).assign_attrs(log_operation(trial, sentence))
