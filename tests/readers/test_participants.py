"""Tables of participants: units by name, one message for all faults."""

import json
from pathlib import Path

import pytest

from gaitbook.readers.participants import read_description, read_participants


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_for_a_person_holds_for_all_trials_unless_a_trial_has_its_own(tmp_path: Path):
    table = write(
        tmp_path / "participants.csv",
        "subject,trial,sex,age_year,height_m,mass_kg,speed_mps,surface\n"
        "A,,F,31,1.70,60.5,,Overground\nA,run,,,,,3.5,treadmill\nB,,male,n/a,1.80,75,,\n",
    )
    people = read_participants(table)
    assert people.subjects == ("A", "B")
    walk = {"sex": "female", "age_year": 31.0, "height_m": 1.7, "mass_kg": 60.5, "surface": "overground"}
    assert people.attributes("A", "walk") == walk
    assert people.attributes("A", "run") == {**walk, "speed_mps": 3.5, "surface": "treadmill"}
    assert people.attributes("B") == {"sex": "male", "height_m": 1.8, "mass_kg": 75.0}
    assert people.attributes("C") == {}


def test_bids_columns_tabs_and_centimeters_are_read(tmp_path: Path):
    table = write(tmp_path / "participants.tsv", "participant_id\tage\tsex\theight_cm\nsub-01\t40\tw\t165\n")
    assert read_participants(table).attributes("sub-01") == {
        "age_year": 40.0,
        "sex": "female",
        "height_m": 1.65,
    }


@pytest.mark.parametrize("separator", [",", ";"])
def test_semicolons_and_a_byte_order_mark_are_no_hindrance(tmp_path: Path, separator: str):
    table = write(
        tmp_path / "people.csv", "\ufeff" + separator.join(["subject", "mass_kg"]) + f"\nA{separator}70\n"
    )
    assert read_participants(table).attributes("A") == {"mass_kg": 70.0}


def test_a_column_without_a_unit_is_refused(tmp_path: Path):
    table = write(tmp_path / "participants.csv", "name,height,weight\nA,180,80\n")
    with pytest.raises(ValueError, match="3 fault") as caught:
        read_participants(table)
    for part in (
        "column 'height' has no unit: name it height_m or height_cm",
        "column 'weight' has no unit: name it mass_kg",
        "there is no column 'subject'; found name, height, weight",
    ):
        assert part in str(caught.value)


def test_all_faults_of_the_rows_come_in_one_message(tmp_path: Path):
    table = write(
        tmp_path / "participants.csv", "subject,sex,mass_kg\nA,x,70\nB,F,sixty\n,F,60\nC,F,60\nC,F,61\n"
    )
    with pytest.raises(ValueError, match="4 fault") as caught:
        read_participants(table)
    for part in (
        "line 2: sex is 'x'",
        "line 3: mass_kg is 'sixty'",
        "line 4 names no subject",
        "line 6 contradicts",
    ):
        assert part in str(caught.value)


def test_a_missing_table_is_said_to_be_missing(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no participants table"):
        read_participants(tmp_path / "none.csv")


def test_a_description_of_addbiomechanics_is_read(tmp_path: Path):
    content = {"massKg": 72.8, "heightM": 1.8, "sex": "male", "ageYears": 30, "subjectTags": ["healthy"]}
    path = write(tmp_path / "_subject.json", json.dumps(content))
    assert read_description(path) == {"mass_kg": 72.8, "height_m": 1.8, "age_year": 30, "sex": "male"}
    assert read_description(write(path, '{"sex": "unknown"}')) == {}
    with pytest.raises(ValueError, match=r"_subject\.json is no valid JSON"):
        read_description(write(path, "{massKg: 72"))
