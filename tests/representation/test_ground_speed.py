"""The ground moves as it is told, or as the feet that stand on it tell."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.mirroring import mirror_trial
from gaitbook.representation.ground_speed import ground_velocity, told_ground_velocity
from tests.representation.belts import carried


def without(trial, *names):
    """Trial that does not tell some of its attributes."""
    return trial.drop_attrs(deep=False).assign_attrs(
        {name: value for name, value in trial.attrs.items() if name not in names}
    )


def test_standing_feet_tell_the_belt_backward_and_constant(gait):
    found = ground_velocity(gait.trial, gait.model)
    assert found.dims == ("time",)
    assert found.attrs["units"] == "m/s"
    np.testing.assert_allclose(found, -gait.trial.attrs["speed_mps"], rtol=0.015)


def test_feet_that_are_low_tell_the_belt_without_force(gait):
    blind = gait.trial.drop_vars(["ground_reaction_force", "center_of_pressure"])
    found = ground_velocity(blind, gait.model)
    np.testing.assert_allclose(found, -gait.trial.attrs["speed_mps"], rtol=0.02)


def test_one_plate_under_one_foot_is_enough(run):
    force = run.trial["ground_reaction_force"].copy()
    force.loc[{"foot": "left"}] = np.nan
    found = ground_velocity(run.trial.assign(ground_reaction_force=force), run.model)
    np.testing.assert_allclose(found, -run.trial.attrs["speed_mps"], rtol=0.015)


def test_the_first_and_last_stance_may_be_cut_anywhere(run):
    for first in (5, 12, 20, 31, 40):
        cut = run.trial.isel(time=slice(first, first + 160))
        np.testing.assert_allclose(ground_velocity(cut, run.model), -run.trial.attrs["speed_mps"], rtol=0.015)


def speeding_up(time):
    return 0.1 * time


def slowing_and_hurrying(time):
    return 0.3 * np.sin(2 * np.pi * time / 7.0)


@pytest.mark.parametrize(("belt", "within_mps"), [(speeding_up, 0.015), (slowing_and_hurrying, 0.05)])
def test_a_belt_that_changes_its_speed_is_followed(gait, belt, within_mps):
    extra = belt(gait.trial["time"])
    plain, found = (ground_velocity(t, gait.model) for t in (gait.trial, carried(gait.trial, extra)))
    middle = slice(100, -100)
    np.testing.assert_allclose((found - plain)[middle], extra[middle], atol=within_mps)


def test_within_a_step_the_belt_is_steady(run):
    found = ground_velocity(run.trial, run.model)
    assert float(abs(found.differentiate("time")).max()) < 0.5


def test_a_mirror_leaves_the_ground_alone(gait):
    one, other = (ground_velocity(t, gait.model) for t in (gait.trial, mirror_trial(gait.trial)))
    np.testing.assert_allclose(other, one, atol=1e-9)


@pytest.mark.parametrize("belt_mps", [2.5, -0.4, 0.0])
def test_a_belt_that_is_known_is_taken_as_it_is(run, belt_mps):
    told = run.trial.assign_attrs(belt_speed_mps=belt_mps)
    assert (ground_velocity(told, run.model) == -belt_mps).all()
    assert told_ground_velocity(told) == -belt_mps


def test_overground_the_ground_is_still(run):
    """Whatever the feet do: those of this runner move with a belt."""
    told = run.trial.assign_attrs(surface="overground")
    assert (ground_velocity(told, run.model) == 0.0).all()


def test_a_path_tells_what_there_is_underfoot(run):
    silent = without(run.trial, "surface")
    np.testing.assert_allclose(
        ground_velocity(silent, run.model), ground_velocity(run.trial, run.model), atol=1e-12
    )
    gone = carried(silent, xr.full_like(silent["time"], silent.attrs["speed_mps"]))
    assert (ground_velocity(gone, run.model) == 0.0).all()
    assert told_ground_velocity(gone) == 0.0


def test_legs_that_are_nowhere_known_leave_the_belt_to_what_is_told(run):
    nowhere = np.zeros(run.trial.sizes["time"], dtype=bool)
    assert (ground_velocity(run.trial, run.model, nowhere) == -run.trial.attrs["speed_mps"]).all()
    silent = without(run.trial, "speed_mps")
    assert ground_velocity(silent, run.model, nowhere).isnull().all()


def test_feet_that_never_stand_leave_the_belt_to_what_is_told(run):
    flight = ~run.trial["in_contact"].any("foot").values
    assert 0.1 < flight.mean() < 0.9
    assert (ground_velocity(run.trial, run.model, flight) == -run.trial.attrs["speed_mps"]).all()


def test_only_frames_in_which_the_legs_are_known_tell_the_belt(run):
    known = run.trial["time"].values < 2.0
    angle = run.trial["joint_angle"].where(xr.DataArray(known, dims="time"), 0.3)
    found = ground_velocity(run.trial.assign(joint_angle=angle), run.model, known & np.roll(known, -1))
    np.testing.assert_allclose(found, -run.trial.attrs["speed_mps"], rtol=0.015)


def test_where_nothing_is_told_nothing_is_known(run):
    silent = without(run.trial, "surface", "speed_mps")
    assert np.isnan(told_ground_velocity(silent))
    lost = without(run.trial, "surface").drop_vars("pelvis_position")
    assert np.isnan(told_ground_velocity(lost))
    assert told_ground_velocity(lost.assign_attrs(surface="treadmill")) == -run.trial.attrs["speed_mps"]
