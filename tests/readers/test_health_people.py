import numpy as np
import pandas as pd
import pytest

from gaitbook.readers.health_dictionary import FieldEntry
from gaitbook.readers.health_files import Findings
from gaitbook.readers.health_people import person_columns, read_people


def people_of(rows, entries=None, sex_codes=None):
    findings = Findings()
    table = pd.DataFrame(
        rows, index=pd.Index([f"p{number}" for number in range(len(rows["sex"]))], name="subject")
    )
    return read_people({"people.csv": table}, entries or {}, sex_codes, findings), findings


def test_columns_are_known_in_any_case_and_the_package_name_wins():
    assert person_columns(pd.Index(["Gender", "AGE", "height", "height_m"])) == {
        "sex": "Gender",
        "age_year": "AGE",
        "height_m": "height_m",
    }


@pytest.mark.parametrize(
    ("column", "unit", "height_m"),
    [
        ("height_m", "", 1.7),
        ("height", "", 1.7),
        ("height_cm", "", 170.0),
        ("height", "cm", 170.0),
        ("height", "", 170.0),
    ],
)
def test_heights_come_in_meters(column, unit, height_m):
    people, _ = people_of({"sex": [1], column: [height_m]}, {column: FieldEntry(unit=unit)})
    assert people["height_m"].item() == pytest.approx(1.7)


def test_one_coding_must_fit_all_sexes():
    for codes, read in (
        ([1, 2], ["male", "female"]),
        ([0, 1], ["female", "male"]),
        ([2.0, 2.0], ["female"] * 2),
    ):
        assert people_of({"sex": codes})[0]["sex"].tolist() == read
    _, findings = people_of({"sex": [0, 1, 2]})
    assert "'0', '1', '2', which is no one coding of sex" in findings.faults[0]


def test_who_has_no_sex_is_left_out_and_counted():
    people, findings = people_of({"sex": ["F", None, "M"]})
    assert people.index.tolist() == ["p0", "p2"]
    assert findings.counts["people without a sex, left out"] == 1


def test_a_bmi_that_contradicts_weight_and_height_is_kept_and_counted():
    people, findings = people_of(
        {"sex": ["F", "M"], "height_m": [1.7, 1.8], "weight": [60, 80], "bmi": [20.76, 30]}
    )
    assert people["bmi_kgm2"].tolist() == [20.76, 30]
    assert findings.counts["people whose BMI is more than 5 % from weight over height squared, as given"] == 1


def test_what_no_column_tells_is_missing_for_all():
    people, findings = people_of({"sex": ["F"]})
    assert np.isnan(people["visceral_fat_cm2"].item())
    assert findings.counts["no column tells visceral_fat_cm2: it is missing for all"] == 1


def test_impossible_values_are_listed_with_their_people():
    _, findings = people_of({"sex": ["F", "M"], "age": [50, 501], "weight": [6000, 80], "bmi": ["21", "x"]})
    assert [fault.split(":")[0] for fault in findings.faults] == [
        "people.csv",
        "age_year is outside 0 to 120 for p1 (501)",
        "mass_kg is outside 2 to 350 for p0 (6000)",
    ]
