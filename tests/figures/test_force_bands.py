"""Completed force over time: curves, bands and what was measured, a column per trial."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.force_bands import plot_force_bands

TRIALS = ("p, walking", "q, running")


def table():
    time_s = np.linspace(0.0, 1.0, 11)
    parts = [
        pd.DataFrame({"time_s": time_s, "value": 10.0, "low": 8.0, "high": 12.0, "measured": 9.0}).assign(
            trial=trial, foot=foot, axis=axis, unit="%BW"
        )
        for trial in TRIALS
        for foot in ("right", "left")
        for axis in ("x", "y")
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_panel_for_every_trial_and_axis_the_vertical_first():
    drawing = plot_force_bands(table())
    panels = drawing.figure.axes
    assert len(panels) == 4
    assert [panel.get_title() for panel in panels[:2]] == list(TRIALS)
    assert panels[0].get_ylabel() == "Vertical\nforce (%BW)"
    pd.testing.assert_frame_equal(drawing.table, table())


def test_every_foot_has_its_curve_its_band_and_its_truth():
    panel = plot_force_bands(table()).figure.axes[0]
    heights = [float(line.get_ydata()[0]) for line in panel.lines]
    assert sorted(heights) == [0.0, 9.0, 9.0, 10.0, 10.0]
    assert len(panel.collections) == 2
    band = panel.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (8.0, 12.0)


def test_the_words_say_what_is_drawn_and_a_missing_column_is_refused():
    assert "p, walking; q, running" in plot_force_bands(table(), label="rbds").alt
    with pytest.raises(ValueError, match=r"lacks the column\(s\) measured"):
        plot_force_bands(table().drop(columns="measured"))
