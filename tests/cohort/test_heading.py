import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.heading import align_heading, find_heading, restore_heading
from gaitbook.cohort.schema import make_trial, validate
from gaitbook.synthesis.closed_form import simulate_trial

ANGLES_RAD = (-2.5, -0.4, 0.0, 0.3, np.pi / 2, 3.0)


def complete_trial(surface: str = "treadmill") -> xr.Dataset:
    """The closed-form runner with a pelvis that turns a little and a true center of mass."""
    trial = simulate_trial(speed_mps=3.0, duration_s=2.0, surface=surface, truth=True)
    pelvis = trial["marker_position"].sel(marker="R.PSIS", drop=True)
    angle = xr.DataArray(
        np.stack([0.1 * np.sin(9 * trial["time"]), 0.5 + 0 * trial["time"]], axis=1),
        dims=("time", "coordinate"),
        coords={"time": trial["time"], "coordinate": ["pelvis_rotation", "knee_angle_r"]},
    )
    variables = {**trial.data_vars, "pelvis_position": pelvis, "joint_angle": angle}
    return make_trial(variables, trial.attrs)


def turned(trial: xr.Dataset, angle_rad: float) -> xr.Dataset:
    """The same laboratory, seen in a frame in which the person heads to `angle_rad`."""
    away = align_heading(trial, heading_rad=-angle_rad)
    return away.assign_attrs(heading_rad=0.0)


@pytest.mark.parametrize("angle_rad", ANGLES_RAD)
def test_round_trip_gives_every_number_back(angle_rad):
    trial = complete_trial()
    again = restore_heading(align_heading(trial, heading_rad=angle_rad))
    for name, array in trial.data_vars.items():
        assert again[name].dims == array.dims
        assert again[name].attrs == array.attrs
        assert np.allclose(
            again[name].astype(float), array.astype(float), rtol=0, atol=1e-12 * 2000, equal_nan=True
        )
        assert float(abs(again[name].astype(float) - array.astype(float)).max()) < 1e-12 * max(
            1.0, float(abs(array.astype(float)).max())
        )
    assert again.attrs["heading_rad"] == 0.0
    assert validate(again) is again


@pytest.mark.parametrize("surface", ["treadmill", "overground"])
@pytest.mark.parametrize("angle_rad", ANGLES_RAD)
def test_heading_is_found_and_taken_out(surface, angle_rad):
    trial = turned(complete_trial(surface), angle_rad)
    off_rad = np.angle(np.exp(1j * (find_heading(trial) - angle_rad)))
    assert abs(off_rad) < 0.02
    aligned = align_heading(trial)
    assert abs(find_heading(aligned)) < 1e-9
    assert abs(np.angle(np.exp(1j * (aligned.attrs["heading_rad"] - angle_rad)))) < 0.02


def test_a_quarter_turn_to_the_left_takes_minus_z_to_x():
    """Heading pi/2 is along -z: what pointed there points along +x afterward; up stays up."""
    trial = complete_trial()
    toward = xr.DataArray([0.0, 0.0, -1.0], dims="axis", coords={"axis": ["x", "y", "z"]})
    pelvis = (trial["pelvis_position"] * 0 + toward).assign_attrs(units="m")
    result = align_heading(trial.assign(pelvis_position=pelvis), heading_rad=np.pi / 2)
    assert np.allclose(result["pelvis_position"].sel(axis=["x", "y", "z"]), [1.0, 0.0, 0.0])


@pytest.mark.parametrize("angle_rad", ANGLES_RAD)
def test_lengths_heights_moments_and_other_angles_are_untouched(angle_rad):
    trial = complete_trial()
    result = align_heading(trial, heading_rad=angle_rad)
    for name in ("marker_position", "ground_reaction_force", "center_of_pressure", "center_of_mass_position"):
        assert np.allclose(result[name].sel(axis="y"), trial[name].sel(axis="y"), equal_nan=True)
        norms = (np.sqrt((each[name] ** 2).sum("axis")) for each in (result, trial))
        assert np.allclose(next(norms), next(norms))
    assert result["free_moment"].identical(trial["free_moment"])
    rotation, knee = (
        (result["joint_angle"] - trial["joint_angle"]).sel(coordinate=name)
        for name in ("pelvis_rotation", "knee_angle_r")
    )
    assert np.allclose(rotation, -angle_rad)
    assert np.allclose(knee, 0.0)


def test_turns_add_up_and_are_undone_at_once():
    trial = complete_trial()
    twice = align_heading(align_heading(trial, heading_rad=0.3), heading_rad=0.4)
    assert twice.attrs["heading_rad"] == pytest.approx(0.7)
    assert np.allclose(restore_heading(twice)["marker_position"], trial["marker_position"])
    assert len(twice.attrs["log"]) == len(trial.attrs["log"]) + 2


def test_a_trial_that_was_never_turned_is_restored_to_itself():
    trial = complete_trial()
    assert np.array_equal(restore_heading(trial)["marker_position"], trial["marker_position"])


def test_a_pelvis_alone_tells_the_heading_of_somebody_on_a_treadmill():
    trial = turned(complete_trial(), 3.1)[["joint_angle"]]
    assert np.angle(np.exp(1j * (find_heading(trial) - 3.1))) == pytest.approx(0.0, abs=0.02)


def test_where_nothing_tells_the_heading_it_is_asked_for():
    with pytest.raises(ValueError, match="give `heading_rad` by hand"):
        find_heading(complete_trial()[["ground_reaction_force"]])
