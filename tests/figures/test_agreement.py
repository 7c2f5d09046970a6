"""Predicted against true: square panels, faint bars, scores in words."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.agreement import MANY, plot_agreement
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words

QUANTITIES = (
    "knee_adduction_first_peak",
    "knee_adduction_impulse",
    "knee_flexion_peak",
    "medial_contact_force",
)
GROUPS = ("toe-in", "trunk lean")


def table(quantities=2, people=20, groups=GROUPS):
    """True from -1 to 1, predicted 0.1 above, with bars of 0.2."""
    true = np.linspace(-1.0, 1.0, people)
    numbers = {"true": true, "predicted": true + 0.1, "low": true - 0.1, "high": true + 0.3}
    labels = {"unit": "%BW·H", "group": [groups[place % len(groups)] for place in range(people)]}
    parts = [pd.DataFrame(numbers).assign(quantity=name, **labels) for name in QUANTITIES[:quantities]]
    return pd.concat(parts, ignore_index=True)


def scores(quantities=2):
    return pd.DataFrame(
        {"quantity": QUANTITIES[:quantities], "slope": 0.984, "r": 0.97, "coverage": 0.912, "n": 20}
    )


def words_over(panel):
    return " ".join(text.get_text() for text in panel.texts).replace("\n", " ")


def test_the_table_is_the_input_untouched():
    points = table()
    drawing = plot_agreement(points, scores=scores())
    pd.testing.assert_frame_equal(drawing.table, table())
    pd.testing.assert_frame_equal(points, table())


def test_a_square_panel_for_every_quantity_with_one_range_for_both_axes():
    panels = plot_agreement(table()).figure.axes
    assert len(panels) == 2
    for panel in panels:
        assert panel.get_xlim() == panel.get_ylim()
        assert panel.get_aspect() == 1.0
        assert panel.get_xlim()[0] < -1.1
        assert panel.get_xlim()[1] > 1.3


def test_the_line_where_both_are_equal_crosses_the_whole_panel():
    panel = plot_agreement(table(quantities=1)).figure.axes[0]
    ends = panel.get_xlim()
    assert any(tuple(line.get_xdata()) == tuple(line.get_ydata()) == ends for line in panel.lines)


def test_points_are_the_values_and_bars_their_intervals():
    panel = plot_agreement(table(quantities=1, groups=("toe-in",))).figure.axes[0]
    (marks,) = [line for line in panel.lines if line.get_marker() != "None"]
    np.testing.assert_allclose(marks.get_ydata() - marks.get_xdata(), 0.1)
    (bars,) = [line for line in panel.lines if np.isnan(line.get_ydata()).any()]
    low, high, gap = bars.get_ydata().reshape(-1, 3).T
    np.testing.assert_allclose(high - low, 0.4)
    assert np.isnan(gap).all()
    assert bars.get_alpha() < 0.5


def test_points_without_intervals_are_drawn_without_bars():
    drawing = plot_agreement(table().assign(low=np.nan, high=np.inf))
    assert np.isfinite(drawing.figure.axes[0].get_xlim()).all()
    assert drawing.figure.axes[0].get_xlim()[1] < 1.3


def test_many_points_become_an_image_and_few_do_not():
    few, many = plot_agreement(table(1, MANY)), plot_agreement(table(1, MANY + 1))
    assert "<image" not in few.html
    assert "<image" in many.html
    assert colors_of_their_own(few) == colors_of_their_own(many) == []
    assert plot_agreement(table(1, MANY + 1)).html == many.html


def test_scores_stand_over_their_panel_and_unknown_ones_are_left_out():
    scored = scores()
    scored.loc[1, "coverage"] = np.nan
    first, second = plot_agreement(table(), scores=scored).figure.axes
    assert words_over(first) == "slope 0.98, r 0.97, 91 % covered"
    assert words_over(second) == "slope 0.98, r 0.97"


def test_quantities_have_the_words_they_are_given():
    drawing = plot_agreement(table(), quantity_words={QUANTITIES[0]: "First peak"})
    titles = [panel.get_title(loc="left").replace("\n", " ") for panel in drawing.figure.axes]
    assert titles == ["First peak (%BW·H)", "Knee adduction impulse (%BW·H)"]


def test_a_dozen_groups_look_different():
    drawing = plot_agreement(table(1, 120, groups=tuple(f"request {place}" for place in range(12))))
    handles = drawing.figure.legends[0].legend_handles[:12]
    assert len({(line.get_color(), line.get_marker()) for line in handles}) == 12


def test_the_words_tell_counts_ranges_and_scores():
    alt = plot_agreement(table(), scores=scores(), label="simulated people").alt
    assert (
        "Knee adduction first peak (%BW·H): 20 points, true -1 to 1, predicted -0.9 to 1.1, slope 0.98" in alt
    )
    assert "91 % covered. Data: simulated people." in alt


@pytest.mark.parametrize("quantities", [1, 3, 4])
def test_no_words_overlap(quantities):
    drawing = plot_agreement(table(quantities), scores=scores(quantities), label="simulated people")
    assert overlapping_words(drawing.figure) == []


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(
        ValueError, match=r"of agreement: its table lacks the column\(s\) unit, true\. It has"
    ):
        plot_agreement(table().drop(columns=["true", "unit"]))
    with pytest.raises(ValueError, match=r"the scores in the figure of agreement: .* slope, coverage\."):
        plot_agreement(table(), scores=scores().drop(columns=["coverage", "slope"]))
    with pytest.raises(ValueError, match=r"2 row\(s\) repeat a quantity; score all groups together"):
        plot_agreement(table(), scores=pd.concat([scores(), scores()]))
