"""Importing a folder: dry run, report, bad files, interruption, full disk."""

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort import importing
from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.chunks import Files
from gaitbook.cohort.exclusions import count_reasons
from gaitbook.cohort.importing import import_cohort, plan_import
from gaitbook.cohort.store import check_cohort, cohort_hash, iterate_trials, read_cohort
from tests.cohort.recorded_files import run, write_angles, write_forces, write_laboratory, write_markers


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of two people with two runs each; see `write_laboratory`."""
    return write_laboratory(tmp_path_factory.mktemp("recorded") / "lab")


@pytest.fixture
def one_run(tmp_path: Path) -> Path:
    """Markers and forces of one run, and a table with the runner's mass; to be spoiled."""
    folder = tmp_path / "one"
    write_markers(folder / "run.trc", run())
    write_forces(folder / "run_grf.mot", run())
    (folder / "participants.csv").write_text("subject,mass_kg,height_m\none,70,1.75\n")
    return folder


def reasons(folder: Path, name: str = "x") -> list[str]:
    report = import_cohort(folder, name, progress=False)
    return [each.reason for each in report.exclusions]


def test_a_folder_becomes_a_cohort(laboratory: Path, cohort_folder: Path):
    report = import_cohort(laboratory, "my lab", license="CC0", citation="We (2026)", progress=False)
    assert report.path == cohort_folder / "my_lab"
    assert report.table[["subject", "trial", "status"]].to_numpy().tolist() == [
        ["S1", "run25", "imported"],
        ["S1", "run35", "imported"],
        ["S2", "run30", "imported"],
        ["S2", "run40", "imported"],
    ]
    assert report.table[["markers", "kinematics", "force"]].to_numpy().tolist() == [
        [True, True, True],
        [True, False, True],
        [True, False, True],
        [True, False, True],
    ]
    assert report.table["duration_s"].tolist() == pytest.approx([1.99] * 4, abs=0.02)
    assert {(each.item, each.reason.split(":")[0]) for each in report.exclusions} == {
        ("model.osim", "a musculoskeletal model"),
    }
    tree = read_cohort(report.path)
    assert tree.attrs["name"] == "my lab"
    assert tree.attrs["label"] == "recorded"
    assert (tree.attrs["license"], tree.attrs["citation"]) == ("CC0", "We (2026)")
    trials = list(iterate_trials(tree))
    assert [trial.attrs["sex"] for trial in trials] == ["female", "female", "male", "male"]
    assert trials[0].attrs["source_file"] == "run25.trc, run25_ik.mot, run25_grf.mot"
    assert "joint_angle" in trials[0]
    assert ["standing_position" in trial for trial in trials] == [True, True, False, False]


def test_what_was_measured_comes_through(laboratory: Path):
    report = import_cohort(laboratory, "lab", progress=False)
    trial = next(iterate_trials(read_cohort(report.path), subjects=["S2"]))
    expected = run(3.0).sel(time=trial["time"], method="nearest")
    height = trial["marker_position"].sel(axis="y")
    np.testing.assert_allclose(height, expected["marker_position"].sel(axis="y"), atol=1e-5)
    mean = trial["ground_reaction_force"].sel(axis="y").sum("foot").mean()
    assert float(mean) == pytest.approx(
        float(expected["ground_reaction_force"].sel(axis="y").sum("foot").mean()), rel=0.01
    )


def test_a_dry_run_writes_nothing(laboratory: Path, cohort_folder: Path):
    report = import_cohort(laboratory, "lab", dry_run=True, progress=False)
    assert report.table["status"].tolist() == ["would be imported"] * 4
    assert len(report.exclusions) == 1
    assert list(cohort_folder.iterdir()) == []


def test_the_plan_lists_recordings_and_unused_files(laboratory: Path):
    plan = plan_import(laboratory)
    assert plan["status"].tolist() == ["would be imported"] * 4 + ["not used"]
    assert plan["files"].tolist()[-1] == "model.osim"
    assert plan["problem"].str.startswith("a musculoskeletal model").sum() == 1


