"""A body model as an OpenSim file, and markers as a marker file, for OpenSim to work on what was made here."""

import dataclasses

import numpy as np

from gaitbook.body_model import GROUND, Polynomial
from gaitbook.mechanics.turns import constant_value
from tests.readers.osim_writer import (
    body,
    coordinate,
    coupler,
    document,
    joint,
    marker,
    members,
    offset,
    transform,
)

ALIKE = 1e-3
LINEAR = 2
SLOTS = ("rotation1", "rotation2", "rotation3", "translation1", "translation2", "translation3")


def write_body(model, path, *, locked=()):
    """File of a body; coordinates that are locked stay at their default."""
    drivers = {coordinate.name: coordinate for coordinate in model.coordinates}
    placed = set()
    joints = [_joint(each, drivers, placed, set(locked)) for each in model.ordered_joints]
    couplers = [
        coupler(each.name, each.follows, _function(each.coupling))
        for each in model.coordinates
        if each.follows
    ]
    text = document(
        '<Ground name="ground"/><gravity>0 -9.81 0</gravity>',
        members("BodySet", *(_segment(each) for each in model.segments)),
        members("JointSet", *joints),
        members("ConstraintSet", *couplers),
        members("MarkerSet", *(marker(m.name, _path(m.segment), _text(m.position_m)) for m in model.markers)),
    )
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', encoding="utf-8")
    return path


def write_markers(path, names, time_s, positions_m):
    """Marker file of positions (time, marker, axis); none may be missing."""
    rate_hz = (len(time_s) - 1) / (time_s[-1] - time_s[0])
    counts = (
        f"{rate_hz:.10g}\t{rate_hz:.10g}\t{len(time_s)}\t{len(names)}\tm\t{rate_hz:.10g}\t1\t{len(time_s)}"
    )
    header = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        counts,
        "Frame#\tTime\t" + "\t\t\t".join(names),
        "\t\t" + "\t".join(f"{axis}{number + 1}" for number in range(len(names)) for axis in "XYZ"),
        "",
    ]
    rows = [
        "\t".join([str(number + 1), f"{instant:.9g}", *(f"{value:.9g}" for value in frame.ravel())])
        for number, (instant, frame) in enumerate(zip(time_s, positions_m, strict=True))
    ]
    path.write_text("\n".join([*header, *rows]) + "\n", encoding="utf-8")
    return path


def _segment(segment):
    inner = f"<mass_center>{_text(segment.center_m)}</mass_center>"
    inertia = f"<inertia>{_text(segment.inertia_kgm2)}</inertia>"
    text = body(segment.name, mass=f"<mass>{segment.mass_kg!r}</mass>", inertia=inertia)
    return text.replace("<mass_center>0.1 -0.2 0.3</mass_center>", inner)


def _joint(each, drivers, placed, locked):
    axes = dict(zip(SLOTS, (*_apart(each.rotations), *each.translations), strict=True))
    own = dict.fromkeys(axis.coordinate for axis in axes.values() if axis.coordinate)
    coordinates = "".join(_coordinate(drivers[name], name in locked) for name in own if name not in placed)
    placed |= set(own)
    moves = {slot: (axis.coordinate or "", _text(axis.direction), _axis(axis)) for slot, axis in axes.items()}
    frames = [
        offset("before", _path(each.parent), _text(each.parent_position), _text(each.parent_rotation)),
        offset("after", _path(each.child), _text(each.child_position), _text(each.child_rotation)),
    ]
    return joint(
        "CustomJoint", each.name, "before", "after", coordinates, transform(**moves), "".join(frames)
    )


def _apart(rotations):
    """Rotations, those that never turn about axes that no other has: OpenSim refuses a joint with two alike."""
    still = [axis.coordinate is None and constant_value(axis) == 0.0 for axis in rotations]
    taken = [np.array(axis.direction) for axis, idle in zip(rotations, still, strict=True) if not idle]
    found = []
    for axis, idle in zip(rotations, still, strict=True):
        if idle:
            free = next(
                unit for unit in np.eye(3) if all(np.linalg.norm(np.cross(unit, t)) > ALIKE for t in taken)
            )
            taken.append(free)
            found.append(dataclasses.replace(axis, direction=tuple(free.tolist())))
        else:
            found.append(axis)
    return found


def _coordinate(each, locked):
    low, high = max(each.low, -10.0), min(each.high, 10.0)
    inner = f"<locked>{str(locked or each.locked).lower()}</locked>"
    return coordinate(each.name, repr(float(each.default)), f"{float(low)!r} {float(high)!r}", inner)


def _axis(axis):
    if axis.coordinate is not None:
        return _function(axis.function)
    # OpenSim evaluates the function of an axis without coordinate at nothing, which only a constant endures
    return f'<Constant name="function"><value>{constant_value(axis)!r}</value></Constant>'


def _function(function):
    if isinstance(function, Polynomial):
        falling = _text(reversed(function.coefficients))
        if len(function.coefficients) == LINEAR:
            # only what is linear by its name is an angle to OpenSim, which writes angles in degrees
            return f'<LinearFunction name="function"><coefficients>{falling}</coefficients></LinearFunction>'
        return (
            f'<PolynomialFunction name="function"><coefficients>{falling}</coefficients></PolynomialFunction>'
        )
    return f'<SimmSpline name="function"><x>{_text(function.arguments)}</x><y>{_text(function.values)}</y></SimmSpline>'


def _path(segment):
    return "/ground" if segment == GROUND else f"/bodyset/{segment}"


def _text(numbers):
    return " ".join(repr(float(number)) for number in numbers)
