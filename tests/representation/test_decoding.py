"""States back to labels: what went in comes out, on any ground, and what is drawn joins what is known."""

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET
from gaitbook.representation.channels import ANGLES, VELOCITY, numbers_of
from gaitbook.representation.decoding import decode_forces, decode_motion
from gaitbook.representation.states import encode_states
from tests.representation.belts import carried


def unseen(trial):
    """Trial of whose motion nothing is known."""
    return trial.assign({name: trial[name] * np.nan for name in ("joint_angle", "pelvis_position")})


def with_gap(trial, first, last):
    """Trial that has lost its pelvis for a while, and its left knee."""
    inside = xr.DataArray(
        (np.arange(trial.sizes["time"]) >= first) & (np.arange(trial.sizes["time"]) <= last), dims="time"
    )
    knee = trial["coordinate"] == "knee_angle_l"
    return trial.assign(
        pelvis_position=trial["pelvis_position"].where(~inside),
        joint_angle=trial["joint_angle"].where(~(inside & knee)),
    )


def from_start(path):
    """Path that starts at x = z = 0; its height stays."""
    return path - path.isel(time=0) * xr.DataArray([1.0, 0.0, 1.0], {"axis": list(AXES)}, "axis")


def represented(trial):
    return trial["joint_angle"].sel(coordinate=list(ANGLES))


def test_angles_come_back_from_the_numbers_alone(gait):
    angle = decode_motion(gait.states[None], unseen(gait.trial))["joint_angle"]
    assert angle.dims == ("draw", "time", "coordinate")
    assert angle.attrs["units"] == "rad"
    np.testing.assert_allclose(angle[0], represented(gait.trial), atol=2e-6)


def test_the_path_over_a_belt_comes_back_up_to_its_start(gait):
    speed_mps = gait.trial.attrs["speed_mps"]
    told = gait.trial.assign_attrs(belt_speed_mps=speed_mps)
    path = decode_motion(encode_states(told, gait.model)[None], unseen(told))["pelvis_position"]
    assert path.dims == ("draw", "time", "axis")
    assert path.attrs["units"] == "m"
    np.testing.assert_allclose(path[0], from_start(gait.trial["pelvis_position"]), atol=1e-3)


def test_the_path_overground_comes_back_up_to_its_start(gait):
    gone = carried(gait.trial, xr.full_like(gait.trial["time"], gait.trial.attrs["speed_mps"]))
    gone = gone.assign_attrs(surface="overground")
    path = decode_motion(encode_states(gone, gait.model)[None], unseen(gone))["pelvis_position"][0]
    np.testing.assert_allclose(path, from_start(gone["pelvis_position"]), atol=1e-3)
    assert float(path[-1, 0]) == pytest.approx(gait.trial.attrs["speed_mps"] * 3.99, rel=0.02)


def test_a_hidden_pelvis_stays_in_place_on_a_treadmill_that_is_as_fast_as_the_person(gait):
    path = decode_motion(gait.states[None], unseen(gait.trial))["pelvis_position"][0]
    apart = path - from_start(gait.trial["pelvis_position"])
    assert 0.0 < float(abs(apart).max()) < 0.01 * gait.trial.attrs["speed_mps"] * 4.0


def test_of_a_pelvis_without_attitude_the_path_is_drawn(walk):
    names = ["pelvis_tilt", "pelvis_list", "pelvis_rotation"]
    angle = walk.trial["joint_angle"]
    hidden = walk.trial.assign(joint_angle=angle.where(~angle["coordinate"].isin(names)))
    path = decode_motion(walk.states[None], hidden)["pelvis_position"][0]
    assert (path[0, [0, 2]] == 0.0).all()
    assert float(abs(path - walk.trial["pelvis_position"]).max()) > 0.01


def test_a_belt_that_changes_its_speed_does_not_change_the_progression(gait):
    time = gait.trial["time"]
    extra = 0.3 * np.sin(2 * np.pi * time / 7.0)
    still = [
        t.assign_attrs(belt_speed_mps=0.0) for t in (unseen(gait.trial), unseen(carried(gait.trial, extra)))
    ]
    plain, found = (
        decode_motion(encode_states(t, gait.model)[None], ground)["pelvis_position"].sel(draw=0, axis="x")
        for t, ground in zip((gait.trial, carried(gait.trial, extra)), still, strict=True)
    )
    way = gait.trial.attrs["speed_mps"] * time
    apart_mps = (found - plain).differentiate("time")[100:-100]
    assert float(abs(apart_mps).max()) < 0.05
    assert float(abs(found - way).max()) < 0.1


@pytest.mark.parametrize("surface", ["overground", "treadmill", "a belt that hurries"])
def test_a_path_with_a_gap_goes_on_where_it_was(gait, surface):
    trial = gait.trial
    if surface == "overground":
        trial = carried(trial, xr.full_like(trial["time"], trial.attrs["speed_mps"])).assign_attrs(
            surface=surface
        )
    if surface == "a belt that hurries":
        trial = carried(trial, 0.1 * trial["time"])
    states = encode_states(trial, gait.model)
    path = decode_motion(states[None], with_gap(trial, 150, 209), gait.model)["pelvis_position"][0]
    np.testing.assert_array_equal(path[:150], trial["pelvis_position"][:150])
    np.testing.assert_array_equal(path[210:], trial["pelvis_position"][210:])
    np.testing.assert_allclose(path, trial["pelvis_position"], atol=0.01)


