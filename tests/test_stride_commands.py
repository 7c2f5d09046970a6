"""The command that trains and calibrates a model of how strides change."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.cli import main
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.models.stride_model import load_stride_model
from gaitbook.representation.gait_change import GaitChange
from gaitbook.stride_commands import CALIBRATION, FIRST_PERSON, MOST_PEOPLE
from gaitbook.studies import change_scores, stride_sources, stride_training
from gaitbook.studies.change_effects import CALIBRATION as WIDTHS
from gaitbook.studies.changed_strides import change_stride
from gaitbook.studies.guided_changes import USUAL
from gaitbook.studies.motion_training import role
from gaitbook.studies.stride_measures import UNITS
from gaitbook.synthesis.cohort_plans import PLANS
from tests.studies.stride_people import SCORES, answer, library, plain_metrics

SMALL = ("--steps", "6", "--batch", "4", "--people", "2", "--calibrate", "3", "--processes", "1")


@pytest.fixture
def sources(monkeypatch):
    """A small library in place of the simulator, errors in place of people; and what was asked for."""
    made, asked = library()[0], {}

    def libraries(numbers, cohorts, *, processes):
        asked.update(numbers=list(numbers), cohorts=cohorts, processes=processes)
        return [made], [Exclusion("/simulated/a/run", "does not balance")] * 2

    def errors(numbers, paths, model, *, processes):
        asked.update(calibrated=list(numbers), paths=paths)
        assert processes == 1
        assert model.card["steps"] > 0
        facts = {"origin": "simulated", "gait": "walk", "kind": "trunk lean", "deviation": 0.1, "size": 1.0}
        return pd.DataFrame({"quantity": list(UNITS), "predicted": 1.0, "true": 0.5}).assign(**facts)

    monkeypatch.setattr(stride_training, "SCORES", SCORES)
    monkeypatch.setattr(stride_training, "stride_metrics", plain_metrics)
    monkeypatch.setattr(stride_sources, "read_libraries", libraries)
    monkeypatch.setattr(change_scores, "calibration_errors", errors)
    return asked


def test_training_goes_from_people_to_calibrated_weights(sources, tmp_path, capsys):
    output = tmp_path / "new" / "strides.safetensors"
    assert main(["train-strides", *SMALL, "--seed", "3", "--output", str(output)]) == 0
    told = capsys.readouterr().out
    for part in ("steps: 6", "pairs: 24", "people: {'simulated': 2}", f"Weights: {output}"):
        assert part in told
    assert "Left out: 2 because does not balance" in told
    assert sources["numbers"] == [FIRST_PERSON, FIRST_PERSON + 1]
    assert (sources["cohorts"], sources["processes"]) == ([], 1)
    assert (sources["calibrated"], sources["paths"]) == ([200, 201, 202], [])
    model = load_stride_model(output)
    assert (model.card["seed"], model.card["draws"]) == (3, "changes")
    assert set(model.card[WIDTHS]) == {"simulated/walk/trunk lean"}
    assert set(model.card[WIDTHS]["simulated/walk/trunk lean"]) == set(UNITS)
    drawn = change_stride(answer().stride, GaitChange(trunk_lean_rad=0.1), model, draws=2)
    assert np.isfinite(drawn["stance_force"].values).all()


def test_a_model_of_whole_strides_is_not_calibrated_and_does_not_go_on_from_another(
    sources, tmp_path, capsys
):
    output = str(tmp_path / "strides.safetensors")
    assert main(["train-strides", *SMALL, "--free", "--output", output]) == 0
    assert "calibrated" not in sources
    card = load_stride_model(tmp_path / "strides.safetensors").card
    assert card["draws"] == "whole strides"
    assert USUAL in card
    assert WIDTHS not in card
    assert main(["train-strides", *SMALL, "--output", output]) == 2
    assert "strides.checkpoint was trained with another family" in capsys.readouterr().err


def test_training_again_goes_on_where_it_stopped(sources, tmp_path):
    output = tmp_path / "strides.safetensors"
    assert main(["train-strides", *SMALL, "--output", str(output)]) == 0
    assert output.with_suffix(".checkpoint").is_file()
    before = load_stride_model(output)
    assert main(["train-strides", *SMALL, "--output", str(output)]) == 0
    after = load_stride_model(output)
    assert before.network.leave.weight.equal(after.network.leave.weight)
    assert before.card["steps"] == after.card["steps"] == 6
    assert sources["calibrated"]


def test_people_to_learn_from_are_not_those_kept_for_calibration_and_tests():
    names = [f"person-{number + 1:04d}" for number in (*CALIBRATION, FIRST_PERSON)]
    assert [role(name) for name in names] == ["calibrate", "train", "train"]
    assert role(f"person-{CALIBRATION[0]:04d}") == "test"
    assert role(f"person-{CALIBRATION[1]:04d}") == "calibrate"
    assert PLANS["default-large"].people + 0 == FIRST_PERSON + MOST_PEOPLE


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--output", "strides.pt"],
            "strides.pt cannot be the file of the weights: let it end in .safetensors.",
        ),
        (["--output", "strides"], "strides cannot be the file of the weights"),
        (["--people", "0"], "These numbers of people make no sense: --people is 0, expected 1 to 3093."),
        (["--people", "3094"], "--people is 3094, expected 1 to 3093"),
        (
            ["--people", "-1", "--calibrate", "121"],
            "--people is -1, expected 1 to 3093; --calibrate is 121, expected 1 to 120.",
        ),
        (["--calibrate", "0"], "--calibrate is 0, expected 1 to 120"),
        (["nobody"], "There is no cohort, public dataset or folder 'nobody'"),
    ],
)
def test_training_says_what_is_wrong_before_it_begins(options, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stride_sources, "simulate_strides", None)
    output = [] if "--output" in options else ["--output", "strides.safetensors"]
    assert main(["train-strides", *options, *output]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
