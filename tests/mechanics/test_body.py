import numpy as np
import pytest
import torch

from gaitbook.body_model import (
    GROUND,
    IDENTITY,
    X_AXIS,
    Axis,
    BodyModel,
    Coordinate,
    Joint,
    Polynomial,
    Segment,
)
from gaitbook.mechanics.body import compile_body
from tests.mechanics.bodies import KNEE_SHIFT_X, PATELLA_TURN, evaluate, tangle, walker


def test_names_keep_the_order_of_the_tables():
    model = walker("spline")
    body = compile_body(model)
    assert body.coordinate_names == tuple(coordinate.name for coordinate in model.coordinates)
    assert body.marker_names == tuple(marker.name for marker in model.markers)
    assert set(body.segment_names) == {segment.name for segment in model.segments}
    assert body.segment_names == tuple(joint.child for joint in body.joints)
    assert body.segment_names[body.segment("tibia_l")] == "tibia_l"
    assert body.coordinate_names[body.coordinate("knee_angle_l")] == "knee_angle_l"


def test_masses_centers_and_inertias_go_with_their_segments():
    model = walker()
    body = compile_body(model)
    assert body.total_mass_kg == pytest.approx(model.mass_kg)
    for segment in model.segments:
        place = body.segment(segment.name)
        assert float(body.mass[place]) == segment.mass_kg
        np.testing.assert_array_equal(body.center[place], segment.center_m)
        xx, yy, zz, xy, xz, yz = segment.inertia_kgm2
        np.testing.assert_array_equal(body.inertia[place], [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def test_ancestry_says_what_hangs_below_what():
    body = compile_body(walker("spline"))
    below = body.is_ancestor[body.segment("femur_r")]
    names = {name for name, hangs in zip(body.segment_names, below, strict=True) if hangs}
    assert names == {"femur_r", "tibia_r", "patella_r", "calcn_r"}
    assert bool(body.is_ancestor[body.segment("pelvis")].all())


def test_levels_hold_every_segment_once_after_its_parent():
    body = compile_body(tangle(5, joints=8))
    places = [place for level in body.levels for place in range(level.start, level.stop)]
    assert places == list(range(8))
    assert all(parent < place for place, parent in enumerate(body.parents))


def test_the_part_beyond_the_knees_is_both_shanks_and_feet():
    body = compile_body(walker("spline"))
    part = body.beyond("tibia_r", "tibia_l")
    names = [body.segment_names[place] for place in part.places]
    assert sorted(names) == ["calcn_l", "calcn_r", "tibia_l", "tibia_r"]
    assert float(part.mass.sum()) == pytest.approx(2 * (3.5 + 1.2))
    assert float(part.is_ancestor[names.index("tibia_r"), names.index("calcn_l")]) == 0.0


def test_axis_values_follow_the_functions_of_the_model():
    body = compile_body(tangle(1))
    coordinates = torch.as_tensor(
        np.random.default_rng(0).uniform(-1.5, 2.0, (7, len(body.coordinate_names)))
    )
    values = body.axis_values(coordinates)
    full = dict(zip(body.coordinate_names, coordinates.T.numpy(), strict=True))
    for coordinate in body.model.coordinates:
        if coordinate.follows:
            full[coordinate.name] = [evaluate(coordinate.coupling, x) for x in full[coordinate.follows]]
    for number, joint in enumerate(body.joints):
        for place, axis in enumerate((*joint.rotations, *joint.translations)):
            arguments = full[axis.coordinate] if axis.coordinate else np.zeros(7)
            known = [evaluate(axis.function, x) for x in arguments]
            np.testing.assert_allclose(values.value[:, number, place], known, atol=1e-13)
            steep = [evaluate(axis.function, x, 1) if axis.coordinate else 0.0 for x in arguments]
            np.testing.assert_allclose(values.slope[:, number, place], steep, atol=1e-12)


def test_a_follower_moves_with_its_leader_whatever_it_is_given_itself():
    body = compile_body(walker("spline"))
    coordinates = torch.zeros(2, len(body.coordinate_names), dtype=torch.float64)
    coordinates[:, body.coordinate("knee_angle_r")] = 0.7
    coordinates[1, body.coordinate("knee_angle_r_beta")] = 99.0
    turn = body.axis_values(coordinates).value[:, body.segment("patella_r"), 0]
    np.testing.assert_allclose(turn, evaluate(PATELLA_TURN, 0.7), atol=1e-15)
    slope = body.coordinate_slope(coordinates)
    assert slope[0, body.coordinate("knee_angle_r_beta")].item() == pytest.approx(
        evaluate(PATELLA_TURN, 0.7, 1)
    )
    assert slope[0, body.coordinate("knee_angle_r")].item() == 1.0


def test_an_axis_of_any_length_turns_by_the_angle():
    joints = (
        Joint("hinge", GROUND, "rod", rotations=(Axis((0, 0, 5.0), IDENTITY, "angle"), X_AXIS, X_AXIS)),
    )
    body = compile_body(BodyModel("long axis", (Segment("rod", 1.0),), joints, (Coordinate("angle"),)))
    np.testing.assert_allclose(body.axes[0, 0], (0.0, 0.0, 1.0))


def test_a_constant_axis_without_a_coordinate_stays_where_it_is():
    still = Joint("still", GROUND, "rod", translations=(Axis((1, 0, 0), Polynomial((0.3,))), X_AXIS, X_AXIS))
    shifted = Joint("more", "rod", "end", translations=(Axis((1, 0, 0), KNEE_SHIFT_X), X_AXIS, X_AXIS))
    body = compile_body(BodyModel("welds", (Segment("rod", 1.0), Segment("end", 1.0)), (still, shifted), ()))
    values = body.axis_values(torch.zeros(4, 0, dtype=torch.float64))
    np.testing.assert_allclose(
        values.value[:, :, 3], np.tile([0.3, KNEE_SHIFT_X.values[0]], (4, 1)), atol=1e-15
    )
    assert not values.slope.any()


def test_moving_to_single_precision_moves_every_table():
    body = compile_body(walker("spline")).to(torch.float32)
    assert {table.dtype for table in body.buffers() if table.is_floating_point()} == {torch.float32}
    assert body.axis_values(torch.zeros(1, len(body.coordinate_names))).value.dtype == torch.float32
