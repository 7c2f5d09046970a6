import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import norm

from gaitbook.models.stride_model import load_stride_model
from gaitbook.models.weights import stride_weights
from gaitbook.representation.gait_change import UNIT_DOSES, GaitChange
from gaitbook.studies.change_effects import (
    CALIBRATION,
    COLUMNS,
    LEVEL,
    Width,
    change_effects,
    origin_of,
    spread,
    widths_of,
)
from gaitbook.studies.changed_strides import change_stride
from gaitbook.studies.stride_measures import UNITS, measure_strides
from tests.studies.stub_walkers import LIMITS, linear_model, still_model, walker

LEAN_RAD = LIMITS["trunk_lean_rad"][1]
LEAN = GaitChange(trunk_lean_rad=LEAN_RAD)
LEAN_SIZE = LEAN_RAD / UNIT_DOSES["trunk_lean_rad"]
WIDTH = {name: [0.5, 2.0] for name in UNITS}
USUAL = float(norm.ppf(0.5 + LEVEL / 2.0))
FLEXION = "peak_knee_flexion"
BENT = GaitChange(toe_out_rad=UNIT_DOSES["toe_out_rad"])
"""Is answered by ten small differences of the right knee angle."""


def effects(model, *changes, draws=4, **options):
    stride, body = walker()
    return change_effects(stride, body, changes, model, draws=draws, **options)


def half_of(table):
    return ((table["high"] - table["low"]) / 2.0).to_numpy()


def calibrated(kind="trunk lean", width=None):
    return {CALIBRATION: {f"simulated/walk/{kind}": width or WIDTH}}


def test_every_request_has_a_row_for_every_number():
    table = effects(still_model(), LEAN, GaitChange())
    assert list(table.columns) == list(COLUMNS)
    assert table["quantity"].tolist() == [*UNITS, *UNITS]
    assert table["unit"].tolist() == [*UNITS.values()] * 2
    assert table["change"].tolist() == [LEAN.label] * len(UNITS) + ["own gait"] * len(UNITS)
    assert table["kind"].unique().tolist() == ["trunk lean", "own gait"]
    assert table.index.tolist() == list(range(2 * len(UNITS)))


def test_where_nothing_changes_the_own_numbers_stay_and_the_chance_is_even():
    table = effects(still_model(), GaitChange())
    own = measure_strides(*walker()).iloc[0]
    np.testing.assert_allclose(table["own"], own, rtol=5e-3, atol=0.05)
    np.testing.assert_allclose(table["value"], table["own"], rtol=1e-9)
    np.testing.assert_allclose(table["difference"], 0.0, atol=1e-9)
    assert table["probability_lower"].to_numpy() == pytest.approx(0.5, abs=0.05)
    assert not table["warning"].any()


def test_with_a_calibration_the_chance_is_even_where_nothing_changes():
    table = effects(still_model(**calibrated("own gait")), GaitChange())
    assert table["probability_lower"].to_numpy() == pytest.approx(0.5)
    assert half_of(table) == pytest.approx(0.0)


def test_a_change_of_one_angle_is_that_of_its_peak():
    table = effects(linear_model(), BENT).set_index("quantity").loc[FLEXION]
    assert table["difference"] == pytest.approx(np.rad2deg(10.0 * 0.02) / 2.0, rel=1e-3)
    assert table["value"] - table["own"] == pytest.approx(table["difference"])
    assert table["percent"] == pytest.approx(100.0 * table["difference"] / table["own"])


def test_the_interval_lies_about_the_value_and_about_the_difference_alike():
    table = effects(linear_model(deviation=1.0, growth=1.0, **calibrated()), LEAN)
    half = half_of(table)
    assert (half > 0.0).all()
    np.testing.assert_allclose(table["value"] - table["low"], half)
    np.testing.assert_allclose(table["difference"] - table["difference_low"], half)
    np.testing.assert_allclose(table["difference_high"] - table["difference"], half)


def test_the_chance_of_a_lower_number_is_that_of_a_normal_error():
    table = effects(linear_model(deviation=1.0, growth=1.0, **calibrated()), LEAN)
    expected = norm.cdf(-table["difference"] / (half_of(table) / USUAL))
    np.testing.assert_allclose(table["probability_lower"], expected)


def test_an_interval_that_ends_at_zero_leaves_one_in_twenty():
    width = {name: [1.0, 1.0] for name in UNITS}
    first = effects(linear_model(**calibrated("toe-out", width)), BENT).set_index("quantity").loc[FLEXION]
    width[FLEXION] = [float(first["difference"]), 1.0]
    table = effects(linear_model(**calibrated("toe-out", width)), BENT).set_index("quantity").loc[FLEXION]
    assert table["difference_low"] == pytest.approx(0.0, abs=1e-6)
    assert table["probability_lower"] == pytest.approx(0.05, rel=1e-3)


def test_without_calibration_intervals_are_those_of_the_draws():
    model = linear_model(deviation=1.0, growth=1.0)
    table = effects(model, LEAN, draws=6)
    stride, body = walker()
    drawn = measure_strides(change_stride(stride, LEAN, model, draws=6), body)[list(UNITS)]
    np.testing.assert_allclose(table["value"], drawn.mean())
    half = USUAL * drawn.std(ddof=1)
    np.testing.assert_allclose(half_of(table), half, rtol=1e-6, atol=1e-9)
    assert half["knee_adduction_first_peak"] > 1e-3


