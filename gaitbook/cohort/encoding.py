"""The stored form of a trial, and of a table.

Measured variables are stored in single precision. The contract bounds positions by 100 m, where neighboring
single-precision numbers are 8e-6 m apart (1e-7 m at 1 m): positions come back within 4e-6 m, forces within
1e-3 N, angles within 5e-7 rad. Time stays in double precision, and what is read is given back in double
precision, to compute with. Each variable is one chunk, because trials are read whole.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from gaitbook.cohort.chunks import KINDS_OF_STRINGS, Files
from gaitbook.cohort.zarr_files import encode_files

VARIABLE_ORDER: Final = "variable_order"
"""Attribute of a stored table: names in the order given, which the files of zarr do not keep."""


def encode_trial(trial: xr.Dataset) -> xr.Dataset:
    """Trial as it is stored: single precision, plain attributes in order, nothing of its former encoding.

    It is to be written and hashed, not to compute with: it has no indexes.
    """
    variables = {
        name: xr.Variable(v.dims, _store(v, single=name in trial.data_vars), v.attrs)
        for name, v in trial.variables.items()
    }
    return _assemble(trial, variables, _plain_attrs(trial.attrs), indexed=False)


def decode_trial(stored: xr.Dataset) -> xr.Dataset:
    """Trial to compute with, from its stored form: double precision, labels as fixed-width strings."""
    variables = {
        name: xr.Variable(v.dims, _compute(v, double=name in stored.data_vars), v.attrs)
        for name, v in stored.variables.items()
    }
    return _assemble(stored, variables, stored.attrs, indexed=True)


def label_trial(stored: xr.Dataset) -> xr.Dataset:
    """Trial with its labels as indexes, from its stored form, whose arrays are left as they are: unread."""
    variables = {
        name: xr.Variable(v.dims, _compute(v, double=False), v.attrs) if name in stored.coords else v
        for name, v in stored.variables.items()
    }
    return _assemble(stored, variables, stored.attrs, indexed=True)


def encode_table(table: xr.Dataset) -> xr.Dataset:
    """Table as it is stored: matrices in single precision, columns and labels as they are, plain attributes."""
    variables = {
        name: xr.Variable(
            v.dims, _store(v, single=name in table.data_vars and v.ndim > 1), _plain_attrs(v.attrs)
        )
        for name, v in table.variables.items()
    }
    attrs = {**_plain_attrs(table.attrs), VARIABLE_ORDER: [str(name) for name in table.variables]}
    return _assemble(table, variables, attrs, indexed=False)


def decode_table(stored: xr.Dataset) -> xr.Dataset:
    """Table to compute with, from its stored form: labels and other strings of fixed width."""
    variables = {
        name: xr.Variable(v.dims, _compute(v, double=False), v.attrs) for name, v in stored.variables.items()
    }
    attrs = {name: value for name, value in stored.attrs.items() if name != VARIABLE_ORDER}
    ordered = [name for name in stored.attrs[VARIABLE_ORDER] if name in stored.data_vars]
    return _assemble(stored, variables, attrs, indexed=True)[ordered]


def write_encoded(encoded: xr.Dataset, folder: Path) -> Files:
    """Write an encoded trial as a zarr group of its own, in place of whatever the folder held."""
    shutil.rmtree(folder, ignore_errors=True)
    files = encode_files(encoded)
    # Every folder is made once, and names are plain text: a trial has some 15 folders, a cohort 20,000 trials
    root = str(folder)
    os.makedirs(root)  # noqa: PTH103 - see above
    for part in sorted({part for name in files for part in _folders(name)}):
        os.mkdir(f"{root}/{part}")  # noqa: PTH102 - see above
    for name, content in files.items():
        with open(f"{root}/{name}", "wb") as file:  # noqa: PTH123 - see above
            file.write(content)
    return files


def _folders(name: str) -> Iterator[str]:
    """Folders above a file, below that of the trial: a, a/b for a/b/c."""
    parts = name.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))


def _store(variable: xr.Variable, *, single: bool) -> np.ndarray:
    if single and variable.dtype.kind == "f":
        return variable.values.astype("float32")
    # Strings of fixed width have no specification in zarr 3; objects are stored as strings of variable length
    if variable.dtype.kind in KINDS_OF_STRINGS:
        return np.asarray(variable.data, dtype=object)
    return variable.values


def _compute(variable: xr.Variable, *, double: bool) -> np.ndarray:
    if double and variable.dtype.kind == "f":
        return variable.values.astype("float64")
    if variable.dtype.kind in KINDS_OF_STRINGS:
        return np.array(variable.values.tolist(), dtype=str)
    return variable.values


def _assemble(
    like: xr.Dataset, variables: Mapping[Any, xr.Variable], attrs: Mapping[str, Any], *, indexed: bool
) -> xr.Dataset:
    arrays = {name: variables[name] for name in like.data_vars}
    labels = {name: variables[name] for name in like.coords}
    return xr.Dataset(arrays, labels if indexed else xr.Coordinates(labels, indexes={}), attrs)


def _plain_attrs(attrs: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in sorted(attrs.items()) if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - attributes hold anything that JSON can
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | dict) else str(value)
