from dataclasses import replace

import numpy as np
import pytest
import torch

from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions, segment_centers
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.force_signature import sign_plan
from gaitbook.synthesis.manner import (
    bump,
    gait_at,
    group_of,
    person_manner,
    place_over_feet,
    styles_table,
)
from gaitbook.synthesis.periodic import fourier_matrix, shift_phase
from gaitbook.synthesis.stride_plan import carry_weight, plan_run, plan_walk
from gaitbook.synthesis.walker_coordinates import (
    HELD_RAD,
    LAYOUT,
    MIDDLE,
    SIDED,
    body_rows,
    columns,
    spreads,
)
from tests.synthesis.walkers import average_body, mirrored_manner

PHASE = np.arange(256) / 256
GAITS = pytest.mark.parametrize(("gait", "speed_mps"), [("walk", 1.3), ("run", 3.0)])
STYLES = styles_table()["styles"]
BODY_STYLES = [name for name, style in STYLES.items() if "of" in style]
SIZES = styles_table()["force"]


def manner(gait="walk", speed_mps=1.3, *, seed=None, condition=None, **styles):
    rng = None if seed is None else np.random.default_rng(seed)
    return person_manner(
        speed_mps=speed_mps,
        gait=gait,
        height_m=1.7,
        styles=styles,
        rng=rng,
        condition=condition or Condition(),
    )


