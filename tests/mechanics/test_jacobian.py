"""Change of markers with coordinates."""

import pytest
import torch
from torch.autograd.functional import jacobian

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.jacobian import find_drives, marker_jacobian
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from tests.mechanics import bodies


def by_differentiation(body, coordinates):
    place = lambda values: marker_positions(body, forward_kinematics(body, values))  # noqa: E731
    return torch.stack([jacobian(place, values) for values in coordinates])


@pytest.mark.parametrize(
    "model",
    [bodies.walker(), bodies.walker("spline"), bodies.tangle(1), bodies.tangle(4, joints=8)],
    ids=["walker", "spline knee", "tangle", "larger tangle"],
)
def test_equals_automatic_differentiation(model):
    body = compile_body(model)
    coordinates = bodies.swinging(body, frames=4, size=0.5)[0]
    found = marker_jacobian(body, coordinates, forward_kinematics(body, coordinates))
    torch.testing.assert_close(found, by_differentiation(body, coordinates), rtol=0, atol=1e-12)


def test_followers_have_no_column_of_their_own():
    body = compile_body(bodies.walker("spline"))
    coordinates = bodies.swinging(body, frames=2)[0]
    found = marker_jacobian(body, coordinates, forward_kinematics(body, coordinates))
    assert (found[..., body.follower] == 0).all()
    assert set(find_drives(body).coordinate.tolist()).isdisjoint(body.follower.tolist())


def test_only_what_is_above_a_marker_moves_it():
    body = compile_body(bodies.walker())
    coordinates = bodies.swinging(body, frames=1)[0]
    found = marker_jacobian(body, coordinates, forward_kinematics(body, coordinates))[0]
    right_heel = found[body.marker_names.index("HEEL_r")].abs().amax(dim=0)
    moved = {name for name, size in zip(body.coordinate_names, right_heel, strict=True) if size > 0}
    assert {"knee_angle_r", "ankle_angle_r", "pelvis_tx"} <= moved
    assert not moved & {"knee_angle_l", "lumbar_extension"}


def test_leading_dimensions_are_free():
    body = compile_body(bodies.walker("spline"))
    coordinates = bodies.swinging(body, frames=6)[0]
    flat = marker_jacobian(body, coordinates, forward_kinematics(body, coordinates))
    folded = coordinates.reshape(2, 3, -1)
    found = marker_jacobian(body, folded, forward_kinematics(body, folded))
    torch.testing.assert_close(found.flatten(0, 1), flat)


def test_chosen_coordinates_drive_alone():
    body = compile_body(bodies.walker())
    chosen = (body.coordinate("pelvis_tx"), body.coordinate("knee_angle_r"))
    drives = find_drives(body, tuple(sorted(chosen)))
    assert drives.coordinate.tolist() == sorted(chosen)
