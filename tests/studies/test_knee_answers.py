import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.figures.agreement import plot_agreement
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies import knee_answers
from gaitbook.studies.change_effects import CALIBRATION
from gaitbook.studies.knee_answers import (
    CONDITIONS,
    FEATURES,
    FIRST_PEAK,
    NEEDED,
    agreement_points,
    compare_ways,
    error_ratio,
    forecast,
    in_percent,
    own_features,
    response_table,
    unseen_strides,
)
from gaitbook.studies.known_changes import modifications
from gaitbook.studies.stride_measures import UNITS
from tests.studies.stub_walkers import still_model, walker

IMPULSE = "knee_adduction_impulse"
SUBJECTS = ("a", "b", "c", "d")
WIDTHS = {FIRST_PEAK: [0.4, 2.0]}


def errors(*, wrong=1.0, quantities=(FIRST_PEAK, IMPULSE), size=1.0):
    """People asked for everything; what is foretold is wrong by a share that grows from one to the next."""
    rows = []
    for place, subject in enumerate(SUBJECTS, start=1):
        for change in modifications():
            for quantity in quantities:
                told = {
                    "own": 10.0 * place,
                    "true": 1.0,
                    "predicted": 1.0 + wrong * place,
                    "deviation": 0.3,
                    "size": size,
                }
                asked = {"change": change.label, "kind": change.kind, "origin": "simulated", "gait": "walk"}
                rows.append({"subject": subject, "quantity": quantity, **asked, **told})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("size", "half"), [(1.0, 2.0 * 0.5), (2.0, 2.0 * np.hypot(0.3, 0.8)), (0.0, 0.6)])
def test_points_have_the_half_widths_of_the_calibration(size, half):
    table = errors(quantities=(FIRST_PEAK,), size=size)
    points = agreement_points(
        table, {CALIBRATION: dict.fromkeys(("simulated/walk/trunk lean", "simulated/walk/toe-in"), WIDTHS)}
    )
    assert points["predicted"].tolist() == table["predicted"].tolist()
    assert (points["high"] - points["predicted"]).to_numpy() == pytest.approx(half)
    assert (points["predicted"] - points["low"]).to_numpy() == pytest.approx(half)
    assert points["group"].tolist() == table["kind"].tolist()
    assert set(points["unit"]) == {UNITS[FIRST_PEAK]}


def test_points_of_numbers_without_calibration_have_no_interval():
    points = agreement_points(errors(), {CALIBRATION: {"simulated/walk/trunk lean": WIDTHS}})
    lacking = points[points["quantity"] == IMPULSE]
    assert lacking[["low", "high"]].isna().all(axis=None)
    assert points.loc[points["quantity"] == FIRST_PEAK, ["low", "high"]].notna().all(axis=None)


def test_the_figure_of_agreement_takes_the_points():
    points = agreement_points(errors(), {CALIBRATION: {"simulated/walk/trunk lean": WIDTHS}})
    assert plot_agreement(points).figure is not None


def test_responses_are_of_single_doses_in_the_unit_of_their_condition():
    table = response_table(errors(quantities=(FIRST_PEAK,)))
    assert list(table) == ["subject", "quantity", "own", "value", "condition", "dose"]
    doses = table[table["subject"] == "a"].groupby("condition")["dose"].apply(sorted).to_dict()
    assert doses == {
        "trunk lean (°)": [5.0, 10.0, 15.0],
        "toe-out (°)": [-10.0, -5.0, 5.0, 10.0],
        "step width (cm)": [-5.0, 5.0, 10.0],
        "medial thrust (°)": [6.0, 12.0],
        "stride length (%)": [-10.0, 10.0],
    }
    assert set(doses) == {name for name, _ in CONDITIONS.values()}
    assert table.loc[table["subject"] == "c", "value"].tolist() == [4.0] * 14


def test_requests_that_are_not_asked_of_everybody_are_no_responses():
    asked = errors(quantities=(FIRST_PEAK,)).assign(change=GaitChange(trunk_lean_rad=0.123456).label)
    assert response_table(asked.assign(change="trunk lean 7 deg")).empty


def test_responses_in_percent_are_those_of_the_own():
    table = response_table(errors(quantities=(FIRST_PEAK,)))
    percent = in_percent(table)
    assert percent["value"].tolist() == pytest.approx((100.0 * table["value"] / table["own"]).tolist())
    assert percent.drop(columns="value").equals(table.drop(columns="value"))


def test_features_are_the_own_numbers_of_each_person():
    features = own_features(errors(quantities=("cadence", FIRST_PEAK, IMPULSE)))
    assert set(features) == {"subject", "cadence", FIRST_PEAK} <= {"subject", *FEATURES}
    assert features["subject"].tolist() == list(SUBJECTS)
    assert features["cadence"].tolist() == [10.0, 20.0, 30.0, 40.0]


