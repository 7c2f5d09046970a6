import numpy as np
import pytest

from gaitbook.body_model import (
    GROUND,
    Axis,
    BodyModel,
    Coordinate,
    Joint,
    Marker,
    Polynomial,
    Segment,
    Spline,
)
from gaitbook.mechanics.anthropometry import Lump, join_lumps, vector
from gaitbook.mechanics.segment_scaling import inertia_matrix, stretch_body, turn_mass

CLOUD_M = np.random.default_rng(4).normal(size=(12, 3)) * [0.1, 0.4, 0.2] + [0.0, -0.3, 0.05]
FACTOR = (1.2, 0.8, 1.5)


def cloud(points: np.ndarray, mass_kg: float) -> Segment:
    """Rigid cloud of equal points."""
    return join_lumps("bone", [Lump(mass_kg / len(points), point, np.zeros((3, 3))) for point in points])


def body(*functions: Polynomial | Spline) -> BodyModel:
    slide = [Axis((0.0, 1.0, 0.0), function, "bend") for function in functions] or [Axis((0.0, 1.0, 0.0))]
    joint = Joint(
        "joint",
        "bone",
        "tip",
        parent_position=(0.1, 0.2, 0.3),
        child_position=(0.0, 0.1, 0.0),
        translations=(slide[0], Axis((1.0, 0.0, 0.0)), Axis((0.0, 0.0, 1.0))),
    )
    return BodyModel(
        "body",
        segments=(cloud(CLOUD_M, 3.0), Segment("tip", 1.0)),
        joints=(Joint("free", GROUND, "bone"), joint),
        coordinates=(Coordinate("bend"),),
        markers=(Marker("skin", "bone", (0.1, -0.1, 0.2)),),
    )


def test_mass_stretches_as_a_cloud_of_points_does():
    stretched = stretch_body(body(), {"bone": FACTOR}, mass_kg=8.0)
    expected = cloud(CLOUD_M * FACTOR, 6.0)
    assert stretched.mass_kg == pytest.approx(8.0)
    assert stretched.segments[0].center_m == pytest.approx(expected.center_m)
    assert stretched.segments[0].inertia_kgm2 == pytest.approx(expected.inertia_kgm2)


def test_joints_and_markers_follow_their_segments():
    stretched = stretch_body(body(), {"bone": FACTOR, "tip": (2.0, 2.0, 2.0)}, mass_kg=4.0)
    assert stretched.joints[1].parent_position == pytest.approx((0.12, 0.16, 0.45))
    assert stretched.joints[1].child_position == pytest.approx((0.0, 0.2, 0.0))
    assert stretched.markers[0].position_m == pytest.approx((0.12, -0.08, 0.3))


@pytest.mark.parametrize("function", [Polynomial((0.1, 0.2)), Spline((0.0, 1.0, 2.0), (0.1, 0.2, 0.4))])
def test_travel_inside_a_joint_stretches_with_the_parent(function):
    axis = stretch_body(body(function), {"bone": FACTOR}, mass_kg=4.0).joints[1].translations[0]
    numbers = "coefficients" if isinstance(function, Polynomial) else "values"
    assert getattr(axis.function, numbers) == pytest.approx(0.8 * np.array(getattr(function, numbers)))


def test_no_stretch_changes_nothing():
    same = stretch_body(body(), {}, mass_kg=4.0)
    assert same.joints == body().joints
    assert same.segments[0].inertia_kgm2 == pytest.approx(body().segments[0].inertia_kgm2)


def test_turned_mass_lies_along_the_new_line_and_keeps_its_principal_moments():
    straight = cloud(CLOUD_M * [0.0, 1.0, 0.0], 3.0)
    turned = turn_mass(straight, (0.0, -2.0, 0.0), (0.0, -1.0, 0.5))
    along = np.array([0.0, -1.0, 0.5]) / np.hypot(1.0, 0.5)
    assert turned.center_m == pytest.approx(vector(along * np.linalg.norm(straight.center_m)))
    assert inertia_matrix(turned) @ along == pytest.approx(np.zeros(3), abs=1e-12)
    assert np.linalg.eigvalsh(inertia_matrix(turned)) == pytest.approx(
        np.linalg.eigvalsh(inertia_matrix(straight)), abs=1e-12
    )
