"""Arrays of a zarr group: what their metadata say, and the one chunk each is stored in."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numcodecs import VLenUTF8, Zstd  # type: ignore[import-untyped]

METADATA: Final = "zarr.json"
NUMBERS: Final = ("bytes", "zstd")
STRINGS: Final = ("vlen-utf8", "zstd")
KINDS_OF_STRINGS: Final = frozenset("UTO")
"""Kinds of arrays of strings: of fixed width, of variable width, and objects."""

Files = Mapping[str, bytes]
"""Files of a zarr group by name: ``zarr.json``, ``time/zarr.json``, ``time/c/0``."""
Metadata = Mapping[str, Any]


def array_texts(files: Files) -> Iterator[tuple[str, bytes]]:
    """Names of the arrays of a group, sorted, each with its file of metadata."""
    for name in sorted(files):
        array, _, file = name.rpartition("/")
        if file == METADATA and array:
            yield array, files[name]


@lru_cache(maxsize=256)
def read_metadata(text: bytes) -> Metadata:
    """Metadata of an array; most trials of a cohort have the same, which is read once."""
    metadata: Metadata = json.loads(text)
    return metadata


def is_plain(metadata: Metadata) -> bool:
    """Whether an array is one compressed chunk of little-endian numbers or of strings."""
    names = tuple(codec["name"] for codec in metadata["codecs"])
    endian = metadata["codecs"][0].get("configuration", {}).get("endian", "little")
    grid, key = metadata["chunk_grid"], metadata["chunk_key_encoding"]
    return (
        names == (STRINGS if metadata["data_type"] == "string" else NUMBERS)
        and endian == "little"
        and grid == {"name": "regular", "configuration": {"chunk_shape": metadata["shape"]}}
        and key == {"name": "default", "configuration": {"separator": "/"}}
        and not metadata.get("storage_transformers")
        and len(dims_of(metadata)) == len(metadata["shape"])
    )


def dims_of(metadata: Metadata) -> list[str]:
    """Names of the dims of an array, as far as they have any."""
    return [name for name in metadata.get("dimension_names") or () if name is not None]


def encode_chunk(values: np.ndarray, metadata: Metadata) -> bytes:
    """Content of the file of the only chunk of a plain array."""
    plain = (
        VLenUTF8().encode(np.ascontiguousarray(values))
        if metadata["data_type"] == "string"
        else np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    )
    return bytes(Zstd(**metadata["codecs"][1]["configuration"]).encode(plain))


def decode_chunk(chunk: bytes, metadata: Metadata) -> np.ndarray:
    """Values of a plain array from the file of its chunk."""
    plain = Zstd().decode(chunk)
    if metadata["data_type"] == "string":
        return np.asarray(VLenUTF8().decode(plain), dtype=object).reshape(metadata["shape"])
    stored = np.frombuffer(plain, np.dtype(metadata["data_type"]).newbyteorder("<"))
    return stored.astype(metadata["data_type"]).reshape(metadata["shape"])


def chunk_name(ndim: int) -> str:
    """Name of the file of the only chunk of an array, below the folder of the array."""
    return "/".join(["c", *["0"] * ndim])
