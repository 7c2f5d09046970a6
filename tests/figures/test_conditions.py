"""Means by condition and model: a mark where the number is, a row where the condition is."""

from itertools import product

import pandas as pd
import pytest

from gaitbook.figures.condition_map import plot_condition_map
from gaitbook.figures.conditions import plot_conditions

GROUPS, MODELS = ("simulated, walking", "rbds, running"), ("gaitbook", "CNN")
CONDITIONS = ("nothing", "hips, knees", "only right leg")


def table(measures=("vertical error", "coverage")):
    rows = [
        (condition, model, group, measure, 5.0 + row + 2.0 * place)
        for (row, condition), (place, model), group, measure in product(
            enumerate(CONDITIONS), enumerate(MODELS), GROUPS, measures
        )
    ]
    frame = pd.DataFrame(rows, columns=["condition", "model", "group", "measure", "value"])
    unit = frame["measure"].map({"vertical error": "%BW", "coverage": "%"})
    return frame.assign(low=frame["value"] - 1, high=frame["value"] + 1, unit=unit)


def test_the_table_is_the_input_untouched():
    drawing = plot_conditions(table())
    pd.testing.assert_frame_equal(drawing.table, table())


def test_a_panel_for_every_measure_and_group_and_a_row_for_every_condition():
    panels = plot_conditions(table()).figure.axes
    assert len(panels) == 4
    assert [text.get_text() for text in panels[0].get_yticklabels()] == list(CONDITIONS)
    assert panels[0].yaxis_inverted()
    assert panels[0].get_xlabel() == "Vertical error (%BW)"
    assert [panel.get_title() for panel in panels[:2]] == list(GROUPS)


def test_marks_are_the_means_and_bars_the_intervals():
    panel = plot_conditions(table(measures=("vertical error",))).figure.axes[0]
    marks = sorted(value for line in panel.lines for value in line.get_xdata() if len(line.get_xdata()) == 3)
    assert marks == [5.0, 6.0, 7.0, 7.0, 8.0, 9.0]
    first = panel.collections[0].get_segments()[0]
    assert first[:, 0].tolist() == [4.0, 6.0]


def test_a_range_to_lie_in_is_drawn_and_the_axis_need_not_begin_at_zero():
    plain = plot_conditions(table(measures=("coverage",))).figure.axes[0]
    aimed = plot_conditions(table(measures=("coverage",)), aim=(5.5, 7.5)).figure.axes[0]
    assert plain.get_xlim()[0] == 0
    assert aimed.get_xlim()[0] > 0
    assert len(aimed.patches) == 1


def test_panels_of_a_row_share_a_scale_that_holds_all_of_them():
    far = table(measures=("vertical error",))
    far.loc[far["group"] == GROUPS[1], ["value", "low", "high"]] += 50.0
    first, second = plot_conditions(far).figure.axes
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[0] == 0
    assert first.get_xlim()[1] > 59


def test_the_words_say_what_is_drawn():
    drawing = plot_conditions(table(), label="rbds")
    for word in (*CONDITIONS, *MODELS, *GROUPS, "Data: rbds."):
        assert word in drawing.alt


def test_a_mark_that_is_there_twice_is_refused():
    twice = pd.concat([table(), table().iloc[:1]])
    with pytest.raises(ValueError, match=r"1 row\(s\) repeat a condition, model, group and measure"):
        plot_conditions(twice)
    with pytest.raises(ValueError, match=r"lacks the column\(s\) group"):
        plot_conditions(table().drop(columns="group"))


def cells():
    return table().query("model == 'gaitbook'").drop(columns=["model", "low", "high"])


def test_the_map_has_a_number_in_every_cell_and_dots_for_hidden_parts():
    drawing = plot_condition_map(cells())
    panel = drawing.figure.axes[0]
    words = [text.get_text() for text in panel.texts]
    assert words.count("only right leg") == 1
    assert words.count("6.0") == 2
    assert words.count("6") == 2
    assert len(panel.patches) == len(cells())
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    assert len(dots) == 2 * 5
    assert sum(line.get_color() == "#1f2329" for line in dots) == 2
    pd.testing.assert_frame_equal(drawing.table, cells())


def test_the_largest_of_a_column_is_the_darkest():
    panel = plot_condition_map(cells()).figure.axes[0]
    shades = [patch.get_alpha() for patch in panel.patches[:3]]
    assert shades == sorted(shades)
    assert shades[0] == 0


def test_a_cell_without_a_number_says_so():
    gone = cells().iloc[1:]
    words = [text.get_text() for text in plot_condition_map(gone).figure.axes[0].texts]
    assert words.count("–") == 1


def test_a_cell_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match=r"1 row\(s\) repeat a condition, group and measure"):
        plot_condition_map(pd.concat([cells(), cells().iloc[:1]]))
