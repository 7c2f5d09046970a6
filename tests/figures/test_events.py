"""Event times from motion against force, as `event_timing` returns them."""

import math

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.events import plot_event_differences
from gaitbook.studies.event_timing import summarize_timing
from tests.figures.tables_of_numbers import event_differences


def draw(differences, **arguments):
    return plot_event_differences(differences, summarize_timing(differences), **arguments)


def test_every_event_is_counted_once():
    differences = event_differences()
    table = draw(differences).table
    counted = table[table["row"] == "bin"].groupby("event")["count"].sum()
    assert counted.to_dict() == differences["event"].value_counts().to_dict()


def test_bins_are_centered_on_multiples_of_their_width():
    table = draw(event_differences(), bin_s=0.010).table
    centers = table.loc[table["row"] == "bin", "bin_center_s"]
    np.testing.assert_allclose(centers / 0.010, np.round(centers / 0.010), atol=1e-9)


def test_the_means_are_those_of_the_study():
    differences = event_differences()
    summary = summarize_timing(differences)
    table = plot_event_differences(differences, summary).table
    drawn = table.loc[table["row"] == "mean", list(summary.columns)].reset_index(drop=True)
    pd.testing.assert_frame_equal(drawn, summary, check_dtype=False)


def test_a_panel_per_event_in_ms_with_early_on_the_left():
    drawing = draw(event_differences())
    strike, toe_off = drawing.figure.axes
    assert (strike.get_title(), toe_off.get_title()) == ("Foot strike", "Toe-off")
    means = [line.get_xdata() for line in strike.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(means, [[10.0, 10.0, 10.0]])
    assert "motion early" in drawing.html


def test_one_speed_and_one_event_are_enough():
    differences = event_differences(speeds_mps=(3.5,)).query("event == 'strike'")
    assert len(draw(differences).figure.axes) == 1


def test_a_speed_that_was_not_measured_is_drawn_too():
    differences = event_differences(speeds_mps=(3.5, math.nan))
    table = draw(differences).table
    assert table.loc[table["row"] == "bin", "count"].sum() == len(differences)


def test_one_person_has_a_mean_and_no_bar():
    drawing = draw(event_differences().query("subject == 'A'"))
    assert np.isfinite(drawing.figure.axes[0].get_xlim()).all()


def test_the_input_is_left_alone():
    differences = event_differences()
    before = differences.copy(deep=True)
    draw(differences)
    pd.testing.assert_frame_equal(differences, before)


def test_missing_columns_of_either_table_are_named():
    differences = event_differences()
    with pytest.raises(ValueError, match=r"the figure of event times: .* difference_s"):
        plot_event_differences(differences.drop(columns="difference_s"), summarize_timing(differences))
    with pytest.raises(ValueError, match=r"the means in the figure of event times: .* value, low, high"):
        plot_event_differences(differences, differences)


def test_a_mean_of_a_speed_that_has_no_event_is_refused():
    differences = event_differences()
    summary = summarize_timing(differences)
    with pytest.raises(ValueError, match=r"means at 3.5 m/s, 4.5 m/s, where the table of events has none"):
        plot_event_differences(differences[differences["speed_mps"] == 2.5], summary)
