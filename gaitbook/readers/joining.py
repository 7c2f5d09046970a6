"""One recording from several files.

Motion and force of a trial are often exported separately, at different rates and with different beginnings.
What the files share in time is kept: motion goes to the times of the markers (of the angles, where there are
no markers), plates keep their own times.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import xarray as xr

from gaitbook.readers.c3d import read_c3d
from gaitbook.readers.opensim import read_markers, read_motion, read_plates
from gaitbook.readers.skeleton_files import read_skeleton

READERS = {
    "c3d": read_c3d,
    "markers": read_markers,
    "kinematics": read_motion,
    "force": read_plates,
    "skeleton": read_skeleton,
}
CLOCKS = ("time", "plate_time")
SHORTEST_OVERLAP_S = 0.2
SAME_TIME_S = 1e-6


def read_files(files: Mapping[str, Path]) -> xr.Dataset:
    """Recording made of the files of one trial.

    Parameters
    ----------
    files
        File by kind (`gaitbook.readers.file_kinds.KINDS`).

    Returns
    -------
    xarray.Dataset
        Markers, joint angles and plates, as far as there are any, over the time that all files share;
        ``attrs["log"]`` holds what the readers of the files noted.

    Raises
    ------
    FileNotFoundError, ImportError, ValueError
        A file cannot be read, or the files share less than 0.2 s.
    """
    parts = {kind: READERS[kind](path) for kind, path in files.items()}
    return join_recordings({files[kind].name: part for kind, part in parts.items()})


def join_recordings(parts: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Recording made of several, over the time that they share.

    Parameters
    ----------
    parts
        Recordings by the names of their files; the first one with motion sets the times of the motion.

    Raises
    ------
    ValueError
        The parts share less than 0.2 s.
    """
    start_s, stop_s = _shared_span(parts)
    log = [f"{name}: {note}" for name, part in parts.items() for note in part.attrs.get("log", [])]
    cut = {name: _cut(part, start_s, stop_s) for name, part in parts.items()}
    motion = [name for name, part in cut.items() if "time" in part.coords]
    joined = []
    for name, part in cut.items():
        if name in motion[1:]:
            part, note = _to_times(part, cut[motion[0]]["time"])  # noqa: PLW2901 - the same part, elsewhere in time
            log.extend([f"{name}: {note}"] if note else [])
        joined.append(part.drop_attrs(deep=False))
    recording = xr.merge(joined, compat="no_conflicts", join="exact")
    return recording.assign_attrs(source_file=", ".join(parts), log=log)


def _shared_span(parts: Mapping[str, xr.Dataset]) -> tuple[float, float]:
    spans = {
        f"{name} ({'forces' if clock == 'plate_time' else 'motion'})": part[clock].values[[0, -1]]
        for name, part in parts.items()
        for clock in CLOCKS
        if clock in part.coords
    }
    start_s, stop_s = max(span[0] for span in spans.values()), min(span[1] for span in spans.values())
    if stop_s - start_s < SHORTEST_OVERLAP_S:
        found = "; ".join(f"{name} from {span[0]:g} to {span[1]:g} s" for name, span in spans.items())
        raise ValueError(
            f"the files of the trial share less than {SHORTEST_OVERLAP_S} s ({found}): export them again."
        )
    return float(start_s), float(stop_s)


def _cut(part: xr.Dataset, start_s: float, stop_s: float) -> xr.Dataset:
    """Part over a span of time; plates keep a sample beyond it, so that they can be interpolated at its ends."""
    for clock in CLOCKS:
        if clock in part.coords:
            time_s = part[clock].values
            margin_s = SAME_TIME_S + (
                np.median(np.diff(time_s)) if clock == "plate_time" and len(time_s) > 1 else 0.0
            )
            part = part.isel({clock: (time_s >= start_s - margin_s) & (time_s <= stop_s + margin_s)})
    return part


def _to_times(part: xr.Dataset, time: xr.DataArray) -> tuple[xr.Dataset, str]:
    """Part at other times; unchanged but for the last digits where they are the same."""
    own_s, time_s = part["time"].values, time.values
    if own_s.shape == time_s.shape and np.allclose(own_s, time_s, rtol=0, atol=1e3 * SAME_TIME_S):
        return part.assign_coords(time=time_s), ""
    whole = not any(bool(array.isnull().any()) for array in part.data_vars.values())
    method: Literal["cubic", "linear"] = "cubic" if whole and len(own_s) > 3 else "linear"  # noqa: PLR2004 - a cubic needs four points
    moved = part.interp(time=time_s, method=method, kwargs={"fill_value": "extrapolate"} if whole else None)
    return moved, f"interpolated ({method}) to the times of the markers"
