"""Loads of a labeled motion: statics, free fall, a slide, a spin, and the mirror."""

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.cohort.mirroring import mirror_array, mirror_trial
from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2, PELVIS_TRANSLATIONS
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import center_of_mass, forward_kinematics, joint_centers, segment_centers
from gaitbook.mechanics.loads import (
    ground_wrench,
    joint_moments,
    knee_moment,
    required_force,
    smooth_motion,
    without_whole_turns,
)
from gaitbook.mechanics.motion import body_coordinates
from tests.mechanics.bodies import floating

FRAMES, RATE_HZ, MASS_KG, HEIGHT_M = 60, 100.0, 64.0, 1.7
WEIGHT_N = MASS_KG * GRAVITY_MPS2
CHOICES = pytest.mark.parametrize(
    ("frame", "method"),
    [(frame, method) for frame in ("tibia", "joint", "lab") for method in ("newton-euler", "quasi-static")],
)


@pytest.fixture(scope="module")
def person():
    return generic_body(height_m=HEIGHT_M, mass_kg=MASS_KG, markers="rbds")


def time_s(frames=FRAMES):
    return np.arange(frames) / RATE_HZ


def moving(model, frames=FRAMES, **coordinates):
    """Trial of a body at its defaults, except for the coordinates given, to which their defaults are added."""
    table = {c.name: np.full(frames, c.default) for c in model.coordinates}
    for name, values in coordinates.items():
        table[name] = table[name] + values
    turning = [c.name for c in model.coordinates if c.is_rotation]
    angle = np.stack([table[name] for name in turning], axis=1)
    position = np.stack([table[name] for name in PELVIS_TRANSLATIONS], axis=1)
    return xr.Dataset(
        {
            "joint_angle": (("time", "coordinate"), angle, {"units": "rad"}),
            "pelvis_position": (("time", "axis"), position, {"units": "m"}),
        },
        coords={"time": time_s(frames), "coordinate": turning, "axis": list(AXES), "foot": list(FEET)},
        attrs={"trial": "made by hand", "mass_kg": MASS_KG, "height_m": HEIGHT_M, "log": []},
    )


def pushed(trial, force_n, point_m, free_moment_nm=0.0):
    """Trial with the same force on both feet, or one for each, at points under them."""
    shape = (trial.sizes["time"], len(FEET))
    return trial.assign(
        ground_reaction_force=(("time", "foot", "axis"), np.broadcast_to(force_n, (*shape, 3)).copy()),
        center_of_pressure=(("time", "foot", "axis"), np.broadcast_to(point_m, (*shape, 3)).copy()),
        free_moment=(("time", "foot"), np.broadcast_to(free_moment_nm, shape).copy()),
    )


def places(trial, model):
    """Segment centers and joint centers by name, and center of mass: (time, axis), m."""
    body = compile_body(model)
    pose = forward_kinematics(body, body_coordinates(trial, body))
    centers, joints = segment_centers(body, pose).numpy(), joint_centers(body, pose).numpy()
    numbers = {name: body.segment(name) for name in body.segment_names}
    return (
        {name: centers[:, number] for name, number in numbers.items()},
        {name: joints[:, number] for name, number in numbers.items()},
        center_of_mass(body, pose).numpy(),
    )


@pytest.fixture(scope="module")
def lopsided(person):
    """Every coordinate swings by itself, and nothing is alike under the two feet."""
    rng = np.random.default_rng(1)
    phase = 2 * np.pi * 1.2 * time_s()
    swings = {
        c.name: rng.uniform(0.02, 0.15) * np.sin(phase + rng.uniform(0, 6))
        for c in person.coordinates
        if not c.locked
    }
    trial = moving(person, **swings)
    force = np.array([[40.0, 500.0, -30.0], [-70.0, 350.0, 55.0]]) * (1 + 0.3 * np.sin(phase))[:, None, None]
    point = rng.normal([[0.05, 0.0, 0.1], [-0.1, 0.0, -0.12]], 0.01, (FRAMES, 2, 3)) * [1, 0, 1]
    return pushed(trial, force, point, np.stack([4 * np.sin(phase), 3 * np.cos(phase)], axis=1))


