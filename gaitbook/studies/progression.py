"""How fast a person gets on over the ground, still or moving, in a trial that is to be completed.

The ground is as fast as a foot that stands on it, which takes whole legs to see. Where a leg is missing on a treadmill
whose speed nobody told, the speed stays unknown, and a model completes it with the rest.
"""

import logging
from typing import Final

import numpy as np

from gaitbook.conventions import FORWARD
from gaitbook.mechanics.differences import REACH
from gaitbook.representation.ground_speed import ground_velocity
from gaitbook.representation.states import fill_motion, known_motion, placed_frames
from gaitbook.studies.measured_motion import MeasuredMotion

UNKNOWN: Final = (
    "the legs or the path of the pelvis are missing, so that the speed of the ground cannot be seen"
)

logger = logging.getLogger(__name__)


def with_progression(motion: MeasuredMotion) -> MeasuredMotion:
    """Motion whose trial tells ``speed_mps``, as far as the trial shows it.

    Parameters
    ----------
    motion
        A trial at the rate of the models, heading along +x, NaN where nothing is known; ``belt_speed_mps`` counts for
        more than what the feet show.
    """
    trial = motion.trial
    if "speed_mps" in trial.attrs and "belt_speed_mps" not in trial.attrs:
        return motion
    ground_mps, forward_mps = _ground_speed(motion), _forward_speed(motion)
    if np.isnan(ground_mps) or np.isnan(forward_mps):
        logger.warning("%s: %s: give --belt-speed-mps, 0 over ground", trial.attrs.get("trial"), UNKNOWN)
        return motion
    return motion._replace(trial=trial.assign_attrs(speed_mps=max(forward_mps - ground_mps, 0.0)))


def _ground_speed(motion: MeasuredMotion) -> float:
    """Mean velocity of the ground, m/s, NaN where it is not known."""
    settled = placed_frames(known_motion(motion.trial), reach=REACH)
    whole = fill_motion(motion.trial) if settled.any() else motion.trial
    return float(ground_velocity(whole, motion.model, settled).mean(skipna=False))


def _forward_speed(motion: MeasuredMotion) -> float:
    """Mean velocity of the pelvis, m/s; of someone on a belt whose path is nowhere known, that of staying in place."""
    forward = motion.trial["pelvis_position"].sel(axis=FORWARD).dropna("time")
    if forward.sizes["time"] < 2:  # noqa: PLR2004 - two places make a velocity
        return 0.0 if motion.trial.attrs.get("belt_speed_mps") else np.nan
    return float((forward[-1] - forward[0]) / (forward["time"][-1] - forward["time"][0]))
