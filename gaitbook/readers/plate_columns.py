"""Names of the columns in OpenSim's tables of ground reaction forces.

Five families are met. Those that name a foot, and the pair of which only one has a prefix (by OpenSim's
convention right, then left), give plates called right and left; the others number their plates, which says
nothing about feet.

===================================================== ===================== ===========
force                                                 moment                plates
===================================================== ===================== ===========
``ground_force_r_vx``                                 ``ground_torque_r_x`` right, left
``R_ground_force_vx``                                 ``R_ground_torque_x`` right, left
``ground_force_vx`` with ``1_ground_force_vx``        ``ground_torque_x``   right, left
``ground_force_1_vx``                                 ``ground_force_1_mx`` 1, 2, ...
``FP1_vx``                                            ``FP1_mx``            1, 2, ...
===================================================== ===================== ===========

Points of application have ``p`` in place of ``v``; ``moment`` is taken for ``torque``.
"""

import re
from typing import NamedTuple

FAMILIES = (
    re.compile(
        r"^(?:(?P<before>[A-Za-z0-9]+)_)?ground_(?P<kind>force|torque|moment)"
        r"(?:_(?P<after>[A-Za-z0-9]+?))?_(?P<part>[vpm])?(?P<axis>[xyz])$"
    ),
    re.compile(
        r"^(?P<before>FP_?\d+)_(?:(?P<kind>force|torque|moment|cop)_)?(?P<part>[vpm])?(?P<axis>[xyz])$"
    ),
)
PARTS = {"v": "force", "p": "point", "m": "moment"}
KINDS = {"force": "force", "cop": "point", "torque": "moment", "moment": "moment"}
FOOT_NAMES = {"r": "right", "right": "right", "l": "left", "left": "left"}
UNPREFIXED_PAIR = {"": "right", "1": "left"}
EXPECTED = "ground_force_r_vx, R_ground_force_vx, ground_force_vx with 1_ground_force_vx, ground_force_1_vx or FP1_vx"


class PlateColumn(NamedTuple):
    """What a column holds: the plate's name in the file; ``force``, ``point`` or ``moment``; and the axis."""

    plate: str
    part: str
    axis: str


def plate_column(label: str) -> PlateColumn | None:
    """Return the plate, the quantity and the axis that a column label stands for; None if it is no force column.

    Examples
    --------
    >>> plate_column("1_ground_torque_x")
    PlateColumn(plate='1', part='moment', axis='x')
    """
    found = next((match for family in FAMILIES if (match := family.match(label))), None)
    if found is None:
        return None
    groups = found.groupdict()
    part = PARTS[groups["part"]] if groups["part"] else KINDS.get(groups["kind"] or "")
    if part is None:
        return None
    plate = (groups.get("after") or groups["before"] or "").lower().removeprefix("fp").strip("_")
    return PlateColumn(plate, part, groups["axis"])


def name_plates(plates: list[str]) -> list[str]:
    """Return the names of plates as the package gives them: right and left if the file says so, else its own.

    Examples
    --------
    >>> name_plates(["r", "l"]), name_plates(["1", "2"]), name_plates(["", "1"])
    (['right', 'left'], ['1', '2'], ['right', 'left'])
    """
    feet = [FOOT_NAMES.get(plate, "") for plate in plates]
    if all(feet) and len(set(feet)) == len(feet):
        return feet
    if set(plates) == set(UNPREFIXED_PAIR):
        return [UNPREFIXED_PAIR[plate] for plate in plates]
    return [plate or "0" for plate in plates]
