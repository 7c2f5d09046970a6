"""The root of a cohort: its attributes, and the gathered metadata of its trials.

A zarr store keeps a small file of metadata in every folder. Once an import is finished those of all trials
are gathered in that of the root (what zarr calls consolidation), so that the store opens from one file.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gaitbook.cohort import checksums
from gaitbook.cohort.checksums import CohortError

ROOT = "zarr.json"
GROUP: Final = MappingProxyType({"zarr_format": 3, "node_type": "group"})
HEAD_LENGTH: Final = 65_536
"""Characters read of a root to find its attributes; those of a cohort are far shorter."""


@dataclass(frozen=True)
class Root:
    """Attributes of a cohort, and whether the metadata of its trials are gathered in its root."""

    attributes: Mapping[str, Any]
    gathered: bool


def write_group(folder: Path, attributes: Mapping[str, Any]) -> None:
    """Make a folder a zarr group with these attributes (and no gathered metadata), in one step."""
    checksums.write_atomically(folder / ROOT, json.dumps({**GROUP, "attributes": dict(attributes)}))


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
        node = _read_head(cohort / ROOT) or json.loads((cohort / ROOT).read_text(encoding="utf-8"))
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


def gather_metadata(cohort: Path, sheets: Iterable[checksums.Sheet], attributes: Mapping[str, Any]) -> None:
    """Write the metadata of these trials, given by their sheets, into the root, in one step.

    This is zarr's consolidated metadata. It is put together here because zarr's own function takes what lies
    in hidden folders for damaged nodes and rewrites the root in place. The texts are joined, not parsed and
    written anew: those of 20,000 trials are 60 MB.
    """
    folders: set[str] = set()
    for sheet in sheets:
        trial = sheet.trial.strip("/")
        above = trial.rsplit("/", maxsplit=2)
        arrays = (name.rpartition("/")[0] for name in sheet.files if name.endswith(f"/{ROOT}"))
        folders |= {above[0], "/".join(above[:2]), trial, *(f"{trial}/{array}" for array in arrays)}
    nodes = ", ".join(
        f"{json.dumps(folder)}: {_compact((cohort / folder / ROOT).read_text(encoding='utf-8'))}"
        for folder in sorted(folders)
    )
    head = json.dumps({**GROUP, "attributes": dict(attributes)}).removesuffix("}")
    gathered = (
        f'"consolidated_metadata": {{"kind": "inline", "must_understand": false, "metadata": {{{nodes}}}}}'
    )
    checksums.write_atomically(cohort / ROOT, f"{head}, {gathered}}}")


@lru_cache(maxsize=4096)
def _compact(text: str) -> str:
    """Text of a node without its indents; those of the arrays of most trials are the same."""
    return json.dumps(json.loads(text))


def _read_head(file: Path) -> dict[str, Any] | None:
    """Root with gathered metadata up to these, which are large and come last; ``None`` if it is not like that."""
    with file.open(encoding="utf-8") as stream:
        head = stream.read(HEAD_LENGTH)
    start = json.dumps(dict(GROUP)).removesuffix("}") + ', "attributes": '
    if len(head) < HEAD_LENGTH or not head.startswith(start):
        return None
    try:
        attributes, end = json.JSONDecoder().raw_decode(head, len(start))
    except ValueError:
        return None
    gathered = head.startswith(', "consolidated_metadata": ', end)
    return {"attributes": attributes, "consolidated_metadata": gathered} if gathered else None
