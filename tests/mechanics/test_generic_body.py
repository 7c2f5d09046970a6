"""Someone of average build stands, bends single joints and looks into the mirror."""

import numpy as np
import pytest
import torch

from gaitbook.body_model import BodyModel
from gaitbook.conventions import COORDINATES, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.body_dimensions import hip_center
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import center_of_mass, forward_kinematics, marker_positions
from gaitbook.mechanics.segment_scaling import inertia_matrix

HEIGHT_M = 1.8
ASYMMETRIC = {"pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation"}


def places(model: BodyModel, **angles: float) -> dict[str, np.ndarray]:
    """Segment origins, markers and, named ``x of`` and so on, directions of the segments' axes."""
    body = compile_body(model)
    values = {each.name: each.default for each in model.coordinates} | angles
    coordinates = torch.tensor([values[name] for name in body.coordinate_names], dtype=torch.float64)
    pose = forward_kinematics(body, coordinates)
    found = dict(zip(body.segment_names, pose.position.numpy(), strict=True))
    found |= dict(zip(body.marker_names, marker_positions(body, pose).numpy(), strict=True))
    for column, axis in enumerate("xyz"):
        axes = pose.rotation[..., column].numpy()
        found |= {f"{axis} of {name}": each for name, each in zip(body.segment_names, axes, strict=True)}
    return found | {"center": center_of_mass(body, pose).numpy()}


def test_coordinates_are_those_of_the_opensim_models_in_their_order():
    names = [each.name for each in generic_body().coordinates]
    assert names == [*COORDINATES[:3], *PELVIS_TRANSLATIONS, *COORDINATES[3:]]


@pytest.mark.parametrize("sex", ["female", "male", None])
def test_mass_is_the_given_one_and_centered_where_people_have_it(sex):
    model = generic_body(height_m=HEIGHT_M, mass_kg=71.3, sex=sex)
    assert model.mass_kg == pytest.approx(71.3, abs=1e-12)
    center = places(model)["center"]
    assert 0.53 < center[1] / HEIGHT_M < 0.58
    assert center[2] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("sex", ["female", "male", None])
def test_inertia_is_that_of_a_real_body(sex):
    for segment in generic_body(sex=sex).segments:
        least, middle, most = np.linalg.eigvalsh(inertia_matrix(segment))
        assert (least > 0.0) == (segment.mass_kg > 0.0)
        assert most <= least + middle + 1e-12


def test_stands_upright_on_its_feet():
    found = places(generic_body(height_m=HEIGHT_M))
    assert found["femur_r"][1] == pytest.approx(0.530 * HEIGHT_M)
    assert found["tibia_r"][1] == pytest.approx(0.285 * HEIGHT_M)
    assert found["talus_r"][1] == pytest.approx(0.039 * HEIGHT_M)
    assert found["humerus_r"][1] == pytest.approx(0.818 * HEIGHT_M)
    assert found["hand_r"][1] == pytest.approx(0.486 * HEIGHT_M)
    lines = [found[name][[0, 2]] for name in ("femur_r", "tibia_r", "talus_r")]
    assert np.allclose(lines, lines[0])


@pytest.mark.parametrize("markers", ["rbds", "bmc", "plug_in_gait", "opencap"])
def test_markers_are_between_floor_and_crown(markers):
    model = generic_body(height_m=HEIGHT_M, markers=markers)
    found = places(model)
    heights = [found[marker.name][1] for marker in model.markers]
    assert min(heights) > 0.0
    assert max(heights) < 0.97 * HEIGHT_M


def test_markers_are_where_one_would_feel_for_them():
    found = places(generic_body(height_m=HEIGHT_M, markers="plug_in_gait"))
    assert found["RASI"][1] == pytest.approx(0.57 * HEIGHT_M, abs=0.03)
    assert found["RPSI"][1] > found["RASI"][1]
    assert found["RPSI"][0] < found["RASI"][0]
    assert found["C7"][1] == pytest.approx(0.86 * HEIGHT_M, abs=0.04)
    assert found["RSHO"][1] > found["humerus_r"][1]
    assert found["RHEE"][0] < found["talus_r"][0] < found["RTOE"][0]
    assert found["RANK"][2] > found["talus_r"][2]


def test_what_is_asked_without_markers_has_none():
    assert generic_body(markers=None).markers == ()


