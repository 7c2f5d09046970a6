"""Bodies for completing motion: what is needed is asked for, and the sign of the knee is told by geometry."""

from dataclasses import replace

import numpy as np
import pytest

from gaitbook.body_model import Axis, Spline
from gaitbook.mechanics.body_points import body_points
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.studies.prediction_bodies import (
    KNEES,
    body_from_text,
    estimate_height,
    extending_knees,
    read_person_body,
    reverse_coordinates,
    with_mass,
)
from tests.mechanics.body_file import write_body
from tests.readers.osim_writer import IDENTITY, body, coordinate, document, joint, members, transform
from tests.studies.formula_walk import formula_body, formula_walk

FEET = ("toes_r", "toes_l", "tibia_r")


def with_gliding_knees(model):
    """Body whose shanks glide along the thigh as the knees bend, by a spline that is not symmetric."""
    glide = Spline((-0.5, 0.0, 0.7, 1.5), (0.01, 0.0, -0.02, -0.01))

    def gliding(each):
        if not each.name.startswith("knee"):
            return each
        first, second, third = each.translations
        along = Axis(first.direction, glide, f"knee_angle_{each.name[-1]}")
        return replace(each, translations=(along, second, third))

    return replace(model, joints=tuple(map(gliding, model.joints)))


@pytest.mark.parametrize("height_m", [1.2, 1.75, 2.0])
def test_the_height_of_a_generic_body_is_found_from_its_legs(height_m):
    model = generic_body(height_m=height_m, mass_kg=60.0)
    assert estimate_height(model) == pytest.approx(height_m, rel=1e-9)


def test_knees_that_count_extension_are_found_one_by_one():
    model = formula_body()
    assert extending_knees(model) == ()
    for names in (KNEES, KNEES[:1], KNEES[1:]):
        assert extending_knees(reverse_coordinates(model, names)) == names


def test_a_reversed_body_moves_alike_when_the_angles_are_reversed():
    model = with_gliding_knees(formula_body())
    walk = formula_walk(duration_s=0.2)
    opposite = walk.copy(deep=True)
    opposite["joint_angle"].loc[{"coordinate": list(KNEES)}] *= -1.0
    there = body_points(opposite, reverse_coordinates(model, KNEES), FEET)
    np.testing.assert_allclose(there, body_points(walk, model, FEET), rtol=0, atol=1e-12)
    assert reverse_coordinates(reverse_coordinates(model, KNEES), KNEES) == model


def test_limits_and_followers_of_a_reversed_coordinate_are_reversed():
    model = formula_body()
    follower = replace(
        model.coordinates[-1], follows="knee_angle_r", coupling=Spline((0.0, 1.0, 2.0), (0.0, 3.0, 1.0))
    )
    model = replace(model, coordinates=(*model.coordinates[:-1], follower))
    turned = {each.name: each for each in reverse_coordinates(model, KNEES[:1]).coordinates}
    own = {each.name: each for each in model.coordinates}
    knee = own["knee_angle_r"]
    assert (turned["knee_angle_r"].low, turned["knee_angle_r"].high) == (-knee.high, -knee.low)
    assert turned[follower.name].coupling == Spline((-2.0, -1.0, 0.0), (1.0, 3.0, 0.0))
    assert turned["knee_angle_l"] == own["knee_angle_l"]


def test_another_mass_is_shared_out_in_proportion():
    model = formula_body()
    heavy = with_mass(model, 2.0 * model.mass_kg)
    assert heavy.mass_kg == pytest.approx(2.0 * model.mass_kg)
    for one, two in zip(model.segments, heavy.segments, strict=True):
        np.testing.assert_allclose(two.inertia_kgm2, 2.0 * np.array(one.inertia_kgm2))
        assert two.center_m == one.center_m
    assert with_mass(model, model.mass_kg) is model


def test_a_body_comes_from_a_file_or_its_text(tmp_path):
    path = write_body(formula_body(), tmp_path / "person.osim")
    assert read_person_body(path) == body_from_text(path.read_text(encoding="utf-8"))


def test_what_a_model_lacks_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"walk.mot is no OpenSim model: name a file that ends in .osim"):
        read_person_body(tmp_path / "walk.mot")
    with pytest.raises(FileNotFoundError):
        read_person_body(tmp_path / "absent.osim")
    root = joint(
        "CustomJoint",
        "root",
        "/ground",
        "/bodyset/pelvis",
        coordinate("pelvis_tilt"),
        transform(rotation1=("pelvis_tilt", "0 0 1", IDENTITY)),
    )
    path = tmp_path / "pelvis.osim"
    text = document(members("BodySet", body("pelvis")), members("JointSet", root))
    path.write_text(text, encoding="utf-8")
    lacking = r"lacks the segments femur_r, .*toes_l and the coordinates pelvis_tx, .*ankle_angle_l"
    with pytest.raises(ValueError, match=lacking) as caught:
        read_person_body(path)
    assert "subtalar" not in str(caught.value)


@pytest.mark.real_data
def test_real_models_tell_height_and_knee(real_data):
    models = {"gaitdynamics-examples/7e8622_example_opensim_model.osim": (), "hamner/final.osim": KNEES}
    for name, reversed_knees in models.items():
        if not (real_data / name).is_file():
            pytest.skip(f"{name} is absent from GAITBOOK_DATA")
        model = read_person_body(real_data / name)
        assert extending_knees(model) == reversed_knees
        assert 1.7 < estimate_height(model) < 2.0
