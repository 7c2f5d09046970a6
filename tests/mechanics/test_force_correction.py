import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.force_correction import (
    balance_force,
    keep_on_sole,
    limit_friction,
    unexplained_force,
)

HALF = {"x": 0.5, "y": 0.5, "z": 0.5}
ALL = {"x": 1.0, "y": 1.0, "z": 1.0}
SQUARE = [[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]]


def make(force, point=None):
    """One frame or more, (time, foot, axis)."""
    values = np.asarray(force, dtype=float)
    labels = {"time": np.arange(len(values)) / 100, "foot": list(FEET), "axis": list(AXES)}
    point = np.zeros_like(values) if point is None else np.asarray(point, dtype=float)
    return xr.Dataset(
        {
            "ground_reaction_force": (tuple(labels), values, {"units": "N"}),
            "center_of_pressure": (tuple(labels), point, {"units": "m"}),
        },
        labels,
    )


def required(values):
    labels = {"time": np.arange(len(values)) / 100, "axis": list(AXES)}
    return xr.DataArray(np.asarray(values, dtype=float), labels, tuple(labels))


def outline(corners):
    table = np.zeros((1, 2, len(corners), 3))
    table[..., [0, 2]] = corners
    labels = {"time": [0.0], "foot": list(FEET), "corner": range(len(corners)), "axis": list(AXES)}
    return xr.DataArray(table, labels, tuple(labels))


def test_with_all_of_it_the_sum_is_what_the_motion_requires():
    forces = make([[[10.0, 300.0, 5.0], [-20.0, 100.0, 0.0]]])
    wanted = required([[0.0, 500.0, -8.0]])
    balanced = balance_force(forces, wanted, ALL)
    assert float(abs(unexplained_force(balanced, wanted)).max()) < 1e-9


def test_a_share_leaves_the_rest_unexplained():
    forces = make([[[10.0, 300.0, 5.0], [-20.0, 100.0, 0.0]]])
    wanted = required([[0.0, 500.0, -8.0]])
    left = unexplained_force(balance_force(forces, wanted, HALF), wanted)
    xr.testing.assert_allclose(left, 0.5 * unexplained_force(forces, wanted))


def test_the_feet_take_their_share_by_load():
    balanced = balance_force(make([[[0, 300.0, 0], [0, 100.0, 0]]]), required([[0, 480.0, 0]]), ALL)
    assert balanced["ground_reaction_force"].sel(axis="y").values.tolist() == [[360.0, 120.0]]


def test_a_foot_in_the_air_stays_without_force():
    balanced = balance_force(make([[[0, 0, 0], [0, 0, 0]]]), required([[50.0, 400.0, 9.0]]), ALL)
    assert not balanced["ground_reaction_force"].any()


def test_the_ground_never_pulls():
    balanced = balance_force(make([[[0, 100.0, 0], [0, 0, 0]]]), required([[0, -300.0, 0]]), ALL)
    assert float(balanced["ground_reaction_force"].sel(axis="y").min()) == 0.0


def test_nothing_changes_without_gain():
    forces = make([[[1.0, 30.0, 2.0], [3.0, 40.0, 4.0]]])
    xr.testing.assert_identical(
        balance_force(forces, required([[9.0, 9.0, 9.0]]), dict.fromkeys(AXES, 0.0)), forces
    )


def test_draws_are_balanced_each_for_itself():
    one, two = make([[[0, 100.0, 0], [0, 0, 0]]]), make([[[0, 300.0, 0], [0, 0, 0]]])
    wanted = required([[0, 200.0, 0]])
    both = balance_force(xr.concat([one, two], "draw"), wanted, HALF)
    assert both["ground_reaction_force"].sel(axis="y", foot="right").values.ravel().tolist() == [150.0, 250.0]


@pytest.mark.parametrize("gain", [{"x": 1.0, "y": 1.0}, {"x": 1.5, "y": 1.0, "z": 0.0}])
def test_a_gain_that_is_no_share_is_refused(gain):
    with pytest.raises(ValueError, match="share from 0 to 1 for each of x, y and z; found"):
        balance_force(make([[[0, 1.0, 0], [0, 0, 0]]]), required([[0, 1.0, 0]]), gain)


def test_friction_is_limited_in_its_direction_and_only_where_it_is_too_large():
    limited = limit_friction(make([[[60.0, 100.0, 80.0], [-3.0, 100.0, 4.0]]]), limit=0.5)
    assert limited["ground_reaction_force"].values[0].tolist() == [[30.0, 100.0, 40.0], [-3.0, 100.0, 4.0]]


def test_without_load_there_is_no_friction():
    limited = limit_friction(make([[[5.0, 0.0, 1.0], [0.0, 0.0, 0.0]]]))
    assert limited["ground_reaction_force"].values[0].tolist() == [[0.0, 0.0, 0.0]] * 2


@pytest.mark.parametrize("corners", [SQUARE, SQUARE[::-1]])
def test_a_center_outside_is_drawn_to_the_edge_and_one_inside_stays(corners):
    forces = make([[[0, 1.0, 0]] * 2], [[[4.0, 0.0, 2.0], [0.5, 0.0, -0.9]]])
    kept = keep_on_sole(forces, outline(corners))["center_of_pressure"].values[0]
    np.testing.assert_allclose(kept, [[1.0, 0.0, 0.5], [0.5, 0.0, -0.9]])


def test_a_foot_in_the_air_has_no_center_of_pressure_after_either():
    forces = make([[[0, 0, 0]] * 2], [[[np.nan] * 3, [0.0, 0.0, 0.0]]])
    kept = keep_on_sole(forces, outline(SQUARE))["center_of_pressure"]
    assert bool(kept.sel(foot="right").isnull().all())
