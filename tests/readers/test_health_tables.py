import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.readers.health_tables import read_health_tables, write_health_tables

PEOPLE = """participant_id,research_stage,collection_date,sex,age,height,weight,bmi,vat_area
10K_0001,baseline,2021-03-01,1,52,180,81,25,120
10K_0001,02_00_visit,2023-03-05,1,54,180,85,26.2,130
10K_0002,baseline,2021-04-01,2,47,165,60,,0
10K_0003,baseline,2021-05-01,2,61,158,55,22.0,70
10K_0004,02_00_visit,2023-05-01,1,61,158,55,22.0,70
"""
BLOOD = """RegistrationCode,research_stage,collection_date,ldl,smoker,sample
10K_0001,baseline,2021-03-01,101.5,yes,blue
10K_0001,02_00_visit,2023-03-05,99,no,red
10K_0002,blood_visit,2021-05-10,120,no,red
10K_0002,second_blood_visit,2021-04-11,118,no,red
10K_0003,blood_visit,2021-09-01,90,no,red
10K_0009,baseline,2021-03-01,77,no,red
"""
BONES = """participant_id,research_stage,spine_bmd,spine_t_score,new_measure
10K_0001,baseline,1.1,0,3
10K_0002,baseline,0,-1,4
10K_0003,baseline,0.9,-2,5
"""
DICTIONARY = """field,description,units,body_system,type
ldl,LDL cholesterol,mg/dl,blood_lipids,continuous
smoker,smokes today,,lifestyle,binary
spine_bmd,density of the spine,g/cm2,bone_density,continuous
spine_t_score,,SD,bone_density,continuous
never_measured,,,bone_density,continuous
"""
FILES = {"people.csv": PEOPLE, "blood.csv": BLOOD, "bones.csv": BONES, "dictionary.csv": DICTIONARY}


