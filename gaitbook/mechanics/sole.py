"""The sole of a foot: where heel, ball and toes of a body bear on the floor, and its outline."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel, Marker
from gaitbook.mechanics.anthropometry import load_anthropometry, vector

Array = NDArray[np.float64]
OUTWARD: Final = MappingProxyType({"right": 1.0, "left": -1.0})
"""Sign of "to the outside" along z."""
_ENDING: Final = {"right": "_r", "left": "_l"}


@cache
def load_sole() -> Mapping[str, Any]:
    """Return the content of ``sole.yml``."""
    import yaml

    text = files("gaitbook.mechanics").joinpath("sole.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def sole_markers(model: BodyModel, foot: str, group: str = "bearing") -> tuple[Marker, ...]:
    """Points of a sole as markers of the segments that carry them.

    Parameters
    ----------
    model
        Body with OpenSim's names.
    foot
        ``"right"`` or ``"left"``.
    group
        ``"bearing"`` (heel, balls, toes) or ``"outline"`` (corners, in order around the foot).

    Raises
    ------
    ValueError
        The body lacks the joints of the foot.
    """
    side, outside = _ENDING[foot], OUTWARD[foot]
    heel, toes_m, foot_m = _foot(model, side)
    markers = []
    for name, row in load_sole()[group].items():
        along, across = row["at"]
        place = heel + foot_m * np.array([along, 0.0, outside * (across + load_sole()["axis"])])
        local = place - toes_m if row["segment"] == "toes" else place
        markers.append(Marker(f"{name}{side}", f"{row['segment']}{side}", vector(local)))
    return tuple(markers)


def _foot(model: BodyModel, side: str) -> tuple[Array, Array, float]:
    """End of the heel and joint of the toes in the calcn, and the length of the foot, m."""
    joints = {joint.name: joint for joint in model.joints}
    missing = [name for name in (f"subtalar{side}", f"mtp{side}") if name not in joints]
    if missing:
        raise ValueError(
            f"Body {model.name!r} has no joint {' and no '.join(missing)}: its sole is not known"
        )
    known = load_anthropometry()
    ankle, ball = (known["joints"][name]["at"] for name in ("subtalar", "mtp"))
    toes_m = np.array(joints[f"mtp{side}"].parent_position)
    foot_m = float(toes_m[0] / ball[0])
    sole_m = joints[f"subtalar{side}"].parent_position[1] / ankle[1]
    x, y, _ = np.subtract(known["heel"], ankle) * (foot_m, sole_m, 0.0)
    return np.array([x, y, 0.0]), toes_m, foot_m
