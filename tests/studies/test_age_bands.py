import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.age_bands import FEWEST_PEOPLE, age_bands, band_of
from tests.studies.drawn_people import draw_people


def people_of_ages(*ages, sex="female"):
    return pd.DataFrame({"sex": sex, "age_year": np.array(ages, dtype=float)})


def test_every_band_has_people_enough():
    people = draw_people(500)
    bands = age_bands(people)
    assert (bands["n"] >= FEWEST_PEOPLE).all()
    assert bands.groupby("sex")["n"].sum().to_dict() == {"female": 250, "male": 250}
    counted = band_of(people, bands).groupby(people["sex"]).value_counts()
    assert counted.to_dict() == bands.set_index(["sex", "band"])["n"].to_dict()


def test_decades_with_few_people_join_their_neighbors():
    ages = [35] * 2 + [45] * 3 + [55] * 5 + [65] * 5 + [75] * 1
    bands = age_bands(people_of_ages(*ages), fewest=5)
    assert bands["band"].tolist() == ["under 50 years", "50 to 59 years", "60 years and over"]
    assert bands["n"].tolist() == [5, 5, 6]


def test_a_band_of_all_ages_is_called_so():
    bands = age_bands(people_of_ages(30, 40, 50), fewest=3)
    assert bands["band"].tolist() == ["all ages"]


def test_people_older_and_younger_than_all_are_in_the_outer_bands():
    bands = age_bands(people_of_ages(*[45] * 5, *[55] * 5), fewest=5)
    found = band_of(people_of_ages(20, 49.9, 50, 90), bands)
    assert found.tolist() == ["under 50 years"] * 2 + ["50 years and over"] * 2


def test_one_woman_and_unknown_ages_are_named():
    people = pd.concat([people_of_ages(40), people_of_ages(*range(30, 80), np.nan, sex="male")])
    with pytest.raises(
        ValueError, match=r"people without sex or age: 1.*female people: 1, an interval needs 40"
    ):
        age_bands(people)
    with pytest.raises(ValueError, match="no column sex, age_year"):
        age_bands(people[[]])


def test_a_sex_that_nobody_taught_is_refused():
    bands = age_bands(people_of_ages(*[45] * 5), fewest=5)
    with pytest.raises(ValueError, match="no intervals for the sex male: nobody taught them"):
        band_of(people_of_ages(45, sex="male"), bands)
