import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitbook.studies.uncertainty import (
    Estimate,
    mean_by_method,
    mean_over_subjects,
    pick_estimate,
    summarize,
)


def test_interval_agrees_with_an_independent_implementation():
    values = np.random.default_rng(0).normal(7.0, 2.0, 20)
    ours = mean_over_subjects(values)
    reference = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((reference.low, reference.high))


@pytest.mark.parametrize("people", [5, 12, 20])
@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_95_percent_intervals_cover_the_truth(people, shape):
    """Errors of people are skewed to the right: the interval must survive that, too."""
    rng = np.random.default_rng(1)
    draw = rng.normal if shape == "normal" else lambda _, __, size: rng.gamma(4.0, 0.5, size)
    hits = [
        interval.low <= 2.0 <= interval.high
        for interval in (mean_over_subjects(draw(2.0, 1.0, people)) for _ in range(2000))
    ]
    assert 0.92 <= np.mean(hits) <= 0.965


def test_one_person_says_nothing_about_others():
    estimate = mean_over_subjects([3.0], unit="%BW")
    assert (estimate.value, estimate.n) == (3.0, 1)
    assert np.isinf([estimate.low, estimate.high]).all()


def test_missing_people_are_left_out():
    assert mean_over_subjects([1.0, np.nan, 3.0]).n == 2


def test_steps_of_one_person_count_as_one():
    table = pd.DataFrame(
        {"subject": ["a"] * 50 + ["b", "c"], "value": [1.0] * 50 + [2.0, 3.0], "method": "CNN"}
    )
    row = summarize(table, ["method"], unit="%BW").iloc[0]
    assert (row["value"], row["n"], row["unit"]) == (2.0, 3, "%BW")


def test_an_estimate_reads_as_a_sentence():
    assert str(Estimate(7.123, 6.5, 7.71, "%BW", 20)) == "7.12 (6.5 to 7.71) %BW"


def test_means_by_method_are_estimates_by_name():
    table = pd.DataFrame(
        {"subject": list("ab") * 2, "method": ["ridge"] * 2 + ["CNN"] * 2, "value": [1.0, 3.0, 5.0, 5.0]}
    )
    means = mean_by_method(table, unit="%BW")
    assert (means["ridge"].value, means["ridge"].n, means["CNN"].low) == (2.0, 2, 5.0)


def test_one_row_of_a_summary_is_picked_as_an_estimate():
    table = pd.DataFrame(
        {"subject": ["a", "b", "a", "b"], "method": ["x", "x", "y", "y"], "value": [1.0, 3.0, 5.0, 7.0]}
    )
    picked = pick_estimate(summarize(table, ["method"], unit="%BW"), method="x")
    assert (picked.value, picked.n, picked.unit) == (2.0, 2, "%BW")
    with pytest.raises(KeyError, match="0 rows have method 'z', expected one"):
        pick_estimate(summarize(table, ["method"]), method="z")
