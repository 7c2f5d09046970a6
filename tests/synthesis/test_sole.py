import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.sole import BALLS, SIDES, SOLE, foot_axes, foot_length, sole_places, with_soles

SMALL, TALL = {"height_m": 1.5, "mass_kg": 50.0}, {"height_m": 1.95, "mass_kg": 95.0}


def standing(person):
    """Soles (foot, point, axis) of someone who stands straight, pelvis at the origin."""
    body = compile_body(with_soles(person_body(person)))
    coordinates = torch.zeros(1, len(body.coordinate_names), dtype=torch.float64)
    return marker_positions(body, forward_kinematics(body, coordinates)).numpy().reshape(2, len(SOLE), 3)


@pytest.mark.parametrize("person", [SMALL, TALL])
def test_the_sole_of_someone_who_stands_is_flat(person):
    soles = standing(person)
    assert np.ptp(soles[..., 1]) < 1e-12


@pytest.mark.parametrize("person", [SMALL, TALL])
def test_places_along_and_across_are_those_of_the_points(person):
    soles, length_m = standing(person), foot_length(person["height_m"])
    for foot, outward in enumerate(SIDES):
        apart = soles[foot, :3] - soles[foot, 0]
        places = length_m * (sole_places() - sole_places()[0])
        np.testing.assert_allclose(apart[:, 0], places[:, 0], atol=1e-12)
        np.testing.assert_allclose(outward * apart[:, 2], places[:, 1], atol=1e-12)


def test_feet_are_mirror_images():
    right, left = standing(TALL)
    np.testing.assert_allclose(left, right * [1, 1, -1], atol=1e-12)


def test_soles_grow_with_the_body():
    small, tall = (standing(person)[0] for person in (SMALL, TALL))
    length_m = [foot_length(person["height_m"]) for person in (SMALL, TALL)]
    span = [np.ptp(soles[:, 0]) for soles in (small, tall)]
    assert span[1] / span[0] == pytest.approx(length_m[1] / length_m[0])


def test_all_points_are_under_the_foot():
    places = sole_places()
    assert (places[:, 0] > 0.0).all()
    assert (places[:, 0] < 1.0).all()
    inside, outside = (places[ball, 1] for ball in BALLS)
    assert inside < 0.0 < outside


def test_straight_feet_look_forward_and_outward():
    along, outward = foot_axes(np.zeros(2))
    np.testing.assert_allclose(along, [[1, 0, 0], [1, 0, 0]])
    np.testing.assert_allclose(outward, [[0, 0, 1], [0, 0, -1]])


def test_axes_are_perpendicular_and_toes_that_turn_out_point_outward():
    along, outward = foot_axes(np.array([0.2, 0.3]))
    np.testing.assert_allclose((along * outward).sum(axis=1), 0.0, atol=1e-15)
    np.testing.assert_allclose(np.linalg.norm([along, outward], axis=-1), 1.0)
    assert along[0, 2] == pytest.approx(np.sin(0.2))
    assert along[1, 2] == pytest.approx(-np.sin(0.3))


def test_the_body_is_the_same_but_for_its_markers():
    bare = person_body(TALL)
    body = with_soles(bare)
    assert (body.segments, body.joints, body.coordinates) == (bare.segments, bare.joints, bare.coordinates)
    assert [marker.name for marker in body.markers] == [
        f"{name}{side}" for side in ("_r", "_l") for name in SOLE
    ]
