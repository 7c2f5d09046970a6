"""Simulated trials keep the laws of mechanics in every frame, whoever walks or runs, and under every condition."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.conventions import COORDINATES, FEET, GRAVITY_MPS2, PELVIS_TRANSLATIONS
from gaitbook.studies.foot_check import foot_quantities
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.gait import joint_moment, simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.synthesis.walkers import DURATION_S, RATE_HZ, RUNS, SEED, WALKS, person, recorded, trial

LEANING = Condition(trunk_lean_rad=np.deg2rad(10.0))
TOEING_IN = Condition(toe_out_rad=np.deg2rad(-10.0), step_width_m=0.05)
CASES = [(*case, None) for case in (*WALKS, *RUNS)]
CONDITIONED = [(*WALKS[0], LEANING), (*WALKS[0], TOEING_IN)]


def spoken(case):
    number, gait, speed_mps, condition = case
    return f"{number}-{gait}-{speed_mps}" + (f"-{condition.label}" if condition else "")


EVERYBODY = pytest.mark.parametrize("case", [*CASES, *CONDITIONED], ids=spoken)
WALKING = pytest.mark.parametrize(
    "case", [case for case in [*CASES, *CONDITIONED] if case[1] == "walk"], ids=spoken
)
RUNNING = pytest.mark.parametrize("case", [case for case in CASES if case[1] == "run"], ids=spoken)
WALK, RUN = CASES[0], CASES[2]
SMALL = {"height_m": 1.62, "mass_kg": 60.0}


def parts(case):
    return recorded(*case[:3], condition=case[3])


def of(case):
    return trial(*case[:3], condition=case[3])


def body_of(case):
    return person_body(person(case[0]))


@cache
def feet_of(case):
    return foot_quantities(of(case), body_of(case))


# --- the ten criteria


@EVERYBODY
def test_1_forces_and_moments_balance(case):
    each = parts(case)
    weight_n, height_m = each.weight_n, float(person(case[0])["height_m"])
    force = each.feet.force.sum(axis=1) - each.motion.force
    assert np.abs(force).max() < 1e-6 * weight_n
    moment = np.cross(np.nan_to_num(each.feet.pressure), each.feet.force).sum(axis=1) - each.motion.moment
    moment[:, 1] += each.feet.free_moment.sum(axis=1)
    loaded = each.motion.force[:, 1] > 0.05 * weight_n
    assert np.abs(moment[loaded]).max() < 1e-6 * weight_n * height_m


@EVERYBODY
def test_1_the_trial_holds_what_was_balanced_and_says_so(case):
    each, own = parts(case), of(case)
    names = [each.body.coordinate(name) for name in COORDINATES if "mtp" not in name]
    angle = own["joint_angle"].sel(coordinate=[name for name in COORDINATES if "mtp" not in name])
    np.testing.assert_allclose(angle, each.motion.coordinates[:, names], atol=1e-12)
    places = [each.body.coordinate(name) for name in PELVIS_TRANSLATIONS]
    np.testing.assert_allclose(own["pelvis_position"], each.motion.coordinates[:, places], atol=1e-12)
    np.testing.assert_allclose(own["ground_reaction_force"], each.feet.force, atol=1e-9)
    np.testing.assert_allclose(own["center_of_pressure"], each.feet.pressure, atol=1e-12)
    assert own.attrs["residual_force_bw"] < 1e-6
    assert own.attrs["residual_moment_bwh"] < 1e-6


@EVERYBODY
def test_3_over_whole_strides_force_is_weight_and_change_of_momentum(case):
    each = parts(case)
    mass_kg, places = each.body.total_mass_kg, [each.body.coordinate(name) for name in PELVIS_TRANSLATIONS]
    assert places == sorted(places)
    first, last = 40, 40 + round(2.0 * float(each.plan.period_s) * RATE_HZ)
    given = each.motion.force[first : last + 1]
    # momentum by differences of where the center of mass is, at both ends
    speed = np.gradient(each.motion.center, 1.0 / RATE_HZ, axis=0)[[first, last]]
    push = 0.5 * (given[1:] + given[:-1]).sum(axis=0) / RATE_HZ
    weight_n = mass_kg * GRAVITY_MPS2
    needed = mass_kg * (speed[1] - speed[0]) + np.array([0.0, weight_n, 0.0]) * (last - first) / RATE_HZ
    assert np.abs(push - needed).max() < 0.01 * weight_n * (last - first) / RATE_HZ


@EVERYBODY
def test_4_feet_in_the_air_have_no_force_and_none_pulls(case):
    own = of(case)
    force = own["ground_reaction_force"]
    assert not force.where(~own["in_contact"]).fillna(0.0).any()
    assert float(force.sel(axis="y").min()) >= 0.0


@RUNNING
def test_4_in_flight_nothing_is_needed(case):
    each = parts(case)
    flying = ~each.feet.in_contact.any(axis=1)
    assert flying.any()
    assert np.abs(each.motion.force[flying]).max() < 1e-6 * each.weight_n
    assert np.abs(each.motion.momentum_rate[flying]).max() < 1e-4 * each.weight_n


@EVERYBODY
def test_5_the_pelvis_needs_no_help(case):
    """Bottom up: what legs, trunk and arms leave for the root is nothing, where the force is more than small."""
    each = parts(case)
    moment = joint_moment(each.body, each.motion, each.feet)
    root = [
        each.body.coordinate(name)
        for name in ("pelvis_tilt", "pelvis_list", "pelvis_rotation", *PELVIS_TRANSLATIONS)
    ]
    loaded = each.motion.force[:, 1] > 0.05 * each.weight_n
    assert np.abs(moment[loaded][:, root]).max() < 1e-6 * each.weight_n
    np.testing.assert_allclose(
        of(case)["joint_moment"], moment[:, [each.body.coordinate(n) for n in COORDINATES]], atol=1e-9
    )


@EVERYBODY
def test_6_pressure_is_inside_the_foot(case):
    assert feet_of(case)["pressure_inside_foot"] >= 99.5


@EVERYBODY
def test_6_pressure_is_near_its_plan(case):
    assert of(case).attrs["pressure_shift_m"] <= 0.010


@EVERYBODY
def test_7_feet_do_not_slip(case):
    assert feet_of(case)["stance_slip"] <= 3.0


@EVERYBODY
def test_7_feet_do_not_sink(case):
    assert feet_of(case)["penetration"] <= 5.0


@EVERYBODY
def test_7_feet_clear_the_ground(case):
    assert feet_of(case)["swing_clearance"] >= 5.0


@EVERYBODY
def test_8_friction_is_enough(case):
    assert feet_of(case)["friction_ratio"] <= 0.5


@WALKING
def test_9_walkers_hardly_twist_the_ground(case):
    assert feet_of(case)["free_moment"] <= 10.0


def test_10_a_person_does_not_depend_on_who_else_is_drawn():
    alone = draw_people(1, seed=SEED, first=3).iloc[0]
    among = draw_people(6, seed=SEED).iloc[3]
    options = {"speed_mps": 1.0, "duration_s": 1.0, "seed": SEED}
    one, other = (simulate_gait(each, **options) for each in (alone, among))
    xr.testing.assert_identical(one, other)


@pytest.mark.parametrize(("gait", "speed_mps"), [("walk", 1.0), ("run", 2.8)])
def test_10_the_same_again_is_the_same(gait, speed_mps):
    options = {"speed_mps": speed_mps, "gait": gait, "duration_s": 1.0, "seed": SEED}
    first = simulate_gait(person(3), **options)
    simulate_gait(person(8), **options)
    xr.testing.assert_identical(simulate_gait(person(3), **options), first)


# --- what a trial is


@EVERYBODY
def test_trials_keep_the_contract(case):
    own = of(case)
    assert gb.validate(own) is own
    assert own.sizes["time"] == round(DURATION_S * RATE_HZ)
    assert own["joint_angle"]["coordinate"].values.tolist() == list(COORDINATES)
    assert own["ground_reaction_force"]["foot"].values.tolist() == list(FEET)
    assert own["joint_moment"].attrs["units"] == "N m"
    for name in ("joint_angle", "pelvis_position", "ground_reaction_force", "joint_moment", "free_moment"):
        assert np.isfinite(own[name]).all(), name


@EVERYBODY
def test_trials_say_who_and_what(case):
    own, someone = of(case), person(case[0])
    known = {
        "source": "simulated",
        "subject": f"person-{case[0] + 1:04d}",
        "gait": case[1],
        "speed_mps": case[2],
        "surface": "treadmill",
        "condition": case[3].label if case[3] else "own gait",
        "license": "CC0 (simulated)",
        "sampling_rate_hz": RATE_HZ,
    }
    assert {name: own.attrs[name] for name in known} == known
    for name in ("sex", "age_year", "height_m", "mass_kg", "knee_varus_rad"):
        assert own.attrs[name] == someone[name]
    assert own.attrs["trial"].startswith(f"{case[1]}-{case[2]:.2f}")
    assert " " not in own.attrs["trial"]
    assert f"person {case[0]}" in own.attrs["log"][0]


def test_a_mapping_is_a_person_and_trials_may_be_named():
    own = simulate_gait(SMALL | {"subject": "Ann", "number": 5}, speed_mps=1.2, duration_s=0.5, trial="first")
    assert (own.attrs["subject"], own.attrs["trial"]) == ("Ann", "first")
    assert gb.validate(own) is own
    nameless = simulate_gait(SMALL, speed_mps=1.2, duration_s=0.5)
    assert (nameless.attrs["subject"], nameless.attrs["trial"]) == ("simulated", "walk-1.20")


def test_fast_people_run():
    assert simulate_gait(SMALL, speed_mps=2.0, duration_s=0.3).attrs["gait"] == "walk"
    assert simulate_gait(SMALL, speed_mps=2.3, duration_s=0.3).attrs["gait"] == "run"
    assert simulate_gait(SMALL, speed_mps=2.0, gait="run", duration_s=0.3).attrs["gait"] == "run"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"speed_mps": 0.2}, "speed_mps is 0.2, expected 0.45 to 2.15 for a walk"),
        ({"speed_mps": 12.0}, "speed_mps is 12, expected 1.9 to 9.2 for a run"),
        ({"speed_mps": float("nan")}, "speed_mps is nan, expected"),
        ({"speed_mps": 1.2, "gait": "run"}, "speed_mps is 1.2, expected 1.9 to 9.2 for a run"),
        ({"speed_mps": 1.2, "gait": "skip"}, "gait is 'skip', expected walk or run"),
        ({"speed_mps": 1.2, "surface": "moon"}, "surface is 'moon', expected treadmill or overground"),
        ({"speed_mps": 1.2, "duration_s": 0.05}, "gives fewer than ten samples"),
    ],
)
def test_what_cannot_be_simulated_is_told(asked, message):
    with pytest.raises(ValueError, match="Cannot simulate this trial: .*" + message):
        simulate_gait(SMALL, **asked)


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ValueError, match=r"gait is 'hop'.*; surface is 'ice'.*; duration_s times"):
        simulate_gait(SMALL, speed_mps=1.2, gait="hop", surface="ice", duration_s=0.0)


def test_a_person_without_size_is_refused():
    with pytest.raises(ValueError, match="height_m"):
        simulate_gait({"mass_kg": 60.0}, speed_mps=1.2)


# --- what it depends on


@pytest.mark.parametrize("case", [WALK, RUN], ids=spoken)
def test_over_ground_the_same_gait_moves_forward(case):
    belt, ground = of(case), trial(*case[:3], surface="overground")
    for name in ("joint_angle", "ground_reaction_force", "joint_moment", "in_contact", "free_moment"):
        np.testing.assert_array_equal(belt[name], ground[name])
    way = case[2] * belt["time"] * xr.DataArray([1.0, 0.0, 0.0], {"axis": ["x", "y", "z"]}, "axis")
    for name in ("pelvis_position", "center_of_pressure"):
        xr.testing.assert_allclose(ground[name], belt[name] + way, atol=1e-9)
    assert ground.attrs["surface"] == "overground"
    assert gb.validate(ground) is ground


@pytest.mark.parametrize("case", [WALK, RUN], ids=spoken)
def test_feet_over_ground_stay_where_they_stand(case):
    ground = trial(*case[:3], surface="overground")
    pressure, down = ground["center_of_pressure"].sel(axis="x").values, ground["in_contact"].values
    for foot in (0, 1):
        steps = down[1:, foot] & down[:-1, foot]
        rolled = np.diff(pressure[:, foot])[steps]
        # the pressure rolls forward over a foot, slower than the body
        assert 0.0 < rolled.mean() * RATE_HZ < 0.6 * case[2]


@pytest.mark.parametrize("case", [WALK, RUN], ids=spoken)
def test_without_variability_strides_repeat(case):
    each = recorded(*case[:3], variability=0.0, rate_hz=160.0 / float(parts(case).plan.period_s))
    force = each.feet.force / each.weight_n
    np.testing.assert_allclose(force[180:320], force[340:480], atol=2e-3)
    np.testing.assert_allclose(each.motion.coordinates[180:320], each.motion.coordinates[340:480], atol=1e-3)


def test_seeds_and_people_differ():
    options = {"speed_mps": 1.3, "duration_s": 1.0}
    mine, reseeded, others = (
        simulate_gait(SMALL | {"number": number}, seed=seed, **options)["joint_angle"].values
        for number, seed in ((3, 0), (3, 1), (4, 0))
    )
    assert np.abs(mine - reseeded).max() > 0.02
    assert np.abs(mine - others).max() > 0.02


def test_styles_show():
    options = {"speed_mps": 1.3, "duration_s": 2.5, "variability": 0.0}
    own, bent = (simulate_gait(SMALL, styles=styles, **options) for styles in ({}, {"elbow_flexion": 2.0}))
    elbow = (bent["joint_angle"] - own["joint_angle"]).sel(coordinate="elbow_flex_r").mean()
    assert 0.15 < float(elbow) < 0.45


def test_conditions_show():
    own, leaning, toeing_in = of(WALK), of(CONDITIONED[0]), of(CONDITIONED[1])
    sway = [each["joint_angle"].sel(coordinate="lumbar_bending").std() for each in (own, leaning)]
    assert float(sway[1]) > float(sway[0]) + 0.05
    turned = (toeing_in["joint_angle"] - own["joint_angle"]).sel(
        coordinate=["hip_rotation_r", "hip_rotation_l"]
    )
    assert float(turned.mean()) > 0.1


def test_wide_steps_are_wide():
    own, wide = of(WALK), trial(*WALK[:3], condition=Condition(step_width_m=0.1))
    apart = []
    for each in (own, wide):
        place = each["center_of_pressure"].sel(axis="z").mean("time")
        apart.append(float(place.sel(foot="right") - place.sel(foot="left")))
    assert apart[1] - apart[0] == pytest.approx(0.1, abs=0.01)


# --- moments


@pytest.mark.parametrize("case", [WALK, RUN], ids=spoken)
def test_moments_are_those_of_inverse_dynamics_from_the_trial(case):
    """Which must differentiate samples; it agrees but near landings."""
    own = of(case)
    known = gb.joint_moments(own, body_of(case))
    names = [name for name in COORDINATES if name.startswith(("hip", "knee", "ankle", "subtalar", "lumbar"))]
    apart = (own["joint_moment"] - known).sel(coordinate=names).isel(time=slice(30, -30))
    scale = float(abs(own["joint_moment"].sel(coordinate=names)).max())
    assert float(np.sqrt((apart**2).mean())) < 0.02 * scale


@pytest.mark.parametrize("case", [WALK, RUN], ids=spoken)
def test_external_flexion_moments_of_the_knee_are_the_negative_of_internal_ones(case):
    external = (
        gb.knee_moment(of(case), body_of(case), frame="joint").sel(moment="flexion").isel(time=slice(30, -30))
    )
    for foot, name in zip(FEET, ("knee_angle_r", "knee_angle_l"), strict=True):
        internal = of(case)["joint_moment"].sel(coordinate=name).isel(time=slice(30, -30)).values
        outer = external.sel(foot=foot).values
        assert np.corrcoef(outer, -internal)[0, 1] > 0.99
        assert np.sqrt(((outer + internal) ** 2).mean()) < 0.05 * np.abs(internal).max() + 1.0


@WALKING
def test_walkers_push_off_with_the_ankle_and_load_the_inside_of_the_knee(case):
    own = of(case)
    down = own["in_contact"]
    for foot, side in zip(FEET, "rl", strict=True):
        ankle = own["joint_moment"].sel(coordinate=f"ankle_angle_{side}")
        # plantar flexion is negative
        assert float(ankle.where(down.sel(foot=foot)).min()) < -0.8 * own.attrs["mass_kg"]
    adduction = gb.knee_moment(own, body_of(case)).sel(moment="adduction").isel(time=slice(30, -30))
    assert float(adduction.max("time").min()) > 0.0


def test_without_the_ground_the_root_carries_all_that_the_motion_needs():
    each = parts(WALK)
    nothing = replace(each.feet, force=0.0 * each.feet.force, free_moment=0.0 * each.feet.free_moment)
    moment = joint_moment(each.body, each.motion, nothing)
    root = moment[:, [each.body.coordinate(name) for name in PELVIS_TRANSLATIONS]]
    np.testing.assert_allclose(root, each.motion.force, atol=1e-7 * each.weight_n)
