from functools import cache

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.cohort.schema import validate
from gaitbook.conventions import COORDINATES, GRAVITY_MPS2
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import forward_kinematics
from gaitbook.mechanics.loads import required_force
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.sagittal_body import sagittal_body
from gaitbook.synthesis.standing import draw_stance, simulate_standing

PERSON = {
    "subject": "person-0003",
    "number": 2,
    "sex": "male",
    "age_year": 50.0,
    "height_m": 1.76,
    "mass_kg": 80.0,
    "vigor": 0.0,
    "knee_varus_rad": 0.05,
    "abdominal_fat": -0.5,
}
PEOPLE = 16


@cache
def simulate(**options) -> xr.Dataset:
    return simulate_standing(PERSON, **options)


def body_of(trial):
    return compile_body(person_body(trial.attrs))


def center_of_pressure(trial):
    """Common center of pressure of both feet, dims (time, axis), mm."""
    vertical = trial["ground_reaction_force"].sel(axis="y")
    common = (trial["center_of_pressure"] * vertical).sum("foot") / vertical.sum("foot")
    return 1e3 * common.transpose("time", "axis").drop_vars("axis").values


def sway_mm(**changes):
    return center_of_pressure(simulate_standing({**PERSON, **changes})).std(axis=0)[[0, 2]]


@pytest.fixture(scope="module")
def paths_mm():
    """Where the pressure of people goes who differ by chance alone, (person, time, 2)."""
    people = [{**PERSON, "number": number} for number in range(PEOPLE)]
    return np.stack([center_of_pressure(simulate_standing(person))[:, [0, 2]] for person in people])


def test_is_a_valid_trial_of_all_coordinates_that_says_what_it_is():
    trial = validate(simulate())
    assert tuple(trial["coordinate"].values) == COORDINATES
    assert trial.sizes["time"] == 900
    assert trial.attrs["task"] == trial.attrs["trial"] == "standing"
    assert "no model of balance control" in trial.attrs["log"][1]


def test_the_feet_slip_less_than_a_tenth_of_a_millimeter_and_stay_flat():
    trial = simulate()
    body = body_of(trial)
    pose = forward_kinematics(body, body_coordinates(trial, body))
    flat = torch.eye(3, dtype=torch.float64)
    for foot in (body.segment("calcn_r"), body.segment("calcn_l")):
        place = pose.position[:, foot]
        assert float((place - place.mean(dim=0)).abs().max()) < 2e-4
        assert float((pose.rotation[:, foot] - flat).abs().max()) < 2e-3


def test_both_feet_give_together_what_newton_and_euler_require():
    trial = simulate(sampling_rate_hz=120.0, duration_s=8.0)
    needed = required_force(trial, person_body(trial.attrs)).isel(time=slice(3, -3))
    trial = trial.isel(time=slice(3, -3))
    weight = PERSON["mass_kg"] * GRAVITY_MPS2
    feet = trial["ground_reaction_force"].transpose("time", "foot", "axis").values
    np.testing.assert_allclose(feet.sum(axis=1), needed["required_force"].values, atol=1e-9 * weight)
    moment = np.cross(trial["center_of_pressure"].values, feet).sum(axis=1)
    moment[:, 1] += trial["free_moment"].sum("foot").values
    wanted = np.cross(needed["required_center_of_pressure"].values, needed["required_force"].values)
    wanted[:, 1] += needed["required_free_moment"].values
    np.testing.assert_allclose(moment, wanted, atol=1e-8 * weight)


def test_the_center_of_pressure_stays_inside_the_feet():
    trial = simulate()
    links = sagittal_body(body_of(trial), height_m=PERSON["height_m"], arms={})
    ahead = (trial["center_of_pressure"].sel(axis="x").values - links.heel_m) / links.foot_length_m
    assert 0.2 < ahead.min() < ahead.max() < 0.7
    share = trial["ground_reaction_force"].sel(axis="y", foot="right") / trial["ground_reaction_force"].sel(
        axis="y"
    ).sum("foot")
    assert 0.3 < float(share.min()) < float(share.max()) < 0.7


def test_the_center_of_mass_leads_slower_than_the_center_of_pressure():
    # an inverted pendulum: the pressure swings about the mass and wider
    trial = simulate()
    mass = 1e3 * required_force(trial, person_body(PERSON))["center_of_mass"].values
    pressure = center_of_pressure(trial)
    for axis in (0, 2):
        assert np.corrcoef(mass[:, axis], pressure[:, axis])[0, 1] > 0.9
        assert pressure[:, axis].std() > mass[:, axis].std()