def test_ways_are_compared_by_mean_absolute_errors_over_people():
    table = compare_ways({"good": errors(wrong=-0.5), "bad": errors(wrong=2.0)})
    assert list(table) == ["quantity", "way", "value", "low", "high", "unit", "n"]
    means = table.set_index(["quantity", "way"])
    for quantity in (FIRST_PEAK, IMPULSE):
        assert means.loc[(quantity, "good"), "value"] == pytest.approx(0.5 * 2.5)
        assert means.loc[(quantity, "bad"), "value"] == pytest.approx(2.0 * 2.5)
        assert means.loc[(quantity, "bad"), "unit"] == UNITS[quantity]
    assert set(table["n"]) == {len(SUBJECTS)}
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()


def test_a_way_against_itself_is_one_for_sure():
    ratio = error_ratio(errors(), errors(), (FIRST_PEAK, IMPULSE))
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((1.0, 1.0, 1.0))
    assert (ratio.n, ratio.level, ratio.unit) == (len(SUBJECTS), 0.95, "")


def test_errors_half_as_large_for_everybody_are_half_for_sure():
    ratio = error_ratio(errors(wrong=0.5), errors(), (FIRST_PEAK, IMPULSE))
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.5, 0.5, 0.5))


def test_where_people_differ_the_ratio_has_an_interval_around_it():
    one = errors()
    one.loc[one["subject"].isin(["a", "d"]), "predicted"] -= 1.0
    ratio = error_ratio(one, errors(), (FIRST_PEAK,))
    assert ratio.value == pytest.approx((0.0 + 2.0 + 3.0 + 3.0) / 10.0)
    assert ratio.low < ratio.value < ratio.high <= 1.0
    assert ratio == error_ratio(one, errors(), (FIRST_PEAK,))


TRIED, TRAINED = "person-0001", "person-0900"
"""Kept for tests, and learned from."""


@pytest.fixture
def cohort(monkeypatch):
    """Trials without numbers, whose stride is their own facts."""
    trials = [
        trial(TRAINED, "one"),
        trial(TRIED, "none", lacking=NEEDED[0]),
        trial(TRIED, "short"),
        trial(TRIED, "one"),
        trial(TRIED, "two"),
        trial("person-0002", "one"),
        trial("person-0003", "one"),
    ]

    def measured(whole):
        if whole.attrs["trial"] == "short":
            raise ValueError("No whole stride is in it.")
        return xr.Dataset(attrs=whole.attrs), None

    monkeypatch.setattr(knee_answers, "iterate_trials", lambda _: iter(trials))
    monkeypatch.setattr(knee_answers, "measured_stride", measured)
    return xr.DataTree(xr.Dataset(attrs={"name": "seen"}))


def trial(subject, name, *, lacking=""):
    told = {"source": "made", "subject": subject, "trial": name}
    return xr.Dataset({each: 0.0 for each in NEEDED if each != lacking}, attrs=told)


def places(found):
    return [(stride.attrs["subject"], stride.attrs["trial"]) for stride, _ in found]


def test_of_a_cohort_that_was_learned_from_only_people_for_tests_are_new(cohort):
    found = places(unseen_strides(cohort, still_model(cohorts=["seen"])))
    assert found == [(TRIED, "one"), ("person-0002", "one"), ("person-0003", "one")]


def test_of_any_other_cohort_everybody_is_new(cohort):
    found = places(unseen_strides(cohort, still_model(cohorts=["another"])))
    assert found == [(TRAINED, "one"), (TRIED, "one"), ("person-0002", "one")]
    assert places(unseen_strides(cohort, still_model())) == found


def test_no_more_people_are_taken_than_wanted(cohort):
    assert places(unseen_strides(cohort, still_model(), people=1)) == [(TRAINED, "one")]


def test_trials_without_force_or_a_whole_stride_are_left_out_with_the_reason(cohort):
    exclusions = []
    unseen_strides(cohort, still_model(), exclusions=exclusions)
    assert [(each.item.rsplit("/", 1)[-1], each.reason) for each in exclusions] == [
        ("none", f"no {NEEDED[0]}"),
        ("short", "No whole stride is in it."),
    ]


FORECAST = [
    "subject",
    "speed_mps",
    "change",
    "own",
    "difference",
    "difference_low",
    "difference_high",
    "probability_lower",
    "warning",
]


def test_a_forecast_for_nobody_is_an_empty_table_with_its_columns():
    table = forecast([], [GaitChange()], still_model())
    assert table.empty
    assert list(table) == FORECAST


def test_a_forecast_tells_every_request_of_everybody():
    changes = [GaitChange(trunk_lean_rad=0.1), GaitChange(toe_out_rad=0.1)]
    table = forecast([walker(), walker()], changes, still_model(), draws=2)
    assert list(table) == FORECAST
    assert table["change"].tolist() == [change.label for change in changes] * 2
    assert set(table["subject"]) == {walker()[0].attrs["subject"]}
    assert table["difference"].to_numpy() == pytest.approx(np.zeros(4), abs=1e-4)