def test_a_second_import_reads_nothing_again_unless_something_changed(
    laboratory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = shutil.copytree(laboratory, tmp_path / "lab")
    digest = cohort_hash(import_cohort(folder, "lab", progress=False).path)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "build_source", None)
        again = import_cohort(folder, "lab", progress=False)
    assert again.table["status"].tolist() == ["already there"] * 4
    assert again.table["force"].all()
    assert cohort_hash(again.path) == digest
    table = (folder / "participants.csv").read_text()
    (folder / "participants.csv").write_text(table.replace("S2,M,31,1.75,70", "S2,M,31,1.75,71"))
    changed = import_cohort(folder, "lab", progress=False)
    assert changed.table["status"].tolist() == ["already there"] * 2 + ["replaced"] * 2
    assert [t.attrs["mass_kg"] for t in iterate_trials(read_cohort(changed.path))] == [70, 70, 71, 71]
    assert cohort_hash(changed.path) != digest


def test_a_damaged_trial_is_written_again(laboratory: Path):
    path = import_cohort(laboratory, "lab", progress=False).path
    digest = cohort_hash(path)
    shutil.rmtree(path / "lab/S1/run25")
    with pytest.raises(CohortError, match="/lab/S1/run25"):
        read_cohort(path)
    report = import_cohort(laboratory, "lab", progress=False)
    assert report.table["status"].tolist() == ["imported"] + ["already there"] * 3
    assert len(check_cohort(path, deep=True)) == 4
    assert cohort_hash(path) == digest


KILLED = """
import os, sys
from gaitbook.cohort import importing, placing
append, count = importing.append_trial, []
def append_and_die(*args, **options):
    count.append(1)
    if len(count) == 3:
        placing._move_into_place = lambda *_: os._exit(9)
    return append(*args, **options)
importing.append_trial = append_and_die
importing.import_cohort(sys.argv[1], "killed", progress=False)
"""


def test_a_killed_import_continues_to_the_same_cohort(laboratory: Path, cohort_folder: Path):
    """The process is killed while the third of four trials is being written."""
    finished = subprocess.run([sys.executable, "-c", KILLED, str(laboratory)], check=False)
    assert finished.returncode == 9
    path = cohort_folder / "killed"
    assert len(check_cohort(path)) == 2
    assert list(path.glob(".incoming*"))
    report = import_cohort(laboratory, "killed", progress=False)
    assert report.table["status"].tolist() == ["already there"] * 2 + ["imported"] * 2
    assert not list(path.glob(".incoming*"))
    whole = import_cohort(laboratory, "whole", progress=False).path
    assert cohort_hash(path) == cohort_hash(whole)
    assert len(check_cohort(path, deep=True)) == 4


def test_a_full_disk_stops_the_import_which_then_continues(laboratory: Path, monkeypatch: pytest.MonkeyPatch):
    from gaitbook.cohort import placing

    write = placing.write_encoded

    def fill_disk(encoded: xr.Dataset, folder: Path) -> Files:
        if encoded.attrs["subject"] == "S2":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(encoded, folder)

    with monkeypatch.context() as patch:
        patch.setattr(placing, "write_encoded", fill_disk)
        with pytest.raises(OSError, match=r"is full: trial /lab/S2/run30 needs .* run the same import again"):
            import_cohort(laboratory, "lab", progress=False)
    report = import_cohort(laboratory, "lab", progress=False)
    assert report.table["status"].tolist() == ["already there"] * 2 + ["imported"] * 2


def test_markers_in_millimeters_called_meters_are_left_out(one_run: Path):
    write_markers(one_run / "run.trc", run(), units="m", scale=1000.0)
    (reason,) = reasons(one_run)
    assert "may be in millimeters" in reason
    assert str(one_run) not in reason


def test_a_runner_without_mass_is_left_out(one_run: Path):
    (one_run / "participants.csv").write_text("subject,height_m\none,1.75\n")
    assert reasons(one_run) == [
        "no body mass: give mass_kg in the participants table (forces are compared in body weights)"
    ]


def test_a_height_in_centimeters_is_left_out(one_run: Path):
    (one_run / "participants.csv").write_text("subject,mass_kg,height_m\none,70,175\n")
    assert reasons(one_run) == ["height_m is 175, expected 0.4 to 2.6: check its unit"]