def test_mirrored_pose_gives_the_mirror_image_exactly():
    model = generic_body()
    generator = np.random.default_rng(1)
    angles = {each.name: float(generator.normal(scale=0.4)) for each in model.coordinates}
    mirrored = {
        name: (-1.0 if name in ASYMMETRIC else 1.0)
        * angles[name[:-1] + {"r": "l", "l": "r"}[name[-1]] if name.endswith(("_r", "_l")) else name]
        for name in angles
    }
    there, here = places(model, **angles), places(model, **mirrored)
    for name, position in there.items():
        if name.startswith(("x of", "y of", "z of")):
            continue
        other = "RL"["LR".index(name[0])] + name[1:] if name[:2] in ("R.", "L.") else name
        other = other[:-1] + {"r": "l", "l": "r"}[other[-1]] if other.endswith(("_r", "_l")) else other
        assert here[other] == pytest.approx(position * [1, 1, -1], abs=1e-12)


@pytest.mark.parametrize(
    ("coordinate", "what", "axis", "sign"),
    [
        ("pelvis_tilt", "torso", 0, -1),
        ("hip_flexion_r", "tibia_r", 0, 1),
        ("hip_flexion_l", "tibia_l", 0, 1),
        ("hip_adduction_r", "tibia_r", 2, -1),
        ("hip_adduction_l", "tibia_l", 2, 1),
        ("hip_rotation_r", "R.MT2", 2, -1),
        ("hip_rotation_l", "L.MT2", 2, 1),
        ("knee_angle_r", "talus_r", 0, -1),
        ("knee_angle_l", "talus_l", 0, -1),
        ("ankle_angle_r", "R.MT2", 1, 1),
        ("subtalar_angle_r", "z of calcn_r", 1, -1),
        ("subtalar_angle_l", "z of calcn_l", 1, 1),
        ("mtp_angle_r", "x of toes_r", 1, -1),
        ("lumbar_extension", "humerus_r", 0, -1),
        ("lumbar_bending", "y of torso", 2, 1),
        ("lumbar_rotation", "humerus_r", 0, 1),
        ("arm_flex_r", "ulna_r", 0, 1),
        ("arm_add_r", "ulna_r", 2, -1),
        ("arm_add_l", "ulna_l", 2, 1),
        ("elbow_flex_r", "hand_r", 0, 1),
        ("pro_sup_r", "z of hand_r", 0, 1),
        ("wrist_flex_r", "y of hand_r", 0, -1),
        ("wrist_dev_r", "y of hand_r", 2, 1),
    ],
)
def test_each_coordinate_moves_the_body_as_its_name_says(coordinate, what, axis, sign):
    model = generic_body()
    moved = places(model, **{coordinate: 0.2})[what] - places(model)[what]
    assert sign * moved[axis] > 0.01


def test_straight_knees_and_no_abdomen_are_the_default():
    assert generic_body(knee_varus_rad=0.0, abdominal_mass_kg=0.0) == generic_body()


@pytest.mark.parametrize("knee_angle", [0.0, 1.1])
def test_bow_legs_have_their_ankles_inward_and_mirror_each_other(knee_angle):
    angles = {"knee_angle_r": knee_angle, "knee_angle_l": knee_angle}
    straight, bowed = places(generic_body(), **angles), places(generic_body(knee_varus_rad=0.05), **angles)
    for end in "rl":
        assert np.allclose(bowed[f"tibia_{end}"], straight[f"tibia_{end}"])
    inward_m = straight["talus_r"][2] - bowed["talus_r"][2]
    shank_m = 0.246 * 1.75
    assert inward_m == pytest.approx(np.sin(0.05) * np.cos(knee_angle) * shank_m)
    assert bowed["talus_l"] == pytest.approx(bowed["talus_r"] * [1, 1, -1])


def test_the_knee_of_bow_legs_is_lateral_of_the_line_from_hip_to_ankle():
    for varus_rad in (0.05, -0.05):
        found = places(generic_body(knee_varus_rad=varus_rad))
        hip, knee, ankle = (found[name][[1, 2]] for name in ("femur_r", "tibia_r", "talus_r"))
        share = (hip[0] - knee[0]) / (hip[0] - ankle[0])
        beside_m = knee[1] - (hip[1] + share * (ankle[1] - hip[1]))
        thigh_m, shank_m = 0.245 * 1.75, 0.246 * 1.75
        assert beside_m == pytest.approx(varus_rad * thigh_m * shank_m / (thigh_m + shank_m), rel=0.01)


