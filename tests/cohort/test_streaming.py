"""Trials straight from their folders: those of the tree, in the same order."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort, iterate_trials, read_cohort
from gaitbook.cohort.streaming import iterate_stored, list_trials, read_trial

Maker = Callable[..., xr.Dataset]
PEOPLE = ("B", "A", "A.b-2", "a")
PLACES = sorted(f"/lab/{subject}/{trial}" for subject in PEOPLE for trial in ("two.5", "one"))


@pytest.fixture
def cohort(tmp_path: Path, make_standing: Maker) -> Path:
    """Finished cohort of four people, whose names sort in odd ways, with two trials each."""
    path = create_cohort(tmp_path / "lab", name="lab")
    for seed, subject in enumerate(PEOPLE):
        for trial in ("two.5", "one"):
            made = make_standing(subject, trial, seed=seed)
            append_trial(path, made if subject != "a" else made.drop_vars("in_contact"))
    return finish_cohort(path)


def test_places_are_listed_sorted(cohort: Path, tmp_path: Path):
    assert list_trials(cohort) == PLACES
    assert list_trials(create_cohort(tmp_path / "none", name="none")) == []
    with pytest.raises(FileNotFoundError, match="There is no cohort at"):
        list_trials(tmp_path / "absent")


def test_the_stream_is_that_of_the_tree(cohort: Path):
    streamed, tree = list(iterate_stored(cohort)), list(iterate_trials(read_cohort(cohort)))
    assert len(streamed) == len(tree) == 8
    for one, other in zip(streamed, tree, strict=True):
        xr.testing.assert_identical(one, other)
        assert {k: v.dtype for k, v in one.variables.items()} == {
            k: v.dtype for k, v in other.variables.items()
        }
        assert set(one.indexes) == set(other.indexes)
    assert streamed[0]["marker_position"].values.flags.writeable


def test_subjects_and_trials_are_chosen_by_name(cohort: Path):
    chosen = [t.attrs for t in iterate_stored(cohort, subjects=["A", "B"], trials=["one"])]
    assert [(each["subject"], each["trial"]) for each in chosen] == [("A", "one"), ("B", "one")]
    assert list(iterate_stored(cohort, subjects=[])) == []
    with pytest.raises(
        KeyError, match=r"subject C\. It holds A, A\.b-2, B, a\. .*trial six\. It holds one, two\.5\."
    ):
        next(iterate_stored(cohort, subjects=["A", "C"], trials=["six"]))


def test_names_of_a_large_cohort_are_not_all_told(cohort: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gaitbook.cohort.streaming.MOST_NAMES_SHOWN", 2)
    with pytest.raises(KeyError, match=r"It holds A, A\.b-2 and 2 more\."):
        next(iterate_stored(cohort, subjects=["C"]))


def test_one_trial_is_read_by_its_place(cohort: Path):
    assert read_trial(cohort, "/lab/B/one").attrs["subject"] == "B"
    with pytest.raises(KeyError, match=r"Not in the cohort .*: trial /lab/B/six\. `list_trials` lists"):
        read_trial(cohort, "/lab/B/six")


def test_a_damaged_trial_stops_the_stream(cohort: Path):
    (cohort / "lab/A/two.5/marker_position/c/0/0/0").unlink()
    stream = iterate_stored(cohort, subjects=["A"])
    assert next(stream).attrs["trial"] == "one"
    with pytest.raises(
        CohortError, match=r"/lab/A/two\.5: marker_position/c/0/0/0 is missing\n.*same import again"
    ):
        next(stream)


def test_a_store_being_filled_can_be_read(tmp_path: Path, make_standing: Maker):
    path = create_cohort(tmp_path / "lab", name="lab")
    append_trial(path, make_standing("A"))
    assert [t.attrs["subject"] for t in iterate_stored(path)] == ["A"]
