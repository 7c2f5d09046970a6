"""Marker trajectories of a .c3d file: units, names, gaps and the way up.

Labels may repeat, run on into LABELS2, carry the subject's name in front or be absent; zeros and negative
residuals mean that a marker was not seen. Which way is up is read from the force plates (they lie flat),
else from the markers (a person is tallest upright).
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaitbook.readers.c3d_plates import LENGTH_UNITS_M

Array = NDArray[np.float64]
MODEL_OUTPUTS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "REACTIONS")
UNNAMED = re.compile(r"^(\*\d*|u(nl?abell?ed|n?named)?[ _*]?\d+|unlabell?ed|unnamed)?$", re.IGNORECASE)
DECISIVE_EXTENT = 1.3
"""A person's markers extend this much farther along the vertical than along any other axis."""


@dataclass(frozen=True)
class Markers:
    """Named markers: ``position`` ``(time, marker, 3)``, m, in the axes of the file; NaN where not seen."""

    labels: list[str]
    position: Array
    notes: list[str]


def parameter(parameters: Mapping[str, Any], group: str, name: str) -> list[Any]:
    """Values of a parameter of the file in one flat list; empty where the file lacks it."""
    return list(np.ravel(parameters.get(group, {}).get(name, {}).get("value", [])))


def length_unit(path: Path, parameters: Mapping[str, Any]) -> tuple[float, list[str]]:
    """Length unit of the positions in meters, and what had to be decided.

    Raises
    ------
    ValueError
        The file states a unit that is not one of length.
    """
    stated = [str(unit).strip() for unit in parameter(parameters, "POINT", "UNITS")]
    if not stated or not stated[0]:
        return LENGTH_UNITS_M["mm"], [
            "the file does not state its unit of length: taken as mm, the usual one"
        ]
    if stated[0].lower() not in LENGTH_UNITS_M:
        known = ", ".join(sorted(LENGTH_UNITS_M))
        raise ValueError(
            f"{path} gives positions in {stated[0]!r}, expected one of {known}: export it in mm or m."
        )
    return LENGTH_UNITS_M[stated[0].lower()], []


def collect_markers(path: Path, content: Any, meters: float) -> Markers:  # noqa: ANN401 - ezc3d is untyped
    """Named markers of an opened file in ``meters`` per unit, without model outputs and unnamed points.

    Raises
    ------
    ValueError
        No marker is left.
    """
    position = np.moveaxis(content["data"]["points"][:3], 0, -1).astype(float) * meters
    residual = content["data"]["meta_points"]["residuals"][0]
    labels, notes = _labels(content["parameters"], len(position))
    outputs = {
        str(name).rpartition(":")[2].strip()
        for group in MODEL_OUTPUTS
        for name in parameter(content["parameters"], "POINT", group)
    }
    drop = {
        "model outputs, not markers": [i for i, label in enumerate(labels) if label in outputs],
        "points without a name": [
            i for i, label in enumerate(labels) if UNNAMED.match(label) and label not in outputs
        ],
    }
    notes += [f"left out {len(items)} {reason}" for reason, items in drop.items() if items]
    kept = [i for i in range(len(labels)) if not any(i in items for items in drop.values())]
    if not kept or not position.shape[1]:
        raise ValueError(f"{path} holds no marker: export the trial again with its labeled trajectories.")
    missing = (position == 0).all(axis=-1)
    if (residual < 0).all():
        notes.append("every residual is negative, so they say nothing about missing markers; exact zeros do")
    else:
        missing |= residual < 0
    position = np.where(missing[..., None], np.nan, position)[kept].swapaxes(0, 1)
    return Markers([labels[i] for i in kept], position, notes)


