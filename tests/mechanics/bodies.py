"""Bodies made by hand, small enough to be understood, and an independent way to place their segments."""

import numpy as np
import torch
from scipy.interpolate import PPoly
from scipy.spatial.transform import Rotation

from gaitbook.body_model import (
    GROUND,
    IDENTITY,
    STILL,
    X_AXIS,
    Y_AXIS,
    Axis,
    BodyModel,
    Coordinate,
    Joint,
    Marker,
    Polynomial,
    Segment,
    Spline,
)
from gaitbook.mechanics.functions import spline_pieces

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
SIDES = {"r": 1.0, "l": -1.0}
PELVIS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz")
KNEE_SHIFT_X = Spline((0.0, 0.4, 0.8, 1.3, 2.0), (0.0, 0.003, 0.004, 0.002, -0.004))
KNEE_SHIFT_Y = Spline((0.0, 0.4, 0.8, 1.3, 2.0), (-0.4, -0.402, -0.405, -0.407, -0.41))
KNEE_ADDUCTION = Spline((0.0, 0.5, 1.0, 2.0), (0.0, 0.02, 0.035, 0.04))
KNEE_ROTATION = Polynomial((0.0, 0.15, 0.05, -0.02))
PATELLA_TURN = Polynomial((0.0, 0.8, 0.05))


def turning(coordinate, direction, function=IDENTITY):
    return Axis(direction, function, coordinate)


def pendulum(mass_kg=2.0, length_m=0.7, inertia_kgm2=0.05):
    """One rod on a hinge about z at the origin; it hangs down along -y at zero."""
    rod = Segment("rod", mass_kg, (0.0, -length_m, 0.0), (0.04, 0.02, inertia_kgm2, 0.0, 0.0, 0.0))
    hinge = Joint("hinge", GROUND, "rod", rotations=(turning("angle", Z), X_AXIS, X_AXIS))
    return BodyModel("pendulum", (rod,), (hinge,), (Coordinate("angle"),))


def double_pendulum(mass_kg=(2.0, 1.5), length_m=(0.8, 0.6)):
    """Two point masses on massless rods, angles relative to the rod before."""
    upper = Segment("upper", mass_kg[0], (0.0, -length_m[0], 0.0))
    lower = Segment("lower", mass_kg[1], (0.0, -length_m[1], 0.0))
    joints = (
        Joint("first", GROUND, "upper", rotations=(turning("one", Z), X_AXIS, X_AXIS)),
        Joint(
            "second",
            "upper",
            "lower",
            parent_position=(0.0, -length_m[0], 0.0),
            rotations=(turning("two", Z), X_AXIS, X_AXIS),
        ),
    )
    return BodyModel("double pendulum", (upper, lower), joints, (Coordinate("one"), Coordinate("two")))


def top(mass_kg=1.2, height_m=0.3, across_kgm2=0.04, along_kgm2=0.01):
    """Symmetric top on its tip at the origin: precession about y, then nutation about z, then spin about y."""
    inertia = (across_kgm2, along_kgm2, across_kgm2, 0.0, 0.0, 0.0)
    rotations = (turning("precession", Y), turning("nutation", Z), turning("spin", Y))
    tip = Joint("tip", GROUND, "top", rotations=rotations)
    names = ("precession", "nutation", "spin")
    spinning = Segment("top", mass_kg, (0.0, height_m, 0.0), inertia)
    return BodyModel("top", (spinning,), (tip,), tuple(Coordinate(name) for name in names))


def floating(inertia_kgm2=(0.3, 0.2, 0.4, 0.01, -0.02, 0.03), mass_kg=5.0):
    """One segment that moves freely; the center of mass is its origin."""
    joint = _pelvis_joint("segment")
    coordinates = tuple(Coordinate(name, is_rotation=name not in PELVIS[3:]) for name in PELVIS)
    return BodyModel(
        "floating", (Segment("segment", mass_kg, inertia_kgm2=inertia_kgm2),), (joint,), coordinates
    )


def walker(knee="hinge", shank_kg=3.5, foot_kg=1.2):
    """Pelvis, trunk and two legs, mirror images of one another; flexion of the knee is positive.

    The knee is a ``"hinge"``, or a ``"spline"`` knee that turns and shifts about other axes as it flexes, with a
    patella whose coordinate follows it.
    """
    segments = [
        Segment("pelvis", 11.0, (-0.07, 0.0, 0.0), (0.1, 0.087, 0.058, 0.0, 0.0, 0.0)),
        Segment("torso", 34.0, (-0.03, 0.32, 0.0), (1.4, 0.75, 1.43, 0.02, 0.0, 0.0)),
    ]
    joints = [
        _pelvis_joint("pelvis"),
        Joint(
            "back",
            "pelvis",
            "torso",
            parent_position=(-0.1, 0.08, 0.0),
            rotations=(
                turning("lumbar_extension", Z),
                turning("lumbar_bending", X),
                turning("lumbar_rotation", Y),
            ),
        ),
    ]
    names = [*PELVIS, "lumbar_extension", "lumbar_bending", "lumbar_rotation"]
    coordinates = [Coordinate(name, is_rotation=name not in PELVIS[3:]) for name in names]
    markers = [Marker("C7", "torso", (-0.08, 0.45, 0.0)), Marker("SACR", "pelvis", (-0.15, 0.0, 0.0))]
    for side, sign in SIDES.items():
        segments += _leg_segments(side, sign, shank_kg, foot_kg, knee)
        joints += _leg_joints(side, sign, knee)
        coordinates += _leg_coordinates(side, knee)
        markers += [
            Marker(f"ASIS_{side}", "pelvis", (0.02, 0.03, 0.12 * sign), fixed=True),
            Marker(f"KNEE_{side}", f"femur_{side}", (0.0, -0.4, 0.05 * sign)),
            Marker(f"ANKLE_{side}", f"tibia_{side}", (0.0, -0.41, 0.05 * sign)),
            Marker(f"HEEL_{side}", f"calcn_{side}", (-0.02, 0.02, 0.0)),
        ]
    return BodyModel("walker", tuple(segments), tuple(joints), tuple(coordinates), tuple(markers))