@pytest.fixture
def write(tmp_path):
    """Write files into a folder, those of a good study by default, and give the folder."""

    def into_folder(**changed):
        content = FILES | {name.replace("__", "."): text for name, text in changed.items()}
        for name, text in content.items():
            if text is not None:
                (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return into_folder


def test_people_come_in_the_names_and_units_of_the_package(write):
    people = read_health_tables(write()).people
    assert people.index.tolist() == ["10K_0001", "10K_0002", "10K_0003"]
    assert people["sex"].tolist() == ["male", "female", "female"]
    np.testing.assert_allclose(people["height_m"], [1.80, 1.65, 1.58])
    np.testing.assert_allclose(people["bmi_kgm2"], [25, 60 / 1.65**2, 22])
    np.testing.assert_allclose(people["visceral_fat_cm2"], [120, np.nan, 70])


def test_phenotypes_carry_their_meaning(write):
    phenotypes = read_health_tables(write()).phenotypes
    assert phenotypes["value"].dims == ("subject", "phenotype")
    ldl = phenotypes.sel(phenotype="ldl")
    assert (str(ldl["system"].values), str(ldl["unit"].values)) == ("blood_lipids", "mg/dl")
    assert phenotypes.sel(phenotype="smoker")["type"] == "binary"
    np.testing.assert_allclose(phenotypes["value"].sel(phenotype="smoker"), [1, 0, np.nan])


def test_a_row_near_in_time_stands_in_for_one_of_the_visit(write):
    study = read_health_tables(write())
    # of 10 and 39 days the shorter; 123 days are too many
    np.testing.assert_allclose(study.phenotypes["value"].sel(phenotype="ldl"), [101.5, 118, np.nan])
    assert study.counts["blood.csv: rows of the nearest visit within 60 days"] == 1


def test_zeros_of_failed_scans_are_missing_and_counted(write):
    study = read_health_tables(write())
    np.testing.assert_allclose(study.phenotypes["value"].sel(phenotype="spine_bmd"), [1.1, np.nan, 0.9])
    np.testing.assert_allclose(study.phenotypes["value"].sel(phenotype="spine_t_score"), [0, -1, -2])
    assert study.counts["zeros of failed scans taken as missing"] == 1
    assert study.counts["people.csv: vat_area: zeros of failed scans taken as missing"] == 1


def test_what_the_dictionary_marks_is_missing_at_zero_too(write):
    marked = "field,body_system,zero_is_missing\nldl,blood_lipids,yes\n"
    study = read_health_tables(write(blood__csv=BLOOD.replace("101.5", "0"), dictionary__csv=marked))
    assert np.isnan(study.phenotypes["value"].sel(phenotype="ldl", subject="10K_0001"))


def test_everything_left_out_or_changed_is_counted(write):
    counts = read_health_tables(write()).counts
    assert counts["people.csv: height: heights from cm to m"] == 3
    assert counts["people whose bmi_kgm2 was computed from weight and height"] == 1
    assert counts["people without the visit 'baseline', left out"] == 1
    assert counts["blood.csv: rows of nobody in people.csv, left out"] == 1
    assert counts["blood.csv: people without a row"] == 1
    assert counts["columns of words, left out"] == 1
    assert counts["dictionary entries without a column"] == 1
    assert counts["phenotypes that the dictionary does not know, of the system 'unassigned'"] == 1


def test_another_visit_gives_other_rows(write):
    study = read_health_tables(write(), visit="02_00_visit")
    assert study.people.index.tolist() == ["10K_0001", "10K_0004"]
    assert study.phenotypes["value"].sel(phenotype="ldl", subject="10K_0001") == 99


@pytest.mark.parametrize(
    ("codes", "given"),
    [("M,F,F", None), ("1,0,0", None), ("Male,female,F", None), ("a,b,b", {"a": "male", "b": "female"})],
)
def test_sexes_are_known_in_many_spellings(write, codes, given):
    rows = [f"{number},{code},50" for number, code in enumerate(codes.split(","))]
    folder = write(people__csv="\n".join(["participant_id,sex,age", *rows]), blood__csv=None, bones__csv=None)
    study = read_health_tables([folder / "people.csv", folder / "dictionary.csv"], sex_codes=given)
    assert study.people["sex"].tolist() == ["male", "female", "female"]


def test_covariates_are_found_in_other_tables(write):
    scans = BONES.replace("new_measure", "vat_area")
    study = read_health_tables(write(people__csv=PEOPLE.replace("vat_area", "other"), bones__csv=scans))
    assert study.people["visceral_fat_cm2"].tolist() == [3, 4, 5]
    assert study.counts["bones.csv: vat_area taken as visceral_fat_cm2 of the people"] == 1


def test_names_of_columns_can_be_told(write):
    folder = write(people__csv=PEOPLE.replace("participant_id", "patient"))
    assert len(read_health_tables(folder, columns={"patient": "participant_id"}).people) == 3


def test_a_json_dictionary_tells_the_same(write):
    entries = {
        "ldl": {"type": "regression", "description": "LDL", "units": "mg/dl", "body_system": "lipids"},
        "new_measure": {"type": "ordinal", "body_system": "bones"},
    }
    folder = write(dictionary__csv=None, dictionary__json=json.dumps(entries))
    phenotypes = read_health_tables(folder).phenotypes
    assert phenotypes.sel(phenotype="ldl")["system"] == "lipids"
    assert phenotypes.sel(phenotype="new_measure")["type"] == "continuous"


def test_categories_are_left_out_and_codes_of_two_become_zero_and_one(write):
    text = "participant_id,blood_group,side\n10K_0001,1,1\n10K_0002,2,2\n10K_0003,3,2\n"
    words = "field,type\nblood_group,categorical\nside,categorical\n"
    study = read_health_tables(write(blood__csv=text, dictionary__csv=words))
    assert "blood_group" not in study.phenotypes["phenotype"]
    assert study.phenotypes["value"].sel(phenotype="side").values.tolist() == [0, 1, 1]
    assert study.counts["columns of more than two categories, left out"] == 1


def test_a_participant_who_stands_twice_is_one_clear_fault(write):
    twice = BONES + "10K_0002,baseline,0.8,-1,4\n"
    with pytest.raises(
        ValueError, match=r"bones\.csv has more than one row at the visit 'baseline' for participant 10K_0002"
    ):
        read_health_tables(write(bones__csv=twice))


def test_all_faults_come_in_one_message(write):
    folder = write(
        people__csv=PEOPLE.replace(
            "10K_0001,baseline,2021-03-01,1,52,180", "10K_0001,baseline,2021-03-01,7,152,180"
        ),
        blood__csv=BLOOD.replace("101.5", "<5"),
        bones__csv=BONES.replace("new_measure", "ldl"),
        notes__csv="a,b\n1,2\n",
    )
    with pytest.raises(ValueError, match="5 fault") as told:
        read_health_tables(folder)
    for part in (
        "notes.csv has neither a column participant_id",
        "no one coding of sex",
        "age_year is outside 0 to 120 for 10K_0001 (152)",
        "ldl stands in blood.csv and in bones.csv",
        "blood.csv: ldl holds <5, which is no number",
    ):
        assert part in str(told.value)


def test_a_table_of_people_is_needed_and_only_one(write):
    folder = write(people__csv=None)
    with pytest.raises(ValueError, match="no table tells sex"):
        read_health_tables(folder)
    write(more__csv="participant_id,sex\n1,2\n")
    with pytest.raises(ValueError, match=r"more than one table tells sex \(more.csv, people.csv\)"):
        read_health_tables(folder)


def test_parquet_without_its_reader_is_told_with_the_remedy(write, monkeypatch):
    folder = write()
    (folder / "scans.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr("gaitbook.readers.health_files.find_spec", lambda _: None)
    with pytest.raises(
        ValueError, match=r"scans\.parquet is Parquet, which needs pyarrow: pip install pyarrow"
    ):
        read_health_tables(folder)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.csv"):
        read_health_tables(tmp_path / "missing.csv")
    with pytest.raises(FileNotFoundError, match="holds no"):
        read_health_tables(tmp_path)


def test_what_is_written_is_read_again(tmp_path):
    rng = np.random.default_rng(4)
    subjects = [f"person-{number}" for number in range(6)]
    people = pd.DataFrame(
        {
            "sex": ["female", "male"] * 3,
            "age_year": rng.uniform(30, 70, 6),
            "height_m": rng.uniform(1.5, 1.9, 6),
            "mass_kg": rng.uniform(50, 90, 6),
        },
        pd.Index(subjects, name="subject"),
    )
    people["bmi_kgm2"] = people["mass_kg"] / people["height_m"] ** 2
    people["visceral_fat_cm2"] = rng.uniform(40, 200, 6)
    value = rng.standard_normal((6, 3))
    value[:, 2] = value[:, 2] > 0
    value[1, 0] = np.nan
    phenotypes = xr.Dataset(
        {"value": (("subject", "phenotype"), value)},
        {
            "subject": subjects,
            "phenotype": ["ldl", "grip", "apnea"],
            "system": ("phenotype", ["lipids", "frailty", "sleep"]),
            "unit": ("phenotype", ["mg/dl", "kg", "0 or 1"]),
            "type": ("phenotype", ["continuous", "continuous", "binary"]),
            "description": ("phenotype", ["a", "b", ""]),
        },
    )
    assert len(write_health_tables(tmp_path / "study", people, phenotypes)) == 5
    study = read_health_tables(tmp_path / "study")
    pd.testing.assert_frame_equal(study.people, people)
    again = study.phenotypes.sel(phenotype=phenotypes["phenotype"])
    np.testing.assert_allclose(again["value"], value)
    for name in ("system", "unit", "type", "description"):
        assert again[name].values.tolist() == phenotypes[name].values.tolist()
    assert study.counts == {"participants.csv: height: heights from cm to m": 6}
