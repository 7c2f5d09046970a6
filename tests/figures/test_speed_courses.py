"""Courses over speed: a panel per quantity, a color per group, a line or mark per source."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.speed_courses import plot_speed_courses
from gaitbook.figures.style import PAPER
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words

QUANTITIES = ("peak vertical force", "stride length", "contact time", "loading rate", "peak knee flexion")
GROUPS = {"walking, simulated": (0.8, 1.3, 1.8), "running, recorded": (2.5, 3.5, 4.5)}
OFFSETS = {"foretold": 0.0, "measured": 0.1, "scaling laws": 0.2, "mixed model": 0.3}


def table(quantities=2, sources=tuple(OFFSETS), groups=tuple(GROUPS)):
    """Values equal to the speed and the offset of their source; bands and bars of 0.5."""
    parts = []
    for quantity, group, source in product(QUANTITIES[:quantities], groups, sources):
        speed_mps = np.array(GROUPS[group])
        value = speed_mps + OFFSETS[source]
        reach = 0.5 if source in ("foretold", "measured") else np.nan
        numbers = {"speed_mps": speed_mps, "value": value, "low": value - reach, "high": value + reach}
        labels = {"quantity": quantity, "unit": "BW", "group": group, "source": source}
        parts.append(pd.DataFrame(numbers).assign(own_mps=speed_mps[1], **labels))
    return pd.concat(parts, ignore_index=True)


def circles(panel):
    return [line for line in panel.lines if line.get_markerfacecolor() == PAPER]


def test_the_table_is_the_input_untouched():
    courses = table()
    drawing = plot_speed_courses(courses)
    pd.testing.assert_frame_equal(drawing.table, table())
    pd.testing.assert_frame_equal(courses, table())


def test_a_panel_for_every_quantity_in_rows_of_at_most_four():
    drawing = plot_speed_courses(table(quantities=5))
    panels = [panel for panel in drawing.figure.axes if panel.axison]
    assert len(panels) == 5
    assert panels[0].get_title(loc="left").replace("\n", " ") == "Peak vertical force (BW)"
    assert panels[0].get_subplotspec().get_gridspec().ncols == 3


def test_foretold_is_a_line_in_its_band_and_measured_are_dots_with_bars():
    courses = table(1, sources=("foretold", "measured"), groups=("running, recorded",))
    panel = plot_speed_courses(courses.drop(columns="own_mps")).figure.axes[0]
    band, bars = panel.collections
    assert (band.get_paths()[0].vertices[:, 1].min(), band.get_paths()[0].vertices[:, 1].max()) == (2.0, 5.0)
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], [2.1, 3.1])
    line, dots = [line for line in panel.lines if len(line.get_xdata()) == 3]
    assert (line.get_linestyle(), line.get_marker()) == ("-", "None")
    assert dots.get_linestyle() == "None"
    np.testing.assert_allclose(dots.get_ydata(), [2.6, 3.6, 4.6])


def test_rules_are_dotted_and_dashed_in_the_color_of_their_group():
    courses = table(1, sources=("scaling laws", "mixed model", "foretold"), groups=("running, recorded",))
    panel = plot_speed_courses(courses.drop(columns="own_mps")).figure.axes[0]
    by_first = {
        round(float(line.get_ydata()[0]), 6): line for line in panel.lines if len(line.get_xdata()) == 3
    }
    laws, mixed, foretold = by_first[2.7], by_first[2.8], by_first[2.5]
    assert laws.get_color() == mixed.get_color() == foretold.get_color()
    assert laws._unscaled_dash_pattern != mixed._unscaled_dash_pattern


def test_the_known_speed_is_a_circle_on_the_curve():
    first, second = circles(plot_speed_courses(table(quantities=1)).figure.axes[0])
    assert (first.get_xdata()[0], first.get_ydata()[0]) == pytest.approx((1.3, 1.3))
    assert (second.get_xdata()[0], second.get_ydata()[0]) == pytest.approx((3.5, 3.5))


def test_the_known_speed_is_on_the_axis_where_the_curve_does_not_reach():
    far = table(1, groups=("running, recorded",)).assign(own_mps=2.0)
    panel = plot_speed_courses(far).figure.axes[0]
    (circle,) = circles(panel)
    assert circle.get_transform() == panel.get_xaxis_transform()
    assert (circle.get_xdata()[0], circle.get_ydata()[0]) == (2.0, 0.0)
    assert not circle.get_clip_on()


def test_a_table_without_known_speeds_has_no_circle():
    drawing = plot_speed_courses(table().drop(columns="own_mps"))
    assert not circles(drawing.figure.axes[0])
    assert "known speed" not in [text.get_text() for text in drawing.figure.legends[0].get_texts()]


def test_the_legend_names_groups_and_then_the_sources_that_are_drawn():
    names = [text.get_text() for text in plot_speed_courses(table()).figure.legends[0].get_texts()]
    assert names == [*GROUPS, *OFFSETS, "known speed"]
    few = plot_speed_courses(table(sources=("foretold", "measured")))
    assert "mixed model" not in few.html


def test_groups_differ_in_color_and_mark():
    walk, run, *_ = plot_speed_courses(table()).figure.legends[0].legend_handles
    assert walk.get_color() != run.get_color()
    assert walk.get_marker() != run.get_marker()


def test_the_words_tell_the_ends_of_every_course():
    alt = plot_speed_courses(table(), label="rbds").alt
    assert "running, recorded: foretold 2.5 at 2.5 m/s to 4.5 at 4.5 m/s, measured 2.6 at 2.5 m/s" in alt
    assert "Data: rbds." in alt


def test_a_single_speed_is_enough():
    one = table(1, groups=("running, recorded",)).query("speed_mps == 3.5")
    assert "measured 3.6 at 3.5 m/s." not in plot_speed_courses(one).alt
    assert "measured 3.6 at 3.5 m/s, scaling laws 3.7" in plot_speed_courses(one).alt


@pytest.mark.parametrize("quantities", [1, 4, 5])
def test_no_words_overlap_and_all_colors_come_from_the_page(quantities):
    drawing = plot_speed_courses(table(quantities), label="simulated people")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(
        ValueError, match=r"figure of speeds: its table lacks the column\(s\) group, value\. It has"
    ):
        plot_speed_courses(table().drop(columns=["value", "group"]))
    wrong = pd.concat([table(), table().iloc[:1], table().iloc[:1].assign(source="guess")])
    with pytest.raises(
        ValueError, match=r"source\(s\) guess are none of foretold, .*; 1 row\(s\) repeat a quantity"
    ):
        plot_speed_courses(wrong)
