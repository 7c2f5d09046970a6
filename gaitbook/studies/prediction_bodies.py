"""The body of a person whose motion is to be completed: from a model file, and one that our models can work with.

Models differ in the sign of the knee (in gait2392 and its kin flexion is negative), and none of them says how tall its
person is. Both are told by geometry: by where the ankle goes when the knee coordinate grows, and by the lengths of
thigh and shank.
"""

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from gaitbook.body_model import Axis, BodyModel, Coordinate, Function, Joint, Polynomial, Segment
from gaitbook.conventions import AXES, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body_dimensions import body_lengths
from gaitbook.mechanics.body_points import body_points
from gaitbook.readers.osim_model import read_body
from gaitbook.representation.states import LEG

KNEES: Final = ("knee_angle_r", "knee_angle_l")
LOWER_LIMB: Final = ("femur", "tibia", "talus", "calcn", "toes")
SEGMENTS: Final = ("pelvis", *(f"{name}_{side}" for side in "rl" for name in LOWER_LIMB))
OPTIONAL: Final = ("subtalar_angle_r", "subtalar_angle_l")
"""Coordinates of the leg that many models lack; their foot is then bolted to the ankle."""
BENT_RAD: Final = 0.5


def read_person_body(path: str | Path) -> BodyModel:
    """Body of a person from a model file, with all that completing a motion needs.

    Parameters
    ----------
    path
        ``.osim`` file with the segments and coordinates of OpenSim's gait models.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is no model, or lacks segments or coordinates of the legs; all of them are named.
    """
    path = Path(path)
    if path.suffix.lower() != ".osim":
        raise ValueError(f"{path} is no OpenSim model: name a file that ends in .osim.")
    return require_legs(read_body(path), path)


def body_from_text(text: str) -> BodyModel:
    """Body from the text of a model, as files of AddBiomechanics hold it; errors as `read_person_body`."""
    with tempfile.TemporaryDirectory(prefix="gaitbook_") as folder:
        path = Path(folder) / "model.osim"
        path.write_text(text, encoding="utf-8")
        return require_legs(read_body(path), path.name)


def require_legs(model: BodyModel, where: str | Path) -> BodyModel:
    """Return the body if it has legs that our models can move; a `ValueError` names what it lacks."""
    segments = {segment.name for segment in model.segments}
    coordinates = {coordinate.name for coordinate in model.coordinates}
    needed = [name for name in (*PELVIS_TRANSLATIONS, *LEG) if name not in OPTIONAL]
    faults = [
        f"{kind} {', '.join(missing)}"
        for kind, missing in (
            ("the segments", [name for name in SEGMENTS if name not in segments]),
            ("the coordinates", [name for name in needed if name not in coordinates]),
        )
        if missing
    ]
    if faults:
        raise ValueError(
            f"{where} lacks {' and '.join(faults)}: take a model with whole legs in three dimensions and the names of "
            "OpenSim's gait models, such as Rajagopal's or gait2392."
        )
    return model


def extending_knees(model: BodyModel) -> tuple[str, ...]:
    """Knee coordinates of a body that grow as the knee extends: the opposite of our convention."""
    ankles = _limb(model, ("talus_r", "talus_l"), bend_rad=BENT_RAD)
    forward = ankles.sel(axis="x").diff("time").values[0]
    return tuple(name for name, moved in zip(KNEES, forward, strict=True) if moved > 0)


def reverse_coordinates(model: BodyModel, names: Collection[str]) -> BodyModel:
    """Body that moves alike when these coordinates have the opposite sign."""
    wanted = frozenset(names)
    if not wanted:
        return model
    return replace(
        model,
        joints=tuple(_reversed_joint(joint, wanted) for joint in model.joints),
        coordinates=tuple(_reversed_coordinate(each, wanted) for each in model.coordinates),
    )


def estimate_height(model: BodyModel) -> float:
    """Height of a person from thigh and shank, m; mean of both sides.

    References
    ----------
    Drillis & Contini (1966), as in Winter (2009), Biomechanics and Motor Control of Human Movement, figure 4.1.
    """
    legs = [_limb(model, tuple(f"{name}_{side}" for name in LOWER_LIMB[:3])).values[0] for side in "rl"]
    length_m = np.mean([np.linalg.norm(np.diff(leg, axis=0), axis=1).sum() for leg in legs])
    share = body_lengths(1.0)
    return float(length_m / (share["thigh"] + share["shank"]))


def with_mass(model: BodyModel, mass_kg: float) -> BodyModel:
    """Body of another mass, every segment in proportion."""
    ratio = mass_kg / model.mass_kg
    if np.isclose(ratio, 1.0, rtol=1e-12):
        return model
    return replace(model, segments=tuple(_heavier(segment, ratio) for segment in model.segments))


def _heavier(segment: Segment, ratio: float) -> Segment:
    xx, yy, zz, xy, xz, yz = (ratio * each for each in segment.inertia_kgm2)
    return replace(segment, mass_kg=ratio * segment.mass_kg, inertia_kgm2=(xx, yy, zz, xy, xz, yz))


def _limb(model: BodyModel, points: tuple[str, ...], *, bend_rad: float = 0.0) -> xr.DataArray:
    """Segments of a body at its default, and with both knee coordinates larger."""
    default = {coordinate.name: coordinate.default for coordinate in model.coordinates}
    rows = [[default[name] + more for name in KNEES] for more in (0.0, bend_rad)]
    trial = xr.Dataset(
        {
            "joint_angle": (("time", "coordinate"), rows),
            "pelvis_position": (("time", "axis"), [[default[name] for name in PELVIS_TRANSLATIONS]] * 2),
        },
        coords={"time": [0.0, 1.0], "coordinate": list(KNEES), "axis": list(AXES)},
    )
    return body_points(trial, model, points).transpose("time", "point", "axis")


def _reversed_joint(joint: Joint, names: frozenset[str]) -> Joint:
    def turned(axes: tuple[Axis, Axis, Axis]) -> tuple[Axis, Axis, Axis]:
        first, second, third = (
            replace(axis, function=_mirrored(axis.function)) if axis.coordinate in names else axis
            for axis in axes
        )
        return first, second, third

    return replace(joint, rotations=turned(joint.rotations), translations=turned(joint.translations))


def _reversed_coordinate(each: Coordinate, names: frozenset[str]) -> Coordinate:
    if each.name in names:
        return replace(each, default=-each.default, low=-each.high, high=-each.low)
    return replace(each, coupling=_mirrored(each.coupling)) if each.follows in names else each


def _mirrored(function: Function) -> Function:
    """Function of the argument with the opposite sign."""
    if isinstance(function, Polynomial):
        return Polynomial(tuple((-1) ** power * each for power, each in enumerate(function.coefficients)))
    return replace(
        function,
        arguments=tuple(-each for each in reversed(function.arguments)),
        values=tuple(reversed(function.values)),
    )
