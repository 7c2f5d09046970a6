import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.retest import (
    intraclass_correlations,
    retest_table,
    summarize_retest,
)

JUDGES = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
"""Shrout and Fleiss (1979), table 2: six targets rated by four judges."""


def draw_sessions(people=2000, *, between=2.0, within=1.0, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    true = between * rng.standard_normal((people, 1))
    index = [f"p{number}" for number in range(people)]
    first, second = (
        pd.DataFrame(true + within * rng.standard_normal((people, 1)), index, ["number"]) for _ in range(2)
    )
    return first, second + shift


def test_the_example_of_shrout_and_fleiss():
    row = intraclass_correlations(JUDGES[:, :, None]).iloc[0]
    assert row["agreement"] == pytest.approx(0.29, abs=0.005)
    assert row["consistency"] == pytest.approx(0.71, abs=0.006)
    assert row[["agreement_low", "agreement_high"]].tolist() == pytest.approx([0.02, 0.76], abs=0.005)
    assert row[["consistency_low", "consistency_high"]].tolist() == pytest.approx([0.34, 0.95], abs=0.005)


def test_reliability_is_the_share_of_variance_between_people():
    table = retest_table(*draw_sessions(between=2.0, within=1.0))
    row = table.loc["number"]
    assert row["agreement"] == pytest.approx(0.8, abs=0.03)
    assert row["consistency"] == pytest.approx(0.8, abs=0.03)
    assert row["standard_error"] == pytest.approx(1.0, rel=0.05)
    assert row["smallest_change"] == pytest.approx(1.96 * np.sqrt(2), rel=0.05)
    assert row[["limits_low", "limits_high"]].tolist() == pytest.approx(
        [-1.96 * np.sqrt(2), 1.96 * np.sqrt(2)], rel=0.08
    )


def test_a_shift_harms_agreement_but_not_consistency():
    row = retest_table(*draw_sessions(between=2.0, within=1.0, shift=2.0)).loc["number"]
    # the variance of two sessions two apart is 2
    assert row["agreement"] == pytest.approx(4 / (4 + 2 + 1), abs=0.03)
    assert row["consistency"] == pytest.approx(0.8, abs=0.03)
    assert row["shift"] == pytest.approx(2.0, abs=0.1)
    assert row["standard_error"] == pytest.approx(np.sqrt(3.0), rel=0.05)


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    values = 2.0 * rng.standard_normal((30, 1, 600)) + rng.standard_normal((30, 2, 600))
    table = intraclass_correlations(values)
    names = ("agreement", "consistency")
    held = np.stack(
        [(table[f"{name}_low"] <= 0.8) & (table[f"{name}_high"] >= 0.8) for name in names], axis=1
    )
    np.testing.assert_allclose(np.mean(held, axis=0), 0.95, atol=0.025)


def test_the_same_number_again_is_perfect_and_a_constant_says_nothing():
    values = pd.DataFrame({"same": np.arange(10.0), "constant": 1.0}, [f"p{k}" for k in range(10)])
    table = retest_table(values, values)
    same = table.loc["same", ["agreement", "agreement_low", "consistency_high"]]
    assert same.tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert table.loc["same", "standard_error"] == 0.0
    assert np.isnan(table.loc["constant", "agreement"])
    summary = summarize_retest(table)
    assert summary["median"] == 1.0
    assert summary["features"] == 1


def test_people_who_lack_a_session_or_a_number_are_counted():
    first, second = draw_sessions(30)
    second.iloc[3] = np.nan
    exclusions = []
    table = retest_table(first, second.drop(index="p7"), exclusions=exclusions)
    assert table.loc["number", "n"] == 28
    assert [str(each) for each in exclusions] == [
        "p7: has one session only",
        "p3: lacks a number in a session",
    ]


def test_sessions_that_cannot_be_compared_are_refused_with_all_faults():
    first, second = draw_sessions(10)
    twice = pd.concat([first, first.iloc[:2]])
    with pytest.raises(
        ValueError, match=r"2 features are in one session only.*2 rows of the first session repeat"
    ):
        retest_table(twice, second.rename(columns={"number": "other"}))
    with pytest.raises(ValueError, match=r"3 people have all sessions.*1 session is no.*1 people have gaps"):
        intraclass_correlations(np.array([[[1.0]], [[np.nan]], [[2.0]]]))
