import numpy as np
import pytest
import xarray as xr

from gaitbook.mechanics.newton import center_of_mass, newton_force, segment_mass_fractions

MARKERS = ("L.ASIS", "R.ASIS", "L.PSIS", "R.PSIS")
LEG = ("Thigh.Top.Lateral", "Shank.Top.Lateral", "Heel.Top", "Heel.Bottom", "MT5")
LABELS = [*MARKERS, *(f"{side}.{part}" for side in "LR" for part in LEG)]


def rigid_person(height_m: np.ndarray, *, rate_hz: float = 200.0, mass_kg: float = 70.0) -> xr.Dataset:
    """All markers move up and down together."""
    time = np.arange(height_m.size) / rate_hz
    position = np.zeros((time.size, len(LABELS), 3))
    position[..., 1] = height_m[:, None]
    return xr.Dataset(
        {"marker_position": (("time", "marker", "axis"), position)},
        coords={"time": time, "marker": LABELS, "axis": ["x", "y", "z"]},
        attrs={"mass_kg": mass_kg, "sex": "female", "sampling_rate_hz": rate_hz},
    )


def on_the_right_foot(trial: xr.Dataset) -> xr.DataArray:
    down = np.tile([True, False], (trial.sizes["time"], 1))
    return xr.DataArray(
        down, dims=("time", "foot"), coords={"time": trial["time"], "foot": ["right", "left"]}
    )


@pytest.mark.parametrize("sex", ["female", "male", None])
def test_segments_add_up_to_the_body(sex):
    fractions = segment_mass_fractions(sex)
    assert sum(fractions.values()) == pytest.approx(1.0)
    assert fractions["thigh_right"] == fractions["thigh_left"]


def test_standing_still_takes_body_weight():
    trial = rigid_person(np.full(400, 1.0))
    force = newton_force(trial, on_the_right_foot(trial)).sel(foot="right")
    assert np.allclose(force.sel(axis="y"), 70 * 9.81)
    assert np.allclose(force.sel(axis=["x", "z"]), 0.0)


def test_a_bounce_takes_mass_times_acceleration():
    """Height a sin(w t): force m (g - a w^2 sin(w t)), reduced by what the low-pass takes at 2 Hz (nothing)."""
    time = np.arange(800) / 200
    trial = rigid_person(1 + 0.03 * np.sin(2 * np.pi * 2 * time))
    force = newton_force(trial, on_the_right_foot(trial), cutoff_hz=10.0).sel(foot="right", axis="y")
    expected = 70 * (9.81 - 0.03 * (4 * np.pi) ** 2 * np.sin(4 * np.pi * time))
    middle = slice(200, -200)
    assert np.allclose(force.values[middle], expected[middle], atol=0.005 * 70 * 9.81)


def test_two_feet_share_and_none_in_the_air_means_no_force():
    trial = rigid_person(np.full(400, 1.0))
    both = xr.ones_like(on_the_right_foot(trial))
    force = newton_force(trial, both)
    assert np.allclose(force.sel(foot="left"), force.sel(foot="right"))
    assert np.allclose(force.sum("foot").sel(axis="y"), 70 * 9.81)
    assert (newton_force(trial, ~both) == 0).all()


def test_center_of_mass_weighs_the_segments():
    trial = rigid_person(np.full(10, 1.0))
    raised = trial.copy(deep=True)
    raised["marker_position"].loc[{"marker": "L.Thigh.Top.Lateral", "axis": "y"}] += 1.0
    shift = (center_of_mass(raised) - center_of_mass(trial)).sel(axis="y")
    assert np.allclose(shift, segment_mass_fractions("female")["thigh_left"])


def test_a_bare_segment_is_named():
    trial = rigid_person(np.full(10, 1.0)).drop_sel(marker=["L.Shank.Top.Lateral"])
    with pytest.raises(ValueError, match="no marker on shank_left"):
        center_of_mass(trial)
