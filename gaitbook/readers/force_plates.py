"""From force plates to feet.

A plate measures a wrench. What it reads when empty is taken off, what the motion's sampling rate cannot carry is
filtered out, and each contact is given to the foot that made it (see `gaitbook.readers.plate_contacts`). The
wrenches of a foot's contacts add up, over plates too, and are interpolated; the center of pressure, which may
neither be added nor interpolated, is computed from them at the end.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET
from gaitbook.marker_sets import foot_position as find_foot_position
from gaitbook.readers.plate_contacts import PlateContact, find_contacts
from gaitbook.readers.wrench import anti_alias, center_of_pressure, free_moment, unloaded_offset


@dataclass(frozen=True)
class RefusedContact:
    """A contact that was given to no foot: which one, and why."""

    contact: str
    reason: str


@dataclass(frozen=True)
class PlateAssignment:
    """Forces of the feet, and how they were found.

    Parameters
    ----------
    dataset
        ``ground_reaction_force`` (time, foot, axis), N; ``center_of_pressure`` (time, foot, axis), m, NaN without
        contact; ``free_moment`` (time, foot), N m; ``in_contact`` (time, foot). Force and free moment are zero
        without contact, and NaN where unknown: before the first and after the last plate sample, and for both
        feet during a refused contact.
    contacts
        One row per contact: ``plate``, ``foot`` (or None), ``start_s``, ``end_s``, ``peak_force_N``,
        ``distance_right_m``, ``distance_left_m``, ``reason``.
    refused
        The contacts given to no foot.
    """

    dataset: xr.Dataset
    contacts: pd.DataFrame
    refused: tuple[RefusedContact, ...]


def assign_plates(recording: xr.Dataset, *, foot_position: xr.DataArray | None = None) -> PlateAssignment:
    """Return force, center of pressure and free moment of each foot, from the plates of a recording.

    Parameters
    ----------
    recording
        Plates (from `read_plates` or `read_c3d`) and, on its own ``time``, the markers of the same recording.
        Without a ``time`` the result is given at the plates' times.
    foot_position
        Middle of each foot (time, foot, axis), m; by default half-way between the heel and toe markers of a known
        marker set. Not needed if the plates are called right and left.

    Raises
    ------
    ValueError
        If the recording has no plates, time stamps repeat, or plates name no foot and there are no positions
        of the feet to tell by.
    """
    _check(recording)
    plate_time = recording["plate_time"].values
    time = recording["time"].values if "time" in recording.coords else plate_time
    feet = _feet(recording, foot_position, time, plate_time)
    wrench = _clean_wrench(recording, time)
    heights_m = _heights(recording)
    contacts = [
        contact
        for i, plate in enumerate(map(str, recording["plate"].values))
        for contact in find_contacts(
            wrench[:, i], plate=plate, step_s=_step_s(plate_time), height_m=heights_m[i], feet=feet
        )
    ]
    plates = list(map(str, recording["plate"].values))
    by_foot = _sum_by_foot(wrench, heights_m, contacts, plates)
    table = _tabulate(contacts, plate_time)
    return PlateAssignment(_at_times(by_foot, plate_time, time), table, _refusals(table))


def _check(recording: xr.Dataset) -> None:
    source = recording.attrs.get("source_file", "The recording")
    missing = [name for name in ("plate_force", "plate_moment") if name not in recording]
    if missing:
        raise ValueError(
            f"{source} has no {' and no '.join(missing)}: read force plates with read_plates or read_c3d "
            "and join them with the motion first."
        )
    for name in ("plate_time", "time"):
        if name in recording.coords and (np.diff(recording[name].values) <= 0).any():
            raise ValueError(
                f"{source}: {name} has repeated or backward time stamps. Export the file again, or drop the rows."
            )


def _feet(
    recording: xr.Dataset, foot_position: xr.DataArray | None, time: np.ndarray, plate_time: np.ndarray
) -> np.ndarray | None:
    """Middle of each foot at the plates' times (plate_time, foot, axis); None if the file's names must do."""
    plates = list(map(str, recording["plate"].values))
    named = set(plates) <= set(FEET)
    if foot_position is None and "marker_position" in recording:
        try:
            foot_position = find_foot_position(recording["marker_position"])
        except ValueError:
            if not named:
                raise
    if foot_position is None:
        if named:
            return None
        raise ValueError(
            f"{recording.attrs.get('source_file', 'The recording')}: its plates ({', '.join(plates)}) name no foot, "
            "and there are no markers to tell by. Give the markers of the same recording, or pass foot_position, "
            "or name the columns by foot (ground_force_r_vx, ground_force_l_vx)."
        )
    at_time = foot_position.sel(foot=list(FEET), axis=list(AXES)).transpose("time", "foot", "axis").values
    return _interpolate(plate_time, time, at_time)


def _clean_wrench(recording: xr.Dataset, time: np.ndarray) -> np.ndarray:
    """Force and moment (plate_time, plate, 6), without offset and without what the motion's rate cannot carry."""
    parts = [
        recording[name].sel(axis=list(AXES)).transpose("plate_time", "plate", "axis").values
        for name in ("plate_force", "plate_moment")
    ]
    wrench = np.concatenate(parts, axis=2).astype(float)
    offset = np.stack([unloaded_offset(wrench[:, i]) for i in range(wrench.shape[1])])
    if len(time) < 2 or len(wrench) < 2:  # noqa: PLR2004 - one sample has no rate
        return wrench - offset
    rate_hz, new_rate_hz = 1 / _step_s(recording["plate_time"].values), 1 / _step_s(time)
    return anti_alias(wrench - offset, sampling_rate_hz=rate_hz, new_rate_hz=new_rate_hz)


