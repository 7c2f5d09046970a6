"""MuJoCo as a witness of inverse dynamics: a body model with each of its joint axes as an elementary joint.

An axis that is a function f of a coordinate q has the value f(q), the velocity f' q' and the acceleration
f' q'' + f'' q'^2; its generalized force counts f' times for the coordinate. Coordinates that follow others are
functions of their leader in the same way.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitbook.body_model import GROUND
from gaitbook.conventions import GRAVITY_MPS2
from tests.mechanics.bodies import evaluate

KINDS = ("slide",) * 3 + ("hinge",) * 3


@dataclass(frozen=True)
class ChainRule:
    """Values of the elementary joints in one state, and what each coordinate moves of them."""

    value: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray
    slope: np.ndarray


class MujocoBody:
    """Body model as MuJoCo sees it."""

    def __init__(self, model):
        self._mujoco = pytest.importorskip("mujoco", reason="mujoco is not installed")
        self.model = model
        self.names = [coordinate.name for coordinate in model.coordinates]
        self.axes = []
        self._compiled = self._mujoco.MjModel.from_xml_string(self._description())
        self._data = self._mujoco.MjData(self._compiled)
        # MuJoCo numbers its joints branch by branch
        self.axes = [axis for _, axis in sorted(self.axes, key=lambda named: self._number("JOINT", named[0]))]

    def generalized_forces(self, state, pushes=()):
        """Internal generalized force by coordinate, from positions, velocities, accelerations of the coordinates.

        ``pushes`` are (segment, force, point, couple) of the ground on the body.
        """
        chain = self._chain_rule(*state)
        data, compiled = self._data, self._compiled
        data.qpos[:], data.qvel[:], data.qacc[:] = chain.value, chain.velocity, chain.acceleration
        self._mujoco.mj_inverse(compiled, data)
        needed = np.array(data.qfrc_inverse)
        for segment, force, point, couple in pushes:
            given = np.zeros(compiled.nv)
            self._mujoco.mj_applyFT(
                compiled, data, force, couple, point, self._number("BODY", segment), given
            )
            needed -= given
        return chain.slope @ needed

    def centers(self):
        """Centers of mass of the segments in the last state, by name."""
        return {
            segment.name: np.array(self._data.xipos[self._number("BODY", segment.name)])
            for segment in self.model.segments
        }

    def _number(self, kind, name):
        return self._mujoco.mj_name2id(self._compiled, getattr(self._mujoco.mjtObj, f"mjOBJ_{kind}"), name)

    def _chain_rule(self, positions, velocities, accelerations):
        place = {name: number for number, name in enumerate(self.names)}
        states = zip(positions, velocities, accelerations, strict=True)
        moved = [[q, v, a, number, 1.0] for number, (q, v, a) in enumerate(states)]
        for number, coordinate in enumerate(self.model.coordinates):
            if coordinate.follows:
                moved[number] = _through(coordinate.coupling, moved[place[coordinate.follows]])
        count = len(self.axes)
        value, velocity, acceleration = np.zeros((3, count))
        slope = np.zeros((len(self.names), count))
        for joint, axis in enumerate(self.axes):
            *rates, leader, steep = _through(axis.function, moved[place[axis.coordinate]])
            value[joint], velocity[joint], acceleration[joint] = rates
            slope[leader, joint] = steep
        return ChainRule(value, velocity, acceleration, slope)

    def _description(self):
        root = ElementTree.Element("mujoco")
        ElementTree.SubElement(root, "compiler", angle="radian", inertiafromgeom="false", autolimits="false")
        option = ElementTree.SubElement(root, "option", gravity=f"0 {-GRAVITY_MPS2!r} 0")
        ElementTree.SubElement(option, "flag", contact="disable", constraint="disable")
        world = ElementTree.SubElement(root, "worldbody")
        elements, joint_frames = {GROUND: world}, {GROUND: (np.eye(3), np.zeros(3))}
        segments = {segment.name: segment for segment in self.model.segments}
        for joint in self.model.ordered_joints:
            # MuJoCo's body is the frame of the joint in the child, for its joints act at the origin of a body
            rotation, position = joint_frames[joint.parent]
            here = rotation @ Rotation.from_euler("XYZ", joint.parent_rotation).as_matrix()
            constant = sum((_constant(axis) for axis in joint.translations), start=np.zeros(3))
            shift = rotation @ joint.parent_position + position + here @ constant
            body = ElementTree.SubElement(
                elements[joint.parent], "body", name=joint.child, pos=_text(shift), quat=_quaternion(here)
            )
            still = self._joints(body, joint)
            inward = still @ Rotation.from_euler("XYZ", joint.child_rotation).as_matrix().T
            joint_frames[joint.child] = (inward, -inward @ joint.child_position)
            _describe_mass(body, segments[joint.child], *joint_frames[joint.child])
            elements[joint.child] = body
        return ElementTree.tostring(root, encoding="unicode")

    def _joints(self, body, joint):
        """Elementary joints of the axes that move; returns the turn that those that stand still make together."""
        still = np.eye(3)
        for kind, axis in zip(KINDS, (*joint.translations, *joint.rotations), strict=True):
            if axis.coordinate is not None:
                name = f"{joint.name} {len(self.axes)}"
                ElementTree.SubElement(
                    body, "joint", name=name, type=kind, axis=_text(still @ axis.direction)
                )
                self.axes.append((name, axis))
            elif kind == "hinge":
                still = still @ Rotation.from_rotvec(_constant(axis)).as_matrix()
        return still


def _constant(axis):
    """Shift, or turn as a vector, of an axis that no coordinate moves; nothing of one that moves."""
    direction = np.asarray(axis.direction) / np.linalg.norm(axis.direction)
    return evaluate(axis.function, 0.0) * direction * (axis.coordinate is None)


def _describe_mass(body, segment, rotation, position):
    xx, yy, zz, xy, xz, yz = segment.inertia_kgm2
    moments, axes = np.linalg.eigh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    axes = axes * np.sign(np.linalg.det(axes))
    ElementTree.SubElement(
        body,
        "inertial",
        mass=repr(float(segment.mass_kg)),
        pos=_text(rotation @ segment.center_m + position),
        quat=_quaternion(rotation @ axes),
        diaginertia=_text(moments),
    )


def _through(function, moved):
    q, v, a, leader, slope = moved
    steep, bend = evaluate(function, q, 1), evaluate(function, q, 2)
    return [evaluate(function, q), steep * v, steep * a + bend * v**2, leader, steep * slope]


def _text(vector):
    return " ".join(repr(float(part)) for part in vector)


def _quaternion(rotation):
    x, y, z, w = Rotation.from_matrix(rotation).as_quat()
    return _text((w, x, y, z))
