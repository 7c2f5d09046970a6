"""OpenSim as a witness of what a model file says: names, numbers, and where everything goes in a pose."""

import warnings
from dataclasses import dataclass

import numpy as np
import pytest

RADIANS = 1  # OpenSim's motion type of a plain rotation
MIXED = 3  # its motion type of a coordinate that turns and shifts by curves


@dataclass(frozen=True)
class Places:
    """Positions by name, m."""

    segments: dict
    joints: dict
    markers: dict


class Witness:
    """OpenSim's reading of one file; every intermediate is kept, for chained temporaries crash its bindings."""

    def __init__(self, path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._opensim = pytest.importorskip("opensim", reason="opensim is not installed")
        self._opensim.Logger.setLevelString("off")
        self._opensim.Logger.removeFileSink()
        self._model = self._opensim.Model(str(path))
        self._state = self._model.initSystem()
        self._sets = [
            self._model.getBodySet(),
            self._model.getJointSet(),
            self._model.getMarkerSet(),
            self._model.getCoordinateSet(),
        ]
        self.bodies, self.joints, self.markers, self.coordinates = (
            [members.get(index) for index in range(members.getSize())] for members in self._sets
        )

    def segment(self, body):
        """Mass, center, moments and products of inertia."""
        center, inertia = body.getMassCenter(), body.getInertia()
        moments, products = inertia.getMoments(), inertia.getProducts()
        return [body.getMass(), *(part[axis] for part in (center, moments, products) for axis in range(3))]

    def place(self, values):
        """Where everything is with these coordinates; those of couplers follow."""
        for coordinate in self.coordinates:
            coordinate.setLocked(self._state, False)
            coordinate.setValue(self._state, float(values[coordinate.getName()]), False)
        self._follow()
        self._model.realizePosition(self._state)
        return Places(
            {body.getName(): self._origin(body) for body in self.bodies},
            {joint.getName(): self._origin(joint.getChildFrame()) for joint in self.joints},
            {
                marker.getName(): self._position(marker.getLocationInGround(self._state))
                for marker in self.markers
            },
        )

    def _follow(self):
        by_name = {coordinate.getName(): coordinate for coordinate in self.coordinates}
        constraints = self._model.getConstraintSet()
        for index in range(constraints.getSize()):
            coupler = self._opensim.CoordinateCouplerConstraint.safeDownCast(constraints.get(index))
            if coupler is None or not coupler.isEnforced(self._state):
                continue
            leading, function = coupler.getIndependentCoordinateNames(), coupler.getFunction()
            argument = self._opensim.Vector(1, by_name[leading.get(0)].getValue(self._state))
            factor = self._opensim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
            value = factor * function.calcValue(argument)
            by_name[coupler.getDependentCoordinateName()].setValue(self._state, value, False)

    def _origin(self, frame):
        transform = frame.getTransformInGround(self._state)
        return self._position(transform.p())

    @staticmethod
    def _position(vector):
        return np.array([vector[axis] for axis in range(3)])
