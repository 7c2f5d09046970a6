"""Places on a moving body: its markers tell its motion, its origins are those of its joints."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.mechanics.body_points import body_markers, body_points, moving_body, require_motion
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.motion import solve_motion
from tests.mechanics.bodies import placed_naively

FRAMES, RATE_HZ = 20, 100.0
TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


@pytest.fixture(scope="module")
def person():
    return generic_body(height_m=1.7, mass_kg=64.0, markers="rbds")


@pytest.fixture(scope="module")
def swinging(person):
    """Every coordinate swings by itself."""
    rng = np.random.default_rng(1)
    phase = 2 * np.pi * 1.2 * np.arange(FRAMES) / RATE_HZ
    table = {
        c.name: c.default + rng.uniform(0.02, 0.15) * np.sin(phase + rng.uniform(0, 6))
        for c in person.coordinates
    }
    turning = [c.name for c in person.coordinates if c.is_rotation]
    return xr.Dataset(
        {
            "joint_angle": (("time", "coordinate"), np.stack([table[name] for name in turning], axis=1)),
            "pelvis_position": (("time", "axis"), np.stack([table[name] for name in TRANSLATIONS], axis=1)),
        },
        coords={"time": np.arange(FRAMES) / RATE_HZ, "coordinate": turning, "axis": ["x", "y", "z"]},
        attrs={"trial": "made by hand", "log": []},
    )


def test_the_markers_of_a_body_tell_its_motion(swinging, person):
    markers = body_markers(swinging, person)
    assert markers.dims == ("time", "marker", "axis")
    assert markers.attrs["units"] == "m"
    assert markers.name == "marker_position"
    assert set(markers["marker"].values) == {marker.name for marker in person.markers}
    blind = swinging.drop_vars(["joint_angle", "pelvis_position"]).assign(marker_position=markers)
    found = solve_motion(blind, person, noise_m=1e-6)
    legs = [c for c in found["coordinate"].values if c.startswith(("pelvis", "hip", "knee", "ankle"))]
    expected = swinging["joint_angle"].sel(coordinate=legs)
    np.testing.assert_allclose(found["joint_angle"].sel(coordinate=legs), expected, atol=1e-7)
    np.testing.assert_allclose(found["pelvis_position"], swinging["pelvis_position"], atol=1e-7)


def test_origins_of_segments_are_where_the_joints_put_them(swinging, person):
    segments = ("toes_l", "pelvis", "calcn_r", "hand_l")
    points = body_points(swinging, person, segments)
    assert points.dims == ("time", "point", "axis")
    assert points.attrs["units"] == "m"
    assert points["point"].values.tolist() == list(segments)
    np.testing.assert_array_equal(points["time"], swinging["time"])
    for frame in (0, FRAMES - 1):
        now = swinging.isel(time=frame)
        values = dict(zip(now["coordinate"].values, now["joint_angle"].values, strict=True))
        values |= dict(zip(TRANSLATIONS, now["pelvis_position"].values, strict=True))
        places = placed_naively(person, values)
        for segment in segments:
            np.testing.assert_allclose(points[frame].sel(point=segment), places[segment][1], atol=1e-12)


def test_the_pelvis_is_where_the_trial_has_it(swinging, person):
    pelvis = body_points(swinging, person, ("pelvis",)).sel(point="pelvis", drop=True)
    np.testing.assert_allclose(pelvis, swinging["pelvis_position"], atol=1e-12)


def test_the_place_in_the_laboratory_and_the_order_of_labels_do_not_matter(swinging, person):
    shift = xr.DataArray([2.0, 0.0, -1.0], {"axis": ["x", "y", "z"]}, "axis")
    moved = swinging.assign(pelvis_position=swinging["pelvis_position"] + shift).transpose(
        "axis", "coordinate", ...
    )
    feet = ("calcn_r", "calcn_l")
    apart = body_points(moved, person, feet) - body_points(swinging, person, feet)
    np.testing.assert_allclose(apart, np.broadcast_to(shift, apart.shape), atol=1e-12)


def test_coordinates_that_are_lacking_stay_at_their_default(swinging, person):
    still = swinging.drop_sel(coordinate="knee_angle_r")
    zero = swinging.assign(
        joint_angle=swinging["joint_angle"].where(swinging["coordinate"] != "knee_angle_r", 0.0)
    )
    one, other = (body_points(trial, person, ("calcn_r",)) for trial in (still, zero))
    xr.testing.assert_allclose(one, other, atol=1e-12)


def test_a_moving_body_has_a_pose_in_every_frame(swinging, person):
    body, pose, coordinates = moving_body(swinging, person)
    assert coordinates.shape == (FRAMES, len(person.coordinates))
    assert pose.position.shape == (FRAMES, len(body.segment_names), 3)


def test_a_segment_that_the_body_does_not_have_is_refused(swinging, person):
    with pytest.raises(ValueError, match="Body 'generic' has no segment tail, wing; choose among pelvis, "):
        body_points(swinging, person, ("tail", "pelvis", "wing"))


@pytest.mark.parametrize(
    "place", [body_markers, moving_body, lambda trial, model: body_points(trial, model, ())]
)
def test_a_trial_without_motion_is_told_where_to_get_it(swinging, person, place):
    with pytest.raises(ValueError, match="has no joint_angle and no pelvis_position: solve_motion gets it"):
        place(swinging.drop_vars(["joint_angle", "pelvis_position"]), person)
    with pytest.raises(ValueError, match="has no pelvis_position: solve_motion gets it from markers"):
        place(swinging.drop_vars("pelvis_position"), person)


def test_a_trial_with_motion_is_not_refused(swinging):
    require_motion(swinging)


def test_gaps_are_refused(swinging, person):
    gappy = swinging.assign(joint_angle=swinging["joint_angle"].where(swinging["time"] > 0.015))
    with pytest.raises(
        ValueError, match=f"2 of {FRAMES} frames are NaN in .*: cut them off or fill the gaps"
    ):
        body_points(gappy, person, ("pelvis",))
