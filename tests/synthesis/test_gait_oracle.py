"""MuJoCo as a witness of simulated gait: the same body, motion and ground give the same moments, and a root at rest."""

from dataclasses import replace

import numpy as np
import pytest

from gaitbook.conventions import FEET, PELVIS_TRANSLATIONS
from gaitbook.synthesis.gait import joint_moment
from tests.mechanics.mujoco_oracle import MujocoBody
from tests.synthesis.walkers import RUNS, WALKS, recorded

pytest.importorskip("mujoco", reason="mujoco is not installed")
FRAMES = slice(20, 380, 9)
NEARLY_NOTHING_KG, NEARLY_NOTHING_KGM2 = 1e-10, (1e-13, 1e-13, 1e-13, 0.0, 0.0, 0.0)
CASES = pytest.mark.parametrize("case", [*WALKS, *RUNS], ids=str)


def with_some_mass(model):
    """MuJoCo refuses bodies without mass, such as the toes."""
    segments = (
        segment
        if segment.mass_kg
        else replace(segment, mass_kg=NEARLY_NOTHING_KG, inertia_kgm2=NEARLY_NOTHING_KGM2)
        for segment in model.segments
    )
    return replace(model, segments=tuple(segments))


def witnessed(each):
    """Generalized forces by MuJoCo in some frames, and which frames."""
    oracle = MujocoBody(with_some_mass(each.body.model))
    frames = range(len(each.path.phase))[FRAMES]
    state = [
        part.numpy() for part in (each.motion.coordinates, each.motion.velocities, each.motion.accelerations)
    ]
    point = np.nan_to_num(each.feet.pressure)
    rows = []
    for frame in frames:
        pushes = [
            (
                f"calcn_{name[0]}",
                each.feet.force[frame, foot],
                point[frame, foot],
                [0, each.feet.free_moment[frame, foot], 0],
            )
            for foot, name in enumerate(FEET)
        ]
        rows.append(oracle.generalized_forces([part[frame] for part in state], pushes))
    return np.array(rows), list(frames)


@CASES
def test_mujoco_finds_the_same_moments_in_every_joint(case):
    each = recorded(*case)
    known, frames = witnessed(each)
    ours = joint_moment(each.body, each.motion, each.feet)[frames]
    assert np.abs(ours - known).max() < 1e-5 * np.abs(known).max()


@CASES
def test_mujoco_finds_nothing_left_at_the_root(case):
    each = recorded(*case)
    known, frames = witnessed(each)
    turns, shifts = (
        [each.body.coordinate(name) for name in names]
        for names in (("pelvis_tilt", "pelvis_list", "pelvis_rotation"), PELVIS_TRANSLATIONS)
    )
    loaded = each.motion.force[frames, 1] > 0.05 * each.weight_n
    assert loaded.sum() > 10
    assert np.abs(known[:, shifts]).max() < 1e-5 * each.weight_n
    assert np.abs(known[loaded][:, turns]).max() < 1e-5 * each.weight_n