def _step_s(time: np.ndarray) -> float:
    return float(np.median(np.diff(time))) if len(time) > 1 else 0.0


def _heights(recording: xr.Dataset) -> np.ndarray:
    """Height of each plate's surface (plate,), m; the floor where the recording does not tell."""
    if "plate_center_of_pressure" not in recording:
        return np.zeros(recording.sizes["plate"])
    heights = recording["plate_center_of_pressure"].sel(axis="y").median("plate_time", skipna=True)
    return heights.fillna(0.0).values


def _sum_by_foot(
    wrench: np.ndarray, heights_m: np.ndarray, contacts: Iterable[PlateContact], plates: list[str]
) -> np.ndarray:
    """Wrench of each foot, and surface height times vertical force (plate_time, foot, 7); NaN where refused."""
    weighted_height = heights_m[:, None] * wrench[..., 1:2]
    seven = np.concatenate([wrench, weighted_height], axis=2)
    by_foot = np.zeros((len(wrench), len(FEET), seven.shape[2]))
    for contact in contacts:
        during = slice(contact.start, contact.stop)
        if contact.foot is None:
            by_foot[during] = np.nan
        else:
            by_foot[during, FEET.index(contact.foot)] += seven[during, plates.index(contact.plate)]
    return by_foot


def _at_times(by_foot: np.ndarray, plate_time: np.ndarray, time: np.ndarray) -> xr.Dataset:
    wrench = _interpolate(time, plate_time, by_foot)
    force, moment = wrench[..., :3], wrench[..., 3:6]
    contact = np.abs(force[..., 1]) >= CONTACT_FORCE_N
    height_m = wrench[..., 6] / np.where(contact, force[..., 1], np.nan)
    point = center_of_pressure(force, moment, height_m)
    known = np.isfinite(force).all(axis=2)
    free = np.where(known & ~(contact & np.isnan(point[..., 0])), free_moment(force, moment, point), np.nan)
    dims = ("time", "foot", "axis")
    return xr.Dataset(
        {
            "ground_reaction_force": (
                dims,
                np.where((known & ~contact)[..., None], 0.0, force),
                {"units": "N"},
            ),
            "center_of_pressure": (dims, point, {"units": "m"}),
            "free_moment": (dims[:2], free, {"units": "N m"}),
            "in_contact": (dims[:2], contact, {"units": "1"}),
        },
        coords={"time": time, "foot": list(FEET), "axis": list(AXES)},
    )


def _interpolate(at: np.ndarray, time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values (time, ...) at other times; NaN beyond the ends, where half a step is forgiven as rounding."""
    slack_s = 0.5 * _step_s(time)
    outside = (at < time[0] - slack_s) | (at > time[-1] + slack_s)
    flat = values.reshape(len(values), -1)
    columns = [np.where(outside, np.nan, np.interp(at, time, column)) for column in flat.T]
    return np.stack(columns, axis=1).reshape(len(at), *values.shape[1:])


def _tabulate(contacts: list[PlateContact], plate_time: np.ndarray) -> pd.DataFrame:
    columns = [
        "plate",
        "foot",
        "start_s",
        "end_s",
        "peak_force_N",
        "distance_right_m",
        "distance_left_m",
        "reason",
    ]
    rows = [
        {**asdict(each), "start_s": plate_time[each.start], "end_s": plate_time[each.stop - 1]}
        for each in contacts
    ]
    return pd.DataFrame(rows, columns=columns).sort_values(["start_s", "plate"], ignore_index=True)


def _refusals(contacts: pd.DataFrame) -> tuple[RefusedContact, ...]:
    return tuple(
        RefusedContact(
            f"plate {row['plate']}, {row['start_s']:.2f} to {row['end_s']:.2f} s (right foot "
            f"{row['distance_right_m']:.2f} m, left foot {row['distance_left_m']:.2f} m away)",
            str(row["reason"]),
        )
        for _, row in contacts[contacts["foot"].isna()].iterrows()
    )
