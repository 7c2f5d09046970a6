"""Two thousand people look like the cohort that they stand for, and each can be drawn alone."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.synthesis.population import draw_people, load_population

COLUMNS = [
    "number",
    "sex",
    "age_year",
    "height_m",
    "mass_kg",
    "bmi_kgm2",
    "visceral_fat_cm2",
    "abdominal_fat",
    "knee_varus_rad",
    "vigor",
    "comfortable_speed_mps",
]
CORRELATION_ERROR = 0.06
"""Over 2.5 standard errors of a correlation of 2,000 people."""


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return draw_people(2000, seed=11)


def test_columns_and_names(people):
    assert people.columns.tolist() == COLUMNS
    assert people.index.name == "subject"
    assert people.index[[0, -1]].tolist() == ["person-0001", "person-2000"]
    assert people["number"].tolist() == list(range(2000))
    assert not people.isna().any(axis=None)


def test_any_part_can_be_drawn_alone():
    whole = draw_people(10, seed=4)
    pd.testing.assert_frame_equal(whole.iloc[5:], draw_people(5, seed=4, first=5), check_exact=True)


def test_same_seed_same_people_and_another_seed_others():
    pd.testing.assert_frame_equal(draw_people(20), draw_people(20, seed=0), check_exact=True)
    measured = [name for name in COLUMNS if name not in ("number", "sex")]
    assert not (draw_people(20)[measured] == draw_people(20, seed=1)[measured]).any(axis=None)


def test_people_do_not_resemble_their_neighbors(people):
    for name in ("age_year", "height_m", "abdominal_fat", "knee_varus_rad"):
        values = people[name] - people.groupby("sex")[name].transform("mean")
        assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < CORRELATION_ERROR


def test_women_are_as_many_as_in_the_cohort():
    sexes = draw_people(3414)["sex"]
    assert (sexes == "female").sum() == 1762
    shares = (sexes == "female").rolling(200).mean().dropna()
    assert shares.between(0.51, 0.52).all()


def test_age_and_body_mass_index_are_those_of_the_cohort(people):
    assert people["age_year"].between(20.0, 79.0).all()
    assert people["age_year"].mean() == pytest.approx(52.5, abs=0.7)
    assert people["age_year"].std() == pytest.approx(10.1, abs=0.5)
    assert people["bmi_kgm2"].mean() == pytest.approx(25.7, abs=0.4)
    assert people["bmi_kgm2"].std() == pytest.approx(3.8, abs=0.3)


@pytest.mark.parametrize(
    ("column", "female", "male", "tolerance"),
    [
        ("height_m", 1.619, 1.762, 0.007),
        ("bmi_kgm2", 24.8, 25.9, 0.4),
        ("visceral_fat_cm2", 80.0, 135.0, 6.0),
        ("knee_varus_rad", np.radians(0.3), np.radians(1.3), 0.004),
        ("comfortable_speed_mps", 1.22, 1.25, 0.02),
    ],
)
def test_medians_by_sex(people, column, female, male, tolerance):
    medians = people.groupby("sex")[column].median()
    assert medians["female"] == pytest.approx(female, abs=tolerance)
    assert medians["male"] == pytest.approx(male, abs=tolerance)


@pytest.mark.parametrize(
    ("column", "expected"),
    [("height_m", 0.068), ("knee_varus_rad", np.radians(2.2)), ("vigor", 1.0), ("abdominal_fat", 1.0)],
)
def test_spreads_within_a_sex(people, column, expected):
    for _, values in people.groupby("sex")[column]:
        assert values.std() == pytest.approx(expected, rel=0.07)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("age_year", "height_m", -0.25, -0.03),
        ("age_year", "bmi_kgm2", 0.12, 0.36),
        ("age_year", "comfortable_speed_mps", -0.40, -0.15),
        ("age_year", "vigor", -0.50, -0.30),
        ("height_m", "comfortable_speed_mps", 0.05, 0.25),
        ("bmi_kgm2", "visceral_fat_cm2", 0.65, 0.90),
        ("bmi_kgm2", "comfortable_speed_mps", -0.25, -0.05),
        ("bmi_kgm2", "vigor", -0.35, -0.12),
        ("abdominal_fat", "visceral_fat_cm2", 0.35, 0.70),
        ("vigor", "comfortable_speed_mps", 0.40, 0.65),
        ("abdominal_fat", "bmi_kgm2", -CORRELATION_ERROR, CORRELATION_ERROR),
        ("abdominal_fat", "age_year", -CORRELATION_ERROR, CORRELATION_ERROR),
    ],
)
def test_causes_show_within_a_sex(people, one, other, low, high):
    found = [np.corrcoef(each[one], each[other])[0, 1] for _, each in people.groupby("sex")]
    assert low < np.mean(found) < high


def test_speed_is_flat_to_middle_age_and_falls_after(people):
    young, middle, old = (
        people.loc[people["age_year"].between(low, high), "comfortable_speed_mps"].mean()
        for low, high in ((20.0, 42.0), (42.0, 52.0), (65.0, 79.0))
    )
    assert young == pytest.approx(middle, abs=0.03)
    assert 0.05 < middle - old < 0.17


def test_everybody_is_plausible(people):
    assert people["mass_kg"].between(45.0, 115.0).all()
    assert people["height_m"].between(1.40, 2.10).all()
    assert people["bmi_kgm2"].between(17.0, 45.0).all()
    assert people["comfortable_speed_mps"].between(0.75, 1.80).all()
    assert people["visceral_fat_cm2"].between(10.0, 700.0).all()
    assert people["knee_varus_rad"].abs().max() < 0.2
    assert np.allclose(people["mass_kg"], people["bmi_kgm2"] * people["height_m"] ** 2)


def test_both_sexes_have_every_number():
    tables = [
        table for part in load_population().values() if isinstance(part, dict) for table in part.values()
    ]
    by_sex = [table for table in tables if isinstance(table, dict)]
    assert len(by_sex) >= 7
    assert all(table.keys() == {"female", "male"} for table in by_sex)


def test_all_that_makes_no_sense_is_told_at_once():
    with pytest.raises(
        ValueError,
        match=r"count is 0, expected a whole number of at least 1; seed is -1, .* 0; first is 2.5, .* 0",
    ):
        draw_people(0, seed=-1, first=2.5)
