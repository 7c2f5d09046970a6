import numpy as np
import pytest
import xarray as xr

from gaitbook.body_model import BodyModel, Joint, Segment
from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2
from gaitbook.mechanics.body_dimensions import body_lengths
from gaitbook.mechanics.gait_checks import balance_residual, foot_outline, outline_margin, sole_points
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.loads import required_force

HEIGHT_M, MASS_KG, FRAMES, RATE_HZ = 1.8, 70.0, 40, 100.0
WEIGHT_N = MASS_KG * GRAVITY_MPS2


@pytest.fixture(scope="module")
def model():
    return generic_body(height_m=HEIGHT_M, mass_kg=MASS_KG, markers=None)


@pytest.fixture(scope="module")
def upright(model):
    """Someone who stands at rest, upon whom nothing acts."""
    default = {c.name: c.default for c in model.coordinates}
    turning = [c.name for c in model.coordinates if c.is_rotation]
    time_s = np.arange(FRAMES) / RATE_HZ
    nothing = np.zeros((FRAMES, 2, 3))
    return xr.Dataset(
        {
            "joint_angle": (("time", "coordinate"), np.zeros((FRAMES, len(turning)))),
            "pelvis_position": (("time", "axis"), np.tile([0.0, default["pelvis_ty"], 0.0], (FRAMES, 1))),
            "ground_reaction_force": (("time", "foot", "axis"), nothing),
            "center_of_pressure": (("time", "foot", "axis"), nothing.copy()),
        },
        coords={"time": time_s, "coordinate": turning, "axis": list(AXES), "foot": list(FEET)},
    )


def test_soles_of_someone_upright_are_on_the_ground(upright, model):
    points = sole_points(upright, model)
    assert points.dims == ("time", "foot", "point", "axis")
    np.testing.assert_allclose(points.sel(axis="y"), 0.0, atol=1e-12)


def test_the_outline_is_as_long_as_the_foot(upright, model):
    outline = foot_outline(upright, model)
    along = outline.sel(axis="x")
    length = along.max("corner") - along.min("corner")
    np.testing.assert_allclose(length, body_lengths(HEIGHT_M)["foot"], rtol=1e-12)


def test_feet_are_mirror_images(upright, model):
    mirrored = sole_points(upright, model) * xr.DataArray([1.0, 1.0, -1.0], {"axis": list(AXES)}, "axis")
    np.testing.assert_allclose(
        mirrored.sel(foot="left"), sole_points(upright, model).sel(foot="right"), atol=1e-12
    )


def test_lifted_toes_leave_the_ground_and_the_rest_stays(upright, model):
    angle = upright["joint_angle"].copy(deep=True)
    angle.loc[{"coordinate": "mtp_angle_r"}] = -0.5
    height = sole_points(upright.assign(joint_angle=angle), model).isel(time=0).sel(axis="y")
    assert float(height.sel(foot="right", point="toe_tip")) > 0.02
    np.testing.assert_allclose(height.sel(foot="right").drop_sel(point="toe_tip"), 0.0, atol=1e-12)
    np.testing.assert_allclose(height.sel(foot="left"), 0.0, atol=1e-12)


def test_margin_is_the_distance_from_the_nearest_edge(upright, model):
    outline = foot_outline(upright, model)
    middle = outline.mean("corner")
    behind = outline.sel(corner="heel_inside", drop=True) - xr.DataArray(
        [0.03, 0.0, 0.0], {"axis": list(AXES)}, "axis"
    )
    assert (outline_margin(middle, outline) > 0.02).all()
    np.testing.assert_allclose(outline_margin(behind, outline), -0.03, atol=1e-12)
    np.testing.assert_allclose(outline_margin(outline.isel(corner=0, drop=True), outline), 0.0, atol=1e-12)
    assert outline_margin(behind * np.nan, outline).isnull().all()


def test_weight_through_the_center_of_mass_balances_rest(upright, model):
    center = required_force(upright, model)["center_of_mass"]
    force = upright["ground_reaction_force"].copy(deep=True)
    force.loc[{"axis": "y"}] = 0.5 * WEIGHT_N
    under = (center * (center["axis"] != "y")).expand_dims(foot=list(FEET)).transpose("time", "foot", "axis")
    left = balance_residual(upright.assign(ground_reaction_force=force, center_of_pressure=under), model)
    assert float(abs(left["residual_force"]).max()) < 1e-6 * WEIGHT_N
    assert float(abs(left["residual_moment"]).max()) < 1e-6 * WEIGHT_N * HEIGHT_M


def test_a_force_beside_the_center_of_mass_leaves_its_moment(upright, model):
    center = required_force(upright, model)["center_of_mass"]
    force = upright["ground_reaction_force"].copy(deep=True)
    force.loc[{"axis": "y"}] = 0.5 * WEIGHT_N
    aside = center * (center["axis"] != "y") + 0.1 * (center["axis"] == "x")
    pressure = aside.expand_dims(foot=list(FEET)).transpose("time", "foot", "axis")
    left = balance_residual(upright.assign(ground_reaction_force=force, center_of_pressure=pressure), model)
    np.testing.assert_allclose(left["residual_moment"].sel(axis="z"), 0.1 * WEIGHT_N, rtol=1e-6)


def test_free_fall_needs_nothing(upright, model):
    fallen = 0.5 * GRAVITY_MPS2 * upright["time"] ** 2 * (upright["axis"] == "y")
    falling = upright.assign(pelvis_position=upright["pelvis_position"] - fallen.transpose("time", "axis"))
    left = balance_residual(falling, model)
    assert float(abs(left["residual_force"]).max()) < 1e-6 * WEIGHT_N
    assert float(abs(left["residual_moment"]).max()) < 1e-6 * WEIGHT_N


def test_a_body_without_feet_is_refused(upright):
    ball = BodyModel(
        name="ball",
        segments=(Segment("pelvis", 1.0),),
        joints=(Joint("ground_pelvis", "ground", "pelvis"),),
        coordinates=generic_body().coordinates[:0],
    )
    with pytest.raises(ValueError, match=r"share no coordinate|no joint subtalar_r and no mtp_r"):
        sole_points(upright, ball)
