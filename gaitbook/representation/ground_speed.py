"""How fast the ground moves under a person: not at all, or with the belt of a treadmill, at a constant speed or not.

A foot that carries weight moves with the ground. The velocity of its forefoot (the median over the middle of a stance,
where it neither lands nor rolls off) is carried on between stances by straight lines and averaged over the feet. A
speed that the user knows is taken as it is.
"""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.cohort.cleaning import find_surface, rate_of, runs
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.conventions import FEET, FORWARD, UP
from gaitbook.mechanics.body_points import body_points

Flags = NDArray[np.bool_]

FOREFEET: Final = {"right": "toes_r", "left": "toes_l"}
LOADED_N_PER_KG: Final = 4.0
"""A foot under so much force does not slide."""
LOWEST_SHARE: Final = 0.15
"""Without force: share of the frames in which a foot, heel and forefoot together, is lowest, and therefore stands."""
PLANTED: Final = (0.2, 0.6)
"""Share of a stance from which, and until which, the forefoot stays where it is."""
SMOOTHED_S: Final = 0.5
"""The speed of a belt is averaged over so long: within a step a belt slows and hurries, which is not progression."""


def ground_velocity(trial: xr.Dataset, model: BodyModel, placed: Flags | None = None) -> xr.DataArray:
    """Velocity of the ground along the heading, m/s, (time,); the belt of a treadmill runs backward.

    Parameters
    ----------
    trial
        With ``joint_angle`` and ``pelvis_position``, without gaps, heading along +x; and what `told_ground_velocity`
        asks for.
    model
        The person's body, with the segments ``calcn`` and ``toes`` of both sides.
    placed
        Frames in which the place of both feet is known, and not only bridged; all by default.

    Returns
    -------
    xarray.DataArray
        From the feet where the speed of the belt is not known; if they are nowhere known, as the trial tells it.
    """
    frames = trial.sizes["time"]
    seen = np.ones(frames, dtype=bool) if placed is None else placed
    on_a_belt = trial.attrs.get("belt_speed_mps") is None and _surface(trial) == "treadmill"
    velocity = _of_standing_feet(trial, model, seen) if on_a_belt and seen.any() else None
    if velocity is None:
        velocity = np.full(frames, told_ground_velocity(trial))
    labels = {"time": trial["time"].values}
    return xr.DataArray(velocity, labels, "time", name="ground_velocity", attrs={"units": "m/s"})


def told_ground_velocity(trial: xr.Dataset) -> float:
    """Velocity of the ground along the heading as a trial tells it without its feet, m/s; NaN where it does not.

    Parameters
    ----------
    trial
        ``attrs["belt_speed_mps"]`` is taken as it is. Overground the ground is still; on a treadmill, where a person
        stays in place, it is as fast as the person (``attrs["speed_mps"]``). Which of the two it is follows from
        ``attrs["surface"]`` or else from the path of the pelvis.
    """
    belt_mps, speed_mps = trial.attrs.get("belt_speed_mps"), trial.attrs.get("speed_mps")
    if belt_mps is not None:
        return -float(belt_mps)
    surface = _surface(trial)
    if surface == "overground":
        return 0.0
    return np.nan if surface is None or speed_mps is None else -float(speed_mps)


def _surface(trial: xr.Dataset) -> str | None:
    told = trial.attrs.get("surface")
    if told is None and "pelvis_position" in trial and trial["pelvis_position"].notnull().all("axis").any():
        return find_surface(trial)
    return told


def _of_standing_feet(trial: xr.Dataset, model: BodyModel, seen: Flags) -> NDArray[np.float64] | None:
    """Smooth velocity of feet that stand, (time,), m/s; ``None`` if none ever stands."""
    toes, heels = (
        body_points(trial, model, tuple(segments[foot] for foot in FEET)).transpose("time", "point", "axis")
        for segments in (FOREFEET, CALCANEI)
    )
    velocity = toes.sel(axis=FORWARD).differentiate("time").values
    stands = _standing(trial, toes.sel(axis=UP).values + heels.sel(axis=UP).values, seen)
    sides = [
        _between_stances(own, down) for own, down in zip(velocity.T, stands.T, strict=True) if down.any()
    ]
    return _moving_mean(np.mean(sides, axis=0), round(SMOOTHED_S * rate_of(trial))) if sides else None


def _between_stances(velocity: NDArray[np.float64], stands: Flags) -> NDArray[np.float64]:
    """Median velocity of every stance, put at its middle, and straight lines between them."""
    stances = runs(stands)
    middles = [0.5 * (start + stop - 1) for start, stop in stances]
    typical = [np.median(velocity[start:stop]) for start, stop in stances]
    return np.asarray(np.interp(np.arange(len(velocity)), middles, typical))


def _standing(trial: xr.Dataset, height_m: NDArray[np.float64], seen: Flags) -> Flags:
    """Frames (time, foot) in which a forefoot is known to move with the ground, by force or else by height."""
    stands = height_m <= np.quantile(height_m[seen], LOWEST_SHARE, axis=0)
    if "ground_reaction_force" in trial and trial.attrs.get("mass_kg") is not None:
        force = trial["ground_reaction_force"].sel(axis=UP, foot=list(FEET)).transpose("time", "foot")
        loaded = np.nan_to_num(force.values) > LOADED_N_PER_KG * float(trial.attrs["mass_kg"])
        if loaded.any():
            stands = np.stack([_planted(foot) for foot in loaded.T], axis=1)
    return np.asarray(stands & seen[:, None])


def _planted(loaded: Flags) -> Flags:
    """Middle of each stance; one that the trial cuts short is taken to be as long as the others are."""
    stances, frames = runs(loaded), len(loaded)
    usual = np.median([stop - start for start, stop in stances if start > 0 and stop < frames] or [0])
    planted = np.zeros_like(loaded)
    for start, stop in stances:
        length = max(stop - start, round(usual) if start == 0 or stop == frames else 0)
        begin = stop - length if start == 0 else start
        first, last = (begin + round(share * length) for share in PLANTED)
        planted[max(first, 0) : max(last + 1, 0)] = True
    return planted


def _moving_mean(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Mean over so many neighbors; beyond both ends the values go on as they are there."""
    length = max(1, min(length, len(values)))
    padded = np.pad(values, (length // 2, length - 1 - length // 2), mode="edge")
    return np.asarray(np.convolve(padded, np.full(length, 1.0 / length), mode="valid"))
