from functools import cache

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.cohort.schema import validate
from gaitbook.conventions import AXES, COORDINATES, GRAVITY_MPS2
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import center_of_mass, forward_kinematics
from gaitbook.mechanics.loads import required_force
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.synthesis.chair_rise import SmoothPath
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.repetitions import draw_repetitions, expected_repetitions, move
from gaitbook.synthesis.sagittal_body import center_path, coordinate_table, sagittal_body
from gaitbook.synthesis.sit_to_stand import draw_chair, simulate_sit_to_stand
from gaitbook.synthesis.task_trial import posture_shifts

PERSON = {
    "subject": "person-0007",
    "number": 6,
    "sex": "female",
    "age_year": 52.0,
    "height_m": 1.64,
    "mass_kg": 70.0,
    "vigor": 0.2,
    "knee_varus_rad": 0.04,
    "abdominal_fat": 0.8,
}
CORNERS = [
    {"age_year": 21.0, "vigor": 2.5, "height_m": 1.98, "mass_kg": 90.0, "sex": "male"},
    {"age_year": 21.0, "vigor": 2.5, "height_m": 1.50, "mass_kg": 45.0, "knee_varus_rad": -0.08},
    {"age_year": 85.0, "vigor": -2.5, "height_m": 1.50, "mass_kg": 85.0},
    {"age_year": 79.0, "vigor": -1.5, "height_m": 1.92, "mass_kg": 125.0, "sex": "male"},
]


@cache
def simulate(corner=None, **options) -> xr.Dataset:
    return simulate_sit_to_stand({**PERSON, **({} if corner is None else CORNERS[corner])}, **options)


def body_of(trial):
    return compile_body(person_body(trial.attrs))


def on_foot(trial):
    """Center of pressure along the foot, 0 at the heel and 1 at the tip of the toes."""
    links = sagittal_body(body_of(trial), height_m=trial.attrs["height_m"], arms={})
    ahead = trial["center_of_pressure"].sel(foot="right", axis="x").values
    return (ahead - links.heel_m) / links.foot_length_m


def weight_n(trial):
    return trial.attrs["mass_kg"] * GRAVITY_MPS2


def test_is_a_valid_trial_of_all_coordinates_that_says_what_it_is():
    trial = validate(simulate())
    assert tuple(trial["coordinate"].values) == COORDINATES
    assert trial.sizes["time"] == 900
    assert trial.attrs["task"] == trial.attrs["trial"] == "sit_to_stand"
    assert "no model of how people rise" in trial.attrs["log"][1]


@pytest.mark.parametrize("corner", [None, 0, 1, 2, 3])
def test_the_feet_stay_exactly(corner):
    trial = simulate(corner)
    body = body_of(trial)
    pose = forward_kinematics(body, body_coordinates(trial, body))
    for foot in (body.segment("calcn_r"), body.segment("calcn_l")):
        place = pose.position[:, foot]
        torch.testing.assert_close(place, place[:1].expand_as(place), atol=1e-9, rtol=0)
        flat = torch.eye(3, dtype=torch.float64).expand(len(place), 3, 3)
        torch.testing.assert_close(pose.rotation[:, foot], flat, atol=1e-9, rtol=0)


@pytest.mark.parametrize("corner", [None, 0])
def test_feet_and_bench_give_together_what_newton_and_euler_require(corner):
    trial = simulate(corner, sampling_rate_hz=120.0, duration_s=8.0)
    needed = required_force(trial, person_body(trial.attrs)).isel(time=slice(3, -3))
    trial = trial.isel(time=slice(3, -3))
    feet, seat = trial["ground_reaction_force"].transpose("time", "foot", "axis"), trial["seat_force"].values
    total = feet.values.sum(axis=1) + seat
    np.testing.assert_allclose(total, needed["required_force"].values, atol=1e-9 * weight_n(trial))
    moment = np.cross(trial["center_of_pressure"].values, feet.values).sum(axis=1)
    moment += np.cross(trial["seat_center_of_pressure"].values, seat)
    moment[:, 1] += trial["free_moment"].sum("foot").values
    point, turning = needed["required_center_of_pressure"].values, needed["required_free_moment"].values
    wanted = np.cross(point, needed["required_force"].values)
    wanted[:, 1] += turning
    np.testing.assert_allclose(moment, wanted, atol=1e-8 * weight_n(trial))


