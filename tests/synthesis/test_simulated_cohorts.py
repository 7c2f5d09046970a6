"""Simulated cohorts on the disk: the same bytes however they are made, continued, made anew, and refused in words."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.store import check_cohort, cohort_hash, create_cohort, finish_cohort
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.cohort.tables import list_tables, read_table
from gaitbook.synthesis import default_cohort, simulated_cohorts
from gaitbook.synthesis.closed_form import simulate_trial
from gaitbook.synthesis.cohort_plans import PLANS, CohortPlan
from gaitbook.synthesis.simulated_cohorts import fill_simulated, simulate_cohort

TINY = CohortPlan(3, lab_s=0.5, task_s=0.5, both_lab_trials=False)
TABLES_MB = 0.7
"""Most of the tables is the truth behind the phenotypes, which does not grow with the people."""
COMMAND = """
import sys
from pathlib import Path
from gaitbook.synthesis.cohort_plans import CohortPlan
from gaitbook.synthesis.simulated_cohorts import fill_simulated

plan = CohortPlan(3, lab_s=0.5, task_s=0.5, both_lab_trials=False)
fill_simulated(Path(sys.argv[1]), False, name="tiny", plan=plan, processes=1)
"""


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """People who run by formula take the place of those who are solved for; whom it was asked for is noted."""
    asked: list[str] = []
    run = simulate_trial(duration_s=0.6)

    def simulate(person: Any, _: object, plan: CohortPlan, *, seed: int) -> Iterator[xr.Dataset]:
        asked.append(person["subject"])
        for number in range(plan.trials):
            about = {"source": "simulated", "subject": person["subject"], "trial": f"{number}"}
            yield run.assign_attrs(about, mass_kg=float(person["mass_kg"]), seed=seed)

    monkeypatch.setattr(default_cohort, "simulate_person", simulate)
    monkeypatch.setattr(simulated_cohorts, "PEOPLE", 3)
    return asked


def make(path: Path, plan: CohortPlan = TINY, **options: Any) -> Path:
    fill_simulated(path, False, name="tiny", plan=plan, **options)
    return path


def kill_midway(path: Path) -> None:
    """Begin a simulation in a process of its own and kill it once the first trial is written."""
    with subprocess.Popen([sys.executable, "-c", COMMAND, str(path)]) as other:
        end_s = time.perf_counter() + 60.0
        while not list(path.glob(".checksums/simulated/*/*.json")) and time.perf_counter() < end_s:
            time.sleep(0.02)
        other.kill()


def test_one_process_makes_the_same_bytes_as_one_that_is_killed_and_two_that_continue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole, parts = make(tmp_path / "whole", processes=1), tmp_path / "parts"
    kill_midway(parts)
    assert not read_root(parts).attributes["finished"]
    assert 0 < len(check_cohort(parts)) < TINY.people * TINY.trials
    monkeypatch.setattr(default_cohort, "CHUNK", 1)
    make(parts, processes=2)
    assert len(check_cohort(parts, deep=True)) == TINY.people * TINY.trials == 18
    assert cohort_hash(whole) == cohort_hash(parts)
    files = [file.relative_to(whole) for file in whole.rglob("*") if file.is_file()]
    assert len(files) > 200
    assert all((whole / name).read_bytes() == (parts / name).read_bytes() for name in files)


def test_an_interruption_keeps_what_is_done(
    simulated: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    write = default_cohort.append_trial

    def interrupt(path: Path, trial: xr.Dataset, **options: bool) -> bool:
        if trial.attrs["subject"] == "person-0002" and len(simulated) == 2:
            raise KeyboardInterrupt
        return write(path, trial, **options)

    monkeypatch.setattr(default_cohort, "append_trial", interrupt)
    with pytest.raises(KeyboardInterrupt):
        simulate_cohort("mine", output=tmp_path, progress=False)
    assert len(list_trials(tmp_path / "mine")) == 7
    path = simulate_cohort("mine", output=tmp_path, progress=False)
    assert simulated == ["person-0001", "person-0002", "person-0002", "person-0003"]
    assert len(check_cohort(path)) == 21


def test_a_cohort_has_its_people_its_tables_and_its_label(simulated: list[str], cohort_folder: Path):
    path = simulate_cohort("mine", people=2, seed=3, processes=1, progress=False)
    assert path == cohort_folder / "mine"
    about = read_root(path).attributes
    assert {key: about[key] for key in ("label", "license", "people", "seed", "finished")} == {
        "label": "synthetic",
        "license": "CC0 (simulated)",
        "people": "2",
        "seed": "3",
        "finished": True,
    }
    assert list_tables(path) == ["people", "phenotypes", "styles", "systems"]
    assert read_table(path, "people").sizes == {"subject": 2}
    assert len(list_trials(path)) == 2 * CohortPlan(2).trials == 14
    assert simulated == ["person-0001", "person-0002"]
    simulate_cohort("mine", people=2, seed=3, progress=False)
    assert len(simulated) == 2


def test_only_people_who_are_not_whole_are_simulated_again(simulated: list[str], tmp_path: Path):
    path = simulate_cohort("mine", output=tmp_path, progress=False)
    assert path == tmp_path / "mine"
    digest = cohort_hash(path)
    next((path / "simulated" / "person-0002").glob("*/time/c/0")).unlink()
    simulate_cohort("mine", output=tmp_path, progress=False)
    assert simulated == ["person-0001", "person-0002", "person-0003", "person-0002"]
    assert cohort_hash(path) == digest
    check_cohort(path, deep=True)


@pytest.mark.usefixtures("simulated")
def test_chunks_do_not_change_a_cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = make(tmp_path / "whole", CohortPlan(3), processes=1)
    monkeypatch.setattr(default_cohort, "CHUNK", 1)
    assert cohort_hash(make(tmp_path / "parts", CohortPlan(3), processes=1)) == cohort_hash(whole)


def test_another_code_makes_a_default_cohort_anew(simulated: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(PLANS, "default", CohortPlan(2))  # type: ignore[arg-type]
    path = simulate_cohort("default", progress=False)
    stray = path / "simulated" / "person-0009"
    (path / "simulated" / "person-0001").rename(stray)
    monkeypatch.setattr(simulated_cohorts, "hash_code", lambda *_: "changed")
    simulate_cohort("default", progress=False)
    assert simulated == ["person-0001", "person-0002"] * 2
    assert not stray.exists()
    assert len(check_cohort(path)) == 14


def test_a_cohort_of_ones_own_is_never_made_anew_by_itself(
    simulated: list[str], monkeypatch: pytest.MonkeyPatch
):
    simulate_cohort("mine", progress=False)
    monkeypatch.setattr(simulated_cohorts, "hash_code", lambda *_: "changed")
    with pytest.raises(
        CohortError, match="simulated by another version of gaitbook: choose another name, or delete it"
    ):
        simulate_cohort("mine", progress=False)
    assert len(simulated) == 3


@pytest.mark.usefixtures("simulated")
@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "mine",
            {"people": 2},
            r"mine has 3 people and seed 0, not 2 and 0: choose another name, or delete it",
        ),
        ("mine", {"seed": 4}, "mine has 3 people and seed 0, not 3 and 4"),
        ("recorded", {}, "recorded holds a recorded cohort that is not simulated so: choose another name"),
        ("notes", {}, "notes is there and is no cohort: choose another name"),
        ("rbds", {}, "rbds is a public dataset of recordings: choose another name"),
        ("closed-form", {}, "closed-form is made by formula: `gaitbook fetch closed-form` makes it"),
        ("a b", {}, "'a b' cannot be the name of a folder; use letters, digits"),
        (
            "default",
            {"people": 50},
            "default always has 200 people and seed 0, so that everyone has the same",
        ),
        ("default-large", {"seed": 1}, "default-large always has 3414 people and seed 0"),
        (
            "other",
            {"people": 0, "seed": -1, "processes": 0},
            "people is 0, expected at least 1\n- seed is -1, expected at least 0\n- processes is 0, expected at",
        ),
    ],
)
def test_what_cannot_be_simulated_is_said_in_words(
    name: str, options: dict[str, int], message: str, cohort_folder: Path
):
    simulate_cohort("mine", progress=False)
    finish_cohort(create_cohort(cohort_folder / "recorded", name="recorded"))
    (cohort_folder / "notes" / "old").mkdir(parents=True)
    with pytest.raises(CohortError) as caught:
        simulate_cohort(name, progress=False, **options)  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"Cannot simulate the cohort {name}:\n- ")
    assert message in str(caught.value)


def test_the_plans_say_how_large_they_are(tmp_path: Path):
    assert {name: (plan.people, plan.trials) for name, plan in PLANS.items()} == {
        "default": (200, 7),
        "default-large": (3414, 6),
    }
    plan = CohortPlan(1)
    path = make(tmp_path / "one", plan, processes=1)
    blocks = [-(-each.stat().st_size // 4096) if each.is_file() else 1 for each in path.rglob("*")]
    assert 4096e-6 * sum(blocks) == pytest.approx(plan.size_mb + TABLES_MB, rel=0.15)
    assert read_trial(path, "/simulated/person-0001/walk-comfortable").sizes["time"] == 400
