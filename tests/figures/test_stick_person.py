"""The stick person: limbs between the joints that are there, and nothing else."""

import numpy as np
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.figures.skeleton import LEFT, MIDDLE, RIGHT
from gaitbook.figures.stick_person import build_stick_person, knows_joints

LEGS = [f"{joint}_{foot}" for foot in ("right", "left") for joint in ("hip", "knee", "ankle", "heel", "toe")]
ARMS = [f"{joint}_{foot}" for foot in ("right", "left") for joint in ("shoulder", "elbow", "wrist")]
TRUNK = ["pelvis", "lumbar", "neck", "head"]


def joints(names):
    """Joints one above the other, 10 cm apart, for three instants."""
    place = np.zeros((3, len(names), 3))
    place[..., 1] = 0.1 * np.arange(len(names))
    return xr.DataArray(
        place, dims=("time", "joint", "axis"), coords={"joint": names, "axis": ["x", "y", "z"]}
    )


def bones(names):
    person = build_stick_person(joints(names))
    return {tuple(person.names[place] for place in bone[:2]) for bone in person.bones}


def test_a_whole_person_has_limbs_trunk_and_head():
    found = bones([*LEGS, *ARMS, *TRUNK])
    assert len(found) == 2 * 5 + 3
    assert {("hip_left", "knee_left"), ("neck", "shoulder_right"), ("lumbar", "neck")} <= found


def test_legs_alone_are_drawn_as_legs_with_feet():
    person = build_stick_person(joints(LEGS))
    assert len(person.bones) == 4
    assert [[person.names[place] for place in sole] for sole in person.soles] == [
        ["ankle_right", "heel_right", "toe_right"],
        ["ankle_left", "heel_left", "toe_left"],
    ]


def test_sides_come_from_the_names_and_other_joints_are_left_out():
    person = build_stick_person(joints(["eye_left", "head", "wrist_left", "wrist_right"]))
    assert person.names == ("head", "wrist_left", "wrist_right")
    assert person.sides == (MIDDLE, LEFT, RIGHT)
    assert person.position_m[0, :, 1] == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(("names", "known"), [(LEGS, True), (LEGS[1:], False), (TRUNK, False)])
def test_a_trial_can_be_drawn_from_joints_if_it_has_both_legs(names, known):
    assert knows_joints(xr.Dataset({"skeleton_position": joints(names)})) is known


def test_a_trial_without_joints_has_none():
    assert not knows_joints(gb.simulate_trial(duration_s=1.0))
