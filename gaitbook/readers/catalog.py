"""Public datasets by name.

A dataset is downloaded once, from the address and in the version pinned here, and every file is checked against its
published SHA-256 whenever it is used. Files live in ``GAITBOOK_DATA`` if that is set (it may be read-only when it is
complete), else in the user's cache folder.
"""

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

TIMEOUT_S = 5.0
"""A server that has not answered by then counts as out of reach."""


class DatasetUnavailable(OSError):  # noqa: N818 - it says what is the matter, as FileNotFoundError's kin do
    """A dataset is neither cached nor reachable; the message gives both remedies."""


class DatasetDamaged(ValueError):  # noqa: N818
    """A file of a dataset differs from the published one; the message names it and the remedy."""


@dataclass(frozen=True)
class Dataset:
    """A public dataset.

    Attributes
    ----------
    name, title
        Name in the catalog, and what it holds.
    base_url
        Address that the paths in ``registry`` continue, pinned to one version.
    registry
        SHA-256 of each file by its path.
    license, citation, url
        Terms of use, what to cite, and where it is published.
    size_mb
        Size of all files together, megabytes.
    note
        What a user should know before using it.
    folder
        Folder of the files inside the data folder.
    """

    name: str
    title: str
    base_url: str
    registry: Mapping[str, str]
    license: str
    citation: str
    url: str
    size_mb: float
    note: str
    folder: str


def list_datasets() -> dict[str, Dataset]:
    """Public datasets that can be fetched, by name.

    Examples
    --------
    >>> sorted(list_datasets())
    ['rbds', 'rbds-evaluation']
    >>> list_datasets()["rbds"].license
    'CC BY 4.0'
    """
    import yaml

    described = yaml.safe_load(_packaged("datasets.yml"))
    return {name: _describe(name, entry) for name, entry in described.items()}


def fetch_dataset(name: str, *, subjects: Iterable[str | int] | None = None, progress: bool = True) -> Path:
    """Folder that holds the verified files of a public dataset, downloaded if need be.

    Parameters
    ----------
    name
        A name from `list_datasets`.
    subjects
        Fetch these subjects only, by name or number (``"RBDS003"``, ``3``); all by default.
    progress
        Show a progress bar while downloading.

    Raises
    ------
    ValueError
        There is no such dataset, or it has no such subject.
    DatasetUnavailable
        Files are missing and cannot be downloaded.
    DatasetDamaged
        A cached file, or the server's copy, differs from the published one.
    """
    dataset = _find(name)
    registry = _choose(dataset, subjects)
    folder = data_folder() / dataset.folder
    missing = _verify(dataset, registry, folder)
    if missing:
        _download(dataset, missing, folder, progress=progress)
    return folder


def dataset_hash(name: str, *, subjects: Iterable[str | int] | None = None) -> str:
    """SHA-256 over the paths and checksums of a dataset: one number that pins all its files.

    Examples
    --------
    >>> len(dataset_hash("rbds"))
    64
    """
    registry = _choose(_find(name), subjects)
    lines = "".join(f"{registry[path]}  {path}\n" for path in sorted(registry))
    return hashlib.sha256(lines.encode()).hexdigest()


def data_folder() -> Path:
    """Folder of public data: ``GAITBOOK_DATA`` if set, else the user's cache folder."""
    if os.environ.get("GAITBOOK_DATA"):
        return Path(os.environ["GAITBOOK_DATA"]).expanduser()
    import pooch

    return Path(pooch.os_cache("gaitbook"))


def subject_number(text: str | int) -> int | None:
    """Number of a subject in a name such as ``RBDS03``, ``RBDS003/RBDS003static.c3d`` or ``3``, if it has one.

    Examples
    --------
    >>> subject_number("RBDS03") == subject_number("rbds003") == subject_number(3) == 3
    True
    """
    match = re.match(r"[A-Za-z_\- ]*(\d+)", str(text))
    return int(match[1]) if match else None


def _packaged(name: str) -> str:
    return files("gaitbook.readers").joinpath("registry", name).read_text(encoding="utf-8")


