"""What a source stands for: a file, the trials of a file, a cohort, a person of it, or one trial."""

import pytest

from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.studies.prediction_sources import list_recordings
from tests.readers.test_addbiomechanics import walker, write
from tests.studies.formula_walk import formula_walk, write_walk


def stored(folder, *, sources=("lab",)):
    cohort = create_cohort(folder / "people", name="people")
    for source in sources:
        for subject in ("A", "B"):
            for trial in ("slow", "fast"):
                append_trial(
                    cohort,
                    formula_walk(duration_s=0.3).assign_attrs(source=source, subject=subject, trial=trial),
                )
    return finish_cohort(cohort)


def names(source):
    return [recording.name for recording in list_recordings(source)]


def test_a_motion_file_is_one_recording(tmp_path):
    motion, _ = write_walk(tmp_path, name="walk one")
    (recording,) = list_recordings(motion)
    assert recording.name == "walk_one"
    trial = recording.read()
    assert (trial.attrs["source"], trial.attrs["trial"]) == ("file", "walk_one")
    assert recording.body is None


def test_a_file_of_addbiomechanics_is_many_with_one_name_each(tmp_path):
    path = write(tmp_path, walker(), walker(name="walk one"), walker(name="two"))
    assert names(path) == ["runner_walk_one", "runner_walk_one_2", "runner_two"]


def test_a_body_that_our_models_cannot_move_is_left_aside_with_a_word(tmp_path, caplog):
    (recording,) = list_recordings(write(tmp_path))
    assert recording.body is None
    assert "a body of the person's height and mass is used, not the file's own" in caplog.text
    assert recording.read().attrs["mass_kg"] == 60.0


def test_a_cohort_goes_by_folder_or_name(cohort_folder):
    stored(cohort_folder)
    everyone = ["A_fast", "A_slow", "B_fast", "B_slow"]
    assert names("people") == names(cohort_folder / "people") == everyone
    assert names("people/B") == names("people/lab/B") == everyone[2:]
    for one in ("people/A/slow", "people/lab/A/slow", f"{cohort_folder}/people/lab/A/slow", "people/A/slow/"):
        assert names(one) == ["A_slow"]
    (recording,) = list_recordings("people/A/slow")
    assert recording.read().attrs["trial"] == "slow"


def test_sources_of_a_cohort_are_told_apart(tmp_path):
    path = stored(tmp_path, sources=("here", "there"))
    assert names(path)[:2] == ["here_A_fast", "here_A_slow"]
    assert names(f"{path}/there/A") == ["A_fast", "A_slow"]


def test_a_cohort_that_is_there_is_taken_as_it_is(cohort_folder, tmp_path):
    """Even one that a newer version of gaitbook would simulate anew."""
    stored(tmp_path).rename(cohort_folder / "default-large")
    assert len(names("default-large")) == 4


def test_what_is_not_there_is_named(cohort_folder, tmp_path):
    stored(cohort_folder)
    with pytest.raises(KeyError, match=r"holds no C: name a subject, or subject/trial as in A/fast"):
        list_recordings("people/C")
    with pytest.raises(KeyError, match="There is no cohort, public dataset or folder 'nobody/at/all'"):
        list_recordings("nobody/at/all")
    with pytest.raises(FileNotFoundError, match="There is no file"):
        list_recordings(tmp_path / "absent.mot")[0].read()
    (tmp_path / "notes.txt").write_text("walk")
    with pytest.raises(
        ValueError, match=r"notes.txt is no recording: expected .mot, .sto, .trc, .c3d or .b3d, or"
    ):
        list_recordings(tmp_path / "notes.txt")
    (tmp_path / "raw").mkdir()
    with pytest.raises(ValueError, match=r"raw is no cohort .*gaitbook import"):
        list_recordings(tmp_path / "raw")
