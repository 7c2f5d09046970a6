"""Pruning: every rule just inside and just outside of its limit."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.body_points import body_points
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.pruning import (
    prune,
    require_contact_bodies,
    require_duration,
    require_frames,
    require_lumbar,
    require_pressure_near_feet,
    require_straight,
    split_at_jitter,
    split_at_missing_force,
    trim_unloaded_ends,
)
from tests.studies.formula_walk import formula_body, formula_walk

HEELS = ("calcn_r", "calcn_l")


def recorded(frames=200, **attrs):
    """The walk with a steady force at both heels."""
    walk = formula_walk(duration_s=(frames - 1) / 100).assign_attrs(attrs)
    labels = {"time": walk["time"].values, "foot": list(FEET), "axis": list(AXES)}
    force = np.broadcast_to([0.0, 350.0, 0.0], (frames, 2, 3)).copy()
    heels = body_points(walk, formula_body(), HEELS).transpose("time", "point", "axis").values
    return MeasuredMotion(
        walk.assign(
            ground_reaction_force=xr.DataArray(force, labels, tuple(labels)),
            center_of_pressure=xr.DataArray(heels, labels, tuple(labels)),
        ),
        formula_body(),
    )


def lengths(pruned):
    return [part.trial.sizes["time"] for part in pruned.kept]


def reasons(pruned):
    return [each.reason for each in pruned.exclusions]


def assert_kept(pruned, motion):
    assert pruned.kept == (motion,)
    assert pruned.exclusions == ()


def assert_dropped(pruned, reason):
    assert pruned.kept == ()
    assert [(each.item, each.reason) for each in pruned.exclusions] == [("/lab/A/walk", reason)]


def test_a_good_trial_is_kept_as_it_is():
    motion = recorded()
    assert_kept(prune(motion), motion)


@pytest.mark.parametrize("bodies", [("calcn_r",), (*HEELS, "hand_r"), ("calcn_r", "toes_r"), ()])
def test_only_both_feet_may_touch_the_ground(bodies):
    motion = recorded(contact_bodies=list(bodies))
    assert_dropped(require_contact_bodies(motion), "other contact bodies than the two feet")
    for good in (recorded(contact_bodies=list(HEELS)), recorded()):
        assert_kept(require_contact_bodies(good), good)


def test_ten_frames_are_enough_and_nine_are_not():
    assert_kept(require_frames(motion := recorded(10)), motion)
    assert_dropped(require_frames(recorded(9)), "fewer than 10 frames")


def test_frames_without_force_are_cut_at_the_ends_only():
    motion = recorded(100)
    motion.trial["ground_reaction_force"][:5] = 0.0
    motion.trial["ground_reaction_force"][50:60] = 0.0
    motion.trial["ground_reaction_force"][-3:] = 0.0
    pruned = trim_unloaded_ends(motion)
    assert lengths(pruned) == [92]
    assert float(pruned.kept[0].trial["time"][0]) == float(motion.trial["time"][5])
    assert reasons(pruned) == ["frames without force at the ends were cut"]
    assert pruned.exclusions[0].detail == "8 of 100 frames"
    assert lengths(trim_unloaded_ends(motion, most_frames=1)) == [98]


def test_force_on_one_foot_alone_is_force_and_none_at_all_is_none():
    motion = recorded(100)
    motion.trial["ground_reaction_force"].loc[{"foot": "left"}] = 0.0
    assert_kept(trim_unloaded_ends(motion), motion)
    motion.trial["ground_reaction_force"][:] = 0.0
    assert_dropped(trim_unloaded_ends(motion), "force is zero throughout")
    bare = motion._replace(trial=motion.trial.drop_vars("ground_reaction_force"))
    assert_kept(trim_unloaded_ends(bare), bare)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_trunk_may_be_turned_by_45_degrees_on_average(sign):
    motion = recorded()
    lumbar = motion.trial["joint_angle"].loc[{"coordinate": "lumbar_rotation"}]
    lumbar[:] = sign * np.deg2rad(45.0) + 0.3 * np.resize([-1.0, 1.0], 200)
    assert_kept(require_lumbar(motion), motion)
    lumbar[:] += sign * 1e-6
    assert_dropped(require_lumbar(motion), "mean lumbar rotation of more than 45 degrees")
    bare = motion._replace(trial=motion.trial.drop_sel(coordinate="lumbar_rotation"))
    assert_kept(require_lumbar(bare), bare)


def test_pressure_may_be_far_in_a_fifth_of_a_percent_of_the_frames():
    """Each axis counts by a third: six frames of a thousand along one axis are just enough."""
    motion = recorded(1000)
    point = motion.trial["center_of_pressure"]
    point.loc[{"foot": "left", "axis": "x"}][100:106] += 0.31
    point.loc[{"foot": "right", "axis": "x"}][200:206] -= 0.31
    point.loc[{"foot": "left", "axis": "z"}][300:400] += 0.29
    assert_kept(require_pressure_near_feet(motion), motion)
    point.loc[{"foot": "left", "axis": "z"}][105] += 0.31
    reason = "center of pressure farther than 0.3 m from the foot"
    assert_dropped(require_pressure_near_feet(motion), reason)
    assert require_pressure_near_feet(motion).exclusions[0].detail == "0.23 % of frames"


def test_pressure_under_a_foot_of_50_n_does_not_count():
    motion = recorded()
    motion.trial["center_of_pressure"].loc[{"foot": "left"}] += 1.0
    motion.trial["ground_reaction_force"].loc[{"foot": "left", "axis": "y"}] = 50.0
    assert_kept(require_pressure_near_feet(motion), motion)
    motion.trial["ground_reaction_force"].loc[{"foot": "left", "axis": "y"}] = 50.1
    assert require_pressure_near_feet(motion).kept == ()
    motion.trial["center_of_pressure"].loc[{"foot": "left"}] = np.nan
    assert_kept(require_pressure_near_feet(motion), motion)


@pytest.mark.parametrize("start_rad", [0.0, 3.0])
def test_a_pelvis_may_turn_by_45_degrees(start_rad):
    motion = recorded()
    rotation = motion.trial["joint_angle"].loc[{"coordinate": "pelvis_rotation"}]
    for turn_deg in (44.99, 45.01):
        turning = start_rad + np.linspace(0.0, np.deg2rad(turn_deg), 200)
        rotation[:] = (turning + np.pi) % (2 * np.pi) - np.pi
        pruned = require_straight(motion)
        assert len(pruned.kept) == (turn_deg < 45.0)
    assert reasons(pruned) == ["the pelvis turns by more than 45 degrees"]


def test_frames_of_missing_force_split_a_trial():
    motion = recorded(100)
    motion.trial["ground_reaction_force"][20:25, 1] = np.nan
    pruned = split_at_missing_force(motion)
    assert lengths(pruned) == [20, 75]
    assert [each.detail for each in pruned.exclusions] == ["5 of 100 frames"]
    motion.trial["ground_reaction_force"][:] = np.nan
    assert split_at_missing_force(motion).kept == ()


def test_force_that_comes_and_goes_thirty_times_is_believed_to_be_missing_and_no_more():
    motion = recorded(200)
    motion.trial["ground_reaction_force"][np.arange(0, 30, 2)] = np.nan
    assert len(split_at_missing_force(motion).kept) == 15  # thirty stretches, half of them missing
    motion.trial["ground_reaction_force"][31] = np.nan
    assert_kept(split_at_missing_force(motion), motion)


def test_a_jump_of_the_pelvis_splits_a_trial_around_it():
    motion = recorded(100)
    place = motion.trial["pelvis_position"].loc[{"axis": "z"}]
    place[40] += 320.0 * 0.01**2 / 2 * 0.999  # as far as the second difference at its peak may go
    assert_kept(split_at_jitter(motion), motion)
    place[40] += 0.001
    pruned = split_at_jitter(motion)
    # too fast at frame 40 alone: 38 to 41 are dropped
    assert lengths(pruned) == [38, 58]
    assert reasons(pruned) == ["frames around a jump of the motion were cut"]


@pytest.mark.parametrize("name", ["knee_angle_r", "elbow_flex_l"])
def test_an_angle_may_turn_by_2000_degrees_a_second(name):
    motion = recorded(100)
    angle = motion.trial["joint_angle"].loc[{"coordinate": name}]
    angle[:50], angle[50:] = 0.5, 0.5 + np.deg2rad(19.99)
    assert_kept(split_at_jitter(motion), motion)
    angle[50:] = 0.5 + np.deg2rad(20.01)
    assert lengths(split_at_jitter(motion)) == [48, 48]


def test_an_angle_that_jumps_by_a_turn_alone_does_not_split():
    motion = recorded(100)
    rotation = motion.trial["joint_angle"].loc[{"coordinate": "pelvis_rotation"}]
    rotation[50:] += 2 * np.pi
    assert_kept(split_at_jitter(motion), motion)
    rotation[50:] += 0.5
    assert lengths(split_at_jitter(motion)) == [48, 48]


def test_a_window_and_two_frames_are_long_enough():
    assert_kept(require_duration(motion := recorded(152)), motion)
    assert_dropped(require_duration(recorded(151)), "shorter than 1.52 s")


def test_rules_go_one_after_the_other_over_all_parts():
    motion = recorded(500)
    motion.trial["ground_reaction_force"][:10] = 0.0
    motion.trial["ground_reaction_force"][200:210] = np.nan
    motion.trial["joint_angle"].loc[{"coordinate": "elbow_flex_r"}][300:] += 1.0
    pruned = prune(motion)
    assert lengths(pruned) == [190, 198]  # 210 to 298 is too short
    assert reasons(pruned) == [
        "frames without force at the ends were cut",
        "frames without known force were cut",
        "frames around a jump of the motion were cut",
        "shorter than 1.52 s",
    ]
    assert_kept(prune(motion, rules=[require_frames]), motion)
