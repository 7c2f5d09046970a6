import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2
from gaitbook.studies.stance_measures import find_stances, measure_stances, summarize_stances

MASS_KG, PEAK_BW, STANCE_S, STRIKES_S = 70.0, 1.2, 0.6, (0.3, 1.5)
WEIGHT_N = MASS_KG * GRAVITY_MPS2


@pytest.fixture(scope="module")
def arches():
    """Two stances of the left foot, half sines; the right foot is in the air."""
    time_s = np.arange(240) / 100
    force = np.zeros((240, 2, 3))
    for strike_s in STRIKES_S:
        phase = np.clip((time_s - strike_s) / STANCE_S, 0.0, 1.0)
        force[:, FEET.index("left"), 1] += PEAK_BW * WEIGHT_N * np.sin(np.pi * phase)
    labels = {"time": time_s, "foot": list(FEET), "axis": list(AXES)}
    arches = xr.DataArray(force, labels, tuple(labels))
    return xr.Dataset({"ground_reaction_force": arches}, attrs={"mass_kg": MASS_KG})


def test_stances_are_where_force_is(arches):
    stances = find_stances(arches)
    assert stances["foot"].tolist() == ["left", "left"]
    np.testing.assert_allclose(stances["strike_s"], STRIKES_S, atol=0.03)
    np.testing.assert_allclose(stances["toe_off_s"], np.add(STRIKES_S, STANCE_S), atol=0.03)


def test_a_half_sine_has_the_measures_of_the_closed_form(arches):
    measured = measure_stances(arches["ground_reaction_force"], find_stances(arches), mass_kg=MASS_KG)
    assert measured.dims == ("measure", "stance")
    np.testing.assert_allclose(measured.sel(measure="peak"), 100 * PEAK_BW, rtol=1e-3)
    np.testing.assert_allclose(
        measured.sel(measure="impulse"), 100 * PEAK_BW * 2 * STANCE_S / np.pi, rtol=1e-3
    )
    np.testing.assert_allclose(
        measured.sel(measure="loading_rate"), 100 * PEAK_BW * np.pi / STANCE_S, rtol=0.01
    )


def test_a_stance_near_an_end_of_the_trial_is_not_judged(arches):
    assert find_stances(arches.sel(time=slice(0.25, None)))["strike_s"].tolist() == pytest.approx(
        [1.5], abs=0.03
    )


def test_draws_that_land_later_are_judged_whole(arches):
    later = arches["ground_reaction_force"].shift(time=6, fill_value=0.0)
    both = xr.concat([arches["ground_reaction_force"], later], "draw")
    measured = measure_stances(both, find_stances(arches), mass_kg=MASS_KG)
    np.testing.assert_allclose(measured.isel(draw=1), measured.isel(draw=0))


def test_without_a_stance_there_is_nothing(arches):
    nothing = 0.0 * arches["ground_reaction_force"]
    stances = find_stances(xr.Dataset({"ground_reaction_force": nothing}, attrs=arches.attrs))
    assert measure_stances(nothing, stances, mass_kg=MASS_KG).sizes == {"measure": 3, "stance": 0}


def test_a_summary_has_the_interval_of_its_draws_times_the_factor(arches):
    size = xr.DataArray(np.linspace(0.8, 1.2, 41), dims="draw")
    completed = xr.Dataset(
        {"ground_reaction_force": arches["ground_reaction_force"] * size}, attrs=arches.attrs
    )
    plain, wide = (summarize_stances(completed, factors, level=0.9) for factors in ({}, {"peak": 2.0}))
    assert plain.columns.tolist() == [
        "foot",
        "strike_s",
        "toe_off_s",
        "measure",
        "unit",
        "mean",
        "low",
        "high",
    ]
    peak, wider = (table[table["measure"] == "peak"].iloc[0] for table in (plain, wide))
    assert peak["mean"] == pytest.approx(120.0, rel=1e-3)
    assert (peak["low"], peak["high"]) == pytest.approx((0.82 * 120.0, 1.18 * 120.0), rel=1e-3)
    assert wider["high"] - wider["low"] == pytest.approx(2 * (peak["high"] - peak["low"]))
    others = [table[table["measure"] != "peak"].reset_index(drop=True) for table in (plain, wide)]
    assert others[0].equals(others[1])
