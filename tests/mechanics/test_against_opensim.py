"""Inverse dynamics against OpenSim, where OpenSim is exact: knees that turn about one axis.

On knees that turn about several axes at once OpenSim's accelerations contradict its own kinematics; there MuJoCo is
the witness of the whole, and OpenSim that of all but the accelerations.
"""

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.differences import time_derivatives
from gaitbook.mechanics.dynamics import exact_rates, generalized_forces, joint_loads, segment_needs
from gaitbook.mechanics.kinematics import forward_kinematics, joint_axes, segment_centers
from gaitbook.readers.osim_model import read_body
from tests.mechanics.opensim_oracle import OpensimBody
from tests.mechanics.test_against_mujoco import random_states
from tests.mechanics.test_dynamics import no_ground

# torch itself says this once, on the first forward-mode derivative
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")


@pytest.mark.real_data
def test_generalized_forces_are_those_of_opensim(real_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # OpenSim leaves its log where it runs
    path = real_data / "hamner" / "final.osim"
    oracle, model = OpensimBody(path), read_body(path)
    body = compile_body(model)
    states = random_states(model, 10)
    q, v, a = (torch.as_tensor(part) for part in states)
    pose = forward_kinematics(body, q)
    needs = segment_needs(body, pose, exact_rates(body, q, v, a))
    load = joint_loads(body, pose, needs, *no_ground(pose))
    ours = generalized_forces(body, q, joint_axes(body, q, pose), load).numpy()
    order = [body.coordinate(name) for name in oracle.names]
    for frame in range(10):
        theirs = oracle.generalized_forces(*(part[frame][order] for part in states))
        np.testing.assert_allclose(ours[frame][order], theirs, atol=1e-9)


@pytest.mark.real_data
@pytest.mark.parametrize("path", ["hamner/final.osim", "opencap/Models/final.osim"])
def test_accelerations_are_those_of_the_kinematics(real_data, path, tmp_path, monkeypatch):
    """Fine differences of the pose are the judge: ours meet them; OpenSim's do on the knee of one axis only."""
    monkeypatch.chdir(tmp_path)
    oracle, model = OpensimBody(real_data / path), read_body(real_data / path)
    body = compile_body(model)
    q, v, _ = (torch.as_tensor(part[0]) for part in random_states(model, 1))
    knees = [body.coordinate(f"knee_angle_{side}") for side in "rl"]
    q[knees], v[knees] = 0.6, 5.0
    q, v = _with_followers(body, q, v)
    step_s = 1e-3
    time_s = step_s * torch.arange(-3, 4, dtype=torch.float64)[:, None]
    judge = time_derivatives(forward_kinematics(body, q + time_s * v).position, 1 / step_s, dim=0)[1][3]
    moving = (q, v, torch.zeros_like(q))
    order = [body.coordinate(name) for name in oracle.names]
    theirs = oracle.segment_accelerations(*(part.numpy()[order] for part in moving))
    rates = exact_rates(body, *moving)
    lever = segment_centers(body, forward_kinematics(body, q)) - forward_kinematics(body, q).position
    spin = rates.angular_velocity
    ours = rates.center_acceleration - torch.linalg.cross(rates.angular_acceleration, lever)
    ours = ours - torch.linalg.cross(spin, torch.linalg.cross(spin, lever))
    np.testing.assert_allclose(ours, judge, atol=1e-6)
    talus = body.segment("talus_r")
    error = np.abs(theirs["talus_r"][1] - judge[talus].numpy()).max()
    assert (error < 1e-6) if path.startswith("hamner") else (error > 1e-3)


def _with_followers(body, coordinates, velocities):
    """State in which those that follow are where and as fast as their leaders make them."""
    if not len(body.follower):
        return coordinates, velocities
    value, slope = body.couplings(coordinates[body.leader][None])
    return (
        coordinates.index_copy(0, body.follower, value[0]),
        velocities.index_copy(0, body.follower, slope[0] * velocities[body.leader]),
    )
