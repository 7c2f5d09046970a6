"""Inverse dynamics against OpenSim, where OpenSim is exact: knees that turn about one axis.

On knees that turn about several axes at once OpenSim's own bias acceleration contradicts its kinematics (by up to
some N m at random speeds); there MuJoCo is the witness.
"""

import warnings

import numpy as np
import pytest
import torch

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.dynamics import exact_rates, generalized_forces, joint_loads, segment_needs
from gaitbook.mechanics.kinematics import forward_kinematics, joint_axes
from gaitbook.readers.osim_model import read_body
from tests.mechanics.test_against_mujoco import random_states
from tests.mechanics.test_dynamics import no_ground

# torch itself says this once, on the first forward-mode derivative
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")


class OpensimBody:
    """Model without muscles; every intermediate is kept, for OpenSim's chained temporaries crash."""

    def __init__(self, path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._osim = pytest.importorskip("opensim", reason="opensim is not installed")
        self._osim.Logger.setLevelString("off")
        self._model = self._osim.Model(str(path))
        forces, controllers = self._model.updForceSet(), self._model.updControllerSet()
        forces.clearAndDestroy()
        controllers.clearAndDestroy()
        constraints = self._model.updConstraintSet()
        constraints.clearAndDestroy()
        gravity = self._osim.Vec3(0.0, -GRAVITY_MPS2, 0.0)
        self._model.setGravity(gravity)
        self._coordinates = self._model.updCoordinateSet()
        for place in range(self._coordinates.getSize()):
            coordinate = self._coordinates.get(place)
            coordinate.set_locked(False)
            coordinate.set_clamped(False)
        self._state = self._model.initSystem()
        order = self._model.getCoordinateNamesInMultibodyTreeOrder()
        self.names = [str(order.getElt(place)) for place in range(order.size())]

    def generalized_forces(self, positions, velocities, accelerations):
        """Internal generalized forces in the order of ``names``."""
        position, velocity, acceleration = (
            self._osim.Vector.createFromMat(np.array(part, dtype=float))
            for part in (positions, velocities, accelerations)
        )
        self._state.setQ(position)
        self._state.setU(velocity)
        solver = self._osim.InverseDynamicsSolver(self._model)
        found = solver.solve(self._state, acceleration)
        return np.array(found.to_numpy())


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
