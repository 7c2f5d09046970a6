"""Cohorts by name: stored, public, closed-form, and what stands in for what."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import xarray as xr

from gaitbook import library
from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort, iterate_trials
from gaitbook.library import UnknownCohortError, find_cohort, list_cohorts, locate_cohort, open_cohort
from gaitbook.readers.catalog import DatasetUnavailable
from gaitbook.readers.rbds import RunningFiles, RunningTrial
from gaitbook.synthesis import closed_form, default_cohort, simulated_cohorts
from gaitbook.synthesis.cohort_plans import PLANS, CohortPlan
from tests.cohort.test_assembly import make_recording


@pytest.fixture(autouse=True)
def few_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The closed-form cohort has two people and one speed here."""
    monkeypatch.setattr(library, "CLOSED_FORM_SUBJECTS", 2)
    monkeypatch.setattr(library, "CLOSED_FORM_SPEEDS_MPS", (3.0,))


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No public dataset is cached and the network is down."""

    def refuse(name: str, **_: object) -> Path:
        raise DatasetUnavailable(f"{name} is neither cached nor reachable: set GAITBOOK_DATA or connect")

    monkeypatch.setattr(library, "fetch_dataset", refuse)


@pytest.fixture
def tiny_dataset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Public dataset of two runs, one of a runner kept for evaluation; what is read is noted in the list."""
    read: list[str] = []
    folder = tmp_path / "rbds"
    runs = []
    for number in (1, 5):
        path = folder / f"RBDS{number:03d}" / f"RBDS{number:03d}runT25.c3d"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"\x02\x50" + bytes(number))
        about = {"source": "rbds", "subject": f"RBDS{number:03d}", "trial": "run", "license": "CC BY 4.0"}
        runs.append(RunningFiles(path, None, {**about, "mass_kg": 70.0, "surface": "treadmill"}))

    def read_run(files: RunningFiles) -> RunningTrial:
        read.append(files.path.name)
        return RunningTrial(make_recording(closed_form.simulate_trial(duration_s=2.0)), None, (), ())

    monkeypatch.setattr(library, "fetch_dataset", lambda *_, **__: folder)
    monkeypatch.setattr(library, "list_rbds", lambda _: tuple(runs))
    monkeypatch.setattr(library, "read_running_trial", read_run)
    return read


