"""Rows of panels: even, numbered at the bottom, and words that fit."""

import pytest
from matplotlib.figure import Figure

from gaitbook.figures.panel_rows import even_columns, fold_words, legend_columns, open_panels


@pytest.mark.parametrize("count", range(1, 20))
def test_rows_hold_at_most_four_panels_and_are_as_few_as_they_can_be(count):
    columns = even_columns(count)
    assert columns <= 4
    assert -(-count // columns) == -(-count // 4)


def test_a_panel_with_nothing_below_has_the_numbers_of_the_scale():
    panels = open_panels(Figure(), 5)
    shown = [panel.xaxis.get_tick_params()["labelbottom"] for panel in panels]
    assert shown == [False, False, True, True, True]


def test_panels_that_are_too_many_are_not_drawn():
    figure = Figure()
    panels = open_panels(figure, 5, share_x=False)
    assert len(panels) == 5
    assert [axes.axison for axes in figure.axes] == [True] * 5 + [False]


def test_folding_loses_no_word_and_breaks_none():
    words = "knee adduction moment, second peak (%BW·H)"
    for width_in in (0.1, 0.8, 3.0):
        assert fold_words(words, width_in).split() == words.split()
    assert "\n" not in fold_words(words, 7.0)


def test_a_legend_of_long_names_has_fewer_columns():
    short, long = ["a", "b", "c", "d"], ["a long name of a long request " * 2] * 4
    assert legend_columns(short) == 4
    assert legend_columns(long) == 1
    assert legend_columns(short, label="a cohort " * 12) < 4