def test_forces_do_not_hang_on_the_sampling_rate():
    coarse, fine = simulate(duration_s=5.0), simulate(sampling_rate_hz=240.0, duration_s=5.0)
    same = fine.isel(time=slice(None, None, 8)).isel(time=slice(0, coarse.sizes["time"]))
    np.testing.assert_allclose(coarse["joint_angle"], same["joint_angle"], atol=1e-12)
    difference = coarse["ground_reaction_force"].values - same["ground_reaction_force"].values
    # a jump of the jerk at the start of a movement is all that the finer derivative tells apart
    assert np.sqrt((difference**2).mean()) < 0.005 * weight_n(coarse)


@pytest.mark.parametrize("corner", [None, 0, 1, 2, 3])
def test_the_center_of_pressure_stays_inside_the_feet_and_supports_only_push(corner):
    trial = simulate(corner)
    assert on_foot(trial).min() > 0.0
    assert on_foot(trial).max() < 1.0
    assert trial["ground_reaction_force"].sel(axis="y").min() > 0.0
    assert trial["seat_force"].sel(axis="y").min() >= 0.0
    total = trial["ground_reaction_force"].sum("foot") + trial["seat_force"]
    assert float(abs(total.sel(axis="x") / total.sel(axis="y")).max()) < 0.5
    assert float((total.sel(axis="y") / weight_n(trial)).min()) > 0.2
    assert float((total.sel(axis="y") / weight_n(trial)).max()) < 2.2


def test_the_bench_carries_only_while_the_hips_are_near_it():
    trial = simulate()
    body = body_of(trial)
    hips = (
        forward_kinematics(body, body_coordinates(trial, body))
        .position[:, body.segment("femur_r"), 1]
        .numpy()
    )
    seat = trial["seat_force"].sel(axis="y").values
    assert hips.min() == pytest.approx(0.46 + 0.054 * PERSON["height_m"], abs=1e-9)
    assert (seat[hips > hips.min() + 0.03] == 0.0).all()
    assert seat[0] > 0.5 * weight_n(trial)


def test_both_sides_are_alike():
    trial = simulate()
    force = trial["ground_reaction_force"]
    np.testing.assert_allclose(force.sel(foot="right"), force.sel(foot="left"), atol=1e-9 * weight_n(trial))
    np.testing.assert_allclose(trial["free_moment"], 0.0, atol=1e-9 * weight_n(trial))


def test_the_person_gets_up_to_stand_with_extended_knees():
    trial = simulate()
    knee = np.degrees(trial["joint_angle"].sel(coordinate="knee_angle_r").values)
    assert 0.0 < knee.min() < 10.0
    assert 80.0 < knee.max() < 115.0
    rising = (np.diff((knee < 15.0).astype(int)) == 1).sum()
    assert rising == trial.attrs["repetitions"]


def test_repetitions_are_those_of_the_norms_and_no_two_alike():
    women = [expected_repetitions({**PERSON, "age_year": year, "vigor": 0.0}) for year in (62, 72, 82)]
    # Rikli & Jones (1999): middle half of women
    assert all(
        low <= found <= high for found, low, high in zip(women, (12, 10, 9), (17, 15, 14), strict=True)
    )
    assert 10 <= simulate().attrs["repetitions"] <= 17
    chair = draw_chair(PERSON, compile_body(person_body(PERSON)), rng=np.random.default_rng(0))
    moments = draw_repetitions(PERSON, chair, duration_s=30.0, rng=np.random.default_rng(0)).upright_s
    assert np.diff(moments).std() > 0.02 * np.diff(moments).mean()


