"""Where the markers of a known set sit on a body: ``marker_placement.yml`` in meters."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from gaitbook.body_model import Marker, Vector
from gaitbook.conventions import FEET

MIDDLE_SEGMENTS = ("pelvis", "torso")
SUFFIX = {"right": "_r", "left": "_l"}


def list_placements() -> tuple[str, ...]:
    """Names of the marker sets whose markers have a standard place."""
    return tuple(_load("gaitbook.mechanics", "marker_placement.yml")["sets"])


def place_markers(name: str, sizes: Mapping[str, Vector]) -> tuple[Marker, ...]:
    """Markers of a set where they are usually put.

    Parameters
    ----------
    name
        Marker set, one of `list_placements`.
    sizes
        What one unit is along x, y, z in the frame of each segment (named without side), m.

    Raises
    ------
    ValueError
        The set is unknown.

    Examples
    --------
    >>> place_markers(
    ...     "rbds", {**dict.fromkeys(("femur", "tibia", "calcn"), (1, 1, 1)), "pelvis": (1, 1, 0.2)}
    ... )[0]
    Marker(name='R.ASIS', segment='pelvis', position_m=(0.0, 0.0, 0.1), fixed=False)
    """
    content = _load("gaitbook.mechanics", "marker_placement.yml")
    if name not in content["sets"]:
        raise ValueError(
            f"No standard places are known for the markers of {name!r}. Known sets: {', '.join(content['sets'])}. "
            "Rename the markers as in one of them, or bring a body model with markers of its own."
        )
    letters = _load("gaitbook", "marker_sets.yml")[name]["letters"]
    entries = content["sets"][name].items()
    placed = tuple(
        each
        for marker, place in entries
        for each in _of_sides(marker, content["places"][place], letters, sizes)
    )
    order = content["order"].get(name)
    return tuple(sorted(placed, key=lambda each: order.index(each.name))) if order else placed


def _of_sides(
    name: str, place: tuple[Any, ...], letters: Mapping[str, list[str]], sizes: Mapping[str, Vector]
) -> Iterator[Marker]:
    segment, *fractions = place
    x, y, z = (float(part * unit) for part, unit in zip(fractions, sizes[segment], strict=True))
    if "@" not in name:
        yield Marker(name, segment, (x, y, z))
        return
    for side in FEET:
        own = segment if segment in MIDDLE_SEGMENTS else segment + SUFFIX[side]
        position = (x, y, z if side == "right" else -z)
        for letter in letters[side]:
            yield Marker(name.replace("@", letter), own, position)


@cache
def _load(package: str, file: str) -> Mapping[str, Any]:
    import yaml

    content: Mapping[str, Any] = yaml.safe_load(files(package).joinpath(file).read_text(encoding="utf-8"))
    return content
