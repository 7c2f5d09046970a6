import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.readers.health_tables import write_health_tables
from gaitbook.studies.studied_walkers import (
    FEATURES_FILE,
    open_known,
    open_same_input,
    open_taught,
    open_views,
    open_walkers,
    take_every,
)
from gaitbook.studies.walker_features import WalkerFeatures, write_features
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.population import draw_people

COUNT = 12


def phenotypes(names):
    labels = ["triglycerides", "ldl", "sleep_time"]
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {"value": (("subject", "phenotype"), rng.standard_normal((len(names), len(labels))))},
        coords={
            "subject": list(names),
            "phenotype": labels,
            "system": ("phenotype", ["blood_lipids", "blood_lipids", "sleep"]),
            "unit": ("phenotype", ["mg/dl", "mg/dl", "h"]),
            "type": ("phenotype", ["continuous"] * 3),
            "description": ("phenotype", ["a", "b", "c"]),
        },
    )


def write_folder(folder, walked, people):
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.standard_normal((len(walked), 4)), pd.Index(walked, name="subject"))
    none = pd.DataFrame(columns=["subject", "task", "reason"])
    write_features(folder / FEATURES_FILE, WalkerFeatures({"fast": table, "without legs": table}, none))
    write_health_tables(folder, people, phenotypes(people.index))


def test_simulated_walkers_are_the_first_of_the_cohort_and_know_their_truth():
    walkers = open_walkers(people=20, every=400)
    assert walkers.is_truth_known
    assert list(walkers.people.index) == [f"person-{number:04d}" for number in range(1, 21)]
    pd.testing.assert_frame_equal(walkers.styles, draw_causes(draw_people(20)).styles)
    for table in walkers.sets.values():
        assert list(table.index) == list(walkers.people.index)
    assert walkers.phenotypes.sizes == {**walkers.phenotypes.sizes, "phenotype": 9, "subject": 20}
    assert walkers.record.attrs["label"] == "synthetic"
    assert not walkers.exclusions


def test_sets_of_the_ablation_are_no_readers():
    walkers = open_walkers(people=5, every=1000)
    assert {"without legs", "only head"} <= set(walkers.sets)
    assert {"engineered", "keypoints", "fast"} <= set(walkers.readers)
    assert not [name for name in walkers.readers if name.startswith(("without", "only"))]


def test_every_second_phenotype_is_every_second_phenotype():
    table = phenotypes(["a", "b"])
    assert take_every(table, 2)["phenotype"].values.tolist() == ["triglycerides", "sleep_time"]
    xr.testing.assert_identical(take_every(table, 1), table)


def test_both_encoders_have_read_the_same_people():
    walkers = open_same_input(people=7)
    assert walkers is not None
    assert {"fast", "paper"} <= set(walkers.sets)
    assert {len(table) for table in walkers.sets.values()} == {7}
    assert walkers.people.index.equals(walkers.sets["paper"].index)


def test_a_package_without_the_table_of_both_encoders_says_none(monkeypatch):
    def absent(_):
        raise FileNotFoundError("the package has come without them")

    monkeypatch.setattr("gaitbook.studies.studied_walkers.walker_features", absent)
    assert open_same_input() is None
    with pytest.raises(FileNotFoundError, match="come without them"):
        open_views()


def test_walkers_were_seen_whole_in_parts_and_on_another_day():
    walkers = open_views(people=9)
    assert {"whole", "another day", "mean pose"} <= set(walkers.sets)
    assert {len(table) for table in walkers.sets.values()} == {9}


def test_walkers_were_seen_by_a_reader_who_was_taught_styles():
    walkers = open_taught(people=9)
    assert walkers.sets["taught"].shape == (9, walkers.styles.shape[1])


def test_the_same_walkers_were_read_by_an_encoder_that_knew_them_and_one_that_did_not():
    walkers = open_known(people=9)
    assert set(walkers.sets) == {"known", "strangers"}
    assert {len(table) for table in walkers.sets.values()} == {9}


def test_people_of_a_folder_are_studied_and_those_who_cannot_be_are_counted(tmp_path):
    people = draw_people(COUNT)
    columns = ["sex", "age_year", "height_m", "mass_kg", "bmi_kgm2", "visceral_fat_cm2"]
    told = people[columns].copy()
    told.iloc[1, columns.index("visceral_fat_cm2")] = np.nan
    walked = [*people.index[:-1], "stranger"]
    write_folder(tmp_path, walked, told)
    walkers = open_walkers(tmp_path, every=2)
    assert not walkers.is_truth_known
    assert walkers.record.attrs["label"] == "recorded"
    assert walkers.record.attrs["name"] == tmp_path.name
    reasons = {each.item: each.reason for each in walkers.exclusions}
    assert reasons == {
        "stranger": "not in the health tables",
        people.index[-1]: "no features of walking",
        people.index[1]: "visceral_fat_cm2 is not known",
    }
    assert list(walkers.people.index) == [name for name in people.index[:-1] if name != people.index[1]]
    assert walkers.features.index.equals(walkers.people.index)
    assert walkers.phenotypes["subject"].values.tolist() == list(walkers.people.index)
    assert walkers.phenotypes.sizes["phenotype"] == 2


def test_a_folder_without_features_says_how_to_make_them(tmp_path):
    with pytest.raises(FileNotFoundError, match="gaitbook embed COHORT --table"):
        open_walkers(tmp_path)


def test_a_folder_of_strangers_says_why_nobody_is_left(tmp_path):
    people = draw_people(3)[["sex", "age_year", "height_m", "mass_kg", "bmi_kgm2", "visceral_fat_cm2"]]
    write_folder(tmp_path, ["a", "b"], people)
    with pytest.raises(ValueError, match="no features of walking, not in the health tables"):
        open_walkers(tmp_path)


def test_all_senseless_numbers_are_named():
    with pytest.raises(ValueError, match=r"people is 0.*every is -1"):
        open_walkers(people=0, every=-1)