def test_sway_has_the_size_that_was_assumed_for_closed_eyes(paths_mm):
    ahead_mm, right_mm = paths_mm.std(axis=1).mean(axis=0)
    assert 4.0 < ahead_mm < 6.0
    assert 2.0 < right_mm < 3.5


def test_the_pressure_travels_about_a_centimeter_in_a_second(paths_mm):
    # an assumption of the generator: about a centimeter in a second with closed eyes
    speed_mmps = np.linalg.norm(np.diff(paths_mm, axis=1), axis=2).sum(axis=1) / 30.0
    assert 8.0 < speed_mmps.mean() < 16.0


def test_sway_grows_with_age_and_falls_with_vigor():
    assert (sway_mm(age_year=80.0) > 1.15 * sway_mm(age_year=50.0)).all()
    assert (sway_mm(age_year=50.0) > sway_mm(age_year=25.0)).all()
    assert (sway_mm(vigor=-2.0) > 1.15 * sway_mm(vigor=0.0)).all()
    assert (sway_mm(vigor=2.0) < sway_mm(vigor=0.0)).all()


def test_without_sway_the_weight_is_shared_and_nothing_moves():
    stance = draw_stance(PERSON, compile_body(person_body(PERSON)), seed=0, styles=None)
    assert stance.waves.at(np.zeros(1)).shape == (1, 4)
    trial = simulate()
    weight = PERSON["mass_kg"] * GRAVITY_MPS2
    assert float(trial["ground_reaction_force"].sel(axis="y").sum("foot").mean()) == pytest.approx(
        weight, rel=1e-3
    )
    assert abs(float(trial["ground_reaction_force"].sel(axis="x").sum("foot").mean())) < 2e-3 * weight


def test_a_seed_decides_everything_and_neither_rate_nor_forces_change_it():
    first, again, other = simulate(), simulate_standing(PERSON), simulate_standing(PERSON, seed=1)
    xr.testing.assert_identical(first, again)
    assert not first["joint_angle"].equals(other["joint_angle"])
    quick = simulate_standing(PERSON, forces=False, body=body_of(first))
    xr.testing.assert_identical(quick, first[["joint_angle", "pelvis_position"]])
    fine = simulate(sampling_rate_hz=60.0)
    np.testing.assert_allclose(first["joint_angle"], fine["joint_angle"][::2], atol=1e-12)
    np.testing.assert_allclose(
        first["ground_reaction_force"], fine["ground_reaction_force"][::2], atol=1e-5 * 785.0
    )


@pytest.mark.parametrize(
    ("style", "coordinate", "direction"),
    [
        ("trunk_lean", "lumbar_extension", -1),
        ("knee_offset", "knee_angle_r", 1),
        ("arm_abduction", "arm_add_l", -1),
        ("elbow_flexion", "elbow_flex_r", 1),
    ],
)
def test_styles_shift_the_posture(style, coordinate, direction):
    plain, styled = simulate(forces=False), simulate_standing(PERSON, styles={style: 1.5}, forces=False)
    shift = (styled["joint_angle"] - plain["joint_angle"]).sel(coordinate=coordinate).mean()
    assert direction * float(shift) > 0.03


def test_the_pelvis_tilts_under_an_upright_trunk():
    plain = simulate(forces=False)
    styled = simulate_standing(PERSON, styles={"pelvis_tilt_offset": 1.5}, forces=False)
    shift = (styled["joint_angle"] - plain["joint_angle"]).mean("time")
    assert float(shift.sel(coordinate="pelvis_tilt")) > 0.08
    trunk = shift.sel(coordinate=["pelvis_tilt", "lumbar_extension"]).sum()
    assert abs(float(trunk)) < 0.02


def test_knees_do_not_bend_backward():
    styled = simulate_standing(PERSON, styles={"knee_offset": -5.0}, forces=False)
    assert float(styled["joint_angle"].sel(coordinate=["knee_angle_r", "knee_angle_l"]).min()) > -0.02


def test_all_faults_are_told_at_once():
    strange = {**PERSON, "mass_kg": 1.0, "age_year": 300.0, "vigor": 40.0}
    with pytest.raises(ValueError, match="Cannot simulate standing") as caught:
        simulate_standing(strange, duration_s=0.0)
    for fault in (
        "mass_kg is 1, expected 2 to 350",
        "age_year is 300, expected 0 to 120",
        "vigor is 40, expected -6 to 6",
        "duration_s is 0: fewer than two samples at 30 Hz",
    ):
        assert fault in str(caught.value)
