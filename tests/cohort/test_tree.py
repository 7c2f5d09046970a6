"""The tree of a cohort: what xarray opens, only read later."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.encoding import decode_trial
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort, iterate_trials, read_cohort
from gaitbook.cohort.streaming import iterate_stored

Maker = Callable[..., xr.Dataset]


@pytest.fixture
def cohort(tmp_path: Path, make_standing: Maker) -> Path:
    """Finished cohort of three people: one stands, one never touches the plate, one has more labels."""
    path = create_cohort(tmp_path / "lab", name="lab")
    append_trial(path, make_standing("A"))
    append_trial(path, make_standing("B").assign(in_contact=lambda trial: trial["in_contact"] & False))
    append_trial(path, make_standing("C").assign_coords(side=("foot", ["r", "l"])).assign(dose=2.0))
    return finish_cohort(path)


def test_the_tree_is_that_of_xarray(cohort: Path):
    tree, plain = read_cohort(cohort), xr.open_datatree(cohort, engine="zarr", chunks=None)
    assert [node.path for node in tree.subtree] == [node.path for node in plain.subtree]
    assert {k: v for k, v in tree.attrs.items() if k != "hash"} == plain.attrs
    for node in tree.leaves:
        expected = decode_trial(plain[node.path].to_dataset().compute())
        xr.testing.assert_identical(decode_trial(node.to_dataset().compute()), expected)
        assert set(node.indexes) == set(expected.indexes)


def test_the_stream_gives_the_unusual_too(cohort: Path):
    for one, other in zip(iterate_stored(cohort), iterate_trials(read_cohort(cohort)), strict=True):
        xr.testing.assert_identical(one, other)


def test_arrays_are_read_when_asked_for_and_not_kept(cohort: Path):
    trial = read_cohort(cohort)["/lab/A/one"].to_dataset()
    whole = trial["marker_position"].copy().values
    assert not trial["marker_position"].variable._in_memory
    np.testing.assert_array_equal(trial["marker_position"][5:9, 1, ::-1], whole[5:9, 1, ::-1])
    np.testing.assert_array_equal(trial["marker_position"].isel(time=[7, 2], axis=0), whole[[7, 2], :, 0])
    np.testing.assert_array_equal(trial["marker_position"].sel(marker="toe", axis="y"), whole[:, 1, 1])
    (cohort / "lab/A/one/marker_position/c/0/0/0").unlink()
    with pytest.raises(FileNotFoundError):
        trial["marker_position"].mean().compute()


def test_a_single_number_is_read(cohort: Path):
    assert read_cohort(cohort)["/lab/C/one"]["dose"].item() == 2.0