def tangle(seed=0, joints=5):
    """Chain and branches with everything at random: offsets and turns on both sides, oblique axes, bent functions."""
    rng = np.random.default_rng(seed)
    segments, links, coordinates = [], [], []
    for number in range(joints):
        segments.append(_random_segment(rng, f"part{number}"))
        names = [f"q{number}{letter}" for letter in "abc"]
        coordinates += [Coordinate(name) for name in names]
        bent = Spline((-1.0, -0.2, 0.5, 1.1, 1.6), tuple(rng.normal(size=5) * 0.3))
        curved = Polynomial(tuple(rng.normal(size=4) * 0.3))
        links.append(
            Joint(
                f"joint{number}",
                GROUND if number == 0 else f"part{rng.integers(number)}",
                f"part{number}",
                *(tuple(rng.normal(size=3) * 0.4) for _ in range(4)),
                rotations=(
                    Axis(_direction(rng), IDENTITY, names[0]),
                    Axis(_direction(rng), curved, names[1]),
                    Axis(_direction(rng), Polynomial((0.3,))),
                ),
                translations=(
                    Axis(_direction(rng), bent, names[0]),
                    Axis(_direction(rng), Polynomial((0.1, -0.6)), names[2]),
                    Axis(_direction(rng), Polynomial((-0.2,))),
                ),
            )
        )
    coordinates[-1] = Coordinate(coordinates[-1].name, follows="q0b", coupling=Polynomial((0.1, 0.5, -0.3)))
    markers = (Marker("tip", f"part{joints - 1}", (0.1, 0.2, 0.3)), Marker("base", "part0", (0.0, -0.1, 0.2)))
    return BodyModel("tangle", tuple(segments), tuple(links), tuple(coordinates), markers)


def swinging(body, *, frames=60, sampling_rate_hz=100.0, seed=3, size=0.3, dtype=torch.float64):
    """Smooth motion of every coordinate (time, coordinate): two harmonics of 1 Hz; with its two derivatives."""
    rng = np.random.default_rng(seed)
    time_s = torch.arange(frames, dtype=torch.float64)[:, None] / sampling_rate_hz
    motion = [torch.zeros(frames, len(body.coordinate_names), dtype=torch.float64) for _ in range(3)]
    for harmonic in (1, 2):
        amplitude = torch.as_tensor(rng.normal(size=len(body.coordinate_names)) * size / harmonic**2)
        phase = torch.as_tensor(rng.uniform(0, 2 * np.pi, len(body.coordinate_names)))
        rate = 2 * np.pi * harmonic
        motion[0] += amplitude * torch.sin(rate * time_s + phase)
        motion[1] += amplitude * rate * torch.cos(rate * time_s + phase)
        motion[2] -= amplitude * rate**2 * torch.sin(rate * time_s + phase)
    return tuple(part.to(dtype) for part in motion)


def placed_naively(model, values):
    """Rotation and position of every segment by name, joint by joint, from the words of the body model alone."""
    values = dict(values)
    for coordinate in model.coordinates:
        if coordinate.follows:
            values[coordinate.name] = evaluate(coordinate.coupling, values[coordinate.follows])
    places = {GROUND: (np.eye(3), np.zeros(3))}
    waiting = list(model.joints)
    while waiting:
        joint = next(joint for joint in waiting if joint.parent in places)
        waiting.remove(joint)
        rotation, position = places[joint.parent]
        position = position + rotation @ joint.parent_position
        rotation = rotation @ Rotation.from_euler("XYZ", joint.parent_rotation).as_matrix()
        for axis in joint.translations:
            position = position + rotation @ (_value(axis, values) * _unit(axis.direction))
        for axis in joint.rotations:
            rotation = (
                rotation @ Rotation.from_rotvec(_value(axis, values) * _unit(axis.direction)).as_matrix()
            )
        rotation = rotation @ Rotation.from_euler("XYZ", joint.child_rotation).as_matrix().T
        places[joint.child] = (rotation, position - rotation @ joint.child_position)
    return places


