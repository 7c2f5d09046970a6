import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.published_targets import judge, load_targets, within


def people(values, **labels):
    """One row per person."""
    table = pd.DataFrame({"subject": [f"p{number}" for number in range(len(values))], "value": values})
    defaults = {"quantity": "height", "gait": "walk", "speed_mps": 1.3, "sex": "female", "age_year": 40.0}
    return table.assign(**{**defaults, **labels})


def target(**changes):
    usual = {"quantity": "height", "gait": "walk", "speed_mps": 1.3, "low": 1.0, "high": 2.0}
    return {**usual, "unit": "m", "source": "somebody", **changes}


def one(measured, **changes):
    return judge(measured, [target(**changes)]).iloc[0]


def test_every_target_has_a_range_a_unit_and_a_source():
    for row in load_targets():
        assert row["source"], row
        assert row["unit"], row
        assert (row["low"], row["high"]) != (None, None), row
        assert None in (row["low"], row["high"]) or row["low"] <= row["high"], row
        assert row["gait"] in ("walk", "run")
        assert row.get("statistic", "mean") in ("mean", "sd", "slope", "age", "sex")


def test_the_mean_over_people_is_judged_with_its_interval():
    row = one(people([1.4, 1.6]))
    assert (row["value"], row["n"]) == (pytest.approx(1.5), 2)
    assert row["value_low"] < 1.4
    assert row["value_high"] > 1.6
    assert row["met"]
    assert not one(people([2.4, 2.6]))["met"]


def test_what_was_not_measured_is_missed():
    row = one(people([1.5], quantity="width"))
    assert np.isnan(row["value"])
    assert not row["met"]


def test_other_speeds_and_conditions_do_not_count():
    table = pd.concat(
        [people([1.5, 1.5], condition=""), people([9.0], speed_mps=2.0), people([9.0], condition="toe-in")]
    )
    assert one(table)["value"] == pytest.approx(1.5)


def test_a_slope_is_each_persons_own():
    slow, fast = people([1.0, 2.0], speed_mps=1.0), people([2.0, 3.0], speed_mps=2.0)
    row = one(pd.concat([slow, fast]), speeds_mps=[1.0, 2.0], statistic="slope")
    assert row["value"] == pytest.approx(1.0)
    assert row["speed_mps"] == "1 to 2"


def test_a_slope_needs_two_speeds():
    assert np.isnan(one(people([1.0, 2.0]), speeds_mps=[1.0, 2.0], statistic="slope")["value"])


def test_spread_age_and_sex():
    rng = np.random.default_rng(0)
    age = np.linspace(30.0, 70.0, 41)
    values = 0.05 * age + 0.001 * rng.standard_normal(41)
    table = people(values, age_year=age)
    assert one(table, statistic="age")["value"] == pytest.approx(2.0, abs=0.01)
    assert one(table, statistic="sd")["value"] == pytest.approx(values.std(ddof=1))
    sexes = np.where(np.arange(41) % 2, "female", "male")
    both = people(np.where(sexes == "female", 3.0, 1.0) + 0.01 * rng.standard_normal(41), sex=sexes)
    row = one(both, statistic="sex")
    assert row["value"] == pytest.approx(2.0, abs=0.02)
    assert row["value_low"] < row["value"] < row["value_high"]


def test_too_few_people_show_no_spread():
    assert np.isnan(one(people([1.0, 2.0]), statistic="sd")["value"])


def test_an_unknown_statistic_is_refused():
    with pytest.raises(ValueError, match="no statistic 'mode'; choose mean, sd, slope, age or sex"):
        one(people([1.0, 2.0, 3.0]), statistic="mode")


@pytest.mark.parametrize(
    ("value", "low", "high", "inside"),
    [(1.0, None, 2.0, True), (3.0, None, 2.0, False), (1.0, 1.0, None, True), (np.nan, None, None, False)],
)
def test_a_range_may_be_open(value, low, high, inside):
    assert within(value, low, high) is inside
