"""A trial as numbers: mechanics that agrees, the mirror, and what is not known."""

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.cohort.mirroring import mirror_trial
from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, GRAVITY_MPS2
from gaitbook.mechanics.unseen_trunk import PELVIS_BELOW
from gaitbook.representation.channels import (
    ANGLES,
    CHANNELS,
    FEET_PLACES,
    FORCE,
    HEIGHT,
    MOTION,
    PERSON,
    PHYSICS,
    REQUIRED,
    VELOCITY,
    channels_of,
    mirror_table,
    numbers_of,
)
from gaitbook.representation.states import (
    LEG,
    UPPER,
    encode_person,
    encode_states,
    fill_motion,
    known_motion,
    placed_frames,
    required_channels,
)

MIDDLE = slice(10, -10)
PRESSURE = [name for name in FORCE if name.startswith("pressure")]
PLACED = [*PRESSURE, *PHYSICS]
"""What is told only where the place of the feet is."""


def column(states, name):
    return states[:, CHANNELS.index(name)].numpy()


def unknown_channels(states):
    """Channels that are nowhere known."""
    return {
        name for name, lost in zip(CHANNELS, torch.isnan(states).all(dim=0).tolist(), strict=True) if lost
    }


def with_gap(trial, name, first, last, **chosen):
    """Trial whose variable is not known from one frame to another."""
    array = trial[name].copy(deep=True)
    array[
        {"time": slice(first, last + 1), **{d: array.get_index(d).get_loc(v) for d, v in chosen.items()}}
    ] = np.nan
    return trial.assign({name: array})


def gap_frames(states, name):
    return np.flatnonzero(np.isnan(column(states, name))).tolist()


def same(one, other):
    torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)


def test_every_number_of_a_measured_frame_is_known(gait):
    assert gait.states.shape == (gait.trial.sizes["time"], len(CHANNELS))
    assert gait.states.dtype == torch.float32
    assert torch.isfinite(gait.states).all()


def test_force_of_both_feet_is_what_the_motion_requires(walk, run):
    for each, within in ((walk, 0.01), (run, 0.1)):
        for axis in AXES:
            given = sum(column(each.states, f"force/{axis}/{foot}") for foot in FEET)
            required = column(each.states, f"required_force/{axis}")
            np.testing.assert_allclose(given[MIDDLE], required[MIDDLE], atol=within)


def test_force_of_both_feet_turns_about_the_floor_under_the_pelvis_as_the_motion_requires(gait):
    trial = gait.trial
    below = trial["pelvis_position"] * xr.DataArray([1.0, 0.0, 1.0], {"axis": list(AXES)}, "axis")
    lever = (trial["center_of_pressure"] - below).fillna(0.0)
    moment = xr.cross(lever, trial["ground_reaction_force"], dim="axis").sum("foot")
    moment.loc[{"axis": "y"}] += trial["free_moment"].sum("foot")
    scale = trial.attrs["mass_kg"] * trial.attrs["height_m"]
    on_the_ground = (
        trial["ground_reaction_force"].sel(axis="y").sum("foot") > 0.1 * GRAVITY_MPS2 * trial.attrs["mass_kg"]
    )
    for axis in AXES:
        apart = moment.sel(axis=axis) / scale - column(gait.states, f"required_moment/{axis}")
        assert float(abs(apart.where(on_the_ground))[MIDDLE].max()) < 0.03


def test_the_mean_vertical_force_is_the_weight(gait):
    assert column(gait.states, "required_force/y").mean() == pytest.approx(GRAVITY_MPS2, rel=0.05)


def test_the_pelvis_moves_over_the_ground_with_the_speed_of_the_person(gait):
    mean = column(gait.states, "pelvis_velocity/x").mean() * gait.trial.attrs["height_m"]
    assert mean == pytest.approx(gait.trial.attrs["speed_mps"], rel=0.02)
    height = column(gait.states, "pelvis_height") * gait.trial.attrs["height_m"]
    np.testing.assert_allclose(height, gait.trial["pelvis_position"].sel(axis="y"), rtol=1e-6)


