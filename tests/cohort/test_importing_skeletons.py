"""Skeleton files are imported like other recordings."""

from pathlib import Path

import numpy as np

from gaitbook.cohort.importing import import_cohort
from gaitbook.cohort.store import iterate_trials, read_cohort
from tests.readers.skeleton_writer import body_tracking, walking_person, write_azure_table, write_json

PERSON = walking_person(60)


def test_a_folder_of_skeletons_becomes_a_cohort(tmp_path: Path):
    write_azure_table(tmp_path / "10K_0001_tm_3kmh_front.csv", PERSON)
    write_json(tmp_path / "10K_0002_stationary_walk_front.json", body_tracking(PERSON))
    write_azure_table(tmp_path / "10K_0002_upside_front.csv", PERSON * (1, 1, -1))
    (tmp_path / "participants.csv").write_text("subject,sex,age_year\n10K_0001,f,40\n10K_0002,m,50\n")
    report = import_cohort(tmp_path, "skeletons", progress=False)
    assert report.table["status"].tolist() == ["imported", "imported", "left out"]
    assert report.table["subject"].tolist() == ["10K_0001", "10K_0002", "10K_0002"]
    assert ["left and right are exchanged" in each.reason for each in report.exclusions] == [True]
    trials = list(iterate_trials(read_cohort(report.path)))
    assert {trial.attrs["task"] for trial in trials} == {"tm_3kmh", "stationary_walk"}
    for trial in trials:
        assert trial.attrs["sampling_rate_hz"] == 30
        height_m = trial["skeleton_position"].sel(joint="HEAD", axis="y") - trial["skeleton_position"].sel(
            joint="FOOT_LEFT", axis="y"
        )
        assert np.isclose(float(height_m.max()), 1.6, atol=0.1)


def test_files_side_by_side_are_of_the_people_in_their_names(tmp_path: Path):
    for name in ("P01_tm_3kmh.csv", "P01_stationary_walk.csv", "P02_tm_3kmh.csv"):
        write_azure_table(tmp_path / name, PERSON)
    report = import_cohort(tmp_path, "side-by-side", progress=False)
    assert report.table["subject"].tolist() == ["P01", "P01", "P02"]