def test_a_standing_body_needs_its_weight_under_its_center_of_mass(person):
    trial = moving(person, hip_flexion_r=0.4, knee_angle_r=0.3, lumbar_bending=0.2)
    required = required_force(trial, person)
    np.testing.assert_allclose(required["required_force"], [[0, WEIGHT_N, 0]] * FRAMES, atol=1e-7)
    center = places(trial, person)[2]
    point = required["required_center_of_pressure"]
    np.testing.assert_allclose(point.sel(axis=["x", "z"]), center[:, [0, 2]], atol=1e-9)
    assert (point.sel(axis="y") == 0).all()
    assert float(abs(required["required_free_moment"]).max()) < 1e-7


def test_a_falling_body_needs_nothing_and_has_no_center_of_pressure(person):
    trial = moving(person, pelvis_ty=1.0 - 0.5 * GRAVITY_MPS2 * time_s() ** 2, knee_angle_l=0.7)
    required = required_force(trial, person)
    assert float(abs(required["required_force"]).max()) < 1e-6
    assert required["required_center_of_pressure"].isnull().all()
    assert required["required_free_moment"].isnull().all()


def test_a_body_that_speeds_up_leans_on_a_point_behind_it(person):
    """The force points at the center of mass: the point lies behind it by height times acceleration over gravity."""
    trial = moving(person, pelvis_tx=0.5 * 2.0 * time_s() ** 2)
    required = required_force(trial, person)
    np.testing.assert_allclose(required["required_force"], [[MASS_KG * 2.0, WEIGHT_N, 0]] * FRAMES, atol=1e-6)
    center = places(trial, person)[2]
    behind = center[:, 0] - center[:, 1] * 2.0 / GRAVITY_MPS2
    np.testing.assert_allclose(required["required_center_of_pressure"].sel(axis="x"), behind, atol=1e-8)


def test_spinning_up_about_the_vertical_needs_a_free_moment():
    model = floating(inertia_kgm2=(0.3, 0.2, 0.4, 0.0, 0.0, 0.0), mass_kg=MASS_KG)
    spin = required_force(moving(model, pelvis_rotation=0.5 * 3.0 * time_s() ** 2), model)
    np.testing.assert_allclose(spin["required_free_moment"].values[4:-4], 0.2 * 3.0, rtol=1e-4)


def test_a_standing_body_needs_the_moment_of_its_weight_about_the_origin(person):
    trial = moving(person, pelvis_tx=2.0, pelvis_tz=-0.7, hip_flexion_r=0.4)
    moment = np.cross(places(trial, person)[2], [0.0, WEIGHT_N, 0.0])
    np.testing.assert_allclose(required_force(trial, person)["required_moment"], moment, atol=1e-6)


def test_the_moment_required_is_that_of_the_force_at_its_center_of_pressure_and_the_free_moment(
    lopsided, person
):
    required = required_force(lopsided, person)
    point, force = required["required_center_of_pressure"], required["required_force"]
    assert float(point.notnull().all("axis").mean()) > 0.8
    moment = xr.cross(point, force, dim="axis").transpose("time", "axis")
    moment.loc[{"axis": "y"}] += required["required_free_moment"]
    loaded = point.notnull().all("axis")
    np.testing.assert_allclose(moment.where(loaded), required["required_moment"].where(loaded), atol=1e-8)


def test_what_is_required_has_labels_and_units(person):
    required = required_force(moving(person), person)
    assert {str(name): (array.dims, array.attrs["units"]) for name, array in required.data_vars.items()} == {
        "required_force": (("time", "axis"), "N"),
        "required_moment": (("time", "axis"), "N m"),
        "center_of_mass": (("time", "axis"), "m"),
        "required_center_of_pressure": (("time", "axis"), "m"),
        "required_free_moment": (("time",), "N m"),
    }
    np.testing.assert_array_equal(required["time"], time_s())


def test_in_a_mirror_the_requirement_is_mirrored(lopsided, person):
    ours, theirs = required_force(lopsided, person), required_force(mirror_trial(lopsided), person)
    xr.testing.assert_allclose(theirs, mirror_trial(ours), rtol=0, atol=1e-8)


