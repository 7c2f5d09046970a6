"""The commands that make and judge a model of motion, from cohorts to weights and tables."""

from pathlib import Path

import pandas as pd
import pytest

from gaitbook.cli import main
from gaitbook.cohort.store import append_trial, cohort_hash, create_cohort, finish_cohort
from gaitbook.models.motion_model import load_model, save_model
from gaitbook.models.peers import load_peer
from gaitbook.synthesis.closed_form import simulate_trial
from tests.studies.formula_walk import formula_walk, untrained_model
from tests.synthesis.walkers import WALKS
from tests.synthesis.walkers import trial as simulated


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """File of a model that was never trained."""
    return str(save_model(untrained_model(), tmp_path_factory.mktemp("weights") / "tiny.safetensors"))


def test_training_goes_from_cohorts_to_weights_and_on_where_it_stopped(
    cohort_folder, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("gaitbook.studies.motion_sequences.cpu_count", lambda: 1)
    cohort = create_cohort(cohort_folder / "runs", name="runs", label="synthetic")
    append_trial(cohort, simulate_trial(duration_s=0.5))
    hidden = simulate_trial(duration_s=0.5, trial="no-markers").drop_vars(
        ["marker_position", "standing_position"]
    )
    append_trial(cohort, hidden)
    finish_cohort(cohort)
    output = tmp_path / "tiny.safetensors"
    small = ["--width", "32", "--blocks", "1", "--batch", "8", "--output", str(output)]
    assert main(["train", "runs", *small, "--steps", "2"]) == 0
    told = capsys.readouterr().out
    for part in ("steps: 2", "people: 1", "family: velocity", "Left out: 1 because", f"Weights: {output}"):
        assert part in told
    assert load_model(output).card["steps"] == 2
    assert (tmp_path / "tiny.checkpoint").is_file()
    encoded = cohort_folder / ".encoded" / cohort_hash(cohort)[:12]
    (chunk,) = encoded.glob("*.safetensors")
    made = chunk.stat().st_mtime_ns
    assert main(["train", "runs", *small, "--steps", "2"]) == 0
    assert chunk.stat().st_mtime_ns == made
    assert (
        main(["predict", "runs", "--weights", str(output), "--draws", "1", "--output", str(tmp_path / "out")])
        == 0
    )


def test_a_peer_is_trained_by_the_same_command(cohort_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gaitbook.studies.motion_sequences.cpu_count", lambda: 1)
    cohort = create_cohort(cohort_folder / "runs", name="runs", label="synthetic")
    append_trial(cohort, simulate_trial(duration_s=0.5))
    finish_cohort(cohort)
    output = tmp_path / "lstm.safetensors"
    options = ["--steps", "2", "--batch", "2", "--learning-rate", "0.001", "--output", str(output)]
    assert main(["train", "runs", "--peer", "LSTM", *options]) == 0
    told = capsys.readouterr().out
    for part in ("steps: 2", "windows: 4", "learning_rate: 0.001", f"Weights: {output}"):
        assert part in told
    assert load_peer(output).name == "LSTM"


def test_conditions_become_a_table(cohort_folder, weights, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gaitbook.studies.condition_table.condition_names", lambda: ["nothing", "knees"])
    cohort = create_cohort(cohort_folder / "people", name="people")
    trial = WALKS[0]
    append_trial(cohort, simulated(*trial).assign_attrs(subject="person-0001", trial="walk-comfortable"))
    append_trial(cohort, simulated(*trial).assign_attrs(subject="person-0999", trial="walk-comfortable"))
    finish_cohort(cohort)
    output = tmp_path / "tables" / "conditions.csv"
    options = ["--weights", weights, "--draws", "2", "--seconds", "1.6", "--processes", "1"]
    assert main(["conditions", "people", *options, "--output", str(output)]) == 0
    assert f"2 conditions, 1 trials of 1 people: {output}" in capsys.readouterr().out
    table = pd.read_csv(output, keep_default_na=False)
    assert list(table["condition"].unique()) == ["nothing", "knees"]
    assert (table["n"].astype(int) == 1).all()


def test_calibrating_puts_into_the_file_what_people_kept_for_it_tell(
    cohort_folder, weights, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("gaitbook.studies.model_calibration.condition_names", lambda: ["nothing", "knees"])
    cohort = create_cohort(cohort_folder / "people", name="people")
    walk = simulated(*WALKS[0])
    append_trial(cohort, walk.assign_attrs(subject="person-0201", trial="walk-comfortable"))
    append_trial(cohort, walk.assign_attrs(subject="person-0001", trial="walk-comfortable"))
    finish_cohort(cohort)
    file = tmp_path / "tiny.safetensors"
    file.write_bytes(Path(weights).read_bytes())
    options = ["--draws", "4", "--seconds", "1.6", "--processes", "1"]
    assert main(["calibrate", "people", "--weights", str(file), *options]) == 0
    assert f"Calibrated on 1 trials: {file}" in capsys.readouterr().out
    card = load_model(file).card
    assert set(card["calibration"]) == {"simulated/walk/nothing", "simulated/walk/knees"}
    assert set(card["gain"]) == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--draws", "0"], "--draws is 0: draw at least once"),
        ([], "There is no trial of people held out: name a cohort that has some, such as default or rbds"),
    ],
)
def test_conditions_say_what_is_wrong(options, message, cohort_folder, weights, tmp_path, capsys):
    cohort = create_cohort(cohort_folder / "people", name="people")
    append_trial(cohort, formula_walk(duration_s=0.5).assign_attrs(subject="person-0999"))
    finish_cohort(cohort)
    output = str(tmp_path / "conditions.csv")
    assert main(["conditions", "people", "--weights", weights, *options, "--output", output]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--output", "peer.safetensors", "--peer", "GAN"],
            "There is no peer 'GAN': choose one of GaitDynamics diffusion, refinement, CNN",
        ),
        (
            ["--output", "peer.safetensors", "--peer", "CNN", "--width", "32", "--patch", "5"],
            "A peer is as it was published: leave out --width, --patch.",
        ),
        (["--output", "motion.checkpoint"], "motion.checkpoint cannot be the file of the weights"),
        (["--output", "motion"], "motion cannot be the file of the weights"),
        (
            ["--output", "motion.safetensors", "--family", "magic"],
            "There is no family 'magic': choose one of flow",
        ),
        (["--output", "motion.safetensors"], "There is no cohort, public dataset or folder 'nobody'"),
    ],
)
def test_training_says_what_is_wrong_before_it_begins(options, message, capsys):
    assert main(["train", "nobody", *options]) == 2
    assert message in capsys.readouterr().err
