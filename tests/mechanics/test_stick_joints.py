"""Joint centers of a drawn person: bones keep their length, sides mirror, the head is on top."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES
from gaitbook.figures.stick_person import knows_joints
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.stick_joints import joint_centers

HEIGHT_M = 1.8


def standing(**angle_rad):
    """Frames of a person with some joints bent more and more."""
    share = np.linspace(0.0, 1.0, 5)
    names = ["knee_angle_r", "knee_angle_l", "hip_flexion_r", "lumbar_bending", "arm_flex_l"]
    angle = np.stack([angle_rad.get(name, 0.0) * share for name in names], axis=1)
    pelvis = np.tile([0.0, 1.0, 0.0], (5, 1))
    time = {"time": share}
    return xr.Dataset(
        {
            "joint_angle": xr.DataArray(angle, {**time, "coordinate": names}, ("time", "coordinate")),
            "pelvis_position": xr.DataArray(pelvis, {**time, "axis": list(AXES)}, ("time", "axis")),
        },
        attrs={"height_m": HEIGHT_M},
    )


@pytest.fixture(scope="module")
def model():
    return generic_body(height_m=HEIGHT_M, mass_kg=75.0, sex="female")


def test_the_explorer_can_draw_them(model):
    place = joint_centers(standing(), model)
    assert place.dims == ("time", "joint", "axis")
    assert knows_joints(xr.Dataset({"skeleton_position": place}))


def test_a_standing_person_is_upright_and_the_same_on_both_sides(model):
    place = joint_centers(standing(), model).isel(time=0)
    height = place.sel(axis="y")
    order = [float(height.sel(joint=name)) for name in ("head", "neck", "lumbar", "pelvis")]
    assert order == sorted(order, reverse=True)
    for joint in ("hip", "knee", "toe", "wrist"):
        right, left = (place.sel(joint=f"{joint}_{foot}").values for foot in ("right", "left"))
        np.testing.assert_allclose(right, left * [1, 1, -1], atol=1e-12)
        assert right[2] > 0


def test_bones_keep_their_length_whatever_moves(model):
    place = joint_centers(standing(knee_angle_r=1.0, hip_flexion_r=0.6, lumbar_bending=0.3), model)
    for upper, lower in (("hip_right", "knee_right"), ("knee_right", "ankle_right"), ("neck", "head")):
        length = np.linalg.norm(place.sel(joint=upper) - place.sel(joint=lower), axis=-1)
        np.testing.assert_allclose(length, length[0], atol=1e-12)


def test_a_bent_knee_moves_what_is_beyond_it_only(model):
    place = joint_centers(standing(knee_angle_r=1.0), model)
    moved = abs(place - place.isel(time=0)).max(["time", "axis"])
    assert moved.sel(joint="knee_right") < 1e-12
    assert moved.sel(joint="ankle_right") > 0.2
    assert moved.sel(joint=["knee_left", "ankle_left", "head"]).max() < 1e-12


def test_a_person_of_unknown_height_cannot_be_drawn(model):
    trial = standing()
    del trial.attrs["height_m"]
    with pytest.raises(ValueError, match="the trial has no height_m"):
        joint_centers(trial, model)
