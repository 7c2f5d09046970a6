"""The channels: names, places, what goes with a coordinate, and the mirror."""

import numpy as np
import pytest

from gaitbook.conventions import COORDINATES
from gaitbook.representation.channels import (
    ANGLES,
    CHANNELS,
    FORCE,
    MOTION,
    ONE_AXIS,
    PHYSICS,
    STATES,
    THREE_AXES,
    channels_of,
    mirror_table,
    numbers_of,
)


def test_motion_comes_first_then_force_then_what_is_only_given():
    assert (*MOTION, *FORCE, *PHYSICS) == CHANNELS
    assert len(set(CHANNELS)) == len(CHANNELS) == 130
    assert CHANNELS[:STATES] == (*MOTION, *FORCE)
    assert CHANNELS[STATES:] == PHYSICS


def test_every_angle_is_one_of_the_conventions_and_of_one_joint():
    assert set(ANGLES) <= set(COORDINATES)
    assert len(set(ANGLES)) == len(ANGLES) == 3 * len(THREE_AXES) + len(ONE_AXIS)


def test_places_are_those_of_the_names():
    assert numbers_of(CHANNELS) == list(range(len(CHANNELS)))
    assert [CHANNELS[place] for place in numbers_of(reversed(FORCE))] == list(reversed(FORCE))


def test_names_that_are_no_channel_are_all_told():
    with pytest.raises(KeyError, match="no channel angle/tail, height: CHANNELS lists them all"):
        numbers_of(["angle/tail", "pelvis_height", "height"])


def test_a_joint_with_one_axis_has_an_angle_and_a_rate():
    assert channels_of("knee_angle_l") == ["angle/knee_angle_l", "rate/knee_angle_l"]


@pytest.mark.parametrize(("joint", "names"), THREE_AXES.items())
def test_axes_of_a_joint_share_all_but_the_angle(joint, names):
    found = [set(channels_of(name)) for name in names]
    shared = {f"rotation/{joint}/{number}" for number in range(6)} | {f"rate/{name}" for name in names}
    assert set.intersection(*found) == shared
    for name, channels in zip(names, found, strict=True):
        assert channels - shared == {f"angle/{name}"}


def test_channels_of_all_angles_are_the_motion_without_the_path():
    found = {channel for name in ANGLES for channel in channels_of(name)}
    assert set(MOTION) - found == {*(f"pelvis_velocity/{axis}" for axis in "xyz"), "pelvis_height"}


def test_a_coordinate_that_is_not_represented_has_no_channels():
    with pytest.raises(KeyError, match="coordinate 'mtp_angle_r' is not represented; there are pelvis_tilt"):
        channels_of("mtp_angle_r")


def test_mirroring_twice_changes_nothing():
    source, sign = (np.array(each) for each in mirror_table())
    np.testing.assert_array_equal(source[source], np.arange(len(CHANNELS)))
    np.testing.assert_array_equal(sign * sign[source], 1.0)


@pytest.mark.parametrize(
    ("name", "partner", "sign"),
    [
        ("angle/hip_rotation_r", "angle/hip_rotation_l", 1.0),
        ("angle/arm_rot_l", "angle/arm_rot_r", 1.0),
        ("rotation/shoulder_l/5", "rotation/shoulder_r/5", 1.0),
        ("rate/knee_angle_r", "rate/knee_angle_l", 1.0),
        ("angle/pelvis_tilt", "angle/pelvis_tilt", 1.0),
        ("angle/pelvis_list", "angle/pelvis_list", -1.0),
        ("angle/lumbar_rotation", "angle/lumbar_rotation", -1.0),
        ("rotation/pelvis/1", "rotation/pelvis/1", 1.0),
        ("rotation/lumbar/2", "rotation/lumbar/2", -1.0),
        ("pelvis_velocity/z", "pelvis_velocity/z", -1.0),
        ("pelvis_height", "pelvis_height", 1.0),
        ("force/z/right", "force/z/left", -1.0),
        ("pressure/x/left", "pressure/x/right", 1.0),
        ("pressure/z/left", "pressure/z/right", -1.0),
        ("free_moment/right", "free_moment/left", -1.0),
        ("required_force/z", "required_force/z", -1.0),
        ("required_moment/x", "required_moment/x", -1.0),
        ("required_moment/z", "required_moment/z", 1.0),
    ],
)
def test_in_a_mirror_sides_change_and_what_points_to_the_right_turns(name, partner, sign):
    source, signs = mirror_table()
    place = CHANNELS.index(name)
    assert (CHANNELS[source[place]], signs[place]) == (partner, sign)
