"""Libraries of strides kept on the disk: simulated in parts, so that an interrupted run goes on, and measured once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.sources import hash_code
from gaitbook.cohort.store import cohort_hash, cohorts_folder
from gaitbook.library import find_cohort
from gaitbook.studies import stride_library
from gaitbook.studies.change_effects import RECORDED, SIMULATED
from gaitbook.studies.stride_library import record_strides, simulate_strides

PART: Final = 50
"""People simulated between two writes."""
FOLDER: Final = ".strides"
HASH_LENGTH: Final = 12
CODE: Final = ("synthesis", "mechanics", "representation")
EXCLUSIONS: Final = "exclusions"
UNKNOWN: Final = "nan"
"""What NaN among names becomes on the disk."""


def read_libraries(
    numbers: Sequence[int], cohorts: Sequence[str], *, processes: int | None = None, progress: bool = True
) -> tuple[list[xr.Dataset], list[Exclusion]]:
    """Strides of simulated people and of recorded cohorts; what was made before is read.

    Parameters
    ----------
    numbers
        Of the simulated people, from 0.
    cohorts
        Names or folders.
    processes, progress
        As for `gaitbook.studies.stride_library.simulate_strides`.

    Returns
    -------
    tuple
        A library for the simulated people and one for each cohort, with the attribute ``source``; and what was left
        out.
    """
    folder = cohorts_folder() / FOLDER
    found = [find_cohort(name) for name in cohorts]
    made = hash_code(*CODE)[:HASH_LENGTH]
    simulated = []
    for first in range(0, len(numbers), PART):
        part = list(numbers[first : first + PART])
        path = folder / f"simulated-{made}-{_hash_part(part)}.npz"
        if not path.is_file():
            _write(path, *simulate_strides(part, processes=processes, progress=progress))
        simulated.append(_read(path))
    libraries = [xr.concat([each for each, _ in simulated], "stride").assign_attrs(source=SIMULATED)]
    exclusions = [each for _, left_out in simulated for each in left_out]
    for cohort in found:
        path = folder / f"recorded-{made}-{cohort_hash(cohort)[:HASH_LENGTH]}.npz"
        if not path.is_file():
            _write(path, *record_strides(cohort, processes=processes, progress=progress))
        library, left_out = _read(path)
        libraries.append(library.assign_attrs(source=RECORDED))
        exclusions += left_out
    return libraries, exclusions


def _hash_part(numbers: Sequence[int]) -> str:
    """Who is in a part, and how what they do is drawn."""
    asked = Path(str(stride_library.__file__)).read_bytes()
    return sha256(repr(list(numbers)).encode() + asked).hexdigest()[:HASH_LENGTH]


def _write(path: Path, library: xr.Dataset, exclusions: Sequence[Exclusion]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {str(name): _plain(array.values) for name, array in library.variables.items()}
    arrays[EXCLUSIONS] = np.array(json.dumps([astuple(each) for each in exclusions]))
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    partial.replace(path)


def _read(path: Path) -> tuple[xr.Dataset, list[Exclusion]]:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    exclusions = [Exclusion(*each) for each in json.loads(str(arrays.pop(EXCLUSIONS)))]
    number = arrays.pop("number")
    named: dict[str, Any] = dict(_with_dims(arrays))
    return xr.Dataset(named, {"number": number}), exclusions


def _with_dims(arrays: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name, array in arrays.items():
        yield name, (("stride", "number") if array.ndim > 1 else ("stride",), _known(array))


def _plain(values: Any) -> Any:  # noqa: ANN401 - arrays of any kind
    return values.astype(str) if values.dtype == object else values


def _known(values: Any) -> Any:  # noqa: ANN401 - arrays of any kind
    """The inverse of `_plain`."""
    if values.dtype.kind != "U" or UNKNOWN not in values:
        return values
    return np.where(values == UNKNOWN, np.nan, values.astype(object))
