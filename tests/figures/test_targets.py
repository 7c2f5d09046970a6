"""Targets and limits: what is in the table is where the figure puts it, and a miss looks like one."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.style import PALETTE
from gaitbook.figures.targets import plot_limits, plot_targets


def target(value=1.0, low=0.5, high=1.5, *, met=True, **changed):
    row = {
        **{"quantity": "first_vertical_peak", "gait": "walk", "speed_mps": "1.3", "statistic": "mean"},
        **{"value": value, "value_low": value - 0.1, "value_high": value + 0.1, "low": low, "high": high},
        **{"unit": "BW", "met": met},
    }
    return row | changed


def limit(share, *, met=True, gait="walk", quantity="penetration"):
    facts = {
        "gait": gait,
        "criterion": 7,
        "quantity": quantity,
        "value": 1.0,
        "least": np.nan,
        "greatest": 5.0,
    }
    return facts | {"unit": "mm", "share": share, "met": met}


def marks(panel):
    """Place and color of every single mark."""
    return [
        (float(line.get_xdata()[0]), line.get_color())
        for line in panel.lines
        if len(line.get_xdata()) == 1 and line.get_marker() not in ("None", "")
    ]


def test_the_middle_of_the_range_is_the_middle_of_the_row():
    table = pd.DataFrame([target(1.0), target(1.5), target(0.75)])
    panel = plot_targets(table).figure.axes[0]
    np.testing.assert_allclose([place for place, _ in marks(panel)], [0.0, 1.0, -0.5])


def test_a_miss_has_another_color_and_is_counted_in_words():
    table = pd.DataFrame([target(1.0), target(1.8, met=False)])
    drawing = plot_targets(table)
    assert [color for _, color in marks(drawing.figure.axes[0])] == [PALETTE["blue"], PALETTE["vermillion"]]
    assert "1 lie outside" in drawing.alt


def test_a_value_far_away_stops_at_the_edge_as_an_arrow():
    panel = plot_targets(pd.DataFrame([target(9.0, met=False)])).figure.axes[0]
    (arrow,) = (line for line in panel.lines if line.get_marker() == ">")
    assert arrow.get_xdata()[0] < 3.0


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.5, 1.5, "(0.50 to 1.50)"),
        (0.5, np.nan, "at least 0.50"),
        (np.nan, 1.5, "at most 1.50"),
        (np.nan, np.nan, "no table"),
        (1.0, 1.0, "(1.00)"),
    ],
)
def test_what_was_asked_for_stands_beside_in_words(low, high, words):
    html = plot_targets(pd.DataFrame([target(1.0, low, high)])).html
    assert words in html


@pytest.mark.parametrize(("low", "high", "inside"), [(0.5, np.nan, 1), (np.nan, 1.5, -1)])
def test_an_open_range_reaches_to_the_edge_and_holds_its_value(low, high, inside):
    panel = plot_targets(pd.DataFrame([target(1.0, low, high)])).figure.axes[0]
    (bar,) = panel.patches
    ((place, _),) = marks(panel)
    assert bar.get_x() < place < bar.get_x() + bar.get_width()
    edge = bar.get_x() + bar.get_width() if inside > 0 else bar.get_x()
    assert abs(edge) == pytest.approx(2.6)


def test_what_was_not_measured_is_said():
    row = target(met=False, value=np.nan, value_low=np.nan, value_high=np.nan)
    drawing = plot_targets(pd.DataFrame([row, target()]))
    assert "not measured" in drawing.html
    assert len(marks(drawing.figure.axes[0])) == 1


def test_one_person_has_a_mark_and_no_interval():
    row = target(value_low=-np.inf, value_high=np.inf)
    assert "inf" not in plot_targets(pd.DataFrame([row])).html.lower().replace("info", "")


def test_the_group_is_in_the_name_of_the_row():
    row = target(gait="", speed_mps="", group="women", quantity="height_m", unit="m")
    assert "Height (women)" in plot_targets(pd.DataFrame([row])).html


def test_the_label_says_that_people_are_synthetic():
    drawing = plot_targets(pd.DataFrame([target()]), label="simulated people (synthetic)")
    assert "synthetic" in drawing.html
    assert "synthetic" in drawing.alt


def test_shares_are_drawn_where_they_are_and_zero_at_the_edge():
    table = pd.DataFrame([limit(1e-3), limit(0.0), limit(2.0, met=False)])
    drawing = plot_limits(table)
    kept, broken = (line.get_xdata() for line in drawing.figure.axes[0].lines[:2])
    np.testing.assert_allclose(kept, [1e-3, 1e-10])
    np.testing.assert_allclose(broken, [2.0])
    assert "2 of 3 are within" in drawing.alt


def test_each_gait_has_a_panel():
    table = pd.DataFrame(
        [limit(0.1), limit(0.1, gait="run"), limit(0.2, gait="run", quantity="flight_force")]
    )
    assert [panel.get_title() for panel in plot_limits(table).figure.axes] == ["Walking", "Running"]


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match=r"the figure of targets: its table lacks the column\(s\) met"):
        plot_targets(pd.DataFrame([target()]).drop(columns="met"))
    with pytest.raises(ValueError, match=r"the figure of limits: its table lacks the column\(s\) share"):
        plot_limits(pd.DataFrame([limit(0.1)]).drop(columns="share"))