def curve(own, name, phase=PHASE):
    part = own.reference[LAYOUT.part(name)]
    return fourier_matrix(phase, len(part) // 2) @ part


def changed(one, other):
    """Coordinates that differ."""
    return {
        name
        for name in LAYOUT.names
        if not np.allclose(one.reference[LAYOUT.part(name)], other.reference[LAYOUT.part(name)], atol=1e-12)
    }


def assert_same_plan(one, other):
    for name, value in vars(one).items():
        np.testing.assert_allclose(value, getattr(other, name), atol=1e-12) if not isinstance(
            value, str
        ) else None


@GAITS
def test_an_average_person_is_their_own_mirror_image(gait, speed_mps):
    own = manner(gait, speed_mps)
    mirrored = mirrored_manner(own)
    np.testing.assert_allclose(mirrored.reference, own.reference, atol=1e-12)
    assert_same_plan(mirrored.plan, own.plan)


@GAITS
def test_a_person_is_not_their_own_mirror_image(gait, speed_mps):
    own = manner(gait, speed_mps, seed=3)
    assert np.abs(mirrored_manner(own).reference - own.reference).max() > 0.005
    assert np.ptp(own.plan.stance) > 0.0


@GAITS
def test_nobody_without_any_asymmetry_has_sides(gait, speed_mps):
    own = manner(gait, speed_mps, seed=3, asymmetry=-200.0)
    mirrored = mirrored_manner(own)
    np.testing.assert_allclose(mirrored.reference, own.reference, atol=1e-12)
    assert_same_plan(mirrored.plan, own.plan)


@GAITS
def test_sides_differ_in_proportion_to_asymmetry(gait, speed_mps):
    def uneven(score):
        own = manner(gait, speed_mps, seed=3, asymmetry=score)
        return mirrored_manner(own).reference - own.reference

    np.testing.assert_allclose(uneven(2.0), np.exp(0.7) * uneven(0.0), atol=1e-12)


def signature(gait, speed_mps, seed=3, condition=None):
    own, average = (manner(gait, speed_mps, seed=each, condition=condition) for each in (seed, None))
    difference = own.reference - average.reference
    # the pelvis is placed by balance
    return np.concatenate([difference[LAYOUT.part(name)] for name in LAYOUT.names if name[:8] != "pelvis_t"])


@pytest.mark.parametrize(
    ("gait", "speed_mps", "asked"),
    [
        ("walk", 0.6, {}),
        ("walk", 2.0, {}),
        ("run", 2.5, {}),
        ("run", 6.0, {}),
        ("walk", 1.3, {"trunk_lean_rad": 0.2, "medial_thrust_rad": 0.1, "toe_out_rad": -0.1}),
    ],
)
def test_a_person_has_the_same_signature_at_every_speed_and_under_every_condition(gait, speed_mps, asked):
    known = signature("walk", 1.3)
    assert np.abs(known).max() > 0.01
    np.testing.assert_allclose(signature(gait, speed_mps, condition=Condition(**asked)), known, atol=1e-12)


def test_people_have_signatures_of_their_own():
    assert np.corrcoef(signature("walk", 1.3), signature("walk", 1.3, seed=4))[0, 1] < 0.5


@GAITS
def test_the_pelvis_has_no_signature_where_balance_places_it(gait, speed_mps):
    own, average = manner(gait, speed_mps, seed=3), manner(gait, speed_mps)
    assert not changed(own, average) & {"pelvis_tx", "pelvis_ty", "pelvis_tz"}


@GAITS
@pytest.mark.parametrize("name", BODY_STYLES)
def test_a_style_changes_its_own_curves_only(gait, speed_mps, name):
    average, styled = manner(gait, speed_mps), manner(gait, speed_mps, **{name: 1.5})
    of = STYLES[name]["of"]
    expected = {each + side for each in of for side in ((("_r", "_l")) if each in SIDED else ("",))}
    moved = changed(average, styled)
    assert moved <= expected
    # a range of nothing stays nothing
    flat = {
        each for each in expected if np.ptp(curve(average, each)) < 1e-9 and STYLES[name]["kind"] == "range"
    }
    assert moved == expected - flat
    assert_same_plan(average.plan, styled.plan)


@GAITS
@pytest.mark.parametrize("name", [name for name in BODY_STYLES if STYLES[name]["kind"] == "offset"])
def test_an_offset_adds_its_size(gait, speed_mps, name):
    average, styled = manner(gait, speed_mps), manner(gait, speed_mps, **{name: -2.0})
    for each in changed(average, styled):
        np.testing.assert_allclose(curve(styled, each) - curve(average, each), -2.0 * STYLES[name]["size"])


@GAITS
@pytest.mark.parametrize("name", [name for name in BODY_STYLES if STYLES[name]["kind"] == "range"])
def test_a_range_scales_the_excursion_and_keeps_the_mean(gait, speed_mps, name):
    average, styled = manner(gait, speed_mps), manner(gait, speed_mps, **{name: 1.0})
    for each in changed(average, styled):
        before, after = curve(average, each), curve(styled, each)
        assert after.mean() == pytest.approx(before.mean())
        assert np.ptp(after) / np.ptp(before) == pytest.approx(np.exp(STYLES[name]["size"]))


@GAITS
def test_push_off_is_plantarflexion_about_toe_off(gait, speed_mps):
    average, styled = manner(gait, speed_mps), manner(gait, speed_mps, push_off=1.0)
    change = curve(styled, "ankle_angle_r") - curve(average, "ankle_angle_r")
    assert change.min() == pytest.approx(-STYLES["push_off"]["size"], rel=0.1)
    assert 0.55 < PHASE[change.argmin()] < 0.70


def test_styles_of_footing_change_the_plan_only():
    average = manner()
    wide, out, long = (manner(**{name: 1.0}) for name in ("step_width", "toe_out", "stride_length"))
    assert not any(changed(average, each) for each in (wide, out, long))
    assert wide.plan.step_width_m - average.plan.step_width_m == pytest.approx(STYLES["step_width"]["size"])
    np.testing.assert_allclose(out.plan.toe_out_rad - average.plan.toe_out_rad, STYLES["toe_out"]["size"])
    factor = long.plan.stride_length_m / average.plan.stride_length_m
    assert factor == pytest.approx(np.exp(STYLES["stride_length"]["size"]))


def test_styles_of_the_camera_change_neither():
    average = manner()
    for name in [name for name, style in STYLES.items() if style["kind"] == "camera"]:
        styled = manner(**{name: 3.0})
        np.testing.assert_array_equal(styled.reference, average.reference)
        assert_same_plan(styled.plan, average.plan)


@GAITS
def test_toe_out_turns_the_whole_leg(gait, speed_mps):
    average = manner(gait, speed_mps)
    out = manner(gait, speed_mps, condition=Condition(toe_out_rad=0.2))
    assert changed(average, out) == {"hip_rotation_r", "hip_rotation_l"}
    for side in ("_r", "_l"):
        change = curve(out, "hip_rotation" + side) - curve(average, "hip_rotation" + side)
        np.testing.assert_allclose(change, -0.2, atol=1e-12)
    np.testing.assert_allclose(out.plan.toe_out_rad - average.plan.toe_out_rad, 0.2)


@GAITS
def test_wide_steps_spread_the_feet(gait, speed_mps):
    average = manner(gait, speed_mps)
    wide = manner(gait, speed_mps, condition=Condition(step_width_m=0.1))
    assert changed(average, wide) == {"hip_adduction_r", "hip_adduction_l"}
    assert wide.plan.step_width_m == pytest.approx(average.plan.step_width_m + 0.1)
    assert (curve(wide, "hip_adduction_r") < curve(average, "hip_adduction_r")).all()


def lean(own, phase):
    """How far the trunk's center of mass is to the right of the pelvis at one phase, m."""
    body = average_body()
    rows = body_rows(body, LAYOUT.evaluate(own.reference, np.array([phase])))
    pose = forward_kinematics(body, rows)
    trunk = segment_centers(body, pose)[0, body.segment("torso"), 2]
    return float(trunk - pose.position[0, body.segment("pelvis"), 2])


def test_the_trunk_leans_over_the_leg_that_stands():
    average, leaning = manner(), manner(condition=Condition(trunk_lean_rad=0.2))
    assert changed(average, leaning) == {"lumbar_bending"}
    change = curve(leaning, "lumbar_bending") - curve(average, "lumbar_bending")
    assert np.abs(change).max() == pytest.approx(0.2, rel=1e-3)
    assert change.mean() == pytest.approx(0.0, abs=1e-12)
    # the right foot stands alone at a third, the left one half a stride later
    assert lean(leaning, 0.3) > lean(average, 0.3) + 0.02
    assert lean(leaning, 0.8) < lean(average, 0.8) - 0.02


def test_a_later_lean_is_the_same_lean_later():
    average = manner()
    usual, later = (manner(condition=Condition(trunk_lean_rad=0.2, lean_delay=delay)) for delay in (0.0, 0.1))
    part = LAYOUT.part("lumbar_bending")
    change, delayed = ((each.reference - average.reference)[part] for each in (usual, later))
    np.testing.assert_allclose(delayed, shift_phase(change, 0.1), atol=1e-12)


def test_medial_thrust_turns_the_hip_inward_in_stance_and_bends_the_knee():
    average, thrust = manner(), manner(condition=Condition(medial_thrust_rad=0.1))
    moved = changed(average, thrust)
    assert {"hip_rotation_r", "hip_rotation_l", "knee_angle_r", "knee_angle_l"} <= moved
    assert {group_of(name) for name in moved} == {"leg"}
    change = {name: curve(thrust, name) - curve(average, name) for name in moved if name.endswith("_r")}
    turn = change["hip_rotation_r"]
    assert turn.max() > 0.05
    assert 0.15 < PHASE[turn.argmax()] < 0.45
    assert np.abs(turn).min() < 0.1 * turn.max()
    assert change["knee_angle_r"].max() > 0.02
    for each in change.values():
        np.testing.assert_allclose(each, turn * (each @ turn) / (turn @ turn), atol=1e-12)


@GAITS
def test_longer_strides_are_moved_like_those_of_a_faster_gait(gait, speed_mps):
    average = manner(gait, speed_mps)
    longer = manner(gait, speed_mps, condition=Condition(stride_length=0.1))
    assert longer.plan.stride_length_m == pytest.approx(1.1 * average.plan.stride_length_m)
    assert np.ptp(curve(longer, "hip_flexion_r")) > np.ptp(curve(average, "hip_flexion_r"))


@GAITS
@pytest.mark.parametrize(
    "asked",
    [
        {"trunk_lean_rad": 0.2},
        {"toe_out_rad": -0.2},
        {"step_width_m": 0.1},
        {"medial_thrust_rad": 0.1},
        {"stride_length": 0.1},
    ],
)
def test_conditions_ask_the_same_of_both_sides(gait, speed_mps, asked):
    own = manner(gait, speed_mps, condition=Condition(**asked))
    np.testing.assert_allclose(mirrored_manner(own).reference, own.reference, atol=1e-12)


@GAITS
@pytest.mark.parametrize("seed", [None, 3])
def test_everybodys_plan_carries_the_weight(gait, speed_mps, seed):
    force = manner(gait, speed_mps, seed=seed).plan.force(np.arange(512) / 512).mean(axis=0)
    np.testing.assert_allclose(force[:2], [0.0, 1.0], atol=1e-12)


def test_adults_walk_up_to_the_fastest_walk_and_run_beyond():
    assert gait_at(1.3) == gait_at(2.15) == "walk"
    assert gait_at(2.2) == gait_at(9.0) == "run"


def test_every_coordinate_is_in_a_group():
    groups = {group_of(name) for name in LAYOUT.names}
    assert groups == set(styles_table()["signature"]) == {"pelvis", "lumbar", "leg", "arm"}


def test_a_bump_is_a_bell_of_height_one():
    bell = fourier_matrix(PHASE, 20) @ bump(0.3, 0.06, 20)
    np.testing.assert_allclose(bell, np.exp(-0.5 * ((PHASE - 0.3) / 0.06) ** 2), atol=1e-5)
    over_the_edge = fourier_matrix(PHASE, 20) @ bump(1.0, 0.06, 20)
    np.testing.assert_allclose(over_the_edge, np.roll(bell, round(-0.3 * 256)), atol=0.05)


@GAITS
def test_the_person_is_put_on_the_floor_over_their_feet(gait, speed_mps):
    body, own = average_body(), manner(gait, speed_mps)
    placed = place_over_feet(body, own)
    moved = np.nonzero(placed - own.reference)[0]
    assert set(moved) <= {LAYOUT.part("pelvis_tx").start, LAYOUT.part("pelvis_ty").start}
    rows = body_rows(body, LAYOUT.evaluate(placed, np.arange(64) / 64))
    soles = marker_positions(body, forward_kinematics(body, rows)).numpy().reshape(64, 2, 4, 3)
    assert np.median(soles[:, :, :3, 1].min(axis=(1, 2))) == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(place_over_feet(body, replace(own, reference=placed)), placed, atol=1e-12)


# --- the coordinates that are solved for


def test_both_sides_have_the_same_coordinates():
    assert LAYOUT.names == (*MIDDLE, *(name + "_r" for name in SIDED), *(name + "_l" for name in SIDED))
    names = set(average_body().coordinate_names)
    assert set(LAYOUT.names) <= names


def test_rows_put_each_value_at_its_coordinate():
    body = average_body()
    values = np.random.default_rng(0).normal(size=(3, len(LAYOUT.names)))
    rows = body_rows(body, values)
    np.testing.assert_array_equal(rows[:, columns(body)].numpy(), values)
    for name, angle in HELD_RAD.items():
        assert (rows[:, [body.coordinate(name + side) for side in ("_r", "_l")]] == angle).all()
    rates = body_rows(body, values, held=False)
    solved = torch.zeros(rates.shape[1], dtype=torch.bool)
    solved[columns(body)] = True
    assert not rates[:, ~solved].any()


def test_spreads_are_alike_on_both_sides_and_narrow_with_the_harmonic():
    spread = spreads()
    assert (spread > 0.0).all()
    for name in SIDED:
        right, left = (spread[LAYOUT.part(name + side)] for side in ("_r", "_l"))
        np.testing.assert_array_equal(right, left)
    for name in LAYOUT.names:
        assert (np.diff(spread[LAYOUT.part(name)][1::2]) < 0.0).all()


# --- what is a person's own in the force


@pytest.mark.parametrize("make", [plan_walk, plan_run])
def test_nobody_differs_where_people_do_not(make):
    nothing = {
        name: dict.fromkeys(size, 0.0) if isinstance(size, dict) else np.zeros_like(size)
        for name, size in SIZES.items()
    }
    plan = carry_weight(make(speed_mps=2.0, height_m=1.7))
    signed = carry_weight(sign_plan(plan, nothing, np.random.default_rng(0), uneven=1.0))
    phase = np.arange(512) / 512
    np.testing.assert_allclose(signed.force(phase), plan.force(phase), atol=1e-12)
    np.testing.assert_allclose(signed.pressure(phase), plan.pressure(phase), atol=1e-12)


def test_a_walk_and_a_run_draw_as_many_numbers():
    after = []
    for make in (plan_walk, plan_run):
        rng = np.random.default_rng(7)
        sign_plan(make(speed_mps=2.0, height_m=1.7), SIZES, rng, uneven=1.0)
        after.append(rng.standard_normal())
    assert after[0] == after[1]


@pytest.mark.parametrize("make", [plan_walk, plan_run])
def test_without_unevenness_both_feet_carry_alike(make):
    plan = make(speed_mps=2.0, height_m=1.7)
    signed = carry_weight(sign_plan(plan, SIZES, np.random.default_rng(1), uneven=0.0))
    force = signed.force(np.arange(512) / 512)
    np.testing.assert_allclose(np.roll(force, 256, axis=0), force * [1, 1, -1], atol=1e-9)
    assert np.abs(force - plan.force(np.arange(512) / 512)).max() > 0.01


@pytest.mark.parametrize("seed", range(6))
def test_the_hardest_walkers_keep_some_double_support(seed):
    sizes = SIZES | {"stance": 0.2}
    signed = sign_plan(plan_walk(speed_mps=2.0, height_m=1.7), sizes, np.random.default_rng(seed), uneven=1.0)
    assert (signed.stance >= 0.53).all()


def test_vertical_signatures_of_walkers_grow_with_speed():
    def size(speed_mps):
        plan = plan_walk(speed_mps=speed_mps, height_m=1.7)
        signed = sign_plan(plan, SIZES, np.random.default_rng(2), uneven=1.0).total_vertical
        base = np.zeros_like(signed)
        base[: len(plan.total_vertical)] = plan.total_vertical
        return signed - base

    np.testing.assert_allclose(size(2.0), 2.0 * size(1.0), atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_signed_runs_push_upward_and_land_as_their_force_says(seed):
    plan = plan_run(speed_mps=3.0, height_m=1.7)
    signed = carry_weight(sign_plan(plan, SIZES, np.random.default_rng(seed), uneven=1.0))
    phase = np.arange(512) / 512
    force = signed.force(phase)
    assert (force[:, 1] >= 0.0).all()
    assert not force[~signed.is_down(phase).any(axis=1)].any()
    assert force[:, 1].mean() == pytest.approx(1.0)
