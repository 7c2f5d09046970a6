"""OpenSim's storage tables (``.mot``, ``.sto``): a header of many dialects, a row of labels, rows of numbers.

The header ends with ``endheader``. Before it stand ``key=value`` lines (OpenSim), ``key value`` lines (SIMM's
``datacolumns``, ``datarows``, ``range``), a title, prose or blank lines, in any order. What this reader
cannot represent as one number per cell it refuses, with the reason.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.conventions import AXES

SIMM_KEYS = {"datacolumns": "ncolumns", "datarows": "nrows", "range": "range", "name": "name"}
NOT_A_NUMBER = re.compile(r"[-+]?(?:1\.#\w+|nan\(\w*\))", re.IGNORECASE)
FAULTS_SHOWN = 3
EVEN_LIMIT = 0.999
LARGEST_POSITION_M = 100.0
NEAR_WHOLE_RATE = 1e-3


def read_table(path: str | Path) -> pd.DataFrame:
    r"""Return the rows of an OpenSim ``.mot`` or ``.sto`` file, unchanged.

    Parameters
    ----------
    path
        File to read. Any header dialect, line ending and white space is accepted; repeated time stamps are
        kept.

    Returns
    -------
    pandas.DataFrame
        One column per label, the time column named ``time`` and first. ``attrs`` holds ``header`` (its keys
        in lower case), ``source_file``, ``time_resolution_s`` (last digit written) and ``log``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If there is no ``endheader``, no time column, a cell is no number, a row is cut short, or a cell holds
        several numbers (quaternions, vectors).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "knee.mot"
    >>> _ = path.write_text("inDegrees=no\nendheader\ntime\tknee_angle_r\n0.00\t0.1\n0.01\t0.2\n")
    >>> read_table(path)["knee_angle_r"].tolist()
    [0.1, 0.2]
    """
    path = Path(path)
    lines = read_lines(path)
    end = next((i for i, line in enumerate(lines) if line.strip().strip('"').lower() == "endheader"), None)
    if end is None:
        raise ValueError(
            f"{path} has no line 'endheader': it is no OpenSim table, or its header was cut off. "
            "Put that line just above the column labels, or export the file again."
        )
    header = _header(lines[:end])
    _refuse_elements(path, header.get("datatype", "double"))
    body = [line for line in lines[end + 1 :] if line.strip()]
    if not body:
        raise ValueError(
            f"{path} ends after its header: there are no labels and no rows. Export the file again."
        )
    labels = _labels(body[0])
    values = _numbers(path, body[1:], labels)
    time = _time_column(path, labels)
    table = pd.DataFrame(values, columns=labels)
    table = table.iloc[:, [time, *(i for i in range(len(labels)) if i != time)]]
    table.columns = pd.Index(["time", *(labels[i] for i in range(len(labels)) if i != time)])
    if not np.isfinite(table["time"].to_numpy()).all():
        raise ValueError(f"{path}: column 'time' has cells that are no finite number. Export the file again.")
    table.attrs = {
        "header": header,
        "source_file": str(path),
        "time_resolution_s": time_resolution_s([line.split()[time] for line in body[1:]]),
        "log": _count_notes(header, table),
    }
    return table


def read_lines(path: Path) -> list[str]:
    """Lines of a text file; a missing, unreadable or empty file is reported in words."""
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}. Check the path; names are case-sensitive on some computers."
        )
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if not any(line.strip() for line in lines):
        raise ValueError(f"{path} is empty. Copy or export the file again.")
    return lines


def time_resolution_s(stamps: list[str]) -> float:
    """Size of the last digit with which time stamps are written, s.

    Examples
    --------
    >>> time_resolution_s(["0.000", "0.007"])
    0.001
    """
    decimals = (len(stamp.partition(".")[2]) if "e" not in stamp.lower() else 12 for stamp in stamps)
    return float(10.0 ** -max(decimals, default=0))


def restore_even_time(time_s: np.ndarray, resolution_s: float, rate_hz: float | None = None) -> np.ndarray:
    """Time stamps freed from the rounding with which a file writes them.

    Stamps such as 0.000, 0.007, 0.013 s of a 150 Hz recording jitter by the last digit written. If all lie
    within that digit of an even grid, the grid is returned; otherwise (gaps, repeated rows) the stamps are
    returned as they are.

    Parameters
    ----------
    time_s
        Time stamps (time,), s.
    resolution_s
        Last digit written, s.
    rate_hz
        Sampling rate that the file states; by default the mean rate, taken as whole if it nearly is.

    Examples
    --------
    >>> restore_even_time(np.array([0.0, 0.007, 0.013, 0.02]), 0.001, 150.0).round(5)
    array([0.     , 0.00667, 0.01333, 0.02   ])
    """
    count = len(time_s)
    if count < 3 or (rate_hz is None and (np.diff(time_s) <= 0).any()):  # noqa: PLR2004 - two stamps are always even
        return time_s
    if not rate_hz:
        mean_rate_hz = (count - 1) / (time_s[-1] - time_s[0])
        whole = float(np.round(mean_rate_hz))
        rate_hz = (
            whole if abs(whole - mean_rate_hz) <= NEAR_WHOLE_RATE * mean_rate_hz else float(mean_rate_hz)
        )
    deviation_s = time_s - np.arange(count) / rate_hz
    # A row that is really repeated shifts the rest by one whole step, which rounding alone never does.
    if np.ptp(deviation_s) >= EVEN_LIMIT * max(resolution_s, 1e-12):
        return time_s
    return np.arange(count) / rate_hz + float(np.round(deviation_s.mean(), 9))


def join_faults(faults: list[str]) -> str:
    """Return the first faults in one line, with the number of the others."""
    more = f" (and {len(faults) - FAULTS_SHOWN} more)" if len(faults) > FAULTS_SHOWN else ""
    return "; ".join(faults[:FAULTS_SHOWN]) + more


def check_positions(path: str | Path, position_m: np.ndarray, what: str) -> None:
    """Refuse positions that no laboratory holds, with the remedy."""
    largest = np.nanmax(np.abs(position_m), initial=0.0)
    if largest > LARGEST_POSITION_M:
        raise ValueError(
            f"{path}: {what} reach {largest:.4g} m; they may be in millimeters. "
            "Correct the unit, or export in meters."
        )


def make_recording(path: str | Path, variables: dict, coords: dict, log: list[str]) -> xr.Dataset:
    """Return a recording on its own ``time``, with the attributes that all motion readers give."""
    steps_s = np.diff(np.asarray(coords["time"]))
    rate_hz = float(1 / np.median(steps_s)) if len(steps_s) and np.median(steps_s) > 0 else float("nan")
    attrs = {"source_file": str(path), "sampling_rate_hz": round(rate_hz, 6), "log": log}
    recording = xr.Dataset(variables, coords={**coords, "axis": list(AXES)}, attrs=attrs)
    recording["time"].attrs["units"] = "s"
    return recording


def _header(lines: list[str]) -> dict[str, str]:
    header = {}
    for line in lines:
        key, equals, value = line.strip().partition("=")
        if equals and key and " " not in key.strip():
            header[key.strip().lower()] = value.strip()
            continue
        word, _, rest = line.strip().partition(" ")
        if word.lower() in SIMM_KEYS and rest:
            header[SIMM_KEYS[word.lower()]] = rest.strip()
    return header


def _refuse_elements(path: Path, data_type: str) -> None:
    if data_type.strip().lower() not in ("double", "float", ""):
        raise ValueError(
            f"{path} holds {data_type} in each cell, not one number (DataType={data_type}). "
            "Export it from OpenSim as a flat table of doubles, for orientations after inverse kinematics."
        )


def _labels(line: str) -> list[str]:
    cells = line.split("\t") if "\t" in line.strip() else line.split()
    return [cell.strip() for cell in cells if cell.strip()]


def _time_column(path: Path, labels: list[str]) -> int:
    times = [i for i, label in enumerate(labels) if label.lower() == "time"]
    if not times:
        raise ValueError(
            f"{path} has no column 'time'; its columns are {', '.join(labels)}. "
            "Name the time column (seconds) 'time', in the row below 'endheader'."
        )
    return times[0]


def _numbers(path: Path, rows: list[str], labels: list[str]) -> np.ndarray:
    if not rows:
        raise ValueError(
            f"{path} has labels but no rows of numbers: it was cut off. Copy or export the file again."
        )
    cells = [NOT_A_NUMBER.sub("nan", row).split() for row in rows]
    try:
        values = np.array(cells, dtype=float)
    except ValueError:
        values = np.empty(0)
    if values.shape == (len(rows), len(labels)):
        return values
    faults = [fault for i, row in enumerate(cells, start=1) if (fault := _row_fault(i, row, labels))]
    raise ValueError(
        f"{path}: {join_faults(faults)}. The file was cut off or edited by hand: "
        "copy or export it again, and write missing numbers as NaN."
    )


def _row_fault(number: int, cells: list[str], labels: list[str]) -> str:
    if any("," in cell for cell in cells):
        return f"row {number} of the numbers has commas: several numbers per cell, or decimal commas"
    if len(cells) != len(labels):
        return f"row {number} of the numbers has {len(cells)} values, expected {len(labels)}"
    for label, cell in zip(labels, cells, strict=True):
        try:
            float(cell)
        except ValueError:
            return f"row {number} of the numbers, column {label!r}, reads {cell!r}"
    return ""


def _count_notes(header: dict[str, str], table: pd.DataFrame) -> list[str]:
    notes = []
    for key, found in (("nrows", len(table)), ("ncolumns", table.shape[1])):
        if header.get(key, "").isdigit() and int(header[key]) != found:
            notes.append(f"header states {key} = {header[key]}, found {found}")
    repeated = int((np.diff(table["time"].to_numpy()) == 0).sum())
    if repeated:
        notes.append(f"{repeated} repeated time stamp(s) kept")
    return notes
