import math

import numpy as np
import pandas as pd
import pytest

from gaitbook.representation.gait_change import UNIT_DOSES, GaitChange
from gaitbook.representation.stride_numbers import SMALL
from gaitbook.studies.change_calibration import (
    ERROR_COLUMNS,
    calibrate_widths,
    change_errors,
    conformal_width,
    covered,
    with_calibration,
)
from gaitbook.studies.change_effects import CALIBRATION, Width, widths_of
from gaitbook.studies.changed_strides import change_stride
from gaitbook.studies.stride_measures import MEDIAL, UNITS
from tests.studies.stub_walkers import linear_model, still_model, walker

LEAN = GaitChange(trunk_lean_rad=UNIT_DOSES["trunk_lean_rad"])
BENT = GaitChange(toe_out_rad=UNIT_DOSES["toe_out_rad"])
"""Is answered by ten small differences of the right knee angle."""
ONES = pd.Series(np.ones(19))
PEAK, IMPULSE = "knee_adduction_first_peak", "knee_adduction_impulse"


def people(count, rng, *, too_sure=3.0):
    """Errors as they come where draws are narrower than errors by a factor, and not equally so for everybody.

    Errors, deviations, and sizes of the requests, with which errors and deviations grow.
    """
    size = 0.2 + rng.random(count)
    deviation = size * np.exp(0.5 * rng.standard_normal(count))
    return too_sure * deviation * rng.standard_normal(count), deviation, size


def share_within(width, errors, deviations, sizes):
    return np.mean(np.abs(errors) <= width.factor * np.hypot(deviations, width.floor * sizes))


def table(*parts):
    """Errors with one quantity per person in a part: (origin, gait, kind, quantity, predicted, true, deviation)."""
    columns = ["origin", "gait", "kind", "quantity", "predicted", "true", "deviation"]
    facts = {"subject": "A", "change": "some", "size": 1.0, "own": 1.0, "true_own": 1.0}
    return pd.DataFrame(parts, columns=columns).assign(**facts)[list(ERROR_COLUMNS)]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_intervals_hold_their_level_on_new_people(level):
    rng = np.random.default_rng(0)
    width = conformal_width(*map(pd.Series, people(4000, rng)), level=level)
    assert share_within(width, *people(40_000, rng)) == pytest.approx(level, abs=0.02)


def test_they_hold_it_on_average_after_few_people_too():
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(400):
        width = conformal_width(*map(pd.Series, people(19, rng)), level=0.9)
        shares.append(share_within(width, *people(50, rng)))
    assert np.mean(shares) == pytest.approx(0.9, abs=0.015)


def test_the_floor_is_the_median_error_for_a_request_of_size_one():
    width = conformal_width(*map(pd.Series, ([0.0, -1.0, 4.0], [5.0, 1.0, 3.0], [1.0, 0.5, 2.0])))
    assert width.floor == 2.0


def test_small_and_large_requests_are_covered_alike():
    rng = np.random.default_rng(4)
    width = conformal_width(*map(pd.Series, people(4000, rng)), level=0.9)
    errors, deviations, sizes = people(40_000, rng)
    for low, high in ((0.2, 0.5), (0.9, 1.2)):
        some = (sizes >= low) & (sizes < high)
        assert share_within(width, errors[some], deviations[some], sizes[some]) == pytest.approx(
            0.9, abs=0.02
        )


def test_with_few_errors_the_largest_counts():
    errors, deviations = pd.Series([1.0, -5.0, 2.0]), pd.Series([3.0, 4.0, 4.0])
    assert conformal_width(errors, deviations, ONES[:3]).factor == pytest.approx(5.0 / math.hypot(4.0, 2.0))


def test_of_nineteen_errors_the_eighteenth_counts():
    errors = pd.Series(np.arange(1.0, 20.0))
    width = conformal_width(errors, ONES, ONES, level=0.9)
    assert width.factor == pytest.approx(18.0 / math.hypot(1.0, 10.0))


def test_draws_that_always_agree_are_no_division_by_zero():
    width = conformal_width(pd.Series([0.0, 0.0]), pd.Series([0.0, 0.0]), ONES[:2])
    assert width == Width(0.0, 0.0)


def test_in_another_unit_the_width_is_the_same():
    errors, deviations, sizes = map(pd.Series, people(100, np.random.default_rng(2)))
    once, twice = (conformal_width(unit * errors, unit * deviations, sizes) for unit in (1.0, 2.0))
    assert (twice.floor, twice.factor) == pytest.approx((2.0 * once.floor, once.factor))


