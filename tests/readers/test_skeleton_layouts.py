"""Which joint of which tracker is which."""

import numpy as np
import pytest

from gaitbook.readers.skeleton_layouts import (
    confidence_levels,
    guess_layout,
    joint_names,
    list_layouts,
    load_bones,
    load_layout,
    map_joints,
    match_joints,
)


def test_the_joints_are_those_that_simulated_cameras_and_the_encoder_use():
    from gaitbook.representation.skeleton import JOINTS
    from gaitbook.synthesis.camera_tables import AZURE_KINECT_JOINTS

    assert joint_names(hands=True) == AZURE_KINECT_JOINTS
    assert joint_names() == JOINTS


@pytest.mark.parametrize(
    ("layout", "count"),
    [
        ("azure_kinect", 32),
        ("azure_kinect_26", 26),
        ("kinect_v2", 25),
        ("kinect_v1", 20),
        ("coco17", 17),
        ("body25", 25),
        ("h36m17", 17),
        ("smpl24", 24),
    ],
)
def test_layouts_have_their_number_of_joints_and_know_all_that_they_use(layout: str, count: int):
    known = load_layout(layout)
    assert len(known.joints) == len(set(known.joints)) == count
    assert {name for names in known.places.values() for name in names} <= set(known.joints)
    assert set(known.places) <= set(joint_names(hands=True))
    assert known.source
    assert {"PELVIS", "NECK", "HEAD", "HIP_LEFT", "ANKLE_RIGHT", "WRIST_LEFT"} <= set(known.places)
    assert len(match_joints(known.joints, layout)) == count


@pytest.mark.parametrize("layout", list_layouts())
def test_a_layout_is_guessed_by_its_own_names(layout: str):
    assert guess_layout(load_layout(layout).joints) == layout


def test_left_stays_left_in_every_layout():
    for layout in list_layouts():
        for joint, members in load_layout(layout).places.items():
            for side, other in (("LEFT", "right"), ("RIGHT", "left")):
                if joint.endswith(side):
                    assert not any(other in member.lower() for member in members), (layout, joint)


def test_a_mean_lies_in_the_middle_and_is_as_sure_as_its_least_sure_joint():
    names = load_layout("coco17").joints
    position = np.random.default_rng(1).normal(size=(5, 17, 3))
    sure = np.full((5, 17), 2)
    sure[2, names.index("RightHip")] = 1
    mapped, levels = map_joints(position, sure, "coco17")
    hips = position[:, [names.index("LeftHip"), names.index("RightHip")]]
    np.testing.assert_allclose(mapped[:, 0], hips.mean(axis=1))
    assert levels[:, 0].tolist() == [2, 2, 1, 2, 2]


def test_what_a_layout_lacks_is_missing_and_never_sure():
    mapped, levels = map_joints(np.ones((4, 17, 3)), None, "coco17")
    lacking = [joint_names().index(name) for name in ("SPINE_CHEST", "CLAVICLE_LEFT", "FOOT_RIGHT")]
    assert np.isnan(mapped[:, lacking]).all()
    assert (levels[:, lacking] == 0).all()


def test_hands_are_kept_on_request_only():
    position = np.arange(32.0)[None, :, None] * np.ones((2, 1, 3))
    assert map_joints(position, None, "azure_kinect", hands=True)[0][0, :, 0].tolist() == list(range(32))
    dropped = {8, 9, 10, 15, 16, 17}
    assert map_joints(position, None, "azure_kinect")[0][0, :, 0].tolist() == sorted(set(range(32)) - dropped)


@pytest.mark.parametrize(
    "name",
    [
        "KNEE_LEFT",
        "0_KNEE_LEFT",
        "19_K4ABT_JOINT_KNEE_LEFT",
        "kneeLeft",
        "LKnee",
        "left knee",
        "l_knee",
        "JointType_KneeLeft",
    ],
)
def test_a_joint_is_known_however_it_is_spelled(name: str):
    assert match_joints([name], "azure_kinect") == {19: name}


def test_levels_of_all_trackers_are_the_same():
    assert confidence_levels(np.array([0, 1, 2, 3])).tolist() == [0, 1, 2, 2]
    assert confidence_levels(np.array([0.0, 0.2, 0.51, 1.0, np.nan])).tolist() == [0, 1, 2, 2, 0]
    assert confidence_levels(np.array([0, 1, 1]), levels=True).tolist() == [0, 1, 1]


def test_what_fits_no_layout_says_so():
    with pytest.raises(ValueError, match="no layout 'halpe' of joints: choose one of azure_kinect, "):
        load_layout("halpe")
    with pytest.raises(ValueError, match="no known layout has 19 joints"):
        guess_layout(19)
    with pytest.raises(ValueError, match="kinect_v2 and body25 both have 25 joints: give layout"):
        guess_layout(25)
    with pytest.raises(ValueError, match=r"\(a, b, c, d, e, ...\) belong to no known layout"):
        guess_layout(list("abcdef"))
    with pytest.raises(ValueError, match=r"coco17 has 17 joints, but the array is \(5, 18, 3\)"):
        map_joints(np.zeros((5, 18, 3)), None, "coco17")


def test_bones_join_known_joints_and_have_a_range():
    for first, second, low_m, high_m in load_bones():
        assert {first, second} <= set(joint_names())
        assert 0 < low_m < high_m < 1
