"""Inverse dynamics against MuJoCo, to rounding, on every knee there is."""

import dataclasses

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import Wrench, exact_rates, generalized_forces, joint_loads, segment_needs
from gaitbook.mechanics.kinematics import forward_kinematics, joint_axes, segment_centers
from gaitbook.readers.osim_model import read_body
from tests.mechanics.bodies import pendulum, tangle, top, walker
from tests.mechanics.mujoco_oracle import MujocoBody

# torch itself says this once, on the first forward-mode derivative
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
MODELS = (
    "opencap/Models/final.osim",
    "hamner/final.osim",
    "arnold2013/subject01/subject01.osim",
    "arnold2013/subject02/subject02.osim",
    "arnold2013/subject04/subject04.osim",
    "gaitdynamics-examples/7e8622_example_opensim_model.osim",
    "gaitdynamics-examples/f8ca50_example_opensim_model.osim",
)


def random_states(model, count, seed=0):
    rng = np.random.default_rng(seed)
    shape = (count, len(model.coordinates))
    low = np.array([max(coordinate.low, -1.2) for coordinate in model.coordinates])
    high = np.array([min(coordinate.high, 1.2) for coordinate in model.coordinates])
    return rng.uniform(low, high, shape), *(scale * rng.normal(size=shape) for scale in (3.0, 20.0))


def with_possible_inertias(model):
    """Scaled models hold toes no body could have (one moment above the sum of the others), which MuJoCo refuses."""
    segments = []
    for segment in model.segments:
        moments = np.array(segment.inertia_kgm2[:3])
        excess = max(0.0, 2 * moments.max() - moments.sum())
        rounder = (*(moments + 1.01 * excess), *segment.inertia_kgm2[3:])
        segments.append(dataclasses.replace(segment, inertia_kgm2=tuple(map(float, rounder))))
    return dataclasses.replace(model, segments=tuple(segments))


def our_forces(body, states, feet, wrench):
    q, v, a = (torch.as_tensor(part) for part in states)
    pose = forward_kinematics(body, q)
    needs = segment_needs(body, pose, exact_rates(body, q, v, a))
    ground = Wrench(*(torch.as_tensor(part) for part in wrench))
    load = joint_loads(body, pose, needs, ground, torch.tensor([body.segment(name) for name in feet]))
    return generalized_forces(body, q, joint_axes(body, q, pose), load).numpy()


def largest_difference(model, feet, count=20):
    """Largest difference of any generalized force in N m (or N), at random states with random wrenches at the feet."""
    body, oracle = compile_body(model), MujocoBody(model)
    states = random_states(model, count)
    rng = np.random.default_rng(1)
    force, point, couple = (scale * rng.normal(size=(count, len(feet), 3)) for scale in (500.0, 1.0, 20.0))
    ours = our_forces(body, states, feet, (force, point, couple))
    theirs = [
        oracle.generalized_forces(
            [part[frame] for part in states],
            list(zip(feet, force[frame], point[frame], couple[frame], strict=True)),
        )
        for frame in range(count)
    ]
    return np.abs(ours - theirs).max()


@pytest.mark.parametrize(
    ("model", "feet"),
    [
        (pendulum(), ["rod"]),
        (top(), ["top"]),
        (tangle(0), ["part4"]),
        (tangle(7, joints=8), ["part3", "part7"]),
        (walker(), ["calcn_r", "calcn_l"]),
        (walker("spline"), ["calcn_r", "calcn_l"]),
    ],
    ids=lambda given: getattr(given, "name", None),
)
def test_generalized_forces_are_those_of_mujoco(model, feet):
    assert largest_difference(model, feet) < 1e-9


def test_centers_of_mass_are_those_of_mujoco():
    model = tangle(0)
    body, oracle = compile_body(model), MujocoBody(model)
    states = random_states(model, 1)
    oracle.generalized_forces([part[0] for part in states])
    centers = segment_centers(body, forward_kinematics(body, torch.as_tensor(states[0])))[0]
    known = oracle.centers()
    np.testing.assert_allclose(centers, [known[name] for name in body.segment_names], atol=1e-13)


@pytest.mark.real_data
@pytest.mark.parametrize("path", MODELS)
def test_generalized_forces_of_real_models_are_those_of_mujoco(real_data, path):
    model = with_possible_inertias(read_body(real_data / path))
    assert largest_difference(model, ["calcn_r", "calcn_l"], count=8) < 1e-9
