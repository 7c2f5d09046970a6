"""An unseen trunk keeps its attitude; a seen one is left alone."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.mechanics.unseen_trunk import PELVIS_BELOW, steady_trunk


@pytest.fixture
def joint_angle():
    names = ["pelvis_tilt", "pelvis_list", "pelvis_rotation", "knee_angle_r", *PELVIS_BELOW]
    time_s = np.arange(50) / 50
    values = np.zeros((50, len(names)))
    values[:, :3] = 0.1 * np.sin(2 * np.pi * time_s[:, None] + np.arange(3)) + 0.2
    coords = {"time": time_s, "coordinate": names}
    return xr.DataArray(
        values, dims=("time", "coordinate"), coords=coords, name="joint_angle", attrs={"units": "rad"}
    )


def test_the_trunk_keeps_its_attitude(joint_angle):
    steady = steady_trunk(joint_angle, frozenset(PELVIS_BELOW))
    for lumbar, pelvis in PELVIS_BELOW.items():
        attitude = steady.sel(coordinate=lumbar).values + steady.sel(coordinate=pelvis).values
        np.testing.assert_allclose(attitude, float(joint_angle.sel(coordinate=pelvis).mean()), atol=1e-14)
    xr.testing.assert_identical(
        steady.sel(coordinate="knee_angle_r"), joint_angle.sel(coordinate="knee_angle_r")
    )


def test_what_was_measured_is_left_alone(joint_angle):
    xr.testing.assert_identical(steady_trunk(joint_angle, frozenset()), joint_angle)