def test_vigor_gives_more_repetitions_and_age_fewer():
    vigor = [expected_repetitions({**PERSON, "vigor": score}) for score in (-2, -1, 0, 1, 2)]
    age = [expected_repetitions({**PERSON, "age_year": year}) for year in (25, 45, 65, 85)]
    assert (np.diff(vigor) > 0).all()
    assert (np.diff(age) < 0).all()
    counts = [
        simulate_sit_to_stand({**PERSON, "vigor": score}, forces=False).attrs["repetitions"]
        for score in (-2, 0, 2)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_a_seed_decides_everything_and_forces_change_nothing():
    first, again, other = simulate(), simulate_sit_to_stand(PERSON), simulate_sit_to_stand(PERSON, seed=1)
    xr.testing.assert_identical(first, again)
    assert not first["joint_angle"].equals(other["joint_angle"])
    quick = simulate_sit_to_stand(PERSON, forces=False, body=body_of(first))
    xr.testing.assert_identical(quick, first[["joint_angle", "pelvis_position"]])


@pytest.mark.parametrize(
    ("style", "coordinate", "direction"),
    [
        ("trunk_lean", "lumbar_extension", -1),
        ("pelvis_tilt_offset", "pelvis_tilt", 1),
        ("arm_abduction", "arm_add_r", -1),
        ("elbow_flexion", "elbow_flex_l", 1),
    ],
)
def test_styles_shift_the_seated_posture(style, coordinate, direction):
    plain = simulate(forces=False, duration_s=2.0)
    styled = simulate_sit_to_stand(PERSON, styles={style: 2.0}, forces=False, duration_s=2.0)
    shift = (styled["joint_angle"] - plain["joint_angle"]).sel(coordinate=coordinate).isel(time=0)
    assert direction * float(shift) == pytest.approx(2.0 * abs(posture_shifts({style: 1.0})[style]), rel=1e-6)


def test_styles_of_walking_change_nothing():
    plain = simulate(forces=False, duration_s=2.0)
    styled = simulate_sit_to_stand(PERSON, styles={"stride_length": 2.0}, forces=False, duration_s=2.0)
    xr.testing.assert_identical(plain, styled)


def test_the_center_of_mass_of_the_links_is_that_of_the_body():
    body = compile_body(person_body(PERSON))
    chair = draw_chair(PERSON, body, rng=np.random.default_rng(0))
    repetitions = draw_repetitions(PERSON, chair, duration_s=30.0, rng=np.random.default_rng(0))
    posture = move(chair, repetitions, np.linspace(0.0, 6.0, 50))
    pose = forward_kinematics(body, torch.as_tensor(coordinate_table(chair.person, posture)))
    found = center_path(chair.person, posture)
    found[:, 1] += chair.person.ankle_height_m
    np.testing.assert_allclose(found, center_of_mass(body, pose)[:, :2], atol=1e-12)


def test_a_smooth_path_meets_value_velocity_and_acceleration():
    state = np.array([[[0.0], [0.0], [0.0]], [[1.0], [0.5], [-2.0]], [[2.0], [0.0], [0.0]]])
    path, step = SmoothPath(np.array([0.0, 1.0, 3.0]), state), 1e-4
    near = path.at(1.0 + np.array([-step, 0.0, step]))[:, 0]
    assert near[1] == pytest.approx(1.0)
    assert (near[2] - near[0]) / (2 * step) == pytest.approx(0.5, abs=1e-6)
    assert (near[2] - 2 * near[1] + near[0]) / step**2 == pytest.approx(-2.0, abs=1e-2)
    assert path.at(np.array([-5.0, 99.0]))[:, 0].tolist() == [0.0, 2.0]


def test_all_faults_are_told_at_once():
    strange = {"subject": "a", "number": 0, "sex": "x", "height_m": 164.0, "mass_kg": 60.0, "age_year": 50.0}
    with pytest.raises(ValueError, match="Cannot simulate sit-to-stand") as caught:
        simulate_sit_to_stand(strange, sampling_rate_hz=0.0, styles={"limp": 1.0, "trunk_lean": 60.0})
    for fault in (
        "the person lacks vigor: take a row of draw_people",
        "height_m is 164, expected 1.2 to 2.3",
        "sex is 'x', expected one of female, male",
        "sampling_rate_hz is 0, expected 5",
        "no style 'limp': choose among stride_length",
        "style trunk_lean is 60, expected a z score within 6 of zero",
    ):
        assert fault in str(caught.value)


def test_axes_are_labeled():
    assert tuple(simulate()["seat_force"]["axis"].values) == AXES
    assert simulate()["seat_force"].attrs["units"] == "N"
