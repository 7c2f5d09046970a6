"""The store of a cohort: round trip, interruption, damage, full disk."""

import errno
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort import encoding, placing
from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.schema import TrialError
from gaitbook.cohort.store import (
    append_trial,
    check_cohort,
    cohort_hash,
    cohorts_folder,
    create_cohort,
    finish_cohort,
    has_trial,
    iterate_trials,
    read_cohort,
)

Maker = Callable[..., xr.Dataset]


@pytest.fixture
def cohort(tmp_path: Path, make_standing: Maker) -> Path:
    """Finished cohort of two people with two trials each."""
    path = create_cohort(tmp_path / "lab", name="lab", license="CC0", citation="We (2026)")
    for seed, (subject, trial) in enumerate([("B", "one"), ("A", "two"), ("A", "one"), ("B", "two")]):
        append_trial(path, make_standing(subject, trial, seed=seed))
    return finish_cohort(path)


def test_a_trial_comes_back_within_a_hundredth_of_a_millimeter(cohort: Path, make_standing: Maker):
    trial = make_standing("far", "away", seed=3, sex=None)
    trial["marker_position"] = (99.0 + trial["marker_position"] / 10).assign_attrs(units="m")
    append_trial(cohort, trial)
    back = next(iterate_trials(read_cohort(cohort), subjects=["far"]))
    np.testing.assert_allclose(back["marker_position"], trial["marker_position"], atol=1e-5, rtol=0)
    np.testing.assert_array_equal(back["time"], trial["time"])
    np.testing.assert_array_equal(back["in_contact"], trial["in_contact"])
    assert back["marker_position"].dtype == float
    assert back["in_contact"].dtype == bool
    assert back["marker"].values.tolist() == ["heel", "toe"]
    assert back["marker"].dtype.kind == "U"
    assert back["ground_reaction_force"].attrs["units"] == "N"
    assert {k: v for k, v in back.attrs.items() if k != "log"} == {
        k: v for k, v in trial.attrs.items() if k not in ("log", "sex")
    }
    assert back.attrs["log"] == ["made"]
    assert np.isnan(back["center_of_pressure"].sel(foot="left")).all()
    assert append_trial(cohort, back) is False


def test_trials_come_sorted_and_by_subject(cohort: Path):
    tree = read_cohort(cohort)
    places = [f"{t.attrs['subject']}/{t.attrs['trial']}" for t in iterate_trials(tree)]
    assert places == ["A/one", "A/two", "B/one", "B/two"]
    assert [t.attrs["trial"] for t in iterate_trials(tree, subjects=["B"])] == ["one", "two"]
    with pytest.raises(KeyError, match=r"Not in the cohort: C\. It holds A, B"):
        next(iterate_trials(tree, subjects=["A", "C"]))


def test_the_tree_is_lazy_and_names_its_cohort(cohort: Path):
    tree = read_cohort(cohort)
    assert not tree["/lab/A/one"].to_dataset()["marker_position"].variable._in_memory
    assert tree["/lab/A/one"].sel(foot="right")["ground_reaction_force"].dims == ("time", "axis")
    assert tree.attrs["name"] == "lab"
    assert tree.attrs["label"] == "recorded"
    assert tree.attrs["license"] == "CC0"
    assert tree.attrs["citation"] == "We (2026)"
    assert tree.attrs["hash"] == cohort_hash(cohort)


def test_any_zarr_reader_opens_a_finished_store(cohort: Path):
    assert set(xr.open_datatree(cohort, engine="zarr")["lab"].children) == {"A", "B"}


def test_the_hash_is_that_of_the_content_not_of_the_order(cohort: Path, tmp_path: Path, make_standing: Maker):
    other = create_cohort(tmp_path / "other", name="other", label="synthetic")
    for seed, (subject, trial) in reversed(
        [*enumerate([("B", "one"), ("A", "two"), ("A", "one"), ("B", "two")])]
    ):
        append_trial(other, make_standing(subject, trial, seed=seed, log=["made elsewhere"]))
    assert cohort_hash(other) == cohort_hash(cohort)
    append_trial(other, make_standing("A", "one", seed=9), replace=True)
    assert cohort_hash(other) != cohort_hash(cohort)