def _describe(name: str, entry: Mapping[str, Any]) -> Dataset:
    facts = {key: entry[key] for key in ("title", "folder", "license", "citation", "url", "size_mb", "note")}
    registry = dict(line.split() for line in _packaged(entry["files"]).splitlines() if line.strip())
    (choice, numbers), *_ = entry["subjects"].items()
    wanted = {
        path: checksum
        for path, checksum in registry.items()
        if "/" not in path or (subject_number(path) in numbers) == (choice == "only")
    }
    return Dataset(name=name, base_url=entry["address"], registry=wanted, **facts)


def _find(name: str) -> Dataset:
    datasets = list_datasets()
    if name not in datasets:
        raise ValueError(
            f"There is no dataset {name!r} in the catalog; it holds {', '.join(sorted(datasets))}."
        )
    return datasets[name]


def _choose(dataset: Dataset, subjects: Iterable[str | int] | None) -> dict[str, str]:
    if subjects is None:
        return dict(dataset.registry)
    # Files outside a subject's folder (tables of participants) belong to all.
    numbers = {path: subject_number(path) if "/" in path else None for path in dataset.registry}
    wanted = {subject: subject_number(subject) for subject in subjects}
    unknown = [
        str(subject) for subject, number in wanted.items() if number is None or number not in numbers.values()
    ]
    if unknown:
        known = ", ".join(sorted({path.split("/")[0] for path in dataset.registry if "/" in path}))
        raise ValueError(f"{dataset.name} has no subject {', '.join(unknown)}; it has {known}.")
    chosen = {None, *wanted.values()}
    return {path: checksum for path, checksum in dataset.registry.items() if numbers[path] in chosen}


def _verify(dataset: Dataset, registry: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Files still to be downloaded; those present must be as published."""
    present = {path: checksum for path, checksum in registry.items() if (folder / path).is_file()}
    damaged = [str(folder / path) for path, checksum in present.items() if _sha256(folder / path) != checksum]
    if damaged:
        raise DatasetDamaged(
            f"{len(damaged)} cached file(s) of {dataset.name} differ from the published ones (SHA-256): "
            f"{', '.join(damaged)}. Delete them and fetch the dataset again."
        )
    return {path: checksum for path, checksum in registry.items() if path not in present}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(dataset: Dataset, missing: Mapping[str, str], folder: Path, *, progress: bool) -> None:
    import pooch
    import requests
    from tqdm.auto import tqdm

    source = pooch.create(path=folder, base_url=dataset.base_url, registry=dict(missing), retry_if_failed=0)
    server = pooch.HTTPDownloader(timeout=TIMEOUT_S)
    logger.info("downloading %d files of %s to %s", len(missing), dataset.name, folder)
    with (
        _quiet_pooch(),
        tqdm(total=len(missing), desc=dataset.name, unit="file", disable=not progress) as bar,
    ):
        for path in missing:
            try:
                source.fetch(path, downloader=server)
            except (requests.RequestException, OSError) as error:
                _remove_empty((folder / path).parent, keep=folder.parent)
                raise _unavailable(dataset, missing, folder, error) from error
            except ValueError as error:
                raise DatasetDamaged(
                    f"{dataset.base_url}{path} arrived different from the published file (SHA-256): fetch it again; "
                    "if it stays so, something between here and the server changes it."
                ) from error
            bar.update()


def _remove_empty(folder: Path, *, keep: Path) -> None:
    """Remove the folders made for a file that did not arrive."""
    with suppress(OSError):
        while folder != keep:
            folder.rmdir()
            folder = folder.parent


def _unavailable(
    dataset: Dataset, missing: Mapping[str, str], folder: Path, error: Exception
) -> DatasetUnavailable:
    import requests

    unreachable = isinstance(error, requests.RequestException)
    reason = "the server cannot be reached" if unreachable else f"nothing can be written there ({error})"
    return DatasetUnavailable(
        f"{len(missing)} of {len(dataset.registry)} files of {dataset.name} are not in {folder} and {reason}: connect "
        f"to the internet once and run `python -c \"import gaitbook; gaitbook.fetch_dataset('{dataset.name}')\"` "
        f"with GAITBOOK_DATA unset or set to a folder of yours, or put the files of {dataset.base_url} into "
        f"{folder} yourself (the first one missing is {folder / next(iter(missing))})."
    )


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Leave the reporting to one progress bar instead of a line per file."""
    import pooch

    pooch_logger = pooch.get_logger()
    level = pooch_logger.level
    pooch_logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        pooch_logger.setLevel(level)
