"""OpenSim as a witness of dynamics."""

import warnings

import numpy as np
import pytest

from gaitbook.conventions import GRAVITY_MPS2


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

    def segment_accelerations(self, positions, velocities, accelerations):
        """Angular acceleration and acceleration of the origin of every segment, by name, as Simbody has them."""
        position, velocity, acceleration = (
            self._osim.Vector.createFromMat(np.array(part, dtype=float))
            for part in (positions, velocities, accelerations)
        )
        self._state.setQ(position)
        self._state.setU(velocity)
        self._model.realizeVelocity(self._state)
        matter = self._model.getMatterSubsystem()
        found = self._osim.VectorOfSpatialVec()
        matter.calcBodyAccelerationFromUDot(self._state, acceleration, found)
        bodies = self._model.getBodySet()
        segments = [bodies.get(place) for place in range(bodies.getSize())]
        pairs = {body.getName(): found.get(int(body.getMobilizedBodyIndex())) for body in segments}
        return {
            name: [np.array(pair.get(part).to_numpy()) for part in range(2)] for name, pair in pairs.items()
        }
