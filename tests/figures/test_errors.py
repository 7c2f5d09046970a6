"""Errors with their intervals, and the runners behind them."""

import math

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.errors import plot_errors, plot_runners
from gaitbook.studies.uncertainty import summarize
from tests.figures.tables_of_numbers import error_table, runner_table


def test_errors_return_what_they_drew():
    table = error_table()
    before = table.copy(deep=True)
    drawing = plot_errors(table)
    pd.testing.assert_frame_equal(drawing.table, before)
    pd.testing.assert_frame_equal(table, before)


def test_a_panel_per_measure_and_axis_and_a_dot_per_value():
    panels = plot_errors(error_table()).figure.axes
    assert len(panels) == 6
    dots = sorted(
        value for line in panels[0].lines for value in line.get_xdata() if len(line.get_xdata()) == 3
    )
    assert dots == [6.0] * 3 + [8.0] * 3 + [10.0] * 3
    assert panels[0].get_xlabel() == "Profile error (%BW)"


def test_bars_are_the_intervals():
    table = error_table(methods=("CNN",), speeds_mps=(2.5,), axes=("y",))
    panel = plot_errors(table).figure.axes[0]
    (bar,) = panel.collections[0].get_segments()
    assert bar[:, 0].tolist() == [5.0, 7.0]


def test_all_speeds_together_come_last():
    panel = plot_errors(error_table(speeds_mps=(math.nan, 4.5, 2.5))).figure.axes[0]
    assert [text.get_text() for text in panel.get_yticklabels()] == ["2.5 m/s", "4.5 m/s", "all speeds"]
    assert panel.yaxis_inverted()


@pytest.mark.parametrize("speeds_mps", [(3.5,), (math.nan,)])
def test_one_speed_and_one_method_are_enough(speeds_mps):
    drawing = plot_errors(error_table(methods=("mine",), speeds_mps=speeds_mps, axes=("y",)))
    assert "mine" in drawing.alt
    assert len(drawing.figure.axes) == 2


def test_one_person_has_a_dot_and_no_bar():
    table = error_table(speeds_mps=(3.5,)).assign(low=-math.inf, high=math.inf)
    panel = plot_errors(table).figure.axes[0]
    assert np.isfinite(panel.get_xlim()).all()
    assert panel.get_xlim()[1] < 20


def test_an_axis_missing_for_one_measure_leaves_its_panel_empty():
    table = error_table()
    table = table[~((table["measure"] == "peak") & (table["axis"] == "z"))]
    assert len(plot_errors(table).figure.axes) == 6


def test_errors_name_the_missing_column():
    with pytest.raises(
        ValueError, match=r"the figure of errors: its table lacks the column\(s\) unit\. It has"
    ):
        plot_errors(error_table().drop(columns="unit"))


def test_runners_return_runners_and_means():
    runners = runner_table()
    means = summarize(runners, ["method", "axis"], unit="%BW")
    table = plot_runners(runners, means).table
    own = table[table["row"] == "runner"].drop(columns=["row", "low", "high", "n"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(own, runners)
    drawn = table.loc[table["row"] == "mean", ["method", "axis", "value", "low", "high"]]
    pd.testing.assert_frame_equal(drawn.reset_index(drop=True), means[drawn.columns])


def test_a_line_per_runner():
    panel = plot_runners(runner_table(runners=4)).figure.axes[0]
    lines = [line for line in panel.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 3]
    assert [list(line.get_ydata()) for line in lines][:2] == [[5.0, 6.0, 7.0], [6.0, 7.0, 8.0]]


def test_a_line_per_runner_and_speed_where_there_are_speeds():
    runners = pd.concat([runner_table(runners=2).assign(speed_mps=speed) for speed in (2.5, 4.5)])
    drawing = plot_runners(runners)
    lines = [
        line
        for line in drawing.figure.axes[0].lines
        if line.get_linestyle() == "-" and line.get_zorder() == 1
    ]
    assert len(lines) == 4
    assert "at one speed" in drawing.alt


def test_a_runner_who_is_there_twice_is_refused():
    twice = pd.concat([runner_table().assign(measure=measure) for measure in ("profile", "peak")])
    with pytest.raises(ValueError, match=r"36 row\(s\) repeat a runner, method, axis and speed; choose one"):
        plot_runners(twice)


def test_a_runner_without_one_method_keeps_the_others():
    drawing = plot_runners(runner_table().iloc[1:])
    assert len(drawing.table) == len(runner_table()) - 1


def test_one_method_and_one_runner_are_enough():
    runners = runner_table(methods=("CNN",), axes=("y",), runners=1)
    drawing = plot_runners(runners, summarize(runners, ["method", "axis"], unit="%BW"))
    assert np.isfinite(drawing.figure.axes[0].get_ylim()).all()


def test_runners_name_the_missing_column_of_either_table():
    with pytest.raises(ValueError, match=r"the figure of runners: .* subject"):
        plot_runners(runner_table().drop(columns="subject"))
    with pytest.raises(ValueError, match=r"the means in the figure of runners: .* low, high"):
        plot_runners(runner_table(), runner_table())
