"""A person who stands upright and still, with a body that is known: every load can be written down."""

from dataclasses import replace

import numpy as np
import xarray as xr

from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body_points import body_markers
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.studies.tracking import TrackedTrial

MASS_KG, HEIGHT_M, RATE_HZ = 70.0, 1.8, 100.0
WEIGHT_N = MASS_KG * GRAVITY_MPS2


def standing(force_n, pressure_m=(0.0, 0.0, 0.0), *, subject="still", speed_mps=2.5):
    """Trial of a person at rest on whom a force (time, foot, axis) acts that need not be that of the ground."""
    frames = len(force_n)
    model = generic_body(height_m=HEIGHT_M, mass_kg=MASS_KG, markers="rbds")
    default = {c.name: c.default for c in model.coordinates}
    turning = [c.name for c in model.coordinates if c.is_rotation]
    pelvis_m = [default[name] for name in PELVIS_TRANSLATIONS]
    shape = (frames, len(FEET), len(AXES))
    trial = xr.Dataset(
        {
            "joint_angle": (
                ("time", "coordinate"),
                np.tile([default[name] for name in turning], (frames, 1)),
            ),
            "pelvis_position": (("time", "axis"), np.tile(pelvis_m, (frames, 1))),
            "ground_reaction_force": (("time", "foot", "axis"), np.asarray(force_n, dtype=float)),
            "center_of_pressure": (("time", "foot", "axis"), np.broadcast_to(pressure_m, shape).copy()),
        },
        coords={
            "time": np.arange(frames) / RATE_HZ,
            "coordinate": turning,
            "axis": list(AXES),
            "foot": list(FEET),
        },
        attrs={
            "subject": subject,
            "trial": "standing",
            "mass_kg": MASS_KG,
            "height_m": HEIGHT_M,
            "speed_mps": speed_mps,
            "log": [],
        },
    )
    return TrackedTrial(trial.assign(marker_position=body_markers(trial, model)), model)


def steps(*, peak_n, frames=300, cycle=70, stance=35):
    """Vertical half sines, alternating between the feet."""
    force = np.zeros((frames, len(FEET), len(AXES)))
    for number, start in enumerate(range(5, frames - stance, cycle // 2)):
        force[start : start + stance, number % 2, 1] = peak_n * np.sin(np.pi * np.arange(stance) / stance)
    return force


def with_trial(each, **variables):
    """The same with other variables in its trial."""
    return replace(each, trial=each.trial.assign(variables))
