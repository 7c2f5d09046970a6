"""The root of a cohort: its attributes, and the gathered metadata of its trials.

A zarr store keeps a small file of metadata in every folder. Once an import is finished those of all trials
are gathered in that of the root (what zarr calls consolidation), so that the store opens from one file.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaitbook.cohort import checksums
from gaitbook.cohort.checksums import CohortError

ROOT = "zarr.json"


@dataclass(frozen=True)
class Root:
    """Attributes of a cohort, and whether the metadata of its trials are gathered in its root."""

    attributes: Mapping[str, Any]
    gathered: bool


def write_group(folder: Path, attributes: Mapping[str, Any]) -> None:
    """Make a folder a zarr group with these attributes (and no gathered metadata), in one step."""
    _write_node(folder, {"attributes": dict(attributes)})


def read_root(cohort: Path) -> Root:
    """Root of a cohort.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    CohortError
        The folder is no cohort.
    """
    if not cohort.is_dir():
        raise FileNotFoundError(
            f"There is no cohort at {cohort}: check the path, or import one with `gaitbook import`."
        )
    try:
        node = json.loads((cohort / ROOT).read_text(encoding="utf-8"))
        return Root(dict(node["attributes"]), bool(node.get("consolidated_metadata")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CohortError(
            f"{cohort} is no cohort (its {ROOT} is missing or damaged): import it with `gaitbook import`."
        ) from error


def scatter_metadata(cohort: Path) -> None:
    """Take gathered metadata out of the root, because a trial is about to change."""
    root = read_root(cohort)
    if root.gathered:
        write_group(cohort, root.attributes)


def gather_metadata(cohort: Path, places: Collection[str], attributes: Mapping[str, Any]) -> None:
    """Write the metadata of all trials into the root, in one step.

    This is zarr's consolidated metadata. It is put together here because zarr's own function takes what lies
    in hidden folders for damaged nodes and rewrites the root in place.
    """
    folders: set[Path] = set()
    for place in places:
        trial = checksums.trial_folder(cohort, place)
        folders |= {
            trial,
            trial.parent,
            trial.parent.parent,
            *(file.parent for file in trial.glob(f"*/{ROOT}")),
        }
    nodes = {
        folder.relative_to(cohort).as_posix(): json.loads((folder / ROOT).read_text(encoding="utf-8"))
        for folder in sorted(folders)
    }
    gathered = {"kind": "inline", "must_understand": False, "metadata": nodes}
    _write_node(cohort, {"attributes": dict(attributes), "consolidated_metadata": gathered})


def _write_node(folder: Path, content: Mapping[str, Any]) -> None:
    node = {"zarr_format": 3, "node_type": "group", **content}
    checksums.write_atomically(folder / ROOT, json.dumps(node))
