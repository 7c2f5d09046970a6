import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.studies.metrics import force_errors, to_body_weights

MASS_KG = 100 / 9.81
STRIDES = pd.DataFrame(
    {"foot": ["left"] * 2, "start_s": [0.1, 1.1], "toe_off_s": [0.4, 1.4], "end_s": [1.1, 2.1]}
)


def half_sine_steps(peak_n: float) -> xr.DataArray:
    """Two steps of a person who weighs 100 N: half sines of 0.3 s on the left foot."""
    time = np.arange(0, 2.5, 0.01)
    phase = (time - 0.1) % 1.0
    vertical = np.where((phase < 0.3) & (time >= 0.1), peak_n * np.sin(np.pi * phase / 0.3), 0.0)
    force = np.zeros((time.size, 2, 3))
    force[:, 1, 1] = vertical
    coords = {"time": time, "foot": ["right", "left"], "axis": ["x", "y", "z"]}
    return xr.DataArray(force, dims=("time", "foot", "axis"), coords=coords, name="ground_reaction_force")


def value(table: pd.DataFrame, axis: str, measure: str) -> float:
    return table.set_index(["axis", "measure"])["value"][axis, measure]


def test_a_perfect_prediction_has_no_error():
    truth = half_sine_steps(200.0)
    assert force_errors(truth, truth, STRIDES, mass_kg=MASS_KG)["value"].eq(0).all()


def test_peak_error_is_the_difference_of_the_peaks_in_body_weights():
    table = force_errors(half_sine_steps(210.0), half_sine_steps(200.0), STRIDES, mass_kg=MASS_KG)
    assert value(table, "y", "peak") == pytest.approx(10.0, abs=0.02)
    assert value(table, "x", "peak") == 0.0


def test_profile_error_is_diluted_by_swing():
    """A constant factor of 1.1 over stance: mean |error| is 0.1 x the mean force over the whole cycle."""
    truth = half_sine_steps(200.0)
    table = force_errors(1.1 * truth, truth, STRIDES, mass_kg=MASS_KG)
    assert value(table, "y", "profile") == pytest.approx(0.1 * 200 * 0.3 * 2 / np.pi, rel=0.01)


def test_a_shift_upward_in_swing_counts():
    truth = half_sine_steps(200.0)
    table = force_errors(truth + 5.0, truth, STRIDES, mass_kg=MASS_KG)
    assert value(table, "y", "profile") == pytest.approx(5.0)


def test_only_the_left_foot_is_judged():
    truth = half_sine_steps(200.0)
    wrong_right = truth + xr.DataArray([50.0, 0.0], dims="foot", coords={"foot": ["right", "left"]})
    assert force_errors(wrong_right, truth, STRIDES, mass_kg=MASS_KG)["value"].eq(0).all()


def test_without_a_stride_there_is_nothing_to_judge():
    truth = half_sine_steps(200.0)
    with pytest.raises(ValueError, match="no complete stride of the left foot"):
        force_errors(truth, truth, STRIDES.iloc[:0], mass_kg=MASS_KG)


def test_body_weight_is_one_hundred_percent():
    weight = to_body_weights(xr.DataArray(70 * 9.81), 70.0)
    assert float(weight) == pytest.approx(100.0)
    assert weight.attrs["units"] == "%BW"
