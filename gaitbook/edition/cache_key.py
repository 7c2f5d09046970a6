"""The content key of an executed notebook.

Two runs share a key when nothing that could change their numbers differs: the cells, the parameters, the source of
the package, the recordings of the cohort, and the versions of the packages that compute. A comment in the package
changes the key too; running once too often is cheaper than believing a stale figure.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

COMPUTING_PACKAGES = (
    "matplotlib",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "statsmodels",
    "torch",
    "xarray",
    "zarr",
)
SOURCE_SUFFIXES = frozenset({".py", ".yml", ".yaml", ".json", ".csv", ".css", ".js"})
KEY_LENGTH = 20


def content_key(
    notebook: Mapping[str, Any], parameters: Mapping[str, Any], *, data_hash: str, package: Path | None = None
) -> str:
    """Key under which the executed notebook is kept.

    Parameters
    ----------
    notebook
        Unexecuted notebook, as a mapping.
    parameters
        Parameters of this edition.
    data_hash
        Hash of the cohort's recordings.
    package
        Folder of the package's sources; by default that of the imported gaitbook.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    ingredients = {
        "cells": [
            (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags"))
            for cell in notebook["cells"]
        ],
        "parameters": dict(parameters),
        "package": hash_sources(package or Path(__file__).parents[1]),
        "data": data_hash,
        "versions": package_versions(),
    }
    return _digest(json.dumps(ingredients, sort_keys=True, default=str).encode())


def hash_sources(folder: Path) -> str:
    """Hash of all source files of a package: code, styles, scripts and tables."""
    files = [
        path
        for path in folder.rglob("*")
        if path.suffix in SOURCE_SUFFIXES and "__pycache__" not in path.parts
    ]
    text = b"".join(
        f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes() + b"\0"
        for path in sorted(files)
    )
    return _digest(text)


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that compute; those not installed are left out."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in COMPUTING_PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:KEY_LENGTH]
