import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.loads import required_force
from gaitbook.studies.foot_check import foot_quantities, friction_ratio, slip_rms
from gaitbook.studies.physics_check import check_all, check_physics, worst_of
from tests.studies.standing import WEIGHT_N, standing

FRAMES = 60


def at_rest(**attrs):
    """Someone who stands at rest on both feet, as Newton wants it."""
    each = standing(np.zeros((FRAMES, 2, 3)))
    center = required_force(each.trial, each.model)["center_of_mass"].transpose("time", "axis").values
    force = np.zeros((FRAMES, 2, 3))
    force[..., 1] = 0.5 * WEIGHT_N
    pressure = np.stack([center, center], axis=1) * [1.0, 0.0, 1.0] + np.array([[0, 0, 0.08], [0, 0, -0.08]])
    trial = each.trial.assign(
        ground_reaction_force=(("time", "foot", "axis"), force),
        center_of_pressure=(("time", "foot", "axis"), pressure),
        free_moment=(("time", "foot"), np.zeros((FRAMES, 2))),
        in_contact=(("time", "foot"), np.ones((FRAMES, 2), dtype=bool)),
    )
    return trial.assign_attrs(gait="walk", speed_mps=0.0, **attrs), each.model


def row(table, quantity):
    return table.set_index("quantity").loc[quantity]


def test_someone_at_rest_keeps_every_law():
    table = check_physics(*at_rest())
    assert table["met"].all(), table[~table["met"]]
    assert {"force_balance", "root_residual_moment", "pressure_inside_foot"} <= set(table["quantity"])
    assert row(table, "force_balance")["value"] < 1e-9


def test_quantities_that_do_not_apply_are_left_out():
    table = check_physics(*at_rest())
    assert not {"flight_force", "swing_clearance", "force_balance_reported"} & set(table["quantity"])


def test_what_the_walker_reports_is_judged():
    trial, model = at_rest(residual_force_bw=2e-6, residual_moment_bwh=1e-9)
    table = check_physics(trial, model)
    assert not row(table, "force_balance_reported")["met"]
    assert row(table, "moment_balance_reported")["met"]


def test_a_wrong_force_is_found_in_the_balance_and_at_the_root():
    trial, model = at_rest()
    table = check_physics(trial.assign(ground_reaction_force=1.02 * trial["ground_reaction_force"]), model)
    assert row(table, "force_balance")["value"] == pytest.approx(0.02, rel=1e-6)
    assert row(table, "root_residual_force")["value"] == pytest.approx(0.02, rel=1e-6)
    assert not row(table, "force_balance")["met"]


def test_a_force_without_contact_and_a_pull_are_found():
    trial, model = at_rest()
    force = trial["ground_reaction_force"].copy(deep=True)
    force[10, 0, 1] = -1.0
    down = trial["in_contact"].copy(deep=True)
    down[10, 0] = False
    table = check_physics(trial.assign(ground_reaction_force=force, in_contact=down), model)
    assert not row(table, "swing_force")["met"]
    assert not row(table, "downward_pull")["met"]


def test_pressure_outside_the_foot_is_found():
    trial, model = at_rest()
    away = trial["center_of_pressure"] + xr.DataArray([0.5, 0.0, 0.0], {"axis": list(AXES)}, "axis")
    assert foot_quantities(trial.assign(center_of_pressure=away), model)["pressure_inside_foot"] == 0.0


def test_sinking_is_measured_in_millimeters():
    trial, model = at_rest()
    lower = trial["pelvis_position"] - 0.01 * (trial["axis"] == "y")
    assert foot_quantities(trial.assign(pelvis_position=lower), model)["penetration"] == pytest.approx(10.0)


def test_slip_is_the_spread_of_a_point_that_stands():
    trial, _ = at_rest()
    sway_m = 0.001 * np.where(np.arange(FRAMES) % 2, 1.0, -1.0)
    values = np.zeros((FRAMES, 2, 1, 3))
    values[..., 0] = sway_m[:, None, None]
    points = xr.DataArray(
        values,
        {"time": trial["time"], "foot": list(FEET), "point": ["heel"], "axis": list(AXES)},
        ("time", "foot", "point", "axis"),
    )
    assert slip_rms(trial, points) == pytest.approx(0.001)


def test_on_a_treadmill_feet_move_with_the_belt():
    trial, _ = at_rest()
    trial = trial.assign_attrs(speed_mps=1.2)
    values = np.zeros((FRAMES, 2, 1, 3))
    values[..., 0] = -1.2 * trial["time"].values[:, None, None]
    points = xr.DataArray(
        values,
        {"time": trial["time"], "foot": list(FEET), "point": ["heel"], "axis": list(AXES)},
        ("time", "foot", "point", "axis"),
    )
    assert slip_rms(trial, points) < 1e-12


def test_friction_is_horizontal_over_vertical():
    trial, _ = at_rest()
    sideways = trial["ground_reaction_force"] + 0.3 * 0.5 * WEIGHT_N * (trial["axis"] == "z")
    assert friction_ratio(trial.assign(ground_reaction_force=sideways)) == pytest.approx(0.3)


def test_worst_of_many():
    good, bad = at_rest(), at_rest(residual_force_bw=1e-3)
    table = worst_of(check_all([good, bad]))
    shown = row(table, "force_balance_reported")
    assert (shown["trials"], shown["kept"], shown["worst"]) == (1, 0, 1e-3)
    assert (row(table, "penetration")[["trials", "kept"]] == 2).all()


def test_body_height_is_needed():
    trial, model = at_rest()
    del trial.attrs["height_m"]
    with pytest.raises(ValueError, match="no height_m: add it to the participants table"):
        check_physics(trial, model)
