import numpy as np
import pytest
import xarray as xr

from gaitbook.body_model import BodyModel, Joint, Segment
from gaitbook.mechanics.body_points import body_points
from gaitbook.mechanics.drawn_motion import heels_of_draws, outlines_of_draws, required_of_draws
from gaitbook.mechanics.gait_checks import foot_outline
from gaitbook.mechanics.loads import required_force
from gaitbook.synthesis.person_body import person_body
from tests.synthesis.walkers import WALKS, trial

SHORT = slice(0, 40)


@pytest.fixture(scope="module")
def walk():
    return trial(*WALKS[0])[["joint_angle", "pelvis_position"]].isel(time=SHORT)


@pytest.fixture(scope="module")
def model(walk):
    return person_body(walk.attrs)


@pytest.fixture(scope="module")
def draws(walk):
    """The walk three times: as it is, with bent knees, a meter ahead."""
    knees = walk["coordinate"].isin(["knee_angle_r", "knee_angle_l"])
    bent = walk.assign(joint_angle=walk["joint_angle"] + 0.3 * knees)
    ahead = walk.assign(pelvis_position=walk["pelvis_position"] + (walk["axis"] == "x"))
    return xr.concat([walk, bent, ahead], "draw").assign_coords(draw=range(3)).assign_attrs(walk.attrs)


def test_each_draw_requires_what_it_requires_alone(draws, model):
    required = required_of_draws(draws, model)
    for draw in range(3):
        alone = required_force(draws.isel(draw=draw), model)
        for name in required.data_vars:
            np.testing.assert_allclose(required[name].isel(draw=draw), alone[name], atol=1e-8)


def test_a_draw_that_is_elsewhere_requires_the_same_force(draws, model):
    force = required_of_draws(draws, model)["required_force"]
    np.testing.assert_allclose(force.isel(draw=2), force.isel(draw=0), atol=1e-6)


def test_feet_are_where_each_draw_alone_has_them(draws, model):
    heels, outlines = heels_of_draws(draws, model), outlines_of_draws(draws, model)
    for draw in range(3):
        alone = draws.isel(draw=draw)
        points = body_points(alone, model, ("calcn_r", "calcn_l")).transpose("time", "point", "axis")
        np.testing.assert_allclose(heels.isel(draw=draw), points)
        np.testing.assert_allclose(outlines.isel(draw=draw), foot_outline(alone, model))


def test_draws_that_are_alike_are_told_for_each(walk, model):
    same = xr.concat([walk] * 4, "draw").assign_coords(draw=range(4)).assign_attrs(walk.attrs)
    heels = heels_of_draws(same, model)
    assert heels.sizes["draw"] == 4
    assert float(heels.std("draw").max()) < 1e-12


def test_a_body_without_the_joints_of_the_foot_has_no_soles(draws):
    segment = Segment("pelvis", 70.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 0.0, 0.0, 0.0))
    block = BodyModel("block", (segment,), (Joint("free", "ground", "pelvis"),), ())
    assert outlines_of_draws(draws, block) is None
