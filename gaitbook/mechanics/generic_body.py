"""A body for whoever is not measured: from height, mass and sex.

Full body with arms; segments, joints and coordinates carry the names, order and signs of the OpenSim full-body gait
models (Rajagopal 2016, doi:10.1109/TBME.2016.2586891). Frames are OpenSim's: origin at the proximal joint center (for
the pelvis midway between the ASIS), x forward, y up, z right while one stands upright with all coordinates zero. The
knee is a hinge. The facts are in ``generic_body.yml``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

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
    Segment,
    Vector,
)
from gaitbook.cohort.schema import PLAUSIBLE
from gaitbook.conventions import COORDINATES, PELVIS_TRANSLATIONS, SEXES
from gaitbook.mechanics.anthropometry import (
    Lump,
    body_parts,
    join_lumps,
    load_anthropometry,
    lying_lump,
    upright_lump,
    vector,
)
from gaitbook.mechanics.body_dimensions import (
    body_lengths,
    body_sizes,
    hip_center,
    leg_length,
    lumbar_joint,
)
from gaitbook.mechanics.marker_placement import MIDDLE_SEGMENTS, place_markers

SIDES = ("_r", "_l")
MIDDLE_PARTS = ("lower_trunk", "mid_trunk", "upper_trunk", "head")
LIMBS = {
    "humerus": "upper_arm",
    "ulna": "forearm",
    "hand": "hand",
    "femur": "thigh",
    "tibia": "shank",
}
KNEE_VARUS_RAD = (-0.35, 0.35)
"""Beyond 20 degrees a leg is deformed, or the angle in degrees."""
MOST_ABDOMEN = 0.25
"""Greatest fraction of body mass in the abdominal lump."""


def generic_body(
    *,
    height_m: float = 1.75,
    mass_kg: float = 75.0,
    sex: str | None = None,
    markers: str | None = "rbds",
    knee_varus_rad: float = 0.0,
    abdominal_mass_kg: float = 0.0,
) -> BodyModel:
    """Body of a person of whom only height, mass and perhaps sex are known.

    Parameters
    ----------
    height_m, mass_kg
        Body height and mass.
    sex
        ``"female"``, ``"male"``, or ``None`` for the mean of both.
    markers
        Marker set to put on it, one of `list_placements`; ``None`` for none.
    knee_varus_rad
        Frontal alignment of both knees: how far each shank, with the hinge of its knee, is turned inward from the line
        of its thigh (bow legs are positive, knock knees negative).
    abdominal_mass_kg
        Mass in front of the lumbar joint, carried by the torso; every other part is lighter in proportion, so that the
        mass of the whole body stays.

    Returns
    -------
    BodyModel
        Same segments, joints and coordinates for everyone. Talus, toes and radius carry no mass of their own (it is
        with calcn and ulna). ``pelvis_ty`` stands by default at the height at which the soles of straight legs are on
        the ground.

    Raises
    ------
    ValueError
        Height, mass, sex, alignment, abdomen or marker set make no sense; all are named.

    References
    ----------
    Lengths: Winter (2009), figure 4.1. Masses: de Leva (1996), doi:10.1016/0021-9290(95)00178-6. Hip centers:
    Harrington (2007), doi:10.1016/j.jbiomech.2006.02.003.

    Examples
    --------
    >>> body = generic_body(height_m=1.80, mass_kg=80.0, sex="male")
    >>> round(body.mass_kg, 6), len(body.segments), len(body.coordinates)
    (80.0, 20, 37)
    """
    plausible = {
        **PLAUSIBLE,
        "knee_varus_rad": KNEE_VARUS_RAD,
        "abdominal_mass_kg": (0.0, MOST_ABDOMEN * mass_kg),
    }
    given = {
        "height_m": height_m,
        "mass_kg": mass_kg,
        "knee_varus_rad": knee_varus_rad,
        "abdominal_mass_kg": abdominal_mass_kg,
    }
    _require_sense(given, plausible, sex)
    lengths = body_lengths(height_m)
    return BodyModel(
        name="generic",
        segments=tuple(_segments(lengths, mass_kg - abdominal_mass_kg, sex, abdominal_mass_kg)),
        joints=tuple(_joints(lengths, knee_varus_rad)),
        coordinates=tuple(_coordinates(lengths)),
        markers=place_markers(markers, body_sizes(lengths)) if markers else (),
    )


def _require_sense(
    scalars: Mapping[str, float], plausible: Mapping[str, tuple[float, float]], sex: str | None
) -> None:
    faults = [
        f"{name} is {value:g}, expected {plausible[name][0]:g} to {plausible[name][1]:g}: check its unit"
        for name, value in scalars.items()
        if not plausible[name][0] <= value <= plausible[name][1]
    ]
    faults += [f"sex is {sex!r}, expected one of {', '.join(SEXES)} or None"] * (sex not in (*SEXES, None))
    if faults:
        raise ValueError("No body can be made: " + "; ".join(faults))


def _segments(
    lengths: Mapping[str, float], mass_kg: float, sex: str | None, abdominal_mass_kg: float
) -> Iterator[Segment]:
    parts = body_parts(sex)
    # published fractions are rounded and do not quite add up to one
    mass_kg = mass_kg / sum(part.mass * (1 if name in MIDDLE_PARTS else 2) for name, part in parts.items())
    own = {**lengths, "hand": parts["hand"].length * lengths["height"]}
    lumps = {
        segment: [upright_lump(parts[name], mass_kg, top_m=(0, 0, 0), length_m=own[name])]
        for segment, name in LIMBS.items()
    }
    lumps |= _trunk_lumps(lengths, mass_kg, sex)
    if abdominal_mass_kg:
        lumps["torso"].append(_abdomen(lengths, abdominal_mass_kg))
    heel = _heel_of_calcn(lengths)
    lumps["calcn"] = [lying_lump(parts["foot"], mass_kg, heel_m=heel, length_m=lengths["foot"])]
    for segment in load_anthropometry()["sizes"]:
        for side in _sides(segment):
            yield join_lumps(segment + side, lumps.get(segment, []))


def _trunk_lumps(lengths: Mapping[str, float], mass_kg: float, sex: str | None) -> dict[str, list[Lump]]:
    """Lumps of pelvis and torso; the axis of the trunk stands upright on the middle of the hips."""
    parts = body_parts(sex)
    own = np.array([parts[name].length for name in MIDDLE_PARTS])
    pieces_m = np.append(lengths["trunk"] * own[:3] / own[:3].sum(), own[3] * lengths["height"])
    tops_m = np.append(np.cumsum(pieces_m[:3]), lengths["height"] - leg_length(lengths))
    x, y, _ = hip_center(lengths["pelvis_width"], lengths["pelvis_depth"])
    lower, *upper = (
        upright_lump(parts[name], mass_kg, top_m=(x, y + top_m, 0.0), length_m=length_m)
        for name, top_m, length_m in zip(MIDDLE_PARTS, tops_m, pieces_m, strict=True)
    )
    torso = [replace(lump, center_m=lump.center_m - lumbar_joint(lengths)) for lump in upper]
    return {"pelvis": [lower], "torso": torso}


def _abdomen(lengths: Mapping[str, float], mass_kg: float) -> Lump:
    """Lump in front of the lumbar joint, which is the origin of the torso."""
    abdomen = load_anthropometry()["abdomen"]
    center = np.multiply(abdomen["center"], body_sizes(lengths)["torso"])
    radius_m = abdomen["radius"] * lengths["height"]
    return Lump(mass_kg, center, mass_kg * radius_m**2 * np.eye(3))


def _heel_of_calcn(lengths: Mapping[str, float]) -> Vector:
    content = load_anthropometry()
    size = np.array(body_sizes(lengths)["talus"])
    x, y, _ = (np.array(content["heel"]) - content["joints"]["subtalar"]["at"]) * size
    # the long axis of the foot runs at half the height of the ankle
    return vector((x, y + 0.5 * lengths["ankle_height"], 0.0))


def _joints(lengths: Mapping[str, float], knee_varus_rad: float) -> Iterator[Joint]:
    sizes = body_sizes(lengths)
    computed = _computed_joints(lengths)
    for name, entry in load_anthropometry()["joints"].items():
        at = computed.get(name) or vector(np.multiply(entry["at"], sizes[entry["parent"]]))
        for side in _sides(entry["child"]):
            joint = _joint(name, entry, at, side)
            yield _turned_inward(joint, knee_varus_rad, side) if name == "knee" else joint


def _computed_joints(lengths: Mapping[str, float]) -> dict[str, Vector]:
    """Places of the joints that hang on the size of the pelvis; the shoulders are above the hips."""
    hip = hip_center(lengths["pelvis_width"], lengths["pelvis_depth"])
    lumbar = lumbar_joint(lengths)
    shoulder = (hip[0] - lumbar[0], hip[1] + lengths["trunk"] - lumbar[1], lengths["half_shoulders"])
    return {"ground_pelvis": (0.0, 0.0, 0.0), "hip": hip, "back": lumbar, "acromial": shoulder}


def _joint(name: str, entry: Mapping[str, Any], at: Vector, side: str) -> Joint:
    """Joint of one side; mirroring turns a place's z, but an axis of rotation's x and y."""
    sign = -1.0 if side == SIDES[1] else 1.0
    axes = {
        coordinate + side: np.multiply(axis, (sign, sign, 1.0)) / np.linalg.norm(axis)
        for coordinate, axis in entry["rotations"].items()
    }
    parent = entry["parent"] + (side if entry["parent"] not in (*MIDDLE_SEGMENTS, GROUND) else "")
    free = _axes(dict(zip(PELVIS_TRANSLATIONS, np.eye(3), strict=True)))
    return Joint(
        name + side,
        parent,
        entry["child"] + side,
        parent_position=vector(np.multiply(at, (1.0, 1.0, sign))),
        rotations=_axes(axes),
        translations=free if parent == GROUND else STILL,
    )


def _turned_inward(joint: Joint, angle_rad: float, side: str) -> Joint:
    """Joint whose frame, and all that hangs on it, is turned in the frontal plane toward the other leg."""
    return replace(joint, parent_rotation=(angle_rad if side == SIDES[0] else -angle_rad, 0.0, 0.0))


def _axes(directions: Mapping[str, Any]) -> tuple[Axis, Axis, Axis]:
    moving = [Axis(vector(axis), IDENTITY, name) for name, axis in directions.items()]
    first, second, third, *_ = [*moving, X_AXIS, Y_AXIS]
    return first, second, third


def _sides(segment: str) -> tuple[str, ...]:
    return ("",) if segment in MIDDLE_SEGMENTS else SIDES


def _coordinates(lengths: Mapping[str, float]) -> Iterator[Coordinate]:
    rows = load_anthropometry()["coordinates"]
    _, hip_y, _ = hip_center(lengths["pelvis_width"], lengths["pelvis_depth"])
    standing = {"pelvis_ty": leg_length(lengths) - hip_y}
    order = [*COORDINATES[:3], *PELVIS_TRANSLATIONS, *COORDINATES[3:]]
    for name in order:
        if name in PELVIS_TRANSLATIONS:
            yield Coordinate(name, standing.get(name, 0.0), is_rotation=False)
            continue
        low, high, spread = rows[name.removesuffix("_r").removesuffix("_l")]
        low, high = (-np.inf if low is None else low), (np.inf if high is None else high)
        yield Coordinate(name, low=low, high=high, spread=spread)
