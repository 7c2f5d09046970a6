"""Tables for a page: intervals beside their estimates, units in the head."""

import math

import numpy as np
import pandas as pd

from gaitbook.figures.tables import style_table
from tests.figures.tables_of_numbers import error_table


def test_an_estimate_and_its_interval_share_a_cell():
    html = style_table(error_table())
    assert "8.00 <small>[7.00, 9.00]</small>" in html
    assert "Estimate <small>[95 % interval]</small>" in html
    assert ">Low<" not in html


def test_every_row_is_there_and_as_wide_as_the_head():
    table = error_table()
    html = style_table(table)
    assert html.count("<tr>") == len(table) + 1
    assert html.count("<td") == len(table) * (len(table.columns) - 2)


def test_units_move_to_the_head_and_numbers_to_the_right():
    html = style_table(pd.DataFrame({"body_mass_kg": [70.5], "subject": ["A"]}))
    assert "Body mass (kg)" in html
    assert '<td class="number">70.5</td><td>A</td>' in html


def test_missing_numbers_are_dashes_and_signs_are_real():
    html = style_table(pd.DataFrame({"force_n": [-1.5, np.nan], "count": [1234, -2], "kept": [True, False]}))
    assert "\N{MINUS SIGN}1.5<" in html
    assert ">–<" in html
    assert "1,234" in html
    assert "\N{MINUS SIGN}2" in html
    assert ">yes<" in html
    assert "nan" not in html


def test_an_interval_of_one_person_says_so():
    html = style_table(pd.DataFrame({"value": [7.0], "low": [-math.inf], "high": [math.inf]}))
    assert "inf" not in html
    assert "7.00 <small>[\N{MINUS SIGN}∞, ∞]</small>" in html


def test_words_cannot_break_the_page():
    html = style_table(pd.DataFrame({"reason": ["<script>"]}), caption='Left "out" & why')
    assert "<script>" not in html
    assert "<caption>Left &quot;out&quot; &amp; why</caption>" in html


def test_a_table_without_rows_has_its_head_and_says_so():
    html = style_table(pd.DataFrame({"reason": pd.Series(dtype=str), "count": pd.Series(dtype=int)}))
    assert "Reason" in html
    assert "<td colspan='2'>nothing to list</td>" in html


def test_the_frame_is_left_alone():
    table = error_table()
    before = table.copy(deep=True)
    style_table(table)
    pd.testing.assert_frame_equal(table, before)