def test_standing_on_both_feet_leaves_no_residual_and_the_hips_hold_the_moment(person):
    """Each joint of a still leg holds against weight and ground, summed up by hand about the joint's axis."""
    trial = moving(person)
    centers, joints, whole = places(trial, person)
    point = whole[:, None, :] * [1, 0, 1] + [[0, 0, 0.1], [0, 0, -0.1]]
    trial = pushed(trial, [0.0, WEIGHT_N / 2, 0.0], point)
    moment = joint_moments(trial, person)
    assert moment.dims == ("time", "coordinate")
    assert moment.attrs["units"] == "N m"
    residual = [c for c in moment["coordinate"].values if c.startswith("pelvis")]
    assert len(residual) == 6
    assert float(abs(moment.sel(coordinate=residual)).max()) < 1e-7
    mass = {segment.name: segment.mass_kg for segment in person.segments}
    for name, joint, axis in (
        ("hip_flexion_r", "femur_r", [0, 0, 1]),
        ("knee_angle_r", "tibia_r", [0, 0, -1]),
        ("hip_flexion_l", "femur_l", [0, 0, 1]),
        ("hip_adduction_r", "femur_r", [1, 0, 0]),
        ("hip_adduction_l", "femur_l", [-1, 0, 0]),
    ):
        side = joint[-1]
        leg = [f"{part}_{side}" for part in ("femur", "tibia", "talus", "calcn", "toes")]
        below = leg[leg.index(joint) :]
        foot = point[:, FEET.index("right" if side == "r" else "left")]
        given = np.cross(foot - joints[joint], [0, WEIGHT_N / 2, 0])
        for part in below:
            given = given + np.cross(centers[part] - joints[joint], [0, -mass[part] * GRAVITY_MPS2, 0])
        np.testing.assert_allclose(moment.sel(coordinate=name), -given @ axis, atol=1e-7, err_msg=name)


def test_without_the_ground_the_pelvis_has_to_be_held(person):
    hanging = joint_moments(pushed(moving(person), 0.0, 0.0), person)
    np.testing.assert_allclose(hanging.sel(coordinate="pelvis_ty"), WEIGHT_N, rtol=1e-9)


def test_residuals_are_what_is_required_and_not_given(lopsided, person):
    moment = joint_moments(lopsided, person).sel(coordinate=list(PELVIS_TRANSLATIONS))
    missing = required_force(lopsided, person)["required_force"] - lopsided["ground_reaction_force"].sum(
        "foot"
    )
    np.testing.assert_allclose(moment, missing.transpose("time", "axis"), atol=1e-7)


def test_in_a_mirror_the_joints_exchange_their_moments(lopsided, person):
    ours, theirs = joint_moments(lopsided, person), joint_moments(mirror_trial(lopsided), person)
    xr.testing.assert_allclose(theirs, mirror_array(ours), rtol=0, atol=1e-8)


@CHOICES
def test_in_a_mirror_the_right_knee_is_the_left(lopsided, person, frame, method):
    ours = knee_moment(lopsided, person, frame=frame, method=method)
    theirs = knee_moment(mirror_trial(lopsided), person, frame=frame, method=method)
    for foot, other in zip(FEET, FEET[::-1], strict=True):
        np.testing.assert_allclose(theirs.sel(foot=foot), ours.sel(foot=other), rtol=0, atol=1e-9)
    assert float(abs(ours.sel(foot="right") - ours.sel(foot="left")).max()) > 1.0


def test_quasi_static_in_the_laboratory_is_the_moment_of_gaitdynamics(lopsided, person):
    joints = places(lopsided, person)[1]
    found = knee_moment(lopsided, person, frame="lab", method="quasi-static")
    for foot, tibia, sign in (("right", "tibia_r", -1), ("left", "tibia_l", 1)):
        force = lopsided["ground_reaction_force"].sel(foot=foot).values
        moment = np.cross(joints[tibia] - lopsided["center_of_pressure"].sel(foot=foot).values, force)
        adduction, flexion = sign * moment[:, 0], moment[:, 2]
        np.testing.assert_allclose(found.sel(foot=foot, moment="adduction"), adduction, atol=1e-9)
        np.testing.assert_allclose(found.sel(foot=foot, moment="flexion"), flexion, atol=1e-9)


@CHOICES
def test_the_result_says_what_it_is_and_whose(lopsided, person, frame, method):
    moment = knee_moment(lopsided, person, frame=frame, method=method)
    assert moment.dims == ("time", "foot", "moment")
    assert moment["moment"].values.tolist() == ["adduction", "internal_rotation", "flexion"]
    assert moment.attrs == {
        "units": "N m",
        "frame": frame,
        "method": method,
        "mass_kg": MASS_KG,
        "height_m": HEIGHT_M,
    }


