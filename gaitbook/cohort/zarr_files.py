"""A dataset as the files of a zarr group, in memory.

xarray and zarr take about 25 ms to write a trial, nearly all of it to find out what the files of its arrays look
like. The trials of a cohort differ in little but their values, so what xarray made of the first is kept as a
pattern: the metadata of each array, to which a further trial adds its own shape, attributes and chunks. Reading
takes the same shortcut. Both are taken only for a layout (names, dims, types, attributes of the arrays) for which
they have been found to give what xarray gives, byte by byte; everything else goes through xarray.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from gaitbook.cohort.chunks import (
    KINDS_OF_STRINGS,
    METADATA,
    Files,
    Metadata,
    array_texts,
    chunk_name,
    decode_chunk,
    dims_of,
    encode_chunk,
    is_plain,
    read_metadata,
)

MOST_LAYOUTS: Final = 256
"""Layouts kept in memory; a cohort has a handful."""


@dataclass(frozen=True)
class Pattern:
    """Metadata of the group, and the files of metadata of its arrays, as xarray wrote them for one dataset."""

    group: Metadata
    arrays: Files


class StoredArray(BackendArray):
    """Plain array that is read when its values are asked for, and not kept."""

    def __init__(self, files: Files, name: str, metadata: Metadata) -> None:
        self.files, self.name, self.metadata = files, name, metadata
        self.shape = tuple(metadata["shape"])
        self.dtype = np.dtype(object if metadata["data_type"] == "string" else metadata["data_type"])

    def __getitem__(self, key: indexing.ExplicitIndexer) -> np.ndarray:
        """Values selected."""
        support = indexing.IndexingSupport.BASIC
        values: np.ndarray = indexing.explicit_indexing_adapter(key, self.shape, support, self._read)
        return values

    def _read(self, key: tuple[int | slice, ...]) -> np.ndarray:
        return np.asarray(decode_chunk(self.files[self.name], self.metadata)[key])


_patterns: dict[str, Pattern] = {}
_readable: set[str] = set()


def encode_files(encoded: xr.Dataset) -> dict[str, bytes]:
    """Files of the zarr (version 3) group of an encoded dataset, by name; each variable is one chunk."""
    layout = _layout(encoded)
    pattern = _patterns.get(layout) if layout else None
    files = _fill_pattern(pattern, encoded) if pattern else None
    if files is not None:
        return files
    files = _encode_through_xarray(encoded)
    if layout and not pattern:
        learned = _learn_pattern(files)
        if learned and _fill_pattern(learned, encoded) == files:
            _make_room(_patterns)
            _patterns[layout] = learned
    return files


def decode_files(files: Files) -> xr.Dataset:
    """Encoded dataset, in memory and without indexes, from the files of its zarr group."""
    layout = _stored_layout(files)
    if layout in _readable:
        quick = _decode_quickly(files)
        if quick is not None:
            return quick
    through_xarray = _decode_through_xarray(files)
    quick = _decode_quickly(files)
    if quick is not None and _are_same(quick, through_xarray):
        _make_room(_readable)
        _readable.add(layout)
    return through_xarray


def open_files(files: Files) -> xr.Dataset | None:
    """Encoded dataset without indexes whose arrays (but not labels) are read from its files when they are asked for.

    ``None`` if its layout is not one that can be read without xarray.
    """
    layout = _stored_layout(files)
    if layout not in _readable:
        decode_files(files)
    return _decode_quickly(files, lazy=True) if layout in _readable else None


def _layout(encoded: xr.Dataset) -> str | None:
    """What the metadata of a dataset depends on besides shapes; ``None`` if its attributes are not plain."""
    arrays = [
        (str(name), v.dims, v.dtype.str, v.attrs, name in encoded.coords)
        for name, v in encoded.variables.items()
    ]
    try:
        return json.dumps(sorted(arrays, key=lambda array: array[0]))
    except TypeError:
        return None


def _learn_pattern(files: Files) -> Pattern | None:
    arrays = dict(array_texts(files))
    plain = all(is_plain(read_metadata(text)) for text in arrays.values())
    return Pattern(json.loads(files[METADATA]), arrays) if plain else None


def _fill_pattern(pattern: Pattern, encoded: xr.Dataset) -> dict[str, bytes] | None:
    """Files of a dataset that has the layout of the pattern; ``None`` if there is something unusual in it."""
    try:
        files = {METADATA: _to_json({**pattern.group, "attributes": encoded.attrs})}
    except TypeError:
        return None
    for name, text in pattern.arrays.items():
        values = encoded.variables[name].values
        if _is_unusual(values):
            return None
        files[f"{name}/{METADATA}"] = _reshape_metadata(text, values.shape)
        files[f"{name}/{chunk_name(values.ndim)}"] = encode_chunk(values, read_metadata(text))
    return files


def _decode_quickly(files: Files, *, lazy: bool = False) -> xr.Dataset | None:
    """Dataset of plain arrays whose chunks are all there; ``None`` for any other."""
    arrays, coords = {}, {}
    texts = {name: read_metadata(text) for name, text in array_texts(files)}
    labels = {
        label
        for metadata in texts.values()
        for label in metadata["attributes"].get("coordinates", "").split()
    }
    for name, metadata in texts.items():
        chunk, dims = f"{name}/{chunk_name(len(metadata['shape']))}", dims_of(metadata)
        if chunk not in files or not is_plain(metadata):
            return None
        attrs = {k: v for k, v in metadata["attributes"].items() if k not in ("_FillValue", "coordinates")}
        if name in labels or dims == [name]:
            coords[name] = xr.Variable(dims, decode_chunk(files[chunk], metadata), attrs)
        elif lazy:
            stored = indexing.LazilyIndexedArray(StoredArray(files, chunk, metadata))
            arrays[name] = xr.Variable(dims, stored, attrs)
        else:
            arrays[name] = xr.Variable(dims, decode_chunk(files[chunk], metadata), attrs)
    attrs = json.loads(files[METADATA])["attributes"]
    return xr.Dataset(arrays, xr.Coordinates(coords, indexes={}), attrs)


def _is_unusual(values: np.ndarray) -> bool:
    """Whether zarr might write no chunk, as where all is the fill value, or xarray other values than these."""
    if values.dtype.kind == "f":
        return not values.size or bool(np.isnan(values.flat[0]) and np.isnan(values).all())
    if values.dtype.kind in "iub":
        return not values.any()
    return values.dtype != object or not any(values.flat) or not all(isinstance(v, str) for v in values.flat)


def _encode_through_xarray(encoded: xr.Dataset) -> dict[str, bytes]:
    chunks = {str(name): {"chunks": v.shape} for name, v in encoded.variables.items() if v.ndim and v.size}
    held: dict[str, Any] = {}
    encoded.to_zarr(MemoryStore(held), mode="w", zarr_format=3, consolidated=False, encoding=chunks)
    return {name: content.to_bytes() for name, content in held.items()}


def _decode_through_xarray(files: Files) -> xr.Dataset:
    buffer = default_buffer_prototype().buffer
    store = MemoryStore({name: buffer.from_bytes(content) for name, content in files.items()})
    # engine and chunks: read at once, and by no other library than zarr
    with xr.open_dataset(store, engine="zarr", consolidated=False, chunks=None) as stored:  # type: ignore[arg-type]
        return stored.load().drop_encoding()


def _are_same(one: xr.Dataset, other: xr.Dataset) -> bool:
    return (
        set(one.variables) == set(other.variables)
        and set(one.coords) == set(other.coords)
        and json.dumps(one.attrs) == json.dumps(other.attrs)  # as text, because NaN is not NaN
        and all(_are_same_variable(v, other.variables[name]) for name, v in one.variables.items())
    )


def _are_same_variable(one: xr.Variable, other: xr.Variable) -> bool:
    if (one.dims, one.shape, one.attrs) != (other.dims, other.shape, other.attrs):
        return False
    if {one.dtype.kind, other.dtype.kind} <= KINDS_OF_STRINGS:
        return one.values.tolist() == other.values.tolist()
    equal_nan = one.dtype.kind == "f"
    return one.dtype == other.dtype and np.array_equal(one.values, other.values, equal_nan=equal_nan)


def _stored_layout(files: Files) -> str:
    shapeless = {"shape": None, "chunk_grid": None}
    arrays = [(name, {**read_metadata(text), **shapeless}) for name, text in array_texts(files)]
    return json.dumps([arrays, "coordinates" in json.loads(files[METADATA])["attributes"]])


@lru_cache(maxsize=MOST_LAYOUTS)
def _reshape_metadata(text: bytes, shape: tuple[int, ...]) -> bytes:
    chunks = {"name": "regular", "configuration": {"chunk_shape": shape}}
    return _to_json({**read_metadata(text), "shape": shape, "chunk_grid": chunks})


def _make_room(kept: dict[str, Pattern] | set[str]) -> None:
    if len(kept) >= MOST_LAYOUTS:
        kept.clear()


def _to_json(metadata: Metadata) -> bytes:
    # Indented as zarr does, so that the bytes are the same whoever writes them
    return json.dumps(metadata, indent=2).encode()
