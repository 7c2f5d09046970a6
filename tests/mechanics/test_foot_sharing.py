"""Two feet share one force: nothing is lost, nothing jumps."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.mechanics.foot_sharing import share_force

REAR, FRONT = np.array([0.0, 0.0, 0.1]), np.array([0.7, 0.0, -0.1])


def required(frames=60, *, sway_m=0.0):
    phase = np.clip((np.arange(frames) - 20) / 20, 0.0, 1.0)[:, None]
    point = REAR + phase * (FRONT - REAR) + sway_m * np.sin(np.pi * phase) * np.array([0.0, 0.0, 1.0])
    force = np.stack([10 * np.cos(phase[:, 0]), 700 + 100 * phase[:, 0], 5 * phase[:, 0]], axis=1)
    coords = {"time": np.arange(frames) / 100, "axis": ["x", "y", "z"]}
    return xr.Dataset(
        {
            "required_force": (("time", "axis"), force, {"units": "N"}),
            "required_center_of_pressure": (("time", "axis"), point, {"units": "m"}),
            "center_of_mass": (("time", "axis"), point * [1.0, 0.0, 0.0] + [0.0, 0.9, 0.0], {"units": "m"}),
            "required_free_moment": ("time", np.full(frames, 2.0), {"units": "N m"}),
        },
        coords=coords,
    )


def contacts(frames=60):
    down = np.zeros((frames, 2), dtype=bool)
    down[:41, 0], down[20:, 1] = True, True
    return xr.DataArray(
        down, dims=("time", "foot"), coords={"time": np.arange(frames) / 100, "foot": ["right", "left"]}
    )


def moment_about_origin(shared):
    force, point = shared["ground_reaction_force"].values, np.nan_to_num(shared["center_of_pressure"].values)
    turned = np.cross(point, force)
    turned[..., 1] += shared["free_moment"].values
    return turned.sum(axis=1)


@pytest.mark.parametrize("sway_m", [0.0, 0.03])
def test_force_and_moment_add_up(sway_m):
    whole = required(sway_m=sway_m)
    shared = share_force(whole, contacts())
    np.testing.assert_allclose(
        shared["ground_reaction_force"].sum("foot"), whole["required_force"], atol=1e-12
    )
    expected = np.cross(whole["required_center_of_pressure"].values, whole["required_force"].values)
    expected[:, 1] += 2.0
    np.testing.assert_allclose(moment_about_origin(shared), expected, atol=1e-9)


def test_the_rear_foot_starts_with_everything_and_ends_with_nothing():
    shared = share_force(required(), contacts())
    vertical = shared["ground_reaction_force"].sel(axis="y").values
    np.testing.assert_allclose(vertical[20], [700.0, 0.0])
    np.testing.assert_allclose(vertical[40], [0.0, 800.0], atol=1e-9)
    assert (np.diff(vertical[20:41, 0] / vertical[20:41].sum(axis=1)) < 0).all()
    np.testing.assert_allclose(shared["center_of_pressure"].values[30], [REAR, FRONT], atol=1e-12)


def test_a_lifted_foot_carries_nothing_and_has_no_center_of_pressure():
    shared = share_force(required(), contacts())
    assert (shared["ground_reaction_force"].sel(foot="left").values[:20] == 0).all()
    assert np.isnan(shared["center_of_pressure"].sel(foot="left").values[:20]).all()
    flight = share_force(required(), contacts() & False)
    assert (flight["ground_reaction_force"].values == 0).all()


def test_left_and_right_are_treated_alike():
    shared, swapped = (
        share_force(required(), contacts()),
        share_force(required(), contacts().isel(foot=[1, 0])),
    )
    np.testing.assert_allclose(
        shared["ground_reaction_force"].values, swapped["ground_reaction_force"].values[:, ::-1], rtol=1e-12
    )


def test_double_support_at_the_ends_of_a_trial_is_shared_as_well():
    down = contacts()
    for part in (slice(25, None), slice(None, 35)):
        shared = share_force(required().isel(time=part), down.isel(time=part))
        total = shared["ground_reaction_force"].sum("foot")
        np.testing.assert_allclose(total, required().isel(time=part)["required_force"], atol=1e-12)


def test_the_rear_foot_drives_while_the_front_foot_brakes():
    shared = share_force(required(), contacts())
    forward = shared["ground_reaction_force"].sel(axis="x").values[25:36]
    assert (forward[:, 0] > 0).all()
    assert (forward[:, 1] < 0).all()