def test_a_block_of_nan_in_the_forces_is_left_out(one_run: Path):
    lines = (one_run / "run_grf.mot").read_text().splitlines()
    lines[30:60] = [line.split("\t")[0] + "\tnan" * 18 for line in lines[30:60]]
    (one_run / "run_grf.mot").write_text("\n".join(lines) + "\n")
    (reason,) = reasons(one_run)
    assert "NaN" in reason


def test_duplicate_time_stamps_are_left_out(one_run: Path):
    lines = (one_run / "run.trc").read_text().splitlines()
    lines[40] = "\t".join([lines[40].split("\t")[0], lines[39].split("\t")[1], *lines[40].split("\t")[2:]])
    (one_run / "run.trc").write_text("\n".join(lines) + "\n")
    (reason,) = reasons(one_run)
    assert "time stamp" in reason


def test_a_c3d_cut_off_is_left_out_and_the_rest_imported(one_run: Path):
    ezc3d = pytest.importorskip("ezc3d")
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [100]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = ["heel", "toe"]
    file["data"]["points"] = np.ones((4, 2, 200)) + np.arange(200)
    file.write(str(one_run / "cut.c3d"))
    whole = (one_run / "cut.c3d").read_bytes()
    (one_run / "cut.c3d").write_bytes(whole[: len(whole) * 2 // 3])
    report = import_cohort(one_run, "x", progress=False)
    assert report.table["status"].tolist() == ["left out", "imported"]
    (exclusion,) = report.exclusions
    assert exclusion.item == "/one/one/cut"
    assert "cut off" in exclusion.reason


def test_a_file_that_disappears_is_left_out(one_run: Path, monkeypatch: pytest.MonkeyPatch):
    find = importing.find_recordings

    def find_then_remove(*args: object, **options: object) -> object:
        contents = find(*args, **options)
        (one_run / "run.trc").unlink()
        return contents

    monkeypatch.setattr(importing, "find_recordings", find_then_remove)
    report = import_cohort(one_run, "x", dry_run=True, progress=False)
    assert "There is no" in report.exclusions[0].reason or "no file" in report.exclusions[0].reason


def test_the_same_fault_in_two_files_is_one_reason(one_run: Path):
    for name in ("run.trc", "again.trc"):
        write_markers(one_run / name, run(), units="m", scale=1000.0)
    report = import_cohort(one_run, "x", progress=False)
    assert count_reasons(report.exclusions)["count"].tolist() == [2]
    assert report.table["status"].tolist() == ["left out"] * 2


def test_angles_alone_are_a_trial(tmp_path: Path):
    write_angles(tmp_path / "someone" / "walk.mot", run())
    report = import_cohort(tmp_path, "angles", progress=False)
    trial = next(iterate_trials(read_cohort(report.path)))
    assert float(trial["joint_angle"].sel(coordinate="knee_angle_r")[0]) == pytest.approx(np.deg2rad(30))
    assert "ground_reaction_force" not in trial


def test_a_folder_without_recordings_says_what_it_holds(tmp_path: Path):
    with pytest.raises(ValueError, match=r"holds no recording: expected \.c3d, .* It is empty"):
        import_cohort(tmp_path, "x")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(
        ValueError, match=r"1 other file\(s\), for example: notes\.txt \(not a file of motion"
    ):
        import_cohort(tmp_path, "x")
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        import_cohort(tmp_path / "none", "x")


@pytest.mark.parametrize(("folder", "count"), [("arnold2013", 3), ("hamner", 2), ("opencap", 3)])
def test_real_folders_are_imported(real_data: Path, tmp_path: Path, folder: str, count: int):
    people = tmp_path / "people.csv"
    people.write_text("subject,mass_kg\nhamner,72.8\nopencap,90\n")
    options = {"participants": people} if folder != "arnold2013" else {}
    report = import_cohort(real_data / folder, folder, progress=False, **options)
    assert report.table["status"].tolist() == ["imported"] * count
    assert report.table[["markers", "kinematics", "force"]].all(axis=None)