def test_widths_are_kept_by_origin_gait_and_kind_of_request():
    errors = table(
        ("simulated", "walk", "speed", PEAK, 1.0, 0.0, 0.5),
        ("simulated", "walk", "speed", IMPULSE, 3.0, 1.0, 2.0),
        ("simulated", "run", "speed", PEAK, 1.0, 0.0, 1.0),
        ("simulated", "run", "speed", MEDIAL, np.nan, np.nan, np.nan),
        ("recorded", "run", "speed", PEAK, 1.0, 4.0, 1.0),
    )
    widths = calibrate_widths(errors)
    assert set(widths) == {"simulated/walk/speed", "simulated/run/speed", "recorded/run/speed"}
    assert set(widths["simulated/walk/speed"]) == {PEAK, IMPULSE}
    assert set(widths["simulated/run/speed"]) == {PEAK}
    assert widths["simulated/walk/speed"][IMPULSE] == [2.0, pytest.approx(2.0 / math.sqrt(8.0), rel=1e-3)]
    assert widths["recorded/run/speed"][PEAK] == [3.0, pytest.approx(3.0 / math.hypot(1.0, 3.0), rel=1e-3)]


def test_widths_are_told_with_four_digits():
    errors = table(("simulated", "walk", "speed", PEAK, math.pi, 0.0, math.pi))
    floor, factor = calibrate_widths(errors)["simulated/walk/speed"][PEAK]
    assert floor == 3.142
    assert factor == float(f"{1.0 / math.sqrt(2.0):.4g}")


def test_a_model_keeps_its_widths_and_those_it_had():
    earlier = {"recorded/run/speed": {PEAK: [9.0, 9.0]}, "simulated/walk/speed": {PEAK: [9.0, 9.0]}}
    model = still_model(**{CALIBRATION: earlier})
    errors = table(("simulated", "walk", "speed", PEAK, 1.0, 0.0, 1.0))
    calibrated = with_calibration(model, errors)
    assert widths_of(calibrated.card, "simulated", "walk", "speed")[PEAK].floor == 1.0
    assert widths_of(calibrated.card, "recorded", "run", "speed")[PEAK].floor == 9.0
    assert calibrated.card["limits"] == model.card["limits"]
    assert model.card[CALIBRATION] == earlier


def test_errors_are_covered_up_to_the_edge_of_their_interval():
    errors = table(
        ("simulated", "walk", "speed", PEAK, 5.0, 0.0, 3.0),
        ("simulated", "walk", "speed", PEAK, 5.1, 0.0, 3.0),
        ("simulated", "walk", "speed", IMPULSE, 0.0, 2.0, 0.0),
    )
    widths = {PEAK: Width(4.0, 1.0), IMPULSE: Width(1.0, 2.0)}
    assert covered(errors, widths).tolist() == [True, False, True]


def test_calibrated_intervals_cover_the_people_they_were_made_of():
    rng = np.random.default_rng(3)
    rows = [
        ("simulated", "walk", "speed", PEAK, e, 0.0, d) for e, d, _ in zip(*people(200, rng), strict=True)
    ]
    errors = table(*rows)
    widths = {name: Width(*pair) for name, pair in calibrate_widths(errors)["simulated/walk/speed"].items()}
    assert covered(errors, widths).mean() == pytest.approx(0.905, abs=0.006)


def test_who_changes_as_predicted_leaves_no_error():
    stride, body = walker()
    model = linear_model()
    answer = change_stride(stride, BENT, model, draws=1).isel(draw=0, drop=True)
    answer = answer.assign_attrs(period_s=float(answer["period_s"])).drop_vars("period_s")
    errors = change_errors(stride, body, stride, [(BENT, answer)], model, draws=3)
    np.testing.assert_allclose(errors["predicted"], errors["true"], atol=1e-3)
    np.testing.assert_allclose(errors["deviation"], 0.0, atol=1e-9)
    flexion = errors.set_index("quantity").loc["peak_knee_flexion", "true"]
    assert flexion == pytest.approx(np.rad2deg(10.0 * SMALL["angle"]) / 2.0, rel=1e-3)


def test_a_change_is_counted_from_the_own_stride_as_it_is():
    stride, body = walker()
    true_own = stride.assign(joint_angle=stride["joint_angle"] + 0.1)
    errors = change_errors(stride, body, true_own, [(GaitChange(), true_own)], still_model(), draws=2)
    assert errors["true"].to_numpy() == pytest.approx(0.0)
    assert errors["predicted"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    flexion = errors.set_index("quantity").loc["peak_knee_flexion"]
    assert flexion["true_own"] - flexion["own"] == pytest.approx(np.rad2deg(0.1), rel=1e-3)


def test_errors_tell_who_was_asked_what():
    stride, body = walker()
    asked = [(LEAN, stride), (GaitChange(speed_mps=1.6), stride)]
    errors = change_errors(stride, body, stride, asked, still_model(), draws=2)
    assert list(errors.columns) == list(ERROR_COLUMNS)
    assert errors["quantity"].tolist() == [*UNITS, *UNITS]
    assert errors["kind"].unique().tolist() == ["trunk lean", "speed"]
    assert errors["change"].unique().tolist() == [change.label for change, _ in asked]
    for name, told in {"subject": stride.attrs["subject"], "origin": "simulated", "gait": "walk"}.items():
        assert errors[name].unique().tolist() == [told]
