"""Recordings from .c3d files, through ezc3d.

The file's units, labels and axes become those of the package: meters, one name per marker, y up. The
direction of progression is found later, from the motion itself.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import AXES
from gaitbook.readers.c3d_layout import DamagedFileError, check_layout
from gaitbook.readers.c3d_markers import Markers, collect_markers, find_up, length_unit, parameter, turn_up
from gaitbook.readers.c3d_plates import Plate, UnreadablePlateError, compute_plate, read_corners, read_setup

Array = NDArray[np.float64]
logger = logging.getLogger(__name__)


def read_c3d(path: str | Path) -> xr.Dataset:
    """Return the recording of markers and force plates of a .c3d file, in OpenSim's axes.

    Parameters
    ----------
    path
        The file. Its own units are used (mm, cm or m; N mm or N m).

    Returns
    -------
    xarray.Dataset
        ``marker_position`` ``(time, marker, axis)``, m, NaN where a marker was not seen. Where force
        plates were recorded, on the person: ``plate_force`` ``(plate_time, plate, axis)``, N;
        ``plate_moment`` about the origin of the laboratory, N m; ``plate_center_of_pressure``, m, NaN
        below 20 N; ``plate_free_moment`` ``(plate_time, plate)``, N m about the vertical, zero below 20
        N. Everything that had to be decided or left out stands in ``attrs["log"]``.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ImportError
        ezc3d is not installed.
    ValueError
        The file is no .c3d file, is cut off or damaged, holds no marker, or is in an unknown unit of length.

    References
    ----------
    Michaud & Begon (2021), ezc3d, doi:10.21105/joss.02911
    """
    path = Path(path)
    layout = check_layout(path)
    content = _open(path)
    parameters = content["parameters"]
    if layout.n_frames not in (None, content["data"]["points"].shape[2]):
        found = content["data"]["points"].shape[2]
        raise DamagedFileError(
            f"{path} is damaged: {found} of {layout.n_frames} frames can be read. Copy it again."
        )
    meters, unit_notes = length_unit(path, parameters)
    markers = collect_markers(path, content, meters)
    corners = read_corners(parameters.get("FORCE_PLATFORM", {}), meters)
    up, up_note = find_up(markers.position, corners, parameters)
    plates, plate_notes = _read_plates(content, meters, up)
    rotation = turn_up(up)
    log = [
        *unit_notes,
        *markers.notes,
        up_note,
        *plate_notes,
        *(note for plate in plates.values() for note in plate.notes),
    ]
    for note in log:
        logger.info("%s: %s", path.name, note)
    return _assemble(path, content, markers, plates, rotation=rotation, log=log)


def _open(path: Path) -> Any:  # noqa: ANN401 - ezc3d is untyped
    try:
        import ezc3d
    except ImportError as error:
        raise ImportError(f"Reading {path.name} needs ezc3d: run `pip install gaitbook[c3d]`.") from error
    try:
        return ezc3d.c3d(str(path))
    except (RuntimeError, ValueError, OSError, IndexError, KeyError, TypeError, MemoryError) as error:
        raise DamagedFileError(
            f"{path} cannot be read as a .c3d file ({error}): copy it again or export the trial again."
        ) from error


def _read_plates(content: Any, meters: float, up: Array) -> tuple[dict[str, Plate], list[str]]:  # noqa: ANN401
    parameters, analog = content["parameters"], np.asarray(content["data"]["analogs"], dtype=float)
    platform = parameters.get("FORCE_PLATFORM", {})
    used = [int(number) for number in parameter(parameters, "FORCE_PLATFORM", "USED")] or [0]
    if not used[0]:
        return {}, ["the file describes no force plate"]
    if not analog.size:
        return {}, [f"the file describes {used[0]} force plate(s) but holds no analog channel"]
    units = [str(unit) for unit in parameter(parameters, "ANALOG", "UNITS")]
    units = (units + [""] * analog.shape[1])[: analog.shape[1]]
    plates, notes = {}, []
    for index in range(used[0]):
        try:
            setup = read_setup(platform, index, meters)
            plates[f"plate_{index + 1}"] = compute_plate(setup, analog[0], units, meters=meters, up=up)
        except UnreadablePlateError as error:
            notes.append(f"left out plate {index + 1}: {error}")
    return plates, notes


def _assemble(
    path: Path,
    content: Any,  # noqa: ANN401 - ezc3d is untyped
    markers: Markers,
    plates: dict[str, Plate],
    *,
    rotation: Array,
    log: list[str],
) -> xr.Dataset:
    rate_hz = float(parameter(content["parameters"], "POINT", "RATE")[0])
    attrs: dict[str, Any] = {"source_file": str(path), "sampling_rate_hz": rate_hz, "log": log}
    variables = {
        "marker_position": (("time", "marker", "axis"), markers.position @ rotation.T, {"units": "m"})
    }
    coords: dict[str, Any] = {
        "time": np.arange(len(markers.position)) / rate_hz,
        "marker": markers.labels,
        "axis": list(AXES),
    }
    if plates:
        variables |= _plate_variables(list(plates.values()), rotation)
        n_samples = len(next(iter(plates.values())).force)
        attrs["plate_rate_hz"] = rate_hz * n_samples / len(markers.position)
        coords |= {"plate_time": np.arange(n_samples) / attrs["plate_rate_hz"], "plate": list(plates)}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _plate_variables(plates: list[Plate], rotation: Array) -> dict[str, Any]:
    dims = ("plate_time", "plate", "axis")

    def turned(arrays: list[Array]) -> Array:
        return np.stack([array @ rotation.T for array in arrays], axis=1)

    return {
        "plate_force": (dims, turned([plate.force for plate in plates]), {"units": "N"}),
        "plate_moment": (dims, turned([plate.moment for plate in plates]), {"units": "N m"}),
        "plate_center_of_pressure": (
            dims,
            turned([plate.center_of_pressure for plate in plates]),
            {"units": "m"},
        ),
        "plate_free_moment": (
            dims[:2],
            np.stack([plate.free_moment for plate in plates], axis=1),
            {"units": "N m"},
        ),
    }
