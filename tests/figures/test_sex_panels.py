"""Tables by sex: what cannot be drawn is refused in one message, the sexes have their order and their looks."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from gaitbook.figures.sex_panels import (
    SEX_LOOKS,
    check_table,
    name_rows,
    order_sexes,
    own_words,
    spread_evenly,
)

COLUMNS = ("target", "sex", "share")


def check(table):
    check_table(table, COLUMNS, "the figure", keys=("target", "sex"), shares=("share",))


def table(**changed):
    return pd.DataFrame(
        {"target": ["age", "age"], "sex": ["female", "male"], "share": [0.2, None], **changed}
    )


def test_a_table_that_can_be_drawn_passes():
    check(table())


def test_all_faults_are_told_in_one_message():
    wrong = table(sex=["F", "F"], share=[95.0, 0.5])
    with pytest.raises(ValueError, match=r"the figure: .*") as told:
        check(wrong)
    words = str(told.value)
    assert "the column sex has F: write female or male or pooled" in words
    assert "1 row(s) repeat a target and sex: keep one of each" in words
    assert "share lies outside 0 to 1 in 1 row(s): give shares, not percent" in words


def test_missing_columns_and_missing_rows_are_told():
    with pytest.raises(ValueError, match=r"lacks the column\(s\) share"):
        check(table().drop(columns="share"))
    with pytest.raises(ValueError, match="has no row"):
        check(table().iloc[:0])


def test_women_come_first_and_both_together_last():
    assert list(order_sexes(pd.Series(["pooled", "male", "female"])).values()) == [
        "women",
        "men",
        "women and men together",
    ]


def test_no_two_sexes_share_a_color_or_a_marker():
    assert len({look.color for look in SEX_LOOKS.values()}) == len(SEX_LOOKS)
    assert len({look.marker for look in SEX_LOOKS.values()}) == len(SEX_LOOKS)


def test_names_become_words():
    assert own_words("bmi") == "Body mass index"
    assert own_words("blood_lipids") == "Blood lipids"


def test_rows_run_from_top_to_bottom_with_lines_between():
    panel = Figure().subplots()
    name_rows(panel, ["first", "second", "third"])
    assert panel.get_ylim() == (2.5, -0.5)
    assert [text.get_text() for text in panel.get_yticklabels()] == ["first", "second", "third"]
    assert [line.get_ydata()[0] for line in panel.lines] == [0.5, 1.5]


def test_offsets_are_even_and_have_their_middle_at_zero():
    assert spread_evenly(1, 0.4).tolist() == [0.0]
    assert spread_evenly(4, 0.6).sum() == pytest.approx(0.0)