def test_the_shin_in_full_is_the_default_and_nobody_is_made_up(lopsided, person):
    moment = knee_moment(lopsided.drop_attrs(), person)
    assert moment.attrs == {"units": "N m", "frame": "tibia", "method": "newton-euler"}
    xr.testing.assert_equal(moment, knee_moment(lopsided, person, frame="tibia", method="newton-euler"))


def test_only_newton_and_euler_count_the_free_moment(lopsided, person):
    without = lopsided.drop_vars("free_moment")
    full = [knee_moment(t, person, frame="lab") for t in (lopsided, without)]
    turned = (full[0] - full[1]).sel(moment="internal_rotation")
    sides = xr.DataArray([1.0, -1.0], coords={"foot": list(FEET)}, dims="foot")
    np.testing.assert_allclose(turned, (sides * lopsided["free_moment"]).transpose("time", "foot"), atol=1e-9)
    plain = [knee_moment(t, person, method="quasi-static") for t in (lopsided, without)]
    xr.testing.assert_identical(*plain)


def test_a_standing_shank_changes_the_moment_by_its_own_weight_only(person):
    trial = moving(person, hip_flexion_r=0.5, knee_angle_r=0.5, hip_flexion_l=0.2)
    centers, joints, _ = places(trial, person)
    trial = pushed(trial, [0.0, WEIGHT_N / 2, 0.0], [[[0.1, 0, 0.1], [0.0, 0, -0.1]]])
    full, plain = (
        knee_moment(trial, person, frame="lab", method=method) for method in ("newton-euler", "quasi-static")
    )
    mass = {segment.name: segment.mass_kg for segment in person.segments}
    for foot, side in (("right", "r"), ("left", "l")):
        weight = sum(
            np.cross(
                centers[f"{part}_{side}"] - joints[f"tibia_{side}"],
                [0, -mass[f"{part}_{side}"] * GRAVITY_MPS2, 0],
            )
            for part in ("tibia", "talus", "calcn", "toes")
        )
        difference = (full - plain).sel(foot=foot, moment="flexion")
        np.testing.assert_allclose(difference, -weight[:, 2], atol=1e-8)


def test_a_force_without_a_place_is_ignored(lopsided, person):
    point = lopsided["center_of_pressure"].copy(deep=True)
    point.loc[{"foot": "right", "axis": "z", "time": slice(0.2, 0.3)}] = np.nan
    known = knee_moment(lopsided, person, method="quasi-static")
    found = knee_moment(lopsided.assign(center_of_pressure=point), person, method="quasi-static")
    inside = (found["time"] > 0.195) & (found["time"] < 0.305)
    assert (found.sel(foot="right").where(inside, 0.0) == 0.0).all()
    xr.testing.assert_identical(found.where(~inside), known.where(~inside))
    xr.testing.assert_identical(found.sel(foot="left"), known.sel(foot="left"))


def test_what_is_missing_becomes_zero_and_the_order_of_the_labels_does_not_matter(lopsided):
    gappy = lopsided.copy(deep=True)
    gappy["free_moment"][3, 0] = np.nan
    gappy["center_of_pressure"][5, 1] = np.nan
    wrench = ground_wrench(gappy)
    assert all(torch.isfinite(part).all() for part in wrench)
    assert wrench.couple[3, 0].tolist() == [0.0, 0.0, 0.0]
    assert all(part[5, 1].tolist() == [0.0, 0.0, 0.0] for part in wrench)
    turned = ground_wrench(gappy.transpose("axis", "foot", "time", "coordinate"))
    for part, other in zip(wrench, turned, strict=True):
        assert torch.equal(part, other)


def test_smoothing_takes_the_noise_and_leaves_the_rest(lopsided):
    rng = np.random.default_rng(2)
    noisy = lopsided.assign(joint_angle=lopsided["joint_angle"] + rng.normal(0, 0.01, (FRAMES, 1)))
    smooth = smooth_motion(noisy, 6.0)
    rough, left = ((t["joint_angle"] - lopsided["joint_angle"])[10:-10].std() for t in (noisy, smooth))
    assert float(left) < 0.5 * float(rough)
    assert smooth["joint_angle"].attrs == {"units": "rad", "low_pass_hz": 6.0}
    assert smooth["joint_angle"].dims == ("time", "coordinate")
    xr.testing.assert_identical(smooth["ground_reaction_force"], lopsided["ground_reaction_force"])


