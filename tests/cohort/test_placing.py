"""Several processes that fill one cohort, and what an interrupted one leaves."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from gaitbook.cohort import placing
from gaitbook.cohort.placing import clear_incoming, incoming_folder
from gaitbook.cohort.store import append_trial, check_cohort, cohort_hash, create_cohort, finish_cohort
from gaitbook.cohort.streaming import list_trials

Maker = Callable[..., xr.Dataset]

APPEND = """
import sys
from pathlib import Path
from tests.cohort.conftest import stand
from gaitbook.cohort.store import append_trial
path, own = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(own, 60, 2):
    append_trial(path, stand(f"person-{number // 6}", f"trial-{number}", seed=number))
"""


def test_two_processes_fill_one_cohort(tmp_path: Path, make_standing: Maker, pytestconfig: pytest.Config):
    """They write alternate trials of the same people, beginning at the same moment."""
    path = create_cohort(tmp_path / "both", name="lab")
    command = [sys.executable, "-c", APPEND, str(path)]
    workers = [
        subprocess.Popen(
            [*command, str(own)],
            cwd=pytestconfig.rootpath,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for own in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate()
    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(check_cohort(finish_cohort(path), deep=True)) == len(list_trials(path)) == 60
    assert not [file for file in path.rglob("*") if "incoming" in file.name or "partial" in file.name]
    alone = create_cohort(tmp_path / "alone", name="lab")
    for number in range(60):
        append_trial(alone, make_standing(f"person-{number // 6}", f"trial-{number}", seed=number))
    assert cohort_hash(path) == cohort_hash(alone)


def test_what_another_process_writes_is_left_alone(tmp_path: Path, make_standing: Maker):
    cohort = create_cohort(tmp_path / "lab", name="lab")
    writing = incoming_folder(cohort, "/lab/A/one")
    stranger = writing.with_name(f".incoming-0123456789ab-{os.getpid()}-0123456789ab")
    for folder in (writing, stranger):
        folder.mkdir()
    append_trial(cohort, make_standing("B"))
    create_cohort(cohort, name="lab")
    assert writing.exists()
    assert stranger.exists()
    os.utime(stranger, (0, 0))
    clear_incoming(cohort)
    assert writing.exists()
    assert not stranger.exists()


def test_what_a_dead_process_left_is_cleared(tmp_path: Path):
    cohort = create_cohort(tmp_path / "lab", name="lab")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    own = incoming_folder(cohort, "/lab/A/one")
    left = own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{dead.pid}-"))
    (left / "time").mkdir(parents=True)
    clear_incoming(cohort)
    assert not left.exists()


def test_a_process_of_another_user_runs(monkeypatch: pytest.MonkeyPatch):
    def forbid(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(placing.os, "kill", forbid)
    assert placing._is_running(1)
