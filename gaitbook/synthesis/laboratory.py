"""A simulated trial as a gait laboratory would have recorded it: markers on skin, plates with noise, angles in error.

The truth stays in the trial that goes in; what comes out holds nothing that a laboratory could not know.
"""

from typing import Final

import numpy as np
import torch
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.conventions import AXES
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.body_points import body_markers
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.threads import one_thread
from gaitbook.synthesis.lab_noise import angle_error, plate_noise
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.skin_markers import attach_markers, skin_markers

STREAM: Final = 51
NEEDED: Final = ("joint_angle", "pelvis_position", "ground_reaction_force")
UNKNOWN: Final = ("joint_moment",)
"""What no laboratory measures."""


@one_thread()
def record_in_laboratory(
    trial: xr.Dataset, *, markers: str = "plug_in_gait", seed: int = 0, angles: bool = True
) -> xr.Dataset:
    """Trial as a laboratory would have it.

    Parameters
    ----------
    trial
        As given by `simulate_gait`.
    markers
        Marker set, one of `gaitbook.mechanics.marker_placement.list_placements`.
    seed
        Of the errors. How markers sit on a person follows from it and the person's ``number``, so that it is the same
        in all their trials.
    angles
        Give joint angles, with the error of inverse kinematics; without, markers are all there is of the motion.

    Returns
    -------
    xarray.Dataset
        ``marker_position`` (time, marker, axis), m, NaN where hidden; ``standing_position`` (standing_marker, axis), m;
        forces with the noise of plates; ``joint_angle`` in error, if wanted. No joint moments.

    Raises
    ------
    ValueError
        The trial lacks motion or force, or the marker set is unknown.
    """
    missing = [name for name in NEEDED if name not in trial]
    if missing:
        raise ValueError(f"The trial lacks {', '.join(missing)}: take one from simulate_gait")
    model = person_body(trial.attrs, markers=markers)
    number = int(trial.attrs.get("number", 0))
    attachment = attach_markers(model.markers, rng=np.random.default_rng([seed, number, STREAM]))
    name = int.from_bytes(str(trial.attrs["trial"]).encode(), "big")
    rng = np.random.default_rng([seed, number, STREAM + 1, name])
    seen = skin_markers(body_markers(trial, model), attachment, rng=rng)
    measured = plate_noise(trial, rng=rng).drop_vars(UNKNOWN, errors="ignore")
    measured = measured.assign(marker_position=seen, standing_position=_standing(model))
    if not angles:
        return measured.drop_vars(["joint_angle", "pelvis_position", "coordinate"])
    wrong = trial["joint_angle"] + angle_error(trial["joint_angle"], rng=rng)
    return measured.assign(joint_angle=wrong.assign_attrs(units="rad"))


def _standing(model: BodyModel) -> xr.DataArray:
    """Markers of the person who stands upright, m."""
    body = compile_body(model)
    upright = torch.tensor([[coordinate.default for coordinate in model.coordinates]], dtype=torch.float64)
    place = marker_positions(body, forward_kinematics(body, upright))[0].numpy()
    labels = {"standing_marker": list(body.marker_names), "axis": list(AXES)}
    return xr.DataArray(place, labels, tuple(labels), attrs={"units": "m"})
