"""The commands of the motion model, from files to files."""

import logging

import numpy as np
import pandas as pd
import pytest

from gaitbook.cli import main, make_parser
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.models.motion_model import save_model
from gaitbook.readers.opensim import read_motion, read_table
from tests.studies.formula_walk import KNEES, formula_walk, untrained_model, write_walk

EXAMPLES = "gaitdynamics-examples"
MOTIONS = ("a33699_example_mot_complete_kinematics", "adee49_example_mot_missing_knee_kinematics")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """File of a model that was never trained."""
    return str(save_model(untrained_model(), tmp_path_factory.mktemp("weights") / "tiny.safetensors"))


@pytest.fixture
def predict(weights, tmp_path, capsys):
    """Run ``predict`` and give the exit code, what it printed, and what it complained about."""

    def run(source, *options):
        folder = str(tmp_path / "out")
        code = main(
            ["predict", str(source), "--weights", weights, "--draws", "2", "--output", folder, *options]
        )
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("command", ["predict", "train", "conditions"])
def test_help_shows_a_working_example(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    example = " ".join(text[text.index("Example: gaitbook") :].split()[2:])
    assert make_parser().parse_args(example.split()).command == command


def test_a_motion_file_and_a_model_become_force_motion_and_intervals(predict, tmp_path):
    motion, model = write_walk(tmp_path, rate_hz=60.0)
    code, told, _ = predict(motion, "--model", str(model), "--hide", "knees", "--height-m", "1.8")
    assert code == 0
    assert "Force: " in told
    assert told.endswith(f"1 trial(s) in {tmp_path / 'out'}\n")
    walk, completed = formula_walk(rate_hz=60.0), read_motion(tmp_path / "out" / "walk_motion.mot")
    np.testing.assert_allclose(completed["time"], walk["time"], atol=1e-9)
    seen = [name for name in walk["coordinate"].values if name not in KNEES]
    away = (completed["joint_angle"] - walk["joint_angle"]).sel(coordinate=seen)
    assert float(abs(away).max()) < 1e-8
    force = read_table(tmp_path / "out" / "walk_grf.mot")
    np.testing.assert_allclose(force["time"], walk["time"], atol=1e-9)
    assert (force["ground_force_r_vy"] > 20.0).any()
    table = pd.read_csv(tmp_path / "out" / "walk_intervals.csv")
    assert set(table["coordinate"].dropna()) == set(KNEES)
    assert (table["low"] <= table["high"] + 1e-9).all()


def test_trials_of_a_cohort_go_by_name(predict, cohort_folder):
    cohort = create_cohort(cohort_folder / "people", name="people")
    for trial in ("slow", "fast"):
        append_trial(cohort, formula_walk(duration_s=0.5).assign_attrs(trial=trial))
    append_trial(cohort, formula_walk(duration_s=0.03).assign_attrs(trial="short"))
    finish_cohort(cohort)
    code, told, _ = predict("people")
    assert code == 0
    assert "A_fast_grf.mot" in told
    assert "Left out: 1 because shorter than 60 ms" in told
    assert "2 trial(s) in" in told
    assert predict("people/A/slow")[1].count("Force: ") == 1


def test_nothing_done_is_exit_code_one(predict, cohort_folder):
    cohort = create_cohort(cohort_folder / "people", name="people")
    for trial in ("short", "shorter"):
        append_trial(cohort, formula_walk(duration_s=0.03).assign_attrs(trial=trial))
    assert predict("people")[0] == 1


def test_what_can_be_mended_is_one_message(predict, tmp_path):
    motion, model = write_walk(tmp_path)
    (tmp_path / "notes.txt").write_text("walk")
    for arguments, message in (
        ([motion], "walk: the body mass is not known: give --mass-kg, or the person's --model FILE.osim."),
        ([motion, "--mass-kg", "70"], "walk: the body height is not known: give --height-m, or"),
        ([motion, "--model", str(motion)], "is no OpenSim model: name a file that ends in .osim"),
        ([motion, "--model", str(model), "--hide", "wings"], "wings"),
        ([tmp_path / "notes.txt"], "is no recording: expected .mot"),
        ([motion, "--draws", "0"], "--draws is 0: draw at least once"),
        ([motion, "--weights", "absent.safetensors"], "There is no motion model absent.safetensors"),
        (["nobody"], "There is no cohort, public dataset or folder 'nobody'"),
    ):
        code, _, complaint = predict(*arguments)
        assert code == 2
        assert complaint.startswith("gaitbook predict: ")
        assert message in complaint
        assert "Traceback" not in complaint
    assert not (tmp_path / "out").exists()


def test_without_weights_it_is_said_plainly(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("gaitbook.models.weights.files", lambda _: tmp_path)
    assert main(["predict", "walk.mot"]) == 2
    assert "gaitbook has come without a trained motion model" in capsys.readouterr().err


@pytest.mark.real_data
@pytest.mark.parametrize("name", MOTIONS)
def test_the_examples_of_gaitdynamics_work_unchanged(name, predict, real_data, tmp_path, caplog):
    folder = real_data / EXAMPLES
    if not folder.is_dir():
        pytest.skip(f"the folder {EXAMPLES}/ is absent from GAITBOOK_DATA")
    model = folder / "f8ca50_example_opensim_model.osim"
    with caplog.at_level(logging.WARNING):
        code, _, _ = predict(folder / f"{name}.mot", "--model", str(model))
    assert code == 0
    assert "the body height is not known; 1.90 m" in caplog.text
    assert ("--belt-speed-mps" in caplog.text) == ("missing_knee" in name)
    completed = read_motion(tmp_path / "out" / f"{name}_motion.mot")
    assert set(KNEES) <= set(completed["coordinate"].values)
    assert "arm_flex_r" not in completed["coordinate"]
    assert completed.sizes["time"] == 2000
    assert float(completed["time"][0]) == pytest.approx(20.01)
