import time

import numpy as np
import pytest
import torch
import yaml

from gaitbook.marker_sets import find_marker_set
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.synthesis.camera_tables import NO_ERRORS, load_camera, load_joint_tables
from gaitbook.synthesis.depth_camera import (
    AZURE_KINECT_JOINTS,
    LOW,
    MEDIUM,
    NONE,
    CameraErrors,
    list_rooms,
    observe,
)
from gaitbook.synthesis.head_carriage import pose_head

PERSON = {"number": 7, "bmi_kgm2": 25.7, "visceral_fat_cm2": 120.0}
"""Someone of average girth and visceral fat, whose joints fat does not move."""
JOINT = {name: place for place, name in enumerate(AZURE_KINECT_JOINTS)}


def only(**gains):
    """One kind of error, the others left out."""
    return CameraErrors(**{name: gains.get(name, 0.0) for name in CameraErrors.__dataclass_fields__})


@pytest.fixture(scope="module")
def standing():
    """Somebody who stands still for ten seconds, 300 frames."""
    body = compile_body(generic_body(markers="azure_kinect"))
    upright = torch.tensor([[each.default for each in body.model.coordinates]], dtype=torch.float64)
    return np.repeat(marker_positions(body, forward_kinematics(body, upright)).numpy(), 300, axis=0)


def shift(standing, errors, **other):
    person = PERSON | {name: other.pop(name) for name in PERSON if name in other}
    return observe(standing, person, errors=errors, **other).position_m - standing


def test_the_body_carries_the_joints_in_the_order_of_the_device():
    body = generic_body(markers="azure_kinect")
    assert tuple(marker.name for marker in body.markers) == AZURE_KINECT_JOINTS
    assert len(AZURE_KINECT_JOINTS) == 32
    assert [JOINT[name] for name in ("PELVIS", "HAND_LEFT", "HIP_RIGHT", "HEAD", "EAR_RIGHT")] == [
        0,
        8,
        22,
        26,
        31,
    ]


def test_the_skeleton_is_recognized_and_is_no_set_of_skin_markers():
    assert find_marker_set(AZURE_KINECT_JOINTS).name == "azure_kinect"
    assert find_marker_set(["RASI", "LASI", "RHEE", "LHEE", "RTOE", "LTOE"]).name == "plug_in_gait"


def test_the_skeleton_stands_like_a_person(standing):
    height = standing[0, :, 1]
    upward = ("FOOT", "ANKLE", "KNEE", "HIP", "SHOULDER", "EAR")
    heights = [height[JOINT[f"{part}_RIGHT"]] for part in upward]
    assert (np.diff(heights) > 0).all()
    spine = [height[JOINT[name]] for name in ("PELVIS", "SPINE_NAVEL", "SPINE_CHEST", "NECK", "HEAD")]
    assert (np.diff(spine) > 0).all()
    assert standing[0, JOINT["NOSE"], 0] > standing[0, JOINT["EAR_LEFT"], 0]
    for name in AZURE_KINECT_JOINTS:
        if name.endswith("_RIGHT"):
            mirrored = standing[0, JOINT[name.replace("RIGHT", "LEFT")]] * (1, 1, -1)
            assert standing[0, JOINT[name]] == pytest.approx(mirrored)
            assert standing[0, JOINT[name], 2] > 0


def test_without_errors_the_camera_tells_the_truth(standing):
    for facing_rad in (0.0, 0.7):
        seen = observe(standing, PERSON, errors=NO_ERRORS, facing_rad=facing_rad).position_m
        np.testing.assert_array_equal(seen, standing)
    assert observe(standing.astype(np.float32), PERSON).position_m.dtype == np.float32


def test_noise_has_the_size_of_its_class_and_is_larger_in_depth(standing):
    noise = np.concatenate([shift(standing, only(noise=1.0), recording=each) for each in range(40)])
    deviation = noise.std(axis=0)
    distance_m = load_camera()["camera"]["distance_m"] + standing[0, 0, 0] - standing[0, :, 0]
    expected = load_joint_tables().noise_m * (0.6 + 0.4 * (distance_m / 3.0) ** 2)
    np.testing.assert_allclose(deviation[:, 1], expected, rtol=0.05)
    np.testing.assert_allclose(deviation[:, 2], expected, rtol=0.05)
    np.testing.assert_allclose(deviation[:, 0], 1.5 * expected, rtol=0.05)
    assert np.abs(noise.mean(axis=0)).max() < 0.002


def test_noise_lasts_from_frame_to_frame(standing):
    noise = shift(standing, only(noise=1.0)).reshape(300, -1)
    for lag in (1, 2):
        ahead = (noise[lag:] * noise[:-lag]).mean() / (noise**2).mean()
        assert ahead == pytest.approx(0.6**lag, abs=0.05)
    first = np.concatenate([shift(standing[:2], only(noise=1.0), recording=each)[0] for each in range(60)])
    assert first.std() == pytest.approx(noise.std(), rel=0.1), "noise is steady from the first frame"