def test_the_abdomen_moves_mass_forward_and_adds_none():
    lean, stout = generic_body(mass_kg=90.0), generic_body(mass_kg=90.0, abdominal_mass_kg=6.0)
    assert stout.mass_kg == pytest.approx(90.0, abs=1e-12)
    for one, other in zip(lean.segments, stout.segments, strict=True):
        if one.name != "torso":
            assert other.mass_kg == pytest.approx(one.mass_kg * 84.0 / 90.0)
            assert other.center_m == one.center_m
    torso = next(each for each in stout.segments if each.name == "torso")
    least, middle, most = np.linalg.eigvalsh(inertia_matrix(torso))
    assert 0.0 < least <= middle <= most <= least + middle
    before, after = places(lean)["center"], places(stout)["center"]
    # carried 0.07 of the height before the lumbar joint, which is near the line of the body's center
    assert 0.0 < after[0] - before[0] < 6.0 / 90.0 * 0.2
    assert after[2] == pytest.approx(0.0, abs=1e-12)


def test_everybody_has_the_same_tree():
    one = compile_body(generic_body(height_m=1.55, mass_kg=50.0, sex="female"))
    options = {"knee_varus_rad": 0.06, "abdominal_mass_kg": 5.0}
    other = compile_body(generic_body(height_m=1.9, mass_kg=100.0, sex="male", **options))
    assert one.segment_names == other.segment_names
    assert one.joint_names == other.joint_names
    assert one.coordinate_names == other.coordinate_names
    others = dict(other.named_buffers())
    for name, table in one.named_buffers():
        assert table.shape == others[name].shape
        if not table.is_floating_point():
            assert torch.equal(table, others[name])


def test_upright_is_within_the_ranges_and_gait_is_expected():
    for each in generic_body().coordinates:
        assert each.low <= each.default <= each.high
        assert each.spread is None or 0.0 < each.spread < 1.0
    spreads = {each.name: each.spread for each in generic_body().coordinates}
    assert spreads["hip_rotation_r"] == 0.25
    assert [spreads[name] for name in (*PELVIS_TRANSLATIONS, "pelvis_rotation")] == [None] * 4


def test_the_hip_regression_holds_in_the_plane_of_the_pelvis():
    x, y, z = hip_center(0.24, 0.15, plane_rad=0.0)
    assert (x, y, z) == pytest.approx((-0.0459, -0.0829, 0.0865))
    tilted = hip_center(0.24, 0.15, plane_rad=0.3)
    assert np.hypot(*tilted[:2]) == pytest.approx(np.hypot(x, y))
    assert tilted[0] < x


def test_all_that_makes_no_sense_is_told_at_once():
    with pytest.raises(
        ValueError, match=r"height_m is 175, .*unit; mass_kg is 0, .*; sex is 'F', expected one"
    ):
        generic_body(height_m=175.0, mass_kg=0.0, sex="F")


def test_degrees_for_radians_and_too_much_abdomen_are_told():
    with pytest.raises(
        ValueError, match=r"knee_varus_rad is 3, expected -0.35 to 0.35: .*; abdominal_mass_kg is 30"
    ):
        generic_body(knee_varus_rad=3.0, abdominal_mass_kg=30.0)
    with pytest.raises(ValueError, match="abdominal_mass_kg is -1, expected 0 to"):
        generic_body(abdominal_mass_kg=-1.0)


@pytest.mark.real_data
def test_coordinates_turn_segments_as_in_a_published_full_body_model(real_data):
    from gaitbook.readers.osim_model import read_body

    published = read_body(real_data / "opencap" / "Models" / "final.osim")
    known = {each.name for each in published.coordinates if not each.locked}
    own, other = generic_body(), compile_body(published)
    turning = {each.name: each for each in own.joints}
    checked = 0
    for joint in turning.values():
        for name in {axis.coordinate for axis in joint.rotations} & known:
            child = joint.child
            assert _turn(compile_body(own), name, child) @ _turn(other, name, child) > 0.9
            checked += 1
    assert checked >= 26


def _turn(body, coordinate: str, segment: str) -> np.ndarray:
    """Direction about which a segment turns as a coordinate grows from zero."""
    angles = torch.zeros(2, len(body.coordinate_names), dtype=torch.float64)
    angles[1, body.coordinate(coordinate)] = 0.01
    before, after = forward_kinematics(body, angles).rotation[:, body.segment(segment)].numpy()
    spin = after @ before.T
    axis = np.array([spin[2, 1] - spin[1, 2], spin[0, 2] - spin[2, 0], spin[1, 0] - spin[0, 1]])
    return axis / np.linalg.norm(axis)
