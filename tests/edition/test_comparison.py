import numpy as np
import pandas as pd
import pytest

from gaitbook.edition.comparison import compare_tables

FROZEN = pd.DataFrame({"name": ["newton", "cnn"], "error": [25.0, 7.1], "n": [20, 20], "note": ["a", np.nan]})


def judge(found, tolerances=None):
    return compare_tables(FROZEN, found, tolerances or {}, study="01", figure="errors")


def test_an_equal_table_is_reproduced():
    verdict = judge(FROZEN.copy())
    assert (verdict.outcome, verdict.deviation, verdict.reason) == ("reproduced", 0.0, "")


def test_one_number_changed_by_five_percent_is_caught_with_figure_column_and_row():
    found = FROZEN.assign(error=[25.0, 7.1 * 1.05])
    verdict = judge(found)
    assert verdict.outcome == "drifted"
    assert verdict.reason == "figure errors, column error, row 1 (cnn): expected 7.1, found 7.455"
    assert verdict.deviation == pytest.approx(5, rel=1e-3)


def test_a_deviation_within_the_tolerance_is_reproduced_and_reported_as_its_share():
    verdict = judge(FROZEN.assign(error=[25.1, 7.1]))
    assert verdict.outcome == "reproduced"
    assert verdict.column == "error"
    assert verdict.deviation == pytest.approx(0.4, rel=1e-3)


@pytest.mark.parametrize(
    "tolerances",
    [{"error": {"rtol": 0.1}}, {"default": {"rtol": 0.1}}, {"cnn": {"rtol": 0.1}}, {"error": {"atol": 1}}],
)
def test_tolerances_hold_by_column_by_row_or_for_all(tolerances):
    assert judge(FROZEN.assign(error=[25.0, 7.1 * 1.05]), tolerances).outcome == "reproduced"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (FROZEN.drop(columns="error"), "column error is gone"),
        (FROZEN.assign(other=1), "column other is new"),
        (FROZEN.iloc[:1], "expected 2 rows, found 1"),
        (FROZEN.assign(note=["a", "b"]), "column note, row 1 (cnn): expected nan, found b"),
        (FROZEN.assign(error=[25.0, np.nan]), "expected 7.1, found nan"),
        (FROZEN.assign(n=["20", "x"]), "column n, row 1 (cnn): expected 20, found x"),
    ],
)
def test_a_table_of_another_form_has_drifted(found, reason):
    verdict = judge(found)
    assert verdict.outcome == "drifted"
    assert reason in verdict.reason


def test_missing_equals_missing_and_an_empty_table_is_reproduced():
    frame = pd.DataFrame({"x": [np.nan, 1.0]})
    assert compare_tables(frame, frame, {}, study="01", figure="f").outcome == "reproduced"
    assert compare_tables(frame[:0], frame[:0], {}, study="01", figure="f").outcome == "reproduced"