def test_noise_grows_with_distance(standing):
    """Seen from 2.75 m, a person who steps back one meter and one who steps forward."""
    approach = standing.copy()
    approach[:150, :, 0] -= 1.0
    approach[150:, :, 0] += 1.0
    noise = shift(approach, only(noise=1.0))
    assert noise[:150].std() > 1.3 * noise[150:].std()


def test_fat_moves_joints_outward_and_forward_and_more_of_it_farther(standing):
    width = []
    for bmi_kgm2 in (18.0, 22.0, 25.7, 30.0, 38.0):
        moved = standing + shift(standing, only(girth=1.0), bmi_kgm2=bmi_kgm2)
        width.append(moved[0, JOINT["HIP_RIGHT"], 2] - moved[0, JOINT["HIP_LEFT"], 2])
    assert (np.diff(width) > 0.002).all()
    one_more = shift(standing, only(girth=1.0), bmi_kgm2=25.7 + 3.8)[0]
    assert one_more[JOINT["HIP_LEFT"]] == pytest.approx([0.0016, 0.0, -0.0090], abs=1e-6)
    assert shift(standing, only(girth=2.0), bmi_kgm2=25.7 + 3.8)[0] == pytest.approx(2 * one_more, abs=1e-6)


def test_visceral_fat_moves_the_belly_forward(standing):
    belly = shift(standing, only(visceral_fat=1.0), visceral_fat_cm2=184.0)[0]
    assert belly[JOINT["SPINE_NAVEL"]] == pytest.approx([0.0064, 0.0, 0.0], abs=1e-6)
    assert 0 < belly[JOINT["SPINE_CHEST"], 0] < belly[JOINT["PELVIS"], 0] < belly[JOINT["SPINE_NAVEL"], 0]
    assert not belly[[JOINT["KNEE_LEFT"], JOINT["HEAD"]]].any()
    assert not shift(standing, only(visceral_fat=1.0)).any(), "an average belly is where it belongs"


def test_errors_turn_with_the_person(standing):
    """Facing left, a person's forward is the laboratory's left (-z) and the right is its forward."""
    turned = standing[..., [2, 1, 0]] * (1, 1, -1)
    for errors in (only(girth=1.0, visceral_fat=1.0), only(noise=1.0, person_bias=1.0, room=1.0, scale=1.0)):
        heavy = {"bmi_kgm2": 31.0, "visceral_fat_cm2": 190.0}
        ahead = shift(standing, errors, **heavy)
        aside = shift(turned, errors, facing_rad=np.pi / 2, **heavy)
        np.testing.assert_allclose(aside, ahead[..., [2, 1, 0]] * (1, 1, -1), atol=2e-6)


def test_a_person_keeps_the_offset_of_each_joint_in_all_recordings(standing):
    first, second = (shift(standing[:2], only(person_bias=1.0), recording=each) for each in (0, 1))
    np.testing.assert_array_equal(first, second)
    people = np.array([shift(standing[:2], only(person_bias=1.0), number=each)[0] for each in range(300)])
    np.testing.assert_allclose(
        people.std(axis=0), np.repeat(load_joint_tables().bias_m[:, None], 3, axis=1), rtol=0.2
    )


def test_rooms_differ_and_stay_what_they_are(standing):
    in_room = {room: shift(standing, only(room=1.0), room=room) for room in list_rooms()}
    apart = in_room["A"] - in_room["B"]
    of_the_pose = np.linalg.norm(apart - apart[:, [JOINT["PELVIS"]]], axis=-1)
    assert 0.005 < of_the_pose.mean() < 0.05
    np.testing.assert_array_equal(in_room["A"], shift(standing, only(room=1.0), number=8, recording=4))


def test_scale_is_of_the_recording(standing):
    def leg_m(recording):
        seen = standing + shift(standing, only(scale=1.0), recording=recording)
        return np.linalg.norm(seen[:, JOINT["HIP_RIGHT"]] - seen[:, JOINT["ANKLE_RIGHT"]], axis=-1)

    legs = np.array([leg_m(each) for each in range(200)])
    assert np.ptp(legs, axis=1).max() < 1e-6
    assert legs[:, 0].std() / legs[:, 0].mean() == pytest.approx(0.015, rel=0.2)


def test_outliers_are_few_large_and_not_trusted(standing):
    seen = [observe(standing, PERSON, errors=only(outlier=1.0), recording=each) for each in range(20)]
    moved = np.concatenate([each.position_m - standing for each in seen])
    confidence = np.concatenate([each.confidence for each in seen])
    thrown = moved.any(axis=-1)
    assert thrown.mean() == pytest.approx(0.004, rel=0.15)
    assert moved[thrown].std() == pytest.approx(0.060, rel=0.1)
    assert confidence[thrown].max() == LOW
    assert (confidence[thrown] == NONE).mean() == pytest.approx(0.25, abs=0.1)


def test_confidence_is_low_for_hands_and_medium_for_the_trunk(standing):
    confidence = observe(standing, PERSON).confidence
    assert confidence.dtype == np.int8
    assert set(np.unique(confidence)) <= {NONE, LOW, MEDIUM}
    assert (confidence[:, JOINT["SPINE_CHEST"]] == MEDIUM).mean() > 0.97
    assert 0.2 < (confidence[:, JOINT["HANDTIP_LEFT"]] < MEDIUM).mean() < 0.55


