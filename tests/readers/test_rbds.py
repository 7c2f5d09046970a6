"""Two runners, named as inconsistently as in the published files, stand on a plate that knows their weight."""

import numpy as np
import pytest

from gaitbook.cohort.schema import PLAUSIBLE
from gaitbook.readers.rbds import list_rbds, read_rbds
from tests.readers.c3d_writer import raw_channels, write_c3d

pytest.importorskip("ezc3d", reason="ezc3d is not installed (pip install gaitbook[c3d])")

HEADER = "Subject,FileName,Age,Height,Mass,Gender,Dominance"
FOOT_M = np.array(
    [[0.0, 0.0, 0.09], [-0.01, 0.0, 0.04], [0.03, -0.04, 0.05], [0.20, 0.05, 0.05], [0.17, -0.05, 0.04]]
)
LABELS = [
    "R.Heel.Top",
    "R.Heel.Bottom",
    "R.Heel.Lateral",
    "R.MT1",
    "R.MT5",
    "L.Heel.Top",
    "L.Heel.Bottom",
    "L.MT5",
]
POINTS = np.vstack([FOOT_M, FOOT_M[[0, 1, 4]] * [1, -1, 1] + [0.0, 0.3, 0.0]])


def write_runner(folder, name, mass_kg, speeds=("25",), labels=LABELS):
    points = np.repeat(1000 * POINTS.T[:, :, None], 10, axis=2)
    home = folder / name
    home.mkdir(parents=True)
    write_c3d(home / f"{name}static.c3d", points=points, labels=LABELS)
    # The force that write_c3d lets swell from 1 to 1.1 times has the mean of 1.05.
    analog = raw_channels(4, force=(0.0, 0.0, mass_kg * 9.81 / 1.05))
    for speed in speeds:
        write_c3d(home / f"{name}runT{speed}.c3d", points=points, labels=labels, analog=analog, kind=4)


@pytest.fixture
def folder(tmp_path):
    """Runner 1, a man of 62 kg, and runner 3, a woman of 57 kg whose toe labels are exchanged in her one run."""
    write_runner(tmp_path, "RBDS001", 62.0, ("25", "45"))
    swapped = [{"R.MT1": "R.MT5", "R.MT5": "R.MT1"}.get(label, label) for label in LABELS]
    write_runner(tmp_path, "RBDS03", 57.0, labels=swapped)
    rows = ["1,RBDS001static.txt,22,181,62,M,R"] * 3 + ["3,RBDS003static.txt,39,166.1,57,F,L"] * 2
    (tmp_path / "participantInfo.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path


def test_runs_come_with_what_is_known_about_the_runner(folder):
    trials = [trial.recording.attrs for trial in read_rbds(folder)]
    assert [(each["subject"], each["trial"]) for each in trials] == [
        ("RBDS001", "run_2.5mps"),
        ("RBDS001", "run_4.5mps"),
        ("RBDS003", "run_2.5mps"),
    ]
    last = trials[-1]
    assert (last["sex"], last["age_year"], last["height_m"], last["mass_kg"]) == ("female", 39.0, 1.661, 57.0)
    assert (last["source"], last["speed_mps"], last["surface"]) == ("rbds", 2.5, "treadmill")
    assert last["license"] == "CC BY 4.0"
    assert all(low <= last[name] <= high for name, (low, high) in PLAUSIBLE.items())


def test_labels_are_put_right_and_the_static_trial_is_kept(folder):
    *_, trial = read_rbds(folder, subjects=["RBDS003"])
    assert "R.MT5 is R.MT1, R.MT1 is R.MT5" in trial.corrections[0]
    assert trial.doubts == ()
    assert trial.corrections[0] in trial.recording.attrs["log"]
    place = trial.recording["marker_position"].isel(time=0).sel(marker="R.MT1")
    np.testing.assert_allclose(place, [0.20, 0.05, -0.05], atol=1e-6)  # the writer's laboratory has z up
    assert trial.static.sizes["marker"] == len(LABELS)


def test_subjects_are_matched_by_number(folder):
    for name in ("RBDS03", "RBDS003", 3):
        assert [files.attributes["subject"] for files in list_rbds(folder, subjects=[name])] == ["RBDS003"]


def test_a_mass_that_the_plate_contradicts_is_reported_and_not_changed(folder):
    table = folder / "participantInfo.csv"
    table.write_text(table.read_text().replace("166.1,57,", "166.1,70,"))
    *_, trial = read_rbds(folder)
    (doubt,) = trial.doubts
    assert "mass_kg is 70 but the mean vertical force is that of 57.0 kg (-19 %)" in doubt
    assert trial.recording.attrs["mass_kg"] == 70.0
    assert trial.recording.attrs["log"][-1] == doubt


def test_a_runner_without_static_trial_is_read_with_a_doubt(folder):
    (folder / "RBDS03" / "RBDS03static.c3d").unlink()
    *_, trial = read_rbds(folder)
    assert trial.static is None
    assert trial.doubts == ("no static trial: the labels of the markers were not checked",)


def test_all_faults_of_the_folder_are_told_at_once(folder):
    write_runner(folder, "RBDS007", 60.0)
    with pytest.raises(
        ValueError, match=r"no run of runner 12 and no row for runner 7 in participantInfo\.csv"
    ):
        list_rbds(folder, subjects=[1, 7, 12])


def test_contradicting_and_unreadable_rows_are_all_named(folder):
    table = folder / "participantInfo.csv"
    table.write_text(table.read_text() + "1,x,22,181,75,M,R\n4,x,,168,57,M,R\n")
    with pytest.raises(ValueError, match=r"runner 1 is described in two ways; runner 4: .* cannot be read"):
        list_rbds(folder)


def test_missing_table_columns_and_runs_are_named(folder, tmp_path):
    (folder / "participantInfo.csv").write_text("Subject,Age\n1,22\n")
    with pytest.raises(ValueError, match="lacks the columns Gender, Height, Mass"):
        list_rbds(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileNotFoundError, match=r"no .*participantInfo\.csv: fetch the dataset rbds"):
        list_rbds(empty)
    (empty / "participantInfo.csv").write_text(HEADER + "\n1,a,22,181,62,M,R\n")
    with pytest.raises(FileNotFoundError, match="holds no run such as"):
        list_rbds(empty)


@pytest.mark.real_data
def test_real_runs_are_complete_and_weigh_what_the_table_says(real_data):
    assert len(list_rbds(real_data / "rbds")) == 60
    trials = list(read_rbds(real_data / "rbds", subjects=[1, 3]))
    assert [len(trial.corrections) for trial in trials] == [1, 1, 0, 1, 0, 0]
    for trial in trials:
        assert trial.doubts == ()
        assert trial.recording.sizes["time"] == 4500
        weight = 9.81 * trial.recording.attrs["mass_kg"]
        assert float(trial.recording["plate_force"].sel(axis="y").mean()) == pytest.approx(weight, rel=0.05)