@pytest.mark.parametrize(("first", "last"), [(0, 79), (320, 399)])
def test_a_path_goes_on_beyond_both_ends_with_the_ground(gait, first, last):
    """Over 0.8 s; the feet tell how fast the belt is, not the trial."""
    silent = gait.trial.drop_attrs(deep=False).assign_attrs(
        {name: value for name, value in gait.trial.attrs.items() if name != "speed_mps"}
    )
    path = decode_motion(gait.states[None], with_gap(silent, first, last), gait.model)["pelvis_position"][0]
    np.testing.assert_allclose(path, gait.trial["pelvis_position"], atol=0.03)
    lost = decode_motion(gait.states[None], with_gap(silent, first, last))["pelvis_position"][0]
    assert float(abs(lost - gait.trial["pelvis_position"]).max()) > 0.5


def test_what_is_known_stays_and_the_rest_is_drawn(walk):
    states = torch.stack([walk.states, walk.states + 0.05])
    hidden = walk.trial["joint_angle"].copy(deep=True)
    hidden.loc[{"coordinate": ["knee_angle_r", "hip_rotation_l"]}] = np.nan
    hidden[{"time": slice(50, 60)}] = np.nan
    found = decode_motion(states, walk.trial.assign(joint_angle=hidden))
    assert found["draw"].values.tolist() == [0, 1]
    assert found["joint_angle"].notnull().all()
    np.testing.assert_array_equal(found["pelvis_position"], walk.trial["pelvis_position"].expand_dims(draw=2))
    known = represented(walk.trial).drop_sel(coordinate=["knee_angle_r", "hip_rotation_l"])
    kept = found["joint_angle"].sel(coordinate=known["coordinate"])
    np.testing.assert_array_equal(kept[1, 60:], known[60:])
    assert float(abs(kept[1, 50:60] - known[50:60]).mean()) > 0.01
    knee = found["joint_angle"].sel(coordinate="knee_angle_r")
    np.testing.assert_allclose(knee[1] - knee[0], 0.05, atol=1e-6)


def test_absent_coordinates_are_drawn(walk):
    bare = walk.trial.drop_sel(coordinate=["elbow_flex_r", "arm_add_l"])
    found = decode_motion(walk.states[None], bare)["joint_angle"]
    np.testing.assert_allclose(found[0], represented(walk.trial), atol=2e-6)


def test_coordinates_that_markers_hardly_inform_are_drawn(walk):
    observed = xr.ones_like(walk.trial["joint_angle"])
    observed.loc[{"coordinate": "elbow_flex_r"}] = 0.0
    found = decode_motion(walk.states[None] + 0.1, walk.trial.assign(joint_angle_observability=observed))
    apart = found["joint_angle"][0] - represented(walk.trial)
    np.testing.assert_allclose(apart.sel(coordinate="elbow_flex_r"), 0.1, atol=1e-6)
    assert float(abs(apart.drop_sel(coordinate="elbow_flex_r")).max()) == 0.0


def test_whole_turns_of_what_is_known_do_not_part_it_from_what_is_drawn(walk):
    angle = walk.trial["joint_angle"].copy(deep=True)
    angle.loc[{"coordinate": "pelvis_rotation"}] -= 2 * np.pi
    angle.loc[{"coordinate": "pelvis_rotation", "time": slice(1.0, 2.0)}] = np.nan
    found = decode_motion(walk.states[None], walk.trial.assign(joint_angle=angle))["joint_angle"]
    np.testing.assert_allclose(found[0], represented(walk.trial), atol=2e-6)


def test_force_comes_back(gait):
    motion = decode_motion(gait.states[None], gait.trial)
    found, trial = decode_forces(gait.states[None], motion, gait.model).isel(draw=0), gait.trial
    down = trial["ground_reaction_force"].sel(axis="y", drop=True) >= CONTACT_FORCE_N
    np.testing.assert_array_equal(found["in_contact"], down)
    for name, within in (
        ("ground_reaction_force", 1e-3),
        ("center_of_pressure", 1e-6),
        ("free_moment", 1e-4),
    ):
        np.testing.assert_allclose(
            found[name].where(down), trial[name].where(down), atol=within, err_msg=name
        )
    assert (found["ground_reaction_force"].where(~down, 0.0) == 0.0).all()
    assert (found["free_moment"].where(~down, 0.0) == 0.0).all()
    np.testing.assert_array_equal(found["center_of_pressure"].isnull().any("axis"), ~down)


def test_force_has_labels_and_units(walk):
    found = decode_forces(walk.states[None], decode_motion(walk.states[None], walk.trial), walk.model)
    assert {str(name): (array.dims, array.attrs["units"]) for name, array in found.data_vars.items()} == {
        "ground_reaction_force": (("draw", "time", "foot", "axis"), "N"),
        "center_of_pressure": (("draw", "time", "foot", "axis"), "m"),
        "free_moment": (("draw", "time", "foot"), "N m"),
        "in_contact": (("draw", "time", "foot"), "1"),
    }
    assert found["foot"].values.tolist() == list(FEET)
    assert found["in_contact"].dtype == bool


def test_the_center_of_pressure_goes_with_the_foot_on_the_floor(walk):
    states = torch.stack([walk.states, walk.states])
    states[1, :, numbers_of(VELOCITY[:1])] += 0.1
    found = decode_motion(states, unseen(walk.trial))
    pressure = decode_forces(states, found, walk.model)["center_of_pressure"]
    moved = (found["pelvis_position"][1] - found["pelvis_position"][0]).sel(axis="x")
    shift = (pressure[1] - pressure[0]).sel(axis="x")
    np.testing.assert_allclose(shift.where(shift.isnull(), moved), shift, atol=1e-9)
    assert (pressure.sel(axis="y").fillna(0.0) == 0.0).all()


def test_motion_and_force_are_of_the_person(walk):
    motion = decode_motion(walk.states[None], walk.trial)
    assert motion.attrs == walk.trial.attrs
    assert decode_forces(walk.states[None], motion, walk.model).merge(motion)["draw"].size == 1