def test_what_draws_have_in_common_with_and_without_the_request_widens_nothing():
    table = effects(linear_model(deviation=1.0), BENT).set_index("quantity").loc[FLEXION]
    assert table["high"] - table["low"] == pytest.approx(0.0, abs=1e-3)


def test_where_all_draws_agree_the_floor_is_left():
    table = effects(linear_model(**calibrated()), LEAN)
    assert half_of(table) == pytest.approx(LEAN_SIZE)


@pytest.mark.parametrize("times", [1.0, 1.4, 2.0, 5.0])
def test_intervals_widen_with_the_request_and_once_more_with_how_far_beyond_it_is(times):
    table = effects(linear_model(**calibrated()), GaitChange(trunk_lean_rad=times * LEAN_RAD))
    assert half_of(table) == pytest.approx(LEAN_SIZE * times**2)
    assert table["beyond"].to_numpy() == pytest.approx(times)
    assert table["warning"].str.contains("beyond what the model has seen").all() == (times > 1.0)


def test_the_own_numbers_are_those_of_the_own_speed():
    table = effects(still_model(), GaitChange(speed_mps=1.6)).set_index("quantity")
    stride, _ = walker()
    length = stride.attrs["period_s"]
    assert table.loc["stride_length", "own"] == pytest.approx(1.3 * length, rel=1e-4)
    assert table.loc["stride_length", "value"] == pytest.approx(1.6 * length, rel=1e-4)


def test_the_same_seed_gives_the_same_table():
    first, again, other = (
        effects(linear_model(deviation=1.0, growth=1.0), LEAN, seed=seed, draws=3) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first["value"], other["value"])


def test_the_frame_reaches_the_knee_moment():
    tibia, lab = (
        effects(still_model(), GaitChange(), frame=frame).set_index("quantity")["own"]
        for frame in ("tibia", "lab")
    )
    assert tibia["knee_adduction_first_peak"] != pytest.approx(lab["knee_adduction_first_peak"], rel=1e-3)
    assert tibia["stride_length"] == lab["stride_length"]


TABLE = {
    "simulated/walk/trunk lean": {"a": [1.0, 2.0], "b": [3.0, 1.0]},
    "simulated/walk/speed": {"a": [0.5, 6.0], "c": [1.0, 1.0]},
    "simulated/run/speed": {"a": [9.0, 9.0]},
    "recorded/run/speed": {"a": [4.0, 1.0]},
}
CARD = {CALIBRATION: TABLE}


def test_widths_are_those_of_the_kind_where_it_was_calibrated_on():
    assert widths_of(CARD, "simulated", "walk", "trunk lean") == {"a": Width(1.0, 2.0), "b": Width(3.0, 1.0)}


def test_widths_of_another_kind_are_the_widest_of_the_gait():
    assert widths_of(CARD, "simulated", "walk", "several") == {
        "a": Width(0.5, 6.0),
        "b": Width(3.0, 1.0),
        "c": Width(1.0, 1.0),
    }


def test_recorded_people_have_their_own_widths_and_else_those_of_simulated_ones():
    assert widths_of(CARD, "recorded", "run", "speed") == {"a": Width(4.0, 1.0)}
    assert widths_of(CARD, "recorded", "run", "trunk lean") == {"a": Width(4.0, 1.0)}
    assert widths_of(CARD, "recorded", "walk", "trunk lean") == widths_of(
        CARD, "simulated", "walk", "trunk lean"
    )


def test_without_calibration_there_are_no_widths():
    assert widths_of({}, "simulated", "walk", "speed") == {}
    assert widths_of(CARD, "simulated", "sit", "speed") == {}
    assert (
        widths_of({CALIBRATION: {"recorded/run/speed": {"a": [1.0, 1.0]}}}, "simulated", "run", "speed") == {}
    )


def test_strides_are_simulated_or_recorded():
    assert origin_of(xr.Dataset()) == "simulated"
    assert origin_of(xr.Dataset(attrs={"source": "simulated"})) == "simulated"
    assert origin_of(xr.Dataset(attrs={"source": "rbds"})) == "recorded"


def test_spread_and_floor_add_as_independent_errors_do():
    assert spread(3.0, Width(4.0, 9.9), 1.0) == pytest.approx(5.0)
    assert spread(3.0, Width(2.0, 9.9), 2.0) == pytest.approx(5.0)
    assert spread(0.0, Width(4.0, 9.9), 1.0) == 4.0


def test_the_model_of_the_package_lowers_the_first_peak_by_a_lean_of_the_trunk_and_tells_how_surely():
    try:
        path = stride_weights()
    except FileNotFoundError:
        pytest.skip("the package has come without a stride model")
    model = load_stride_model(path)
    asked = [GaitChange(), *(GaitChange(trunk_lean_rad=float(np.deg2rad(dose))) for dose in (10.0, 40.0))]
    table = effects(model, *asked, draws=10)
    own, lean, far = (
        table[table["change"] == change.label].set_index("quantity").loc["knee_adduction_first_peak"]
        for change in asked
    )
    assert own["difference"] == pytest.approx(0.0, abs=1e-6)
    assert -60.0 < lean["percent"] < -5.0
    assert lean["probability_lower"] > 0.9
    assert lean["warning"] == ""
    assert "trunk lean of 40°" in far["warning"]
    assert far["high"] - far["low"] > lean["high"] - lean["low"]
