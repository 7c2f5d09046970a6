"""Discoveries against the truth: a dot per cohort in its row, the line at the level asked for."""

import numpy as np
import pytest

from gaitbook.figures.discovery_truth import plot_discovery_truth
from gaitbook.figures.style import INK
from tests.figures.tables_by_sex import truth_summary, truth_table
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def dots(panel):
    """Values and heights of the dots of every row."""
    return [line.get_data() for line in panel.lines if len(line.get_xdata()) == 20]


def test_every_cohort_is_a_dot_in_percent():
    falsely, power = plot_discovery_truth(truth_table()).figure.axes
    assert [set(np.round(values, 6)) for values, _ in dots(falsely)] == [{3.0}, {3.0}, {40.0}, {40.0}]
    assert [set(np.round(values, 6)) for values, _ in dots(power)] == [{60.0}, {60.0}, {80.0}, {80.0}]


def test_equal_cohorts_stand_apart_and_inside_their_row():
    panel = plot_discovery_truth(truth_table()).figure.axes[0]
    for row, (_, heights) in enumerate(dots(panel)):
        assert len(set(heights)) == 20
        assert (np.abs(heights - row) < 0.5).all()


def test_rows_name_procedure_and_sex():
    panel = plot_discovery_truth(truth_table()).figure.axes[0]
    names = [text.get_text() for text in panel.get_yticklabels()]
    assert names == ["gaitbook, women", "gaitbook, men", "published, women", "published, men"]


def test_the_line_stands_at_the_level_that_was_asked_for():
    falsely, power = plot_discovery_truth(truth_table(), nominal=0.1).figure.axes
    lines = [line for line in falsely.lines if line.get_color() == INK]
    assert [line.get_xdata()[0] for line in lines] == [10.0]
    assert not [line for line in power.lines if line.get_color() == INK]


def test_a_level_that_is_kept_by_far_is_still_in_the_picture():
    table = truth_table().assign(false_discovery=0.0)
    assert plot_discovery_truth(table).figure.axes[0].get_xlim()[1] > 5.0


def test_means_come_from_the_summary_and_are_written_beside():
    drawing = plot_discovery_truth(truth_table(), truth_summary())
    for panel, words in zip(drawing.figure.axes, (["3.0 %", "40.0 %"], ["60.0 %", "80.0 %"]), strict=True):
        assert {text.get_text() for text in panel.texts} >= set(words)
    assert set(drawing.table["row"]) == {"cohort", "mean"}


def test_power_that_is_not_defined_is_not_drawn():
    table = truth_table()
    table.loc[0, "power"] = np.nan
    power = plot_discovery_truth(table).figure.axes[1]
    assert np.isnan(dots(power)[0][0]).sum() == 1


def test_no_words_overlap_and_all_colors_follow_the_page():
    drawing = plot_discovery_truth(truth_table(), truth_summary(), label="20 cohorts (synthetic)")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []
    assert "synthetic" in drawing.html
    assert "published, men: false discoveries 40.0 to 40.0 %, power 80.0 to 80.0 %" in drawing.alt


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(
        ValueError, match=r"true and false discoveries: its table lacks the column\(s\) cohort"
    ):
        plot_discovery_truth(truth_table().drop(columns="cohort"))
    with pytest.raises(ValueError, match="has no row"):
        plot_discovery_truth(truth_table().iloc[:0])
    with pytest.raises(ValueError, match=r"power lies outside 0 to 1 in 80 row\(s\): give shares"):
        plot_discovery_truth(truth_table().assign(power=60.0))
    with pytest.raises(ValueError, match=r"the means in the figure .* lacks the column\(s\) quantity"):
        plot_discovery_truth(truth_table(), truth_summary().drop(columns="quantity"))