def test_smoothing_unwraps_before(person):
    """A person who walks in a circle: the turn of the pelvis passes half a turn and goes on."""
    turning = moving(person, pelvis_rotation=np.linspace(2.5, 4.0, FRAMES))
    jumping = turning.assign(joint_angle=(turning["joint_angle"] + np.pi) % (2 * np.pi) - np.pi)
    assert float(abs(jumping["joint_angle"].diff("time")).max()) > 6.0
    found, known = (smooth_motion(trial, 6.0)["joint_angle"] for trial in (jumping, turning))
    np.testing.assert_allclose(found, known, atol=1e-9)


def test_whole_turns_are_taken_out_and_gaps_stay():
    time = np.arange(50) / RATE_HZ
    slow = 0.3 * np.sin(5 * time)
    offset = np.array([0.0, 2 * np.pi, -4 * np.pi])
    angle = xr.DataArray(
        slow + offset[:, None], {"time": time}, ("coordinate", "time"), attrs={"units": "rad"}
    )
    angle[1, 30:] -= 2 * np.pi
    angle[2, 10:20] = np.nan
    found = without_whole_turns(angle.T)
    assert found.dims == ("time", "coordinate")
    assert found.attrs == {"units": "rad"}
    np.testing.assert_array_equal(found.isnull(), angle.T.isnull())
    np.testing.assert_allclose(found, (slow + 0.0 * angle).T, atol=1e-12)
    stacked = xr.concat([angle, angle + 2 * np.pi], "draw").transpose("coordinate", "time", "draw")
    np.testing.assert_allclose(without_whole_turns(stacked).isel(draw=1), found.T, atol=1e-12)


def test_a_gap_stays_a_gap(person):
    trial = moving(person, frames=120, knee_angle_r=0.1)
    trial["joint_angle"][50:55] = np.nan
    smooth = smooth_motion(trial, 6.0)["joint_angle"]
    np.testing.assert_array_equal(smooth.isnull(), trial["joint_angle"].isnull())
    turned = trial["joint_angle"].transpose("coordinate", "time")
    np.testing.assert_allclose(smooth_motion(trial.assign(joint_angle=turned), 6.0)["joint_angle"].T, smooth)


@pytest.mark.parametrize("compute", [required_force, joint_moments, knee_moment])
def test_a_trial_without_motion_is_told_where_to_get_it(lopsided, person, compute):
    with pytest.raises(ValueError, match=r"has no joint_angle and no pelvis_position: solve_motion gets it"):
        compute(lopsided.drop_vars(["joint_angle", "pelvis_position"]), person)
    with pytest.raises(ValueError, match=r"has no pelvis_position: solve_motion gets it from markers"):
        compute(lopsided.drop_vars("pelvis_position"), person)


def test_smoothing_needs_motion(lopsided):
    with pytest.raises(ValueError, match="has no joint_angle: solve_motion gets it from markers"):
        smooth_motion(lopsided.drop_vars("joint_angle"), 6.0)


@pytest.mark.parametrize("compute", [joint_moments, knee_moment])
def test_a_trial_without_force_is_told_so(lopsided, person, compute):
    with pytest.raises(ValueError, match="has no center_of_pressure: measure or estimate it first"):
        compute(lopsided.drop_vars("center_of_pressure"), person)
    with pytest.raises(ValueError, match="no ground_reaction_force and no center_of_pressure: measure"):
        compute(lopsided.drop_vars(["ground_reaction_force", "center_of_pressure"]), person)


def test_frames_and_methods_that_are_not_known_are_refused(lopsided, person):
    with pytest.raises(ValueError, match="no frame 'femur'; choose 'tibia', 'joint', 'lab'"):
        knee_moment(lopsided, person, frame="femur")
    with pytest.raises(ValueError, match="no method 'magic'; choose 'newton-euler', 'quasi-static'"):
        knee_moment(lopsided, person, method="magic")


@pytest.mark.parametrize("compute", [required_force, joint_moments, knee_moment])
def test_six_frames_are_too_few_for_an_acceleration(lopsided, person, compute):
    with pytest.raises(ValueError, match=r"6 frame.* too few for derivatives in time: 7 are needed"):
        compute(lopsided.isel(time=slice(0, 6)), person)
