"""Masses, centers of mass and radii of gyration of the parts of a body, by sex: de Leva (1996), table 4.

The numbers, and all others that describe a body that nobody measured, are in ``generic_body.yml``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaitbook.body_model import Segment, Vector
from gaitbook.conventions import SEXES

Array = NDArray[np.float64]
LEG_PARTS = ("thigh", "shank", "foot")


@dataclass(frozen=True)
class Part:
    """Part of a body.

    ``mass`` is over body mass, ``length`` over body height; over that length are the ``center`` of mass (from the upper
    end, or the heel) and the ``radii`` of gyration about the forward, right and long axis.
    """

    mass: float
    length: float
    center: float
    radii: Vector


@dataclass(frozen=True)
class Lump:
    """Mass (kg) with its center (m) and inertia about it (kg m2, 3 x 3), in some segment's frame."""

    mass_kg: float
    center_m: Array
    inertia_kgm2: Array


@cache
def load_anthropometry() -> Mapping[str, Any]:
    """Return the content of ``generic_body.yml``."""
    import yaml

    text = files("gaitbook.mechanics").joinpath("generic_body.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def body_parts(sex: str | None) -> dict[str, Part]:
    """Parts of a body by name.

    Parameters
    ----------
    sex
        ``"female"``, ``"male"``, or ``None`` for the mean of both.

    References
    ----------
    de Leva (1996), doi:10.1016/0021-9290(95)00178-6, table 4

    Examples
    --------
    >>> body_parts("male")["thigh"].mass
    0.1416
    """
    tables = [load_anthropometry()["inertia"][each] for each in ([sex] if sex else SEXES)]
    return {name: _mean_part(name, tables) for name in tables[0]["parts"]}


def upright_lump(part: Part, mass_kg: float, *, top_m: Iterable[float], length_m: float) -> Lump:
    """Lump of a part that hangs down from its upper end."""
    center = np.array([*top_m]) - np.array([0.0, part.center * length_m, 0.0])
    forward, right, long = part.radii
    return _lump(part, mass_kg, center, (forward, long, right), length_m)


def lying_lump(part: Part, mass_kg: float, *, heel_m: Iterable[float], length_m: float) -> Lump:
    """Lump of a part that points forward from its heel."""
    center = np.array([*heel_m]) + np.array([part.center * length_m, 0.0, 0.0])
    upright, right, long = part.radii
    return _lump(part, mass_kg, center, (long, upright, right), length_m)


def join_lumps(name: str, lumps: Iterable[Lump]) -> Segment:
    """Segment that consists of lumps: the parallel axes of Huygens and Steiner."""
    parts = list(lumps)
    mass_kg = sum(part.mass_kg for part in parts)
    if not parts:
        return Segment(name, 0.0)
    center = sum((part.mass_kg * part.center_m for part in parts), np.zeros(3)) / mass_kg
    inertia = sum((_about(part, center) for part in parts), np.zeros((3, 3)))
    return Segment(name, mass_kg, vector(center), inertia_numbers(inertia))


def inertia_numbers(matrix: Array) -> tuple[float, float, float, float, float, float]:
    """Inertia as `Segment` holds it: xx, yy, zz, xy, xz, yz."""
    rows, columns = [0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]
    xx, yy, zz, xy, xz, yz = (float(each) for each in matrix[rows, columns])
    return xx, yy, zz, xy, xz, yz


def vector(values: Iterable[float]) -> Vector:
    """Three plain numbers."""
    x, y, z = (float(value) for value in values)
    return x, y, z


def _mean_part(name: str, tables: list[Mapping[str, Any]]) -> Part:
    rows = [table["parts"][name] for table in tables]
    lengths = [row["length_m"] / table["height_m"] for row, table in zip(rows, tables, strict=True)]
    return Part(
        mass=float(np.mean([row["mass"] for row in rows])),
        length=float(np.mean(lengths)),
        center=float(np.mean([row["center"] for row in rows])),
        radii=vector(np.mean([row["radii"] for row in rows], axis=0)),
    )


def _lump(part: Part, mass_kg: float, center: Array, radii: Vector, length_m: float) -> Lump:
    mass = part.mass * mass_kg
    return Lump(mass, center, np.diag(mass * (np.array(radii) * length_m) ** 2))


def _about(part: Lump, point: Array) -> Array:
    offset = part.center_m - point
    return part.inertia_kgm2 + part.mass_kg * (offset @ offset * np.eye(3) - np.outer(offset, offset))