def test_rates_are_those_of_the_angles(gait):
    knee = gait.trial["joint_angle"].sel(coordinate="knee_angle_r").differentiate("time")
    np.testing.assert_allclose(column(gait.states, "rate/knee_angle_r"), knee, rtol=1e-5, atol=1e-5)


def test_in_a_mirror_a_trial_has_the_mirrored_numbers(gait):
    source, sign = mirror_table()
    mirrored = encode_states(mirror_trial(gait.trial), gait.model)
    torch.testing.assert_close(mirrored, gait.states[:, source] * torch.tensor(sign), atol=2e-5, rtol=1e-6)


def test_where_in_the_laboratory_a_person_is_does_not_matter(gait):
    shift = xr.DataArray([3.0, 0.0, -2.0], {"axis": list(AXES)}, "axis")
    names = ("pelvis_position", "center_of_pressure")
    moved = gait.trial.assign({name: gait.trial[name] + shift for name in names})
    torch.testing.assert_close(encode_states(moved, gait.model), gait.states, atol=2e-5, rtol=0)


def test_overground_and_on_a_treadmill_the_numbers_are_nearly_the_same(gait):
    speed_mps, time = gait.trial.attrs["speed_mps"], gait.trial["time"]
    way = speed_mps * time * xr.DataArray([1.0, 0.0, 0.0], {"axis": list(AXES)}, "axis")
    names = ("pelvis_position", "center_of_pressure")
    walked = gait.trial.assign({name: gait.trial[name] + way for name in names}).assign_attrs(
        surface="overground"
    )
    states = encode_states(walked, gait.model)
    apart = (states - gait.states).abs().amax(dim=0)
    moving = numbers_of(["pelvis_velocity/x", *(name for name in FEET_PLACES if "velocity/x" in name)])
    assert float(apart[moving].max()) < 0.02 * speed_mps
    apart[moving] = 0.0
    assert float(apart.max()) < 1e-4


def test_whole_turns_do_not_matter(walk):
    angle = walk.trial["joint_angle"].copy(deep=True)
    angle.loc[{"coordinate": "pelvis_rotation"}] += 2 * np.pi
    angle.loc[{"coordinate": "hip_flexion_l", "time": slice(2.0, None)}] -= 2 * np.pi
    turned = encode_states(walk.trial.assign(joint_angle=angle), walk.model)
    torch.testing.assert_close(turned, walk.states, atol=1e-4, rtol=0)


