"""The command line: what it prints, what it returns, and no traceback for what a user can mend."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import xarray as xr

from gaitbook import library
from gaitbook.cli import main, make_parser
from gaitbook.cohort.store import cohort_hash
from gaitbook.synthesis import default_cohort
from gaitbook.synthesis.closed_form import simulate_trial
from tests.cohort.recorded_files import run, write_laboratory, write_markers

COMMANDS = ("import", "cohorts", "fetch", "simulate", "check", "build", "run", "verify", "freeze")


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of two people with two runs each."""
    return write_laboratory(tmp_path_factory.mktemp("recorded") / "lab")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_a_working_example(command: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    example = " ".join(text[text.index("Example: gaitbook") :].split()[2:])
    assert make_parser().parse_args(example.split()).command == command
    assert "--verbose" in text


def test_import_shows_the_plan_then_imports_and_reports(laboratory: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import", str(laboratory), "--name", "my-lab", "--yes"]) == 0
    text = capsys.readouterr().out
    plan, result = text.split("4 trial(s) imported.")
    assert plan.count("would be imported\n") == 4
    assert "run25.trc, run25_ik.mot, run25_grf.mot" in plan
    for part in ("a musculoskeletal model", "model.osim", "Next: gaitbook build my-lab"):
        assert part in result
    assert main(["import", str(laboratory), "--name", "my-lab"]) == 0
    assert "4 trial(s) already there." in capsys.readouterr().out


def test_a_dry_run_only_shows(laboratory: Path, cohort_folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import", str(laboratory), "--name", "my-lab", "--dry-run"]) == 0
    assert "What would be imported" in capsys.readouterr().out
    assert list(cohort_folder.iterdir()) == []


def test_import_asks_first_at_a_terminal(
    laboratory: Path, cohort_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert main(["import", str(laboratory), "--name", "my-lab"]) == 1
    assert "Nothing was imported." in capsys.readouterr().out
    assert list(cohort_folder.iterdir()) == []


def test_nothing_to_import_says_how_to_give_the_mass(
    laboratory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    people = tmp_path / "people.csv"
    people.write_text("subject,sex\nS1,F\n")
    assert main(["import", str(laboratory), "--name", "x", "--participants", str(people), "--yes"]) == 1
    text = capsys.readouterr().out
    assert "no body mass" in text
    assert "put a participants.csv with the columns subject and mass_kg" in text
    assert "Nothing to import." in text


def test_check_and_cohorts_tell_about_a_cohort(
    laboratory: Path, cohort_folder: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["import", str(laboratory), "--name", "my-lab", "--yes"]) == 0
    capsys.readouterr()
    assert main(["check", "my-lab"]) == 0
    assert "4 trial(s)" in capsys.readouterr().out
    assert main(["cohorts"]) == 0
    assert "my-lab" in capsys.readouterr().out
    next((cohort_folder / "my-lab").glob("*/*/*/time/c/0")).write_bytes(b"")
    assert main(["check", "my-lab"]) == 2
    captured = capsys.readouterr()
    assert "1 of 4 trial(s) in the cohort" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "/none/such", "--name", "x"], "gaitbook import: There is no folder /none/such"),
        (
            ["check", "unheard-of"],
            "gaitbook check: There is no cohort, public dataset or folder 'unheard-of'",
        ),
        (
            ["simulate", "rbds"],
            "gaitbook simulate: Cannot simulate the cohort rbds:\n- rbds is a public dataset of recordings",
        ),
        (
            ["fetch", "unheard-of"],
            "gaitbook fetch: There is no cohort, public dataset or folder 'unheard-of'",
        ),
    ],
)
def test_errors_are_one_message_and_exit_code_two(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(message)
    assert "Traceback" not in captured.err


def test_verbose_gives_the_traceback(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        main(["import", str(tmp_path / "none"), "--name", "x", "--verbose"])


def test_fetch_makes_the_cohort(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(library, "CLOSED_FORM_SUBJECTS", 1)
    monkeypatch.setattr(library, "CLOSED_FORM_SPEEDS_MPS", (3.0,))
    assert main(["fetch", "closed-form"]) == 0
    text = capsys.readouterr().out
    assert "ready" in text
    assert "synthetic" in text


def test_simulate_makes_a_cohort_and_tells_what_it_holds(
    monkeypatch: pytest.MonkeyPatch, cohort_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    run_by_formula = simulate_trial(duration_s=0.6)

    def simulate(person: dict[str, object], *_: object, **__: object) -> Iterator[xr.Dataset]:
        for number in range(7):
            yield run_by_formula.assign_attrs(
                source="simulated", subject=person["subject"], trial=f"{number}"
            )

    monkeypatch.setattr(default_cohort, "simulate_person", simulate)
    command = ["simulate", "my-people", "--people", "2", "--seed", "3", "--processes", "1"]
    assert main(command) == 0
    text, errors = capsys.readouterr()
    for part in ("simulated", "ready", "synthetic", "CC0 (simulated)"):
        assert part in text.splitlines()[1]
    assert "Tables: people, phenotypes, styles, systems\n" in text
    assert f"Hash: {cohort_hash(cohort_folder / 'my-people')}\n" in text
    assert 'cohort = gaitbook.open_cohort("my-people")' in text
    assert "simulating my-people: 100%" in errors
    assert main([*command, "--output", str(tmp_path)]) == 0
    assert f'gaitbook.open_cohort("{tmp_path / "my-people"}")' in capsys.readouterr().out
    assert main(["simulate", "my-people", "--people", "5"]) == 2
    assert "my-people has 2 people and seed 3, not 5 and 0" in capsys.readouterr().err


def test_an_interruption_says_that_the_command_continues(
    laboratory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gaitbook.cohort.importing.find_recordings", interrupt)
    assert main(["import", str(laboratory), "--name", "x"]) == 130
    assert "the same command continues it" in capsys.readouterr().err


def test_the_command_runs_as_a_module(tmp_path: Path):
    write_markers(tmp_path / "someone" / "run.trc", run())
    command = [sys.executable, "-m", "gaitbook", "import", str(tmp_path), "--name", "x", "--yes"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "1 trial(s) imported." in finished.stdout


def test_a_missing_command_is_refused():
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