@pytest.fixture
def two_people(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The default cohort has two people who run by formula; whom it was asked for is noted in the list."""
    asked: list[str] = []
    run = closed_form.simulate_trial(duration_s=0.6)

    def simulate(person: dict[str, object], *_: object, **__: object) -> Iterator[xr.Dataset]:
        asked.append(str(person["subject"]))
        for number in range(PLANS["default"].trials):
            yield run.assign_attrs(source="simulated", subject=person["subject"], trial=f"{number}")

    monkeypatch.setattr(default_cohort, "simulate_person", simulate)
    monkeypatch.setitem(PLANS, "default", CohortPlan(2))
    return asked


def make_own(path: Path) -> Path:
    create_cohort(path, name="mine", license="CC0")
    append_trial(path, closed_form.simulate_trial(duration_s=1.0))
    return finish_cohort(path)


def test_a_cohort_opens_by_path_and_by_name(tmp_path: Path, cohort_folder: Path):
    elsewhere, stored = make_own(tmp_path / "elsewhere"), make_own(cohort_folder / "mine")
    by_path, by_name = open_cohort(elsewhere), open_cohort("mine")
    assert by_path.attrs == by_name.attrs
    assert set(by_name.attrs) >= {"name", "label", "license", "citation", "hash"}
    assert "fallback_for" not in by_name.attrs
    assert find_cohort(str(stored)) == stored


def test_the_closed_form_cohort_is_simulated_once(monkeypatch: pytest.MonkeyPatch):
    first = open_cohort("closed-form", progress=False)
    assert first.attrs["label"] == "synthetic"
    assert [t.attrs["subject"] for t in iterate_trials(first)] == ["simulated-01", "simulated-02"]
    with monkeypatch.context() as patch:
        patch.setattr(closed_form, "simulate_cohort_trials", None)
        assert open_cohort("closed-form", progress=False).attrs == first.attrs
    monkeypatch.setattr(library, "CLOSED_FORM_SUBJECTS", 3)
    assert len(list(iterate_trials(open_cohort("closed-form", progress=False)))) == 3


def test_an_interrupted_simulation_is_completed(monkeypatch: pytest.MonkeyPatch):
    simulate = closed_form.simulate_cohort_trials

    def stop_early(**options: object) -> Iterator[xr.Dataset]:
        yield next(simulate(**options))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closed_form, "simulate_cohort_trials", stop_early)
        with pytest.raises(KeyboardInterrupt):
            open_cohort("closed-form", progress=False)
    states = list_cohorts().set_index("name")
    assert states.loc["closed-form", "state"] == "unfinished"
    assert len(list(iterate_trials(open_cohort("closed-form", progress=False)))) == 2


def test_the_default_cohort_is_simulated_once_and_anew_when_the_code_changes(
    two_people: list[str], monkeypatch: pytest.MonkeyPatch
):
    first = open_cohort("default", progress=False)
    assert first.attrs["name"] == "default"
    assert first.attrs["label"] == "synthetic"
    assert first.attrs["license"] == "CC0 (simulated)"
    assert open_cohort("default", progress=False).attrs == first.attrs
    assert len(two_people) == 2
    row = list_cohorts().set_index("name").loc["default"]
    assert row[["kind", "state", "subjects", "trials"]].tolist() == ["simulated", "ready", 2, 14]
    monkeypatch.setattr(simulated_cohorts, "hash_code", lambda *_: "changed")
    assert open_cohort("default", progress=False).attrs["hash"] == first.attrs["hash"]
    assert len(two_people) == 4


def test_who_waited_for_another_process_does_not_simulate_again(
    two_people: list[str], monkeypatch: pytest.MonkeyPatch
):
    lock = library.lock_cohort

    @contextmanager
    def wait_for_another(_: Path) -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(library, "lock_cohort", lock)
            find_cohort("default", progress=False)
        yield

    monkeypatch.setattr(library, "lock_cohort", wait_for_another)
    assert find_cohort("default", progress=False).name == "default"
    assert two_people == ["person-0001", "person-0002"]


def test_a_recorded_cohort_of_that_name_is_left_alone(cohort_folder: Path):
    make_own(cohort_folder / "default")
    with pytest.raises(CohortError, match="holds a cohort labeled 'recorded', not 'synthetic'"):
        open_cohort("default", progress=False)
    assert len(list(iterate_trials(open_cohort(cohort_folder / "default")))) == 1


def test_a_public_dataset_is_imported_on_first_use_without_the_evaluation_runners(tiny_dataset: list[str]):
    tree = open_cohort("rbds", progress=False)
    assert tree.attrs["name"] == "rbds"
    assert tree.attrs["label"] == "recorded"
    assert tree.attrs["license"] == "CC BY 4.0"
    assert "PeerJ" in tree.attrs["citation"]
    (trial,) = iterate_trials(tree)
    assert trial.attrs["subject"] == "RBDS001"
    assert trial.attrs["source_file"] == "RBDS001runT25.c3d"
    open_cohort("rbds", progress=False)
    assert tiny_dataset == ["RBDS001runT25.c3d"]


def test_code_that_reads_differently_imports_again(tiny_dataset: list[str], monkeypatch: pytest.MonkeyPatch):
    from gaitbook.cohort import sources

    digest = open_cohort("rbds", progress=False).attrs["hash"]
    for module in (library, sources):
        monkeypatch.setattr(module, "hash_code", lambda *_: "changed")
    assert open_cohort("rbds", progress=False).attrs["hash"] == digest
    assert len(tiny_dataset) == 2
    open_cohort("rbds", progress=False)
    assert len(tiny_dataset) == 2


@pytest.mark.usefixtures("unreachable")
def test_the_fallback_stands_in_and_says_so(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        tree = open_cohort("rbds", fallback="closed-form", progress=False)
    assert tree.attrs["label"] == "synthetic"
    assert tree.attrs["name"] == "closed-form"
    assert tree.attrs["fallback_for"].startswith(
        "The public dataset rbds is neither cached nor reachable; closed-form"
    )
    assert "closed-form stands in for it" in caplog.text
    assert "fallback_for" not in open_cohort("closed-form", progress=False).attrs


@pytest.mark.usefixtures("unreachable")
def test_without_a_fallback_the_remedies_are_said():
    with pytest.raises(DatasetUnavailable, match="set GAITBOOK_DATA or connect"):
        open_cohort("rbds", progress=False)


@pytest.mark.usefixtures("tiny_dataset")
def test_a_stored_public_cohort_needs_no_network(monkeypatch: pytest.MonkeyPatch):
    open_cohort("rbds", progress=False)
    monkeypatch.setattr(library, "fetch_dataset", None)
    assert open_cohort("rbds", fallback="closed-form", progress=False).attrs["name"] == "rbds"


def test_an_unknown_name_lists_the_known_and_the_nearest(cohort_folder: Path):
    make_own(cohort_folder / "mine")
    with pytest.raises(UnknownCohortError) as caught:
        open_cohort("mime")
    message = str(caught.value)
    assert "There is no cohort, public dataset or folder 'mime'. Did you mean 'mine'?" in message
    assert "Known are: closed-form, default, default-large, mine, rbds, rbds-evaluation" in message
    assert "gaitbook import FOLDER --name NAME" in message
    assert "gaitbook simulate NAME" in message
    with pytest.raises(KeyError):
        locate_cohort("nothing like it")


def test_a_folder_that_is_no_cohort_says_so(tmp_path: Path):
    with pytest.raises(CohortError, match="is no cohort"):
        open_cohort(tmp_path)


def test_the_list_tells_the_state_of_each_cohort(cohort_folder: Path):
    make_own(cohort_folder / "mine")
    damaged = make_own(cohort_folder / "broken")
    next(damaged.glob("*/*/*/time/c/0")).unlink()
    (cohort_folder / "notes").mkdir()
    table = list_cohorts().set_index("name")
    simulated = ["closed-form", "default", "default-large"]
    assert sorted(table.index) == ["broken", *simulated, "mine", "rbds", "rbds-evaluation"]
    assert table.loc["mine", ["kind", "state", "subjects", "trials", "label", "license"]].tolist() == [
        "stored",
        "ready",
        1,
        1,
        "recorded",
        "CC0",
    ]
    assert table.loc["broken", "state"] == "damaged"
    assert table.loc["rbds", "state"] == "fetched on first use (158 MB)"
    assert table.loc["closed-form", "state"] == "simulated on first use"
    assert table.loc["default", ["kind", "state", "label", "license"]].tolist() == [
        "simulated",
        "simulated on first use (about 300 MB)",
        "synthetic",
        "CC0 (simulated)",
    ]
    assert table.loc["default-large", "state"] == "simulated on first use (about 4100 MB)"


def test_two_real_runs_are_imported(real_data: Path, monkeypatch: pytest.MonkeyPatch):
    every = library.list_rbds
    monkeypatch.setattr(library, "list_rbds", lambda folder: every(folder, subjects=[1])[:2])
    monkeypatch.setattr(library, "fetch_dataset", lambda *_, **__: real_data / "rbds")
    trials = list(iterate_trials(open_cohort("rbds", progress=False)))
    assert [trial.attrs["speed_mps"] for trial in trials] == [2.5, 3.5]
    for trial in trials:
        mean_n = float(trial["ground_reaction_force"].sel(axis="y").sum("foot").mean())
        assert mean_n / (trial.attrs["mass_kg"] * 9.81) == pytest.approx(1, abs=0.05)
        assert trial.sizes["marker"] >= 32
