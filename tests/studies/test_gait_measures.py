import numpy as np
import pytest

from gaitbook.studies.gait_measures import (
    find_steps,
    measure_all,
    measure_trial,
    split_condition,
    stance_forces,
)
from gaitbook.synthesis.closed_form import simulate_trial


@pytest.fixture(scope="module")
def walk():
    return simulate_trial(speed_mps=1.3, surface="overground", variability=0.0, duration_s=5.0)


def value(table, quantity):
    return float(table.set_index("quantity")["value"][quantity])


def test_both_feet_push_toward_the_middle(walk):
    force = stance_forces(walk, find_steps(walk).contacts)
    assert force.dims == ("cycle", "phase", "axis")
    assert (force.sel(axis="z").sel(phase=50.0) < 0).all()
    assert (force.sel(axis="x").sel(phase=20.0) < 0).all()


def test_numbers_of_a_run_whose_motion_is_known(tracked):
    each = tracked[0]
    table = measure_trial(each.trial, each.model)
    speed_mps, stride_s = each.trial.attrs["speed_mps"], value(table, "stride_time")
    assert value(table, "step_length") == pytest.approx(0.5 * speed_mps * stride_s)
    assert value(table, "cadence") == pytest.approx(120.0 / stride_s)
    assert value(table, "duty_factor") == pytest.approx(value(table, "contact_time") / stride_s)
    assert value(table, "double_support") == 0.0
    assert 1.8 < value(table, "vertical_peak") < 3.0
    assert value(table, "braking_peak") < 0 < value(table, "propulsion_peak")
    assert set(table["gait"]) == {"run"}
    assert table["subject"].nunique() == 1


def test_moments_and_angles_are_there_and_finite(tracked):
    table = measure_all([(tracked[0].trial, tracked[0].model)])
    names = {"knee_adduction_first_peak", "knee_flexion_first_peak", "ankle_plantarflexion_moment_peak"}
    names |= {"hip_abduction_moment_peak", "push_off_plantarflexion", "center_vertical_excursion"}
    assert names <= set(table["quantity"])
    assert np.isfinite(table["value"].astype(float)).all()
    assert value(table, "ankle_plantarflexion_moment_peak") > 0


def test_the_condition_is_read_from_the_trial(tracked):
    trial = tracked[0].trial.assign_attrs(condition="toe-in 10 deg")
    table = measure_trial(trial, tracked[0].model)
    assert set(zip(table["condition"], table["dose"], strict=True)) == {("toe-in", 10.0)}


@pytest.mark.parametrize(
    ("label", "name", "dose"),
    [
        ("medial thrust 6 deg", "medial thrust", 6.0),
        ("stride length +10 %", "stride length", 10.0),
        ("trunk lean 5 deg, step width +50 mm", "trunk lean 5 deg, step width +50 mm", 0.0),
        ("", "", 0.0),
    ],
)
def test_labels_of_conditions(label, name, dose):
    assert split_condition(label) == (name, dose)


def test_a_trial_without_a_stride_is_refused(walk):
    with pytest.raises(ValueError, match="has no whole stride: record longer"):
        find_steps(walk.isel(time=slice(0, 60)))