def test_a_trial_already_there_is_skipped_another_refused_or_replaced(cohort: Path, make_standing: Maker):
    assert append_trial(cohort, make_standing("A", "one", seed=2)) is False
    with pytest.raises(CohortError, match="already holds another trial /lab/A/one"):
        append_trial(cohort, make_standing("A", "one", seed=5))
    smaller = make_standing("A", "one", seed=5).drop_vars("in_contact")
    assert append_trial(cohort, smaller, replace=True) is True
    assert "in_contact" not in read_cohort(cohort)["/lab/A/one"]
    assert len(check_cohort(cohort, deep=True)) == 4


def test_an_invalid_trial_is_refused_before_anything_is_written(cohort: Path, make_standing: Maker):
    trial = make_standing("C", "one")
    del trial.attrs["mass_kg"]
    before = sorted(cohort.rglob("*"))
    with pytest.raises(TrialError, match="no body mass"):
        append_trial(cohort, trial)
    assert sorted(cohort.rglob("*")) == before


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "", "x y", "ü"])
def test_a_name_that_cannot_be_a_folder_is_refused(cohort: Path, make_standing: Maker, name: str):
    with pytest.raises(ValueError, match=r"cannot be the name of a folder|is missing"):
        append_trial(cohort, make_standing(name))


def test_a_store_still_being_filled_opens_and_says_so(
    tmp_path: Path, make_standing: Maker, caplog: pytest.LogCaptureFixture
):
    path = create_cohort(tmp_path / "lab", name="lab")
    append_trial(path, make_standing("A"))
    with caplog.at_level(logging.WARNING):
        assert len(list(iterate_trials(read_cohort(path)))) == 1
    assert "did not finish: it holds 1 trial(s) so far" in caplog.text
    append_trial(path, make_standing("B"))
    assert len(list(iterate_trials(read_cohort(path)))) == 2
    assert not read_root(path).attributes["finished"]
    assert read_root(finish_cohort(path)).attributes["finished"]


def test_an_empty_cohort_opens(tmp_path: Path):
    path = finish_cohort(create_cohort(tmp_path / "none", name="none"))
    assert list(iterate_trials(read_cohort(path))) == []
    assert check_cohort(path).empty


def test_all_damaged_trials_come_in_one_message_with_the_remedy(cohort: Path, make_standing: Maker):
    (cohort / "lab/A/one/marker_position/c/0/0/0").unlink()
    longer = cohort / "lab/A/two/time/zarr.json"
    longer.write_text(longer.read_text() + " ")
    shutil.rmtree(cohort / "lab/B/one")
    with pytest.raises(CohortError) as caught:
        read_cohort(cohort)
    message = str(caught.value)
    assert "3 of 4 trial(s)" in message
    assert re.search(r"/lab/A/one: marker_position/c/0/0/0 is missing", message)
    assert re.search(r"/lab/A/two: time/zarr.json has \d+ bytes instead of \d+", message)
    assert re.search(r"/lab/B/one: .* is missing; .* more", message)
    assert "Delete the folders of these trials and run the same import again" in message
    assert not has_trial(cohort, "/lab/A/one")
    for seed, (subject, trial) in enumerate([("B", "one"), ("A", "two"), ("A", "one"), ("B", "two")]):
        assert append_trial(cohort, make_standing(subject, trial, seed=seed)) is (
            (subject, trial) != ("B", "two")
        )
    assert len(check_cohort(cohort, deep=True)) == 4


def test_one_changed_byte_is_found_when_looking_deep(cohort: Path):
    file = next(path for path in (cohort / "lab/B/two/marker_position/c").rglob("0") if path.is_file())
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert len(check_cohort(cohort)) == 4
    with pytest.raises(CohortError, match=r"/lab/B/two: .* has changed since it was written"):
        check_cohort(cohort, deep=True)


