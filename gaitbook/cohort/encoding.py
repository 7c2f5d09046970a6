"""The stored form of a trial.

Measured variables are stored in single precision. The contract bounds positions by 100 m, where neighboring
single-precision numbers are 8e-6 m apart (1e-7 m at 1 m): positions come back within 4e-6 m, forces within
1e-3 N, angles within 5e-7 rad. Time stays in double precision, and what is read is given back in double
precision, to compute with. Each variable is one chunk, because trials are read whole.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

STRINGS = ("U", "T", "O")
"""Kinds of arrays of strings: of fixed width, of variable width, and objects."""


def encode_trial(trial: xr.Dataset) -> xr.Dataset:
    """Trial as it is stored: single precision, plain attributes in order, nothing of its former encoding."""
    bare = trial.drop_encoding()
    single = {name: v.astype("float32") for name, v in bare.data_vars.items() if v.dtype.kind == "f"}
    # Strings of fixed width have no specification in zarr 3; objects are stored as strings of variable length
    labels = {
        name: coord.astype(object) for name, coord in bare.coords.items() if coord.dtype.kind in STRINGS
    }
    encoded = bare.assign(single).assign_coords(labels)
    encoded.attrs = {
        str(name): _plain(value) for name, value in sorted(bare.attrs.items()) if value is not None
    }
    return encoded


def decode_trial(stored: xr.Dataset) -> xr.Dataset:
    """Trial to compute with, from its stored form: double precision, labels as fixed-width strings."""
    double = {name: v.astype("float64") for name, v in stored.data_vars.items() if v.dtype.kind == "f"}
    labels = {
        name: (coord.dims, np.array(coord.values.tolist(), dtype=str), coord.attrs)
        for name, coord in stored.coords.items()
        if coord.dtype.kind in STRINGS
    }
    return stored.assign(double).assign_coords(labels).drop_encoding()


def write_encoded(encoded: xr.Dataset, folder: Path) -> None:
    """Write an encoded trial as a zarr group of its own, in place of whatever the folder held."""
    shutil.rmtree(folder, ignore_errors=True)
    chunks = {str(name): {"chunks": v.shape} for name, v in encoded.variables.items() if v.ndim and v.size}
    encoded.to_zarr(folder, mode="w", zarr_format=3, consolidated=False, encoding=chunks)


def _plain(value: Any) -> Any:  # noqa: ANN401 - attributes hold anything that JSON can
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | dict) else str(value)
