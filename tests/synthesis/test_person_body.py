"""The lean, the stout and the bow-legged get bodies that differ in numbers only."""

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import center_of_mass, forward_kinematics
from gaitbook.synthesis.person_body import abdominal_mass, person_body
from gaitbook.synthesis.population import draw_people

SMALL = {"sex": "female", "height_m": 1.55, "mass_kg": 48.0}
STOUT = {"sex": "male", "height_m": 1.85, "mass_kg": 105.0, "knee_varus_rad": 0.06, "abdominal_fat": 1.5}


@pytest.mark.parametrize("person", [SMALL, STOUT])
def test_mass_is_the_persons(person):
    assert person_body(person).mass_kg == pytest.approx(person["mass_kg"], abs=1e-12)


def test_is_the_generic_body_but_for_knees_and_abdomen():
    abdominal_kg = abdominal_mass(height_m=1.85, mass_kg=105.0, sex="male", abdominal_fat=1.5)
    expected = generic_body(
        height_m=1.85,
        mass_kg=105.0,
        sex="male",
        markers="rbds",
        knee_varus_rad=0.06,
        abdominal_mass_kg=abdominal_kg,
    )
    assert person_body(STOUT, markers="rbds") == expected


def test_straight_knees_and_average_fat_when_nothing_is_said():
    told = SMALL | {"knee_varus_rad": 0.0, "abdominal_fat": 0.0}
    assert person_body(SMALL) == person_body(told)


def test_without_a_sex_it_is_between_both():
    size = {"height_m": 1.7, "mass_kg": 80.0}
    female, male, neither = (abdominal_mass(**size, sex=sex) for sex in ("female", "male", None))
    assert neither == pytest.approx((female + male) / 2.0)
    assert person_body(size).mass_kg == pytest.approx(80.0)


def test_rows_of_the_cohort_have_bodies():
    people = draw_people(6, seed=3)
    for _, row in people.iterrows():
        assert person_body(row).mass_kg == pytest.approx(row["mass_kg"])
    assert person_body(people.iloc[0]) == person_body(people.iloc[0].to_dict())


def test_bodies_of_different_people_stack():
    bodies = [compile_body(person_body(person)) for person in (SMALL, STOUT)]
    one, other = (dict(body.named_buffers()) for body in bodies)
    assert one.keys() == other.keys()
    for name, table in one.items():
        assert table.shape == other[name].shape
        if not table.is_floating_point():
            assert torch.equal(table, other[name])
    assert bodies[0].segment_names == bodies[1].segment_names
    assert bodies[0].coordinate_names == bodies[1].coordinate_names
    assert bodies[0].parents == bodies[1].parents


def test_mirrored_knees_leave_the_body_symmetric():
    body = compile_body(person_body(STOUT))
    pose = forward_kinematics(body, torch.zeros(1, len(body.coordinate_names), dtype=torch.float64))
    right, left = (pose.position[0, body.segment(f"toes_{side}")].numpy() for side in "rl")
    assert left == pytest.approx(right * [1, 1, -1], abs=1e-12)
    assert center_of_mass(body, pose)[0, 2].item() == pytest.approx(0.0, abs=1e-12)


def test_the_abdomen_is_nothing_in_the_thin_and_the_excess_share_in_the_stout():
    def mass_kg(bmi):
        return abdominal_mass(height_m=1.8, mass_kg=bmi * 1.8**2, sex="male")

    assert mass_kg(14.0) < 0.02
    assert mass_kg(40.0) == pytest.approx(0.17 * 18.0 * 1.8**2, rel=1e-3)
    assert np.all(np.diff([mass_kg(bmi) for bmi in range(16, 40)]) > 0.0)
    assert 3.0 < mass_kg(30.0) < 6.0


def test_fat_and_sex_change_the_abdomen():
    size = {"height_m": 1.8, "mass_kg": 95.0}
    assert abdominal_mass(**size, sex="male") > abdominal_mass(**size, sex="female")
    assert abdominal_mass(**size, abdominal_fat=1.0) > 1.2 * abdominal_mass(**size)


def test_all_that_is_missing_is_told_at_once():
    with pytest.raises(
        ValueError, match=r"body cannot be made: height_m is missing; mass_kg is -3, expected more"
    ):
        person_body({"mass_kg": -3.0, "sex": "male"})


def test_a_fat_that_is_no_score_is_told():
    with pytest.raises(ValueError, match="abdominal_fat is 120, expected a z score within 6 of zero"):
        person_body(SMALL | {"abdominal_fat": 120.0})
    with pytest.raises(ValueError, match="abdominal_fat is nan"):
        person_body(SMALL | {"abdominal_fat": float("nan")})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sex": "F"}, "sex is 'F', expected one of female, male or None"),
        ({"height_m": 155.0}, "height_m is 155, expected .* check its unit"),
        ({"knee_varus_rad": 3.0}, "knee_varus_rad is 3, expected .* check its unit"),
    ],
)
def test_what_no_body_has_is_told(change, message):
    with pytest.raises(ValueError, match=message):
        person_body(SMALL | change)