def test_what_is_hidden_or_too_far_is_not_trusted(standing):
    hidden = standing.copy()
    hidden[:, JOINT["ANKLE_LEFT"]] = hidden[:, JOINT["ANKLE_RIGHT"]] - (0.2, 0, 0.02)
    hidden[:, JOINT["WRIST_RIGHT"]] = hidden[:, JOINT["PELVIS"]] - (0.2, 0, 0)
    confidence = observe(hidden, PERSON, errors=only(noise=1.0)).confidence
    assert confidence[:, [JOINT["ANKLE_LEFT"], JOINT["WRIST_RIGHT"]]].max() == LOW
    assert confidence[:, JOINT["ANKLE_RIGHT"]].mean() > 1.9
    far = standing.copy()
    far[:30, :, 0] -= 2.0
    assert not observe(far, PERSON, errors=NO_ERRORS).confidence[:30].any()


def test_seeds_decide(standing):
    first = observe(standing, PERSON, seed=1, recording=2)
    again = observe(standing, PERSON, seed=1, recording=2)
    np.testing.assert_array_equal(first.position_m, again.position_m)
    np.testing.assert_array_equal(first.confidence, again.confidence)
    others = (
        {"seed": 2, "recording": 2},
        {"seed": 1, "recording": 3},
        {"rng": np.random.default_rng(5), "seed": 1},
    )
    for other in others:
        assert (observe(standing, PERSON, **other).position_m != first.position_m).any(axis=(1, 2)).all()


def test_ten_seconds_are_observed_in_milliseconds(standing):
    observe(standing, PERSON)
    start_s = time.perf_counter()
    for recording in range(10):
        observe(standing, PERSON, recording=recording)
    assert (time.perf_counter() - start_s) / 10 < 0.02, "3 ms on an idle core, with room for a busy one"


def test_everything_wrong_is_named(standing):
    with pytest.raises(
        ValueError,
        match=r"shape \(300, 31, 3\), expected .*lacks bmi_kgm2, visceral_fat_cm2: .*room is 'C', .*A, B",
    ):
        observe(standing[:, 1:], {"number": 1}, room="C")
    gap = standing.copy()
    gap[3] = np.nan
    for truth in (gap, standing[:0]):
        with pytest.raises(ValueError, match="empty or holds values that are no numbers"):
            observe(truth, PERSON)
    with pytest.raises(ValueError, match=r"zero or more, but got girth -1, noise nan"):
        CameraErrors(girth=-1.0, noise=float("nan"))


def test_every_joint_has_its_numbers():
    classes = load_camera()["classes"]
    assert sorted(name for members in classes.values() for name in members) == sorted(AZURE_KINECT_JOINTS)
    parts = {name.removesuffix("_LEFT").removesuffix("_RIGHT") for name in AZURE_KINECT_JOINTS}
    assert set(load_camera()["girth"]["by_joint"]) <= parts
    assert set(load_camera()["visceral_fat"]["forward_m"]) <= parts
    assert all("source" in entry for name, entry in load_camera().items() if name != "classes")


def test_styles_carry_head_and_shoulders(standing):
    posed = pose_head(standing, {"head_forward": 2.0, "shoulder_breadth": -1.0}) - standing
    ahead, neck = posed[0, JOINT["EAR_LEFT"]], posed[0, JOINT["NECK"]]
    assert np.linalg.norm(ahead) == pytest.approx(2 * 0.015)
    assert ahead[0] > 0.029
    np.testing.assert_allclose(neck, ahead / 2)
    assert posed[0, JOINT["WRIST_RIGHT"]] == pytest.approx([0, 0, -0.012])
    assert posed[0, JOINT["CLAVICLE_LEFT"]] == pytest.approx([0, 0, 0.006])
    assert not posed[:, [JOINT["PELVIS"], JOINT["FOOT_LEFT"]]].any()


def test_a_pitched_head_lifts_the_nose_and_keeps_its_shape(standing):
    head = [JOINT[name] for name in ("HEAD", "NOSE", "EYE_LEFT", "EAR_LEFT", "EYE_RIGHT", "EAR_RIGHT")]
    posed = pose_head(standing, {"head_pitch": 1.0})
    assert posed[0, JOINT["NOSE"], 1] - standing[0, JOINT["NOSE"], 1] > 0.01
    before, after = (each[0, head] - each[0, JOINT["NECK"]] for each in (standing, posed))
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), np.linalg.norm(before, axis=1))
    np.testing.assert_allclose(after @ after.T, before @ before.T)
    np.testing.assert_array_equal(pose_head(standing, {}), standing)
    with pytest.raises(ValueError, match=r"skeletons \(time, 32, 3\); true_position is \(32, 3\)"):
        pose_head(standing[0], {})


def test_the_order_of_the_set_is_that_of_the_device():
    from importlib.resources import files

    text = files("gaitbook.mechanics").joinpath("marker_placement.yml").read_text(encoding="utf-8")
    assert tuple(yaml.safe_load(text)["order"]["azure_kinect"]) == AZURE_KINECT_JOINTS
