"""The root of a cohort: attributes first, gathered metadata of all trials last."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from gaitbook.cohort import metadata
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort

Maker = Callable[..., xr.Dataset]


@pytest.fixture
def cohort(tmp_path: Path, make_standing: Maker) -> Path:
    """Finished cohort with two trials."""
    path = create_cohort(tmp_path / "lab", name="läb", citation='"consolidated_metadata": {}')
    for subject in "AB":
        append_trial(path, make_standing(subject))
    return finish_cohort(path)


def test_gathered_metadata_are_those_of_the_folders(cohort: Path):
    nodes = json.loads((cohort / "zarr.json").read_text())["consolidated_metadata"]["metadata"]
    folders = [file.parent for file in cohort.glob("*/**/zarr.json") if file.parent != cohort]
    assert nodes == {
        f.relative_to(cohort).as_posix(): json.loads((f / "zarr.json").read_text()) for f in folders
    }


@pytest.mark.parametrize("length", [20, 100, 1000, 10**9])
def test_the_root_is_the_same_however_much_is_read_of_it(
    cohort: Path, monkeypatch: pytest.MonkeyPatch, length: int
):
    """Attributes are longer than the head, or end in it, or the head is all there is."""
    monkeypatch.setattr(metadata, "HEAD_LENGTH", length)
    root = read_root(cohort)
    assert root.attributes["name"] == "läb"
    assert root.attributes["finished"] is True
    assert root.gathered
    metadata.scatter_metadata(cohort)
    assert read_root(cohort) == metadata.Root(root.attributes, gathered=False)
