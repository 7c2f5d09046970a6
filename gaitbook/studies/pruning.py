"""What of recorded trials is fit to learn from: the rules of GaitDynamics, each with its limit.

Every rule looks at one trial and gives back what is left of it: all, parts, or nothing; what it takes away it accounts
for. They are made for overground and treadmill recordings of many laboratories (AddBiomechanics), not for simulations.

References
----------
Tan, Van Wouwe, Werling, Liu, Delp, Hicks, Chaudhari (2026), Nature Biomedical Engineering,
doi:10.1038/s41551-025-01565-8, and its public code, github.com/stanfordnmbl/GaitDynamics.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.cohort.cleaning import rate_of, runs
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.cohort.schema import trial_path
from gaitbook.conventions import AXES, FEET, UP
from gaitbook.mechanics.body_points import body_points
from gaitbook.representation.channels import ONE_AXIS, THREE_AXES
from gaitbook.representation.states import fill_motion
from gaitbook.studies.measured_motion import MeasuredMotion

Flags = NDArray[np.bool_]

CONTACT_BODIES: Final = frozenset(CALCANEI.values())
FEWEST_FRAMES: Final = 10
LARGEST_LUMBAR_RAD: Final = np.pi / 4
LARGEST_TURN_RAD: Final = np.pi / 4
STANCE_N: Final = 50.0
FARTHEST_PRESSURE_M: Final = 0.3
MOST_FAR: Final = 0.002
"""Share of all frames; a frame counts by a third for each axis along which the pressure is too far."""
SHORTEST_S: Final = 1.52
LARGEST_ACCELERATION_MPS2: Final = 320.0
FASTEST_RAD_PER_S: Final = np.deg2rad(2000.0)
MARGIN_FRAMES: Final = 2
"""Frames dropped on either side of a step that is too fast."""
MOST_CHANGES: Final = 30
"""Force that goes missing and comes back more often is flagged at random: the flags are then not believed."""


class Pruned(NamedTuple):
    """What is left of a trial, in parts, and what was taken away."""

    kept: tuple[MeasuredMotion, ...]
    exclusions: tuple[Exclusion, ...]


Rule = Callable[[MeasuredMotion], Pruned]


def prune(motion: MeasuredMotion, *, rules: Iterable[Rule] | None = None) -> Pruned:
    """What is left of a recorded trial.

    Parameters
    ----------
    motion
        The trial with its body, heading along +x, force NaN where it is missing.
    rules
        Applied one after the other, each to all parts that are left; all rules of this module by default.
    """
    parts: tuple[MeasuredMotion, ...] = (motion,)
    exclusions: list[Exclusion] = []
    for rule in RULES if rules is None else rules:
        results = [rule(part) for part in parts]
        parts = tuple(part for result in results for part in result.kept)
        exclusions += [each for result in results for each in result.exclusions]
    return Pruned(parts, tuple(exclusions))


def require_contact_bodies(motion: MeasuredMotion) -> Pruned:
    """Drop a trial in which something else than the two feet touches the ground, if ``contact_bodies`` tells."""
    bodies = motion.trial.attrs.get("contact_bodies")
    if bodies is None or (len(bodies) == len(CONTACT_BODIES) and set(bodies) == CONTACT_BODIES):
        return _all(motion)
    return _none(motion, "other contact bodies than the two feet", ", ".join(map(str, bodies)) or "none")


def require_frames(motion: MeasuredMotion) -> Pruned:
    """Drop a trial of fewer than 10 frames."""
    count = motion.trial.sizes["time"]
    return (
        _all(motion) if count >= FEWEST_FRAMES else _none(motion, "fewer than 10 frames", f"{count} frames")
    )


def trim_unloaded_ends(motion: MeasuredMotion, *, most_frames: int | None = None) -> Pruned:
    """Cut frames at both ends in which the force on both feet is exactly zero.

    Parameters
    ----------
    motion
        The trial; without force it is kept whole.
    most_frames
        At most so many at each end (GaitDynamics: 1); all by default.
    """
    if "ground_reaction_force" not in motion.trial:
        return _all(motion)
    loaded = np.flatnonzero((_force(motion) != 0.0).any(axis=(1, 2)))
    count = motion.trial.sizes["time"]
    if not loaded.size:
        return _none(motion, "force is zero throughout")
    most = count if most_frames is None else most_frames
    first, last = min(int(loaded[0]), most), max(int(loaded[-1]) + 1, count - most)
    return _parts(motion, [(first, last)], "frames without force at the ends were cut")


def require_lumbar(motion: MeasuredMotion) -> Pruned:
    """Drop a trial whose trunk is turned on the pelvis by more than 45 degrees on average: its fit went astray."""
    mean_rad = float(_angle(motion, "lumbar_rotation").mean("time"))
    if not abs(mean_rad) > LARGEST_LUMBAR_RAD:
        return _all(motion)
    return _none(
        motion, "mean lumbar rotation of more than 45 degrees", f"{np.rad2deg(mean_rad):.0f} degrees"
    )


def require_pressure_near_feet(motion: MeasuredMotion) -> Pruned:
    """Drop a trial whose center of pressure is too often farther than 0.3 m from the calcaneus of a loaded foot."""
    if "center_of_pressure" not in motion.trial or "ground_reaction_force" not in motion.trial:
        return _all(motion)
    share = max(_share_far(motion, foot) for foot in FEET)
    if not share > MOST_FAR:
        return _all(motion)
    return _none(
        motion, "center of pressure farther than 0.3 m from the foot", f"{100 * share:.2f} % of frames"
    )


def require_straight(motion: MeasuredMotion) -> Pruned:
    """Drop a trial in which the pelvis turns by more than 45 degrees about the vertical."""
    angle = _angle(motion, "pelvis_rotation").dropna("time").values
    turn_rad = float(np.ptp(np.unwrap(angle))) if angle.size else 0.0
    if not turn_rad > LARGEST_TURN_RAD:
        return _all(motion)
    return _none(motion, "the pelvis turns by more than 45 degrees", f"{np.rad2deg(turn_rad):.0f} degrees")


def split_at_missing_force(motion: MeasuredMotion) -> Pruned:
    """Cut out the frames whose force is missing (NaN), unless the flags change so often that they mean nothing."""
    if "ground_reaction_force" not in motion.trial:
        return _all(motion)
    known: Flags = np.asarray(np.isfinite(_force(motion)).all(axis=(1, 2)))
    if int(np.count_nonzero(np.diff(known))) + 1 > MOST_CHANGES:
        return _all(motion)
    return _parts(motion, runs(known), "frames without known force were cut")


def split_at_jitter(motion: MeasuredMotion) -> Pruned:
    """Split a trial where the pelvis speeds up by more than 320 m/s^2, or an angle turns by more than 2000 degrees/s.

    Joints with three axes are judged by the numbers of their rotation matrix, which turn as fast as the joint and do
    not jump where angles do. Two frames are dropped on either side of the step.
    """
    breaks = np.flatnonzero(_accelerates(motion) | _turns(motion))
    kept = np.ones(motion.trial.sizes["time"], dtype=bool)
    for frame in breaks:
        kept[max(0, frame - MARGIN_FRAMES) : frame + MARGIN_FRAMES] = False
    return _parts(motion, runs(kept), "frames around a jump of the motion were cut")


def require_duration(motion: MeasuredMotion) -> Pruned:
    """Drop a trial, or what is left of it, shorter than 1.52 s: a window of training and two frames."""
    seconds = motion.trial.sizes["time"] / rate_of(motion.trial)
    if seconds > SHORTEST_S or np.isclose(seconds, SHORTEST_S, rtol=1e-9):
        return _all(motion)
    return _none(motion, "shorter than 1.52 s", f"{seconds:.2f} s")


RULES: Final[tuple[Rule, ...]] = (
    require_contact_bodies,
    require_frames,
    trim_unloaded_ends,
    require_lumbar,
    require_pressure_near_feet,
    require_straight,
    split_at_missing_force,
    split_at_jitter,
    require_duration,
)
"""In the order of GaitDynamics, but for the last, which here also judges the parts of trials that were split."""


def _all(motion: MeasuredMotion) -> Pruned:
    return Pruned((motion,), ())


def _none(motion: MeasuredMotion, reason: str, detail: str = "") -> Pruned:
    return Pruned((), (Exclusion(trial_path(motion.trial.attrs), reason, detail),))


def _parts(motion: MeasuredMotion, spans: Sequence[tuple[int, int]], reason: str) -> Pruned:
    """Spans (first, one past last) of a trial; what is outside is accounted for."""
    count = motion.trial.sizes["time"]
    lost = count - sum(last - first for first, last in spans)
    if not lost:
        return _all(motion)
    kept = tuple(motion._replace(trial=motion.trial.isel(time=slice(*span))) for span in spans)
    return Pruned(kept, _none(motion, reason, f"{lost} of {count} frames").exclusions)


def _force(motion: MeasuredMotion) -> NDArray[np.float64]:
    """Force (time, foot, axis), N."""
    return motion.trial["ground_reaction_force"].transpose("time", "foot", "axis").values


def _angle(motion: MeasuredMotion, name: str) -> xr.DataArray:
    """Angle (time,), rad; NaN if the trial lacks it."""
    return motion.trial["joint_angle"].reindex(coordinate=[name]).isel(coordinate=0)


def _share_far(motion: MeasuredMotion, foot: str) -> float:
    heel = body_points(fill_motion(motion.trial), motion.model, (CALCANEI[foot],)).isel(point=0)
    away = abs(motion.trial["center_of_pressure"].sel(foot=foot) - heel.drop_vars("point"))
    loaded = motion.trial["ground_reaction_force"].sel(foot=foot, axis=UP) > STANCE_N
    far = (away > FARTHEST_PRESSURE_M) & loaded
    return float(far.sum()) / (len(AXES) * motion.trial.sizes["time"])


def _accelerates(motion: MeasuredMotion) -> Flags:
    """Frames in the middle of a second difference that is too large."""
    path = motion.trial["pelvis_position"].transpose("time", "axis").values
    flags = np.zeros(len(path), dtype=bool)
    change = np.abs(np.diff(path, 2, axis=0)) * rate_of(motion.trial) ** 2
    flags[1:-1] = (change > LARGEST_ACCELERATION_MPS2).any(axis=1)
    return flags


def _turns(motion: MeasuredMotion) -> Flags:
    """Frames at the end of a step in which something turns too fast."""
    from scipy.spatial.transform import Rotation

    angle = motion.trial["joint_angle"].transpose("time", "coordinate")
    held = set(angle["coordinate"].values.tolist())
    numbers = [angle.sel(coordinate=[name for name in ONE_AXIS if name in held]).values]
    for names in THREE_AXES.values():
        if set(names) <= held:
            turned = np.nan_to_num(angle.sel(coordinate=list(names)).values)
            numbers.append(Rotation.from_euler("ZXY", turned).as_matrix()[:, :2].reshape(len(turned), -1))
    flags = np.zeros(angle.sizes["time"], dtype=bool)
    step = np.abs(np.diff(np.concatenate(numbers, axis=1), axis=0)) * rate_of(motion.trial)
    flags[1:] = (step > FASTEST_RAD_PER_S).any(axis=1)
    return flags
