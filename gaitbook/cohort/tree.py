"""A cohort as a tree of trials whose arrays are read when they are asked for.

xarray opens any zarr store as a tree, but asks zarr anew for every array of every trial. The trials of a cohort are
alike, and how they are stored is known.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from gaitbook.cohort.checksums import Sheet, trial_folder
from gaitbook.cohort.encoding import label_trial
from gaitbook.cohort.zarr_files import open_files


class FolderFiles(Mapping[str, bytes]):
    """Files of a trial, each read when it is asked for, and not kept."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.folder, self.names = str(folder), frozenset(names)

    def __getitem__(self, name: str) -> bytes:
        """Content of a file."""
        if name not in self.names:
            raise KeyError(name)
        with open(f"{self.folder}/{name}", "rb") as file:  # noqa: PTH123 - some 100,000 files: paths are costly
            return file.read()

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def open_tree(cohort: Path, sheets: Iterable[Sheet], attributes: Mapping[str, Any]) -> xr.DataTree:
    """Tree of the trials that these sheets describe; its root has these attributes."""
    trials = {sheet.trial: _open_trial(trial_folder(cohort, sheet.trial), sheet) for sheet in sheets}
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=dict(attributes)), **trials})


def _open_trial(folder: Path, sheet: Sheet) -> xr.Dataset:
    stored = open_files(FolderFiles(folder, sheet.files))
    if stored is None:
        # cache=False: what is read is not kept, so that a pass over a cohort does not fill the memory
        return xr.open_dataset(folder, engine="zarr", consolidated=False, chunks=None, cache=False)
    return label_trial(stored)