def evaluate(function, argument, order=0):
    """Value of a function of a coordinate, or its derivative of some order; splines end in straight lines."""
    if isinstance(function, Polynomial):
        return float(np.polynomial.Polynomial(function.coefficients).deriv(order)(argument))
    pieces: PPoly = spline_pieces(function)
    inside = float(np.clip(argument, pieces.x[0], pieces.x[-1]))
    if inside == argument or order == 1:
        return float(pieces(inside, order))
    return float(pieces(inside) + (argument - inside) * pieces(inside, 1)) if order == 0 else 0.0


def _value(axis, values):
    return evaluate(axis.function, values[axis.coordinate] if axis.coordinate else 0.0)


def _unit(direction):
    return np.asarray(direction) / np.linalg.norm(direction)


def _direction(rng):
    return tuple(_unit(rng.normal(size=3)))


def _random_segment(rng, name):
    root = rng.normal(size=(3, 3)) * 0.3
    tensor = np.trace(root @ root.T) * np.eye(3) - root @ root.T + 0.05 * np.eye(3)
    moments = (*np.diag(tensor), tensor[0, 1], tensor[0, 2], tensor[1, 2])
    return Segment(name, rng.uniform(0.5, 3.0), tuple(rng.normal(size=3) * 0.2), tuple(map(float, moments)))


def _pelvis_joint(child):
    tilt, obliquity, rotation, *shifts = PELVIS
    return Joint(
        f"ground_{child}",
        GROUND,
        child,
        rotations=(turning(tilt, Z), turning(obliquity, X), turning(rotation, Y)),
        translations=tuple(turning(name, axis) for name, axis in zip(shifts, (X, Y, Z), strict=True)),
    )


def _leg_segments(side, sign, shank_kg, foot_kg, knee):
    shank, foot = shank_kg / 3.5, foot_kg / 1.2
    found = [
        Segment(f"femur_{side}", 9.0, (0.0, -0.18, 0.01 * sign), (0.13, 0.035, 0.14, 0.0, 0.0, 0.002 * sign)),
        Segment(
            f"tibia_{side}",
            shank_kg,
            (0.0, -0.19, 0.005 * sign),
            tuple(shank * term for term in (0.05, 0.005, 0.051, 0.001, 0.0, 0.0)),
        ),
        Segment(
            f"calcn_{side}",
            foot_kg,
            (0.09, 0.03, 0.0),
            tuple(foot * t for t in (0.002, 0.005, 0.005, 0, 0, 0)),
        ),
    ]
    patella = Segment(f"patella_{side}", 0.09, (0.0, 0.01, 0.0), (3e-5, 1.5e-5, 3e-5, 0.0, 0.0, 0.0))
    return [*found, patella] if knee == "spline" else found


def _leg_joints(side, sign, knee):
    across, down = (sign, 0.0, 0.0), (0.0, sign, 0.0)
    hip = Joint(
        f"hip_{side}",
        "pelvis",
        f"femur_{side}",
        parent_position=(-0.06, -0.08, 0.08 * sign),
        rotations=(
            turning(f"hip_flexion_{side}", Z),
            turning(f"hip_adduction_{side}", across),
            turning(f"hip_rotation_{side}", down),
        ),
    )
    ankle = Joint(
        f"ankle_{side}",
        f"tibia_{side}",
        f"calcn_{side}",
        parent_position=(0.0, -0.42, 0.0),
        child_position=(0.05, 0.05, 0.01 * sign),
        rotations=(turning(f"ankle_angle_{side}", (-0.1 * sign, -0.17 * sign, 0.98)), X_AXIS, Y_AXIS),
    )
    return [hip, *_knee_joints(side, knee, across, down), ankle]


def _knee_joints(side, knee, across, down):
    angle, backward = f"knee_angle_{side}", (0.0, 0.0, -1.0)
    if knee == "hinge":
        place = {"parent_position": (0.0, -0.4, 0.0)}
        return [
            Joint(
                f"knee_{side}",
                f"femur_{side}",
                f"tibia_{side}",
                **place,
                rotations=(turning(angle, backward), X_AXIS, Y_AXIS),
            )
        ]
    bent = Joint(
        f"knee_{side}",
        f"femur_{side}",
        f"tibia_{side}",
        rotations=(
            turning(angle, backward),
            turning(angle, across, KNEE_ADDUCTION),
            turning(angle, down, KNEE_ROTATION),
        ),
        translations=(turning(angle, X, KNEE_SHIFT_X), turning(angle, Y, KNEE_SHIFT_Y), Axis(Z)),
    )
    patella = Joint(
        f"patellofemoral_{side}",
        f"femur_{side}",
        f"patella_{side}",
        parent_position=(0.04, -0.38, 0.0),
        rotations=(turning(f"{angle}_beta", backward), *STILL[:2]),
    )
    return [bent, patella]


def _leg_coordinates(side, knee):
    names = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
    found = [Coordinate(f"{name}_{side}") for name in names]
    if knee == "hinge":
        return found
    return [
        *found,
        Coordinate(f"knee_angle_{side}_beta", follows=f"knee_angle_{side}", coupling=PATELLA_TURN),
    ]