def test_a_damaged_sheet_is_named(cohort: Path):
    sheet = cohort / ".checksums/lab/A/one.json"
    sheet.write_text("{")
    with pytest.raises(ValueError, match=r"one\.json.*delete this file and run the import again"):
        read_cohort(cohort)


def test_what_is_no_cohort_is_said_to_be_none(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no cohort at"):
        read_cohort(tmp_path / "absent")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(CohortError, match="is no cohort"):
        read_cohort(tmp_path)
    with pytest.raises(CohortError, match="is no cohort"):
        create_cohort(tmp_path, name="x")
    with pytest.raises(ValueError, match="label is 'real', expected one of recorded, synthetic"):
        create_cohort(tmp_path / "new", name="x", label="real")


def test_a_recorded_cohort_takes_no_synthetic_trials(cohort: Path):
    with pytest.raises(CohortError, match="holds a cohort labeled 'recorded', not 'synthetic'"):
        create_cohort(cohort, name="lab", label="synthetic")


@pytest.mark.parametrize("after", [0, 1])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    cohort: Path, make_standing: Maker, monkeypatch: pytest.MonkeyPatch, after: int
):
    """The disk fills up at the start of a trial, or when part of it has been written."""
    before, digest = sorted(cohort.rglob("*")), cohort_hash(cohort)

    def fill_disk(encoded: xr.Dataset, folder: Path) -> None:
        if after:
            encoding.write_encoded(encoded[["time"]], folder)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(placing, "write_encoded", fill_disk)
    with pytest.raises(
        OSError, match=r"is full: trial /lab/C/one needs up to .* MB.*Free some space"
    ) as caught:
        append_trial(cohort, make_standing("C"))
    assert caught.value.errno == errno.ENOSPC
    assert sorted(cohort.rglob("*")) == before
    assert cohort_hash(cohort) == digest
    monkeypatch.undo()
    assert append_trial(cohort, make_standing("C")) is True


def test_other_failures_of_the_disk_keep_their_own_words(
    cohort: Path, make_standing: Maker, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(placing, "write_encoded", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        append_trial(cohort, make_standing("C"))


KILLED = """
import os, sys
from pathlib import Path
from tests.cohort.conftest import stand
from gaitbook.cohort import checksums, placing, store
path, moment = Path(sys.argv[1]), sys.argv[2]
store.create_cohort(path, name="lab")
store.append_trial(path, stand("A"))
if moment == "writing":
    placing._move_into_place = lambda *_: os._exit(9)
else:
    checksums.write_sheet = lambda *_: os._exit(9)
store.append_trial(path, stand("B"))
"""


@pytest.mark.parametrize("moment", ["writing", "moved"])
def test_a_killed_import_continues_to_the_same_cohort(
    tmp_path: Path, make_standing: Maker, moment: str, pytestconfig: pytest.Config
):
    """The process dies with a trial written but not in place, or in place but without its checksums."""
    path = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, str(path), moment]
    assert subprocess.run(command, cwd=pytestconfig.rootpath, check=False).returncode == 9
    assert len(check_cohort(path)) == 1
    assert len(list(path.glob(".incoming*"))) == (moment == "writing")
    create_cohort(path, name="lab")
    assert not list(path.glob(".incoming*"))
    assert [append_trial(path, make_standing(subject)) for subject in "AB"] == [False, True]
    whole = create_cohort(tmp_path / "whole", name="lab")
    for subject in "BA":
        append_trial(whole, make_standing(subject))
    assert cohort_hash(finish_cohort(path)) == cohort_hash(finish_cohort(whole))


def test_cohorts_are_kept_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, cohort_folder: Path):
    assert cohorts_folder() == cohort_folder
    monkeypatch.delenv("GAITBOOK_COHORTS")
    assert cohorts_folder().parts[-2:] == ("gaitbook", "cohorts")
