import numpy as np
import pytest
import xarray as xr

from gaitbook.studies.completion_errors import judge_completion, ranked_probability_score, widened
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.population import draw_people

WEIGHT_N = 9.81 / 100


@pytest.fixture(scope="module")
def measured():
    person = draw_people(2).iloc[1]
    return simulate_gait(person.to_dict() | {"subject": "p"}, speed_mps=1.3, gait="walk", duration_s=3.0)


def draws_about(measured, noise_n, count=60, shift_n=0.0):
    rng = np.random.default_rng(0)
    force = measured["ground_reaction_force"]
    random = rng.standard_normal((count, *force.shape)) * noise_n + shift_n
    drawn = xr.DataArray(random, dims=("draw", *force.dims)) + force
    point = measured["center_of_pressure"].expand_dims(draw=count)
    return xr.Dataset({"ground_reaction_force": drawn, "center_of_pressure": point})


def value(table, measure, axis="y"):
    return float(table[(table["measure"] == measure) & (table["axis"] == axis)]["value"].iloc[0])


def test_the_truth_has_no_error_and_is_covered(measured):
    table = judge_completion(draws_about(measured, 0.0), measured)
    for measure in ("profile", "peak", "crps", "pressure"):
        assert value(table, measure, "x") == pytest.approx(0.0, abs=1e-9)
    assert value(table, "coverage") == 1.0


def test_a_constant_error_is_the_profile_error_in_percent_of_body_weight(measured):
    table = judge_completion(draws_about(measured, 0.0, shift_n=7.0), measured)
    percent = 7.0 / (float(measured.attrs["mass_kg"]) * WEIGHT_N)
    assert value(table, "profile") == pytest.approx(percent)
    assert value(table, "peak") == pytest.approx(percent)
    assert value(table, "crps") == pytest.approx(percent)
    assert value(table, "coverage") == 0.0


def test_the_width_of_intervals_is_that_of_the_draws_times_the_factor(measured):
    plain = judge_completion(draws_about(measured, 5.0), measured)
    wide = judge_completion(draws_about(measured, 5.0), measured, factors={"y": 2.0})
    expected = 2 * 1.6449 * 5.0 / (float(measured.attrs["mass_kg"]) * WEIGHT_N)
    assert value(plain, "width") == pytest.approx(expected, rel=0.06)
    assert value(wide, "width") == pytest.approx(2 * value(plain, "width"))
    assert value(wide, "width", "x") == pytest.approx(value(plain, "width", "x"))


def test_a_displaced_center_of_pressure_is_told_in_millimeters(measured):
    completed = draws_about(measured, 0.0)
    completed["center_of_pressure"] = completed["center_of_pressure"] + xr.DataArray(
        [0.01, 0.0, -0.02], dims="axis", coords={"axis": ["x", "y", "z"]}
    )
    table = judge_completion(completed, measured)
    assert value(table, "pressure", "x") == pytest.approx(10.0)
    assert value(table, "pressure", "z") == pytest.approx(20.0)


def test_a_single_draw_scores_its_absolute_error():
    assert ranked_probability_score(np.array([[1.0, 4.0]]), np.array([2.0, 2.0])).tolist() == [1.0, 2.0]


def test_the_score_of_a_normal_forecast_is_the_closed_form():
    """At its mean a standard normal forecast scores (sqrt 2 - 1) / sqrt pi."""
    draws = np.random.default_rng(0).standard_normal((20_000, 1))
    score = ranked_probability_score(draws, np.zeros(1))
    assert float(score[0]) == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), abs=0.005)


def test_the_score_is_the_same_in_any_order_of_the_draws():
    rng = np.random.default_rng(0)
    draws, truth = rng.standard_normal((30, 5)), rng.standard_normal(5)
    np.testing.assert_allclose(
        ranked_probability_score(draws, truth), ranked_probability_score(draws[::-1], truth)
    )


def test_widening_keeps_the_mean():
    draws = np.random.default_rng(0).standard_normal((10, 4))
    np.testing.assert_allclose(widened(draws, 3.0).mean(axis=0), draws.mean(axis=0))
    np.testing.assert_allclose(widened(draws, 3.0).std(axis=0), 3.0 * draws.std(axis=0))