def test_the_order_of_labels_does_not_matter(walk):
    turned = walk.trial.transpose("axis", "foot", "coordinate", "time")
    turned = turned.sel(coordinate=turned["coordinate"].values[::-1])
    torch.testing.assert_close(encode_states(turned, walk.model), walk.states, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", ["knee_angle_r", "hip_rotation_l", "pelvis_list"])
def test_hiding_a_coordinate_of_the_legs_hides_its_channels_and_what_needs_the_place_of_the_feet(walk, name):
    told = walk.trial.assign_attrs(belt_speed_mps=walk.trial.attrs["speed_mps"])
    full, states = encode_states(told, walk.model), encode_states(told, walk.model, hidden=[name])
    assert unknown_channels(states) == {*channels_of(name), *PLACED}
    rest = numbers_of(sorted(set(CHANNELS) - unknown_channels(states)))
    same(states[:, rest], full[:, rest])


@pytest.mark.parametrize("name", ["lumbar_bending", "arm_add_r", "elbow_flex_l"])
def test_hiding_a_coordinate_above_the_pelvis_hides_its_channels_alone(walk, name):
    states = encode_states(walk.trial, walk.model, hidden=[name])
    assert unknown_channels(states) == set(channels_of(name))
    rest = numbers_of(sorted(set(CHANNELS) - {*channels_of(name), *PHYSICS}))
    same(states[:, rest], walk.states[:, rest])


def test_what_is_required_is_a_guess_where_the_upper_body_is_hidden(run):
    """The trunk is upright and the arms hang: near, but not the same."""
    states = encode_states(run.trial, run.model, hidden=UPPER)
    apart = (states - run.states)[MIDDLE][:, numbers_of(["required_force/y"])]
    assert 0.01 < float(apart.square().mean().sqrt()) < 2.0


def test_hiding_the_pelvis_hides_its_attitude_velocity_and_height(walk):
    names = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
    gone = {*VELOCITY, HEIGHT, *PLACED, *(channel for name in names for channel in channels_of(name))}
    assert unknown_channels(encode_states(walk.trial, walk.model, hidden=names)) == gone


def test_hiding_everything_leaves_force_and_free_moment(walk):
    states = encode_states(walk.trial, walk.model, hidden=ANGLES)
    assert unknown_channels(states) == {*MOTION, *PLACED}


def test_hidden_legs_leave_the_speed_of_the_belt_to_what_is_told(run):
    states = encode_states(run.trial, run.model, hidden=("knee_angle_r", "knee_angle_l"))
    mean = column(states, "pelvis_velocity/x").mean() * run.trial.attrs["height_m"]
    assert mean == pytest.approx(run.trial.attrs["speed_mps"], rel=0.005)
    silent = run.trial.drop_attrs(deep=False).assign_attrs(
        {name: value for name, value in run.trial.attrs.items() if name != "speed_mps"}
    )
    assert "pelvis_velocity/x" in unknown_channels(encode_states(silent, run.model, hidden=["knee_angle_r"]))


def test_a_gap_in_an_angle_hides_it_its_rate_around_it_and_physics_further_around(walk):
    states = encode_states(with_gap(walk.trial, "joint_angle", 50, 52, coordinate="knee_angle_r"), walk.model)
    assert gap_frames(states, "angle/knee_angle_r") == [50, 51, 52]
    assert gap_frames(states, "rate/knee_angle_r") == [49, 50, 51, 52, 53]
    assert gap_frames(states, "pressure/x/left") == [50, 51, 52]
    assert gap_frames(states, "required_moment/y") == list(range(47, 56))
    assert gap_frames(states, "angle/knee_angle_l") == gap_frames(states, "rate/hip_flexion_r") == []
    assert gap_frames(states, "heel/y/right") == [50, 51, 52]
    follows = numbers_of(["pelvis_velocity/x", *FEET_PLACES])
    other = torch.ones(len(CHANNELS), dtype=torch.bool)
    other[follows] = False
    apart = torch.where(torch.isfinite(states), states - walk.states, 0.0).abs().amax(dim=0)
    assert float(apart[other].max()) == 0.0
    assert float(apart[follows].max()) < 0.01


def test_a_gap_of_one_frame_hides_the_rate_of_that_frame_too(walk):
    states = encode_states(with_gap(walk.trial, "joint_angle", 50, 50, coordinate="knee_angle_r"), walk.model)
    assert gap_frames(states, "rate/knee_angle_r") == [49, 50, 51]


def test_a_gap_in_one_axis_of_a_joint_is_one_of_its_rotation(walk):
    states = encode_states(with_gap(walk.trial, "joint_angle", 50, 52, coordinate="arm_flex_l"), walk.model)
    assert gap_frames(states, "angle/arm_flex_l") == [50, 51, 52]
    assert gap_frames(states, "angle/arm_add_l") == []
    for number in range(6):
        assert gap_frames(states, f"rotation/shoulder_l/{number}") == [50, 51, 52]
    assert gap_frames(states, "rate/arm_rot_l") == [49, 50, 51, 52, 53]
    assert gap_frames(states, "required_force/x") == []


def test_a_gap_in_the_path_of_the_pelvis_hides_height_and_velocity(walk):
    states = encode_states(with_gap(walk.trial, "pelvis_position", 50, 52), walk.model)
    assert gap_frames(states, "pelvis_height") == gap_frames(states, "pressure/z/right") == [50, 51, 52]
    assert gap_frames(states, "pelvis_velocity/z") == [49, 50, 51, 52, 53]
    assert gap_frames(states, "required_force/y") == list(range(47, 56))
    assert gap_frames(states, "angle/pelvis_tilt") == []


def test_a_path_that_is_nowhere_known_leaves_the_angles(walk):
    lost = walk.trial.assign(pelvis_position=walk.trial["pelvis_position"] * np.nan)
    assert unknown_channels(encode_states(lost, walk.model)) == {*VELOCITY, HEIGHT, *PLACED}


def test_coordinates_that_are_absent_are_not_known(walk):
    gone = ["arm_flex_r", "arm_add_r", "arm_rot_r", "elbow_flex_r", "mtp_angle_r"]
    states = encode_states(walk.trial.drop_sel(coordinate=gone), walk.model)
    hidden = encode_states(walk.trial, walk.model, hidden=gone)
    assert unknown_channels(states) == {channel for name in gone[:-1] for channel in channels_of(name)}
    torch.testing.assert_close(states, hidden, atol=1e-3, rtol=0, equal_nan=True)


def test_coordinates_that_markers_hardly_inform_are_not_known(walk):
    observed = xr.ones_like(walk.trial["joint_angle"])
    observed.loc[{"coordinate": "arm_rot_l"}] = 0.1
    states = encode_states(walk.trial.assign(joint_angle_observability=observed), walk.model)
    assert unknown_channels(states) == set(channels_of("arm_rot_l"))


def test_a_trial_without_force_has_motion_and_what_it_requires(walk):
    names = ["ground_reaction_force", "center_of_pressure", "free_moment", "in_contact"]
    states = encode_states(walk.trial.drop_vars(names), walk.model)
    assert unknown_channels(states) == set(FORCE)


def test_force_may_lack_its_place_and_its_free_moment(walk):
    placeless = encode_states(walk.trial.drop_vars("center_of_pressure"), walk.model)
    assert unknown_channels(placeless) == set(PRESSURE)
    untwisted = encode_states(walk.trial.drop_vars("free_moment"), walk.model)
    assert unknown_channels(untwisted) == {f"free_moment/{foot}" for foot in FEET}


def test_a_foot_in_the_air_has_no_center_of_pressure_and_a_loaded_one_must_have_it(walk):
    vertical = walk.trial["ground_reaction_force"].sel(axis="y", foot="right").values
    lost = walk.trial["center_of_pressure"].copy(deep=True)
    lost.loc[{"foot": "right"}] = np.nan
    pressure = column(
        encode_states(walk.trial.assign(center_of_pressure=lost), walk.model), "pressure/x/right"
    )
    np.testing.assert_array_equal(np.isnan(pressure), vertical >= CONTACT_FORCE_N)
    assert (pressure[vertical < CONTACT_FORCE_N] == 0.0).all()


def test_force_that_is_not_known_is_not_zero(walk):
    states = encode_states(with_gap(walk.trial, "ground_reaction_force", 50, 52, foot="left"), walk.model)
    assert gap_frames(states, "force/y/left") == gap_frames(states, "pressure/x/left") == [50, 51, 52]
    assert gap_frames(states, "force/y/right") == gap_frames(states, "pressure/x/right") == []


def test_physics_is_left_out_on_request_and_is_the_same_by_itself(walk):
    assert unknown_channels(encode_states(walk.trial, walk.model, physics=False)) == set(PHYSICS)
    alone = required_channels(fill_motion(walk.trial), walk.model)
    assert tuple(alone) == REQUIRED
    for name, values in alone.items():
        np.testing.assert_allclose(values, column(walk.states, name), rtol=1e-6, atol=1e-6)


def test_a_whole_motion_is_what_is_known_bridged_and_upright(walk):
    trial = with_gap(walk.trial, "joint_angle", 0, 9, coordinate="knee_angle_r")
    trial = with_gap(trial, "joint_angle", 50, 52, coordinate="knee_angle_r").drop_sel(
        coordinate="elbow_flex_l"
    )
    whole = fill_motion(trial, ("arm_flex_r", *PELVIS_BELOW))
    angle, known = whole["joint_angle"], walk.trial["joint_angle"]
    assert angle.notnull().all()
    assert (angle.sel(coordinate=["arm_flex_r", "elbow_flex_l"]) == 0.0).all()
    knee, own = (each.sel(coordinate="knee_angle_r").values for each in (angle, known))
    assert (knee[:10] == own[10]).all()
    np.testing.assert_allclose(knee[49:54], np.linspace(own[49], own[53], 5))
    np.testing.assert_array_equal(knee[53:], own[53:])
    upright = angle.sel(coordinate="lumbar_extension") + angle.sel(coordinate="pelvis_tilt")
    assert float(upright.std()) < 1e-12
    xr.testing.assert_equal(whole["ground_reaction_force"], trial["ground_reaction_force"])


def test_a_gap_in_a_whole_path_is_bridged(walk):
    whole = fill_motion(with_gap(walk.trial, "pelvis_position", 50, 59))
    assert whole["pelvis_position"].notnull().all()
    apart = (whole["pelvis_position"] - walk.trial["pelvis_position"])[{"time": slice(50, 60)}]
    assert 0.0 < float(abs(apart).max()) < 0.05


def test_known_motion_is_that_of_the_represented_coordinates(walk):
    known = known_motion(walk.trial, ("knee_angle_l", "mtp_angle_r"))
    assert known["joint_angle"]["coordinate"].values.tolist() == list(ANGLES)
    assert known["joint_angle"].sel(coordinate="knee_angle_l").isnull().all()
    assert known["joint_angle"].drop_sel(coordinate="knee_angle_l").notnull().all()
    xr.testing.assert_equal(known["pelvis_position"], walk.trial["pelvis_position"])
    lost = known_motion(walk.trial.drop_vars("pelvis_position"))
    assert lost["pelvis_position"].isnull().all()


def test_feet_are_placed_where_legs_and_path_are_known(walk):
    trial = with_gap(walk.trial, "joint_angle", 0, 2, coordinate="ankle_angle_r")
    trial = with_gap(trial, "pelvis_position", 50, 52)
    trial = with_gap(trial, "joint_angle", 70, 80, coordinate="elbow_flex_r")
    known = known_motion(trial)
    assert np.flatnonzero(~placed_frames(known)).tolist() == [0, 1, 2, 50, 51, 52]
    assert np.flatnonzero(~placed_frames(known, reach=2)).tolist() == [*range(5), *range(48, 55)]


def test_legs_and_upper_body_are_the_whole_body():
    assert sorted((*LEG, *UPPER)) == sorted(ANGLES)
    assert not any(name.startswith(("lumbar", "arm", "elbow")) for name in LEG)


def test_what_is_known_of_a_person_is_in_order_and_the_rest_is_not_known():
    attrs = {"speed_mps": 1.2, "height_m": 1.7, "mass_kg": 60, "sex": "female"}
    person = encode_person(xr.Dataset(attrs=attrs))
    assert PERSON == ("speed_mps", "height_m", "mass_kg", "female")
    torch.testing.assert_close(person, torch.tensor([1.2, 1.7, 60.0, 1.0]))
    assert encode_person(xr.Dataset(attrs={"sex": "male"}))[3] == 0.0
    nobody = encode_person(xr.Dataset(attrs={"speed_mps": None}))
    assert nobody.dtype == torch.float32
    assert torch.isnan(nobody).all()


def test_all_that_is_missing_is_told_at_once(walk):
    bare = walk.trial.drop_vars(["joint_angle", "pelvis_position"]).drop_attrs(deep=False)
    with pytest.raises(
        ValueError,
        match=r"Trial \? cannot be encoded: it has no joint_angle; it has no pelvis_position; "
        "its mass_kg is not known; its height_m is not known",
    ):
        encode_states(bare, walk.model)
    with pytest.raises(ValueError, match=r"Trial walk-1.00 cannot be encoded: its mass_kg is not known$"):
        encode_states(walk.trial.assign_attrs(mass_kg=None), walk.model)


def test_another_rate_is_refused(walk):
    with pytest.raises(ValueError, match=r"it is at 50 Hz, not 100: use gaitbook\.resample"):
        encode_states(walk.trial.isel(time=slice(None, None, 2)), walk.model)


def test_too_few_frames_are_refused(walk):
    with pytest.raises(ValueError, match=r"it has 6 frame\(s\), and 7 are needed"):
        encode_states(walk.trial.isel(time=slice(0, 6)), walk.model)
    seven = encode_states(walk.trial.isel(time=slice(0, 7)), walk.model)
    assert torch.isfinite(seven).all()


def test_what_is_no_coordinate_cannot_be_hidden(walk):
    with pytest.raises(ValueError, match="tail, nose cannot be hidden: that is no coordinate"):
        encode_states(walk.trial, walk.model, hidden=("tail", "knee_angle_r", "nose"))
