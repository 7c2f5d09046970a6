"""Unit, up and front of a skeleton, told by the body."""

import numpy as np
import pytest

from gaitbook.readers.skeleton_axes import (
    body_axes,
    body_extent,
    find_facing,
    find_unit,
    find_up,
    name_axis,
    read_axis,
)
from gaitbook.readers.skeleton_faults import find_faults
from gaitbook.readers.skeleton_layouts import joint_names
from tests.readers.skeleton_writer import in_use, walking_person

PERSON = in_use(walking_person())
AXES = ("x", "-x", "y", "-y", "z", "-z")


@pytest.mark.parametrize("up", AXES)
@pytest.mark.parametrize("facing", AXES)
def test_up_and_front_are_found_along_any_axes_of_the_file(up: str, facing: str):
    if up[-1] == facing[-1]:
        return
    rows = body_axes(read_axis(facing), read_axis(up))
    assert np.linalg.det(rows) == pytest.approx(1)
    turned = PERSON @ rows
    found = find_up(turned)
    assert name_axis(found) == up
    assert name_axis(find_facing(turned, found, 1.0)[0]) == facing
    np.testing.assert_allclose(turned @ rows.T, PERSON, atol=1e-12)


@pytest.mark.parametrize("height", [0.6, 1.0, 1.25])
@pytest.mark.parametrize(("scale", "unit"), [(1.0, 1.0), (1000.0, 1e-3)])
def test_children_and_adults_have_the_size_of_a_person(height: float, scale: float, unit: float):
    assert find_unit(PERSON * height * scale)[0] == unit


def test_joints_seen_for_a_moment_do_not_make_the_person_larger():
    thrown = PERSON.copy()
    thrown[5, 3] += 20
    assert body_extent(thrown) == pytest.approx(body_extent(PERSON), abs=0.01)


def test_a_person_seen_from_the_side_in_a_picture_faces_where_the_toes_point():
    flat = PERSON * (1, 1, 0)
    facing, reason = find_facing(flat, read_axis("y"), 1.0)
    assert name_axis(facing) == "x"
    assert "toes, knees and nose tell" in reason


def only(*names: str) -> np.ndarray:
    kept = np.isin(joint_names(), names)
    return np.where(kept[None, :, None], PERSON, np.nan)


def test_what_the_body_does_not_tell_must_be_given():
    with pytest.raises(ValueError, match="head or ankles were never seen"):
        find_up(only("PELVIS", "HIP_LEFT", "HIP_RIGHT"))
    with pytest.raises(ValueError, match="nothing tells where the person faces: give facing"):
        find_facing(only("PELVIS", "NECK", "HEAD"), read_axis("y"), 1.0)
    with pytest.raises(ValueError, match="no frame holds more than two joints"):
        body_extent(only("PELVIS"))
    tilted = PERSON @ body_axes(np.array([1.0, 0, 0]), np.array([0, 0.74, 0.6726]))
    with pytest.raises(ValueError, match="does not stand along an axis of the file"):
        find_up(tilted)


@pytest.mark.parametrize("height", [0.6, 1.0, 1.2])
def test_a_person_has_no_faults_at_any_size(height: float):
    assert find_faults(PERSON * height) == []


def test_joints_that_are_missing_are_no_faults():
    assert (
        find_faults(only("HIP_LEFT", "HIP_RIGHT", "KNEE_LEFT", "KNEE_RIGHT", "ANKLE_LEFT", "ANKLE_RIGHT"))
        == []
    )


def test_a_leg_of_another_length_names_its_joints():
    longer = PERSON.copy()
    knee = joint_names().index("KNEE_LEFT")
    hip = longer[:, joint_names().index("HIP_LEFT")]
    longer[:, knee] = hip + 0.6 * (longer[:, knee] - hip)
    fault = find_faults(longer)[0]
    assert "HIP_LEFT to KNEE_LEFT 0.25 m, but 0.42 m on the other side" in fault


def test_the_skeletons_of_a_simulated_camera_have_no_faults():
    from gaitbook.synthesis.depth_camera import observe

    person = {"number": 3, "bmi_kgm2": 31.0, "visceral_fat_cm2": 160.0}
    seen = observe(walking_person(90), person)
    assert find_faults(in_use(seen.position_m)) == []
