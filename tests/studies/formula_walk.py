"""Someone who walks by formula, as a trial and as files, and a motion model that was never trained."""

import numpy as np
import torch
import xarray as xr

from gaitbook.cohort.heading import restore_heading
from gaitbook.cohort.opensim_files import write_motion
from gaitbook.cohort.schema import make_trial
from gaitbook.conventions import AXES, COORDINATES
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.models.motion_model import MotionModel
from gaitbook.models.motion_network import MotionNetwork
from gaitbook.models.window_sampling import Scale
from gaitbook.representation.channels import CHANNELS, PERSON
from gaitbook.studies.motion_training import network_size
from tests.mechanics.body_file import write_body

HEIGHT_M, MASS_KG, SPEED_MPS = 1.75, 70.0, 1.2
STRIDES_HZ = 0.9
KNEES = ("knee_angle_r", "knee_angle_l")
PERSON_FACTS = {"height_m": HEIGHT_M, "mass_kg": MASS_KG}


def formula_body(**options):
    return generic_body(height_m=HEIGHT_M, mass_kg=MASS_KG, **options)


def formula_walk(
    *, rate_hz=100.0, duration_s=2.0, speed_mps=SPEED_MPS, heading_rad=0.0, coordinates=COORDINATES
):
    """Trial over ground with every coordinate on a sine of its own; knees bent, everything else about zero."""
    time_s = 0.5 + np.arange(round(duration_s * rate_hz) + 1) / rate_hz
    phase = 2 * np.pi * STRIDES_HZ * time_s[:, None] + np.arange(len(coordinates))
    angle = 0.1 * np.sin(phase) + np.array([0.5 if name in KNEES else 0.0 for name in coordinates])
    place = np.stack(
        [speed_mps * time_s, 0.95 + 0.02 * np.sin(4 * np.pi * STRIDES_HZ * time_s), 0 * time_s], axis=1
    )
    labels = {"time": time_s, "coordinate": list(coordinates), "axis": list(AXES)}
    variables = {
        "joint_angle": xr.DataArray(angle, {name: labels[name] for name in ("time", "coordinate")}),
        "pelvis_position": xr.DataArray(place, {name: labels[name] for name in ("time", "axis")}),
    }
    attrs = {"source": "lab", "subject": "A", "trial": "walk", "sampling_rate_hz": rate_hz, "license": "CC0"}
    trial = make_trial(variables, {**attrs, **PERSON_FACTS})
    return restore_heading(trial.assign_attrs(heading_rad=heading_rad)) if heading_rad else trial


def write_walk(folder, *, model=None, name="walk", **options):
    """Motion file and model file of the walk."""
    motion = write_motion(formula_walk(**options), folder / f"{name}.mot")
    return motion, write_body(model or formula_body(), folder / "person.osim")


def untrained_model(width=32):
    """Model that draws from noise alone, at the scale of one."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = MotionNetwork(network_size(width=width, blocks=1)).eval()
    scale = Scale(*(make(len(names)) for names in (CHANNELS, PERSON) for make in (torch.zeros, torch.ones)))
    return MotionModel(network, scale, "flow", 150, {"family": "flow"})
