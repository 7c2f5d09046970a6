"""Figures of simulated people: doses, bands, joints of the camera, stances that may be absent."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.bands import OUTSIDE, plot_bands
from gaitbook.figures.doses import plot_doses
from gaitbook.figures.joints import plot_joint_errors
from gaitbook.figures.stances import NONE_AT_HAND, plot_stances
from gaitbook.figures.style import MUTED, PALETTE
from tests.figures.tables_of_numbers import cycle_curves


def dose(value=-20.0, dose_deg=10.0, *, met=True, condition="trunk lean", published=(-65.0, -15.0)):
    return {
        **{"condition": condition, "dose": dose_deg, "quantity": "knee_adduction_first_peak"},
        **{"value": value, "low": value - 2, "high": value + 2, "unit": "%", "required": True, "met": met},
        **{"published_low": published[0], "published_high": published[1]},
    }


def angle_tables(offset=0.0):
    """Two coordinates of two people in bands of three degrees, the second coordinate that much away."""
    phase = np.linspace(0, 100, 21)
    wave = 10 * np.sin(2 * np.pi * phase / 100)
    names = {"knee_angle": 0.0, "hip_flexion": offset}
    curves = pd.concat(
        pd.DataFrame({"phase_percent": phase, "value": wave + away + own}).assign(
            subject=who, coordinate=name
        )
        for name, away in names.items()
        for who, own in (("A", -1.0), ("B", 1.0))
    )
    bands = pd.concat(
        pd.DataFrame({"phase_percent": phase, "mean": wave, "spread": 3.0}).assign(coordinate=name)
        for name in names
    )
    shares = pd.DataFrame(
        {"coordinate": list(names), "value": [100.0, 100.0 * (abs(offset) <= 3)], "allowed": 1.0}
    )
    return curves, bands, shares


def joint_table():
    rows = [
        (joint, part, value, value - 1, value + 1, "mm")
        for joint in ("head", "hip", "foot")
        for part, value in (("whole", 50.0), ("steady", 45.0), ("unsteady", 15.0))
    ]
    return pd.DataFrame(rows, columns=["joint", "part", "value", "low", "high", "unit"])


def colors(panel):
    return {line.get_color() for line in panel.lines if len(line.get_xdata()) == 1}


def test_doses_have_a_column_per_change_and_a_row_per_quantity():
    table = pd.DataFrame([dose(), dose(5.0, condition="step width"), dose(-30.0, 15.0)])
    drawing = plot_doses(table)
    assert [panel.get_title() for panel in drawing.figure.axes] == ["Trunk lean", "Step width"]
    pd.testing.assert_frame_equal(drawing.table, table)


@pytest.mark.parametrize(
    ("row", "color"),
    [
        (dose(), PALETTE["blue"]),
        (dose(5.0, met=False), PALETTE["vermillion"]),
        (dose(published=(np.nan, np.nan)), MUTED),
    ],
)
def test_a_dose_that_is_not_as_published_looks_so(row, color):
    (panel,) = plot_doses(pd.DataFrame([row])).figure.axes
    assert colors(panel) == {color}


def test_the_published_range_is_drawn_to_the_edge_where_it_is_open():
    (panel,) = plot_doses(pd.DataFrame([dose(published=(np.nan, 0.0))])).figure.axes
    (bar,) = panel.patches
    assert bar.get_y() == pytest.approx(panel.get_ylim()[0])
    assert bar.get_y() + bar.get_height() == pytest.approx(0.0)


def test_one_person_has_a_dose_and_no_interval():
    row = dose() | {"low": -np.inf, "high": np.inf}
    (panel,) = plot_doses(pd.DataFrame([row])).figure.axes
    assert np.isfinite(panel.get_ylim()).all()


def test_curves_inside_their_bands_have_one_color():
    panels = plot_bands(*angle_tables()).figure.axes
    assert not {line.get_color() for line in panels[0].lines} & {OUTSIDE.color}
    assert panels[0].get_title(loc="left") == "knee angle: 100 %"


def test_curves_outside_are_marked_in_their_panel_only():
    knee, hip = plot_bands(*angle_tables(5.0)).figure.axes[:2]
    assert OUTSIDE.color not in {line.get_color() for line in knee.lines}
    assert OUTSIDE.color in {line.get_color() for line in hip.lines}
    assert hip.get_title(loc="left") == "hip flexion: 0 %"


def test_the_table_of_bands_has_what_is_drawn():
    table = plot_bands(*angle_tables()).table
    np.testing.assert_allclose(table["band_high"] - table["band_low"], 6.0)


def test_tables_without_a_common_coordinate_are_refused():
    curves, bands, shares = angle_tables()
    with pytest.raises(ValueError, match="have no coordinate in common"):
        plot_bands(curves, bands.assign(coordinate="other"), shares)


def test_joints_stand_from_head_to_foot():
    (panel,) = plot_joint_errors(joint_table()).figure.axes
    assert [text.get_text() for text in panel.get_yticklabels()] == ["Head", "Hip", "Foot"]
    assert panel.get_ylim()[0] > panel.get_ylim()[1]
    assert panel.get_xlabel() == "Distance from the true joint (mm)"


def test_every_part_of_the_error_is_drawn_as_it_is_in_the_table():
    (panel,) = plot_joint_errors(joint_table()).figure.axes
    drawn = [tuple(line.get_xdata()) for line in panel.lines if len(line.get_xdata()) == 3]
    assert drawn == [(50.0,) * 3, (45.0,) * 3, (15.0,) * 3]


def test_stances_are_curves_where_there_are_any():
    curves = cycle_curves(methods=(), axes=("y",)).assign(unit="%BW")
    assert len(plot_stances(curves).figure.axes) == 3


def test_stances_that_are_absent_are_said_to_be():
    drawing = plot_stances(cycle_curves().iloc[:0], label="toy (synthetic)")
    assert "holds no recorded runner who was left out" in drawing.html
    assert drawing.alt.startswith(NONE_AT_HAND)
    assert drawing.table.empty
