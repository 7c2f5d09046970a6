"""Training material by name: cohorts and AddBiomechanics files alike, encoded once, every exclusion told."""

import os

import pytest
import torch

from gaitbook.cli import main
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.library import UnknownCohortError
from gaitbook.representation.channels import CHANNELS, FORCE, numbers_of
from gaitbook.studies.motion_training import of_role
from gaitbook.studies.training_sources import encode_training
from tests.studies.formula_walk import formula_walk
from tests.studies.test_archived_motion import model_text, walker, write


@pytest.fixture
def archive(tmp_path):
    """Two studies; one person of the first is split into two files, one trial of the second is too short."""
    text = model_text(tmp_path)
    root = tmp_path / "archive"
    write(root / "One", walker(text), text=text, name="P02_split0.b3d")
    write(root / "One", walker(text), text=text, name="P02_split1.b3d")
    write(root / "Two", walker(text), walker(text, duration_s=1.0, name="short"), text=text, name="P03.b3d")
    return root


def encode(*names):
    return encode_training([str(name) for name in names], processes=1, progress=False)


def test_a_folder_of_files_becomes_sequences_with_its_studies(archive):
    sequences, exclusions = encode(archive)
    assert sequences.study == ["archive/One", "archive/One", "archive/Two"]
    assert sequences.subject == ["P02", "P02", "P03"]
    assert [tuple(each.shape) for each in sequences.values] == [(171, len(CHANNELS))] * 3
    force = sequences.values[0][:, numbers_of([name for name in FORCE if name.startswith("force/y")])]
    assert bool(torch.isfinite(force).all())
    assert [(each.item, each.reason) for each in exclusions] == [
        ("/addbiomechanics/P03/short", "shorter than 1.52 s")
    ]


def test_a_file_and_a_cohort_stand_side_by_side(archive, cohort_folder):
    cohort = create_cohort(cohort_folder / "people", name="people")
    append_trial(cohort, formula_walk(duration_s=1.7).assign_attrs(subject="A"))
    finish_cohort(cohort)
    sequences, _ = encode("people", archive / "Two" / "P03.b3d")
    assert sequences.study == ["people", "P03"]
    assert sequences.subject == ["A", "P03"]


def test_what_was_encoded_is_not_encoded_again_unless_the_file_changes(archive, cohort_folder):
    file = archive / "Two" / "P03.b3d"
    first, _ = encode(file)
    ((chunk, made),) = ((each, each.stat().st_mtime_ns) for each in cohort_folder.rglob("*.safetensors"))
    again, exclusions = encode(file)
    assert chunk.stat().st_mtime_ns == made
    torch.testing.assert_close(first.values, again.values, rtol=0, atol=0, equal_nan=True)
    assert [each.reason for each in exclusions] == ["shorter than 1.52 s"]
    os.utime(file, ns=(1, 1))
    encode(file)
    assert len(list(cohort_folder.rglob("*.safetensors"))) == 2


def test_nothing_to_learn_from_is_said_with_the_reasons(tmp_path):
    text = model_text(tmp_path)
    short = [walker(text, duration_s=1.0, name=name) for name in ("one", "two")]
    path = write(tmp_path / "short", *short, text=text)
    with pytest.raises(
        ValueError, match=r"No trial of .*P01\.b3d can be learned from: shorter than 1\.52 s \(2\)"
    ):
        encode(path)


def test_people_who_are_all_kept_for_tests_are_nobody_to_train_on(tmp_path):
    text = model_text(tmp_path)
    path = write(tmp_path / "one", walker(text), text=text, name="P001_split0.b3d")
    with pytest.raises(
        ValueError, match=r"kept for calibration or tests, as their names decide \(P001\): add"
    ):
        encode(path)


def test_a_name_that_nothing_has_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.b3d: check the path"):
        encode(tmp_path / "gone.b3d")
    with pytest.raises(UnknownCohortError, match="nobody"):
        encode("nobody")


def test_people_of_files_are_split_like_all_others(archive):
    sequences, _ = encode(archive)
    train = of_role(sequences, "train")
    held = {*of_role(sequences, "test").subject, *of_role(sequences, "calibrate").subject}
    assert set(train.subject) & held == set()
    assert set(train.subject) | held == {"P02", "P03"}


def test_the_command_trains_on_files_and_counts_what_was_left_out(archive, tmp_path, capsys):
    output = str(tmp_path / "tiny.safetensors")
    small = ["--steps", "1", "--batch", "2", "--width", "32", "--blocks", "1", "--output", output]
    assert main(["train", str(archive / "Two" / "P03.b3d"), *small]) == 0
    told = capsys.readouterr().out
    for part in ("people: 1", "Left out: 1 because shorter than 1.52 s", f"Weights: {output}"):
        assert part in told
    assert main(["train", str(tmp_path / "gone.b3d"), *small]) == 2
    assert "check the path" in capsys.readouterr().err
