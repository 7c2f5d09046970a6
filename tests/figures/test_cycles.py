"""Curves over the gait cycle: the panels that the table has, and no other."""

import math

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.cycles import COLUMNS, plot_cycles
from tests.figures.tables_of_numbers import cycle_curves


def test_the_table_is_the_input_untouched():
    curves = cycle_curves()
    before = curves.copy(deep=True)
    drawing = plot_cycles(curves)
    pd.testing.assert_frame_equal(drawing.table, before)
    pd.testing.assert_frame_equal(curves, before)


def test_a_panel_per_axis_and_speed_with_the_vertical_first():
    panels = plot_cycles(cycle_curves()).figure.axes
    assert len(panels) == 9
    assert [panel.get_title() for panel in panels[:3]] == ["2.5 m/s", "3.5 m/s", "4.5 m/s"]
    assert panels[0].get_ylabel() == "Vertical\nforce (%BW)"


def test_every_source_is_drawn_as_it_is_in_the_table():
    curves = cycle_curves(speeds_mps=(2.5,), axes=("y",))
    (panel,) = plot_cycles(curves).figure.axes
    drawn = [line.get_ydata() for line in panel.lines if len(line.get_xdata()) > 2]
    for source in ("measured", "Newton", "ridge", "CNN"):
        mean = curves.loc[curves["source"] == source, "mean"].to_numpy()
        assert any(np.array_equal(line, mean) for line in drawn), source


def test_rows_may_have_names_that_are_no_axes():
    """Angles and moments: rows as they come, under the axes if there are any, each with its own name."""
    curves = cycle_curves(speeds_mps=(2.5,), axes=("knee flexion", "adduction", "z", "y"))
    drawing = plot_cycles(curves, quantity="angle", unit="degrees")
    labels = [panel.get_ylabel() for panel in drawing.figure.axes]
    assert labels == [
        "Vertical\nangle (degrees)",
        "Mediolateral\nangle (degrees)",
        "Knee flexion\nangle (degrees)",
        "Adduction\nangle (degrees)",
    ]
    assert "knee flexion, adduction angle in degrees" in drawing.alt


def test_named_rows_show_their_own_curves():
    curves = cycle_curves(methods=(), speeds_mps=(2.5,), axes=("hip flexion", "knee flexion"))
    knee = curves["axis"] == "knee flexion"
    curves.loc[knee, ["mean", "low", "high"]] += 1000.0
    hip_panel, knee_panel = plot_cycles(curves, quantity="angle", unit="degrees").figure.axes
    assert hip_panel.get_ylim()[1] < 1000.0
    drawn = [line.get_ydata() for line in knee_panel.lines]
    assert any(np.array_equal(line, curves.loc[knee, "mean"].to_numpy()) for line in drawn)


def test_rows_in_any_order_give_the_same_picture():
    curves = cycle_curves(speeds_mps=(2.5,))
    mixed = curves.sample(frac=1, random_state=0).sort_values("source", kind="stable", key=lambda s: s != "x")
    order = dict.fromkeys(curves["source"])
    mixed = pd.concat([mixed[mixed["source"] == source] for source in order])
    assert plot_cycles(mixed).html == plot_cycles(curves).html


@pytest.mark.parametrize("methods", [(), ("CNN",), ("my method", "CNN")])
def test_one_speed_and_few_methods_are_enough(methods):
    drawing = plot_cycles(cycle_curves(methods=methods, speeds_mps=(3.5,), axes=("z",)))
    assert len(drawing.figure.axes) == 1
    assert "measured" in drawing.alt
    assert all(method in drawing.html for method in methods)


def test_unknown_speed_has_its_own_panels():
    drawing = plot_cycles(cycle_curves(speeds_mps=(2.5, math.nan), axes=("y",)))
    assert [panel.get_title() for panel in drawing.figure.axes] == ["2.5 m/s", "all speeds"]
    assert all(panel.lines for panel in drawing.figure.axes)


def test_one_person_has_a_curve_and_no_band():
    curves = cycle_curves(speeds_mps=(2.5,), axes=("y",)).assign(low=-math.inf, high=math.inf)
    drawing = plot_cycles(curves)
    assert np.isfinite(drawing.figure.axes[0].get_ylim()).all()
    assert "inf" not in drawing.html.lower().replace("info", "")


def test_the_words_say_what_is_shown():
    alt = plot_cycles(cycle_curves()).alt
    for word in ("vertical", "fore-aft", "mediolateral", "2.5 m/s", "Newton", "95 % interval"):
        assert word in alt


def test_a_missing_column_is_named():
    with pytest.raises(
        ValueError, match=r"the figure of gait cycles: its table lacks the column\(s\) low, high"
    ):
        plot_cycles(cycle_curves().drop(columns=["low", "high"]))


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="its table has no row"):
        plot_cycles(pd.DataFrame(columns=list(COLUMNS)))
