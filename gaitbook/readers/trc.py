"""Marker trajectories in ``.trc`` files.

A header of two lines names the unit and the rate, a line of labels names the markers, and each row holds three
cells for each of them. Empty cells, NaN, and markers exactly at the origin are missing.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from gaitbook.readers.storage import (
    check_positions,
    join_faults,
    make_recording,
    read_lines,
    restore_even_time,
    time_resolution_s,
)

SMALLEST_BODY_M = 0.05
"""Markers of a person spread over more than this; less means that the length unit is wrong."""

METERS_PER_UNIT = {"mm": 1e-3, "cm": 1e-2, "dm": 1e-1, "m": 1.0}


def read_markers(path: str | Path) -> xr.Dataset:
    """Marker positions of a ``.trc`` file.

    Parameters
    ----------
    path
        File with ``Units`` mm, cm, dm or m. Empty cells, NaN, and markers that are exactly zero on all three
        axes are missing.

    Returns
    -------
    xarray.Dataset
        ``marker_position`` (time, marker, axis), m, NaN where missing. A subject's prefix (``Anna:LASI``) is
        taken off and a repeated name gets a number. ``attrs``: ``source_file``, ``sampling_rate_hz``, ``log``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the header lacks its labels or a known unit, a row is cut short or holds no number, or the
        positions cannot be in the unit stated.
    """
    lines = read_lines(Path(path))
    header = _trc_header(lines)
    labels_at = _line_that_starts(lines, "frame#")
    units = header.get("units", "").lower()
    faults = [] if labels_at is not None else ["there is no line of labels that starts with Frame#"]
    if units not in METERS_PER_UNIT:
        faults.append(
            f"Units is {header.get('units', 'missing')!r}, expected one of {', '.join(METERS_PER_UNIT)}"
        )
    if labels_at is None or faults:
        raise ValueError(
            f"{path}: {'; '.join(faults)}. Export the markers again as .trc, or correct the header."
        )
    labels, log = _marker_labels(lines[labels_at])
    below = [line for line in lines[labels_at + 1 :] if line.strip()]
    rows = [line for line in below if not line.strip().upper().startswith("X")]
    values = _marker_rows(path, rows, 2 + 3 * len(labels))
    if header.get("numframes", "").isdigit() and int(header["numframes"]) != len(rows):
        log.append(f"header states NumFrames = {header['numframes']}, found {len(rows)}")
    position_m = values[:, 2:].reshape(len(rows), len(labels), 3) * METERS_PER_UNIT[units]
    position_m = np.where((position_m == 0).all(axis=2, keepdims=True), np.nan, position_m)
    check_positions(path, position_m, f"the markers, read in {units},")
    _check_spread(path, position_m, units)
    resolution_s = time_resolution_s([_cells(row)[1].strip() for row in rows])
    rate_hz = float(header["datarate"]) if _is_number(header.get("datarate", "")) else None
    time_s = restore_even_time(values[:, 1], resolution_s, rate_hz)
    variables = {"marker_position": (("time", "marker", "axis"), position_m, {"units": "m"})}
    return make_recording(path, variables, {"time": time_s, "marker": labels}, log)


def _check_spread(path: str | Path, position_m: np.ndarray, units: str) -> None:
    seen = ~np.isnan(position_m).any(axis=2)
    frames = np.flatnonzero(seen.sum(axis=1) > 2)  # noqa: PLR2004 - two markers may well sit on one foot
    if not len(frames):
        return
    middle = position_m[frames]
    spread_m = float(np.median(np.max(np.nanmax(middle, axis=1) - np.nanmin(middle, axis=1), axis=1)))
    if spread_m < SMALLEST_BODY_M:
        raise ValueError(
            f"{path}: all markers lie within {1000 * spread_m:.3g} mm of one another when read in {units}, as "
            "Units says. They may be in meters: correct Units in the header."
        )


def _trc_header(lines: list[str]) -> dict[str, str]:
    at = _line_that_starts(lines, "datarate")
    if at is None or at + 1 >= len(lines):
        return {}
    return dict(zip((key.lower() for key in lines[at].split()), lines[at + 1].split(), strict=False))


def _line_that_starts(lines: list[str], word: str) -> int | None:
    return next((i for i, line in enumerate(lines) if line.strip().lower().startswith(word)), None)


def _cells(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _marker_labels(line: str) -> tuple[list[str], list[str]]:
    names = [cell.strip().rpartition(":")[2] for cell in _cells(line)[2:] if cell.strip()]
    labels: list[str] = []
    for name in names:
        count = names[: len(labels)].count(name)
        labels.append(f"{name}_{count + 1}" if count else name)
    log = [
        f"repeated marker name {old} renamed {new}"
        for old, new in zip(names, labels, strict=True)
        if old != new
    ]
    return labels, log


def _marker_rows(path: str | Path, rows: list[str], width: int) -> np.ndarray:
    if not rows or width <= 2:  # noqa: PLR2004 - frame number and time
        raise ValueError(
            f"{path} holds no {'rows' if not rows else 'marker labels'}: it was cut off. Export it again."
        )
    cells = [_cells(row) for row in rows]
    faults = []
    # Rows may end early where the last markers are missing, but a last row shorter than its neighbor was cut off.
    if len(cells[-1]) < min(width, len(cells[-2]) if len(cells) > 1 else width):
        faults.append(f"the last row has {len(cells[-1])} cells, expected {width}: the file was cut off")
    values = np.full((len(rows), width), np.nan)
    for number, row in enumerate(cells, start=1):
        if any(cell.strip() for cell in row[width:]):
            faults.append(f"row {number} has {len(row)} cells, expected {width}")
        try:
            values[number - 1, : len(row[:width])] = [
                float(cell) if cell.strip() else np.nan for cell in row[:width]
            ]
        except ValueError as error:
            faults.append(f"row {number}: {error}")
    if np.isnan(values[:, 1]).any():
        faults.append("there are rows without a time")
    if faults:
        raise ValueError(f"{path}: {join_faults(faults)}. Copy or export the file again.")
    return values


def _is_number(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False
