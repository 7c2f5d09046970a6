"""Contacts on a force plate, and the foot that each belongs to.

A contact is a stretch of at least 40 ms with 20 N or more on one plate. It belongs to the foot whose middle is
nearest in space to the center of pressure, on average over the contact, weighted by force: on a belt this is
the lower foot. A contact far from both feet, or shared by them, belongs to neither. A plate that its file calls
right or left is believed, unless the other foot stands on it while the named one is elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from gaitbook.conventions import CONTACT_FORCE_N, FEET, MAX_FOOT_DISTANCE_M
from gaitbook.readers.wrench import UNLOADED_BAND_N, center_of_pressure

SHORTEST_CONTACT_S = 0.04
"""Shorter loads are vibration of the plate: even a sprinter's foot stays down for 80 ms or more."""

LARGEST_OTHER_SHARE = 0.2
"""Share of a contact's force that may act nearer to the other foot before the contact counts as shared."""

SMALLEST_SEPARATION_M = 0.04
"""The other foot must be farther than the own one by this much, or the contact cannot be told apart."""

TOO_FAR = f"center of pressure farther than {MAX_FOOT_DISTANCE_M:.2f} m from both feet"
SHARED = "both feet on one plate"
UNSEEN = "markers of a foot missing during the contact"
NO_POINT = "plate without center of pressure"
CONTRADICTED = "file gives the contact to one foot, markers put it under the other"


@dataclass(frozen=True)
class PlateContact:
    """One contact on one plate, and the verdict on its foot.

    Parameters
    ----------
    plate
        Name of the plate.
    start, stop
        First sample, and one past the last.
    peak_force_N
        Largest vertical force, N.
    distance_right_m, distance_left_m
        Mean distance from the center of pressure to the middle of each foot, weighted by force; NaN if unknown.
    foot
        ``right``, ``left``, or None.
    reason
        Why it belongs to no foot; empty otherwise.
    """

    plate: str
    start: int
    stop: int
    peak_force_N: float  # noqa: N815 - the unit's own letter
    distance_right_m: float
    distance_left_m: float
    foot: str | None
    reason: str


def find_contacts(
    wrench: np.ndarray, *, plate: str, step_s: float, height_m: float = 0.0, feet: np.ndarray | None = None
) -> list[PlateContact]:
    """Return the contacts on one plate in order of time, each with its foot or the reason why it has none.

    Parameters
    ----------
    wrench
        Force, N, and moment about the laboratory origin, N m, without the plate's offset (plate_time, 6).
    plate
        Name of the plate; ``right`` and ``left`` are believed.
    step_s
        Time between samples, s.
    height_m
        Height of the plate's surface, m.
    feet
        Middle of the right and the left foot (plate_time, foot, axis), m. Without it names must do.
    """
    loaded = np.abs(wrench[:, 1]) >= CONTACT_FORCE_N
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loaded.astype(int), [0]])))
    contacts = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        peak = float(np.abs(wrench[start:stop, 1]).max())
        # A contact that an end of the recording cuts may be short, but is told from vibration by its force.
        cut = (start == 0 or stop == len(wrench)) and peak >= UNLOADED_BAND_N
        if not cut and (stop - start) * step_s < SHORTEST_CONTACT_S:
            continue
        own_feet = None if feet is None else feet[start:stop]
        distance_m, doubt, nearest = _locate(wrench[start:stop], own_feet, height_m)
        foot, reason = _decide(plate, distance_m, doubt, nearest)
        right_m, left_m = distance_m.tolist()
        contacts.append(PlateContact(plate, start, stop, peak, right_m, left_m, foot, reason))
    return contacts


def _locate(
    wrench: np.ndarray, feet: np.ndarray | None, height_m: float
) -> tuple[np.ndarray, str, str | None]:
    """Distance to each foot, what speaks against the nearest, and the nearest."""
    unknown = np.full(len(FEET), np.nan)
    if feet is None:
        return unknown, "", None
    point = center_of_pressure(wrench[:, :3], wrench[:, 3:], height_m)
    distance_m = np.linalg.norm(feet - point[:, None], axis=2)
    seen = np.isfinite(distance_m).all(axis=1)
    if not seen.any():
        return unknown, NO_POINT if np.isnan(point[:, 0]).all() else UNSEEN, None
    distance_m, weight = distance_m[seen], np.abs(wrench[seen, 1])
    mean_m = np.average(distance_m, axis=0, weights=weight)
    nearest = int(mean_m.argmin())
    other_share = weight[distance_m.argmin(axis=1) != nearest].sum() / weight.sum()
    doubt = ""
    if other_share > LARGEST_OTHER_SHARE:
        doubt = SHARED
    elif mean_m[nearest] > MAX_FOOT_DISTANCE_M:
        doubt = TOO_FAR
    elif mean_m[1 - nearest] - mean_m[nearest] < SMALLEST_SEPARATION_M:
        doubt = SHARED
    return mean_m, doubt, FEET[nearest]


def _decide(plate: str, distance_m: np.ndarray, doubt: str, nearest: str | None) -> tuple[str | None, str]:
    if plate not in FEET:
        return (None, doubt) if doubt else (nearest, "")
    own_m = distance_m[FEET.index(plate)]
    contradicted = nearest not in (plate, None) and not doubt and own_m > MAX_FOOT_DISTANCE_M
    return (None, CONTRADICTED) if contradicted else (plate, "")