def _labels(parameters: Mapping[str, Any], n_points: int) -> tuple[list[str], list[str]]:
    """One name per point: labels beyond the first 255 follow in LABELS2, and repeated ones are told apart."""
    labels = [
        str(label).strip()
        for name in ("LABELS", "LABELS2", "LABELS3")
        for label in parameter(parameters, "POINT", name)
    ]
    labels = (labels + [""] * n_points)[:n_points]
    prefixes = {label.rpartition(":")[0] for label in labels if label and not UNNAMED.match(label)}
    if len(prefixes) == 1:
        labels = [label.rpartition(":")[2] for label in labels]
    counts = Counter(label for label in labels if not UNNAMED.match(label))
    repeated = sorted(label for label, count in counts.items() if count > 1)
    if not repeated:
        return labels, []
    unique = _tell_apart(
        labels, repeated, [str(x).strip() for x in parameter(parameters, "POINT", "DESCRIPTIONS")]
    )
    renamed = [f"{old} -> {new}" for old, new in zip(labels, unique, strict=True) if old != new]
    return unique, [
        f"labels {', '.join(repeated)} are used more than once: the first of each keeps its name, "
        f"the others take that of their description or a number ({', '.join(renamed)})"
    ]


def _tell_apart(labels: list[str], repeated: list[str], descriptions: list[str]) -> list[str]:
    usable = len(descriptions) == len(labels) and len(set(descriptions)) == len(labels)
    taken = set(labels)
    seen: Counter[str] = Counter()
    unique = []
    for index, label in enumerate(labels):
        seen[label] += 1
        if label not in repeated or seen[label] == 1:
            unique.append(label)
        elif usable and descriptions[index] and descriptions[index] not in taken:
            unique.append(descriptions[index])
        else:
            unique.append(f"{label}_{seen[label]}")
        taken.add(unique[-1])
    return unique


def find_up(position: Array, corners: Array, parameters: Mapping[str, Any]) -> tuple[Array, str]:
    """Upward unit vector along an axis of the file, and the evidence for it.

    Parameters
    ----------
    position
        ``(time, marker, 3)``, m.
    corners
        ``(plate, 4, 3)``, m; may be empty.
    parameters
        Parameters of the file.
    """
    visible = position[np.isfinite(position).all(axis=-1).any(axis=-1)]
    screen = re.fullmatch(
        r"[+-]?([XYZ])", str((parameter(parameters, "POINT", "Y_SCREEN") or [""])[0]).strip()
    )
    normals = np.cross(corners[:, 0] - corners[:, 1], corners[:, 0] - corners[:, 3])
    tallest = _tallest_axis(visible)
    floor = corners.mean(axis=(0, 1)) if normals.any() else np.zeros(3)
    if normals.any():
        axis, evidence = int(np.abs(normals).sum(axis=0).argmax()), "the force plates lie flat"
    elif tallest is not None:
        axis, evidence = tallest, "the markers extend farthest along it"
    elif screen:
        axis, evidence = "XYZ".index(screen[1]), "the file draws it upward (POINT:Y_SCREEN)"
    else:
        axis, evidence = 2, "nothing in the file tells, and it is the usual one"
    sign = -1.0 if len(visible) and np.nanmedian(visible[..., axis]) < floor[axis] else 1.0
    return sign * np.eye(3)[axis], f"up is {'-' if sign < 0 else '+'}{'xyz'[axis]} of the file ({evidence})"


def _tallest_axis(visible: Array) -> int | None:
    """Axis along which the markers extend clearly farthest, if there is one."""
    if not len(visible):
        return None
    extent = np.median(np.nanmax(visible, axis=1) - np.nanmin(visible, axis=1), axis=0)
    second, tallest = np.argsort(extent)[-2:]
    return int(tallest) if extent[tallest] > DECISIVE_EXTENT * extent[second] else None


def turn_up(up: Array) -> Array:
    """Give the right-handed rotation that brings ``up`` to y and keeps x where it can."""
    forward = np.eye(3)[1 if up[0] else 0]
    return np.array([forward, up, np.cross(forward, up)])
